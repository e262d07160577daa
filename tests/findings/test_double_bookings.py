"""Double bookings: what looking at every pair finds, in the documented order, whatever order is given."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.findings.double_bookings import doubles_of_practitioner
from accountmerge.testing.strategies import snapshots
from rewritten_data import shuffled
from small_values import appointment, customer, profile, slot, snapshot
from strategies import colliding_snapshots, crowded_days
from unfinished_pairs import unfinished_pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LIVE = ("held", "booked")


def person(given: am.Snapshot, id: str) -> str:
    """Follow the merges of a customer, until there is none or a customer was seen before."""
    path = [id]
    while (onward := given.customers[path[-1]].merged_into) is not None and path[-1] not in path[:-1]:
        path.append(onward)
    return min(path[path.index(path[-1]) :])


def bookings(given: am.Snapshot) -> dict[str, tuple[str, str]]:
    """Return what each appointment is known by: the first of its chain, and the person."""
    first = roots(list(given.appointments))
    return {row.id: (first[row.id], person(given, row.customer_id)) for row in given.appointments}


def roots(rows: Iterable[am.Appointment]) -> dict[str, str]:
    """Walk back from each along both halves of the links, until there is none or a place was seen before."""
    before: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: row.id, reverse=True):
        if row.replaced_by is not None:
            before[row.replaced_by] = row.id
    before.update({row.id: row.replaces for row in rows if row.replaces is not None})
    found: dict[str, str] = {}
    for row in rows:
        path = [row.id]
        while path[-1] in before and path[-1] not in path[:-1]:
            path.append(before[path[-1]])
        circle = path[path.index(path[-1]) :]
        found[row.id] = min(circle)
    return found


def by_order(row: am.Appointment) -> tuple[int, int, str]:
    return (row.slot.start_us, row.slot.end_us, row.id)


def every_pair(given: am.Snapshot) -> Iterator[tuple[str, str, str]]:
    """Yield the kind and the ids of each double booking, in the documented order, by looking at every pair."""
    root, human = bookings(given), {row.id: row.practitioner_id for row in given.profiles}
    live = [row for row in sorted(given.appointments, key=by_order) if row.status in LIVE]
    ends = [(row.slot.start_us, row.slot.end_us, row) for row in live]
    pairs = [
        (one, other)
        for (_, end, one), (start, _, other) in itertools.combinations(ends, 2)
        if start < end and root[one.id] != root[other.id]
    ]
    for one, other in pairs:
        together = one.session_id is not None and (one.session_id, one.slot) == (other.session_id, other.slot)
        if human[one.profile_id] == human[other.profile_id] and not together:
            yield "practitioner", one.id, other.id
    for one, other in pairs:
        if person(given, one.customer_id) == person(given, other.customer_id):
            yield "customer", one.id, other.id


def told(doubles: Iterable[am.DoubleBooking]) -> list[tuple[str, str, str]]:
    return [(double.kind, double.first.id, double.second.id) for double in doubles]


@given(st.one_of(colliding_snapshots(), snapshots()), st.integers(0, 99))
def test_double_bookings_are_what_looking_at_every_pair_finds(drawn: am.Snapshot, seed: int) -> None:
    found = am.find_double_bookings(drawn)
    event(f"found: {bool(found)}")
    assert told(found) == list(every_pair(drawn))
    assert am.find_double_bookings(shuffled(drawn, seed)) == found
    for double in found:
        assert double.overlap == double.first.slot.intersection(double.second.slot)


@given(st.one_of(colliding_snapshots(), snapshots()), st.data())
def test_a_booking_counts_for_the_survivor_however_customers_are_merged(
    drawn: am.Snapshot, data: st.DataObject
) -> None:
    """Merge all customers in drawn ways: into one, in chains, in circles; two of them are booked at one time."""
    ids = ["C-a", "C-b", *sorted(row.id for row in drawn.customers)]
    links = {id: data.draw(st.sampled_from([None, *ids]), label=f"merged into: {id}") for id in ids[2:]}
    people = [attrs.evolve(drawn.customers[id], merged_into=into) for id, into in links.items()]
    met = [profile("P-a", practitioner_id="H-a"), profile("P-b", practitioner_id="H-b")]
    rows = [appointment(f"A-{n}", slot(0), profile_id=f"P-{n}", customer_id=f"C-{n}") for n in "ab"]
    pair = [customer("C-a"), customer("C-b", merged_into="C-a", status="disabled")]
    merged = drawn.changed([*pair, *people, *met, *rows])
    found = told(am.find_double_bookings(merged))
    assert found == list(every_pair(merged))
    assert ("customer", "A-a", "A-b") in found
    assert am.find_double_bookings(shuffled(merged, 1)) == am.find_double_bookings(merged)


@given(st.one_of(colliding_snapshots(), snapshots()))
def test_one_practitioner_is_looked_at_alone(drawn: am.Snapshot) -> None:
    everybody = [double for double in am.find_double_bookings(drawn) if double.kind == "practitioner"]
    for human in {row.practitioner_id for row in drawn.profiles}:
        own = {row.id for row in drawn.profiles if row.practitioner_id == human}
        wanted = [double for double in everybody if double.first.profile_id in own]
        assert sorted_by_bookings(named_pairs(drawn, human, wanted)) == wanted


def named_pairs(drawn: am.Snapshot, human: str, pairs: list[am.DoubleBooking]) -> Iterator[am.DoubleBooking]:
    """Yield the double bookings of a practitioner, of a cluster those that are among some pairs."""
    for double in doubles_of_practitioner(drawn, human):
        if isinstance(double, am.DoubleBooking):
            yield double
        else:
            ids = set(double.ids)
            yield from (pair for pair in pairs if {pair.first.id, pair.second.id} <= ids)


def sorted_by_bookings(pairs: Iterable[am.DoubleBooking]) -> list[am.DoubleBooking]:
    return sorted(pairs, key=lambda pair: (pair.first.order, pair.second.order))


@settings(max_examples=10)
@given(crowded_days(appointments=400))
def test_a_crowded_day_is_what_looking_at_every_pair_finds(day: am.Snapshot) -> None:
    found = am.find_double_bookings(day)
    assert told(found) == list(every_pair(day))


@settings(max_examples=10)
@given(crowded_days())
def test_thousands_on_one_day_are_told_apart(day: am.Snapshot) -> None:
    """Who overlaps at most the three that come next has at most three double bookings of a kind with later ones."""
    found = told(am.find_double_bookings(day))
    assert max(Counter((kind, first) for kind, first, _ in found).values(), default=0) <= 3
    event(f"double bookings: {bool(found)}")


def test_thousands_on_one_calendar() -> None:
    chance = random.Random(5)  # noqa: S311 - nothing secret
    lengths = (15, 30, 30, 45, 1440)
    rows = [
        appointment(
            f"A{number}",
            slot(15 * chance.randrange(8_000), chance.choice(lengths)),
            profile_id=chance.choice(("P1", "P2")),
            customer_id=f"C{chance.randrange(40)}",
            status=chance.choice(("booked", "booked", "held", "cancelled")),
        )
        for number in range(2_500)
    ]
    crowd = snapshot(
        profiles=[profile("P1"), profile("P2")],
        customers=[customer(f"C{n}") for n in range(40)],
        appointments=rows,
    )
    found = told(am.find_double_bookings(crowd))
    assert len(found) > 1_000
    assert found == list(every_pair(crowd))


def pair(**fields: Any) -> list[tuple[str, str, str]]:
    """Return what is found about two bookings at one time, the second with other fields."""
    profiles = [profile("P1"), profile("P2"), profile("P3", practitioner_id="H2")]
    rows = [appointment("A1"), appointment("A2", **fields)]
    people = [customer("C1"), customer("C2")]
    return told(am.find_double_bookings(snapshot(profiles=profiles, customers=people, appointments=rows)))


def test_a_pair_that_is_both_is_reported_once_per_kind() -> None:
    assert pair() == [("practitioner", "A1", "A2"), ("customer", "A1", "A2")]


def test_a_practitioner_is_judged_over_all_profiles() -> None:
    assert pair(profile_id="P2", customer_id="C2") == [("practitioner", "A1", "A2")]
    assert pair(profile_id="P3") == [("customer", "A1", "A2")]
    assert pair(profile_id="P3", customer_id="C2") == []


@pytest.mark.parametrize("status", ["cancelled", "completed", "missed"])
def test_only_live_bookings_count(status: str) -> None:
    assert pair(status=status) == []


def test_the_halves_of_one_rebooking_are_no_double_booking() -> None:
    for link in ({"replaces": "A1"}, {"replaced_by": "A1"}):
        assert pair(**link) == []


def test_touching_slots_are_no_double_booking() -> None:
    assert pair(when=slot(60)) == []
    assert pair(when=slot(59)) == pair()


def test_a_long_booking_behind_a_short_one_is_found() -> None:
    rows = [
        appointment("long", slot(0, 240)),
        appointment("short", slot(10, 10)),
        appointment("late", slot(200)),
    ]
    found = told(am.find_double_bookings(snapshot(appointments=rows)))
    assert [row for row in found if row[0] == "practitioner"] == [
        ("practitioner", "long", "short"),
        ("practitioner", "long", "late"),
    ]


def test_the_readings_of_a_repeated_quarter_are_no_double_booking() -> None:
    zone = ZoneInfo("America/New_York")
    slots = [
        am.TimeSlot(*(datetime(2025, 11, 2, 1, minute, tzinfo=zone, fold=fold) for minute in (30, 45)))
        for fold in (0, 1)
    ]
    rows = [appointment(f"A{number}", when, time_zone=zone.key) for number, when in enumerate(slots)]
    assert am.find_double_bookings(snapshot(appointments=rows)) == ()


def test_equal_starts_are_ordered_by_end_then_id() -> None:
    rows = [appointment("A3", slot(0, 30)), appointment("A2", slot(0, 60)), appointment("A1", slot(0, 60))]
    kinds = [
        row[1:] for row in told(am.find_double_bookings(snapshot(appointments=rows))) if row[0] == "customer"
    ]
    assert kinds == [("A3", "A1"), ("A3", "A2"), ("A1", "A2")]


def test_a_double_booking_as_a_finding() -> None:
    data = snapshot(appointments=[appointment("A2"), appointment("A1", slot(30))])
    first, second = am.find_double_bookings(data)
    assert first.as_finding(data).id == "existing_double_booking:A1:A2"
    assert second.as_finding(data).id == "customer_double_booking:A1:A2"
    blocker = first.as_finding(data, "destination_double_booking")
    assert (blocker.severity, blocker.is_acceptable) == ("blocker", True)
    assert dict(blocker.facts) == {
        "first_id": "A2",
        "second_id": "A1",
        "start": "2026-03-02T12:30:00Z",
        "end": "2026-03-02T13:00:00Z",
        "local_start": "2026-03-02 12:00+00:00 UTC",
        "customer_ids": ("C1",),
        "practitioner_id": data.profiles["P1"].practitioner_id,
    }
    for language, promised in (
        ("en", "Monday 2 March 2026 at 12:00 (UTC)"),
        ("fr", "lundi 2 mars 2026 à 12\N{NO-BREAK SPACE}h (UTC)"),
    ):
        text = blocker.describe(language)
        assert promised in text
        assert "C1" in text
        assert data.profiles["P1"].practitioner_id in text


def test_unfinished_rebookings_are_pairs_of_live_halves() -> None:
    rows = [
        appointment("A1", replaced_by="A2"),
        appointment("A2", slot(-60), replaces="A1"),
        appointment("A3", status="cancelled", replaced_by="A4"),
        appointment("A4"),
        appointment("A5"),
        appointment("A6", status="cancelled", replaces="A5"),
        appointment("A7", replaces="A6"),
    ]
    found = unfinished_pairs(snapshot(appointments=rows))
    assert [(one.id, other.id) for one, other in found] == [("A2", "A1"), ("A5", "A7")]


@given(st.one_of(colliding_snapshots(), snapshots()), st.integers(0, 99))
def test_unfinished_rebookings_are_what_looking_at_every_pair_finds(drawn: am.Snapshot, seed: int) -> None:
    root = bookings(drawn)
    live = [row for row in sorted(drawn.appointments, key=by_order) if row.status in LIVE]
    wanted = [
        (one, other) for one, other in itertools.combinations(live, 2) if root[one.id] == root[other.id]
    ]
    assert list(unfinished_pairs(drawn)) == wanted
    assert unfinished_pairs(shuffled(drawn, seed)) == tuple(wanted)
