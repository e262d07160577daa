"""The data of a snapshot that a rebooking request is about."""

from __future__ import annotations

from collections.abc import Iterator

import pendulum

from accountmerge.findings.finding import Finding
from accountmerge.migrations.replacements import Replacements, is_other_half, replacement_id, replacements
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.emails import EmailAddress
from accountmerge.model.identifiers import derived_id
from accountmerge.model.instants import LAST_MICROSECOND, microseconds, rfc3339
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.values import Value, value_class
from accountmerge.rebooking.requests import RebookingRequest


@value_class(eq=False, repr=False, kw_only=True)
class RebookingSituation(Value):
    """The data of a snapshot that a rebooking request is about.

    Attributes:
        snapshot: The data.
        request: The request.
        at: The instant of the plan.
        old: The old profile.
        new: The new profile.
        existing: The appointment that the request names.
        customer: The customer of that appointment.
        in_place: The appointments that already replace the existing one.
        target: The requested booking with the new profile.
        booked_before: The appointment that was booked for this request before, in any status.
    """

    snapshot: Snapshot
    request: RebookingRequest
    at: pendulum.DateTime
    old: Profile
    new: Profile
    existing: Appointment
    customer: Customer
    in_place: Replacements
    target: Appointment
    booked_before: Appointment | None

    @property
    def is_rebooking(self) -> bool:
        """Whether the existing booking itself moves, as in a migration."""
        return _is_rebooking(self.existing, self.request)

    @property
    def other_half(self) -> Appointment | None:
        """The live booking that already replaces the existing one, or None if that is unclear."""
        live = self.in_place.live
        if len(live) != 1 or not is_other_half(live[0], self.existing, self.new):
            return None
        (other,) = live
        named = self.snapshot.appointments.where("replaced_by", other.id)
        return None if any(row.is_live and row.id != self.existing.id for row in named) else other


def find_profiles(snapshot: Snapshot, request: RebookingRequest) -> tuple[list[Profile], list[Finding]]:
    """Return the old and the new profile, and a finding for each address that does not name one."""
    profiles, findings = [], []
    for address, code in (
        (request.old_email, "old_profile_unknown"),
        (request.new_email, "new_profile_unknown"),
    ):
        rows = _named(snapshot, address)
        if len(rows) == 1:
            profiles.append(rows[0])
        elif rows:
            ids = tuple(row.id for row in rows)
            findings.append(Finding.of("email_claimed_twice", ids, "blocker", kind="profile", holder_ids=ids))
        else:
            findings.append(Finding.of(code, (request.number,), number=request.number))
    return profiles, list(dict.fromkeys(findings))


def _named(snapshot: Snapshot, address: EmailAddress) -> list[Profile]:
    return sorted(snapshot.profiles.where("mailbox", address.mailbox), key=lambda row: row.id)


def find_existing(
    snapshot: Snapshot, request: RebookingRequest, old: Profile
) -> tuple[Appointment | None, Iterator[Finding]]:
    """Return the appointment of the old profile with the number, or the findings against it."""
    numbered = snapshot.appointments.where("number", request.number)
    ids = tuple(sorted(row.id for row in numbered if row.profile_id == old.id))
    number = request.number
    if len(ids) == 1:
        return snapshot.appointments[ids[0]], iter(())
    if ids:
        return None, iter([Finding.of("number_shared", ids, number=number, appointment_ids=ids)])
    return None, iter([Finding.of("number_unknown", (number, old.id), number=number, profile_id=old.id)])


def read_situation(
    snapshot: Snapshot,
    request: RebookingRequest,
    at: pendulum.DateTime,
    old: Profile,
    new: Profile,
    existing: Appointment,
) -> RebookingSituation:
    """Read the situation of a request from a snapshot."""
    derived = replacement_id(existing, new)
    in_place = replacements(snapshot, (existing,), {existing.id: derived}, new).get(
        existing.id, Replacements()
    )
    target = _target(request, new, existing)
    return RebookingSituation(
        snapshot=snapshot,
        request=request,
        at=at,
        old=old,
        new=new,
        existing=existing,
        customer=snapshot.customers[existing.customer_id],
        in_place=in_place,
        target=target,
        booked_before=_booked_before(snapshot, request, existing, target, in_place),
    )


def _is_rebooking(existing: Appointment, request: RebookingRequest) -> bool:
    return existing.is_live and existing.slot.start_us == microseconds(request.start)


def _target(request: RebookingRequest, new: Profile, existing: Appointment) -> Appointment:
    """Return the requested session as a booking as long as the existing one.

    Its id is derived from the appointment, the profile and the start, so that a retry gives the same id.
    """
    start_us = microseconds(request.start)
    length = existing.slot.end_us - existing.slot.start_us
    # At the end of the calendar the session is shortened, not refused.
    first, last = min(start_us, LAST_MICROSECOND - 1), min(start_us + length, LAST_MICROSECOND)
    return Appointment(
        id=derived_id("appointment", existing.id, new.id, rfc3339(start_us)),
        profile_id=new.id,
        customer_id=existing.customer_id,
        slot=TimeSlot.from_microseconds(first, last),
        time_zone=request.time_zone,
        modality=request.modality,
        status="booked",
    )


def _booked_before(
    snapshot: Snapshot,
    request: RebookingRequest,
    existing: Appointment,
    target: Appointment,
    in_place: Replacements,
) -> Appointment | None:
    """Return a live booking equal to the target, else an earlier appointment of this request."""
    if _is_rebooking(existing, request):
        return None
    start_us = microseconds(request.start)
    for row in sorted(snapshot.appointments.where("customer_id", target.customer_id), key=lambda row: row.id):
        if row.is_live and is_as_asked(row, target):
            return row
    rebooked = [
        row for row in in_place.all if row.profile_id == target.profile_id and row.slot.start_us == start_us
    ]
    made = snapshot.appointments.get(target.id)
    if made is not None and made.customer_id == target.customer_id:
        rebooked.append(made)
    return next(iter(rebooked), None)


def is_as_asked(row: Appointment, target: Appointment) -> bool:
    """Return whether a live booking is the requested session, of any length."""
    return row.is_live and _asked(row) == _asked(target)


def _asked(row: Appointment) -> tuple[object, ...]:
    return (row.profile_id, row.customer_id, row.slot.start_us, row.modality)
