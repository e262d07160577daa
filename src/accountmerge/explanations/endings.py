"""Endings: where a thing stands after the last edit of it, told by ids and words of closed vocabularies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.explanations.explanation import Ground
from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.model.entities import Entity


def ending_grounds(change_set: ChangeSet, first: Entity | None, last: Entity | None) -> Iterator[Ground]:
    """Yield where a thing ends: with whom, in which state, and in whose place.

    Args:
        change_set: What is to be done.
        first: The thing before the first edit of it.
        last: The thing after the last edit of it.
    """
    match last:
        case Appointment():
            yield from _of_appointment(last)
        case Record():
            yield from _of_record(first, last)
        case Access():
            yield Ground.of(
                "access_ends", profile_id=last.profile_id, customer_id=last.customer_id, level=last.level
            )
        case AccessRequest():
            yield Ground.of("request_ends", status=last.status)
        case Customer():
            yield from _of_customer(first, last)
        case Profile():
            yield Ground.of("profile_ends", login=last.login, schedule=last.schedule)
            if last.succeeded_by is not None:
                yield Ground.of("succeeded", successor_id=last.succeeded_by)
        case None:
            if isinstance(first, Access):
                yield from _goes_on(change_set, first)


def _of_appointment(last: Appointment) -> Iterator[Ground]:
    facts = {"profile_id": last.profile_id, "customer_id": last.customer_id, "status": last.status}
    yield Ground.of("booking_ends", **facts)
    if last.replaced_by is not None:
        yield Ground.of("replaced", replaced_by=last.replaced_by)
    if last.replaces is not None:
        yield Ground.of("replaces", replaces=last.replaces)


def _of_record(first: Entity | None, last: Record) -> Iterator[Ground]:
    yield Ground.of("record_ends", customer_id=last.customer_id)
    before = first.profile_id if isinstance(first, Record) else None
    if last.profile_id is not None and last.profile_id != before:
        yield Ground.of("record_handed_over", profile_id=last.profile_id)


def _of_customer(first: Entity | None, last: Customer) -> Iterator[Ground]:
    yield Ground.of("customer_ends", status=last.status)
    if last.merged_into is not None:
        yield Ground.of("absorbed", survivor_id=last.merged_into)
    if not isinstance(first, Customer) or first.emails != last.emails:
        primary = sum(email.use == "primary" for email in last.emails)
        yield Ground.of("emails_end", count=len(last.emails), primary=primary)


def _goes_on(change_set: ChangeSet, gone: Access) -> Iterator[Ground]:
    """Yield what gives a profile the access that a removed row gave it, if a step writes that."""
    for step in change_set.steps:
        for edit in step.edits:
            after = edit.after
            if isinstance(after, Access) and after.profile_id == gone.profile_id:
                facts = {"profile_id": after.profile_id, "customer_id": after.customer_id}
                yield Ground.of("access_goes_on", step.ordinal, id=after.id, level=after.level, **facts)
