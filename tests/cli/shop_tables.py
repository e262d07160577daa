"""The tables of an invented practice with their mapping, as `--mapping` names it, and objects that are no mapping."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from cli_runs import TAKEN_AT

from accountmerge.sql import Codes, Constant, EmailColumns, Mapping, Values

SHOP = sa.MetaData()


def _key() -> sa.Column[str]:
    return sa.Column("id", sa.String(40), primary_key=True)


def _to(table: str) -> sa.Column[str]:
    return sa.Column(table, sa.String(40), sa.ForeignKey(f"{table}.id"), nullable=False)


calendar = sa.Table(
    "calendar",
    SHOP,
    _key(),
    sa.Column("person", sa.String(40), nullable=False),
    sa.Column("login", sa.String(320), nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
)
client = sa.Table(
    "client",
    SHOP,
    _key(),
    sa.Column("file_no", sa.String(40), nullable=False),
    sa.Column("first", sa.String(80)),
    sa.Column("last", sa.String(80)),
    sa.Column("mail", sa.String(320)),
    sa.Column("other_mail", sa.String(320)),
    sa.Column("phone", sa.String(40)),
    sa.Column("born", sa.Date),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
)
booking = sa.Table(
    "booking",
    SHOP,
    _key(),
    _to("calendar"),
    _to("client"),
    sa.Column("starts", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
    sa.Column("status", sa.String(10), nullable=False),
)
treats = sa.Table("treats", SHOP, _key(), _to("calendar"), _to("client"))


def make() -> Mapping:
    """Return a mapping of the tables."""
    made = Mapping(SHOP, zone="Australia/Sydney", ids="planned")
    made.profiles(
        "calendar",
        practitioner_id="person",
        email="login",
        login=Codes("enabled", {True: "enabled", False: "disabled"}),
        schedule="state",
    )
    made.customers(
        "client",
        record_number="file_no",
        given_name="first",
        family_name="last",
        emails=EmailColumns("mail", secondary=["other_mail"]),
        phones=Values("phone"),
        birth_date="born",
        status=Codes("active", {True: "active", False: "disabled"}),
    )
    made.appointments(
        "booking",
        profile_id="calendar",
        customer_id="client",
        start="starts",
        end="ends",
        modality=Constant("video"),
        status="status",
    )
    made.access("treats", profile_id="calendar", customer_id="client", level=Constant("treating"))
    made.obeys("access_requests", "former_emails", "merged_into", "unavailable")
    return made


mapping = make()
number = 3


def fails() -> Any:
    raise RuntimeError("canary-password")


def fill(connection: sa.Connection) -> None:
    """Write a practitioner, two clients who are one person, their bookings, and another practitioner."""
    _write(
        connection,
        calendar,
        {"id": "p-1", "person": "d-1", "login": "canary.old@example.org", "enabled": True, "state": "active"},
    )
    for number, mail in ((1, "canary.one@example.org"), (2, None)):
        row = {"id": f"c-{number}", "file_no": f"R-{number}", "first": "Canarygiven", "last": "Canaryfamily"}
        _write(connection, client, row | {"mail": mail, "phone": f"+61 400 000 00{number}", "active": True})
        _write(connection, treats, {"id": f"x-{number}", "calendar": "p-1", "client": f"c-{number}"})
    other = {"id": "p-2", "person": "d-2", "login": "canary.other@example.org"}
    _write(connection, calendar, other | {"enabled": True, "state": "active"})
    for number in range(4):
        start = TAKEN_AT + timedelta(days=1 + number)
        owners = {"calendar": "p-1", "client": f"c-{number % 2 + 1}"}
        times = {"starts": start, "ends": start + timedelta(minutes=50)}
        _write(connection, booking, {"id": f"a-{number}", "status": "booked", **owners, **times})


def _write(connection: sa.Connection, table: sa.Table, row: dict[str, Any]) -> None:
    connection.execute(table.insert(), row)
