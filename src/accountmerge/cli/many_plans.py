"""Read many stored plans, compare them with the present data, and apply them in a possible order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from shlex import quote
from typing import TYPE_CHECKING

import attrs

import accountmerge as am
from accountmerge.cli.files import read_plan, shown_source
from accountmerge.cli.given_paths import files_in
from accountmerge.cli.problems import BadInput, Problem
from accountmerge.kinds import AnyPlan
from accountmerge.reports.many_text import PlanState

if TYPE_CHECKING:
    from accountmerge.cli.screens import Screen

_REHEARSAL = "rehearsal"
"""The confirming person of a plan in memory, to find out which plans have to come first."""
_BY_PERSON = frozenset({"unconfirmed"})
"""The failures that a confirmation ends."""


@attrs.frozen
class StoredPlan:
    """A plan, and the name of its file."""

    plan: AnyPlan
    file: str

    @property
    def change_set(self) -> am.ChangeSet:
        """The change set of the plan."""
        return self.plan.change_set


def plans_in(screen: Screen, paths: Sequence[str]) -> list[StoredPlan]:
    """Read the plans of files and folders. If a plan is there with and without a confirmation, the first counts."""
    files, others = files_in(list(paths))
    if others:
        screen.note("cli.no_plans", files=tuple(others))
    if not files:
        raise BadInput(Problem("no_plan_files"), about=shown_source(paths[0]))
    stored: dict[str, StoredPlan] = {}
    quiet = attrs.evolve(screen, is_quiet=True)
    with screen.progress("cli.reading_plans") as on_plan:
        for done, file in enumerate(files, start=1):
            plan = read_plan(quiet, file)
            if isinstance(plan, am.ChangeSet):
                raise BadInput(Problem("needs_plan"), about=shown_source(file))
            before = stored.get(plan.plan_id)
            if before is None or before.change_set.confirmation is None:
                stored[plan.plan_id] = StoredPlan(plan, file)
            on_plan(done, len(files))
    return list(stored.values())


def states_of(screen: Screen, snapshot: am.Snapshot, plans: Sequence[StoredPlan]) -> list[PlanState]:
    """Return the state of each plan on the present data, in the order given."""
    twice = {who for who, count in Counter(_about(stored.plan) for stored in plans).items() if count > 1}
    states: list[PlanState] = []
    with screen.progress("cli.checking") as on_plan:
        for done, stored in enumerate(plans, start=1):
            states.append(_state(snapshot, stored, twice))
            on_plan(done, len(plans))
    failing = [place for place, state in enumerate(states) if state.next == "plan_again"]
    if failing:
        ready = [plans[place] for place, state in enumerate(states) if state.next != "plan_again"]
        last, _ = _applied(snapshot, [_rehearsed(stored) for stored in ready if stored.plan.is_ready])
        _, rest = _applied(last, [_rehearsed(plans[place]) for place in failing])
        waiting = {change_set.plan_id for change_set in rest}
        for place in failing:
            if plans[place].plan.plan_id not in waiting:
                states[place] = attrs.evolve(states[place], next="apply_later", codes=())
    return states


def remark_next(screen: Screen, paths: Sequence[str], states: Sequence[PlanState]) -> None:
    """Say the next command to type for many plans."""
    steps = {state.next for state in states}
    step = next((step for step in ("confirm", "apply", "plan_again", "mend") if step in steps), None)
    if step is not None:
        screen.note(f"cli.type_{step}", paths=" ".join(map(quote, paths)))


def _state(snapshot: am.Snapshot, stored: StoredPlan, twice: set[tuple[str, ...]]) -> PlanState:
    plan, change_set = stored.plan, stored.change_set
    if change_set.blocked:
        return PlanState(plan=plan, file=stored.file, share=0.0, next="mend", codes=change_set.blocked)
    resumption = am.resume(snapshot, change_set)
    done = _share(resumption)
    if resumption.is_finished:
        return PlanState(plan=plan, file=stored.file, share=1.0, next="done")
    codes = dict.fromkeys(failure.code for failure in am.check(snapshot, change_set))
    against = tuple(code for code in codes if code not in _BY_PERSON)
    if _about(plan) in twice:
        step = "choose"
    elif against:
        step = "plan_again"
    elif codes:
        step = "confirm"
    else:
        step = "apply_from" if change_set.at > snapshot.taken_at else "apply"
    return PlanState(
        plan=plan, file=stored.file, share=done, next=step, codes=against if step == "plan_again" else ()
    )


def _share(resumption: am.changes.Resumption) -> float:
    whole = len(resumption.edits)
    return 1.0 - resumption.count("to_apply") / whole if whole else 1.0


def _about(plan: AnyPlan) -> tuple[str, ...]:
    """Return the profile of a migration, or the customers of a merge, with a word for the kind."""
    if isinstance(plan, am.MigrationPlan):
        return ("migration", plan.request.profile_id)
    if isinstance(plan, am.MergePlan):
        return ("merge", plan.request.survivor, *plan.request.absorbed)
    return (plan.plan_id,)


def _rehearsed(stored: StoredPlan) -> am.ChangeSet:
    """Return a change set that is confirmed in memory alone."""
    change_set = stored.change_set
    if change_set.confirmation is not None or not change_set.needs_confirmation:
        return change_set
    return change_set.confirm(by=_REHEARSAL, at=change_set.at)


def _applied(
    snapshot: am.Snapshot,
    change_sets: Sequence[am.ChangeSet],
    on_set: Callable[[int, int], object] = lambda _, __: None,
) -> tuple[am.Snapshot, list[am.ChangeSet]]:
    """Apply change sets in a possible order, and return the data and the sets that are left."""
    rest, done = list(change_sets), 0
    while rest:
        waiting = []
        for change_set in rest:
            if am.check(snapshot, change_set):
                waiting.append(change_set)
            else:
                snapshot, done = am.apply(snapshot, change_set), done + 1
                on_set(done, len(change_sets))
        if len(waiting) == len(rest):
            break
        rest = waiting
    return snapshot, rest


def applied_in_turn(
    screen: Screen, snapshot: am.Snapshot, plans: Sequence[StoredPlan]
) -> tuple[am.Snapshot, list[StoredPlan]]:
    """Apply plans in a possible order, and return the data and the plans that are left."""
    with screen.progress("cli.applying") as on_set:
        after, rest = _applied(snapshot, [stored.change_set for stored in plans], on_set)
    waiting = {change_set.plan_id for change_set in rest}
    return after, [stored for stored in plans if stored.plan.plan_id in waiting]


def failures_in(
    snapshot: am.Snapshot, plans: Sequence[StoredPlan]
) -> Iterator[tuple[StoredPlan, tuple[am.changes.Failure, ...]]]:
    """Yield each plan with the reasons not to apply it."""
    for stored in plans:
        yield stored, am.check(snapshot, stored.change_set)
