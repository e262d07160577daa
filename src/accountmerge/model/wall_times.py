"""Conversion between wall time in a zone and instants.

RFC 5545 section 3.3.5 is the default: a time that occurs twice is the first one, a time that is skipped
is read with the offset before the gap.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import pendulum

from accountmerge.errors import InvalidValueError
from accountmerge.model.instants import from_microseconds, microseconds, utc
from accountmerge.model.texts import plain_text
from accountmerge.model.value_rules import Rule, wrong_type

_OF_THE_MACHINE = ("localtime", "posixrules", "posix/", "right/")
"""Zones of a machine beside those of IANA: its local zone, and zones that count leap seconds."""


def resolve_wall_time(
    naive: datetime,
    zone: str,
    *,
    ambiguous: Literal["earlier", "later", "refuse"] = "earlier",
    missing: Literal["shift", "refuse"] = "shift",
) -> pendulum.DateTime:
    """Return the instant at which clocks in a zone show a time.

    Args:
        naive: The time that the clock shows; a datetime without time zone (its `fold` is ignored).
        zone: The IANA name of the zone, such as `Australia/Sydney`.
        ambiguous: The instant to choose when clocks show the time twice.
        missing: The reading of a time that clocks skip: `shift` uses the offset before the gap,
            so that 02:30 becomes the instant at which clocks show 03:30.

    Returns:
        The instant, in UTC.

    Raises:
        InvalidValueError: The datetime is aware, the zone or a mode is unknown, or the time is ambiguous
            or missing and the mode is `refuse`.

    Source: RFC 5545 section 3.3.5 (form 3), PEP 495.
    """
    if naive.tzinfo is not None:
        raise InvalidValueError("wall_time_aware")
    if ambiguous not in ("earlier", "later", "refuse") or missing not in ("shift", "refuse"):
        raise InvalidValueError("wall_time_mode")
    # Subclasses such as pendulum's lose `fold` when they are changed, so a plain datetime is used.
    clock = datetime.combine(naive.date(), naive.time())
    at_zone = clock.replace(tzinfo=find_zone(zone), fold=0)
    first, second = microseconds(at_zone), microseconds(at_zone.replace(fold=1))
    # PEP 495: in a repeated hour the second reading is later; in a gap `fold=0` has the offset before it.
    if first < second and ambiguous == "refuse":
        raise InvalidValueError("wall_time_ambiguous", zone=zone)
    if first > second and missing == "refuse":
        raise InvalidValueError("wall_time_missing", zone=zone)
    return from_microseconds(second if first < second and ambiguous == "later" else first)


def wall_time(instant: datetime, zone: str) -> tuple[datetime, Literal[0, 1]]:
    """Return the time that clocks in a zone show at an instant, and its fold.

    This is the inverse of `resolve_wall_time`: the time resolves to the same instant with `ambiguous="later"` if the
    second value is 1, and with `ambiguous="earlier"` if it is 0.

    Args:
        instant: Any aware datetime.
        zone: The IANA name of the zone, such as `Australia/Sydney`.

    Returns:
        A datetime without time zone, exact to the microsecond, and its fold: 1 for the second reading of a time
        that clocks show twice, otherwise 0. The datetime itself always has `fold=0`.

    Raises:
        InvalidValueError: The datetime is naive, the zone is unknown, or its calendar does not include the instant.

    Source: PEP 495.
    """
    moment, place = utc(instant, "instant"), find_zone(zone)
    # Subclasses such as pendulum's have a fold of their own, so a plain datetime is used.
    plain = datetime.combine(moment.date(), moment.time(), tzinfo=UTC)
    try:
        local = plain.astimezone(place)
    except OverflowError:
        raise InvalidValueError("time_out_of_range") from None
    return local.replace(tzinfo=None, fold=0), 1 if local.fold else 0


def wall_text(whole: int, zone: str) -> str:
    """Write the wall time of an instant in a zone, such as `2026-04-05 02:30+11:00`.

    The offset distinguishes the two readings of a repeated hour. In UTC if the zone is unknown, because a report must
    not fail.
    """
    moment = from_microseconds(whole)
    try:
        return moment.astimezone(find_zone(zone)).isoformat(" ", "minutes")
    except (
        InvalidValueError,
        OverflowError,
    ):  # an unknown zone, or one whose calendar ends before that of UTC
        return moment.isoformat(" ", "minutes")


def utc_offset(whole: int, zone: str) -> int:
    """Return the difference between the clocks in a zone and UTC at an instant, in microseconds.

    Raises:
        InvalidValueError: There is no such zone, or its calendar does not include the instant.
    """
    try:
        clock = from_microseconds(whole).astimezone(find_zone(zone))
    except OverflowError:
        raise InvalidValueError("time_out_of_range") from None
    return microseconds(clock.replace(tzinfo=UTC)) - whole


def wall_parts(whole: int, zone: str) -> tuple[str, str, str]:
    """Write the exact wall time of an instant in a zone, as date, time and offset.

    These are texts such as `2026-04-05`, `02:30` and `+11:00`, with seconds only if they are not zero. In UTC if the
    calendar of the zone ends before that of UTC.

    Raises:
        InvalidValueError: The zone is unknown.
    """
    moment, place = from_microseconds(whole), find_zone(zone)
    try:
        local = moment.astimezone(place)
    except OverflowError:
        local = moment
    clock = local.replace(tzinfo=None)
    offset = local.isoformat().removeprefix(clock.isoformat())
    precision = "auto" if clock.second or clock.microsecond else "minutes"
    return clock.date().isoformat(), clock.time().isoformat(precision), offset


@lru_cache(maxsize=1024)
def find_zone(name: str) -> ZoneInfo:
    """Return the zone with an IANA name; refuse unknown ones."""
    if name.startswith(_OF_THE_MACHINE):
        raise InvalidValueError("zone_unknown")
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise InvalidValueError("zone_unknown") from None


def _zone(value: object) -> str:
    name = value if type(value) is str else plain_text(value)
    find_zone(name)
    return name


ZONE = Rule("zone", _zone)
"""The IANA name of a time zone."""


def _wall_time(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise wrong_type("wall_time")
    if value.tzinfo is not None:
        raise InvalidValueError("wall_time_aware")
    if value.microsecond:
        raise InvalidValueError("not_a_wall_time")
    # A plain datetime: subclasses write themselves differently. The reading of a repeated hour is known by the instant.
    return datetime(value.year, value.month, value.day, value.hour, value.minute, value.second)  # noqa: DTZ001


WALL_TIME = Rule("wall_time", _wall_time, is_read=False)
"""A date and time of day as a clock shows it, in whole seconds, without time zone."""


def wall_time_at(whole: int, zone: str) -> datetime | None:
    """Return the wall time of an instant in a zone, in whole seconds.

    None if the calendar of the zone does not include the instant.

    Raises:
        InvalidValueError: The zone is unknown.
    """
    try:
        local = from_microseconds(whole).astimezone(find_zone(zone))
    except OverflowError:
        return None
    return _wall_time(local.replace(tzinfo=None, microsecond=0))
