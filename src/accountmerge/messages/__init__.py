"""Messages of the library by code, in English and French.

A message is read from a gettext catalogue by a key such as `finding.email_in_use` and filled with facts.
No other part of the library contains words for people.
"""

from accountmerge.messages.catalogues import (
    LANGUAGES,
    has_sentence,
    known_language,
    placeholders,
    sentence,
    visible,
)
from accountmerge.messages.facts import FACT_TYPES, PRIVATE_FACTS, Fact, Facts, FactType, ids_in

__all__ = [
    "FACT_TYPES",
    "LANGUAGES",
    "PRIVATE_FACTS",
    "Fact",
    "FactType",
    "Facts",
    "has_sentence",
    "ids_in",
    "known_language",
    "placeholders",
    "sentence",
    "visible",
]
