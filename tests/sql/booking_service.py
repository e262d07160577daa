"""An invented booking service with its own tables on SQLite, its mapping, and a migration and a merge of its data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import accountmerge as am
from accountmerge import sql

EXAMPLES = Path(__file__).resolve().parents[2] / "docs/examples"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "calendar": [
        (3, "ada", "ada@example.com", 1, 1, "teal"),
        (8, "ben", "Ben@example.org", 1, 1, "grey"),
    ],
    "client": [
        (
            11,
            "A-1",
            "Ida",
            "Sample",
            "ida@example.com",
            "i@example.org",
            "555-0101",
            None,
            "1980-02-29",
            "",
            1,
        ),
        (12, "A-2", "Ida", "Sample", "Ida@Example.net", None, "555-0102", None, None, None, 1),
        (13, "A-3", "Tom", None, None, None, None, None, None, None, 1),
    ],
    "booking": [
        (21, 3, 11, "2026-03-05 10:00:00", "2026-03-05 10:50:00", "Australia/Sydney", "video", 1, "blue"),
        (22, 3, 12, "2026-04-05 01:30:00", "2026-04-05 01:45:00", "Australia/Sydney", "phone", 1, "red"),
        (23, 3, 11, "2026-02-05 10:00:00", "2026-02-05 10:50:00", "Australia/Sydney", "video", 2, "blue"),
        (24, 8, 13, "2026-03-05 10:00:00", "2026-03-05 10:50:00", "Europe/Paris", "in_person", 1, None),
        (25, 8, 12, "2026-05-05 10:00:00", "2026-05-05 10:50:00", "Europe/Paris", "in_person", 1, "attic"),
    ],
    "note": [(31, 3, 11, '"likes mornings"'), (32, 3, 12, None)],
    "file": [(41, 3, 12, '"scan.pdf"'), (42, None, 13, '"plan.pdf"')],
    "invoice": [(51, 21, 9_000, 0), (52, 21, 100, 1), (53, 23, 9_000, 0), (54, 25, 50, 0)],
}
MIGRATION = am.MigrationRequest(
    profile_id="calendar-3",
    new_email="ada.new@example.com",
    reason="business_name_change",
    ticket="T-1",
    agreement=am.Agreement(by="Ada Example", at=datetime(2026, 2, 20, tzinfo=UTC), version="1"),
)
COPIES = am.MigrationRules(record_kinds=[am.migrations.ProfileRecords(kind="note", becomes="copied")])
RULES = am.MergeRules(kept_primary="survivor", undo="while_unchanged")
MERGE = am.MergeRequest(survivor="client-11", absorbed=["client-12"], actor="calendar-3")


def opened(path: Path) -> sa.Engine:
    """Return an engine for a file, with the tables and rows of the service if the file is new."""
    is_new = not path.exists()
    engine = sa.create_engine(f"sqlite:///{path}")

    @sa.event.listens_for(engine, "connect")
    def quickly(connection: Any, _: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    if is_new:
        with engine.begin() as connection:
            for statement in (EXAMPLES / "legacy_service.sql").read_text(encoding="utf-8").split(";"):
                if statement.strip():
                    connection.exec_driver_sql(statement)
            for table, rows in ROWS.items():
                marks = ", ".join("?" * len(rows[0]))
                connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
    return engine


def mapped(engine: sa.Engine, profiles: Mapping[str, Any] = {}) -> sql.Mapping:
    """Return the mapping of the service, with further options of its profiles."""
    metadata = sa.MetaData()
    metadata.reflect(engine, only=list(ROWS))
    mapping = sql.Mapping(metadata, zone="Australia/Sydney")
    mapping.profiles(
        "calendar",
        practitioner_id="person",
        email="login",
        login=sql.Codes("enabled", {1: "enabled", 0: "disabled"}),
        schedule=sql.Codes("state", {0: "pending", 1: "active", 2: "inactive"}),
        **profiles,
    )
    mapping.customers(
        "client",
        record_number="file_no",
        given_name="first_name",
        family_name="last_name",
        emails=sql.EmailColumns("email1", secondary=["email2"]),
        phones=sql.Values("phone1", "phone2"),
        birth_date="born",
        address="street",
        status=sql.Codes("active", {1: "active", 0: "disabled"}),
    )
    mapping.appointments(
        "booking",
        profile_id="calendar_id",
        customer_id="client_id",
        start=sql.Local("starts"),
        end=sql.Local("ends"),
        time_zone="zone",
        modality="way",
        status=sql.Codes("status", {0: "held", 1: "booked", 2: "completed", 3: "cancelled", 4: "missed"}),
    )
    mapping.records("note", "note", customer_id="client_id", profile_id="calendar_id", data="text")
    mapping.records("file", "file", customer_id="client_id", profile_id="calendar_id", data="name")
    return mapping


def store_of(engine: sa.Engine, **options: Any) -> sql.Store:
    """Return a store with the added tables and with access of both profiles to their customers."""
    store = sql.Store(engine, mapped(engine), clock=lambda: NOW, **options)
    store.create_tables()
    access = store.mapping.tables.of("access").table
    with engine.begin() as connection:
        if connection.execute(sa.select(access)).first() is None:
            pairs = [(3, 11), (3, 12), (8, 13), (8, 12)]
            rows = [{"profile_id": one, "customer_id": other, "level": "treating"} for one, other in pairs]
            connection.execute(sa.insert(access), rows)
    return store


def migration_of(data: am.Snapshot, **options: Any) -> Any:
    """Return a plan for the migration of the first calendar."""
    return am.plan_migration(data, MIGRATION, rules=COPIES, at=NOW, **options)


def merge_of(data: am.Snapshot, **options: Any) -> Any:
    """Return a plan for a merge of two clients."""
    return am.plan_merge(data, MERGE, rules=RULES, at=NOW, **options)


def confirmed(plan: Any) -> am.ChangeSet:
    """Return the change set of a plan with a confirmation, if it needs one."""
    change_set: am.ChangeSet = plan.change_set
    return change_set.confirm(by="Ada Example", at=NOW) if change_set.needs_confirmation else change_set


def contents(engine: sa.Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables of a database, with their types."""
    with engine.connect() as connection:
        names = [
            name
            for (name,) in connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            )
        ]
        return {
            name: [
                tuple((type(value).__name__, value) for value in row)
                for row in connection.exec_driver_sql(f'SELECT rowid, * FROM "{name}" ORDER BY rowid')  # noqa: S608
            ]
            for name in names
        }
