"""Errors of a database, without a value of any row."""

from __future__ import annotations

from sqlalchemy.exc import StatementError

from accountmerge.errors import AccountMergeError
from accountmerge.sql.dialects import constraint_of, trouble_of


class DatabaseError(AccountMergeError):
    """An error of the database, or of a table that does not fit its mapping.

    Its facts are a code of the database and the name of a constraint, never a value.
    """


def error_of(error: StatementError) -> DatabaseError:
    """Return the error to raise for an error of the database."""
    trouble = trouble_of(error)
    constraint = constraint_of(error)
    if trouble in ("unique", "refused"):
        return DatabaseError("sql_refused", constraint=constraint or "?")
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None) or "?"
    return DatabaseError(f"sql_{trouble}", database_code=str(code))
