"""Read the steps, the obligations and the moved ids of plans from the added tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import pendulum
import sqlalchemy as sa

from accountmerge.changes.moves import Moved
from accountmerge.changes.receipts import Receipt
from accountmerge.documents.files import loads
from accountmerge.errors import InvalidValueError
from accountmerge.messages import Facts
from accountmerge.model.instants import from_microseconds, parse_rfc3339, rfc3339
from accountmerge.model.value_rules import listed
from accountmerge.model.values import ShownValue, Value, value_class
from accountmerge.sql.mapped_tables import MOST_KEYS
from accountmerge.sql.side_tables import Journal

NONE_MOVED = "[]"
"""The text in the receipt of a step that moves no id."""


@value_class(eq=False, repr=False, kw_only=True)
class OwedRow(ShownValue):
    """An obligation in the outbox.

    Attributes:
        id: Its id, the same in every run.
        plan_id: The id of the plan.
        step: The ordinal of the step that made it due.
        kind: The kind of obligation.
        role: The role of the addressee.
        when: The point of the plan at which it is due.
        facts: The facts of the kind.
        due_at: The instant since which it is due.
        done_at: The instant at which it was marked as done; None if it is owed.
    """

    id: str
    plan_id: str
    step: int
    kind: str
    role: str
    when: str
    facts: Facts
    due_at: pendulum.DateTime
    done_at: pendulum.DateTime | None


@value_class(eq=False, repr=False, kw_only=True)
class MovedRow(ShownValue):
    """A row of the feed of moved ids.

    Attributes:
        number: The number of its step. Later steps have greater numbers, and some numbers have no row.
        plan_id: The id of the plan.
        moved: The entity whose place another one takes.
    """

    number: int
    plan_id: str
    moved: Moved


@value_class(eq=False, repr=False, kw_only=True)
class PlanStatus(Value):
    """The stored state of one plan.

    Attributes:
        plan_id: The id of the plan.
        receipts: The receipts of its steps by their ordinals, each with the instant and the person or program.
        obligations: The obligations that are due since these steps, in the order of the steps.
        moved: The entities whose places others take.
    """

    plan_id: str
    receipts: tuple[Receipt, ...]
    obligations: tuple[OwedRow, ...]
    moved: tuple[MovedRow, ...]

    @property
    def owed(self) -> tuple[OwedRow, ...]:
        """The obligations that are not marked as done."""
        return tuple(row for row in self.obligations if row.done_at is None)

    @property
    def done(self) -> tuple[OwedRow, ...]:
        """The obligations that are marked as done."""
        return tuple(row for row in self.obligations if row.done_at is not None)

    def __repr__(self) -> str:
        counts = f"{len(self.receipts)} steps, {len(self.owed)} owed, {len(self.done)} done"
        return f"PlanStatus({self.plan_id!r}, {counts}, {len(self.moved)} moved)"


def status_of(connection: sa.Connection, journal: Journal, plan_id: str) -> PlanStatus:
    """Read the stored state of a plan."""
    return PlanStatus(
        plan_id=plan_id,
        receipts=receipts_of(connection, journal, (plan_id,)),
        obligations=owed_rows(connection, journal, journal.owed.c.plan_id == plan_id),
        moved=moved_rows(connection, journal, journal.receipts.c.plan_id == plan_id),
    )


def receipts_of(
    connection: sa.Connection, journal: Journal, plan_ids: Iterable[str] | None
) -> tuple[Receipt, ...]:
    """Read the receipts of some plans, or of all, by plan and step."""
    table = journal.receipts
    statement = sa.select(table.c.body).order_by(table.c.plan_id, table.c.ordinal)
    if plan_ids is not None:
        statement = statement.where(table.c.plan_id.in_(list(plan_ids)))
    found: list[Any] = [loads(body) for (body,) in connection.execute(statement)]
    return tuple(found)


def owed_rows(
    connection: sa.Connection, journal: Journal, *conditions: sa.ColumnElement[bool]
) -> tuple[OwedRow, ...]:
    """Read obligations in the order in which they became due."""
    table = journal.owed
    order = (table.c[name] for name in ("due_at", "plan_id", "ordinal", "id"))
    rows = connection.execute(sa.select(table).where(*conditions).order_by(*order))
    return tuple(
        OwedRow(
            id=row.id,
            plan_id=row.plan_id,
            step=row.ordinal,
            kind=row.kind,
            role=row.whom,
            when=row.when_due,
            facts=_facts(row.facts),
            due_at=_instant(row.due_at),
            done_at=None if row.done_at is None else _instant(row.done_at),
        )
        for row in rows
    )


def moved_rows(
    connection: sa.Connection, journal: Journal, *conditions: sa.ColumnElement[bool], most: int | None = None
) -> tuple[MovedRow, ...]:
    """Read rows of the feed by their numbers, at most those of some steps."""
    table = journal.receipts
    statement = sa.select(table.c.number, table.c.body, table.c.moved).order_by(table.c.number)
    statement = statement.where(table.c.moved != NONE_MOVED, *conditions).limit(most)
    return tuple(row for found in connection.execute(statement) for row in _moved(*found))


def _moved(number: int, body: str, moved: str) -> Iterator[MovedRow]:
    """Yield the rows of one step."""
    receipt: Any = loads(body)
    for entity, old_id, new_id, why in json.loads(moved):
        each = Moved(
            entity=entity, old_id=old_id, new_id=new_id, why=why, step=receipt.ordinal, at=receipt.at
        )
        yield MovedRow(number=number, plan_id=receipt.plan_id, moved=each)


def wait_for_feed(connection: sa.Connection, journal: Journal) -> None:
    """Wait for transactions that have written to the feed, so that no lower number appears later.

    On PostgreSQL, a transaction takes its numbers before another one, and may commit after it. SQLite has one writer.
    """
    if connection.dialect.name == "postgresql":
        name = connection.dialect.identifier_preparer.format_table(journal.receipts)
        connection.exec_driver_sql(f"LOCK TABLE {name} IN SHARE MODE")


def mark_done(
    connection: sa.Connection, journal: Journal, ids: Iterable[str], now: datetime
) -> tuple[str, ...]:
    """Mark obligations as done; return the ids of those that were owed."""
    table = journal.owed
    marked: list[str] = []
    for part in _parts(_texts(ids)):
        owed = sa.select(table.c.id).where(table.c.id.in_(part), table.c.done_at.is_(None))
        found = sorted(id for (id,) in connection.execute(owed.order_by(table.c.id).with_for_update()))
        if found:
            statement = sa.update(table).where(table.c.id.in_(found), table.c.done_at.is_(None))
            connection.execute(statement.values(done_at=rfc3339(now)))
            marked += found
    return tuple(marked)


def _texts(ids: Iterable[str]) -> list[str]:
    try:
        return sorted(set(listed(ids)))
    except InvalidValueError as error:
        raise error.at("Store", "ids") from None


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + MOST_KEYS] for start in range(0, len(ids), MOST_KEYS))


def _facts(text: str) -> Facts:
    plain: dict[str, Any] = json.loads(text)
    return Facts.of({name: tuple(fact) if isinstance(fact, list) else fact for name, fact in plain.items()})


def _instant(text: str) -> pendulum.DateTime:
    return from_microseconds(parse_rfc3339(text))
