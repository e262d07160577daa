"""Timelines, to-do lists, notices and progress as text: each step once, each role with its list, each counter.

No personal value is shown, but in notices: those are for sending.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.messages import sentence
from accountmerge.model.instants import rfc3339
from accountmerge.reports.lines import BLANK, Line, joined, shown, spoken
from accountmerge.reports.plan_text import step_line, summary_lines
from accountmerge.rules.roles import ROLES, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from accountmerge.planning.migrations.progress import MigrationProgress
    from accountmerge.plans import MigrationPlan
    from accountmerge.reports.lines import LineRole
    from accountmerge.reports.notices import Notice
    from accountmerge.timelines.phases import Phase

BAR = 40
"""How many characters a bar of progress has: half a line of a terminal."""


def timeline_text(plan: MigrationPlan, language: str = "en") -> str:
    """Return the timeline of a migration, with everybody's to-do list, as plain text."""
    return joined((*timeline_lines(plan, language), BLANK, *to_do_lines(plan, language)))


def timeline_lines(plan: MigrationPlan, language: str = "en") -> Iterator[Line]:
    """Yield what a migration is about and its phases in order, each step exactly once, in its phase."""
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


def to_do_lines(plan: MigrationPlan, language: str = "en", roles: Iterable[Role] = ROLES) -> Iterator[Line]:
    """Yield the to-do list of each role, also where it is empty.

    Args:
        plan: The migration.
        language: One of `accountmerge.messages.LANGUAGES`.
        roles: Whose lists.
    """
    to_dos, timeline = plan.to_dos, plan.timeline
    yield spoken("report.to_dos", language, "heading")
    for role in roles:
        yield Line(f"  {sentence(f'role.{role}', {}, language)}", "step")
        found = [duty for duty in to_dos if duty.role == role]
        for duty in found:
            when = timeline.phase(duty.phase).describe(language)
            yield spoken("report.obligation", language, indent=4, when=when, text=duty.describe(language))
        if not found:
            yield spoken("report.nothing_to_do", language, indent=4)


def notice_lines(notices: Sequence[Notice], language: str = "en") -> Iterator[Line]:
    """Yield notices in the order in which they are sent: when, to whom, subject and body; for who may read them."""
    yield spoken("report.notices", language, "heading")
    for notice in notices:
        role = sentence(f"role.{notice.role}", {}, language)
        when = rfc3339(notice.when)
        yield spoken(
            "report.notice", language, "step", indent=2, when=when, role=role, subject=notice.subject
        )
        yield from (Line(f"    {shown(line)}" if line else "") for line in notice.body.split("\n"))
    if not notices:
        yield spoken("report.no_notices", language, indent=2)


def status_text(progress: MigrationProgress, language: str = "en") -> str:
    """Return how far a migration is as plain text."""
    return joined(status_lines(progress, language))


def status_lines(progress: MigrationProgress, language: str = "en") -> Iterator[Line]:
    """Yield how far a migration is: phase, bar, counters, and every booking that is not simply rebooked or waiting."""
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
