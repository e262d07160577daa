"""Strategies for windows: those that a request may name, and searches for one among a practitioner's bookings."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING

import attrs
from hypothesis import event
from hypothesis import strategies as st

from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.weekly_hours import WEEKDAYS, DailyHours, WeeklyHours
from accountmerge.planning.windows import propose_windows
from accountmerge.rules.migration_rules import MigrationRules
from accountmerge.testing.strategies.times import CHANGES, PIVOT, ZONES, instants, weekly_hours

if TYPE_CHECKING:
    from accountmerge.planning.windows import WindowProposal

_HOUR = timedelta(hours=1)
_DAY = 24 * _HOUR
_WAITS = (0 * _HOUR, _HOUR / 2, 9 * _HOUR, 34 * _HOUR, 130 * _HOUR)
_LENGTHS = (3 * _HOUR, 2 * _HOUR, 26 * _HOUR, 48 * _HOUR, 3 * _HOUR, _HOUR, 49 * _HOUR)


def windows(at: datetime = PIVOT) -> st.SearchStrategy[TimeSlot]:
    """Windows for an instant, some of them over a change of clock; some are begun or over, too short or too long."""
    later = [at + wait for wait in _WAITS]
    changes = [change - _HOUR for change in CHANGES if change > at]
    begun = [at - _HOUR, at - 3 * _DAY]
    starts = st.sampled_from([*later, *later, *changes, *begun])
    return st.builds(lambda start, length: TimeSlot(start, start + length), starts, st.sampled_from(_LENGTHS))


@attrs.frozen
class WindowCase:
    """All that windows are proposed from."""

    snapshot: Snapshot
    rules: MigrationRules
    earliest: datetime | None
    count: int
    busy: tuple[TimeSlot, ...]
    profile_id: str = "P0"

    def propose(self, snapshot: Snapshot | None = None) -> tuple[WindowProposal, ...]:
        """Propose windows, on another snapshot if one is given."""
        return propose_windows(
            snapshot or self.snapshot,
            self.profile_id,
            rules=self.rules,
            earliest=self.earliest,
            count=self.count,
            busy=self.busy,
        )


@cache
def support_hours() -> st.SearchStrategy[WeeklyHours]:
    """When a support team works: in the day, at night over the hours that clocks skip or repeat, over midnight."""
    stretches = st.sampled_from(
        [
            DailyHours(time(9), time(17)),
            DailyHours(time(0, 30), time(6, 30)),
            DailyHours(time(20), time(2)),
            DailyHours(time(8, 15), time(8, 15)),
        ]
    )
    days = st.sampled_from((WEEKDAYS[:5], WEEKDAYS, WEEKDAYS[5:]))
    closed = st.lists(st.dates(date(2025, 10, 1), date(2026, 4, 30)), max_size=3)
    return st.builds(
        lambda zone, days, stretch, dates: WeeklyHours(
            zone, days=[(day, [stretch]) for day in days], closed=dates
        ),
        st.sampled_from(ZONES),
        days,
        stretches,
        closed,
    )


@st.composite
def window_cases(draw: st.DrawFn) -> WindowCase:
    """A search for windows, often in the days before a change of clock; bookings and busy times lie in its way."""
    taken_at = draw(st.one_of(st.sampled_from(CHANGES).map(lambda change: change - 2 * _DAY), instants()))
    near = st.integers(0, 4 * 24 * 2).map(lambda halves: taken_at + halves * _HOUR / 2)
    far = st.integers(0, 40 * 24).map(lambda hours: taken_at + hours * _HOUR)
    lengths = st.sampled_from((_HOUR, _HOUR, 8 * _HOUR, 30 * _HOUR, timedelta(microseconds=1), 10 * _DAY))
    slots = st.builds(
        lambda start, length: TimeSlot(start, start + length), st.one_of(near, near, far), lengths
    )
    rows = [_booking(draw, f"A{number}", draw(slots)) for number in range(draw(st.integers(0, 12)))]
    snapshot = Snapshot(
        taken_at,
        profiles=[_profile(draw, f"P{number}") for number in range(3)],
        customers=[Customer(id="C0", record_number="1", emails=(), status="active")],
        appointments=draw(st.permutations(rows)),
    )
    rules = MigrationRules(
        minutes_per_booking=draw(st.sampled_from((5, 60, 1, 240, 480))),
        business_hours=draw(st.one_of(st.none(), support_hours(), support_hours(), weekly_hours())),
        notice_hours=draw(st.sampled_from((1, 24, 72))),
    )
    case = WindowCase(
        snapshot=snapshot,
        rules=rules,
        earliest=draw(st.one_of(st.none(), near)),
        count=draw(st.sampled_from((5, 1, 2, 100))),
        busy=tuple(draw(st.lists(slots, max_size=4))),
    )
    event(f"windows: {min(len(case.propose()), 6)}")
    return case


def _profile(draw: st.DrawFn, id: str) -> Profile:
    """Return a profile; the first two are of one practitioner, the third is somebody else's."""
    return Profile(
        id=id,
        practitioner_id="H1" if id == "P2" else "H0",
        email=f"{id}@example.com",
        login="enabled",
        schedule="active" if id == "P0" else "inactive",
        hours=draw(st.one_of(st.none(), weekly_hours())),
    )


def _booking(draw: st.DrawFn, id: str, slot: TimeSlot) -> Appointment:
    return Appointment(
        id=id,
        profile_id=draw(st.sampled_from(("P0", "P0", "P1", "P2"))),
        customer_id="C0",
        slot=slot,
        time_zone="UTC",
        modality="phone",
        status=draw(st.sampled_from(("booked", "held", "booked", "cancelled"))),
    )
