"""Cells of plans and change sets, of their steps, and of the results of applying them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any

from accountmerge.changes.appliers import Applied
from accountmerge.changes.change_sets import ChangeSet, LedgerEntry, Obligation
from accountmerge.changes.conflicts import Dependence
from accountmerge.changes.differences import DIFFERENCES, Rebase, StepDifference
from accountmerge.changes.edits import Edit
from accountmerge.changes.failures import Failure
from accountmerge.changes.guards import Guard
from accountmerge.changes.moves import Moved
from accountmerge.changes.obligations import Owed
from accountmerge.changes.receipts import Receipt
from accountmerge.changes.resuming import EDIT_STATES, EditProgress, Resumption
from accountmerge.changes.step_checks import StepCheck
from accountmerge.changes.steps import Step
from accountmerge.findings.finding import Finding
from accountmerge.messages import PRIVATE_FACTS, Fact, Facts, sentence
from accountmerge.model.appointments import Appointment
from accountmerge.model.instants import microseconds
from accountmerge.model.profiles import Profile
from accountmerge.plans.explanations import Cause, Explanation
from accountmerge.plans.plan import Plan
from accountmerge.reports.cell_parts import (
    SHOWN_ROWS,
    UNKNOWN_ZONE,
    Cell,
    Ids,
    Rows,
    RowsOf,
    Said,
    Shown,
    When,
    ids,
)
from accountmerge.reports.data_cells import ROWS as DATA_ROWS
from accountmerge.reports.data_cells import (
    booked_time,
    column,
    counted,
    described,
    instant,
    listed,
    word,
    worded,
)
from accountmerge.reports.plan_lines import obligation_texts, step_texts, summary_lines
from accountmerge.reports.report_words import Words

Named = tuple[str, Shown]


def fact_texts(facts: Facts) -> Ids:
    """Return facts as values, such as `profile_id = P1`, without personal ones."""
    return ids([f"{name} = {_text(facts[name])}" for name in sorted(facts) if name not in PRIVATE_FACTS])


def _text(fact: Fact) -> str:
    return ", ".join(fact) if isinstance(fact, tuple) else str(fact)


def _booking(edits: Iterable[Edit]) -> Appointment | None:
    """Return the first booking that edits create, change or remove."""
    images = (edit.after or edit.before for edit in edits)
    return next((image for image in images if isinstance(image, Appointment)), None)


def _booked(edits: Iterable[Edit]) -> Shown:
    row = _booking(edits)
    return None if row is None else booked_time(row)


def _number(edits: Iterable[Edit]) -> Shown:
    """Return the first number of the bookings of edits. A new booking often has none yet, and the old one has it."""
    images = (image for edit in edits for image in (edit.after, edit.before))
    return next((row.number for row in images if isinstance(row, Appointment) and row.number), None)


def _status(edit: Edit, language: str) -> Shown:
    return (
        word("booking_state.", edit.after.status, language) if isinstance(edit.after, Appointment) else None
    )


def _fields(edit: Edit, language: str) -> Shown:
    words = Words(language, UNKNOWN_ZONE)
    return ids([words.field(name) for name in edit.changed_fields])


def _subjects(step: Step, _: str) -> Shown:
    return ids(list(dict.fromkeys(edit.id for edit in step.edits)))


def state(work: Any, language: str) -> Said:
    """Return whether a plan, a member or a group is ready or blocked, as a word."""
    return Said(sentence(f"cell.{'ready' if work.is_ready else 'blocked'}", {}, language))


ROWS: dict[type, RowsOf] = {
    Step: RowsOf(
        "report.steps",
        (
            column("step", "ordinal"),
            ("what", lambda step, language: Said(step_texts(step, language)[0])),
            ("why", lambda step, language: Said(step_texts(step, language)[1])),
            ("time", lambda step, _: _booked(step.edits)),
            ("number", lambda step, _: _number(step.edits)),
            ("ids", _subjects),
            counted("edits"),
            counted("guards"),
        ),
    ),
    Edit: RowsOf(
        "cell.edits",
        (
            column("id"),
            worded("op", "cell.op_"),
            worded("entity", "noun."),
            ("fields", _fields),
            ("time", lambda edit, _: _booked((edit,))),
            ("number", lambda edit, _: _number((edit,))),
            ("status", _status),
        ),
    ),
    Guard: RowsOf(
        "cell.guards",
        (
            column("kind"),
            ("facts", lambda guard, _: fact_texts(guard.facts)),
            listed("except", "except_ids"),
        ),
    ),
    LedgerEntry: RowsOf(
        "report.ledger",
        (
            column("id"),
            worded("entity", "noun."),
            ("field", lambda entry, language: Words(language, UNKNOWN_ZONE).field(entry.field)),
            column("from", "from_id"),
            worded("rule", "rule_name."),
        ),
    ),
    Obligation: RowsOf(
        "report.obligations",
        (
            ("sentence", lambda duty, language: Said(obligation_texts(duty, language)[1])),
            ("when", lambda duty, language: Said(obligation_texts(duty, language)[0])),
            worded("whom", "role."),
            column("step"),
        ),
    ),
    Owed: RowsOf(
        "cell.owed",
        (
            ("sentence", lambda owed, language: Said(obligation_texts(owed.obligation, language)[1])),
            column("step"),
            worded("whom", "role.", "obligation.whom"),
            column("id"),
        ),
    ),
    Moved: RowsOf(
        "cell.moved",
        (
            column("old_id"),
            column("new_id"),
            worded("entity", "noun."),
            column("why"),
            column("step"),
            instant("time", "at"),
        ),
    ),
    Failure: RowsOf(
        "cell.failures",
        (
            column("code"),
            described(),
            ("expected", lambda failure, language: Said(failure.expect(language))),
            ("remedy", lambda failure, language: Said(failure.advise(language))),
        ),
    ),
    Dependence: RowsOf("cell.dependences", (column("kind"), described())),
    Receipt: RowsOf(
        "cell.receipts",
        (
            column("step", "ordinal"),
            column("outcome"),
            instant("time", "at"),
            counted("written"),
            column("step_id"),
        ),
    ),
    EditProgress: RowsOf(
        "cell.edits",
        (
            column("id"),
            column("state"),
            worded("entity", "noun."),
            column("step"),
            column("store_id"),
        ),
    ),
    StepDifference: RowsOf(
        "report.steps",
        (
            ("what", lambda step, language: Said(sentence(f"step.{step.kind}", {}, language))),
            worded("difference", "cell.difference_"),
            column("before"),
            column("after"),
            listed("ids"),
        ),
    ),
    Cause: RowsOf("cell.causes", (described(), column("step"), column("page", "source"))),
    Plan: RowsOf(
        "cell.plans",
        (
            ("plan_id", lambda plan, _: f"{plan.plan_id[:12]}…"),
            ("kind", lambda plan, language: word("report.", f"title_{plan.change_set.intent}", language)),
            ("state", state),
            ("steps", lambda plan, _: len(plan.change_set.steps)),
            ("blockers", lambda plan, _: ids([finding.id for finding in plan.blockers])),
            ("warnings", lambda plan, _: len(plan.warnings)),
        ),
    ),
}
"""The columns of each class. No column is a personal field."""


def home_zone(plan: Plan[Any, Any] | ChangeSet) -> str | None:
    """Return the zone of the profile of a plan, or of its first booking or rules."""
    change_set = plan.change_set if isinstance(plan, Plan) else plan
    ruled = getattr(getattr(plan, "rules", None), "business_hours", None)
    return zone_of_steps(change_set.steps) or getattr(ruled, "zone", None)


def zone_of_steps(steps: Iterable[Step]) -> str | None:
    """Return the zone of the hours of a profile that steps change, or else of their first booking."""
    booked: str | None = None
    for edit in (edit for step in steps for edit in step.edits):
        for image in (edit.before, edit.after):
            if isinstance(image, Profile) and image.hours is not None:
                return image.hours.zone
            if isinstance(image, Appointment):
                booked = booked or image.time_zone
    return booked


def _lines(plan: Any, language: str) -> Iterator[str]:
    return (line.text.strip() for line in summary_lines(plan, language))


def change_set_tables(change_set: ChangeSet, language: str) -> Iterator[Rows]:
    """Yield the tables of steps, lost values and obligations of a change set."""
    yield ROWS[Step].rows(change_set.steps, language)
    yield ROWS[LedgerEntry].rows(change_set.ledger, language)
    yield ROWS[Obligation].rows(change_set.obligations, language)


def _change_set_facts(change_set: ChangeSet, language: str) -> Iterator[Named]:
    yield "plan_id", change_set.plan_id
    yield "state", Said(sentence(f"cell.{'blocked' if change_set.blocked else 'ready'}", {}, language))
    yield "at", When(microseconds(change_set.at))
    yield "steps", len(change_set.steps)
    yield "edits", sum(len(step.edits) for step in change_set.steps)
    if change_set.through is not None:
        yield "through", change_set.through
    if change_set.needs_confirmation:
        yield "confirmed", change_set.confirmation is not None


def change_set_cell(change_set: ChangeSet, language: str) -> Cell:
    """Return the cell of a change set."""
    return Cell(
        type(change_set).__name__,
        _lines(change_set, language),
        tuple(_change_set_facts(change_set, language)),
        change_set_tables(change_set, language),
        language=language,
        zone=home_zone(change_set),
    )


def plan_cell(plan: Plan[Any, Any], language: str, more: Iterable[Named] = ()) -> Cell:
    """Return the cell of a plan, with its findings and its change set."""
    findings = DATA_ROWS[Finding].rows(plan.findings, language)
    counts = (("blockers", len(plan.blockers)), ("warnings", len(plan.warnings)))
    return Cell(
        type(plan).__name__,
        _lines(plan, language),
        (*_change_set_facts(plan.change_set, language), *counts, *more),
        (findings, *change_set_tables(plan.change_set, language)),
        language=language,
        zone=home_zone(plan),
    )


def step_cell(step: Step, language: str) -> Cell:
    """Return the cell of a step, with its reason, edits and guards."""
    what, why = step_texts(step, language)
    facts = (
        ("step", step.ordinal),
        ("kind", step.kind),
        ("edits", len(step.edits)),
        ("guards", len(step.guards)),
    )
    tables = (ROWS[Edit].rows(step.edits, language), ROWS[Guard].rows(step.guards, language))
    return Cell("Step", (f"{step.ordinal}. {what}. {why}",), facts, tables, language=language)


def rebase_cell(rebase: Rebase[Any], language: str) -> Cell:
    """Return the cell of a rebase, with the new plan in short and the difference of each step."""
    counts = Counter(step.difference for step in rebase.steps)
    facts: list[Named] = [(f"steps_{word}", counts[word]) for word in DIFFERENCES]
    facts += [("gone", ids(rebase.gone)), ("come", ids(rebase.come))]
    tables = [ROWS[StepDifference].rows(rebase.steps, language)]
    return Cell("Rebase", _lines(rebase.plan, language), tuple(facts), tables, language=language)


def resumption_cell(report: Resumption, language: str) -> Cell:
    """Return the cell of the progress of a change set, with drifted edits first."""
    counts = Counter(edit.state for edit in report.edits)
    ordered = chain.from_iterable(
        (edit for edit in report.edits if edit.state == state) for state in ("drifted", "to_apply", "done")
    )
    rows = ROWS[EditProgress].rows(tuple(islice(ordered, SHOWN_ROWS)), language)
    facts: list[Named] = [(state, counts[state]) for state in EDIT_STATES]
    facts.append(("steps_left", len(report.steps)))
    return Cell("Resumption", (), tuple(facts), [rows._replace(total=len(report.edits))], language=language)


def applied_cell(applied: Applied, language: str) -> Cell:
    """Return the cell of a run of an applier, with the steps by outcome."""
    counts = Counter(outcome for _, outcome in applied.steps)
    facts: list[Named] = [("steps", len(applied.steps)), *counts.items()]
    tables = [ROWS[Failure].rows(applied.failures, language), ROWS[Receipt].rows(applied.receipts, language)]
    return Cell("Applied", (), tuple(facts), tables, language=language)


def step_check_cell(check: StepCheck, language: str) -> Cell:
    """Return the cell of the check of one step."""
    facts = (("step", check.ordinal), ("done", check.done))
    tables = (ROWS[Failure].rows(check.failures, language), ROWS[Edit].rows(check.edits, language))
    return Cell("StepCheck", (), facts, tables, language=language)


def explanation_cell(explanation: Explanation, language: str) -> Cell:
    """Return the cell of an explanation, with the end of the thing and then every reason."""
    first, *others = explanation.causes
    facts: tuple[Named, ...] = (
        ("ids", ids([id for _, id in explanation.subjects])),
        ("steps", ids([str(step) for step in explanation.steps])),
    )
    tables = (
        ROWS[Cause].rows(others, language),
        DATA_ROWS[Finding].rows(explanation.findings, language),
        ROWS[LedgerEntry].rows(explanation.ledger, language),
    )
    return Cell("Explanation", (first.describe(language),), facts, tables, language=language)


CELLS: dict[type, Callable[[Any, str], Cell]] = {
    Applied: applied_cell,
    ChangeSet: change_set_cell,
    Explanation: explanation_cell,
    Plan: plan_cell,
    Rebase: rebase_cell,
    Resumption: resumption_cell,
    Step: step_cell,
    StepCheck: step_check_cell,
}
"""The function that makes the cell of each class with several tables."""
ZONES: dict[type, Callable[[Any], str | None]] = {
    ChangeSet: home_zone,
    Plan: home_zone,
    Rebase: lambda rebase: home_zone(rebase.plan),
    Step: lambda step: zone_of_steps((step,)),
}
"""The function that returns the zone of a value of each class."""
