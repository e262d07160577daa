"""The oracle: tables with a column for every field of every entity, and rules that the database itself enforces.

Keys are text, so that planned ids are stored as they are. `create` makes the tables and the rules of `oracle_rules`;
`oracle_rows` fills and reads them by hand. This is no schema to copy: its rules look at every row again and again.
"""

from __future__ import annotations

from oracle_rules import rules_for
from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Engine,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from accountmerge.model.access import LEVELS, REQUEST_STATUSES
from accountmerge.model.appointments import APPOINTMENT_STATUSES, MODALITIES
from accountmerge.model.customers import CUSTOMER_STATUSES
from accountmerge.model.emails import EMAIL_USES
from accountmerge.model.profiles import LOGINS, SCHEDULES

ORACLE = MetaData()
"""The tables, on SQLite and PostgreSQL."""


def create(engine: Engine) -> None:
    """Make the tables and the rules in an empty database."""
    ORACLE.create_all(engine)
    with engine.begin() as connection:
        for command in rules_for(engine.dialect.name):
            connection.exec_driver_sql(command)


def _key() -> Column[str]:
    return Column("id", Text, primary_key=True)


def _text(name: str, *, required: bool = False) -> Column[str]:
    return Column(name, Text, nullable=not required)


def _instant(name: str, *, required: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=not required)


def _version() -> Column[int]:
    return Column("version", Integer)


def _reference(name: str, table: str, *, required: bool = False, part_of_key: bool = False) -> Column[str]:
    target = ForeignKey(f"{table}.id", deferrable=True, initially="DEFERRED")
    return Column(name, Text, target, nullable=not required, primary_key=part_of_key)


def _words(column: str, words: tuple[str, ...], *, name: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(map(repr, words))})", name=name)


profile = Table(
    "profile",
    ORACLE,
    _key(),
    _text("practitioner_id", required=True),
    _text("email", required=True),
    _text("login", required=True),
    _text("schedule", required=True),
    _text("hours"),
    _reference("succeeded_by", "profile"),
    _text("data"),
    _version(),
    _words("login", LOGINS, name="profile_login"),
    _words("schedule", SCHEDULES, name="profile_schedule"),
    CheckConstraint("succeeded_by <> id", name="profile_succeeds_itself"),
    UniqueConstraint("id", "practitioner_id"),  # the target of the reference of a booking
)
profile_unavailable = Table(
    "profile_unavailable",
    ORACLE,
    _reference("profile_id", "profile", required=True, part_of_key=True),
    Column("starts", DateTime(timezone=True), primary_key=True),
    Column("ends", DateTime(timezone=True), primary_key=True),
    CheckConstraint("ends > starts", name="unavailable_lasts"),
)
customer = Table(
    "customer",
    ORACLE,
    _key(),
    _text("record_number", required=True),
    _text("given_name"),
    _text("family_name"),
    Column("birth_date", Date),
    _text("address"),
    Column("attributes", Text, nullable=False, server_default="{}"),
    _text("status", required=True),
    _reference("merged_into", "customer"),
    _instant("merged_at"),
    _version(),
    _words("status", CUSTOMER_STATUSES, name="customer_status"),
    CheckConstraint("merged_into <> id", name="customer_merged_into_itself"),
    CheckConstraint("merged_into IS NULL OR status = 'disabled'", name="absorbed_is_disabled"),
    UniqueConstraint("record_number"),
)
customer_former_number = Table(
    "customer_former_number",
    ORACLE,
    _reference("customer_id", "customer", required=True, part_of_key=True),
    Column("number", Text, primary_key=True),
)
customer_email = Table(
    "customer_email",
    ORACLE,
    Column("id", Integer, Identity(), primary_key=True),
    _reference("customer_id", "customer", required=True),
    _text("address", required=True),
    _text("use", required=True),
    _reference("login_of", "customer"),
    _words("use", EMAIL_USES, name="email_use"),
)
customer_phone = Table(
    "customer_phone",
    ORACLE,
    _reference("customer_id", "customer", required=True, part_of_key=True),
    Column("position", Integer, primary_key=True),
    _text("number", required=True),
)
customer_opt_out = Table(
    "customer_opt_out",
    ORACLE,
    _reference("customer_id", "customer", required=True, part_of_key=True),
    Column("name", Text, primary_key=True),
)
appointment = Table(
    "appointment",
    ORACLE,
    _key(),
    _text("number"),
    _reference("profile_id", "profile", required=True),
    _text("practitioner_id"),  # a trigger fills it if it is not given
    _reference("customer_id", "customer", required=True),
    _instant("starts", required=True),
    _instant("ends", required=True),
    _text("time_zone", required=True),
    Column("local_start", DateTime),
    _text("modality", required=True),
    _text("status", required=True),
    _text("cancel_reason"),
    _text("session_id"),
    _reference("replaces", "appointment"),
    _reference("replaced_by", "appointment"),
    _text("data"),
    _instant("created_at"),
    _text("made_by"),
    _version(),
    _words("modality", MODALITIES, name="appointment_modality"),
    _words("status", APPOINTMENT_STATUSES, name="appointment_status"),
    CheckConstraint("ends > starts", name="appointment_lasts"),
    ForeignKeyConstraint(
        ["profile_id", "practitioner_id"],
        ["profile.id", "profile.practitioner_id"],
        name="appointment_practitioner",
        deferrable=True,
        initially="DEFERRED",
    ),
)
record = Table(
    "record",
    ORACLE,
    _key(),
    _text("kind", required=True),
    _reference("customer_id", "customer", required=True),
    _reference("related_customer_id", "customer"),
    _reference("profile_id", "profile"),
    _reference("attached_to", "record"),
    _text("unique_key"),
    _instant("created_at"),
    _text("data"),
    _version(),
)
access = Table(
    "access",
    ORACLE,
    _key(),
    _reference("profile_id", "profile", required=True),
    _reference("customer_id", "customer", required=True),
    _text("level", required=True),
    _instant("since"),
    _instant("created_at"),
    _text("made_by"),
    _version(),
    _words("level", LEVELS, name="access_level"),
)
access_request = Table(
    "access_request",
    ORACLE,
    _key(),
    _reference("profile_id", "profile", required=True),
    _reference("customer_id", "customer", required=True),
    _instant("requested_at", required=True),
    _instant("expires_at", required=True),
    _text("status", required=True),
    _text("reason"),
    _text("decided_by"),
    _instant("decided_at"),
    _version(),
    _words("status", REQUEST_STATUSES, name="request_status"),
)
