"""Stores whose transactions hold too little, come in another order, or keep nobody else out."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

from accountmerge.model.customers import Customer
from accountmerge.model.entities import ENTITY_NAMES
from accountmerge.testing.reference.stores import ReferenceStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pendulum

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.edits import Edit
    from accountmerge.testing.adapters import Outcome, Reach
    from accountmerge.testing.reference.disks import Disk
    from accountmerge.testing.reference.step_runs import StepRun


class CommitsEveryEdit(ReferenceStore):
    """Commits every edit by itself, and so half a step."""

    def _carried_out(self, step_run: StepRun) -> Outcome:
        outcome: Outcome = "already"
        while True:
            with self._transaction() as draft:
                left = self._decided(draft, step_run)
                if not left:
                    return "drifted" if left is None else outcome
            edit = self._next(left)
            step_run.reach(f"inside {step_run.step.ordinal}: {edit.entity} {edit.id}")
            with self._transaction() as draft:
                if edit in (self._decided(draft, step_run) or ()):
                    self._write(draft, edit)
                    outcome = "applied"
                if outcome == "applied" and self._pending(draft, step_run) == []:
                    self._mark(draft, step_run)

    def _decided(self, draft: Disk, step_run: StepRun, *, started: bool = False) -> list[Edit] | None:
        """Return the edits that are left; the guards of a step were asked before its first."""
        left = self._pending(draft, step_run, started=started)
        if left and len(left) < len(step_run.step.edits):
            step_run = attrs.evolve(step_run, step=attrs.evolve(step_run.step, guards=()))
        return super()._decided(draft, step_run, started=started)

    def _next(self, left: list[Edit]) -> Edit:
        """Return the edit that is written next."""
        return left[0]


class ClaimsBeforeItReleases(CommitsEveryEdit):
    """Commits every edit by itself, as it has to, but claims addresses before others let go of them."""

    def _next(self, left: list[Edit]) -> Edit:
        return next((edit for edit in _firsts(left) if _claims(edit)), left[0])


class GivesUpBeforeItTakes(CommitsEveryEdit):
    """Commits every edit by itself, as it has to, but cancels the old booking before there is the new one."""

    def _next(self, left: list[Edit]) -> Edit:
        return next((edit for edit in _firsts(left) if _cancels(edit)), left[0])


def _firsts(left: Iterable[Edit]) -> list[Edit]:
    """Return the edits that may come next: the first of each entity."""
    return list({edit.key: edit for edit in reversed(list(left))}.values())


def _cancels(edit: Edit) -> bool:
    """Tell whether a booking is live before, and not afterwards."""
    return getattr(edit.before, "is_live", False) and not getattr(edit.after, "is_live", True)


def _claims(edit: Edit) -> bool:
    """Tell whether a customer has an address afterwards that they did not sign in with before."""
    before, after = edit.before, edit.after
    if not (isinstance(before, Customer) and isinstance(after, Customer)):
        return False
    return not set(after.primary_mailboxes) <= set(before.primary_mailboxes)


class SortsByKind(ReferenceStore):
    """Applies all that is done to one kind of entity before the next kind, which is faster."""

    def _step_runs(self, change_set: ChangeSet, now: pendulum.DateTime, reach: Reach) -> tuple[StepRun, ...]:
        found = super()._step_runs(change_set, now, reach)
        return tuple(sorted(found, key=lambda step_run: ENTITY_NAMES.index(step_run.step.edits[0].entity)))


class GoesBackwards(ReferenceStore):
    """Applies the last step first."""

    def _step_runs(self, change_set: ChangeSet, now: pendulum.DateTime, reach: Reach) -> tuple[StepRun, ...]:
        return super()._step_runs(change_set, now, reach)[::-1]


class ActivatesEarly(ReferenceStore):
    """Opens a new schedule as soon as it is there: in the rehearsal nothing stood against it."""

    def _one_by_one(self, due: Sequence[StepRun]) -> dict[int, Outcome]:
        outcomes: dict[int, Outcome] = {}
        early = [step_run for step_run in due if step_run.step.kind == "activate_schedule"]
        for step_run in due:
            ripe = [other for other in early if self._pending(self._disk, other)]
            for next_one in (*ripe, step_run):
                outcomes = super()._one_by_one([next_one]) | outcomes
                if "drifted" in outcomes.values():
                    return outcomes
        return outcomes

    def _carried_out(self, step_run: StepRun) -> Outcome:
        if step_run.step.kind == "activate_schedule":
            step_run = attrs.evolve(step_run, step=attrs.evolve(step_run.step, guards=()))
        return super()._carried_out(step_run)


class WritesWholeTables(ReferenceStore):
    """Reads all, changes it and writes all back, and nobody else is kept out in between."""

    @contextmanager
    def _transaction(self) -> Iterator[Disk]:
        draft = self._disk.copy()
        yield draft
        self._disk = draft


class AppliesTwice(ReferenceStore):
    """Keeps others out who write, and not another of its own kind."""

    @contextmanager
    def _transaction(self) -> Iterator[Disk]:
        mine = self._lock.acquire(blocking=False)
        try:
            draft = self._disk.copy()
            yield draft
            self._disk = draft
        finally:
            if mine:
                self._lock.release()


class CommitsTheStepsOfASet(ReferenceStore):
    """Promises that a set is whole or nothing, and commits its steps one by one."""


class KeepsWhatCameBefore(ReferenceStore):
    """Applies a set in one transaction, and commits what it came to when a step does not fit."""

    def __init__(self) -> None:
        super().__init__("set")

    def _all_at_once(self, due: Sequence[StepRun]) -> dict[int, Outcome]:
        outcomes: dict[int, Outcome] = {}
        for step_run in due[:1]:
            step_run.reach(f"before {step_run.step.ordinal}")
        with self._transaction() as draft:
            for step_run in due:
                outcomes[step_run.step.ordinal] = self._stepped(draft, step_run)
                if outcomes[step_run.step.ordinal] == "drifted":
                    return outcomes
        for step_run in due[-1:]:
            step_run.reach(f"committed {step_run.step.ordinal}")
        return outcomes
