"""Strategies for rebooking requests and for snapshots with such a request."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import event
from hypothesis import strategies as st

from accountmerge.findings.finding import Acceptance
from accountmerge.migrations.rules import MigrationRules
from accountmerge.model.access import Access
from accountmerge.model.appointments import MODALITIES, Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.weekly_hours import WEEKDAYS, DailyHours, WeeklyHours
from accountmerge.rebooking.planner import plan_rebooking
from accountmerge.rebooking.requests import RebookingRequest
from accountmerge.testing.strategies.emails import email_addresses
from accountmerge.testing.strategies.entities import carried_values, carrying
from accountmerge.testing.strategies.scalars import few
from accountmerge.testing.strategies.shown_cases import ShownCase
from accountmerge.testing.strategies.times import PIVOT, ZONES, instants

if TYPE_CHECKING:
    from accountmerge.model.profiles import ScheduleStatus
    from accountmerge.rebooking.planner import RebookingPlan

_HOUR = timedelta(hours=1)
_QUARTER = timedelta(minutes=15)
_STATUSES = ("completed", "booked", "booked", "held", "cancelled", "missed")
_NAMES = ("Zoë", "Ann", "Jean-Luc", "O'Neill", "de la Cruz", None, "")
_VERSIONS = st.sampled_from((None, 3))
_WHOLE_DAY = WeeklyHours("UTC", days=[(day, (DailyHours(time(0), time(0)),)) for day in WEEKDAYS])
_OFFICE = WeeklyHours("UTC", days=[("monday", (DailyHours(time(0), time(6)),))], closed=[date(2026, 3, 9)])
_ODD_ADDRESSES = (
    "o'neil+x@example.com",
    "{a}=b|c@example.org",
    "*ann@example.com",
    "zoë@example.org",
    "_x_@münchen.example",
)
_INITIALS = ("AB", "A.B.", "a b", "É.-L.", "Z", "J-L O'N", "ß.x.", "李明")
_TROUBLES = (
    *("none",) * 12,
    *(
        "inactive",
        "disabled",
        "initials",
        "not one practitioner",
        "unknown profile",
        "shared number",
        "phone",
    ),
)
_EXACT = (timedelta(0), timedelta(microseconds=1), timedelta(seconds=59))


@cache
def rebooking_requests() -> st.SearchStrategy[RebookingRequest]:
    """Draw requests of invented people that can be written as a message, also around changes of clock."""
    plain = st.integers(0, 20).map(lambda number: f"p{number}@example.net")
    addresses: st.SearchStrategy[Any] = st.one_of(
        plain, st.sampled_from(_ODD_ADDRESSES), email_addresses().filter(lambda address: address.is_valid)
    )
    fine = st.builds(lambda at, more: at + more, instants(), st.sampled_from(_EXACT))
    old = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.just(UTC))  # noqa: DTZ001
    return st.builds(
        RebookingRequest,
        number=st.builds(
            lambda prefix, digits: f"{prefix}-{digits}",
            st.sampled_from(("APP", "ASST")),
            st.sampled_from(("0", "7", "0042", "60001", "123456789012")),
        ),
        initials=st.sampled_from(_INITIALS),
        start=st.one_of(instants(), instants(), fine, old),
        time_zone=st.sampled_from(
            (*ZONES, "Etc/GMT+5", "EST", "Singapore", "America/Port-au-Prince", "Africa/Monrovia")
        ),
        modality=st.sampled_from(MODALITIES),
        old_email=addresses,
        new_email=addresses,
    )


@attrs.frozen
class RebookingCase(ShownCase):
    """The data of a rebooking."""

    snapshot: Snapshot
    request: RebookingRequest
    rules: MigrationRules
    at: datetime

    def plan(self, snapshot: Snapshot | None = None) -> RebookingPlan:
        """Plan the request. Default: on the snapshot of the case."""
        return plan_rebooking(snapshot or self.snapshot, self.request, rules=self.rules, at=self.at)


@st.composite
def rebooking_cases(draw: st.DrawFn) -> RebookingCase:
    """Draw a rebooking that is ready most of the time, with blockers accepted where allowed.

    Filter by `case.plan().is_ready` if only ready ones count.
    """
    trouble = draw(few(_TROUBLES))
    existing, person = _existing(draw), _customer(draw, trouble)
    snapshot = Snapshot(
        PIVOT,
        profiles=[_profile(draw, id, trouble) for id in ("P0", "P1", "P2")],
        customers=[person, attrs.evolve(person, id="C1", record_number="C1")],
        appointments=[existing, *_others(draw, existing, trouble)],
        access=_access(draw),
    )
    starts = (existing.slot.start, existing.slot.start, PIVOT + 6 * _HOUR, PIVOT + 9 * _HOUR)
    wrong = {"not one practitioner": "p2@example.com", "unknown profile": "nobody@example.com"}
    request = RebookingRequest(
        number="APP-1",
        initials="QQ" if trouble == "initials" else _initials(draw, person),
        start=draw(st.sampled_from(starts)),
        time_zone=draw(few(ZONES)),
        modality="phone" if trouble == "phone" else existing.modality,
        old_email=draw(few(("p0@example.com", " P0@Example.com"))),
        new_email=wrong.get(trouble, "p1@example.com"),
    )
    at = draw(few((PIVOT, PIVOT, PIVOT + _QUARTER)))
    case = RebookingCase(snapshot, request, MigrationRules(), at)
    blockers = case.plan().blockers
    accept = [Acceptance(finding=f.id, by="Ann Example", why="agreed") for f in blockers if f.is_acceptable]
    event(f"blockers: {', '.join(sorted({finding.code for finding in blockers})) or 'none'}")
    return attrs.evolve(case, request=attrs.evolve(request, accept=accept))


def _profile(draw: st.DrawFn, id: str, trouble: str) -> Profile:
    waiting: ScheduleStatus = "inactive" if trouble == "inactive" else "pending"
    return Profile(
        id=id,
        practitioner_id="H1" if id == "P2" else "H0",
        email=f"{id.lower()}@example.com",
        login="enabled",
        schedule=waiting if id == "P1" else "active",
        hours=draw(few((_WHOLE_DAY, _WHOLE_DAY, _OFFICE, None))),
        unavailable=draw(few(((), (), (TimeSlot(PIVOT, PIVOT + 7 * _HOUR),)))),
        version=draw(_VERSIONS),
    )


def _customer(draw: st.DrawFn, trouble: str) -> Customer:
    return Customer(
        id="C0",
        record_number="C0",
        given_name=draw(few(_NAMES)),
        family_name=draw(few(_NAMES)),
        emails=(),
        status="disabled" if trouble == "disabled" else "active",
        version=draw(_VERSIONS),
    )


def _initials(draw: st.DrawFn, person: Customer) -> str:
    letters = [name.split()[-1][0] for name in (person.given_name, person.family_name) if name]
    if draw(few((False, False, True))):
        letters.reverse()
    return draw(few(("", ".", " "))).join(letters) or "AB"


def _existing(draw: st.DrawFn) -> Appointment:
    status = draw(few(_STATUSES))
    start = PIVOT + draw(few((3, 3, 3, 6, -48))) * _HOUR
    booking = Appointment(
        id="A0",
        number="APP-1",
        profile_id="P0",
        customer_id="C0",
        slot=TimeSlot(start, start + draw(few((2, 4, 4, 97))) * _QUARTER),
        time_zone="Australia/Sydney",
        modality=draw(few(MODALITIES)),
        status=status,
        version=draw(_VERSIONS),
    )
    return carrying(booking, draw(carried_values()))


def _others(draw: st.DrawFn, existing: Appointment, trouble: str) -> list[Appointment]:
    """Draw bookings that may overlap, and some that may replace the existing one."""
    others = []
    for number in range(1, 1 + draw(few((0, 1, 2)))):
        start = PIVOT + draw(few((3, 5, 6, 12))) * _HOUR + draw(few((0, 0, 1))) * _QUARTER
        others.append(
            Appointment(
                id=f"A{number}",
                number="APP-1" if trouble == "shared number" else None,
                profile_id=draw(few(("P0", "P1", "P2", "P2"))),
                customer_id=draw(few(("C0", "C1"))),
                slot=TimeSlot(start, start + draw(few((1, 4))) * _QUARTER),
                time_zone="UTC",
                modality="video",
                status=draw(few(("booked", "cancelled"))),
            )
        )
    if draw(few((False, False, False, True))):
        event("half a rebooking")
        half: Any = {"id": "half", "number": None, "profile_id": "P1", "replaces": "A0", "version": None}
        others.append(attrs.evolve(existing, **half))
    return others


def _access(draw: st.DrawFn) -> list[Access]:
    return [
        Access(
            id=f"X{number}",
            profile_id=profile,
            customer_id="C0",
            level=draw(few(("treating", "viewing"))),
        )
        for number, profile in enumerate(("P0", "P1"))
        if draw(few((True, number == 0)))
    ]
