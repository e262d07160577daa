"""Stores with ids of their own: what is recognised by what it stands for, and what goes by which id then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.model.entities import KINDS, kind_of
from small_values import (
    NOON,
    access,
    access_request,
    appointment,
    customer,
    migration,
    profile,
    slot,
    snapshot,
)

FOUND = snapshot(
    profiles=[profile(), profile("P9", practitioner_id="H9")],
    customers=[customer("C1"), customer("C2")],
    appointments=[appointment("A0", slot(60)), appointment("A1", slot(180))],
    access=[access()],
)
CHANGE_SET = am.plan_migration(FOUND, migration(0).request, at=NOON).change_set
EDITS = [edit for step in CHANGE_SET.steps for edit in step.edits]
CREATED = [edit.after for edit in EDITS if edit.before is None and edit.after is not None]
OPENED = next(row for row in CREATED if isinstance(row, am.Profile))
BOOKED = [row for row in CREATED if isinstance(row, am.Appointment)]
GRANTED = next(row for row in CREATED if isinstance(row, am.Access))
OWN = {row.id: f"own-{number}" for number, row in enumerate(CREATED)}


def own(row: Any, ids: dict[str, str] | None = None) -> Any:
    """Return an entity as a store has it that gives ids of its own."""
    ids = OWN if ids is None else ids
    names = ("id", *(field for field, _ in kind_of(row).references))
    return attrs.evolve(row, **{name: ids.get(getattr(row, name), getattr(row, name)) for name in names})


def written(edits: int) -> am.Snapshot:
    """Return what a store has after so many edits."""
    current = FOUND
    for edit in EDITS[:edits]:
        assert edit.after is not None  # a migration removes nothing
        current = current.changed([own(edit.after)])
    return current


def store_ids(found: am.Snapshot, change_set: am.ChangeSet = CHANGE_SET, known: Any = ()) -> dict[str, str]:
    """Return the ids of a store that are not the planned ones."""
    report = am.resume(found, change_set, known)
    return {edit.id: edit.store_id for edit in report.edits if edit.store_id != edit.id}


def failures(found: am.Snapshot, change_set: am.ChangeSet = CHANGE_SET) -> list[tuple[str, Any]]:
    return [(found.code, found.facts) for found in am.check(found, change_set)]


@pytest.mark.parametrize("edits", range(len(EDITS) + 1))
def test_a_store_may_stop_after_any_edit(edits: int) -> None:
    stopped = written(edits)
    made = {row.id for row in CREATED if any(edit.after is row for edit in EDITS[:edits])}
    assert store_ids(stopped) == {id: OWN[id] for id in made}
    report = am.resume(stopped, CHANGE_SET)
    assert [edit.state for edit in report.edits] == ["done"] * edits + ["to_apply"] * (len(EDITS) - edits)
    ids = {id: OWN[id] for id in made}
    left = [edit for step in report.steps for edit in step.edits][-(len(EDITS) - edits) or len(EDITS) :]
    for edit, planned in zip(left, EDITS[edits:], strict=True):
        assert edit.before == (planned.before and own(planned.before, ids))
        assert edit.after == (planned.after and own(planned.after, ids))
    assert failures(stopped) == []
    result = am.apply(stopped, CHANGE_SET)
    whole = am.apply(FOUND, CHANGE_SET)
    for name in ("profiles", "appointments", "access"):
        assert {own(row, ids) for row in whole.table(name)} == set(result.table(name))


def test_guards_ask_of_the_profile_that_the_store_opened() -> None:
    opened = written(1)
    assert isinstance(EDITS[0].after, am.Profile)
    new = OWN[OPENED.id]
    taken = opened.changed([appointment("A7", slot(90), profile_id=new, customer_id="C2")])
    hour = {"start": "2026-03-02T13:00:00Z", "end": "2026-03-02T14:00:00Z"}
    assert failures(taken) == [("slot_taken", am.model.Facts(profile_id=new, **hour, ids=("A7",)))]
    second = opened.changed([profile("P2")])
    assert failures(second) == [("other_schedule_active", am.model.Facts(profile_id=new, ids=("P2",)))]


def test_only_what_stands_for_the_same_is_recognised() -> None:
    other = am.model.EmailAddress("other@example.com")
    of_others = [
        attrs.evolve(OPENED, id="77", practitioner_id="H2", email=other),
        attrs.evolve(OPENED, id="78", email=other, schedule="inactive"),
    ]
    assert store_ids(FOUND.changed(of_others)) == {}
    claimed = FOUND.changed([attrs.evolve(OPENED, id="77", practitioner_id="H2")])
    assert store_ids(claimed) == {}
    assert "address_claimed" in {code for code, _ in failures(claimed)}
    spelled = FOUND.changed([attrs.evolve(OPENED, id="77", email="NEW@Example.com")])
    assert store_ids(spelled) == {OPENED.id: "77"}
    rows = [
        attrs.evolve(own(BOOKED[0]), replaces=None),
        attrs.evolve(own(BOOKED[1]), profile_id="P9"),
        attrs.evolve(own(GRANTED), customer_id="C2"),
    ]
    assert store_ids(written(1).changed(rows)) == {OPENED.id: OWN[OPENED.id]}


def test_what_there_is_by_the_planned_id_is_not_looked_for() -> None:
    by_plan = am.apply(FOUND, CHANGE_SET.prefix(1))
    double = by_plan.changed([attrs.evolve(OPENED, id="77")])
    assert store_ids(double) == {}


def test_of_two_that_stand_for_the_same_the_first_is_taken_and_each_for_one_only() -> None:
    row = access_request("Q1")
    asked = am.customers.NewAccessRequest(
        profile_id="P1", customer_id="C1", expires_at=NOON + timedelta(days=1)
    )
    found = snapshot()
    change_set = am.customers.plan_access_request(found, asked, at=NOON).change_set
    (step,) = change_set.steps
    (planned,) = am.apply(found, change_set).access_requests
    assert (planned.requested_at, planned.expires_at) == (row.requested_at, row.expires_at)
    twins = [attrs.evolve(planned, id=id) for id in ("78", "77")]
    assert store_ids(found.changed(twins), change_set) == {planned.id: "77"}
    second = attrs.evolve(planned, id="another")
    both = attrs.evolve(step, edits=(*step.edits, am.changes.Edit(None, second)))
    double = attrs.evolve(change_set, steps=(both,))
    assert store_ids(found.changed(twins), double) == {planned.id: "77", "another": "78"}
    assert store_ids(found.changed(twins[1:]), double) == {planned.id: "77"}
    touched = attrs.evolve(
        step, edits=(*step.edits, am.changes.Edit(twins[1], attrs.evolve(twins[1], reason="x")))
    )
    assert store_ids(found.changed(twins), attrs.evolve(change_set, steps=(touched,))) == {planned.id: "78"}
    others: list[dict[str, Any]] = [
        {"requested_at": NOON - timedelta(1)},
        {"expires_at": NOON + timedelta(2)},
    ]
    for other in others:
        assert store_ids(found.changed([attrs.evolve(twins[0], **other)]), change_set) == {}
    away = [attrs.evolve(twins[0], customer_id="C2"), attrs.evolve(twins[1], profile_id="P2")]
    elsewhere = found.changed([customer("C2"), profile("P2"), *away])
    assert store_ids(elsewhere, change_set) == {}


def receipt(change_set: am.ChangeSet, *written: am.changes.WrittenEntity, **fields: Any) -> am.Receipt:
    given: dict[str, Any] = {"step_id": f"{change_set.plan_id}/1", "outcome": "applied"}
    return am.Receipt(written=written, at=NOON, by="a store", **(given | fields))


def test_what_a_store_told_counts_more_than_what_is_recognised() -> None:
    twins = FOUND.changed([attrs.evolve(OPENED, id=id) for id in ("77", "78")])
    assert store_ids(twins) == {OPENED.id: "77"}
    told = am.changes.WrittenEntity(entity="profile", id=OPENED.id, store_id="78")
    assert store_ids(twins, known=[receipt(CHANGE_SET, told)]) == {OPENED.id: "78"}
    assert store_ids(twins, known=[receipt(CHANGE_SET, told, step_id="another/1")]) == {OPENED.id: "77"}
    for id in (None, OPENED.id):
        known = receipt(CHANGE_SET, am.changes.WrittenEntity(entity="profile", id=OPENED.id, store_id=id))
        assert store_ids(twins, known=[known]) == {OPENED.id: "77"}


def test_undoing_goes_by_the_receipts_of_what_is_undone() -> None:
    result = written(len(EDITS))
    inverse = am.invert(CHANGE_SET)
    told = [
        am.changes.WrittenEntity(entity=kind_of(row).name, id=row.id, store_id=OWN[row.id]) for row in CREATED
    ]
    assert store_ids(result, inverse, [receipt(CHANGE_SET, *told)]) == OWN
    assert store_ids(result, inverse) == OWN
    confirmed = inverse.confirm(by="Ann Example", at=NOON)
    assert am.apply(result, confirmed) == FOUND
    for n in range(len(inverse.steps) + 1):
        part = am.apply(result, confirmed.prefix(n))
        assert am.apply(part, confirmed) == FOUND
    migrated = am.apply(FOUND, CHANGE_SET)
    assert am.apply(migrated, confirmed) == FOUND


def tie(id: str, one: str, other: str) -> am.Record:
    return am.Record(id=id, kind="relation", customer_id=one, related_customer_id=other)


def undone(found: am.Snapshot) -> tuple[am.Snapshot, am.ChangeSet]:
    """Return what a merge of C2 into C1 made of some data, and what undoes it."""
    asked = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1")
    merged = am.plan_merge(found, asked, rules=am.MergeRules(undo="while_unchanged"), at=NOON)
    change_set = merged.change_set.confirm(by="Ann Example", at=NOON)
    return am.apply(found, change_set), am.invert(change_set).confirm(by="Ann Example", at=NOON)


def renamed(found: am.Snapshot, collection: str, ids: dict[str, str]) -> am.Snapshot:
    """Return data in which a store gave other ids to some entities of a kind."""
    rows: Any = {kind.collection: list(found.table(kind.collection)) for kind in KINDS}
    rows[collection] = [attrs.evolve(row, id=ids.get(row.id, row.id)) for row in rows[collection]]
    return am.Snapshot(found.taken_at, complete_for=found.complete_for, **rows)


def making(change_set: am.ChangeSet, *keys: tuple[str, str]) -> int:
    """Return the ordinal of the step by which all of some entities are made."""
    steps = [step.ordinal for step in change_set.steps for edit in step.edits if edit.key in keys]
    return max(steps)


FOUR = [customer(f"C{n}") for n in (1, 2, 3, 4)]
HELD = [access("1"), access("2", customer_id="C2")]


def test_an_id_is_one_only_together_with_its_kind() -> None:
    """Access that has the id of a customer is taken away and comes back under another: the customer does not."""
    found = snapshot(
        customers=[customer("C1"), customer("C2")], access=[access("C1"), access("C2", customer_id="C2")]
    )
    merged, inverse = undone(found)
    assert "C2" not in merged.access
    assert am.apply(merged, inverse) == found
    granted = making(inverse, ("access", "C2"))
    stored = renamed(am.apply(merged, inverse.prefix(granted)), "access", {"C2": "own"})
    told = am.changes.WrittenEntity(entity="access", id="C2", store_id="own")
    known = [receipt(inverse, told, step_id=f"{inverse.plan_id}/{granted}")]
    for receipts in ([], known):
        whole = am.apply(stored, inverse, receipts)
        assert set(whole.customers) == set(found.customers)
        assert {row.id for row in whole.access} == {"C1", "own"}


def test_an_id_that_is_planned_for_something_else_is_not_written_over() -> None:
    ties = [tie("1", "C1", "C3"), tie("2", "C1", "C4"), tie("3", "C2", "C3"), tie("4", "C2", "C4")]
    merged, inverse = undone(snapshot(customers=FOUR, access=HELD, records=ties))
    first, second = sorted(("3", "4"), key=lambda id: making(inverse, ("record", id)))
    ordinal = making(inverse, ("record", first))
    stored = renamed(am.apply(merged, inverse.prefix(ordinal)), "records", {first: second})
    told = am.changes.WrittenEntity(entity="record", id=first, store_id=second)
    known = [receipt(inverse, told, step_id=f"{inverse.plan_id}/{ordinal}")]
    whole = am.apply(stored, inverse, known)
    assert len(whole.records) == 4
    assert {(row.customer_id, row.related_customer_id) for row in whole.records} == {
        (row.customer_id, row.related_customer_id) for row in ties
    }
    assert am.apply(whole, inverse, known) == whole


def test_a_record_that_comes_back_is_known_by_receipts_alone_for_equal_ones_may_be_two() -> None:
    ties = [tie("1", "C1", "C3"), tie("2", "C2", "C3")]
    found = snapshot(customers=FOUR, access=HELD, records=ties)
    merged, inverse = undone(found)
    back = am.apply(merged, inverse.prefix(making(inverse, ("record", "2"))))
    stored = renamed(back, "records", {"2": "own"})
    assert store_ids(stored, inverse) == {}
    assert {row.id for row in am.apply(stored, inverse).records} == {"1", "2", "own"}
    told = am.changes.WrittenEntity(entity="record", id="2", store_id="own")
    known = [receipt(inverse, told, step_id=f"{inverse.plan_id}/{making(inverse, ('record', '2'))}")]
    assert store_ids(stored, inverse, known) == {"2": "own"}
    assert {row.id for row in am.apply(stored, inverse, known).records} == {"1", "own"}


def test_of_what_stands_for_the_same_an_equal_one_is_taken_before_the_first() -> None:
    rows = [access("A1"), access("A2", customer_id="C2"), access("A3", customer_id="C2", level="viewing")]
    found = snapshot(customers=FOUR, access=rows)
    merged, inverse = undone(found)
    ids = {"A2": "x2", "A3": "x1"}
    ordinal = making(inverse, ("access", "A2"), ("access", "A3"))
    for names in (ids, {"A2": "x1", "A3": "x2"}):
        stored = renamed(am.apply(merged, inverse.prefix(ordinal)), "access", names)
        assert store_ids(stored, inverse) == names
        assert len(am.apply(stored, inverse).access) == 3
    told = am.changes.WrittenEntity(entity="access", id="A3", store_id="x2")
    known = [receipt(inverse, told, step_id=f"{inverse.plan_id}/{ordinal}")]
    assert store_ids(stored, inverse, known) == {"A2": "x1", "A3": "x2"}


# Receipts say what was written


def test_what_receipts_say_was_written_and_is_not_there_was_taken_back() -> None:
    step = CHANGE_SET.steps[0]
    for outcome in ("applied", "already"):
        (failure, *_) = am.check(FOUND, CHANGE_SET, [receipt(CHANGE_SET, outcome=outcome)])
        assert failure == am.changes.Failure.of("write_undone", step.ordinal, entity="profile", id=OPENED.id)
    for fields in ({"outcome": "refused"}, {"outcome": "unknown"}, {"step_id": "another/1"}):
        known = [receipt(CHANGE_SET, **fields)]
        assert am.check(FOUND, CHANGE_SET, known) == ()
        assert am.resume(FOUND, CHANGE_SET, known) == am.resume(FOUND, CHANGE_SET)


def test_a_later_change_is_nobodys_business_once_all_is_written() -> None:
    result = am.apply(FOUND, CHANGE_SET)
    changed = result.changed([attrs.evolve(result.appointments["A0"], modality="phone")])
    known = [receipt(CHANGE_SET, step_id=f"{CHANGE_SET.plan_id}/{step.ordinal}") for step in CHANGE_SET.steps]
    assert am.resume(changed, CHANGE_SET, known).is_finished
    assert am.apply(changed, CHANGE_SET, known) == changed
    assert not am.resume(changed, CHANGE_SET, known[:-1]).is_finished
    (drifted,) = {edit.id for edit in am.resume(changed, CHANGE_SET, known[:-1]).drifted}
    assert drifted == "A0"
    part = CHANGE_SET.prefix(len(CHANGE_SET.steps) - 1)
    moved = am.apply(FOUND, part).changed([changed.appointments["A0"]])
    assert am.resume(moved, part, known[:-1]).is_finished  # of a prefix, its own steps are all
