"""Undoing and receipts, where stores have ids of their own, crash in the middle, or go on living meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

import accountmerge as am
from driven_store import DrivenStore
from small_values import (
    NOON,
    access,
    appointment,
    customer,
    migration,
    profile,
    record,
    request,
    slot,
    snapshot,
)

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
                am.changes.WrittenEntity(entity=edit.entity, id=edit.id, store_id=store_ids.get(edit.id))
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
    asked = am.customers.NewAccessRequest(
        profile_id="P2", customer_id="A", expires_at=NOON + timedelta(days=1)
    )
    found = found.changed([profile("P2", practitioner_id="H2")])
    change_set = am.customers.plan_access_request(found, asked, at=NOON).change_set
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


@pytest.mark.parametrize("starts", [(0, 30), (0, 45, 90), (0, 45, 90, 135)])
def test_undoing_lets_pass_what_overlapped_before_also_where_it_was_rebooked(starts: tuple[int, ...]) -> None:
    rows = [appointment(f"A{n}", slot(60 + n), customer_id="C1") for n in starts]
    found = snapshot(appointments=rows, access=[access()])
    change_set = am.plan_migration(found, migration(0).request, at=NOON).change_set
    assert am.apply(am.apply(found, change_set), undone(change_set)) == found


def test_undoing_lets_pass_what_overlapped_the_other_half_of_a_rebooking() -> None:
    waits = profile("P2", email="new@example.com", schedule="pending")
    half = appointment("A7", slot(60), profile_id="P2", customer_id="C1", replaces="A0")
    rows = [appointment("A0", slot(60)), appointment("A1", slot(90)), half]
    found = snapshot(profiles=[profile(), waits], appointments=rows, access=[access()])
    plan = am.plan_migration(found, migration(0).request, at=NOON)
    assert plan.is_ready, plan.blockers
    for n in range(len(plan.change_set.steps) + 1):
        part = plan.change_set.prefix(n)
        for inverse in (undone(part), undone(plan.change_set)):
            assert am.apply(am.apply(found, part), inverse) == found


def test_undoing_lets_pass_who_claimed_the_address_before() -> None:
    ann = am.CustomerEmail("ann@example.com", "primary")
    former = am.CustomerEmail("Ann@example.com", "former")
    for own, other in ((ann, ann), (ann, former)):
        people = [customer("S"), customer("A", emails=[own]), customer("T", emails=[other])]
        found = two(customers=people)
        change_set = merged(found)
        after = am.apply(found, change_set)
        inverse = undone(change_set)
        assert am.apply(after, inverse) == found
        thief = after.changed([customer("U", emails=[former])])
        assert codes(thief, inverse, []) == {"address_claimed"}


@pytest.mark.parametrize("former", [(), ("A", "B")])
@pytest.mark.parametrize("absorbed", ["A", "AB"])
def test_undoing_lets_pass_whom_the_merge_itself_is_about(absorbed: str, former: tuple[str, ...]) -> None:
    """They may sign in with one address; the survivor is edited later than the first step, or never."""
    login = [am.CustomerEmail("ann@example.com", "primary")]
    people = [customer(id, emails=login) for id in absorbed]
    found = snapshot(
        customers=[customer("S", emails=login, former_record_numbers=former), *people],
        access=[access(f"X{id}", customer_id=id) for id in ("S", *absorbed)],
    )
    request = am.MergeRequest(survivor="S", absorbed=list(absorbed), actor="P1")
    change_set = am.plan_merge(found, request, rules=UNDOABLE, at=NOON).confirm(by="Ann Example", at=NOON)
    for n in range(len(change_set.steps) + 1):
        part = change_set.prefix(n)
        for inverse in (undone(part), undone(change_set)):
            assert am.apply(am.apply(found, part), inverse) == found


# What cannot be undone, and who is told


def refusals(change_set: am.ChangeSet) -> list[am.changes.Failure]:
    with pytest.raises(am.ApplyRefused) as refusal:
        am.invert(change_set)
    return list(refusal.value.failures)


def test_what_cannot_be_undone_is_said_before_it_is_applied() -> None:
    never = merged(two(), am.MergeRules())
    last = am.changes.Failure.of("irreversible", steps=("retire_customers",))
    assert refusals(never) == [last]
    kept = am.invert(never.prefix(len(never.steps) - 1))
    assert kept.intent == "undo"
    assert refusals(undone(merged(two()))) == [am.changes.Failure.of("irreversible", steps=("undo_step",))]
    blocked = migration(ticket="").change_set
    assert refusals(blocked) == [am.changes.Failure.of("blocked", codes=("ticket_missing",))]
    numbered = migration(2, numbers={"A1": "APP-901"}).change_set
    step = next(step for step in numbered.steps if any(edit.id == "A1" for edit in step.edits))
    (made,) = (edit for edit in step.edits if edit.op == "create" and edit.entity == "appointment")
    assert refusals(numbered) == [am.changes.Failure.of("booking_numbered", step.ordinal, id=made.id)]
    assert am.invert(numbered.prefix(step.ordinal - 1)).steps


def test_an_undo_is_a_plan_of_what_it_undoes() -> None:
    found = two(
        appointments=[
            appointment("A1", slot(60), customer_id="S"),
            appointment("A2", slot(90), customer_id="S"),
        ]
    )
    change_set = merged(found)
    for part in (change_set, change_set.prefix(2)):
        inverse = am.invert(part)
        count = len(part.wanted_steps)
        assert inverse.intent == "undo"
        assert inverse.request.value == {"plan_id": change_set.plan_id, "through": count}
        assert (inverse.undo, inverse.tolerated) == ("while_unchanged", change_set.tolerated)
        assert (inverse.at, inverse.rules_digest) == (change_set.at, change_set.rules_digest)
        assert inverse.tolerated == ("customer_double_booking:A1:A2",)
        reasons = [(step.ordinal, step.kind, step.reason) for step in inverse.steps]
        assert reasons == [
            (
                place,
                "undo_step",
                am.changes.Reason("undone", am.model.Facts(ordinal=step.ordinal, kind=step.kind)),
            )
            for place, step in enumerate(reversed(part.wanted_steps), start=1)
        ]
        edits = [edit for step in inverse.steps for edit in step.edits]
        planned = [edit for step in part.wanted_steps for edit in step.edits]
        assert edits == [am.changes.Edit(edit.after, edit.before) for edit in reversed(planned)]
        assert am.loads(am.dumps(inverse)) == inverse


def test_an_undo_does_not_ask_for_the_versions_that_the_plan_read() -> None:
    found = two(customers=[customer("S", version=3), customer("A", phones=["1"], version="v")])
    change_set = merged(found)
    after = am.apply(found, change_set)
    counted = after.changed([attrs.evolve(after.customers[id], version=9) for id in ("S", "A")])
    inverse = undone(change_set)
    images = [image for step in inverse.steps for edit in step.edits for image in (edit.before, edit.after)]
    assert {image.version for image in images if image} == {None}
    result = am.apply(counted, inverse)
    assert {row.id: row.version for row in result.customers} == {"S": 9, "A": 9}
    assert result.changed(found.customers) == found


def owed(change_set: am.ChangeSet) -> list[tuple[str, str, str]]:
    return [(each.kind, each.whom, each.when) for each in change_set.obligations]


def test_people_who_were_told_something_are_told_that_it_is_off() -> None:
    migrated = migration(1).change_set
    inverse = am.invert(migrated)
    assert owed(inverse) == [
        ("recall_announcement", "practitioner", "undone"),
        ("tell_old_login", "practitioner", "undone"),
    ]
    first, *_, last = migrated.obligations
    assert [each.facts for each in inverse.obligations] == [first.facts, last.facts]
    login = [am.CustomerEmail("ann@example.com", "primary")]
    known = merged(two(customers=[customer("S"), customer("A", emails=login)]))
    assert owed(am.invert(known)) == [("tell_login_again", "customer", "undone")]
    assert owed(am.invert(merged(two()))) == [("tell_login_again", "customer", "undone")]
    asked = am.customers.NewAccessRequest(
        profile_id="P1", customer_id="C1", expires_at=NOON + timedelta(days=1)
    )
    question = am.customers.plan_access_request(snapshot(), asked, at=NOON).change_set
    assert owed(am.invert(question)) == [("recall_question", "customer", "undone")]


class NumberingStore(DrivenStore):
    """A store that numbers each booking when it is made."""

    made: int = 0

    def carry_out(self, command: Any) -> Any:
        if not isinstance(command, am.changes.Write) or not isinstance(command.edit.after, am.Appointment):
            return super().carry_out(command)
        edit, number = command.edit, command.edit.after.number
        if edit.before is None:
            self.made += 1
            number = f"OURS-{self.made}"
        after: Any = attrs.evolve(command.edit.after, number=number)
        answer = super().carry_out(am.changes.Write(am.changes.Edit(edit.before, after)))
        store_id = None if answer is None else answer.store_id
        return am.changes.WrittenEntity(entity=edit.entity, id=edit.id, store_id=store_id, number=number)


@pytest.mark.parametrize("gives_ids", [False, True])
def test_numbered_bookings_are_not_deleted_by_an_undo_and_its_advice_can_be_followed(
    *, gives_ids: bool
) -> None:
    plan = migration(3)
    store = NumberingStore(numbered(3), gives_ids=gives_ids)
    store.apply(plan.change_set)
    after, noted = store.snapshot, list(store.receipts)
    assert store.made == 3
    with pytest.raises(am.ApplyRefused) as refused:
        store.apply(undone(plan.change_set))
    assert [failure.code for failure in refused.value.failures] == ["booking_numbered"] * 3
    made = {row.id for row in after.appointments if row.replaces is not None}
    assert {failure.facts["id"] for failure in refused.value.failures} == made
    assert (store.snapshot, store.receipts) == (after, noted)
    (new,) = (row.id for row in after.profiles if row.schedule == "active")
    again = request(profile_id=new, new_email="third@example.com", ticket="T-2")
    further = am.plan_migration(after, again, at=NOON)
    store.apply(further.change_set)
    assert am.find_faults(store.snapshot) == ()
    assert sum(row.is_live for row in store.snapshot.appointments) == 3


@pytest.mark.parametrize("gives_ids", [False, True])
def test_an_undo_before_the_first_numbered_booking_gives_the_first_rows_again(*, gives_ids: bool) -> None:
    data, change_set = numbered(3), migration(3).change_set
    first = next(step.ordinal for step in change_set.steps if step.kind == "rebook")
    assert first > 1
    store = NumberingStore(data, gives_ids=gives_ids)
    store.apply(change_set.prefix(first - 1))
    assert store.snapshot != data
    store.apply(undone(change_set.prefix(first - 1)))
    assert store.snapshot == data


def numbered(rows: int) -> am.Snapshot:
    """Return the data of `migration`."""
    booked = [appointment(f"A{n}", slot(60 + 60 * n), number=f"APP-{n}", version=n) for n in range(rows)]
    return snapshot(appointments=booked, access=[access()])
