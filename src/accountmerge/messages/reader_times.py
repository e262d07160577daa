"""Times as the reader of a language sees them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from accountmerge.messages.catalogues import sentence, sentence_text
from accountmerge.messages.facts import Fact
from accountmerge.messages.moments import clock_words
from accountmerge.messages.readers import ReaderLanguage

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def shown_instant(text: str, language: str) -> str:
    """Return an RFC 3339 time in UTC as a wall time in the zone of the reader. Other text is unchanged."""
    zone = _zone_of(language)
    if zone is None or not _INSTANT.fullmatch(text):
        return text
    return shown_wall_time(datetime.fromisoformat(text), zone, text, language)


def shown_wall_time(moment: datetime, zone: str, otherwise: str, language: str) -> str:
    """Return an instant on the clocks of a zone, and the zone if the reader has another.

    Args:
        moment: An aware datetime.
        zone: The IANA zone.
        otherwise: The text for a reader without a zone, and for an unknown zone.
        language: The language. A time is marked as shown if this is a `ReaderLanguage`, and the zone is its own.
    """
    own = _zone_of(language)
    if own is None:
        return otherwise
    try:
        plain = datetime.fromtimestamp(moment.timestamp(), UTC).replace(microsecond=moment.microsecond)
        local = plain.astimezone(_place(zone))
    except (OSError, ValueError, OverflowError):
        return otherwise
    text = _written(local, str(language))
    if zone != own:
        return f"{text} ({zone})"
    if isinstance(language, ReaderLanguage):
        language.has_shown_time = True
    return text


def _zone_of(language: str) -> str | None:
    return language.zone if isinstance(language, ReaderLanguage) else None


def _written(local: datetime, language: str) -> str:
    """Return a wall time with its day, and with its offset if clocks show the time twice."""
    weekday, month = (
        sentence(key, {}, language).split()[place]
        for key, place in (("report.weekdays", local.weekday()), ("report.months", local.month - 1))
    )
    again = local.replace(fold=1 - local.fold)
    offset = f" ({local:%z})" if again.utcoffset() != local.utcoffset() else ""
    time = clock_words(local, lambda key: sentence_text(key, language))
    day, year = local.day, f"{local.year:04}"
    facts: dict[str, Fact] = {
        "weekday": weekday,
        "day": day,
        "month": month,
        "year": year,
        "time": time,
        "offset": offset,
    }
    return sentence("report.moment", facts, language)


@cache
def _place(zone: str) -> tzinfo:
    place: Any = ZoneInfo(zone)
    return place  # type: ignore[no-any-return]
