"""The language of one reader, with the way to show times and ids."""

from __future__ import annotations

import re
from copy import copy
from typing import Self

from accountmerge.messages.facts import FACT_TYPES, Fact
from accountmerge.messages.languages import CUSTOMER_LABELS
from accountmerge.messages.moments import Words, instant_words

SHORT_ID = 12
"""The number of characters of a short id: 48 bits of a digest."""

_IDS = frozenset(name for name, kind in FACT_TYPES.items() if kind in ("id", "ids")) | {"plan_id", "new"}
_DIGEST = re.compile("[0-9a-f]{32}|[0-9a-f]{64}")


class ReaderLanguage(str):
    """A language of sentences for one reader. Each function with a parameter `language` takes it.

    Attributes:
        zone: The IANA zone of the times. None: instants are in UTC, and wall times keep their zones.
        customer: The word for a customer, one of `CUSTOMER_LABELS`.
        names_zone: Whether each time has the name of its zone. If not, only times in another zone have it.
        short_ids: Whether derived ids and plan ids are cut to their first 12 characters.
        is_settled: Whether the zone is that of the reader or of the data, and no guess.
    """

    __slots__ = ("_shown", "customer", "is_settled", "names_zone", "short_ids", "zone")

    zone: str | None
    customer: str
    names_zone: bool
    short_ids: bool
    is_settled: bool
    _shown: set[str]

    def __new__(
        cls,
        code: str = "en",
        *,
        zone: str | None = None,
        short_ids: bool = False,
        customer: str = CUSTOMER_LABELS[0],
        names_zone: bool = False,
    ) -> Self:
        """Return a language for a reader. An unknown zone counts as UTC, and an unknown word as *customer*."""
        made = super().__new__(cls, code)
        made.zone, made.short_ids, made.names_zone = zone, short_ids, names_zone
        made.customer = customer if customer in CUSTOMER_LABELS else CUSTOMER_LABELS[0]
        made.is_settled, made._shown = zone is not None, set()
        return made

    @property
    def has_shown_time(self) -> bool:
        """Whether a time was shown in the zone, also by a copy for another word."""
        return "time" in self._shown

    @has_shown_time.setter
    def has_shown_time(self, is_shown: bool) -> None:
        (self._shown.add if is_shown else self._shown.discard)("time")

    def with_customer(self, customer: str) -> Self:
        """Return a copy with another word for a customer. A time that the copy shows counts for this language too."""
        made = copy(self)  # with the same mark of a shown time
        made.customer = customer
        return made

    def fact(self, name: str, fact: Fact) -> Fact:
        """Return an id as this reader sees it. The name of the fact decides, and never its look alone."""
        if not self.short_ids or name not in _IDS:
            return fact
        if isinstance(fact, tuple):
            return tuple(self._id(each) for each in fact)
        return self._id(fact) if isinstance(fact, str) else fact

    def told_instant(self, text: str, own_zone: str | None, words: Words, *, named: bool) -> str | None:
        """Return an instant in words, for a sentence; None if the text is no instant.

        Args:
            text: An RFC 3339 instant.
            own_zone: The zone of the sentence, or None.
            words: The texts of the language.
            named: Whether the sentence names a zone after this instant.
        """
        zone = own_zone or self.zone or "UTC"
        is_own = zone == self.zone
        told = instant_words(text, zone, words, named=named and (self.names_zone or not is_own))
        if is_own and told is not None:
            self.has_shown_time = True
        return told

    def _id(self, text: str) -> str:
        return text[:SHORT_ID] if self.short_ids and is_digest(text) else text


def is_digest(text: str) -> bool:
    """Return whether a text looks like a derived id or a plan id."""
    return _DIGEST.fullmatch(text) is not None


def labelled(language: str, customer: str) -> str:
    """Return a language with a word for a customer, unless its reader has another one already.

    Args:
        language: The language. It stays as it is.
        customer: One of `CUSTOMER_LABELS`.
    """
    if customer == CUSTOMER_LABELS[0]:
        return language
    if not isinstance(language, ReaderLanguage):
        return ReaderLanguage(language, zone="UTC", customer=customer, names_zone=True)
    return language.with_customer(customer) if language.customer == CUSTOMER_LABELS[0] else language


def shown_id(text: str, language: str) -> str:
    """Return an id as the reader of a language sees it."""
    return str(language.fact("id", text)) if isinstance(language, ReaderLanguage) else text
