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

STATUS = {0: "held", 1: "booked", 2: "completed", 3: "cancelled", 4: "missed"}
mapping = sql.Mapping(tables, zone="America/Toronto")
mapping.profiles("calendar", practitioner_id="owner", email="login", login="sign_in", schedule="state")
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
mapping.obeys("unavailable", "merged_into")  # your program reads them in the added tables

now = datetime(2026, 3, 2, 14, tzinfo=UTC)
store = sql.Store(engine, mapping, clock=lambda: now)
store.create_tables()

agreed = am.Agreement(by="Nadia Haddad", at=now, version="1")
request = am.MigrationRequest(
    profile_id="calendar-1", new_email="nadia@example.org", reason="security", ticket="T-2", agreement=agreed
)
part = store.snapshot(practitioners=["P1"])
plan = am.plan_migration(part, request, at=now, limits=mapping.limits())
print(plan.is_ready, store.check(plan), store.apply(plan, by="migrate.py"))

both = am.MergeRequest(survivor="person-1", absorbed=["person-2"], actor="calendar-3")
part = store.snapshot(customers=["person-1", "person-2"])
merge = am.plan_merge(part, both, at=now, limits=mapping.limits())
confirmed = merge.confirm(by="Ana Duarte", at=now)
print(store.check(confirmed), store.apply(confirmed, by="merge.py"), store.apply(confirmed, by="merge.py"))
