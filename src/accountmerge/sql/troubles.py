"""Errors of a database, without a value of any row."""

from __future__ import annotations

from sqlalchemy.exc import StatementError

from accountmerge.errors import AccountMergeError
from accountmerge.sql.dialects import constraint_of, table_of, trouble_of


class DatabaseError(AccountMergeError):
    """An error of the database, or of a table that does not fit its mapping.

    Its facts are a code of the database and the name of a table or a constraint, never a value.
    """


TRIGGER = "sql_trigger_refused"
"""The code of a refusal without a constraint. The text of the trigger is not repeated, because it may have values."""


def error_of(error: StatementError) -> DatabaseError:
    """Return the error to raise for an error of the database."""
    trouble = trouble_of(error)
    constraint = constraint_of(error)
    if trouble in ("unique", "refused"):
        return DatabaseError("sql_refused", constraint=constraint) if constraint else DatabaseError(TRIGGER)
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None) or "?"
    facts = {"table": table_of(error) or "?"} if trouble == "missing_table" else {}
    return DatabaseError(f"sql_{trouble}", database_code=str(code), **facts)
