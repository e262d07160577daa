"""Appointments of customers with profiles, and the links between an appointment and its replacement."""

from __future__ import annotations

from typing import Literal, get_args

import attrs

from accountmerge.model.private import ShowsOnlyItsId, privacy
from accountmerge.model.texts import IDENTIFIER, LABEL, LINE, VERSION
from accountmerge.model.time_slots import SLOT, TimeSlot
from accountmerge.model.value_rules import checked, optional, words
from accountmerge.model.wall_times import ZONE

Modality = Literal["in_person", "video", "phone", "chat"]
MODALITIES: tuple[Modality, ...] = get_args(Modality)
AppointmentStatus = Literal["held", "booked", "completed", "cancelled", "missed"]
APPOINTMENT_STATUSES: tuple[AppointmentStatus, ...] = get_args(AppointmentStatus)
LIVE: frozenset[AppointmentStatus] = frozenset({"held", "booked"})
"""The statuses in which a booking takes up its slot."""
REBOOKED = "rebooked"
"""The cancel reason of the old half of a rebooking; it never counts against the customer or the practitioner."""


@privacy(
    personal="cancel_reason",
    plain="id number profile_id customer_id slot time_zone modality status replaces replaced_by version",
)
@attrs.frozen(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(
        id=IDENTIFIER,
        number=optional(LINE),
        profile_id=IDENTIFIER,
        customer_id=IDENTIFIER,
        slot=SLOT,
        time_zone=ZONE,
        modality=words(*MODALITIES),
        status=words(*APPOINTMENT_STATUSES),
        cancel_reason=optional(LABEL),
        replaces=optional(IDENTIFIER),
        replaced_by=optional(IDENTIFIER),
        version=VERSION,
    ),
)
class Appointment(ShowsOnlyItsId):
    """A customer's slot with a profile.

    Attributes:
        id: Opaque; every reference uses it.
        number: The number shown to people, given by the store; never used as a reference.
        profile_id: The profile that is booked.
        customer_id: The customer who booked.
        slot: The time, as instants.
        time_zone: The IANA zone in which the time was promised.
        modality: The kind of meeting.
        status: `held` and `booked` are live.
        cancel_reason: The reason of the cancellation.
        replaces: The id of the earlier appointment that this one replaces.
        replaced_by: The id of the later appointment that replaces this one.
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
        """The sort key of bookings, soonest first, then shortest, then by id."""
        return (self.slot.start_us, self.slot.end_us, self.id)
