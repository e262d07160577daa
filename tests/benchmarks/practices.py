"""Practices: big snapshots, built from the values themselves, the same in every run."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import accountmerge as am
from accountmerge.model.instants import microseconds
from accountmerge.model.snapshots import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

AT = datetime(2026, 3, 1, tzinfo=UTC)
_AT_US = microseconds(AT)
_MINUTE = 60_000_000  # microseconds
_DAY = 24 * 60 * _MINUTE
_PER_PRACTITIONER = 1_000
_PER_CUSTOMER = 20
BOOKINGS_A_DAY = 8
"""Of a practitioner."""
_STATUSES = ("booked",) * 8 + ("held", "cancelled")
_GIVEN = ("Ana", "Bo", "Chloé", "Dev", "Eva", "Finn", "Gita", "Hugo", "Ines", "Jon", "Kim")

REQUEST = am.MigrationRequest(
    profile_id="profile-mover",
    new_email=am.model.EmailAddress("new@example.com"),
    reason="security",
    agreement=am.Agreement(by="Kim", at=AT, version="1"),
    ticket="T-1",
)


def practice(*, moving: int = 0, others: int = 0) -> dict[str, Any]:
    """Return the collections of a practice.

    Args:
        moving: The future bookings of the one practitioner who moves to a new profile.
        others: The appointments of everybody else: 1,000 a practitioner, about 20 a customer, one in a
            hundred on top of the one before it.
    """
    drawn = random.Random(7)
    numbers = itertools.count(1_000_001)
    customers = max((moving + others) // _PER_CUSTOMER, 1)
    regulars = max(moving // _PER_CUSTOMER, 1)  # of the one who moves, however many others there are
    practitioners = -(-others // _PER_PRACTITIONER)
    appointments = [*_moving(moving, regulars, numbers), *_others(others, customers, drawn, numbers)]
    drawn.shuffle(appointments)
    return {
        "profiles": [
            _profile("mover", "mover"),
            *(_profile(str(n), f"practitioner-{n}") for n in range(practitioners)),
        ],
        "customers": [_customer(n) for n in range(customers)],
        "appointments": appointments,
        "records": [],
        "access": [_access(n) for n in range(regulars)],
        "access_requests": [],
    }


def snapshot_of(collections: dict[str, Any]) -> am.Snapshot:
    """Return a snapshot that has no index yet."""
    return Snapshot.of_checked(AT, am.Completeness(), collections)  # type: ignore[arg-type]


def _moving(count: int, customers: int, numbers: Iterator[int]) -> Iterator[am.Appointment]:
    for n in range(count):
        day, hour = divmod(n, BOOKINGS_A_DAY)
        start_us = _AT_US + day * _DAY + hour * 60 * _MINUTE
        yield _appointment((f"mover-{n}", next(numbers)), "mover", n % customers, start_us, "booked")


def _others(
    count: int, customers: int, drawn: random.Random, numbers: Iterator[int]
) -> Iterator[am.Appointment]:
    for n in range(count):
        practitioner, place = divmod(n, _PER_PRACTITIONER)
        day, hour = divmod(place, BOOKINGS_A_DAY)
        early = 30 * _MINUTE if drawn.random() < 0.01 else 0
        start_us = _AT_US + (day - 60) * _DAY + hour * 60 * _MINUTE - early
        yield _appointment(
            (str(n), next(numbers)),
            str(practitioner),
            drawn.randrange(customers),
            start_us,
            drawn.choice(_STATUSES),
        )


def _appointment(
    named: tuple[str, int], profile: str, customer: int, start_us: int, status: Any
) -> am.Appointment:
    name, number = named
    return am.Appointment(
        id=f"appointment-{name}",
        number=f"APP-{number}",
        profile_id=f"profile-{profile}",
        customer_id=f"customer-{customer}",
        slot=am.TimeSlot.from_microseconds(start_us, start_us + 50 * _MINUTE),
        time_zone="Australia/Sydney",
        modality="video",
        status=status,
        cancel_reason="by customer" if status == "cancelled" else None,
        version=3,
    )


def _profile(name: str, practitioner: str) -> am.Profile:
    return am.Profile(
        id=f"profile-{name}",
        practitioner_id=practitioner,
        email=am.model.EmailAddress(f"{name}@example.com"),
        login="enabled",
        schedule="active",
    )


def _customer(n: int) -> am.Customer:
    return am.Customer(
        id=f"customer-{n}",
        record_number=str(n),
        given_name=_GIVEN[n % len(_GIVEN)],
        family_name=f"Name {n}",
        emails=(am.CustomerEmail(am.model.EmailAddress(f"customer{n}@example.com"), "primary"),),
        status="active",
    )


def _access(n: int) -> am.Access:
    return am.Access(
        id=f"access-{n}", profile_id="profile-mover", customer_id=f"customer-{n}", level="treating"
    )
