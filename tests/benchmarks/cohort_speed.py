"""`plan_migrations` for many practitioners: against planning each by itself, and how it grows with them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs

import accountmerge as am
from accountmerge.model.instants import microseconds
from practices import AT, REQUEST, snapshot_of
from timing import Line, per, seconds, shown, slope

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PER_CUSTOMER = 20
_A_DAY = 8  # bookings of a practitioner
_HOUR = 3_600_000_000  # microseconds
RULES = am.MigrationRules(minutes_per_booking=1)
"""500 bookings take a little more than a day of business hours, so that nobody has to wait for more than two days."""


def cohort(practitioners: int, bookings: int) -> tuple[am.Snapshot, list[am.MigrationRequest]]:
    """Return a practice all of whose practitioners move, and their requests.

    Each has 20 bookings for a customer, eight a day; one customer in ten is also one of the next practitioner's.
    """
    found: dict[str, Any] = {name: [] for name in ("profiles", "customers", "appointments", "access")}
    start_us = microseconds(AT + timedelta(days=400))  # after every window, so that all of them move
    own = -(-bookings // _PER_CUSTOMER)
    for n in range(practitioners):
        found["profiles"].append(_profile(n))
        found["customers"] += [_customer(n * own + place) for place in range(own)]
        regulars = [n * own + place for place in range(own)]
        regulars[::10] = [(customer + own) % (practitioners * own) for customer in regulars[::10]]
        found["access"] += [_access(n, customer) for customer in regulars]
        found["appointments"] += [
            _booked(n, place, regulars[place % own], start_us) for place in range(bookings)
        ]
    rows = {**found, "records": [], "access_requests": []}
    requests = [
        attrs.evolve(REQUEST, profile_id=f"profile-{n}", new_email=f"new{n}@example.com")
        for n in range(practitioners)
    ]
    return snapshot_of(rows), requests


def _profile(n: int) -> am.Profile:
    email = f"{n}@example.com"
    return am.Profile(
        id=f"profile-{n}", practitioner_id=f"{n}", email=email, login="enabled", schedule="active"
    )


def _customer(n: int) -> am.Customer:
    return am.Customer(id=f"customer-{n}", record_number=f"{n}", emails=(), status="active")


def _access(n: int, customer: int) -> am.Access:
    ends: dict[str, Any] = {"profile_id": f"profile-{n}", "customer_id": f"customer-{customer}"}
    return am.Access(id=f"access-{n}-{customer}", level="treating", **ends)


def _booked(n: int, place: int, customer: int, start_us: int) -> am.Appointment:
    day, hour = divmod(place, _A_DAY)
    first_us = start_us + (24 * day + hour) * _HOUR
    return am.Appointment(
        id=f"appointment-{n}-{place}",
        profile_id=f"profile-{n}",
        customer_id=f"customer-{customer}",
        slot=am.TimeSlot.from_microseconds(first_us, first_us + _HOUR),
        time_zone="Australia/Sydney",
        modality="video",
        status="booked",
    )


def planned_together(
    snapshot: am.Snapshot, requests: Sequence[am.MigrationRequest]
) -> list[tuple[am.MigrationRequest, int]]:
    """Plan a cohort; the team takes a twentieth at once.

    Returns:
        The requests with their windows, and how many steps each plan has.
    """
    found = []
    capacity = max(1, len(requests) // 20)
    cohort = am.migrations.plan_migrations(snapshot, requests, rules=RULES, at=AT, capacity=capacity)
    for member in cohort.members:
        assert member.plan is not None
        assert member.is_ready
        found.append((member.plan.request, len(member.plan.change_set.steps)))
    return found


def planned_alone(
    snapshot: am.Snapshot, requests: Sequence[am.MigrationRequest]
) -> list[tuple[am.MigrationRequest, int]]:
    """Plan each request by itself, for a window that is known."""
    found = []
    for request in requests:
        assert request.window is not None
        plan = am.plan_migration(snapshot, request, rules=RULES, at=request.window.start)
        found.append((request, len(plan.change_set.steps)))
    return found


def cohort_lines(*, sizes: Sequence[int], bookings: int) -> Iterator[Line]:
    """Measure cohorts of several sizes, each once, and the smallest against planning its members by themselves."""
    times = []
    for size in sizes:
        snapshot, requests = cohort(size, bookings)
        am.plan_migration(snapshot, requests[0], at=AT)  # and the snapshot is indexed
        times.append(
            seconds(lambda snapshot=snapshot, requests=requests: planned_together(snapshot, requests))
        )
        if size == sizes[0]:
            named = [request for request, _ in planned_together(snapshot, requests)]
            alone = seconds(lambda snapshot=snapshot, named=named: planned_alone(snapshot, named))
            figures = f"{shown(times[0])} to {shown(alone)}, {size:,} practitioners of {bookings:,} bookings"
            yield Line(
                "a cohort to planning each by itself for a known window", times[0] / alone, 1.5, figures
            )
    figures = ", ".join(f"{size:,}: {shown(taken)}" for size, taken in zip(sizes, times, strict=True))
    each = per(times[-1], sizes[-1] * bookings)
    yield Line(
        "a cohort, log-log slope over the practitioners",
        slope(sizes, times),
        1.1,
        f"{figures}, {each}",
        sign="",
    )
