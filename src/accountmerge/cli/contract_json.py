"""Checks, progress and differences of change sets as plain JSON data, without values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

import accountmerge as am
from accountmerge.changes.appliers import Applied
from accountmerge.messages import PRIVATE_FACTS
from accountmerge.reports.contract_text import step_counts


def plain_failure(failure: am.changes.Failure, language: str) -> dict[str, Any]:
    """Return a failure with its sentences."""
    about = {} if failure.step is None else {"step": failure.step}
    told = {
        "found": failure.describe(language),
        "expected": failure.expect(language),
        "advice": failure.advise(language),
    }
    return {"code": failure.code, **about, "remedy": failure.remedy, "facts": dict(failure.facts), **told}


def plain_progress(
    change_set: am.ChangeSet,
    resumption: am.changes.Resumption,
    failures: Sequence[am.changes.Failure],
    language: str,
) -> dict[str, Any]:
    """Return how much of a change set is done."""
    counts = step_counts(resumption)
    return {
        "plan_id": change_set.plan_id,
        "is_finished": resumption.is_finished and not change_set.blocked,
        "can_be_applied": not failures,
        "steps": [
            {"ordinal": step.ordinal, "kind": step.kind, **counts[step.ordinal]}
            for step in change_set.wanted_steps
        ],
        "edits": [attrs.asdict(edit) for edit in resumption.edits],
        "failures": [plain_failure(failure, language) for failure in failures],
    }


def plain_differences(plan_id: str, rebased: am.changes.Rebase[Any]) -> dict[str, Any]:
    """Return the differences between a plan and a new one."""
    steps = [
        {name: value for name, value in attrs.asdict(step).items() if value is not None}
        for step in rebased.steps
    ]
    return {
        "plan_id": plan_id,
        "new_plan_id": rebased.plan.plan_id,
        "is_same": rebased.is_same,
        "blocked": rebased.plan.change_set.blocked,
        "steps": steps,
        "gone": rebased.gone,
        "come": rebased.come,
    }


def plain_explanation(explanation: Any, language: str) -> dict[str, Any]:
    """Return an explanation with the sentence and the source of each reason, without personal values."""
    return {
        "subjects": [{"entity": entity, "id": id} for entity, id in explanation.subjects],
        "causes": [
            {
                "key": cause.key,
                "step": cause.step,
                "source": cause.source,
                "facts": {name: fact for name, fact in cause.facts.items() if name not in PRIVATE_FACTS},
                "text": cause.describe(language),
            }
            for cause in explanation.causes
        ],
        "steps": list(explanation.steps),
        "findings": [finding.id for finding in explanation.findings],
    }


def plain_applied(change_set: am.ChangeSet, applied: Applied, language: str) -> dict[str, Any]:
    """Return the outcome of each step in a database."""
    kinds = {step.ordinal: step.kind for step in change_set.wanted_steps}
    return {
        "plan_id": change_set.plan_id,
        "steps": [
            {"ordinal": ordinal, "kind": kinds[ordinal], "outcome": outcome}
            for ordinal, outcome in applied.steps
        ],
        "failures": [plain_failure(failure, language) for failure in applied.failures],
    }
