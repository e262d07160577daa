"""The invented practice has no overlap, is the same every time, and can be emptied."""

from __future__ import annotations

from datetime import timedelta

import pytest
import their_program as theirs
from foreign_practice import FIRST_DAY, LEFT, emptied, fill_practice
from foreign_schema import BOOKING_SERVICE, booking, invoice
from sqlalchemy import Engine, func, select

pytestmark = pytest.mark.unmeasured


def test_a_practice_is_filled_twice_alike_and_its_program_goes_on(engine: Engine) -> None:
    BOOKING_SERVICE.create_all(engine)
    contents = []
    for _ in range(2):
        with theirs.at_work(engine) as connection:
            emptied(connection, BOOKING_SERVICE)
            fill_practice(connection, clients=5, bookings=60)
            contents.append([connection.execute(select(table)).all() for table in _WITHOUT_OWN_KEYS])
    assert contents[0] == contents[1]
    with theirs.at_work(engine) as connection:
        key = theirs.book(connection, LEFT, 1, FIRST_DAY - timedelta(days=1))
        assert key == 61
        assert connection.execute(select(func.count()).select_from(invoice)).scalar_one() == 60


def test_no_booking_overlaps_another_one(sqlite_engine: Engine) -> None:
    BOOKING_SERVICE.create_all(sqlite_engine)
    with sqlite_engine.begin() as connection:
        fill_practice(connection, clients=3, bookings=200)
        rows = connection.execute(select(booking).order_by(booking.c.starts)).all()
    ends = [row.starts + timedelta(minutes=row.minutes) for row in rows]
    assert all(end <= row.starts for end, row in zip(ends, rows[1:], strict=False))


_WITHOUT_OWN_KEYS = [
    table for name, table in BOOKING_SERVICE.tables.items() if name not in {"file", "invoice"}
]
"""The tables whose keys the database does not count on."""
