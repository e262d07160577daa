"""Plans and change sets as text: everything is derived from the steps, so the preview is the plan."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import attrs

from accountmerge.messages import has_sentence, sentence
from accountmerge.model.appointments import Appointment
from accountmerge.model.instants import rfc3339
from accountmerge.model.wall_time import wall_text
from accountmerge.plans import MigrationPlan
from accountmerge.reports.finding_text import finding_lines
from accountmerge.reports.lines import BLANK, Line, joined, shown, spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accountmerge.changes.change_sets import ChangeSet, Obligation
    from accountmerge.changes.edits import Edit
    from accountmerge.changes.steps import Step
    from accountmerge.findings.finding import Finding
    from accountmerge.reports.lines import LineRole


def plan_text(plan: MigrationPlan | ChangeSet, language: str = "en") -> str:
    """Return a plan or a change set as plain text.

    Args:
        plan: What is shown; of a change set without its plan, the findings are not known.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    return joined(plan_lines(plan, language))


def plan_lines(plan: MigrationPlan | ChangeSet, language: str = "en") -> Iterator[Line]:
    """Yield a plan or a change set line by line.

    Each step stands there exactly once, in order, with its reason and what it changes. No personal value
    is shown: of entities, only ids and the names of fields; of people who agreed or confirmed, nothing.

    Args:
        plan: What is shown.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    change_set = plan.change_set if isinstance(plan, MigrationPlan) else plan
    yield from verdict_lines(plan, language)
    if isinstance(plan, MigrationPlan):
        yield from _section("report.warnings", _findings(plan.warnings, language), language)
    yield from _section("report.steps", _steps(change_set.steps, language), language)
    yield from _section("report.ledger", _ledger(change_set, language), language)
    yield from _section("report.obligations", _obligations(change_set.obligations, language), language)


def verdict_lines(plan: MigrationPlan | ChangeSet, language: str = "en") -> Iterator[Line]:
    """Yield the summary of a plan and what blocks it, where there is no room for the whole."""
    yield from summary_lines(plan, language)
    if isinstance(plan, MigrationPlan):
        yield from _section("report.blockers", _findings(plan.blockers, language), language)


def summary_lines(plan: MigrationPlan | ChangeSet, language: str = "en") -> Iterator[Line]:
    """Yield what a plan is about, whether it is ready, and what it does, counted from its steps."""
    change_set = plan.change_set if isinstance(plan, MigrationPlan) else plan
    state = "blocked" if change_set.blocked else "ready" if change_set.steps else "nothing_left"
    role: LineRole = "blocker" if change_set.blocked else "good"
    yield spoken(f"summary.{state}", language, role, plan_id=change_set.plan_id)
    yield _request(change_set, language)
    for kind, count in Counter(step.kind for step in change_set.steps).items():
        yield spoken(f"summary.{kind}", language, indent=2, count=count)
    if isinstance(plan, MigrationPlan):
        facts = {"blockers": len(plan.blockers), "warnings": len(plan.warnings)}
        yield spoken("summary.findings", language, **facts)
    elif change_set.blocked:
        yield spoken("failure.blocked", language, "blocker", codes=change_set.blocked)
    yield from _provisos(change_set, language)


def _request(change_set: ChangeSet, language: str) -> Line:
    request = change_set.request.value
    profile_id, ticket = (str(request.get(name, "")) for name in ("profile_id", "ticket"))
    key = f"report.{change_set.intent}"
    return spoken(key, language, at=rfc3339(change_set.at), profile_id=profile_id, ticket=ticket)


def _provisos(change_set: ChangeSet, language: str) -> Iterator[Line]:
    """Yield what is to be known before the set is applied: how far it goes, and who has to say yes."""
    if change_set.through is not None:
        counts = {"count": change_set.through, "steps": len(change_set.steps)}
        yield spoken("report.through", language, "warning", **counts)
    if change_set.confirmation is not None:
        yield spoken("report.confirmed", language, at=rfc3339(change_set.confirmation.at))
    elif change_set.needs_confirmation:
        yield spoken("report.unconfirmed", language, "warning")


def _section(heading: str, lines: Iterator[Line], language: str) -> Iterator[Line]:
    """Yield lines under a heading, and nothing at all if there are none."""
    first = next(lines, None)
    if first is None:
        return
    yield BLANK
    yield spoken(heading, language, "heading")
    yield first
    yield from lines


def _findings(findings: Iterable[Finding], language: str) -> Iterator[Line]:
    for finding in findings:
        yield from finding_lines(finding, language)


def _steps(steps: Iterable[Step], language: str) -> Iterator[Line]:
    for step in steps:
        what = sentence(f"step.{step.kind}", {}, language)
        why = sentence(f"reason.{step.reason.code}", step.reason.facts, language)
        yield spoken("report.step", language, "step", indent=2, ordinal=step.ordinal, what=what, why=why)
        for edit in step.edits:
            yield _edit(edit, language)


def _edit(edit: Edit, language: str) -> Line:
    key, fields = f"report.edit_{edit.op}", edit.changed_fields
    line = spoken(key, language, "detail", indent=6, entity=edit.entity, id=edit.id, fields=fields)
    row = edit.after or edit.before
    return attrs.evolve(line, text=f"{line.text} ({_promise(row)})") if isinstance(row, Appointment) else line


def _promise(row: Appointment) -> str:
    """Return by what people know an appointment: its number, and the time that clocks show where it was promised."""
    time = f"{wall_text(row.slot.start_us, row.time_zone)} {row.time_zone}"
    return shown(f"{row.number}, {time}" if row.number else time)


def _ledger(change_set: ChangeSet, language: str) -> Iterator[Line]:
    for entry in change_set.ledger:
        names = {name: getattr(entry, name) for name in ("entity", "id", "field", "from_id", "rule")}
        yield spoken("report.ledger_entry", language, indent=2, **names)


def _obligations(obligations: Iterable[Obligation], language: str) -> Iterator[Line]:
    for obligation in obligations:
        key = f"report.when_{obligation.when}"
        when = sentence(key, {}, language) if has_sentence(key, "en") else shown(obligation.when)
        text = sentence(f"obligation.{obligation.kind}", obligation.facts, language)
        yield spoken("report.obligation", language, indent=2, when=when, text=text)
