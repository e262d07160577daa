"""The text of the demo."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence

from accountmerge.cli.demo_course import Course, Part
from accountmerge.cli.demo_practice import ABSORBED, ABSORBED_EMAIL, NEW_EMAIL, OLD_EMAIL, SURVIVOR, ZONE
from accountmerge.messages import sentence
from accountmerge.model.instants import rfc3339
from accountmerge.model.wall_times import wall_text
from accountmerge.reports.lines import BLANK, Line, shown, spoken
from accountmerge.reports.plan_lines import summary_lines

_MINUTE = len("2026-03-02 10:00")
_GAP = 2
_NEXT = (
    ("schema snapshot", "format"),
    ("check practice.json", "check"),
    ("windows practice.json --profile ID", "windows"),
    ("migrate --help", "migrate"),
    ("merge --help", "merge"),
    ("prove --help", "prove"),
)
"""The commands for the reader's own data, and the names of their explanations."""
_KEPT = (
    ("check {}/before.json", "check"),
    ("timeline {}/migration.json", "timeline"),
    ("show {}/merge.json --values", "show"),
    ("login {}/after.json " + ABSORBED_EMAIL, "login"),
)
"""The commands for the files of a demo that is kept."""


def demo_lines(course: Course, language: str, folder: str | None) -> Iterator[Line]:
    """Yield the demo line by line.

    Args:
        course: The demo.
        language: The language of the sentences.
        folder: The folder in which the files are kept, or None.
    """
    before = course.before
    yield spoken("report.demo_practice", language, "heading")
    yield spoken("report.demo_invented", language, indent=2)
    yield spoken(
        "report.demo_counts",
        language,
        indent=2,
        profiles=len(before.profiles),
        customers=len(before.customers),
        bookings=len(before.appointments),
        notes=len(before.records),
        access=len(before.access),
    )
    yield BLANK
    yield from _migration(course, language)
    yield BLANK
    yield from _merge(course, language)
    yield BLANK
    yield from _kept(course, language)
    yield BLANK
    yield from _next(language, folder)


def _migration(course: Course, language: str) -> Iterator[Line]:
    yield spoken("report.demo_migration", language, "heading", old=OLD_EMAIL, new=NEW_EMAIL)
    yield from summary_lines(course.migration.plan, language)
    off = course.migration.plan.blackout
    start, end = rfc3339(off.start_us), rfc3339(off.end_us)
    yield spoken("report.demo_blackout", language, start=start, end=end, zone=ZONE)
    yield from _applied(course.migration, language)
    yield BLANK
    yield from _table(
        [
            sentence(f"report.demo_{name}", {}, language)
            for name in ("booking", "start", "profile_before", "profile_after")
        ],
        (
            (
                row.before.number or "",
                wall_text(row.before.slot.start_us, ZONE)[:_MINUTE],
                course.before.profiles[row.before.profile_id].email.text,
                course.after.profiles[row.after.profile_id].email.text
                + (f" ({row.after.number})" if row.after.number != row.before.number else ""),
            )
            for row in course.bookings
        ),
    )


def _merge(course: Course, language: str) -> Iterator[Line]:
    yield spoken("report.demo_merge", language, "heading", absorbed_id=ABSORBED, survivor_id=SURVIVOR)
    yield from summary_lines(course.merge.plan, language)
    for warning in course.merge.plan.warnings:
        yield Line(f"  {shown(warning.describe(language))}", "warning")
    yield from _applied(course.merge, language)
    yield BLANK
    none = sentence("report.demo_no_login", {}, language)
    names = ("customer", "login_before", "login_after", "bookings", "notes")
    yield from _table(
        [sentence(f"report.demo_{name}", {}, language) for name in names],
        (
            (
                id,
                before.signs_in_with or none,
                after.signs_in_with or none,
                f"{before.bookings} → {after.bookings}",
                f"{before.notes} → {after.notes}",
            )
            for id, before, after in course.customers
        ),
    )


def _applied(part: Part, language: str) -> Iterator[Line]:
    yield spoken("report.demo_applied", language, "good", count=len(part.applied.receipts))
    yield spoken("report.demo_again", language, "good", count=part.already, changed=part.changed)


def _kept(course: Course, language: str) -> Iterator[Line]:
    yield spoken("report.demo_kept", language, "heading")
    counts = {
        "bookings": (course.kept_bookings, len(course.before.appointments)),
        "notes": (course.kept_notes, len(course.before.records)),
    }
    for name, (kept, count) in counts.items():
        yield spoken(f"report.demo_kept_{name}", language, "good", indent=2, kept=kept, count=count)
    before, after = course.faults
    yield spoken("report.demo_faults", language, "good", indent=2, before=before, after=after)
    yield spoken("report.demo_ledger", language, indent=2, count=len(course.merge.plan.ledger))


def _next(language: str, folder: str | None) -> Iterator[Line]:
    if folder is None:
        yield spoken("report.demo_keep", language, "heading")
        yield Line("  accountmerge demo --keep demo-practice")
    else:
        yield spoken("report.demo_files", language, "heading", path=folder)
        name = shlex.quote(folder.rstrip("/") or folder)
        yield from _commands(((command.format(name), key) for command, key in _KEPT), language)
    yield BLANK
    yield spoken("report.demo_next", language, "heading")
    yield from _commands(_NEXT, language)


def _commands(rows: Iterable[tuple[str, str]], language: str) -> Iterator[Line]:
    """Yield commands, each with its explanation."""
    yield from _table(
        (),
        [
            (f"accountmerge {command}", sentence(f"report.demo_to_{key}", {}, language))
            for command, key in rows
        ],
    )


def _table(heads: Sequence[str], rows: Iterable[Iterable[str]]) -> Iterator[Line]:
    """Yield a table whose columns are as wide as their longest text."""
    table = [[shown(cell) for cell in row] for row in (*([heads] if heads else []), *rows)]
    widths = [max(map(len, column)) + _GAP for column in zip(*table, strict=True)]
    for number, row in enumerate(table):
        text = "".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield Line(f"  {text}".rstrip(), "step" if heads and number == 0 else "plain")
