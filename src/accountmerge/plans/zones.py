"""Which time zones a plan was made with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import attrs
import pendulum

from accountmerge.changes.steps import Step
from accountmerge.findings.finding import Finding
from accountmerge.messages import ids_in
from accountmerge.model.appointments import Appointment
from accountmerge.model.bookings import bookings_of
from accountmerge.model.instants import microseconds
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.weekly_hours import WeeklyHours
from accountmerge.model.zone_rules import zone_digest
from accountmerge.plans.plan import ZoneRules


def zone_rules(
    snapshot: Snapshot,
    request: Any,
    rules: attrs.AttrsInstance,
    at: pendulum.DateTime,
    *,
    practitioners: Collection[str],
    findings: Iterable[Finding],
    steps: Iterable[Step],
) -> ZoneRules:
    """Return the digest of the rules of each time zone of a plan, sorted by zone.

    They are the zones of the request, of the hours in the rules, of the working hours of each profile of the
    practitioners, of their live bookings that start at or after `at`, of each booking that a step edits, and of each
    booking that a finding names. They are read from the input and the result, so equal input gives equal zones, also
    where a wall time was computed before and kept. A zone may be named whose rules changed no value of the plan.

    Takes time in proportion to the bookings of the practitioners, the edits and the findings.
    """
    zones = {
        *_zones_of_input(request, rules),
        *_zones_of_practitioners(snapshot, practitioners, at),
        *_zones_of_steps(steps),
        *_zones_of_findings(snapshot, findings),
    }
    return tuple((zone, zone_digest(zone, at.year)) for zone in sorted(zones))


def _zones_of_input(request: Any, rules: attrs.AttrsInstance) -> Iterator[str]:
    zone = getattr(request, "time_zone", None)
    if zone is not None:
        yield zone
    given = (getattr(rules, field.name) for field in attrs.fields(type(rules)))
    yield from (hours.zone for hours in given if isinstance(hours, WeeklyHours))


def _zones_of_practitioners(
    snapshot: Snapshot, practitioners: Collection[str], at: pendulum.DateTime
) -> Iterator[str]:
    at_us = microseconds(at)
    for id in practitioners:
        profiles = snapshot.profiles.where("practitioner_id", id)
        yield from (profile.hours.zone for profile in profiles if profile.hours is not None)
        yield from (row.time_zone for row in bookings_of(snapshot, id) if row.slot.start_us >= at_us)


def _zones_of_steps(steps: Iterable[Step]) -> Iterator[str]:
    for step in steps:
        for edit in step.edits:
            for image in (edit.before, edit.after):
                if isinstance(image, Appointment):
                    yield image.time_zone


def _zones_of_findings(snapshot: Snapshot, findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        for id in (*finding.ids, *ids_in(finding.facts)):
            row = snapshot.appointments.get(id)
            if row is not None:
                yield row.time_zone
