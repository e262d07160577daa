"""What guards tell when they do not hold: the step, a code, and just what was found; nothing where they hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.changes.edits import image_digest
from accountmerge.changes.guards import GUARD_KINDS
from accountmerge.wire.canonical import sealed
from small_values import NOON, access, access_request, appointment, customer, profile, record, slot, snapshot

HOUR = {"start": "2026-03-02T13:00:00Z", "end": "2026-03-02T14:00:00Z"}
"""The hour that `slot(60, 60)` takes up."""


def whole(**collections: Any) -> am.Snapshot:
    """Return data of one practitioner with two profiles, another with one, and two customers."""
    given: dict[str, Any] = {
        "profiles": [
            profile("P1", email="ann@example.com"),
            profile("P2", schedule="inactive"),
            profile("P3", practitioner_id="H2"),
        ],
        "customers": [customer("C1", version=3), customer("C2"), customer("C3")],
        "access": [access("X1", customer_id="C1"), access("X2", customer_id="C1", level="viewing")],
    }
    return snapshot(**(given | collections))


def told(
    found: am.Snapshot, kind: Any, facts: dict[str, Any], except_ids: tuple[str, ...] = ()
) -> list[am.changes.Failure]:
    """Return what is told of a guard on the second of two steps that change a customer whom no guard is about."""
    first = am.changes.Edit(found.customers["C3"], attrs.evolve(found.customers["C3"], address="here"))
    second = am.changes.Edit(first.after, attrs.evolve(found.customers["C3"], address="there"))
    reason = am.changes.Reason("edit_asked", am.model.Facts(customer_id="C3", fields=("address",)))
    guard = am.changes.Guard(kind, am.model.Facts.of(facts), except_ids)
    steps = (
        am.changes.Step(1, "edit_customer", reason, (), (first,)),
        am.changes.Step(2, "edit_customer", reason, (guard,), (second,)),
    )
    request = am.model.FrozenJson.of({})
    change_set = am.ChangeSet(
        plan_id="p", intent="customer_edit", request=request, rules_digest="", at=NOON, steps=steps
    )
    assert am.check(found, attrs.evolve(change_set, through=1)) == ()  # a prefix has not come to it
    return list(am.check(found, change_set))


BUSY = [
    appointment("A1", slot(90), customer_id="C2"),
    appointment("A2", slot(60), profile_id="P2", status="held"),
    appointment("A3", slot(60), status="cancelled"),
    appointment("A4", slot(120), customer_id="C2"),
    appointment("A5", slot(60), profile_id="P3", customer_id="C2"),
    appointment("A6", slot(30, 30), profile_id="P2"),
]
PERSONS = whole(
    customers=[
        customer("C1"),
        customer("C2"),
        customer("C3"),
        customer("C8", merged_into="C9", status="disabled"),
        customer("C9", merged_into="C1", status="disabled"),
    ],
    appointments=[
        appointment("A1", slot(60), customer_id="C8"),
        appointment("A2", slot(60), profile_id="P2"),
        appointment("A5", slot(60), profile_id="P3", customer_id="C2"),
    ],
)
"""Data in which C1, C8 and C9 are one person."""
HELD = am.CustomerEmail("Bo@example.com", "former")
SIGNS_IN = am.CustomerEmail("bo@example.com", "primary")
NAMED = whole(
    customers=[
        customer("C1", merged_into="C2", status="disabled", emails=[HELD]),
        customer("C2"),
        customer("C3"),
        customer("C4", emails=[am.CustomerEmail("bo@example.com", "secondary", "C1")]),
        customer("C5", emails=[am.CustomerEmail("bo@example.com", "secondary")]),
    ],
    appointments=[appointment("A1", customer_id="C1", status="missed")],
    records=[
        record("R1", kind="relation", customer_id="C2", related_customer_id="C1"),
        record("R2", customer_id="C2"),
    ],
    access_requests=[
        access_request("Q1", customer_id="C1"),
        access_request("Q2", customer_id="C1", status="denied"),
    ],
)
TWINS = whole(
    records=[
        record("R1", kind="card", customer_id="C1", unique_key="k"),
        record("R3", kind="card", customer_id="C2", unique_key="k", data=am.model.FrozenJson.of(3)),
        record("R2", kind="card", customer_id="C2", unique_key="k"),
        record("R4", kind="card", customer_id="C2", unique_key="other"),
        record("R5", kind="relation", customer_id="C1", related_customer_id="C3"),
        record("R6", kind="relation", customer_id="C3", related_customer_id="C2"),
    ]
)
ELSEWHERE = record("R7", kind="relation", customer_id="C2", related_customer_id="C3")
C1 = {"entity": "customer", "id": "C1"}
DIGEST = image_digest(whole().customers["C1"])
SIGHT = {"profile_id": "P1", "customer_id": "C1"}

OWNED = whole(
    records=[
        record("R1", profile_id="P1"),
        record("R2", kind="series", profile_id="P1"),
        record("R3", kind="series", profile_id="P1"),
        record("R4", kind="series", profile_id="P2"),
        record("R5", kind="token"),
    ]
)
FAILS: list[tuple[am.Snapshot, Any, dict[str, Any], tuple[str, ...], str, dict[str, Any]]] = [
    (whole(), "unchanged", C1 | {"version": 2}, (), "version_changed", C1 | {"expected": "2", "found": "3"}),
    (
        PERSONS,
        "slot_free",
        HOUR | {"customer_id": "C1"},
        ("A2",),
        "customer_busy",
        {"customer_id": "C1", **HOUR, "ids": ("A1",)},
    ),
    (
        PERSONS,
        "slot_free",
        HOUR | {"customer_id": "C8"},
        ("A1",),
        "customer_busy",
        {"customer_id": "C8", **HOUR, "ids": ("A2",)},
    ),
    (
        whole(),
        "unchanged",
        C1 | {"version": "3"},
        (),
        "version_changed",
        C1 | {"expected": '"3"', "found": "3"},
    ),
    (
        whole(),
        "unchanged",
        {"entity": "customer", "id": "C9", "version": 2},
        (),
        "version_changed",
        {"entity": "customer", "id": "C9", "expected": "2", "found": "null"},
    ),
    (whole(), "unchanged", C1 | {"digest": "0"}, (), "read_changed", C1),
    (
        whole(),
        "unchanged",
        {"entity": "customer", "id": "C9", "digest": DIGEST},
        (),
        "read_changed",
        {"entity": "customer", "id": "C9"},
    ),
    (
        whole(appointments=BUSY),
        "slot_free",
        HOUR | {"profile_id": "P1"},
        (),
        "slot_taken",
        HOUR | {"profile_id": "P1", "ids": ("A1", "A2")},
    ),
    (
        whole(appointments=BUSY),
        "slot_free",
        HOUR | {"profile_id": "P2"},
        ("A1",),
        "slot_taken",
        HOUR | {"profile_id": "P2", "ids": ("A2",)},
    ),
    (
        whole(appointments=BUSY),
        "slot_free",
        HOUR | {"customer_id": "C2"},
        (),
        "customer_busy",
        HOUR | {"customer_id": "C2", "ids": ("A1", "A5")},
    ),
    (
        whole(),
        "address_unclaimed",
        {"entity": "profile", "address": "ANN@example.com"},
        ("P2",),
        "address_claimed",
        {"entity": "profile", "ids": ("P1",)},
    ),
    (
        whole(
            customers=[
                customer("C1", emails=[HELD]),
                customer("C3"),
                customer("C2", emails=[SIGNS_IN]),
                customer("C4", emails=[SIGNS_IN]),
            ]
        ),
        "address_unclaimed",
        {"entity": "customer", "address": "BO@example.com"},
        ("C4",),
        "address_claimed",
        {"entity": "customer", "ids": ("C1", "C2")},
    ),
    (
        NAMED,
        "no_other_reference",
        {"customer_id": "C1", "entity": "access"},
        ("X1", "X2", "A1"),
        "reference_left",
        {"customer_id": "C1", "ids": ("A1", "Q1", "R1")},
    ),
    (
        NAMED,
        "no_other_reference",
        {"customer_id": "C1", "entity": "customer", "only": "customer"},
        (),
        "reference_left",
        {"customer_id": "C1", "ids": ("C4",)},
    ),
    (
        NAMED,
        "no_other_reference",
        {"customer_id": "C2", "entity": "record"},
        ("R1",),
        "reference_left",
        {"customer_id": "C2", "ids": ("C1", "R2")},
    ),
    (
        TWINS,
        "no_like_record",
        {"id": "R1", "customer_id": "C2"},
        ("R3",),
        "like_record",
        {"id": "R1", "customer_id": "C2", "ids": ("R2",)},
    ),
    (
        TWINS,
        "no_like_record",
        {"id": "R1", "customer_id": "C2"},
        (),
        "like_record",
        {"id": "R1", "customer_id": "C2", "ids": ("R2", "R3")},
    ),
    (
        TWINS.changed([ELSEWHERE]),
        "no_like_record",
        {"id": "R5", "customer_id": "C2", "related_customer_id": "C3"},
        (),
        "like_record",
        {"id": "R5", "customer_id": "C2", "ids": ("R7",)},
    ),
    (
        OWNED,
        "no_other_record",
        {"profile_id": "P1", "staying": ("note",)},
        ("R2", "R4"),
        "record_left",
        {"profile_id": "P1", "ids": ("R3",)},
    ),
    (
        whole(appointments=BUSY),
        "no_other_future_booking",
        {"profile_id": "P1", "from": "2026-03-02T13:30:00Z"},
        ("A4",),
        "other_future_booking",
        {"profile_id": "P1", "from": "2026-03-02T13:30:00Z", "ids": ("A1",)},
    ),
    (
        whole(profiles=[profile("P1"), profile("P2"), profile("P3", practitioner_id="H2")]),
        "only_active_schedule",
        {"profile_id": "P2"},
        ("P2",),
        "other_schedule_active",
        {"profile_id": "P2", "ids": ("P1",)},
    ),
    (
        whole(),
        "access_holds",
        SIGHT | {"customer_id": "C2", "level": "viewing"},
        (),
        "access_lost",
        SIGHT | {"customer_id": "C2", "level": "viewing", "found": "none", "login": "enabled"},
    ),
    (
        whole(access=[access("X2", level="viewing")]),
        "access_holds",
        SIGHT | {"level": "treating"},
        (),
        "access_lost",
        SIGHT | {"level": "treating", "found": "viewing", "login": "enabled"},
    ),
    (
        whole(profiles=[profile("P1", login="disabled")]),
        "access_holds",
        SIGHT | {"level": "treating", "login": "enabled"},
        (),
        "access_lost",
        SIGHT | {"level": "treating", "found": "treating", "login": "disabled"},
    ),
    (
        whole(),
        "access_holds",
        {"profile_id": "P9", "customer_id": "C1", "level": "viewing"},
        (),
        "access_lost",
        {"profile_id": "P9", "customer_id": "C1", "level": "viewing", "found": "none", "login": "none"},
    ),
    (
        whole(),
        "not_after",
        {"instant": "2026-03-02T11:59:59.999999Z"},
        (),
        "too_late",
        {"instant": "2026-03-02T11:59:59.999999Z", "taken_at": "2026-03-02T12:00:00Z"},
    ),
    (
        whole(),
        "not_after",
        {"instant": "2026-03-02T11:00:00Z", "request_id": "Q1"},
        (),
        "request_expired",
        {"instant": "2026-03-02T11:00:00Z", "request_id": "Q1", "taken_at": "2026-03-02T12:00:00Z"},
    ),
    (
        whole(appointments=[appointment(number="APP-1")]),
        "unnumbered",
        {"id": "A1"},
        (),
        "booking_numbered",
        {"id": "A1"},
    ),
]
HOLDS: list[tuple[am.Snapshot, Any, dict[str, Any], tuple[str, ...]]] = [
    (whole(), "unchanged", C1, ()),
    (whole(), "unchanged", C1 | {"version": 3}, ()),
    (whole(), "unchanged", C1 | {"digest": DIGEST}, ()),
    (whole(appointments=BUSY), "slot_free", HOUR | {"profile_id": "P1"}, ("A1", "A2")),
    (whole(appointments=BUSY), "slot_free", HOUR | {"profile_id": "P3"}, ("A5",)),
    (whole(appointments=BUSY), "slot_free", HOUR | {"customer_id": "C1"}, ("A2",)),
    (PERSONS, "slot_free", HOUR | {"customer_id": "C1"}, ("A1", "A2")),
    (PERSONS, "slot_free", HOUR | {"customer_id": "C9"}, ("A1", "A2")),
    (PERSONS, "slot_free", HOUR | {"customer_id": "C3"}, ()),
    (whole(), "address_unclaimed", {"entity": "customer", "address": "ann@example.com"}, ()),
    (NAMED, "address_unclaimed", {"entity": "profile", "address": "bo@example.com"}, ()),
    (NAMED, "address_unclaimed", {"entity": "customer", "address": "bo@example.com"}, ("C1", "C4")),
    (NAMED, "no_other_reference", {"customer_id": "C4", "entity": "access"}, ()),
    (TWINS, "no_like_record", {"id": "R1", "customer_id": "C3"}, ()),
    (TWINS, "no_like_record", {"id": "R4", "customer_id": "C2"}, ()),
    (TWINS, "no_like_record", {"id": "R9", "customer_id": "C2"}, ()),
    (
        TWINS.changed([ELSEWHERE]),
        "no_like_record",
        {"id": "R5", "customer_id": "C2", "related_customer_id": "C1"},
        (),
    ),
    (
        whole(appointments=BUSY),
        "no_other_future_booking",
        {"profile_id": "P1", "from": "2026-03-02T14:00:00.000001Z"},
        (),
    ),
    (OWNED, "no_other_record", {"profile_id": "P1", "staying": ("note", "series")}, ()),
    (OWNED, "no_other_record", {"profile_id": "P1", "staying": ()}, ("R1", "R2", "R3")),
    (OWNED, "no_other_record", {"profile_id": "P2", "staying": ("series",)}, ()),
    (whole(), "only_active_schedule", {"profile_id": "P1"}, ("P1",)),
    (whole(), "only_active_schedule", {"profile_id": "P3"}, ("P3",)),
    (whole(), "access_holds", SIGHT | {"level": "treating", "login": "enabled"}, ()),
    (whole(access=[access("X2", level="viewing")]), "access_holds", SIGHT | {"level": "viewing"}, ()),
    (whole(), "not_after", {"instant": "2026-03-02T12:00:00Z"}, ()),
    (whole(appointments=[appointment()]), "unnumbered", {"id": "A1"}, ()),
    (whole(), "unnumbered", {"id": "A1"}, ()),
]


@pytest.mark.parametrize(("found", "kind", "facts", "except_ids", "code", "known"), FAILS)
def test_a_guard_that_does_not_hold_tells_what_was_found(
    found: am.Snapshot,
    kind: Any,
    facts: dict[str, Any],
    except_ids: tuple[str, ...],
    code: str,
    known: dict[str, Any],
) -> None:
    assert told(found, kind, facts, except_ids) == [am.changes.Failure.of(code, 2, **known)]


@pytest.mark.parametrize(("found", "kind", "facts", "except_ids"), HOLDS)
def test_a_guard_that_holds_tells_nothing(
    found: am.Snapshot, kind: Any, facts: dict[str, Any], except_ids: tuple[str, ...]
) -> None:
    assert told(found, kind, facts, except_ids) == []


def test_every_kind_of_guard_is_seen_to_hold_and_to_fail() -> None:
    assert {kind for _, kind, *_ in FAILS} == {kind for _, kind, *_ in HOLDS} == set(GUARD_KINDS)


def test_guards_see_what_earlier_steps_did() -> None:
    """A booking that moves away frees its slot and takes up another, on any profile of the practitioner."""
    found = whole(appointments=[appointment("A1", slot(60)), appointment("A2", slot(120), profile_id="P3")])
    moved = attrs.evolve(found.appointments["A1"], slot=slot(240))
    handed = attrs.evolve(found.appointments["A2"], profile_id="P2", customer_id="C2")
    gone = {"start": "2026-03-02T16:00:00Z", "end": "2026-03-02T17:00:00Z"}
    over = {"start": "2026-03-02T14:00:00Z", "end": "2026-03-02T15:00:00Z"}
    reason = am.changes.Reason("undone", am.model.Facts(ordinal=1, kind="edit_customer"))

    def failures(*guards: am.changes.Guard, asked_before: bool) -> list[tuple[str, Any]]:
        """Ask after the two edits; the calendars may have been looked at before them."""
        look = tuple(
            am.changes.Guard("slot_free", am.model.Facts(**owner, **HOUR), ("A1", "A2"))
            for owner in (
                {"profile_id": "P1"},
                {"profile_id": "P3"},
                {"customer_id": "C1"},
                {"customer_id": "C2"},
            )
        )
        edits = (
            am.changes.Edit(found.appointments["A1"], moved),
            am.changes.Edit(found.appointments["A2"], handed),
        )
        last = am.changes.Edit(found.customers["C3"], attrs.evolve(found.customers["C3"], address="here"))
        steps = (
            am.changes.Step(1, "undo_step", reason, look if asked_before else (), edits),
            am.changes.Step(2, "undo_step", reason, guards, (last,)),
        )
        change_set = sealed(
            am.ChangeSet(
                intent="undo", request=am.model.FrozenJson.of({}), rules_digest="", at=NOON, steps=steps
            )
        ).confirm(by="Ann Example", at=NOON)
        return [(failure.code, failure.facts["ids"]) for failure in am.check(found, change_set)]

    for asked_before in (False, True):
        assert (
            failures(
                am.changes.Guard("slot_free", am.model.Facts(profile_id="P2", **HOUR)),
                am.changes.Guard("slot_free", am.model.Facts(customer_id="C1", **HOUR)),
                am.changes.Guard("slot_free", am.model.Facts(profile_id="P3", **over)),
                am.changes.Guard("slot_free", am.model.Facts(customer_id="C1", **over)),
                asked_before=asked_before,
            )
            == []
        )
        assert failures(
            am.changes.Guard("slot_free", am.model.Facts(profile_id="P2", **gone)),
            am.changes.Guard("slot_free", am.model.Facts(customer_id="C1", **gone)),
            am.changes.Guard("slot_free", am.model.Facts(profile_id="P1", **over)),
            am.changes.Guard("slot_free", am.model.Facts(customer_id="C2", **over)),
            asked_before=asked_before,
        ) == [
            ("slot_taken", ("A1",)),
            ("customer_busy", ("A1",)),
            ("slot_taken", ("A2",)),
            ("customer_busy", ("A2",)),
        ]


def test_a_late_reading_is_that_of_the_snapshot() -> None:
    later = am.Snapshot(NOON + timedelta(hours=1), customers=[customer("C3")])
    assert [failure.code for failure in told(later, "not_after", {"instant": HOUR["start"]})] == []
    assert [failure.code for failure in told(later, "not_after", {"instant": "2026-03-02T12:30:00Z"})] == [
        "too_late"
    ]
