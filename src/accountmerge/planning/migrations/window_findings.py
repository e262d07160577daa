"""What there is to say about the time in which availability is off: the window of the request, or the one in its place.

Source: design section 3.1, rule 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.findings.finding import Finding
from accountmerge.model.instants import microseconds, rfc3339
from accountmerge.model.working_time import WorkingTime
from accountmerge.planning.windows.estimates import LONGEST, MINUTE, SHORTEST, longest_blackout
from accountmerge.planning.windows.fitting import best_fit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.findings.vocabulary import Severity
    from accountmerge.messages import Fact
    from accountmerge.model.time_slots import TimeSlot
    from accountmerge.planning.migrations.situation import Situation
    from accountmerge.rules.migration_rules import MigrationRules


def window_findings(situation: Situation, rules: MigrationRules) -> Iterator[Finding]:
    """Yield what there is to say about the time in which availability is off.

    A window that nobody named is judged like the same window named. That nobody named it is one more warning.
    """
    window, about = situation.blackout, situation.old.id
    if situation.request.window is None:
        yield Finding.of("window_unchecked", (about,), **_ends(window))
    yield from _instant_findings(situation, window, rules)
    yield from _length_findings(situation, window, rules)
    for booking in situation.moving:
        if booking.slot.overlaps(window):
            facts = {"appointment_id": booking.id, "start": rfc3339(booking.slot.start_us)}
            yield Finding.of("booking_in_blackout", (booking.id,), **facts)


def _instant_findings(situation: Situation, window: TimeSlot, rules: MigrationRules) -> Iterator[Finding]:
    """Yield what stands against the instant at which a window starts."""
    about, at_us = situation.old.id, microseconds(situation.at)
    notice_end = microseconds(situation.snapshot.taken_at) + rules.notice_hours * 60 * MINUTE
    if window.start_us < at_us:
        severity: Severity = "blocker" if window.end_us <= at_us else "warning"
        yield Finding.of("window_before_at", (about,), severity, at=rfc3339(at_us), **_ends(window))
    elif window.start_us < notice_end:
        facts: dict[str, Fact] = {"start": rfc3339(window.start_us), "hours": rules.notice_hours}
        yield Finding.of("window_notice_short", (about,), **facts)
    early = sum(booking.slot.start_us < window.start_us for booking in situation.moving)
    if early:
        facts = {"start": rfc3339(window.start_us), "count": early}
        yield Finding.of("bookings_before_window", (about,), **facts)


def _length_findings(situation: Situation, window: TimeSlot, rules: MigrationRules) -> Iterator[Finding]:
    """Yield what stands against the length of a window, and against its place in business hours."""
    about, ends = situation.old.id, _ends(window)
    length = window.end_us - window.start_us
    if length < SHORTEST:
        yield Finding.of("window_too_short", (about,), hours=SHORTEST // MINUTE // 60, **ends)
    elif length > LONGEST:
        yield Finding.of("window_too_long", (about,), hours=LONGEST // MINUTE // 60, **ends)
    working = WorkingTime(rules.business_hours_for(situation.old), longest_blackout(window.start_us))
    if not working.is_open(window.start_us):
        yield Finding.of("window_outside_hours", (about,), **ends)
    count = len(situation.moving)
    minutes = count * rules.minutes_per_booking
    open_us = working.counted(window)
    if open_us < minutes * MINUTE:
        facts: dict[str, Fact] = {"count": count, "minutes": minutes, "open_minutes": open_us // MINUTE}
        notice_end = microseconds(situation.snapshot.taken_at) + rules.notice_hours * 60 * MINUTE
        earliest_us = max(microseconds(situation.at), notice_end)
        fit = best_fit(rules.business_hours_for(situation.old), window, count, minutes, earliest_us)
        yield Finding.of("window_under_estimate", (about,), **facts, **fit.facts, **ends)


def _ends(slot: TimeSlot) -> dict[str, Fact]:
    return {"start": rfc3339(slot.start_us), "end": rfc3339(slot.end_us)}
