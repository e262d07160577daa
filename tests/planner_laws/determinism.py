"""What a planner may depend on: equal questions have equal answers, whatever the order, and nothing is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.changes.applying import apply, check
from accountmerge.changes.failures import ApplyRefused
from accountmerge.documents.files import dumps
from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from oracles.other_addresses import with_other_addresses
from planner_laws.law_cases import CONFIRMED_BY, expect
from rewritten_data import shuffled

if TYPE_CHECKING:
    from accountmerge.kinds import AnyPlan
    from planner_laws.law_cases import PlannerLawCase

ORDERS = 3
"""In how many orders data are given, besides their own."""


def planning_changes_nothing(case: PlannerLawCase) -> None:
    """Planning leaves the data, the request and the rules as they were."""
    question = case.question
    read = (question.snapshot, question.request, question.rules)
    before = [dumps(value) for value in read]
    case.plan  # noqa: B018 - planning is what is looked at
    expect([dumps(value) for value in read] == before, "what was planned on is not what it was")


def a_blocked_plan_does_nothing(case: PlannerLawCase) -> None:
    """A plan is ready just when nothing blocks it; a blocked one has no steps, and is refused."""
    plan, change_set = case.plan, case.plan.change_set
    codes = tuple(sorted({finding.code for finding in plan.blockers}))
    expect(
        change_set.blocked == codes, f"it is blocked by {change_set.blocked}, and its blockers are {codes}"
    )
    named = [finding.id for finding in plan.findings]
    expect(len(set(named)) == len(named), "a finding is there twice")
    if plan.is_ready:
        case.count("ready")
        return
    case.count("blocked")
    left = change_set.steps or change_set.ledger or change_set.obligations
    expect(not left, "a blocked plan has steps, a ledger or obligations")
    for what, action in (
        ("applied", lambda: apply(case.snapshot, change_set)),
        ("confirmed", lambda: plan.confirm(by=CONFIRMED_BY, at=case.question.at)),
    ):
        expect(_is_refused(action), f"a blocked plan is {what}")


def _is_refused(action: Any) -> bool:
    try:
        action()
    except ApplyRefused:
        return True
    return False


def a_ready_plan_can_be_applied_at_once(case: PlannerLawCase) -> None:
    """Nothing stands against a ready plan on the data that it was made from."""
    # Without a look at the seal, which the next law reads: here the data are asked.
    failures = check(case.snapshot, case.change_set)
    told = ", ".join(f"{failure.code} at step {failure.step}" for failure in failures)
    expect(not failures, f"a ready plan cannot be applied to its own data: {told}")
    case.count("steps", len(case.change_set.steps))


def equal_input_in_any_order_gives_byte_equal_plans(case: PlannerLawCase) -> None:
    """The same question, asked again and with its data in any order, has the same plan, byte for byte."""
    text = dumps(case.plan)
    expect(dumps(case.question.plan(case.planner)) == text, "asked again, it is another plan")
    for order in range(ORDERS):
        again = case.question.plan(case.planner, shuffled(case.snapshot, order))
        expect(dumps(again) == text, "with the data in another order, it is another plan")
        case.count("orders")


def new_ids_depend_on_neither_instant_nor_address(case: PlannerLawCase) -> None:
    """What is made has the same id if it is planned later, or if everybody has other addresses."""
    made = _made(case.plan)
    if not made:
        return
    question = case.question
    others = {
        "planned a second later": attrs.evolve(question, at=question.at.add(seconds=1)),
        "with other addresses": _with_other_addresses(question),
    }
    for how, other in others.items():
        found = _made(other.plan(case.planner))
        for meaning in made.keys() & found.keys():
            expect(found[meaning] == made[meaning], f"{how}, the id of a new {meaning[0]} is another one")
            case.count(f"ids {how}")
    case.count("new entities", len(made))


def _with_other_addresses(question: Any) -> Any:
    snapshot, request = with_other_addresses(question.snapshot, question.request)
    return attrs.evolve(question, snapshot=snapshot, request=request)


def _made(plan: AnyPlan) -> dict[tuple[object, ...], str]:
    """Return the ids of what is made, by what it stands for."""
    found: dict[tuple[object, ...], str] = {}
    for step in plan.change_set.steps:
        for edit in step.edits:
            if edit.before is None:
                found[_meaning(edit.after)] = edit.id
    return found


def _meaning(row: Any) -> tuple[object, ...]:
    if isinstance(row, Appointment):
        stands_for = row.replaces or (row.customer_id, row.slot.start_us)
        return ("appointment", stands_for)
    if isinstance(row, Access | AccessRequest):
        return ("access" if isinstance(row, Access) else "access request", row.customer_id)
    return (type(row).__name__.lower(), getattr(row, "practitioner_id", None))
