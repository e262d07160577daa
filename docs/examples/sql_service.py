"""A migration and a merge in the tables of an invented booking service, `sql_service.sql`: a file to adapt."""

from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

import accountmerge as am
from accountmerge import sql

engine = sa.create_engine("sqlite://")  # yours, such as postgresql+psycopg://…
engine.raw_connection().executescript(Path("docs/examples/sql_service.sql").read_text(encoding="utf-8"))
tables = sa.MetaData()
tables.reflect(engine)

SIGNS_IN = {True: "enabled", False: "disabled"}
STATUS = {0: "held", 1: "booked", 2: "completed", 3: "cancelled", 4: "missed"}
mapping = sql.Mapping(tables, zone="America/Toronto")
mapping.profiles(
    "calendar", practitioner_id="owner", email="login", login=sql.Codes("enabled", SIGNS_IN), schedule="state"
)
mapping.customers(
    "person",
    record_number="file_no",
    given_name="first_name",
    family_name="last_name",
    emails=sql.EmailColumns("email1", secondary=["email2"]),
    phones=sql.Values("phone1", "phone2"),
    birth_date="born",
    status=sql.Codes("active", {True: "active", False: "disabled"}),
)
mapping.appointments(
    "booking",
    profile_id="calendar_id",
    customer_id="person_id",
    start=sql.Local("starts"),
    end=sql.Duration("minutes"),
    modality=sql.Codes("way", {"room": "in_person", "video": "video"}),
    status=sql.Codes("status", STATUS),
)
mapping.records("note", "note", customer_id="person_id", profile_id="calendar_id", data=sql.Columns("text"))
mapping.access("care", profile_id="calendar_id", customer_id="person_id", level="level")
mapping.follows("invoice.booking_id", where=sa.not_(tables.tables["invoice"].c.paid))

now = datetime(2026, 3, 2, 14, tzinfo=UTC)
store = sql.Store(engine, mapping, clock=lambda: now)
store.create_tables()

agreed = am.Agreement(by="Nadia Haddad", at=now, version="1")
request = am.MigrationRequest(
    profile_id="calendar-1", new_email="nadia@example.org", reason="security", ticket="T-2", agreement=agreed
)
plan = am.plan_migration(store.snapshot(practitioners=["P1"]), request, at=now)
print(plan.is_ready, store.check(plan), store.apply(plan, by="migrate.py"))

both = am.MergeRequest(survivor="person-1", absorbed=["person-2"], actor="calendar-3")
merge = am.plan_merge(store.snapshot(customers=["person-1", "person-2"]), both, at=now)
merge = merge.confirm(by="Ana Duarte", at=now)
print(store.check(merge), store.apply(merge, by="merge.py"), store.apply(merge, by="merge.py"))
