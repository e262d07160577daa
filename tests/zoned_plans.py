"""Plan practices in sixteen zones with the zone data of the process, and compare plans from elsewhere with it.

Run by tests as a child process. Reads plans of another process from its input (a list of texts, or null), and writes
plans, digests and answers as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from typing import Any

import attrs

import accountmerge as am
from accountmerge.model.instants import microseconds
from accountmerge.model.wall_times import utc_offset
from accountmerge.model.weekly_hours import WEEKDAYS
from accountmerge.model.zone_rules import zone_digest
from small_values import access, appointment, customer, profile, request, utc
from zone_data import CHANGED, RELEASES, SAME, clock

YEARS = (1, 2018, 2026, 9999)
"""Years whose digests are compared."""
WINTER = utc("2026-12-01T00:00:00")
MOMENTS = [utc(text) for text in ("2026-08-05T00:00:00", "2026-10-20T00:00:00", "2026-11-10T00:00:00")]
TIMES = [
    *(MOMENTS[0] + timedelta(days=9 * n, hours=9 + n % 8) for n in range(20)),
    utc("2026-10-25T00:15:00"),
]
"""Starts of bookings, over the changes of clock of half a year; the last in the only hour that differs in Chisinau."""
HOURS = [am.DailyHours(time(9), time(17))]


def practice(zone: str) -> am.Snapshot:
    """Return a practice whose hours and bookings are in a zone: every booking of C1 overlaps one of C2."""
    days = dict.fromkeys(WEEKDAYS, HOURS)
    profiles = [
        profile(hours=am.WeeklyHours(zone, days=days)),
        profile("P2", practitioner_id="H2", hours=am.WeeklyHours("Asia/Tokyo", days=days)),
    ]
    rows = [
        appointment(
            f"{profile_id}-{number}",
            am.TimeSlot(start, start + timedelta(minutes=50)),
            profile_id=profile_id,
            customer_id=f"C{profile_id[1:]}",
            time_zone=zone,
        )
        for number, start in enumerate(TIMES)
        for profile_id in ("P1", "P2")
    ]
    return am.Snapshot(
        MOMENTS[0],
        profiles=profiles,
        customers=[customer(), customer("C2")],
        appointments=rows,
        access=[access(), access("X2", customer_id="C2")],
    )


def plans(zone: str) -> Iterator[tuple[str, Any]]:
    """Yield the plans about a practice, with their names."""
    before = practice(zone)
    for at in MOMENTS:
        yield f"{zone} move {at:%m-%d}", am.plan_migration(before, request(), at=at)
        window = am.TimeSlot(at + timedelta(hours=14), at + timedelta(hours=20))
        yield f"{zone} window {at:%m-%d}", am.plan_migration(before, request(window=window), at=at)
    merge = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1")
    blockers = am.plan_merge(before, merge, at=MOMENTS[1]).blockers
    accept = [am.Acceptance(finding=finding.id, by="Ann Example", why="Agreed.") for finding in blockers]
    merge = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1", accept=accept)
    yield f"{zone} merge", am.plan_merge(before, merge, at=MOMENTS[1])
    edit = am.customers.CustomerEdit(customer_id="C1", changes={"phones": ["555 0100"]})
    yield f"{zone} edit", am.customers.plan_customer_edit(before, edit, at=MOMENTS[1])


def promises(zone: str) -> tuple[list[str], list[str]]:
    """Return the bookings whose promised time has moved: of the data, and of a plan that moves them.

    The times were promised by the rules of the first release.
    """
    whole = practice(zone)
    promised = [
        attrs.evolve(row, local_start=clock(RELEASES[0], zone, datetime.fromisoformat(str(row.slot.start))))
        for row in whole.appointments
        if row.profile_id == "P1"
    ]
    before = attrs.evolve(whole, appointments=promised)
    plan = am.plan_migration(before, request(), at=MOMENTS[0])
    return _moved(am.find_faults(before)), _moved(plan.findings)


def _moved(findings: Iterable[am.Finding]) -> list[str]:
    return sorted(finding.ids[0] for finding in findings if finding.code == "promised_time_moved")


def main() -> None:
    """Write what this process makes of the practices and of the plans from elsewhere."""
    elsewhere: list[Any] = [am.loads(text) for text in json.loads(sys.stdin.read()) or ()]
    zones = CHANGED + SAME
    answers = {
        "winter": {zone: utc_offset(microseconds(WINTER), zone) for zone in zones},
        "digests": {zone: [zone_digest(zone, year) for year in YEARS] for zone in zones},
        "plans": {name: am.dumps(plan) for zone in zones for name, plan in plans(zone)},
        "promises": {zone: promises(zone) for zone in zones},
        "changed": [plan.changed_zones() for plan in elsewhere],
        "told": [am.plan_text(plan) for plan in elsewhere],
    }
    sys.stdout.write(json.dumps(answers))


if __name__ == "__main__":
    main()
