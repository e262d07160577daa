"""Ready means applicable: what stands under a derived id, and what was changed by hand half-way."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.migrations.replacements import replacement_id
from accountmerge.model.identifiers import derived_id
from small_values import (
    NOON,
    access,
    access_request,
    appointment,
    customer,
    profile,
    request,
    slot,
    snapshot,
)

OPENED = derived_id("profile", "P1", "T-1")
"""The id of the profile that the request of a migration opens."""
MOVING = appointment("A1", slot(60))
PRACTICE = snapshot(
    profiles=[profile(), profile("Q1", practitioner_id="H2")],
    customers=[customer("C1", given_name="Ann", family_name="Example"), customer("C2")],
    appointments=[MOVING],
    access=[access("X1"), access("X2", customer_id="C2")],
)


def planned(found: am.Snapshot, asked: Any = None, rules: Any = None) -> Any:
    """Plan, and see that a ready plan can be applied."""
    plan = am.plan(found, asked or request(), rules=rules, at=NOON)
    if plan.is_ready:
        assert am.check(found, confirmed(plan.change_set)) == ()
        am.apply(found, confirmed(plan.change_set))
    return plan


def confirmed(change_set: am.ChangeSet) -> am.ChangeSet:
    return change_set.confirm(by="Ann Example", at=NOON)


def blockers(found: am.Snapshot, asked: Any = None) -> list[str]:
    return [finding.id for finding in planned(found, asked).blockers]


def begun(n: int, found: am.Snapshot = PRACTICE, **changes: Any) -> am.Snapshot:
    """Return the practice after the first steps of the migration, with the new profile changed by hand."""
    part = am.apply(found, am.plan(found, request(), at=NOON).change_set.prefix(n))
    return part.changed([attrs.evolve(part.profiles[OPENED], **changes)])


STEPS = len(am.plan(PRACTICE, request(), at=NOON).change_set.steps)


# The new profile


@pytest.mark.parametrize("email", ["stranger@example.com", "new@example.com"])
def test_a_strangers_profile_under_the_derived_id_blocks_until_there_is_another_ticket(email: str) -> None:
    stranger = profile(OPENED, practitioner_id="H2", email=email)
    found = PRACTICE.changed([stranger])
    in_use = [f"email_in_use:{OPENED}:P1"] if email == "new@example.com" else []
    assert blockers(found) == [f"derived_id_taken:{OPENED}", *in_use]
    again = planned(found, request(ticket="T-2", new_email="free@example.com"))
    assert again.is_ready


def test_a_taken_id_is_told_by_its_kind_and_what_to_do_about_it() -> None:
    (blocker,) = planned(PRACTICE.changed([profile(OPENED, practitioner_id="H2")])).blockers
    assert blocker.facts == am.model.Facts(entity="profile", id=OPENED)
    assert "another ticket" in blocker.remedy


@pytest.mark.parametrize("n", range(1, STEPS + 1))
def test_the_same_ticket_with_a_corrected_address_is_a_migration_under_way(n: int) -> None:
    typo = am.plan(PRACTICE, request(new_email="nwe@example.com"), at=NOON).change_set.prefix(n)
    part = am.apply(PRACTICE, typo)
    wanted = f"migration_under_way:{OPENED}:P1"
    assert wanted in blockers(part)
    back = am.apply(part, confirmed(am.invert(typo)))
    assert planned(back).is_ready
    corrected = part.changed([attrs.evolve(part.profiles[OPENED], email="New@EXAMPLE.com")])
    rest = planned(corrected)
    assert rest.is_ready
    assert am.apply(corrected, rest.change_set).profiles["P1"].succeeded_by == OPENED
    assert wanted not in blockers(part, request(new_email="nwe@example.com"))
    if not part.appointments.where("profile_id", OPENED):
        assert planned(part, request(ticket="T-2")).is_ready


@pytest.mark.parametrize("n", range(1, STEPS - 1))
@pytest.mark.parametrize(
    "off", [{"schedule": "inactive"}, {"login": "disabled"}, {"schedule": "inactive", "login": "disabled"}]
)
def test_a_new_profile_that_was_switched_off_as_it_waited_blocks_until_it_waits_again(
    n: int, off: dict[str, Any]
) -> None:
    part = begun(n, **off)
    (blocker,) = planned(part).blockers
    assert blocker.id == f"profile_switched_off:{OPENED}"
    facts = {"schedule": "pending", "login": "enabled"} | off
    assert blocker.facts == am.model.Facts(profile_id=OPENED, **facts)
    waits = attrs.evolve(part.profiles[OPENED], schedule="pending", login="enabled")
    assert planned(part.changed([waits])).is_ready


def test_a_profile_of_another_id_that_bookings_came_to_counts_as_opened_for_the_move() -> None:
    waits = profile("P2", email="new@example.com", schedule="pending")
    here = PRACTICE.changed([waits, appointment("A2", slot(180))])
    steps = am.plan(here, request(), at=NOON).change_set.steps
    n = next(step.ordinal for step in steps if step.kind == "rebook")
    part = am.apply(here, am.plan(here, request(), at=NOON).change_set.prefix(n))
    off = attrs.evolve(part.profiles["P2"], schedule="inactive")
    assert blockers(part.changed([off])) == ["profile_switched_off:P2"]
    assert blockers(here.changed([attrs.evolve(waits, schedule="inactive")])) == ["email_in_use:P1:P2"]


def test_of_two_moves_at_once_one_counts_so_that_it_can_be_finished() -> None:
    part = begun(STEPS - 3, PRACTICE.changed([appointment("A2", slot(180))]))
    linked = attrs.evolve(part.profiles["P1"], succeeded_by="P2")
    other = profile("P2", email="other@example.com", schedule="pending")
    found = part.changed([linked, other])
    assert blockers(found) == ["migration_under_way:P1:P2"]
    finished = planned(found, request(new_email="other@example.com"))
    assert finished.is_ready
    assert "other_pending_profile" in {finding.code for finding in finished.warnings}


def test_an_address_that_two_profiles_share_has_to_name_one_of_them_first() -> None:
    part = begun(2)
    twin = profile("P2", practitioner_id="H2", email="new@example.com")
    assert blockers(part.changed([twin])) == [f"email_claimed_twice:{OPENED}:P2"]
    assert blockers(part.changed([twin]), request(new_email="else@example.com")) == [
        f"email_claimed_twice:{OPENED}:P2"
    ]
    same = begun(2, email="P1@example.com")
    assert blockers(same, request(new_email="P1@example.com")) == [f"email_claimed_twice:{OPENED}:P1"]


# Appointments


@pytest.mark.parametrize(
    "changes",
    [
        {"customer_id": "C2", "profile_id": "Q1", "slot": slot(600)},
        {"profile_id": "Q1", "status": "cancelled"},
        {"status": "cancelled", "replaces": "A1"},
    ],
)
def test_an_appointment_under_the_derived_id_is_not_written_over(changes: dict[str, Any]) -> None:
    opened = begun(1)
    id = replacement_id(MOVING, opened.profiles[OPENED])
    row = attrs.evolve(MOVING, id=id, **({"profile_id": OPENED} | changes))
    found = opened.changed([row])
    assert blockers(found) == [f"derived_id_taken:{id}"]
    own = attrs.evolve(row, id="own", replaces=None)
    assert planned(found.changed([own], {"appointment": [id]})).is_ready


def test_a_rebooking_that_was_made_and_cancelled_by_hand_is_not_made_again_unseen() -> None:
    ended = appointment("A7", slot(60), profile_id=OPENED, status="cancelled", replaces="A1")
    found = begun(1).changed([ended])
    assert blockers(found) == ["derived_id_taken:A7"]
    assert planned(found.changed([attrs.evolve(ended, replaces=None)])).is_ready


def test_either_half_of_an_unfinished_rebooking_may_be_cancelled() -> None:
    other = appointment("A7", slot(500), profile_id=OPENED, replaces="A1")
    found = begun(1).changed([other])
    assert blockers(found) == ["unfinished_rebooking:A1:A7"]
    assert blockers(found.changed([attrs.evolve(other, status="cancelled")])) == ["derived_id_taken:A7"]
    assert planned(found.changed([attrs.evolve(MOVING, status="cancelled")])).is_ready


def test_a_half_that_was_handed_on_is_for_a_person_to_decide() -> None:
    opened = begun(1).changed([appointment("A8", slot(60), profile_id="Q1", customer_id="C2")])
    half = appointment("A7", slot(60), profile_id=OPENED, replaces="A1")
    assert planned(opened.changed([half])).is_ready
    passed_on = attrs.evolve(half, replaced_by="A8")
    assert blockers(opened.changed([passed_on])) == ["unfinished_rebooking:A1:A7"]


# Access and requests for it


def test_an_access_row_under_the_derived_id_of_a_migration_blocks() -> None:
    id = derived_id("access", OPENED, "C1")
    found = PRACTICE.changed([access(id, profile_id="Q1", customer_id="C2")])
    assert blockers(found) == [f"derived_id_taken:{id}"]
    assert planned(found.changed(drop={"access": [id]})).is_ready


def test_rows_of_the_very_pair_are_used_whatever_their_ids() -> None:
    id = derived_id("access", OPENED, "C1")
    rows = [access(other, profile_id=OPENED, level="viewing") for other in (id, "X8")]
    found = begun(1).changed(rows)
    assert planned(found).is_ready


@pytest.mark.parametrize("holder", ["C1", "C2"])
def test_an_access_row_under_the_derived_id_of_a_merge_blocks(holder: str) -> None:
    id = derived_id("access", "Q1", "C1")
    asked = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1")
    coming = access("X9", profile_id="Q1", customer_id="C2")
    taken = access(id, profile_id="P1" if holder == "C1" else "Q1", customer_id=holder)
    found = PRACTICE.changed([coming, taken])
    assert blockers(found, asked) == [f"derived_id_taken:{id}"]
    own = attrs.evolve(taken, id="own")
    assert planned(found.changed([own], {"access": [id]}), asked).is_ready


def test_a_taken_id_blocks_a_merge_that_is_planned_after_another_too() -> None:
    id = derived_id("access", "Q1", "C1")
    more = PRACTICE.changed([customer("C3"), customer("C4")])
    found = more.changed(
        [
            access("X3", customer_id="C3"),
            access("X9", profile_id="Q1", customer_id="C3"),
            access(id, profile_id="Q1", customer_id="C4"),
        ]
    )
    asked = [
        am.MergeRequest(survivor="C2", absorbed=["C3"], actor="P1"),
        am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1"),
    ]
    first, second = am.merges.plan_merges(found, asked, at=NOON).plans
    assert first.is_ready
    assert [finding.id for finding in second.blockers] == [f"derived_id_taken:{id}"]


def test_an_access_row_under_the_derived_id_of_an_approval_blocks() -> None:
    id = derived_id("access", "Q1", "C1")
    asked = access_request("Q1", profile_id="Q1")
    decision = am.customers.AccessDecision(
        request_id="Q1", decision="approve", role="staff", by="Ann Example"
    )
    rules = am.customers.CustomerRules(staff_may_decide=True)
    found = PRACTICE.changed([asked, access(id, customer_id="C2")])
    assert [f.id for f in planned(found, decision, rules).blockers] == [f"derived_id_taken:{id}"]
    assert planned(found.changed(drop={"access": [id]}), decision, rules).is_ready


def test_an_access_request_of_another_pair_under_the_derived_id_blocks() -> None:
    id = derived_id("access_request", "Q1", "C1", "0")
    asked = am.customers.NewAccessRequest(
        profile_id="Q1", customer_id="C1", expires_at=NOON + timedelta(days=1)
    )
    found = PRACTICE.changed([access_request(id, profile_id="P1", customer_id="C2")])
    assert blockers(found, asked) == [f"derived_id_taken:{id}"]
    removed = access_request(derived_id("access_request", "Q1", "C1", "1"), profile_id="Q1", status="denied")
    assert planned(PRACTICE.changed([removed]), asked).is_ready  # a store may have removed the one before


# Rebooking requests


def rebooking(start: float) -> am.rebooking.RebookingRequest:
    return am.rebooking.RebookingRequest(
        number="APP-1",
        initials="AE",
        start=slot(start).start,
        time_zone="UTC",
        modality="video",
        old_email="P1@example.com",
        new_email="P2@example.com",
    )


@pytest.mark.parametrize("start", [60, 500])
def test_an_appointment_under_the_derived_id_of_a_rebooking_request_blocks(start: float) -> None:
    here = PRACTICE.changed([profile("P2", schedule="pending"), attrs.evolve(MOVING, number="APP-1")])
    plan = planned(here, rebooking(start))
    (made,) = (
        edit.after
        for step in plan.change_set.steps
        for edit in step.edits
        if edit.entity == "appointment" and edit.before is None
    )
    stranger = appointment(made.id, slot(900), profile_id="Q1", customer_id="C2")
    assert blockers(here.changed([stranger]), rebooking(start)) == [f"derived_id_taken:{made.id}"]


def test_a_rebooking_request_waits_for_what_is_one_booking_with_the_one_it_names() -> None:
    here = PRACTICE.changed([profile("P2", schedule="pending"), profile("P3", schedule="inactive")])
    first = appointment("A0", slot(60), profile_id="P3")
    found = here.changed([first, attrs.evolve(MOVING, number="APP-1", replaces="A0")])
    assert blockers(found, rebooking(60)) == ["unfinished_rebooking:A0:A1"]


# Undoing


def test_undoing_lets_the_schedule_be_active_that_was_accepted_beside() -> None:
    practice: Any = am.loads(Path("docs/examples/practice.json"))
    clinic = profile("clinic", practitioner_id="practitioner-2", email="clinic@example.net")
    wider = practice.changed([clinic])
    answered = ("other_active_schedule:clinic", "window_outside_hours:profile-2")
    accept = [am.Acceptance(finding=finding, by="Ann Example", why="It stays.") for finding in answered]
    asked = request(profile_id="profile-2", new_email="new.address@example.org", accept=accept)
    change_set = am.plan(wider, asked, at=NOON).change_set
    for n in range(len(change_set.steps) + 1):
        part = change_set.prefix(n)
        after = am.apply(wider, part)
        inverse = confirmed(am.invert(part))
        assert am.check(after, inverse) == ()
        assert am.apply(after, inverse) == wider
    opened_since = profile("P9", practitioner_id="practitioner-2")
    after = am.apply(wider, change_set).changed([opened_since])
    (failure,) = am.check(after, confirmed(am.invert(change_set)))
    assert (failure.code, failure.facts["ids"]) == ("other_schedule_active", ("P9",))
