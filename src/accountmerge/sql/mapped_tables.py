"""Read and write the rows of one table of a caller as entities of one kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs
import sqlalchemy as sa

from accountmerge.errors import InvalidValueError, LoadError
from accountmerge.model.customers import Customer
from accountmerge.model.entities import Entity, EntityKind
from accountmerge.sql.bindings import Binding, Codes, Constant, Get, UnmappedValue, Version
from accountmerge.sql.booked_slots import SlotColumns
from accountmerge.sql.entity_makers import Make, allowed_words, checked_maker, fast_maker
from accountmerge.sql.field_bindings import OPTIONAL_LINKS
from accountmerge.sql.keys import Key, Keys, Wanted, among, has_keys, plain_keys
from accountmerge.sql.list_bindings import ChildRows
from accountmerge.sql.overlays import Overlay, overlay_from, patched
from accountmerge.sql.side_tables import Side, key_name, login_name

Troubles = Counter[tuple[str, str, str]]
"""The number of rows with each fault: the code, the table and the column."""
MOST_KEYS = 500
"""The most keys in one statement."""
MOST_KNOWN = 10_000
"""The most rows of a table whose entities are kept."""
KnownRows = dict["MappedTable", dict[tuple[Any, ...], Entity]]
"""The entities that were made of rows, by table and row. A row that is read again, unchanged, is the same entity."""
_COMPARED = (sa.Integer, sa.String, sa.Boolean, sa.Date, sa.DateTime, sa.Uuid)
"""The types whose equal values have one text. Numbers such as `1.0` and `1.00`, and JSON, do not."""

_PLAIN = frozenset(
    [
        "cancel_reason",
        "session_id",
        "made_by",
        "number",
        "given_name",
        "family_name",
        "address",
        "record_number",
        "status",
        "level",
        "login",
        "schedule",
        "modality",
        "reason",
        "decided_by",
        "unique_key",
        "time_zone",
        "practitioner_id",
    ]
)
"""Fields whose value is one text, so that an overlay needs no other form of it."""


@attrs.frozen(eq=False)
class KeyReference(Binding):
    """Columns with the key of a row of a mapped table; the field has its id."""

    names: tuple[str, ...]
    keys: Keys

    @property
    def columns(self) -> tuple[str, ...]:
        return self.names

    def getter(self, table: sa.Table, places: Mapping[str, int]) -> Get:
        if len(self.names) == 1:
            place, id_of = places[self.names[0]], self.keys.id_of
            prefix = self.keys.prefix
            if len(self.keys.columns) == 1:
                return lambda row: None if row[place] is None else f"{prefix}{row[place]}"
            return lambda row: None if row[place] is None else id_of((row[place],))
        found = [places[name] for name in self.names]

        def get(row: Sequence[Any]) -> str | None:
            key = [row[place] for place in found]
            return None if None in key else self.keys.id_of(key)

        return get

    def values(self, table: sa.Table, value: Any) -> dict[str, Any]:
        key: Sequence[Any] = (None,) * len(self.names)
        if value is not None:
            known = self.keys.key_of(value)
            if known is None:
                raise InvalidValueError("sql_not_our_id", table=table.name, column=self.names[0])
            key = known
        return dict(zip(self.names, key, strict=True))

    def wanted(self, table: sa.Table, values: Sequence[str]) -> list[Any]:
        return plain_keys(self.keys.keys_of(values))

    def condition(self, table: sa.Table, wanted: Wanted) -> sa.ColumnElement[bool] | None:
        return among([table.c[name] for name in self.names], wanted)


@attrs.frozen(eq=False, kw_only=True)
class MappedTable:
    """A table of the caller, with the bindings of one kind of entity.

    Attributes:
        kind: The kind of entity.
        record_kind: Of records, the kind that all rows have.
        table: The table.
        keys: Its keys.
        bindings: The binding of each field, but for the slot.
        slot: The columns of the slot of a booking.
        rows: The fields that are rows of another table.
        side: The table with its overlays. None: it needs none.
        where: A condition that its rows fulfil. Default: all rows.
        copied: The columns that a new row takes from the row whose place it takes.
        copied_from: The columns that a new row takes from a row to which it refers, and the columns there.
        new_values: Values of further columns of new rows.
        new_number: An expression for the number of a new row. Default: the database has one.
    """

    kind: EntityKind
    record_kind: str | None
    table: sa.Table
    keys: Keys
    bindings: Mapping[str, Binding]
    slot: SlotColumns | None
    rows: Mapping[str, ChildRows]
    side: Side | None
    where: sa.ColumnElement[bool] | None
    copied: tuple[str, ...]
    copied_from: Mapping[str, sa.Column[Any]]
    new_values: Mapping[str, Any]
    new_number: Any

    def __attrs_post_init__(self) -> None:
        """Prepare the statement and the reader of rows."""
        names = dict.fromkeys(self.keys.names)
        for binding in self.bindings.values():
            names.update(dict.fromkeys(binding.columns))
        names.update(dict.fromkeys(self.slot.columns if self.slot else ()))
        object.__setattr__(self, "names", tuple(names))
        object.__setattr__(self, "read", self._reader())
        kinds = [column.type for column in self.columns]
        can_be_known = not self.rows and all(isinstance(kind, _COMPARED) for kind in kinds)
        object.__setattr__(self, "can_be_known", can_be_known)

    names: tuple[str, ...] = attrs.field(init=False)
    read: Callable[[Sequence[Any], Mapping[str, Any], str | None, Mapping[str, str]], Entity] = attrs.field(
        init=False
    )

    can_be_known: bool = attrs.field(init=False)
    """Whether equal rows are equal entities. Rows of other tables that belong to an entity may change alone."""

    @property
    def columns(self) -> list[sa.ColumnElement[Any]]:
        """The columns that are read, the key first."""
        return [self.table.c[name] for name in self.names]

    def selected(self) -> sa.Select[Any]:
        """Return the statement that reads rows with their overlays."""
        statement = sa.select(*self.columns)
        if self.side is not None:
            links = [column for _, _, columns in self.side.links for column in columns]
            on = [
                own == column
                for own, column in zip(self.side.table.primary_key, self.keys.columns, strict=True)
            ]
            statement = statement.add_columns(self.side.body, *links)
            statement = statement.select_from(self.table.outerjoin(self.side.table, sa.and_(*on)))
        return statement if self.where is None else statement.where(self.where)

    def _reader(self) -> Callable[[Sequence[Any], Mapping[str, Any], str | None, Mapping[str, str]], Entity]:
        """Return a function that makes an entity of a row, its list fields, its overlay and its links."""
        places = {name: place for place, name in enumerate(self.names)}
        table, cls = self.table, self.kind.cls
        getters = [(field, binding.getter(table, places)) for field, binding in self.bindings.items()]
        zone = next((get for field, get in getters if field == "time_zone"), None)
        slot = self.slot.getter(places, zone) if self.slot is not None and zone is not None else None
        size, prefix, id_of = len(self.keys.columns), self.keys.prefix, self.keys.id_of
        fixed: dict[str, Any] = {"kind": self.record_kind} if self.record_kind is not None else {}
        if cls is Customer:
            fixed["emails"] = ()
        made, checked = fast_maker(cls, self._trusted), checked_maker(cls)

        def read(
            row: Sequence[Any], lists: Mapping[str, Any], overlay: str | None, links: Mapping[str, str]
        ) -> Entity:
            values: dict[str, Any] = {**fixed, **lists, **links}
            values["id"] = f"{prefix}{row[0]}" if size == 1 else id_of(row[:size])
            for field, get in getters:
                value = get(row)
                if value is not None:
                    values[field] = value
            if slot is not None:
                values["slot"] = slot(row)
            if overlay is None:
                return made(values)
            return _overlaid(checked, values, overlay_from(overlay))

        return read

    @property
    def _trusted(self) -> frozenset[str]:
        """The fields whose values no rule can refuse, which are the slot and words of codes."""
        words = {
            field
            for field, binding in self.bindings.items()
            if isinstance(binding, Codes)
            and set(binding.words.values()) <= set(allowed_words(self.kind.cls, field))
        }
        return frozenset(words | ({"slot"} if self.slot is not None else set()))

    def entities(
        self,
        connection: sa.Connection,
        statement: sa.Select[Any],
        troubles: Troubles,
        sided: set[str],
        values: Mapping[str, Any] | None = None,
        known: KnownRows | None = None,
    ) -> Iterator[Entity]:
        """Yield the entities of the rows of a statement from `selected`.

        Args:
            connection: The connection.
            statement: The statement.
            troubles: The faults of rows, which are counted here; such rows are left out.
            sided: The ids of the entities that have a row in the side table, which are added here.
            values: The values of the parameters of the statement.
            known: The entities of rows that were read before, to which those of this statement are added.
        """
        entities = None if known is None or not self.can_be_known else known.setdefault(self, {})
        size = len(self.keys.columns)
        result = connection.execute(statement, dict(values or {}))
        for rows in result.partitions(MOST_KEYS if self.rows else 10_000):
            broken: dict[Key, UnmappedValue] = {}
            lists = self.lists(connection, rows, broken)
            for table, fault in ((fault.table, fault) for fault in broken.values()):
                troubles[fault.code, table, fault.column] += 1
            whole = [row for row in rows if tuple(row[:size]) not in broken] if broken else rows
            made = self._made(whole, lists, troubles, sided, entities)
            emails = None if self.side is None else self.side.emails
            yield from made if emails is None else self._with_own_logins(connection, emails, made)

    def _with_own_logins(
        self, connection: sa.Connection, emails: sa.Table, made: Iterable[Entity]
    ) -> Iterator[Entity]:
        """Yield customers; an address that is only in an overlay forgets a login whose customer's row is gone.

        Another row may have the key by now.
        """
        rows: list[Any] = list(made)
        logged = [row.id for row in rows if any(email.login_of is not None for email in row.emails)]
        own = [emails.c[key_name(name)] for name in self.keys.names]
        ended: set[tuple[str, str]] = set()
        for start in range(0, len(logged), MOST_KEYS):
            keys = self.keys.keys_of(logged[start : start + MOST_KEYS])
            is_gone = emails.c.login_of.is_not(None) & emails.c[login_name(self.keys.names[0])].is_(None)
            found = connection.execute(sa.select(*own, emails.c.login_of).where(is_gone, has_keys(own, keys)))
            ended.update((self.keys.id_of(row[:-1]), row[-1]) for row in found)
        for row in rows:
            if ended and any((row.id, email.login_of) in ended for email in row.emails):
                left = (
                    attrs.evolve(email, login_of=None) if (row.id, email.login_of) in ended else email
                    for email in row.emails
                )
                yield attrs.evolve(row, emails=left)
            else:
                yield row

    def _made(
        self,
        rows: Iterable[Sequence[Any]],
        lists: Mapping[Key, Mapping[str, Any]],
        troubles: Troubles,
        sided: set[str],
        known: dict[tuple[Any, ...], Entity] | None,
    ) -> Iterator[Entity]:
        size, read, width = len(self.keys.columns), self.read, len(self.names)
        empty: dict[str, str] = {}
        blank = (None,) * (0 if self.side is None else 1 + sum(len(names) for _, _, names in self.side.links))
        for row in rows:
            overlay, links = None, empty
            if blank and row[width:] != blank:
                overlay, links = row[width], self._links(row)
                sided.add(self.keys.id_of(row[:size]))
            if known is not None and (entity := known.get(tuple(row))) is not None:
                yield entity
                continue
            try:
                entity = read(row, lists.get(tuple(row[:size]), empty) if lists else empty, overlay, links)
                if known is not None:
                    _keep(known, row, entity)
                yield entity
            except UnmappedValue as fault:
                troubles[fault.code, self.table.name, fault.column] += 1
            except InvalidValueError as error:
                troubles[error.code, self.table.name, self.column_of(str(error.facts.get("field", "")))] += 1
            except LoadError as error:
                for each in error.faults:
                    troubles[each.code, self.table.name, each.path] += 1

    def _links(self, row: Sequence[Any]) -> dict[str, str]:
        """Return the links of a row that the side table has."""
        found, place = {}, len(self.names) + 1
        for field, keys, columns in self.side.links if self.side is not None else ():
            key = row[place : place + len(columns)]
            place += len(columns)
            if None not in key:
                found[field] = keys.id_of(key)
        return found

    def lists(
        self, connection: sa.Connection, rows: Sequence[Sequence[Any]], broken: dict[Key, UnmappedValue]
    ) -> dict[Key, dict[str, Any]]:
        """Return the fields that are rows of other tables, by the key of their owner.

        Args:
            connection: The connection.
            rows: The rows of the owners.
            broken: The faults by the key of the owner, which are added here.
        """
        found: dict[Key, dict[str, Any]] = {}
        if not self.rows or not rows:
            return found
        keys = [tuple(row[: len(self.keys.columns)]) for row in rows]
        for field, binding in self.rows.items():
            owner = [binding.table.c[name] for name in binding.owner]
            statement = sa.select(*owner, *binding.selected()).order_by(*owner, *binding.sorting())
            groups: dict[Key, list[Sequence[Any]]] = {}
            for child in connection.execute(statement.where(has_keys(owner, keys))):
                groups.setdefault(tuple(child[: len(owner)]), []).append(child[len(owner) :])
            for key, children in groups.items():
                try:
                    found.setdefault(key, {})[field] = binding.members(children)
                except UnmappedValue as fault:
                    fault.table = binding.table.name
                    broken[key] = fault
        return found

    @property
    def optional_links(self) -> tuple[str, ...]:
        """The fields that refer to others and may be empty."""
        return OPTIONAL_LINKS[self.kind.name]

    def reference_to(self, table: sa.Table) -> tuple[str, Keys]:
        """Return the field that refers to rows of a table, and the keys of that table.

        Raises:
            InvalidValueError: There is none.
        """
        for field, binding in self.bindings.items():
            if isinstance(binding, KeyReference) and binding.keys.columns[0].table is table:
                return field, binding.keys
        raise InvalidValueError("sql_not_a_reference", table=self.table.name, column=table.name)

    def column_of(self, field: str) -> str:
        """Return the column of a field, or the field itself if it has none."""
        if field == "slot" and self.slot is not None:
            return self.slot.start.column
        binding = self.bindings.get(field)
        return binding.columns[0] if binding is not None and binding.columns else field

    def values_of(self, entity: Entity, fields: Iterable[str] | None = None) -> dict[str, Any]:
        """Return the values of the columns for an entity, or only for some of its fields."""
        wanted = None if fields is None else set(fields)
        found: dict[str, Any] = {}
        for field, binding in self.bindings.items():
            if (wanted is None or field in wanted) and field not in self.kind.store_given:
                found.update(self._written(binding, getattr(entity, field)))
        if self.slot is not None and (wanted is None or wanted & {"slot", "time_zone"}):
            row: Any = entity
            zone = self.bindings["time_zone"]
            name = zone.value if isinstance(zone, Constant) else row.time_zone
            found.update(self.slot.values(self.table, row.slot, name))
        version = self.bindings.get("version")
        if isinstance(version, Version) and wanted is not None:
            found.update(version.values(self.table, None))
        return found

    def _written(self, binding: Binding, value: Any) -> dict[str, Any]:
        """Return the values of the columns of a field.

        A column that cannot be NULL gets an empty text, or is left as it is.
        """
        values = binding.values(self.table, value)
        if all(raw is not None for raw in values.values()):
            return values
        return {
            name: ""
            if raw is None and is_text(self.table.c[name]) and not self.table.c[name].nullable
            else raw
            for name, raw in values.items()
            if raw is not None or self.table.c[name].nullable or is_text(self.table.c[name])
        }

    def with_key(self, name: str) -> sa.ColumnElement[bool]:
        """Return the condition for one row, whose key is given by parameters whose names begin with a text."""
        pairs = zip(self.keys.names, self.keys.columns, strict=True)
        return sa.and_(*(column == sa.bindparam(name + each, type_=column.type) for each, column in pairs))

    def key_parameters(self, name: str, key: Key) -> dict[str, Any]:
        """Return the values of the parameters of `with_key`."""
        return {name + each: part for each, part in zip(self.keys.names, key, strict=True)}

    def by_keys(self, keys: Iterable[Key]) -> sa.ColumnElement[bool]:
        """Return the condition for rows by their keys."""
        return has_keys(self.keys.columns, keys)


def _keep(known: dict[tuple[Any, ...], Entity], row: Sequence[Any], entity: Entity) -> None:
    """Keep the entity of a row, and forget the others if there are many."""
    if len(known) >= MOST_KNOWN:
        known.clear()
    known[tuple(row)] = entity


def is_text(column: sa.Column[Any]) -> bool:
    """Return whether a column has text."""
    return isinstance(column.type, sa.String)


def _overlaid(made: Make, values: dict[str, Any], overlay: Overlay) -> Entity:
    """Return an entity with the values of its overlay that count."""
    rest: Overlay = {}
    for field, entry in overlay.items():
        if field in _PLAIN:
            if values.get(field) == entry[1]:
                values[field] = entry[0]
        else:
            rest[field] = entry
    entity = made(values)
    return patched(entity, rest) if rest else entity
