"""The laws of the change set (design, section 6), for merges; guards have a file of their own."""

from __future__ import annotations

import itertools
import pickle
from collections import Counter
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from merging import (
    accepted,
    confirmed,
    faults_beyond,
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
    busy,
    merge_cases,
    merge_rules,
    practices,
    ready,
)
from closed_words import check_words
from oracles.conservation import not_conserved
from rewritten_data import shuffled

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

# 1. Deterministic


@given(merge_cases(), st.integers(0, 2**16))
def test_equal_input_in_any_order_gives_byte_equal_plans(case: MergeCase, seed: int) -> None:
    plan, again = case.plan(), case.plan(shuffled(case.snapshot, seed))
    assert am.dumps(plan) == am.dumps(again)
    assert plan.plan_id == again.plan_id


@given(ready(merge_cases()))
def test_new_ids_depend_on_neither_address_nor_instant(case: MergeCase) -> None:
    emptied = [attrs.evolve(row, emails=()) for row in case.snapshot.customers]
    created = {edit.id for edit in edits_of(case.plan().change_set) if edit.op == "create"}
    later = attrs.evolve(case, at=case.at + timedelta(seconds=1))
    for variant in (later, attrs.evolve(case, snapshot=case.snapshot.changed(emptied))):
        plan = variant.plan()
        assert {edit.id for edit in edits_of(plan.change_set) if edit.op == "create"} == created


# 2. Pure


@given(practices(), merge_rules())
def test_planning_and_applying_change_nothing(practice: Practice, rules: am.MergeRules) -> None:
    """The data are drawn without planning anything, so that what planning does to them shows."""
    before = am.dumps(practice.snapshot)
    request = am.MergeRequest(survivor=practice.survivor, absorbed=practice.absorbed, actor=practice.actor)
    case = accepted(MergeCase(practice.snapshot, request, rules, PIVOT + timedelta(hours=1)))
    if case.plan().is_ready:
        event("applied")
        am.apply(case.snapshot, confirmed(case))
    assert am.dumps(practice.snapshot) == before


# 3. Goal


@given(merge_cases())
def test_a_ready_plan_can_be_applied_to_the_data_it_was_made_from(case: MergeCase) -> None:
    plan = case.plan()
    event("ready" if plan.is_ready else "blocked")
    assert plan.is_ready == (not plan.blockers)
    assert len({finding.id for finding in plan.findings}) == len(plan.findings)
    if plan.is_ready:
        assert am.check(case.snapshot, confirmed(case)) == ()
        return
    assert plan.change_set.steps == ()
    assert set(plan.change_set.blocked) == {finding.code for finding in plan.blockers}
    with pytest.raises(am.ApplyRefused):
        am.apply(case.snapshot, plan.change_set)
    with pytest.raises(am.ApplyRefused):
        plan.confirm(by="Ann Example", at=case.at)


@given(ready(merge_cases()))
def test_repeating_a_finished_merge_is_an_empty_ready_plan(case: MergeCase) -> None:
    plan = case.plan()
    result = am.apply(case.snapshot, confirmed(case))
    for id in case.request.absorbed:
        assert (result.customers[id].status, result.customers[id].merged_into) == (
            "disabled",
            case.request.survivor,
        )
    again = case.plan(result)
    assert again.is_ready, again.blockers
    assert (again.change_set.steps, again.ledger, again.change_set.obligations) == ((), (), ())
    assert not again.change_set.needs_confirmation
    assert am.apply(result, again.change_set) == result
    assert plan.change_set.steps or result == case.snapshot


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


@given(ready(merge_cases()))
def test_planning_on_the_result_of_a_prefix_gives_what_is_left(case: MergeCase) -> None:
    change_set = confirmed(case)
    whole = am.apply(case.snapshot, change_set)
    for n in range(len(change_set.steps) + 1):
        part = am.apply(case.snapshot, change_set.prefix(n))
        rest = case.plan(part)
        assert rest.is_ready, (n, rest.blockers)
        assert am.apply(part, rest.confirm(by="Ann Example", at=case.at)) == whole
        assert len(rest.change_set.steps) == len(change_set.steps) - n


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


# 4. Prefix-safe


@given(ready(merge_cases()))
def test_no_prefix_adds_a_fault(case: MergeCase) -> None:
    plan, change_set = case.plan(), confirmed(case)
    for n in range(len(change_set.steps) + 1):
        assert not faults_beyond(case, plan, am.apply(case.snapshot, change_set.prefix(n)))


@given(ready(merge_cases()))
def test_between_any_two_edits_everything_has_a_home(case: MergeCase) -> None:
    """Values are gained before they are lost: no crash takes anything with it."""
    plan = case.plan()
    gone = {(entry.entity, entry.id) for entry in plan.ledger}
    listed = [entry.value.value for entry in plan.ledger if entry.field == "phones"]
    rows = {row.id: row for row in case.snapshot.customers}
    wanted = _homes(rows)
    wanted -= {("phone", phone) for phone in listed}
    for edit in edits_of(plan.change_set):
        if isinstance(edit.after, am.Customer):
            rows[edit.id] = edit.after
            assert wanted <= _homes(rows)
        elif edit.after is None:
            assert edit.entity == "access" or (edit.entity, edit.id) in gone


def _homes(customers: dict[str, am.Customer]) -> set[tuple[str, object]]:
    found: set[tuple[str, object]] = set()
    for row in customers.values():
        found |= {("mailbox", email.address.mailbox) for email in row.emails}
        found |= {("phone", phone) for phone in row.phones}
        found |= {("number", number) for number in (row.record_number, *row.former_record_numbers)}
        found |= {("opt-out", entry) for entry in row.opt_outs}
    return found


@given(ready(merge_cases()))
def test_nobody_loses_sight_of_anybody_at_any_prefix(case: MergeCase) -> None:
    change_set = confirmed(case)
    people = {case.request.survivor, *case.request.absorbed}
    seeing = {row.profile_id for row in case.snapshot.access if row.customer_id in people}
    for n in range(len(change_set.steps) + 1):
        part = am.apply(case.snapshot, change_set.prefix(n))
        assert {row.profile_id for row in part.access if row.customer_id in people} == seeing


# 5. Conserving


@given(ready(merge_cases()))
def test_nothing_is_lost_doubled_or_touched_without_need(case: MergeCase) -> None:
    plan = case.plan()
    result = am.apply(case.snapshot, confirmed(case))
    request = case.request
    event(f"ledger: {', '.join(sorted({entry.field for entry in plan.ledger})) or 'empty'}")
    assert not not_conserved(
        case.snapshot,
        request.survivor,
        request.absorbed,
        result,
        plan.ledger,
        at=case.at,
        rules=case.rules,
    )


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


# 6. Idempotent


@given(ready(merge_cases()), st.data())
def test_any_steps_any_number_of_times_are_once(case: MergeCase, data: st.DataObject) -> None:
    change_set = confirmed(case)
    whole = am.apply(case.snapshot, change_set)
    assert am.apply(whole, change_set) == whole
    n = data.draw(st.integers(0, len(change_set.steps)))
    m = data.draw(st.integers(0, n))
    part = am.apply(case.snapshot, change_set.prefix(n))
    assert am.apply(part, change_set.prefix(m)) == part
    assert am.apply(whole, change_set.prefix(n)) == whole
    assert am.apply(part, change_set) == whole


# 7. Resumable


@given(ready(merge_cases()))
def test_a_crash_after_any_edit_is_no_crash(case: MergeCase) -> None:
    change_set = confirmed(case)
    whole = am.apply(case.snapshot, change_set)
    edits = edits_of(change_set)
    for n in range(len(edits) + 1):
        assert am.apply(crashed(case.snapshot, edits[:n]), change_set) == whole


@given(ready(merge_cases()), st.data())
def test_versions_of_the_store_are_carried_over(case: MergeCase, data: st.DataObject) -> None:
    """A store counts its writes; that is no drift, and is not lost."""
    change_set = confirmed(case)
    edits = edits_of(change_set)
    n = data.draw(st.integers(0, len(edits)))
    stamped = []
    for edit in edits[:n]:
        after: Any = edit.after
        stamped.append(am.changes.Edit(edit.before, after and attrs.evolve(after, version="new")))
    part = crashed(case.snapshot, stamped)
    result = am.apply(part, change_set)
    for edit in stamped:
        if isinstance(edit.after, am.Customer):
            assert result.customers[edit.id].version == "new"
    assert am.check(result, change_set) == ()


@given(busy(merge_cases()))
def test_a_store_with_ids_of_its_own_grants_nothing_twice(case: MergeCase) -> None:
    change_set = confirmed(case)
    own = {edit.id: f"store-{edit.id[:6]}" for edit in edits_of(change_set) if edit.op == "create"}
    event("access was created" if own else "no access was created")
    edits = []
    for edit in edits_of(change_set):
        after: Any = edit.after
        edits.append(
            am.changes.Edit(edit.before, attrs.evolve(after, id=own[edit.id]) if edit.id in own else after)
        )
    for n in range(len(edits) + 1):
        part = crashed(case.snapshot, edits[:n])
        result = am.apply(part, change_set)
        pairs = Counter(
            (row.profile_id, row.customer_id)
            for row in result.access
            if row.customer_id == case.request.survivor
        )
        before = Counter((row.profile_id, row.customer_id) for row in case.snapshot.access)
        assert all(count <= max(1, before[pair]) for pair, count in pairs.items())
        assert am.apply(result, change_set) == result


# 10. Prefixes and confirmation


@given(busy(merge_cases()), st.data())
def test_a_prefix_keeps_plan_id_and_confirmation(case: MergeCase, data: st.DataObject) -> None:
    plan, change_set = case.plan(), confirmed(case)
    n = data.draw(st.integers(0, len(change_set.steps)))
    assert change_set.prefix(n).plan_id == plan.plan_id
    assert change_set.prefix(n).confirmation == change_set.confirmation
    part = am.apply(case.snapshot, change_set.prefix(n))
    assert am.apply(part, change_set) == am.apply(case.snapshot, change_set)


@given(busy(merge_cases()))
def test_an_unconfirmed_merge_is_refused(case: MergeCase) -> None:
    change_set = case.plan().change_set
    retires = any(step.kind == "retire_customers" for step in change_set.steps)
    assert change_set.needs_confirmation == retires
    merges_somebody = any(case.snapshot.customers[id].merged_into is None for id in case.request.absorbed)
    assert retires or not merges_somebody
    codes = [failure.code for failure in am.check(case.snapshot, change_set)]
    assert codes == (["unconfirmed"] if retires else [])


@given(busy(merge_cases()))
def test_a_confirmation_fits_one_plan(case: MergeCase) -> None:
    other = attrs.evolve(case, at=case.at + timedelta(seconds=1)).plan()
    assert other.plan_id != case.plan().plan_id
    borrowed = attrs.evolve(other.change_set, confirmation=confirmed(case).confirmation)
    codes = {failure.code for failure in am.check(case.snapshot, borrowed)}
    assert "confirmation_mismatch" in codes


# 12. Round trip


@given(merge_cases())
def test_loading_what_was_dumped_gives_the_same_value(case: MergeCase) -> None:
    plan = case.plan()
    check_words(plan)
    values: list[Any] = [case.snapshot, case.request, case.rules, plan, plan.change_set]
    if plan.is_ready:
        values += [confirmed(case), confirmed(case).prefix(0)]
    for value in values:
        text = am.dumps(value)
        loaded = am.loads(text)
        assert loaded == value
        assert hash(loaded) == hash(value)
        assert am.dumps(loaded) == text
        assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301 - our own bytes


# 13. Faithful preview


@given(merge_cases())
def test_the_summary_counts_what_the_steps_are(case: MergeCase) -> None:
    plan = case.plan()
    for language in ("en", "fr"):
        counts = [int(line.rpartition(":")[2]) for line in plan.summary(language).splitlines()[1:-1]]
        assert sum(counts) == len(plan.change_set.steps)
