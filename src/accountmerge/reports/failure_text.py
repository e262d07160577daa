"""Failures as text: what stands against applying a plan or taking it back: found, expected, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.messages import sentence
from accountmerge.reports.lines import Line, joined, shown, spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.failures import Failure


def failure_lines(failures: Iterable[Failure], language: str = "en") -> Iterator[Line]:
    """Yield each failure: its code, what was found, what was expected, what to do; no personal value."""
    word = sentence("report.blocker", {}, language)
    for failure in failures:
        yield Line(f"  {word} {failure.code}", "blocker")
        yield Line(f"    {shown(failure.describe(language))}")
        yield spoken("report.expected", language, "detail", indent=4, text=failure.expect(language))
        yield spoken("report.remedy", language, "detail", indent=4, text=failure.advise(language))


def check_lines(change_set: ChangeSet, failures: Sequence[Failure], language: str = "en") -> Iterator[Line]:
    """Yield whether a change set can be applied to the present data, and every reason why not.

    Args:
        change_set: What is to be applied.
        failures: What `check` returned for it.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    if failures:
        count = len(failures)
        yield spoken("report.not_applicable", language, "blocker", plan_id=change_set.plan_id, count=count)
        yield from failure_lines(failures, language)
    else:
        yield spoken("report.applicable", language, "good", plan_id=change_set.plan_id)


def refusal_lines(change_set: ChangeSet, failures: Sequence[Failure], language: str = "en") -> Iterator[Line]:
    """Yield that a change set cannot be undone, and every reason for it."""
    yield spoken("report.not_undoable", language, "blocker", plan_id=change_set.plan_id, count=len(failures))
    yield from failure_lines(failures, language)


def check_text(change_set: ChangeSet, failures: Sequence[Failure], language: str = "en") -> str:
    """Return whether a change set can be applied, and every reason why not, as plain text."""
    return joined(check_lines(change_set, failures, language))
