"""Mangled messages: rebooking messages as people might paste them, each with what is right to answer.

Shares nothing with the reader but the values: every way to write something stands here with what it means.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import attrs
from hypothesis import strategies as st

from accountmerge.rebooking.requests import RebookingRequest
from strategies.message_wordings import (
    LABELS,
    MODALITIES,
    MONTHS,
    OTHER,
    PROSE,
    REPEATED,
    SKIPPED,
    TEXTS,
    UNCLEAR,
    WALLS,
    WEEKDAYS,
    WRITTEN,
    ZONE,
    Asked,
    Written,
)

_T = TypeVar("_T")
_NOON = 12


class _Pick:
    """Picks one of some choices."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def __call__(self, *choices: _T) -> _T:
        return self._draw(st.sampled_from(choices))


@attrs.frozen
class Mangled:
    """A message and what is right to answer.

    Attributes:
        text: The message.
        zone: The zone that the reader is told.
        day_first: What the reader is told of dates.
        request: The request, if there is nothing to ask.
        asked: What has to be asked otherwise.
    """

    text: str
    zone: str | None
    day_first: bool | None
    request: RebookingRequest | None
    asked: frozenset[Asked]


@attrs.define
class _Draft:
    """A message that is being written: lines of label and value, and what has to be asked for them."""

    lines: list[tuple[str, str]] = attrs.field(factory=list)
    asked: set[Asked] = attrs.field(factory=set)

    def say(self, field: str, value: str) -> None:
        self.lines.append((field, value))


@st.composite
def mangled_messages(draw: st.DrawFn) -> Mangled:
    """Messages in any order, case, spacing and quoting, in both languages at once; half of them with a mistake."""
    draft, pick = _Draft(), _Pick(draw)

    spoilt = pick(*(None,) * 9, *TEXTS, "date", "date", "time", "time", "zone", "skipped")
    wall = SKIPPED if spoilt == "skipped" else pick(*WALLS)
    mistake = None if spoilt == "skipped" else spoilt
    texts: dict[str, Any] = {name: _text(name, draft, pick, mistake) for name in TEXTS}
    day_first = pick(None, True, False)
    zone = _zone(draft, pick, mistake)
    offset = _when(draft, pick, mistake, wall, day_first)
    rendered = _rendered(draw(st.permutations(draft.lines)), pick)
    if draft.asked:
        return Mangled(rendered, zone, day_first, None, frozenset(draft.asked))
    start = (wall - offset).replace(tzinfo=UTC)
    request = RebookingRequest(start=start, time_zone=ZONE, **texts)
    return Mangled(rendered, zone, day_first, request, frozenset())


def _text(name: str, draft: _Draft, pick: _Pick, spoilt: str | None) -> str:
    value, ways = pick(*WRITTEN[name])
    how = (
        pick("missing", "empty", "unclear", "contradictory")
        if spoilt == name
        else pick("right", "right", "right", "twice")
    )
    if how in ("right", "twice", "contradictory"):
        draft.say(name, pick(*ways))
    if how == "twice":
        draft.say(name, pick(*ways))
    elif how == "empty":
        draft.say(name, "")
        draft.asked.add(("missing", name))
    elif how == "missing":
        draft.asked.add(("missing", name))
    elif how == "unclear":
        draft.say(name, pick(*UNCLEAR[name]))
        draft.asked.add(("unclear", name))
    elif how == "contradictory":
        draft.say(
            name,
            pick(*next(ways for other, ways in MODALITIES.items() if other != value))
            if name == "modality"
            else OTHER[name],
        )
        draft.asked.add(("contradictory", name))
    return str(value)


def _zone(draft: _Draft, pick: _Pick, spoilt: str | None) -> str | None:
    """Write the zone, or leave it to the reader; return what the reader is told."""
    how = (
        pick("missing", "unclear", "contradictory")
        if spoilt == "zone"
        else pick("right", "right", "right", "told")
    )
    if how == "told":
        return ZONE
    if how == "missing":
        draft.asked.add(("missing", "time_zone"))
        return None
    if how == "unclear":
        draft.say("time_zone", pick("AEST", "EST", "Sydney", "Mars/Phobos", "local time"))
        draft.asked.add(("unclear", "time_zone"))
        return pick(None, ZONE)
    draft.say(
        "time_zone", pick(ZONE, "australia/sydney", "Australia / Sydney", "AUSTRALIA/SYDNEY", f"`{ZONE}`")
    )
    if how == "contradictory":
        draft.say("time_zone", "America/New_York")
        draft.asked.add(("contradictory", "time_zone"))
    return pick(None, "UTC")


def _when(
    draft: _Draft, pick: _Pick, spoilt: str | None, wall: datetime, day_first: bool | None
) -> timedelta:
    """Write date and time, in one line or in two; return the offset that is meant."""
    day, day_asked = _date(pick, wall.date(), day_first, spoilt)
    clock, clock_asked = _time(pick, wall, spoilt)
    asked = day_asked | clock_asked
    zone_fails = any(field == "time_zone" for _, field in draft.asked)
    earlier, later = (wall.replace(tzinfo=ZoneInfo(ZONE), fold=n).utcoffset() or timedelta() for n in (0, 1))
    stated = None if spoilt else pick(None, None, None, earlier, earlier, later, later, timedelta(hours=3))
    if not zone_fails and not asked:
        if wall == SKIPPED:
            asked.add(("clock_skips", "time"))
        elif stated is None and wall == REPEATED:
            asked.add(("clock_repeats", "time"))
        elif stated not in (None, earlier, later):
            asked.add(("offset_mismatch", "time_zone"))
    tail = "" if stated is None else pick(" (UTC{})", " {}", " utc {}").format(_offset_text(stated))
    if not spoilt and pick(True, False):
        draft.say("date", day)
        draft.say("time", clock + tail)
    else:
        both = {field for code, field in asked if code in ("unclear", "missing")} & {"date", "time"}
        line = f"{day}{pick(' ', ' at ', ' à ', ', ')}{clock}{tail}"
        draft.say("start", line.strip(" ,") if both else line)
        if ("unclear", "date") in asked or ("unclear", "time") in asked:
            asked = {("unclear", "date"), ("unclear", "time")}
    draft.asked |= asked
    return stated if stated is not None else earlier


def _offset_text(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    return f"+{minutes // 60:02}:{minutes % 60:02}"


def _date(pick: _Pick, day: date, day_first: bool | None, spoilt: str | None) -> Written:
    language = pick("en", "fr")
    month, weekday = MONTHS[language].split()[day.month - 1], WEEKDAYS[language].split()[day.weekday()]
    if spoilt == "date":
        wrong = WEEKDAYS[language].split()[(day.weekday() + 1) % 7]
        return pick(
            (f"{day.day} {month}", {("year_missing", "date")}),
            (f"{day.day}/{day.month}/{day.year % 100:02}", {("year_missing", "date")}),
            (f"{wrong} {day.day} {month} {day.year}", {("weekday_mismatch", "date")}),
            (f"{day.isoformat()} or {day.year}-12-31", {("unclear", "date")}),
            (f"not {day.isoformat()}", {("unclear", "date")}),
            ("XX/XX/XX", {("unclear", "date")}),
            (f"{day.year}-13-45", {("unclear", "date")}),
            (f"{day.isoformat()}, {day.year}-12-31", {("contradictory", "date")}),
        )
    clear = (
        day.isoformat(),
        f"{day.year}/{day.month:02}/{day.day:02}",
        f"{day.day} {month} {day.year}",
        f"{weekday} {day.day} {month} {day.year}",
        f"{month} {day.day}, {day.year}",
        f"{day.day} {month[:3] if language == 'en' else month}. {day.year}",
        f"{'1er' if day.day == 1 and language == 'fr' else day.day} {month.upper()} {day.year}",
    )
    sep = pick("/", "-", ".")
    if pick(True, False):
        return pick(*clear), set()
    swapped = day.day <= len(MONTHS[language].split()) and day.day != day.month
    by_day, by_month = (
        f"{day.day:02}{sep}{day.month:02}{sep}{day.year}",
        f"{day.month}{sep}{day.day}{sep}{day.year}",
    )
    if not swapped:
        return pick(by_day, by_month), set()
    if (
        pick(True, False)
        and day.weekday() != date(day.year, day.day, day.month).weekday()
        and day_first is None
    ):
        return f"{weekday} {pick(by_day, by_month)}", set()
    if day_first is None:
        return pick(by_day, by_month), {("day_or_month", "date")}
    return (by_day if day_first else by_month), set()


def _time(pick: _Pick, wall: datetime, spoilt: str | None) -> Written:
    hour, minute, half = wall.hour % _NOON or _NOON, f"{wall.minute:02}", "pm" if wall.hour >= _NOON else "am"
    if spoilt == "time":
        unsure = [
            (f"{wall.hour:02}:{minute} or later", {("unclear", "time")}),
            ("XX:XX AM/PM", {("unclear", "time")}),
            ("25:00", {("unclear", "time")}),
            ("13:30 pm", {("unclear", "time")}),
            ("around 2 pm", {("unclear", "time")}),
            (f"{wall.hour:02}:{minute}, 17:59", {("unclear", "time")}),
            ("", {("missing", "time")}),
            ("3:15", {("morning_or_afternoon", "time")}),
        ]
        return pick(*unsure)
    ways = [
        f"{wall.hour:02}:{minute}",
        f"{hour}:{minute} {half}",
        f"{hour}:{minute}{half.upper()}",
        f"{hour}.{minute} {half[0]}.m.",
        f"{wall.hour} h {minute}",
        f"{wall.hour:02}h{minute}",
        f"{wall.hour:02}:{minute} ({hour}:{minute} {half})",
    ]
    if wall.minute == 0:
        ways += [f"{hour} {half}", f"{wall.hour} h"]
    return pick(*ways), set()


def _rendered(ordered: list[tuple[str, str]], pick: _Pick) -> str:
    lines = [_line(pick, field, value) for field, value in ordered]
    last = len(lines) if all(value for _, value in ordered) else 0  # what follows an empty line is its value
    for _ in range(pick(0, 1, 2)):
        lines.insert(pick(0, last), pick(*PROSE))
    quote = pick("", "", "> ", ">> ", "| ")
    ending = pick("\n", "\n\n", "\r\n", "\n \t\n")
    text = ending.join(f"{quote}{line}" for line in lines)
    # Values are kept as they are spelt, accents and all.
    is_plain = "éz" not in text and "ë" not in text
    return unicodedata.normalize(pick("NFC", "NFC", "NFD"), text) if is_plain else text


def _line(pick: _Pick, field: str, value: str) -> str:
    label = pick(*LABELS[field])
    if pick(True, False):
        label = pick(label.upper(), label.lower(), _without_accents(label))
    bullet = pick("", "", "- ", "* ", "•  ", "3. ", "2) ")
    bold = pick("", "", "**")
    separator = pick(": ", ":", " : ", "\u00a0: ", " = ", ":   ", ":\t")
    return f"{pick('', '  ')}{bullet}{bold}{label}{bold}{separator}{value}{pick('', '  ')}"


def _without_accents(text: str) -> str:
    plain = (mark for mark in unicodedata.normalize("NFD", text) if not unicodedata.combining(mark))
    return "".join(plain)
