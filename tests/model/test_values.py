"""Every value: frozen, hashable, picklable, and silent about persons."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given

import accountmerge as am
from accountmerge import _ROOMS
from accountmerge.model.instants import utc
from accountmerge.model.tables import Table
from accountmerge.testing.strategies import snapshots, weekly_hours
from small_values import (
    NOON,
    access,
    access_request,
    appointment,
    customer,
    migration,
    profile,
    record,
    request,
    slot,
    snapshot,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

CANARY = "canary"
BORN = date(1901, 2, 3)


def values() -> Iterator[object]:
    """Yield one of every public value, with a canary in every field that may be personal."""
    address, content = f"{CANARY}@example.com", am.model.FrozenJson.of({CANARY: CANARY})
    email = am.CustomerEmail(address, "primary", "C2")
    person = customer(
        "C1",
        record_number=CANARY,
        former_record_numbers=[CANARY],
        given_name=CANARY,
        family_name=CANARY,
        emails=[email],
        phones=[CANARY],
        birth_date=BORN,
        address=CANARY,
        opt_outs=[CANARY],
        attributes=content,
    )
    hours = am.WeeklyHours(
        "UTC", days=(("monday", (am.DailyHours(time(9), time(17)),)),), closed=[date(2026, 1, 1)]
    )
    login = profile(email=address, hours=hours, unavailable=[slot(900)], data=content)
    booked = appointment(cancel_reason=CANARY, data=content, made_by=CANARY)
    note = record(unique_key=CANARY, data=content, created_at=NOON)
    asked = access_request(reason=CANARY, decided_by=CANARY, decided_at=NOON)
    seen = access(since=NOON, made_by=CANARY)
    whole = snapshot(
        profiles=[login],
        customers=[person, customer("C2")],
        appointments=[booked],
        records=[note],
        access=[seen],
        access_requests=[asked],
    )
    yield from (am.model.EmailAddress(address), email, content, hours, *dict(hours.days)["monday"], slot(0))
    yield from (person, login, booked, note, asked, seen, whole, whole.complete_for, whole.customers)
    acceptance = am.Acceptance(finding="email_in_use:P1", by=CANARY, why=CANARY)
    agreement = am.Agreement(by=CANARY, at=NOON, version="1")
    asked_for = request(
        new_email=f"new.{address}",
        ticket=CANARY,
        agreement=agreement,
        numbers={"A1": "APP-1"},
        accept=[acceptance],
    )
    yield from (acceptance, agreement, asked_for, am.MigrationRules(), am.customers.CustomerRules())
    plan = am.plan_migration(whole, asked_for, at=NOON)
    yield from (plan, *plan.findings, plan.change_set, plan.change_set.confirm(by=CANARY, at=NOON))
    yield am.changes.Confirmation(by=CANARY, at=NOON, plan_id="1")
    yield from merge_values(plan.change_set)
    yield from contract_values(whole, plan)
    yield from answers(whole)
    yield from journey_values(whole, plan)
    yield from views(whole, plan)
    yield from of_stores(whole, plan)
    for step in plan.change_set.steps:
        yield from (step, step.reason, *step.guards, *step.edits, *(guard.facts for guard in step.guards))
    yield from plan.change_set.obligations
    yield am.changes.LedgerEntry(
        entity="customer", id="C1", field="phones", value=content, from_id="C2", rule="kept"
    )
    yield from am.find_double_bookings(snapshot(appointments=[appointment("A1"), appointment("A2")]))
    accept = [acceptance]
    yield am.customers.NewAccessRequest(profile_id="P1", customer_id="C1", expires_at=NOON, accept=accept)
    decision = {"request_id": "Q1", "decision": CANARY, "role": CANARY, "by": CANARY, "reason": CANARY}
    yield am.customers.AccessDecision(**decision, accept=accept)
    yield am.customers.PrimaryEmailChange(
        customer_id="C1", action=CANARY, address=address, by=CANARY, reason=CANARY
    )
    edit = am.customers.CustomerEdit(customer_id="C1", changes={"given_name": f"{CANARY}s"}, accept=accept)
    small = am.customers.plan_customer_edit(whole, edit, at=NOON)
    yield from (edit, small, *small.findings, *small.ledger, *small.change_set.steps[0].edits)
    yield from rebooking_values(whole)
    yield from (am.model.Facts(address=address, ids=("P1",)), am.changes.Failure.of("unconfirmed"))


def rebooking_values(whole: am.Snapshot) -> Iterator[object]:
    """Yield what a rebooking is asked with and what is read of a message, and a plan of one."""
    asked = am.rebooking.RebookingRequest(
        number="APP-1",
        initials=CANARY,
        start=NOON,
        time_zone="UTC",
        modality="chat",
        old_email=f"{CANARY}@example.com",
        new_email=f"new.{CANARY}@example.com",
        accept=[am.Acceptance(finding="outside_hours:P2", by=CANARY, why=CANARY)],
    )
    reading = am.rebooking.read_rebooking_message(f"Initials: {CANARY}")
    plan = am.rebooking.plan_rebooking(whole, asked, at=NOON)
    yield from (
        asked,
        am.rebooking.RebookingReading(asked),
        reading,
        *reading.questions,
        plan,
        *plan.findings,
    )


def merge_values(change_set: am.ChangeSet) -> Iterator[object]:
    """Yield what merges are asked with, and a plan of one."""
    acceptance = am.Acceptance(finding="introduced_double_booking:A1:A2", by=CANARY, why=CANARY)
    asked = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1", accept=[acceptance])
    explicit = am.merges.FieldRule(
        field="given_name", policy="explicit", value=am.model.FrozenJson.of(CANARY)
    )
    record_kind = am.merges.RecordKind(kind="form", one_per_customer=True)
    rules = am.MergeRules(fields=[explicit], record_kinds=[record_kind])
    chosen = am.merges.Authority(person=CANARY, role="head", ticket="T-1", why=CANARY)
    yield from (
        asked,
        explicit,
        record_kind,
        rules,
        chosen,
        am.migrations.ProfileRecords(kind="price", becomes="copied"),
    )
    yield am.MergePlan(asked, rules, (), attrs.evolve(change_set, intent="merge"))


def contract_values(whole: am.Snapshot, plan: am.MigrationPlan) -> Iterator[object]:
    """Yield what is told about a plan that is stored, applied in part, undone or made again."""
    written = am.changes.WrittenEntity(
        entity="appointment", id="A1", store_id="B1", number="APP-1", version=2
    )
    receipt = am.Receipt(
        step_id=f"{plan.plan_id}/1", outcome="applied", written=[written], at=NOON, by=CANARY
    )
    report = am.resume(whole, plan.change_set, [receipt])
    again = am.rebase(whole, plan)
    yield from (
        written,
        receipt,
        report,
        report.edits[0],
        again,
        again.steps[0],
        am.invert(plan.change_set.prefix(1)),
    )
    explanation = plan.explain("P1")
    yield from (explanation, explanation.causes[0])


def journey_values(whole: am.Snapshot, plan: am.MigrationPlan) -> Iterator[object]:
    """Yield what is told of a migration on its way."""
    done = am.migrations.progress(whole, plan)
    wording = am.migrations.Wording(
        customer_label=CANARY, contacts={"support_team": CANARY}, texts={"manual_list_body": CANARY}
    )
    yield from (wording, *am.migrations.notices(plan, wording))
    yield from (plan.timeline, *plan.timeline.phases, *plan.tasks)
    yield from (
        done,
        *done.gates.values(),
        am.migrations.BookingProgress(appointment_id="A1", state="left", reason="missed"),
    )


def answers(whole: am.Snapshot) -> Iterator[object]:
    """Yield what is answered about the people of a snapshot."""
    suggestion = am.merges.suggest_survivor(whole, ["C1", "C2", "C3"])
    yield from (suggestion, *suggestion.ranking, *suggestion.passed_over)
    actors = am.merges.suggest_actor(whole, ["C1", "C2", "C3"])
    yield from (actors, *actors.ranking)
    twin = customer("C2", emails=[am.CustomerEmail(f"{CANARY}.twin@example.com", "primary")])
    yield from am.find_primary_email_conflicts(whole.changed([twin]), ["C1", "C2"])
    yield from (
        am.customers.diagnose_login(whole, f"{CANARY}@example.com", asked_by="P1"),
        am.customers.LoginDiagnosis("unknown"),
    )
    yield from am.customers.find_customers(whole, CANARY)
    yield from (am.migrations.estimate_blackout(whole, id, start=NOON) for id in ("P1", "P2"))
    yield from am.migrations.propose_windows(whole, "P1")
    requests = [am.MergeRequest(survivor=id, absorbed=["C1"], actor="P1") for id in ("C2", "C3")]
    moves = [request(), request(ticket="T-2"), request(profile_id="P9")]
    cohort = am.migrations.plan_migrations(whole, moves, at=NOON)
    yield from (
        cohort,
        *cohort.members,
        *am.changes.dependence(*[am.plan_migration(whole, moves[0], at=NOON)] * 2),
    )
    batch = am.merges.plan_merges(whole, requests, at=NOON)
    yield from (batch, *batch.groups, *am.merges.plan_merges(whole, requests[:1], at=NOON).groups)


def views(whole: am.Snapshot, plan: am.MigrationPlan) -> Iterator[object]:
    """Yield what is seen of a migration at an instant."""
    seen = am.views.visibility_at(whole, plan, at=NOON)
    assert seen.old is not None
    yield from (seen, seen.logins, seen.old, *seen.old.histories, *seen.old.routes)
    yield am.views.BookabilityOverlap(at=NOON, steps_done=1, profile_ids=("P1",), in_blackout=True)


def of_stores(whole: am.Snapshot, plan: am.MigrationPlan) -> Iterator[object]:
    """Yield what an applier asks of a store, and what it answers; a mailbox in a question is personal."""
    changes, change_set = am.changes, plan.change_set
    asked = changes.Equality(entity="customer", attribute="reserved_mailboxes", values=(CANARY,))
    live = changes.LiveBookings(field="profile_id", id="P1", start=utc(NOON), end=None)
    questions = changes.Questions(ids=(("profile", ("P1",)),), equalities=(asked,), bookings=(live,))
    excerpt = changes.Excerpt(
        NOON, [row for table in (whole.profiles, whole.customers) for row in table], questions
    )
    receipt = am.Receipt(step_id=f"{change_set.plan_id}/1", outcome="applied", at=NOON, by=CANARY)
    yield from (asked, live, questions, excerpt, changes.Begin(1), changes.Lock((("profile", "P1"),)))
    yield from (changes.ReadReceipts(("a",), None), changes.Fetch(questions), changes.Note(receipt))
    yield from (changes.Write(change_set.steps[0].edits[0]), changes.Commit(), changes.Rollback())
    yield from (changes.Point("before 1"), changes.Wait(0.5))
    yield from (changes.Applied(steps=((1, "applied"),), receipts=(receipt,)), *changes.moved(plan))
    yield from (each for step in change_set.steps for each in changes.due(change_set, step.ordinal))
    yield am.Limits(most_phones=2)
    yield changes.check_step(whole, changes.compiled(plan), 1)


ALL = list(values())


def name(value: object) -> str:
    return type(value).__name__


def public_classes() -> set[type]:
    doors = (am, *(getattr(am, room) for room in _ROOMS))
    found = {getattr(door, name) for door in doors for name in door.__all__}
    return {cls for cls in found if isinstance(cls, type) and not issubclass(cls, am.AccountMergeError)}


def test_no_value_of_the_front_door_is_forgotten() -> None:
    workers = {
        am.changes.Applier,
        am.changes.Compiled,
        am.plans.Plan,
        am.reports.Cell,
    }  # they are no values, or a base of values
    assert {type(value) for value in ALL} >= public_classes() - workers
    assert Table in {type(value) for value in ALL}


@pytest.mark.parametrize("value", ALL, ids=name)
def test_a_value_is_frozen(value: Any) -> None:
    fields = attrs.fields(type(value)) if attrs.has(type(value)) else ()
    for field in [*(field.name for field in fields), "anything"]:
        with pytest.raises(AttributeError):  # attrs.FrozenInstanceError is one
            setattr(value, field, None)
        with pytest.raises(AttributeError):
            delattr(value, field)


@pytest.mark.parametrize("value", ALL, ids=name)
def test_a_value_is_hashable_and_copies_are_equal(value: Any) -> None:
    protocols = range(2, pickle.HIGHEST_PROTOCOL + 1)
    pickled = (pickle.loads(pickle.dumps(value, protocol)) for protocol in protocols)  # noqa: S301
    for twin in (copy.copy(value), copy.deepcopy(value), *pickled):
        assert type(twin) is type(value)
        assert twin == value
        assert hash(twin) == hash(value)
        assert repr(twin) == repr(value)
    assert value != object()


@pytest.mark.parametrize("value", ALL, ids=name)
def test_a_value_is_silent_about_persons(value: object) -> None:
    for text in (repr(value), str(value), f"{value}"):
        assert CANARY not in text
        assert BORN.isoformat() not in text
        assert repr(BORN) not in text


@pytest.mark.parametrize("value", ALL, ids=name)
def test_a_value_holds_nothing_that_can_be_changed(value: Any) -> None:
    if attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            assert not isinstance(getattr(value, field.name), list | dict | set), field.name


@given(snapshots())
def test_snapshots_are_copied_with_all_their_instants(drawn: am.Snapshot) -> None:
    for twin in (pickle.loads(pickle.dumps(drawn)), copy.deepcopy(drawn)):  # noqa: S301
        assert twin == drawn
        assert am.dumps(twin) == am.dumps(drawn)


@given(weekly_hours())
def test_weekly_hours_are_copied(drawn: am.WeeklyHours) -> None:
    assert pickle.loads(pickle.dumps(drawn)) == copy.deepcopy(drawn) == drawn  # noqa: S301


def test_sets_are_kept_sorted_and_phones_in_their_order() -> None:
    emails = [am.CustomerEmail(f"{letter}@example.com", "secondary") for letter in "cab"]
    person = customer(
        emails=[*emails, emails[0]],
        opt_outs=["b", "a", "b"],
        former_record_numbers=["2", "1", "2"],
        phones=["2", "1", "2"],
    )
    assert [email.address.text[0] for email in person.emails] == ["a", "b", "c"]
    assert (person.opt_outs, person.former_record_numbers) == (("a", "b"), ("1", "2"))
    assert person.phones == ("2", "1", "2")
    assert person.mailboxes == ("a@example.com", "b@example.com", "c@example.com")
    assert profile(unavailable=[slot(9), slot(3), slot(9)]).unavailable == (slot(3), slot(9))


def test_instants_of_entities_are_kept_in_utc() -> None:
    local = datetime(
        2025,
        11,
        2,
        1,
        30,
        tzinfo=am.model.resolve_wall_time(datetime.fromisoformat("2026-01-01"), "UTC").tzinfo,
    )
    asked = access_request(requested_at=local, expires_at=NOON, decided_at=NOON)
    for moment in (asked.requested_at, asked.expires_at, asked.decided_at, access(since=NOON).since):
        assert moment is not None
        assert moment.tzinfo is not None
        assert moment.utcoffset() == NOON.astimezone(UTC).utcoffset()
    for build in (
        lambda at: access(since=at),
        lambda at: access_request(expires_at=at),
        lambda at: record(created_at=at),
    ):
        with pytest.raises(am.InvalidValueError):
            build(NOON.replace(tzinfo=None))


def test_a_plan_and_its_parts_say_what_they_are() -> None:
    plan = migration()
    assert "ready" in repr(plan)
    assert plan.plan_id in repr(plan.change_set)
    assert next(repr(edit) for edit in plan.change_set.steps[0].edits).startswith("Edit(create profile")
