"""Overlays: what was written is read, what another program changed wins, and no stored value breaks an entity."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
from hypothesis import example, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.documents import entity_to_json
from accountmerge.sql import overlays
from accountmerge.sql.overlays import Overlay, overlay_from, overlay_of, text_of
from accountmerge.testing.strategies import entities

PROFILES, CUSTOMERS = ("profile-1", "profile-2"), ("customer-1", "customer-2")
GIVEN = frozenset({"id"})


def _alike(make: Any) -> st.SearchStrategy[Any]:
    """Draw three entities with one id: as it was planned, as its columns said, as they say now."""
    return st.tuples(make(), make(), make())


TRIPLES = st.one_of(
    _alike(lambda: entities.profiles("profile-1", PROFILES)),
    _alike(lambda: entities.customers("customer-1", CUSTOMERS)),
    _alike(lambda: entities.appointments("appointment-1", PROFILES, CUSTOMERS)),
    _alike(lambda: entities.records("record-1", PROFILES, CUSTOMERS)),
    _alike(lambda: entities.access_rows("access-1", PROFILES, CUSTOMERS)),
    _alike(lambda: entities.access_requests("request-1", PROFILES, CUSTOMERS)),
)


def stored(wanted: Any, said: Any) -> Overlay:
    """Return an overlay as it is read from the database."""
    text = text_of(overlay_of(wanted, said, GIVEN))
    return {} if text is None else overlay_from(text)


def patched(columns: Any, overlay: Overlay) -> Any:
    """Return an entity with the values of its overlay that count."""
    return overlays.patched(columns, overlay)


@given(TRIPLES)
def test_what_was_written_is_read(triple: tuple[Any, Any, Any]) -> None:
    wanted, said, _ = triple
    assert patched(said, stored(wanted, said)) == wanted
    assert stored(wanted, wanted) == {}
    assert text_of({}) is None


@given(TRIPLES)
def test_columns_that_changed_win_and_lists_keep_what_was_added(triple: tuple[Any, Any, Any]) -> None:
    wanted, said, now = triple
    overlay = stored(wanted, said)
    found, was, is_now = (entity_to_json(row) for row in (patched(now, overlay), said, now))
    planned = entity_to_json(wanted)
    lists = {"emails", "opt_outs", "former_record_numbers", "phones"}
    for name in {*found, *was, *is_now, *planned} - {"start", "end", *lists}:
        counts = name in overlay and is_now.get(name) == was.get(name)
        assert found.get(name) == (planned.get(name) if counts else is_now.get(name)) or _is_number(name)
    for name in lists & {*found, *is_now}:
        kept = [
            item for item in is_now.get(name, []) if name not in overlay or was.get(name) != is_now.get(name)
        ]
        assert all(item in found.get(name, []) for item in kept)
        allowed = [*is_now.get(name, []), *planned.get(name, [])]
        assert all(item in allowed for item in found.get(name, []))


def _is_number(name: str) -> bool:
    """Return whether a field has values that are equal in Python and not in JSON."""
    return name in ("data", "attributes")


@given(TRIPLES)
def test_no_overlay_makes_an_entity_that_cannot_be_built(triple: tuple[Any, Any, Any]) -> None:
    wanted, said, now = triple
    again = patched(now, stored(wanted, said))
    assert type(again) is type(now)
    assert again.id == now.id


FRESH = am.model.FrozenJson.of
PERSON = am.Customer(
    id="customer-1",
    record_number="N1",
    emails=[am.CustomerEmail("ann@example.com", "primary")],
    phones=["1", "2"],
    status="active",
)


@given(st.sampled_from([(1, True), (0, False), ({"a": 1}, {"a": True}), ([0], [False]), ([[]], [{}])]))
def test_values_that_are_equal_in_python_and_not_in_json_differ(pair: tuple[Any, Any]) -> None:
    for one, other in (pair, pair[::-1]):
        rows = [
            am.Record(id="record-1", kind="note", customer_id="customer-1", data=FRESH(data))
            for data in (one, other)
        ]
        assert patched(rows[1], stored(rows[0], rows[1])) == rows[0]
        third = attrs.evolve(rows[1], data=FRESH("other"))
        assert patched(rows[0], stored(third, rows[1])) == rows[0]


def test_a_third_phone_is_kept_when_another_program_changes_the_first() -> None:
    planned = attrs.evolve(PERSON, phones=["1", "2", "3"])
    overlay = stored(planned, PERSON)
    assert patched(attrs.evolve(PERSON, phones=["9", "2"]), overlay).phones == ("9", "2", "3")
    assert patched(attrs.evolve(PERSON, phones=["3"]), overlay).phones == ("3",)
    assert patched(attrs.evolve(PERSON, phones=[]), overlay).phones == ("3",)
    assert patched(PERSON, stored(attrs.evolve(PERSON, phones=[]), PERSON)).phones == ()


def test_a_mailbox_is_not_doubled() -> None:
    former = am.CustomerEmail("Old@Example.com", "former", "customer-2")
    planned = attrs.evolve(PERSON, emails=[*PERSON.emails, former])
    overlay = stored(planned, PERSON)
    other = am.CustomerEmail("new@example.com", "primary")
    same = am.CustomerEmail("old@example.com", "primary")
    assert patched(attrs.evolve(PERSON, emails=[other]), overlay).emails == (former, other)
    assert patched(attrs.evolve(PERSON, emails=[same]), overlay).emails == (same,)


def test_an_empty_text_and_no_text_differ() -> None:
    for one, other in (("", None), (None, "")):
        planned, said = (attrs.evolve(PERSON, given_name=name) for name in (one, other))
        assert patched(said, stored(planned, said)).given_name == one


NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def booking(start: int, end: int, **fields: Any) -> am.Appointment:
    """Return a booking with its start and its end in seconds after nine."""
    slot = am.TimeSlot(NINE + timedelta(seconds=start), NINE + timedelta(seconds=end))
    return am.Appointment(
        id="booking-1",
        profile_id="profile-1",
        customer_id="customer-1",
        slot=slot,
        time_zone="Australia/Sydney",
        modality="video",
        status="booked",
        **fields,
    )


SECONDS = st.tuples(st.integers(0, 300), st.integers(1, 300)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(SECONDS, SECONDS, SECONDS)
@example((30, 300), (0, 300), (0, 20))
@example((30, 90), (0, 60), (70, 90))
def test_an_end_that_another_program_moved_is_where_it_put_it(
    wanted: tuple[int, int], said: tuple[int, int], now: tuple[int, int]
) -> None:
    planned, columns, changed = booking(*wanted, cancel_reason="why"), booking(*said), booking(*now)
    found = patched(changed, stored(planned, columns))
    expected = [
        planned_end if columns_end == now_end else now_end
        for planned_end, columns_end, now_end in zip(wanted, said, now, strict=True)
    ]
    assert (
        found == (booking(*expected) if expected[0] < expected[1] else changed)
        or found.cancel_reason == "why"
    )
    assert found.cancel_reason == "why"
    assert found.slot == (booking(*expected) if expected[0] < expected[1] else changed).slot


def test_a_stored_value_that_fits_nothing_is_left_out_alone() -> None:
    overlay: Overlay = {
        "given_name": [["no text"], None],
        "address": ["Street 1", None],
        "schedule": [[], None],
    }
    columns = attrs.evolve(PERSON, phones=["7"])
    assert patched(columns, overlay) == attrs.evolve(columns, address="Street 1")
