"""Laws that only merges have; guards have a file of their own."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st
from merging import (
    confirmed,
    items,
    merged,
    unmerged,
)

import accountmerge as am
from accountmerge.testing.reference import crashed, edits_of
from accountmerge.testing.strategies import (
    PIVOT,
    MergeCase,
    Practice,
    merge_cases,
    practices,
    ready,
)
from oracles.conservation import not_conserved

BOLD = am.MergeRules(
    fields=[
        am.merges.FieldRule(field="given_name", policy="absorbed_first"),
        am.merges.FieldRule(field="family_name", policy="longest"),
        am.merges.FieldRule(
            field="birth_date", policy="explicit", value=am.model.FrozenJson.of("1999-12-31")
        ),
        am.merges.FieldRule(
            field="attributes.since", policy="explicit", value=am.model.FrozenJson.of("never")
        ),
    ]
)
"""Rules that would change much, were they followed again."""


@given(ready(merge_cases()), st.data())
def test_repeating_a_finished_merge_lets_later_edits_of_the_survivor_stand(
    case: MergeCase, data: st.DataObject
) -> None:
    result = am.apply(case.snapshot, confirmed(case))
    survivor = result.customers[case.request.survivor]
    edit: dict[str, Any] = data.draw(
        st.sampled_from(
            (
                {"given_name": "Another", "birth_date": None},
                {"phones": ("5", "5")},
                {"attributes": am.model.FrozenJson.of({"since": 3})},
                {"emails": (*survivor.emails, am.CustomerEmail("ANN@example.com", "secondary"))},
            )
        )
    )
    edited = result.changed([attrs.evolve(survivor, **edit)])
    again = attrs.evolve(case, rules=BOLD).plan(edited)
    assert again.is_ready
    assert again.change_set.steps == ()


@given(ready(merge_cases()), st.data())
def test_planning_after_a_crash_in_any_edit_loses_nothing(case: MergeCase, data: st.DataObject) -> None:
    """A set that was lost within a step: planning the same request again loses nothing of what it finds."""
    edits = edits_of(confirmed(case))
    part = crashed(case.snapshot, edits[: data.draw(st.integers(0, len(edits)))])
    rest = case.plan(part)
    if rest.is_ready:
        request = case.request
        result = am.apply(part, rest.confirm(by="Ann Example", at=case.at))
        named = (request.survivor, request.absorbed)
        lost = not_conserved(part, *named, result, rest.ledger, at=case.at, rules=case.rules)
        assert not lost
        people = [case.snapshot.customers[id] for id in (request.survivor, *request.absorbed)]
        logins = {e.address.mailbox for row in people for e in row.emails if e.use == "primary"}
        for email in result.customers[request.survivor].emails:
            was_one = email.use != "secondary" or email.login_of is not None
            assert was_one or email.address.mailbox not in logins
    else:  # bookings that overlap move together: half of them is for a person to accept
        assert {finding.code for finding in rest.blockers} <= {"introduced_double_booking"}


@given(ready(merge_cases()))
def test_nobody_loses_sight_of_anybody_at_any_prefix(case: MergeCase) -> None:
    change_set = confirmed(case)
    people = {case.request.survivor, *case.request.absorbed}
    seeing = {row.profile_id for row in case.snapshot.access if row.customer_id in people}
    for n in range(len(change_set.steps) + 1):
        part = am.apply(case.snapshot, change_set.prefix(n))
        assert {row.profile_id for row in part.access if row.customer_id in people} == seeing


@given(practices())
def test_merging_in_either_direction_keeps_the_same_items(practice: Practice) -> None:
    one, (other, *_) = practice.survivor, unmerged(practice)
    found = []
    for survivor, absorbed in ((one, other), (other, one)):
        result, ledger = merged(practice.snapshot, survivor, [absorbed], practice.actor)
        found.append(items(result, survivor, ledger))
    assert found[0] == found[1]


@given(practices(max_appointments=3, max_records=5), st.randoms(use_true_random=False))
def test_merging_at_once_or_in_any_order_keeps_the_same_items(practice: Practice, chance: Any) -> None:
    survivor = practice.survivor
    others = unmerged(practice)
    result, ledger = merged(practice.snapshot, survivor, others, practice.actor)
    wanted = items(result, survivor, ledger)
    chance.shuffle(others)
    one_by_one = [(survivor, [id]) for id in others]
    in_a_chain = [*itertools.pairwise([survivor, *others])][::-1]
    for merges in (one_by_one, [(into, [id]) for into, id in in_a_chain]):
        now = practice.snapshot
        entries: list[am.changes.LedgerEntry] = []
        for into, ids in merges:
            now, more = merged(now, into, ids, practice.actor)
            entries += more
        assert items(now, survivor, entries) == wanted


@given(practices(max_appointments=0, max_records=0))
def test_any_number_of_merges_into_one_survivor_loses_no_email(practice: Practice) -> None:
    survivor, now = practice.survivor, practice.snapshot
    everybody = [row for row in practice.snapshot.customers.sorted() if row.id != survivor]
    granted = [
        am.Access(id=f"all-{row.id}", profile_id=practice.actor, customer_id=row.id, level="treating")
        for row in everybody
    ]
    now = now.changed(granted)
    logins: set[str] = set()
    for row in everybody:
        if row.merged_into is None:
            now, _ = merged(now, survivor, [row.id], practice.actor)
    for row in practice.snapshot.customers:
        logins.update(email.address.mailbox for email in row.emails if email.use != "secondary")
        assert set(row.mailboxes) <= set(now.customers[survivor].mailboxes)
    for email in now.customers[survivor].emails:
        if email.address.mailbox in logins:
            assert email.use in ("primary", "former") or email.login_of is not None


@given(practices())
def test_what_appears_on_an_absorbed_customer_later_moves_when_the_merge_is_planned_again(
    practice: Practice,
) -> None:
    survivor, absorbed = practice.survivor, practice.absorbed
    result, _ = merged(practice.snapshot, survivor, absorbed, practice.actor)
    late = absorbed[0]
    slot = am.TimeSlot(PIVOT + timedelta(days=9), PIVOT + timedelta(days=9, hours=1))
    booking = am.Appointment(
        id="late",
        profile_id=practice.actor,
        customer_id=late,
        slot=slot,
        time_zone="UTC",
        modality="chat",
        status="booked",
    )
    rows: list[Any] = [
        booking,
        am.Record(id="late", kind="note", customer_id=late),
        am.Record(id="late too", kind="relation", customer_id=survivor, related_customer_id=late),
        am.Access(id="late", profile_id=practice.actor, customer_id=late, level="viewing"),
        attrs.evolve(
            result.customers[late],
            emails=[am.CustomerEmail("late@example.com", "secondary")],
            phones=["late"],
            opt_outs=["late"],
            attributes=am.model.FrozenJson.of({"late": 0}),
        ),
    ]
    again, ledger = merged(result.changed(rows), survivor, absorbed, practice.actor)
    gained = items(again, survivor, ledger) - items(result, survivor)
    assert {("booking", "late"), ("record", "late"), ("record", "late too"), ("phone", "late")} <= gained
    assert {("mailbox", "late@example.com"), ("opt-out", "late")} <= gained
