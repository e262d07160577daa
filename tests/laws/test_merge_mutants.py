"""A planner that forgets something is found out: for each record_kind, each field and each kind of guard.

One merge has something of everything. The planner is broken in one place at a time, and the completeness
proof, applying, or a law on the result has to tell.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import accountmerge as am
from accountmerge.changes.guards import GUARD_KINDS
from accountmerge.merges import access as accesses
from accountmerge.merges import emails, fields, records, situation, steps
from accountmerge.merges import planner as plan
from accountmerge.plans import verdicts as drafts
from accountmerge.testing.reference import added_faults
from accountmerge.testing.strategies import MergeCase
from oracles.conservation import not_conserved
from small_values import NOON, access, access_request, appointment, customer, profile, record, slot

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = ("programme", "note", "file", "relation", "card")
STATUSES = ("booked", "held", "completed", "cancelled", "missed")


def everything() -> MergeCase:
    """Return a merge of two customers who have something of everything."""
    text = am.model.FrozenJson.of
    survivor = customer(
        "S",
        former_record_numbers=["S-old"],
        given_name="Ann",
        emails=[
            am.CustomerEmail("Both@example.com", "secondary"),
            am.CustomerEmail("own@example.com", "former"),
        ],
        phones=["1"],
        opt_outs=["sms"],
        attributes=text({"kept": 0}),
    )
    absorbed = customer(
        "B",
        former_record_numbers=["B-old"],
        given_name="Anna",
        family_name="Example",
        birth_date=date(1990, 2, 3),
        address="1 Example Street",
        emails=[
            am.CustomerEmail("log.in@example.com", "primary"),
            am.CustomerEmail("contact@example.com", "secondary"),
            am.CustomerEmail("once@example.com", "former"),
            am.CustomerEmail("both@example.com", "former"),
        ],
        phones=["1", "2"],
        opt_outs=["post"],
        attributes=text({"kept": False, "more": None}),
        version=1,
    )
    moves: list[Any] = [
        record(f"move-{kind}", kind=kind, customer_id="B", related_customer_id="T") for kind in KINDS
    ]
    moves += [
        record("names-both", customer_id="T", related_customer_id="B"),
        record("kept", kind="relation", customer_id="S", related_customer_id="T", data=text("twin")),
        record(
            "double", kind="relation", customer_id="B", related_customer_id="T", data=text("twin"), version=1
        ),
        record("hangs", customer_id="T", attached_to="double"),
        record("between", kind="relation", customer_id="B", related_customer_id="S"),
        record("hangs-too", customer_id="T", attached_to="between"),
    ]
    bookings = [
        appointment(status, slot(100 * (n + 1)), customer_id="B", status=status)
        for n, status in enumerate(STATUSES)
    ]
    snapshot = am.Snapshot(
        NOON,
        profiles=[profile(f"P{n}", practitioner_id=f"H{n}") for n in (1, 2, 3)],
        customers=[
            survivor,
            absorbed,
            customer("T"),
            customer("E", status="disabled", merged_into="B"),
        ],
        appointments=bookings,
        records=moves,
        access=[
            access("actor-S", customer_id="S"),
            access("actor-B", customer_id="B", since=NOON),
            access("gains", profile_id="P2", customer_id="B", level="viewing"),
            access("weaker", profile_id="P3", customer_id="S", level="viewing"),
            access("stronger", profile_id="P3", customer_id="B"),
        ],
        access_requests=[access_request("pending", profile_id="P2", customer_id="B")],
    )
    request = am.MergeRequest(survivor="S", absorbed=("B",), actor="P1")
    rules = am.MergeRules(record_kinds=[am.merges.RecordKind(kind="card", one_per_customer=True)])
    return MergeCase(snapshot, request, rules, NOON)


def broken_law(case: MergeCase) -> str | None:
    """Return which law a planner breaks on a merge; nothing if it keeps them."""
    try:
        found = case.plan()
    except am.AccountMergeError as error:
        return error.code
    assert found.is_ready, found.blockers
    change_set = found.confirm(by="Ann Example", at=NOON)
    if am.check(case.snapshot, change_set):
        return "a ready plan can be applied"
    result = am.apply(case.snapshot, change_set)
    if lost := not_conserved(case.snapshot, "S", ["B"], result, found.ledger, at=NOON):
        return f"conserving: {sorted(map(str, lost))}"
    if any(
        added_faults(case.snapshot, am.apply(case.snapshot, change_set.prefix(n))) for n in _all(change_set)
    ):
        return "prefix-safe"
    if case.plan(result).change_set.steps:
        return "repeating is empty"
    return None


def _all(change_set: am.ChangeSet) -> range:
    return range(len(change_set.steps) + 1)


def test_the_planner_as_it_is_breaks_no_law() -> None:
    case = everything()
    assert broken_law(case) is None
    kinds = {step.kind for step in case.plan().change_set.steps}
    assert kinds == {
        "transfer_emails",
        "merge_fields",
        "move_record",
        "drop_record",
        "move_booking",
        "grant_access",
        "withdraw_request",
        "repoint_absorbed",
        "retire_customers",
    }


# What a mutant does in the place of what the planner does: the module, the name, and what is put there.
Mutant = tuple[Any, str, Any]


def nothing(*_: Any, **__: Any) -> tuple[()]:
    return ()


def _without_field(field: str) -> Callable[..., list[str]]:
    whole = fields._fields
    return lambda merge: [name for name in whole(merge) if name.partition(".")[0] != field]


def _without_union(field: str) -> Callable[..., dict[str, Any]]:
    whole = fields._unions
    return lambda merge: {name: value for name, value in whole(merge).items() if name != field}


def _keeping(field: str) -> Callable[..., am.Customer]:
    whole = steps._retired
    return lambda row, survivor: attrs.evolve(whole(row, survivor), **{field: getattr(row, field)})


def _without_use(use: str) -> Callable[..., Any]:
    whole = emails.merged_emails

    def forgetful(merge: Any) -> Any:
        absorbed = [
            attrs.evolve(row, emails=[email for email in row.emails if email.use != use])
            for row in merge.absorbed
        ]
        return whole(attrs.evolve(merge, absorbed=tuple(absorbed)))

    return forgetful


def _without_records(kind: str) -> Callable[..., Any]:
    whole = situation.MergeSituation.records
    return lambda merge: [row for row in whole(merge) if row.kind != kind]


def _without_bookings(status: str) -> Callable[..., Any]:
    whole = situation.MergeSituation.bookings
    return lambda merge: [row for row in whole(merge) if row.status != status]


def _access_as_it_was(profile_id: str, survivor: str, held: Any, coming: Any) -> Any:
    found = _MERGED(profile_id, survivor, held, coming)
    return attrs.evolve(found, after=found.before) if found.before else found


_MERGED = accesses._merged


def _access_without_since(profile_id: str, survivor: str, held: Any, coming: Any) -> Any:
    found = _MERGED(profile_id, survivor, held, coming)
    return attrs.evolve(found, after=attrs.evolve(found.after, since=None))


def _only_first_end(merge: Any, row: am.Record) -> am.Record:
    absorbed = row.customer_id in merge.absorbed_ids
    return attrs.evolve(row, customer_id=merge.survivor.id) if absorbed else row


def _only_second_end(merge: Any, row: am.Record) -> am.Record:
    absorbed = row.related_customer_id in merge.absorbed_ids
    return attrs.evolve(row, related_customer_id=merge.survivor.id) if absorbed else row


def _merged_into_nobody(row: am.Customer, survivor: str) -> am.Customer:
    return attrs.evolve(row, status="disabled", phones=(), opt_outs=(), former_record_numbers=())


def _without_ledger(merge: Any) -> Any:
    return attrs.evolve(_MERGED_EMAILS(merge), ledger=())


_MERGED_EMAILS = emails.merged_emails

GENERATORS = (
    "email_drafts",
    "field_drafts",
    "record_drafts",
    "booking_drafts",
    "access_drafts",
    "request_drafts",
    "_repoint",
    "_retire",
)
FIELDS = ("given_name", "family_name", "address", "birth_date", "phones", "attributes")
EMPTIED = (
    "phones",
    "birth_date",
    "address",
    "opt_outs",
    "attributes",
    "former_record_numbers",
    "status",
    "merged_into",
)

MUTANTS: dict[str, Mutant] = {
    **{f"no step of {name}": (steps, name, nothing) for name in GENERATORS},
    **{f"no field {name}": (fields, "_fields", _without_field(name)) for name in FIELDS},
    **{
        f"no union of {name}": (fields, "_unions", _without_union(name))
        for name in ("opt_outs", "former_record_numbers")
    },
    **{
        f"no {use} email": (plan, "merged_emails", _without_use(use))
        for use in ("primary", "secondary", "former")
    },
    **{
        f"no record of kind {kind}": (situation.MergeSituation, "records", _without_records(kind))
        for kind in KINDS
    },
    **{
        f"no {status} booking": (situation.MergeSituation, "bookings", _without_bookings(status))
        for status in STATUSES
    },
    **{f"{name} stays on the absorbed": (steps, "_retired", _keeping(name)) for name in EMPTIED},
    "only the first end of a relation": (records, "_moved", _only_first_end),
    "only the second end of a relation": (records, "_moved", _only_second_end),
    "a relation between them moves": (records, "_is_between_merged", lambda *_: False),
    "nothing is a double": (records, "_is_only_one", lambda *_: False),
    "what hangs on a double stays there": (records._Present, "hanging_on", lambda *_: []),
    "a weaker access stays": (accesses, "_merged", _access_as_it_was),
    "an earlier access is forgotten": (accesses, "_merged", _access_without_since),
    "dropped records are not listed": (plan, "record_ledger", nothing),
    "overwritten access is not listed": (plan, "access_ledger", nothing),
    "overwritten fields are not listed": (fields, "_lost", nothing),
    "spellings are not listed": (plan, "merged_emails", _without_ledger),
    "no login is remembered": (
        emails,
        "_combined",
        lambda _, present, coming: attrs.evolve(present, use=min(present.use, coming.use)),
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_planner_that_forgets_something_breaks_a_law(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, attribute, put = MUTANTS[name]
    assert hasattr(module, attribute)
    case = everything()
    monkeypatch.setattr(module, attribute, put)
    assert broken_law(case) is not None


# Guards: for each kind, what happens meanwhile that nothing else sees


def meanwhile() -> dict[str, list[Any]]:
    """Return what somebody writes between planning and applying, by the kind of guard that sees it."""
    before = everything().snapshot
    busy = attrs.evolve(before.appointments["booked"], id="phantom", customer_id="S")
    thief = customer("thief", emails=[am.CustomerEmail("log.in@example.com", "primary")])
    return {
        "unchanged": [attrs.evolve(before.customers["B"], version=2)],
        "slot_free": [busy],
        "address_unclaimed": [thief],
        "no_other_reference": [record("phantom", customer_id="B")],
        "no_like_record": [record("phantom", kind="card", customer_id="S")],
        "access_holds": [attrs.evolve(before.profiles["P1"], login="disabled")],
    }


def test_every_kind_of_guard_of_a_merge_is_tried() -> None:
    steps_of = everything().plan().change_set.steps
    assert {guard.kind for step in steps_of for guard in step.guards} == set(meanwhile())
    assert set(meanwhile()) <= set(GUARD_KINDS)


@pytest.mark.parametrize("kind", meanwhile())
def test_a_planner_that_forgets_a_kind_of_guard_is_found_out(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = everything()
    changed = case.snapshot.changed(meanwhile()[kind])
    whole = case.plan().confirm(by="Ann Example", at=NOON)
    assert am.check(changed, whole)
    whole_steps = drafts.steps_from

    def forgetful(*args: Any, **kwargs: Any) -> tuple[am.changes.Step, ...]:
        return tuple(
            attrs.evolve(step, guards=tuple(guard for guard in step.guards if guard.kind != kind))
            for step in whole_steps(*args, **kwargs)
        )

    monkeypatch.setattr(steps, "steps_from", forgetful)
    assert am.check(changed, case.plan().confirm(by="Ann Example", at=NOON)) == ()


def test_the_completeness_proof_sees_what_no_step_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "record_drafts", nothing)
    with pytest.raises(am.AccountMergeError) as error:
        everything().plan()
    assert error.value.code == "plan_incomplete"
    named = {
        row.id for row in everything().snapshot.records if "B" in (row.customer_id, row.related_customer_id)
    }
    assert set(error.value.facts["ids"]) == named  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "left",
    [
        {"status": "active"},
        {"merged_into": None},
        {"phones": ("1",)},
        {"attributes": am.model.FrozenJson.of({"a": None})},
        {"former_record_numbers": ("9",)},
    ],
)
def test_the_completeness_proof_sees_what_is_left_on_the_absorbed(
    left: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    retired = steps._retired
    monkeypatch.setattr(steps, "_retired", lambda *given: attrs.evolve(retired(*given), **left))
    with pytest.raises(am.AccountMergeError) as error:
        everything().plan()
    assert error.value.code == "plan_incomplete"
    assert set(error.value.facts["ids"]) <= set(everything().request.absorbed)  # type: ignore[arg-type]
