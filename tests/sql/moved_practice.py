"""The invented booking service on a database, mapped, with a migration of one of its calendars."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pendulum
import sqlalchemy as sa
import their_program as theirs
from foreign_practice import ZONE, fill_practice
from foreign_schema import booking, calendar
from mapped_schemas import booking_service, created

import accountmerge as am
from accountmerge import sql
from accountmerge.changes.edits import Key
from accountmerge.changes.store_ids import told_ids
from accountmerge.testing.reference.renamed_rows import renamed_snapshot

AT = pendulum.datetime(2026, 10, 23, 9, tz=ZONE)
NEW_LOGIN = "ann@example.net"
RULES = am.MigrationRules(minutes_per_booking=1)
REQUEST = am.MigrationRequest(
    profile_id="calendar-1",
    new_email=NEW_LOGIN,
    reason="security",
    ticket="T-1",
    agreement=am.Agreement(by="Ann Example", at=AT, version="1"),
)


def practice(engine: sa.Engine, *, clients: int = 4, bookings: int = 8) -> sql.Mapping:
    """Create all tables, fill those of the service, and return the mapping."""
    mapping = booking_service()
    created(engine, mapping)
    with theirs.at_work(engine) as connection:
        fill_practice(connection, clients=clients, bookings=bookings)
    return mapping


def store_of(engine: sa.Engine, mapping: sql.Mapping, **options: Any) -> sql.Store:
    """Return a store whose clock stands still."""
    return sql.Store(engine, mapping, clock=lambda: AT, **options)


def migration_of(store: sql.Store) -> am.MigrationPlan:
    """Return the plan that moves the first calendar."""
    plan = am.plan_migration(store.snapshot(), REQUEST, rules=RULES, at=AT)
    assert plan.is_ready
    return plan


def in_planned_ids(store: sql.Store, change_set: am.ChangeSet) -> am.Snapshot:
    """Return the data with the ids of the plan, as the receipts say them."""
    told = told_ids(change_set, store.receipts())
    names: dict[Key, str] = {(key[0], id): key[1] for key, id in told.items()}
    return renamed_snapshot(store.snapshot(), names)


def columns_without_keys(engine: sa.Engine) -> Counter[tuple[Any, ...]]:
    """Return the rows of calendars and bookings in their own columns, without what differs from run to run."""
    calendars = sa.select(*(column for column in calendar.c if column.name != "id"))
    skipped = {"id", "calendar_id"}
    bookings = sa.select(
        calendar.c.login, *(column for column in booking.c if column.name not in skipped)
    ).join(calendar)
    with engine.connect() as connection:
        found = [*connection.execute(calendars), *connection.execute(bookings)]
    return Counter(tuple(row) for row in found)


def orphans(engine: sa.Engine, mapping: sql.Mapping) -> dict[str, int]:
    """Return the number of rows in added tables that belong to no row of the caller, by table."""
    found: dict[str, int] = {}
    with engine.connect() as connection:
        for table in mapping.tables.added.sorted_tables:
            for constraint in table.foreign_key_constraints:
                pairs = [(element.parent, element.column) for element in constraint.elements]
                same = sa.exists().where(*(own == key for own, key in pairs))
                lost = sa.select(sa.func.count()).select_from(table)
                lost = lost.where(*(own.is_not(None) for own, _ in pairs), sa.not_(same.correlate(table)))
                count = connection.execute(lost).scalar_one()
                if count:
                    found[table.name] = count
    return found


def overlays(engine: sa.Engine, mapping: sql.Mapping, entity: Any) -> dict[Any, Any]:
    """Return the overlays of a kind of entity by key."""
    (mapped,) = mapping.tables.of_kind(entity)
    assert mapped.side is not None
    own = mapped.side.key_names[0]
    with engine.connect() as connection:
        rows = connection.execute(sa.select(mapped.side.table.c[own], mapped.side.body))
        return {key: None if body is None else json.loads(body) for key, body in rows}


def overlapping(engine: sa.Engine) -> list[tuple[int, int]]:
    """Return the live bookings that overlap another one of their calendar or client, in their columns alone."""
    live = booking.c.status.in_((0, theirs.BOOKED))
    with engine.connect() as connection:
        rows = connection.execute(sa.select(booking).where(live).order_by(booking.c.starts)).all()
    found = []
    for place, one in enumerate(rows):
        for other in rows[place + 1 :]:
            if (other.starts - one.starts).total_seconds() >= one.minutes * 60:
                break
            if one.calendar_id == other.calendar_id or one.client_id == other.client_id:
                found.append((one.id, other.id))
    return found


def new_calendar_key(connection: sa.Connection) -> int:
    """Return the key of the calendar that the plan made."""
    key: int = connection.execute(sa.select(calendar.c.id).where(calendar.c.login == NEW_LOGIN)).scalar_one()
    return key


MERGE = am.MergeRequest(
    survivor="client-1",
    absorbed=["client-2"],
    authority=am.merges.Authority(person="Bo Example", role="head", ticket="T-2", why="an example"),
)
MERGE_RULES = am.MergeRules(actor="authorised", kept_primary="survivor")


def merge_of(store: sql.Store) -> am.ChangeSet:
    """Return the confirmed change set that merges the second client into the first one."""
    plan = am.plan_merge(store.snapshot(), MERGE, rules=MERGE_RULES, at=AT)
    assert plan.is_ready
    return plan.confirm(by="Bo Example", at=AT)
