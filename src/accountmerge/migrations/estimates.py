"""Estimates of the length of a blackout."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import datetime
from itertools import accumulate
from typing import Literal, get_args

import pendulum

from accountmerge.messages import Fact, sentence
from accountmerge.migrations.rules import LONGEST_BLACKOUT, SHORTEST_BLACKOUT, MigrationRules
from accountmerge.model.bookings import future_bookings
from accountmerge.model.instants import LAST_MICROSECOND, from_microseconds, microseconds, rfc3339, utc
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.values import Value, value_class
from accountmerge.model.weekly_hours import WeeklyHours

MINUTE = 60_000_000  # microseconds
SHORTEST, LONGEST = SHORTEST_BLACKOUT * MINUTE, LONGEST_BLACKOUT * MINUTE

EstimateProblem = Literal["unknown_profile", "too_long"]
ESTIMATE_PROBLEMS: tuple[EstimateProblem, ...] = get_args(EstimateProblem)

WINDOW_FACTS: dict[str, frozenset[str]] = {
    "unknown_profile": frozenset({"profile_id"}),
    "work": frozenset({"bookings", "each", "minutes"}),
    "too_long": frozenset({"start", "hours", "open_minutes"}),
    "length": frozenset({"start", "end", "hours", "minutes"}),
    "shortest": frozenset({"hours"}),
    "rests": frozenset(),
    "disturbs_nothing": frozenset(),
    "disturbs": frozenset({"count", "ids"}),
}
"""The sentences about a window, and the facts of each."""


@value_class(eq=False, repr=False, kw_only=True)
class BlackoutEstimate(Value):
    """The estimated blackout from a given start.

    Attributes:
        profile_id: The id of the old profile.
        start: The start of the blackout.
        bookings: The number of future bookings.
        minutes_per_booking: The minutes of work per booking.
        open_minutes: The minutes of business hours in the longest blackout from the start.
        slot: The blackout, from the start to the end of the work, at least two hours. None if it is refused.
        problem: The reason for a refusal, `unknown_profile`, or `too_long` if the work takes more than 48 hours.
    """

    profile_id: str
    start: pendulum.DateTime
    bookings: int
    minutes_per_booking: int
    open_minutes: int
    slot: TimeSlot | None
    problem: EstimateProblem | None = None

    @property
    def is_refused(self) -> bool:
        """Whether there is no blackout of an allowed length."""
        return self.problem is not None

    @property
    def minutes(self) -> int:
        """The minutes of work."""
        return self.bookings * self.minutes_per_booking

    def describe(self, language: str = "en") -> str:
        """Return the arithmetic of the work and the length, one sentence per line."""
        return "\n".join(sentence(f"window.{key}", facts, language) for key, facts in self._told())

    def _told(self) -> Iterator[tuple[str, dict[str, Fact]]]:
        if self.problem == "unknown_profile":
            yield "unknown_profile", {"profile_id": self.profile_id}
            return
        each = self.minutes_per_booking
        yield "work", {"bookings": self.bookings, "each": each, "minutes": self.minutes}
        if self.slot is None:
            facts: dict[str, Fact] = {"hours": LONGEST_BLACKOUT // 60, "open_minutes": self.open_minutes}
            yield "too_long", {"start": rfc3339(self.start), **facts}
            return
        start_us, end_us = self.slot.start_us, self.slot.end_us
        hours, minutes = divmod(-(-(end_us - start_us) // MINUTE), 60)
        ends: dict[str, Fact] = {"start": rfc3339(start_us), "end": rfc3339(end_us)}
        yield "length", {**ends, "hours": hours, "minutes": minutes}
        if end_us - start_us > self.minutes * MINUTE:
            if end_us - start_us == SHORTEST:
                yield "shortest", {"hours": SHORTEST_BLACKOUT // 60}
            else:
                yield "rests", {}

    def __repr__(self) -> str:
        outcome = self.problem or repr(self.slot)
        return f"BlackoutEstimate({self.profile_id!r}, {self.bookings} bookings, {outcome})"


_DEFAULT_RULES = MigrationRules()


def estimate_blackout(
    snapshot: Snapshot,
    profile_id: str,
    *,
    start: datetime,
    rules: MigrationRules = _DEFAULT_RULES,
    at: datetime | None = None,
) -> BlackoutEstimate:
    """Estimate the blackout in which a profile's future bookings are rebooked.

    Args:
        snapshot: The present data, complete for the practitioner.
        profile_id: The id of the old profile.
        start: The start of the blackout. Any aware datetime.
        rules: The minutes per booking and the business hours.
        at: The instant of the plan. Bookings that start at it or later are rebooked. Default: `start`.

    Returns:
        The estimate. It is refused if the profile is unknown, or the work takes more than 48 hours.

    Raises:
        InvalidValueError: A time is naive, or no time.

    Takes time in proportion to the profile's appointments, once the snapshot is indexed.
    """
    start_us = microseconds(utc(start, "start"))
    at_us = start_us if at is None else microseconds(utc(at, "at"))
    profile = snapshot.profiles.get(profile_id)
    if profile is None:
        return BlackoutEstimate(
            profile_id=profile_id,
            start=utc(start, "start"),
            bookings=0,
            minutes_per_booking=rules.minutes_per_booking,
            open_minutes=0,
            slot=None,
            problem="unknown_profile",
        )
    bookings = len(future_bookings(snapshot, profile_id, at_us))
    working = WorkingTime(rules.business_hours_for(profile), longest_blackout(start_us))
    return estimated(profile_id, start_us, bookings, rules, working)


def estimated(
    profile_id: str, start_us: int, bookings: int, rules: MigrationRules, working: WorkingTime
) -> BlackoutEstimate:
    """Return the estimate for a number of bookings; `working` covers at least 48 hours from the start."""
    end_us = blackout_end(start_us, bookings * rules.minutes_per_booking, working)
    return BlackoutEstimate(
        profile_id=profile_id,
        start=from_microseconds(start_us),
        bookings=bookings,
        minutes_per_booking=rules.minutes_per_booking,
        open_minutes=working.counted(longest_blackout(start_us)) // MINUTE,
        slot=None if end_us is None else TimeSlot.from_microseconds(start_us, end_us),
        problem="too_long" if end_us is None else None,
    )


def blackout_end(start_us: int, minutes: int, working: WorkingTime) -> int | None:
    """Return the end of a blackout with these minutes of work, or None if over 48 hours later."""
    done = working.finish(start_us, minutes * MINUTE)
    if done is None:
        return None
    end_us = max(done, start_us + SHORTEST)
    return end_us if end_us <= min(start_us + LONGEST, LAST_MICROSECOND) else None


def longest_blackout(start_us: int) -> TimeSlot:
    """Return the longest blackout from a start, at most to the end of the calendar."""
    end_us = min(start_us + LONGEST, LAST_MICROSECOND)
    return TimeSlot.from_microseconds(min(start_us, end_us - 1), end_us)


class WorkingTime:
    """The open time of weekly hours inside a slot; time outside the slot counts as closed.

    Args:
        hours: The hours of work.
        within: The slot.

    Takes time in proportion to the days of the slot; each method then takes O(log n).
    """

    __slots__ = ("_before", "_ends", "_starts", "slots")

    def __init__(self, hours: WeeklyHours, within: TimeSlot) -> None:
        self.slots = hours.open_slots(within)
        """The open time, in slots that do not touch, soonest first."""
        self._starts = [slot.start_us for slot in self.slots]
        self._ends = [slot.end_us for slot in self.slots]
        lengths = (slot.end_us - slot.start_us for slot in self.slots)
        self._before = list(accumulate(lengths, initial=0))  # open time before each slot, and in all of them

    def is_open(self, instant_us: int) -> bool:
        """Return whether an instant, in microseconds since 1970, is in open hours."""
        position = bisect_right(self._starts, instant_us) - 1
        return position >= 0 and instant_us < self._ends[position]

    def counted(self, slot: TimeSlot) -> int:
        """Return the open time of a slot, in microseconds."""
        return self._open_before(slot.end_us) - self._open_before(slot.start_us)

    def finish(self, start_us: int, work_us: int) -> int | None:
        """Return the end of work from a start, or None if it exceeds the open time.

        The start may be closed. `counted` from the start to this end returns the work. All are in microseconds.
        """
        if work_us <= 0:
            return start_us
        wanted = self._open_before(start_us) + work_us
        position = bisect_left(self._before, wanted) - 1  # the last slot before which less has passed
        if position >= len(self.slots):
            return None
        return self._starts[position] + wanted - self._before[position]

    def _open_before(self, instant_us: int) -> int:
        """Return the open time before an instant, in microseconds."""
        position = bisect_right(self._starts, instant_us) - 1
        if position < 0:
            return 0
        return self._before[position] + min(instant_us, self._ends[position]) - self._starts[position]
