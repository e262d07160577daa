"""The report of a plan, as lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import attrs

from accountmerge.changes.change_sets import ChangeSet, Intent, LedgerEntry, Obligation
from accountmerge.changes.edits import Edit
from accountmerge.changes.steps import IRREVERSIBLE, Step
from accountmerge.findings.finding import Finding
from accountmerge.kinds import REQUEST_KINDS, AnyPlan
from accountmerge.messages import Fact, Facts, has_sentence, sentence, shown_wall_time
from accountmerge.model.appointments import Appointment
from accountmerge.model.entities import Entity
from accountmerge.model.instants import rfc3339
from accountmerge.model.json_text import canonical
from accountmerge.model.wall_times import wall_text
from accountmerge.plans.plan import Plan, summary_of
from accountmerge.reports.finding_lines import finding_lines
from accountmerge.reports.lines import BLANK, Line, LineRole, in_words_of, joined, shown, spoken
from accountmerge.wire.canonical import frozen

SHOWN_IDS = 5
"""The most ids that a line of the ledger names: about one line."""


def plan_text(plan: AnyPlan | ChangeSet, language: str = "en", *, values: bool = False) -> str:
    """Return a plan or a change set as plain text.

    Args:
        plan: The plan; of a change set without its plan, the findings are unknown.
        language: One of `accountmerge.messages.LANGUAGES`.
        values: Whether changed and lost values are shown too. They are personal.
    """
    return joined(plan_lines(plan, language, values=values))


def plan_lines(plan: AnyPlan | ChangeSet, language: str = "en", *, values: bool = False) -> Iterator[Line]:
    """Yield a plan or a change set line by line.

    Each step is shown exactly once, in order, with its reason and its edits. No personal value is shown
    unless `values` is set: of entities, only ids and names of fields, and no people who agreed or confirmed.
    """
    change_set = plan.change_set if isinstance(plan, Plan) else plan
    language = in_words_of(plan, language)
    yield from verdict_lines(plan, language)
    if isinstance(plan, Plan):
        yield from section_lines("report.warnings", _findings(plan.warnings, language), language)
    yield from section_lines("report.steps", step_lines(change_set.steps, language, values=values), language)
    ledger = lost_value_lines(change_set.ledger, language) if values else ledger_lines(change_set, language)
    yield from section_lines("report.ledger", ledger, language)
    yield from section_lines(
        "report.obligations", obligation_lines(change_set.obligations, language), language
    )


def verdict_lines(plan: AnyPlan | ChangeSet, language: str = "en") -> Iterator[Line]:
    """Yield the summary of a plan and its blockers, as the short form."""
    language = in_words_of(plan, language)
    yield from summary_lines(plan, language)
    if isinstance(plan, Plan):
        yield from section_lines("report.blockers", _findings(plan.blockers, language), language)


def summary_lines(plan: AnyPlan | ChangeSet, language: str = "en") -> Iterator[Line]:
    """Yield the request, the state and the counts of a plan, derived from its steps."""
    change_set = plan.change_set if isinstance(plan, Plan) else plan
    (state, named), *counts = summary_of(change_set)
    role: LineRole = "blocker" if change_set.blocked else "good"
    yield Line(shown(sentence(state, named, language)), role)
    yield _request(change_set, language)
    for key, count in counts:
        yield Line(f"  {sentence(key, count, language)}")
    if isinstance(plan, Plan):
        facts = {"blockers": len(plan.blockers), "warnings": len(plan.warnings)}
        yield spoken("summary.findings", language, **facts)
        if zones := plan.changed_zones():
            yield spoken("report.zones_changed", language, "warning", zones=zones)
    elif change_set.blocked:
        yield spoken("failure.blocked", language, "blocker", codes=change_set.blocked)
    yield from _provisos(change_set, language)


_SHOWN_OF_UNDO = ("plan_id", "through")


def _request(change_set: ChangeSet, language: str) -> Line:
    key, facts = request_facts(change_set)
    return Line(shown(sentence(f"report.{key}", {"at": rfc3339(change_set.at), **facts}, language)))


def request_facts(change_set: ChangeSet) -> tuple[str, dict[str, Fact]]:
    """Return the code of the sentence about a request, and its facts without `at`, which are ids."""
    request, intent = change_set.request.value, change_set.intent
    facts = {name: _named(request.get(name, "")) for name in _shown_of(intent)}
    return "merge_without_profile" if intent == "merge" and "actor" not in request else intent, facts


def _shown_of(intent: Intent) -> tuple[str, ...]:
    """Return the names of the fields of a request that a report shows, all of them ids."""
    return _SHOWN_OF_UNDO if intent == "undo" else REQUEST_KINDS[intent].shown


def _named(value: Any) -> Fact:
    return tuple(map(str, value)) if isinstance(value, list) else str(value)


def _provisos(change_set: ChangeSet, language: str) -> Iterator[Line]:
    """Yield how many steps of a prefix are included, and whether a confirmation is needed or given."""
    if change_set.through is not None:
        counts = {"count": change_set.through, "steps": len(change_set.steps)}
        yield spoken("report.through", language, "warning", **counts)
    if change_set.confirmation is not None:
        yield spoken("report.confirmed", language, at=rfc3339(change_set.confirmation.at))
    elif change_set.needs_confirmation:
        yield spoken(
            "report.unconfirmed" if is_final(change_set) else "report.to_confirm", language, "warning"
        )


def is_final(change_set: ChangeSet) -> bool:
    """Return whether a change set cannot be undone."""
    return change_set.undo == "never" and any(step.kind in IRREVERSIBLE for step in change_set.steps)


def section_lines(heading: str, lines: Iterator[Line], language: str) -> Iterator[Line]:
    """Yield lines under a heading, or no line if there are none."""
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


def step_lines(steps: Iterable[Step], language: str, *, values: bool) -> Iterator[Line]:
    """Yield steps, each with its edits, and with both values of each change if `values` is set."""
    for step in steps:
        yield step_line(step, language)
        for edit in step.edits:
            yield _edit(edit, language)
            if values:
                yield from value_lines(edit, language)


def step_texts(step: Step, language: str) -> tuple[str, str]:
    """Return the kind of a step and its reason as sentences."""
    what = sentence(f"step.{step.kind}", {}, language)
    return what, sentence(f"reason.{step.reason.code}", step.reason.facts, language)


def step_line(step: Step, language: str, *, indent: int = 2) -> Line:
    """Return a step with its ordinal and its reason."""
    what, why = step_texts(step, language)
    return spoken("report.step", language, "step", indent=indent, ordinal=step.ordinal, what=what, why=why)


def _edit(edit: Edit, language: str) -> Line:
    key, fields = f"report.edit_{edit.op}", edit.changed_fields
    line = spoken(key, language, "detail", indent=6, entity=edit.entity, id=edit.id, fields=fields)
    row = edit.after or edit.before
    if not isinstance(row, Appointment):
        return line
    return attrs.evolve(line, text=f"{line.text} ({_promise(row, language)})")


def _promise(row: Appointment, language: str) -> str:
    """Return the number of an appointment, and the wall-clock time that was promised."""
    time = promised_time(row, language)
    return shown(f"{row.number}, {time}" if row.number else time)


def promised_time(row: Appointment, language: str) -> str:
    """Return the start of an appointment on the clocks of its zone."""
    wall = f"{wall_text(row.slot.start_us, row.time_zone)} {row.time_zone}"
    return shown_wall_time(row.slot.start, row.time_zone, wall, language)


def ledger_lines(change_set: ChangeSet, language: str) -> Iterator[Line]:
    """Yield one line for all values with the same origin, target and rule."""
    groups: dict[tuple[str, str, str, str], list[str]] = {}
    for entry in change_set.ledger:
        groups.setdefault((entry.entity, entry.field, entry.from_id, entry.rule), []).append(entry.id)
    for (entity, field, from_id, rule), ids in groups.items():
        # A field with the name of its entity is the whole entity, which is gone.
        key = "report.ledger_whole" if field == entity else "report.ledger_entry"
        names = Facts(entity=entity, field=field, id=_first(ids), from_id=from_id, rule=rule)
        text = sentence(key, names, language)
        if len(ids) > 1:
            text = sentence("report.ledger_several", {"text": text, "count": len(ids)}, language)
        yield Line(f"  {shown(text)}")


def _first(ids: Iterable[str]) -> tuple[str, ...]:
    """Return the first few different ids (the steps name all of them)."""
    different = list(dict.fromkeys(ids))
    return (*islice(different, SHOWN_IDS), *(["…"] if len(different) > SHOWN_IDS else []))


def obligation_lines(obligations: Iterable[Obligation], language: str) -> Iterator[Line]:
    """Yield obligations, each with the instant at which it is due."""
    for obligation in obligations:
        when, text = obligation_texts(obligation, language)
        yield spoken("report.obligation", language, indent=2, when=when, text=text)


def obligation_texts(obligation: Obligation, language: str) -> tuple[str, str]:
    """Return when an obligation is due, and what it is, as sentences."""
    key = f"report.when_{obligation.when}"
    when = sentence(key, {}, language) if has_sentence(key, "en") else shown(obligation.when)
    return when, sentence(f"obligation.{obligation.kind}", obligation.facts, language)


NO_VALUE = "-"
"""The text shown for an absent value."""


def value_lines(edit: Edit, language: str = "en") -> Iterator[Line]:
    """Yield each changed key with both values as JSON; of a created or removed entity, all keys."""
    before, after = _written(edit.before), _written(edit.after)
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) != after.get(key) and key != "id":
            sides = {"before": _shown(before, key), "after": _shown(after, key)}
            text = sentence("report.value", {"field": key, **sides}, language)
            yield Line(" " * 8 + shown(text), "detail")


def lost_value_lines(entries: Iterable[LedgerEntry], language: str = "en") -> Iterator[Line]:
    """Yield each lost value as JSON, with its origin and the reason."""
    for entry in entries:
        names = {"entity": entry.entity, "id": entry.id, "field": entry.field, "from_id": entry.from_id}
        text = sentence("report.ledger_entry", {**names, "rule": entry.rule}, language)
        yield spoken("report.lost_value", language, indent=2, text=text, value=entry.value.text)


def _written(entity: Entity | None) -> dict[str, Any]:
    return {} if entity is None else dict(frozen(entity).value)


def _shown(row: dict[str, Any], key: str) -> str:
    return canonical(row[key]) if key in row else NO_VALUE
