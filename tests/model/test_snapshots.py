"""Snapshots: whole, immutable, and derived ones are as if they had been built anew."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.entities import ENTITY_NAMES, KIND_OF_NAME, KINDS, references
from accountmerge.testing.strategies import snapshots
from small_values import (
    NOON,
    access,
    access_request,
    appointment,
    customer,
    profile,
    record,
    slot,
    snapshot,
)

if TYPE_CHECKING:
    from accountmerge.model.entities import CollectionName, Entity, EntityName

INDEXED: dict[CollectionName, tuple[str, ...]] = {
    kind.collection: tuple(field for field, _ in kind.references) for kind in KINDS
} | {
    "profiles": ("practitioner_id", "mailbox", "succeeded_by"),
    "customers": ("merged_into", "mailboxes", "former_logins"),
}


def rows_of(snapshot: am.Snapshot) -> dict[CollectionName, dict[str, Entity]]:
    return {kind.collection: {row.id: row for row in snapshot.table(kind.collection)} for kind in KINDS}


def rebuilt(like: am.Snapshot, rows: dict[CollectionName, dict[str, Entity]], seed: int = 0) -> am.Snapshot:
    lists: dict[str, Any] = {name: list(found.values()) for name, found in rows.items()}
    for collection in lists.values():
        random.Random(seed).shuffle(collection)  # noqa: S311 - nothing secret
    return am.Snapshot(like.taken_at, complete_for=like.complete_for, **lists)


def indexes(snapshot: am.Snapshot) -> dict[tuple[str, str], dict[str, set[Entity]]]:
    return {
        (name, attribute): {key: set(rows) for key, rows in snapshot.table(name).groups(attribute).items()}
        for name, attributes in INDEXED.items()
        for attribute in attributes
    }


def dangling(rows: dict[CollectionName, dict[str, Entity]]) -> set[tuple[str, str, str]]:
    """Return every reference that names nothing: the collection and id of who refers, and the id named."""
    return {
        (name, id, target)
        for name, found in rows.items()
        for id, row in found.items()
        for _, kind, target in references(row)
        if target not in rows[KIND_OF_NAME[kind].collection]
    }


@given(snapshots(), st.integers(0, 99))
def test_the_order_of_collections_does_not_matter(drawn: am.Snapshot, seed: int) -> None:
    twin = rebuilt(drawn, rows_of(drawn), seed)
    assert twin == drawn
    assert hash(twin) == hash(drawn)


@given(snapshots(), snapshots(), st.data())
def test_a_changed_snapshot_is_as_if_built_anew(
    drawn: am.Snapshot, other: am.Snapshot, data: st.DataObject
) -> None:
    """Entities of another snapshot are put in and some are left out, with indexes there or not."""
    before = rows_of(drawn)
    if data.draw(st.booleans()):
        indexes(drawn)
    offered = [row for kind in KINDS for row in other.table(kind.collection)]
    put = data.draw(st.lists(st.sampled_from(offered), max_size=4))
    drop: dict[EntityName, list[str]] = {}
    for name in data.draw(st.lists(st.sampled_from(ENTITY_NAMES), max_size=2)):
        ids = sorted(before[KIND_OF_NAME[name].collection])
        if ids:
            drop[name] = data.draw(st.lists(st.sampled_from(ids), max_size=2))
    wanted = {name: dict(found) for name, found in before.items()}
    for name, gone in drop.items():
        for id in gone:
            wanted[KIND_OF_NAME[name].collection].pop(id, None)
    for row in put:
        wanted[next(kind.collection for kind in KINDS if isinstance(row, kind.cls))][row.id] = row
    lost = dangling(wanted)
    event("refused" if lost else "changed")
    if lost:
        with pytest.raises(am.LoadError) as caught:
            drawn.changed(put, drop)
        told = {
            (*fault.path.partition("]")[0].split("["), str(fault.facts["id"]))
            for fault in caught.value.faults
        }
        assert told == lost
        assert len(set(caught.value.faults)) == len(caught.value.faults)
    else:
        derived = drawn.changed(iter(put), {name: iter(ids) for name, ids in drop.items()})
        anew = rebuilt(drawn, wanted)
        assert derived == anew
        assert hash(derived) == hash(anew)
        assert indexes(derived) == indexes(anew)
    assert rows_of(drawn) == before


@given(snapshots())
def test_any_difference_tells_snapshots_apart(drawn: am.Snapshot) -> None:
    rows = rows_of(drawn)
    assume(rows["appointments"])
    rows["appointments"].popitem()
    try:
        assert rebuilt(drawn, rows) != drawn
    except am.LoadError:
        event("referred to")
    assert attrs.evolve(drawn.complete_for, addresses=not drawn.complete_for.addresses) != drawn.complete_for


ENTITIES: dict[EntityName, Any] = {
    "profile": profile,
    "customer": customer,
    "appointment": appointment,
    "record": record,
    "access": access,
    "access_request": access_request,
}
REFERENCES = [(kind, field, target) for kind in KINDS for field, target in kind.references]


@pytest.mark.parametrize(("kind", "field", "target"), REFERENCES)
def test_every_kind_of_reference_is_checked(kind: Any, field: str, target: str) -> None:
    fine, dangling = (
        ENTITIES[kind.name](f"{kind.name}-1"),
        ENTITIES[kind.name](f"{kind.name}-2", **{field: "nobody"}),
    )
    start: dict[str, list[Any]] = {"profiles": [profile()], "customers": [customer()]}
    start[kind.collection] = [*start.get(kind.collection, []), fine]
    whole = snapshot(**start)
    with pytest.raises(am.LoadError) as built:
        snapshot(**(start | {kind.collection: [*start[kind.collection], dangling]}))
    with pytest.raises(am.LoadError) as changed:
        whole.changed([dangling])
    position = len(start[kind.collection])
    for caught, place in ((built, str(position)), (changed, dangling.id)):
        (fault,) = caught.value.faults
        assert fault.code == "dangling_reference"
        assert fault.path == f"{kind.collection}[{place}].{field}"
        assert dict(fault.facts) == {"kind": target, "id": "nobody"}


@pytest.mark.parametrize(("kind", "field", "target"), REFERENCES)
def test_what_is_referred_to_cannot_be_left_out(kind: Any, field: str, target: EntityName) -> None:
    wanted = ENTITIES[target](f"{target}-wanted")
    referring = ENTITIES[kind.name](f"{kind.name}-referring", **{field: wanted.id})
    whole = snapshot().changed([wanted, referring])
    with pytest.raises(am.LoadError) as caught:
        whole.changed(drop={target: (id for id in [wanted.id])})
    (fault,) = caught.value.faults
    assert fault.path == f"{kind.collection}[{referring.id}].{field}"
    assert whole.changed(drop={target: [wanted.id], kind.name: [wanted.id, referring.id]}) == snapshot()
    assert whole.changed([wanted], {target: [wanted.id]}) == whole
    assert wanted.id not in whole.changed([ENTITIES[kind.name](referring.id)], {target: [wanted.id]}).table(
        KIND_OF_NAME[target].collection
    )


def test_a_former_login_is_a_reference() -> None:
    email = am.CustomerEmail("a@example.com", "former", "C2")
    with pytest.raises(am.LoadError) as caught:
        snapshot(customers=[customer("C1", emails=[email])])
    assert [fault.path for fault in caught.value.faults] == ["customers[0].emails.login_of"]
    whole = snapshot(customers=[customer("C1", emails=[email]), customer("C2")])
    with pytest.raises(am.LoadError) as caught:
        whole.changed(drop={"customer": ["C2"]})
    assert [fault.path for fault in caught.value.faults] == ["customers[C1].emails.login_of"]


def test_all_that_is_wrong_is_told_with_its_path() -> None:
    with pytest.raises(am.LoadError) as caught:
        am.Snapshot(
            NOON,
            profiles=[profile("P1"), profile("P1"), profile("P2", succeeded_by="P9"), profile("P1")],
            customers=[customer("C1"), customer("C1", merged_into="C9")],
            appointments=[appointment("A1", profile_id="P9", customer_id="C9")],
        )
    assert [(fault.code, fault.path) for fault in caught.value.faults] == [
        ("duplicate_id", "profiles[1].id"),
        ("duplicate_id", "profiles[3].id"),
        ("dangling_reference", "profiles[2].succeeded_by"),
        ("duplicate_id", "customers[1].id"),
        ("dangling_reference", "customers[1].merged_into"),
        ("dangling_reference", "appointments[0].profile_id"),
        ("dangling_reference", "appointments[0].customer_id"),
    ]


def test_ids_of_different_kinds_may_be_equal() -> None:
    same = snapshot(
        profiles=[profile("1")],
        customers=[customer("1")],
        appointments=[appointment("1", profile_id="1", customer_id="1")],
        records=[record("1", customer_id="1")],
        access=[access("1", profile_id="1", customer_id="1")],
        access_requests=[access_request("1", profile_id="1", customer_id="1")],
    )
    assert all(len(same.table(kind.collection)) == 1 for kind in KINDS)


def test_a_naive_time_of_reading_is_refused() -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        am.Snapshot(NOON.replace(tzinfo=None))
    assert caught.value.code == "naive_time"


def test_completeness_is_for_everybody_or_for_those_named() -> None:
    everybody, nobody, some = (
        am.Completeness(),
        am.Completeness((), ()),
        am.Completeness(["H2", "H1", "H2"], ["C1"]),
    )
    assert everybody.covers_practitioner("H1")
    assert everybody.covers_customer("C1")
    assert not nobody.covers_practitioner("H1")
    assert not nobody.covers_customer("C1")
    assert some.practitioners == ("H1", "H2")
    assert (some.covers_practitioner("H1"), some.covers_customer("C2")) == (True, False)
    assert snapshot().complete_for == everybody


def test_untouched_tables_are_shared() -> None:
    whole = snapshot(appointments=[appointment()])
    changed = whole.changed([appointment("A1", slot(60))])
    assert changed.profiles is whole.profiles
    assert changed.customers is whole.customers
    assert changed.appointments["A1"].slot == slot(60)
    assert whole.appointments["A1"].slot == slot(0)
