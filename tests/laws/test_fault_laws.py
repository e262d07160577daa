"""The law that a plan adds no fault: after every prefix, `find_faults` names what it named before, undo included.

Excepted is what a named person accepted, what is over, and a live booking that starts before `at`: it stays in the
profile that is left, and the plan warns of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest
from fault_names import FaultNames
from hypothesis import assume, event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.plans.executions import invert
from accountmerge.testing.strategies import (
    customer_cases,
    merge_cases,
    migration_cases,
    rebooking_cases,
)
from made_faults import MADE_FAULTS

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES: dict[str, st.SearchStrategy[Any]] = {
    "migration": migration_cases(),
    "merge": merge_cases(),
    "rebooking": rebooking_cases(),
    "access_request": customer_cases(("access_request",)),
    "access_decision": customer_cases(("access_decision",)),
    "primary_email": customer_cases(("primary_email",)),
    "customer_edit": customer_cases(("customer_edit",)),
}


def accepting(case: Any) -> Any:
    """Return a case in which a named person accepts what may be accepted."""
    if not hasattr(case.request, "accept"):
        return case
    accept = [
        am.Acceptance(finding=found.id, by="Ann Example", why="agreed")
        for found in case.plan().findings
        if found.is_acceptable
    ]
    return attrs.evolve(case, request=attrs.evolve(case.request, accept=accept))


def with_faults(case: Any, made: list[str]) -> Any:
    """Return a case on data with faults that were made on purpose; those that block the plan are left out."""
    for how in made:
        broken = accepting(attrs.evolve(case, snapshot=MADE_FAULTS[how][1](case.snapshot)))
        plan = broken.plan()
        if plan.is_ready and plan.change_set.steps:
            event(f"made: {how}")
            case = broken
    return case


def prefixes(data: am.Snapshot, change_set: am.ChangeSet) -> Iterator[am.Snapshot]:
    """Yield the data after each step, without applying the steps before it again."""
    part = data
    for n in range(1, len(change_set.steps) + 1):
        part = am.apply(part, change_set.prefix(n))
        yield part


def is_excused(fault: am.Finding, plan: Any, data: am.Snapshot, names: FaultNames) -> bool:
    """Return whether a fault was accepted, is over, or is the exception that the plan warns of."""
    at = plan.change_set.at
    accepted = [found for found in plan.findings if found.accepted is not None]
    if fault.code == "several_active_schedules":
        codes = {found.facts.get("other_id") for found in accepted if found.code == "other_active_schedule"}
        return bool(codes.intersection(fault.ids))
    if fault.code == "booking_in_closed_profile":
        row = data.appointments[str(fault.facts["appointment_id"])]
        warned = {found.id for found in plan.warnings}
        code = "past_booking_open" if row.slot.start < data.taken_at else "bookings_begin_before_at"
        about = row.id if code == "past_booking_open" else row.profile_id
        return row.slot.start < at and f"{code}:{about}" in warned
    if fault.code in ("existing_double_booking", "customer_double_booking", "unfinished_rebooking"):
        first, second = (data.appointments[str(fault.facts[name])] for name in ("first_id", "second_id"))
        if all(row.slot.end <= at for row in (first, second)) or min(first.slot.end, second.slot.end) <= at:
            return True
        named = [{names.bookings.get(id, id) for id in found.ids} for found in accepted]
        return {names.bookings.get(row.id, row.id) for row in (first, second)} in named or any(
            set(fault.ids) == set(found.ids) for found in accepted
        )
    return False


def added(plan: Any, names: FaultNames, known: set[Any], part: am.Snapshot) -> list[am.Finding]:
    found = names.of_faults(part)
    return [
        fault
        for name, fault in found.items()
        if name not in known and not is_excused(fault, plan, part, names)
    ]


def check_every_prefix(case: Any, taken_back: float) -> None:
    """See that no prefix of a plan adds a fault, nor one of what takes back a share of its steps."""
    plan = case.plan()
    change_set = plan.confirm(by="Ann Example", at=plan.change_set.at)
    names = FaultNames.of(case.snapshot, change_set)
    known = set(names.of_faults(case.snapshot))
    event(f"faults before: {min(len(known), 5)}")
    parts = list(prefixes(case.snapshot, change_set))
    for n, part in enumerate(parts, start=1):
        assert not added(plan, names, known, part), f"after {n} steps"
    through = max(1, round(taken_back * len(parts)))
    done = parts[through - 1]
    try:
        inverse = invert(change_set.prefix(through)).confirm(by="Ann Example", at=change_set.at)
    except am.ApplyRefused:
        event("cannot be undone")
        return
    if am.check(done, inverse):
        event("undo is refused")
        return
    event("undone")
    known |= set(names.of_faults(done))
    for n, part in enumerate(prefixes(done, inverse), start=1):
        assert not added(plan, names, known, part), f"after {n} steps of the undo"


@pytest.mark.parametrize("kind", CASES)
@given(data=st.data())
def test_no_prefix_of_a_plan_adds_a_fault(kind: str, data: st.DataObject) -> None:
    case = data.draw(CASES[kind])
    if kind == "merge":
        undo = data.draw(st.sampled_from(("while_unchanged", "never")))
        case = attrs.evolve(case, rules=attrs.evolve(case.rules, undo=undo))
    case = accepting(case)
    plan = case.plan()
    assume(plan.is_ready and plan.change_set.steps)
    made = data.draw(st.lists(st.sampled_from(sorted(MADE_FAULTS)), min_size=2, max_size=5, unique=True))
    taken_back = data.draw(st.sampled_from((1.0, 1.0, 0.5, 0.8)))
    check_every_prefix(with_faults(case, made), taken_back)
