"""Strategies for migrations with working hours and a window, to be looked at as time goes by."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING

import attrs
from hypothesis import assume, event
from hypothesis import strategies as st

from accountmerge.findings.finding import Acceptance
from accountmerge.migrations.plan import MigrationPlan
from accountmerge.migrations.planner import plan_migration
from accountmerge.migrations.rules import MigrationRules
from accountmerge.migrations.timeline import expected_instants
from accountmerge.model.appointments import Appointment
from accountmerge.model.instants import from_microseconds
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.weekly_hours import WEEKDAYS, DailyHours, WeeklyHours
from accountmerge.testing.strategies.migrations import migration_cases
from accountmerge.testing.strategies.times import PIVOT, ZONES

if TYPE_CHECKING:
    from accountmerge.testing.strategies.migrations import MigrationCase

_ALWAYS = WeeklyHours("UTC", days={day: [DailyHours(time(), time())] for day in WEEKDAYS})
_RULES = MigrationRules(minutes_per_booking=1, business_hours=_ALWAYS, notice_hours=1)
"""Rules under which a window may start at any hour, so that it may be drawn."""
_CLOCKS_CHANGE = (
    datetime(2026, 3, 8, 0, tzinfo=UTC),  # a night in New York, in which an hour is skipped
    datetime(2026, 4, 4, 9, tzinfo=UTC),  # one in Sydney and on Lord Howe, in which one is repeated
)


@attrs.frozen
class Journey:
    """A migration that is ready, of a profile with working hours.

    Attributes:
        snapshot: The data that it was planned from.
        plan: The migration.
        within: When to look for free time.
    """

    snapshot: Snapshot
    plan: MigrationPlan
    within: TimeSlot

    def moments(self) -> tuple[datetime, ...]:
        """Return the instants at which anything changes, each just before, at it and just after."""
        blackout = self.plan.blackout
        ends = (blackout.start_us, blackout.end_us) if blackout else ()
        marks = {*expected_instants(self.plan.change_set, blackout), *ends}
        return tuple(from_microseconds(at) for at in sorted({mark + n for mark in marks for n in (-1, 0, 1)}))


@cache
def long_hours() -> st.SearchStrategy[WeeklyHours]:
    """Weekly hours with something on every day: whole days, by day, by night, over midnight and changes of clock."""
    stretches = st.sampled_from(
        (
            DailyHours(time(), time()),
            DailyHours(time(9), time(17)),
            DailyHours(time(20), time(2)),
            DailyHours(time(0, 30), time(6, 30)),
        )
    )
    closed = st.lists(st.dates(date(2026, 3, 1), date(2026, 3, 9)), max_size=2)
    return st.builds(
        lambda zone, stretch, dates: WeeklyHours(
            zone, days={day: [stretch] for day in WEEKDAYS}, closed=dates
        ),
        st.sampled_from(ZONES),
        stretches,
        closed,
    )


@st.composite
def journeys(draw: st.DrawFn) -> Journey:
    """A migration that is ready, with hours and bookings, most of the time a window, and a time to look for what is free."""
    case: MigrationCase = draw(migration_cases(max_appointments=3))
    first = draw(st.sampled_from((PIVOT - timedelta(hours=6), PIVOT, *_CLOCKS_CHANGE)))
    length = timedelta(hours=draw(st.sampled_from((3, 20, 48))), minutes=draw(st.sampled_from((0, 7))))
    within = TimeSlot(first, first + length)
    old = attrs.evolve(case.snapshot.profiles["P0"], hours=draw(long_hours()))
    snapshot = case.snapshot.changed([old, *_bookings(draw, case, within)])
    start = case.at + timedelta(hours=1, minutes=15 * draw(st.integers(0, 100)))
    window = TimeSlot(start, start + timedelta(hours=draw(st.sampled_from((2, 3, 48)))))
    request = attrs.evolve(case.request, window=draw(st.sampled_from((window, window, window, None))))
    blockers = plan_migration(snapshot, request, rules=_RULES, at=case.at).blockers
    accept = [Acceptance(finding=f.id, by="Ann Example", why="agreed") for f in blockers if f.is_acceptable]
    request = attrs.evolve(request, accept=(*request.accept, *accept))
    plan = plan_migration(snapshot, request, rules=_RULES, at=case.at)
    assume(plan.is_ready)
    rebooked = sum(step.kind == "rebook" for step in plan.change_set.steps)
    event(f"rebooked: {min(rebooked, 3)}")
    return Journey(snapshot, plan, within)


def _bookings(draw: st.DrawFn, case: MigrationCase, within: TimeSlot) -> list[Appointment]:
    """Draw bookings of the profile that is left, at or after the instant of the plan and where free time is looked for."""
    customers = tuple(row.id for row in case.snapshot.customers.sorted())
    found = []
    for number in range(draw(st.sampled_from((2, 3, 4)))):
        base = max(case.at, draw(st.sampled_from((case.at, within.start, within.start))))
        start = base + timedelta(minutes=draw(st.sampled_from((0, 45, 90, 150, 26 * 60))))
        slot = TimeSlot(start, start + timedelta(minutes=draw(st.sampled_from((15, 50, 60)))))
        booking = Appointment(
            id=f"J{number}",
            profile_id="P0",
            customer_id=draw(st.sampled_from(customers)),
            slot=slot,
            time_zone="UTC",
            modality="video",
            status=draw(st.sampled_from(("booked", "booked", "held", "cancelled"))),
        )
        found.append(booking)
    return found
