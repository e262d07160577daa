"""Timelines, to-do lists and progress as text: each step once, everybody has a list, counters as they are."""

from __future__ import annotations

import re

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.messages import LANGUAGES, sentence
from accountmerge.migrations.rules import ROLES
from accountmerge.reports.lines import joined
from accountmerge.reports.migration_text import notice_lines, status_text, timeline_text
from accountmerge.testing.strategies import MigrationCase, migration_cases
from small_values import appointment, migration, slot, snapshot
from strategies import meanwhile

languages = st.sampled_from(LANGUAGES)


@given(migration_cases(), languages)
def test_each_step_stands_exactly_once_and_in_its_phase(case: MigrationCase, language: str) -> None:
    plan = case.plan()
    text = timeline_text(plan, language)
    found = [int(ordinal) for ordinal in re.findall(r"^    ([0-9]+)\. ", text, flags=re.MULTILINE)]
    assert found == [step.ordinal for step in plan.change_set.steps]
    rest = text
    for phase in plan.timeline.phases:
        words = sentence(f"phase.{phase.kind}", {}, language)
        _, heading, rest = rest.partition(f"\n  {words}")
        assert heading, phase.kind
        mine = re.split(r"^  \S", rest, maxsplit=1, flags=re.MULTILINE)[0]
        ordinals = re.findall(r"^    ([0-9]+)\. ", mine, flags=re.MULTILINE)
        assert tuple(map(int, ordinals)) == phase.steps
        assert phase.describe(language) in mine.splitlines()[0]


@given(migration_cases(), languages)
def test_every_role_has_a_list_and_the_customer_an_empty_one(case: MigrationCase, language: str) -> None:
    plan = case.plan()
    heading = sentence("report.tasks", {}, language)
    lines = timeline_text(plan, language).split(f"\n{heading}\n")[1].splitlines()
    names = [sentence(f"role.{role}", {}, language) for role in ROLES]
    assert [line.strip() for line in lines if re.match("  [^ ]", line)] == names
    nothing = f"    {sentence('report.nothing_to_do', {}, language)}"
    assert lines[-1] == nothing
    assert len([line for line in lines if line.startswith("    ") and line != nothing]) == len(plan.tasks)
    assert lines.count(nothing) == len(set(ROLES) - {duty.role for duty in plan.tasks})
    for duty in plan.tasks:
        assert sum(line.endswith(duty.describe(language)) for line in lines) == 1


@given(migration_cases(), languages, st.data())
def test_what_is_told_of_progress_is_what_was_counted(
    case: MigrationCase, language: str, data: st.DataObject
) -> None:
    plan = case.plan()
    snapshot = case.snapshot
    if plan.is_ready:
        n = data.draw(st.integers(0, len(plan.change_set.steps)))
        snapshot = am.apply(snapshot, plan.change_set.prefix(n))
    snapshot = data.draw(meanwhile(snapshot, (case.request.profile_id,)))
    found = am.migrations.progress(snapshot, plan)
    gate = found.gates["activation"]
    lines = status_text(found, language).splitlines()
    counts = [
        int(text) for line in lines[2:5] for text in re.findall(r": ([0-9]+)", line.replace("\u00a0", ""))
    ]
    wanted = (gate.expected, gate.rebooked, gate.left, gate.waiting, gate.unexplained, gate.conflicts)
    assert counts[:6] == list(wanted)
    for row in found.bookings:
        told = f"  {row.describe(language)}" in lines
        assert told == (row.reason is not None)
    for id in found.unknown:
        assert sum(re.search(rf"\b{re.escape(id)}\b", line) is not None for line in lines[5:]) >= 1
    bar = re.search(r"\[([#.]*)\]", lines[2])
    assert bar is not None
    assert bar[1].count("#") == int(gate.share * len(bar[1]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_verdict_is_the_one_of_the_gate(language: str) -> None:
    plan = migration()
    told = {
        "report.gate_closed": am.migrations.progress(begun(0), plan),
        "report.gate_open": am.migrations.progress(begun(4), plan),
        "report.migration_done": am.migrations.progress(begun(7), plan),
    }
    for key, found in told.items():
        verdicts = {name: sentence(name, {}, language) in status_text(found, language) for name in told}
        assert verdicts == {name: name == key for name in told}
    blocked = migration(agreement=None)
    text = status_text(am.migrations.progress(begun(0), blocked), language)
    assert sentence("failure.blocked", {"codes": "agreement_missing"}, language) in text
    assert sentence("report.status_no_phase", {}, language) in text


def begun(steps: int) -> am.Snapshot:
    """The data of `migration()` after so many of its steps."""
    rows = [appointment(f"A{n}", slot(60 + 60 * n), number=f"APP-{n}", version=n) for n in range(2)]
    whole = snapshot(
        appointments=rows, access=[am.Access(id="X1", profile_id="P1", customer_id="C1", level="treating")]
    )
    return am.apply(whole, migration().change_set.prefix(steps))


@pytest.mark.parametrize("language", LANGUAGES)
def test_double_bookings_and_bookings_of_others_are_named(language: str) -> None:
    plan = migration()
    new = plan.change_set.steps[0].edits[0].id
    rows = [appointment("S1", slot(60), profile_id=new), appointment("late", slot(600))]
    text = status_text(am.migrations.progress(begun(4).changed(rows), plan), language)
    for key in ("report.booked_meanwhile", "report.conflicts", "report.unexplained"):
        assert sentence(key, {}, language) in text.splitlines()
    assert sentence("report.left", {}, language) not in text.splitlines()
    assert "  S1" in text.splitlines()


@pytest.mark.parametrize("language", LANGUAGES)
def test_notices_are_shown_with_every_paragraph(language: str) -> None:
    found = am.migrations.notices(migration(), language=language)
    text = joined(notice_lines(found, language))
    for notice in found:
        assert notice.subject in text
        for paragraph in notice.body.split("\n\n"):
            assert f"    {paragraph}\n" in f"{text}\n"
    assert sentence("report.no_notices", {}, language) in joined(notice_lines((), language))


def test_what_a_terminal_would_obey_is_shown() -> None:
    plan = migration()
    first, *rest = plan.change_set.steps
    facts = am.model.Facts.of({**first.reason.facts, "profile_id": "P\n1\x1b"})
    hostile = attrs.evolve(first, reason=am.changes.Reason(first.reason.code, facts))
    forged = attrs.evolve(plan, change_set=attrs.evolve(plan.change_set, steps=(hostile, *rest)))
    own = am.migrations.Wording(contacts={"support_team": "a\tb\n1"})
    for text in (timeline_text(forged), joined(notice_lines(am.migrations.notices(plan, own)))):
        assert "\x1b" not in text
        assert "\t" not in text
        assert not [line for line in text.splitlines() if line.startswith("1")]
