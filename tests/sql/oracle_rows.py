"""Functions that fill the oracle with a snapshot and read it back, by hand, without `accountmerge.sql`."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import attrs
import oracle_schema as tables
from sqlalchemy import Connection, Row, Table, insert, select, text
from written_rows import emptied

from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.emails import CustomerEmail
from accountmerge.model.entities import KINDS, Entity
from accountmerge.model.json_text import FrozenJson
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Completeness, Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.weekly_hours import WeeklyHours
from accountmerge.wire.converter import converter

_ELSEWHERE = {"unavailable", "former_record_numbers", "emails", "phones", "opt_outs", "slot"}
"""The fields whose values are in other tables, or in two columns."""


def holdable(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot as the oracle can hold it: whole, and without versions that are no number."""
    rows = [
        attrs.evolve(row, version=None) if isinstance(row.version, str) else row
        for kind in KINDS
        for row in snapshot.table(kind.collection)
    ]
    changed = snapshot.changed(rows)
    return Snapshot.of_checked(
        changed.taken_at,
        Completeness(),
        {kind.collection: tuple(changed.table(kind.collection)) for kind in KINDS},
    )


def fill(connection: Connection, snapshot: Snapshot) -> None:
    """Empty the tables and write every row of a snapshot, in the transaction of the caller.

    Raises:
        ValueError: A version is text, for which there is no column.
        IntegrityError: The data break a rule. A rule that holds at the end of a transaction raises then.
    """
    emptied(connection, _CHILDREN_FIRST)
    for kind in KINDS:
        table = tables.ORACLE.tables[kind.name]
        _insert(connection, table, [_columns(row) for row in snapshot.table(kind.collection)])
    _insert(connection, tables.profile_unavailable, _unavailable(snapshot))
    for name, rows in _rows_of_customers(snapshot).items():
        _insert(connection, tables.ORACLE.tables[name], rows)


def read(connection: Connection, taken_at: datetime) -> Snapshot:
    """Read all tables as a snapshot.

    Args:
        connection: An open connection. On PostgreSQL, the rest of its transaction is in UTC afterwards.
        taken_at: The instant of the snapshot, which no table has.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL TIME ZONE 'UTC'"))  # in other zones, year 1 and year 9999 overflow
    return Snapshot(
        taken_at,
        profiles=_profiles(connection),
        customers=_customers(connection),
        appointments=[_appointment(row) for row in connection.execute(select(tables.appointment))],
        records=[
            Record(**_fields(row, {"data": _frozen, "created_at": _instant}))
            for row in connection.execute(select(tables.record))
        ],
        access=[
            Access(**_fields(row, {"since": _instant, "created_at": _instant}))
            for row in connection.execute(select(tables.access))
        ],
        access_requests=[
            AccessRequest(
                **_fields(row, dict.fromkeys(("requested_at", "expires_at", "decided_at"), _instant))
            )
            for row in connection.execute(select(tables.access_request))
        ],
    )


_CHILDREN_FIRST: tuple[Table, ...] = (
    tables.profile_unavailable,
    tables.customer_former_number,
    tables.customer_email,
    tables.customer_phone,
    tables.customer_opt_out,
    tables.access_request,
    tables.access,
    tables.record,
    tables.appointment,
    tables.customer,
    tables.profile,
)


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _columns(entity: Entity) -> dict[str, Any]:
    if isinstance(entity.version, str):
        raise ValueError("version")  # noqa: TRY004 - the type is fine elsewhere
    names = [field.name for field in attrs.fields(type(entity)) if field.name not in _ELSEWHERE]
    columns = {name: _plain(getattr(entity, name)) for name in names}
    if isinstance(entity, Profile):
        columns["email"] = entity.email.text
        columns["hours"] = None if entity.hours is None else _hours_text(entity.hours)
    elif isinstance(entity, Appointment):
        columns |= {"starts": _plain(entity.slot.start), "ends": _plain(entity.slot.end)}
        columns["local_start"] = entity.local_start
    return columns


def _plain(value: Any) -> Any:
    if isinstance(value, FrozenJson):
        return value.text
    if isinstance(value, datetime) and value.tzinfo is not None:
        return datetime.fromisoformat(value.isoformat())  # a driver takes no subclass
    return value


def _hours_text(hours: WeeklyHours) -> str:
    return json.dumps(converter().unstructure(hours))


def _hours(written: str | None) -> WeeklyHours | None:
    return None if written is None else converter().structure(json.loads(written), WeeklyHours)


def _unavailable(snapshot: Snapshot) -> list[dict[str, Any]]:
    return [
        {"profile_id": row.id, "starts": _plain(slot.start), "ends": _plain(slot.end)}
        for row in snapshot.profiles
        for slot in row.unavailable
    ]


def _rows_of_customers(snapshot: Snapshot) -> dict[str, list[dict[str, Any]]]:
    rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for customer in snapshot.customers:
        owner = {"customer_id": customer.id}
        for number in customer.former_record_numbers:
            rows["customer_former_number"].append({**owner, "number": number})
        for email in customer.emails:
            address = {"address": email.address.text, "use": email.use, "login_of": email.login_of}
            rows["customer_email"].append({**owner, **address})
        for position, phone in enumerate(customer.phones):
            rows["customer_phone"].append({**owner, "position": position, "number": phone})
        for name in customer.opt_outs:
            rows["customer_opt_out"].append({**owner, "name": name})
    return rows


def _instant(value: datetime | None) -> datetime | None:
    """Return an instant with its zone; SQLite keeps none, and what is in it is UTC."""
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def _frozen(written: str | None) -> FrozenJson | None:
    return None if written is None else FrozenJson(written)


def _fields(row: Row[Any], readers: dict[str, Any]) -> dict[str, Any]:
    columns = {name: value for name, value in row._mapping.items() if name != "mailbox"}
    return {name: readers[name](value) if name in readers else value for name, value in columns.items()}


def _profiles(connection: Connection) -> list[Profile]:
    slots: defaultdict[str, list[TimeSlot]] = defaultdict(list)
    for row in connection.execute(select(tables.profile_unavailable)):
        slots[row.profile_id].append(_slot(row))
    rows = connection.execute(select(tables.profile))
    return [
        Profile(**_fields(row, {"hours": _hours, "data": _frozen}), unavailable=slots[row.id]) for row in rows
    ]


def _slot(row: Row[Any]) -> TimeSlot:
    start, end = _instant(row.starts), _instant(row.ends)
    assert start is not None
    assert end is not None
    return TimeSlot(start, end)


def _customers(connection: Connection) -> list[Customer]:
    numbers = _by_customer(connection, tables.customer_former_number)
    emails = _by_customer(connection, tables.customer_email)
    phones = _by_customer(connection, tables.customer_phone)
    opt_outs = _by_customer(connection, tables.customer_opt_out)
    return [
        Customer(
            **_fields(row, {"attributes": _frozen, "merged_at": _instant}),
            former_record_numbers=[each.number for each in numbers[row.id]],
            emails=[CustomerEmail(each.address, each.use, each.login_of) for each in emails[row.id]],
            phones=[each.number for each in sorted(phones[row.id], key=lambda each: each.position)],
            opt_outs=[each.name for each in opt_outs[row.id]],
        )
        for row in connection.execute(select(tables.customer))
    ]


def _by_customer(connection: Connection, table: Table) -> defaultdict[str, list[Row[Any]]]:
    rows: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(select(table)):
        rows[row.customer_id].append(row)
    return rows


def _appointment(row: Row[Any]) -> Appointment:
    fields = _fields(row, {"data": _frozen, "created_at": _instant})
    for name in ("practitioner_id", "starts", "ends"):
        del fields[name]
    return Appointment(**fields, slot=_slot(row))
