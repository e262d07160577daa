"""Find the step that makes each obligation due, and the obligations that are owed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable

from accountmerge.changes.change_sets import COUNTER_OBLIGATIONS, ChangeSet, Obligation
from accountmerge.changes.conflicts import Planned, planned_steps
from accountmerge.changes.resuming import Resumption
from accountmerge.changes.steps import Step, StepKind
from accountmerge.errors import InvalidValueError
from accountmerge.model.identifiers import derived_id
from accountmerge.model.json_text import canonical
from accountmerge.model.value_rules import argument, instance, whole_number
from accountmerge.model.values import ShownValue, value_class

_RESUMPTION = instance(Resumption, "resumption")

_LOGIN_CHANGES: tuple[StepKind, ...] = ("transfer_emails", "change_primary")

DUE_WITH: dict[str, tuple[StepKind, ...]] = {
    "announce_blackout": ("close_availability",),
    "list_availability": ("close_availability",),
    "tell_new_login": ("activate_schedule",),
    "tell_primary_email": _LOGIN_CHANGES,
    "tell_no_login": _LOGIN_CHANGES,
    "end_sessions": _LOGIN_CHANGES,
    "ask_for_access": ("request_access",),
    "tell_decision": ("decide_request",),
}
"""The kinds of step that make an obligation due: they write what it is about. An undo has the same steps undone."""


@value_class(eq=False, repr=False)
class Owed(ShownValue):
    """An obligation of one change set, with its id.

    Attributes:
        id: Derived from the plan, the step, the kind and the facts of the obligation, so the same in every run.
        step: The ordinal of the step that makes it due.
        obligation: The obligation.
    """

    id: str
    step: int
    obligation: Obligation


def due(change_set: ChangeSet | Planned, step: int) -> tuple[Owed, ...]:
    """Return the obligations that a step makes due, in the order of the change set.

    A store that writes them in the transaction of the step, as an outbox, neither loses one nor has one too early.
    Each obligation is due with exactly one step, except that an empty change set has none that is due.

    Args:
        change_set: A change set, or a plan; of a prefix all steps count.
        step: The ordinal of the step; with one that no step has, no obligation is due.

    Raises:
        InvalidValueError: An argument is of the wrong type.
    """
    step = argument("step", whole_number, step)
    return tuple(due_by_step(change_set).get(step, ()))


def owed(
    change_set: ChangeSet | Planned, report: Resumption, *, done: Container[str] = ()
) -> tuple[Owed, ...]:
    """Return the obligations that are due by the present data and not done.

    Args:
        change_set: The change set, or the plan.
        report: The progress of the change set by the present data, from `resume`. A step counts if all its edits
            are done.
        done: The ids of the obligations that are done.

    Returns:
        They are in the order of the steps.

    Raises:
        InvalidValueError: An argument is of the wrong type.
    """
    argument("report", _RESUMPTION.check, report)
    left = {edit.step for edit in report.edits if edit.state != "done"}
    finished = sorted({edit.step for edit in report.edits} - left)
    return owed_after(change_set, finished, done)


def owed_after(
    change_set: ChangeSet | Planned, finished: Iterable[int], done: Container[str]
) -> tuple[Owed, ...]:
    """Return the obligations of finished steps that are not done, in the order of the steps."""
    by_step = due_by_step(change_set)
    if isinstance(done, str | bytes) or not isinstance(done, Container):  # a text contains parts of its ids
        raise InvalidValueError("wrong_type", field="done", wanted="ids")
    return tuple(entry for step in finished for entry in by_step.get(step, ()) if entry.id not in done)


def due_by_step(planned: ChangeSet | Planned) -> dict[int, list[Owed]]:
    """Return the obligations that each step makes due, by its ordinal."""
    change_set = planned_steps(planned)
    last = {_kind(step): step.ordinal for step in change_set.steps}
    found: defaultdict[int, list[Owed]] = defaultdict(list)
    for obligation in change_set.obligations if change_set.steps else ():
        step = _due_step(obligation, last, len(change_set.steps))
        meaning = (change_set.plan_id, str(step), obligation.kind, canonical(dict(obligation.facts)))
        found[step].append(Owed(derived_id("obligation", *meaning), step, obligation))
    return found


def _kind(step: Step) -> str:
    """Return the kind of a step, or of the step that it undoes."""
    return str(step.reason.facts["kind"]) if step.kind == "undo_step" else step.kind


def _due_step(obligation: Obligation, last: dict[str, int], steps: int) -> int:
    """Return the stored step, or the last one of the right kind, or the last of all."""
    if obligation.step is not None:
        return obligation.step
    kinds = DUE_WITH.get(_UNDONE.get(obligation.kind, obligation.kind), ())
    return max((last[kind] for kind in kinds if kind in last), default=steps)


_UNDONE = {counter: kind for kind, counter in COUNTER_OBLIGATIONS.items()}
"""The obligation of the plan that was undone, by the obligation of its undo."""
