"""Progress of a migration: each thing that may become of a booking, and each phase, by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.messages import LANGUAGES
from accountmerge.migrations.tracking import PROGRESS_REASONS
from small_values import NOON, access, appointment, customer, profile, request, slot, snapshot

DAY = 24 * 60
LATER = slot(3 * DAY)


def before(*more: am.Appointment) -> am.Snapshot:
    """Two bookings of the old profile to come, in three days and a day later."""
    booked = [appointment("A1", LATER), appointment("A2", slot(4 * DAY))]
    return snapshot(
        profiles=[profile(), profile("P8", schedule="inactive")],
        customers=[customer(), customer("C2")],
        appointments=[*booked, *more],
        access=[access()],
    )


PLAN = am.plan_migration(before(), request(), at=NOON)
NEW = PLAN.change_set.steps[0].edits[0].id


def after(steps: int, *more: am.Appointment) -> am.Snapshot:
    """The data after so many steps: open, close, rebook A1, rebook A2, and three that activate."""
    return am.apply(before(), PLAN.change_set.prefix(steps)).changed(more)


def made(found: am.Snapshot, id: str = "A1") -> am.Appointment:
    (row,) = found.appointments.where("replaces", id)
    return row


def cancelled(row: am.Appointment, reason: str | None = "asked for", **fields: Any) -> am.Appointment:
    return attrs.evolve(row, status="cancelled", cancel_reason=reason, **fields)


def read_later(found: am.Snapshot, minutes: float) -> am.Snapshot:
    return attrs.evolve(found, taken_at=NOON + timedelta(minutes=minutes))


def of(found: am.Snapshot, id: str = "A1") -> tuple[str, str | None]:
    progress = am.migrations.progress(found, PLAN)
    (row,) = (row for row in progress.bookings if row.appointment_id == id)
    return row.state, row.reason


def test_each_phase_is_read_from_the_data() -> None:
    phases = [am.migrations.progress(after(n), PLAN).phase for n in range(8)]
    assert phases == [
        "agreed",
        "opened",
        "availability_off",
        *["rebooking"] * 2,
        *["activation"] * 2,
        "settling",
    ]
    ended = after(7).changed([attrs.evolve(after(7).profiles["P1"], login="disabled")])
    assert am.migrations.progress(ended, PLAN).phase == "closed"


def test_a_blackout_that_is_entered_for_later_is_announced() -> None:
    plan = am.plan_migration(before(), request(window=slot(60, 180)), at=NOON)
    closed = am.apply(before(), plan.change_set.prefix(2))
    assert [am.migrations.progress(read_later(closed, at), plan).phase for at in (0, 60, 600)] == [
        "announced",
        "availability_off",
        "availability_off",
    ]


def test_without_an_agreement_no_phase_is_reached() -> None:
    plan = am.plan_migration(before(), request(agreement=None), at=NOON)
    found = am.migrations.progress(before(), plan)
    assert (found.phase, found.blocked) == (None, ("agreement_missing",))
    assert found.unknown == ("A1", "A2")
    empty = snapshot()
    blocked = am.migrations.progress(empty, am.plan_migration(empty, request(agreement=None), at=NOON))
    assert blocked.gates["activation"].is_open
    assert not blocked.may_activate


def test_a_profile_that_is_gone_has_reached_nothing_but_the_agreement() -> None:
    found = am.migrations.progress(snapshot(profiles=[profile("P9")]), PLAN)
    assert found.phase == "agreed"
    assert [row.reason for row in found.bookings] == ["gone", "gone"]


def test_the_bar_grows_with_every_booking() -> None:
    gates = [am.migrations.progress(after(n), PLAN).gates["activation"] for n in (2, 3, 4)]
    assert [(gate.rebooked, gate.waiting, gate.share) for gate in gates] == [
        (0, 2, 0),
        (1, 1, 0.5),
        (2, 0, 1),
    ]
    assert [gate.is_open for gate in gates] == [False, False, True]
    assert not am.migrations.progress(after(4), PLAN).is_done
    assert am.migrations.progress(after(7), PLAN).is_done


def test_a_login_that_is_switched_off_later_takes_nothing_back() -> None:
    for count, phase in ((2, "agreed"), (3, "rebooking"), (7, "settling")):
        data = after(count)
        off = data.changed([attrs.evolve(data.profiles[NEW], login="disabled")])
        assert am.migrations.progress(off, PLAN).phase == phase, count


def stories() -> dict[str, am.Snapshot]:
    """Return for each reason data in which it is that of the booking A1."""
    start, done = after(2), after(4)
    old, new = start.appointments["A1"], made(done)
    elsewhere = attrs.evolve(new, id="E1", profile_id="P8")
    return {
        "cancelled_meanwhile": start.changed([cancelled(old)]),
        "completed": start.changed([attrs.evolve(old, status="completed")]),
        "missed": start.changed([attrs.evolve(old, status="missed")]),
        "begun": read_later(start, 3 * DAY + 1),
        "rebooked_elsewhere": start.changed([cancelled(old, "rebooked", replaced_by="E1"), elsewhere]),
        "gone": start.changed(drop={"appointment": ["A1"]}),
        "moved": start.changed([attrs.evolve(old, profile_id=NEW)]),
        "nothing_in_its_place": start.changed([cancelled(old, "rebooked")]),
        "other_customer": done.changed([attrs.evolve(new, customer_id="C2")]),
        "doubled": done.changed([attrs.evolve(new, id="E2")]),
        "shared": done.changed([cancelled(made(done, "A2"), "rebooked", replaced_by=new.id)]),
        "both_stand": done.changed([cancelled(old)]),
    }


def test_every_reason_has_its_story() -> None:
    assert stories().keys() == PROGRESS_REASONS.keys()


@pytest.mark.parametrize("reason", PROGRESS_REASONS)
def test_a_booking_is_left_or_unexplained_for_a_reason(reason: str) -> None:
    found = am.migrations.progress(stories()[reason], PLAN)
    (row,) = (row for row in found.bookings if row.appointment_id == "A1")
    assert (row.state, row.reason) == (PROGRESS_REASONS[reason], reason)
    gate = found.gates["activation"]
    assert gate.unexplained == 0 or not gate.is_open
    assert len({row.describe(language) for language in LANGUAGES}) == 2
    assert "A1" in row.describe()


def test_what_has_begun_by_the_second_is_still_waiting() -> None:
    assert of(read_later(after(2), 3 * DAY)) == ("waiting", None)
    assert of(attrs.evolve(after(2), taken_at=LATER.start + timedelta(microseconds=1))) == ("left", "begun")


def test_a_rebooking_lives_on() -> None:
    done = after(4)
    new = made(done)
    for status in ("completed", "missed"):
        assert of(done.changed([attrs.evolve(new, status=status)])) == ("rebooked", None)
    assert of(done.changed([cancelled(new)])) == ("rebooked", None)


def test_a_chain_of_rebookings_is_followed_to_its_end() -> None:
    done = after(4)
    new = made(done)
    next_one = attrs.evolve(new, id="N2", slot=slot(9 * DAY), replaces=new.id)
    passed_on = cancelled(new, "rebooked", replaced_by="N2")
    assert of(done.changed([passed_on, next_one])) == ("rebooked", None)
    assert am.migrations.progress(done.changed([passed_on, next_one]), PLAN).booked_meanwhile == ()
    dead = cancelled(next_one, "rebooked")
    assert of(done.changed([passed_on, dead])) == ("unexplained", "nothing_in_its_place")
    circle = cancelled(next_one, "rebooked", replaced_by=new.id)
    assert of(done.changed([passed_on, circle])) == ("unexplained", "nothing_in_its_place")


def test_a_half_that_a_link_alone_tells_counts() -> None:
    """By hand, with the link on one side only, and no reason given."""
    start = after(2)
    old = start.appointments["A1"]
    by_hand = attrs.evolve(old, id="H1", profile_id=NEW)
    assert of(start.changed([cancelled(old, None, replaced_by="H1"), by_hand])) == ("rebooked", None)
    named = attrs.evolve(by_hand, replaces="A1")
    assert of(start.changed([cancelled(old, "rebooked"), named])) == ("rebooked", None)
    assert of(start.changed([named])) == ("waiting", None)


def test_what_the_plan_does_not_know_is_unexplained_until_it_is_taken_in() -> None:
    found = after(3, appointment("late", slot(5 * DAY)))
    progress = am.migrations.progress(found, PLAN)
    assert progress.unknown == ("late",)
    gate = progress.gates["activation"]
    assert (gate.expected, gate.rebooked, gate.waiting, gate.unexplained) == (2, 1, 1, 1)
    again = am.rebase(found, PLAN).plan
    taken_in = am.migrations.progress(found, again)
    assert (taken_in.unknown, [row.appointment_id for row in taken_in.bookings]) == ((), ["A2", "late"])


def test_what_has_begun_or_is_over_is_not_unknown() -> None:
    rows = [
        appointment("begun", slot(-10)),
        appointment("over", slot(6 * DAY), status="cancelled"),
        appointment("elsewhere", slot(6 * DAY), profile_id="P8"),
    ]
    assert am.migrations.progress(after(3, *rows), PLAN).unknown == ()


def test_what_customer_service_books_is_told_and_checked() -> None:
    free = appointment("S1", slot(6 * DAY), profile_id=NEW, customer_id="C2")
    found = am.migrations.progress(after(4, free), PLAN)
    assert (found.booked_meanwhile, found.conflicts, found.may_activate) == (("S1",), (), True)
    in_the_way = attrs.evolve(free, slot=LATER)
    found = am.migrations.progress(after(4, in_the_way), PLAN)
    assert [{pair.first.id, pair.second.id} for pair in found.conflicts] == [{"S1", made(after(4)).id}]
    assert not found.may_activate
    too_early = am.migrations.progress(after(2, in_the_way), PLAN)
    assert len(too_early.conflicts) == 1
    over = am.migrations.progress(read_later(after(4, in_the_way), 3 * DAY + 60), PLAN)
    assert over.conflicts == ()


def test_a_double_booking_that_stood_before_or_was_accepted_is_none() -> None:
    twin = appointment("A3", slot(3 * DAY + 30), customer_id="C2")
    whole = before(twin)
    plan = am.plan_migration(whole, request(), at=NOON)
    done = am.apply(whole, plan.change_set.prefix(5))
    assert [row.state for row in am.migrations.progress(done, plan).bookings] == ["rebooked"] * 3
    assert am.migrations.progress(done, plan).conflicts == ()
    assert am.migrations.progress(done, plan).may_activate


def test_what_is_shown_of_progress_is_ids_and_counts() -> None:
    found = am.migrations.progress(after(3), PLAN)
    assert repr(found.bookings[0]) == "BookingProgress('A1', 'rebooked', None)"
    assert repr(found.gates["activation"]) in repr(found)
    with pytest.raises(TypeError):
        found.gates["activation"] = found.gates["activation"]  # type: ignore[index]


def test_a_rebooking_counts_as_begun_by_either_half_of_its_link_and_for_the_same_person() -> None:
    """A plan for the rest does not know what was rebooked before: that is read from the links."""
    begun = after(3)
    new = made(begun)
    opened = begun.changed([attrs.evolve(row, unavailable=()) for row in begun.profiles])
    half = opened.changed([attrs.evolve(new, replaces=None)])
    rest = am.plan_migration(half, request(), at=NOON)
    assert [am.migrations.progress(found, rest).phase for found in (opened, half)] == ["rebooking"] * 2
    other = opened.changed([attrs.evolve(new, customer_id="C2")])
    assert am.migrations.progress(other, rest).phase == "opened"
