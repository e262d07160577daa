"""What a merge keeps for later: what the survivor held, entities that it only read, and when each customer was merged."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

import attrs
import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from merging import confirmed, with_rows

import accountmerge as am
from accountmerge.model.entities import KINDS
from accountmerge.testing.reference import edits_of, row_of
from accountmerge.testing.strategies import PIVOT, MergeCase, busy, merge_cases
from accountmerge.wire.canonical import sealed
from closed_words import check_failures
from small_values import NOON, access, appointment, customer, profile, record, slot, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

FAR = am.TimeSlot(PIVOT + timedelta(days=99), PIVOT + timedelta(days=99, hours=1))
GOLDEN = Path(__file__).parents[1] / "data/golden/1"
TABLES = ("appointments", "records", "access", "access_requests", "customers")
NAMES = {
    "appointments": "appointment",
    "records": "record",
    "access_requests": "access_request",
    "customers": "customer",
}


def undoable(case: MergeCase) -> MergeCase:
    return attrs.evolve(case, rules=attrs.evolve(case.rules, undo="while_unchanged"))


def rest_of(case: MergeCase) -> MergeCase:
    """Return the rest of a merge that was carried out: a note came late, and a relation that the survivor has too.

    No edit has the survivor, nor the relation that is kept.
    """
    after = am.apply(case.snapshot, confirmed(case))
    survivor, absorbed = case.request.survivor, case.request.absorbed[0]
    merged = {survivor, *case.request.absorbed}
    stranger = next(row.id for row in after.customers.sorted() if row.id not in merged)
    data = am.model.FrozenJson.of("a relation of its own")
    late = [
        am.Record(id=f"twin-{n}", kind="relation", customer_id=id, related_customer_id=stranger, data=data)
        for n, id in enumerate((survivor, absorbed))
    ]
    note = am.Record(id="late", kind="note", customer_id=absorbed)
    others = [
        record_kind for record_kind in case.rules.record_kinds if record_kind.kind not in ("note", "relation")
    ]
    rules = attrs.evolve(case.rules, record_kinds=others)
    return attrs.evolve(case, snapshot=after.changed([*late, note]), rules=rules)


@st.composite
def merges(draw: st.DrawFn) -> MergeCase:
    """A merge that may be undone, or the rest of one; two customers were absorbed by the survivor long ago."""
    case = undoable(draw(busy(merge_cases())))
    earlier = [
        am.Customer(id=f"earlier-{n}", record_number="0", emails=(), status="disabled", merged_into=into)
        for n, into in enumerate((case.request.survivor, case.request.absorbed[0]))
    ]
    case = with_rows(case, *earlier)
    which = draw(st.sampled_from(("whole", "whole", "rest")))
    event(which)
    return case if which == "whole" else rest_of(case)


# What is kept


def naming(found: am.Snapshot, id: str) -> dict[str, list[str]]:
    """Return by brute force the ids of all that names a customer, by kind."""
    named: dict[str, list[str]] = {}
    for table in TABLES:
        for row in getattr(found, table):
            fields = ("customer_id", "related_customer_id", "merged_into")
            if id in [getattr(row, field, None) for field in fields]:
                named.setdefault(NAMES.get(table, table), []).append(row.id)
    return {kind: sorted(ids) for kind, ids in named.items()}


@given(merges())
def test_a_merge_keeps_the_ids_of_all_that_named_the_survivor_before(case: MergeCase) -> None:
    change_set = case.plan().change_set
    wanted = naming(case.snapshot, case.request.survivor)
    assert wanted["customer"]
    assert json.loads(am.dumps(change_set))["held"] == wanted
    assert {kind: list(ids) for kind, ids in change_set.held} == wanted
    assert "held" in change_set.requires


@given(merges())
def test_a_merge_keeps_what_it_only_read_and_nothing_else(case: MergeCase) -> None:
    change_set = case.plan().change_set
    edited = {edit.key for edit in edits_of(change_set)}
    kept = {
        str(step.reason.facts["kept_id"]) for step in change_set.steps if step.reason.code == "duplicate_of"
    }
    wanted: list[Any] = [case.snapshot.records[id] for id in sorted(kept) if ("record", id) not in edited]
    if ("customer", case.request.survivor) not in edited:
        wanted.insert(0, case.snapshot.customers[case.request.survivor])
    event(f"{len(wanted)} images")
    assert change_set.images == tuple(wanted)
    assert ("images" in change_set.requires) == bool(wanted)


@given(busy(merge_cases()))
def test_the_rest_of_a_merge_keeps_the_survivor_and_the_record_that_stays(case: MergeCase) -> None:
    case = rest_of(case)
    change_set = case.plan().change_set
    assert {"move_record", "drop_record"} == {step.kind for step in change_set.steps}
    survivor = case.snapshot.customers[case.request.survivor]
    assert change_set.images == (survivor, case.snapshot.records["twin-0"])


@given(busy(merge_cases()))
def test_a_plan_that_changes_nothing_keeps_nothing(case: MergeCase) -> None:
    after = am.apply(case.snapshot, confirmed(case))
    blocked = attrs.evolve(case, request=attrs.evolve(case.request, actor="unknown")).plan().change_set
    for change_set in (case.plan(after).change_set, blocked):
        assert (change_set.held, change_set.images, change_set.requires) == ((), (), ())
        assert not {"held", "images", "requires"} & json.loads(am.dumps(change_set)).keys()


@given(merges())
def test_an_absorbed_customer_knows_the_instant_of_its_merge_and_keeps_it(case: MergeCase) -> None:
    before, after = case.snapshot.customers, am.apply(case.snapshot, confirmed(case)).customers
    for row in after.sorted():
        retired = row.id in case.request.absorbed and before[row.id].merged_into != case.request.survivor
        assert row.merged_at == (case.at if retired else before[row.id].merged_at), row.id
    assert after["earlier-1"].merged_into == case.request.survivor


def test_merging_a_survivor_in_turn_keeps_when_the_first_was_merged() -> None:
    found = snapshot(
        customers=[customer(id) for id in "STU"], access=[access(f"X{id}", customer_id=id) for id in "STU"]
    )
    for survivor, absorbed, days in (("S", "T", 1), ("U", "S", 2)):
        request = am.MergeRequest(survivor=survivor, absorbed=[absorbed], actor="P1")
        plan = am.plan_merge(found, request, at=NOON + timedelta(days=days))
        found = am.apply(found, plan.confirm(by="Ann Example", at=NOON))
    merged = {row.id: (row.merged_into, row.merged_at) for row in found.customers}
    assert merged["T"] == ("U", NOON + timedelta(days=1))
    assert merged["S"] == ("U", NOON + timedelta(days=2))
    assert merged["U"] == (None, None)
    late = found.changed([record("late", customer_id="T")])
    request = am.MergeRequest(survivor="U", absorbed=["T"], actor="P1")
    rest = am.plan_merge(late, request, at=NOON + timedelta(days=3)).confirm(by="Ann Example", at=NOON)
    assert am.apply(late, rest).customers["T"].merged_at == NOON + timedelta(days=1)


def test_the_same_booking_made_before_or_after_gives_two_change_sets() -> None:
    people = {
        "customers": [customer("S"), customer("A")],
        "access": [access("X1", customer_id="S"), access("X2", customer_id="A")],
    }
    request = am.MergeRequest(survivor="S", absorbed=["A"], actor="P1")
    after = am.plan_merge(snapshot(**people), request, at=NOON).change_set
    booked = snapshot(**people, appointments=[appointment("x", customer_id="S")])
    before = am.plan_merge(booked, request, at=NOON).change_set
    assert before.steps == after.steps
    assert before.plan_id != after.plan_id


# What is kept is sealed


def changed_places(value: Any) -> list[Any]:
    """Return JSON data with one thing less, or one text longer, at every place."""
    if isinstance(value, str):
        return [f"{value}?"]
    if not isinstance(value, dict | list):
        return []
    found: list[Any] = []
    for name in value if isinstance(value, dict) else range(len(value)):
        for part in (None, *changed_places(value[name])):
            other = value.copy()
            other[name] = part
            if part is None:
                del other[name]
            found.append(other)
    return found


@given(busy(merge_cases()))
def test_what_is_kept_is_read_back_and_cannot_be_changed(case: MergeCase) -> None:
    change_set = rest_of(case).plan().change_set
    assert am.loads(am.dumps(change_set)) == change_set
    data = json.loads(am.dumps(change_set))
    for key in ("held", "images", "requires"):
        for other in changed_places(data[key]):
            with pytest.raises(am.LoadError):
                am.loads(json.dumps(data | {key: other}))
        with pytest.raises(am.LoadError) as caught:
            am.loads(json.dumps({name: part for name, part in data.items() if name != key}))
        assert [fault.code for fault in caught.value.faults] == ["plan_id_mismatch"]


@given(merges(), st.randoms(use_true_random=False))
def test_the_order_in_which_it_is_given_makes_no_difference(case: MergeCase, random: Any) -> None:
    change_set = case.plan().change_set
    held: Any = [
        (kind, random.sample(ids, len(ids)))
        for kind, ids in random.sample(change_set.held, len(change_set.held))
    ]
    images = random.sample(change_set.images, len(change_set.images))
    assert sealed(attrs.evolve(change_set, held=held, images=images)) == change_set
    assert sealed(attrs.evolve(change_set, held=dict(held))) == change_set


REALISTIC: dict[str, Callable[[str, int], str]] = {
    "numbers": lambda kind, n: f"{len(kind)}{100_000 + n}",
    "a prefix": lambda kind, n: f"{kind}-{100_000 + n}",
    "hexadecimal": lambda kind, n: f"{kind[:3]}_{n * 7_919 + 2**60:x}",
    "uuid": lambda kind, n: str(uuid5(NAMESPACE_URL, f"{kind}/{n}")),
}


@pytest.mark.parametrize("style", REALISTIC)
def test_what_was_held_adds_a_twentieth_at_most_to_a_set_that_moves_as_much(style: str) -> None:
    id = REALISTIC[style]
    people = [id("customer", n) for n in range(2)]
    rows = [(people[n % 2], n) for n in range(2_000)]
    data = am.model.FrozenJson.of({"title": "Session note", "text": "Talked about the week. " * 4})
    found = am.Snapshot(
        NOON,
        profiles=[profile(id("profile", 0))],
        customers=[customer(one, given_name="Ann") for one in people],
        access=[
            access(id("access", n), profile_id=id("profile", 0), customer_id=one)
            for n, one in enumerate(people)
        ],
        appointments=[
            appointment(
                id("appointment", n),
                slot(60 * n, 50),
                profile_id=id("profile", 0),
                customer_id=one,
                number=f"APP-{n}",
                time_zone="Australia/Sydney",
            )
            for one, n in rows[:1_000]
        ],
        records=[
            record(
                id("record", n),
                customer_id=one,
                profile_id=id("profile", 0),
                created_at=NOON,
                data=data,
                version=1,
            )
            for one, n in rows[1_000:]
        ],
    )
    request = am.MergeRequest(survivor=people[0], absorbed=[people[1]], actor=id("profile", 0))
    change_set = am.plan_merge(found, request, at=NOON).change_set
    moved = [edit for edit in edits_of(change_set) if edit.entity in ("appointment", "record")]
    held = dict(change_set.held)
    assert len(moved) == len(held["appointment"]) + len(held["record"]) == 1_000
    without = len(am.dumps(attrs.evolve(change_set, held=())))
    assert len(am.dumps(change_set)) <= 1.05 * without


# An undo is refused when anything has come


def arrivals(survivor: str, actor: str, other: str, id: str) -> dict[str, list[Any]]:
    """Return what may come to a survivor, of every kind that names a customer."""
    booking: dict[str, Any] = {"time_zone": "UTC", "modality": "chat", "profile_id": actor, "slot": FAR}
    asked: dict[str, Any] = {"requested_at": PIVOT, "expires_at": PIVOT + timedelta(days=9)}
    new = profile("phantom-profile", practitioner_id="phantom")
    return {
        "note": [am.Record(id=id, kind="note", customer_id=survivor)],
        "relation": [am.Record(id=id, kind="relation", customer_id=survivor, related_customer_id=other)],
        "relation to it": [
            am.Record(id=id, kind="relation", customer_id=other, related_customer_id=survivor)
        ],
        "booking": [am.Appointment(id=id, customer_id=survivor, status="booked", **booking)],
        "past booking": [am.Appointment(id=id, customer_id=survivor, status="missed", **booking)],
        "access": [new, am.Access(id=id, profile_id=new.id, customer_id=survivor, level="viewing")],
        "request": [
            am.AccessRequest(id=id, profile_id=actor, customer_id=survivor, status="pending", **asked)
        ],
        "absorbed": [
            am.Customer(id=id, record_number="0", emails=(), status="disabled", merged_into=survivor)
        ],
    }


def inverse_of(change_set: am.ChangeSet) -> am.ChangeSet:
    return am.invert(change_set).confirm(by="Ann Example", at=PIVOT)


def bare(found: am.Snapshot) -> am.Snapshot:
    """Return a snapshot without the versions, which the store gives."""
    rows: Any = {
        kind.collection: [attrs.evolve(row, version=None) for row in found.table(kind.collection)]
        for kind in KINDS
    }
    return am.Snapshot.of_checked(found.taken_at, found.complete_for, rows)


@pytest.mark.parametrize("what", sorted(arrivals("S", "P", "T", "x")))
@given(case=merges(), data=st.data())
def test_an_undo_is_refused_at_every_place_when_anything_has_come_to_the_survivor(
    what: str, case: MergeCase, data: st.DataObject
) -> None:
    """Also under an id that something of another kind has, which is no stranger."""
    whole = confirmed(case)
    n = data.draw(st.integers(1, len(whole.steps)), label="steps applied")
    change_set = whole.prefix(n)
    after, inverse = am.apply(case.snapshot, change_set), inverse_of(change_set)
    survivor = case.request.survivor
    ids = {id for _, ids in whole.held for id in ids} | {edit.id for edit in edits_of(whole)}
    free = [
        id
        for id in ("phantom", *sorted(ids))
        if all(
            row_of(
                found,
                am.changes.Edit(None, arrivals(survivor, str(case.request.actor), survivor, id)[what][-1]),
            )
            is None
            for found in (after, case.snapshot)
        )
    ]
    id = data.draw(st.sampled_from(free), label="its id")
    stranger = next(
        row.id for row in after.customers.sorted() if row.id not in (survivor, *case.request.absorbed)
    )
    come = arrivals(survivor, str(case.request.actor), stranger, id)[what]
    for done in range(len(inverse.steps)):
        part = am.apply(after, inverse.prefix(done))
        failures = am.check(part.changed(come), inverse)
        check_failures(failures)
        left = [failure.facts for failure in failures if failure.code == "reference_left"]
        assert {(facts["customer_id"], facts["ids"]) for facts in left} == {(survivor, (id,))}, done
        with pytest.raises(am.ApplyRefused):
            am.apply(part.changed(come), inverse)
    undone = am.apply(after, inverse)
    assert am.check(undone.changed(come), inverse) == ()  # what is finished is in no danger any more


@given(merges())
def test_an_undo_fits_at_every_place_when_nothing_has_come(case: MergeCase) -> None:
    whole = confirmed(case)
    for n in range(1, len(whole.steps) + 1):
        after = am.apply(case.snapshot, whole.prefix(n))
        for inverse in (inverse_of(whole.prefix(n)), inverse_of(whole)):
            for done in range(len(inverse.steps) + 1):
                part = am.apply(after, inverse.prefix(done))
                assert am.check(part, inverse) == ()
                assert bare(am.apply(part, inverse)) == bare(case.snapshot)


@given(merges(), st.sampled_from(["denied", "withdrawn", "approved"]))
def test_what_was_held_may_go_and_a_decided_request_counts_as_any_newcomer(
    case: MergeCase, status: Any
) -> None:
    survivor, actor = case.request.survivor, str(case.request.actor)
    row = am.Record(id="held", kind="note", customer_id=survivor)
    case = with_rows(case, row)
    change_set = confirmed(case)
    after, inverse = am.apply(case.snapshot, change_set), inverse_of(change_set)
    asked = am.AccessRequest(
        id="q", profile_id=actor, customer_id=survivor, requested_at=PIVOT, expires_at=PIVOT, status=status
    )
    rewritten = attrs.evolve(row, data=am.model.FrozenJson.of("written since"))
    for meanwhile in (after.changed([rewritten]), after.changed(drop={"record": ["held"]})):
        assert am.check(meanwhile, inverse) == ()
    assert {failure.code for failure in am.check(after.changed([asked]), inverse)} == {"reference_left"}


def test_an_undo_knows_the_access_that_a_store_entered_under_an_id_of_its_own() -> None:
    found = snapshot(
        profiles=[profile(), profile("P2", practitioner_id="H2")],
        customers=[customer("S"), customer("A")],
        access=[
            *(access(f"X{id}", customer_id=id) for id in "SA"),
            access("X3", profile_id="P2", customer_id="A"),
        ],
    )
    request = am.MergeRequest(survivor="S", absorbed=["A"], actor="P1")
    plan = am.plan_merge(found, request, rules=am.MergeRules(undo="while_unchanged"), at=NOON)
    change_set = plan.confirm(by="Ann Example", at=NOON)
    after = am.apply(found, change_set)
    (made,) = [row for row in after.access if row.id not in found.access]
    own = after.changed([attrs.evolve(made, id="77")], {"access": [made.id]})
    assert am.check(own, inverse_of(change_set)) == ()
    assert am.apply(own, inverse_of(change_set)) == found


@given(merges(), st.data())
def test_a_merge_that_kept_nothing_is_undone_as_before(case: MergeCase, data: st.DataObject) -> None:
    change_set = confirmed(case)
    old = sealed(attrs.evolve(change_set, held=(), images=(), requires=())).confirm(
        by="Ann Example", at=PIVOT
    )
    after = am.apply(case.snapshot, old)
    what = data.draw(st.sampled_from(["note", "booking", "request"]))
    come = after.changed(arrivals(case.request.survivor, str(case.request.actor), "T", "phantom")[what])
    inverse = inverse_of(old)
    assert "held" not in inverse.requires
    assert am.check(come, inverse) == ()


def test_the_undo_of_a_golden_merge_is_the_golden_undo() -> None:
    merge, undo = (am.loads(GOLDEN / f"{name}.json") for name in ("merge.confirmed", "undo.changeset"))
    assert isinstance(merge, am.ChangeSet)
    assert am.invert(merge) == undo
