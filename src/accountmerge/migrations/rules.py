"""The rules of a practice for all its migrations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import Literal, get_args

import attrs

from accountmerge.errors import InvalidValueError
from accountmerge.messages import CUSTOMER_LABELS, CustomerLabel
from accountmerge.model.private import privacy
from accountmerge.model.profiles import Profile
from accountmerge.model.records import BUILT_IN_KINDS
from accountmerge.model.texts import IDENTIFIER
from accountmerge.model.value_rules import (
    POSITIVE_INTEGER,
    TRUTH,
    checked,
    instance,
    listed,
    optional,
    words,
    wrong_type,
)
from accountmerge.model.values import ShownValue, value_class
from accountmerge.model.weekly_hours import WEEKDAYS, DailyHours, WeeklyHours

Role = Literal["people_team", "practitioner", "support_team", "customer_service", "customer"]
ROLES: tuple[Role, ...] = get_args(Role)
"""All roles, in the order of lists."""


Becomes = Literal["stays", "moves", "copied", "ends"]
BECOMES: tuple[Becomes, ...] = get_args(Becomes)


@privacy(plain="kind becomes", unknown_keys="words")
@value_class(
    eq=False, repr=False, kw_only=True, field_transformer=checked(kind=IDENTIFIER, becomes=words(*BECOMES))
)
class ProfileRecords(ShownValue):
    """The declaration of a kind of record that names a profile, for the plan and its completeness proof.

    Attributes:
        kind: The kind, as records name it. A built-in kind may be declared to change its rule.
        becomes: `stays` with the old profile, as history does; `moves` to the new one; `copied`, so that both
            profiles have one; `ends`, so that it is removed with a ledger entry.
    """

    kind: str
    becomes: Becomes


SHORTEST_BLACKOUT = 2 * 60
"""The shortest blackout, in minutes."""
LONGEST_BLACKOUT = 48 * 60
"""The longest blackout, in minutes."""
_OFFICE_HOURS = (DailyHours(time(9), time(17)),)
_OFFICE_DAYS = WEEKDAYS[:5]


def _record_kinds(declared: Iterable[ProfileRecords]) -> tuple[ProfileRecords, ...]:
    kinds = tuple(listed(declared))
    if not all(isinstance(entry, ProfileRecords) for entry in kinds):
        raise wrong_type("profile_records")
    if len({entry.kind for entry in kinds}) < len(kinds):
        raise InvalidValueError("declared_twice")
    return tuple(sorted(kinds, key=lambda entry: entry.kind))


@privacy(
    plain="minutes_per_booking business_hours notice_hours old_login_days record_kinds needs_confirmation"
    " customer_label",
    unknown_keys="words",
)
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(
        minutes_per_booking=POSITIVE_INTEGER,
        business_hours=optional(instance(WeeklyHours, "weekly_hours")),
        notice_hours=POSITIVE_INTEGER,
        old_login_days=POSITIVE_INTEGER,
        needs_confirmation=TRUTH,
        customer_label=words(*CUSTOMER_LABELS),
    ),
)
class MigrationRules(ShownValue):
    """The rules of a practice for all its migrations.

    Attributes:
        minutes_per_booking: The minutes that the support team needs to rebook one appointment. With the default,
            36 future bookings take 3 hours.
        business_hours: The hours of the support team. A blackout starts in them, and rebooking pauses outside them.
            Default: Monday to Friday, 09:00 to 17:00, in the zone of the profile's hours, or in UTC.
        notice_hours: The hours from the announcement to the blackout, at least.
        old_login_days: The days from activation to the end of the old login.
        record_kinds: The kinds of record that name a profile. A built-in kind stays unless it is declared; a record of
            any other undeclared kind blocks.
        needs_confirmation: Whether a named person has to confirm a migration before it is applied.
        customer_label: The word for a customer in reports of a plan, one of `CUSTOMER_LABELS`.
    """

    minutes_per_booking: int = attrs.field(default=5, metadata={"always_written": True})
    business_hours: WeeklyHours | None = None
    notice_hours: int = 24
    old_login_days: int = 30
    record_kinds: tuple[ProfileRecords, ...] = attrs.field(default=(), converter=_record_kinds)
    needs_confirmation: bool = False
    customer_label: CustomerLabel = "customer"

    def becomes(self, kind: str) -> Becomes | None:
        """Return the rule for records of a kind, or None if it is undeclared."""
        declared = next((entry.becomes for entry in self.record_kinds if entry.kind == kind), None)
        return declared or ("stays" if kind in BUILT_IN_KINDS else None)

    @property
    def staying_kinds(self) -> tuple[str, ...]:
        """The kinds of record that stay with the old profile, sorted."""
        known = {*BUILT_IN_KINDS, *(entry.kind for entry in self.record_kinds)}
        return tuple(sorted(kind for kind in known if self.becomes(kind) == "stays"))

    def business_hours_for(self, profile: Profile) -> WeeklyHours:
        """Return the business hours for the migration of a profile, by default office hours in its zone."""
        if self.business_hours is not None:
            return self.business_hours
        zone = profile.hours.zone if profile.hours is not None else "UTC"
        return WeeklyHours(zone, days=[(day, _OFFICE_HOURS) for day in _OFFICE_DAYS])
