"""The content of tables before and after some statements, by a digest of each row."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Hashable, Iterable
from typing import Any

import attrs
import sqlalchemy as sa

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


def content_of(connection: sa.Connection, table: sa.Table, most: int = MOST_ROWS) -> Content:
    """Read the content of a table; of one with too many rows only their number."""
    count = count_of(connection, table)
    if count > most:
        return Content(count, None)
    places = [place for place, column in enumerate(table.c) if column.primary_key]
    raw = [_raw(column, connection.dialect.name) for column in table.c]
    rows = [(row, _digest(row)) for row in connection.execute(sa.select(*raw))]
    if places:
        return Content(count, {tuple(row[place] for place in places): digest for row, digest in rows})
    return Content(count, dict(Counter(digest for _, digest in rows)))


def count_of(connection: sa.Connection, table: sa.Table) -> int:
    """Return the number of rows of a table."""
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def _raw(column: sa.Column[Any], database: str) -> sa.ColumnElement[Any]:
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
