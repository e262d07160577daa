"""The language of one reader, who wants the zone of times named once, and short ids."""

from __future__ import annotations

import re
from typing import Self

from accountmerge.messages.facts import FACT_TYPES, Fact
from accountmerge.messages.locales import Locale

SHORT_ID = 12
"""The number of characters of a short id: 48 bits of a digest."""

_IDS = frozenset(name for name, kind in FACT_TYPES.items() if kind in ("id", "ids")) | {"plan_id", "new"}
_DIGEST = re.compile("[0-9a-f]{32}|[0-9a-f]{64}")


class ReaderLanguage(Locale):
    """A locale for one reader.

    Attributes:
        is_local: Whether times in the zone are shown without its name, because the reader is told the zone once.
        short_ids: Whether derived ids and plan ids are cut to their first 12 characters.
        is_settled: Whether the zone is that of the reader or of the data, and no guess.
        has_shown_time: Whether a time was shown without its zone.

    Args:
        language: As for `Locale`.
        zone: The IANA zone. None: UTC, with its name.
        short_ids: Whether ids are cut.
    """

    __slots__ = ("has_shown_time", "is_local", "is_settled", "short_ids")

    is_local: bool
    short_ids: bool
    is_settled: bool
    has_shown_time: bool

    def __new__(cls, language: str = "en", *, zone: str | None = None, short_ids: bool = False) -> Self:
        """Make the language of a reader."""
        made = super().__new__(cls, language, zone=zone or "UTC")
        made.is_local = made.is_settled = zone is not None
        made.short_ids, made.has_shown_time = short_ids, False
        return made

    def show_in(self, zone: str) -> None:
        """Show times in a zone, without its name."""
        self.zone, self.is_local = zone, True

    def names(self, zone: str) -> bool:
        """Return whether a time in a zone has the name of the zone; otherwise note that a time was shown."""
        if self.is_local and zone == self.zone:
            self.has_shown_time = True
            return False
        return True

    def fact(self, name: str, fact: Fact) -> Fact:
        """Return a fact with short ids. The name of the fact says whether it is an id, and never its look alone."""
        if name not in _IDS or not self.short_ids:
            return fact
        if isinstance(fact, tuple):
            return tuple(_short(each) for each in fact)
        return _short(fact) if isinstance(fact, str) else fact


def _short(text: str) -> str:
    return text[:SHORT_ID] if _DIGEST.fullmatch(text) else text


def shown_id(text: str, language: str) -> str:
    """Return an id as the reader of a language sees it."""
    return str(language.fact("id", text)) if isinstance(language, ReaderLanguage) else text


def names_zone(zone: str, language: str) -> bool:
    """Return whether a time in a zone has the name of the zone for the reader of a language."""
    return language.names(zone) if isinstance(language, ReaderLanguage) else True
