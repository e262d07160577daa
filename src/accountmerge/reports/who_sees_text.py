"""What is seen of a migration at an instant as text: by ids, numbers and times, and never by name."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from accountmerge.messages import sentence
from accountmerge.model.instants import rfc3339
from accountmerge.model.wall_time import wall_text
from accountmerge.reports.lines import BLANK, Line, joined, shown, spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accountmerge.model.appointments import Appointment
    from accountmerge.model.time_slots import TimeSlot
    from accountmerge.views.who_sees import ProfileView, WhoSees

_DATE = len("2026-03-02")
_SOMEWHERE = "UTC"
"""In which zone times are shown of a profile without hours."""


def who_sees_text(seen: WhoSees, language: str = "en") -> str:
    """Return what is seen as plain text.

    Args:
        seen: What `who_sees` returned.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    return joined(who_sees_lines(seen, language))


def who_sees_lines(seen: WhoSees, language: str = "en") -> Iterator[Line]:
    """Yield what is seen line by line: of either profile what the portal offers, who is visible, what comes next.

    Slots are shown as their starts, by day, as clocks show them in the zone of the profile's hours. Whom
    customer service books is told by the reason: see `BookingRoute`.
    """
    key = "report.seen_in_blackout" if seen.in_blackout else "report.seen"
    yield spoken(key, language, "heading", at=rfc3339(seen.at))
    if seen.log_ins.may_be_disrupted:
        yield spoken("report.log_ins_disrupted", language, "warning")
    for view, works, heading, absent in (
        (seen.old, seen.log_ins.old, "report.old_profile", "report.no_old_profile"),
        (seen.new, seen.log_ins.new, "report.new_profile", "report.no_new_profile"),
    ):
        yield BLANK
        if view is None:
            yield spoken(absent, language, "heading")
            continue
        yield spoken(heading, language, "heading", id=view.profile_id, schedule=view.schedule)
        yield spoken("report.log_in_works" if works else "report.log_in_works_not", language, indent=2)
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
    time = f"{wall_text(row.slot.start_us, row.time_zone)} {row.time_zone}"
    facts = {
        "id": row.id,
        "customer_id": row.customer_id,
        "text": f"{row.number}, {time}" if row.number else time,
    }
    return Line(f"    {shown(sentence('report.coming_booking', facts, language))}", "detail")
