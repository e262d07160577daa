"""Law 14: no personal value in a repr, an error, a log record, a redacted view, a text or an explanation."""

from __future__ import annotations

import contextlib
import json
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.changes.failures import FAILURE_FACTS
from accountmerge.findings.faults import find_faults
from accountmerge.kinds import kind_of_request
from accountmerge.messages import LANGUAGES
from accountmerge.migrations.rules import ROLES
from accountmerge.model.entities import KINDS
from accountmerge.model.json_text import canonical
from accountmerge.reports.contract_text import explanation_text
from accountmerge.reports.finding_lines import findings_text
from accountmerge.reports.migration_text import status_text, timeline_text
from accountmerge.reports.plan_lines import plan_text
from accountmerge.testing.strategies import (
    CustomerCase,
    MergeCase,
    MigrationCase,
    RebookingCase,
    busy,
    customer_cases,
    merge_cases,
    migration_cases,
    rebooking_cases,
    snapshots,
)
from canaries import (
    CANARY,
    AnyPlan,
    Aviary,
    confirmed,
    merge_of_canaries,
    migration_of_canaries,
    ours,
    rebooking_of_canaries,
    shown_in,
    small_plan_of_canaries,
)
from measuring import try_law
from small_values import NOON, access, appointment, customer, profile, record, slot
from strategies import meanwhile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Case = MigrationCase | MergeCase | CustomerCase | RebookingCase

KEY = b"sixteen bytes or more"

CASES: dict[str, st.SearchStrategy[Case]] = {
    "migration": migration_cases(max_appointments=5).map(migration_of_canaries),
    "merge": merge_cases(max_appointments=4, max_records=5).map(merge_of_canaries),
    "small plan": customer_cases().map(small_plan_of_canaries),
    "rebooking": rebooking_cases().map(rebooking_of_canaries),
}
cases = st.one_of(*CASES.values())


@pytest.fixture(autouse=True)
def _nothing_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.NOTSET):
        yield
    assert caplog.get_records("call") == []


def silent(value: object) -> None:
    """Show that no part of a value shows a personal value of itself."""
    for part in ours(value):
        assert not shown_in(f"{part!r} {part}"), type(part)


def told(things: Iterable[Any]) -> None:
    """Show that nothing that a failure, a finding or an error says is personal."""
    for thing in things:
        for language in LANGUAGES:
            said = [thing.describe(language)]
            said += [getattr(thing, name)(language) for name in ("expect", "advise") if hasattr(thing, name)]
            assert not shown_in(" ".join(said)), thing.code


def outcomes(case: Case) -> Iterator[object]:
    """Yield whatever the library hands out for a case: plans, sets, reports, results."""
    plan = case.plan()
    yield from (case.snapshot, case.request, case.rules, plan, plan.blockers, plan.warnings)
    yield from (plan.findings_for(row.id) for row in case.snapshot.profiles)
    if not plan.is_ready:
        return
    change_set = confirmed(plan)
    half = change_set.prefix(len(change_set.steps) // 2)
    begun = am.apply(case.snapshot, half)
    yield from (change_set, half, begun, am.check(begun, change_set), am.resume(begun, change_set))
    again: Any = plan  # of any kind
    if kind_of_request(plan.request):
        yield am.rebase(begun, again)
    if change_set.steps:
        step_id = f"{change_set.plan_id}/1"
        receipt = am.Receipt(step_id=step_id, outcome="applied", at=NOON, by="Canary Applier")
        yield receipt
        yield am.check(case.snapshot, change_set, [receipt])
    with contextlib.suppress(am.ApplyRefused):  # a booking has a number
        yield am.invert(attrs.evolve(change_set, undo="while_unchanged"))


@pytest.mark.parametrize("kind", CASES)
def test_no_personal_value_shows_in_anything_that_is_shown_of_a_plan(kind: str) -> None:
    """In one law, for drawing a case takes longer than to look at it; and there has to be something to look at."""
    ready, drawn = 0, CASES[kind]
    steps: st.SearchStrategy[Any] = busy(drawn)  # many plans are blocked otherwise

    @given(st.one_of(drawn, steps))
    def law(case: Case) -> None:
        nonlocal ready
        plan = case.plan()
        ready += plan.is_ready and bool(plan.change_set.steps)
        assert CANARY.search(am.dumps(case.snapshot))
        assert CANARY.search(am.dumps(plan))
        for value in outcomes(case):
            silent(value)
        told(plan.findings)
        _texts_show_nothing(case, plan)
        _values_are_shown_to_whom_asks(plan)
        _explanations_show_nothing(case, plan)
        _redacted_views_show_ids_and_nothing_personal(plan)

    try_law(law)
    assert ready >= 8


def _texts_show_nothing(case: Case, plan: AnyPlan) -> None:
    for language in LANGUAGES:
        for shown in (plan, confirmed(plan) if plan.is_ready else plan.change_set):
            assert not shown_in(plan_text(shown, language))
        assert not shown_in(plan.summary(language))
        assert not shown_in(findings_text(find_faults(case.snapshot), language))


def _values_are_shown_to_whom_asks(plan: AnyPlan) -> None:
    text = plan_text(plan, values=True)
    for edit in (edit for step in plan.change_set.steps for edit in step.edits):
        for field in edit.changed_fields:
            value = getattr(edit.after, field)
            if isinstance(value, str) and value.isprintable():
                assert canonical(value) in text
    assert all(entry.value.text in text for entry in plan.ledger if entry.value.text.isprintable())


def _explanations_show_nothing(case: Case, plan: AnyPlan) -> None:
    addresses = [row.email.text for row in case.snapshot.profiles]
    addresses += [email.address.text for row in case.snapshot.customers for email in row.emails]
    ids = [edit.id for step in plan.change_set.steps for edit in step.edits]
    for asked in dict.fromkeys((*addresses, *ids, "canary@example.org", "Canary Unknown")):
        explanation = plan.explain(asked)
        silent(explanation)
        for language in LANGUAGES:
            assert not shown_in(explanation.describe(language) + explanation_text(explanation, language))


def _redacted_views_show_ids_and_nothing_personal(plan: AnyPlan) -> None:
    for value in (plan, confirmed(plan) if plan.is_ready else plan.change_set):
        view = am.reports.redacted(value, key=KEY)
        text = json.dumps(view, ensure_ascii=False)
        assert not shown_in(text)
        assert plan.plan_id in text
        for edit in (edit for step in plan.change_set.steps for edit in step.edits):
            assert canonical(edit.id) in text
        with pytest.raises(am.LoadError):
            am.loads(text)


@given(cases, snapshots(max_appointments=4), st.data())
def test_no_personal_value_shows_in_a_refusal(case: Case, other: am.Snapshot, data: st.DataObject) -> None:
    plan = case.plan()
    change_set = plan.change_set if data.draw(st.booleans()) or not plan.is_ready else confirmed(plan)
    meanwhile = data.draw(st.sampled_from((case.snapshot, Aviary().snapshot(other))))
    told(am.check(meanwhile, change_set))
    try:
        am.apply(meanwhile, change_set)
    except am.ApplyRefused as refusal:
        silent(refusal)
        told([refusal])


@given(migration_cases(max_appointments=5).map(migration_of_canaries), st.data())
def test_no_personal_value_shows_on_the_way_of_a_migration(case: MigrationCase, data: st.DataObject) -> None:
    plan = case.plan()
    snapshot = case.snapshot
    if plan.is_ready:
        n = data.draw(st.integers(0, len(plan.change_set.steps)))
        snapshot = am.apply(snapshot, plan.change_set.prefix(n))
    found = am.migrations.progress(data.draw(meanwhile(snapshot, (case.request.profile_id,))), plan)
    wording = am.migrations.Wording(customer_label="Canary", contacts=dict.fromkeys(ROLES, "Canary"))
    silent((plan.timeline, plan.tasks, found, dict(found.gates)))
    for language in LANGUAGES:
        silent(am.migrations.notices(plan, wording, language))
        assert not shown_in(timeline_text(plan, language) + status_text(found, language))
        told((*plan.timeline.phases, *plan.tasks, *found.bookings))


@given(cases, st.data())
def test_no_personal_value_shows_when_a_file_is_refused(case: Case, data: st.DataObject) -> None:
    document = json.loads(am.dumps(data.draw(st.sampled_from((case.snapshot, case.plan(), case.request)))))
    places = list(_places(document))
    objects = [place for place in places if isinstance(_at(document, place), dict)]
    _at(document, data.draw(st.sampled_from([(), *objects])))["Canary.Key@example.com"] = "Canary"
    ids = {"*", *(row.id for kind in KINDS for row in case.snapshot.table(kind.collection))}
    # What is written where an id is wanted is an id, and ids are shown.
    place = data.draw(st.sampled_from([place for place in places if not _is_id(_at(document, place), ids)]))
    _at(document, place[:-1])[place[-1]] = data.draw(st.sampled_from(("Canary Text", 17, None, ["Canary"])))
    try:
        am.loads(json.dumps(document))
    except am.LoadError as error:
        silent(error)
        told([error, *error.faults])
    else:
        assume(False)


def _is_id(value: Any, ids: set[str]) -> bool:
    """Tell whether a value is an id, or a list of nothing else."""
    values = value if isinstance(value, list) else [value]
    return bool(values) and all(isinstance(one, str) and one in ids for one in values)


def _places(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inside:
        yield (*at, key)
        yield from _places(value, (*at, key))


def _at(data: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        data = data[key]
    return data


WRONG_VALUES: dict[str, Any] = {
    "a naive time": lambda: am.TimeSlot(datetime(1888, 1, 1), datetime(1888, 1, 2)),  # noqa: DTZ001
    "no truth": lambda: am.customers.CustomerRules(staff_may_decide="Canary"),  # type: ignore[arg-type]
    "a field": lambda: am.merges.FieldRule(field="Canary", policy="union"),
    "a policy": lambda: am.merges.FieldRule(field="address", policy="Canary"),  # type: ignore[arg-type]
    "a value": lambda: am.merges.FieldRule(
        field="birth_date", policy="explicit", value=am.model.FrozenJson.of("Canary")
    ),
    "a text": lambda: am.Acceptance(finding="x", by=["Canary"], why="Canary"),  # type: ignore[arg-type]
    "an address": lambda: am.MigrationRequest(
        profile_id="P1",
        new_email=["canary"],  # type: ignore[arg-type]
        reason="security",
        ticket="T",
    ),
    "half a character": lambda: am.MergeRequest(survivor="Canary\ud800", absorbed=[], actor="P1"),
    "a zone": lambda: am.model.resolve_wall_time(datetime(1888, 1, 1), "Canary/Street"),  # noqa: DTZ001
    "JSON": lambda: am.model.FrozenJson.of({"Canary": {1, 2}}),
    "a key": lambda: am.reports.redacted(blocked_set(), key=b"canary"),
    "an edit": lambda: am.changes.Edit(customer("C1"), customer("C2")),
    "nobody": lambda: ready_set().confirm(by=" ", at=NOON),
    "a prefix": lambda: ready_set().prefix(99),
    "a receipt": lambda: am.Receipt(step_id="canary", outcome="applied", at=NOON, by="Canary"),
    "a snapshot": lambda: am.Snapshot(NOON, customers=[bird("C1"), bird("C1")], appointments=[appointment()]),
    "a document": lambda: am.dumps(bird("C1")),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", WRONG_VALUES)
def test_no_personal_value_shows_when_a_value_cannot_be_built(name: str) -> None:
    with pytest.raises(am.AccountMergeError) as refusal:
        WRONG_VALUES[name]()
    silent(refusal.value)
    told([refusal.value])


def bird(id: str, **fields: Any) -> am.Customer:
    given: dict[str, Any] = {
        "given_name": "Canary",
        "record_number": f"canary {id}",
        "emails": [am.CustomerEmail(f"canary.{id}@example.com", "primary")],
        "phones": ["canary"],
        "attributes": am.model.FrozenJson.of({"canary": "canary"}),
    }
    return customer(id, **(given | fields))


def aviary(**more: Any) -> am.Snapshot:
    given: dict[str, Any] = {
        "profiles": [
            profile("P1", email="canary.old@example.com"),
            profile("P2", email="canary.new@example.com", schedule="pending"),
        ],
        "customers": [bird("C1"), bird("C2", emails=()), bird("C3", version=7)],
        "appointments": [
            appointment("A1", slot(60), number="APP-1", cancel_reason="canary"),
            appointment("A2", slot(60), customer_id="C2", profile_id="P2"),
        ],
        "records": [
            record("R1", customer_id="C2", data=am.model.FrozenJson.of("canary"), unique_key="canary")
        ],
        "access": [access("X1"), access("X2", customer_id="C2")],
    }
    return am.Snapshot(NOON, **(given | more))


def merged(**rules: Any) -> am.ChangeSet:
    asked = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1", accept=accepted_overlap())
    return confirmed(am.plan_merge(aviary(), asked, rules=am.MergeRules(**rules), at=NOON))


def accepted_overlap() -> list[am.Acceptance]:
    named = "introduced_double_booking:A1:A2"
    return [am.Acceptance(finding=named, by="Canary Acceptor", why="canary")]


def ready_set() -> am.ChangeSet:
    return merged()


def blocked_set() -> am.ChangeSet:
    return am.plan_merge(
        aviary(), am.MergeRequest(survivor="C1", absorbed=["C1"], actor="P1"), at=NOON
    ).change_set


def one_step(*guards: am.changes.Guard, edits: tuple[am.changes.Edit, ...] = ()) -> am.ChangeSet:
    """Return a set of one step, with guards that cannot hold."""
    before = aviary().customers["C3"]
    changed = am.changes.Edit(before, attrs.evolve(before, phones=("canary 2",)))
    facts = am.model.Facts(customer_id="C3", fields=("phones",))
    step = am.changes.Step(
        1, "edit_customer", am.changes.Reason("edit_asked", facts), guards, edits or (changed,)
    )
    request = am.model.FrozenJson.of({"canary": "canary"})
    return am.ChangeSet(
        plan_id="p", intent="customer_edit", request=request, rules_digest="", at=NOON, steps=(step,)
    )


def guarded(kind: Any, **facts: Any) -> tuple[am.Snapshot, am.ChangeSet]:
    return aviary(), one_step(am.changes.Guard(kind, am.model.Facts.of(facts)))


SLOT = {"start": "2026-03-02T13:00:00Z", "end": "2026-03-02T14:00:00Z"}
EARLIER = (NOON - timedelta(days=1)).astimezone(UTC).isoformat().replace("+00:00", "Z")


def refusals() -> dict[str, Any]:
    """Return for each code of a failure data and a set that fail so, and receipts where they are needed."""
    before = aviary().customers["C3"]
    other = attrs.evolve(before, phones=("canary 9",))
    receipt = am.Receipt(step_id="p/1", outcome="applied", at=NOON, by="Canary")
    wrong = attrs.evolve(
        merged(), confirmation=am.changes.Confirmation(by="Canary", at=NOON, plan_id="other")
    )
    there = am.changes.Edit(before, other)
    hung = am.changes.Edit(
        None, record("R2", customer_id="C3", attached_to="R9", data=am.model.FrozenJson.of("canary"))
    )
    return {
        "blocked": (aviary(), blocked_set()),
        "unconfirmed": (aviary(), attrs.evolve(merged(), confirmation=None)),
        "confirmation_mismatch": (aviary(), wrong),
        "plan_id_mismatch": (
            aviary(),
            attrs.evolve(merged(), request=am.model.FrozenJson.of({"canary": "canary"})),
        ),
        "guard_unanswerable": (
            aviary(complete_for=am.Completeness(practitioners=(), customers=(), addresses=False)),
            one_step(
                am.changes.Guard(
                    "address_unclaimed", am.model.Facts(entity="customer", address="canary@example.com")
                )
            ),
        ),
        "image_recurs": (aviary(), one_step(edits=(there, am.changes.Edit(other, before)))),
        "image_gap": (aviary(), one_step(edits=(there, there))),
        "drifted": (aviary(customers=[bird("C1"), bird("C2"), other]), one_step(edits=(_next(before),))),
        "not_read_back": (
            aviary(customers=[bird("C1"), bird("C2"), attrs.evolve(before, phones=("CANARY 2",))]),
            _and_another(one_step()),
            [receipt],
        ),
        "gone": (_without("C3"), one_step()),
        "write_undone": (aviary(), one_step(), [receipt]),
        "version_changed": guarded("unchanged", entity="customer", id="C1", version=3),
        "read_changed": guarded("unchanged", entity="customer", id="C1", digest="0"),
        "slot_taken": guarded("slot_free", profile_id="P1", **SLOT),
        "customer_busy": guarded("slot_free", customer_id="C1", **SLOT),
        "address_claimed": guarded("address_unclaimed", entity="customer", address="canary.c1@example.com"),
        "other_future_booking": guarded("no_other_future_booking", profile_id="P1", **{"from": EARLIER}),
        "record_left": (
            aviary(records=[record("R2", kind="token", profile_id="P1", unique_key="canary")]),
            one_step(am.changes.Guard("no_other_record", am.model.Facts(profile_id="P1", staying=()))),
        ),
        "other_schedule_active": guarded("only_active_schedule", profile_id="P1"),
        "access_lost": guarded("access_holds", profile_id="P2", customer_id="C1", level="treating"),
        "reference_left": guarded("no_other_reference", customer_id="C1", entity="access"),
        "like_record": (
            aviary(records=[*aviary().records, record("R2", customer_id="C3", unique_key="canary")]),
            one_step(am.changes.Guard("no_like_record", am.model.Facts(id="R1", customer_id="C3"))),
        ),
        "booking_numbered": guarded("unnumbered", id="A1"),
        "too_late": guarded("not_after", instant=EARLIER),
        "request_expired": guarded("not_after", instant=EARLIER, request_id="Q1"),
        "dangling_reference": (aviary(), one_step(edits=(hung,))),
    }


def _next(before: am.Customer) -> am.changes.Edit:
    return am.changes.Edit(before, attrs.evolve(before, given_name="Canary 2"))


def _and_another(change_set: am.ChangeSet) -> am.ChangeSet:
    """Return a set with a second step, so that it is not finished by the first one."""
    edits = (_next(aviary().customers["C2"]),)
    second = attrs.evolve(change_set.steps[0], ordinal=2, edits=edits)
    return attrs.evolve(change_set, steps=(*change_set.steps, second))


def _without(id: str) -> am.Snapshot:
    return aviary(customers=[row for row in aviary().customers if row.id != id])


def test_no_personal_value_shows_in_a_failure_of_any_kind() -> None:
    """`irreversible` is the one that only `invert` says; see below."""
    assert refusals().keys() == FAILURE_FACTS.keys() - {"irreversible"}
    for code, (found, change_set, *receipts) in refusals().items():
        failures = am.check(found, change_set, *receipts)
        assert code in {failure.code for failure in failures}, code
        silent(failures)
        told(failures)
        with pytest.raises(am.ApplyRefused) as refusal:
            am.apply(found, change_set, *receipts)
        silent(refusal.value)
        told([refusal.value])


def test_no_personal_value_shows_when_a_set_cannot_be_undone() -> None:
    with pytest.raises(am.ApplyRefused) as refusal:
        am.invert(merged())
    assert {failure.code for failure in refusal.value.failures} >= {"irreversible"}
    silent(refusal.value)
    told([refusal.value, *refusal.value.failures])
