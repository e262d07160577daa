"""Make the sections of a report on request, counts, findings, lost values and approval."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import attrs

from accountmerge.changes.change_sets import ChangeSet, LedgerEntry
from accountmerge.changes.edits import EditOp
from accountmerge.findings.finding import Finding
from accountmerge.model.entities import ENTITY_NAMES
from accountmerge.model.instants import microseconds
from accountmerge.model.json_text import canonical
from accountmerge.model.private import fields_of
from accountmerge.reports.lines import shown
from accountmerge.reports.markup import Element, element, written
from accountmerge.reports.plan_lines import is_final, request_facts
from accountmerge.reports.report_parts import Content, ReportPart, folded, items, paragraph, table
from accountmerge.reports.report_words import Words, cut, named
from accountmerge.wire.canonical import frozen

MOST_FINDINGS = 100
"""The most findings of one code that a report shows: about four pages."""
MOST_LOST = 200
"""The most lost values of one group that a report shows: about four pages."""
SHORT_ID = 12
"""Characters of a plan id that are enough to recognise it."""
_SHOWN_AT_ONCE = 3
_OPS: tuple[EditOp, ...] = ("create", "change", "remove")


def asked_section(part: ReportPart) -> Element:
    """Return what is asked, in words; with values, the personal fields of the request, too."""
    words, change_set = part.words, part.change_set
    key, facts = request_facts(change_set)
    text = words.say(key, at=words.moment(microseconds(change_set.at)), **words.facts(facts))
    rows = list(_private_fields(part)) if words.values and part.plan is not None else []
    heads = (words.say("head_field"), words.say("head_value"))
    return part.section(
        "asked",
        [
            paragraph(shown(text), class_="lead"),
            paragraph(words.say(f"why_{change_set.intent}")),
            table(words.say("caption_request"), heads, rows) if rows else None,
        ],
    )


def _private_fields(part: ReportPart) -> Iterator[tuple[str, Element]]:
    """Yield each personal value of the request."""
    request: Any = part.plan.request if part.plan is not None else None
    row: dict[str, Any] = frozen(request).value
    personal = fields_of(type(request)).personal
    for name in sorted(personal & row.keys()):
        if row[name] not in ("", None, [], {}):
            value = row[name] if isinstance(row[name], str) else canonical(row[name])
            yield part.words.field(name), written(value)


def counts_section(part: ReportPart) -> Element:
    """Return the number of steps of each kind, and of edits by kind of entity."""
    words, change_set = part.words, part.change_set
    if change_set.blocked:
        return part.section("counts", [paragraph(words.say("blocked_changes"))])
    if not change_set.steps:
        return part.section("counts", [paragraph(words.say("no_changes"))])
    through = change_set.through
    return part.section(
        "counts",
        [
            None if through is None else paragraph(_through(part, through), class_="warning"),
            element("div", _step_counts(part), _edit_counts(part), class_="beside"),
        ],
    )


def _through(part: ReportPart, through: int) -> Element:
    text = part.words.say("through", count=through, steps=len(part.change_set.steps))
    return element("data", text, value=through, data_count="through")


def _step_counts(part: ReportPart) -> Element:
    words = part.words
    counts = Counter(step.kind for step in part.change_set.steps)
    rows: list[tuple[Content, ...]] = [
        (words.sentence(f"step.{kind}", {}), words.counted(f"steps.{kind}", count))
        for kind, count in counts.items()
    ]
    rows.append((words.say("all"), words.counted("steps", len(part.change_set.steps))))
    return table(
        words.say("caption_steps"), (words.say("head_step"), words.say("head_count")), rows, numbers=1
    )


def _edit_counts(part: ReportPart) -> Element:
    words = part.words
    edits = [edit for step in part.change_set.steps for edit in step.edits]
    counts = Counter((edit.entity, edit.op) for edit in edits)
    rows = [
        (words.noun(name), *(words.counted(f"edits.{name}.{op}", counts[name, op]) for op in _OPS))
        for name in ENTITY_NAMES
        if any(counts[name, op] for op in _OPS)
    ]
    heads = (words.say("head_entity"), *(words.say(f"head_{op}") for op in _OPS))
    return table(words.say("caption_edits"), heads, rows, numbers=len(_OPS))


def findings_section(part: ReportPart) -> Element:
    """Return the findings by code, blockers first, with each remedy once."""
    words, plan = part.words, part.plan
    if plan is None:
        return part.section("findings", [paragraph(words.say("findings_unknown"))])
    groups = [
        _finding_group(part, code, severity, list(findings))
        for (severity, code), findings in groupby(
            sorted(plan.findings, key=_severity_and_code), key=_severity_and_code
        )
    ]
    zones = plan.changed_zones()
    warned = paragraph(words.say("zones_changed", zones=zones), class_="warning") if zones else None
    return part.section("findings", [warned, *(groups or [paragraph(words.say("no_findings"))])])


def _severity_and_code(finding: Finding) -> tuple[int, str]:
    order = 0 if finding.is_blocking else 1 if finding.accepted is not None else 2
    return order, finding.code


_SEVERITIES = ("blocker", "accepted_blocker", "warning")


def _finding_group(part: ReportPart, code: str, order: int, findings: list[Finding]) -> Element:
    words, severity = part.words, _SEVERITIES[order]
    local = [attrs.evolve(finding, facts=words.facts(finding.facts)) for finding in findings[:MOST_FINDINGS]]
    texts = [_finding_item(words, finding) for finding in local]
    remedies = dict.fromkeys(shown(finding.advise(words.language)) for finding in local)
    heading = part.heading("", below=1)
    heading.extend(
        (
            element("span", words.say(f"tag_{severity}"), class_="tag"),
            element("code", code),
            words.counted(f"findings.{severity}.{code}", len(findings)),
        )
    )
    later = texts[_SHOWN_AT_ONCE:]
    more = folded(words.say("more"), items(later), number=_more(words, code, len(later))) if later else None
    return element(
        "article",
        heading,
        items(texts[:_SHOWN_AT_ONCE]),
        more,
        left_out(words, code, len(findings) - len(local), part.file),
        items((words.say("remedy", text=text) for text in remedies), class_="remedies"),
        class_=f"finding {severity}",
    )


def _more(words: Words, name: str, count: int) -> Element:
    return words.counted(f"more.{name}", count)


def left_out(words: Words, name: str, count: int, file: str) -> Element | None:
    """Return how many entries are not shown, and the command that shows them."""
    if count <= 0:
        return None
    command = element("code", shell("show", file))
    return paragraph(
        words.say("left_out"), " ", words.counted(f"left_out.{name}", count), ". ", command, class_="cut"
    )


def _finding_item(words: Words, finding: Finding) -> Element:
    item = element("span", shown(finding.describe(words.language)))
    if finding.accepted is None:
        return item
    accepted = finding.accepted
    text = (
        words.say("accepted_by_name")
        if not words.values
        else words.say("accepted_by", by=accepted.by, why=accepted.why)
    )
    item.append(element("em", " ", text))
    return item


def lost_section(part: ReportPart) -> Element:
    """Return the values that do not survive, by field and rule, with the reason."""
    words, ledger = part.words, part.change_set.ledger
    if not ledger:
        return part.section("lost", [paragraph(words.say("nothing_lost"))])
    groups: dict[tuple[str, str, str], list[LedgerEntry]] = {}
    for entry in ledger:
        groups.setdefault((entry.entity, entry.field, entry.rule), []).append(entry)
    rows = [
        (
            _lost_field(words, entity, field),
            words.word("rule.", rule),
            words.counted(f"lost.{entity}.{field}.{rule}", len(entries)),
        )
        for (entity, field, rule), entries in groups.items()
    ]
    heads = tuple(words.say(f"head_{name}") for name in ("lost", "rule", "count"))
    total = paragraph(words.say("lost_in_all"), " ", words.counted("lost", len(ledger)))
    details = (_lost_values(part, *group, entries) for group, entries in groups.items())
    return part.section(
        "lost", [total, table(words.say("caption_lost"), heads, rows, numbers=1, is_quiet=True), *details]
    )


def _lost_field(words: Words, entity: str, field: str) -> str:
    """Return what is lost; a field with the name of its entity is the whole entity."""
    if field == entity:
        return words.say("whole_entity", name=words.entity(entity))
    return f"{words.field(field)} ({words.entity(entity)})"


def _lost_values(part: ReportPart, entity: str, field: str, rule: str, entries: list[LedgerEntry]) -> Element:
    words, name = part.words, f"{entity}.{field}.{rule}"
    rows = [_lost_row(words, entry) for entry in entries[:MOST_LOST]]
    codes = ("id", "from", "value") if words.values else ("id", "from")
    what = _lost_field(words, entity, field)
    return folded(
        what,
        table(what, tuple(words.say(f"head_{code}") for code in codes), rows, is_quiet=True),
        left_out(words, f"lost.{name}", len(entries) - len(rows), part.file),
    )


def _lost_row(words: Words, entry: LedgerEntry) -> tuple[Content, ...]:
    row = (named(entry.id), named(entry.from_id))
    return (*row, written(entry.value.text)) if words.values else row


def approval_section(part: ReportPart) -> Element:
    """Return the short id of the plan, and the command that confirms exactly this plan."""
    words, change_set = part.words, part.change_set
    text, is_open = _approval_text(words, change_set)
    sign = items((words.say(f"sign_{name}") for name in ("name", "date", "signature")), class_="sign")
    box = element(
        "div",
        paragraph(words.say("short_id"), " ", element("code", change_set.plan_id[:SHORT_ID], class_="short")),
        paragraph(text),
        paragraph(words.say("confirm_with")) if is_open else None,
        element("pre", element("code", confirm_command(words, part.file))) if is_open else None,
        paragraph(words.say("confirm_guards")) if is_open else None,
        sign if is_open else None,
        class_="box",
    )
    full = paragraph(words.say("full_id"), " ", element("code", cut(change_set.plan_id), class_="full"))
    return part.section("approval", [box, full])


def _approval_text(words: Words, change_set: ChangeSet) -> tuple[str, bool]:
    """Return the state of the approval, and whether a person may confirm now."""
    confirmation = change_set.confirmation
    if change_set.blocked:
        return words.say("approve_blocked"), False
    if confirmation is not None and words.values:
        at = words.moment(microseconds(confirmation.at))
        return words.say("confirmed_by", at=at, by=cut(confirmation.by)), False
    if confirmation is not None:
        return words.say("confirmed", at=words.moment(microseconds(confirmation.at))), False
    if not change_set.steps:
        return words.say("approve_nothing"), False
    if not change_set.needs_confirmation:
        return words.say("approve_free"), True
    return words.say("unconfirmed" if is_final(change_set) else "to_confirm"), True


def confirm_command(words: Words, file: str) -> str:
    """Return the command that confirms a plan of a file."""
    stem = file.removesuffix(".json")
    name = words.say("your_name")
    return f'{shell("confirm", file)} --by "{name}" --at now --out {_quoted(f"{stem}-confirmed.json")}'


def shell(command: str, file: str) -> str:
    """Return a command of this program for a file, as a shell reads it."""
    return f"accountmerge {command} {_quoted(file)}"


def _quoted(file: str) -> str:
    return shown(shlex.quote(f"./{file}" if file.startswith("-") else file))
