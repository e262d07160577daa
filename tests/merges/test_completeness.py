"""The planner proves that nothing is left on an absorbed customer, and refuses a plan that leaves something."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.merges import steps
from small_values import NOON, access, appointment, customer, profile, record, slot

STATUSES = ("booked", "held", "completed", "cancelled", "missed")


def plan() -> am.MergePlan:
    snapshot = am.Snapshot(
        NOON,
        profiles=[profile("P1")],
        customers=[customer("S"), customer("B"), customer("T")],
        access=[access("X1", customer_id="S"), access("X2", customer_id="B")],
        appointments=[
            appointment(status, slot(100 * (n + 1)), customer_id="B", status=status)
            for n, status in enumerate(STATUSES)
        ],
        records=[
            record("first", customer_id="B"),
            record("second", customer_id="T", related_customer_id="B"),
        ],
    )
    return am.plan_merge(snapshot, am.MergeRequest(survivor="S", absorbed=("B",), actor="P1"), at=NOON)


def left_by(monkeypatch: pytest.MonkeyPatch, name: str, put: Any) -> set[str]:
    """Return what a planner leaves that is broken in one place."""
    assert plan().is_ready
    monkeypatch.setattr(steps, name, put)
    with pytest.raises(am.AccountMergeError) as error:
        plan()
    assert error.value.code == "plan_incomplete"
    ids: Any = error.value.facts["ids"]
    return set(ids)


@pytest.mark.parametrize(
    ("name", "left"), [("record_drafts", {"first", "second"}), ("booking_drafts", set(STATUSES))]
)
def test_what_no_step_moves_is_seen(name: str, left: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert left_by(monkeypatch, name, lambda *_: ()) == left


@pytest.mark.parametrize(
    "left",
    [
        {"status": "active"},
        {"merged_into": None},
        {"phones": ("1",)},
        {"attributes": am.model.FrozenJson.of({"a": None})},
        {"former_record_numbers": ("9",)},
    ],
)
def test_what_is_left_on_the_absorbed_is_seen(left: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    retired = steps._retired
    assert left_by(monkeypatch, "_retired", lambda *given: attrs.evolve(retired(*given), **left)) <= {"B"}


def test_bookings_of_every_status_move() -> None:
    moved = {
        edit.id for step in plan().change_set.steps for edit in step.edits if edit.entity == "appointment"
    }
    assert moved == set(STATUSES)
