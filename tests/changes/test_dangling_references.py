"""A change set that leaves a reference without its target is not applied."""

from __future__ import annotations

from typing import Any

import pytest

import accountmerge as am
from accountmerge.changes.applying import check  # these change sets have no seal
from small_values import NOON, access, record, snapshot


def dangling(data: am.Snapshot, *edits: am.changes.Edit) -> list[tuple[str, Any]]:
    reason = am.changes.Reason("access_moves", am.model.Facts(profile_id="P1", survivor_id="C1"))
    steps = (am.changes.Step(1, "grant_access", reason, (), edits),)
    change_set = am.ChangeSet(
        intent="merge", request=am.model.FrozenJson.of({}), rules_digest="", at=NOON, steps=steps
    )
    return [(failure.code, failure.facts.get("id")) for failure in check(data, change_set)]


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
