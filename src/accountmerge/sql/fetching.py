"""Answer questions with the rows of mapped tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import attrs
import sqlalchemy as sa

from accountmerge.changes.questions import Equality, LiveBookings, Questions
from accountmerge.errors import Fault, LoadError
from accountmerge.model.appointments import LIVE
from accountmerge.model.entities import Entity, EntityName
from accountmerge.sql.keys import has_keys
from accountmerge.sql.mapped_tables import MOST_KEYS, MappedTable, Troubles
from accountmerge.sql.mapping import Tables
from accountmerge.sql.side_tables import key_name

Condition = sa.ColumnElement[bool]
MOST_CONDITIONS = 100
"""The most conditions in one statement; SQLite allows expressions up to a depth of 1,000."""


@attrs.frozen(eq=False)
class Reader:
    """The reader of one connection.

    Attributes:
        connection: The connection.
        tables: The mapped tables.
        locks: Whether rows that are read are locked until the end of the transaction.
        locked: The entities that were locked before any row was read, by kind.
        sided: The ids of entities that have a row in a side table, as far as they were read.
    """

    connection: sa.Connection
    tables: Tables
    locks: bool = False
    locked: dict[EntityName, dict[str, Entity]] = attrs.field(factory=dict)
    sided: set[str] = attrs.field(factory=set)

    def fetch(self, questions: Questions) -> list[Entity]:
        """Return the rows that answer questions, and a few more.

        Raises:
            LoadError: Rows have values without a meaning. The faults name tables and columns, and count rows.
        """
        troubles: Troubles = Counter()
        found = [row for table in self.tables.mapped for row in self._answers(table, questions, troubles)]
        refuse(troubles)
        return found

    def lock(self, entity: EntityName, ids: Sequence[str]) -> None:
        """Lock rows in the order of their keys, and keep their entities for the questions to come.

        Raises:
            LoadError: As in `fetch`.
        """
        troubles: Troubles = Counter()
        for table in self.tables.of_kind(entity) if ids else ():
            keys = table.keys.keys_of(ids)
            statement = self._locking(table, table.selected().where(table.by_keys(keys)))
            rows = list(table.entities(self.connection, statement, troubles, self.sided))
            self.locked[entity] = {row.id: row for row in rows}
        refuse(troubles)

    @staticmethod
    def _locking(table: MappedTable, statement: sa.Select[Any]) -> sa.Select[Any]:
        return statement.order_by(*table.keys.columns).with_for_update(of=table.table)

    def _answers(self, table: MappedTable, questions: Questions, troubles: Troubles) -> Iterator[Entity]:
        name = table.kind.name
        asked = {id for entity, ids in questions.ids if entity == name for id in ids}
        if asked and asked <= self.locked.get(name, {}).keys():
            yield from (self.locked[name][id] for id in sorted(asked))
            questions = attrs.evolve(
                questions, ids=tuple((entity, ids) for entity, ids in questions.ids if entity != name)
            )
        seen: set[str] = set()
        for condition in _joined(conditions(self.tables, table, questions)):
            statement = table.selected().where(condition)
            if self.locks:
                statement = self._locking(table, statement)
            for row in table.entities(self.connection, statement, troubles, self.sided):
                if row.id not in seen:
                    seen.add(row.id)
                    yield row


def refuse(troubles: Troubles) -> None:
    """Raise an error if rows had faults."""
    if troubles:
        raise LoadError(
            [
                Fault("sql_rows", f"{table}.{column}", reason=code, count=count)
                for (code, table, column), count in sorted(troubles.items())
            ]
        )


def _joined(found: Iterable[Condition]) -> Iterator[Condition]:
    """Yield conditions, several as one."""
    each = list(found)
    for start in range(0, len(each), MOST_CONDITIONS):
        yield sa.or_(*each[start : start + MOST_CONDITIONS])


def conditions(tables: Tables, table: MappedTable, questions: Questions) -> Iterator[Condition]:
    """Yield conditions that together hold for every row of a table that answers questions."""
    name = table.kind.name
    for entity, ids in questions.ids:
        if entity == name:
            yield from (table.by_keys(keys) for keys in _parts(table.keys.keys_of(ids)))
    for asked in questions.equalities:
        if asked.entity == name:
            for values in _parts(asked.values):
                yield from _equality(tables, table, attrs.evolve(asked, values=tuple(values)))
    if name == "access" and questions.access:
        profiles, customers = table.bindings["profile_id"], table.bindings["customer_id"]
        for profile_id, customer_id in questions.access:
            pair = (
                profiles.condition(table.table, [profile_id]),
                customers.condition(table.table, [customer_id]),
            )
            yield sa.and_(*(part for part in pair if part is not None))
    if name == "appointment":
        yield from (_bookings(table, asked) for asked in questions.bookings)


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (values[start : start + MOST_KEYS] for start in range(0, len(values), MOST_KEYS))


def _bookings(table: MappedTable, asked: LiveBookings) -> Condition:
    owner = table.bindings[asked.field].condition(table.table, [asked.id])
    status = table.bindings["status"].condition(table.table, sorted(LIVE))
    when = table.slot.overlapping(table.table, asked.start, asked.end) if table.slot is not None else None
    return sa.and_(*(part for part in (owner, status, when) if part is not None))


_COLUMN_OF = {"mailbox": "email", "reserved_mailboxes": "emails"}
"""The field that an attribute of a question is about, if it has another name."""


def _equality(tables: Tables, table: MappedTable, asked: Equality) -> Iterator[Condition]:
    """Yield conditions for the rows that have one of some values, in a column or in an overlay."""
    field = (
        "emails" if asked.attribute == "former_logins" else _COLUMN_OF.get(asked.attribute, asked.attribute)
    )
    binding = table.bindings.get(field)
    if binding is not None and asked.attribute != "former_logins":
        condition = binding.condition(table.table, asked.values)
        if condition is not None:
            yield condition
    rows = table.rows.get(field)
    if rows is not None:
        condition = rows.child_condition(asked.attribute, asked.values)
        if condition is not None:
            yield from _owners(table, [rows.table.c[name] for name in rows.owner], condition)
    if asked.attribute in ("reserved_mailboxes", "former_logins"):
        yield from _from_overlays(tables, table, asked)
    if table.side is not None:
        own = list(table.side.table.primary_key)
        for name, target, columns in table.side.links:
            keys = target.keys_of(asked.values) if name == field else []
            if keys:
                yield from _owners(table, own, has_keys(list(columns), keys))


def _owners(table: MappedTable, owner: Sequence[sa.Column[Any]], condition: Condition) -> Iterator[Condition]:
    """Yield the condition for the rows to which rows of another table belong."""
    keys = table.keys.columns
    chosen = sa.select(*owner).where(condition)
    yield keys[0].in_(chosen) if len(keys) == 1 else sa.tuple_(*keys).in_(chosen)


def _from_overlays(tables: Tables, table: MappedTable, asked: Equality) -> Iterator[Condition]:
    """Yield a condition for the customers whose overlays have an address."""
    emails = tables.journal.emails
    column = emails.c.mailbox if asked.attribute == "reserved_mailboxes" else emails.c.login_of
    own = [emails.c[key_name(name)] for name in table.keys.names]
    yield from _owners(table, own, column.in_(asked.values))
