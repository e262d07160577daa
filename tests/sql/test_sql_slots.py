"""The slot of a booking is read as clocks and instants say it, and a search by time misses no booking."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import example, given
from hypothesis import strategies as st
from single_columns import fault_of, memory
from sqlalchemy.dialects import postgresql

import accountmerge as am
from accountmerge import sql
from accountmerge.errors import InvalidValueError
from accountmerge.model.instants import microseconds
from accountmerge.model.wall_times import resolve_wall_time, wall_time
from accountmerge.sql.bindings import IN_MICROSECONDS
from accountmerge.sql.booked_slots import SlotColumns, instant_of

SYDNEY, ST_JOHNS, PARIS = "Australia/Sydney", "America/St_Johns", "Europe/Paris"
LORD_HOWE, CASABLANCA, APIA = "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia"
CHANGES = {
    SYDNEY: ("2026-04-05T03:00", "2026-10-04T02:00"),
    ST_JOHNS: ("2026-11-01T02:00", "2026-03-08T02:00"),
    PARIS: ("2026-10-25T03:00", "2026-03-29T02:00"),
    LORD_HOWE: ("2026-04-05T02:00", "2026-10-04T02:00"),
    CASABLANCA: ("2026-02-15T03:00", "2026-03-22T02:00"),
    APIA: ("2011-04-02T04:00", "2011-12-30T00:00"),
}
"""For some zones, a wall time at which clocks go back, and one at which they go forward."""
ZONES = sorted(zoneinfo.available_timezones() - {"localtime", "Factory"})


def _near(zone: str, change: str, minutes: int) -> tuple[str, datetime]:
    return zone, datetime.fromisoformat(change) + timedelta(minutes=minutes)


NEAR_CHANGES = st.sampled_from([(zone, at) for zone, both in CHANGES.items() for at in both]).flatmap(
    lambda pair: st.integers(-26 * 60, 26 * 60).map(lambda minutes: _near(*pair, minutes))
)


def _instant_or_code(read: Any, naive: datetime, zone: str) -> Any:
    try:
        return read(naive, zone)
    except InvalidValueError as error:
        return error.code


@given(
    st.one_of(
        NEAR_CHANGES,
        st.tuples(st.sampled_from(ZONES), st.datetimes()),
        st.tuples(st.sampled_from(ZONES), st.datetimes(datetime(9999, 12, 29))),  # noqa: DTZ001
        st.tuples(st.sampled_from(ZONES), st.datetimes(max_value=datetime(1, 1, 3))),  # noqa: DTZ001
    )
)
@example(("Nowhere/Else", datetime(2026, 3, 2)))  # noqa: DTZ001
@example((SYDNEY, datetime(9999, 12, 31, 23, 59)))  # noqa: DTZ001
@example(("UTC", datetime(1, 1, 1)))  # noqa: DTZ001
def test_the_instant_of_a_wall_time_is_that_of_the_model(pair: tuple[str, datetime]) -> None:
    zone, naive = pair
    expected = _instant_or_code(lambda *args: microseconds(resolve_wall_time(*args)), naive, zone)
    assert _instant_or_code(instant_of, naive, zone) == expected


@pytest.mark.parametrize("zone", CHANGES)
def test_every_minute_around_both_changes_of_clock_has_the_instant_of_the_model(zone: str) -> None:
    for change in CHANGES[zone]:
        middle = datetime.fromisoformat(change)
        for minutes in range(-90, 91):
            naive = middle + timedelta(minutes=minutes)
            assert instant_of(naive, zone) == microseconds(resolve_wall_time(naive, zone))


def test_a_booking_without_a_zone_is_of_an_unknown_zone() -> None:
    with pytest.raises(InvalidValueError) as caught:
        instant_of(datetime(2026, 3, 2), None)  # noqa: DTZ001
    assert caught.value.code == "zone_unknown"


# From columns to slots and back

LOCALS = SlotColumns(sql.Local("starts"), sql.Local("ends"))
PLACES = {"starts": 0, "ends": 1}


def slot_of(columns: SlotColumns, zone: str | None, start: Any, end: Any) -> am.TimeSlot:
    return columns.getter(PLACES, lambda _: zone)((start, end))


@pytest.mark.parametrize("zone", CHANGES)
def test_a_slot_over_a_change_of_clock_lasts_as_long_as_it_does(zone: str) -> None:
    back, forward = CHANGES[zone]
    for change in (back, forward):
        middle = microseconds(resolve_wall_time(datetime.fromisoformat(change), zone))
        start, end = middle - 3 * IN_MICROSECONDS["hours"], middle + 26 * IN_MICROSECONDS["hours"]
        slot = am.TimeSlot.from_microseconds(start, end)
        assert slot_of(LOCALS, zone, *LOCALS.values(local_table(), slot, zone).values()) == slot


def test_an_end_before_its_start_on_the_clock_is_in_the_second_of_the_repeated_hours() -> None:
    slot = slot_of(LOCALS, SYDNEY, "2026-04-05 02:45", "2026-04-05 02:15")
    assert (slot.end - slot.start).total_seconds() == 30 * 60
    same = slot_of(LOCALS, SYDNEY, "2026-04-05 02:30", "2026-04-05 02:30")
    assert (same.end - same.start).total_seconds() == 60 * 60
    half = slot_of(LOCALS, LORD_HOWE, "2026-04-05 01:50", "2026-04-05 01:40")
    assert (half.end - half.start).total_seconds() == 20 * 60
    assert fault_of(lambda: slot_of(LOCALS, SYDNEY, "2026-04-06 02:45", "2026-04-06 02:15")) == (
        "end_not_after_start",
        "ends",
    )


def test_a_skipped_time_is_read_with_the_offset_before_it() -> None:
    slot = slot_of(LOCALS, SYDNEY, "2026-10-04 02:30", "2026-10-04 04:00")
    assert slot == slot_of(LOCALS, SYDNEY, "2026-10-04 03:30", "2026-10-04 04:00")


def local_table() -> sa.Table:
    return sa.Table("booking", sa.MetaData(), *(sa.Column(name, sa.DateTime) for name in PLACES))


@given(NEAR_CHANGES, st.integers(1, 40 * 60 * 60))
def test_a_slot_is_read_as_it_was_written_unless_its_start_is_in_a_second_hour(
    pair: tuple[str, datetime], seconds: int
) -> None:
    zone, start = pair
    whole = instant_of(start, zone)
    slot = am.TimeSlot.from_microseconds(whole, whole + seconds * 1_000_000)
    written = LOCALS.values(local_table(), slot, zone)
    found = slot_of(LOCALS, zone, *written.values())
    assert found.start == slot.start
    second = wall_time(slot.end, zone)[1]
    assert second or found == slot
    of_length = SlotColumns(sql.Local("starts"), sql.Duration("ends", unit="seconds"))
    assert slot_of(of_length, zone, *of_length.values(untyped_table(), slot, zone).values()) == slot


def untyped_table() -> sa.Table:
    return sa.Table("booking", sa.MetaData(), *(sa.Column(name) for name in PLACES))


@pytest.mark.parametrize(
    ("columns", "row", "fault"),
    [
        (LOCALS, ("abc", "2026-03-02 10:00"), ("unreadable_column", "starts")),
        (LOCALS, ("2026-03-02 10:00", "abc"), ("unreadable_column", "ends")),
        (LOCALS, (None, "2026-03-02 10:00"), ("unreadable_column", "starts")),
        (LOCALS, ("2026-03-02 10:00", None), ("unreadable_column", "ends")),
        (LOCALS, ("2026-03-02 10:00Z", "2026-03-02 11:00"), ("wall_time_aware", "starts")),
        (LOCALS, ("2026-03-02 10:00", "2026-03-02 09:00"), ("end_not_after_start", "ends")),
        (LOCALS, ("0001-01-01 00:00", "2026-03-02 09:00"), ("time_out_of_range", "starts")),
        (LOCALS, (5, "2026-03-02 09:00"), ("unreadable_column", "starts")),
    ],
)
def test_an_unreadable_time_is_a_fault_of_its_column(columns: SlotColumns, row: Any, fault: Any) -> None:
    assert fault_of(lambda: slot_of(columns, SYDNEY, *row)) == fault


LENGTHS: list[Any] = ["50", "5" * 5000, b"5", None, float("nan"), float("inf"), Decimal("NaN"), [1]]


@pytest.mark.parametrize("raw", LENGTHS)
def test_an_unreadable_length_is_a_fault_of_its_column(raw: Any) -> None:
    columns = SlotColumns(sql.Local("starts"), sql.Duration("ends"))
    assert fault_of(lambda: slot_of(columns, SYDNEY, "2026-03-02 10:00", raw)) == (
        "unreadable_column",
        "ends",
    )


@pytest.mark.parametrize("raw", [0, -5, timedelta(0), 10**15])
def test_a_length_of_no_time_or_beyond_the_calendar_is_a_fault(raw: Any) -> None:
    columns = SlotColumns(sql.Local("starts"), sql.Duration("ends"))
    code, column = fault_of(lambda: slot_of(columns, SYDNEY, "2026-03-02 10:00", raw))
    assert code in ("end_not_after_start", "time_out_of_range")
    assert column == "ends"


@pytest.mark.parametrize("zone", [None, "Nowhere", "", "localtime"])
def test_an_unknown_zone_is_an_error_of_the_field_with_the_zone(zone: str | None) -> None:
    with pytest.raises(InvalidValueError) as caught:
        slot_of(LOCALS, zone, "2026-03-02 10:00", "2026-03-02 11:00")
    assert caught.value.facts["field"] == "time_zone"


@given(st.integers(1, 10**12), st.sampled_from(sorted(IN_MICROSECONDS)))
@example(27, "hours")
def test_a_length_is_read_as_it_was_written_if_its_column_holds_it(length: int, unit: Any) -> None:
    bound = sql.Duration("ends", unit=unit)
    sizes: dict[Any, int] = {
        sa.Interval(): 1,
        postgresql.INTERVAL(): 1,
        sa.Integer(): IN_MICROSECONDS[bound.unit],
        sa.Float(): 1,
        sa.types.NullType(): 1,
    }
    for kind, size in sizes.items():
        table = sa.Table("booking", sa.MetaData(), sa.Column("ends", kind))
        least = size if isinstance(kind, sa.Integer) else 0  # a booking without length would be refused
        assert bound.length(bound.of_length(table, length)) == max(length // size * size, least)


# Searches by time


class Kind:
    """A table with bookings whose times are stored in one way, and the statements to write one and to search."""

    def __init__(self, name: str, start: Any, end: Any, start_type: Any, end_type: Any) -> None:
        self.name, self.columns = name, SlotColumns(start, end)
        self.table = sa.Table(
            f"booking_{name}", sa.MetaData(), sa.Column("starts", start_type), sa.Column("ends", end_type)
        )
        first, last = (sa.bindparam(name, type_=start_type) for name in ("start", "end"))
        self.changed = sa.update(self.table)
        self.stored = sa.select(self.table)
        self.later = self.stored.where(self.columns.overlapping(self.table, first, None))
        self.between = self.stored.where(self.columns.overlapping(self.table, first, last))

    def store(self, connection: sa.Connection, slot: am.TimeSlot, zone: str) -> am.TimeSlot:
        """Store a booking, and return its slot as its columns say it."""
        connection.execute(self.changed, self.columns.values(self.table, slot, zone))
        return slot_of(self.columns, zone, *connection.execute(self.stored).one())

    def finds(self, connection: sa.Connection, start: datetime, end: datetime | None) -> bool:
        """Return whether a search for a range finds the booking."""
        values = {"start": self.columns.bound(self.table, start, -1)}
        if end is None:
            return connection.execute(self.later, values).first() is not None
        values["end"] = self.columns.bound(self.table, end, 1)
        return connection.execute(self.between, values).first() is not None


def kinds() -> Iterator[Kind]:
    """Yield all ways in which times may be stored."""
    moment, text, whole = sa.DateTime(), sa.String(40), sa.BigInteger()
    yield Kind("local", sql.Local("starts"), sql.Local("ends"), moment, moment)
    yield Kind("local_text", sql.Local("starts"), sql.Local("ends"), text, text)
    yield Kind("utc", sql.Utc("starts"), sql.Utc("ends"), moment, moment)
    yield Kind("utc_text", sql.Utc("starts"), sql.Utc("ends"), text, text)
    yield Kind("number", sql.Utc("starts"), sql.Utc("ends"), whole, whole)
    yield Kind("real", sql.Utc("starts"), sql.Utc("ends"), sa.Float(53), sa.Float(53))
    for unit in IN_MICROSECONDS:
        length = sql.Duration("ends", unit=unit)
        yield Kind(f"utc_{unit}", sql.Utc("starts"), length, moment, whole)
        yield Kind(f"number_{unit}", sql.Utc("starts"), length, whole, whole)
    yield Kind("local_length", sql.Local("starts"), sql.Duration("ends"), moment, whole)
    yield Kind("local_real_length", sql.Local("starts"), sql.Duration("ends"), moment, sa.Float(53))
    interval = sql.Duration("ends")
    yield Kind("local_interval", sql.Local("starts"), interval, moment, sa.Interval())
    yield Kind("utc_interval", sql.Utc("starts"), interval, moment, sa.Interval())


@cache
def made_kinds() -> tuple[Kind, ...]:
    """Return all ways in which times may be stored, with statements that are made once."""
    return tuple(kinds())


STARTS = st.one_of(
    NEAR_CHANGES,
    st.tuples(st.sampled_from(ZONES), st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1))),  # noqa: DTZ001
).map(lambda pair: (pair[0], instant_of(pair[1], pair[0])))
HOURS = st.integers(1, 200)


def _made(connection: sa.Connection) -> sa.Connection:
    for kind in made_kinds():
        kind.table.create(connection)
        connection.execute(sa.insert(kind.table), [{"starts": None, "ends": None}])
    return connection


@cache
def _sqlite() -> sa.Connection:
    return _made(memory().connect())


def _law(connection: sa.Connection, start: tuple[str, int], hours: int, before: int, length: int) -> None:
    zone, whole = start
    end = whole + hours * IN_MICROSECONDS["hours"]
    slot = am.TimeSlot.from_microseconds(whole, end)
    first = whole - before * 1_000_000 if before > 0 else end + before * 1_000_000
    ranges = [
        am.TimeSlot.from_microseconds(edge, edge + length * 1_000_000)
        for edge in (first, end - 1_000_000, whole + 1_000_000 - length * 1_000_000)
    ]
    for kind in made_kinds():
        stored = kind.store(connection, slot, zone)
        for asked in ranges:
            if stored.overlaps(asked):
                assert kind.finds(connection, asked.start, None), kind.name
                assert kind.finds(connection, asked.start, asked.end), kind.name


@given(STARTS, HOURS, st.integers(-200 * 60, 200 * 60), st.integers(1, 10_000))
def test_a_search_misses_no_booking_that_overlaps(
    start: tuple[str, int], hours: int, before: int, length: int
) -> None:
    _law(_sqlite(), start, hours, before, length)


def test_a_search_misses_no_booking_on_postgresql(postgres_engine: sa.Engine) -> None:
    with postgres_engine.connect() as connection:
        _made(connection)
        for zone, changes in CHANGES.items():
            for change in changes:
                start = instant_of(datetime.fromisoformat(change), zone)
                _law(connection, (zone, start), 30, 60, 3600)
        assert not [kind.name for kind in made_kinds() if kind.finds(connection, *FAR)]


FAR = (datetime(2050, 1, 1, tzinfo=UTC), datetime(2050, 1, 2, tzinfo=UTC))


def test_a_search_does_not_find_every_booking() -> None:
    slot = am.TimeSlot.from_microseconds(0, IN_MICROSECONDS["hours"])
    early = datetime(1960, 1, 1, tzinfo=UTC), datetime(1960, 1, 2, tzinfo=UTC)
    for kind in made_kinds():
        assert kind.store(_sqlite(), slot, SYDNEY) == slot
        assert kind.finds(_sqlite(), slot.start, slot.end)
        assert not kind.finds(_sqlite(), *FAR), kind.name
        assert not kind.finds(_sqlite(), *early), kind.name


@pytest.mark.parametrize(
    "moment", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)], ids=str
)
def test_a_search_at_an_end_of_the_calendar_stays_in_it(moment: datetime) -> None:
    for kind in made_kinds():
        low, high = (kind.columns.bound(kind.table, moment, sign) for sign in (-1, 1))
        assert low < high


def test_the_columns_of_a_slot_are_those_of_both_ends() -> None:
    assert LOCALS.columns == ("starts", "ends")
