"""Profiles: a practitioner's log-in with its own schedule; the e-mail is the username and never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import attrs

from accountmerge.model.emails import EmailAddress
from accountmerge.model.private import ShowsOnlyItsId
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.weekly_hours import WeeklyHours

if TYPE_CHECKING:
    from collections.abc import Iterable


LoginStatus = Literal["enabled", "disabled"]
LOGINS: tuple[LoginStatus, ...] = get_args(LoginStatus)
ScheduleStatus = Literal["pending", "active", "inactive"]


def _sorted_slots(slots: Iterable[TimeSlot]) -> tuple[TimeSlot, ...]:
    return tuple(sorted(set(slots)))


@attrs.frozen(repr=False, kw_only=True)
class Profile(ShowsOnlyItsId):
    """A log-in of a practitioner, with its own schedule.

    Attributes:
        id: Opaque, given by the store.
        practitioner_id: The human behind it, who may own several profiles.
        email: The username; it never changes.
        login: Whether the log-in works.
        schedule: `pending` was never open, `active` can be booked, `inactive` no longer.
        hours: When the profile works; nothing if the store does not say.
        unavailable: Times in which it cannot be booked all the same; a set, kept sorted.
        succeeded_by: The profile that took over.
        version: The store's own version of the entity.
    """

    id: str
    practitioner_id: str
    email: EmailAddress = attrs.field(converter=EmailAddress)
    login: LoginStatus
    schedule: ScheduleStatus
    hours: WeeklyHours | None = None
    unavailable: tuple[TimeSlot, ...] = attrs.field(default=(), converter=_sorted_slots)
    succeeded_by: str | None = None
    version: str | int | None = None

    @property
    def mailbox(self) -> str:
        """What the username is compared by."""
        return self.email.mailbox
