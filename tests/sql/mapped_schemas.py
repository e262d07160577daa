"""Mappings of the tables of two invented services, and of the oracle."""

from __future__ import annotations

import sqlalchemy as sa
from foreign_schema import (
    BOOKING_SERVICE,
    CLINIC_SERVICE,
    LEVEL_CODES,
    REQUEST_CODES,
    SCHEDULE_CODES,
    STATUS_CODES,
    WAY_CODES,
    client_email,
    client_phone,
)
from oracle_schema import (
    ORACLE,
    customer_email,
    customer_former_number,
    customer_opt_out,
    customer_phone,
    profile_unavailable,
)

from accountmerge import sql
from accountmerge.sql import (
    Codes,
    Duration,
    EmailColumns,
    EmailRows,
    Local,
    Mapping,
    Rows,
    SlotRows,
    Text,
    Values,
)

ZONE = "Australia/Sydney"
SIGNS_IN = {True: "enabled", False: "disabled"}
IS_ACTIVE = {True: "active", False: "disabled"}


def booking_service(tables: sa.MetaData = BOOKING_SERVICE) -> Mapping:
    """Return a mapping of the service with integer keys, local times and two columns for addresses and phones."""
    mapping = Mapping(tables, zone=ZONE)
    mapping.profiles(
        "calendar",
        practitioner_id="person",
        email="login",
        login=Codes("enabled", SIGNS_IN),
        schedule=Codes("state", SCHEDULE_CODES),
    )
    mapping.customers(
        "client",
        record_number="file_no",
        given_name="first_name",
        family_name="last_name",
        emails=EmailColumns("email1", secondary=["email2"]),
        phones=Values("phone1", "phone2"),
        birth_date="born",
        address="street",
        status=Codes("active", IS_ACTIVE),
    )
    mapping.appointments(
        "booking",
        profile_id="calendar_id",
        customer_id="client_id",
        start=Local("starts"),
        end=Duration("minutes"),
        time_zone="zone",
        modality=Codes("way", WAY_CODES),
        status=Codes("status", STATUS_CODES),
    )
    mapping.records(
        "note", "note", customer_id="client_id", profile_id="calendar_id", data=sql.Columns("text")
    )
    mapping.records(
        "file",
        "file",
        customer_id="client_id",
        attached_to=sql.Reference("note_id", to="note"),
        data=sql.Columns("name"),
    )
    mapping.leaves("invoice.booking_id", why="A paid invoice is about the session that it names.")
    return mapping


def clinic_service() -> Mapping:
    """Return a mapping of the service with text keys, instants, rows for addresses and phones, and access."""
    mapping = Mapping(CLINIC_SERVICE, zone=ZONE, ids="planned")
    mapping.profiles(
        "clinician_login",
        practitioner_id="clinician",
        email="username",
        login=Codes("can_sign_in", SIGNS_IN),
        schedule="schedule",
    )
    mapping.customers(
        "patient",
        record_number="chart",
        given_name="given",
        family_name="family",
        emails=EmailRows(
            client_email,
            owner="patient_id",
            address="address",
            use=Codes("is_login", {True: "primary", False: "secondary"}),
        ),
        phones=Rows(client_phone, owner="patient_id", value="number", order="position"),
        birth_date="birth",
        address="home",
        status="state",
    )
    mapping.appointments(
        "visit",
        profile_id="login_id",
        customer_id="patient_id",
        start="starts_at",
        end="ends_at",
        time_zone="zone",
        modality=Codes("way", WAY_CODES),
        status=Codes("status", STATUS_CODES),
        created_at="booked_at",
    )
    mapping.records(
        "note",
        "entry",
        customer_id="patient_id",
        profile_id="login_id",
        created_at="written_at",
        data=sql.Columns("body"),
    )
    mapping.access(
        "access",
        profile_id="login_id",
        customer_id="patient_id",
        level=Codes("level", LEVEL_CODES),
        since="since",
    )
    mapping.access_requests(
        "access_request",
        profile_id="login_id",
        customer_id="patient_id",
        requested_at="asked_at",
        expires_at="ends_at",
        status=Codes("state", REQUEST_CODES),
        reason="why",
        decided_by="decided_by",
        decided_at="decided_at",
    )
    return mapping


def _same(*fields: str) -> dict[str, str]:
    return {name: name for name in fields}


def oracle_mapping() -> Mapping:
    """Return a mapping of the tables with a column for every field."""
    mapping = Mapping(ORACLE, zone=ZONE, ids="planned")
    mapping.profiles(
        "profile",
        **_same("practitioner_id", "email", "login", "schedule", "hours", "succeeded_by", "data"),
        unavailable=SlotRows(profile_unavailable, owner="profile_id", start="starts", end="ends"),
    )
    mapping.customers(
        "customer",
        **_same("record_number", "given_name", "family_name", "birth_date", "address", "attributes"),
        **_same("status", "merged_into", "merged_at"),
        former_record_numbers=Rows(customer_former_number, owner="customer_id", value="number"),
        emails=EmailRows(
            customer_email, owner="customer_id", address="address", use="use", login_of="login_of"
        ),
        phones=Rows(customer_phone, owner="customer_id", value="number", order="position"),
        opt_outs=Rows(customer_opt_out, owner="customer_id", value="name"),
    )
    mapping.appointments(
        "appointment",
        **_same("number", "profile_id", "customer_id", "time_zone", "local_start", "modality", "status"),
        **_same("cancel_reason", "session_id", "replaces", "replaced_by", "data", "created_at", "made_by"),
        start="starts",
        end="ends",
        copy_other_columns=False,
        overlaps=False,
    )
    mapping.records(
        Text("kind"),
        "record",
        **_same("customer_id", "related_customer_id", "profile_id", "attached_to"),
        **_same("unique_key", "created_at", "data"),
    )
    mapping.access("access", **_same("profile_id", "customer_id", "level", "since", "created_at", "made_by"))
    mapping.access_requests(
        "access_request",
        **_same("profile_id", "customer_id", "requested_at", "expires_at", "status"),
        **_same("reason", "decided_by", "decided_at"),
    )
    return mapping


def created(engine: sa.Engine, mapping: Mapping) -> None:
    """Create the tables of a service, and the added ones."""
    mapping.metadata.create_all(engine)
    mapping.create_all(engine)
