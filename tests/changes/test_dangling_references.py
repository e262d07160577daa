"""A change set that leaves a reference without its target is not applied."""

from __future__ import annotations

from typing import Any

import pytest

import accountmerge as am
from accountmerge.changes.applying import apply, check  # these change sets have no seal
from small_values import NOON, access, record, snapshot


def of_steps(*steps: tuple[am.changes.Edit, ...]) -> am.ChangeSet:
    reason = am.changes.Reason("access_moves", am.model.Facts(profile_id="P1", survivor_id="C1"))
    made = tuple(
        am.changes.Step(n, "grant_access", reason, (), edits) for n, edits in enumerate(steps, start=1)
    )
    return am.ChangeSet(
        intent="merge", request=am.model.FrozenJson.of({}), rules_digest="", at=NOON, steps=made
    )


def dangling(data: am.Snapshot, *edits: am.changes.Edit) -> list[tuple[str, Any]]:
    return [(failure.code, failure.facts.get("id")) for failure in check(data, of_steps(edits))]


ROWS = [record("R1"), record("R2", attached_to="R1"), record("R3")]


@pytest.mark.parametrize(
    ("edits", "left"),
    [
        ([am.changes.Edit(None, access("X9", customer_id="C9"))], ["X9"]),
        ([am.changes.Edit(ROWS[2], None), am.changes.Edit(None, access("X9", customer_id="C9"))], ["X9"]),
        ([am.changes.Edit(ROWS[0], None)], ["R2"]),
        (
            [am.changes.Edit(ROWS[0], None), am.changes.Edit(None, record("R4", attached_to="R1"))],
            ["R4", "R2"],
        ),
        ([am.changes.Edit(ROWS[0], None), am.changes.Edit(ROWS[1], None)], []),
        ([am.changes.Edit(None, record("R4", attached_to="R5")), am.changes.Edit(None, record("R5"))], []),
    ],
)
def test_each_reference_that_edits_leave_without_target_is_a_failure(
    edits: list[am.changes.Edit], left: list[str]
) -> None:
    assert dangling(snapshot(records=ROWS), *edits) == [("dangling_reference", id) for id in left]


def test_a_row_may_refer_to_what_a_step_after_the_wanted_ones_has_made() -> None:
    first, second = am.changes.Edit(None, record("R4")), am.changes.Edit(None, record("R5"))
    change_set = of_steps((first,), (second,))
    theirs = record("R6", attached_to="R5")
    done = snapshot(records=[*ROWS, record("R4"), record("R5"), theirs])
    assert check(done, change_set.prefix(1)) == ()
    assert apply(done, change_set.prefix(1)) == done
    half = snapshot(records=[*ROWS, record("R5"), theirs])  # somebody has undone the first step by hand
    assert check(half, change_set.prefix(1)) == ()
    assert {row.id for row in apply(half, change_set.prefix(1)).records} == {
        "R1",
        "R2",
        "R3",
        "R4",
        "R5",
        "R6",
    }


def test_a_row_may_not_refer_to_what_a_step_after_the_wanted_ones_has_removed() -> None:
    change_set = of_steps(
        (am.changes.Edit(None, record("R4", attached_to="R3")),), (am.changes.Edit(ROWS[2], None),)
    )
    gone = snapshot(records=ROWS[:2])
    assert [failure.code for failure in check(gone, change_set.prefix(1))] == ["dangling_reference"]
