"""The program of the invented booking service, which writes its tables without a look at ours.

Every function takes an open connection and leaves the transaction to its caller; `at_work` is one transaction of the
program. Nothing here imports the library.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Literal

from foreign_schema import booking, calendar, client, note
from sqlalchemy import Connection, Engine, Table, delete, func, insert, select, update

EmailColumn = Literal["email1", "email2"]
BOOKED, CANCELLED = 1, 3
"""Codes in `booking.status`."""


@contextmanager
def at_work(engine: Engine) -> Iterator[Connection]:
    """Begin a transaction as the program does, on PostgreSQL at READ COMMITTED, and commit it."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="READ COMMITTED")
    with engine.begin() as connection:
        yield connection


def new_calendar(connection: Connection, person: str, login: str, *, state: int = 1) -> int:
    """Add a calendar of a person, and return its key."""
    return _inserted(connection, calendar, person=person, login=login, state=state)


def new_client(connection: Connection, file_no: str, **columns: Any) -> int:
    """Add a client, and return its key."""
    return _inserted(connection, client, file_no=file_no, **columns)


def book(
    connection: Connection,
    calendar_id: int,
    client_id: int,
    starts: datetime,
    *,
    minutes: int = 30,
    zone: str = "Europe/Rome",
    **columns: Any,
) -> int:
    """Book a client, and return the key of the booking.

    The program does not look for other bookings; `is_free` does.

    Args:
        connection: An open connection.
        calendar_id: The key of the calendar.
        client_id: The key of the client.
        starts: The start, as clocks in the zone show it.
        minutes: The duration.
        zone: The zone.
        columns: Further columns.
    """
    row = {
        "calendar_id": calendar_id,
        "client_id": client_id,
        "starts": starts,
        "minutes": minutes,
        "zone": zone,
    }
    return _inserted(connection, booking, **row, **columns)


def is_free(connection: Connection, calendar_id: int, starts: datetime) -> bool:
    """Return whether no live booking of a calendar starts at a time, which is all that the program looks at."""
    live = booking.c.status.in_((0, BOOKED))
    rows = select(func.count()).where(booking.c.calendar_id == calendar_id, booking.c.starts == starts, live)
    return connection.execute(rows).scalar_one() == 0


def cancel(connection: Connection, booking_id: int) -> None:
    """Cancel a booking."""
    _change(connection, booking, booking_id, status=CANCELLED)


def move(
    connection: Connection, booking_id: int, starts: datetime, *, calendar_id: int | None = None
) -> None:
    """Give a booking another time, and another calendar if one is given."""
    other = {} if calendar_id is None else {"calendar_id": calendar_id}
    _change(connection, booking, booking_id, starts=starts, **other)


def set_email(connection: Connection, client_id: int, column: EmailColumn, address: str) -> None:
    """Fill or change an address of a client."""
    _change(connection, client, client_id, **{column: address})


def clear_email(connection: Connection, client_id: int, column: EmailColumn) -> None:
    """Clear an address of a client."""
    _change(connection, client, client_id, **{column: None})


def change_client(connection: Connection, client_id: int, **columns: Any) -> None:
    """Change any columns of a client."""
    _change(connection, client, client_id, **columns)


def add_note(connection: Connection, client_id: int, words: str, *, calendar_id: int | None = None) -> int:
    """Add a note about a client, and return its key."""
    return _inserted(connection, note, client_id=client_id, calendar_id=calendar_id, text=words)


def remove(connection: Connection, table: Table, key: int) -> None:
    """Remove a row; rows that refer to it must be gone."""
    connection.execute(delete(table).where(table.c.id == key))


def use_key_again(connection: Connection, table: Table, key: int, row: Mapping[str, Any]) -> None:
    """Remove a row and insert another one with the same key."""
    remove(connection, table, key)
    connection.execute(insert(table).values(id=key, **row))


def _inserted(connection: Connection, table: Table, **columns: Any) -> int:
    key: int = connection.execute(insert(table).values(**columns).returning(table.c.id)).scalar_one()
    return key


def _change(connection: Connection, table: Table, key: int, **columns: Any) -> None:
    changed = connection.execute(update(table).where(table.c.id == key).values(**columns))
    if changed.rowcount != 1:
        raise LookupError(table.name)
