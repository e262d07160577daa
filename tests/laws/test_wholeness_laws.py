"""The laws of partial data: no guard is answered, and no entity taken for absent, by data that cannot know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.changes import applying
from accountmerge.changes.change_sets import INTENTS
from accountmerge.changes.guards import GUARD_FACTS
from accountmerge.changes.wholeness import ANSWERED_BY, IN_THE_DATA
from accountmerge.model.entities import KINDS
from accountmerge.testing.reference import crashed, edits_of
from accountmerge.testing.reference.foreign_writes import phantoms, ties
from accountmerge.testing.strategies import PlannedCase, foreign_writes, planned_cases
from accountmerge.testing.strategies.planned_cases import UndoCase
from partial_data import partial, some_of, touched_owners, touched_rows
from small_values import NOON, access, appointment, request, slot, snapshot

if TYPE_CHECKING:
    from accountmerge.changes.change_sets import Intent
    from accountmerge.changes.edits import Key
    from accountmerge.testing.adapters import ForeignWrite

NOBODY = am.Completeness(practitioners=(), customers=(), addresses=False)
UNANSWERABLE = "guard_unanswerable"


def unanswered(failures: tuple[am.changes.Failure, ...]) -> set[tuple[object, object]]:
    """Return what is to be loaded, by its kind and id."""
    return {(f.facts["kind"], f.facts["id"]) for f in failures if f.code == UNANSWERABLE}


def test_every_kind_of_guard_has_an_answer_among_its_facts() -> None:
    assert ANSWERED_BY.keys() == GUARD_FACTS.keys()
    for kind, facts in ANSWERED_BY.items():
        for required, optional in GUARD_FACTS[kind]:
            assert not facts or (required | optional) & set(facts)
            assert set(IN_THE_DATA.get(kind, ())) <= required
    assert [kind for kind, facts in ANSWERED_BY.items() if not facts] == ["not_after"]


@given(planned_cases(), st.data())
def test_data_in_part_answer_as_the_whole_data_or_not_at_all(case: PlannedCase, data: st.DataObject) -> None:
    change_set = case.change_set
    done = data.draw(st.integers(0, len(edits_of(change_set))), label="edits done")
    whole = crashed(case.snapshot, edits_of(change_set)[:done])
    if data.draw(st.booleans(), label="somebody else writes"):
        write = data.draw(foreign_writes(whole, change_set))
        whole = write.on(whole)
    claimed = data.draw(some_of(touched_owners(whole, change_set)), label="whole for")
    keep = touched_rows(change_set) if data.draw(st.booleans(), label="and all that it touches") else ()
    part = partial(whole, claimed, keep)
    failures = am.check(part, change_set)
    if any(failure.code == UNANSWERABLE for failure in failures):
        event("unanswerable")
        with pytest.raises(am.ApplyRefused):
            am.apply(part, change_set)
        return
    event("failed" if failures else "passed")
    assert failures == am.check(whole, change_set)


def parts_of(whole: am.Completeness) -> list[am.Completeness]:
    """Return claims that leave out each kind of owner by itself, and all of them."""
    return [
        NOBODY,
        am.Completeness((), whole.customers, True),
        am.Completeness(whole.practitioners, (), True),
        am.Completeness(whole.practitioners, whole.customers, False),
        am.Completeness(whole.practitioners, whole.customers[1:], True),
        am.Completeness(whole.practitioners, whole.customers, True),
    ]


@settings(max_examples=25)
@given(planned_cases())
def test_what_stands_against_a_set_is_never_missed_by_data_in_part(case: PlannedCase) -> None:
    """Whatever makes a guard fail, or refers to what is removed, is aimed at each guard, and at each part of the data."""
    change_set, keep = case.change_set, touched_rows(case.change_set)
    writes: list[tuple[str, ForeignWrite]] = [
        (kind, write) for _, kind, write in phantoms(case.snapshot, change_set)
    ]
    writes += [("removal", write) for _, write in ties(case.snapshot, change_set)]
    aimed = {kind: write for kind, write in writes if write.is_possible_on(case.snapshot)}
    for kind, write in aimed.items():
        whole = write.on(case.snapshot)
        failures = am.check(whole, change_set)
        event(f"{kind}: {'seen' if failures else 'not seen'}")
        for claimed in parts_of(touched_owners(case.snapshot, change_set)):
            told = am.check(partial(whole, claimed, keep), change_set)
            assert unanswered(told) or told == failures


def test_a_profile_is_not_removed_by_data_that_may_lack_what_names_it() -> None:
    data = snapshot(appointments=[appointment("A1", slot(60))])
    opened = am.plan_migration(data, request(), at=NOON).change_set.prefix(1)
    inverse = am.invert(opened).confirm(by="Ann Example", at=NOON)
    after = am.apply(data, opened)
    booked = after.changed([appointment("A9", slot(600), profile_id=opened.steps[0].edits[0].id)])
    assert {failure.code for failure in am.check(booked, inverse)} == {"dangling_reference"}
    blind = partial(booked, NOBODY, touched_rows(inverse))
    assert unanswered(am.check(blind, inverse)) == {("practitioner", data.profiles["P1"].practitioner_id)}


def test_what_an_edit_names_is_missing_only_where_the_data_would_hold_it() -> None:
    data = snapshot()
    facts = am.model.Facts(profile_id="P1", survivor_id="C9")
    edit = am.changes.Edit(None, access("X9", customer_id="C9"))
    step = am.changes.Step(1, "grant_access", am.changes.Reason("access_moves", facts), (), (edit,))
    change_set = am.ChangeSet(
        intent="merge", request=am.model.FrozenJson.of({}), rules_digest="", at=NOON, steps=(step,)
    )
    assert [failure.code for failure in applying.check(data, change_set)] == ["dangling_reference"]
    claimed = am.Completeness([data.profiles["P1"].practitioner_id], (), True)
    assert unanswered(applying.check(partial(data, claimed), change_set)) == {("customer", "C9")}


@given(planned_cases(), st.data())
def test_resuming_on_data_in_part_reports_as_on_the_whole_data_or_refuses(
    case: PlannedCase, data: st.DataObject
) -> None:
    change_set = case.change_set
    done = data.draw(st.integers(0, len(edits_of(change_set))), label="edits done")
    whole = crashed(case.snapshot, edits_of(change_set)[:done])
    claimed = data.draw(some_of(touched_owners(whole, change_set)), label="whole for")
    part = partial(whole, claimed)
    if refusal_of(part, change_set):
        event("refused")
        assert refusal_of(part, change_set) == {UNANSWERABLE}
        return
    event("reported")
    assert am.resume(part, change_set) == am.resume(whole, change_set)


def refusal_of(snapshot: am.Snapshot, change_set: am.ChangeSet) -> set[str]:
    """Return why there is no report; empty if there is one."""
    try:
        am.resume(snapshot, change_set)
    except am.ApplyRefused as refused:
        return {failure.code for failure in refused.failures}
    return set()


@given(planned_cases())
def test_data_that_are_whole_for_nobody_answer_no_guard_that_asks(case: PlannedCase) -> None:
    kinds = {guard.kind for step in case.change_set.steps for guard in step.guards}
    part = partial(case.snapshot, NOBODY, touched_rows(case.change_set))
    told = unanswered(am.check(part, case.change_set))
    asked = kinds - {"unchanged", "unnumbered", "not_after"}
    event(f"asked: {bool(asked)}")
    assert bool(told) >= bool(asked)
    assert len(told) == len([f for f in am.check(part, case.change_set) if f.code == UNANSWERABLE])


@given(planned_cases(), st.booleans())
def test_what_is_named_as_lacking_is_enough_once_it_is_loaded(case: PlannedCase, keep: bool) -> None:
    """Follow the advice until nothing is lacking: each time something new is named, and then the answer is whole."""
    whole, change_set = case.snapshot, case.change_set
    loaded: set[Key] = touched_rows(change_set) if keep else set()
    practitioners: set[str] = set()
    customers: set[str] = set()
    addresses = False
    for _ in range(3 * (len(edits_of(change_set)) + 3)):
        claimed = am.Completeness(practitioners, customers, addresses)
        told = unanswered(am.check(partial(whole, claimed, loaded), change_set))
        if not told:
            break
        for kind, id in told:
            if kind == "practitioner":
                assert id not in practitioners
                practitioners.add(str(id))
            elif kind == "customer":
                assert id not in customers
                customers.add(str(id))
            elif kind == "addresses":
                assert (id, addresses) == ("*", False)
                addresses = True
            else:
                key: Any = (kind, id)
                assert key not in loaded
                loaded.add(key)
    assert am.check(partial(whole, claimed, loaded), change_set) == ()


@pytest.mark.parametrize("intent", [intent for intent in INTENTS if intent != "undo"])
@given(st.data(), st.booleans())
def test_a_ready_plan_passes_on_the_partial_data_it_was_made_from_and_its_undoing_on_the_result(
    intent: Intent, data: st.DataObject, addresses: bool
) -> None:
    case = data.draw(planned_cases(intents=(intent,)))
    rows, asked = case.snapshot, case.case
    assert not isinstance(asked, UndoCase)
    empty = attrs.evolve(NOBODY, addresses=addresses)
    blind = am.Snapshot.of_checked(rows.taken_at, empty, tables_of(rows))
    lacking = [
        (f.facts["kind"], f.facts["id"]) for f in asked.plan(blind).findings if f.code == "snapshot_not_whole"
    ]
    event(f"lacking: {sorted(str(kind) for kind, _ in lacking)}")
    claimed = am.Completeness(
        [str(id) for kind, id in lacking if kind == "practitioner"],
        [str(id) for kind, id in lacking if kind == "customer"],
        addresses,
    )
    part = partial(rows, claimed, touched_rows(case.change_set) | named_in(asked))
    plan = asked.plan(part)
    assert plan.is_ready
    sure = plan.confirm(by="Ann Example", at=plan.change_set.at)
    assert am.check(part, sure) == ()
    for n in range(len(sure.steps) + 1):
        stopped = am.apply(part, sure.prefix(n))
        assert am.check(stopped, sure) == ()
        assert am.resume(stopped, sure).count("done") == sum(len(step.edits) for step in sure.steps[:n])
        try:
            inverse = am.invert(sure.prefix(n))
        except am.ApplyRefused:
            continue
        back = inverse.confirm(by="Ann Example", at=plan.change_set.at)
        copies = [edit.before for edit in edits_of(back) if edit.after is None and edit.entity == "record"]
        attached = {("customer", copy.customer_id) for copy in copies if isinstance(copy, am.Record)}
        assert unanswered(am.check(stopped, back)) <= attached  # what hangs on a copy may name no profile


def tables_of(snapshot: am.Snapshot) -> Any:
    return {kind.collection: snapshot.table(kind.collection).sorted() for kind in KINDS}


def named_in(case: Any) -> set[Key]:
    """Return what a request names: it was looked up before anybody asked for a plan."""
    request, snapshot = case.request, case.snapshot
    keys: set[Key] = {("profile", row.id) for row in snapshot.profiles.sorted()}
    if isinstance(request, am.rebooking.RebookingRequest):
        keys |= {("appointment", row.id) for row in snapshot.appointments.where("number", request.number)}
    ids = [getattr(request, name, None) for name in ("customer_id", "survivor")]
    keys |= {("customer", str(id)) for id in (*ids, *getattr(request, "absorbed", ()))}
    return keys | {("access_request", str(getattr(request, "request_id", "")))}


# Addresses


@given(planned_cases(intents=("merge", "migration", "primary_email")))
def test_addresses_are_left_to_the_store_only_where_the_plan_said_so(case: PlannedCase) -> None:
    asks = any(guard.kind == "address_unclaimed" for step in case.change_set.steps for guard in step.guards)
    rows = case.snapshot
    without = attrs.evolve(rows.complete_for, addresses=False)
    blind = am.Snapshot.of_checked(rows.taken_at, without, tables_of(rows))
    assert unanswered(am.check(blind, case.change_set)) == ({("addresses", "*")} if asks else set())
    assert not isinstance(case.case, UndoCase)
    plan = case.case.plan(blind)
    event(f"asks: {asks}")
    if asks:
        assert "addresses_not_whole" in {finding.code for finding in plan.warnings}
    sure = plan.confirm(by="Ann Example", at=plan.change_set.at)
    assert am.check(blind, sure) == ()
    assert am.check(rows, sure) == ()
    claims = [guard for step in sure.steps for guard in step.guards if guard.kind == "address_unclaimed"]
    for guard in claims:  # where the data know of a claim, they are not silent about it
        other = a_claim(guard)
        assert "address_claimed" in {failure.code for failure in am.check(blind.changed([other]), sure)}


def a_claim(guard: am.changes.Guard) -> Any:
    """Return somebody who has an address that a guard says is free."""
    address = str(guard.facts["address"])
    if guard.facts["entity"] == "profile":
        return am.Profile(
            id="other", practitioner_id="other", email=address, login="enabled", schedule="pending"
        )
    return am.Customer(
        id="other",
        record_number="other",
        emails=[am.CustomerEmail(address, "primary")],
        status="active",
    )
