"""What is said of a stored plan: each step exactly once, counts that add up, and no personal value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.changes.failures import Failure
from accountmerge.changes.resuming import EDIT_STATES
from accountmerge.messages import LANGUAGES, sentence
from accountmerge.reports.contract_text import check_text, difference_text, progress_text, step_counts
from accountmerge.testing.strategies import MergeCase, MigrationCase, merge_cases, migration_cases

if TYPE_CHECKING:
    from collections.abc import Iterable

languages = st.sampled_from(LANGUAGES)
CASES = st.one_of(migration_cases(), merge_cases())


def shown_steps(text: str) -> list[int]:
    return [int(found) for found in re.findall(r"^  ([0-9]+)\. ", text, flags=re.MULTILINE)]


def numbers_of(line: str) -> list[int]:
    return [int(found) for found in re.findall(r": ([0-9]+)", line.replace("\u00a0", ""))]


def wanted(steps: Iterable[am.changes.Step]) -> list[int]:
    return [step.ordinal for step in steps]


@given(CASES, languages, st.data())
def test_each_step_of_a_prefix_stands_exactly_once_in_its_progress(
    case: MigrationCase | MergeCase, language: str, data: st.DataObject
) -> None:
    plan = case.plan()
    change_set = plan.change_set if plan.change_set.blocked else plan.confirm(by="A", at=plan.change_set.at)
    prefix = change_set.prefix(data.draw(st.integers(0, len(change_set.steps))))
    report = am.resume(case.snapshot, prefix)
    text = progress_text(prefix, report, language=language)
    assert progress_text(attrs.evolve(plan, change_set=prefix), report, language=language) == text
    assert shown_steps(text) == wanted(prefix.wanted_steps)
    counts = step_counts(report)
    lines = [line for line in text.splitlines() if re.match(r"  [0-9]+\. ", line)]
    for line, step in zip(lines, prefix.wanted_steps, strict=True):
        assert numbers_of(line)[-3:] == [counts[step.ordinal][state] for state in EDIT_STATES]
        assert sum(counts[step.ordinal].values()) == len(step.edits)


@given(CASES, languages)
def test_each_step_of_both_plans_stands_exactly_once_in_what_differs(
    case: MigrationCase | MergeCase, language: str
) -> None:
    plan: Any = case.plan()
    steps = plan.change_set.steps
    half = case.snapshot
    if plan.is_ready:
        half = am.apply(half, plan.confirm(by="A", at=plan.change_set.at).prefix(len(steps) // 2))
    rebased: am.changes.Rebase[Any] = am.rebase(half, plan)
    text = difference_text(rebased, language)
    assert shown_steps(text) == wanted(rebased.plan.change_set.steps)
    dropped = [step.before for step in rebased.steps if step.difference == "dropped"]
    assert len(re.findall(r"^  -\. ", text, flags=re.MULTILINE)) == len(dropped)
    told = sentence("report.rebased_same", {}, language)
    assert (told in text.splitlines()) == rebased.is_same


@given(st.lists(st.sampled_from(["unconfirmed", "booking_numbered"]), max_size=4), languages, merge_cases())
def test_each_failure_is_told_with_all_three_sentences(
    codes: list[str], language: str, case: MergeCase
) -> None:
    failures = [Failure.of(code, number, id=f"a-{number}") for number, code in enumerate(codes, start=1)]
    text = check_text(case.plan(), failures, language)
    assert check_text(case.plan().change_set, failures, language) == text
    assert len(text.splitlines()) == 1 + 4 * len(failures)
    for failure in failures:
        assert failure.describe(language) in text
        assert failure.expect(language) in text
        assert failure.advise(language) in text
