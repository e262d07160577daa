"""Laws 8 and 9 for merges: a set refuses whole, and its guards see what appears meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st
from merging import FREE, accepted, confirmed, with_rows

import accountmerge as am
from accountmerge.testing.reference import edits_of, row_of
from accountmerge.testing.strategies import PIVOT, MergeCase, busy, merge_cases
from closed_words import check_failures

FAR = am.TimeSlot(PIVOT + timedelta(days=99), PIVOT + timedelta(days=99, hours=1))
LONG_AGO = datetime(1999, 1, 1, tzinfo=UTC)


def codes(snapshot: am.Snapshot, change_set: am.ChangeSet) -> set[str]:
    """Return why a set is refused, and see that it is refused whole."""
    failures = am.check(snapshot, change_set)
    check_failures(failures)
    if failures:
        with pytest.raises(am.ApplyRefused) as refusal:
            am.apply(snapshot, change_set)
        assert refusal.value.failures == failures
    else:
        am.apply(snapshot, change_set)
    return {failure.code for failure in failures}


def prefixes(data: st.DataObject, case: MergeCase) -> am.Snapshot:
    """Return the data after some of the steps, but not all."""
    change_set = confirmed(case)
    n = data.draw(st.integers(0, len(change_set.steps) - 1))
    return am.apply(case.snapshot, change_set.prefix(n))


# 8. Refuses whole


def _written_by_somebody(row: Any) -> Any:
    changes: dict[type, dict[str, Any]] = {
        am.Customer: {"phones": (*getattr(row, "phones", ()), "written meanwhile")},
        am.Appointment: {"time_zone": "Pacific/Auckland"},
        am.Record: {"data": am.model.FrozenJson.of("written meanwhile")},
        am.Access: {"since": LONG_AGO},
        am.AccessRequest: {"reason": "written meanwhile"},
    }
    return attrs.evolve(row, **changes[type(row)])


@given(busy(merge_cases()), st.data())
def test_what_somebody_else_removes_meanwhile_is_seen(case: MergeCase, data: st.DataObject) -> None:
    change_set = confirmed(case)
    part = prefixes(data, case)
    rows = [row_of(part, edit) for edit in edits_of(change_set) if edit.after is None]
    loose = [row for row in rows if row is not None and not part.records.where("attached_to", row.id)]
    assume(loose)
    row = data.draw(st.sampled_from(loose))
    entity: Any = "access" if isinstance(row, am.Access) else "record"
    meanwhile = part.changed(drop={entity: [row.id]})
    left = [edit for edit in edits_of(change_set) if row_of(part, edit) != edit.after]
    if left[0].id == row.id:
        event("it was next in turn")
    else:
        assert codes(meanwhile, change_set) & {"drifted", "gone"}


@given(busy(merge_cases()), st.data())
def test_a_customer_that_was_only_read_is_compared_while_anything_is_left(
    case: MergeCase, data: st.DataObject
) -> None:
    part = prefixes(data, case)
    id = data.draw(st.sampled_from([case.request.survivor, *case.request.absorbed]))
    foreign = part.changed([_written_by_somebody(part.customers[id])])
    assert codes(foreign, confirmed(case)) & {"drifted", "read_changed", "version_changed"} or (
        part.customers[id].version is not None
    )


# 9. Guards see phantoms


def _phantoms(absorbed: str, survivor: str, actor: str, id: str) -> dict[str, Any]:
    """Return what may appear on an absorbed customer between planning and applying."""
    asked: dict[str, Any] = {"requested_at": PIVOT, "expires_at": PIVOT + timedelta(days=9)}
    booking: dict[str, Any] = {"time_zone": "UTC", "modality": "chat"}
    return {
        "note": am.Record(id=id, kind="note", customer_id=absorbed),
        "undeclared": am.Record(id=id, kind="quite new", customer_id=absorbed),
        "relation": am.Record(id=id, kind="relation", customer_id=survivor, related_customer_id=absorbed),
        "booking": am.Appointment(
            id=id, profile_id=actor, customer_id=absorbed, slot=FAR, status="booked", **booking
        ),
        "past booking": am.Appointment(
            id=id, profile_id=actor, customer_id=absorbed, slot=FAR, status="missed", **booking
        ),
        "access": am.Access(id=id, profile_id=actor, customer_id=absorbed, level="viewing"),
        "request": am.AccessRequest(id=id, profile_id=actor, customer_id=absorbed, status="pending", **asked),
        "merged": am.Customer(id=id, record_number="0", emails=(), status="disabled", merged_into=absorbed),
    }


@given(busy(merge_cases()), st.data())
def test_what_appears_on_an_absorbed_customer_meanwhile_is_refused_and_never_left(
    case: MergeCase, data: st.DataObject
) -> None:
    change_set, part = confirmed(case), prefixes(data, case)
    absorbed = data.draw(st.sampled_from(case.request.absorbed))
    # Ids that another table has already: a guard that lets one of them pass must not let this one pass.
    ids = sorted({id for step in change_set.steps for guard in step.guards for id in guard.except_ids})
    id = data.draw(st.sampled_from(["phantom", *ids]))
    kinds = _phantoms(absorbed, case.request.survivor, str(case.request.actor), id)
    what = data.draw(st.sampled_from(sorted(kinds)))
    assume(row_of(part, am.changes.Edit(None, kinds[what])) is None)
    assert row_of(case.snapshot, am.changes.Edit(None, kinds[what])) is None or id != "phantom"
    event(what)
    meanwhile = part.changed([kinds[what]])
    assert codes(meanwhile, change_set) & {"reference_left", "drifted"}
    again = case.plan(meanwhile)
    if again.is_ready:
        result = am.apply(meanwhile, again.confirm(by="Ann Example", at=case.at))
        assert again.change_set.steps
        assert case.plan(result).change_set.steps == ()
    else:
        assert what == "undeclared"


@given(busy(merge_cases()), st.data())
def test_a_request_that_was_decided_is_history_and_in_nobodys_way(
    case: MergeCase, data: st.DataObject
) -> None:
    absorbed = data.draw(st.sampled_from(case.request.absorbed))
    decided = am.AccessRequest(
        id="decided",
        profile_id=str(case.request.actor),
        customer_id=absorbed,
        requested_at=PIVOT,
        expires_at=PIVOT,
        status="denied",
    )
    assert codes(case.snapshot.changed([decided]), confirmed(case)) == set()


def _with_a_booking(case: MergeCase) -> tuple[MergeCase, am.Appointment]:
    booking = am.Appointment(
        id="moves",
        profile_id=str(case.request.actor),
        customer_id=case.request.absorbed[0],
        slot=FAR,
        time_zone="UTC",
        modality="chat",
        status="booked",
    )
    return with_rows(case, booking), booking


@given(busy(merge_cases()))
def test_a_booking_that_gets_in_the_way_meanwhile_is_seen(case: MergeCase) -> None:
    case, booking = _with_a_booking(case)
    other = attrs.evolve(
        booking, id="phantom", profile_id=str(case.request.actor), customer_id=case.request.survivor
    )
    change_set = confirmed(case)
    assert codes(case.snapshot.changed([other]), change_set) == {"customer_busy"}
    cancelled = attrs.evolve(other, status="cancelled")
    assert codes(case.snapshot.changed([cancelled]), change_set) == set()
    done = am.apply(case.snapshot, change_set)
    assert codes(done.changed([other]), change_set) == set()  # done steps have no guards any more
    known = accepted(attrs.evolve(case, snapshot=case.snapshot.changed([other])))
    was_merged = case.snapshot.customers[booking.customer_id].merged_into is not None  # one person already
    code = "customer_double_booking" if was_merged else "introduced_double_booking"
    assert code in {found.code for found in known.plan().warnings}
    assert codes(known.snapshot, confirmed(known)) == set()


@given(busy(merge_cases()), st.data())
def test_an_actor_that_may_no_longer_treat_them_is_refused_while_anything_is_left(
    case: MergeCase, data: st.DataObject
) -> None:
    case = attrs.evolve(case, rules=attrs.evolve(case.rules, actor="treating"))
    change_set, part, actor = confirmed(case), prefixes(data, case), str(case.request.actor)
    of = [case.request.survivor]
    of += [id for id in case.request.absorbed if case.snapshot.customers[id].merged_into is None]
    customer = data.draw(st.sampled_from(of))
    rows = [row for row in part.access if (row.profile_id, row.customer_id) == (actor, customer)]
    how = data.draw(st.sampled_from(["withdrawn", "weaker", "signed out"]))
    event(how)
    if how == "withdrawn":
        meanwhile = part.changed(drop={"access": [row.id for row in rows]})
    elif how == "weaker":
        meanwhile = part.changed([attrs.evolve(row, level="viewing") for row in rows])
    else:
        meanwhile = part.changed([attrs.evolve(part.profiles[actor], login="disabled")])
    # A row that the merge itself raises or removes has drifted or is gone, which is seen first.
    touched = {edit.id for edit in edits_of(change_set) if edit.entity == "access"}
    drifts = how != "signed out" and any(row.id in touched for row in rows)
    assert codes(meanwhile, change_set) & ({"access_lost", "drifted", "gone"} if drifts else {"access_lost"})
    assert not case.plan(meanwhile).is_ready


def _with_twins(case: MergeCase) -> tuple[MergeCase, str]:
    """Return a case with one relation that both have to somebody else, and the id of the one that is kept."""
    merged = {case.request.survivor, *case.request.absorbed}
    stranger = next(row.id for row in case.snapshot.customers.sorted() if row.id not in merged)
    data = am.model.FrozenJson.of("a relation of its own")
    twins = [
        am.Record(id=f"twin-{n}", kind="relation", customer_id=id, related_customer_id=stranger, data=data)
        for n, id in enumerate((case.request.survivor, case.request.absorbed[0]))
    ]
    return with_rows(case, *twins), "twin-0"


@given(busy(merge_cases()), st.booleans())
def test_a_kept_double_that_is_removed_or_rewritten_meanwhile_is_seen(
    case: MergeCase, versioned: bool
) -> None:
    case, kept = _with_twins(case)
    if versioned:
        case = with_rows(case, attrs.evolve(case.snapshot.records[kept], version=3))
    change_set = confirmed(case)
    wanted = {"version_changed"} if versioned else {"read_changed"}
    assert wanted <= codes(case.snapshot.changed(drop={"record": [kept]}), change_set)
    row = attrs.evolve(case.snapshot.records[kept], data=None, version=4 if versioned else None)
    assert wanted <= codes(case.snapshot.changed([row]), change_set)


def _like(row: am.Record, survivor: str) -> am.Record:
    """Return what somebody writes of a survivor that says the same as a record that goes there."""
    if row.kind == "relation":
        return attrs.evolve(row, id="phantom", customer_id=survivor, version=None)
    return attrs.evolve(
        row,
        id="phantom",
        customer_id=survivor,
        data=am.model.FrozenJson.of("anew"),
        version=None,
        created_at=None,
    )


def like_what_goes(snapshot: am.Snapshot, change_set: am.ChangeSet) -> list[object]:
    """Return what is told to say the same as the record `goes`; other records that go may meet it too."""
    failures = [found for found in am.check(snapshot, change_set) if found.code == "like_record"]
    return [found.facts["ids"] for found in failures if found.facts["id"] == "goes"]


@given(busy(merge_cases()), st.sampled_from(["relation", "insurance_card"]), st.data())
def test_what_says_the_same_and_appears_on_the_survivor_meanwhile_is_seen(
    case: MergeCase, kind: str, data: st.DataObject
) -> None:
    survivor, first = case.request.survivor, case.request.absorbed[0]
    merged = {survivor, *case.request.absorbed}
    stranger = next(row.id for row in case.snapshot.customers.sorted() if row.id not in merged)
    related = stranger if kind == "relation" else None
    goes = am.Record(
        id="goes", kind=kind, customer_id=first, related_customer_id=related, unique_key="a key of its own"
    )
    case = attrs.evolve(with_rows(case, goes), rules=FREE)
    assume(case.plan().is_ready)
    change_set, part = confirmed(case), prefixes(data, case)
    phantom = _like(goes, survivor)
    meanwhile = part.changed([phantom])
    if part.records["goes"].customer_id == survivor:
        event("it is there already, and nobody's way is barred")
        assert codes(meanwhile, change_set) == set()
        return
    assert like_what_goes(meanwhile, change_set) == [("phantom",)]
    for other in ({"unique_key": "another"}, {"unique_key": None}, {"kind": "note"}):
        assert like_what_goes(part.changed([attrs.evolve(phantom, **other)]), change_set) == []
    known = accepted(attrs.evolve(case, snapshot=meanwhile))
    result = am.apply(meanwhile, confirmed(known))
    assert "goes" not in result.records
    assert {entry.id for entry in known.plan().ledger if entry.field == "record"} >= {"goes"}


@given(busy(merge_cases()), st.data())
def test_a_survivor_that_is_merged_elsewhere_meanwhile_is_seen(case: MergeCase, data: st.DataObject) -> None:
    part = prefixes(data, case)
    stranger = am.Customer(id="elsewhere", record_number="0", emails=(), status="active")
    survivor = attrs.evolve(
        part.customers[case.request.survivor], status="disabled", merged_into="elsewhere", version="later"
    )
    meanwhile = part.changed([stranger, survivor])
    assert codes(meanwhile, confirmed(case)) & {"drifted", "read_changed", "version_changed"}
    assert "already_absorbed" in {finding.code for finding in case.plan(meanwhile).blockers}


@given(busy(merge_cases()))
def test_a_pending_request_that_is_approved_meanwhile_is_not_withdrawn(case: MergeCase) -> None:
    asked = am.AccessRequest(
        id="asked",
        profile_id=str(case.request.actor),
        customer_id=case.request.absorbed[0],
        requested_at=PIVOT,
        expires_at=PIVOT + timedelta(days=1),
        status="pending",
    )
    case = with_rows(case, asked)
    approved = attrs.evolve(asked, status="approved", decided_by="Ann Example", decided_at=PIVOT)
    assert "drifted" in codes(case.snapshot.changed([approved]), confirmed(case))
