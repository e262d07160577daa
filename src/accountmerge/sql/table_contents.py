"""The content of tables before and after some statements, by a digest of each row."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Hashable, Iterable
from typing import Any

import attrs
import sqlalchemy as sa

from accountmerge.sql.keys import Key, has_keys
from accountmerge.sql.rehearsals import RowChanges

MOST_ROWS = 10_000
"""The most rows of a table whose content is compared; about a tenth of a second."""


@attrs.frozen(eq=False)
class Content:
    """The content of a table.

    Attributes:
        count: The number of its rows.
        digests: The digest of each row by its primary key, or by itself if there is none. None: it has too many rows.
    """

    count: int
    digests: dict[Hashable, bytes | int] | None


@attrs.frozen(eq=False)
class Owned:
    """Rows of a table that belong to rows of another one, such as the phones of customers.

    Attributes:
        columns: The columns with the key of the owner.
        keys: The keys of owners.
    """

    columns: tuple[str, ...]
    keys: tuple[Key, ...]


def content_of(
    connection: sa.Connection,
    table: sa.Table,
    most: int = MOST_ROWS,
    *,
    without: Collection[str] = (),
    owned: Owned | None = None,
) -> Content:
    """Read the content of a table; of one with too many rows only their number.

    Args:
        connection: The connection.
        table: The table.
        most: The most rows whose content is read.
        without: The columns that are left out.
        owned: The rows that are left out, because they belong to written rows.
    """
    count = count_of(connection, table)
    if count > most:
        return Content(count, None)
    places = [place for place, column in enumerate(table.c) if column.primary_key]
    raw = [raw_column(column, connection.dialect.name) for column in table.c]
    statement = sa.select(*raw)
    if owned is not None and owned.keys:
        statement = statement.where(sa.not_(has_keys([table.c[name] for name in owned.columns], owned.keys)))
    left_out = {place for place, column in enumerate(table.c) if column.name in without}
    rows = [
        (row, _digest(value for place, value in enumerate(row) if place not in left_out))
        for row in connection.execute(statement)
    ]
    if places:
        return Content(count, {tuple(row[place] for place in places): digest for row, digest in rows})
    return Content(count, dict(Counter(digest for _, digest in rows)))


def count_of(connection: sa.Connection, table: sa.Table) -> int:
    """Return the number of rows of a table."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def raw_column(column: sa.Column[Any], database: str) -> sa.ColumnElement[Any]:
    """Return a column as the database has it, so that no value is refused by its type.

    PostgreSQL has values that its driver cannot read, such as a time that is `infinity`, so it gives the text.
    """
    if column.primary_key:
        return column
    return (
        sa.cast(column, sa.Text) if database == "postgresql" else sa.type_coerce(column, sa.types.NullType())
    )


def _digest(row: Iterable[Any]) -> bytes:
    text = repr([(type(value).__name__, _plain(value)) for value in row])
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview | bytearray) else value


def changes_between(
    table: str, before: Content, after: Content, written: Collection[Hashable]
) -> RowChanges | None:
    """Return the rows that changed and that are not among the written ones; None if there are none.

    Args:
        table: The name of the table.
        before: Its content before.
        after: Its content after.
        written: The keys of rows that are left out.
    """
    if before.digests is None or after.digests is None:
        grown = after.count - before.count
        found = RowChanges(table=table, inserted=max(grown, 0), deleted=max(-grown, 0))
    else:
        old, new = before.digests, after.digests
        changed = [key for key in {**old, **new} if old.get(key) != new.get(key) and key not in written]
        found = RowChanges(
            table=table,
            inserted=sum(key not in old for key in changed),
            updated=sum(key in old and key in new for key in changed),
            deleted=sum(key not in new for key in changed),
        )
    return found if found != RowChanges(table=table) else None
