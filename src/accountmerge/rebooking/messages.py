"""Read a rebooking request from a message, and write one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, TypeVar, get_args

import attrs
import pendulum

from accountmerge.errors import InvalidValueError
from accountmerge.messages import sentence, visible
from accountmerge.migrations.notice_texts import Wording
from accountmerge.model.instants import microseconds
from accountmerge.model.values import ShownValue, Value, value_class
from accountmerge.model.wall_times import find_zone, resolve_wall_time, wall_parts
from accountmerge.rebooking.message_lines import READERS, LabelledValue, labelled_values, read_number
from accountmerge.rebooking.message_times import WrittenTime, holds_time, read_written_time, read_written_zone
from accountmerge.rebooking.message_words import WRITTEN_FIELDS, RebookingField
from accountmerge.rebooking.requests import RebookingRequest

QuestionCode = Literal[
    "too_long",
    "missing",
    "unclear",
    "contradictory",
    "year_missing",
    "day_or_month",
    "weekday_mismatch",
    "morning_or_afternoon",
    "clock_skips",
    "clock_repeats",
    "offset_mismatch",
]
QUESTIONS: tuple[QuestionCode, ...] = get_args(QuestionCode)
"""The closed vocabulary of questions about a message."""
QuestionField = Literal[
    "message", "number", "initials", "date", "time", "time_zone", "modality", "old_email", "new_email"
]
QUESTION_FIELDS: tuple[QuestionField, ...] = get_args(QuestionField)
"""The possible subjects of a question, in the order of asking."""


@value_class(eq=False, repr=False)
class Question(ShownValue):
    """A question to the author of a message, which names a field and never its content.

    Attributes:
        code: One of `QUESTIONS`.
        field: One of `QUESTION_FIELDS`.
    """

    code: QuestionCode
    field: QuestionField

    def describe(self, language: str = "en") -> str:
        """Return the question as a sentence."""
        label = sentence(f"label.{self.field}", {}, language)
        return sentence(f"question.{self.code}", {"label": label}, language)

    @property
    def order(self) -> tuple[int, int]:
        """The defined order of questions, which is by field, then by code."""
        return (QUESTION_FIELDS.index(self.field), QUESTIONS.index(self.code))


@value_class(eq=False, repr=False)
class RebookingReading(Value):
    """The result of reading a rebooking message.

    Attributes:
        request: The request, or None if a part of the message was not understood.
        questions: The questions if there is no request, in their defined order.
    """

    request: RebookingRequest | None
    questions: tuple[Question, ...] = ()

    def __repr__(self) -> str:
        return f"RebookingReading({self.request!r}, {len(self.questions)} questions)"


LONGEST_MESSAGE = 20_000
"""Characters, about ten pages. A longer message is not read, because its end could contradict its beginning."""

ValueT = TypeVar("ValueT")
_HALF_OF_A_PAIR = re.compile("[\ud800-\udfff]")
"""Characters that no address and no initials can have. Each becomes a replacement character, which is not understood.
"""
_DEFAULT_WORDING = Wording()


def read_rebooking_message(
    text: str, *, zone: str | None = None, day_first: bool | None = None, wording: Wording = _DEFAULT_WORDING
) -> RebookingReading:
    """Read a rebooking request from the pasted text of a message.

    Case, spaces, blank lines, quoting marks, bullets, the order of lines, missing accents and synonyms in English
    and French do not matter. A question is asked for a missing, ambiguous or contradictory value, and for a time
    that clocks skip or show twice without an offset. Takes time in proportion to the message, which is not read if
    it is longer than `LONGEST_MESSAGE`.

    Args:
        text: The message.
        zone: The IANA zone that counts if the message names none.
        day_first: Whether the day comes first in dates such as 03/04/2026. Default: ask.
        wording: The letters with which the practice begins its appointment numbers.

    Returns:
        The request, or the questions.

    Raises:
        InvalidValueError: The message is no text, or `zone` is unknown.
    """
    if not isinstance(text, str):
        raise InvalidValueError("wrong_type", field="text", wanted="text")
    if zone is not None:
        find_zone(zone)
    if len(text) > LONGEST_MESSAGE:
        return RebookingReading(None, (Question("too_long", "message"),))
    notes = _Notes(day_first, wording.number_prefixes)
    for labelled in labelled_values(_HALF_OF_A_PAIR.sub("\ufffd", text)):
        _NOTES[labelled.field](labelled, notes)
    return _reading(notes, zone)


@attrs.define(repr=False)
class _Notes:
    """Values read from a message so far, per field, keyed by their normalised form."""

    day_first: bool | None
    number_prefixes: tuple[str, ...] = _DEFAULT_WORDING.number_prefixes
    texts: dict[QuestionField, dict[str, str]] = attrs.field(factory=dict)
    time: WrittenTime = attrs.field(factory=WrittenTime)
    questions: dict[Question, None] = attrs.field(factory=dict)

    def ask(self, code: QuestionCode, field: QuestionField) -> None:
        self.questions[Question(code, field)] = None

    def ask_all(self, code: QuestionCode, fields: Iterable[QuestionField]) -> None:
        for field in fields:
            self.ask(code, field)

    def the(self, field: QuestionField) -> str:
        """Return the one value of a field. Ask if there is none, or more than one."""
        said = self.texts.get(field, {})
        if len(said) > 1:
            self.ask("contradictory", field)
        elif not said and Question("unclear", field) not in self.questions:
            self.ask("missing", field)
        return next(iter(said.values()), "")

    def one_of(
        self, field: QuestionField, readings: Iterable[frozenset[ValueT]], unsure: QuestionCode
    ) -> ValueT | None:
        """Return the one value that fits all readings. Ask if there is none, or more than one."""
        sets = list(readings)
        fitting = frozenset.intersection(*sets) if sets else frozenset()
        if len(fitting) == 1:
            return next(iter(fitting))
        if sets:
            self.ask("contradictory" if not fitting else unsure, field)
        elif not any(question.field == field for question in self.questions):
            self.ask("missing", field)
        return None


# Read the value after a label.


def _note_text(labelled: LabelledValue, notes: _Notes) -> None:
    field: Any = labelled.field
    is_number = field == "number"
    value = (
        read_number(labelled.value, notes.number_prefixes) if is_number else READERS[field](labelled.value)
    )
    if labelled.is_sure and not labelled.value:
        return
    if labelled.is_sure and value is not None:
        notes.texts.setdefault(field, {}).setdefault(*value)
    elif labelled.is_sure or value is not None:
        notes.ask("unclear", field)  # the value, or the label before a readable value, is not understood


def _note_time(labelled: LabelledValue, notes: _Notes) -> None:
    """Note the date, the time or both that follow a label."""
    fields: tuple[QuestionField, ...] = _OF_TIME.get(labelled.field, ("date", "time"))
    if not labelled.is_sure:
        if holds_time(labelled.value):
            notes.ask_all("unclear", fields)
        return
    written = (
        read_written_time(labelled.value, day_first=notes.day_first) if labelled.value else WrittenTime()
    )
    if written is None:
        notes.ask_all("unclear", fields)
        return
    for part in ("dates", "times", "weekdays", "offsets", "zones"):
        getattr(notes.time, part).extend(getattr(written, part))
    if written.lacks_year:
        notes.ask("year_missing", "date")


_OF_TIME: dict[RebookingField, tuple[QuestionField, ...]] = {"date": ("date",), "time": ("time",)}


def _note_zone(labelled: LabelledValue, notes: _Notes) -> None:
    written = read_written_zone(labelled.value.strip(" *_`"))
    if written is None or not labelled.is_sure:
        if labelled.value and (labelled.is_sure or written is not None):
            notes.ask("unclear", "time_zone")
        return
    name, offset = written
    notes.time.zones += [name] if name is not None else []
    notes.time.offsets += [offset] if offset is not None else []


_NOTES: dict[RebookingField, Callable[[LabelledValue, _Notes], None]] = {
    **dict.fromkeys(("number", *READERS), _note_text),
    **dict.fromkeys(("start", "date", "time"), _note_time),
    "time_zone": _note_zone,
}


# Make a request from all values.


def _reading(notes: _Notes, zone: str | None) -> RebookingReading:
    name = _zone(notes, zone)
    start = _start(notes, name, _date(notes), _time(notes))
    texts = {
        field: notes.the(field) for field in ("number", "initials", "modality", "old_email", "new_email")
    }
    if notes.questions or start is None or name is None:
        return RebookingReading(None, tuple(sorted(notes.questions, key=lambda question: question.order)))
    return RebookingReading(RebookingRequest(start=start, time_zone=name, **texts))  # type: ignore[arg-type]


def _zone(notes: _Notes, usual: str | None) -> str | None:
    """Return the zone of the message, or the default zone.

    A short name, such as EST, means different zones in different countries. It counts only with a matching offset.
    """
    named = set(notes.time.zones)
    is_known = bool(notes.time.offsets) or all("/" in name or name in ("UTC", "GMT") for name in named)
    if Question("unclear", "time_zone") in notes.questions:
        return None
    if len(named) > 1:
        notes.ask("contradictory", "time_zone")
    elif not is_known:
        notes.ask("unclear", "time_zone")
    elif named or usual is not None:
        return next(iter(named), usual)
    else:
        notes.ask("missing", "time_zone")
    return None


def _date(notes: _Notes) -> date | None:
    """Return the one date that fits all readings. A day of the week may decide between two."""
    readings = list(notes.time.dates)
    fitting = frozenset.intersection(*readings) if readings else frozenset()
    days = set(notes.time.weekdays)
    if fitting and days:
        fitting = frozenset(each for each in fitting if {each.weekday()} == days)
        if not fitting:
            notes.ask("weekday_mismatch", "date")
            return None
        readings.append(fitting)
    return notes.one_of("date", readings, "day_or_month")


def _time(notes: _Notes) -> time | None:
    return notes.one_of("time", notes.time.times, "morning_or_afternoon")


def _start(notes: _Notes, zone: str | None, day: date | None, clock: time | None) -> pendulum.DateTime | None:
    """Return the instant of a time in the zone. Ask if clocks skip it or show it twice."""
    offsets = set(notes.time.offsets)
    if len(offsets) > 1:
        notes.ask("contradictory", "time_zone")
    if zone is None or day is None or clock is None or len(offsets) > 1:
        return None
    wall = datetime.combine(day, clock)
    try:
        if not offsets:
            return resolve_wall_time(wall, zone, ambiguous="refuse", missing="refuse")
        instants = _instants(wall, zone)
    except (InvalidValueError, OverflowError) as error:
        code = error.code if isinstance(error, InvalidValueError) else ""
        notes.ask(_ASKED_OF_CLOCKS.get(code, "unclear"), "time")
        return None
    fitting = [instant for offset, instant in instants if offset in offsets]
    if not fitting:
        notes.ask("offset_mismatch", "time_zone")
    return fitting[0] if fitting else None


_ASKED_OF_CLOCKS: dict[str, QuestionCode] = {
    "wall_time_missing": "clock_skips",
    "wall_time_ambiguous": "clock_repeats",
}


def _instants(wall: datetime, zone: str) -> list[tuple[timedelta, pendulum.DateTime]]:
    """Return the possible instants of a time in a zone, each with its offset."""
    shown = microseconds(wall.replace(tzinfo=UTC))
    instants = [
        resolve_wall_time(wall, zone, ambiguous="earlier", missing="refuse"),
        resolve_wall_time(wall, zone, ambiguous="later", missing="refuse"),
    ]
    return [(timedelta(microseconds=shown - microseconds(instant)), instant) for instant in instants]


def rebooking_message(request: RebookingRequest, language: str = "en") -> str:
    """Return a request as a message to customer service, ready to be sent.

    It names the migration as the reason, has a line for each field, and says which people the staff may ask. The date
    is written year first and the time with its offset, so that no reader can mistake them.
    `read_rebooking_message` returns an equal request if its initials and addresses can be read.

    Args:
        request: The request. The message shows its initials and addresses.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    values = _values(request, language)
    lines = [
        sentence("report.rebooking_opening", {}, language),
        "",
        *(_line(field, values[field], language) for field in WRITTEN_FIELDS),
        "",
        sentence("report.rebooking_closing", {}, language),
    ]
    return "\n".join(lines)


def question_lines(questions: tuple[Question, ...], language: str = "en") -> Iterator[str]:
    """Yield the questions about a message, one line each."""
    for question in questions:
        yield f"- {question.describe(language)}"


def _line(field: RebookingField, value: str, language: str) -> str:
    label = sentence(f"label.{field}", {}, language)
    return sentence("report.rebooking_line", {"label": label, "value": visible(value)}, language)


def _values(request: RebookingRequest, language: str) -> dict[RebookingField, str]:
    date, time, offset = wall_parts(microseconds(request.start), request.time_zone)
    start = {"date": date, "time": time, "offset": offset}
    return {
        "number": request.number,
        "initials": request.initials,
        "start": sentence("report.rebooking_start", start, language),
        "time_zone": request.time_zone,
        "modality": sentence(f"modality.{request.modality}", {}, language),
        "old_email": request.old_email.text,
        "new_email": request.new_email.text,
    }
