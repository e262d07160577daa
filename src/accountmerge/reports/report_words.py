"""The words, numbers and times of an HTML report, in the language and the zone of its reader."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from accountmerge.errors import InvalidValueError
from accountmerge.messages import FACT_TYPES, Fact, Facts, has_sentence, sentence, visible
from accountmerge.messages.readers import SHORT_ID, is_digest
from accountmerge.model.instants import from_microseconds, parse_rfc3339, rfc3339
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.values import ShownValue, value_class
from accountmerge.model.wall_times import resolve_wall_time, wall_parts, wall_time
from accountmerge.reports.markup import LONGEST_TEXT, Element, element

MOST_NAMED = 8
"""The most ids that a sentence names: about three lines."""
DASH = "\N{EN DASH}"
_THOUSANDS = {"fr": "\N{NARROW NO-BREAK SPACE}"}
"""What separates thousands. Default: a comma."""


@value_class(eq=False, repr=False)
class Words(ShownValue):
    """The language, the zone and the rights of the reader of a report.

    Attributes:
        language: One of `accountmerge.messages.LANGUAGES`.
        zone: The IANA zone of the times shown.
        values: Whether personal values are shown.
    """

    language: str
    zone: str
    values: bool = False

    def say(self, key: str, /, **facts: Fact) -> str:
        """Return the sentence for a key of the reports."""
        return self.sentence(f"report.{key}", facts)

    def sentence(self, key: str, facts: Mapping[str, Fact]) -> str:
        """Return a sentence with local times, and with long texts and lists cut."""
        return sentence(key, self.facts(facts), self.language)

    def facts(self, facts: Mapping[str, Fact]) -> Facts:
        """Return facts with local times, and with long texts and lists cut."""
        return Facts.of({name: self._fact(name, fact) for name, fact in facts.items()})

    def _fact(self, name: str, fact: Fact) -> Fact:
        if isinstance(fact, tuple):
            more = ("…",) if len(fact) > MOST_NAMED else ()
            return (*map(cut, fact[:MOST_NAMED]), *more)
        if not isinstance(fact, str):
            return fact
        if fact and FACT_TYPES.get(name) in ("instant", "instant_or_empty"):
            try:
                return self.moment(parse_rfc3339(fact))
            except InvalidValueError:  # a sentence about a value that is no instant
                pass
        return fact[:SHORT_ID] if name == "plan_id" and is_digest(fact) else cut(fact)

    def number(self, count: int) -> str:
        """Return a whole number with its thousands apart."""
        return f"{count:,}".replace(",", _THOUSANDS.get(self.language, ","))

    def counted(self, name: str, count: int) -> Element:
        """Return a number of a report, with the name by which tests count it again."""
        return element("data", self.number(count), value=count, data_count=name)

    def time(self, whole: int) -> Element:
        """Return an instant, in microseconds since 1970, as local time."""
        return element("time", self.moment(whole), datetime=rfc3339(whole))

    def period(self, slot: TimeSlot) -> Element:
        """Return the start and the end of a slot as local times."""
        start, end = self.time(slot.start_us), self.time(slot.end_us)
        day, comma, clock = (end.text or "").rpartition(", ")
        if (start.text or "").startswith(f"{day}{comma}"):
            end.text = clock  # the day is said already
        return element("span", start, f" {DASH} ", end)

    def moment(self, whole: int) -> str:
        """Return an instant as local time; in UTC if the calendar of the zone does not include it.

        A time that clocks show twice has its offset from UTC.
        """
        try:
            clock, fold = wall_time(from_microseconds(whole), self.zone)
        except InvalidValueError:
            return rfc3339(whole)
        text = f"{self.date_text(clock.date())}, {self.clock(clock.hour, clock.minute)}"
        other = resolve_wall_time(clock, self.zone, ambiguous="earlier" if fold else "later")
        if other == from_microseconds(whole):
            return text
        return f"{text} (UTC{wall_parts(whole, self.zone)[2]})"

    def clock(self, hour: int, minute: int) -> str:
        """Return a time of day."""
        if not minute:
            return self.say("clock_hour", hour=hour)
        return self.say("clock", hour=hour, minute=f"{minute:02}")

    def date_text(self, day: date) -> str:
        """Return a date with its year."""
        return f"{self.day_text(day)} {day.year}"

    def dated(self, day: date) -> Element:
        """Return a date with its year as an element."""
        return element("time", self.date_text(day), datetime=day.isoformat())

    def day_text(self, day: date) -> str:
        """Return the day of the week and of the month."""
        key = "first_day" if day.day == 1 else "day"
        month = self.say(f"month_{day.month:02}")
        return self.say(key, weekday=self.weekday(day), day=day.day, month=month)

    def weekday(self, day: date) -> str:
        """Return the day of the week, short."""
        return self.say(f"weekday_{day.isoweekday()}")

    def word(self, family: str, code: str) -> str:
        """Return the word for a code of a vocabulary, or the code itself if it is unknown."""
        key = f"{family}{code}"
        return self.sentence(key, {}) if has_sentence(key, "en") else cut(code)

    def field(self, name: str) -> str:
        """Return the word for a field of an entity or a request."""
        family = "report.field_" if has_sentence(f"report.field_{name}", "en") else "field."
        return self.word(family, name)

    def entity(self, name: str) -> str:
        """Return the word for a kind of entity."""
        return self.word("noun.", name)

    def noun(self, name: str) -> Element:
        """Return the word for a kind of entity as the first word of a cell."""
        return element("span", self.entity(name), class_="noun")


def cut(text: str) -> str:
    """Return a text that may be long with every character visible, cut if it is long."""
    return visible(text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…")


def named(id: str) -> Element:
    """Return an id as an element, with its whole text if it is short."""
    return element("code", element("bdi", cut(id)), class_="id")
