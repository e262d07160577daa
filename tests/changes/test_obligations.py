"""Obligations: each is due with one step, by an id that is the same in every run, until it is done."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.changes.change_sets import COUNTER_OBLIGATIONS, OBLIGATION_FACTS
from accountmerge.plans.verdicts import with_features
from accountmerge.testing.strategies import MigrationCase, PlannedCase, busy, migration_cases, planned_cases
from accountmerge.wire.canonical import sealed
from full_documents import as_json, faults_in, full_change_set
from small_values import NOON, appointment, migration, request, slot, snapshot

WRITTEN_BY = {
    "announce_blackout": {"close_availability"},
    "list_availability": {"close_availability"},
    "tell_new_login": {"activate_schedule"},
    "tell_primary_email": {"transfer_emails", "change_primary"},
    "tell_no_login": {"transfer_emails", "change_primary"},
    "end_sessions": {"transfer_emails", "change_primary"},
    "ask_for_access": {"request_access"},
    "tell_decision": {"decide_request"},
}
"""The kinds of step that write what an obligation is about."""
BACK = {
    "recall_announcement": "announce_blackout",
    "tell_old_login": "tell_new_login",
    "tell_login_again": "tell_primary_email",
    "recall_question": "ask_for_access",
    "recall_decision": "tell_decision",
}


def by_step(change_set: am.ChangeSet) -> list[tuple[am.changes.Owed, ...]]:
    return [am.changes.due(change_set, step.ordinal) for step in change_set.steps]


def test_every_obligation_has_its_kinds_of_step() -> None:
    assert WRITTEN_BY.keys() | BACK.keys() == set(OBLIGATION_FACTS)
    assert set(BACK) == set(COUNTER_OBLIGATIONS.values())


@given(planned_cases())
def test_each_obligation_is_due_with_the_one_step_that_writes_what_it_is_about(case: PlannedCase) -> None:
    change_set = case.change_set
    entries = [entry for found in by_step(change_set) for entry in found]
    assert sorted(map(repr, (entry.obligation for entry in entries))) == sorted(
        map(repr, change_set.obligations)
    )
    kinds = {step.ordinal: str(step.reason.facts.get("kind", step.kind)) for step in change_set.steps}
    for entry in entries:
        event(entry.obligation.kind)
        wanted = WRITTEN_BY[BACK.get(entry.obligation.kind, entry.obligation.kind)]
        if wanted & set(kinds.values()):
            assert kinds[entry.step] in wanted
        else:
            assert entry.step == len(change_set.steps)
    for ordinal, found in enumerate(by_step(change_set), start=1):
        assert {entry.step for entry in found} <= {ordinal}
    assert am.changes.due(change_set, 0) == am.changes.due(change_set, len(change_set.steps) + 1) == ()


@given(planned_cases(), st.data())
def test_ids_are_of_one_obligation_of_one_plan_and_the_same_in_every_run(
    case: PlannedCase, data: Any
) -> None:
    change_set = case.change_set
    ids = [entry.id for found in by_step(change_set) for entry in found]
    assert len(set(ids)) == len(set(change_set.obligations))
    through = data.draw(st.integers(0, len(change_set.steps)))
    read = am.loads(am.dumps(change_set))
    assert isinstance(read, am.ChangeSet)
    for same in (change_set.prefix(through), attrs.evolve(change_set, confirmation=None), read):
        assert by_step(same) == by_step(change_set)
    other = attrs.evolve(change_set, plan_id="0" * 64)
    assert not {entry.id for found in by_step(other) for entry in found} & set(ids)


@given(planned_cases(), st.data())
def test_owed_are_the_obligations_of_the_steps_that_are_done_and_of_no_other(
    case: PlannedCase, data: Any
) -> None:
    change_set = case.change_set
    for through in range(len(change_set.steps) + 1):
        found = am.apply(case.snapshot, change_set.prefix(through))
        wanted = [entry for step in by_step(change_set)[:through] for entry in step]
        report = am.resume(found, change_set)
        assert list(am.changes.owed(change_set, report)) == wanted
        done = set(data.draw(st.lists(st.sampled_from([entry.id for entry in wanted] or ["x"]))))
        left = [entry for entry in wanted if entry.id not in done]
        assert list(am.changes.owed(change_set, report, done=done)) == left


@given(busy(migration_cases(max_appointments=3)))
def test_the_progress_of_a_migration_counts_what_is_owed_as_its_steps_do(case: MigrationCase) -> None:
    plan = case.plan()
    for through in range(len(plan.change_set.steps) + 1):
        found = am.apply(case.snapshot, plan.change_set.prefix(through))
        wanted = [entry for step in by_step(plan.change_set)[:through] for entry in step]
        progress = am.migrations.progress(found, plan)
        assert list(progress.owed) == wanted
        for entry in wanted:
            left = am.migrations.progress(found, plan, done=[entry.id]).owed
            assert list(left) == [other for other in wanted if other != entry]


def test_a_step_of_which_something_is_left_owes_nothing() -> None:
    """A store without transactions may stop between the two profiles whose availability goes off."""
    before = snapshot(appointments=[appointment("A1", slot(60))])
    plan = am.plan_migration(before, request(), at=NOON)
    (step,) = (step for step in plan.change_set.steps if step.kind == "close_availability")
    whole = am.apply(before, plan.change_set.prefix(step.ordinal))
    assert {entry.obligation.kind for entry in am.migrations.progress(whole, plan).owed} == {
        *("announce_blackout", "list_availability")
    }
    for edit in step.edits:
        assert edit.before is not None
        half = whole.changed([edit.before])
        assert am.migrations.progress(half, plan).owed == ()
        assert am.changes.owed(plan, am.resume(half, plan)) == ()


# A step that an obligation states


def stated(step: int | None) -> am.ChangeSet:
    change_set = migration(1).change_set
    owed = tuple(attrs.evolve(entry, step=step) for entry in change_set.obligations)
    return sealed(with_features(attrs.evolve(change_set, obligations=owed)))


def test_a_stated_step_makes_all_due_and_is_required_of_readers_and_sealed() -> None:
    change_set = stated(2)
    assert "step" in change_set.requires
    assert change_set.plan_id != migration(1).change_set.plan_id == stated(None).plan_id
    assert [entry.obligation for entry in am.changes.due(change_set, 2)] == list(change_set.obligations)
    assert am.loads(am.dumps(change_set)) == change_set
    (undo,) = {entry.step for entry in am.invert(change_set).obligations}
    assert undo == len(change_set.steps) - 1
    assert {entry.step for entry in am.invert(change_set.prefix(1)).obligations} == {None}


def test_obligations_without_a_stated_step_are_written_as_before() -> None:
    for entry in as_json(migration(1).change_set)["obligations"]:
        assert entry.keys() == {"kind", "whom", "when", "facts"}


@pytest.mark.parametrize("step", [0, -1, 10_000])
def test_a_stated_step_that_is_not_there_is_refused(step: int) -> None:
    data = as_json(full_change_set())
    data["obligations"][0]["step"] = step
    assert ("obligations[0].step", "wrong_ordinal") in {(f.path, f.code) for f in faults_in(data)}
    schema = am.documents.json_schema("changeset")
    assert schema["$defs"]["Obligation"]["properties"]["step"]["minimum"] == 1


def test_a_set_without_steps_owes_nothing() -> None:
    blocked = migration(ticket="").change_set
    odd = attrs.evolve(blocked, obligations=migration(1).change_set.obligations)
    for change_set in (blocked, odd):
        assert am.changes.due(change_set, 1) == am.changes.due(change_set, 0) == ()
