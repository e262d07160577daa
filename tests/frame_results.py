"""Every result of the library about a drawn case, with the objects that its frame has to show."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

import accountmerge as am
from accountmerge.model.entities import KINDS
from accountmerge.testing.strategies import (
    busy,
    customer_cases,
    merge_cases,
    migration_cases,
    rebooking_cases,
)
from canaries import (
    Aviary,
    confirmed,
    merge_of_canaries,
    migration_of_canaries,
    rebooking_of_canaries,
    small_plan_of_canaries,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hypothesis import strategies as st

changes, customers, merges, migrations = am.changes, am.customers, am.merges, am.migrations
plans, rebooking, views = am.plans, am.rebooking, am.views
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CASES: dict[str, st.SearchStrategy[Any]] = {
    "migration": busy(migration_cases(max_appointments=5)).map(migration_of_canaries),
    "merge": busy(merge_cases(max_appointments=4, max_records=5)).map(merge_of_canaries),
    "small plan": customer_cases().map(small_plan_of_canaries),
    "rebooking": rebooking_cases().map(rebooking_of_canaries),
}
"""Drawn cases whose personal values can be recognised wherever they are shown."""


class Result(NamedTuple):
    """A result, the class of the rows that are asked for, and the objects that become rows.

    Attributes:
        value: The result.
        of: The class that is named in the call, or None.
        objects: The objects, one for each row, in their order.
        rows: The class of the rows.
    """

    value: object
    of: type | None
    objects: tuple[Any, ...]
    rows: type


def one(rows: type, value: Any) -> Result:
    """Return a result that is one row."""
    return Result(value, None, (value,), rows)


def many(rows: type, values: Iterable[Any]) -> Result:
    """Return a collection of which each value is a row."""
    given = tuple(values)
    return Result(given, rows, given, rows)


def of_snapshot(snapshot: am.Snapshot) -> Iterator[Result]:
    """Yield a snapshot, its tables, and what can be asked of it alone."""
    every = tuple(row for kind in KINDS for row in snapshot.table(kind.collection).sorted())
    yield Result(snapshot, None, every, am.Snapshot)
    for kind in KINDS:
        rows = tuple(snapshot.table(kind.collection).sorted())
        yield Result(snapshot.table(kind.collection), None, rows, kind.cls)
        yield Result(snapshot, kind.cls, rows, kind.cls)
    yield many(am.DoubleBooking, am.find_double_bookings(snapshot))
    yield many(am.PrimaryEmailConflict, am.find_primary_email_conflicts(snapshot))
    yield many(am.Finding, am.find_faults(snapshot))
    ids = [row.id for row in snapshot.customers]
    suggestion = merges.suggest_survivor(snapshot, [*ids, "nobody"])
    ranked = (*suggestion.ranking, *suggestion.passed_over)
    yield Result(suggestion, None, ranked, merges.SurvivorCandidate)
    actors = merges.suggest_actor(snapshot, ids)
    yield Result(actors, None, actors.ranking, merges.ActorCandidate)
    for customer in snapshot.customers.sorted()[:2]:
        yield many(customers.CustomerMatch, customers.find_customers(snapshot, customer.record_number))
        for email in customer.emails:
            found = customers.diagnose_login(snapshot, email.address)
            yield Result(found, None, (found, *found.also), customers.LoginDiagnosis)
    for profile in snapshot.profiles.sorted()[:2]:
        yield one(migrations.BlackoutEstimate, migrations.estimate_blackout(snapshot, profile.id, start=NOON))
        yield many(migrations.WindowProposal, migrations.propose_windows(snapshot, profile.id, count=2))
        for id in ids[:2]:
            yield one(views.BookingRoute, views.booking_route(snapshot, profile.id, id))
            history = views.profile_history(snapshot, profile.id, id)
            yield Result(history, None, history.appointments, am.Appointment)
            yield Result(history, am.Record, history.records, am.Record)


def of_change_set(work: Any, change_set: am.ChangeSet) -> Iterator[Result]:
    """Yield what a plan, or its change set, is made of."""
    steps = change_set.steps
    yield Result(work, None, steps, changes.Step)
    yield Result(work, changes.Edit, tuple(edit for step in steps for edit in step.edits), changes.Edit)
    yield Result(work, changes.Guard, tuple(guard for step in steps for guard in step.guards), changes.Guard)
    yield Result(work, changes.LedgerEntry, change_set.ledger, changes.LedgerEntry)
    yield Result(work, changes.Obligation, change_set.obligations, changes.Obligation)
    yield many(changes.Step, steps)
    yield many(changes.LedgerEntry, change_set.ledger)
    yield many(changes.Moved, changes.moved(change_set))
    for step in steps[:3]:
        yield many(changes.Owed, changes.due(change_set, step.ordinal))


def of_plan(snapshot: am.Snapshot, plan: Any) -> Iterator[Result]:
    """Yield a plan of any kind, and everything that is told about it."""
    yield from of_change_set(plan, plan.change_set)
    yield from of_change_set(
        plan.change_set.prefix(1) if plan.change_set.steps else plan.change_set, plan.change_set
    )
    yield Result(plan, plans.Plan, (plan,), plans.Plan)
    yield Result(plan, am.Finding, plan.findings, am.Finding)
    yield many(changes.Dependence, changes.dependence(plan, plan))
    for id in sorted({edit.id for step in plan.change_set.steps for edit in step.edits})[:2]:
        explanation = plan.explain(id)
        yield Result(explanation, None, explanation.causes, plans.Cause)
        yield Result(explanation, am.Finding, explanation.findings, am.Finding)
    if plan.is_ready:
        yield from of_applying(snapshot, confirmed(plan))
    if isinstance(plan, am.MigrationPlan):
        yield from of_migration(snapshot, plan)


def of_applying(snapshot: am.Snapshot, change_set: am.ChangeSet) -> Iterator[Result]:
    """Yield reports about a change set that is half done."""
    half = change_set.prefix(len(change_set.steps) // 2)
    begun = am.apply(snapshot, half)
    yield many(changes.Edit, changes.difference(snapshot, begun))
    report = am.resume(begun, change_set)
    yield Result(report, None, report.edits, changes.EditProgress)
    receipts = [_receipt(change_set, step) for step in half.wanted_steps]
    yield many(am.Receipt, receipts)
    written = tuple(entry for receipt in receipts for entry in receipt.written)
    yield Result(tuple(receipts), changes.WrittenEntity, written, changes.WrittenEntity)
    failures = am.check(attrs.evolve(begun, taken_at=datetime(9999, 1, 1, tzinfo=UTC)), change_set)
    yield many(changes.Failure, failures)
    refusal = am.ApplyRefused(failures)
    yield Result(refusal, None, tuple(failures), changes.Failure)
    applied = changes.Applied(
        steps=tuple((receipt.ordinal, "applied") for receipt in receipts),
        failures=tuple(failures),
        receipts=tuple(receipts),
    )
    yield Result(applied, None, applied.steps, changes.Applied)
    yield Result(applied, am.Receipt, applied.receipts, am.Receipt)
    yield Result(applied, changes.Failure, applied.failures, changes.Failure)
    yield many(changes.Owed, changes.owed(change_set, report))


def _receipt(change_set: am.ChangeSet, step: am.changes.Step) -> am.Receipt:
    edits = step.edits
    versions: tuple[Any, ...] = ("1", 1, None)
    written = [
        changes.WrittenEntity(
            entity=edit.entity, id=edit.id, version=versions[place % 3], store_id=f"own-{place}"
        )
        for place, edit in enumerate(edits)
    ]
    step_id = f"{change_set.plan_id}/{step.ordinal}"
    return am.Receipt(step_id=step_id, outcome="applied", written=written, at=NOON, by="Canary Applier")


def of_migration(snapshot: am.Snapshot, plan: am.MigrationPlan) -> Iterator[Result]:
    """Yield the course of a migration and the views of it."""
    yield Result(plan, migrations.Phase, plan.timeline.phases, migrations.Phase)
    yield Result(plan.timeline, None, plan.timeline.phases, migrations.Phase)
    yield Result(plan, migrations.Task, plan.tasks, migrations.Task)
    yield many(migrations.Notice, migrations.notices(plan))
    report = migrations.progress(snapshot, plan)
    bookings = (*report.bookings, *report.unknown, *report.booked_meanwhile)
    yield Result(report, None, bookings, migrations.BookingProgress)
    yield Result(report, migrations.Gate, (*report.gates.values(),), migrations.Gate)
    yield Result(report, changes.Owed, report.owed, changes.Owed)
    yield Result(report, am.DoubleBooking, report.conflicts, am.DoubleBooking)
    with contextlib.suppress(am.ApplyRefused):
        at = plan.change_set.at + timedelta(hours=1)
        visibility = views.visibility_at(
            snapshot, plan, at=at, within=am.TimeSlot(at, at + timedelta(hours=9))
        )
        yield Result(visibility, None, (*things_in(visibility),), views.Visibility)
        yield Result(visibility, views.WorkingLogins, (visibility.logins,), views.WorkingLogins)
        yield many(am.TimeSlot, visibility.manual)
        for view in filter(None, (visibility.old, visibility.new)):
            yield Result(view, am.Customer, view.customers, am.Customer)
            yield Result(view, views.BookingRoute, view.routes, views.BookingRoute)
        overlap = views.find_bookability_overlap(snapshot, plan)
        yield many(views.BookabilityOverlap, () if overlap is None else (overlap,))


def things_in(visibility: am.views.Visibility) -> Iterator[object]:
    """Yield each thing that is visible or free, one for each row."""
    for view in filter(None, (visibility.old, visibility.new)):
        yield view.profile_id
        yield from (*view.portal, *view.customers, *view.quick_view)
        for history in view.histories:
            yield from (*history.appointments, *history.records)
        yield from view.routes
    yield from visibility.manual


def of_cohort(cohort: am.migrations.MigrationCohort) -> Iterator[Result]:
    """Yield a cohort and its parts."""
    yield Result(cohort, None, cohort.members, migrations.CohortMember)
    planned = [(member, member.plan) for member in cohort.members]
    findings = [(*member.findings, *(plan.findings if plan else ())) for member, plan in planned]
    yield Result(cohort, am.Finding, tuple(finding for some in findings for finding in some), am.Finding)
    steps = tuple(step for _, plan in planned if plan for step in plan.change_set.steps)
    yield Result(cohort, changes.Step, steps, changes.Step)
    yield Result(cohort, changes.Edit, tuple(edit for step in steps for edit in step.edits), changes.Edit)
    phases = tuple(phase for _, plan in planned if plan for phase in plan.timeline.phases)
    yield Result(cohort, migrations.Phase, phases, migrations.Phase)
    yield Result(cohort, plans.Plan, tuple(plan for _, plan in planned if plan), plans.Plan)


def of_batch(batch: am.merges.MergeBatch) -> Iterator[Result]:
    """Yield a batch of merges and its parts."""
    yield Result(batch, None, batch.groups, merges.MergeGroup)
    yield Result(batch, am.MergePlan, batch.plans, plans.Plan)
    findings = [
        finding
        for group in batch.groups
        for finding in (*group.findings, *(finding for plan in group.plans for finding in plan.findings))
    ]
    yield Result(batch, am.Finding, tuple(findings), am.Finding)
    ledger = tuple(entry for plan in batch.plans for entry in plan.ledger)
    yield Result(batch, changes.LedgerEntry, ledger, changes.LedgerEntry)


def of_case(case: Any) -> Iterator[Result]:
    """Yield every result about a drawn case of any kind."""
    plan = case.plan()
    yield from of_snapshot(case.snapshot)
    yield from of_plan(case.snapshot, plan)
    again: Any = plan
    if plan.is_ready:
        rebase: Any = am.rebase(case.snapshot, again)
        yield Result(rebase, None, rebase.steps, changes.StepDifference)
    at = plan.change_set.at
    if isinstance(plan, am.MigrationPlan):
        yield from of_cohort(
            migrations.plan_migrations(case.snapshot, [plan.request], rules=case.rules, at=at)
        )
    if isinstance(plan, am.MergePlan):
        yield from of_batch(merges.plan_merges(case.snapshot, [plan.request], rules=case.rules, at=at))


def of_texts() -> Iterator[Result]:
    """Yield results about a text of somebody else: a message and a file."""
    reading = rebooking.read_rebooking_message("No message at all")
    yield Result(reading, None, reading.questions, rebooking.Question)
    try:
        am.loads('{"format": "accountmerge.snapshot/1"}')
    except am.LoadError as error:
        yield Result(error, None, error.faults, am.documents.Fault)


def _served(snapshot: am.Snapshot, plan: am.MigrationPlan) -> am.Snapshot:
    """Return data in which customer service has booked a customer into the new profile."""
    old, new = plan.rebooked[0]
    row = attrs.evolve(snapshot.appointments[new], id="by-service", replaces=None, number=None)
    later = am.TimeSlot(row.slot.start + timedelta(days=300), row.slot.end + timedelta(days=300))
    assert snapshot.appointments[old].replaced_by == new
    return snapshot.changed([attrs.evolve(row, slot=later)])


def of_practice() -> Iterator[Result]:
    """Yield results about the invented practice of the pages, with personal values that are canaries."""
    read = am.loads(Path(__file__).parents[1] / "docs/examples/practice.json")
    assert isinstance(read, am.Snapshot)
    snapshot = Aviary().snapshot(read)
    at = datetime(2026, 3, 1, 22, tzinfo=UTC)
    window = am.TimeSlot(at + timedelta(days=3), at + timedelta(days=3, hours=4))
    told = am.Agreement(by="Canary", at=at - timedelta(days=9), version="1")
    asked = am.MigrationRequest(
        profile_id="profile-2",
        new_email="canary@example.com",
        reason="security",
        ticket="T-1",
        agreement=told,
        window=window,
    )
    plan = am.plan_migration(snapshot, asked, at=at)
    assert plan.is_ready
    yield from of_snapshot(snapshot)
    yield from of_plan(snapshot, plan)
    yield from of_migration(_served(am.apply(snapshot, plan.change_set.prefix(4)), plan), plan)
    slots = views.portal_availability(
        snapshot, plan, profile_id="profile-2", at=at, within=am.TimeSlot(at, window.start), minutes=60
    )
    yield many(am.TimeSlot, slots)
    twice = [
        asked,
        attrs.evolve(asked, ticket="T-2"),
        attrs.evolve(asked, profile_id="profile-3", window=None),
    ]
    yield from of_cohort(migrations.plan_migrations(snapshot, twice, at=at))
    merge = am.MergeRequest(survivor="customer-61", absorbed=["customer-62"], actor="profile-1")
    circle = am.MergeRequest(survivor="customer-62", absorbed=["customer-61"], actor="profile-1")
    yield from of_plan(snapshot, am.plan_merge(snapshot, merge, at=at))
    yield from of_batch(merges.plan_merges(snapshot, [merge], at=at))
    yield from of_batch(merges.plan_merges(snapshot, [merge, circle], at=at))
    rebase: Any = am.rebase(snapshot, plan)
    yield Result(rebase, None, rebase.steps, changes.StepDifference)
