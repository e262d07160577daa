"""Cases of planner laws: one law tried on one question, what it may ask the planner, and what it counts."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Self

from accountmerge.plans.executions import apply
from accountmerge.testing.conformance.law_broken import LawBroken
from accountmerge.testing.conformance.law_cases import Inapplicable, evenly
from accountmerge.testing.reference.written_data import crashed
from planner_laws.failures import PlannerFailure

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.edits import Edit
    from accountmerge.changes.steps import Step
    from accountmerge.kinds import AnyPlan
    from accountmerge.model.snapshots import Snapshot
    from accountmerge.testing.conformance.law import Law
    from planner_laws.questions import Planner, Question

MOST_PARTS = 12
"""After how many steps of one plan something is tried at the most, evenly chosen."""
MOST_CRASHES = 40
"""After how many edits of one plan something is tried at the most, evenly chosen."""
CONFIRMED_BY = "Ann Example"
"""Who says yes to what is planned."""


class PlannerLawCase:
    """One law on one question.

    Args:
        planner: The planner under test.
        question: What it is asked.
        counts: What is counted up: how much of what was exercised.
    """

    def __init__(self, planner: Planner, question: Question, counts: Counter[str]) -> None:
        self.planner = planner
        self.question = question
        self._counts = counts
        self._after: dict[int, Snapshot] = {}
        self._planned_after: dict[int, AnyPlan] = {}

    def counting(self, counts: Counter[str]) -> Self:
        """Count up elsewhere from now on."""
        self._counts = counts
        return self

    def count(self, what: str, amount: int = 1) -> None:
        """Count what was exercised."""
        self._counts[what] += amount

    @property
    def snapshot(self) -> Snapshot:
        """The data that are planned on."""
        return self.question.snapshot

    @cached_property
    def plan(self) -> AnyPlan:
        """What was planned."""
        self.count("plans")
        return self.question.plan(self.planner)

    @cached_property
    def change_set(self) -> ChangeSet:
        """What was planned, confirmed.

        Raises:
            Inapplicable: It is blocked.
        """
        if not self.plan.is_ready:
            raise Inapplicable
        return self.plan.confirm(by=CONFIRMED_BY, at=self.question.at)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of a plan that has something to do.

        Raises:
            Inapplicable: It is blocked, or there is nothing to do.
        """
        if not self.change_set.steps:
            raise Inapplicable
        return self.change_set.steps

    @property
    def edits(self) -> list[Edit]:
        """The edits of a plan that has something to do, in order."""
        return [edit for step in self.steps for edit in step.edits]

    @cached_property
    def whole(self) -> Snapshot:
        """The data when all is applied."""
        return apply(self.snapshot, self.change_set)

    def after(self, n: int) -> Snapshot:
        """Return the data after some steps."""
        if n not in self._after:
            self._after[n] = apply(self.snapshot, self.change_set.prefix(n))
        return self._after[n]

    def planned_after(self, n: int) -> AnyPlan:
        """Return what is planned on the data after some steps."""
        if n not in self._planned_after:
            self._planned_after[n] = self.question.plan(self.planner, self.after(n))
        return self._planned_after[n]

    @cached_property
    def moments(self) -> list[tuple[int, Snapshot]]:
        """How many edits are written, and the data then: none, all, and what is between."""
        edits = self.edits
        return [(n, crashed(self.snapshot, edits[:n])) for n in evenly(len(edits) + 1, MOST_CRASHES)]

    def parts(self) -> Iterator[tuple[int, Snapshot]]:
        """Yield how many steps are done, and the data then: none, all, and what is between."""
        for n in evenly(len(self.steps) + 1, MOST_PARTS):
            yield n, self.after(n)


class PlannerLawSubject:
    """A planner at which laws are tried on questions; see `LawSubject`."""

    kind: ClassVar[str] = "planner"

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self._case: PlannerLawCase | None = None
        self._cases: dict[int, PlannerLawCase] = {}

    @property
    def name(self) -> str:
        """Where the planner is from."""
        made = self._planner
        named = getattr(made, "__qualname__", type(made).__qualname__)
        return f"{getattr(made, '__module__', '')}.{named}"

    def try_on(self, law: Law, example: Question, counts: Counter[str]) -> None:
        """Try a law on one question, which is planned once for all laws."""
        if id(example) not in self._cases:
            self._cases[id(example)] = PlannerLawCase(self._planner, example.copy(), counts)
        self._case = self._cases[id(example)].counting(counts)
        law.check(self._case)

    def failure(self, law: Law, example: Question, why: str) -> PlannerFailure:
        """Return what is kept of a question that broke a law."""
        plan = vars(self._case).get("plan") if self._case else None
        return PlannerFailure(
            law.name,
            example.name,
            why,
            example.snapshot,
            plan and plan.change_set,
            request=example.request,
            rules=example.rules,
            at=example.at,
        )

    def renew(self) -> None:
        """A planner is never stuck; what is drawn from here on is smaller and is asked once."""
        self._cases.clear()

    def close(self) -> None:
        """A planner holds on to nothing."""


def expect(holds: object, otherwise: str) -> None:
    """See that something holds.

    Raises:
        LawBroken: It does not; the text tells so.
    """
    if not holds:
        raise LawBroken(otherwise)
