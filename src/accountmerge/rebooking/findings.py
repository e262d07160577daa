"""The findings about a rebooking request."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from accountmerge.findings.booked_times import moved_promises
from accountmerge.findings.double_bookings import (
    BookingCluster,
    Doubles,
    doubles_of_practitioner,
    unfinished_groups,
)
from accountmerge.findings.faults import unfinished_finding
from accountmerge.findings.finding import Finding
from accountmerge.findings.vocabulary import Severity
from accountmerge.migrations.replacements import left_customer_findings, origins_in, strangers_finding, waits
from accountmerge.model.appointments import Appointment
from accountmerge.model.bookings import appointments_of, bookings_of
from accountmerge.model.customers import Customer
from accountmerge.model.instants import rfc3339
from accountmerge.model.names import folded, word_parts
from accountmerge.model.profiles import Profile
from accountmerge.model.sessions import are_one_session
from accountmerge.model.successions import rows_of_person
from accountmerge.model.time_slots import TimeSlot, contains
from accountmerge.plans.preconditions import customer_findings
from accountmerge.rebooking.situation import RebookingSituation, is_as_asked


def profile_findings(old: Profile, new: Profile) -> Iterator[Finding]:
    """Yield the findings against booking a customer of one profile with the other."""
    if old.id == new.id:
        yield Finding.of("email_same", (old.id,), profile_id=old.id)
    elif old.practitioner_id != new.practitioner_id:
        yield Finding.of("not_one_practitioner", (old.id, new.id), profile_id=old.id, other_id=new.id)


def identity_findings(situation: RebookingSituation) -> Iterator[Finding]:
    """Yield the findings against the identity of the customer of the existing appointment."""
    customer, existing = situation.customer, situation.existing
    if not have_names(customer):
        yield Finding.of("initials_unchecked", (customer.id,), customer_id=customer.id)
    elif not initials_fit(situation.request.initials, customer):
        facts = {"appointment_id": existing.id, "customer_id": customer.id}
        yield Finding.of("initials_mismatch", (existing.id, customer.id), **facts)
    yield from _state_findings(situation)


def _state_findings(situation: RebookingSituation) -> Iterator[Finding]:
    """Yield a finding if the customer is absorbed or disabled.

    It blocks a new booking. For an existing booking that moves, it is only a warning, as in a migration, and no finding
    remains after the move.
    """
    if situation.is_rebooking:
        yield from left_customer_findings(situation.snapshot, (situation.existing,))
    elif situation.booked_before is None or situation.booked_before not in situation.in_place.all:
        yield from customer_findings(situation.snapshot, situation.customer.id)


def standing_findings(situation: RebookingSituation) -> Iterator[Finding]:
    """Yield a finding if the session was booked before and has changed since."""
    booked_before = situation.booked_before
    if booked_before is not None and not is_as_asked(booked_before, situation.target):
        facts = {"appointment_id": booked_before.id, "status": booked_before.status}
        yield Finding.of("booked_before", (booked_before.id,), **facts)


def time_findings(situation: RebookingSituation) -> Iterator[Finding]:
    """Yield the findings against the requested time."""
    new, slot = situation.new, situation.target.slot
    start, end = rfc3339(slot.start_us), rfc3339(slot.end_us)
    if situation.request.start < situation.at:
        facts = {"start": rfc3339(situation.request.start), "at": rfc3339(situation.at)}
        yield Finding.of("start_not_future", (situation.existing.id,), **facts)
    if new.schedule == "inactive":
        yield Finding.of("schedule_inactive", (new.id,), profile_id=new.id)
    elif new.succeeded_by is not None:
        ids = (new.id, new.succeeded_by)
        yield Finding.of("profile_succeeded", ids, profile_id=new.id, successor_id=new.succeeded_by)
    if new.hours is None:
        yield Finding.of("hours_unknown", (new.id,), profile_id=new.id)
    elif not contains(new.hours.open_slots(slot), slot):
        # The existing booking has this time already, and a migration would move it as well.
        severity: Severity = "warning" if situation.is_rebooking else "blocker"
        yield Finding.of("outside_hours", (new.id,), severity, profile_id=new.id, start=start, end=end)
    if any(closed.overlaps(slot) for closed in new.unavailable):
        yield Finding.of("slot_unavailable", (new.id,), profile_id=new.id, start=start, end=end)


def booking_findings(situation: RebookingSituation) -> Iterator[Finding]:
    """Yield the findings about other bookings at the time, and about the existing one."""
    if situation.is_rebooking:
        yield from _moving_findings(situation)
        return
    target = situation.target
    for other in bookings_over(situation):
        overlap = other.slot.intersection(target.slot)
        if overlap is not None:
            facts = {"appointment_id": target.id, "other_id": other.id, **_ends(overlap)}
            yield Finding.of("slot_not_free", (target.id, other.id), **facts)
    existing = situation.existing
    if existing.is_live:
        is_past = existing.slot.start < min(situation.at, situation.snapshot.taken_at)
        code = "past_booking_open" if is_past else "booking_stays"
        facts = {"appointment_id": existing.id, "start": rfc3339(existing.slot.start_us)}
        yield Finding.of(code, (existing.id,), **facts)


def bookings_over(situation: RebookingSituation) -> list[Appointment]:
    """Return the live bookings of the practitioner and of the person at the requested time.

    The practitioner may have several profiles. The person is the customer with its absorbed customers.
    """
    snapshot, target = situation.snapshot, situation.target
    booked = rows_of_person(snapshot.appointments, snapshot.customers, target.customer_id)
    rows = {row.id: row for row in (*booked, *bookings_of(snapshot, situation.new.practitioner_id))}
    overlapping = (row for row in rows.values() if row.is_live and row.slot.overlaps(target.slot))
    return sorted(overlapping, key=lambda row: row.order)


def _moving_findings(situation: RebookingSituation) -> Iterator[Finding]:
    """Yield the findings against moving the existing booking itself."""
    existing = situation.existing
    if existing.modality != situation.request.modality:
        facts = {"appointment_id": existing.id, "modality": existing.modality}
        yield Finding.of("modality_differs", (existing.id,), **facts)
    yield from (finding for _, finding in double_findings(situation))
    yield from moved_promises(situation.snapshot, (existing,))
    half = situation.other_half
    yield from strangers_finding(existing, situation.in_place, half, situation.new)
    yield from _unfinished(situation)


def double_findings(situation: RebookingSituation) -> Iterator[tuple[Doubles, Finding]]:
    """Yield each double booking of the existing booking, with its finding.

    The finding blocks if another booking was in the new profile before anything moved there.
    """
    snapshot, existing = situation.snapshot, situation.existing
    origins = origins_in(snapshot, situation.old)
    for double in doubles_of_practitioner(snapshot, situation.old.practitioner_id):
        rows = double.members if isinstance(double, BookingCluster) else (double.first, double.second)
        if existing not in rows:
            continue
        over = (
            row for row in rows if row.slot.overlaps(existing.slot) and not are_one_session(row, existing)
        )
        in_the_way = any(waits(row, situation.new, origins) for row in over)
        code = "destination_double_booking" if in_the_way else None
        if isinstance(double, BookingCluster):
            yield double, double.as_finding(code)
        else:
            yield double, double.as_finding(snapshot, code)


def _unfinished(situation: RebookingSituation) -> Iterator[Finding]:
    """Yield a finding for each appointment that is one booking with the existing one."""
    existing, snapshot = situation.existing, situation.snapshot
    told = {other.id for other in situation.in_place.all}
    for other in situation.in_place.all:
        severity: Severity = "warning" if situation.other_half or not other.is_live else "blocker"
        facts = {"first_id": existing.id, "second_id": other.id}
        yield Finding.of("unfinished_rebooking", (existing.id, other.id), severity, **facts)
    rows = appointments_of(snapshot, situation.old.practitioner_id)
    for halves in unfinished_groups(snapshot, rows):
        ids = halves.ids if isinstance(halves, BookingCluster) else (halves[0].id, halves[1].id)
        if existing.id in ids and (isinstance(halves, BookingCluster) or not told.intersection(ids)):
            yield unfinished_finding(halves, "blocker")


def _ends(slot: TimeSlot) -> dict[str, str]:
    return {"start": rfc3339(slot.start_us), "end": rfc3339(slot.end_us)}


def have_names(customer: Customer) -> bool:
    """Return whether a customer has any name for comparison with initials."""
    return bool(_initials_of(customer.given_name) or _initials_of(customer.family_name))


def initials_fit(text: str, customer: Customer) -> bool:
    """Return whether initials are those of a customer.

    Accents, case, dots and the order of given and family name do not count. Middle names and the parts of a
    name such as `de la Cruz` may be left out. If only one name is known, the initials must begin or end with it.
    """
    letters = _letters(text)
    given, family = _initials_of(customer.given_name), _initials_of(customer.family_name)
    cuts = [(letters[:cut], letters[cut:]) for cut in range(1, len(letters))]
    if given and family:
        return any(
            _is_taken_from(first, one) and _is_taken_from(last, other)
            for first, last in cuts
            for one, other in ((given, family), (family, given))
        )
    known = given or family
    parts = [letters, *(part for cut in cuts for part in cut)]
    return any(part and _is_taken_from(part, known) for part in parts)


def _letters(text: str) -> str:
    """Return the letters of initials, each folded like the first letter of a name."""
    composed = unicodedata.normalize("NFC", text[:_LONGEST])
    return "".join(folded(letter)[:1] for letter in composed if letter.isalpha())


_LONGEST = 100
"""Characters of initials that are compared, more than any name needs."""


def _initials_of(name: str | None) -> str:
    """Return the first letters of all parts of a name."""
    return "".join(part[0] for parts in word_parts(name or "") for part in parts)


def _is_taken_from(letters: str, initials: Iterable[str]) -> bool:
    """Return whether letters are some of the initials, in their order."""
    rest = iter(initials)
    return all(letter in rest for letter in letters)
