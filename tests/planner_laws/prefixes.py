"""What holds while a plan is carried out: after any step, and for what is exclusive, after any edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accountmerge.merges.requests import MergeRequest
from accountmerge.migrations.requests import MigrationRequest
from accountmerge.model.entities import KINDS, kind_of
from accountmerge.testing.conformance.law_cases import Inapplicable
from accountmerge.testing.reference.well_formedness import (
    added_faults,
    booking_roots,
    claimed_twice,
    live_bookings,
)
from oracles.accepted_faults import unaccepted
from planner_laws.law_cases import expect

if TYPE_CHECKING:
    from accountmerge.model.snapshots import Snapshot
    from planner_laws.law_cases import PlannerLawCase


def every_prefix_of_steps_is_safe(case: PlannerLawCase) -> None:
    """After any step there is no fault that there was not, but what was accepted by name or is over."""
    question, known = case.question, booking_roots(case.snapshot)
    for n, part in case.parts():
        added = added_faults(case.snapshot, part)
        faults = unaccepted(added, question.request, part, question.at, known)
        told = "; ".join(sorted(" ".join(map(str, fault)) for fault in faults)[:5])
        expect(not faults, f"after {n} steps: {told}")
        case.count("prefixes")


def no_edit_adds_a_fault(case: PlannerLawCase) -> None:
    """Within a step there is no fault either, but a booking that is there twice until its step is done."""
    question, known = case.question, booking_roots(case.snapshot)
    for n, part in case.moments:
        added = {fault for fault in added_faults(case.snapshot, part) if fault[0] != "booking doubled"}
        faults = unaccepted(added, question.request, part, question.at, known)
        told = "; ".join(sorted(" ".join(map(str, fault)) for fault in faults)[:5])
        expect(not faults, f"after {n} edits: {told}")
        case.count("moments")


def claims_are_released_before_they_are_taken(case: PlannerLawCase) -> None:
    """At no moment, not even within a step, does one address sign in two who did not share it before."""
    before = claimed_twice(case.snapshot)
    for n, part in case.moments:
        expect(
            not claimed_twice(part) - before,
            f"after {n} edits an address that somebody has is claimed by two",
        )
        case.count("moments")


def values_are_gained_before_they_are_lost(case: PlannerLawCase) -> None:
    """At no moment, not even within a step, is anything away that is there before and afterwards."""
    lasting = _values(case.snapshot) & _values(case.whole)
    live, known = live_bookings(case.snapshot), booking_roots(case.snapshot)
    for n, part in case.moments:
        gone = sorted({name if name in _SHARED else f"{name} {id}" for name, id in lasting - _values(part)})
        expect(not gone, f"after {n} edits something is nowhere: {'; '.join(gone[:5])}")
        now = live_bookings(part, known)
        lost = sorted(root for root, count in live.items() if count and not now[root])
        expect(not lost, f"after {n} edits a booking is nowhere live: {', '.join(lost[:5])}")
        case.count("moments")


_SHARED = ("a mailbox", "phones", "opt_outs", "former_record_numbers")
"""What customers are known by; the values are told to nobody."""


def _values(snapshot: Snapshot) -> set[tuple[str, Any]]:
    """Return what may have another home, but has to have one: entities, and what customers are known by."""
    found: set[tuple[str, Any]] = {
        (kind.name, row.id) for kind in KINDS for row in snapshot.table(kind.collection)
    }
    for row in snapshot.customers:
        found |= {(_SHARED[0], email.address.mailbox) for email in row.emails}
        for name in _SHARED[1:]:
            found |= {(name, value) for value in getattr(row, name)}
    return found


def everything_is_rebooked_before_activation(case: PlannerLawCase) -> None:
    """At no moment are two schedules open, and none changes hands while the old one has a booking to come."""
    question = case.question
    if not isinstance(question.request, MigrationRequest):
        raise Inapplicable
    old = case.snapshot.profiles[question.request.profile_id]
    new = case.whole.profiles[old.id].succeeded_by
    for n, part in case.moments:
        both = {
            fault
            for fault in unaccepted(added_faults(case.snapshot, part), question.request, part, question.at)
            if fault[0] == "two active schedules"
        }
        expect(not both, f"after {n} edits two schedules are active")
        closed = old.schedule == "active" and part.profiles[old.id].schedule != "active"
        successor = part.profiles.get(new or "")
        opened = successor is not None and successor.schedule == "active"
        left = [
            row.id
            for row in part.appointments
            if row.profile_id == old.id and row.status in ("booked", "held") and row.slot.start >= question.at
        ]
        expect(not (left and (closed or opened)), f"after {n} edits booking {left[:1]} is left behind")
        case.count("moments of a move")


def nobody_retires_before_all_has_moved(case: PlannerLawCase) -> None:
    """After any step, nothing that is left names a customer who has been merged by then."""
    request = case.question.request
    if not isinstance(request, MergeRequest):
        raise Inapplicable
    was_merged = {row.id for row in case.snapshot.customers if row.merged_into is not None}
    for n, part in case.parts():
        merged = {row.id for row in part.customers if row.merged_into is not None} - was_merged
        rows: list[Any] = [*part.appointments, *part.records, *part.access]
        rows += [row for row in part.access_requests if row.status == "pending"]
        left = sorted(
            f"{kind_of(row).name} {row.id}"
            for row in rows
            for field in ("customer_id", "related_customer_id")
            if getattr(row, field, None) in merged
        )
        expect(not left, f"after {n} steps a customer is merged, and is named by {', '.join(left[:5])}")
        case.count("prefixes of merges")
