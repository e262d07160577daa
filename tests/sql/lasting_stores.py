"""Stores on mapped tables that the tests of a module share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs
import mapped_schemas
import oracle_schema
import pytest
from good_snapshots import made_good
from mapped_adapter import MappedAdapter
from replanned_questions import bare
from sqlalchemy import URL, create_engine, event

import accountmerge as am
from accountmerge.model.time_slots import TimeSlot
from accountmerge.testing.reference.narrow_data import narrowed
from accountmerge.testing.reference.renamed_rows import Names
from sql_servers import Postgres

SCHEMAS = ("booking_service", "clinic_service", "oracle_mapping")
DATABASES = ("sqlite", "postgresql")
ALL = [(database, schema) for database in DATABASES for schema in SCHEMAS]
"""Each schema on each database."""
SHOWN_ELSEWHERE = (("sqlite", "oracle_mapping"), ("postgresql", "clinic_service"))
"""What the same schema on the other database shows, and the other schemas on the same database."""
EACH = [pytest.param(store, marks=pytest.mark.long) if store in SHOWN_ELSEWHERE else store for store in ALL]
"""All, of which `nox -s laws` alone tries those that are shown elsewhere."""
EACH_MEASURED_ONCE = [
    pytest.param(store, marks=pytest.mark.unmeasured) if store == ("postgresql", "booking_service") else store
    for store in EACH
]
"""The same; coverage is measured of each schema on one database."""


@contextmanager
def lasting_store(request: pytest.FixtureRequest, database: str, schema: str) -> Iterator[MappedAdapter]:
    """Make a store in a new database, and remove the database afterwards.

    Connections are kept in a pool, and SQLite does not wait for the disk: the tests open thousands.
    """
    if database == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        with server.new_database() as url:
            yield from _made(url, schema)
    else:
        path = request.getfixturevalue("tmp_path_factory").mktemp("lasting") / "practice.sqlite"
        yield from _made(f"sqlite:///{path}", schema)


def _made(url: URL | str, schema: str) -> Iterator[MappedAdapter]:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _without_waiting)
    mapping = getattr(mapped_schemas, schema)()
    try:
        if schema == "oracle_mapping":
            oracle_schema.create(engine)
            mapping.create_all(engine)
        else:
            if mapping.gives_ids:
                for table in mapping.metadata.tables.values():
                    # The laws of stores forbid that the key of a removed row is given again.
                    table.dialect_options["sqlite"]["autoincrement"] = "id" in table.c
            mapped_schemas.created(engine, mapping)
        yield MappedAdapter(engine, mapping)
    finally:
        engine.dispose()


LET_GO = {
    "postgresql": [
        "ALTER TABLE customer_email DROP CONSTRAINT email_claimed_twice",
        "ALTER TABLE appointment DROP CONSTRAINT practitioner_booked_twice",
        "ALTER TABLE profile DROP CONSTRAINT several_active_schedules",
        "ALTER TABLE taken_time DROP CONSTRAINT person_booked_twice",
    ],
    "sqlite": [
        f"DROP TRIGGER {name}_after_{event}"
        for name, events in (
            ("claim", ("insert", "update")),
            ("appointment_rules", ("insert", "update", "delete")),
            ("profile_rules", ("insert", "update", "delete")),
        )
        for event in events
    ],
}


def let_rules_go(adapter: MappedAdapter) -> None:
    """Remove the rules of the oracle that the data of the kit break.

    In its worked examples an address is claimed twice, and its other programs book a practitioner twice, and open
    a second schedule.
    """
    with adapter.engine.begin() as connection:
        for command in LET_GO[adapter.engine.dialect.name]:
            connection.exec_driver_sql(command)


def _without_waiting(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = OFF")


def holdable_in(adapter: MappedAdapter, data: am.Snapshot) -> am.Snapshot:
    """Return data as the tables of a store can hold them: within its limits, and as its rules allow."""
    held = narrowed(bare(data), adapter.limits, {})
    if adapter.mapping.metadata is oracle_schema.ORACLE:
        return made_good(held)
    notes = {row.id for row in held.records if row.kind == "note"}  # files have a column for them alone
    known = {row.email.text: row.id for row in held.profiles}
    pairs = {(row.profile_id, row.customer_id): row.id for row in held.access}
    once = [row for row in held.access if pairs[row.profile_id, row.customer_id] == row.id]
    return am.Snapshot(
        held.taken_at,
        profiles=[
            row if known[row.email.text] == row.id else attrs.evolve(row, email=f"{row.id}@example.com")
            for row in held.profiles
        ],
        customers=[
            attrs.evolve(
                row,
                record_number=f"number of {row.id}",
                emails={email.address.text: email for email in reversed(row.emails)}.values(),
            )
            for row in held.customers
        ],
        appointments=[attrs.evolve(row, slot=_of_a_minute(row.slot)) for row in held.appointments],
        records=[
            attrs.evolve(row, attached_to=row.attached_to if row.attached_to in notes else None)
            for row in held.records
        ],
        access=once,
        access_requests=held.access_requests,
    )


def _of_a_minute(slot: TimeSlot) -> TimeSlot:
    """Return a slot of a minute at least, as one that lasts no whole minute has no length in a column of minutes."""
    return TimeSlot(slot.start, max(slot.end, slot.start.add(minutes=1)))


def seeded(adapter: MappedAdapter, data: am.Snapshot) -> tuple[am.Snapshot, Names]:
    """Write data into a store, and return what it holds then, and its own ids by kind and id."""
    held = holdable_in(adapter, data)
    names = adapter.seed(held)
    return attrs.evolve(adapter.dump(), taken_at=held.taken_at), names
