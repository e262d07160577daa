"""The step of a rebooking request, with its edits and guards."""

from __future__ import annotations

from accountmerge.changes.edits import Edit
from accountmerge.changes.guards import Guard, read_guard
from accountmerge.changes.steps import Reason, Step
from accountmerge.findings.double_bookings import BookingCluster
from accountmerge.messages import Facts
from accountmerge.migrations.replacements import CopiedAccess, booking_edits, replacement_id
from accountmerge.model.entities import EntityName
from accountmerge.model.instants import rfc3339
from accountmerge.plans.verdicts import Draft, steps_from
from accountmerge.rebooking.findings import bookings_over, double_findings
from accountmerge.rebooking.situation import RebookingSituation


def rebooking_steps(situation: RebookingSituation) -> tuple[Step, ...]:
    """Return the step of a request, empty if it was already applied."""
    if situation.booked_before is not None:
        return ()
    draft = _rebook(situation) if situation.is_rebooking else _book(situation)
    return steps_from([draft], at=situation.at, tolerated=_tolerated(situation))


def rebooked_by(situation: RebookingSituation) -> tuple[tuple[str, str], ...]:
    """Return the ids of the existing booking and its replacement, empty without rebooking."""
    if situation.booked_before is not None or not situation.is_rebooking:
        return ()
    return ((situation.existing.id, _new_id(situation)),)


def _rebook(situation: RebookingSituation) -> Draft:
    """Return the step that moves the existing booking, as a migration does."""
    existing, other = situation.existing, situation.other_half
    booked, cancelled = booking_edits(existing, other, _new_id(situation), situation.new)
    granted, copied = _granted(situation)
    code = "rebooking_unfinished" if other else "rebooking_asked"
    edits = (*booked, *granted, cancelled)
    return Draft("rebook", _reason(situation, code), edits, (*copied, *_guards(situation)))


def _book(situation: RebookingSituation) -> Draft:
    """Return the step that makes a new booking.

    The access comes first: if a store fails between the two, the booking is missing, and a new plan makes it.
    """
    granted, copied = _granted(situation)
    late = Guard("not_after", Facts(instant=rfc3339(situation.request.start)))
    guards = (late, read_guard(situation.existing), *copied, *_guards(situation))
    edits = (*granted, Edit(None, situation.target))
    return Draft("book", _reason(situation, "next_session"), edits, guards)


def _reason(situation: RebookingSituation, code: str) -> Reason:
    start = rfc3339(situation.request.start)
    return Reason(code, Facts(appointment_id=situation.existing.id, start=start))


def _granted(situation: RebookingSituation) -> tuple[tuple[Edit, ...], tuple[Guard, ...]]:
    """Return the edits of access with the booking, and the guards on its sources."""
    access = CopiedAccess(situation.snapshot, situation.old, situation.new, situation.at)
    return access.with_booking(situation.customer.id)


def _guards(situation: RebookingSituation) -> tuple[Guard, ...]:
    """Return the guards on the customer and the new profile, because both were only read."""
    return (read_guard(situation.customer), read_guard(situation.new))


def _new_id(situation: RebookingSituation) -> str:
    other = situation.other_half
    return other.id if other else replacement_id(situation.existing, situation.new)


def _tolerated(situation: RebookingSituation) -> dict[tuple[EntityName, str], set[str]]:
    """Return the bookings that may overlap the new one, as existing or accepted double bookings."""
    if not situation.is_rebooking:
        others = {row.id for row in bookings_over(situation)}
        return {("appointment", situation.target.id): others}
    existing = situation.existing
    tolerated: set[str] = set()
    for double, finding in double_findings(situation):
        is_cluster = isinstance(double, BookingCluster)
        tolerated |= {finding.id} if is_cluster else {*finding.ids}
    return {("appointment", _new_id(situation)): tolerated - {existing.id}}
