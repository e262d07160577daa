"""Propose windows for a blackout."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal, NamedTuple, get_args

from accountmerge.errors import InvalidValueError
from accountmerge.messages import Fact, sentence
from accountmerge.migrations.estimates import (
    LONGEST,
    MINUTE,
    BlackoutEstimate,
    WorkingTime,
    blackout_end,
    estimated,
    longest_blackout,
)
from accountmerge.migrations.rules import MigrationRules
from accountmerge.model.bookings import bookings_of
from accountmerge.model.instants import LAST_MICROSECOND, MICROSECONDS_PER_DAY, microseconds, rfc3339, utc
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot, union
from accountmerge.model.values import ShownValue, Value, value_class
from accountmerge.model.wall_times import utc_offset
from accountmerge.model.weekly_hours import WeeklyHours

SEARCHED_DAYS = 28
"""The number of days that are searched for a later window with room for the work: four weeks, as for proposals."""

Way = Literal["longer", "later", "faster", "shared", "closed"]
WAYS: tuple[Way, ...] = get_args(Way)
"""Ways to make room: a longer window, another date, fewer minutes per booking, more people, other business hours."""


@value_class(eq=False, repr=False, kw_only=True)
class Fit(ShownValue):
    """A way to make room for the work of a window that is too short.

    Attributes:
        way: The first of `WAYS` that is possible.
        slot: The window that has room, if need be with `hands` or `minutes_each`. None if business hours are closed.
        hands: The number of people who have to share the work in the judged window, or in `slot` if no window has
            room for one person. 0 if business hours are closed.
        minutes_each: The whole minutes that each booking may take there. 0 if less than one.
    """

    way: Way
    slot: TimeSlot | None
    hands: int
    minutes_each: int

    @property
    def facts(self) -> dict[str, Fact]:
        """The fit as facts of a finding; both ends are empty if there is no window."""
        start, end = ("", "") if self.slot is None else map(rfc3339, (self.slot.start_us, self.slot.end_us))
        return {
            "way": self.way,
            "hands": self.hands,
            "minutes_each": self.minutes_each,
            "fits_start": start,
            "fits_end": end,
        }


def best_fit(hours: WeeklyHours, window: TimeSlot, count: int, minutes: int, earliest_us: int) -> Fit:
    """Return a way to make room for the work of a window that is too short.

    The work is `minutes` for `count` bookings, above zero. Another window starts at `earliest_us` or later.
    """
    here = WorkingTime(hours, longest_blackout(window.start_us))
    open_us = here.counted(window)
    end_us = blackout_end(window.start_us, minutes, here)
    if end_us is not None and here.is_open(window.start_us):
        return _fit("longer", TimeSlot.from_microseconds(window.start_us, end_us), open_us, count, minutes)
    first_us = min(max(earliest_us, window.start_us), LAST_MICROSECOND - 1)
    last_us = min(first_us + SEARCHED_DAYS * MICROSECONDS_PER_DAY, LAST_MICROSECOND)
    reach = TimeSlot.from_microseconds(first_us, min(last_us + LONGEST, LAST_MICROSECOND))
    working = WorkingTime(hours, reach)
    starts = _starts(working, last_us)
    for start_us in starts:
        later_us = blackout_end(start_us, minutes, working)
        if later_us is not None:
            return _fit("later", TimeSlot.from_microseconds(start_us, later_us), open_us, count, minutes)
    best = max(
        map(longest_blackout, starts), key=lambda slot: (working.counted(slot), -slot.start_us), default=None
    )
    open_us = 0 if best is None else working.counted(best)
    if open_us < MINUTE:
        return Fit(way="closed", slot=None, hands=0, minutes_each=0)
    return _fit("faster" if open_us // MINUTE >= count else "shared", best, open_us, count, minutes)


def _starts(working: WorkingTime, last_us: int) -> list[int]:
    """Return the possible starts of the longest blackout with the most open time, soonest first.

    That blackout starts with a slot of open time, or ends with one.
    """
    starts = {slot.start_us for slot in working.slots}
    starts |= {slot.end_us - LONGEST for slot in working.slots if working.is_open(slot.end_us - LONGEST)}
    return sorted(start_us for start_us in starts if start_us < last_us)


def _fit(way: Way, slot: TimeSlot | None, open_us: int, count: int, minutes: int) -> Fit:
    hands = -(-minutes * MINUTE // open_us) if open_us else 0
    return Fit(way=way, slot=slot, hands=hands, minutes_each=open_us // MINUTE // count)


HORIZON_DAYS = 28
"""The number of days with possible starts: four weeks from the first that the notice allows."""
GRID = 30 * MINUTE
"""The microseconds between two possible starts, which are on the half hours of the clock."""


@value_class(eq=False, repr=False, kw_only=True)
class WindowProposal(Value):
    """A time in which availability may be off.

    Attributes:
        window: The time.
        estimate: The estimate of its length.
        disturbs: The ids of the practitioner's live bookings, in all profiles, that overlap it, soonest first.
    """

    window: TimeSlot
    estimate: BlackoutEstimate
    disturbs: tuple[str, ...]

    def describe(self, language: str = "en") -> str:
        """Return the estimate of its length and the bookings that it disturbs, one sentence per line."""
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

    A window starts in business hours, on a half hour of their clock, at the end of the notice or at most
    `HORIZON_DAYS` later. Its length is that of `estimate_blackout` for the bookings that are future at its start.
    No window contains a change of clock, in the zone of the business hours or of the profile. None overlaps a busy
    slot, and no two overlap each other because they are alternatives.

    Args:
        snapshot: The present data, complete for the practitioner.
        profile_id: The id of the old profile.
        rules: The minutes per booking, the business hours and the notice.
        earliest: The start of the notice, if later than the reading of the data. Any aware datetime.
        count: The highest number of windows.
        busy: Times in which the support team has no capacity.

    Returns:
        The windows sorted by the number of disturbed bookings, then by length, then by start. Empty if the profile
        is unknown, or no window is long enough; `estimate_blackout` gives the reason.

    Raises:
        InvalidValueError: `earliest` is naive or no time, or `count` is no whole number above zero.

    Takes O(n log n) for n appointments of the practitioner, once the snapshot is indexed, and O(log n) for
    each possible start.
    """
    if type(count) is not int or count <= 0:
        raise InvalidValueError("wrong_type", field="count", wanted="positive_whole_number")
    told_us = microseconds(snapshot.taken_at)
    if earliest is not None:
        told_us = max(told_us, microseconds(utc(earliest, "earliest")))
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
    """A window that may be proposed; the best one sorts first."""

    disturbed: int
    length_us: int
    start_us: int

    @property
    def slot(self) -> TimeSlot:
        return TimeSlot.from_microseconds(self.start_us, self.start_us + self.length_us)


class _Search:
    """A search for windows, with the working time and the bookings in its reach."""

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
        self._busy = union(busy)
        self._busy_starts = [slot.start_us for slot in self._busy]
        rows = bookings_of(snapshot, profile.practitioner_id)
        self._moving = sorted(row.slot.start_us for row in rows if row.profile_id == profile.id)
        near = (row for row in rows if row.slot.overlaps(reach))
        self._near = sorted(near, key=lambda row: row.order)
        self._starts = [row.slot.start_us for row in self._near]
        self._ends = sorted(row.slot.end_us for row in self._near)
        self._longest = max((row.slot.end_us - row.slot.start_us for row in self._near), default=0)

    def candidates(self) -> Iterator[_Candidate]:
        """Yield every window that may be proposed, also those with a change of clock."""
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
        """Return the number of bookings that overlap, without those that end by the start."""
        return bisect_left(self._starts, end_us) - bisect_right(self._ends, start_us)

    def spans_change(self, slot: TimeSlot) -> bool:
        """Return whether clocks change inside a slot, in the zone of the team or of the practitioner."""
        return any(utc_offset(slot.start_us, z) != utc_offset(slot.end_us - 1, z) for z in self._zones)

    def proposal(self, slot: TimeSlot) -> WindowProposal:
        """Return a window with its estimate and the bookings that it disturbs."""
        first = bisect_right(self._starts, slot.start_us - self._longest)
        rows = self._near[first : bisect_left(self._starts, slot.end_us)]
        disturbs = tuple(row.id for row in rows if row.slot.overlaps(slot))
        bookings = self._future(slot.start_us)
        estimate = estimated(self._profile.id, slot.start_us, bookings, self._rules, self._working)
        return WindowProposal(window=slot, estimate=estimate, disturbs=disturbs)
