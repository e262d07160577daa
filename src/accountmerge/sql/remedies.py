"""Statements for columns and views with which a caller's program can see what a plan writes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from accountmerge.sql.mapped_tables import MappedTable

_TYPES: dict[str, Any] = {
    "unavailable": sa.JSON,
    "birth_date": sa.Date,
    **dict.fromkeys(("merged_at", "since", "decided_at"), sa.DateTime),
}
"""The type of a new column for a field; other fields have text."""
_OWN_KIND = ("merged_into", "succeeded_by")
"""The fields that refer to a row of their own table."""


def column_for(table: MappedTable, field: str, prefix: str, dialect: sa.Dialect) -> str:
    """Return the statement that adds a column, or the columns of a reference, for a field.

    Args:
        table: The mapped table.
        field: The field.
        prefix: The text before the name of the column, if the table has one of this name.
        dialect: The database.
    """
    if field not in _OWN_KIND:
        kind = _TYPES.get(field, sa.Text)()
        return _added(table, _free(table, field, prefix), kind, "", dialect)
    keys = table.keys
    quote: Any = dialect.identifier_preparer
    statements = []
    for column in keys.columns:
        name = _free(table, field if len(keys.columns) == 1 else f"{field}_{column.name}", prefix)
        target = f" REFERENCES {quote.format_table(table.table)} ({quote.quote(column.name)})"
        statements.append(_added(table, name, column.type, target if len(keys.columns) == 1 else "", dialect))
    return ";\n".join(statements)


def _free(table: MappedTable, name: str, prefix: str) -> str:
    return f"{prefix}{name}" if name in table.table.c else name


def _added(table: MappedTable, name: str, kind: Any, reference: str, dialect: sa.Dialect) -> str:
    quote: Any = dialect.identifier_preparer
    written = kind.compile(dialect=dialect)
    return (
        f"ALTER TABLE {quote.format_table(table.table)} ADD COLUMN {quote.quote(name)} {written}{reference}"
    )


def former_emails_view(table: MappedTable, prefix: str, dialect: sa.Dialect) -> str:
    """Return the statement for a view of the former addresses in the overlays of customers."""
    quote: Any = dialect.identifier_preparer
    side: Any = table.side
    keys = ", ".join(f"stored.{quote.quote(name)}" for name in side.key_names)
    view, overlays = quote.quote(f"{prefix}former_email"), quote.format_table(side.table)
    if dialect.name == "sqlite":
        emails = "json_each(stored.overlay, '$.emails[0]') AS email"
        address, use = "json_extract(email.value, '$.address')", "json_extract(email.value, '$.use')"
    else:
        emails = "jsonb_path_query(stored.overlay::jsonb, '$.emails[0][*]') AS email(value)"
        address, use = "email.value ->> 'address'", "email.value ->> 'use'"
    return (
        f"CREATE VIEW {view} AS SELECT {keys}, {address} AS address FROM {overlays} AS stored, {emails} "  # noqa: S608
        f"WHERE {use} = 'former'"
    )


def pending_requests_view(table: MappedTable, prefix: str, dialect: sa.Dialect) -> str:
    """Return the statement for a view of the pending access requests in the added table."""
    quote: Any = dialect.identifier_preparer
    view = quote.quote(f"{prefix}pending_request")
    return f"CREATE VIEW {view} AS SELECT * FROM {quote.format_table(table.table)} WHERE status = 'pending'"  # noqa: S608
