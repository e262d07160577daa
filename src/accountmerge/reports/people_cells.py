"""Cells of batches of merges, of suggestions, and of diagnoses and searches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accountmerge.customers.login import LoginDiagnosis
from accountmerge.customers.search import CustomerMatch
from accountmerge.findings.finding import Finding
from accountmerge.merges.actors import ActorCandidate, ActorSuggestion
from accountmerge.merges.batches import MergeBatch, MergeGroup
from accountmerge.merges.suggestions import SurvivorCandidate, SurvivorSuggestion
from accountmerge.messages import sentence
from accountmerge.plans.plan import Plan
from accountmerge.reports.cell_parts import Cell, Ids, RowsOf, Said, Shown, ids
from accountmerge.reports.data_cells import ROWS as DATA_ROWS
from accountmerge.reports.data_cells import column, counted, described, listed, worded
from accountmerge.reports.plan_cells import ROWS as PLAN_ROWS
from accountmerge.reports.plan_cells import state


def _findings(group: MergeGroup) -> Ids:
    named = [finding.id for finding in group.findings]
    return ids([*named, *(finding.id for plan in group.plans for finding in plan.blockers)])


ROWS: dict[type, RowsOf] = {
    MergeGroup: RowsOf(
        "cell.groups",
        (
            column("group", "number"),
            ("state", state),
            listed("customers", "customer_ids"),
            counted("requests"),
            counted("plans"),
            ("steps", lambda group, _: sum(len(plan.change_set.steps) for plan in group.plans)),
            ("blockers", lambda group, _: _findings(group)),
        ),
    ),
    SurvivorCandidate: RowsOf("cell.ranking", (column("customer", "customer_id"), described())),
    ActorCandidate: RowsOf(
        "cell.ranking",
        (
            column("profile", "profile_id"),
            counted("treated"),
            listed("missing"),
            column("appointments"),
            described(),
        ),
    ),
    CustomerMatch: RowsOf(
        "cell.matches",
        (
            column("customer", "customer_id"),
            ("found_by", lambda match, language: Said(sentence(f"report.by_{match.by}", {}, language))),
            worded("status", "customer_state."),
            column("merged_into"),
        ),
    ),
    LoginDiagnosis: RowsOf(
        "cell.others",
        (
            column("outcome"),
            described(),
            worded("kind", "noun."),
            column("id"),
            column("survivor", "survivor_id"),
            column("successor", "successor_id"),
        ),
    ),
}
"""The columns of each class. No column is a personal field."""


def batch_cell(batch: MergeBatch, language: str) -> Cell:
    """Return the cell of a batch, with its groups, and the number of those that are ready."""
    blocked = len(batch.blocked)
    facts: tuple[tuple[str, Shown], ...] = (
        ("groups", len(batch.groups)),
        ("ready", len(batch.groups) - blocked),
        ("blocked", blocked),
        ("plans", sum(len(group.plans) for group in batch.groups)),
    )
    return Cell("MergeBatch", (), facts, [ROWS[MergeGroup].rows(batch.groups, language)], language=language)


def group_cell(group: MergeGroup, language: str) -> Cell:
    """Return the cell of a group, with its plans in order, and the reasons for absent plans."""
    facts = (*ROWS[MergeGroup].facts(group, language), ("total", group.total))
    tables = (
        DATA_ROWS[Finding].rows(group.findings, language),
        PLAN_ROWS[Plan].rows(group.plans, language),
    )
    return Cell("MergeGroup", (), facts, tables, language=language)


def survivor_cell(suggestion: SurvivorSuggestion, language: str) -> Cell:
    """Return the cell of a suggested survivor, with the other customers."""
    facts = (("customer", suggestion.customer_id),)
    ranking = ROWS[SurvivorCandidate].rows(suggestion.ranking, language)
    passed = ROWS[SurvivorCandidate].rows(suggestion.passed_over, language, "cell.passed_over")
    return Cell("SurvivorSuggestion", (), facts, (ranking, passed), language=language)


def actor_cell(suggestion: ActorSuggestion, language: str) -> Cell:
    """Return the cell of a suggested actor, with the other profiles."""
    facts: tuple[tuple[str, Shown], ...] = (
        ("profile", suggestion.profile_id),
        ("missing", ids(suggestion.missing)),
    )
    ranking = ROWS[ActorCandidate].rows(suggestion.ranking, language)
    return Cell("ActorSuggestion", (), facts, [ranking], language=language)


def login_cell(diagnosis: LoginDiagnosis, language: str) -> Cell:
    """Return the cell of a login diagnosis, without the address that signs in."""
    lines = (diagnosis.describe(language),)
    facts = tuple(fact for fact in ROWS[LoginDiagnosis].facts(diagnosis, language) if fact[0] != "sentence")
    others = ROWS[LoginDiagnosis].rows(diagnosis.also, language)
    return Cell("LoginDiagnosis", lines, facts, [others], language=language)


CELLS: dict[type, Callable[[Any, str], Cell]] = {
    ActorSuggestion: actor_cell,
    LoginDiagnosis: login_cell,
    MergeBatch: batch_cell,
    MergeGroup: group_cell,
    SurvivorSuggestion: survivor_cell,
}
"""The function that makes the cell of each class with several tables."""
