"""Appointments: a slot of a customer with a profile, and how bookings replace one another."""

from __future__ import annotations

import re
from typing import Literal, get_args

import attrs

from accountmerge.model.private import ShowsOnlyItsId
from accountmerge.model.time_slots import TimeSlot

Modality = Literal["in_person", "video", "phone", "chat"]
MODALITIES: tuple[Modality, ...] = get_args(Modality)
AppointmentStatus = Literal["held", "booked", "completed", "cancelled", "missed"]

NUMBER = re.compile(r"(APP|ASST)-[0-9]+")
"""What an appointment number looks like."""
LIVE: frozenset[AppointmentStatus] = frozenset({"held", "booked"})
"""The statuses in which a booking takes up its slot."""
REBOOKED = "rebooked"
"""The cancel reason of the old half of a rebooking; it never counts against anybody."""


@attrs.frozen(repr=False, kw_only=True)
class Appointment(ShowsOnlyItsId):
    """A customer's slot with a profile.

    Attributes:
        id: Opaque; every reference names it.
        number: `APP-` or `ASST-` and digits, given by the store; never used as a reference.
        profile_id: With whom.
        customer_id: For whom.
        slot: When, as instants.
        time_zone: The IANA zone in which the time was promised.
        modality: How they meet.
        status: `held` and `booked` are live.
        cancel_reason: Why it was cancelled.
        replaces: The appointment in whose place it was booked.
        replaced_by: The appointment that was booked in its place.
        version: The store's own version of the entity.
    """

    id: str
    number: str | None = None
    profile_id: str
    customer_id: str
    slot: TimeSlot
    time_zone: str
    modality: Modality
    status: AppointmentStatus
    cancel_reason: str | None = None
    replaces: str | None = None
    replaced_by: str | None = None
    version: str | int | None = None

    @property
    def is_live(self) -> bool:
        """Whether the booking takes up its slot."""
        return self.status in LIVE

    @property
    def order(self) -> tuple[int, int, str]:
        """The defined order of bookings: soonest first, then shortest, then by id."""
        return (self.slot.start_us, self.slot.end_us, self.id)
