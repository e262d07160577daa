"""Draw a week of the bookings that a plan changes, before and after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.errors import InvalidValueError
from accountmerge.model.appointments import LIVE, Appointment
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.values import ShownValue, value_class
from accountmerge.model.wall_times import wall_time
from accountmerge.reports.markup import Element, append, element
from accountmerge.reports.report_calendars import DAYS, Block, Calendar, calendar
from accountmerge.reports.report_parts import Content, ReportPart, folded, paragraph, table
from accountmerge.reports.report_words import Words, named

MOST_OWNERS = 4
"""The most profiles or customers whose weeks are drawn: eight calendars, about two pages."""
MOST_BLOCKS = 60
"""The most bookings of a week that are drawn one by one, over all calendars."""
MOST_WEEKS = 26
"""The most weeks that the table lists: half a year."""
_FIRST_HOUR, _LAST_HOUR = 8, 18
_DAY = timedelta(days=1)


@value_class(eq=False, repr=False)
class Place(ShownValue):
    """The time of a booking that a plan changes, and its owner before and after.

    Attributes:
        id: The booking.
        start: The start, as clocks in the zone of the report show it.
        end: The end.
        before: The profile or customer that has it before, if it is live then.
        after: The profile or customer that has it after the plan, if it is live then.
    """

    id: str
    start: datetime
    end: datetime
    before: str | None
    after: str | None


def weeks_section(part: ReportPart) -> Element:
    """Return the busiest week of the changed bookings for each profile, or for each customer of a merge."""
    words, places = part.words, list(places_of(part.change_set, part.words.zone))
    if not places:
        return part.section("weeks", [paragraph(words.say("no_bookings"))])
    weeks = Counter(map(_week, places))
    first = min(weeks, key=lambda week: (-weeks[week], week))
    drawn = [place for place in places if _week(place) == first]
    owners = _owners(places)
    grid = element("div", class_="calendars")
    for figure in _calendars(words, first, drawn, owners[:MOST_OWNERS], part.prefix):
        append(grid, figure)
    return part.section(
        "weeks",
        [
            paragraph(words.say("weeks_note")),
            _facts(words, first, len(drawn), len(places)),
            grid,
            _more_owners(words, owners),
            _legend(words, is_dense=len(drawn) > MOST_BLOCKS),
            _all_weeks(words, weeks),
        ],
    )


def places_of(change_set: ChangeSet, zone: str) -> Iterator[Place]:
    """Yield the bookings that a change set changes, in the order of the steps.

    Each is live before or after the change set. A booking and its replacement in the change set are one. A time that the
    calendar of the zone does not include is in UTC, as everywhere in a report.
    """
    rows = _rows(change_set)
    is_merge = any(
        before and after and before.customer_id != after.customer_id for before, after in rows.values()
    )
    for id, (before, after) in rows.items():
        live = tuple(row for row in (before, after) if row is not None)
        if not live:
            continue
        start, end = _clocks(live[0].slot, zone)
        owners = (
            None if row is None else row.customer_id if is_merge else row.profile_id
            for row in (before, after)
        )
        yield Place(id, start, max(end, start), *owners)


def _clocks(slot: TimeSlot, zone: str) -> tuple[datetime, datetime]:
    """Return the start and the end of a slot, as clocks show them."""
    with suppress(InvalidValueError):
        return wall_time(slot.start, zone)[0], wall_time(slot.end, zone)[0]
    return wall_time(slot.start, "UTC")[0], wall_time(slot.end, "UTC")[0]


_Row = tuple[Appointment | None, Appointment | None]


def _rows(change_set: ChangeSet) -> dict[str, _Row]:
    """Return each live booking before and after, a replaced one with its replacement."""
    rows: dict[str, _Row] = {}
    for step in change_set.steps:
        for edit in step.edits:
            before, after = (
                image if isinstance(image, Appointment) else None for image in (edit.before, edit.after)
            )
            if before is not None or after is not None:
                rows[edit.id] = (rows.get(edit.id, (before, None))[0], after)
    live: dict[str, _Row] = {id: (_live(before), _live(after)) for id, (before, after) in rows.items()}
    for id, row in rows.items():
        replaces = next((image.replaces for image in reversed(row) if image is not None), None)
        mine, other = live[id], live.get(replaces or "")
        if other is None or replaces is None:
            continue
        for first, second in ((other, mine), (mine, other)):  # the second order is that of an undo
            if first[0] and second[1] and not (first[1] or second[0]):
                live[replaces] = (first[0], second[1])
                del live[id]
                break
    return live


def _live(row: Appointment | None) -> Appointment | None:
    return row if row is not None and row.status in LIVE else None


def _week(place: Place) -> date:
    """Return the Monday of the week in which a booking starts, or the first day of the calendar."""
    day = place.start.date()
    return date.fromordinal(max(day.toordinal() - day.weekday(), 1))


def _owners(places: Iterable[Place]) -> list[str]:
    """Return the owners, those with bookings before the plan first."""
    places = list(places)
    had = {place.before for place in places}
    every = {owner for place in places for owner in (place.before, place.after) if owner is not None}
    return sorted(every, key=lambda owner: (owner not in had, owner))


def _facts(words: Words, first: date, drawn: int, count: int) -> Element:
    return paragraph(
        words.say("week_of"),
        " ",
        words.dated(first),
        ". ",
        words.say("week_bookings"),
        " ",
        words.counted("week.drawn", drawn),
        " / ",
        words.counted("week.all", count),
        class_="week-of",
    )


def _calendars(
    words: Words, first: date, drawn: list[Place], owners: list[str], prefix: str
) -> Iterator[Element]:
    hours = _hours(drawn)
    is_dense = len(drawn) > MOST_BLOCKS
    for number, owner in enumerate(owners, start=1):
        for side in ("before", "after"):
            blocks = [block for place in drawn for block in _blocks(words, place, owner, side, first)]
            week = Calendar(f"{prefix}-week-{number}-{side}", first, *hours, tuple(blocks), is_dense)
            count = sum(not block.is_ghost and not block.is_rest for block in blocks)
            title = words.say(f"week_{side}")
            number_ = words.counted(f"week.{number}.{side}", count)
            caption = element("figcaption", named(owner), f" {title} ", number_)
            yield element("figure", caption, calendar(words, week, f"{title} {words.number(count)}"))


def _blocks(words: Words, place: Place, owner: str, side: str, first: date) -> Iterator[Block]:
    """Yield the part of a booking on each day of a calendar.

    A booking that is elsewhere after the plan is a ghost.
    """
    here, other = (place.before, place.after) if side == "before" else (place.after, place.before)
    if owner != here and (owner != other or side == "before"):
        return
    day = place.start.date()
    while day <= place.end.date() and (day - first).days < DAYS:
        start = place.start if day == place.start.date() else datetime.combine(day, datetime.min.time())
        hour = start.hour + start.minute / 60
        length = 24 - hour if day < place.end.date() else place.end.hour + place.end.minute / 60 - hour
        text = f"{words.day_text(day)}, {words.clock(start.hour, start.minute)}"
        if length > 0 or day == place.start.date():
            yield Block(
                (day - first).days,
                hour,
                max(length, 0.25),
                place.id,
                text,
                owner != here,
                start != place.start,
            )
        if day.toordinal() >= date.max.toordinal():
            return
        day += _DAY


def _hours(drawn: list[Place]) -> tuple[int, int]:
    """Return the hours that the calendars of a week show."""
    crosses = any(place.end.date() > place.start.date() for place in drawn)
    first = min(place.start.hour for place in drawn)
    last = max(place.end.hour + bool(place.end.minute) for place in drawn)
    return (0, 24) if crosses else (min(first, _FIRST_HOUR), max(last, _LAST_HOUR))


def _more_owners(words: Words, owners: list[str]) -> Element | None:
    more = len(owners) - MOST_OWNERS
    if more <= 0:
        return None
    return paragraph(words.say("more_owners"), " ", words.counted("week.left_out", more), class_="cut")


def _legend(words: Words, *, is_dense: bool) -> Element:
    if is_dense:
        return paragraph(words.say("legend_dense"), class_="legend")
    swatches = (
        element("span", element("span", class_=f"swatch {name}"), words.say(f"legend_{name}"))
        for name in ("booking", "ghost")
    )
    return element("p", *swatches, class_="legend")


def _all_weeks(words: Words, weeks: Counter[date]) -> Element | None:
    """Return the number of bookings of each week, as details."""
    if len(weeks) == 1:
        return None
    rows: list[tuple[Content, ...]] = [
        (words.dated(week), words.counted("week.one", weeks[week])) for week in sorted(weeks)[:MOST_WEEKS]
    ]
    more = len(weeks) - len(rows)
    rest = sum(weeks[week] for week in sorted(weeks)[MOST_WEEKS:])
    if more > 0:
        rows.append((words.say("later_weeks"), words.counted("week.later", rest)))
    heads = (words.say("head_week"), words.say("head_bookings"))
    body = table(words.say("caption_weeks"), heads, rows, numbers=1)
    return folded(words.say("all_weeks"), body, number=words.counted("weeks", len(weeks)))
