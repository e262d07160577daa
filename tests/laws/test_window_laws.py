"""The laws of windows: of those that are proposed, and of those that a migration request names."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import attrs
from hypothesis import assume, event, given, reject
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.migrations.estimates import LONGEST, MINUTE, SHORTEST
from accountmerge.migrations.windows import HORIZON_DAYS
from accountmerge.model.instants import from_microseconds, microseconds
from accountmerge.testing.strategies import MigrationCase, migration_cases, windows
from rewritten_data import read_at, shuffled
from strategies import WindowCase, window_cases

if TYPE_CHECKING:
    from collections.abc import Sequence

DAY = 24 * 60 * MINUTE


def hours_of(case: WindowCase) -> am.WeeklyHours:
    return case.rules.business_hours_for(case.snapshot.profiles[case.profile_id])


def first_start(case: WindowCase) -> int:
    """Return the first instant that the notice allows."""
    told = max(microseconds(case.snapshot.taken_at), microseconds(case.earliest or case.snapshot.taken_at))
    return told + case.rules.notice_hours * 60 * MINUTE


def bookings(case: WindowCase) -> list[am.Appointment]:
    """Return the live bookings of the practitioner, over both profiles."""
    return [row for row in case.snapshot.appointments if row.is_live and row.profile_id != "P2"]


def open_slots(case: WindowCase) -> tuple[am.TimeSlot, ...]:
    start = first_start(case)
    return hours_of(case).open_slots(am.TimeSlot.from_microseconds(start, start + (HORIZON_DAYS + 2) * DAY))


# Those that are proposed


@given(window_cases())
def test_a_window_starts_in_business_hours_on_a_half_hour_of_their_clock(case: WindowCase) -> None:
    hours = hours_of(case)
    for proposal in case.propose():
        start = proposal.window.start
        assert hours.open_slots(am.TimeSlot(start, start + timedelta(microseconds=1)))
        clock = start.astimezone(ZoneInfo(hours.zone))
        assert (clock.minute % 30, clock.second, clock.microsecond) == (0, 0, 0)
        yesterday = clock.date() - timedelta(days=1)  # when it started, if it runs over midnight
        assert not {clock.date(), yesterday} <= set(hours.closed)
        event("in summer time" if clock.dst() else "in standard time")


@given(window_cases())
def test_a_window_waits_for_the_notice_and_comes_within_the_horizon(case: WindowCase) -> None:
    first = first_start(case)
    for proposal in case.propose():
        assert first <= proposal.window.start_us < first + HORIZON_DAYS * DAY


@given(window_cases())
def test_a_window_lasts_two_to_forty_eight_hours_and_has_room_for_the_work(case: WindowCase) -> None:
    for proposal in case.propose():
        window, estimate = proposal.window, proposal.estimate
        future = [r for r in bookings(case) if r.profile_id == "P0" and r.slot.start_us >= window.start_us]
        assert estimate.bookings == len(future)
        assert SHORTEST <= window.end_us - window.start_us <= LONGEST
        inside = sum(slot.end_us - slot.start_us for slot in hours_of(case).open_slots(window))
        assert inside >= estimate.minutes * MINUTE
        if window.end_us - window.start_us > SHORTEST:  # and is no longer than that
            assert inside == estimate.minutes * MINUTE


@given(window_cases())
def test_a_window_is_what_the_estimate_from_its_start_says(case: WindowCase) -> None:
    for proposal in case.propose():
        again = am.migrations.estimate_blackout(
            case.snapshot, case.profile_id, start=proposal.window.start, rules=case.rules
        )
        assert proposal.estimate == again
        assert again.slot == proposal.window


@given(window_cases())
def test_a_window_overlaps_no_busy_time_and_no_other_window(case: WindowCase) -> None:
    found = [proposal.window for proposal in case.propose()]
    assert len(found) <= case.count
    for number, window in enumerate(found):
        assert not any(window.overlaps(slot) for slot in (*case.busy, *found[:number]))
    event("busy" if case.busy else "never busy")


@given(window_cases())
def test_no_window_spans_a_change_of_clock(case: WindowCase) -> None:
    profile = case.snapshot.profiles[case.profile_id]
    zones = {hours_of(case).zone} | ({profile.hours.zone} if profile.hours else set())
    for proposal in case.propose():
        last = proposal.window.end - timedelta(microseconds=1)
        for zone in zones:
            offsets = {
                moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in (proposal.window.start, last)
            }
            assert len(offsets) == 1


@given(window_cases())
def test_windows_are_sorted_by_how_many_bookings_they_disturb(case: WindowCase) -> None:
    found = case.propose()
    for proposal in found:
        rows = sorted(
            (row for row in bookings(case) if row.slot.overlaps(proposal.window)), key=lambda r: r.order
        )
        assert proposal.disturbs == tuple(row.id for row in rows)
        event("disturbs some" if rows else "disturbs none")
    keys = [
        (len(each.disturbs), each.window.end_us - each.window.start_us, each.window.start_us)
        for each in found
    ]
    assert keys == sorted(keys)


@given(window_cases())
def test_no_start_on_the_grid_is_better_than_the_first_window(case: WindowCase) -> None:
    """Every third half hour is tried by itself, with the estimate and a look at every booking."""
    last = first_start(case) + HORIZON_DAYS * DAY
    best: tuple[int, int, int] | None = None
    zone = ZoneInfo(hours_of(case).zone)
    for slot in open_slots(case):
        for start in _half_hours(slot, last, zone):
            estimate = am.migrations.estimate_blackout(
                case.snapshot, case.profile_id, start=start, rules=case.rules
            )
            window = estimate.slot
            if window is None or _is_excluded(case, window):
                continue
            disturbed = sum(row.slot.overlaps(window) for row in bookings(case))
            key = (disturbed, window.end_us - window.start_us, window.start_us)
            best = key if best is None else min(best, key)
    found = case.propose()
    event("none" if best is None else "some")
    if best is not None:
        window = found[0].window
        assert (len(found[0].disturbs), window.end_us - window.start_us, window.start_us) <= best


def _half_hours(slot: am.TimeSlot, last_us: int, zone: ZoneInfo) -> Sequence[datetime]:
    first_us = -(-slot.start_us // (15 * MINUTE)) * 15 * MINUTE
    quarters = [from_microseconds(us) for us in range(first_us, min(slot.end_us, last_us), 15 * MINUTE)]
    return [quarter for quarter in quarters if quarter.astimezone(zone).minute % 30 == 0][::3]


def _is_excluded(case: WindowCase, window: am.TimeSlot) -> bool:
    profile = case.snapshot.profiles[case.profile_id]
    zones = {hours_of(case).zone} | ({profile.hours.zone} if profile.hours else set())
    ends = (window.start, window.end - timedelta(microseconds=1))
    spans = any(len({end.astimezone(ZoneInfo(zone)).utcoffset() for end in ends}) > 1 for zone in zones)
    return spans or any(window.overlaps(slot) for slot in case.busy)


@given(window_cases(), st.integers(0, 2**16))
def test_the_same_windows_are_proposed_for_any_order_of_the_data(case: WindowCase, seed: int) -> None:
    twice = attrs.evolve(case, busy=(*reversed(case.busy), *case.busy))
    assert twice.propose(shuffled(case.snapshot, seed)) == case.propose()


@given(window_cases())
def test_fewer_windows_are_the_first_of_more(case: WindowCase) -> None:
    fewer = attrs.evolve(case, count=1).propose()
    assert fewer == case.propose()[:1]


@given(window_cases())
def test_a_proposed_window_stands_any_check_when_it_is_named(case: WindowCase) -> None:
    for proposal in case.propose()[:3]:
        at = proposal.window.start
        request = am.MigrationRequest(
            profile_id=case.profile_id,
            new_email="new@example.com",
            reason="security",
            ticket="T-1",
            agreement=am.Agreement(by="Ann Example", at=case.snapshot.taken_at, version="1"),
            window=proposal.window,
        )
        plan = am.plan_migration(case.snapshot, request, rules=case.rules, at=at)
        assert not [finding for finding in plan.findings if "window" in finding.code]
        told = {finding.ids[0] for finding in plan.findings if finding.code == "booking_in_blackout"}
        assert told <= set(proposal.disturbs)
        event("ready" if plan.is_ready else "blocked")


# Those that a request names


@st.composite
def named_cases(draw: st.DrawFn) -> MigrationCase:
    """Ready migrations with a window for which availability is still to be closed.

    A case that is not ready gets another window first, then another address as well, and few are left over.
    """
    case: MigrationCase = draw(migration_cases())
    window = case.request.window or draw(windows(case.at))
    plain = am.TimeSlot(case.at + timedelta(hours=9), case.at + timedelta(hours=9 + draw(st.integers(2, 48))))
    for changes in ({"window": window}, {"window": plain}, {"window": plain, "new_email": "new@example.com"}):
        named = agreed(attrs.evolve(case, request=attrs.evolve(case.request, accept=(), **changes)))
        if any(step.kind == "close_availability" for step in named.plan().change_set.steps):
            return named
    return reject()


def agreed(case: MigrationCase) -> MigrationCase:
    """Return a case in which somebody accepts what may be accepted."""
    accept = [
        am.Acceptance(finding=blocker.id, by="Ann Example", why="agreed")
        for blocker in case.plan().blockers
        if blocker.is_acceptable
    ]
    return attrs.evolve(case, request=attrs.evolve(case.request, accept=accept))


def window_of(case: MigrationCase) -> am.TimeSlot:
    window = case.request.window
    assert window is not None
    return window


def judged(plan: am.MigrationPlan) -> list[Any]:
    """Return what is said of a plan, but for that nobody named its window; and whether it is ready."""
    found = [
        (finding.id, finding.severity, finding.facts, finding.accepted is not None)
        for finding in plan.findings
        if finding.code != "window_unchecked"
    ]
    return [plan.is_ready, [step.edits for step in plan.change_set.steps], *found]


@given(
    migration_cases(), st.sampled_from((0, 9, 16, 30, 120)), st.sampled_from((1, 60, 10_000)), st.booleans()
)
def test_a_window_gets_one_verdict_whether_or_not_it_is_named(
    case: MigrationCase, hours: int, minutes: int, is_accepted: bool
) -> None:
    """At any hour of the day and of the week, with work that fits and work that does not, accepted or not."""
    rules = am.MigrationRules(minutes_per_booking=minutes)
    accept = case.request.accept if is_accepted else ()
    request = attrs.evolve(case.request, window=None, accept=accept)
    case = attrs.evolve(case, request=request, rules=rules, at=case.at + timedelta(hours=hours))
    plan = case.plan()
    if is_accepted:
        by = [
            am.Acceptance(finding=f.id, by="Ann Example", why="ok") for f in plan.blockers if f.is_acceptable
        ]
        case = attrs.evolve(case, request=attrs.evolve(request, accept=[*accept, *by]))
        plan = case.plan()
    unchecked = [finding for finding in plan.findings if finding.code == "window_unchecked"]
    if not unchecked:  # availability is off already, or no schedule is open
        event("not asked")
        assert not [finding for finding in plan.findings if finding.code.startswith("window")]
        return
    start, end = (datetime.fromisoformat(str(unchecked[0].facts[name])) for name in ("start", "end"))
    named = attrs.evolve(case, request=attrs.evolve(case.request, window=am.TimeSlot(start, end))).plan()
    assert judged(plan) == judged(named)
    event(f"asked: {', '.join(sorted({f.code for f in plan.findings if f.code.startswith('window')}))}")


@given(migration_cases(), st.sampled_from((1, 37, 600, 5_000)), st.sampled_from((1, 3, 48)))
def test_what_is_said_to_fit_fits(case: MigrationCase, minutes: int, length: int) -> None:
    """Following the remedy of a window with too little room leads to one that has room."""
    start = case.at + timedelta(hours=9)
    later = start + timedelta(days=200)
    first = next(iter(case.snapshot.appointments), None)
    assume(first is not None and case.snapshot.profiles["P0"].schedule == "active")
    assert first is not None
    slots = [am.TimeSlot(later + timedelta(days=n), later + timedelta(days=n, hours=1)) for n in range(9)]
    whole = case.snapshot.changed(
        attrs.evolve(
            first,
            id=f"far-{n}",
            slot=slot,
            profile_id="P0",
            status="booked",
            number=None,
            replaces=None,
            replaced_by=None,
            cancel_reason=None,
        )
        for n, slot in enumerate(slots)
    )
    rules = attrs.evolve(case.rules, minutes_per_booking=minutes)
    window = am.TimeSlot(start, start + timedelta(hours=length))
    case = attrs.evolve(
        case, snapshot=whole, rules=rules, request=attrs.evolve(case.request, window=window, accept=())
    )
    told = [finding for finding in case.plan().findings if finding.code == "window_under_estimate"]
    if not told:
        return
    (finding,) = told
    facts = finding.facts
    event(f"way: {facts['way']}")
    assert finding.is_acceptable
    if facts["way"] == "closed":
        assert facts["fits_start"] == facts["fits_end"] == ""
        return
    ends = [datetime.fromisoformat(str(facts[name])) for name in ("fits_start", "fits_end")]
    each = minutes
    if facts["way"] in ("faster", "shared"):
        assert am.migrations.estimate_blackout(whole, "P0", start=ends[0], at=case.at, rules=rules).is_refused
        each = (
            int(str(facts["minutes_each"]))
            if facts["way"] == "faster"
            else -(-minutes // int(str(facts["hands"])))
        )
        assume(each >= 1)
    if facts["way"] == "longer":
        assert ends[0] == start
    again = attrs.evolve(
        case,
        rules=attrs.evolve(rules, minutes_per_booking=each),
        request=attrs.evolve(case.request, window=am.TimeSlot(*ends)),
    ).plan()
    blocked = {f.code for f in again.blockers if f.code.startswith("window")}
    if facts["way"] == "shared":  # minutes are whole, so what is shared may be rounded up
        blocked -= {"window_under_estimate"}
    assert not blocked


@given(named_cases())
def test_availability_is_off_for_just_the_window_that_is_named(case: MigrationCase) -> None:
    plan, window = case.plan(), window_of(case)
    assert plan.blackout == window
    assert "window_unchecked" not in {finding.code for finding in plan.findings}
    (closing,) = [step for step in plan.change_set.steps if step.kind == "close_availability"]
    for edit in closing.edits:
        assert isinstance(edit.after, am.Profile)
        before = edit.before.unavailable if isinstance(edit.before, am.Profile) else ()
        assert set(edit.after.unavailable) - set(before) == {window}


@given(named_cases())
def test_a_ready_window_lasts_two_to_forty_eight_hours_and_is_not_over(case: MigrationCase) -> None:
    window = window_of(case)
    assert SHORTEST <= window.end_us - window.start_us <= LONGEST
    assert window.end_us > microseconds(case.at)


@given(named_cases())
def test_a_window_that_nobody_accepted_starts_in_business_hours_with_room_for_the_work(
    case: MigrationCase,
) -> None:
    plan = case.plan(), attrs.evolve(case, request=attrs.evolve(case.request, accept=())).plan()
    window, hours = window_of(case), case.rules.business_hours_for(case.snapshot.profiles["P0"])
    starts = hours.open_slots(am.TimeSlot.from_microseconds(window.start_us, window.start_us + 1))
    inside = sum(slot.end_us - slot.start_us for slot in hours.open_slots(window))
    moving = sum(step.kind == "rebook" for step in plan[0].change_set.steps)
    blocked = {finding.code for finding in plan[1].blockers}
    assert ("window_outside_hours" in blocked) == (not starts)
    assert ("window_under_estimate" in blocked) == (inside < moving * case.rules.minutes_per_booking * MINUTE)
    event("blocked without acceptance" if blocked else "ready without acceptance")


@given(named_cases(), st.integers(0, 200))
def test_a_window_that_is_closed_for_is_never_asked_about_again(case: MigrationCase, hours: int) -> None:
    """Half done or done, planned again before, in or after the window: what is left, and no word about it."""
    change_set = case.plan().change_set
    closed = next(step.ordinal for step in change_set.steps if step.kind == "close_availability")
    later = case.at + timedelta(hours=hours)
    event("when it is over" if later >= window_of(case).end else "before it is over")
    for n in range(closed, len(change_set.steps) + 1):
        part = read_at(am.apply(case.snapshot, change_set.prefix(n)), later)
        again = attrs.evolve(case, at=later).plan(part)
        assert not [finding.id for finding in again.findings if finding.code.startswith("window")]
        assert not [step for step in again.change_set.steps if step.kind == "close_availability"]
        blocked = {finding.code for finding in again.blockers}
        assert blocked <= {"unfinished_rebooking", "destination_double_booking"}, n
        if n == len(change_set.steps):
            assert again.is_ready
            assert again.change_set.steps == ()


@given(migration_cases(), st.sampled_from((-80, -2, 0, 3)), st.sampled_from((1, 3, 49)))
def test_a_window_is_refused_for_what_nobody_may_accept(case: MigrationCase, start: int, length: int) -> None:
    begins = case.at + timedelta(hours=start)
    window = am.TimeSlot(begins, begins + timedelta(hours=length))
    plan = attrs.evolve(case, request=attrs.evolve(case.request, window=window)).plan()
    wanted = {
        "window_too_short": length < 2,
        "window_too_long": length > 48,
        "window_before_at": start + length <= 0,
    }
    found = {finding.code: finding.severity for finding in plan.findings if finding.code in wanted}
    if case.snapshot.profiles["P0"].schedule == "active" and not _is_closed(case, window):
        assert {code for code, severity in found.items() if severity == "blocker"} == {
            code for code, holds in wanted.items() if holds
        }
        assert (found.get("window_before_at") == "warning") == (start < 0 < start + length)
        assert plan.is_ready or plan.blockers
    else:
        assert found == {}
    assert not any(am.Finding.of(code, ("P0",)).is_acceptable for code in wanted)


def _is_closed(case: MigrationCase, window: am.TimeSlot) -> bool:
    """Tell whether availability was off for a window before anybody asked."""
    plan = attrs.evolve(case, request=attrs.evolve(case.request, window=window)).plan()
    return not [finding for finding in plan.findings if finding.code.startswith("window")] and any(
        slot.start_us <= window.start_us and window.end_us <= slot.end_us
        for slot in case.snapshot.profiles["P0"].unavailable
    )
