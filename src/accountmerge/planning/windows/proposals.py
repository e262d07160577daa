"""`propose_windows`: when a blackout disturbs least, among all times at which it may start.

Source: design section 3.1, rule 4, and section 10 (window proposals avoid bookings).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

import attrs

from accountmerge.errors import InvalidValueError
from accountmerge.messages import Fact, sentence
from accountmerge.model.instants import LAST_MICROSECOND, MICROSECONDS_PER_DAY, microseconds, utc
from accountmerge.model.time_slots import TimeSlot, united
from accountmerge.model.wall_time import utc_offset
from accountmerge.model.working_time import WorkingTime
from accountmerge.planning.windows.estimates import (
    LONGEST,
    MINUTE,
    BlackoutEstimate,
    blackout_end,
    estimated,
)
from accountmerge.rules.migration_rules import MigrationRules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from accountmerge.model.appointments import Appointment
    from accountmerge.model.profiles import Profile
    from accountmerge.model.snapshots import Snapshot

HORIZON_DAYS = 28
"""How many days of possible starts are looked at: four weeks from the first that the notice allows."""
GRID = 30 * MINUTE
"""Microseconds between two starts that are looked at; they lie on the half hours of the clock."""


@attrs.frozen(repr=False, kw_only=True)
class WindowProposal:
    """A time in which availability may be off.

    Attributes:
        window: When.
        estimate: How its length came about.
        disturbs: The ids of the practitioner's live bookings, over all profiles, that overlap it, soonest first.
    """

    window: TimeSlot
    estimate: BlackoutEstimate
    disturbs: tuple[str, ...]

    def describe(self, language: str = "en") -> str:
        """Return how its length came about and what it disturbs, a sentence a line."""
        facts: dict[str, Fact] = {"count": len(self.disturbs), "ids": self.disturbs}
        key = "window.disturbs" if self.disturbs else "window.disturbs_nothing"
        return f"{self.estimate.describe(language)}\n{sentence(key, facts, language)}"

    def __repr__(self) -> str:
        return f"WindowProposal({self.window!r}, disturbs {len(self.disturbs)} bookings)"


_DEFAULT_RULES = MigrationRules()


def propose_windows(
    snapshot: Snapshot,
    profile_id: str,
    *,
    rules: MigrationRules = _DEFAULT_RULES,
    earliest: datetime | None = None,
    count: int = 5,
    busy: Iterable[TimeSlot] = (),
) -> tuple[WindowProposal, ...]:
    """Propose when to rebook a profile's future bookings, the best time first.

    A window starts in business hours, on a half hour of their clock, when the notice is over and no more than
    `HORIZON_DAYS` later. It lasts as long as `estimate_blackout` says for what is future at its start. None
    spans a change of clock, in the zone of the business hours or in the profile's own, none overlaps a busy
    slot, and no two overlap each other: they are alternatives.

    Args:
        snapshot: The present data, whole for the practitioner.
        profile_id: The profile that is left.
        rules: How long a booking takes, when the support team works, and how long the notice is.
        earliest: From when on people can be told, if that is later than the data were read: the notice counts
            from then. Any aware datetime.
        count: How many windows to propose at the most.
        busy: Times in which the support team has no capacity.

    Returns:
        The windows that disturb the fewest bookings first; of those the shortest; of those the soonest. None if the
        profile is unknown, or no window is long enough: `estimate_blackout` says why.

    Raises:
        InvalidValueError: `earliest` is naive or no time, or `count` is no whole number above zero.

    Takes O(n log n) for n appointments of the practitioner, once the snapshot is indexed, and O(log n) for
    each start that is looked at.
    """
    if type(count) is not int or count <= 0:
        raise InvalidValueError("wrong_type", field="count", wanted="positive_whole_number")
    told_us = microseconds(snapshot.taken_at)
    if earliest is not None:
        told_us = max(told_us, microseconds(utc(earliest)))
    profile = snapshot.profiles.get(profile_id)
    first_us = told_us + rules.notice_hours * 60 * MINUTE
    if profile is None or first_us >= LAST_MICROSECOND:
        return ()
    search = _Search(snapshot, profile, rules, first_us, busy)
    chosen: list[TimeSlot] = []
    for candidate in sorted(search.candidates()):
        if len(chosen) == count:
            break
        slot = candidate.slot
        if not any(map(slot.overlaps, chosen)) and not search.spans_change(slot):
            chosen.append(slot)
    return tuple(map(search.proposal, chosen))


class _Candidate(NamedTuple):
    """A window that may be proposed; the best one is the least."""

    disturbed: int
    length_us: int
    start_us: int

    @property
    def slot(self) -> TimeSlot:
        return TimeSlot.from_microseconds(self.start_us, self.start_us + self.length_us)


class _Search:
    """What a search for windows knows: when work goes on, and what it would disturb."""

    def __init__(
        self,
        snapshot: Snapshot,
        profile: Profile,
        rules: MigrationRules,
        first_us: int,
        busy: Iterable[TimeSlot],
    ) -> None:
        self._profile, self._rules = profile, rules
        self._hours = rules.business_hours_for(profile)
        zone = profile.hours.zone if profile.hours is not None else self._hours.zone
        self._zones = {self._hours.zone, zone}
        self._last_us = min(first_us + HORIZON_DAYS * MICROSECONDS_PER_DAY, LAST_MICROSECOND)
        reach = TimeSlot.from_microseconds(first_us, min(self._last_us + LONGEST, LAST_MICROSECOND))
        self._working = WorkingTime(self._hours, reach)
        self._busy = united(busy)
        self._busy_starts = [slot.start_us for slot in self._busy]
        rows = _live_bookings(snapshot, profile.practitioner_id)
        self._moving = sorted(row.slot.start_us for row in rows if row.profile_id == profile.id)
        near = (row for row in rows if row.slot.overlaps(reach))
        self._near = sorted(near, key=lambda row: row.order)
        self._starts = [row.slot.start_us for row in self._near]
        self._ends = sorted(row.slot.end_us for row in self._near)
        self._longest = max((row.slot.end_us - row.slot.start_us for row in self._near), default=0)

    def candidates(self) -> Iterator[_Candidate]:
        """Yield every window that may be proposed, but for those over a change of clock."""
        for start_us in self._grid():
            minutes = self._future(start_us) * self._rules.minutes_per_booking
            end_us = blackout_end(start_us, minutes, self._working)
            if end_us is not None and not self._is_busy(start_us, end_us):
                yield _Candidate(self._disturbed(start_us, end_us), end_us - start_us, start_us)

    def _grid(self) -> Iterator[int]:
        """Yield the half hours of the clock that are open."""
        for slot in self._working.slots:
            offset = utc_offset(slot.start_us, self._hours.zone)
            start_us = -(-(slot.start_us + offset) // GRID) * GRID - offset
            yield from range(start_us, min(slot.end_us, self._last_us), GRID)

    def _future(self, at_us: int) -> int:
        return len(self._moving) - bisect_left(self._moving, at_us)

    def _is_busy(self, start_us: int, end_us: int) -> bool:
        position = bisect_left(self._busy_starts, end_us) - 1  # the last that starts before the end
        return position >= 0 and self._busy[position].end_us > start_us

    def _disturbed(self, start_us: int, end_us: int) -> int:
        """Count the bookings that overlap: those that start before the end, but for those that are over at the start."""
        return bisect_left(self._starts, end_us) - bisect_right(self._ends, start_us)

    def spans_change(self, slot: TimeSlot) -> bool:
        """Tell whether clocks change inside a slot, where the team works or where the practitioner does."""
        return any(utc_offset(slot.start_us, z) != utc_offset(slot.end_us - 1, z) for z in self._zones)

    def proposal(self, slot: TimeSlot) -> WindowProposal:
        """Return a window with what it disturbs and how its length came about."""
        first = bisect_right(self._starts, slot.start_us - self._longest)
        rows = self._near[first : bisect_left(self._starts, slot.end_us)]
        disturbs = tuple(row.id for row in rows if row.slot.overlaps(slot))
        bookings = self._future(slot.start_us)
        estimate = estimated(self._profile.id, slot.start_us, bookings, self._rules, self._working)
        return WindowProposal(window=slot, estimate=estimate, disturbs=disturbs)


def _live_bookings(snapshot: Snapshot, practitioner_id: str) -> list[Appointment]:
    profiles = snapshot.profiles.where("practitioner_id", practitioner_id)
    found = (snapshot.appointments.where("profile_id", profile.id) for profile in profiles)
    return [row for rows in found for row in rows if row.is_live]
