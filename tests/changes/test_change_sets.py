"""Change sets, edits and receipts as values: what they are refused for, and what their `repr` shows."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

import accountmerge as am
from small_values import NOON, appointment, customer, migration

CHANGE_SET = migration(1).change_set
BLOCKED = migration(ticket="").change_set


def test_a_prefix_is_not_longer_than_what_is_applied() -> None:
    count = len(CHANGE_SET.steps)
    assert CHANGE_SET.prefix(count).wanted_steps == CHANGE_SET.steps
    assert CHANGE_SET.prefix(2).prefix(1).wanted_steps == CHANGE_SET.steps[:1]
    for change_set, n, steps in (
        (CHANGE_SET, count + 1, count),
        (CHANGE_SET.prefix(2), 3, 2),
        (CHANGE_SET, -1, count),
    ):
        with pytest.raises(am.InvalidValueError) as refusal:
            change_set.prefix(n)
        assert (refusal.value.code, refusal.value.facts) == (
            "prefix_too_long",
            am.model.Facts(count=n, steps=steps),
        )


def test_a_confirmation_has_a_name_and_an_instant() -> None:
    confirmed = CHANGE_SET.confirm(by="Ann Example", at=NOON)
    assert confirmed.confirmation == am.changes.Confirmation(
        by="Ann Example", at=NOON, plan_id=CHANGE_SET.plan_id
    )
    for by in ("", " \t"):
        with pytest.raises(am.InvalidValueError) as nobody:
            CHANGE_SET.confirm(by=by, at=NOON)
        assert nobody.value.code == "confirmed_by_nobody"
    with pytest.raises(am.InvalidValueError):
        CHANGE_SET.confirm(by="Ann Example", at=NOON.replace(tzinfo=None))


def test_what_is_blocked_cannot_be_confirmed() -> None:
    with pytest.raises(am.ApplyRefused) as refusal:
        BLOCKED.confirm(by="Ann Example", at=NOON)
    assert refusal.value.failures == (am.changes.Failure.of("blocked", codes=("ticket_missing",)),)
    assert refusal.value.failures == am.check(am.Snapshot(NOON), BLOCKED)


def test_an_edit_is_of_one_entity_and_shows_what_changes_but_no_value() -> None:
    before = customer("C1", given_name="Ann", phones=["1"])
    after = attrs.evolve(before, given_name="Anne", phones=())
    made, changed, gone = (
        am.changes.Edit(None, before),
        am.changes.Edit(before, after),
        am.changes.Edit(before, None),
    )
    assert [edit.op for edit in (made, changed, gone)] == ["create", "change", "remove"]
    assert {(edit.entity, edit.id, edit.key) for edit in (made, changed, gone)} == {
        ("customer", "C1", ("customer", "C1"))
    }
    assert [repr(edit) for edit in (made, changed, gone)] == [
        "Edit(create customer 'C1')",
        "Edit(change customer 'C1', given_name, phones)",
        "Edit(remove customer 'C1')",
    ]
    wrong: list[tuple[Any, Any, str]] = [
        (None, None, "edit_empty"),
        (before, customer("C2"), "edit_of_two"),
        (before, appointment("C1"), "edit_of_two"),
    ]
    for one, other, code in wrong:
        with pytest.raises(am.InvalidValueError) as refusal:
            am.changes.Edit(one, other)
        assert refusal.value.code == code


@pytest.mark.parametrize("step_id", ["", "plan", "plan/", "plan/0", "/1", "plan/x", "plan/-1", "plan/1 "])
def test_a_receipt_names_a_step(step_id: str) -> None:
    with pytest.raises(am.InvalidValueError) as refusal:
        am.Receipt(step_id=step_id, outcome="applied", at=NOON, by="a store")
    assert refusal.value.code == "step_id"


def test_a_receipt_knows_its_plan_and_its_step_and_lists_what_was_written_in_order() -> None:
    names: list[tuple[Any, str]] = [("profile", "P1"), ("access", "X2"), ("access", "X1")]
    written = [am.changes.WrittenEntity(entity=entity, id=id) for entity, id in names]
    receipt = am.Receipt(step_id="a/plan/012", outcome="applied", written=written, at=NOON, by="a store")
    assert (receipt.plan_id, receipt.ordinal) == ("a/plan", 12)
    assert [(entry.entity, entry.id) for entry in receipt.written] == sorted(names)
    assert repr(receipt) == "Receipt('a/plan/012', 'applied')"
    assert repr(written[0]) == "WrittenEntity(profile 'P1')"
