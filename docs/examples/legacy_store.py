"""An existing booking service, `legacy_service.sql`, as a store for an `Applier`: a file to adapt.

Values that have no column are in one added table, `side`, as one JSON object for each row. Access is there, too.
"""

# ruff: noqa: S608 - the names of tables and columns are constants
from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime
from functools import partial
from typing import Any

from sqlite_driver import NOTES, Driver

import accountmerge as am
from accountmerge import changes

KINDS: Any = {"calendar": "profile", "client": "customer", "booking": "appointment", "note": "record"}
KINDS |= {"file": "record", "insurance_card": "record", "access": "access", "request": "access_request"}
"""The kind of each table. A native id names its table, such as `booking-17`. What has no table is in `side`."""
COLUMNS = {
    "calendar": "practitioner_id=person email=login login=enabled schedule=state",
    "client": "record_number=file_no given_name=first_name family_name=last_name birth_date=born address=street"
    " status=active email1=email1 email2=email2 phone1=phone1 phone2=phone2",
    "booking": "profile_id=calendar_id customer_id=client_id start=starts end=ends time_zone=zone modality=way"
    " status=status",
    "note": "profile_id=calendar_id customer_id=client_id data=text",
    "file": "profile_id=calendar_id customer_id=client_id data=name",
}
"""The columns of each table, by the keys of entities as JSON."""
CODES = {
    "enabled": ["disabled", "enabled"],
    "state": ["pending", "active", "inactive"],
    "active": ["disabled", "active"],
    "status": ["held", "booked", "completed", "cancelled", "missed"],
}
SIDE = "CREATE TABLE IF NOT EXISTS side (id INTEGER PRIMARY KEY AUTOINCREMENT, kind, owner UNIQUE, rest)"
EMAILS, PHONES = (("email1", "primary"), ("email2", "secondary")), ("phone1", "phone2")
RECORDS = [table for table, kind in KINDS.items() if kind == "record"]
LIMITS = am.Limits(most_phones=2, time_unit="second", hours=False, attributes=False, record_kinds=RECORDS)


def connected(path: str, timeout: float = 5) -> sqlite3.Connection:
    """Return a connection, with views that add to each row its value in `side`."""
    db = sqlite3.connect(path, timeout=timeout, isolation_level=None)
    db.row_factory = sqlite3.Row
    db.create_function("number", 1, number)
    db.create_function("mailbox", 1, lambda text: text and am.model.EmailAddress(text).mailbox)
    db.executescript(NOTES + SIDE)
    for table in KINDS:
        joined = f"{table}.*, rest FROM {table} LEFT JOIN side ON owner = '{table}-' || {table}.id"
        added = f"id, rest FROM side WHERE kind = '{table}'"
        db.execute(f"CREATE TEMP VIEW all_{table} AS SELECT {joined if table in COLUMNS else added}")
    return db


def snapshot(path: str, now: datetime) -> am.Snapshot:
    """Read everything, or raise an error if codes have no meaning."""
    with closing(connected(path)) as db:
        for table in COLUMNS:
            for column in CODES.keys() & columns_of(table).values():
                query = f"SELECT count(*) FROM {table} WHERE {column} NOT BETWEEN 0 AND ?"
                if count := db.execute(query, [len(CODES[column]) - 1]).fetchone()[0]:
                    raise ValueError(f"{count} rows of {table} have an unknown {column}")
        return am.Snapshot(now).changed(row for table in KINDS for row in rows(db, table, "1"))


def apply(path: str, change_set: Any, *, now: datetime, by: str, **driving: Any) -> changes.Applied:
    """Apply the remaining steps of a plan or a change set."""
    with closing(connected(path)) as db:
        driver = Driver(db, partial(found, db), partial(written, db), now, partial(follow, db), **driving)
        return driver.run(changes.Applier(changes.compiled(change_set), by=by, gives_ids=True))


def follow(db: sqlite3.Connection, moved: changes.Moved) -> None:
    """Let an invoice that is not paid go with its booking; others stay."""
    if moved.entity == "appointment":
        query = "UPDATE invoice SET booking_id = number(?) WHERE booking_id = number(?) AND NOT paid"
        db.execute(query, [moved.new_id, moved.old_id])


def found(db: sqlite3.Connection, questions: changes.Questions) -> list[Any]:
    """Read the rows that answer questions, and more: all bookings of an owner, and all access to a customer."""
    asked: list[tuple[str, str, str]] = [(kind, "id", id) for kind, ids in questions.ids for id in ids]
    asked += [(each.entity, each.attribute, value) for each in questions.equalities for value in each.values]
    asked += [("access", "customer_id", customer_id) for _, customer_id in questions.access]
    asked += [("appointment", each.field, each.id) for each in questions.bookings]
    tables = [(table, key, value) for kind, key, value in asked for table in KINDS if KINDS[table] == kind]
    return [row for table, key, value in tables for row in rows(db, table, condition(table, key), value)]


def condition(table: str, key: str) -> str:
    column = {"id": "id", **columns_of(table)}.get(key, f"json_extract(rest, '$.{key}')")
    if "mailbox" in key or key == "former_logins":
        in_emails = "json_extract(rest, '$.emails[0]') NOT NULL OR mailbox(email1)"
        column = "mailbox(login)" if table == "calendar" else in_emails
    return f"{column} = number(?)" if column.endswith("id") else f"{column} = ?"


def rows(db: sqlite3.Connection, table: str, condition: str, *values: str) -> list[Any]:
    return [entity(table, row) for row in db.execute(f"SELECT * FROM all_{table} WHERE {condition}", values)]


def entity(table: str, row: sqlite3.Row) -> Any:
    """Return the entity of a row."""
    data = json.loads(row["rest"] or "{}") | {"id": f"{table}-{row['id']}"}
    for key, column in columns_of(table).items():
        if row[column] is not None:
            value = f"{column[:-3]}-{row[column]}" if column.endswith("_id") else row[column]
            data[key] = CODES[column][int(value)] if column in CODES else value
    if table == "booking":
        for key, choice in zip(("start", "end"), data.pop("folds", ("earlier",) * 2), strict=True):
            local = datetime.fromisoformat(data[key])
            data[key] = am.model.resolve_wall_time(local, data["time_zone"], ambiguous=choice).isoformat()
    elif table == "client":
        known = [{"address": data.pop(column), "use": use} for column, use in EMAILS if column in data]
        data["emails"] = known + data.get("emails", [])
        data["phones"] = [data.pop(column) for column in PHONES if column in data] + data.get("phones", [])
    elif KINDS[table] == "record":
        data["kind"] = table
    return am.documents.entity_from_json(KINDS[table], data)


def split(table: str, row: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the columns of an entity, and the values that have none."""
    data: dict[str, Any] = am.documents.entity_to_json(row)
    if table == "booking":
        times = [am.model.wall_time(time, row.time_zone) for time in (row.slot.start, row.slot.end)]
        data |= {"start": str(times[0][0]), "end": str(times[1][0])}
        folds = [("earlier", "later")[fold] for _, fold in times]
        data |= {"folds": folds} if "later" in folds else {}
    elif table == "client":
        data |= zip(PHONES, phones := data.get("phones", []), strict=False)
        data["phones"] = phones[2:]
        for column, use in EMAILS:
            plain = [each for each in data["emails"] if each["use"] == use and "login_of" not in each]
            data |= {column: each["address"] for each in plain[:1]}  # noqa: B035 - there is one
            data["emails"] = [each for each in data["emails"] if each not in plain[:1]]
    columns: dict[str, Any] = {}
    for key, column in columns_of(table).items():
        value: Any = data.pop(key) if isinstance(data.get(key), str) else None
        value = number(value) if column.endswith("_id") else value
        columns[column] = CODES[column].index(value) if column in CODES else value
    return columns, {key: data[key] for key in data if key not in ("id", "kind")}


def written(db: sqlite3.Connection, edit: changes.Edit) -> changes.WrittenEntity:
    """Insert, update or delete a row."""
    row: Any = edit.after or edit.before
    first = next(name for name in KINDS if KINDS[name] == edit.entity)
    table = row.kind if edit.entity == "record" else first
    columns, rest = split(table, row)
    if not columns:
        columns, rest = {"kind": table, "rest": json.dumps(rest)}, {}
    target, id = table if table in COLUMNS else "side", number(edit.id)
    if edit.before is None:
        id = db.execute(f"INSERT INTO {target} DEFAULT VALUES").lastrowid
    changed = ", ".join(f"{column} = ?" for column in columns)
    db.execute(f"UPDATE {target} SET {changed} WHERE id = ?", [*columns.values(), id])
    if edit.before is None and table == "booking":  # the model does not know the column `room`
        query = "UPDATE booking SET room = (SELECT room FROM booking WHERE id = number(?)) WHERE id = ?"
        db.execute(query, [row.replaces, id])
    db.execute("DELETE FROM side WHERE owner = ?", [f"{table}-{id}"])
    if edit.after is None:
        db.execute(f"DELETE FROM {target} WHERE id = ?", [id])
    elif rest:
        db.execute("INSERT INTO side (owner, rest) VALUES (?, ?)", [f"{table}-{id}", json.dumps(rest)])
    return changes.WrittenEntity(entity=edit.entity, id=edit.id, store_id=f"{table}-{id}")


def columns_of(table: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in COLUMNS.get(table, "").split())


def number(id: str | None) -> int | None:
    digits = (id or "").rpartition("-")[2]
    return int(digits) if digits.isdecimal() and len(digits) < 19 else None  # noqa: PLR2004
