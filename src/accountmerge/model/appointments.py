"""Appointments of customers with profiles, and the links between an appointment and its replacement."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

import attrs
import pendulum

from accountmerge.model.instants import utc_or_none
from accountmerge.model.json_text import FrozenJson, absent_if_null
from accountmerge.model.private import ShowsOnlyItsId, privacy
from accountmerge.model.texts import IDENTIFIER, LABEL, LINE, VERSION
from accountmerge.model.time_slots import SLOT, TimeSlot
from accountmerge.model.value_rules import checked, optional, words
from accountmerge.model.values import value_class
from accountmerge.model.wall_times import WALL_TIME, ZONE

Modality = Literal["in_person", "video", "phone", "chat"]
MODALITIES: tuple[Modality, ...] = get_args(Modality)
AppointmentStatus = Literal["held", "booked", "completed", "cancelled", "missed"]
APPOINTMENT_STATUSES: tuple[AppointmentStatus, ...] = get_args(AppointmentStatus)
LIVE: frozenset[AppointmentStatus] = frozenset({"held", "booked"})
"""The statuses in which a booking takes up its slot."""
REBOOKED = "rebooked"
"""The cancel reason of the old half of a rebooking; it never counts against the customer or the practitioner."""


@privacy(
    personal="cancel_reason data made_by",
    plain="id number profile_id customer_id slot time_zone modality status replaces replaced_by version local_start session_id created_at",
)
@value_class(
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
        local_start=optional(WALL_TIME),
        modality=words(*MODALITIES),
        status=words(*APPOINTMENT_STATUSES),
        cancel_reason=optional(LABEL),
        session_id=optional(LABEL),
        replaces=optional(IDENTIFIER),
        replaced_by=optional(IDENTIFIER),
        made_by=optional(IDENTIFIER),
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
        local_start: The start that was promised, as clocks in the zone show it: a datetime without time zone, in whole
            seconds. The instants in `slot` decide when the session is.
        modality: The kind of meeting.
        status: `held` and `booked` are live.
        cancel_reason: The reason of the cancellation.
        session_id: The session that several customers attend together. Live bookings of one practitioner with the same
            `session_id` and the same slot are no double booking of the practitioner.
        replaces: The id of the earlier appointment that this one replaces.
        replaced_by: The id of the later appointment that replaces this one.
        data: The caller's own values, any JSON; `null` is stored as None.
        created_at: The instant at which the customer was booked. A replacement keeps that of the replaced appointment.
        made_by: The person or program that booked. A replacement keeps that of the replaced appointment.
        version: The store's own version of the entity.
    """

    id: str
    number: str | None = None
    profile_id: str
    customer_id: str
    slot: TimeSlot
    time_zone: str
    local_start: datetime | None = None
    modality: Modality
    status: AppointmentStatus
    cancel_reason: str | None = None
    session_id: str | None = None
    replaces: str | None = None
    replaced_by: str | None = None
    data: FrozenJson | None = attrs.field(default=None, converter=absent_if_null)
    created_at: pendulum.DateTime | None = attrs.field(default=None, converter=utc_or_none)
    made_by: str | None = None
    version: str | int | None = None

    @property
    def is_live(self) -> bool:
        """Whether the booking takes up its slot."""
        return self.status in LIVE

    @property
    def order(self) -> tuple[int, int, str]:
        """The sort key of bookings, soonest first, then shortest, then by id."""
        return (self.slot.start_us, self.slot.end_us, self.id)
