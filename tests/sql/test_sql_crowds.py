"""Many connections book, cancel and apply at the same time, and nothing is written over what another one wrote."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest
import sqlalchemy as sa
import their_program as theirs
from crossing_programs import at_once
from foreign_practice import FIRST_DAY, ZONE
from foreign_schema import booking, calendar, client
from mapped_schemas import booking_service, created
from moved_practice import AT, RULES, in_planned_ids, migration_of, orphans, overlapping, practice, store_of
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

import accountmerge as am
from accountmerge import sql
from accountmerge.changes.appliers import Applied
from accountmerge.changes.commands import Conflict
from accountmerge.sql.dialects import trouble_of

pytestmark = pytest.mark.unmeasured

SECONDS, PATIENCE = 4.0, 30.0
DONE = ("booked", "cancelled", "steps")
PEOPLE, CLIENTS, HOURS = 6, 10, 24
_LIVE = booking.c.status.in_((0, theirs.BOOKED))


@attrs.define
class Crowd:
    """What all threads share: the database, the time at which they stop, and what they did."""

    engine: Engine
    mapping: sql.Mapping
    ends: float
    did: Counter[str] = attrs.field(factory=Counter)
    cancelled: set[int] = attrs.field(factory=set)
    booked: set[int] = attrs.field(factory=set)
    next_to_move: int = 0
    unexpected: list[BaseException] = attrs.field(factory=list)

    def runs(self) -> bool:
        """Return whether the time is not over; on a machine with much to do, it is over when all have done something."""
        now = time.monotonic()
        return now < self.ends or (now < self.ends + PATIENCE and not all(self.did[word] for word in DONE))

    def work(self, do: Callable[[random.Random], object], seed: int) -> None:
        """Do something again and again; errors that nobody expects are kept."""
        chance = random.Random(seed)  # noqa: S311 - a test
        try:
            while self.runs():
                try:
                    do(chance)
                except DBAPIError as error:  # of the program; ours raise other errors
                    if trouble_of(error) != "conflict":
                        raise
                    self.did["tried again"] += 1
        except BaseException as error:  # noqa: BLE001 - the test raises it
            self.unexpected.append(error)

    def book(self, chance: random.Random) -> None:
        """Book an hour of a person and a client, if it is free.

        The program locks both first, so that it does not cross itself. It looks when it has written: from then on no
        step of ours is between its look and its commit.
        """
        person, customer = f"H{chance.randint(1, PEOPLE)}", chance.randint(1, CLIENTS)
        starts = FIRST_DAY + timedelta(hours=chance.randrange(HOURS))
        own = sa.select(calendar.c.id, calendar.c.state).where(calendar.c.person == person)
        with at_once(self.engine) as connection:
            connection.execute(sa.select(client).where(client.c.id == customer).with_for_update()).all()
            connection.execute(own.order_by(calendar.c.id).with_for_update()).all()
            is_open = [row.id for row in connection.execute(own) if row.state == 1]
            if not is_open:
                return
            made = theirs.book(connection, is_open[0], customer, starts, minutes=60, zone=ZONE)
            others = sa.select(booking.c.id).where(
                _LIVE,
                booking.c.id != made,
                booking.c.starts == starts,
                sa.or_(
                    booking.c.calendar_id.in_([row.id for row in connection.execute(own)]),
                    booking.c.client_id == customer,
                ),
            )
            still = sa.select(calendar.c.state).where(calendar.c.id == is_open[0])
            if connection.execute(others).first() or connection.execute(still).scalar_one() != 1:
                connection.rollback()
                return
        self.booked.add(made)
        self.did["booked"] += 1

    def cancel(self, chance: random.Random) -> None:
        """Cancel a live booking without any lock, every other time one that a step is moving at this moment."""
        wanted = 0
        if chance.random() < 1 / 2:
            self.next_to_move = 0
            while self.runs() and not wanted:
                time.sleep(0.001)
                wanted = self.next_to_move
            time.sleep(chance.uniform(0, 0.02))
        with at_once(self.engine) as connection:
            live = connection.execute(sa.select(booking.c.id).where(_LIVE)).scalars().all()
            key = wanted or chance.choice(live)
            change = sa.update(booking).where(booking.c.id == key, _LIVE).values(status=theirs.CANCELLED)
            is_done = connection.execute(change).rowcount == 1
        if is_done:
            self.cancelled.add(key)
            self.did["cancelled"] += 1

    def migrate(self, chance: random.Random) -> None:
        """Move a person to a new calendar, and go on from where others have stopped it."""
        store = store_of(self.engine, self.mapping, locks="tables")
        person = f"H{chance.randint(1, PEOPLE)}"
        snapshot = store.snapshot(practitioners=[person])
        plan = am.plan_migration(snapshot, request_for(snapshot, person), rules=RULES, at=AT)
        if not plan.is_ready:
            self.did.update(f"blocked by {finding.code}" for finding in plan.blockers)
            return

        def reach(point: str) -> None:
            """Say which booking moves next, and leave time for others between what is read and what is written."""
            word, _, rest = point.partition(" ")
            if word == "before":
                edits = plan.change_set.steps[int(rest) - 1].edits
                moved = [
                    edit.id for edit in edits if edit.entity == "appointment" and edit.before is not None
                ]
                self.next_to_move = int(moved[0].removeprefix("booking-")) if moved else 0
            elif word == "inside":
                time.sleep(0.01)

        try:
            applied = store.apply(plan, by="one of the crowd", on_point=reach)
        except (Conflict, am.ApplyRefused) as error:
            self.did[error.code] += 1
            return
        self.did["steps"] += len(applied.receipts)
        self.did["drifted"] += bool(applied.failures)
        assert {failure.code for failure in applied.failures} <= EXPECTED_FAILURES


EXPECTED_FAILURES = {
    "drifted",
    "slot_taken",
    "customer_busy",
    "other_future_booking",
    "other_schedule_active",
    "access_lost",
    "image_gap",
}
"""The failures of steps whose rows others have changed."""


def request_for(snapshot: am.Snapshot, person: str) -> am.MigrationRequest:
    """Return a request to move the open profile of a person to the next address."""
    mine = [row for row in snapshot.profiles if row.practitioner_id == person]
    left = [row for row in mine if row.schedule == "active" and row.succeeded_by is None]
    unfinished = [row for row in mine if row.schedule == "pending"]
    old = (
        left[0]
        if left
        else max(mine, key=lambda row: int(row.id.split("-")[1]) if row.succeeded_by is None else 0)
    )
    address = unfinished[0].email if unfinished else f"{person.lower()}v{len(mine)}@example.com"
    return am.MigrationRequest(
        profile_id=old.id,
        new_email=address,
        reason="security",
        ticket="T-1",
        agreement=am.Agreement(by="A Person", at=AT, version="1"),
    )


def fill(connection: sa.Connection) -> None:
    """Write people with a calendar each, clients, and bookings that do not overlap."""
    for person in range(1, PEOPLE + 1):
        theirs.new_calendar(connection, f"H{person}", f"h{person}@example.com")
    for number in range(1, CLIENTS + 1):
        theirs.new_client(connection, f"N{number}", email1=f"c{number}@example.com")
    for hour in range(4):
        for person in range(1, PEOPLE + 1):
            starts = FIRST_DAY + timedelta(hours=hour)
            theirs.book(connection, person, (person + hour) % CLIENTS + 1, starts, minutes=60, zone=ZONE)


def find_deadlocks_soon(engine: Engine) -> None:
    """Let PostgreSQL look for a deadlock after a part of the second that it waits by default."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            setting = f"ALTER DATABASE {engine.url.database} SET deadlock_timeout = '50ms'"
            connection.exec_driver_sql(setting)


@pytest.mark.parametrize("seconds", [SECONDS, pytest.param(60.0, marks=pytest.mark.long)])
def test_eight_connections_to_postgresql_overwrite_nothing(postgres_engine: Engine, seconds: float) -> None:
    find_deadlocks_soon(postgres_engine)
    crowd = ran(postgres_engine, seconds, bookers=3, cancellers=2, appliers=3)
    assert_nothing_is_overwritten(crowd)


def test_three_connections_to_sqlite_overwrite_nothing(sqlite_engine: Engine) -> None:
    assert_nothing_is_overwritten(ran(sqlite_engine, SECONDS, bookers=1, cancellers=1, appliers=1))


def ran(engine: Engine, seconds: float, *, bookers: int, cancellers: int, appliers: int) -> Crowd:
    """Let a crowd work for some seconds."""
    mapping = booking_service()
    created(engine, mapping)
    with theirs.at_work(engine) as connection:
        fill(connection)
    crowd = Crowd(engine, mapping, time.monotonic() + seconds)
    counts = ((crowd.book, bookers), (crowd.cancel, cancellers), (crowd.migrate, appliers))
    tasks = [do for do, count in counts for _ in range(count)]
    threads = [threading.Thread(target=crowd.work, args=(do, seed)) for seed, do in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 3 * PATIENCE)
        assert not thread.is_alive()
    return crowd


def assert_nothing_is_overwritten(crowd: Crowd) -> None:
    if crowd.unexpected:
        raise crowd.unexpected[0]
    assert all(crowd.did[word] for word in DONE), crowd.did
    assert overlapping(crowd.engine) == []
    assert orphans(crowd.engine, crowd.mapping) == {}
    store = store_of(crowd.engine, crowd.mapping)
    data = store.snapshot()
    assert am.find_faults(data) == ()
    for key in crowd.cancelled:
        row = data.appointments[f"booking-{key}"]
        assert row.status == "cancelled"
        assert row.replaced_by is None  # no step has moved it, not even before
    for key in crowd.booked - crowd.cancelled:
        row = data.appointments[f"booking-{key}"]
        while row.replaced_by is not None:
            replacement = data.appointments[row.replaced_by]
            assert (replacement.slot, replacement.customer_id) == (row.slot, row.customer_id)
            row = replacement
        assert row.status == "booked" or int(row.id.split("-")[1]) in crowd.cancelled
    receipts = Counter(receipt.step_id for receipt in store.receipts())
    assert set(receipts.values()) == {1}
    assert receipts.total() >= crowd.did["steps"]


def test_runs_of_one_change_set_at_the_same_time_carry_out_each_step_once(engine: Engine) -> None:
    find_deadlocks_soon(engine)
    mapping = practice(engine, clients=4, bookings=12)
    stores = [store_of(engine, mapping, locks=locks) for locks in ("rows", "rows", "tables")]
    before = stores[0].snapshot()
    change_set = migration_of(stores[0]).change_set
    results: list[Applied] = []
    errors: list[BaseException] = []
    ready = threading.Barrier(len(stores))

    def run(store: sql.Store) -> None:
        has_met: list[str] = []

        def meet(point: str) -> None:
            if point == "before 1" and not has_met:
                has_met.append(point)
                ready.wait(PATIENCE)

        try:
            results.append(store.apply(change_set, by="one of three", on_point=meet))
        except BaseException as error:  # noqa: BLE001 - the test raises it
            errors.append(error)

    threads = [threading.Thread(target=run, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(3 * PATIENCE)
    if errors:
        raise errors[0]
    steps = range(1, len(change_set.steps) + 1)
    done = Counter(n for found in results for n, outcome in found.steps if outcome == "applied")
    assert done == Counter(steps)
    assert Counter(receipt.ordinal for receipt in stores[0].receipts()) == Counter(steps)
    assert in_planned_ids(stores[0], change_set) == am.apply(before, change_set)
