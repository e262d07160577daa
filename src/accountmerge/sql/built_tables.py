"""The construction of mapped tables and added ones from declarations."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

import attrs
import sqlalchemy as sa

from accountmerge.errors import InvalidValueError
from accountmerge.model.entities import KIND_OF_NAME, EntityName
from accountmerge.sql import side_tables
from accountmerge.sql.bindings import Binding, Constant, Duration, Local, Reference, Utc, name_of
from accountmerge.sql.booked_slots import SlotColumns
from accountmerge.sql.declarations import Bound, Declared
from accountmerge.sql.field_bindings import OPTIONAL_LINKS, REFERENCES, plain_binding
from accountmerge.sql.keys import Keys
from accountmerge.sql.list_bindings import ChildRows, Columns, EmailRows
from accountmerge.sql.mapped_tables import KeyReference, MappedTable
from accountmerge.sql.side_tables import Journal, Side

A = TypeVar("A")
OWN_KINDS: tuple[EntityName, ...] = ("access", "access_request")
"""The kinds that get a table of the library, if the caller has none."""


@attrs.frozen(eq=False)
class Tables:
    """The mapped tables of a mapping, and the added ones.

    Attributes:
        mapped: The mapped tables, those of records sorted by kind.
        journal: The added tables about steps.
        added: All added tables.
    """

    mapped: tuple[MappedTable, ...]
    journal: Journal
    added: sa.MetaData
    _prepared: dict[Any, Any] = attrs.field(factory=dict, init=False)

    def prepared(self, key: Hashable, made: Callable[[], A]) -> A:
        """Return the statement with a key, which is made at its first use."""
        found: A | None = self._prepared.get(key)
        if found is None:
            found = self._prepared[key] = made()
        return found

    def of_kind(self, entity: EntityName) -> tuple[MappedTable, ...]:
        """Return the tables of a kind of entity."""
        return tuple(table for table in self.mapped if table.kind.name == entity)

    def of(self, entity: EntityName, record_kind: str | None = None) -> MappedTable:
        """Return the table of a kind of entity, and of records of one kind.

        Raises:
            InvalidValueError: There is none.
        """
        for kind in (record_kind, None):
            for table in self.mapped:
                if table.kind.name == entity and table.record_kind == kind:
                    return table
        raise InvalidValueError("sql_kind_has_no_table", kind=record_kind or entity)

    def with_id(self, entity: EntityName, id: str) -> MappedTable | None:
        """Return the table whose rows can have an id; None if there is none."""
        found = self.of_kind(entity)
        if len(found) == 1:
            return found[0]
        return next((table for table in found if table.keys.key_of(id) is not None), None)


class Builder:
    """The construction of mapped and added tables, once all tables are declared.

    Args:
        declared: The declarations of the caller's tables.
        prefix: The text before the names of added tables.
        schema: The database schema of added tables.
        planned_ids: Whether new rows get the ids in the plan as their keys.
    """

    def __init__(
        self, declared: Iterable[Declared], *, prefix: str, schema: str | None, planned_ids: bool
    ) -> None:
        self._declared = list(declared)
        self._prefix = prefix
        self._planned_ids = planned_ids
        self._added = sa.MetaData(schema=schema)
        self._keys: dict[EntityName, list[Keys]] = {}
        for each in self._declared:
            self._add_keys(each.entity, self._keys_of(each))
        self._sides: dict[tuple[sa.Table, EntityName], Side] = {}

    def _add_keys(self, entity: EntityName, keys: Keys) -> None:
        """Add the keys of a table, which may have records of several kinds."""
        known = self._keys.setdefault(entity, [])
        if any(each.columns == keys.columns and each.prefix == keys.prefix for each in known):
            return
        if not self._planned_ids and any(each.may_share_ids(keys) for each in known):
            raise InvalidValueError("sql_same_ids", table=keys.columns[0].table.name)
        known.append(keys)

    def built(self) -> Tables:
        """Return the tables.

        Raises:
            InvalidValueError: A kind of entity has no table, or a binding does not fit its field.
        """
        for entity in ("profile", "customer"):
            if entity not in self._keys:
                raise InvalidValueError("sql_kind_has_no_table", kind=entity)
        for own in OWN_KINDS:
            if own not in self._keys:
                self._declared.append(self._own(own))
        journal = self._journal()
        self._emails = journal.emails
        return Tables(tuple(self._mapped(each) for each in self._declared), journal, self._added)

    def _journal(self) -> Journal:
        return side_tables.journal_of(self._added, self._prefix, self._keys["customer"][0])

    def _keys_of(self, each: Declared) -> Keys:
        return Keys(tuple(each.table.c[name] for name in each.key), each.prefix)

    def _own(self, entity: EntityName) -> Declared:
        """Declare a table of the library for a kind without a table."""
        owners = {field: self._keys[name][0] for field, name in KIND_OF_NAME[entity].references}
        table, references = side_tables.own_table(
            self._added, self._prefix, entity, owners, planned=self._planned_ids
        )
        fields: dict[str, Bound] = {field: Reference(*names) for field, names in references.items()}
        fields |= {name: name for name in side_tables.OWN_FIELDS[entity]}
        prefix = "" if self._planned_ids else f"{entity}-"
        return Declared(
            entity=entity,
            record_kind=None,
            table=table,
            fields=fields,
            key=("id",),
            prefix=prefix,
            where=None,
            copied=False,
            copied_from={},
            new_values={},
            new_number=None,
            is_ours=True,
        )

    def _mapped(self, each: Declared) -> MappedTable:
        kind, keys = KIND_OF_NAME[each.entity], self._keys_of(each)
        bindings: dict[str, Binding] = {}
        rows: dict[str, ChildRows] = {}
        for field, bound in each.fields.items():
            if field in ("start", "end"):
                continue
            if isinstance(bound, EmailRows):
                rows[field] = attrs.evolve(bound, keys=self._keys["customer"][0])
            elif isinstance(bound, ChildRows):
                rows[field] = bound
            else:
                bindings[field] = self._binding(each, field, bound)
        slot = self._slot(each)
        used = {*keys.names, *(slot.columns if slot else ())}
        used.update(name for binding in bindings.values() for name in binding.columns)
        for field, binding in bindings.items():
            if isinstance(binding, Columns) and not binding.columns:
                rest = Columns(*(column for column in each.table.c if column.name not in used))
                bindings[field] = rest
                used.update(rest.columns)
        made = MappedTable(
            kind=kind,
            record_kind=each.record_kind,
            table=each.table,
            keys=keys,
            bindings=bindings,
            slot=slot,
            rows=rows,
            side=None if each.is_ours else self._side(each, keys),
            where=each.where,
            copied=_copied(each, used),
            copied_from=each.copied_from,
            new_values=each.new_values,
            new_number=each.new_number,
        )
        for column in each.copied_from.values():
            made.reference_to(column.table)
        return made

    def _side(self, each: Declared, keys: Keys) -> Side:
        """Return the table with overlays, which kinds of records in one table share."""
        own = each.table, each.entity
        if own not in self._sides:
            fields = {
                field
                for other in self._declared
                if (other.table, other.entity) == own
                for field in _unbound_links(other)
            }
            links = [
                (field, target)
                for field in OPTIONAL_LINKS[each.entity]
                if field in fields
                for target in self._keys.get(REFERENCES[each.entity][field], ())
            ]
            self._sides[own] = side_tables.side_of(self._added, self._prefix, each.entity, keys, links)
        side, wanted = self._sides[own], _unbound_links(each)
        emails = self._emails if each.entity == "customer" else None
        return Side(side.table, tuple(link for link in side.links if link[0] in wanted), emails)

    def _binding(self, each: Declared, field: str, bound: Bound) -> Binding:
        target = REFERENCES[each.entity].get(field)
        if target is None:
            return bound if isinstance(bound, Binding) else plain_binding(each.entity, field, name_of(bound))
        if isinstance(bound, Constant):
            return bound
        if not isinstance(bound, str | sa.Column | Reference):
            raise InvalidValueError("sql_not_a_reference", table=each.table.name, column=field)
        reference = bound if isinstance(bound, Reference) else Reference(bound)
        return KeyReference(reference.columns, self._target(each, field, target, reference))

    def _target(self, each: Declared, field: str, entity: EntityName, reference: Reference) -> Keys:
        """Return the keys to which a reference leads."""
        known = self._keys.get(entity, [])
        wanted = reference.to or (each.table.name if entity == "record" else None)
        found = [keys for keys in known if wanted in (None, keys.columns[0].table.name)]
        if len(found) != 1 or len(found[0].columns) != len(reference.columns):
            raise InvalidValueError("sql_not_a_reference", table=each.table.name, column=field)
        return found[0]

    def _slot(self, each: Declared) -> SlotColumns | None:
        if each.entity != "appointment":
            return None
        start, end = each.fields["start"], each.fields["end"]
        first = start if isinstance(start, Binding) else Utc(start)
        last = end if isinstance(end, Binding) else Utc(end)
        if not isinstance(first, Utc | Local) or not isinstance(last, Utc | Local | Duration):
            raise InvalidValueError("sql_not_a_time", table=each.table.name, column="start")
        if not isinstance(last, Duration) and type(first) is not type(last):
            raise InvalidValueError("sql_not_a_time", table=each.table.name, column="end")
        return SlotColumns(first, last)


def _unbound_links(each: Declared) -> list[str]:
    """Return the references that no column holds."""
    return [field for field in OPTIONAL_LINKS[each.entity] if field not in each.fields]


def _copied(each: Declared, used: set[str]) -> tuple[str, ...]:
    """Return the columns that a new row takes from the row whose place it takes."""
    if isinstance(each.copied, tuple):
        return each.copied
    if not each.copied:
        return ()
    unique = {column.name for column in each.table.c if column.unique}
    unique |= {
        column.name
        for constraint in each.table.constraints
        if isinstance(constraint, sa.UniqueConstraint)
        for column in constraint.columns
    }
    unique |= {name for index in each.table.indexes if index.unique for name in index.columns.keys()}  # noqa: SIM118
    skipped = used | unique | set(each.new_values) | set(each.copied_from)
    return tuple(
        column.name
        for column in each.table.c
        if column.name not in skipped and column.computed is None and column.identity is None
    )
