"""Migrations by example: what waits in the new profile, what is half done, and numbers that are given ahead."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.model.identifiers import derived_id
from closed_words import check_words
from small_values import NOON, access, appointment, customer, profile, request, slot, snapshot

HOURS = am.WeeklyHours("UTC", days=[("monday", (am.DailyHours(time(9), time(17)),))])
WAITS = profile("P2", email="new@example.com", schedule="pending")


def data(*appointments: am.Appointment, **collections: Any) -> am.Snapshot:
    given: dict[str, Any] = {
        "profiles": [profile(), WAITS],
        "customers": [customer("C1"), customer("C2")],
        "appointments": appointments,
        "access": [access()],
    }
    return snapshot(**(given | collections))


def plan(found: am.Snapshot, *, late: int = 0, **fields: Any) -> am.MigrationPlan:
    planned = am.plan_migration(found, request(**fields), at=NOON + timedelta(minutes=late))
    check_words(planned)
    return planned


def told(planned: am.MigrationPlan) -> list[str]:
    """Return what is found, but for what is said of the blackout."""
    of_blackout = ("window_unchecked", "window_notice_short", "booking_in_blackout")
    return [finding.id for finding in planned.findings if finding.code not in of_blackout]


# Double bookings


@pytest.mark.parametrize(
    ("waiting", "late", "code"),
    [
        # Who waits there already is in the way of what moves, also of what begins at this very instant.
        (appointment("A2", slot(90), profile_id="P2", customer_id="C2"), 0, "destination_double_booking"),
        (appointment("A2", slot(90), profile_id="P2", customer_id="C2"), 60, "destination_double_booking"),
        # What does not move, or came along from the old profile, stood beside the other before.
        (appointment("A2", slot(90), profile_id="P2", customer_id="C2"), 61, "existing_double_booking"),
        (appointment("A2", slot(90), profile_id="P2", replaces="A0"), 0, "existing_double_booking"),
        (appointment("A2", slot(90), customer_id="C2"), 0, "existing_double_booking"),
        (appointment("A2", slot(90), profile_id="P3", customer_id="C2"), 0, "existing_double_booking"),
        # What replaces a booking that was there from the start is of the new profile all the same.
        (appointment("A2", slot(90), profile_id="P2", replaces="A9"), 0, "destination_double_booking"),
    ],
)
def test_only_what_waits_in_the_new_profile_is_in_the_way(
    waiting: am.Appointment, late: int, code: str
) -> None:
    rows = [
        appointment("A0", slot(-90), status="cancelled", replaced_by=None),
        appointment("A1", slot(60)),
        appointment("A9", slot(-90), profile_id="P2", status="cancelled"),
        waiting,
    ]
    profiles = [profile(), WAITS, profile("P3", schedule="inactive")]
    planned = plan(data(*rows, profiles=profiles), late=late)
    (found,) = (finding for finding in planned.findings if finding.code.endswith("double_booking"))
    assert found.id == f"{code}:A1:A2"
    assert found.facts == am.model.Facts(
        first_id="A1",
        second_id="A2",
        start="2026-03-02T13:30:00Z",
        end="2026-03-02T14:00:00Z",
        local_start="2026-03-02 13:00+00:00 UTC",
        practitioner_id="H1",
        customer_ids=tuple(sorted({row.customer_id for row in rows if row.id in ("A1", "A2")})),
    )
    assert planned.is_ready == (code == "existing_double_booking")


def test_two_that_wait_and_do_not_move_are_not_in_the_way_of_anybody() -> None:
    rows = [appointment(id, slot(60), profile_id="P2", customer_id=f"C{id[1]}") for id in ("A1", "A2")]
    assert told(plan(data(*rows))) == ["existing_double_booking:A1:A2"]


# The profile that waits


def test_an_unfinished_rebooking_blocks_only_a_migration_that_moves_a_half_of_it() -> None:
    elsewhere = profile("P3", schedule="inactive")
    halves = [
        appointment("A5", slot(60), profile_id="P3"),
        appointment("A6", slot(300), profile_id="P3", replaces="A5"),
    ]
    for moving, severity in (
        (halves, "warning"),
        ([attrs.evolve(halves[0], profile_id="P1"), halves[1]], "blocker"),
    ):
        planned = plan(data(*moving, profiles=[profile(), WAITS, elsewhere]))
        found = [each.severity for each in planned.findings if each.code == "unfinished_rebooking"]
        assert found == [severity]


def test_a_profile_that_waits_gets_what_it_lacks() -> None:
    off = [slot(-90), slot(300), slot(600)]
    old = profile(hours=HOURS, unavailable=off)
    waits = attrs.evolve(WAITS, login="disabled", unavailable=[slot(300, 90)], succeeded_by="P1")
    planned = plan(data(profiles=[old, waits]))
    (opened,) = (step for step in planned.change_set.steps if step.kind == "open_profile")
    (edit,) = opened.edits
    assert edit.before == waits
    assert edit.after == attrs.evolve(
        waits,
        login="enabled",
        hours=HOURS,
        unavailable=[slot(300, 90), slot(600)],
        succeeded_by=None,
    )
    own = am.WeeklyHours("UTC", days=[("friday", ())])
    (first, *_) = plan(data(profiles=[old, attrs.evolve(waits, hours=own)])).change_set.steps
    assert getattr(first.edits[0].after, "hours", None) == own


def test_a_profile_that_lacks_nothing_is_left_alone() -> None:
    assert "open_profile" not in {step.kind for step in plan(data()).change_set.steps}


def test_a_successor_in_force_only_gets_its_login() -> None:
    old = profile(schedule="inactive", hours=HOURS, unavailable=[slot(300)], succeeded_by="P2")
    successor = attrs.evolve(WAITS, schedule="active", login="disabled")
    found = data(appointment("A1", slot(60)), profiles=[old, successor])
    planned = plan(found)
    assert planned.is_ready, planned.blockers
    after = am.apply(found, planned.change_set).profiles["P2"]
    assert after == attrs.evolve(successor, login="enabled")


def test_a_successor_that_left_in_its_turn_gets_nothing() -> None:
    old = profile(schedule="inactive", hours=HOURS, succeeded_by="P2")
    planned = plan(data(profiles=[old, attrs.evolve(WAITS, schedule="inactive", login="disabled")]))
    assert planned.is_ready
    assert planned.change_set.steps == ()
    busy = plan(
        data(
            appointment("A1", slot(60)),
            profiles=[old, attrs.evolve(WAITS, schedule="inactive", login="disabled")],
        )
    )
    assert told(busy) == ["schedule_not_active:P2"]


# Numbers that are given ahead


def test_a_number_that_is_given_ahead_goes_to_the_new_booking() -> None:
    found = data(appointment("A1", slot(60), number="APP-1"), appointment("A2", slot(180)))
    planned = plan(found, numbers={"A1": "APP-900"})
    assert told(planned) == []
    result = am.apply(found, planned.change_set)
    moved = {row.replaces: row.number for row in result.appointments if row.replaces}
    assert moved == {"A1": "APP-900", "A2": None}
    assert result.appointments["A1"].number == "APP-1"


HALF = appointment("A7", slot(60), profile_id="P2", replaces="A1", number="APP-900")


@pytest.mark.parametrize(
    ("rows", "numbers", "found"),
    [
        ([appointment("A1", slot(60))], {"A9": "APP-900"}, ["number_unused:A9"]),
        ([appointment("A1", slot(-60), status="completed")], {"A1": "APP-900"}, ["number_unused:A1"]),
        # Rebooked already by this migration, a number is no news; on another profile it never was for it.
        ([appointment("A1", slot(60), status="cancelled", replaced_by="A7"), HALF], {"A1": "APP-900"}, []),
        (
            [appointment("A1", slot(60), status="cancelled", profile_id="P2", replaced_by="A7"), HALF],
            {"A1": "APP-900"},
            ["number_unused:A1"],
        ),
        # Half done, the number has to be the one that the new half has.
        ([appointment("A1", slot(60)), HALF], {"A1": "APP-900"}, ["unfinished_rebooking:A1:A7"]),
        (
            [appointment("A1", slot(60)), appointment("A2", slot(180)), HALF],
            {"A1": "APP-901"},
            ["number_unused:A1", "unfinished_rebooking:A1:A7"],
        ),
        ([appointment("A1", slot(60))], {"A1": " "}, ["number_invalid:A1"]),
        (
            [appointment("A1", slot(60)), appointment("A2", slot(180), number="APP-900")],
            {"A1": "APP-900"},
            ["number_in_use:A1:A2"],
        ),
    ],
)
def test_numbers_are_weighed_against_what_there_is(
    rows: list[am.Appointment], numbers: dict[str, str], found: list[str]
) -> None:
    assert told(plan(data(*rows), numbers=numbers)) == found


# Access


@pytest.mark.parametrize("level", ["viewing", "treating"])
def test_access_comes_along_at_its_level_and_has_to_be_held_still(level: Any) -> None:
    found = data(appointment("A1", slot(60)), access=[access(level=level)])
    change_set = plan(found).change_set
    guards = [guard for step in change_set.steps for guard in step.guards if guard.kind == "access_holds"]
    assert [guard.facts for guard in guards] == [
        am.model.Facts(profile_id="P1", customer_id="C1", level=level)
    ]
    (given,) = (row for row in am.apply(found, change_set).access if row.profile_id == "P2")
    id = derived_id("access", "P2", "C1")
    assert given == access(id, profile_id="P2", customer_id="C1", level=level, since=NOON)
    raised = data(
        appointment("A1", slot(60)),
        access=[
            access(level=level),
            access("X3", profile_id="P2", level="viewing"),
            access("X2", profile_id="P2", level="viewing"),
        ],
    )
    levels = {row.id: row.level for row in am.apply(raised, plan(raised).change_set).access}
    assert levels == {"X1": level, "X2": level, "X3": "viewing"}


# The profile that an earlier move booked into


@pytest.mark.parametrize("halves", [("replaces", "replaced_by"), ("replaces",), ("replaced_by",)])
def test_a_profile_that_was_booked_into_is_known_by_either_half_of_a_link(halves: tuple[str, ...]) -> None:
    old = appointment("A1", slot(60), status="cancelled", cancel_reason="rebooked", replaced_by="A2")
    new = appointment("A2", slot(60), profile_id="P2", replaces="A1")
    links = {old: "replaced_by", new: "replaces"}
    absent: list[dict[str, Any]] = [{} if link in halves else {link: None} for link in links.values()]
    rows = [attrs.evolve(row, **fields) for row, fields in zip(links, absent, strict=True)]
    left = attrs.evolve(WAITS, schedule="inactive")
    planned = plan(data(*rows, profiles=[profile(), left]))
    assert "profile_switched_off:P2" in told(planned)
    assert planned.successor_id in (None, "P2")
    waits = attrs.evolve(WAITS, login="disabled")
    assert "profile_switched_off:P2" in told(plan(data(*rows, profiles=[profile(), waits])))


def test_a_profile_with_a_booking_that_replaces_one_of_another_person_was_not_booked_into() -> None:
    old = appointment("A1", slot(60), status="cancelled", cancel_reason="rebooked")
    new = appointment("A2", slot(60), profile_id="P2", customer_id="C2", replaces="A1")
    waits = attrs.evolve(WAITS, login="disabled")
    assert "profile_switched_off:P2" not in told(plan(data(old, new, profiles=[profile(), waits])))
