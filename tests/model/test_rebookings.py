"""Rebookings: a chain of appointments is one booking, whichever half of a link says so."""

from __future__ import annotations

from itertools import permutations, product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accountmerge.model.successions import BookingRoots, Origins, Persons, replacements_of
from accountmerge.model.tables import Table
from accountmerge.testing.strategies import snapshots
from small_values import appointment, customer
from strategies import colliding_snapshots

if TYPE_CHECKING:
    from collections.abc import Sequence

    import accountmerge as am


def roots(*rows: am.Appointment) -> dict[str, str]:
    known = roots_of(Table(rows))
    return {row.id: known.of(row) for row in rows}


def roots_of(table: Table[am.Appointment]) -> BookingRoots:
    return BookingRoots(table, Persons(Table()))


def predecessors(table: Table[am.Appointment], row: am.Appointment) -> list[str]:
    """Walk back one link at a time, and return each place once."""
    path: list[str] = []
    current: am.Appointment | None = row
    while current is not None and current.id not in path:
        path.append(current.id)
        named = sorted(other.id for other in table if other.replaced_by == path[-1])
        before = current.replaces or (named[0] if named else None)
        current = None if before is None else table[before]
    return path


def by_hand(rows: list[am.Appointment], row: am.Appointment) -> str:
    """Walk back one link at a time, until there is none or a place was seen before."""
    by_id = {other.id: other for other in rows}
    path: list[str] = []
    while row.id not in path:
        path.append(row.id)
        told = sorted(other.id for other in rows if other.replaced_by == row.id)
        before = row.replaces or (told[0] if told else None)
        if before is None:
            return row.id
        row = by_id[before]
    return min(path[path.index(row.id) :])


@given(st.one_of(snapshots(), colliding_snapshots()))
def test_roots_agree_with_a_walk_by_hand(snapshot: am.Snapshot) -> None:
    rows, known = list(snapshot.appointments), roots_of(snapshot.appointments)
    for row in rows:
        assert known.of(row) == by_hand(rows, row)


@given(st.integers(1, 6), st.data())
def test_any_links_at_all_have_a_root(count: int, data: st.DataObject) -> None:
    ids = [f"A{number}" for number in range(count)]
    links = st.none() | st.sampled_from(ids)
    rows = [appointment(id, replaces=data.draw(links), replaced_by=data.draw(links)) for id in ids]
    assert roots(*rows) == {row.id: by_hand(rows, row) for row in rows}


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("backward", [True, False])
def test_either_half_of_a_link_is_enough(forward: bool, backward: bool) -> None:
    old = appointment("A1", replaced_by="A2" if forward else None)
    new = appointment("A2", replaces="A1" if backward else None)
    wanted = "A1" if forward or backward else "A2"
    assert roots(old, new) == {"A1": "A1", "A2": wanted}


def test_a_long_chain_has_its_first_appointment_as_root() -> None:
    rows = [appointment("A0"), *(appointment(f"A{n}", replaces=f"A{n - 1}") for n in range(1, 2000))]
    assert roots_of(Table(rows)).of(rows[-1]) == "A0"


def test_a_circle_is_known_by_its_least_id() -> None:
    circle = [
        appointment("A3", replaces="A2"),
        appointment("A2", replaces="A4"),
        appointment("A4", replaces="A3"),
    ]
    tail = appointment("A1", replaces="A4")
    assert set(roots(*circle, tail).values()) == {"A2"}
    assert roots(appointment("A1", replaces="A1")) == {"A1": "A1"}


@given(st.one_of(snapshots(), colliding_snapshots()))
def test_origins_agree_with_a_walk_by_hand(snapshot: am.Snapshot) -> None:
    table, persons = snapshot.appointments, Persons(snapshot.customers)
    for profile in snapshot.profiles:
        origins = Origins(table, persons, profile.id)
        for row in table:
            before = (table[id] for id in predecessors(table, row))
            came = any(
                other.id != row.id
                and other.profile_id == profile.id
                and persons.of(other.customer_id) == persons.of(row.customer_id)
                for other in before
            )
            assert origins.came_along(row) == came


@given(st.integers(1, 6), st.data())
def test_origins_of_any_links_at_all_agree_with_a_walk_by_hand(count: int, data: st.DataObject) -> None:
    ids = [f"A{number}" for number in range(count)]
    profiles = st.sampled_from(["P1", "P2"])
    links = st.none() | st.sampled_from(ids)
    rows = [appointment(id, profile_id=data.draw(profiles), replaces=data.draw(links)) for id in ids]
    agree_with_a_walk(rows)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_origins_in_a_circle_agree_with_a_walk_by_hand(count: int) -> None:
    ids = [f"A{number}" for number in range(count)]
    for places in product(["P1", "P2"], repeat=count + 1):
        circle = [
            appointment(id, profile_id=place, replaces=ids[number - 1])
            for number, (id, place) in enumerate(zip(ids, places, strict=False))
        ]
        tail = appointment("A9", profile_id=places[-1], replaces="A0")
        for rows in permutations([*circle, tail]):
            agree_with_a_walk(rows)


def agree_with_a_walk(rows: Sequence[am.Appointment]) -> None:
    table = Table(rows)
    origins = Origins(table, Persons(Table([customer(row.customer_id) for row in table])), "P1")
    for row in rows:
        before = (table[id] for id in predecessors(table, row) if id != row.id)
        assert origins.came_along(row) == any(other.profile_id == "P1" for other in before)


@given(st.one_of(snapshots(), colliding_snapshots()))
def test_forebears_and_heirs_are_two_ends_of_the_same_links(snapshot: am.Snapshot) -> None:
    table = snapshot.appointments
    for row in table:
        back = list(predecessors(table, row))
        assert back[0] == row.id
        assert len(set(back)) == len(back)
        for id in back[1:]:
            assert row.id in {heir.id for heir in replacements_of(table, table[id])}
        assert row.id not in {heir.id for heir in replacements_of(table, row)}


def test_heirs_are_found_by_either_half_of_a_link_through_the_whole_chain() -> None:
    rows = [
        appointment("A1", replaced_by="A2"),
        appointment("A2"),
        appointment("A3", replaces="A2", replaced_by="A1"),
        appointment("A4"),
        appointment("A5", replaces="A4"),
    ]
    table = Table(rows)
    assert [row.id for row in replacements_of(table, rows[0])] == ["A2", "A3"]
    assert [row.id for row in replacements_of(table, rows[3])] == ["A5"]
    assert list(predecessors(table, rows[2])) == ["A3", "A2", "A1"]
    assert list(predecessors(table, rows[1])) == ["A2", "A1", "A3"]
