"""The difference of two snapshots: the edits that lead from one to the other, and no more."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import event, given

import accountmerge as am
from accountmerge.model.entities import ENTITY_NAMES, KINDS, EntityName
from accountmerge.testing.strategies import PlannedCase, planned_cases, snapshots
from full_documents import full_snapshot
from small_values import appointment, customer, record, snapshot

OPS = ("create", "change", "remove")


def put(before: am.Snapshot, edits: tuple[am.changes.Edit, ...]) -> am.Snapshot:
    drop: dict[EntityName, list[str]] = {}
    for edit in edits:
        if edit.after is None:
            drop.setdefault(edit.entity, []).append(edit.id)
    return before.changed([edit.after for edit in edits if edit.after is not None], drop)


def tables(of: am.Snapshot) -> list[Any]:
    return [of.table(kind.collection) for kind in KINDS]


def has_law(first: am.Snapshot, second: am.Snapshot) -> None:
    """Compare the difference with both snapshots."""
    edits = am.changes.difference(first, second)
    assert tables(put(first, edits)) == tables(second)
    assert len({edit.key for edit in edits}) == len(edits)
    for edit in edits:
        collection = next(kind.collection for kind in KINDS if kind.name == edit.entity)
        images = (first.table(collection).get(edit.id), second.table(collection).get(edit.id))
        assert images == (edit.before, edit.after)
        assert edit.before != edit.after
    order = [place(edit) for edit in edits]
    assert order == sorted(order)
    event(f"{len({edit.op for edit in edits})} kinds of edits")


def place(edit: am.changes.Edit) -> tuple[int, int, str]:
    kind = ENTITY_NAMES.index(edit.entity)
    return OPS.index(edit.op), -kind if edit.op == "remove" else kind, edit.id


@given(snapshots(), snapshots())
def test_putting_the_difference_on_the_first_snapshot_gives_the_second(
    first: am.Snapshot, second: am.Snapshot
) -> None:
    everything = am.Completeness()  # a removed customer may not be named by a partial snapshot
    first, second = (attrs.evolve(each, complete_for=everything) for each in (first, second))
    empty = am.Snapshot(first.taken_at)
    for before, after in ((first, second), (first, empty), (empty, first), (empty, empty)):
        has_law(before, after)


@given(snapshots())
def test_equal_snapshots_have_no_difference(drawn: am.Snapshot) -> None:
    twin = am.loads(am.dumps(drawn))
    assert isinstance(twin, am.Snapshot)
    assert am.changes.difference(drawn, twin) == ()


@given(planned_cases())
def test_the_difference_that_applying_makes_is_within_the_edits_of_the_steps(case: PlannedCase) -> None:
    before, change_set = case.snapshot, case.change_set
    after = am.apply(before, change_set)
    has_law(before, after)
    edited = {edit.key for step in change_set.steps for edit in step.edits}
    assert {edit.key for edit in am.changes.difference(before, after)} <= edited


FULL = full_snapshot()


def other_values(row: Any) -> dict[str, Any]:
    """Return another value for each field that may be empty."""
    fields = {
        field.name: field.default for field in attrs.fields(type(row)) if field.default is not attrs.NOTHING
    }
    return fields | ({"version": "other"} if "version" in fields else {})


CHANGES = [
    (row, name, value)
    for kind in KINDS
    for row in FULL.table(kind.collection).sorted()[:1]
    for name, value in other_values(row).items()
]


@pytest.mark.parametrize(
    ("row", "name", "value"), CHANGES, ids=[f"{type(row).__name__}.{name}" for row, name, _ in CHANGES]
)
def test_every_field_counts_also_those_that_a_store_gives(row: Any, name: str, value: Any) -> None:
    other = attrs.evolve(row, **{name: value})
    (edit,) = am.changes.difference(FULL, FULL.changed([other]))
    assert (edit.op, edit.before, edit.after, edit.changed_fields) == ("change", row, other, (name,))


def test_rows_are_made_before_others_refer_to_them_and_removed_after() -> None:
    empty = am.Snapshot(FULL.taken_at)
    made = [edit.entity for edit in am.changes.difference(empty, FULL)]
    removed = [edit.entity for edit in am.changes.difference(FULL, empty)]
    assert list(dict.fromkeys(made)) == list(ENTITY_NAMES)
    assert list(dict.fromkeys(removed)) == list(reversed(ENTITY_NAMES))


def test_one_id_of_several_kinds_is_several_entities() -> None:
    alike = snapshot(
        customers=[customer("1"), customer()], records=[record("1")], appointments=[appointment("1")]
    )
    changed = alike.changed([record("1", kind="file")], {"appointment": ["1"]})
    found = [(edit.op, edit.key) for edit in am.changes.difference(alike, changed)]
    assert found == [("change", ("record", "1")), ("remove", ("appointment", "1"))]


@pytest.mark.parametrize("other", [None, {}, am.Snapshot])
def test_other_values_have_no_difference(other: Any) -> None:
    for pair in ((FULL, other), (other, FULL)):
        with pytest.raises(am.InvalidValueError) as caught:
            am.changes.difference(*pair)
        assert caught.value.code == "wrong_type"
