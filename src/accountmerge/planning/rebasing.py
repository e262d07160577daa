"""`rebase`: the same request planned on the present data, and what differs between the two plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, get_args

import attrs

from accountmerge.changes.steps import Step, StepKind
from accountmerge.errors import InvalidValueError
from accountmerge.planning import planners
from accountmerge.plans import CustomerPlan, MergePlan, MigrationPlan, Plan, RebookingPlan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.edits import Edit
    from accountmerge.model.snapshots import Snapshot

PlanT = TypeVar("PlanT")
AnyPlanT = TypeVar("AnyPlanT", MigrationPlan, MergePlan, CustomerPlan, RebookingPlan)
Difference = Literal["same", "changed", "added", "dropped"]
DIFFERENCES: tuple[Difference, ...] = get_args(Difference)


@attrs.frozen(kw_only=True)
class StepDifference:
    """What became of one step.

    Attributes:
        difference: `same`, `changed` (it does the same to the same entities, from or to other values),
            `added`, or `dropped` (because it is done, or no longer needed).
        kind: What the step does.
        before: Its ordinal in the old plan.
        after: Its ordinal in the new plan.
        ids: The entities that it edits, each once, in order.
    """

    difference: Difference
    kind: StepKind
    before: int | None
    after: int | None
    ids: tuple[str, ...]


@attrs.frozen(repr=False)
class Rebase(Generic[PlanT]):
    """A plan made anew, and what differs.

    Attributes:
        plan: The new plan, for the same request and rules.
        steps: What became of each step: those of the new plan in order, then those that were dropped.
        gone: Ids of findings that only the old plan had.
        come: Ids of findings that only the new plan has.
    """

    plan: PlanT
    steps: tuple[StepDifference, ...]
    gone: tuple[str, ...]
    come: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether the new plan does just what the old one did."""
        return not self.gone and not self.come and all(step.difference == "same" for step in self.steps)

    def __repr__(self) -> str:
        return f"Rebase({self.plan!r}, {sum(step.difference != 'same' for step in self.steps)} differences)"


def rebase(snapshot: Snapshot, plan: AnyPlanT, *, at: datetime | None = None) -> Rebase[AnyPlanT]:
    """Plan the same request, under the same rules, on the present data.

    Args:
        snapshot: The present data.
        plan: The plan that was made before.
        at: The instant the new plan is for; that of the old one, or of the snapshot if that is later, if
            nothing is given.

    Raises:
        InvalidValueError: `at` is naive, or it is no plan: a bare change set has neither request nor rules.
    """
    if not isinstance(plan, Plan):
        raise InvalidValueError("wrong_type", field="plan", wanted="plan")
    moment = at if at is not None else max(plan.change_set.at, snapshot.taken_at)
    again = _planned(snapshot, plan, moment)
    old, new = ({finding.id for finding in each.findings} for each in (plan, again))
    steps = tuple(_differences(plan.change_set, again.change_set))
    return Rebase(again, steps, tuple(sorted(old - new)), tuple(sorted(new - old)))


def _planned(snapshot: Snapshot, plan: AnyPlanT, at: datetime) -> AnyPlanT:
    again: Any = planners.plan(snapshot, plan.request, rules=plan.rules, at=at)
    planned: AnyPlanT = again
    return planned


def _differences(old: ChangeSet, new: ChangeSet) -> Iterator[StepDifference]:
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
    """Return by what a step is known in both plans: what it does, and to which entity first of all."""
    if step.kind == "hand_over_records":
        return (step.kind, ("profile", str(step.reason.facts["profile_id"])))
    leading: Edit = step.edits[-1] if step.kind in ("drop_record", "book") else step.edits[0]
    return (step.kind, leading.key)


def _ids(step: Step) -> tuple[str, ...]:
    return tuple(dict.fromkeys(edit.id for edit in step.edits))
