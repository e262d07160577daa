"""Broken planners: the planner of the library, each with one plausible mistake in its plans, sealed as any other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs

import accountmerge as am
from accountmerge.changes.store_ids import renamed_steps
from accountmerge.model.identifiers import derived_id
from broken.joining import JOINING
from broken.moving import MOVING
from broken.remade_plans import planner_with, remade, without_guards

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accountmerge.changes.steps import Step
    from broken.remade_plans import Steps


@attrs.frozen(repr=False)
class BrokenPlanner:
    """A planner with one mistake.

    Attributes:
        name: What the mistake is.
        planner: Plans a request of any kind.
        law: The law that it breaks first.
    """

    name: str
    planner: Callable[..., Any]
    law: str

    def __repr__(self) -> str:
        return f"BrokenPlanner({self.name!r})"


def _forgets(kind: str) -> Callable[..., Any]:
    """Return a planner that forgets a kind of guard."""

    def mistaken(snapshot: Any, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
        del snapshot, request, rules
        return [without_guards(kind, step) for step in steps]

    return planner_with(mistaken)


def _names_by_the_instant(snapshot: am.Snapshot, request: Any, *, rules: Any, at: Any) -> Any:
    """Give what is made an id that a later retry does not find again."""
    plan: Any = am.plan(snapshot, request, rules=rules, at=at)
    made = [edit.key for step in plan.change_set.steps for edit in step.edits if edit.before is None]
    ids = {key: derived_id("made", key[1], str(at)) for key in made}
    return remade(plan, renamed_steps(plan.change_set.steps, ids)) if made else plan


def _says_it_is_ready(snapshot: am.Snapshot, request: Any, *, rules: Any, at: Any) -> Any:
    """Forget to say that a plan is blocked."""
    return remade(am.plan(snapshot, request, rules=rules, at=at), blocked=())


def _keeps_the_old_seal(snapshot: am.Snapshot, request: Any, *, rules: Any, at: Any) -> Any:
    """Leave out what people have to be told, under the id of the plan that has it."""
    plan: Any = am.plan(snapshot, request, rules=rules, at=at)
    return attrs.evolve(plan, change_set=attrs.evolve(plan.change_set, obligations=()))


def _accepts_for_itself(snapshot: am.Snapshot, request: Any, *, rules: Any, at: Any) -> Any:
    """Accept what may be accepted in the request itself, so that it need not be asked."""
    plan: Any = am.plan(snapshot, request, rules=rules, at=at)
    found = [finding.id for finding in plan.findings]
    accepted = tuple(am.Acceptance(finding=id, by="the planner", why="as always") for id in found)
    object.__setattr__(request, "accept", (*request.accept, *accepted))
    return plan


def _forgets_what_is_tolerated(snapshot: am.Snapshot, request: Any, *, rules: Any, at: Any) -> Any:
    """Leave out what stood before or was accepted, without which nothing of it can be undone."""
    return remade(am.plan(snapshot, request, rules=rules, at=at), tolerated=())


_SEEN = "what_may_not_happen_meanwhile_is_seen"
_ANY: tuple[tuple[str, Any, str], ...] = (
    ("AcceptsForItself", _accepts_for_itself, "planning_changes_nothing"),
    ("SaysItIsReady", _says_it_is_ready, "a_blocked_plan_does_nothing"),
    ("KeepsTheOldSeal", _keeps_the_old_seal, "a_plan_is_read_back_as_it_was_written"),
    ("NamesByTheInstant", _names_by_the_instant, "new_ids_depend_on_neither_instant_nor_address"),
    ("ForgetsWhatIsTolerated", _forgets_what_is_tolerated, "undoing_gives_back_what_was"),
    ("ForgetsWhoseTimeItIs", _forgets("slot_free"), _SEEN),
    ("ForgetsWhoseAddressItIs", _forgets("address_unclaimed"), _SEEN),
    ("ForgetsWhoMayDoIt", _forgets("access_holds"), _SEEN),
    ("ForgetsTheClock", _forgets("not_after"), _SEEN),
    ("ForgetsLateBookings", _forgets("no_other_future_booking"), _SEEN),
    ("ForgetsLateRecords", _forgets("no_other_record"), _SEEN),
    ("ForgetsWhatNamesACustomer", _forgets("no_other_reference"), _SEEN),
    ("ForgetsWhatItRead", _forgets("unchanged"), _SEEN),
)

BROKEN_PLANNERS: tuple[BrokenPlanner, ...] = tuple(
    BrokenPlanner(*mistake) for mistake in (*_ANY, *MOVING, *JOINING)
)
"""Every one of them is found by `verify_planner`, at `quick`."""
