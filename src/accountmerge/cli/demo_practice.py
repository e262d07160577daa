"""The invented practice of the demo, and the two requests about it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import accountmerge as am
from accountmerge.model.appointments import AppointmentStatus
from accountmerge.model.emails import EmailUse
from accountmerge.model.weekly_hours import WEEKDAYS

ZONE = "Australia/Sydney"
READ_AT = datetime(2026, 3, 1, 21, 0, tzinfo=UTC)
"""The instant at which the demo reads the practice: Monday, 8:00 in Sydney."""
MOVE_AT = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
"""The instant of the migration: Wednesday, 12:00 in Sydney."""
MERGE_AT = datetime(2026, 3, 4, 22, 0, tzinfo=UTC)
"""The instant of the merge: Thursday, 9:00 in Sydney."""
MANAGER = "Ada Quill"
"""The person who confirms the merge."""
OLD, OTHER = "profile-1", "profile-2"
OLD_EMAIL, NEW_EMAIL = "mina@example.com", "mina@example.org"
SURVIVOR, ABSORBED = "customer-1", "customer-2"
ABSORBED_EMAIL = "rosalind@example.net"

_CUSTOMERS: tuple[tuple[str, str, str, EmailUse, str], ...] = (
    ("Rosa", "Harrow", "rosa.h@example.com", "secondary", "+61 2 5550 0101"),
    ("Rosalind", "Harrow", ABSORBED_EMAIL, "primary", "+61 2 5550 0102"),
    ("Idris", "Vale", "idris@example.net", "primary", "+61 2 5550 0103"),
    ("Yuki", "Arden", "yuki@example.org", "primary", "+61 2 5550 0104"),
)
_BOOKINGS: tuple[tuple[str, int, tuple[int, int, int], AppointmentStatus], ...] = (
    (OLD, 1, (2, 16, 10), "completed"),
    (OTHER, 2, (2, 18, 14), "completed"),
    (OLD, 1, (3, 5, 10), "booked"),
    (OLD, 2, (3, 6, 14), "booked"),
    (OLD, 3, (3, 9, 9), "booked"),
    (OTHER, 1, (3, 10, 15), "booked"),
    (OLD, 4, (3, 11, 11), "booked"),
    (OTHER, 3, (3, 12, 10), "booked"),
)
_NOTES = (
    (OLD, 1, "First meeting: prefers mornings."),
    (OLD, 1, "Second meeting: plan for spring agreed."),
    (OTHER, 2, "Came by train, prefers afternoons."),
    (OLD, 3, "Wants reminders by telephone."),
    (OLD, 4, "Brings a colleague to the next session."),
)
_ACCESS = ((OLD, 1), (OLD, 2), (OLD, 3), (OLD, 4), (OTHER, 1), (OTHER, 2), (OTHER, 3))


def practice() -> am.Snapshot:
    """Return the practice as it is before the demo."""
    return am.Snapshot(
        READ_AT,
        profiles=[
            _profile(OLD, "practitioner-1", OLD_EMAIL),
            _profile(OTHER, "practitioner-2", "tom@example.com"),
        ],
        customers=[_customer(number) for number in range(1, len(_CUSTOMERS) + 1)],
        appointments=[_booking(number) for number in range(1, len(_BOOKINGS) + 1)],
        records=[_note(number) for number in range(1, len(_NOTES) + 1)],
        access=[_access(number) for number in range(1, len(_ACCESS) + 1)],
    )


def migration_request() -> am.MigrationRequest:
    """Return the request to move the first practitioner to a new login."""
    agreed_at = READ_AT - timedelta(days=3)
    return am.MigrationRequest(
        profile_id=OLD,
        new_email=NEW_EMAIL,
        reason="business_name_change",
        ticket="DEMO-1",
        agreement=am.Agreement(by="Mina Okafor", at=agreed_at, version="1"),
        window=am.TimeSlot(MOVE_AT, MOVE_AT + timedelta(hours=2)),
    )


def merge_request() -> am.MergeRequest:
    """Return the request to merge the two customers who are one person."""
    return am.MergeRequest(survivor=SURVIVOR, absorbed=[ABSORBED], actor=OTHER)


def _profile(id: str, practitioner_id: str, email: str) -> am.Profile:
    return am.Profile(
        id=id,
        practitioner_id=practitioner_id,
        email=am.model.EmailAddress(email),
        login="enabled",
        schedule="active",
        hours=am.WeeklyHours(ZONE, days=dict.fromkeys(WEEKDAYS[:5], (am.DailyHours(time(9), time(17)),))),
    )


def _customer(number: int) -> am.Customer:
    given_name, family_name, email, use, phone = _CUSTOMERS[number - 1]
    return am.Customer(
        id=f"customer-{number}",
        record_number=f"R-{1000 + number}",
        given_name=given_name,
        family_name=family_name,
        emails=[am.CustomerEmail(am.model.EmailAddress(email), use)],
        phones=[phone],
        birth_date=date(1988, 4, 12) if family_name == "Harrow" else None,
        status="active",
    )


def _booking(number: int) -> am.Appointment:
    profile_id, customer, (month, day, hour), status = _BOOKINGS[number - 1]
    start = datetime(2026, month, day, hour, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    return am.Appointment(
        id=f"appointment-{number}",
        number=f"APP-{100 + number}",
        profile_id=profile_id,
        customer_id=f"customer-{customer}",
        slot=am.TimeSlot(start, start + timedelta(minutes=50)),
        time_zone=ZONE,
        modality="video",
        status=status,
    )


def _note(number: int) -> am.Record:
    profile_id, customer, text = _NOTES[number - 1]
    return am.Record(
        id=f"note-{number}",
        kind="note",
        customer_id=f"customer-{customer}",
        profile_id=profile_id,
        created_at=READ_AT - timedelta(days=20 - number),
        data=am.model.FrozenJson.of({"text": text}),
    )


def _access(number: int) -> am.Access:
    profile_id, customer = _ACCESS[number - 1]
    return am.Access(
        id=f"access-{number}", profile_id=profile_id, customer_id=f"customer-{customer}", level="treating"
    )
