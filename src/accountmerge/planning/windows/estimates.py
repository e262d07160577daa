"""`estimate_blackout`: how long availability has to be off, with the arithmetic shown.

Source: design section 3.1, rule 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import attrs
import pendulum

from accountmerge.messages import Fact, sentence
from accountmerge.model.instants import LAST_MICROSECOND, from_microseconds, microseconds, rfc3339, utc
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.working_time import WorkingTime
from accountmerge.rules.migration_rules import LONGEST_BLACKOUT, SHORTEST_BLACKOUT, MigrationRules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from accountmerge.model.snapshots import Snapshot

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
    rows = snapshot.appointments.where("profile_id", profile_id)
    bookings = sum(row.is_live and row.slot.start_us >= at_us for row in rows)
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
