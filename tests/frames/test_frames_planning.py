"""Plans from frames are those of the planners of values, group by group, and a group with bad rows fails alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
import polars as pl
from hypothesis import event, given

import accountmerge as am
from accountmerge.frames.bulk_planning import PlannedChanges, merge_changes, migration_changes
from accountmerge.frames.snapshot_tables import tables
from accountmerge.testing.strategies import merge_cases, migration_cases
from accountmerge.wire.converter import converter
from small_values import NOON
from strategies import BATCH_RULES, batch_cases, cohort_cases

if TYPE_CHECKING:
    from collections.abc import Iterable

EDIT_KEYS = ("plan_id", "order", "step", "step_kind", "edit", "op", "entity", "id", "before", "after")


def edit_rows(plans: Iterable[Any], order: Iterable[int]) -> list[tuple[Any, ...]]:
    """Return the rows of the edits of plans, as the planners of values have them."""
    write, rows = converter().unstructure, []
    for plan, place in zip(plans, order, strict=True):
        for step in plan.change_set.steps:
            for number, edit in enumerate(step.edits, start=1):
                plain = write(edit)
                images = tuple(
                    None
                    if plain.get(key) is None
                    else json.dumps(plain[key], sort_keys=True, ensure_ascii=False)
                    for key in ("before", "after")
                )
                rows.append(
                    (
                        plan.plan_id,
                        place,
                        step.ordinal,
                        step.kind,
                        number,
                        edit.op,
                        edit.entity,
                        edit.id,
                        *images,
                    )
                )
    return sorted(rows, key=repr)


def merge_plans(whole: am.Snapshot, requests: list[am.MergeRequest], **fields: Any) -> PlannedChanges:
    return merge_changes(
        requests,
        taken_at=whole.taken_at,
        complete_for=whole.complete_for,
        **tables(whole, values=True),
        **fields,
    )


def moves(whole: am.Snapshot, requests: Iterable[Any], **fields: Any) -> PlannedChanges:
    return migration_changes(
        list(requests),
        taken_at=whole.taken_at,
        complete_for=whole.complete_for,
        **tables(whole, values=True),
        **fields,
    )


def assert_planned_as(batch: am.merges.MergeBatch, changes: PlannedChanges, requests: list[Any]) -> None:
    """Assert that frames say what a batch says: groups, plans, edits with images, and findings."""
    assert changes.failures.is_empty()
    expected: dict[Any, tuple[Any, ...]] = {}
    findings = []
    order: list[int] = []
    for group in batch.groups:
        expected |= dict.fromkeys(group.requests, (group.number, None, "not_planned"))
        for place, plan in enumerate(group.plans, start=1):
            order.append(place)
            state = "ready" if plan.is_ready else "blocked"
            expected[plan.request] = (group.number, plan.plan_id, state)
            findings += [
                (group.number, plan.plan_id, finding.id, finding.severity) for finding in plan.findings
            ]
        findings += [(group.number, None, finding.id, finding.severity) for finding in group.findings]
    planned = changes.plans.select("request", "group", "plan_id", "state").rows()
    assert {row[0]: row[1:] for row in planned} == {
        place: expected[request] for place, request in enumerate(requests)
    }
    assert len(planned) == len(requests)
    assert sorted(changes.edits.select(EDIT_KEYS).rows(), key=repr) == edit_rows(batch.plans, order)
    told = changes.findings.select("group", "plan_id", "finding", "severity").rows()
    assert sorted(told, key=repr) == sorted(findings, key=repr)


@given(batch_cases())
def test_merges_from_frames_are_those_of_the_batch(case: tuple[am.Snapshot, list[am.MergeRequest]]) -> None:
    whole, requests = case
    batch = am.merges.plan_merges(whole, requests, rules=BATCH_RULES, at=NOON)
    event(f"groups: {len(batch.groups)}")
    changes = merge_plans(whole, requests, rules=BATCH_RULES, at=NOON, values=True)
    assert_planned_as(batch, changes, requests)


@given(merge_cases())
def test_a_merge_from_frames_is_that_of_the_planner(case: Any) -> None:
    whole = case.snapshot
    batch = am.merges.plan_merges(whole, [case.request], rules=case.rules, at=case.at)
    changes = merge_plans(whole, [case.request], rules=case.rules, at=case.at, values=True)
    assert_planned_as(batch, changes, [case.request])


def assert_moved_as(case: Any, requests: tuple[Any, ...], changes: PlannedChanges) -> None:
    assert changes.failures.is_empty()
    states = {row["request"]: row for row in changes.plans.to_dicts()}
    assert sorted(states) == list(range(len(requests)))
    cohort = am.migrations.plan_migrations(case.snapshot, requests, rules=case.rules, at=case.at)
    members = {member.request: member for member in cohort.members}
    plans = {}
    for place, request in enumerate(requests):
        member, row = members[request], states[place]
        if row["state"] == "not_planned":
            assert member.plan is None
            assert {finding.id for finding in member.findings} <= set(changes.findings["finding"])
            continue
        plan = member.plan
        if request.window is None:  # a cohort proposes a window, which frames do not
            plan = am.plan_migration(case.snapshot, request, rules=case.rules, at=case.at)
        assert plan is not None
        assert (row["plan_id"], row["state"]) == (plan.plan_id, "ready" if plan.is_ready else "blocked")
        plans[plan.plan_id] = plan
        told = changes.findings.filter(pl.col("plan_id") == plan.plan_id)["finding"]
        assert sorted(told) == sorted(finding.id for finding in plan.findings)
    edits = sorted(changes.edits.select(EDIT_KEYS).rows(), key=repr)
    assert edits == edit_rows(plans.values(), [1] * len(plans))


@given(cohort_cases())
def test_moves_from_frames_are_those_of_the_cohort(case: Any) -> None:
    changes = moves(case.snapshot, case.requests, rules=case.rules, at=case.at, values=True)
    assert_moved_as(case, tuple(case.requests), changes)


@given(migration_cases())
def test_a_move_from_frames_is_that_of_the_planner(case: Any) -> None:
    whole = case.snapshot
    plan = am.plan_migration(whole, case.request, rules=case.rules, at=case.at)
    changes = moves(
        whole, [attrs.evolve(case.request, window=None)], rules=case.rules, at=case.at, values=True
    )
    plan = am.plan_migration(whole, attrs.evolve(case.request, window=None), rules=case.rules, at=case.at)
    assert changes.plans["plan_id"].to_list() == [plan.plan_id]
    assert sorted(changes.findings["finding"]) == sorted(finding.id for finding in plan.findings)
    assert sorted(changes.edits.select(EDIT_KEYS).rows(), key=repr) == edit_rows([plan], [1])
