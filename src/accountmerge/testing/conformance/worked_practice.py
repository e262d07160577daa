"""The worked practice, with a few people and examples of everything that often goes wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import accountmerge as am

if TYPE_CHECKING:
    from collections.abc import Callable

AT = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
"""The time of all examples: a Monday morning in Sydney."""
ZONE = "Australia/Sydney"
"""The zone of the practice."""
CARD = "insurance_card"
"""A record kind of the practice's own, with one record for each customer."""

_SECOND_TIME = 33 + 16.5 / 24
"""Days from `AT`: half past two in the night on which clocks in Sydney show it twice, the second time."""
_ODD = timedelta(microseconds=1)
_ANY_JSON = {
    "pages": 3,
    "signed": False,
    "remark": None,
    "share": 0.1,
    "bytes": 2**53 - 1,
    "name": "Zoe\u0308",
}


def practice() -> am.Snapshot:
    """Return a practice with a practitioner with two logins, another one, and a customer with two files."""
    return am.Snapshot(
        AT,
        profiles=_profiles(),
        customers=_customers(),
        appointments=_appointments(),
        records=_records(),
        access=_access(),
        access_requests=_access_requests(),
    )


def _profiles() -> list[am.Profile]:
    days: Any = {"monday": [am.DailyHours(time(9), time(17))], "friday": [am.DailyHours(time(22), time(2))]}
    hours = am.WeeklyHours(ZONE, days=days, closed=[date(2026, 4, 3)])
    leave = [_slot(20, 60 * 24), _slot(-20, 60 * 24)]

    def profile(id: str, human: str, email: str, schedule: Any, **more: Any) -> am.Profile:
        return am.Profile(
            id=id, practitioner_id=human, email=email, login="enabled", schedule=schedule, **more
        )

    return [
        profile(
            "profile-1", "human-1", "Nadia@Example.com", "active", hours=hours, unavailable=leave, version=4
        ),
        profile("profile-2", "human-1", "nadia.h@example.com", "inactive"),
        profile("profile-3", "human-2", "omar@example.org", "active", version="v7"),
        profile("profile-4", "human-3", "lea@example.org", "active"),
        profile("profile-5", "human-3", "lea.new@example.org", "pending"),
    ]


def _customers() -> list[am.Customer]:
    def emails(*pairs: tuple[str, Any]) -> list[am.CustomerEmail]:
        return [am.CustomerEmail(am.model.EmailAddress(text), use) for text, use in pairs]

    return [
        am.Customer(
            id="customer-1",
            record_number="1001",
            former_record_numbers=["17"],
            given_name="Ida",
            family_name="Sample",
            emails=emails(("Ida@Example.com", "primary"), ("not an address", "secondary")),
            phones=["+61 2 5550 0001", "+61 2 5550 0002"],
            opt_outs=["sms"],
            attributes=am.model.FrozenJson.of(
                {"deposit": 0, "paper": False, "remark": "", "since": None, "discount": 0.1}
            ),
            status="active",
            version=3,
        ),
        am.Customer(
            id="customer-2",
            record_number="0042",
            given_name="Ida",
            family_name="Sample-Muster",
            emails=emails(("ida.s@example.net", "secondary"), ("ida@EXAMPLE.com", "former")),
            phones=["+61 2 5550 0003", "+61 2 5550 0001"],
            birth_date=date(1984, 2, 29),
            address="1 Example Street, at the back, " * 10,
            opt_outs=["e-mail"],
            attributes=am.model.FrozenJson.of({"deposit": False, "language": "fr"}),
            status="active",
        ),
        am.Customer(
            id="customer-3",
            record_number="3",
            emails=[],
            status="disabled",
            merged_into="customer-2",
            version=1,
        ),
        am.Customer(
            id="customer-4",
            record_number="1004",
            given_name="Bo",
            emails=emails(("bo@example.com", "primary")),
            status="active",
        ),
    ]


def _slot(days: float, minutes: int = 50) -> am.TimeSlot:
    start = AT + timedelta(days=days)
    return am.TimeSlot(start, start + timedelta(minutes=minutes))


def _appointments() -> list[am.Appointment]:
    def booking(n: int, profile: str, customer: str, days: float, **more: Any) -> am.Appointment:
        plain: dict[str, Any] = {"status": "booked", "modality": "video", "number": f"APP-6000{n}"}
        return am.Appointment(
            id=f"appointment-{n}",
            profile_id=profile,
            customer_id=customer,
            slot=_slot(days),
            time_zone=ZONE,
            **(plain | more),
        )

    rebooked: Any = {"status": "cancelled", "cancel_reason": "rebooked", "replaced_by": "appointment-8"}
    return [
        booking(1, "profile-1", "customer-1", -30, status="completed", modality="in_person"),
        booking(2, "profile-1", "customer-1", 2, version=2),
        booking(3, "profile-1", "customer-2", 3, status="held", number=None),
        booking(4, "profile-1", "customer-4", 3 + 5 / 144, modality="phone"),
        booking(5, "profile-2", "customer-2", _SECOND_TIME),
        booking(
            6,
            "profile-3",
            "customer-2",
            _SECOND_TIME - 1 / 24,
            status="cancelled",
            cancel_reason="asked for by phone",
        ),
        booking(7, "profile-4", "customer-4", 5, **rebooked),
        booking(8, "profile-5", "customer-4", 5, replaces="appointment-7", number=None),
        booking(9, "profile-4", "customer-1", 6),
    ]


def _records() -> list[am.Record]:
    def record(number: int, kind: str, customer: str, **more: Any) -> am.Record:
        return am.Record(id=f"record-{number}", kind=kind, customer_id=customer, **more)

    return [
        record(1, "programme", "customer-2", unique_key="sleep", version=1),
        record(2, "note", "customer-2", attached_to="record-1", profile_id="profile-1", created_at=AT - _ODD),
        record(3, "file", "customer-1", data=am.model.FrozenJson.of(_ANY_JSON)),
        record(4, "relation", "customer-1", related_customer_id="customer-2"),
        record(
            5,
            "relation",
            "customer-4",
            related_customer_id="customer-2",
            data=am.model.FrozenJson.of("sibling"),
        ),
        record(6, CARD, "customer-2", unique_key="card"),  # kept by a merge: first it is only read
        record(7, CARD, "customer-2", unique_key="card"),
        record(8, "note", "customer-2", attached_to="record-7"),
    ]


def _access() -> list[am.Access]:
    def access(number: int, profile: str, customer: str, level: Any = "treating", **more: Any) -> am.Access:
        id = f"access-{number}"
        return am.Access(id=id, profile_id=profile, customer_id=customer, level=level, **more)

    return [
        access(1, "profile-1", "customer-1", since=AT - timedelta(days=300) + _ODD),
        access(2, "profile-1", "customer-2", since=AT - timedelta(days=900), version=2),
        access(3, "profile-1", "customer-4"),
        access(4, "profile-3", "customer-2", "viewing"),
        access(5, "profile-4", "customer-4"),
        access(6, "profile-4", "customer-1", "viewing"),
    ]


def _access_requests() -> list[am.AccessRequest]:
    def request(number: int, customer: str, status: Any) -> am.AccessRequest:
        return am.AccessRequest(
            id=f"request-{number}",
            profile_id="profile-3",
            customer_id=customer,
            requested_at=AT - timedelta(days=1) + _ODD,
            expires_at=AT + timedelta(days=6) + _ODD,
            status=status,
        )

    return [
        request(1, "customer-2", "pending"),
        request(2, "customer-4", "pending"),
        request(3, "customer-2", "denied"),
    ]


def twins() -> am.Snapshot:
    """Return a practice in which each row has a twin with the same id in other letter case."""
    plain, capital = _half_of_twins(str.lower), _half_of_twins(str.upper)
    tables: dict[str, Any] = {table: [*plain[table], *capital[table]] for table in plain}
    return am.Snapshot(AT, **tables)


def _half_of_twins(cased: Callable[[str], str]) -> dict[str, list[Any]]:
    """Return one row of each pair."""
    profile, human, first, second = cased("p-a"), cased("h-a"), cased("c-a"), cased("c-b")
    named: Any = {"profile_id": profile, "customer_id": second}
    is_plain = human.islower()
    return {
        "profiles": [
            am.Profile(
                id=profile,
                practitioner_id=human,
                email="ana@example.com" if is_plain else "ben@example.com",
                login="enabled",
                schedule="active",
            )
        ],
        "customers": [
            am.Customer(id=id, record_number=f"{id}-{cased('r')}", emails=[], status="active")
            for id in (first, second)
        ],
        "appointments": [
            am.Appointment(
                id=cased("b-a"),
                slot=_slot(-2 if is_plain else -1),
                time_zone=ZONE,
                modality="video",
                status="completed",
                **named,
            )
        ],
        "records": [am.Record(id=cased("r-a"), kind="note", customer_id=second)],
        "access": [
            am.Access(id=cased("x-a"), profile_id=profile, customer_id=first, level="treating"),
            am.Access(id=cased("x-b"), level="treating", **named),
        ],
        "access_requests": [
            am.AccessRequest(
                id=cased("q-a"),
                requested_at=AT - timedelta(days=1),
                expires_at=AT + timedelta(days=6),
                status="pending",
                **named,
            )
        ],
    }
