"""Reports of timelines, windows and visibility."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from accountmerge.messages import ReaderLanguage, sentence, shown_instant
from accountmerge.migrations.estimates import BlackoutEstimate
from accountmerge.migrations.notice_texts import Notice
from accountmerge.migrations.plan import MigrationPlan
from accountmerge.migrations.rules import ROLES, Role
from accountmerge.migrations.timeline import Phase
from accountmerge.migrations.tracking import MigrationProgress
from accountmerge.migrations.windows import WindowProposal
from accountmerge.model.appointments import Appointment
from accountmerge.model.instants import rfc3339
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.wall_times import wall_text
from accountmerge.reports.lines import BLANK, Line, LineRole, in_words_of, joined, shown, spoken
from accountmerge.reports.plan_lines import promised_time, step_line, summary_lines
from accountmerge.views.visibility import ProfileView, Visibility

BAR = 40
"""The length of a progress bar in characters: half a line of a terminal."""


def timeline_text(plan: MigrationPlan, language: str = "en") -> str:
    """Return the timeline of a migration, with the tasks of each role, as plain text.

    Args:
        plan: The plan of the migration.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    return joined((*timeline_lines(plan, language), BLANK, *task_lines(plan, language)))


def timeline_lines(plan: MigrationPlan, language: str = "en") -> Iterator[Line]:
    """Yield the summary of a migration and its phases in order, with each step exactly once."""
    language = in_words_of(plan, language)
    yield from summary_lines(plan, language)
    yield BLANK
    yield spoken("report.timeline", language, "heading")
    for phase in plan.timeline.phases:
        yield from _phase(plan, phase, language)


def _phase(plan: MigrationPlan, phase: Phase, language: str) -> Iterator[Line]:
    names = {"phase": f"phase.{phase.kind}", "actor": f"role.{phase.actor}"}
    words = {name: sentence(key, {}, language) for name, key in names.items()}
    role: LineRole = "plain" if phase.at is None else "good"
    yield spoken("report.phase", language, role, indent=2, when=phase.describe(language), **words)
    if phase.gate:
        needed = "; ".join(sentence(f"gate.{code}", {}, language) for code in phase.gate)
        yield spoken("report.phase_needs", language, "detail", indent=4, text=needed)
    back = sentence(f"way_back.{phase.way_back}", {}, language)
    yield spoken("report.way_back", language, "detail", indent=4, text=back)
    steps = plan.change_set.steps
    yield from (step_line(steps[ordinal - 1], language, indent=4) for ordinal in phase.steps)


def task_lines(plan: MigrationPlan, language: str = "en", roles: Iterable[Role] = ROLES) -> Iterator[Line]:
    """Yield the tasks of each role, also if there are none."""
    tasks, timeline, language = plan.tasks, plan.timeline, in_words_of(plan, language)
    yield spoken("report.tasks", language, "heading")
    for role in roles:
        yield Line(f"  {sentence(f'role.{role}', {}, language)}", "step")
        of_role = [duty for duty in tasks if duty.role == role]
        for duty in of_role:
            when = timeline.phase(duty.phase).describe(language)
            yield spoken("report.obligation", language, indent=4, when=when, text=duty.describe(language))
        if not of_role:
            yield spoken("report.nothing_to_do", language, indent=4)


def notice_lines(notices: Sequence[Notice], language: str = "en") -> Iterator[Line]:
    """Yield notices in sending order, with time, recipient, subject and body, for people who may read them."""
    yield spoken("report.notices", language, "heading")
    for notice in notices:
        role = sentence(f"role.{notice.role}", {}, language)
        when = shown_instant(rfc3339(notice.when), language)
        yield spoken(
            "report.notice", language, "step", indent=2, when=when, role=role, subject=notice.subject
        )
        yield from (Line(f"    {shown(line)}" if line else "") for line in notice.body.split("\n"))
    if not notices:
        yield spoken("report.no_notices", language, indent=2)


def status_text(progress: MigrationProgress, language: str = "en") -> str:
    """Return the progress of a migration as plain text.

    Args:
        progress: The result of `am.migrations.progress`.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    return joined(status_lines(progress, language))


def status_lines(progress: MigrationProgress, language: str = "en") -> Iterator[Line]:
    """Yield the phase, bar and counters of a migration, and every booking that needs attention."""
    gate = progress.gates["activation"]
    yield spoken("report.status", language, plan_id=progress.plan_id, at=rfc3339(progress.at))
    if progress.phase is None:
        yield spoken("report.status_no_phase", language)
    else:
        yield spoken("report.status_phase", language, phase=sentence(f"phase.{progress.phase}", {}, language))
    done = int(gate.share * BAR)
    yield spoken("report.bar", language, bar="#" * done + "." * (BAR - done), percent=int(gate.share * 100))
    counts = {name: getattr(gate, name) for name in ("expected", "rebooked", "left", "waiting")}
    yield spoken("report.gate", language, unexplained=gate.unexplained, doubled=gate.conflicts, **counts)
    yield _verdict(progress, language)
    for heading, lines in _sections(progress, language):
        if lines:
            yield BLANK
            yield spoken(heading, language, "heading")
            yield from lines


def _verdict(progress: MigrationProgress, language: str) -> Line:
    if progress.is_done:
        return spoken("report.migration_done", language, "good")
    if progress.blocked:
        return spoken("failure.blocked", language, "blocker", codes=progress.blocked)
    if progress.may_activate:
        return spoken("report.gate_open", language, "good")
    return spoken("report.gate_closed", language, "warning")


def _sections(progress: MigrationProgress, language: str) -> Iterator[tuple[str, list[Line]]]:
    told = {
        state: [Line(f"  {shown(row.describe(language))}") for row in progress.bookings if row.state == state]
        for state in ("left", "unexplained")
    }
    unknown = [spoken("report.unknown_booking", language, indent=2, id=id) for id in progress.unknown]
    human = (progress.practitioner_id,)
    conflicts = [pair.with_practitioners(human).describe(language) for pair in progress.conflicts]
    yield "report.unexplained", told["unexplained"] + unknown
    yield "report.conflicts", [Line(f"  {shown(text)}") for text in conflicts]
    yield "report.left", told["left"]
    yield "report.booked_meanwhile", [Line(f"  {shown(id)}") for id in progress.booked_meanwhile]


def window_lines(proposals: Iterable[WindowProposal], zone: str, language: str = "en") -> Iterator[Line]:
    """Yield the windows, best first, with the disturbed bookings and the parts of the length."""
    for number, proposal in enumerate(proposals, start=1):
        window = proposal.window
        start, end = rfc3339(window.start_us), rfc3339(window.end_us)
        is_local = isinstance(language, ReaderLanguage) and language.zone is not None
        key = "report.window_local" if is_local else "report.window"
        yield spoken(key, language, "heading", number=number, start=start, end=end, zone=zone)
        is_reader = isinstance(language, ReaderLanguage)
        told = proposal.describe(language if is_reader else ReaderLanguage(language, zone=zone))
        yield from (Line(f"  {shown(text)}") for text in told.splitlines())


def no_window_lines(estimate: BlackoutEstimate, language: str = "en") -> Iterator[Line]:
    """Yield the reason for the lack of windows, an unknown profile or too much work."""
    if estimate.problem == "unknown_profile":
        yield Line(shown(estimate.describe(language)), "warning")
        return
    yield spoken("report.no_window", language, "warning", minutes=estimate.minutes)


def window_text(proposals: Iterable[WindowProposal], zone: str, language: str = "en") -> str:
    """Return proposed windows as plain text.

    Args:
        proposals: The result of `am.migrations.propose_windows`.
        zone: The IANA zone of the times.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    return joined(window_lines(proposals, zone, language))


_DATE = len("2026-03-02")
_SOMEWHERE = "UTC"
"""The zone of the times shown for a profile without hours."""


def visibility_text(seen: Visibility, language: str = "en") -> str:
    """Return a view of a migration as plain text.

    Args:
        seen: The result of `am.views.visibility_at`.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    return joined(visibility_lines(seen, language))


def visibility_lines(seen: Visibility, language: str = "en") -> Iterator[Line]:
    """Yield the portal slots, visible customers and next bookings of each profile, line by line.

    Slots are shown as their starts, by day, in the zone of the profile's hours. The reason of each
    `BookingRoute` says which customers customer service books.
    """
    key = "report.seen_in_blackout" if seen.in_blackout else "report.seen"
    yield spoken(key, language, "heading", at=rfc3339(seen.at))
    if seen.logins.may_be_disrupted:
        yield spoken("report.logins_disrupted", language, "warning")
    for view, works, heading, absent in (
        (seen.old, seen.logins.old, "report.old_profile", "report.no_old_profile"),
        (seen.new, seen.logins.new, "report.new_profile", "report.no_new_profile"),
    ):
        yield BLANK
        if view is None:
            yield spoken(absent, language, "heading")
            continue
        yield spoken(heading, language, "heading", id=view.profile_id, schedule=view.schedule)
        yield spoken("report.login_works" if works else "report.login_works_not", language, indent=2)
        yield from _profile(view, language)
    if seen.in_blackout:
        zones = [view.zone for view in (seen.new, seen.old) if view is not None and view.zone is not None]
        yield BLANK
        yield from _slots("report.manual_list", seen.manual, next(iter(zones), None), language, indent=0)


def _profile(view: ProfileView, language: str) -> Iterator[Line]:
    yield from _slots("report.portal", view.portal, view.zone, language, indent=2)
    yield spoken("report.coming", language, indent=2, count=len(view.quick_view))
    for booking in view.quick_view:
        yield _booking(booking, language)
    yield spoken("report.visible", language, indent=2, count=len(view.customers))
    for past in view.histories:
        counts = {"appointments": len(past.appointments), "records": len(past.records)}
        yield spoken("report.history", language, "detail", indent=4, id=past.customer_id, **counts)
    others: dict[str, list[str]] = {}
    for route in view.routes:
        if route.route == "customer_service":
            others.setdefault(route.reason, []).append(route.customer_id)
    yield spoken("report.by_service", language, indent=2, count=sum(map(len, others.values())))
    for reason in sorted(others):
        ids = tuple(others[reason])
        yield spoken("report.by_service_for", language, "detail", indent=4, reason=reason, ids=ids)


def _slots(
    key: str, slots: Iterable[TimeSlot], zone: str | None, language: str, *, indent: int
) -> Iterator[Line]:
    """Yield how many slots there are, then their starts, a line for each day."""
    starts = [wall_text(slot.start_us, zone or _SOMEWHERE) for slot in slots]
    yield spoken(key, language, indent=indent, count=len(starts))
    for day, texts in groupby(starts, key=lambda text: text[:_DATE]):
        times = ", ".join(text[_DATE + 1 :] for text in texts)
        yield spoken("report.slots_of_day", language, "detail", indent=indent + 2, day=day, times=times)


def _booking(row: Appointment, language: str) -> Line:
    time = promised_time(row, language)
    facts = {
        "id": row.id,
        "customer_id": row.customer_id,
        "text": f"{row.number}, {time}" if row.number else time,
    }
    return Line(f"    {shown(sentence('report.coming_booking', facts, language))}", "detail")
