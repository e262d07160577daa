"""A step and a transaction of the caller's program that cross: each pair of ways has the outcome that the docs tell."""

from __future__ import annotations

from functools import partial

import pytest
from crossing_programs import Crossing, Event, First, Ours, Outcome, Theirs, fresh
from foreign_practice import fill_practice
from mapped_schemas import booking_service, created
from sqlalchemy import Engine

from sql_servers import unpooled

MAPPING = booking_service()
"""One mapping for all tests."""

DRIFTS = Outcome("ours", "drifted", "wrote", is_doubled=False)
DRIFTS_AT_ONCE = Outcome("nobody", "drifted", "wrote", is_doubled=False)
REFUSES = Outcome("theirs", "applied", "refused", is_doubled=False)
WRITES_LATER = Outcome("theirs", "applied", "wrote", is_doubled=False)
MISSED = Outcome("nobody", "applied", "wrote", is_doubled=True)
LOOKED_TOO_EARLY = Outcome("theirs", "applied", "wrote", is_doubled=True)

NINE_PAIRS: list[tuple[Ours, Theirs, Outcome, Outcome]] = [
    ("rows", "looks", MISSED, MISSED),
    ("rows", "locks", DRIFTS, REFUSES),
    ("rows", "serializable", MISSED, MISSED),
    ("tables", "looks", DRIFTS, LOOKED_TOO_EARLY),
    ("tables", "locks", DRIFTS, REFUSES),
    ("tables", "serializable", DRIFTS, LOOKED_TOO_EARLY),
    ("serializable", "looks", MISSED, MISSED),
    ("serializable", "locks", MISSED, MISSED),
    ("serializable", "serializable", DRIFTS_AT_ONCE, DRIFTS_AT_ONCE),
]
"""Our way, the way of a program that moves a booking into the slot, and the outcome if it, or our step, is first."""

ON_SQLITE: list[tuple[Theirs, Outcome, Outcome]] = [
    ("looks", DRIFTS, LOOKED_TOO_EARLY),
    ("locks", DRIFTS, REFUSES),
]
"""The same on SQLite, where our step begins immediately; `locks` is a program that does so, too."""

OTHER_EVENTS: list[tuple[Ours, Event, Outcome, Outcome]] = [
    ("rows", "books", DRIFTS, LOOKED_TOO_EARLY),
    ("tables", "books", DRIFTS, LOOKED_TOO_EARLY),
    ("rows", "cancels", DRIFTS, WRITES_LATER),
    ("tables", "cancels", DRIFTS, WRITES_LATER),
    ("rows", "notes", DRIFTS, WRITES_LATER),
    ("tables", "notes", DRIFTS, WRITES_LATER),
]
"""What else a program without locks does. A new row locks the calendar and the client to which its foreign keys lead."""

WITHOUT_FOREIGN_KEYS: list[tuple[Ours, Outcome, Outcome]] = [
    ("rows", MISSED, MISSED),
    ("tables", DRIFTS, LOOKED_TOO_EARLY),
]
"""A program without locks books the slot in tables without foreign keys."""

FIRST: list[First] = ["theirs", "ours"]


@pytest.fixture(scope="module")
def on_postgres(lasting_postgres: Engine) -> Engine:
    created(lasting_postgres, MAPPING)
    return unpooled(lasting_postgres)


@pytest.fixture(scope="module")
def on_sqlite(lasting_sqlite: Engine) -> Engine:
    created(lasting_sqlite, MAPPING)
    return lasting_sqlite


def crossed(engine: Engine, ours: Ours, theirs: Theirs, event: Event, first: First) -> Outcome:
    fresh(engine, MAPPING, partial(fill_practice, clients=2, bookings=2))
    return Crossing(engine, MAPPING, ours, theirs, event, first).outcome()


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("pair", NINE_PAIRS, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def test_each_of_nine_pairs_has_its_outcome(
    on_postgres: Engine, pair: tuple[Ours, Theirs, Outcome, Outcome], first: First
) -> None:
    ours, theirs, *expected = pair
    assert str(crossed(on_postgres, ours, theirs, "moves", first)) == str(expected[FIRST.index(first)])


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("pair", ON_SQLITE, ids=lambda pair: pair[0])
def test_a_step_on_sqlite_holds_the_whole_file(
    on_sqlite: Engine, pair: tuple[Theirs, Outcome, Outcome], first: First
) -> None:
    theirs, *expected = pair
    assert str(crossed(on_sqlite, "rows", theirs, "moves", first)) == str(expected[FIRST.index(first)])


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("pair", OTHER_EVENTS, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def test_a_program_without_locks_whose_rows_have_foreign_keys_is_never_overwritten(
    on_postgres: Engine, pair: tuple[Ours, Event, Outcome, Outcome], first: First
) -> None:
    ours, event, *expected = pair
    assert str(crossed(on_postgres, ours, "looks", event, first)) == str(expected[FIRST.index(first)])


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("pair", WITHOUT_FOREIGN_KEYS, ids=lambda pair: pair[0])
def test_only_a_lock_of_tables_holds_where_no_foreign_key_locks_a_row(
    postgres_engine: Engine, pair: tuple[Ours, Outcome, Outcome], first: First
) -> None:
    engine = unpooled(postgres_engine)
    created(engine, MAPPING)
    with engine.begin() as connection:
        for name in ("calendar_id", "client_id"):
            connection.exec_driver_sql(f"ALTER TABLE booking DROP CONSTRAINT booking_{name}_fkey")
    ours, *expected = pair
    assert str(crossed(engine, ours, "looks", "books", first)) == str(expected[FIRST.index(first)])


@pytest.mark.parametrize(("event", "later"), [("books", LOOKED_TOO_EARLY), ("notes", WRITES_LATER)])
def test_a_step_on_sqlite_sees_what_was_written_before(
    on_sqlite: Engine, event: Event, later: Outcome
) -> None:
    assert str(crossed(on_sqlite, "rows", "looks", event, "theirs")) == str(DRIFTS)
    assert str(crossed(on_sqlite, "rows", "looks", event, "ours")) == str(later)


def test_tables_hold_and_rows_hold_beside_a_program_that_locks_the_same() -> None:
    """The table says what the docs say of it."""
    theirs_first = {(ours, theirs): outcome for ours, theirs, outcome, _ in NINE_PAIRS}
    assert not any(theirs_first["tables", way].is_doubled for way in ("looks", "locks", "serializable"))
    assert theirs_first["rows", "looks"].is_doubled
    assert theirs_first["serializable", "looks"].is_doubled
    assert not any(
        outcome.is_doubled for pair in NINE_PAIRS if pair[:2] == ("rows", "locks") for outcome in pair[2:]
    )
