"""A practice in the tables of the invented booking service, of any size, the same in every run."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from foreign_schema import (
    BOOKING_SERVICE,
    booking,
    calendar,
    client,
    client_programme,
    file,
    insurance_card,
    invoice,
    login_token,
    note,
)
from sqlalchemy import Connection, MetaData, Table, func, insert, select, text

ZONE = "America/Toronto"
FIRST_DAY = datetime(2026, 10, 26, 9)  # noqa: DTZ001 - as clocks show it; clocks go back on 1 November
LEFT, OTHERS = 1, 2
"""The keys of the calendars: of the practitioner who moves, and of another one."""
_A_DAY = 8  # bookings of an hour, from 9:00


def emptied(connection: Connection, metadata: MetaData) -> None:
    """Remove every row of some tables."""
    for table in reversed(metadata.sorted_tables):
        connection.execute(table.delete())


def fill_practice(connection: Connection, *, clients: int = 4, bookings: int = 8) -> None:
    """Write a practice into empty tables; no booking overlaps another one.

    Clients have the keys 1, 2, …; two neighbours each may be one person, because they share a birth date and a last
    name. Of all clients, the odd ones have a primary address. Bookings have the keys 1, 2, … and alternate between both
    calendars, eight a day from `FIRST_DAY` on. With more than 48, some are after the night on which clocks go back.

    Args:
        connection: An open connection.
        clients: The number of clients, at least 1.
        bookings: The number of bookings.
    """
    logins = (("H1", "ann@example.com"), ("H2", "bo@example.com"))
    _write(
        connection,
        calendar,
        [
            {"id": key, "person": person, "login": login, "enabled": True, "state": 1}
            for key, (person, login) in enumerate(logins, start=1)
        ],
    )
    _write(connection, client, [_client(key) for key in range(1, clients + 1)])
    _write(connection, booking, [_booking(key, clients) for key in range(1, bookings + 1)])
    _write(
        connection,
        invoice,
        [{"booking_id": key, "cents": 100 * key, "paid": key % 2 == 0} for key in range(1, bookings + 1)],
    )
    for key in range(1, clients + 1):
        _write_history(connection, key)
    _count_on(connection)


def _count_on(connection: Connection) -> None:
    """Let the database give keys after those that were given to it, as SQLite does by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in BOOKING_SERVICE.sorted_tables:
        if "id" in table.c:
            last = connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
            connection.execute(text(f"ALTER TABLE {table.name} ALTER id RESTART WITH {int(last) + 1}"))


def _client(key: int) -> dict[str, Any]:
    signs_in = key % 2 == 1
    return {
        "id": key,
        "file_no": f"N{key:05}",
        "first_name": f"Given {key}",
        "last_name": f"Family {(key + 1) // 2}",
        "email1": f"client{key}@example.com" if signs_in else None,
        "email2": f"second{key}@example.org",
        "phone1": f"+1 555 {key:04}",
        "phone2": None if signs_in else f"+1 556 {key:04}",
        "born": date(1980, 1, 1) + timedelta(days=(key + 1) // 2),
        "street": f"{key} Example Street",
        "active": True,
        "created": FIRST_DAY - timedelta(days=key),
        "newsletter": signs_in,
    }


def _booking(key: int, clients: int) -> dict[str, Any]:
    day, hour = divmod(key - 1, _A_DAY)
    return {
        "id": key,
        "calendar_id": (OTHERS, LEFT)[key % 2],
        "client_id": (key - 1) % clients + 1,
        "starts": FIRST_DAY + timedelta(days=day, hours=hour),
        "minutes": 60,
        "zone": ZONE,
        "way": ("room", "video", "phone", "chat")[key % 4],
        "status": 1,
        "room": f"B{key % 3}",
        "price": key,
    }


def _write_history(connection: Connection, key: int) -> None:
    """Write the notes, the files and the like of a client."""
    owner = {"client_id": key}
    _write(connection, note, [{"id": key, **owner, "calendar_id": LEFT, "text": f"note {key}"}])
    _write(connection, file, [{**owner, "note_id": key, "name": f"file {key}.pdf", "bytes": key}])
    _write(connection, insurance_card, [{**owner, "insurer": "Example Health", "card_no": f"card {key}"}])
    programmes = [{**owner, "programme_no": number, "goal": f"goal {number}"} for number in (1, 2)]
    _write(connection, client_programme, programmes)
    _write(connection, login_token, [{**owner, "token": f"token {key}", "expires": FIRST_DAY}])


def _write(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)
