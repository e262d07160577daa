"""Promised times that have moved: said of the bookings whose offset differs, and of no others."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.testing.strategies import snapshots
from accountmerge.testing.strategies.times import CLOCK_CHANGES, ZONES
from moved_promises import moved_promises
from small_values import NOON, appointment, profile, request, slot, snapshot

CODE = "promised_time_moved"
_OFF = st.sampled_from(
    (timedelta(0), timedelta(0), timedelta(hours=1), timedelta(minutes=-30), timedelta(days=1))
)


def said(findings: tuple[am.Finding, ...]) -> list[am.Finding]:
    return [finding for finding in findings if finding.code == CODE]


def promised(
    id: str, start: datetime, zone: str, off: timedelta = timedelta(), **fields: Any
) -> am.Appointment:
    """Return a booking that was promised for a time that is off by so much."""
    shown = start.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    when = am.TimeSlot(start, start + timedelta(hours=1))
    return appointment(id, when, time_zone=zone, local_start=shown + off, **fields)


@st.composite
def promises(draw: st.DrawFn) -> am.Snapshot:
    """Draw bookings around changes of clock, some promised for another time; few or many of them."""
    places = [(zone, at) for zone, at in CLOCK_CHANGES if zone in ZONES]
    rows = []
    for number in range(draw(st.sampled_from((1, 3, 30)))):
        zone, at = draw(st.sampled_from(places))
        start = at + timedelta(minutes=15 * draw(st.integers(-8, 8)))
        status = draw(st.sampled_from(("booked", "held", "booked", "cancelled")))
        rows.append(promised(f"A{number}", start, zone, draw(_OFF), status=status))
    return snapshot(appointments=rows)


@given(st.one_of(promises(), snapshots()))
def test_a_moved_promise_is_found_where_its_offset_is_not_that_of_the_zone(data: am.Snapshot) -> None:
    wanted, found = moved_promises(data), said(am.find_faults(data))
    event(f"moved: {'many' if len(wanted) > 20 else bool(wanted)}")
    if len(wanted) > 20:
        (one,) = found
        ordered = sorted((data.appointments[id] for id in wanted), key=lambda row: row.order)
        assert one.facts == {"count": len(wanted), "first": ordered[0].id, "last": ordered[-1].id}
    else:
        assert {finding.facts["appointment_id"] for finding in found} == wanted


@given(promises())
def test_a_migration_warns_of_the_moved_promises_of_its_bookings(data: am.Snapshot) -> None:
    at = datetime.fromisoformat("2011-01-01T00:00:00+00:00")
    early = am.Snapshot(at, profiles=data.profiles, customers=data.customers, appointments=data.appointments)
    asked = request(agreement=am.Agreement(by="Ann", at=at - timedelta(days=1), version="1"))
    plan = am.plan_migration(early, asked, at=at)
    assert said(plan.warnings) == said(am.find_faults(early))


@pytest.mark.parametrize(("count", "findings"), [(0, 0), (1, 1), (20, 20), (21, 1), (400, 1)])
def test_up_to_twenty_moved_promises_are_said_one_by_one(count: int, findings: int) -> None:
    rows = [
        promised(f"A{n:03}", NOON + timedelta(days=n + 7), "UTC", timedelta(hours=1)) for n in range(count)
    ]
    data = snapshot(appointments=rows)
    assert len(said(am.find_faults(data))) == findings
    plan = am.plan_migration(data, request(), at=NOON)
    assert said(plan.warnings) == said(am.find_faults(data))
    for n in (0, 3, len(plan.change_set.steps)) if plan.is_ready else ():
        part = am.apply(data, plan.change_set.prefix(n))
        found = said(am.find_faults(part))
        assert len(found) == findings
        if count > 20:
            assert [finding.id for finding in found] == [finding.id for finding in said(am.find_faults(data))]


def test_a_moved_promise_as_a_sentence() -> None:
    start = NOON + timedelta(days=7)
    row = promised("A1", start, "America/Toronto", timedelta(hours=1))
    (finding,) = am.find_faults(snapshot(appointments=[row]))
    assert finding.id == f"{CODE}:A1"
    assert finding.describe() == (
        "Booking A1 was promised for 2026-03-09 09:00. Clocks in America/Toronto will show 2026-03-09 08:00 when "
        "it starts."
    )


def test_a_promise_in_a_repeated_hour_fits_both_readings() -> None:
    zone, at = "America/New_York", datetime.fromisoformat("2026-11-01T05:30:00+00:00")
    for start in (at, at + timedelta(hours=1)):
        row = attrs.evolve(promised("A1", start, zone), local_start=datetime(2026, 11, 1, 1, 30))  # noqa: DTZ001
        assert am.find_faults(snapshot(appointments=[row])) == ()


def test_a_session_at_two_times_is_one_finding() -> None:
    rows = [appointment(f"A{n:03}", slot(60 * (n % 3)), session_id="S", customer_id="C1") for n in range(3)]
    profiles = [profile("P1"), profile("P2", schedule="inactive"), profile("P3", practitioner_id="H2")]
    data = snapshot(profiles=profiles, appointments=rows)
    (split,) = am.find_faults(data)
    assert split.id == "session_split:H1:S"
    assert dict(split.facts.items()) == {
        "practitioner_id": "H1",
        "session_id": "S",
        "count": 3,
        "first": "A000",
        "last": "A002",
    }
    cancelled = [attrs.evolve(row, status="cancelled") for row in rows[1:]]
    assert am.find_faults(snapshot(appointments=[rows[0], *cancelled])) == ()
    of_another = [attrs.evolve(rows[1], profile_id="P3"), attrs.evolve(rows[2], session_id=None)]
    assert am.find_faults(snapshot(profiles=profiles, appointments=[rows[0], *of_another])) == ()


def test_a_customer_twice_in_a_session_is_double_booked() -> None:
    rows = [appointment(f"A{n}", session_id="S") for n in range(2)]
    assert [f.id for f in am.find_faults(snapshot(appointments=rows))] == ["customer_double_booking:A0:A1"]
