"""Stored questions: requests on small snapshots, each with the answer that the planners gave when it was stored.

A line of `questions.jsonl` has the keys `name`, `kind`, `snapshot` (the number of a line of `snapshots.jsonl`,
from 0), `request` or `requests`, `rules` (null: the rules of the library), `at`, and `answer`. A question of the
kind `migrations` has `capacity`; one of the kind `undo` has `through`, the number of steps that are taken back.
Requests, rules and snapshots are stored as `dumps` writes them.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

import accountmerge as am
from accountmerge.kinds import REQUEST_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

QUESTIONS = Path(__file__).parent / "net" / "questions.jsonl"
SNAPSHOTS = Path(__file__).parent / "net" / "snapshots.jsonl"

MANY = ("migrations", "merges")
"""Kinds of questions that have several requests."""
KINDS = (*REQUEST_KINDS, "undo", *MANY)
"""All kinds of questions."""

Question = dict[str, Any]
Answer = dict[str, Any]


def lines(path: Path) -> list[str]:
    """Return the lines of a file."""
    return path.read_text(encoding="utf-8").split("\n")[:-1]


@cache
def questions() -> tuple[Question, ...]:
    """Return all questions, in the order of the file."""
    return tuple(json.loads(line) for line in lines(QUESTIONS))


def of_kind(kind: str) -> tuple[Question, ...]:
    """Return the questions of a kind."""
    return tuple(question for question in questions() if question["kind"] == kind)


@cache
def snapshot(number: int) -> Any:
    """Return the snapshot on a line."""
    return am.loads(lines(SNAPSHOTS)[number])


def loaded(document: Any) -> Any:
    """Return the value of a stored document; None stays None."""
    return None if document is None else am.loads(json.dumps(document))


def answered(question: Question) -> Answer:
    """Ask a question, and return the answer that the planners give now."""
    at = datetime.fromisoformat(question["at"])
    before, rules = snapshot(question["snapshot"]), loaded(question["rules"])
    if question["kind"] in MANY:
        return _of_many(question, before, rules, at)
    plan = am.plan(before, loaded(question["request"]), rules=rules, at=at)
    return _of_undo(plan, question["through"]) if question["kind"] == "undo" else _of_plan(plan)


def _digest(value: Any) -> str:
    return hashlib.sha256(am.dumps(value).encode()).hexdigest()


def _ids(findings: Iterable[am.Finding]) -> dict[str, list[str]]:
    """Return the ids of findings by their severity, sorted."""
    found: dict[str, list[str]] = {"blocker": [], "warning": []}
    for finding in findings:
        found[finding.severity].append(finding.id)
    return {severity: sorted(ids) for severity, ids in found.items()}


def _facts(findings: Iterable[am.Finding]) -> str:
    """Return a digest of the facts of findings that no plan holds."""
    told = [[finding.id, finding.severity, dict(finding.facts)] for finding in findings]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _of_plan(plan: Any) -> Answer:
    return {
        "plan_id": plan.plan_id,
        **_ids(plan.findings),
        "blocked": list(plan.change_set.blocked),
        "digest": _digest(attrs.evolve(plan, zone_rules=())),  # they are those of the machine
    }


def _of_undo(plan: Any, through: int) -> Answer:
    """Return what is known of the change set that takes back the first steps of a plan."""
    try:
        inverse = am.invert(plan.change_set.prefix(through))
    except am.ApplyRefused as refused:
        return {"refused": [failure.code for failure in refused.failures]}
    return {"plan_id": inverse.plan_id, "blocked": list(inverse.blocked), "digest": _digest(inverse)}


def _of_many(question: Question, before: am.Snapshot, rules: Any, at: datetime) -> Answer:
    """Return the answers to requests that are planned together: one a member, or one a group."""
    requests = [loaded(request) for request in question["requests"]]
    given = {} if rules is None else {"rules": rules}
    members: list[tuple[str, tuple[am.Finding, ...], list[Any]]]
    if question["kind"] == "migrations":
        cohort = am.migrations.plan_migrations(
            before, requests, at=at, capacity=question["capacity"], **given
        )
        members = [(m.request.profile_id, m.findings, [m.plan] if m.plan else []) for m in cohort.members]
    else:
        batch = am.merges.plan_merges(before, requests, at=at, **given)
        members = [(" ".join(g.customer_ids), g.findings, list(g.plans)) for g in batch.groups]
    return {
        "members": [
            {
                "of": of,
                **_ids(findings),
                "facts": _facts(findings),
                "plans": [_of_plan(plan) for plan in plans],
            }
            for of, findings, plans in members
        ]
    }


@cache
def planned(kind: str) -> tuple[tuple[am.Snapshot, am.ChangeSet], ...]:
    """Return the questions of a kind that have steps, each as its data and its confirmed change set."""
    ready = []
    for question in of_kind(kind):
        data = snapshot(question["snapshot"])
        request, rules = loaded(question["request"]), loaded(question["rules"])
        plan = am.plan(data, request, rules=rules, at=datetime.fromisoformat(question["at"]))
        if plan.is_ready and plan.change_set.steps:
            ready.append((data, plan.confirm(by="Ann Example", at=plan.change_set.at)))
    return tuple(ready)
