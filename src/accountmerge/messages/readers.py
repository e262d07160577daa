"""The language of one reader, with the way to show times and ids."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Any, Self
from zoneinfo import ZoneInfo

from accountmerge.messages.facts import FACT_TYPES, Fact

SHORT_ID = 12
"""The number of characters of a short id: 48 bits of a digest."""

_INSTANTS = frozenset(name for name, kind in FACT_TYPES.items() if kind.startswith("instant")) | {
    "since",
    "when",
}
_WALL_TIMES = frozenset({"local_start"})
_IDS = frozenset(name for name, kind in FACT_TYPES.items() if kind in ("id", "ids")) | {"plan_id", "new"}
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_WALL_TIME = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?[+-]\d\d:\d\d) (\S+)")
_DIGEST = re.compile("[0-9a-f]{32}|[0-9a-f]{64}")


class ReaderLanguage(str):
    """A language of sentences for one reader. Each function with a parameter `language` takes it.

    Attributes:
        zone: The IANA zone of the times. None: times stay RFC 3339 in UTC, and wall times keep their zones.
        short_ids: Whether derived ids and plan ids are cut to their first 12 characters.
        is_settled: Whether the zone is that of the reader or of the data, and no guess.
        has_shown_time: Whether a time was shown in the zone.
    """

    __slots__ = ("has_shown_time", "is_settled", "short_ids", "zone")

    zone: str | None
    short_ids: bool
    is_settled: bool
    has_shown_time: bool

    def __new__(cls, code: str, *, zone: str | None = None, short_ids: bool = False) -> Self:
        """Return a language for a reader."""
        made = super().__new__(cls, code)
        made.zone, made.short_ids = zone, short_ids
        made.is_settled, made.has_shown_time = zone is not None, False
        return made

    def fact(self, name: str, fact: Fact) -> Fact:
        """Return a fact as this reader sees it. The name of the fact decides, and never its look alone."""
        if isinstance(fact, tuple):
            return tuple(self._id(each) for each in fact) if name in _IDS else fact
        if not isinstance(fact, str):
            return fact
        if name in _INSTANTS:
            return self.instant(fact)
        if name in _WALL_TIMES:
            found = _WALL_TIME.fullmatch(fact)
            return fact if found is None else self.wall_time(datetime.fromisoformat(found[1]), found[2], fact)
        return self._id(fact) if name in _IDS else fact

    def instant(self, text: str) -> str:
        """Return an RFC 3339 time in UTC as a wall time in the zone. Other text is unchanged."""
        if self.zone is None or not _INSTANT.fullmatch(text):
            return text
        return self.wall_time(datetime.fromisoformat(text), self.zone, text)

    def wall_time(self, moment: datetime, zone: str, otherwise: str) -> str:
        """Return an instant on the clocks of a zone, which is named only if it is not the zone of the reader.

        Args:
            moment: An aware datetime.
            zone: The IANA zone.
            otherwise: The text for a reader without a zone, and for an unknown zone.
        """
        if self.zone is None:
            return otherwise
        try:
            plain = datetime.fromtimestamp(moment.timestamp(), UTC).replace(microsecond=moment.microsecond)
            local = plain.astimezone(_place(zone))
        except (OSError, ValueError, OverflowError):
            return otherwise
        text = written(local, str(self))
        if zone == self.zone:
            self.has_shown_time = True
            return text
        return f"{text} ({zone})"

    def _id(self, text: str) -> str:
        return text[:SHORT_ID] if self.short_ids and _DIGEST.fullmatch(text) else text


def shown_instant(text: str, language: str) -> str:
    """Return an RFC 3339 time as the reader of a language sees it."""
    return language.instant(text) if isinstance(language, ReaderLanguage) else text


def shown_wall_time(moment: datetime, zone: str, otherwise: str, language: str) -> str:
    """Return an instant on the clocks of a zone as the reader of a language sees it."""
    if not isinstance(language, ReaderLanguage):
        return otherwise
    return language.wall_time(moment, zone, otherwise)


def shown_id(text: str, language: str) -> str:
    """Return an id as the reader of a language sees it."""
    return str(language.fact("id", text)) if isinstance(language, ReaderLanguage) else text


def written(local: datetime, language: str) -> str:
    """Return a wall time with its day, and with its offset if clocks show the time twice."""
    from accountmerge.messages.catalogues import sentence  # which reads languages of this module

    weekday, month = (
        sentence(key, {}, language).split()[place]
        for key, place in (("report.weekdays", local.weekday()), ("report.months", local.month - 1))
    )
    clock = f":{local.second:02}" if local.second else ""
    again = local.replace(fold=1 - local.fold)
    offset = f" ({local:%z})" if again.utcoffset() != local.utcoffset() else ""
    facts = {"weekday": weekday, "day": local.day, "month": month, "year": f"{local.year:04}"}
    hours = {"hour": f"{local.hour:02}", "minute": f"{local.minute:02}{clock}", "offset": offset}
    return sentence("report.moment", {**facts, **hours}, language)


@cache
def _place(zone: str) -> tzinfo:
    place: Any = ZoneInfo(zone)
    return place  # type: ignore[no-any-return]
