"""Make the section of an HTML report on tasks, timeline and steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import attrs

from accountmerge.changes.change_sets import Obligation
from accountmerge.changes.steps import Step
from accountmerge.messages import has_sentence
from accountmerge.migrations.plan import MigrationPlan
from accountmerge.migrations.rules import ROLES
from accountmerge.migrations.tasks import Task
from accountmerge.migrations.timeline import Phase
from accountmerge.model.instants import microseconds
from accountmerge.reports.lines import shown
from accountmerge.reports.markup import Element, element
from accountmerge.reports.report_parts import Content, ReportPart, items, paragraph, table
from accountmerge.reports.report_words import DASH, Words, cut


def schedule_section(part: ReportPart) -> Element:
    """Return the timeline and the tasks of a migration, and the steps and obligations of any plan."""
    plan = part.plan
    if isinstance(plan, MigrationPlan):
        return part.section("schedule", [*_timeline(part, plan), *_tasks(part, plan), *_steps(part)])
    children = [*_obligations(part), *_steps(part)]
    return part.section("schedule", children or [paragraph(part.words.say("no_tasks"))])


def _timeline(part: ReportPart, plan: MigrationPlan) -> Iterator[Element]:
    words = part.words
    yield part.heading(words.say("timeline"), below=1)
    yield element("ol", *(_phase(words, phase) for phase in plan.timeline.phases), class_="timeline")


def _phase(words: Words, phase: Phase) -> Element:
    gate = "; ".join(words.sentence(f"gate.{code}", {}) for code in phase.gate)
    back = words.sentence(f"way_back.{phase.way_back}", {})
    is_dated = phase.at is not None
    return element(
        "li",
        element("p", _when(words, phase), class_="when"),
        element("p", element("strong", words.sentence(f"phase.{phase.kind}", {})), class_="what"),
        element("p", words.sentence(f"role.{phase.actor}", {}), class_="who"),
        paragraph(words.say("phase_needs", text=gate), class_="note") if gate else None,
        paragraph(words.say("way_back", text=back), class_="note") if phase.way_back != "undo" else None,
        class_="dated" if is_dated else "open",
    )


def _when(words: Words, moment: Phase | Task) -> Element | str:
    """Return the instant of a phase, or its condition."""
    if moment.at is not None:
        return words.time(microseconds(moment.at))
    return shown(moment.describe(words.language))


def _tasks(part: ReportPart, plan: MigrationPlan) -> Iterator[Element]:
    """Yield the tasks of each role that has any."""
    words, phases = part.words, {phase.kind: phase for phase in plan.timeline.phases}
    yield part.heading(words.say("tasks"), below=1)
    for role in ROLES:
        tasks = [task for task in plan.tasks if task.role == role]
        yield part.heading(words.sentence(f"role.{role}", {}), below=2)
        if not tasks:
            yield paragraph(words.say("nothing_to_do"))
            continue
        rows = [_task(words, task, phases[task.phase]) for task in tasks]
        yield items(rows, class_="tasks")


def _task(words: Words, task: Task, phase: Phase) -> Element:
    local = attrs.evolve(task, facts=words.facts(task.facts))
    text = element("span", shown(local.describe(words.language)), class_="what")
    if "count" in task.facts:
        text.set("data-count", f"task.{task.kind}")
    return element("span", element("span", _when(words, phase), class_="when"), " ", text)


def _obligations(part: ReportPart) -> Iterator[Element]:
    obligations = part.change_set.obligations
    if not obligations:
        return
    words = part.words
    yield part.heading(words.say("obligations"), below=1)
    yield items((_obligation(words, obligation) for obligation in obligations), class_="tasks")


def _obligation(words: Words, obligation: Obligation) -> Element:
    key = f"report.when_{obligation.when}"
    when = words.sentence(key, {}) if has_sentence(key, "en") else cut(obligation.when)
    text = shown(words.sentence(f"obligation.{obligation.kind}", obligation.facts))
    return element("span", element("span", when, class_="when"), " ", element("span", text, class_="what"))


def _steps(part: ReportPart) -> Iterator[Element]:
    """Yield the steps in their order, steps of one kind in a row as one line."""
    steps = part.change_set.steps
    if not steps:
        return
    words = part.words
    runs = [list(run) for _, run in groupby(steps, key=lambda step: step.kind)]
    heads = tuple(words.say(f"head_{name}") for name in ("order", "step", "why"))
    yield part.heading(words.say("steps"), below=1)
    yield table(words.say("caption_order"), heads, (_run(words, run) for run in runs), is_quiet=True)


def _run(words: Words, run: Sequence[Step]) -> tuple[Content, ...]:
    first, last = run[0], run[-1]
    place = element("span", words.counted("first", first.ordinal))
    if last is not first:
        place[-1].tail = DASH
        place.append(words.counted("last", last.ordinal))
    reason = (
        words.sentence(f"reason.{first.reason.code}", first.reason.facts)
        if last is first
        else words.say("why_each")
    )
    return place, words.sentence(f"step.{first.kind}", {}), shown(reason)
