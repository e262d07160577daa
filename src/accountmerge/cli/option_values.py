"""A reader of option values that gathers all problems before it refuses them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import accountmerge as am
from accountmerge.cli.problems import BadInput, Problem, nearest
from accountmerge.messages import sentence
from accountmerge.model.instants import from_microseconds, parse_rfc3339
from accountmerge.model.texts import GIVEN_LABEL, IDENTIFIER
from accountmerge.model.wall_times import ZONE, resolve_wall_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accountmerge.model.value_rules import Rule


Day = Literal["start", "end"]
"""The instant that a date alone means: its first one, or the first one after it."""
_DIGITS = 10
"""The most digits that are read: more than any count has."""


class OptionProblem(Problem):
    """A problem with the value of an option."""

    def describe(self, language: str = "en") -> str:
        """Return the option and the sentence for this problem in a language."""
        facts = {"place": self.facts["option"], "text": super().describe(language)}
        return sentence("error.at_place", facts, language)


class OptionReader:
    """Reads the values of options, and gathers their problems until all are read.

    For a wrong value it returns a placeholder: call `finish`, which raises, before a request is built of it.
    A value that a request cannot hold is refused when the request is built.

    Args:
        zone: The IANA zone of times without an offset, and of days. None: they are refused.
    """

    def __init__(self, zone: str | None = None) -> None:
        self._zone = zone
        self._problems: list[am.AccountMergeError] = []

    @property
    def problems(self) -> tuple[am.AccountMergeError, ...]:
        """The problems so far."""
        return tuple(self._problems)

    def refuse(self, problem: am.AccountMergeError) -> None:
        """Add a problem."""
        self._problems.append(problem)

    def text(self, option: str, value: str) -> str:
        """Return text, unless its bytes cannot be decoded, because no file could hold them."""
        try:
            value.encode()
        except UnicodeEncodeError:
            self.refuse(OptionProblem("not_text", option=option))
            return ""
        return value

    def texts(self, option: str, values: Iterable[str] | None) -> tuple[str, ...]:
        """Return the texts of an option that may be repeated."""
        return tuple(self.text(option, value) for value in values or ())

    def visible(self, option: str, value: str) -> str:
        """Return a ticket or the name of a person, unless it holds a control or format character."""
        return self._ruled(option, value, GIVEN_LABEL)

    def id(self, option: str, value: str) -> str:
        """Return an id, known or unknown, unless no entity can have it."""
        return self._ruled(option, value, IDENTIFIER)

    def ids(self, option: str, values: Iterable[str]) -> tuple[str, ...]:
        """Return the ids of an option that may be repeated."""
        return tuple(self.id(option, value) for value in values)

    def word(self, option: str, value: str, allowed: tuple[str, ...]) -> str:
        """Return a word of a closed vocabulary."""
        if value not in allowed:
            meant = nearest(value, allowed)
            code = "bad_value_meant" if meant else "bad_value"
            self.refuse(Problem(code, name=option, allowed=allowed, meant=meant))
            return allowed[0]
        return value

    def zone(self, option: str, value: str) -> str:
        """Return the name of an IANA time zone."""
        return self._ruled(option, value, ZONE)

    def _ruled(self, option: str, value: str, rule: Rule) -> str:
        """Return text that a rule of values allows."""
        text = self.text(option, value)
        if text != value:  # refused already
            return text
        try:
            rule.check(text)
        except am.InvalidValueError as error:
            facts: Any = error.facts
            self.refuse(am.documents.Fault("invalid_value", option, reason=error.code, **facts))
        return text

    def instant(self, option: str, text: str, day: Day | None = None) -> datetime:
        """Return the instant of an RFC 3339 time, or of a wall time in the reader's zone.

        Args:
            option: The option.
            text: Its value.
            day: The part of a day that a date alone means. None: a date alone is refused.
        """
        naive = _naive(text, day)
        if naive is not None:
            return self._in_zone(option, naive)
        try:
            return from_microseconds(parse_rfc3339(text))
        except am.InvalidValueError as error:
            self.refuse(am.documents.Fault("invalid_value", option, reason=error.code))
            return datetime.min.replace(tzinfo=UTC)

    def _in_zone(self, option: str, naive: datetime) -> datetime:
        """Return the instant of a wall time, unless clocks show it twice or never."""
        reason = "no_offset"
        if self._zone is not None:
            try:
                return resolve_wall_time(naive, self._zone, ambiguous="refuse", missing="refuse")
            except am.InvalidValueError as error:
                reason = error.code
        if reason == "no_offset":
            self.refuse(OptionProblem("no_offset", option=option, example=f"{naive.isoformat()}Z"))
        else:
            self.refuse(am.documents.Fault("invalid_value", option, reason=reason, zone=self._zone or ""))
        return datetime.min.replace(tzinfo=UTC)

    def day(self, option: str, text: str) -> date:
        """Return the date of ISO text."""
        try:
            parsed = date.fromisoformat(text)
        except ValueError:
            parsed = date.min
        if parsed.isoformat() != text:
            self.refuse(am.documents.Fault("invalid_value", option, reason="not_a_date"))
        return parsed

    def count(self, option: str, text: str, *, most: int) -> int:
        """Return the whole number of a text, from 1 to `most`."""
        if text.isascii() and text.isdecimal() and 1 <= int(text[:_DIGITS]) <= most and len(text) < _DIGITS:
            return int(text)
        self.refuse(OptionProblem("bad_count", option=option, most=most))
        return 1

    def slot(self, option: str, start: str | None, end: str | None) -> am.TimeSlot | None:
        """Return the slot of two options, such as `--window-start` and `--window-end`, or None."""
        if start is None and end is None:
            return None
        if start is None or end is None:
            self.refuse(Problem("half_a_slot", option=option))
            return None
        return self.ends((f"{option}-start", start), (f"{option}-end", end))

    def ends(self, start: tuple[str, str], end: tuple[str, str]) -> am.TimeSlot | None:
        """Return the slot of two texts, each with its option or place; None for a problem."""
        wrong = len(self._problems)
        moments = (self.instant(*start), self.instant(*end))
        if len(self._problems) > wrong:
            return None
        try:
            return am.TimeSlot(*moments)
        except am.InvalidValueError as error:
            self.refuse(am.documents.Fault("invalid_value", end[0], reason=error.code))
            return None

    def acceptances(
        self, accept: Iterable[str] | None, by: str | None, why: str | None
    ) -> tuple[am.Acceptance, ...]:
        """Return the acceptances of `--accept`, `--accepted-by` and `--why`, empty if there is a problem."""
        findings = self.texts("--accept", accept)
        name, reason = (
            text.strip() for text in (self.visible("--accepted-by", by or ""), self.text("--why", why or ""))
        )
        if findings and not (name and reason):
            self.refuse(Problem("accept_incomplete"))
        elif (by is not None or why is not None) and not findings:
            self.refuse(Problem("accept_alone"))
        if self._problems:
            return ()
        return tuple(am.Acceptance(finding=finding, by=name, why=reason) for finding in findings)

    def finish(self) -> None:
        """Refuse the command line if it has a problem, with all problems."""
        if self._problems:
            raise BadInput(*self._problems)


_CLOCK = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?))?", re.ASCII)


def _naive(text: str, day: Day | None) -> datetime | None:
    """Return the wall time of a text without an offset, or None."""
    match = _CLOCK.fullmatch(text)
    if match is None or (match[2] is None and day is None):
        return None
    try:
        if match[2] is not None:
            return datetime.fromisoformat(text)
        start = datetime.fromisoformat(text)
        return start + timedelta(days=1) if day == "end" else start
    except (ValueError, OverflowError):
        return None


def asker_from(asked_by: str | None) -> str | None:
    """Return the profile of `--asked-by`, or None."""
    reader = OptionReader()
    who = None if asked_by is None else reader.id("--asked-by", asked_by)
    reader.finish()
    return who
