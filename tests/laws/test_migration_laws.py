"""The laws of the change set (design, section 6), for migrations.

Those that hold for plans of every kind are the laws of planners (`planner_laws/test_planner_laws.py`).
"""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.entities import KINDS
from accountmerge.testing.reference import added_faults, crashed, edits_of, live_bookings
from accountmerge.testing.strategies import (
    MigrationCase,
    migration_cases,
    migration_requests,
    ready,
    snapshots,
)
from accountmerge.wire.canonical import sealed
from closed_words import check_words
from rewritten_data import in_own_ids, read_at

# 1. Deterministic


@given(ready(migration_cases()))
def test_a_plan_id_is_of_the_content_alone(case: MigrationCase) -> None:
    change_set = case.plan().change_set
    remarked = attrs.evolve(change_set, annotations=am.model.FrozenJson.of({"seen": True}))
    confirmed = change_set.confirm(by="Ann Example", at=case.at)
    for variant in (remarked, confirmed, change_set.prefix(0)):
        assert am.loads(am.dumps(variant)) == variant  # a file whose plan id does not fit is refused


# 2. Pure


@given(migration_cases())
def test_planning_and_applying_change_nothing(case: MigrationCase) -> None:
    before = am.dumps(case.snapshot)
    plan = case.plan()
    if plan.is_ready:
        am.apply(case.snapshot, plan.change_set)
    assert am.dumps(case.snapshot) == before


# 3. Goal


@given(ready(migration_cases()))
def test_planning_on_the_result_of_a_prefix_gives_what_is_left(case: MigrationCase) -> None:
    change_set = case.plan().change_set
    whole = am.apply(case.snapshot, change_set)
    for n in range(len(change_set.steps) + 1):
        part = am.apply(case.snapshot, change_set.prefix(n))
        rest = case.plan(part)
        assert rest.is_ready, (n, rest.blockers)
        assert am.apply(part, rest.change_set) == whole
        assert len(rest.change_set.steps) == len(change_set.steps) - n


@given(ready(migration_cases()))
def test_planning_after_a_crash_in_any_edit_loses_nothing(case: MigrationCase) -> None:
    """A set that was lost after some of its edits: planning the same request again reaches the same end."""
    change_set = case.plan().change_set
    whole = am.apply(case.snapshot, change_set)
    edits = edits_of(change_set)
    for n in range(len(edits) + 1):
        part = crashed(case.snapshot, edits[:n])
        rest = case.plan(part)
        if rest.is_ready:
            assert am.apply(part, rest.change_set) == whole, n
        else:  # what was halfway through a step that needs an acceptance is for a person
            assert {finding.code for finding in rest.blockers} <= {"destination_double_booking"}


@given(ready(migration_cases()), st.booleans())
def test_a_finished_migration_stays_finished_after_the_next_one(case: MigrationCase, back: bool) -> None:
    first = am.apply(case.snapshot, case.plan().change_set)
    old = first.profiles[case.request.profile_id]
    assert old.succeeded_by is not None
    address = "third@example.com" if not back else "first.again@example.com"
    onward = attrs.evolve(
        case.request, profile_id=old.succeeded_by, new_email=address, ticket="T-9", numbers=()
    )
    second = am.plan_migration(first, onward, rules=case.rules, at=case.at)
    assume(second.is_ready)
    for n in range(len(second.change_set.steps) + 1):
        part = am.apply(first, second.change_set.prefix(n))
        again = case.plan(part)
        assert again.is_ready, (n, again.blockers)
        assert again.change_set.steps == ()


# 4. Prefix-safe


@given(ready(migration_cases()))
def test_no_prefix_adds_a_fault(case: MigrationCase) -> None:
    change_set = case.plan().change_set
    for n in range(len(change_set.steps) + 1):
        assert not added_faults(case.snapshot, am.apply(case.snapshot, change_set.prefix(n)))


@given(ready(migration_cases()))
def test_at_every_prefix_each_future_booking_is_live_in_exactly_one_profile(case: MigrationCase) -> None:
    change_set = case.plan().change_set
    singles = {root for root, count in live_bookings(case.snapshot).items() if count == 1}
    for n in range(len(change_set.steps) + 1):
        now = live_bookings(am.apply(case.snapshot, change_set.prefix(n)))
        assert all(now[root] == 1 for root in singles)


# 7. Resumable


@given(ready(migration_cases()))
def test_versions_and_numbers_of_the_store_are_carried_over(case: MigrationCase) -> None:
    """A store numbers what it books and counts its writes; neither is drift, and neither is lost."""
    change_set = case.plan().change_set
    whole = am.apply(case.snapshot, change_set)
    edits = edits_of(change_set)
    for n in range(1, len(edits) + 1):
        rows = crashed(case.snapshot, edits[:n])
        touched = [rows.table(_collection(edit)).get(edit.id) for edit in edits[:n]]
        stamped = {row.id: attrs.evolve(row, version="new") for row in touched if row is not None}
        numbered = [
            attrs.evolve(row, number="APP-31337")
            if isinstance(row, am.Appointment) and row.number is None
            else row
            for row in stamped.values()
        ]
        stored = rows.changed(numbered)
        result = am.apply(stored, change_set)
        for row in numbered:
            kept = result.table(_collection_of(row)).get(row.id)
            assert kept is not None
            assert kept.version == "new"
            if isinstance(row, am.Appointment) and isinstance(kept, am.Appointment):
                assert kept.number == row.number
        assert _unstamped(result) == _unstamped(whole)


def _collection(edit: am.changes.Edit) -> Any:
    return next(kind.collection for kind in KINDS if kind.name == edit.entity)


def _collection_of(row: Any) -> Any:
    return next(kind.collection for kind in KINDS if kind.cls is type(row))


def _unstamped(snapshot: am.Snapshot) -> am.Snapshot:
    rows: dict[str, Any] = {}
    for kind in KINDS:
        blank: Any = dict.fromkeys(kind.store_given)
        rows[kind.collection] = [attrs.evolve(row, **blank) for row in snapshot.table(kind.collection)]
    return am.Snapshot(snapshot.taken_at, complete_for=snapshot.complete_for, **rows)


@given(ready(migration_cases()))
def test_a_store_with_ids_of_its_own_books_nothing_twice(case: MigrationCase) -> None:
    change_set = case.plan().change_set
    own = {edit.key: f"store-{edit.id[:6]}" for edit in edits_of(change_set) if edit.op == "create"}
    edits = in_own_ids(edits_of(change_set), own)
    whole = crashed(case.snapshot, edits)
    for n in range(len(edits) + 1):
        part = crashed(case.snapshot, edits[:n])
        result = am.apply(part, change_set)
        if all(edit.id in own.values() for edit in edits[n:] if edit.op == "create"):
            assert len(result.appointments) == len(whole.appointments)
        assert not added_faults(case.snapshot, result)
        assert am.apply(result, change_set) == result


# 8. Refuses whole


@given(ready(migration_cases()), st.data())
def test_a_foreign_write_is_refused_whole_and_never_overwritten(
    case: MigrationCase, data: st.DataObject
) -> None:
    change_set = case.plan().change_set
    changed = [edit for edit in edits_of(change_set) if edit.op == "change" and edit.before is not None]
    seen = [edit for edit in changed if case.snapshot.table(_collection(edit)).get(edit.id) is not None]
    assume(seen)
    edit = data.draw(st.sampled_from(seen))
    row = case.snapshot.table(_collection(edit)).get(edit.id)
    assert row is not None
    foreign = case.snapshot.changed([_written_by_somebody(row)])
    failures = am.check(foreign, change_set)
    assert ("drifted", row.id) in {(failure.code, failure.facts.get("id")) for failure in failures}
    with pytest.raises(am.ApplyRefused) as refusal:
        am.apply(foreign, change_set)
    assert refusal.value.failures == failures


def _written_by_somebody(row: Any) -> Any:
    if isinstance(row, am.Appointment):
        return attrs.evolve(row, time_zone="Pacific/Auckland")
    if isinstance(row, am.Profile):
        return attrs.evolve(row, email="scribble@example.net")
    if isinstance(row, am.Record):
        return attrs.evolve(row, unique_key="scribble")
    return attrs.evolve(row, since=datetime(1999, 1, 1, tzinfo=UTC))


@given(ready(migration_cases()), snapshots())
def test_apply_succeeds_just_when_check_finds_nothing(case: MigrationCase, other: am.Snapshot) -> None:
    change_set = case.plan().change_set
    for snapshot in (case.snapshot, other):
        failures = am.check(snapshot, change_set)
        if failures:
            with pytest.raises(am.ApplyRefused) as refusal:
                am.apply(snapshot, change_set)
            assert refusal.value.failures == failures
        else:
            am.apply(snapshot, change_set)


@given(ready(migration_cases()), st.data())
def test_a_version_that_a_guard_names_is_compared(case: MigrationCase, data: st.DataObject) -> None:
    change_set = case.plan().change_set
    versioned = [
        edit.before
        for edit in edits_of(change_set)
        if edit.before is not None and edit.before.version is not None
    ]
    rows = [row for row in versioned if case.snapshot.table(_collection_of(row)).get(row.id) == row]
    assume(rows)
    row = data.draw(st.sampled_from(rows))
    for version in (None, "other"):
        foreign = case.snapshot.changed([attrs.evolve(row, version=version)])
        assert "version_changed" in {failure.code for failure in am.check(foreign, change_set)}


# 9. Guards


def _moves(case: MigrationCase) -> list[am.Appointment]:
    return [
        edit.before
        for edit in edits_of(case.plan().change_set)
        if isinstance(edit.before, am.Appointment) and edit.before.is_live
    ]


def _phantom(case: MigrationCase, like: am.Appointment, profile_id: str) -> am.Appointment:
    return attrs.evolve(
        like,
        id="phantom",
        number=None,
        profile_id=profile_id,
        replaces=None,
        replaced_by=None,
        status="booked",
    )


@given(ready(migration_cases()), st.data())
def test_a_booking_that_appears_in_a_wanted_slot_is_seen(case: MigrationCase, data: st.DataObject) -> None:
    change_set = case.plan().change_set
    created = [
        e.after for e in edits_of(change_set) if e.op == "create" and isinstance(e.after, am.Appointment)
    ]
    assume(created)
    wanted = data.draw(st.sampled_from(created))
    old = case.snapshot.profiles[case.request.profile_id]
    elsewhere = am.Profile(
        id="elsewhere",
        practitioner_id=old.practitioner_id,
        email="e@example.com",
        login="enabled",
        schedule="inactive",
    )
    meanwhile = case.snapshot.changed([elsewhere, _phantom(case, wanted, "elsewhere")])
    failures = am.check(meanwhile, change_set)
    assert "slot_taken" in {failure.code for failure in failures}


@given(ready(migration_cases()), st.data())
def test_a_booking_that_appears_after_its_step_does_not_block_a_resume(
    case: MigrationCase, data: st.DataObject
) -> None:
    change_set = case.plan().change_set
    rebooked = [step.ordinal for step in change_set.steps if step.kind == "rebook"]
    assume(rebooked)
    n = data.draw(st.sampled_from(rebooked))
    part = am.apply(case.snapshot, change_set.prefix(n))
    made = [
        e.after
        for e in change_set.steps[n - 1].edits
        if isinstance(e.after, am.Appointment) and e.after.is_live
    ]
    assume(made)
    others = [r for r in _moves(case) if r.slot.overlaps(made[0].slot) and r.id != made[0].replaces]
    assume(not others)
    meanwhile = part.changed([_phantom(case, made[0], made[0].profile_id)])
    am.apply(meanwhile, change_set)


@given(ready(migration_cases()))
def test_an_address_that_is_claimed_meanwhile_is_seen(case: MigrationCase) -> None:
    change_set = case.plan().change_set
    opens = [
        step for step in change_set.steps if step.kind == "open_profile" and step.edits[0].op == "create"
    ]
    assume(opens)
    thief = am.Profile(
        id="thief",
        practitioner_id="somebody else",
        email=case.request.new_email,
        login="enabled",
        schedule="pending",
    )
    failures = am.check(case.snapshot.changed([thief]), change_set)
    assert "address_claimed" in {failure.code for failure in failures}


@given(ready(migration_cases()))
def test_a_booking_that_appears_in_the_old_profile_stops_the_activation(case: MigrationCase) -> None:
    change_set = case.plan().change_set
    assume(any(step.kind == "deactivate_schedule" for step in change_set.steps))
    start = case.at + timedelta(days=900)
    late = am.Appointment(
        id="phantom",
        profile_id=case.request.profile_id,
        customer_id="C0",
        slot=am.TimeSlot(start, start + timedelta(hours=1)),
        time_zone="UTC",
        modality="phone",
        status="held",
    )
    failures = am.check(case.snapshot.changed([late]), change_set)
    assert "other_future_booking" in {failure.code for failure in failures}


@given(ready(migration_cases()), st.data())
def test_a_plan_applied_late_cancels_nothing_that_has_begun(case: MigrationCase, data: st.DataObject) -> None:
    change_set = case.plan().change_set
    moves = _moves(case)
    assume(moves)
    row = data.draw(st.sampled_from(moves))
    late = read_at(case.snapshot, row.slot.start + timedelta(microseconds=1))
    assert "too_late" in {failure.code for failure in am.check(late, change_set)}
    done = am.apply(case.snapshot, change_set)
    assert am.check(read_at(done, row.slot.end), change_set) == ()


@given(ready(migration_cases()), st.data())
def test_another_schedule_that_is_opened_meanwhile_stops_the_activation(
    case: MigrationCase, data: st.DataObject
) -> None:
    change_set = case.plan().change_set
    last = [step.ordinal for step in change_set.steps if step.kind == "activate_schedule"]
    assume(last)
    n = data.draw(st.integers(0, last[0] - 1))
    part = am.apply(case.snapshot, change_set.prefix(n))
    old = part.profiles[case.request.profile_id]
    other = am.Profile(
        id="elsewhere",
        practitioner_id=old.practitioner_id,
        email="e@example.com",
        login="enabled",
        schedule="active",
    )
    codes = {failure.code for failure in am.check(part.changed([other]), change_set)}
    assert "other_schedule_active" in codes


@given(ready(migration_cases()))
def test_access_that_is_withdrawn_meanwhile_is_not_copied(case: MigrationCase) -> None:
    change_set = case.plan().change_set
    copied = [e.after for e in edits_of(change_set) if isinstance(e.after, am.Access)]
    assume(copied)
    old = case.request.profile_id
    held = [
        row.id
        for row in case.snapshot.access
        if (row.profile_id, row.customer_id) == (old, copied[0].customer_id)
    ]
    meanwhile = case.snapshot.changed(drop={"access": held})
    assert "access_lost" in {failure.code for failure in am.check(meanwhile, change_set)}


# 10. Prefixes and confirmation


@given(ready(migration_cases()), st.data())
def test_a_prefix_keeps_plan_id_and_confirmation(case: MigrationCase, data: st.DataObject) -> None:
    plan = case.plan()
    confirmed = plan.confirm(by="Ann Example", at=case.at)
    n = data.draw(st.integers(0, len(confirmed.steps)))
    assert confirmed.prefix(n).plan_id == plan.plan_id
    am.apply(case.snapshot, confirmed.prefix(n))
    assert am.apply(case.snapshot, confirmed) == am.apply(case.snapshot, plan.change_set)


@given(ready(migration_cases()))
def test_a_confirmation_fits_one_plan(case: MigrationCase) -> None:
    confirmed = case.plan().confirm(by="Ann Example", at=case.at)
    other = sealed(attrs.evolve(confirmed, rules_digest="0" * 64))
    assert [failure.code for failure in am.check(case.snapshot, other)] == ["confirmation_mismatch"]
    forged = attrs.evolve(confirmed, plan_id="0" * 64)
    assert [failure.code for failure in am.check(case.snapshot, forged)] == ["plan_id_mismatch"]


@given(ready(migration_cases()))
def test_an_unconfirmed_irreversible_set_is_refused(case: MigrationCase) -> None:
    change_set = case.plan().change_set
    assume(change_set.steps)
    grave = sealed(
        attrs.evolve(
            change_set, steps=tuple(attrs.evolve(step, kind="retire_customers") for step in change_set.steps)
        )
    )
    assert [failure.code for failure in am.check(case.snapshot, grave)] == ["unconfirmed"]
    assert am.check(case.snapshot, grave.confirm(by="Ann Example", at=case.at)) == ()


@given(snapshots(), st.data())
def test_a_blocked_plan_has_no_steps_and_is_refused(snapshot: am.Snapshot, data: st.DataObject) -> None:
    request = data.draw(migration_requests(snapshot))
    plan = am.plan_migration(snapshot, request, at=snapshot.taken_at)
    event("ready" if plan.is_ready else "blocked")
    assert plan.is_ready == (not plan.blockers)
    assert len({finding.id for finding in plan.findings}) == len(plan.findings)
    if not plan.is_ready:
        assert plan.change_set.steps == ()
        assert set(plan.change_set.blocked) == {finding.code for finding in plan.blockers}
        with pytest.raises(am.ApplyRefused):
            am.apply(snapshot, plan.change_set)
        with pytest.raises(am.ApplyRefused):
            plan.confirm(by="Ann Example", at=snapshot.taken_at)


@given(snapshots(), st.data())
def test_whatever_is_asked_of_whatever_data_a_ready_plan_is_safe(
    snapshot: am.Snapshot, data: st.DataObject
) -> None:
    """No tidy start: broken links, several active schedules, malformed and shared addresses."""
    request = attrs.evolve(data.draw(migration_requests(snapshot)), reason="security", ticket="T-1")
    at = snapshot.taken_at
    request = attrs.evolve(request, agreement=am.Agreement(by="Ann Example", at=at, version="1"))
    blockers = am.plan_migration(snapshot, request, at=at).blockers
    accept = [
        am.Acceptance(finding=f.id, by="Ann Example", why="agreed") for f in blockers if f.is_acceptable
    ]
    accepted = {finding.code for finding in blockers if finding.is_acceptable}
    request = attrs.evolve(request, accept=accept)
    plan = am.plan_migration(snapshot, request, at=at)
    event("ready" if plan.is_ready else "blocked")
    assume(plan.is_ready)
    change_set = plan.change_set
    for n in range(len(change_set.steps) + 1):
        part = am.apply(snapshot, change_set.prefix(n))
        faults = added_faults(snapshot, part)
        if "other_active_schedule" in accepted:
            faults = {fault for fault in faults if fault[0] != "two active schedules"}
        assert not faults
        rest = am.plan_migration(part, request, at=at)
        assert rest.is_ready, (n, rest.blockers)
        assert am.apply(part, rest.change_set) == am.apply(snapshot, change_set)


@st.composite
def accepted_cases(draw: st.DrawFn) -> MigrationCase:
    """Ready cases that stand on an acceptance: another profile of the practitioner is open as well."""
    case: MigrationCase = draw(ready(migration_cases()))
    old = case.snapshot.profiles[case.request.profile_id]
    other = attrs.evolve(
        old, id="P-open", email="open@example.net", schedule="active", succeeded_by=None, version=None
    )
    opened = attrs.evolve(case, snapshot=case.snapshot.changed([other]))
    accept = [
        am.Acceptance(finding=finding.id, by="Ann Example", why="agreed")
        for finding in (*case.plan().findings, *opened.plan().blockers)
        if finding.is_acceptable
    ]
    opened = attrs.evolve(opened, request=attrs.evolve(case.request, accept=accept))
    plan = opened.plan()
    assume(plan.is_ready and any(finding.accepted for finding in plan.findings))
    return opened


@given(accepted_cases())
def test_an_acceptance_without_a_name_or_a_reason_accepts_nothing(case: MigrationCase) -> None:
    for change in ({"by": " "}, {"why": ""}):
        accept = [attrs.evolve(entry, **change) for entry in case.request.accept]
        unsigned = attrs.evolve(case, request=attrs.evolve(case.request, accept=accept))
        assert not unsigned.plan().is_ready


# 12. Round trip


@given(migration_cases())
def test_loading_what_was_dumped_gives_the_same_value(case: MigrationCase) -> None:
    plan = case.plan()
    check_words(plan)
    values = (case.snapshot, case.request, case.rules, plan, plan.change_set, plan.change_set.prefix(0))
    for value in values:
        text = am.dumps(value)
        loaded = am.loads(text)
        assert loaded == value
        assert hash(loaded) == hash(value)
        assert am.dumps(loaded) == text
        assert am.loads(text.encode()) == value
        assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301 - our own bytes


@given(snapshots())
def test_a_snapshot_survives_its_file(snapshot: am.Snapshot) -> None:
    assert am.loads(am.dumps(snapshot)) == snapshot
    assert am.loads(am.dumps(snapshot, indent=2)) == snapshot


# 13. Faithful preview


@given(migration_cases())
def test_the_summary_counts_what_the_steps_are(case: MigrationCase) -> None:
    plan = case.plan()
    for language in ("en", "fr"):
        counts = [int(line.rpartition(":")[2]) for line in plan.summary(language).splitlines()[1:-1]]
        assert sum(counts) == len(plan.change_set.steps)
