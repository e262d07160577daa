"""Small values to build tests from: each has what it needs, and takes any field by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import accountmerge as am

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def utc(text: str) -> datetime:
    """Return the instant that ISO text without offset names in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def slot(start: float, minutes: float = 60) -> am.TimeSlot:
    """Return a slot that starts so many minutes after `NOON`."""
    first = NOON + timedelta(minutes=start)
    return am.TimeSlot(first, first + timedelta(minutes=minutes))


def profile(id: str = "P1", **fields: Any) -> am.Profile:
    given: dict[str, Any] = {
        "practitioner_id": "H1",
        "email": f"{id}@example.com",
        "login": "enabled",
        "schedule": "active",
    }
    return am.Profile(id=id, **(given | fields))


def customer(id: str = "C1", **fields: Any) -> am.Customer:
    given: dict[str, Any] = {"record_number": id, "emails": (), "status": "active"}
    return am.Customer(id=id, **(given | fields))


def appointment(id: str = "A1", when: am.TimeSlot | None = None, **fields: Any) -> am.Appointment:
    given: dict[str, Any] = {
        "profile_id": "P1",
        "customer_id": "C1",
        "time_zone": "UTC",
        "modality": "video",
        "status": "booked",
    }
    return am.Appointment(id=id, slot=when or slot(0), **(given | fields))


def record(id: str = "R1", **fields: Any) -> am.Record:
    given: dict[str, Any] = {"kind": "note", "customer_id": "C1"}
    return am.Record(id=id, **(given | fields))


def access(id: str = "X1", **fields: Any) -> am.Access:
    given: dict[str, Any] = {"profile_id": "P1", "customer_id": "C1", "level": "treating"}
    return am.Access(id=id, **(given | fields))


def access_request(id: str = "Q1", **fields: Any) -> am.AccessRequest:
    given: dict[str, Any] = {
        "profile_id": "P1",
        "customer_id": "C1",
        "requested_at": NOON,
        "expires_at": NOON + timedelta(days=1),
        "status": "pending",
    }
    return am.AccessRequest(id=id, **(given | fields))


def snapshot(**collections: Any) -> am.Snapshot:
    """Return a snapshot of one profile and one customer, with more of whatever is given."""
    given: dict[str, Any] = {"profiles": [profile()], "customers": [customer()]}
    return am.Snapshot(NOON, **(given | collections))


def rebooking_request(start: float, **fields: Any) -> am.rebooking.RebookingRequest:
    """Return a request for a session so many minutes after `NOON`."""
    given: dict[str, Any] = {
        "number": "APP-1",
        "initials": "AE",
        "start": NOON + timedelta(minutes=start),
        "time_zone": "UTC",
        "modality": "video",
        "old_email": "P1@example.com",
        "new_email": "new@example.com",
    }
    return am.rebooking.RebookingRequest(**(given | fields))


def request(**fields: Any) -> am.MigrationRequest:
    given: dict[str, Any] = {
        "profile_id": "P1",
        "new_email": "new@example.com",
        "reason": "security",
        "ticket": "T-1",
        "agreement": am.Agreement(by="Ann Example", at=NOON - timedelta(days=1), version="1"),
    }
    return am.MigrationRequest(**(given | fields))


def migration(rows: int = 2, **fields: Any) -> am.MigrationPlan:
    """Return the plan of a migration with so many bookings to rebook."""
    booked = [appointment(f"A{n}", slot(60 + 60 * n), number=f"APP-{n}", version=n) for n in range(rows)]
    return am.plan_migration(snapshot(appointments=booked, access=[access()]), request(**fields), at=NOON)
