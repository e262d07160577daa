"""Strategies for cohorts: a practice whose practitioners share customers and move at the same time.

Bounded: three practitioners, four customers, a dozen appointments on few slots. Requests are right most of the time; some
name the same profile, the same address or the same number as another, and some are carried out halfway already.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import attrs
from hypothesis import event
from hypothesis import strategies as st

from accountmerge.migrations.planner import plan_migration
from accountmerge.migrations.requests import MIGRATION_REASONS, Agreement, MigrationRequest
from accountmerge.migrations.rules import MigrationRules
from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.emails import CustomerEmail
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.plans.executions import apply
from accountmerge.testing.strategies.scalars import few
from accountmerge.testing.strategies.shown_cases import ShownCase
from accountmerge.testing.strategies.times import PIVOT

HUMANS = 3
_CUSTOMERS = ("C0", "C1", "C2", "C3")
_HOUR = timedelta(hours=1)
_SLOTS = tuple(
    TimeSlot(PIVOT + start * _HOUR / 2, PIVOT + (start + length) * _HOUR / 2)
    for start in (60, 3, 2, 1, 0, -1, -4, 110, 400)
    for length in (1, 2)
)
_WINDOWS = tuple(
    TimeSlot(PIVOT + start * _HOUR, PIVOT + (start + length) * _HOUR)
    for start in (34, 33, 36, 57)
    for length in (2, 5)
)
"""Some in the usual business hours, a day ahead and more; two of them touch, others overlap."""
_STATUSES = ("booked", "booked", "booked", "held", "completed", "cancelled")
_ADDRESSES = ("ann@example.com", "Ann@example.com", "bo@example.com", "cy@example.com")


@attrs.frozen
class CohortCase(ShownCase):
    """All that a cohort is planned from."""

    snapshot: Snapshot
    requests: tuple[MigrationRequest, ...]
    rules: MigrationRules
    at: datetime
    capacity: int


@st.composite
def shared_practices(draw: st.DrawFn, *, max_appointments: int = 9) -> Snapshot:
    """A practice of three practitioners, each with an active profile, who have customers in common."""
    profiles = [_profile(f"P{n}", f"H{n}", "active") for n in range(HUMANS)]
    waiting = draw(few((None, None, *range(HUMANS))))
    if waiting is not None:
        profiles.append(_profile("P9", f"H{waiting}", draw(few(("pending", "pending", "inactive")))))
    ids = [row.id for row in profiles if row.schedule != "pending"]
    booked = [_booked(draw, f"S{n}", [f"P{n}"], ("C0",)) for n in draw(few(((0, 1, 2), (0, 2), ())))]
    booked += [_booked(draw, f"A{n}", ids, _CUSTOMERS) for n in range(draw(few((6, max_appointments, 3, 0))))]
    return Snapshot(
        PIVOT,
        profiles=profiles,
        customers=[_customer(draw, id) for id in _CUSTOMERS],
        appointments=booked,
        records=[_record(draw, f"R{n}") for n in range(draw(st.integers(0, 3)))],
        access=[
            _access(draw, f"{row.id}-{id}", row.id, id) for row in profiles[:HUMANS] for id in _CUSTOMERS
        ],
        access_requests=[_asked(draw, f"Q{n}", ids) for n in range(draw(st.integers(0, 1)))],
    )


def _profile(id: str, practitioner_id: str, schedule: Any) -> Profile:
    email = f"{id}@example.com"
    return Profile(id=id, practitioner_id=practitioner_id, email=email, login="enabled", schedule=schedule)


_USES: Any = st.sampled_from(("secondary", "former", "primary"))
_EMAILS = st.lists(st.builds(CustomerEmail, st.sampled_from(_ADDRESSES), _USES), max_size=1)
_CUSTOMER_VERSIONS = st.sampled_from((None, 1))
_BOOKING_VERSIONS = st.sampled_from((None, None, 2))
_LEVELS: Any = st.sampled_from(("treating", "treating", "treating", "viewing"))
_DRAWN_SLOTS = st.sampled_from(_SLOTS)
_DRAWN_STATUSES: Any = st.sampled_from(_STATUSES)
"""Made once: a strategy that is made for each draw takes longer to make than to draw from."""


def _customer(draw: st.DrawFn, id: str) -> Customer:
    version = draw(_CUSTOMER_VERSIONS)
    drawn = draw(_EMAILS)
    return Customer(id=id, record_number=id, emails=drawn, status="active", version=version)


def _booked(draw: st.DrawFn, id: str, profile_ids: list[str], customer_ids: tuple[str, ...]) -> Appointment:
    return Appointment(
        id=id,
        profile_id=draw(few(tuple(profile_ids))),
        customer_id=draw(few(tuple(customer_ids))),
        slot=draw(_DRAWN_SLOTS),
        time_zone="America/Toronto",
        modality="video",
        status=draw(_DRAWN_STATUSES),
        version=draw(_BOOKING_VERSIONS),
    )


def _record(draw: st.DrawFn, id: str) -> Record:
    some = st.sampled_from(_CUSTOMERS)
    kind = draw(few(("relation", "note")))
    other = draw(some) if kind == "relation" else None
    return Record(id=id, kind=kind, customer_id=draw(some), related_customer_id=other, unique_key="k")


def _access(draw: st.DrawFn, id: str, profile_id: str, customer_id: str) -> Access:
    level: Any = draw(_LEVELS)
    return Access(id=id, profile_id=profile_id, customer_id=customer_id, level=level)


def _asked(draw: st.DrawFn, id: str, profile_ids: list[str]) -> AccessRequest:
    return AccessRequest(
        id=id,
        profile_id=draw(few(tuple(profile_ids))),
        customer_id=draw(few(_CUSTOMERS)),
        requested_at=PIVOT - timedelta(days=1),
        expires_at=PIVOT + timedelta(days=1),
        status="pending",
    )


def migration_of(profile_id: str, **fields: Any) -> MigrationRequest:
    """Return a request that is right for a profile, but for what is given."""
    given: dict[str, Any] = {
        "new_email": f"new.{profile_id}@example.com",
        "reason": MIGRATION_REASONS[0],
        "ticket": f"T-{profile_id}",
        "agreement": Agreement(by="Ann Example", at=PIVOT - timedelta(days=3), version="1"),
    }
    return MigrationRequest(profile_id=profile_id, **(given | fields))


@st.composite
def cohort_cases(draw: st.DrawFn) -> CohortCase:
    """A cohort of up to five requests; one in three has something that cannot be true at once."""
    snapshot = draw(shared_practices())
    often = draw(st.booleans())
    requests = [migration_of(f"P{n}", window=_window(draw, often=often)) for n in range(HUMANS)]
    trouble = draw(few(("none", *_TROUBLE, "none", "none", *_TROUBLE, "none", "none")))
    event(f"trouble: {trouble}")
    if trouble != "none":
        requests = _TROUBLE[trouble](draw, snapshot, requests)
    if draw(st.booleans()):
        snapshot = _begun(draw, snapshot, requests[0])
    minutes = draw(few((5, 60)))
    capacity = draw(few((1, 1, 2, 3)))
    return CohortCase(snapshot, tuple(requests), MigrationRules(minutes_per_booking=minutes), PIVOT, capacity)


def _window(draw: st.DrawFn, *, often: bool) -> TimeSlot | None:
    return draw(
        st.sampled_from(
            (None, None, *_WINDOWS[:3], *_WINDOWS) if often else (None, None, None, None, *_WINDOWS)
        )
    )


_Requests = list[MigrationRequest]


def _again(draw: st.DrawFn, _: Snapshot, requests: _Requests) -> _Requests:
    """Ask for one profile once more, to another address or under another ticket."""
    return [
        *requests,
        migration_of("P0", **{draw(few(("new_email", "ticket"))): "x@example.com"}),
    ]


def _equal(_: st.DrawFn, __: Snapshot, requests: _Requests) -> _Requests:
    return [*requests, requests[0]]


def _chained(_: st.DrawFn, snapshot: Snapshot, requests: _Requests) -> _Requests:
    """Ask for the move of a profile that may be the end of another move."""
    return [*requests, migration_of("P9" if "P9" in snapshot.profiles else "P-unknown")]


def _same_address(draw: st.DrawFn, _: Snapshot, requests: _Requests) -> _Requests:
    """Ask for an address that somebody else wants, or has."""
    address = draw(few(("NEW.P0@example.com", "NEW.P0@example.com", "P0@example.com")))
    return [requests[0], attrs.evolve(requests[1], new_email=address), requests[2]]


def _same_number(_: st.DrawFn, snapshot: Snapshot, requests: _Requests) -> _Requests:
    """Give the bookings of two practitioners the same number ahead."""
    firsts = [
        min(
            (row.id for row in snapshot.appointments.where("profile_id", request.profile_id)),
            default="A-unknown",
        )
        for request in requests
    ]
    return [
        attrs.evolve(request, numbers={id: "APP-9"}) for request, id in zip(requests, firsts, strict=True)
    ]


_TROUBLE: dict[str, Any] = {
    "again": _again,
    "equal": _equal,
    "chained": _chained,
    "same address": _same_address,
    "same number": _same_number,
}


def _begun(draw: st.DrawFn, snapshot: Snapshot, request: MigrationRequest) -> Snapshot:
    """Return a practice in which a move is done in part."""
    plan = plan_migration(snapshot, request, at=PIVOT)
    if not plan.is_ready:
        return snapshot
    event("one move has begun")
    return apply(snapshot, plan.change_set.prefix(draw(st.integers(0, len(plan.change_set.steps)))))
