"""Cases of any intent with a change set that can be applied and has steps."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar

import attrs
from hypothesis import assume, event
from hypothesis import strategies as st

from accountmerge.changes.change_sets import ChangeSet, Intent
from accountmerge.findings.finding import Acceptance
from accountmerge.kinds import REQUEST_KINDS, AnyPlan
from accountmerge.model.snapshots import Snapshot
from accountmerge.plans.executions import apply, check, invert, resume
from accountmerge.testing.reference.renamed_rows import named
from accountmerge.testing.reference.well_formedness import added_faults
from accountmerge.testing.strategies.customer_cases import CustomerCase, customer_cases
from accountmerge.testing.strategies.customer_requests import CUSTOMER_INTENTS
from accountmerge.testing.strategies.merges import MergeCase, merge_cases
from accountmerge.testing.strategies.migrations import MigrationCase, migration_cases
from accountmerge.testing.strategies.rebookings import RebookingCase, rebooking_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CONFIRMED_BY = "Ann Example"
"""The person who confirms drawn plans."""


@attrs.frozen
class UndoCase:
    """The data of an undo.

    Attributes:
        forward: The case of the plan.
        through: The number of its steps that were applied and are undone.
    """

    forward: PlannedCase
    through: int

    @property
    def snapshot(self) -> Snapshot:
        """The data after those steps."""
        return apply(self.forward.snapshot, self.forward.change_set.prefix(self.through))

    def change_set(self) -> ChangeSet:
        """Return the confirmed change set that undoes them."""
        done = self.forward.change_set.prefix(self.through)
        return invert(done).confirm(by=CONFIRMED_BY, at=done.at)


Case = MigrationCase | MergeCase | CustomerCase | RebookingCase | UndoCase
CaseT = TypeVar("CaseT", MigrationCase, MergeCase, CustomerCase, RebookingCase)


def ready(cases: st.SearchStrategy[CaseT]) -> st.SearchStrategy[CaseT]:
    """Return those cases whose plan is not blocked; it may be empty."""
    return cases.filter(_is_ready)


def busy(cases: st.SearchStrategy[CaseT]) -> st.SearchStrategy[CaseT]:
    """Return those cases whose plan is not blocked and has steps."""
    return cases.filter(_is_busy)


def _is_ready(case: CaseT) -> bool:
    return case.plan().is_ready


def _is_busy(case: CaseT) -> bool:
    plan = case.plan()
    return plan.is_ready and bool(plan.change_set.steps)


@attrs.frozen
class PlannedCase:
    """A snapshot and a change set with steps that can be applied to it.

    Attributes:
        snapshot: The data.
        change_set: The confirmed change set.
        case: The case of the plan.
    """

    snapshot: Snapshot
    change_set: ChangeSet
    case: Case

    @classmethod
    def of(cls, case: Case) -> Self:
        """Return a case with its change set, on its own data; the plan must be ready."""
        if isinstance(case, UndoCase):
            return cls(case.snapshot, case.change_set(), case)
        return cls.planned_as(case, case.plan())

    @classmethod
    def planned_as(cls, case: Any, plan: AnyPlan) -> Self:
        """Return a case with the change set of its plan, which must be ready."""
        return cls(case.snapshot, plan.confirm(by=CONFIRMED_BY, at=plan.change_set.at), case)

    def change_set_on(
        self, snapshot: Snapshot, names: Mapping[tuple[Any, str], str] | None = None
    ) -> ChangeSet | None:
        """Return the confirmed change set of the same request on other data, or None if blocked or empty.

        Args:
            snapshot: The data.
            names: The ids that a store gave to the rows of the case, by kind and id, if they differ.
        """
        if isinstance(self.case, UndoCase):
            inverse = self.case.change_set()
            return None if resume(snapshot, inverse).is_finished or check(snapshot, inverse) else inverse
        case: Any = self.case if not names else _with_ids(self.case, snapshot, names)
        plan = case.plan(snapshot)
        if not (plan.is_ready and plan.change_set.steps):
            return None
        return plan.confirm(by=CONFIRMED_BY, at=plan.change_set.at)  # type: ignore[no-any-return]

    def _repr_pretty_(self, printer: Any, cycle: object) -> None:
        """Show a falsifying example without the plan, which follows from the rest and is longer."""
        del cycle
        with printer.group(4, "PlannedCase.of(", ")"):
            printer.pretty(self.case)


def _with_ids(case: Any, snapshot: Snapshot, names: Mapping[tuple[Any, str], str]) -> Any:
    """Return a case whose request has other ids, and accepts what can be accepted if it accepted anything."""
    case = attrs.evolve(case, request=named(case.request, names))
    if not getattr(case.request, "accept", ()):
        return case
    bare = attrs.evolve(case, request=attrs.evolve(case.request, accept=()))
    blockers = [blocker for blocker in bare.plan(snapshot).blockers if blocker.is_acceptable]
    accept = [Acceptance(finding=blocker.id, by=CONFIRMED_BY, why="agreed") for blocker in blockers]
    return attrs.evolve(case, request=attrs.evolve(case.request, accept=accept))


@st.composite
def planned_cases(
    draw: st.DrawFn, *, undoable: bool = False, intents: tuple[Intent, ...] | None = None
) -> PlannedCase:
    """Draw a case of any intent that is ready and has steps; others are discarded.

    No prefix of the change set adds a fault that `added_faults` counts: no double booking is accepted, and no
    undo brings a fault back. Bounded as `migration_cases`, `merge_cases`, `customer_cases` and
    `rebooking_cases` are.

    Args:
        draw: Given by Hypothesis.
        undoable: Whether to draw only change sets that `invert` can undo; an undo itself is not one of them.
        intents: The kinds of request; at least one. Default: every kind of request, and `undo`.
    """
    wanted = [intent for intent in intents or (*REQUEST_KINDS, "undo") if not (undoable and intent == "undo")]
    intent = draw(st.sampled_from([intent for intent in wanted for _ in range(_OFTEN.get(intent, 1))]))
    if intent == "undo":
        case_drawn = draw(_undoings())
    else:
        case = draw(CASES[intent]())
        case_drawn = _planned(_undoable(case) if undoable else case)
    event(f"intent: {case_drawn.change_set.intent}")
    return case_drawn


_OFTEN: dict[Intent, int] = {"migration": 3, "merge": 3, "undo": 2}
"""The weight of the cases with the most kinds."""


CASES: dict[Intent, Callable[[], st.SearchStrategy[Any]]] = {
    "migration": migration_cases,
    "merge": merge_cases,
    "rebooking": rebooking_cases,
    **{intent: partial(customer_cases, (intent,)) for intent in CUSTOMER_INTENTS},
}
"""The strategies of cases, by kind of request; each case has a snapshot and a method `plan`."""


def _undoable(case: Any) -> Any:
    """Return a case with a reversible change set, without planned numbers or with rules that allow it."""
    if isinstance(case, MigrationCase):
        return attrs.evolve(case, request=attrs.evolve(case.request, numbers={}))
    if isinstance(case, MergeCase):
        return attrs.evolve(case, rules=attrs.evolve(case.rules, undo="while_unchanged"))
    return case


def _planned(case: Any) -> PlannedCase:
    if isinstance(case, RebookingCase):  # no accepted overlap counts as a fault
        case = attrs.evolve(case, request=attrs.evolve(case.request, accept=()))
    plan = case.plan()
    assume(plan.is_ready and plan.change_set.steps)
    # A merge only warns of overlaps that have ended, but they count as faults all the same.
    assume("introduced_double_booking" not in {finding.code for finding in plan.warnings})
    return PlannedCase.planned_as(case, plan)


@st.composite
def _undoings(draw: st.DrawFn) -> PlannedCase:
    """Draw a change set that undoes another one, or its applied part."""
    forward = draw(planned_cases(undoable=True))
    steps = len(forward.change_set.steps)
    case = UndoCase(forward, draw(st.sampled_from((steps, steps, draw(st.integers(1, steps))))))
    assume(not added_faults(case.snapshot, forward.snapshot))
    event(f"undone: {'all' if case.through == steps else 'some steps'} of {forward.change_set.intent}")
    return PlannedCase.of(case)
