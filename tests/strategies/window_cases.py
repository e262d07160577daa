"""Strategies for searches for a window among a practitioner's bookings."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import attrs
from hypothesis import event
from hypothesis import strategies as st

from accountmerge.migrations.rules import MigrationRules
from accountmerge.migrations.windows import propose_windows
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.instants import microseconds
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.wall_times import utc_offset
from accountmerge.model.weekly_hours import WeeklyHours
from accountmerge.testing.strategies.scalars import few
from accountmerge.testing.strategies.shown_cases import ShownCase
from accountmerge.testing.strategies.times import CHANGES, ZONES, instants, weekly_hours

if TYPE_CHECKING:
    from accountmerge.migrations.windows import WindowProposal
    from accountmerge.model.appointments import AppointmentStatus

from accountmerge.testing.strategies.migrations import ROUND_THE_CLOCK, support_hours

_HOUR = timedelta(hours=1)
_DAY = 24 * _HOUR


@attrs.frozen
class WindowCase(ShownCase):
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


@st.composite
def window_cases(draw: st.DrawFn) -> WindowCase:
    """A search for windows, every other one over a change of clock; bookings and busy times lie in its way."""
    zone, taken_at = draw(_zones_and_instants())
    event(f"a change of clock ahead: {zone is not None}")
    zones = (zone, "UTC") if zone else ZONES
    snapshot = _practice(draw, taken_at, zone)
    minutes = draw(few((5, 60, 60, 240, 480)))
    rules = MigrationRules(
        minutes_per_booking=minutes,
        business_hours=draw(_business_hours(zones)),
        notice_hours=draw(few((1, 24, 72))),
    )
    wait = draw(_WAITS_OR_NONE)
    earliest = None if wait is None else taken_at + wait
    case = WindowCase(snapshot, rules, earliest, draw(few((5, 1, 2, 100))), ())
    windows = [proposal.window for proposal in case.propose()]
    event(f"windows: {min(len(windows), 6)}")
    return attrs.evolve(case, busy=_busy(draw, windows))


@cache
def _zones_and_instants() -> st.SearchStrategy[tuple[str | None, datetime]]:
    return st.one_of(_before_changes(), st.tuples(st.none(), instants()))


@cache
def _business_hours(zones: tuple[str, ...]) -> st.SearchStrategy[WeeklyHours | None]:
    return st.one_of(support_hours(zones), st.none(), st.just(ROUND_THE_CLOCK), weekly_hours())


def _before_changes() -> st.SearchStrategy[tuple[str, datetime]]:
    """A zone whose clocks change soon, and an instant before that."""
    zones = ("Australia/Sydney", "America/New_York", "Australia/Lord_Howe")
    changes = [
        (zone, change)
        for zone in zones
        for change in CHANGES
        if utc_offset(microseconds(change) - 1, zone) != utc_offset(microseconds(change), zone)
    ]
    return st.builds(
        lambda pair, wait: (pair[0], pair[1] - wait),
        st.sampled_from(changes),
        st.sampled_from((30 * _HOUR, 3 * _DAY)),
    )


def _halves(days: int) -> st.SearchStrategy[timedelta]:
    return st.integers(0, days * 48).map(lambda halves: halves * _HOUR / 2)


_WAITS = st.one_of(_halves(4), _halves(4), _halves(40))
_WAITS_OR_NONE = st.one_of(st.none(), _halves(4))
_LENGTHS = (_HOUR, _HOUR, 8 * _HOUR, 30 * _HOUR, timedelta(microseconds=1), 10 * _DAY)


def _slot(draw: st.DrawFn, taken_at: datetime) -> TimeSlot:
    start = taken_at + draw(_WAITS)
    return TimeSlot(start, start + draw(few(_LENGTHS)))


def _busy(draw: st.DrawFn, windows: list[TimeSlot]) -> tuple[TimeSlot, ...]:
    """Return times of which each is in the way of a window that was best before."""
    if not windows:
        return ()
    slots = st.builds(
        lambda window, shift, length: TimeSlot(window.start + shift, window.start + shift + length),
        st.sampled_from(windows),
        st.sampled_from((_HOUR, -_HOUR, 0 * _HOUR)),
        st.sampled_from((_HOUR / 2, 3 * _HOUR, _DAY)),
    )
    return tuple(draw(st.lists(slots, max_size=4)))


def _practice(draw: st.DrawFn, taken_at: datetime, zone: str | None) -> Snapshot:
    rows = [_booking(draw, f"A{number}", _slot(draw, taken_at)) for number in range(draw(st.integers(0, 8)))]
    rows += _daily(draw, taken_at)
    return Snapshot(
        taken_at,
        profiles=[_profile(draw, f"P{number}", zone) for number in range(3)],
        customers=[Customer(id="C0", record_number="1", emails=(), status="active")],
        appointments=draw(st.permutations(rows)),
    )


def _daily(draw: st.DrawFn, taken_at: datetime) -> list[Appointment]:
    """Return bookings day after day, so that little time or none is left that disturbs nobody."""
    hours = draw(few((0, 0, 3, 20, 30)))
    if not hours:
        return []
    event("a booking every day")
    first = taken_at + draw(st.integers(0, 23)) * _HOUR
    profile_ids = draw(few((("P1",), ("P0",), ("P0", "P1"))))
    starts = [first + day * _DAY for day in range(34)]
    return [
        _booked(f"D{profile_id}-{day}", profile_id, TimeSlot(start, start + hours * _HOUR))
        for profile_id in profile_ids
        for day, start in enumerate(starts)
    ]


_HOURS_OR_NONE = st.one_of(st.none(), weekly_hours())


def _profile(draw: st.DrawFn, id: str, zone: str | None) -> Profile:
    """Return a profile; the first two are of one practitioner, the third is somebody else's."""
    return Profile(
        id=id,
        practitioner_id="H1" if id == "P2" else "H0",
        email=f"{id}@example.com",
        login="enabled",
        schedule="active" if id == "P0" else "inactive",
        hours=draw(_HOURS_OR_NONE) if zone is None else WeeklyHours(zone),
    )


def _booking(draw: st.DrawFn, id: str, slot: TimeSlot) -> Appointment:
    status: AppointmentStatus = draw(few(("booked", "held", "booked", "cancelled")))
    return attrs.evolve(_booked(id, draw(few(("P0", "P0", "P1", "P2"))), slot), status=status)


def _booked(id: str, profile_id: str, slot: TimeSlot) -> Appointment:
    return Appointment(
        id=id,
        profile_id=profile_id,
        customer_id="C0",
        slot=slot,
        time_zone="UTC",
        modality="phone",
        status="booked",
    )
