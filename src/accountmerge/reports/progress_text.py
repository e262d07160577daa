"""Progress as text: how far a change set was applied, step by step, and what stands against the rest."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from accountmerge.changes.resuming import EDIT_STATES
from accountmerge.messages import sentence
from accountmerge.reports.failure_text import failure_lines
from accountmerge.reports.lines import BLANK, Line, joined, shown, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.failures import Failure
    from accountmerge.changes.resuming import EditState, Resumption
    from accountmerge.reports.lines import LineRole


def step_counts(resumption: Resumption) -> dict[int, dict[EditState, int]]:
    """Return how many edits stand in which state, by the ordinal of their step."""
    counts = Counter((edit.step, edit.state) for edit in resumption.edits)
    ordinals = dict.fromkeys(edit.step for edit in resumption.edits)
    return {ordinal: {state: counts[ordinal, state] for state in EDIT_STATES} for ordinal in ordinals}


def progress_lines(
    change_set: ChangeSet, resumption: Resumption, failures: Sequence[Failure] = (), language: str = "en"
) -> Iterator[Line]:
    """Yield how far the present data are along a change set; of entities, only kinds and ids.

    Args:
        change_set: What was being applied; of a prefix, only its first steps are told.
        resumption: What `resume` returned for it.
        failures: What stands against applying the rest, as `check` returned it.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    yield _state(change_set, resumption, failures, language)
    if change_set.through is not None:
        facts = {"count": change_set.through, "steps": len(change_set.steps)}
        yield spoken("report.through", language, "warning", **facts)
    counts = step_counts(resumption)
    for step in change_set.wanted_steps:
        found = counts[step.ordinal]
        role: LineRole = "blocker" if found["drifted"] else "step" if found["to_apply"] else "good"
        what = sentence(f"step.{step.kind}", {}, language)
        yield spoken(
            "report.step_progress", language, role, indent=2, ordinal=step.ordinal, what=what, **found
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
    change_set: ChangeSet, resumption: Resumption, failures: Sequence[Failure] = (), language: str = "en"
) -> str:
    """Return how far the present data are along a change set as plain text."""
    return joined(progress_lines(change_set, resumption, failures, language))
