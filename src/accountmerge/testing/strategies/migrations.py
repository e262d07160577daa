"""Strategies for migrations with a snapshot, a request, a window, rules and an instant."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import event
from hypothesis import strategies as st

from accountmerge.findings.finding import Acceptance
from accountmerge.migrations.planner import plan_migration
from accountmerge.migrations.requests import MIGRATION_REASONS, Agreement, MigrationRequest
from accountmerge.migrations.rules import BECOMES, Becomes, MigrationRules, ProfileRecords
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.weekly_hours import WEEKDAYS, DailyHours, WeeklyHours
from accountmerge.testing.strategies.emails import email_addresses
from accountmerge.testing.strategies.scalars import few
from accountmerge.testing.strategies.shown_cases import ShownCase
from accountmerge.testing.strategies.snapshots import snapshots
from accountmerge.testing.strategies.times import CHANGES, PIVOT, ZONES, instants, weekly_hours

if TYPE_CHECKING:
    from accountmerge.migrations.plan import MigrationPlan
    from accountmerge.model.profiles import ScheduleStatus

_HOUR = timedelta(hours=1)
_DAY = 24 * _HOUR
_WAITS = (0 * _HOUR, _HOUR / 2, 9 * _HOUR, 34 * _HOUR, 130 * _HOUR)
_LENGTHS = (3 * _HOUR, 2 * _HOUR, 26 * _HOUR, 48 * _HOUR, 3 * _HOUR, _HOUR, 49 * _HOUR)


@cache
def windows(at: datetime = PIVOT) -> st.SearchStrategy[TimeSlot]:
    """Draw windows for an instant, also begun, over, too short, too long, or at a change of clock."""
    later = [at + wait for wait in _WAITS]
    changes = [change - _HOUR for change in CHANGES if change > at]
    begun = [at - _HOUR, at - 3 * _DAY]
    starts = st.sampled_from([*later, *later, *changes, *begun])
    return st.builds(lambda start, length: TimeSlot(start, start + length), starts, st.sampled_from(_LENGTHS))


@cache
def _windows_or_none(at: datetime) -> st.SearchStrategy[TimeSlot | None]:
    return st.one_of(st.none(), windows(at))


ROUND_THE_CLOCK = WeeklyHours("UTC", days=[(day, [DailyHours(time(0), time(0))]) for day in WEEKDAYS])
"""The hours of a support team that always works."""
_STRETCHES = (
    DailyHours(time(9), time(17)),
    DailyHours(time(0, 30), time(6, 30)),
    DailyHours(time(20), time(2)),
    DailyHours(time(8, 15), time(8, 15)),
)


@cache
def support_hours(zones: tuple[str, ...] = ZONES) -> st.SearchStrategy[WeeklyHours]:
    """Draw hours of a support team, by day, over skipped or repeated hours, or over midnight."""
    days = st.sampled_from((WEEKDAYS[:5], WEEKDAYS, WEEKDAYS[5:]))
    closed = st.lists(st.dates(date(2025, 10, 1), date(2026, 4, 30)), max_size=3)
    return st.builds(
        lambda zone, days, stretch, dates: WeeklyHours(
            zone, days=[(day, [stretch]) for day in days], closed=dates
        ),
        st.sampled_from(zones),
        days,
        st.sampled_from(_STRETCHES),
        closed,
    )


OWN_KINDS: dict[str, Becomes] = {
    "invoice": "stays",
    "series": "moves",
    "service_price": "copied",
    "calendar_token": "ends",
}
"""Record kinds of a caller, each with another treatment in a migration."""


@attrs.frozen
class MigrationCase(ShownCase):
    """The data of a migration."""

    snapshot: Snapshot
    request: MigrationRequest
    rules: MigrationRules
    at: datetime

    def plan(self, snapshot: Snapshot | None = None) -> MigrationPlan:
        """Plan the request. Default: on the snapshot of the case."""
        return plan_migration(snapshot or self.snapshot, self.request, rules=self.rules, at=self.at)


@cache
def migration_rules() -> st.SearchStrategy[MigrationRules]:
    """Draw rules of a practice; some have hours of the support team, which may be empty."""
    return st.builds(
        MigrationRules,
        minutes_per_booking=st.sampled_from((1, 5, 60, 10_000)),
        business_hours=st.one_of(st.none(), st.just(ROUND_THE_CLOCK), support_hours(), weekly_hours()),
        notice_hours=st.sampled_from((24, 1, 72)),
        record_kinds=st.sampled_from((None, None, *BECOMES)).map(_declared),
    )


def _declared(files: Becomes | None) -> list[ProfileRecords]:
    """Declare a record kind for each treatment, and now and then a built-in one."""
    declared = [ProfileRecords(kind=kind, becomes=becomes) for kind, becomes in OWN_KINDS.items()]
    return declared if files is None else [*declared, ProfileRecords(kind="file", becomes=files)]


def migration_requests(snapshot: Snapshot) -> st.SearchStrategy[MigrationRequest]:
    """Draw right and wrong requests for a snapshot."""
    agreements = st.builds(
        Agreement,
        by=st.sampled_from(("Ann Example", " ")),
        at=st.one_of(st.just(PIVOT - timedelta(days=3)), instants()),
        version=st.sampled_from(("1", "")),
    )
    ids = [row.id for row in snapshot.appointments.sorted()]
    numbers = st.sampled_from(("APP-1", "APP-2", "ASST-77", "7"))
    numbered: st.SearchStrategy[Any] = st.dictionaries(
        st.sampled_from([*ids, "A-unknown"]), numbers, max_size=2
    )
    return st.builds(
        MigrationRequest,
        profile_id=st.sampled_from([*(row.id for row in snapshot.profiles.sorted()), "P-unknown"]),
        new_email=email_addresses(),
        reason=st.sampled_from((*MIGRATION_REASONS, "because")),
        ticket=st.sampled_from(("T-1", "T-2", "")),
        agreement=st.one_of(st.none(), agreements, agreements),
        numbers=numbered,
        window=st.one_of(st.none(), st.none(), windows()),
    )


@st.composite
def migration_cases(draw: st.DrawFn, *, max_appointments: int = 8) -> MigrationCase:
    """Draw a migration that is ready most of the time, with blockers accepted where allowed.

    Filter by `case.plan().is_ready` if only ready ones count.
    """
    snapshot = draw(snapshots(max_appointments=max_appointments, practitioners=2, profile_count=3, tidy=True))
    snapshot = _with_records(draw, _with_trouble(draw, _active(snapshot)))
    moving = [row.id for row in snapshot.appointments.sorted() if row.profile_id == "P0" and row.is_live]
    waiting = [row.email.text for row in snapshot.profiles.sorted() if row.schedule == "pending"]
    numbers = {id: f"APP-9000{number}" for number, id in enumerate(moving) if draw(st.booleans())}
    request = MigrationRequest(
        profile_id="P0",
        new_email=draw(few(("new@example.com", "neu@münchen.example", *waiting, *waiting, *waiting))),
        reason=draw(few(MIGRATION_REASONS)),
        ticket="T-1",
        agreement=Agreement(by="Ann Example", at=PIVOT - timedelta(days=3), version="1"),
        numbers=numbers,
    )
    at = draw(few((PIVOT, PIVOT, PIVOT + timedelta(minutes=30), PIVOT + timedelta(microseconds=1))))
    window = draw(_windows_or_none(at))
    event(f"window: {'named' if window else 'none'}")
    case = MigrationCase(snapshot, attrs.evolve(request, window=window), draw(migration_rules()), at)
    blockers = case.plan().blockers
    accept = [Acceptance(finding=f.id, by="Ann Example", why="agreed") for f in blockers if f.is_acceptable]
    event(f"blockers: {', '.join(sorted({finding.code for finding in blockers})) or 'none'}")
    return attrs.evolve(case, request=attrs.evolve(case.request, accept=accept))


def _with_records(draw: st.DrawFn, snapshot: Snapshot) -> Snapshot:
    """Add records of a caller's own kinds, some equal, some in cycles."""
    customers = [row.id for row in snapshot.customers.sorted()]
    profiles = [row.id for row in snapshot.profiles.sorted()]
    ids = [f"own-{number}" for number in range(draw(few((0, 0, 2, 5))))]
    kinds = (*OWN_KINDS, "file")
    rows = [
        Record(
            id=id,
            kind=draw(few(kinds)),
            customer_id=draw(few(tuple(customers))),
            profile_id=draw(few(("P0", "P0", "P0", None, *profiles))),
            attached_to=draw(few((None, *ids))),
            unique_key=draw(few((None, "k"))),
            version=draw(few((None, None, 1))),
        )
        for id in ids
    ]
    return snapshot.changed(rows)


def _with_trouble(draw: st.DrawFn, snapshot: Snapshot) -> Snapshot:
    """Draw trouble into a migration.

    That is a wrong successor, an unfinished rebooking, or one session of all bookings that move.
    """
    trouble = draw(few(("none", "none", "none", "successor", "half done", "contested", "session")))
    first = snapshot.profiles["P0"]
    ours = [
        row for row in snapshot.profiles.where("practitioner_id", first.practitioner_id) if row is not first
    ]
    if trouble == "successor" and len(snapshot.profiles) > 1:
        other = draw(st.sampled_from([row.id for row in snapshot.profiles.sorted() if row.id != first.id]))
        schedule: ScheduleStatus = draw(few(("active", "inactive")))
        event("trouble: linked to another profile already")
        return snapshot.changed([attrs.evolve(first, succeeded_by=other, schedule=schedule)])
    waiting = sorted(row.id for row in ours if row.schedule == "pending")
    moving = [row for row in snapshot.appointments.sorted() if row.profile_id == "P0" and row.is_live]
    if moving and trouble == "session":
        event("trouble: session")
        slot = moving[0].slot
        return snapshot.changed([attrs.evolve(row, slot=slot, session_id="S") for row in moving])
    if not (waiting and moving) or trouble not in ("half done", "contested"):
        return snapshot
    event(f"trouble: {trouble}")
    target = moving[0]
    half = attrs.evolve(
        target,
        id="half",
        number=None,
        profile_id=waiting[0],
        replaces=draw(few((None, target.id))),
        replaced_by=None,
        version=None,
    )
    old = [attrs.evolve(row, replaced_by="half") for row in moving[: 2 if trouble == "contested" else 1]]
    return snapshot.changed([*old, half])


def _active(snapshot: Snapshot) -> Snapshot:
    first = snapshot.profiles["P0"]
    others = [
        attrs.evolve(row, schedule="inactive")
        for row in snapshot.profiles.where("practitioner_id", first.practitioner_id)
        if row.schedule == "active"
    ]
    return snapshot.changed([*others, attrs.evolve(first, schedule="active")])
