"""The tables of an invented clinic with their mapping, for the page on commands with a database."""

from datetime import datetime

import sqlalchemy as sa

from accountmerge import sql

CLINIC = sa.MetaData()
login = sa.Table(
    "login",
    CLINIC,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("practitioner", sa.String(40), nullable=False),
    sa.Column("email", sa.String(320), nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("schedule", sa.String(10), nullable=False),
)
person = sa.Table(
    "person",
    CLINIC,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("file_no", sa.String(40), nullable=False),
    sa.Column("given", sa.String(80)),
    sa.Column("family", sa.String(80)),
    sa.Column("email", sa.String(320)),
    sa.Column("active", sa.Boolean, nullable=False),
)
visit = sa.Table(
    "visit",
    CLINIC,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("login_id", sa.ForeignKey("login.id"), nullable=False),
    sa.Column("person_id", sa.ForeignKey("person.id"), nullable=False),
    sa.Column("starts", sa.DateTime, nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("status", sa.String(10), nullable=False),
)
treats = sa.Table(
    "treats",
    CLINIC,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("login_id", sa.ForeignKey("login.id"), nullable=False),
    sa.Column("person_id", sa.ForeignKey("person.id"), nullable=False),
)

mapping = sql.Mapping(CLINIC, zone="America/Toronto")
mapping.profiles(
    "login",
    practitioner_id="practitioner",
    email="email",
    login=sql.Codes("enabled", {True: "enabled", False: "disabled"}),
    schedule="schedule",
)
mapping.customers(
    "person",
    record_number="file_no",
    given_name="given",
    family_name="family",
    emails=sql.EmailColumns("email"),
    status=sql.Codes("active", {True: "active", False: "disabled"}),
)
mapping.appointments(
    "visit",
    profile_id="login_id",
    customer_id="person_id",
    start=sql.Local("starts"),
    end=sql.Duration("minutes"),
    modality=sql.Constant("in_person"),
    status="status",
)
mapping.access("treats", profile_id="login_id", customer_id="person_id", level=sql.Constant("treating"))
# The program of this clinic looks at the added tables: where windows, former addresses and merged customers are.
mapping.obeys("access_requests", "former_emails", "merged_into", "unavailable")


def make_clinic(url: str) -> None:
    """Make the tables in a new database, with a practitioner and two rows for one person."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    CLINIC.create_all(engine)
    rosa = {"given": "Rosa", "family": "Abel", "active": True}
    visit_of = {"login_id": 1, "minutes": 50, "status": "booked"}
    with engine.begin() as connection:
        connection.execute(
            login.insert(),
            {
                "id": 1,
                "practitioner": "A1",
                "email": "ana@example.com",
                "enabled": True,
                "schedule": "active",
            },
        )
        for id, email in ((1, "rosa@example.com"), (2, None)):
            connection.execute(person.insert(), {"id": id, "file_no": f"R{id}", "email": email, **rosa})
            connection.execute(treats.insert(), {"login_id": 1, "person_id": id})
            starts = datetime(2027, 3, id, 9)  # noqa: DTZ001 - as clocks show it
            connection.execute(visit.insert(), {"person_id": id, "starts": starts, **visit_of})
