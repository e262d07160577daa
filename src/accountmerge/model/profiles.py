"""Profiles of practitioners, each a login with its own schedule."""

from __future__ import annotations

from typing import Literal, get_args

import attrs

from accountmerge.model.emails import EmailAddress, email_address
from accountmerge.model.json_text import FrozenJson, absent_if_null
from accountmerge.model.private import ShowsOnlyItsId, privacy
from accountmerge.model.texts import IDENTIFIER, VERSION
from accountmerge.model.time_slots import TimeSlot, sorted_slots
from accountmerge.model.value_rules import checked, instance, optional, words
from accountmerge.model.values import value_class
from accountmerge.model.weekly_hours import WeeklyHours

LoginStatus = Literal["enabled", "disabled"]
LOGINS: tuple[LoginStatus, ...] = get_args(LoginStatus)
ScheduleStatus = Literal["pending", "active", "inactive"]
SCHEDULES: tuple[ScheduleStatus, ...] = get_args(ScheduleStatus)


@privacy(
    personal="email data", plain="id practitioner_id login schedule hours unavailable succeeded_by version"
)
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(
        id=IDENTIFIER,
        practitioner_id=IDENTIFIER,
        login=words(*LOGINS),
        schedule=words(*SCHEDULES),
        hours=optional(instance(WeeklyHours, "weekly_hours")),
        succeeded_by=optional(IDENTIFIER),
        version=VERSION,
    ),
)
class Profile(ShowsOnlyItsId):
    """A login of a practitioner, with its own schedule.

    Attributes:
        id: Opaque, given by the store.
        practitioner_id: The owner, who may have several profiles.
        email: The username; it never changes.
        login: Whether the login works.
        schedule: `pending` was never open, `active` can be booked, `inactive` no longer.
        hours: The working hours, or None if the store has none.
        unavailable: Times inside the hours that cannot be booked; a set, kept sorted.
        succeeded_by: The profile that took over.
        data: The caller's own values, any JSON; `null` is stored as None. The new profile of a migration gets a copy.
        version: The store's own version of the entity.
    """

    id: str
    practitioner_id: str
    email: EmailAddress = attrs.field(converter=email_address)
    login: LoginStatus
    schedule: ScheduleStatus
    hours: WeeklyHours | None = None
    unavailable: tuple[TimeSlot, ...] = attrs.field(default=(), converter=sorted_slots)
    succeeded_by: str | None = None
    data: FrozenJson | None = attrs.field(default=None, converter=absent_if_null)
    version: str | int | None = None

    @property
    def mailbox(self) -> str:
        """The mailbox of the username."""
        return self.email.mailbox
