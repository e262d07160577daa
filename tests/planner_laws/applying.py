"""What becomes of a plan when it is applied: any number of times, with a crash anywhere, and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.changes.failures import ApplyRefused
from accountmerge.documents.files import dumps, loads
from accountmerge.model.entities import kind_of
from accountmerge.plans.executions import apply, check, invert, resume
from accountmerge.testing.conformance.comparisons import differences
from accountmerge.testing.reference.well_formedness import added_faults, claimed_twice
from planner_laws.law_cases import CONFIRMED_BY, expect

if TYPE_CHECKING:
    from accountmerge.model.snapshots import Snapshot
    from planner_laws.law_cases import PlannerLawCase


def any_steps_any_number_of_times_are_once(case: PlannerLawCase) -> None:
    """What is applied again, in whole or in part, changes nothing more, and the data at hand never."""
    before = dumps(case.snapshot)
    whole, change_set = case.whole, case.change_set
    for n, part in case.parts():
        when = f"applied after {n} steps"
        _expect_same(part, apply(part, change_set.prefix(n // 2)), f"fewer steps {when}")
        _expect_same(part, apply(part, change_set.prefix(n)), f"the same steps {when}")
        _expect_same(whole, apply(part, change_set), f"all {when}")
        _expect_same(whole, apply(whole, change_set.prefix(n)), f"{n} steps applied after all")
        case.count("prefixes")
    expect(dumps(case.snapshot) == before, "what it was applied to is not what it was")


def a_crash_at_any_edit_leaves_no_trace(case: PlannerLawCase) -> None:
    """No image of an entity recurs, so that it is known after any edit what is done, and the rest is applied."""
    _expect_chains(case)
    edits, change_set = case.edits, case.change_set
    for n, stopped in case.moments:
        states = [edit.state for edit in resume(stopped, change_set).edits]
        wanted = ["done"] * n + ["to_apply"] * (len(edits) - n)
        expect(states == wanted, f"after a crash behind edit {n} it is not known what is done")
        expect(not check(stopped, change_set), f"after a crash behind edit {n} the rest cannot be applied")
        _expect_same(case.whole, apply(stopped, change_set), f"applied after a crash behind edit {n}")
        case.count("crashes")


def _expect_chains(case: PlannerLawCase) -> None:
    """See that each edit begins where the one before ended, and that none leads back to what was."""
    images: dict[Any, list[Any]] = {}
    for edit in case.edits:
        chain = images.setdefault(edit.key, [_bare(edit.before)])
        name = f"{edit.entity} {edit.id}"
        expect(chain[-1] == _bare(edit.before), f"{name} is edited from what it is not by then")
        expect(_bare(edit.after) not in chain, f"{name} is edited back to what it was")
        chain.append(_bare(edit.after))


def _bare(row: Any) -> Any:
    return row and attrs.evolve(row, **dict.fromkeys(kind_of(row).store_given))


def undoing_gives_back_what_was(case: PlannerLawCase) -> None:
    """What can be undone is given back as it was, whole or in part, but for faults; what cannot is said before."""
    for n, part in case.parts():
        try:
            inverse = invert(case.change_set.prefix(n))
        except ApplyRefused as refusal:
            codes = {failure.code for failure in refusal.failures}
            expect(codes <= {"irreversible", "booking_numbered"}, f"it cannot be undone: {sorted(codes)}")
            case.count("said before")
            continue
        expect(loads(dumps(inverse)) == inverse, "what undoes it is not read back as it was written")
        confirmed = inverse.confirm(by=CONFIRMED_BY, at=case.question.at)
        gives_back_faults = claimed_twice(case.snapshot) or added_faults(part, case.snapshot)
        if gives_back_faults and check(part, confirmed):
            case.count("refused, for it would give back a fault")
            continue
        _expect_same(case.snapshot, apply(part, confirmed), f"{n} steps undone")
        case.count("undone")


def _expect_same(wanted: Snapshot, found: Snapshot, when: str) -> None:
    differing = differences(wanted, found)
    expect(not differing, f"{when}: {'; '.join(differing[:5])}")
