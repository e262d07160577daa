"""Everything that is told is told in both languages, line by line; in English unless somebody asks for another."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

import accountmerge as am
from accountmerge.reports.contract_text import check_text, difference_text, explanation_text, progress_text
from accountmerge.reports.customer_text import login_text
from accountmerge.reports.finding_lines import findings_text
from accountmerge.reports.plan_lines import plan_text
from small_values import NOON, access, appointment, customer, migration, record, request, slot, snapshot, utc

if TYPE_CHECKING:
    from collections.abc import Callable

FOUND = snapshot(
    customers=[
        customer("C1", emails=[am.CustomerEmail("ann@example.com", "primary")]),
        customer("C2"),
        customer("C3", merged_into="C1", status="disabled"),
        customer("C4", status="disabled"),
    ],
    appointments=[appointment("A1", slot(60)), appointment("A2", slot(90)), appointment("A3", slot(-60))],
    records=[record("R1", customer_id="C2", created_at=utc("2020-01-01"))],
    access=[access()],
)
PLAN = am.plan_migration(FOUND, request(), at=NOON)
LATER = FOUND.changed([appointment("A1", slot(60), modality="phone"), appointment("A4", slot(300))])
EVERYBODY = [f"C{number}" for number in range(1, 6)]


@cache
def told() -> dict[str, Callable[..., Any]]:
    """Return what tells something in a language, by what it is."""
    finding, failure = PLAN.findings[0], am.check(LATER, PLAN.change_set)[0]
    suggestion = am.merges.suggest_survivor(FOUND, EVERYBODY)
    diagnosis = am.customers.diagnose_login(FOUND, "nobody@example.com")
    explanation = PLAN.explain("A1")
    progress = am.resume(FOUND, PLAN.change_set)
    rebased = am.rebase(LATER, PLAN)
    return {
        "an error": am.InvalidValueError("naive_time").describe,
        "an error of a type": am.InvalidValueError(
            "wrong_type", field="f", wanted="text", found="number"
        ).describe,
        "a fault": am.documents.Fault("missing_key", "").describe,
        "several faults": am.LoadError([am.documents.Fault("missing_key", "")] * 30).describe,
        "a finding": finding.describe,
        "its remedy": finding.advise,
        "a failure": am.changes.Failure.of("unconfirmed").describe,
        "a failure at a step": failure.describe,
        "what was expected": failure.expect,
        "what to do": failure.advise,
        "a refusal": am.ApplyRefused([failure] * 30).describe,
        "a candidate": suggestion.ranking[0].describe,
        "somebody passed over": suggestion.passed_over[0].describe,
        "a suggestion": suggestion.describe,
        "no suggestion": am.merges.suggest_survivor(FOUND, ["C9"]).describe,
        "a login": diagnosis.describe,
        "a cause": explanation.causes[0].describe,
        "a summary": PLAN.summary,
        "an explanation": lambda *words: "\n".join(explanation.lines(*words)),
        "the text of findings": lambda *words: findings_text(PLAN.findings, *words),
        "the text of failures": lambda *words: check_text(PLAN.change_set, [failure], *words),
        "the text of a plan": lambda *words: plan_text(PLAN, *words),
        "the text of a blocked plan": lambda *words: plan_text(migration(ticket=""), *words),
        "the text of progress": lambda *words: progress_text(PLAN.change_set, progress, [failure], *words),
        "the text of differences": lambda *words: difference_text(rebased, *words),
        "the text of a login": lambda *words: login_text(diagnosis, *words),
        "the text of an explanation": lambda *words: explanation_text(explanation, *words),
    }


@pytest.mark.parametrize("what", told())
def test_every_line_is_told_in_both_languages(what: str) -> None:
    tell = told()[what]
    assert tell() == tell("en")
    english, french = tell("en").splitlines(), tell("fr").splitlines()
    assert english
    assert len(english) == len(french)
    for line, other in zip(english, french, strict=True):
        assert line != other or not line
