"""Undoing and receipts, where stores have ids of their own, crash in the middle, or go on living meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

import accountmerge as am
from small_values import NOON, access, appointment, customer, migration, profile, record, slot, snapshot

UNDOABLE = am.MergeRules(undo="while_unchanged")


def two(**collections: Any) -> am.Snapshot:
    """Return a snapshot of two customers whom one profile treats."""
    given: dict[str, Any] = {
        "customers": [customer("S"), customer("A", phones=["1"])],
        "access": [access("X1", customer_id="S"), access("X2", customer_id="A")],
        "records": [record("R1", customer_id="A")],
    }
    return snapshot(**(given | collections))


def merged(found: am.Snapshot, rules: am.MergeRules = UNDOABLE) -> am.ChangeSet:
    request = am.MergeRequest(survivor="S", absorbed=["A"], actor="P1")
    return am.plan_merge(found, request, rules=rules, at=NOON).confirm(by="Ann Example", at=NOON)


def undone(change_set: am.ChangeSet) -> am.ChangeSet:
    return am.invert(change_set).confirm(by="Ann Example", at=NOON)


def receipts(change_set: am.ChangeSet, steps: int, **store_ids: str) -> list[am.Receipt]:
    return [
        am.Receipt(
            step_id=f"{change_set.plan_id}/{step.ordinal}",
            outcome="applied",
            written=[
                am.WrittenEntity(entity=edit.entity, id=edit.id, store_id=store_ids.get(edit.id))
                for edit in {edit.key: edit for edit in step.edits}.values()
            ],
            at=NOON,
            by="a store",
        )
        for step in change_set.steps[:steps]
    ]


def codes(found: am.Snapshot, change_set: am.ChangeSet, known: list[am.Receipt]) -> set[str]:
    return {failure.code for failure in am.check(found, change_set, known)}


def test_with_receipts_guards_see_what_is_there_while_anything_is_left() -> None:
    earlier = access("X2", customer_id="A", since=NOON - timedelta(days=9))
    found = two(access=[access("X1", customer_id="S", since=NOON), earlier])
    change_set = merged(found)
    n = next(step.ordinal for step in change_set.steps if step.kind == "grant_access")
    part = am.apply(found, change_set.prefix(n))
    lost = part.changed(drop={"access": ["X1"]})
    assert codes(part, change_set, receipts(change_set, n)) == set()
    assert codes(lost, change_set, receipts(change_set, n))
    third = part.changed([customer("T")])
    elsewhere = third.changed([attrs.evolve(third.customers["S"], status="disabled", merged_into="T")])
    assert codes(elsewhere, change_set, receipts(change_set, n))


def test_undoing_resumes_where_a_customer_had_two_rows_of_one_profile() -> None:
    rows = [access("X1", customer_id="S"), access("X2", customer_id="A")]
    found = two(access=[*rows, access("X3", customer_id="A", level="viewing")])
    change_set = merged(found)
    after = am.apply(found, change_set)
    inverse = undone(change_set)
    current = after
    for edit in [edit for step in inverse.steps for edit in step.edits]:
        gone = {edit.entity: [edit.id]} if edit.after is None else None
        current = current.changed([edit.after] if edit.after else (), gone)
        assert am.apply(current, inverse) == found


def test_undoing_finds_what_a_store_entered_under_an_id_of_its_own() -> None:
    found = two()
    asked = am.NewAccessRequest(profile_id="P2", customer_id="A", expires_at=NOON + timedelta(days=1))
    found = found.changed([profile("P2", practitioner_id="H2")])
    change_set = am.plan_access_request(found, asked, at=NOON).change_set
    after = am.apply(found, change_set)
    (planned,) = after.access_requests
    own = found.changed([attrs.evolve(planned, id="77")])
    assert am.apply(own, change_set) == own
    for known in ([], receipts(change_set, 1, **{planned.id: "77"})):
        report = am.resume(own, am.invert(change_set), known)
        assert [(edit.store_id, edit.state) for edit in report.edits] == [("77", "to_apply")]
        assert am.apply(own, undone(change_set), known) == found


def test_an_undo_is_not_undone_but_planned_again() -> None:
    inverse = undone(merged(two()))
    with pytest.raises(am.ApplyRefused) as refusal:
        am.invert(inverse)
    assert [failure.code for failure in refusal.value.failures] == ["irreversible"]


def test_a_set_that_is_finished_needs_no_confirmation_any_more() -> None:
    found = two()
    change_set = merged(found)
    unconfirmed = attrs.evolve(change_set, confirmation=None)
    after = am.apply(found, change_set)
    assert am.check(after, unconfirmed) == ()
    half = am.apply(found, change_set.prefix(1))
    assert codes(half, unconfirmed, []) == codes(found, unconfirmed, []) == {"unconfirmed"}


def test_undoing_lets_pass_what_overlapped_before_also_where_it_was_rebooked() -> None:
    rows = [appointment(f"A{n}", slot(60 + n), customer_id="C1") for n in (0, 30)]
    found = snapshot(appointments=rows, access=[access()])
    change_set = am.plan_migration(found, migration(0).request, at=NOON).change_set
    assert am.apply(am.apply(found, change_set), undone(change_set)) == found
