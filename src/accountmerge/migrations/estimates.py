"""Estimate how long a blackout has to be."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import datetime
from itertools import accumulate
from typing import Literal, get_args

import attrs
import pendulum

from accountmerge.messages import Fact, sentence
from accountmerge.migrations.rules import LONGEST_BLACKOUT, SHORTEST_BLACKOUT, MigrationRules
from accountmerge.model.bookings import future_bookings
from accountmerge.model.instants import LAST_MICROSECOND, from_microseconds, microseconds, rfc3339, utc
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot
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
"""What is said of a window, and the facts that each sentence has."""


@attrs.frozen(repr=False, kw_only=True)
class BlackoutEstimate:
    """How long availability has to be off from some instant on.

    Attributes:
        profile_id: The profile that is left.
        start: When availability goes off.
        bookings: How many future bookings there are to rebook.
        minutes_per_booking: How long each takes.
        open_minutes: How many minutes of business hours lie in the longest blackout from the start.
        slot: From the start until the work is done, and for two hours at the least; nothing if it is refused.
        problem: Why it is refused: `unknown_profile`, or `too_long`: the work is not done within 48 hours.
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
        """Whether there is no blackout of a length that is allowed."""
        return self.problem is not None

    @property
    def minutes(self) -> int:
        """How many minutes of work there are."""
        return self.bookings * self.minutes_per_booking

    def describe(self, language: str = "en") -> str:
        """Return the arithmetic, a sentence a line: the work, from when to when, and why that is longer."""
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
    """Estimate how long availability has to be off while a profile's future bookings are rebooked.

    Args:
        snapshot: The present data, whole for the practitioner.
        profile_id: The profile that is left.
        start: When availability goes off; any aware datetime.
        rules: How long a booking takes, and when the support team works.
        at: The instant of the plan: what starts at it or later is rebooked. The start, if nothing is given.

    Returns:
        The estimate; an unknown profile, or more work than 48 hours have room for, is answered with one that is
        refused.

    Raises:
        InvalidValueError: A time is naive, or no time.

    Takes time in proportion to the profile's appointments, once the snapshot is indexed.
    """
    start_us = microseconds(utc(start))
    at_us = start_us if at is None else microseconds(utc(at))
    profile = snapshot.profiles.get(profile_id)
    if profile is None:
        return BlackoutEstimate(
            profile_id=profile_id,
            start=utc(start),
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
    """Return the estimate for so many bookings.

    Args:
        profile_id: The profile that is left.
        start_us: When availability goes off; microseconds since 1970-01-01T00:00:00Z.
        bookings: How many future bookings there are.
        rules: How long each takes.
        working: When the support team works, known for 48 hours from the start at the least.
    """
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
    """Return when a blackout with so many minutes of work ends; nothing if that is more than 48 hours later."""
    done = working.finish(start_us, minutes * MINUTE)
    if done is None:
        return None
    end_us = max(done, start_us + SHORTEST)
    return end_us if end_us <= min(start_us + LONGEST, LAST_MICROSECOND) else None


def longest_blackout(start_us: int) -> TimeSlot:
    """Return the longest blackout from a start, cut off where the calendar ends."""
    end_us = min(start_us + LONGEST, LAST_MICROSECOND)
    return TimeSlot.from_microseconds(min(start_us, end_us - 1), end_us)


class WorkingTime:
    """The open time of weekly hours inside a slot, to be counted any number of times.

    Work goes on in open hours and rests in between. What lies outside the slot is not known and counts as
    closed, so no question takes longer than the slot is long.

    Args:
        hours: When work goes on.
        within: How far to look.

    Takes time in proportion to the days of the slot; each question about it then takes O(log n).
    """

    __slots__ = ("_before", "_ends", "_starts", "slots")

    def __init__(self, hours: WeeklyHours, within: TimeSlot) -> None:
        self.slots = hours.open_slots(within)
        """The open time, as slots that do not touch, soonest first."""
        self._starts = [slot.start_us for slot in self.slots]
        self._ends = [slot.end_us for slot in self.slots]
        lengths = (slot.end_us - slot.start_us for slot in self.slots)
        self._before = list(accumulate(lengths, initial=0))  # open time before each slot, and in all of them

    def is_open(self, instant_us: int) -> bool:
        """Tell whether an instant is in open hours.

        Args:
            instant_us: Microseconds since 1970-01-01T00:00:00Z.
        """
        position = bisect_right(self._starts, instant_us) - 1
        return position >= 0 and instant_us < self._ends[position]

    def counted(self, slot: TimeSlot) -> int:
        """Return how much of a slot is open, in microseconds."""
        return self._open_before(slot.end_us) - self._open_before(slot.start_us)

    def finish(self, start_us: int, work_us: int) -> int | None:
        """Return the first instant by which so much open time has passed since a start.

        Args:
            start_us: When it starts, open or not; microseconds since 1970-01-01T00:00:00Z.
            work_us: How much work there is, in microseconds; 0 is done at the start.

        Returns:
            Microseconds since 1970-01-01T00:00:00Z, such that `counted` gives the work back; nothing if there
            is less open time than that.
        """
        if work_us <= 0:
            return start_us
        wanted = self._open_before(start_us) + work_us
        position = bisect_left(self._before, wanted) - 1  # the last slot before which less has passed
        if position >= len(self.slots):
            return None
        return self._starts[position] + wanted - self._before[position]

    def _open_before(self, instant_us: int) -> int:
        """Return how much open time lies before an instant."""
        position = bisect_right(self._starts, instant_us) - 1
        if position < 0:
            return 0
        return self._before[position] + min(instant_us, self._ends[position]) - self._starts[position]
