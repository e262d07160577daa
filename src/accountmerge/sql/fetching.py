"""Answer questions with the rows of mapped tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

import attrs
import sqlalchemy as sa

from accountmerge.changes.excerpts import Excerpt
from accountmerge.changes.questions import NO_QUESTIONS, LiveBookings, OwnerField, Questions
from accountmerge.changes.readings import read_answer
from accountmerge.errors import Fault, LoadError
from accountmerge.model.appointments import LIVE
from accountmerge.model.entities import Entity, EntityName
from accountmerge.model.snapshots import Snapshot
from accountmerge.sql.built_tables import Tables
from accountmerge.sql.keys import Singles, Wanted, among, one_of, plain_keys
from accountmerge.sql.mapped_tables import MOST_KEYS, KnownRows, MappedTable, Troubles
from accountmerge.sql.side_tables import key_name

A = TypeVar("A")
Condition = sa.ColumnElement[bool]
MOST_PARTS = 100
"""The most parts of the condition of one statement; SQLite allows expressions up to a depth of 1,000."""
FEW_PARTS = 8
"""The most parts of a statement that is kept, because statements of one step have few, and repeat."""


@attrs.frozen(eq=False)
class Reader:
    """The reader of one connection.

    Attributes:
        connection: The connection.
        tables: The mapped tables.
        locks: Whether rows that are read are locked until the end of the transaction.
        locked: The entities that were locked before any row was read, by kind.
        sided: The ids of entities that have a row in a side table, as far as they were read.
        known: The entities of rows that were read before, also in earlier transactions.
    """

    connection: sa.Connection
    tables: Tables
    locks: bool = False
    locked: dict[EntityName, dict[str, Entity]] = attrs.field(factory=dict)
    sided: set[str] = attrs.field(factory=set)
    known: KnownRows = attrs.field(factory=dict)

    def fetch(self, questions: Questions) -> list[Entity]:
        """Return the rows that answer questions, and a few more.

        Raises:
            LoadError: Rows have values without a meaning. The faults name tables and columns, and count rows.
        """
        troubles: Troubles = Counter()
        kinds = _kinds(questions)
        tables = [table for table in self.tables.mapped if table.kind.name in kinds]
        found = [row for table in tables for row in self._answers(table, questions, troubles)]
        refuse(troubles)
        return found

    def evaluated(
        self, evaluate: Callable[[Snapshot], A], taken_at: datetime, named: Questions = NO_QUESTIONS
    ) -> tuple[Excerpt, A]:
        """Read the rows that an evaluation looks up; return them with its answer.

        Args:
            evaluate: A function of the data, such as a check.
            taken_at: The instant of the data.
            named: Questions that are asked before any evaluation, so that mostly one is enough.

        Raises:
            LoadError: As in `fetch`.
        """
        reading = read_answer(evaluate, taken_at, named=named)
        try:
            questions = next(reading)
            while True:
                questions = reading.send(self.fetch(questions))
        except StopIteration as end:
            excerpt, answer = end.value
            return excerpt(), answer

    def lock(self, entity: EntityName, ids: Sequence[str]) -> None:
        """Lock rows in the order of their keys, and keep their entities for the questions to come.

        If tables are locked afterwards, no entity is kept: rows of other tables that belong to it may change until then.

        Raises:
            LoadError: As in `fetch`.
        """
        troubles: Troubles = Counter()
        for table in self.tables.of_kind(entity) if ids else ():
            wanted = table.by_keys(table.keys.keys_of(ids))
            if not self.locks:
                keys = sa.select(*table.keys.columns).where(wanted)
                self.connection.execute(self._locking(table, keys)).all()
                continue
            statement = self._locking(table, table.selected().where(wanted))
            rows = list(table.entities(self.connection, statement, troubles, self.sided, None, self.known))
            self.locked[entity] = {row.id: row for row in rows}
        refuse(troubles)

    def _statement(self, table: MappedTable, some: Sequence[Part]) -> sa.Select[Any]:
        """Return the statement for some parts; those with few parts are made once."""

        def made() -> sa.Select[Any]:
            conditions = (part.condition(f"part{place}_") for place, part in enumerate(some))
            statement = table.selected().where(sa.or_(*conditions))
            return self._locking(table, statement) if self.locks else statement

        if len(some) > FEW_PARTS:
            return made()
        forms = tuple(part.form for part in some)
        return self.tables.prepared((table, self.locks, forms), made)

    def _locking(self, table: MappedTable, statement: sa.Select[Any]) -> sa.Select[Any]:
        """Return a statement that locks its rows; if tables are locked, foreign keys may still lead to them."""
        in_order = statement.order_by(*table.keys.columns)
        return in_order.with_for_update(of=table.table, key_share=not self.locks)

    def _answers(self, table: MappedTable, questions: Questions, troubles: Troubles) -> Iterator[Entity]:
        name = table.kind.name
        asked = {id for entity, ids in questions.ids if entity == name for id in ids}
        if asked and asked <= self.locked.get(name, {}).keys():
            yield from (self.locked[name][id] for id in sorted(asked))
            questions = attrs.evolve(
                questions, ids=tuple((entity, ids) for entity, ids in questions.ids if entity != name)
            )
        seen: set[str] = set()
        found = list(parts(self.tables, table, questions))
        for start in range(0, len(found), MOST_PARTS):
            some = found[start : start + MOST_PARTS]
            values = dict(
                pair for place, part in enumerate(some) for pair in part.parameters(f"part{place}_")
            )
            statement = self._statement(table, some)
            for row in table.entities(self.connection, statement, troubles, self.sided, values, self.known):
                if row.id not in seen:
                    seen.add(row.id)
                    yield row


def _kinds(questions: Questions) -> set[EntityName]:
    """Return the kinds of entity that questions are about."""
    kinds = {entity for entity, _ in questions.ids}
    kinds.update(asked.entity for asked in questions.equalities)
    if questions.access:
        kinds.add("access")
    if questions.bookings:
        kinds.add("appointment")
    return kinds


def refuse(troubles: Troubles) -> None:
    """Raise an error if rows had faults."""
    if troubles:
        raise LoadError(
            [
                Fault("sql_rows", f"{table}.{column}", reason=code, count=count)
                for (code, table, column), count in sorted(troubles.items())
            ]
        )


FEW_VALUES = 4
"""The most values of a condition that have a parameter each, so that few statements have to be kept."""


@attrs.frozen(eq=False)
class Part:
    """A part of the condition of a statement.

    Attributes:
        shape: Parts of one table with the same shape have the same condition, with other values.
        condition: A function from the name of the part to its condition, whose parameters begin with the name.
        values: The values of the parameters, by the rest of their names.
    """

    shape: tuple[Any, ...]
    condition: Callable[[str], Condition]
    values: dict[str, Any]

    @property
    def form(self) -> tuple[Any, ...]:
        """Its shape, with the number of values of each parameter. The same form has the same statement."""
        return (self.shape, *(len(some) for some in self.values.values() if _is_few(some)))

    def parameters(self, part: str) -> Iterator[tuple[str, Any]]:
        """Yield the values of the parameters by their names, which begin with the name of the part."""
        for name, value in self.values.items():
            if _is_few(value):
                yield from zip(_singles(part + name, value), value, strict=True)
            else:
                yield part + name, value


def _is_few(values: Any) -> bool:
    """Return whether values have a parameter each. The parts of composite keys have not."""
    return isinstance(values, list) and 0 < len(values) <= FEW_VALUES and not isinstance(values[0], tuple)


def _singles(name: str, values: Sequence[Any]) -> tuple[str, ...]:
    return tuple(f"{name}_{place}" for place in range(len(values)))


def _wanted(name: str, values: Sequence[Any]) -> Wanted:
    """Return the parameters for some values."""
    if _is_few(values):
        return Singles(_singles(name, values))
    return sa.bindparam(name, expanding=True)


def parts(tables: Tables, table: MappedTable, questions: Questions) -> Iterator[Part]:
    """Yield parts whose conditions together hold for every row of a table that answers questions."""
    name = table.kind.name
    for entity, ids in questions.ids:
        for keys in _cut(table.keys.keys_of(ids)) if entity == name else ():
            yield _keyed(("ids",), table.keys.columns, plain_keys(keys))
    for asked in questions.equalities:
        for some in _cut(asked.values) if asked.entity == name else ():
            yield from _equality(tables, table, asked.attribute, some)
    if name == "access":
        yield from (_access(table, pair) for pair in questions.access)
    if name == "appointment":
        yield from (_bookings(table, *asked) for asked in _asked_bookings(questions.bookings))


def _keyed(shape: tuple[Any, ...], columns: Sequence[sa.Column[Any]], keys: list[Any]) -> Part:
    return Part(shape, lambda part: among(columns, _wanted(part, keys)), {"": keys})


Range = tuple[OwnerField, Sequence[str], datetime, datetime | None]
"""The field of owners of bookings, their ids, and the start and the end of a range."""


def _asked_bookings(asked: Sequence[LiveBookings]) -> Iterator[Range]:
    """Yield the ranges to read. Many questions are read as one for all owners, from the first start to the last end."""
    if len(asked) <= FEW_PARTS:
        yield from ((each.field, [each.id], each.start, each.end) for each in asked)
        return
    for field in sorted({each.field for each in asked}):
        some = [each for each in asked if each.field == field]
        ends = [each.end for each in some if each.end is not None]
        end = max(ends) if len(ends) == len(some) else None
        ids = sorted({each.id for each in some})
        for part in _cut(ids):
            yield field, part, min(each.start for each in some), end


def _cut(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[start : start + MOST_KEYS] for start in range(0, len(values), MOST_KEYS))


def _access(table: MappedTable, pair: tuple[str, str]) -> Part:
    found = [(field, table.bindings[field]) for field in ("profile_id", "customer_id")]
    values = {
        field: binding.wanted(table.table, [id]) for (field, binding), id in zip(found, pair, strict=True)
    }

    def condition(part: str) -> Condition:
        both = (
            binding.condition(table.table, _wanted(part + field, values[field])) for field, binding in found
        )
        return sa.and_(*(each for each in both if each is not None))

    return Part(("access",), condition, values)


def _bookings(
    table: MappedTable, field: OwnerField, ids: Sequence[str], start: datetime, end: datetime | None
) -> Part:
    slot = table.slot
    owner, status = table.bindings[field], table.bindings["status"]
    values: dict[str, Any] = {
        "owner": owner.wanted(table.table, ids),
        "status": status.wanted(table.table, sorted(LIVE)),
    }
    if slot is not None:
        values["start"] = slot.bound(table.table, start, -1)
        if end is not None:
            values["end"] = slot.bound(table.table, end, 1)

    def condition(part: str) -> Condition:
        found = [
            binding.condition(table.table, _wanted(part + name, values[name]))
            for name, binding in (("owner", owner), ("status", status))
        ]
        if slot is not None:
            kind = table.table.c[slot.start.column].type
            bounds = [sa.bindparam(part + name, type_=kind) for name in ("start", "end") if name in values]
            found.append(slot.overlapping(table.table, bounds[0], bounds[1] if bounds[1:] else None))
        return sa.and_(*(each for each in found if each is not None))

    return Part(("bookings", field, end is None), condition, values)


_COLUMN_OF = {"mailbox": "email", "reserved_mailboxes": "emails", "former_logins": "emails"}
"""The field that an attribute of a question is about, if it has another name."""


def _equality(tables: Tables, table: MappedTable, attribute: str, some: Sequence[str]) -> Iterator[Part]:
    """Yield parts for the rows that have one of some values, in a column or in an overlay."""
    field = _COLUMN_OF.get(attribute, attribute)
    binding, rows = table.bindings.get(field), table.rows.get(field)
    in_column, in_rows = tables.prepared(
        (table, "asked", attribute), lambda: _places(table, field, attribute)
    )
    if binding is not None and in_column:
        values = binding.wanted(table.table, some)
        if values or field in ("email", "emails"):
            yield Part(
                ("column", attribute),
                lambda part: _sure(binding.condition(table.table, _wanted(part, values))),
                {"": values},
            )
    if rows is not None and in_rows:
        owner = [rows.table.c[name] for name in rows.owner]
        texts = rows.child_wanted(attribute, some)
        yield Part(
            ("rows", attribute),
            lambda part: _owners(table, owner, rows.child_condition(attribute, _wanted(part, texts))),
            {"": texts},
        )
    if attribute in ("reserved_mailboxes", "former_logins"):
        emails = tables.journal.emails
        column = emails.c.mailbox if attribute == "reserved_mailboxes" else emails.c.login_of
        keys = [emails.c[key_name(name)] for name in table.keys.names]
        mailboxes = list(some)
        yield Part(
            ("emails", attribute),
            lambda part: _owners(table, keys, one_of(column, _wanted(part, mailboxes))),
            {"": mailboxes},
        )
    for place, (name, target, columns) in enumerate(table.side.links if table.side is not None else ()):
        linked = target.keys_of(some) if name == field else []
        if linked:
            yield _linked(("links", place), table, columns, plain_keys(linked))


def _places(table: MappedTable, field: str, attribute: str) -> tuple[bool, bool]:
    """Return whether columns have an attribute, and whether rows of another table have it."""
    binding, rows = table.bindings.get(field), table.rows.get(field)
    wanted: Wanted = sa.bindparam("any", expanding=True)
    in_column = binding is not None and binding.condition(table.table, wanted) is not None
    in_rows = rows is not None and rows.child_condition(attribute, wanted) is not None
    return in_column and attribute != "former_logins", in_rows


def _sure(condition: Condition | None) -> Condition:
    return sa.false() if condition is None else condition


def _linked(
    shape: tuple[Any, ...], table: MappedTable, columns: Sequence[sa.Column[Any]], keys: list[Any]
) -> Part:
    own = list(table.side.table.primary_key) if table.side is not None else []
    return Part(shape, lambda part: _owners(table, own, among(columns, _wanted(part, keys))), {"": keys})


def _owners(table: MappedTable, owner: Sequence[sa.Column[Any]], condition: Condition | None) -> Condition:
    """Return the condition for the rows to which rows of another table belong."""
    chosen = sa.select(*owner)
    return among(table.keys.columns, chosen if condition is None else chosen.where(condition))
