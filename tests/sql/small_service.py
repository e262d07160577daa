"""The tables of a small invented booking service, and their mapping, for tests about what tables lack."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from accountmerge import sql

ZONE = "America/Toronto"
FIRST = datetime(2026, 5, 4, 9)  # noqa: DTZ001 - as clocks show it
STATUS = {0: "held", 1: "booked", 2: "completed", 3: "cancelled", 4: "missed"}
"""The word of each code in `booking.status`."""
SCHEDULE = {0: "pending", 1: "active", 2: "inactive"}
"""The word of each code in `calendar.state`."""


def tables() -> sa.MetaData:
    """Return the tables of the service."""
    metadata = sa.MetaData()

    def key() -> sa.Column[int]:
        return sa.Column("id", sa.Integer, primary_key=True)

    def reference(name: str, target: str) -> sa.Column[int]:
        return sa.Column(name, sa.Integer, sa.ForeignKey(target), nullable=False)

    sa.Table(
        "calendar",
        metadata,
        key(),
        sa.Column("person", sa.String(60), nullable=False),
        sa.Column("login", sa.String(320), nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
    )
    sa.Table(
        "client",
        metadata,
        key(),
        sa.Column("file_no", sa.String(40), nullable=False, unique=True),
        sa.Column("first_name", sa.String(80)),
        sa.Column("email1", sa.String(320)),
        sa.Column("phone1", sa.String(50)),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    sa.Table(
        "booking",
        metadata,
        key(),
        reference("calendar_id", "calendar.id"),
        reference("client_id", "client.id"),
        sa.Column("starts", sa.DateTime, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("zone", sa.String(20), nullable=False),
        sa.Column("status", sa.SmallInteger, nullable=False),
        sa.Column("room", sa.String(2), nullable=False, server_default="A"),
    )
    sa.Table("note", metadata, key(), reference("client_id", "client.id"), sa.Column("text", sa.Text))
    sa.Table("invoice", metadata, key(), reference("booking_id", "booking.id"))
    return metadata


def mapping(metadata: sa.MetaData, **changes: Any) -> sql.Mapping:
    """Return the mapping of the service.

    Args:
        metadata: The tables.
        changes: By the name of a table, arguments to add or to replace; None takes one away.
    """
    made = sql.Mapping(metadata, zone=ZONE, **changes.pop("options", {}))

    def given(table: str, **arguments: Any) -> dict[str, Any]:
        merged = {**arguments, **changes.get(table, {})}
        return {name: value for name, value in merged.items() if value is not None}

    made.profiles(
        "calendar",
        **given(
            "calendar",
            practitioner_id="person",
            email="login",
            login=sql.Codes("enabled", {True: "enabled", False: "disabled"}),
            schedule=sql.Codes("state", SCHEDULE),
        ),
    )
    made.customers(
        "client",
        **given(
            "client",
            record_number="file_no",
            given_name="first_name",
            emails=sql.EmailColumns("email1"),
            phones=sql.Values("phone1"),
            status=sql.Codes("active", {True: "active", False: "disabled"}),
        ),
    )
    made.appointments(
        "booking",
        **given(
            "booking",
            profile_id="calendar_id",
            customer_id="client_id",
            start=sql.Local("starts"),
            end=sql.Duration("minutes"),
            time_zone="zone",
            modality=sql.Constant("in_person"),
            status=sql.Codes("status", STATUS),
        ),
    )
    if "note" in metadata.tables:
        made.records("note", "note", **given("note", customer_id="client_id", data=sql.Columns("text")))
    return made


def engine_for(path: Path, made: sql.Mapping) -> sa.Engine:
    """Return a new SQLite database with all tables."""
    engine = sa.create_engine(f"sqlite:///{path}")

    @sa.event.listens_for(engine, "connect")
    def _fast(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    made.metadata.create_all(engine)
    made.create_all(engine)
    return engine


def fill(connection: sa.Connection, metadata: sa.MetaData, *, bookings: int = 8, clients: int = 4) -> None:
    """Write a practice of two calendars: bookings of an hour, eight a day, and a note of each client."""
    table = metadata.tables
    connection.execute(
        table["calendar"].insert(),
        [
            {"id": key, "person": f"H{key}", "login": f"p{key}@example.com", "enabled": True, "state": 1}
            for key in (1, 2)
        ],
    )
    connection.execute(
        table["client"].insert(),
        [
            {
                "id": key,
                "file_no": f"N{key}",
                "first_name": f"Given {key}",
                "email1": f"c{key}@example.com",
                "phone1": f"555-{key:04}",
                "active": True,
            }
            for key in range(1, clients + 1)
        ],
    )
    connection.execute(
        table["booking"].insert(),
        [
            {
                "id": key,
                "calendar_id": key % 2 + 1,
                "client_id": key % clients + 1,
                "starts": FIRST + timedelta(days=key // 8, hours=key % 8),
                "minutes": 60,
                "zone": ZONE,
                "status": 1,
            }
            for key in range(1, bookings + 1)
        ],
    )
    connection.execute(
        table["note"].insert(), [{"client_id": key, "text": "a note"} for key in range(1, clients + 1)]
    )
