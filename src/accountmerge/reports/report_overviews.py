"""Make the overview of a report on a cohort, a batch or several files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs

from accountmerge.findings.finding import Finding
from accountmerge.merges.batches import MergeBatch, MergeGroup
from accountmerge.migrations.cohorts import CohortMember, MigrationCohort
from accountmerge.model.time_slots import TimeSlot
from accountmerge.reports.lines import shown
from accountmerge.reports.markup import Element, element
from accountmerge.reports.plan_lines import request_facts
from accountmerge.reports.report_parts import Content, ReportPart, items, joined, paragraph, table
from accountmerge.reports.report_sections import SHORT_ID
from accountmerge.reports.report_words import DASH, Words, named


def plans_overview(words: Words, parts: Sequence[ReportPart]) -> Element:
    """Return the plans of a report, each with its state, its steps and a link."""
    heads = tuple(words.say(f"head_{name}") for name in ("plan", "state", "steps"))
    return _overview(words, table(words.say("caption_plans"), heads, map(_plan, parts), numbers=1))


def _plan(part: ReportPart) -> tuple[Content, ...]:
    state = _state(part.words, state_of(part))
    return link(part), state, part.words.counted("plan.steps", len(part.change_set.steps))


def _state(words: Words, state: str) -> Element:
    """Return the word for a state; a narrow column does not cut it."""
    return element("span", words.say(f"state_{state}"), class_="whole")


def link(part: ReportPart) -> Element:
    """Return a link to a plan of the report, with its title."""
    return element("a", *titled(part), href=f"#{part.prefix}")


_ABOUT = ("survivor", "customer_id", "profile_id", "request_id", "number")
"""The fields of a request that tell plans of one kind apart. The first one that it has is shown."""


def titled(part: ReportPart) -> tuple[Content, ...]:
    """Return the kind of a plan, the id that it is about, and its short id."""
    _, facts = request_facts(part.change_set)
    about = next((fact for name in _ABOUT if (fact := facts.get(name)) and isinstance(fact, str)), None)
    title = part.words.say(f"title_{part.change_set.intent}")
    short = element("code", part.change_set.plan_id[:SHORT_ID])
    return (f"{title} ", *(() if about is None else (named(about), " ")), short)


def state_of(part: ReportPart) -> str:
    """Return the word for the state of a plan."""
    change_set = part.change_set
    if change_set.blocked:
        return "blocked"
    if not change_set.steps:
        return "nothing_left"
    return "ready" if change_set.confirmation is None else "confirmed"


def cohort_overview(words: Words, cohort: MigrationCohort, parts: Sequence[ReportPart]) -> Element:
    """Return the members of a cohort, each with its blackout and its findings."""
    heads = tuple(words.say(f"head_{name}") for name in ("profile", "state", "blackout", "steps"))
    links = {id(part.plan): part for part in parts}
    rows = [_member(words, member, links.get(id(member.plan))) for member in cohort.members]
    findings = [finding for member in cohort.members for finding in member.findings]
    return _overview(
        words,
        _ready(words, len(cohort.members), len(cohort.blocked)),
        paragraph(words.sentence("cell.zone", {"zone": words.zone})),
        table(words.say("caption_cohort"), heads, rows, numbers=1),
        *_reasons(words, findings),
    )


def _member(words: Words, member: CohortMember, part: ReportPart | None) -> tuple[Content, ...]:
    profile = named(member.request.profile_id)
    first = profile if part is None else element("a", profile, href=f"#{part.prefix}")
    state = _state(words, "ready" if member.is_ready else "blocked")
    steps = None if part is None else words.counted("plan.steps", len(part.change_set.steps))
    return first, state, _slot(words, member.blackout), steps


def _slot(words: Words, slot: TimeSlot | None) -> Element | str:
    if slot is None:
        return DASH
    return words.period(slot)


def batch_overview(words: Words, batch: MergeBatch, parts: Sequence[ReportPart]) -> Element:
    """Return the groups of a batch in their order, each with its customers, plans and findings."""
    heads = tuple(words.say(f"head_{name}") for name in ("group", "customers", "state", "plans"))
    links = {id(part.plan): part for part in parts}
    rows = [_group(words, group, links) for group in batch.groups]
    findings = [finding for group in batch.groups for finding in group.findings]
    return _overview(
        words,
        _ready(words, len(batch.groups), len(batch.blocked)),
        table(words.say("caption_batch"), heads, rows),
        *_reasons(words, findings),
    )


def _group(words: Words, group: MergeGroup, links: dict[int, ReportPart]) -> tuple[Content, ...]:
    state = _state(words, "ready" if group.is_ready else "blocked")
    parts = [links[id(plan)] for plan in group.plans]
    plans = element("ol", *(element("li", link(part)) for part in parts)) if parts else DASH
    customers = joined(named(id) for id in group.customer_ids)
    return words.counted("group", group.number), customers, state, plans


def _overview(words: Words, *children: Content) -> Element:
    heading = element("h2", words.say("overview"), id="overview")
    return element("section", heading, *children, aria_labelledby="overview", class_="overview")


def _ready(words: Words, count: int, blocked: int) -> Element:
    return paragraph(
        *(words.say("overview_ready"), " ", words.counted("overview.ready", count - blocked), " / "),
        words.counted("overview.all", count),
    )


def _reasons(words: Words, findings: Iterable[Finding]) -> Iterator[Element]:
    """Yield the findings that belong to no plan, with their remedies."""
    local = [attrs.evolve(finding, facts=words.facts(finding.facts)) for finding in findings]
    if local:
        yield element("h3", words.say("overview_findings"))
        yield items(_reason(words, finding) for finding in local)


def _reason(words: Words, finding: Finding) -> Element:
    text, remedy = (shown(say(words.language)) for say in (finding.describe, finding.advise))
    return element("span", f"{text} ", element("em", words.say("remedy", text=remedy)))
