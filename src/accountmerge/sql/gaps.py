"""The fields that mapped tables lack for the change sets of an intent, and obstacles in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Literal

import attrs
import sqlalchemy as sa

from accountmerge.changes.change_sets import Intent
from accountmerge.sql.bindings import Binding, Codes, Constant
from accountmerge.sql.list_bindings import ChildRows, EmailColumns, EmailRows
from accountmerge.sql.mapped_tables import MappedTable, is_text
from accountmerge.sql.remedies import column_for, former_emails_view, pending_requests_view
from accountmerge.sql.written_fields import EMPTYING, WRITTEN, Importance, Writes

Gap = Literal[
    "no_column",
    "constant",
    "no_former_addresses",
    "own_table",
    "no_table",
    "no_code",
    "not_filled",
    "no_key",
    "key_changes",
    "not_emptied",
]
"""Why something is missing.

`no_column`: no column has the field. `constant`: the field has one value in all rows. `no_former_addresses`: no column or
row has an address that no longer signs in. `own_table`: the rows are in a table that the library adds. `no_table`: rows of
this kind have no table. `no_code`: the word has no code. `not_filled`: the column cannot be NULL, has no default, and a new
row leaves it empty. `no_key`: the database gives no key to a new row. `key_changes`: the column is part of the key, and
plans change it. `not_emptied`: the column is unique and cannot be NULL, but has to be emptied.
"""
_ORDER: tuple[Importance, ...] = ("required", "effects", "links_and_history")
_EFFECT_OF_FIELD = {"unavailable": "unavailable", "merged_into": "merged_into"}
"""The effects that a column of a field lets the caller's program obey."""


@attrs.frozen
class Missing:
    """A field that no column of the caller holds, or a column that is in the way.

    Attributes:
        table: The name of the table; of rows without a table, the kind of entity.
        field: The field, or the column if it belongs to no field.
        of: `links_and_history`: the added tables hold it, and that is enough. `effects`: the caller's program has to look
            at the added tables, or a column has to be mapped. `required`: plans of this intent cannot be applied.
        why: The reason; one of `Gap`.
        word: The word without a code.
        ddl: A statement that makes a column or a view that would do; None if the caller has to decide.
    """

    table: str
    field: str
    of: Importance
    why: Gap
    word: str | None = None
    ddl: str | None = None


def missing(
    tables: Collection[MappedTable],
    intent: Intent,
    *,
    prefix: str,
    gives_ids: bool,
    obeyed: Collection[str],
    dialect: sa.Dialect,
) -> tuple[Missing, ...]:
    """Return the gaps of tables for the change sets of an intent, required ones first.

    Args:
        tables: The mapped tables.
        intent: The intent.
        prefix: The text before the names of added tables.
        gives_ids: Whether the database gives keys to new rows.
        obeyed: The effects that the caller's program reads in the added tables.
        dialect: The database for which statements are written.
    """
    found: dict[Missing, None] = {}
    for writes in WRITTEN[intent]:
        own = [table for table in tables if table.kind.name == writes.entity]
        if not own and writes.makes_rows and writes.entity != "record":
            found[Missing(writes.entity, "id", "required", "no_table")] = None
        for table in own:
            if table.side is None:
                gaps = _of_added(table, writes, obeyed, prefix, dialect)
            else:
                gaps = _Gaps(table, writes, intent, gives_ids, frozenset(obeyed), prefix, dialect).found()
            found.update(dict.fromkeys(gaps))
    return tuple(sorted(found, key=lambda gap: (_ORDER.index(gap.of), gap.table, gap.field, gap.word or "")))


def _of_added(
    table: MappedTable, writes: Writes, obeyed: Collection[str], prefix: str, dialect: sa.Dialect
) -> Iterator[Missing]:
    """Yield what the caller's program does not see, because the rows are in a table of the library."""
    name = table.table.name
    if writes.entity == "access_request" and writes.makes_rows and "access_requests" not in obeyed:
        view = pending_requests_view(table, prefix, dialect)
        yield Missing(name, "status", "effects", "own_table", ddl=view)
    else:
        yield Missing(name, "id", "links_and_history", "own_table")


@attrs.frozen(eq=False)
class _Gaps:
    """The search in one table."""

    table: MappedTable
    writes: Writes
    intent: Intent
    gives_ids: bool
    obeyed: frozenset[str]
    prefix: str
    dialect: sa.Dialect

    def found(self) -> Iterator[Missing]:
        yield from self._fields()
        yield from self._words()
        yield from self._key_changes()
        if "emails" in self.writes.changed:
            yield from self._emails()
        for field, rows in self.table.rows.items():
            if self.writes.makes_rows or field in self.writes.changed:
                yield from self._not_filled(rows.table, _columns_of(rows), rows.table.name)
        if self.writes.makes_rows:
            yield from self._new_rows()

    def _missing(self, field: str, of: Importance, why: Gap, **more: Any) -> Missing:
        return Missing(self.table.table.name, field, of, why, **more)

    def _bound(self, field: str) -> Binding | ChildRows | None:
        return self.table.rows.get(field) or self.table.bindings.get(field)

    def _fields(self) -> Iterator[Missing]:
        for field in self._written():
            bound = self._bound(field)
            is_effect = field in self.writes.effects and _EFFECT_OF_FIELD.get(field) not in self.obeyed
            if isinstance(bound, Constant) and field in self.writes.effects + self.writes.required:
                yield self._missing(field, "effects", "constant", ddl=self._column(field))
            elif bound is None and is_effect:
                yield self._missing(field, "effects", "no_column", ddl=self._column(field))
            elif bound is None:
                yield self._missing(field, "links_and_history", "no_column")

    def _written(self) -> Iterable[str]:
        """Return the fields that change, and of new rows all others."""
        if not self.writes.makes_rows:
            return self.writes.changed
        fixed = {"id", "kind", "slot", *self.table.kind.store_given}
        fields = (field.name for field in attrs.fields(self.table.kind.cls))
        return dict.fromkeys((*self.writes.changed, *(field for field in fields if field not in fixed)))

    def _column(self, field: str) -> str:
        return column_for(self.table, field, self.prefix, self.dialect)

    def _words(self) -> Iterator[Missing]:
        for field, words in self.writes.words.items():
            bound = self.table.bindings.get(field)
            for word in words if isinstance(bound, Codes) else ():
                if word not in bound.words.values():  # type: ignore[union-attr]
                    yield self._missing(field, "required", "no_code", word=word)

    def _key_changes(self) -> Iterator[Missing]:
        for field in self.writes.changed:
            bound = self.table.bindings.get(field)
            for name in bound.columns if bound is not None else ():
                if name in self.table.keys.names:
                    yield self._missing(name, "required", "key_changes")

    def _emails(self) -> Iterator[Missing]:
        bound = self._bound("emails")
        is_held = _holds_former_logins(bound) if self.intent == "merge" else _holds_former(bound)
        if not is_held and bound is not None and "former_emails" not in self.obeyed:
            view = former_emails_view(self.table, self.prefix, self.dialect)
            yield self._missing("emails", "effects", "no_former_addresses", ddl=view)
        if isinstance(bound, EmailColumns) and self.intent in EMPTYING:
            for name, use in bound.uses:
                column = self.table.table.c[name]
                if use == "primary" and not column.nullable and is_unique(column):
                    yield self._missing(name, "required", "not_emptied")

    def _new_rows(self) -> Iterator[Missing]:
        table = self.table
        filled = {
            *table.new_values,
            *table.copied_from,
            *(table.slot.columns if table.slot is not None else ()),
        }
        for field, bound in table.bindings.items():
            if field not in table.kind.store_given or (field == "number" and table.new_number is not None):
                text_or_full = field not in self.writes.left_empty
                filled.update(name for name in bound.columns if text_or_full or is_text(table.table.c[name]))
        if self.writes.has_sources:
            filled.update(table.copied)
        if not self.gives_ids:
            filled.update(table.keys.names)
        yield from self._no_key(filled)
        yield from self._not_filled(table.table, filled | set(table.keys.names), table.table.name)

    def _no_key(self, filled: Collection[str]) -> Iterator[Missing]:
        columns = self.table.keys.columns
        for column in columns:
            if self.gives_ids:
                given = column.name in filled or _is_given(column)
            else:
                given = len(columns) == 1 and is_text(column)
            if not given:
                yield self._missing(str.__str__(column.name), "required", "no_key")

    def _not_filled(self, table: sa.Table, filled: Collection[str], name: str) -> Iterator[Missing]:
        for column in table.c:
            if not column.nullable and column.name not in filled and not _is_given(column):
                yield Missing(name, str.__str__(column.name), "required", "not_filled")


def _columns_of(rows: ChildRows) -> set[str]:
    """Return the columns that the library writes in rows of another table."""
    return set(rows.child_columns)


def _is_given(column: sa.Column[Any]) -> bool:
    """Return whether the database gives a value to a column that an insert does not name."""
    defaults = (column.default, column.server_default, column.identity, column.computed)
    table: Any = column.table
    return table.autoincrement_column is column or any(default is not None for default in defaults)


def _holds_former(bound: Binding | ChildRows | None) -> bool:
    if isinstance(bound, EmailColumns):
        return any(use == "former" for _, use in bound.uses)
    return isinstance(bound, EmailRows) and "former" in bound.use.words.values()


def _holds_former_logins(bound: Binding | ChildRows | None) -> bool:
    """Return whether rows hold the addresses with which absorbed customers signed in, and whose they were."""
    return isinstance(bound, EmailRows) and bound.login_of is not None and _holds_former(bound)


def holds_former_addresses(table: MappedTable) -> bool:
    """Return whether columns or rows of a table of customers hold addresses that no longer sign in."""
    return _holds_former(table.rows.get("emails") or table.bindings.get("emails"))


def is_unique(column: sa.Column[Any]) -> bool:
    """Return whether no two rows may have one value in a column."""
    table: Any = column.table
    constraints = [list(each.columns) for each in table.constraints if isinstance(each, sa.UniqueConstraint)]
    indexes = [
        [part for expression in index.expressions for part in _columns_in(expression)]
        for index in table.indexes
        if index.unique
    ]
    return bool(column.unique) or [column] in constraints or [column] in indexes


def _columns_in(expression: Any) -> list[Any]:
    found = sa.sql.visitors.iterate(expression)
    return [part for part in found if isinstance(part, sa.Column)]
