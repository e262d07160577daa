"""Reports of failures, resumptions, comparisons and explanations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.differences import DIFFERENCES, Difference, Rebase, StepDifference
from accountmerge.changes.failures import Failure
from accountmerge.changes.resuming import EDIT_STATES, EditState, Resumption
from accountmerge.messages import sentence
from accountmerge.plans.explanations import Explanation
from accountmerge.plans.plan import Plan, change_set_of
from accountmerge.reports.lines import BLANK, Line, LineRole, joined, shown, spoken
from accountmerge.reports.plan_lines import SHOWN_IDS, verdict_lines


def step_counts(resumption: Resumption) -> dict[int, dict[EditState, int]]:
    """Return how many edits are in each state, by the ordinal of their step."""
    counts = Counter((edit.step, edit.state) for edit in resumption.edits)
    ordinals = dict.fromkeys(edit.step for edit in resumption.edits)
    return {ordinal: {state: counts[ordinal, state] for state in EDIT_STATES} for ordinal in ordinals}


def progress_lines(
    change_set: ChangeSet, resumption: Resumption, failures: Sequence[Failure] = (), language: str = "en"
) -> Iterator[Line]:
    """Yield the progress of a change set and the failures of its rest, with only kinds and ids."""
    yield _state(change_set, resumption, failures, language)
    if change_set.through is not None:
        facts = {"count": change_set.through, "steps": len(change_set.steps)}
        yield spoken("report.through", language, "warning", **facts)
    counts = step_counts(resumption)
    for step in change_set.wanted_steps:
        counted = counts[step.ordinal]
        role: LineRole = "blocker" if counted["drifted"] else "step" if counted["to_apply"] else "good"
        what = sentence(f"step.{step.kind}", {}, language)
        yield spoken(
            "report.step_progress", language, role, indent=2, ordinal=step.ordinal, what=what, **counted
        )
    if resumption.drifted:
        yield BLANK
        yield spoken("report.drifted", language, "heading")
        for edit in resumption.drifted:
            text = sentence(
                "report.drifted_edit",
                {"entity": edit.entity, "id": edit.store_id, "step": edit.step},
                language,
            )
            yield Line(f"  {shown(text)}", "blocker")
    if failures:
        yield BLANK
        yield spoken("report.against_the_rest", language, "heading", count=len(failures))
        yield from failure_lines(failures, language)


def _state(change_set: ChangeSet, resumption: Resumption, failures: Sequence[Failure], language: str) -> Line:
    if not failures and resumption.is_finished:
        return spoken("report.finished", language, "good", plan_id=change_set.plan_id)
    counts = {state: resumption.count(state) for state in EDIT_STATES}
    role: LineRole = "blocker" if failures else "good"
    return spoken("report.progress", language, role, plan_id=change_set.plan_id, **counts)


def progress_text(
    change_set: Plan[Any, Any] | ChangeSet,
    resumption: Resumption,
    failures: Sequence[Failure] = (),
    language: str = "en",
) -> str:
    """Return the progress of a plan or a change set as plain text.

    Args:
        change_set: The plan or change set.
        resumption: The result of `am.resume` for it.
        failures: The failures of the rest, which `am.check` returns. Default: none.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    return joined(progress_lines(change_set_of(change_set), resumption, failures, language))


def failure_lines(failures: Iterable[Failure], language: str = "en") -> Iterator[Line]:
    """Yield the code, the facts, the expectation and the remedy of each failure, without personal values."""
    word = sentence("report.blocker", {}, language)
    for failure in failures:
        yield Line(f"  {word} {failure.code}", "blocker")
        yield Line(f"    {shown(failure.describe(language))}")
        yield spoken("report.expected", language, "detail", indent=4, text=failure.expect(language))
        yield spoken("report.remedy", language, "detail", indent=4, text=failure.advise(language))


def check_lines(change_set: ChangeSet, failures: Sequence[Failure], language: str = "en") -> Iterator[Line]:
    """Yield whether a change set can be applied to the present data, and every reason why not."""
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


def check_text(
    change_set: Plan[Any, Any] | ChangeSet, failures: Sequence[Failure], language: str = "en"
) -> str:
    """Return every reason not to apply a plan or a change set as plain text.

    Args:
        change_set: The plan or change set.
        failures: The result of `am.check` for it.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    return joined(check_lines(change_set_of(change_set), failures, language))


_ROLES: dict[Difference, LineRole] = {
    "same": "detail",
    "changed": "warning",
    "added": "step",
    "dropped": "step",
}


def difference_lines(rebased: Rebase[Any], language: str = "en") -> Iterator[Line]:
    """Yield the state of the new plan, and the difference of each step and finding, without personal values."""
    yield from verdict_lines(rebased.plan, language)
    yield BLANK
    if rebased.is_same:
        yield spoken("report.rebased_same", language, "good")
    else:
        counts = Counter(step.difference for step in rebased.steps)
        facts = {difference: counts[difference] for difference in DIFFERENCES}
        yield spoken("report.rebased", language, "heading", **facts)
    yield from (_step(step, language) for step in rebased.steps)
    for key, ids in {"report.findings_gone": rebased.gone, "report.findings_come": rebased.come}.items():
        if ids:
            yield BLANK
            yield spoken(key, language, "heading")
            yield from (Line(f"  {shown(id)}") for id in ids)


def _step(step: StepDifference, language: str) -> Line:
    what = sentence(f"step.{step.kind}", {}, language)
    ids = (*step.ids[:SHOWN_IDS], *(["…"] if len(step.ids) > SHOWN_IDS else []))
    places = {"before": step.before or 0, "after": step.after or 0}
    key, role = f"report.step_{step.difference}", _ROLES[step.difference]
    return spoken(key, language, role, indent=2, what=what, ids=ids, **places)


def difference_text(rebased: Rebase[Any], language: str = "en") -> str:
    """Return the differences between a rebased plan and the earlier one as plain text.

    Args:
        rebased: The result of `am.rebase`.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    return joined(difference_lines(rebased, language))


def explanation_lines(explanation: Explanation, language: str = "en") -> Iterator[Line]:
    """Yield the outcome for an entity, then each reason on its own line."""
    first, *others = explanation.lines(language)
    yield Line(shown(first), "heading")
    yield from (Line(f"  {shown(line)}") for line in others)


def explanation_text(explanation: Explanation, language: str = "en") -> str:
    """Return an explanation as plain text that is safe to show.

    Args:
        explanation: The result of `plan.explain`.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    return joined(explanation_lines(explanation, language))
