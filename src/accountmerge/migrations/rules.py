"""The rules of a practice for all its migrations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import Literal, get_args

import attrs

from accountmerge.errors import InvalidValueError
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
from accountmerge.model.weekly_hours import WEEKDAYS, DailyHours, WeeklyHours

Role = Literal["people_team", "practitioner", "support_team", "customer_service", "customer"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Everybody, in the order of lists."""


Becomes = Literal["stays", "moves", "copied", "ends"]
BECOMES: tuple[Becomes, ...] = get_args(Becomes)


@attrs.frozen(kw_only=True, field_transformer=checked(kind=IDENTIFIER, becomes=words(*BECOMES)))
class ProfileRecords:
    """A kind of record that names a profile, declared once: what a migration does, and what its completeness is proved by.

    Attributes:
        kind: The kind, as records name it; a built-in one may be declared to change how it is treated.
        becomes: `stays` with the old profile, as history does; `moves` to the new one; `copied`: the old profile
            keeps the record, and the new one gets its own; `ends`: it is removed, with a ledger entry.
    """

    kind: str
    becomes: Becomes


SHORTEST_BLACKOUT = 2 * 60
"""Minutes; the shortest time for which availability is off (design, section 3.1, rule 4)."""
LONGEST_BLACKOUT = 48 * 60
"""Minutes; the longest."""
_OFFICE_HOURS = (DailyHours(time(9), time(17)),)
_OFFICE_DAYS = WEEKDAYS[:5]


def _record_kinds(declared: Iterable[ProfileRecords]) -> tuple[ProfileRecords, ...]:
    found = tuple(listed(declared))
    if not all(isinstance(entry, ProfileRecords) for entry in found):
        raise wrong_type("profile_records")
    if len({entry.kind for entry in found}) < len(found):
        raise InvalidValueError("declared_twice")
    return tuple(sorted(found, key=lambda entry: entry.kind))


@attrs.frozen(
    kw_only=True,
    field_transformer=checked(
        minutes_per_booking=POSITIVE_INTEGER,
        business_hours=optional(instance(WeeklyHours, "weekly_hours")),
        notice_hours=POSITIVE_INTEGER,
        old_login_days=POSITIVE_INTEGER,
        needs_confirmation=TRUTH,
    ),
)
class MigrationRules:
    """What holds for every migration of a practice.

    Attributes:
        minutes_per_booking: How long the support team takes to rebook one appointment. With the default,
            36 future bookings take 3 hours; most migrations take less.
        business_hours: When the support team works: a blackout starts in them, and rebooking goes on in them alone. Nothing:
            Monday to Friday, 09:00 to 17:00, in the zone of the profile's hours, or in UTC.
        notice_hours: How long before a blackout it has to be announced, at the least.
        old_login_days: How many days after activation the login of the old profile ends.
        record_kinds: What becomes of the records that name the old profile, per kind. The built-in kinds stay unless
            they are declared; a kind that is neither built in nor declared blocks.
        needs_confirmation: Whether a named person has to confirm a migration before it is applied.
    """

    minutes_per_booking: int = attrs.field(default=5, metadata={"always_written": True})
    business_hours: WeeklyHours | None = None
    notice_hours: int = 24
    old_login_days: int = 30
    record_kinds: tuple[ProfileRecords, ...] = attrs.field(default=(), converter=_record_kinds)
    needs_confirmation: bool = False

    def becomes(self, kind: str) -> Becomes | None:
        """Return what becomes of the records of a kind that name the old profile, or None if no rule says so."""
        declared = next((entry.becomes for entry in self.record_kinds if entry.kind == kind), None)
        return declared or ("stays" if kind in BUILT_IN_KINDS else None)

    @property
    def staying_kinds(self) -> tuple[str, ...]:
        """The kinds of record that stay with the old profile, sorted."""
        known = {*BUILT_IN_KINDS, *(entry.kind for entry in self.record_kinds)}
        return tuple(sorted(kind for kind in known if self.becomes(kind) == "stays"))

    def business_hours_for(self, profile: Profile) -> WeeklyHours:
        """Return when the support team works on the migration of a profile: as the rules say, or else office hours."""
        if self.business_hours is not None:
            return self.business_hours
        zone = profile.hours.zone if profile.hours is not None else "UTC"
        return WeeklyHours(zone, days=[(day, _OFFICE_HOURS) for day in _OFFICE_DAYS])
