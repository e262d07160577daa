"""The course of the demo, with a migration and a merge that are each applied twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import attrs

import accountmerge as am
from accountmerge.changes.appliers import Applied
from accountmerge.cli.demo_practice import (
    MANAGER,
    MERGE_AT,
    MOVE_AT,
    READ_AT,
    merge_request,
    migration_request,
    practice,
)
from accountmerge.cli.demo_store import DemoStore
from accountmerge.model.appointments import REBOOKED
from accountmerge.model.instants import rfc3339


@attrs.frozen(repr=False)
class Part:
    """A plan, and the store before and after it.

    Attributes:
        plan: The plan as it was applied, of a merge with its confirmation.
        before: The data that the plan was made with.
        after: The data after the second application.
        applied: The result of the first application.
        again: The result of the second application.
        changed: The number of rows that the second application changed.
    """

    plan: Any
    before: am.Snapshot
    after: am.Snapshot
    applied: Applied
    again: Applied
    changed: int

    @property
    def already(self) -> int:
        """The number of steps that the second application found done."""
        return [*self.again.outcomes.values()].count("already")


@attrs.frozen(repr=False)
class BookingCourse:
    """One booking before and after the demo; both are the same if it was not rebooked."""

    before: am.Appointment
    after: am.Appointment


@attrs.frozen(repr=False)
class CustomerState:
    """The login and the counts of one customer at one time.

    Attributes:
        signs_in_with: The address that signs in, or None if no address does.
        bookings: The number of bookings; a rebooked booking counts once.
        notes: The number of notes.
    """

    signs_in_with: str | None
    bookings: int
    notes: int


@attrs.frozen(repr=False)
class Course:
    """The migration and the merge of the demo.

    Attributes:
        migration: The migration.
        merge: The merge, planned with the data after the migration.
    """

    migration: Part
    merge: Part

    @property
    def before(self) -> am.Snapshot:
        """The data before both."""
        return self.migration.before

    @property
    def after(self) -> am.Snapshot:
        """The data after both."""
        return self.merge.after

    @property
    def bookings(self) -> tuple[BookingCourse, ...]:
        """Each booking with its last replacement, soonest first."""
        return tuple(
            BookingCourse(row, found)
            for row in sorted(self.before.appointments, key=lambda row: row.order)
            if isinstance(found := am.changes.where_now(self.after, row.id), am.Appointment)
        )

    @property
    def customers(self) -> tuple[tuple[str, CustomerState, CustomerState], ...]:
        """The id of each customer with its state before and after."""
        return tuple(
            (row.id, _state(self.before, row.id), _state(self.after, row.id)) for row in self.before.customers
        )

    @property
    def kept_bookings(self) -> int:
        """The number of bookings that are in exactly one place, with the same time and status."""
        kept = {row.after.id for row in self.bookings if _same_visit(row)}
        return len(kept) if len(list(_counted(self.after))) == len(self.before.appointments) else 0

    @property
    def kept_notes(self) -> int:
        """The number of notes with the same content and author."""
        found = ((row, self.after.records.get(row.id)) for row in self.before.records)
        return sum(
            now is not None
            and (row.data, row.profile_id, row.created_at) == (now.data, now.profile_id, now.created_at)
            for row, now in found
        )

    @property
    def faults(self) -> tuple[int, int]:
        """The number of faults in the data before and after."""
        return len(am.find_faults(self.before)), len(am.find_faults(self.after))

    @property
    def is_good(self) -> bool:
        """Whether everything was applied, kept and stable."""
        parts = (self.migration, self.merge)
        return (
            all(part.changed == 0 and part.already == len(part.plan.change_set.steps) for part in parts)
            and self.kept_bookings == len(self.before.appointments)
            and self.kept_notes == len(self.before.records)
            and self.faults[1] <= self.faults[0]
        )


def run_course(store: DemoStore) -> Course:
    """Fill a store with the practice of the demo, then apply a migration and a merge to it.

    Args:
        store: The store; its data are replaced.
    """
    store.seed(practice())
    before = store.snapshot(READ_AT)
    migration = am.plan_migration(before, migration_request(), at=MOVE_AT)
    moved = _applied(store, migration, before, MOVE_AT, MERGE_AT)
    merge = am.plan_merge(moved.after, merge_request(), at=MERGE_AT)
    confirmed = attrs.evolve(merge, change_set=merge.confirm(by=MANAGER, at=MERGE_AT))
    return Course(moved, _applied(store, confirmed, moved.after, MERGE_AT, MERGE_AT + timedelta(hours=1)))


def course_json(course: Course) -> dict[str, Any]:
    """Return the demo as plain data, for `--json`.

    Args:
        course: The demo.
    """
    before = course.before
    blackout = course.migration.plan.blackout
    return {
        "invented": True,
        "ok": course.is_good,
        "practice": {
            "profiles": len(before.profiles),
            "customers": len(before.customers),
            "bookings": len(before.appointments),
            "notes": len(before.records),
            "access": len(before.access),
        },
        "migration": _part_json(course.migration)
        | {"blackout": {"start": rfc3339(blackout.start_us), "end": rfc3339(blackout.end_us)}},
        "bookings": [
            {
                "id": row.before.id,
                "start": rfc3339(row.before.slot.start_us),
                "status": row.after.status,
                "before": _booking_json(course.before, row.before),
                "after": _booking_json(course.after, row.after),
            }
            for row in course.bookings
        ],
        "merge": _part_json(course.merge),
        "customers": [
            {"id": id, "before": attrs.asdict(before), "after": attrs.asdict(after)}
            for id, before, after in course.customers
        ],
        "kept": {"bookings": course.kept_bookings, "notes": course.kept_notes},
        "faults": dict(zip(("before", "after"), course.faults, strict=True)),
    }


def _applied(store: DemoStore, plan: Any, before: am.Snapshot, at: datetime, read_at: datetime) -> Part:
    applied = store.apply(plan.change_set, now=at)
    after = store.snapshot(read_at)
    again = store.apply(plan.change_set, now=at)
    reread = store.snapshot(read_at)
    return Part(plan, before, reread, applied, again, len(am.changes.difference(after, reread)))


def _counted(snapshot: am.Snapshot) -> Iterator[am.Appointment]:
    """Yield each booking once, without the old halves of rebookings."""
    return (row for row in snapshot.appointments if row.cancel_reason != REBOOKED)


def _same_visit(row: BookingCourse) -> bool:
    before, after = row.before, row.after
    return (before.slot, before.status, before.modality) == (after.slot, after.status, after.modality)


def _state(snapshot: am.Snapshot, id: str) -> CustomerState:
    customer = snapshot.customers[id]
    logins = [email.address.text for email in customer.emails if email.use == "primary"]
    return CustomerState(
        signs_in_with=logins[0] if logins and customer.status == "active" else None,
        bookings=sum(row.customer_id == id for row in _counted(snapshot)),
        notes=sum(row.customer_id == id for row in snapshot.records),
    )


def _part_json(part: Part) -> dict[str, Any]:
    plan = part.plan
    return {
        "plan_id": plan.plan_id,
        "ready": plan.is_ready,
        "warnings": [finding.id for finding in plan.warnings],
        "steps": dict(Counter(step.kind for step in plan.change_set.steps)),
        "applied": len(part.applied.receipts),
        "again": {"already": part.already, "rows_changed": part.changed},
    }


def _booking_json(snapshot: am.Snapshot, row: am.Appointment) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "profile": snapshot.profiles[row.profile_id].email.text,
        "customer_id": row.customer_id,
    }
