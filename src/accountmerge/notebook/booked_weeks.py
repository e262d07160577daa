"""The bookings of the old and the new profile in one week, before and after a migration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from accountmerge.migrations.plan import MigrationPlan, new_profile
from accountmerge.model.appointments import Appointment
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.values import Value, value_class
from accountmerge.notebook.chart_texts import UTC_ZONE, wall

Side = Literal["before", "after"]
Place = Literal["old", "new"]
Role = Literal["stays", "to_move", "released", "rebooked", "own"]
SIDES: tuple[Side, ...] = ("before", "after")
PLACES: tuple[Place, ...] = ("old", "new")

DAYS = 7
_HOURS = 24.0
_HOUR_US = 3_600_000_000


@value_class(eq=False, repr=False)
class Stretch(Value):
    """The part of a time that is in one day of a week.

    Attributes:
        day: The day, from 0.
        start: The start in hours of the day.
        end: The end in hours of the day, after the start.
    """

    day: int
    start: float
    end: float


class Booked(NamedTuple):
    """A booking of a week on one side, with its profile, its role and its parts."""

    side: Side
    place: Place
    role: Role
    row: Appointment
    parts: tuple[Stretch, ...]


@value_class(eq=False, repr=False)
class BookedWeek(Value):
    """The bookings of two profiles in one week, before and after a migration.

    Attributes:
        first_day: The Monday of the week, in the zone.
        successor_id: The id of the new profile, or None if neither the plan nor the snapshot has it.
        zone: The zone of all times.
        bookings: The bookings of the week, on both sides.
        moved: How many bookings of the week move.
        total: How many bookings of the plan move.
    """

    first_day: date
    successor_id: str | None
    zone: str
    bookings: tuple[Booked, ...]
    moved: int
    total: int


def zone_of(plan: MigrationPlan) -> str:
    """Return the zone of the profile's hours, else of its first booking that moves, else UTC."""
    images = [
        image for step in plan.change_set.steps for edit in step.edits for image in (edit.before, edit.after)
    ]
    hours = (image.hours for image in images if isinstance(image, Profile) and image.hours is not None)
    zones = (image.time_zone for image in images if isinstance(image, Appointment))
    return next((found.zone for found in hours), None) or next(zones, UTC_ZONE)


def booked_week(plan: MigrationPlan, snapshot: Snapshot | None, day: date | None, zone: str) -> BookedWeek:
    """Return the bookings of one week, from a plan and the other bookings of a snapshot."""
    first, last = images_of(plan)
    moved = dict(plan.rebooked)
    ids = {"old": plan.request.profile_id, "new": _successor_id(plan, snapshot, last)}
    if day is None:
        starts = [first[id].slot.start_us for id in moved if id in first]
        blackout = plan.blackout.start if plan.blackout is not None else plan.change_set.at
        day = (
            wall(min(starts), zone).date() if starts else wall(round(blackout.timestamp() * 1e6), zone).date()
        )
    monday = _monday(day)
    others = _others(snapshot, ids.values(), {*first, *last})
    arrived = set(moved.values())
    parts: dict[tuple[int, int], tuple[Stretch, ...]] = {}
    bookings: list[Booked] = []
    for side, rows in ((SIDES[0], first), (SIDES[1], last)):
        for row in sorted((*rows.values(), *others), key=lambda row: row.order):
            ends = (row.slot.start_us, row.slot.end_us)
            if ends not in parts:
                parts[ends] = tuple(stretches(row.slot, monday, zone))
            if parts[ends]:
                roles = _roles(ids, side, row, moved, arrived)
                bookings += (Booked(side, place, role, row, parts[ends]) for place, role in roles)
    here = {one.row.id for one in bookings if (one.side, one.role) == ("before", "to_move")}
    return BookedWeek(monday, ids["new"], zone, tuple(bookings), len(here), len(moved))


def images_of(plan: MigrationPlan) -> tuple[dict[str, Appointment], dict[str, Appointment]]:
    """Return the bookings that a plan edits, before its first and after its last edit, by id."""
    first: dict[str, Appointment | None] = {}
    last: dict[str, Appointment | None] = {}
    for step in plan.change_set.steps:
        for edit in step.edits:
            if edit.entity == "appointment":
                first.setdefault(edit.id, _appointment(edit.before))
                last[edit.id] = _appointment(edit.after)
    return _present(first), _present(last)


def _appointment(image: object) -> Appointment | None:
    return image if isinstance(image, Appointment) else None


def _present(images: Mapping[str, Appointment | None]) -> dict[str, Appointment]:
    return {id: row for id, row in images.items() if row is not None}


def _successor_id(
    plan: MigrationPlan, snapshot: Snapshot | None, last: Mapping[str, Appointment]
) -> str | None:
    """Return the id of the new profile, also if the plan does not edit it."""
    if plan.successor_id is not None:
        return plan.successor_id
    present = None if snapshot is None else new_profile(snapshot, plan)
    arrived = (last[id].profile_id for _, id in plan.rebooked if id in last)
    return next(arrived, None) if present is None else present.id


def _others(
    snapshot: Snapshot | None, profile_ids: Iterable[str | None], edited: set[str]
) -> Iterable[Appointment]:
    """Return the live bookings of both profiles that the plan does not edit."""
    if snapshot is None:
        return ()
    ids = [id for id in profile_ids if id is not None]
    found = (row for id in ids for row in snapshot.appointments.where("profile_id", id))
    return [row for row in found if row.is_live and row.id not in edited]


def _roles(
    ids: Mapping[str, str | None], side: Side, row: Appointment, moved: Mapping[str, str], arrived: set[str]
) -> Iterator[tuple[Place, Role]]:
    """Yield the profile and the role of a booking on one side, if it is shown there."""
    is_old = row.profile_id == ids["old"]
    if not is_old and row.profile_id != ids["new"]:
        return
    if row.id in moved and is_old:
        yield "old", "to_move" if row.is_live else "released"
    elif row.is_live and row.id in arrived:
        yield "new", "rebooked" if side == "after" else "own"
    elif row.is_live:
        yield ("old", "stays") if is_old else ("new", "own")


def _monday(day: date) -> date:
    """Return the Monday of a week; the last week of the calendar begins early enough to be whole."""
    return min(day - timedelta(days=day.weekday()), date.max - timedelta(days=DAYS - 1))


def stretches(slot: TimeSlot, monday: date, zone: str) -> Iterator[Stretch]:
    """Yield the parts of a slot in the days of a week, by the clocks of a zone."""
    week = datetime.combine(monday, datetime.min.time())
    begin = (wall(slot.start_us, zone) - week) / timedelta(hours=1)
    length = (slot.end_us - slot.start_us) / _HOUR_US
    end = min(begin + length, DAYS * _HOURS)
    begin = max(begin, 0.0)
    while begin < end:
        day = int(begin // _HOURS)
        until = min(end, (day + 1) * _HOURS)
        yield Stretch(day, begin - day * _HOURS, until - day * _HOURS)
        begin = until
