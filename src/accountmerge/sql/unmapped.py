"""Columns that refer to mapped tables and that a mapping does not know."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Literal

import attrs
import sqlalchemy as sa

from accountmerge.sql.bindings import name_of
from accountmerge.sql.mapped_tables import KeyReference, MappedTable

TableName = tuple[str | None, str]
"""The schema of a table, None if it is the usual one of the connection, and its name."""
Told = Literal["foreign_key", "name"]
TOLD: tuple[Told, ...] = ("foreign_key", "name")


@attrs.frozen
class Unmapped:
    """A column that refers to a mapped table and that the mapping does not know.

    Map its table, or declare it with `Mapping.leaves` or `Mapping.follows`.

    Attributes:
        by: `foreign_key`: the column is a foreign key, which is a fault. `name`: it is only named like one.
        table: The table of the column, with its schema if that is not the usual one.
        columns: The columns.
        target: The mapped table.
    """

    by: Told
    table: str
    columns: tuple[str, ...]
    target: str


@attrs.frozen
class _Found:
    """The columns and the foreign keys of a table, as metadata or a database has them."""

    name: TableName
    columns: tuple[str, ...]
    keys: tuple[tuple[tuple[str, ...], TableName], ...]


def unmapped(
    engine: sa.Engine,
    metadata: sa.MetaData,
    tables: Collection[MappedTable],
    added: sa.MetaData,
    declared: Iterable[sa.Column[object]],
) -> tuple[Unmapped, ...]:
    """Return the columns that a mapping does not know, foreign keys first.

    Args:
        engine: The database.
        metadata: The tables of the caller.
        tables: The mapped tables.
        added: The tables that the library adds.
        declared: The columns that are declared to stay or to follow.
    """
    inspector = sa.inspect(engine)
    usual = inspector.default_schema_name
    mapped = {_name(table.table, usual): table for table in tables if table.side is not None}
    known = _known(tables, declared, usual)
    ours = {_name(table, usual) for table in added.tables.values()}
    described = [_declared(table, usual) for table in metadata.tables.values()]
    found: dict[Unmapped, None] = {}
    for table in (*described, *_reflected(inspector)):
        if table.name not in ours:
            found.update(dict.fromkeys(_of_table(table, mapped, known)))
    return tuple(sorted(found, key=lambda each: (TOLD.index(each.by), each.table, each.columns)))


def _name(table: sa.Table, usual: str | None) -> TableName:
    return (None if table.schema in (None, usual) else str.__str__(table.schema), name_of(table.name))


def _known(
    tables: Collection[MappedTable], declared: Iterable[sa.Column[object]], usual: str | None
) -> set[tuple[TableName, str]]:
    """Return the columns that a reference uses or a declaration names. A column in `data` has no meaning for plans."""
    found = {(_name(column.table, usual), name_of(column)) for column in declared}
    for table in tables:
        own = _name(table.table, usual)
        references = [each for each in table.bindings.values() if isinstance(each, KeyReference)]
        found.update((own, name) for reference in references for name in reference.columns)
        for rows in table.rows.values():
            found.update((_name(rows.table, usual), name) for name in rows.owner)
    return found


def _declared(table: sa.Table, usual: str | None) -> _Found:
    keys = [
        (tuple(map(name_of, each.columns)), _name(each.referred_table, usual))
        for each in table.foreign_key_constraints
    ]
    return _Found(_name(table, usual), tuple(map(name_of, table.c)), tuple(keys))


def _reflected(inspector: sa.Inspector) -> Iterator[_Found]:
    """Yield the tables of the database, of all schemas."""
    usual = inspector.default_schema_name

    def plain(schema: str | None) -> str | None:
        return None if schema in (None, usual) else schema

    for schema in inspector.get_schema_names():
        if schema == "information_schema":
            continue
        columns = inspector.get_multi_columns(schema=schema)
        keys = inspector.get_multi_foreign_keys(schema=schema)
        for place, described in columns.items():
            yield _Found(
                (plain(schema), place[1]),
                tuple(str(column["name"]) for column in described),
                tuple(
                    (
                        tuple(each["constrained_columns"]),
                        (plain(each["referred_schema"]), each["referred_table"]),
                    )
                    for each in keys.get(place, ())
                ),
            )


def _of_table(
    table: _Found, mapped: dict[TableName, MappedTable], known: set[tuple[TableName, str]]
) -> Iterator[Unmapped]:
    shown = ".".join(part for part in table.name if part is not None)
    keyed: set[str] = set()
    for columns, target in table.keys:
        keyed.update(columns)
        if target in mapped and not all((table.name, column) in known for column in columns):
            yield Unmapped("foreign_key", shown, columns, target[1])
    own = mapped[table.name].keys.names if table.name in mapped else ()
    for column in table.columns:
        if column in keyed or column in own or (table.name, column) in known:
            continue
        for target, other in mapped.items():
            if column.lower() in _key_names(target[1], other):
                yield Unmapped("name", shown, (column,), target[1])


def _key_names(table: str, mapped: MappedTable) -> set[str]:
    """Return the names, in small letters, that columns with the key of a table usually have."""
    owners = {table.lower(), table.lower().removesuffix("s")}
    parts = {"id", *(name.lower() for name in mapped.keys.names)}
    plain = {
        name.lower() for name in mapped.keys.names if any(name.lower().startswith(own) for own in owners)
    }
    return {f"{own}{apart}{part}" for own in owners for part in parts for apart in ("_", "")} | plain
