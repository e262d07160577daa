"""Planning again: what is the same, changed, added or dropped, and which findings came and went."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

import accountmerge as am
from small_values import NOON, access, appointment, customer, profile, record, request, slot, snapshot

FOUND = snapshot(
    customers=[customer("C1"), customer("C2")],
    appointments=[appointment("A1", slot(240)), appointment("A2", slot(360))],
    access=[access()],
)
PLAN = am.plan_migration(FOUND, request(), at=NOON)


def differences(
    rebased: am.changes.Rebase[Any],
) -> list[tuple[str, str, int | None, int | None, tuple[str, ...]]]:
    return [(step.difference, step.kind, step.before, step.after, step.ids) for step in rebased.steps]


def test_the_same_data_give_the_same_plan() -> None:
    rebased = am.rebase(FOUND, PLAN)
    assert rebased.is_same
    assert rebased.plan == PLAN
    assert {difference for difference, *_ in differences(rebased)} == {"same"}
    assert repr(rebased) == f"Rebase({PLAN!r}, 0 differences)"


def test_each_step_is_the_same_or_changed_or_added_and_then_those_that_were_dropped() -> None:
    moved = [
        appointment("A2", slot(360), modality="phone"),
        appointment("A3", slot(480), customer_id="C2"),
        appointment("A1", slot(240), status="cancelled"),
    ]
    rebased = am.rebase(FOUND.changed(moved), PLAN)
    old, new = PLAN.change_set.steps, rebased.plan.change_set.steps
    ids = [tuple(dict.fromkeys(edit.id for edit in step.edits)) for step in new]
    assert differences(rebased) == [
        ("same", "open_profile", 1, 1, ids[0]),
        ("same", "close_availability", 2, 2, ids[1]),
        ("changed", "rebook", 4, 3, ids[2]),
        ("added", "rebook", None, 4, ids[3]),
        ("same", "deactivate_schedule", 5, 5, ids[4]),
        ("same", "activate_schedule", 6, 6, ids[5]),
        ("same", "link_successor", 7, 7, ids[6]),
        ("dropped", "rebook", 3, None, tuple(edit.id for edit in old[2].edits)),
    ]
    assert "A2" in ids[2]
    assert not rebased.is_same
    assert repr(rebased) == f"Rebase({rebased.plan!r}, 3 differences)"


def test_the_instant_is_that_of_the_plan_or_of_later_data_or_the_one_that_is_given() -> None:
    later = attrs.evolve(FOUND, taken_at=NOON + timedelta(minutes=5))
    assert (
        am.rebase(FOUND, am.plan_migration(FOUND, request(), at=later.taken_at)).plan.change_set.at
        == later.taken_at
    )
    assert am.rebase(later, PLAN).plan.change_set.at == later.taken_at
    given = NOON + timedelta(minutes=9)
    assert am.rebase(later, PLAN, at=given).plan.change_set.at == given
    with pytest.raises(am.InvalidValueError):
        am.rebase(FOUND, PLAN, at=NOON.replace(tzinfo=None))


def test_findings_come_and_go() -> None:
    double = FOUND.changed([appointment("A3", slot(240), customer_id="C2")])
    rebased = am.rebase(double, PLAN)
    assert (rebased.gone, rebased.come) == ((), ("existing_double_booking:A1:A3",))
    back = am.rebase(FOUND, rebased.plan)
    assert (back.gone, back.come) == (("existing_double_booking:A1:A3",), ())
    assert not back.is_same


def test_a_dropped_record_is_known_by_itself_and_not_by_what_hangs_on_it() -> None:
    """The edits of what hangs on it come first, and there may be another on which nothing was hung before."""
    rows = [
        record("R1", kind="relation", customer_id="C1", related_customer_id="C3"),
        record("R2", kind="relation", customer_id="C2", related_customer_id="C3"),
        record("R3", customer_id="C3", attached_to="R2"),
    ]
    people = [customer("C1"), customer("C2"), customer("C3")]
    found = snapshot(
        customers=people, records=rows, access=[access(f"X{row.id}", customer_id=row.id) for row in people]
    )
    plan = am.plan_merge(found, am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1"), at=NOON)
    (dropped,) = (step for step in plan.change_set.steps if step.kind == "drop_record")
    assert [edit.id for edit in dropped.edits] == ["R3", "R2"]
    more = found.changed([record("R0", customer_id="C3", attached_to="R2")])
    (changed,) = (step for step in am.rebase(more, plan).steps if step.kind == "drop_record")
    assert (changed.difference, changed.before, changed.ids) == (
        "changed",
        dropped.ordinal,
        ("R0", "R3", "R2"),
    )
    bare = found.changed([record("R3", customer_id="C3")])
    (less,) = (step for step in am.rebase(bare, plan).steps if step.kind == "drop_record")
    assert (less.difference, less.before, less.ids) == ("changed", dropped.ordinal, ("R2",))
    (again,) = (step for step in am.rebase(found, plan).steps if step.kind == "drop_record")
    assert (again.difference, again.ids) == ("same", ("R3", "R2"))


def test_a_step_is_known_by_the_first_entity_that_it_edits() -> None:
    waits = profile("P2", email="new@example.com", schedule="pending")
    found = FOUND.changed([waits])
    plan = am.plan_migration(found, request(), at=NOON)
    part = found.changed([attrs.evolve(waits, unavailable=[slot(-60, 600)])])
    (closed,) = (step for step in am.rebase(part, plan).steps if step.kind == "close_availability")
    assert (closed.difference, closed.ids) == ("changed", ("P1",))
