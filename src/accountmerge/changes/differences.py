"""Comparison of two change sets, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, Literal, TypeVar, get_args

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.edits import Edit
from accountmerge.changes.steps import Step, StepKind
from accountmerge.model.values import ShownValue, Value, value_class

PlanT = TypeVar("PlanT")
Difference = Literal["same", "changed", "added", "dropped"]
DIFFERENCES: tuple[Difference, ...] = get_args(Difference)


@value_class(eq=False, repr=False, kw_only=True)
class StepDifference(ShownValue):
    """The difference between two plans in one step.

    Attributes:
        difference: `same`, `changed` (it does the same to the same entities, from or to other values),
            `added`, or `dropped` (because it is done, or no longer needed).
        kind: The kind of step.
        before: Its ordinal in the old plan.
        after: Its ordinal in the new plan.
        ids: The entities that it edits, each once, in order.
    """

    difference: Difference
    kind: StepKind
    before: int | None
    after: int | None
    ids: tuple[str, ...]


@value_class(eq=False, repr=False)
class Rebase(Value, Generic[PlanT]):
    """A new plan for an old request, and its differences from the old plan.

    Attributes:
        plan: The new plan, for the same request and rules.
        steps: The difference of each step: those of the new plan in order, then those that were dropped.
        gone: Ids of findings that only the old plan had.
        come: Ids of findings that only the new plan has.
    """

    plan: PlanT
    steps: tuple[StepDifference, ...]
    gone: tuple[str, ...]
    come: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether the new plan does the same as the old one."""
        return not self.gone and not self.come and all(step.difference == "same" for step in self.steps)

    def __repr__(self) -> str:
        return f"Rebase({self.plan!r}, {sum(step.difference != 'same' for step in self.steps)} differences)"


def differences(old: ChangeSet, new: ChangeSet) -> Iterator[StepDifference]:
    """Yield the differences of the new steps in order, then those of the dropped steps."""
    known = {_subject(step): step for step in old.steps}
    for step in new.steps:
        before = known.pop(_subject(step), None)
        same = before is not None and before.edits == step.edits
        yield StepDifference(
            difference="added" if before is None else "same" if same else "changed",
            kind=step.kind,
            before=before.ordinal if before else None,
            after=step.ordinal,
            ids=_ids(step),
        )
    for step in known.values():
        yield StepDifference(
            difference="dropped", kind=step.kind, before=step.ordinal, after=None, ids=_ids(step)
        )


def _subject(step: Step) -> tuple[StepKind, tuple[str, str]]:
    """Return the key of a step in both plans, which is its kind and its leading entity."""
    if step.kind == "hand_over_records":
        return (step.kind, ("profile", str(step.reason.facts["profile_id"])))
    leading: Edit = step.edits[-1] if step.kind in ("drop_record", "book") else step.edits[0]
    return (step.kind, leading.key)


def _ids(step: Step) -> tuple[str, ...]:
    return tuple(dict.fromkeys(edit.id for edit in step.edits))
