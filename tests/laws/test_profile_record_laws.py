"""The laws of what names the profile: whatever a kind becomes, each record has one home or an entry, at every prefix."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from itertools import product
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.migrations import planner as planning
from accountmerge.migrations.records import ProfileRows
from accountmerge.migrations.rules import BECOMES
from accountmerge.testing.reference import crashed, edits_of
from accountmerge.testing.strategies import MigrationCase, migration_cases, ready
from oracles.conservation import losses
from rewritten_data import in_store_ids
from small_values import NOON, appointment, customer, profile, record, request, snapshot

KINDS = {"series": "moves", "price": "copied", "token": "ends", "invoice": "stays"}
RULES = am.MigrationRules(
    record_kinds=[am.migrations.ProfileRecords(kind=kind, becomes=becomes) for kind, becomes in KINDS.items()]  # type: ignore[arg-type]
)
WAITS = profile("P2", email="new@example.com", schedule="pending")
LATER = NOON + timedelta(minutes=1)


@st.composite
def handed(draw: st.DrawFn) -> am.Snapshot:
    """Practices in which every kind names the old profile, and records are attached to one another in any way."""
    kinds = [*KINDS, *KINDS, "note"]
    ids = [f"R{number}" for number in range(len(kinds))]
    rows = [
        record(
            id,
            kind=kind,
            customer_id=draw(st.sampled_from(("C1", "C2"))),
            profile_id="P1",
            attached_to=draw(st.sampled_from((None, *ids))),
            unique_key=draw(st.sampled_from((None, "k"))),
        )
        for id, kind in zip(ids, kinds, strict=True)
    ]
    rows.append(record("free", attached_to=draw(st.sampled_from(ids))))
    rows.append(record("twin", kind="price", profile_id="P2", unique_key=draw(st.sampled_from((None, "k")))))
    booked = [appointment(f"A{n}") for n in range(draw(st.integers(0, 1)))]
    profiles = [profile(), WAITS] if draw(st.booleans()) else [profile(), profile("P2", schedule="inactive")]
    people = [customer("C1"), customer("C2")]
    return snapshot(profiles=profiles, customers=people, appointments=booked, records=rows)


def plan(found: am.Snapshot, rules: am.MigrationRules = RULES) -> am.MigrationPlan:
    return am.plan_migration(found, request(), rules=rules, at=NOON)


def new_id(planned: am.MigrationPlan) -> str:
    return next(step.edits[0].id for step in planned.change_set.steps if step.kind == "activate_schedule")


def said(row: am.Record) -> tuple[Any, ...]:
    return (row.kind, row.customer_id, row.unique_key)


def homeless(before: am.Snapshot, after: am.Snapshot, planned: am.MigrationPlan, *, handed: bool) -> set[str]:
    """Return the records that have no home where they belong, by brute force: this shares no code with the planner."""
    new, wrong = new_id(planned), set[str]()
    entered = {entry.id: entry for entry in planned.ledger if entry.field == "record"}
    copies = Counter(said(row) for row in after.records if row.profile_id == new and row.kind == "price")
    wanted = Counter(said(row) for row in before.records if row.profile_id == "P1" and row.kind == "price")
    for row in before.records:
        now = after.records.get(row.id)
        becomes = KINDS.get(row.kind, "stays") if row.profile_id == "P1" and handed else "stays"
        if becomes == "ends":
            value: Any = entered[row.id].value.value if row.id in entered else {}
            is_right = now is None and value.get("id") == row.id and value.get("kind") == row.kind
        else:
            home = new if becomes == "moves" else row.profile_id
            is_right = now is not None and (now.profile_id, said(now)) == (home, said(row))
        if becomes == "copied":
            is_right = is_right and copies[said(row)] >= wanted[said(row)]
        if not is_right:
            wrong.add(row.id)
    made = {row.id for row in after.records} - {row.id for row in before.records}
    return wrong | {id for id in made if after.records[id].profile_id != new or not handed}


@given(handed())
def test_every_record_has_one_home_or_an_entry_at_every_prefix(found: am.Snapshot) -> None:
    planned = plan(found)
    place = next(step.ordinal for step in planned.change_set.steps if step.kind == "hand_over_records")
    for n in range(len(planned.change_set.steps) + 1):
        after = am.apply(found, planned.change_set.prefix(n))
        assert homeless(found, after, planned, handed=n >= place) == set(), n
        assert not [fault for fault in am.find_faults(after) if fault.code == "dangling_reference"]
    assert {entry.rule for entry in planned.ledger} == {"ends_with_profile"}


@given(ready(migration_cases()))
def test_a_migration_conserves_records_of_all_dispositions(case: MigrationCase) -> None:
    planned = case.plan()
    if planned.change_set.steps and planned.change_set.steps[-1].kind == "link_successor":
        after = am.apply(case.snapshot, planned.change_set)
        found = losses(
            case.request, case.snapshot, after, planned.change_set.at, planned.ledger, planned.rules
        )
        assert found == set()


@given(handed(), st.booleans())
def test_a_migration_that_stopped_anywhere_hands_over_what_is_left(found: am.Snapshot, own: bool) -> None:
    """Also in a store that gives ids of its own, and after a crash in any edit."""
    planned = plan(found)
    whole = am.apply(found, planned.change_set)
    edits = edits_of(planned.change_set)
    for n in range(len(edits) + 1):
        part = crashed(found, edits[:n])
        assert am.apply(part, planned.change_set) == whole, n
        again = plan(part)
        assert again.is_ready, (n, again.blockers)
        assert am.apply(part, again.change_set) == whole, n
        assert plan(whole).change_set.steps == ()
        if own:
            given_ids = {edit.key: f"store-{edit.id}" for edit in edits if edit.op == "create"}
            there = crashed(found, in_store_ids(edits[:n], given_ids))
            rest = plan(there)
            done = am.apply(there, rest.change_set)
            assert Counter(map(said, done.records)) == Counter(map(said, whole.records)), n
            resumed = am.apply(there, planned.change_set)
            assert Counter(map(said, resumed.records)) == Counter(map(said, whole.records)), n


@given(handed(), st.sampled_from((*KINDS, "note", "undeclared")), st.booleans())
def test_a_record_that_appears_meanwhile_is_seen_unless_its_kind_stays(
    found: am.Snapshot, kind: str, empty: bool
) -> None:
    if empty:
        found = am.Snapshot(
            NOON, profiles=found.profiles, customers=found.customers, appointments=found.appointments
        )
    change_set = plan(found).change_set
    place = next(step.ordinal for step in change_set.steps if step.kind == "deactivate_schedule")
    late = record("late", kind=kind, profile_id="P1")
    for n in range(len(change_set.steps) + 1):
        part = am.apply(found, change_set.prefix(n)).changed([late])
        seen = {failure.code for failure in am.check(part, change_set)}
        stays = kind in ("note", "invoice") or n >= place
        assert seen == (set() if stays else {"record_left"}), (n, seen)


@pytest.mark.parametrize("kind", [*KINDS, "note", "undeclared"])
def test_a_record_that_appears_after_activation_is_handed_over_by_planning_again(kind: str) -> None:
    found = snapshot(profiles=[profile(), WAITS], records=[record("R1", kind="price", profile_id="P1")])
    done = am.apply(found, plan(found).change_set)
    again = plan(done.changed([record("late", kind=kind, profile_id="P1")]))
    kinds = [step.kind for step in again.change_set.steps]
    assert kinds == (["hand_over_records"] if kind in ("series", "token") else [])
    assert [f.code for f in again.blockers] == (["undeclared_kind"] if kind == "undeclared" else [])


@given(handed())
def test_a_handing_over_can_be_undone(found: am.Snapshot) -> None:
    change_set = plan(found).change_set
    for n in range(len(change_set.steps) + 1):
        part = change_set.prefix(n)
        inverse = am.invert(part).confirm(by="Ann Example", at=NOON)
        assert am.apply(am.apply(found, part), inverse) == found, n


@given(handed(), st.sets(st.sampled_from([*KINDS, "note"])))
def test_a_kind_that_no_rule_declares_blocks_and_is_counted(found: am.Snapshot, forgotten: set[str]) -> None:
    kept = [entry for entry in RULES.record_kinds if entry.kind not in forgotten]
    planned = plan(found, am.MigrationRules(record_kinds=kept))
    counts = Counter(row.kind for row in found.records if row.profile_id == "P1")
    told = {f.facts["kind"]: f.facts["count"] for f in planned.findings if f.code == "undeclared_kind"}
    assert told == {kind: counts[kind] for kind in forgotten - {"note"}}
    assert planned.is_ready == (not told)


@pytest.mark.parametrize(("kind", "becomes"), [*product(("programme", "note", "file", "relation"), BECOMES)])
def test_a_built_in_kind_stays_unless_it_is_declared(kind: str, becomes: Any) -> None:
    row = record(kind=kind, profile_id="P1")
    found = snapshot(profiles=[profile(), WAITS], records=[row])
    by_default = am.apply(found, plan(found, am.MigrationRules()).change_set)
    assert by_default.records == found.records
    declared = am.MigrationRules(record_kinds=[am.migrations.ProfileRecords(kind=kind, becomes=becomes)])
    after = am.apply(found, plan(found, declared).change_set)
    homes = {"stays": ["P1"], "moves": ["P2"], "copied": ["P1", "P2"], "ends": []}
    assert sorted(str(each.profile_id) for each in after.records) == homes[becomes]


@pytest.mark.parametrize("kind", ["price", "series"])
@pytest.mark.parametrize("customer_id", ["C1", "C2"])
@pytest.mark.parametrize("profile_id", [None, "P1", "P2", "P3"])
@pytest.mark.parametrize("waits", [True, False])
def test_a_record_under_the_id_of_a_copy_is_that_copy_or_blocks(
    kind: str, customer_id: str, profile_id: str | None, waits: bool
) -> None:
    """Only a record of the same kind and customer that names the new profile is the copy, moved by hand or not."""
    old = profile("P1", email="old@example.com")
    found = snapshot(
        profiles=[
            old,
            profile("P3", practitioner_id="H3"),
            WAITS if waits else profile("P2", schedule="inactive"),
        ],
        customers=[customer("C1"), customer("C2")],
        records=[record("R1", kind="price", profile_id="P1")],
    )
    (copy,) = (
        edit.after
        for edit in edits_of(plan(found).change_set)
        if edit.op == "create" and edit.entity == "record"
    )
    assert isinstance(copy, am.Record)
    home = copy.profile_id if profile_id == "P2" and waits else profile_id
    there = attrs.evolve(copy, kind=kind, customer_id=customer_id, profile_id=home)
    put = found.changed([there])
    planned = plan(put)
    if there == copy:
        assert planned.is_ready
        assert am.check(put, planned) == ()
        assert am.apply(put, planned).records["R1"] == found.records["R1"]
        return
    assert [(f.code, f.facts["id"]) for f in planned.blockers] == [("derived_id_taken", copy.id)]
    own = put.changed([attrs.evolve(there, id="own")], {"record": [there.id]})
    for mended in (own, found):
        again = plan(mended)
        assert again.is_ready
        assert am.apply(mended, again).records[copy.id] == copy


@pytest.mark.parametrize("forgets", ["_copies", "_moves", "_ends"])
def test_a_plan_that_forgets_a_disposition_cannot_be_built(
    forgets: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [record(kind, kind=kind, profile_id="P1") for kind in KINDS]
    found = snapshot(profiles=[profile(), WAITS], records=rows)
    monkeypatch.setattr(ProfileRows, forgets, lambda _: iter(()))
    with pytest.raises(am.AccountMergeError) as caught:
        plan(found)
    wanted = {"_copies": "price", "_moves": "series", "_ends": "token"}[forgets]
    assert (caught.value.code, caught.value.facts["ids"]) == ("plan_incomplete", (wanted,))


def test_a_plan_without_the_entry_of_a_record_that_ends_cannot_be_built(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = snapshot(profiles=[profile(), WAITS], records=[record("R1", kind="token", profile_id="P1")])
    monkeypatch.setattr(ProfileRows, "ledger", lambda _: iter(()))
    with pytest.raises(am.AccountMergeError) as caught:
        plan(found)
    assert caught.value.code == "plan_incomplete"
    assert planning.plan_migration is am.plan_migration


def test_a_row_under_the_id_of_a_copy_blocks() -> None:
    row = record("R1", kind="price", profile_id="P1")
    found = snapshot(profiles=[profile(), WAITS], records=[row])
    copy = next(
        edit.id
        for step in plan(found).change_set.steps
        if step.kind == "hand_over_records"
        for edit in step.edits
    )
    for other in (record(copy, kind="series"), record(copy, kind="price", profile_id="P1")):
        planned = plan(found.changed([other]))
        assert [f.code for f in planned.blockers] == ["derived_id_taken"]


@given(handed())
def test_a_record_ends_only_where_the_data_are_whole_for_its_customer(found: am.Snapshot) -> None:
    """What is attached to it may name no profile, so the data of the practitioner do not hold it."""
    part = attrs.evolve(
        found, complete_for=am.Completeness(practitioners=["H1"], customers=[], addresses=True)
    )
    blocking = {f.id for f in plan(part).blockers}
    ended = {row.customer_id for row in found.records if row.kind == "token"}
    assert blocking == {f"snapshot_not_whole:{id}" for id in ended}
    whole = plan(found).change_set
    lacking = {failure.facts["id"] for failure in am.check(part, whole)}
    assert {failure.code for failure in am.check(part, whole)} == {"guard_unanswerable"}
    assert lacking == ended
    bare = am.MigrationRules(
        record_kinds=[
            am.migrations.ProfileRecords(kind=kind, becomes="stays" if becomes == "ends" else becomes)  # type: ignore[arg-type]
            for kind, becomes in KINDS.items()
        ]
    )
    assert am.check(part, plan(part, bare).change_set) == ()


# A named person confirms


@given(handed())
def test_a_set_that_says_so_is_refused_unconfirmed_and_has_an_id_of_its_own(found: am.Snapshot) -> None:
    plain, strict = plan(found), plan(found, attrs.evolve(RULES, needs_confirmation=True))
    assert (plain.change_set.needs_confirmation, strict.change_set.needs_confirmation) == (False, True)
    same_rules = attrs.evolve(strict.change_set, rules_digest=plain.change_set.rules_digest)
    assert same_rules != plain.change_set
    assert strict.plan_id != plain.plan_id
    assert "needs_confirmation" in strict.change_set.requires
    read = am.loads(am.dumps(strict.change_set))
    assert isinstance(read, am.ChangeSet)
    assert read == strict.change_set
    for n in range(1, len(read.steps) + 1):
        assert [failure.code for failure in am.check(found, read.prefix(n))] == ["unconfirmed"]
    with pytest.raises(am.ApplyRefused):
        am.apply(found, read)
    confirmed = strict.confirm(by="Ann Example", at=LATER)
    assert am.apply(found, confirmed) == am.apply(found, plain.change_set)
    assert plan(am.apply(found, confirmed), strict.rules).change_set.needs_confirmation is False


@given(handed())
def test_a_set_that_no_longer_says_so_is_not_what_was_planned(found: am.Snapshot) -> None:
    strict = plan(found, attrs.evolve(RULES, needs_confirmation=True)).change_set
    data = json.loads(am.dumps(strict))
    assert data.pop("needs_confirmation") is True
    with pytest.raises(am.LoadError) as caught:
        am.loads(json.dumps(data))
    assert [fault.code for fault in caught.value.faults] == ["plan_id_mismatch"]
