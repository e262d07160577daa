"""Planners that go wrong when customers become one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

import accountmerge as am
from accountmerge.changes.change_sets import Obligation
from accountmerge.messages import Facts
from broken.remade_plans import into, planner_with, remade, with_edits, without_guards

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accountmerge.changes.edits import Edit
    from accountmerge.changes.steps import Step
    from broken.remade_plans import Steps


def _no_notes(snapshot: Any, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
    """Forget one kind of record."""
    del snapshot, request, rules
    return [step for step in steps if getattr(step.edits[0].after, "kind", "") != "note"]


def _without(field: str, empty: Any) -> Any:
    """Return the mistake of a survivor who does not get what the others had in one field."""

    def mistaken(snapshot: am.Snapshot, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
        del rules
        was = getattr(snapshot.customers[request.survivor], field, empty)

        def kept(edit: Edit) -> Edit | None:
            found = into(edit, **{field: was}) if edit.id == request.survivor else edit
            return None if found.before == found.after else found

        found = list(with_edits(kept, steps, "merge_fields"))
        return [step for step in found if step.edits]

    return mistaken


def _no_login_of(snapshot: Any, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
    """Forget whose login an address once was."""
    del snapshot, rules

    def forgetful(edit: Edit) -> Edit:
        if not isinstance(edit.after, am.Customer) or edit.id != request.survivor:
            return edit
        return into(edit, emails=[attrs.evolve(email, login_of=None) for email in edit.after.emails])

    return with_edits(forgetful, steps, "transfer_emails")


def _claims_first(snapshot: Any, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
    """Let the survivor have the address before the absorbed lets go of it."""
    del snapshot, rules
    for step in steps:
        if step.kind == "transfer_emails":
            edits = sorted(step.edits, key=lambda edit: edit.id != request.survivor)
            yield attrs.evolve(step, edits=tuple(edits))
        else:
            yield step


def _lost_first(snapshot: Any, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
    """Let the absorbed lose all their addresses before the survivor has them."""
    del snapshot, rules
    for step in steps:
        if step.kind == "transfer_emails":
            edits = sorted(step.edits, key=lambda edit: edit.id == request.survivor)
            yield attrs.evolve(step, edits=tuple(edits))
        else:
            yield step


def _retired_before(kind: str) -> Any:
    """Return the mistake of customers who retire before the last step of a kind, unseen by any guard."""

    def mistaken(snapshot: Any, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
        del snapshot, request, rules
        places = [place for place, step in enumerate(steps) if step.kind == kind]
        if not places or steps[-1].kind != "retire_customers":
            return steps
        last = without_guards("no_other_reference", steps[-1])
        late = [without_guards("access_holds", step) for step in steps[places[-1] : -1]]
        return [*steps[: places[-1]], last, *late]

    return mistaken


def _points_astray(snapshot: Any, request: Any, rules: Any, steps: Steps) -> Iterable[Step]:
    """Leave customers who were absorbed before where they are, two hops away."""
    del snapshot, request, rules
    kept = [step for step in steps if step.kind != "repoint_absorbed"]
    return [without_guards("no_other_reference", step) for step in kept]


def _no_ledger(snapshot: am.Snapshot, request: Any, *, rules: Any, at: Any) -> Any:
    """Drop values and say nothing of it."""
    plan: Any = am.plan(snapshot, request, rules=rules, at=at)
    return remade(plan, ledger=()) if isinstance(request, am.MergeRequest) else plan


def _no_released(snapshot: am.Snapshot, request: Any, *, rules: Any, at: Any) -> Any:
    """Let go of an address, or overwrite a value, and say nothing of it."""
    plan: Any = am.plan(snapshot, request, rules=rules, at=at)
    small = isinstance(request, am.customers.PrimaryEmailChange | am.customers.CustomerEdit)
    return remade(plan, ledger=()) if small else plan


def _tells_again(snapshot: am.Snapshot, request: Any, *, rules: Any, at: Any) -> Any:
    """Have the customer told also when all is done."""
    plan: Any = am.plan(snapshot, request, rules=rules, at=at)
    if not (isinstance(request, am.MergeRequest) and plan.is_ready):
        return plan
    facts = Facts(customer_id=request.survivor)
    told = Obligation(kind="tell_primary_email", whom="customer", when="afterwards", facts=facts)
    return remade(plan, obligations=(told,))


_MERGES = am.MergeRequest
_AGAIN = "planning_again_on_the_result_gives_an_empty_ready_plan"
_AT_ONCE = "a_ready_plan_can_be_applied_at_once"

JOINING: tuple[tuple[str, Any, str], ...] = (
    ("ForgetsAKindOfRecord", planner_with(_no_notes, _MERGES), _AT_ONCE),
    ("ForgetsPhones", planner_with(_without("phones", ()), _MERGES), "nothing_is_lost"),
    ("ForgetsOptOuts", planner_with(_without("opt_outs", ()), _MERGES), "nothing_is_lost"),
    ("ForgetsWhoSignedIn", planner_with(_no_login_of, _MERGES), "nothing_is_lost"),
    (
        "ClaimsBeforeItReleases",
        planner_with(_claims_first, _MERGES),
        "claims_are_released_before_they_are_taken",
    ),
    ("LosesBeforeItGains", planner_with(_lost_first, _MERGES), "values_are_gained_before_they_are_lost"),
    (
        "RetiresTooEarly",
        planner_with(_retired_before("move_booking"), _MERGES),
        "nobody_retires_before_all_has_moved",
    ),
    (
        "RetiresBeforeItRepoints",
        planner_with(_retired_before("repoint_absorbed"), _MERGES),
        "every_prefix_of_steps_is_safe",
    ),
    ("LeavesTwoHops", planner_with(_points_astray, _MERGES), _AGAIN),
    ("DropsWithoutALedger", _no_ledger, "nothing_is_lost"),
    ("OverwritesWithoutALedger", _no_released, "nothing_is_lost"),
    ("TellsAgain", _tells_again, _AGAIN),
)
"""The name of each, the planner, and the law that it breaks."""
