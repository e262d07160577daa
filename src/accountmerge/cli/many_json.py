"""Cohorts, batches and states of many plans as plain JSON data, without values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import accountmerge as am
from accountmerge.model.instants import rfc3339
from accountmerge.reports.many_text import MergeChoice, PlanState


def plain_cohort(cohort: am.migrations.MigrationCohort, files: Mapping[str, str]) -> dict[str, Any]:
    """Return a cohort with its members and their findings."""
    return {
        "is_ready": cohort.is_ready,
        "plans": [
            {
                "profile_id": member.request.profile_id,
                **_plain_plan(member.plan, files),
                "window": _plain_slot(member.blackout),
                "findings": plain_findings(
                    (*member.findings, *(() if member.plan is None else member.plan.findings))
                ),
            }
            for member in cohort.members
        ],
    }


def plain_batch(
    batch: am.merges.MergeBatch, choices: Sequence[MergeChoice], files: Mapping[str, str], language: str
) -> dict[str, Any]:
    """Return a batch with its requests, what was suggested for them, and their findings."""
    plans = {plan.request: plan for plan in batch.plans}
    against = {request: group.findings for group in batch.groups for request in group.requests}
    return {
        "is_ready": batch.is_ready,
        "plans": [
            {
                "survivor": choice.request.survivor,
                "absorbed": list(choice.request.absorbed),
                "actor": choice.request.actor,
                "suggested": _plain_suggestions(choice, language),
                **_plain_plan(plans.get(choice.request), files),
                "findings": plain_findings(
                    plans[choice.request].findings if choice.request in plans else against[choice.request]
                ),
            }
            for choice in choices
        ],
    }


def _plain_suggestions(choice: MergeChoice, language: str) -> dict[str, str]:
    told = {"survivor": choice.survivor, "actor": choice.actor}
    return {name: value.describe(language) for name, value in told.items() if value is not None}


def _plain_plan(plan: am.MigrationPlan | am.MergePlan | None, files: Mapping[str, str]) -> dict[str, Any]:
    if plan is None:
        return {"is_ready": False, "plan_id": None, "file": None}
    return {"is_ready": plan.is_ready, "plan_id": plan.plan_id, "file": files.get(plan.plan_id)}


def _plain_slot(slot: am.TimeSlot | None) -> dict[str, str] | None:
    return None if slot is None else {"start": rfc3339(slot.start_us), "end": rfc3339(slot.end_us)}


def plain_findings(findings: Iterable[am.Finding]) -> list[dict[str, str]]:
    """Return the ids and severities of findings."""
    return [{"id": finding.id, "severity": finding.severity} for finding in dict.fromkeys(findings)]


def plain_states(states: Iterable[PlanState]) -> list[dict[str, Any]]:
    """Return the states of many plans, without the names of people."""
    return [
        {
            "plan_id": state.plan.plan_id,
            "file": state.file,
            "intent": state.plan.change_set.intent,
            "window": _plain_slot(
                state.plan.blackout
                if isinstance(state.plan, am.MigrationPlan) and state.plan.is_ready
                else None
            ),
            "confirmed_at": (
                None
                if state.plan.change_set.confirmation is None
                else rfc3339(state.plan.change_set.confirmation.at)
            ),
            "share": round(state.share, 4),
            "next": state.next,
            "codes": list(state.codes),
        }
        for state in states
    ]
