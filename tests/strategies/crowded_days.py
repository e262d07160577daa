"""Strategies for crowded days: thousands of bookings on one day, from few draws."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import event
from hypothesis import strategies as st

from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.instants import microseconds
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.testing.strategies.times import PIVOT

if TYPE_CHECKING:
    from accountmerge.model.appointments import AppointmentStatus

_DAY_US = 24 * 3_600_000_000
_DAYS = (
    PIVOT + timedelta(days=1),
    datetime.fromisoformat("2026-04-03T14:00:00+00:00"),  # the day of Sydney on which an hour is repeated
    datetime.fromisoformat("2026-10-03T14:00:00+00:00"),  # that on which one is skipped
)
_STATUSES: tuple[AppointmentStatus, ...] = ("booked", "booked", "held", "booked", "cancelled")


@st.composite
def crowded_days(draw: st.DrawFn, *, appointments: int = 2000) -> Snapshot:
    """A day on which very much is booked: side by side, touching, overlapping, or with a little time between.

    At most six values are drawn, however many appointments there are, and none overlaps more than the three that
    come next on the same calendar: what looks at overlaps has no quadratic number of them to tell.

    Args:
        draw: Given by Hypothesis.
        appointments: How many there are at the most; often there are so many.
    """
    count = draw(st.sampled_from((min(appointments, 3), appointments // 2, appointments, appointments)))
    event(f"crowded: {'all' if count == appointments else 'some'}")
    profiles, customers = draw(st.sampled_from((1, 3))), draw(st.sampled_from((1, 40)))
    step = _DAY_US // max(count, 1)
    lengths = {"touching": step, "apart": max(step // 2, 1), "overlapping": 3 * step + 1}
    how = draw(st.sampled_from(tuple(lengths)))
    event(f"crowded: {how}")
    start, odd = microseconds(draw(st.sampled_from(_DAYS))), draw(st.sampled_from((1, 7)))
    return Snapshot(
        PIVOT,
        profiles=[_profile(number) for number in range(profiles)],
        customers=[
            Customer(id=f"C{number}", record_number=f"C{number}", emails=(), status="active")
            for number in range(customers)
        ],
        appointments=[
            Appointment(
                id=f"A{number}",
                profile_id=f"P{number * odd % profiles}",
                customer_id=f"C{number * odd % customers}",
                slot=TimeSlot.from_microseconds(start + number * step, start + number * step + lengths[how]),
                time_zone="Australia/Sydney",
                modality="video",
                status=_STATUSES[number % len(_STATUSES)],
            )
            for number in range(count)
        ],
    )


def _profile(number: int) -> Profile:
    """Return one of two profiles of one practitioner, or one of another practitioner."""
    return Profile(
        id=f"P{number}",
        practitioner_id="H1" if number == 2 else "H0",
        email=f"p{number}@example.com",
        login="enabled",
        schedule="inactive" if number == 1 else "active",
    )
