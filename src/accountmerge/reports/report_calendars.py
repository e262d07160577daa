"""Drawings of one week as SVG, booking by booking or, if there are many, hour by hour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from accountmerge.model.values import ShownValue, value_class
from accountmerge.reports.markup import Element, append, element
from accountmerge.reports.report_words import Words, cut

_LEFT, _TOP, _COLUMN, _HOUR = 34, 30, 44, 18
"""The space for the hours, the space for the days, the width of a day and the height of an hour, in pixels."""
DAYS = 7
"""The days of a week."""
_BUSY = (1, 2, 4, 8)
"""The least numbers of bookings of the four shades of an hour."""


@value_class(eq=False, repr=False)
class Block(ShownValue):
    """A booking, or its part on one day, in a calendar.

    Attributes:
        day: The day of the week, Monday as 0.
        hour: The start, in hours.
        length: The length, in hours.
        id: The booking.
        text: The day and the time.
        is_ghost: Whether the booking was here before the plan and is elsewhere after it.
        is_rest: Whether it is the part of a booking that started the day before.
    """

    day: int
    hour: float
    length: float
    id: str
    text: str
    is_ghost: bool
    is_rest: bool


@value_class(eq=False, repr=False)
class Calendar(ShownValue):
    """One week of a profile or a customer.

    Attributes:
        id: The id of the drawing in the document.
        first: The Monday.
        first_hour: The first hour shown.
        last_hour: The end of the last hour shown.
        blocks: The bookings.
        is_dense: Whether there are so many that each hour is shown with its number.
    """

    id: str
    first: date
    first_hour: int
    last_hour: int
    blocks: tuple[Block, ...]
    is_dense: bool


def calendar(words: Words, week: Calendar, title: str) -> Element:
    """Return a week as a drawing with a title and a description for screen readers."""
    width = _LEFT + DAYS * _COLUMN + 2
    height = _TOP + (week.last_hour - week.first_hour) * _HOUR + 6
    drawing = element(
        "svg",
        element("title", title, id=f"{week.id}-title"),
        element("desc", _description(words, week), id=f"{week.id}-desc"),
        role="img",
        viewBox=f"0 0 {width} {height}",
        aria_labelledby=f"{week.id}-title {week.id}-desc",
    )
    for part in (*_days(words, week), *_lines(words, week)):
        append(drawing, part)
    for mark in _hours(words, week) if week.is_dense else _bookings(week):
        append(drawing, mark)
    return drawing


def _days_of(week: Calendar) -> Iterator[date]:
    for number in range(DAYS):
        if week.first.toordinal() + number <= date.max.toordinal():
            yield week.first + timedelta(days=number)


def _description(words: Words, week: Calendar) -> str:
    """Return the number of bookings of each day that has any."""
    counts = Counter(block.day for block in week.blocks if not block.is_ghost and not block.is_rest)
    days = list(_days_of(week))
    told = (f"{words.day_text(days[day])}: {words.number(counts[day])}" for day in sorted(counts))
    return "; ".join(told) or words.say("week_empty")


def _days(words: Words, week: Calendar) -> Iterator[Element]:
    for number, day in enumerate(_days_of(week)):
        middle = _LEFT + (number + 0.5) * _COLUMN
        yield element("text", words.weekday(day), x=f"{middle:g}", y=12, class_="day")
        yield element("text", str(day.day), x=f"{middle:g}", y=25, class_="day")


def _lines(words: Words, week: Calendar) -> Iterator[Element]:
    """Yield a line and a label for every second hour."""
    right = _LEFT + DAYS * _COLUMN
    for hour in range(week.first_hour, week.last_hour + 1, 2):
        y = _TOP + (hour - week.first_hour) * _HOUR
        yield element("line", x1=_LEFT, x2=right, y1=y, y2=y)
        yield element("text", words.clock(hour, 0), x=_LEFT - 4, y=y + 4, class_="hour")


def _bookings(week: Calendar) -> Iterator[Element]:
    """Yield a box for each booking; those of one time are side by side."""
    for day in range(DAYS):
        blocks = sorted((b for b in week.blocks if b.day == day), key=lambda b: (b.hour, b.length, b.id))
        lanes = list(_lanes(blocks))
        width = (_COLUMN - 4) / (max(lanes, default=0) + 1)
        for block, lane in zip(blocks, lanes, strict=True):
            y = _TOP + (block.hour - week.first_hour) * _HOUR
            yield element(
                "rect",
                element("title", f"{block.text}, {cut(block.id)}"),
                x=f"{_LEFT + day * _COLUMN + 2 + lane * width:.1f}",
                y=f"{y + 1:.1f}",
                width=f"{max(width - 1, 1):.1f}",
                height=f"{max(block.length * _HOUR - 2, 3):.1f}",
                rx=2,
                class_="ghost" if block.is_ghost else "booking",
            )


def _lanes(blocks: Iterable[Block]) -> Iterator[int]:
    """Yield the first free lane of the day for each booking, in the order of the starts."""
    ends: list[float] = []
    for block in blocks:
        lane = next((place for place, end in enumerate(ends) if end <= block.hour), len(ends))
        ends[lane : lane + 1] = [block.hour + block.length]
        yield lane


def _hours(words: Words, week: Calendar) -> Iterator[Element]:
    """Yield a box for each hour in which bookings start, with their number."""
    counts = Counter((b.day, int(b.hour)) for b in week.blocks if not b.is_ghost and not b.is_rest)
    for (day, hour), count in sorted(counts.items()):
        x, y = _LEFT + day * _COLUMN, _TOP + (hour - week.first_hour) * _HOUR
        shade = sum(count >= least for least in _BUSY)
        yield element("rect", x=x + 1, y=y + 1, width=_COLUMN - 2, height=_HOUR - 2, class_=f"shade-{shade}")
        label = element("text", words.number(count), x=x + _COLUMN // 2, y=y + 13, class_=f"count on-{shade}")
        label.set("data-count", "week.hour")
        yield label
