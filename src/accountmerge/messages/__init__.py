"""Messages of the library by code, in English and French.

A message is read from a gettext catalogue by a key such as `finding.email_in_use` and filled with facts.
No other part of the library contains words for people.
"""

from accountmerge.messages.catalogues import (
    has_sentence,
    help_text,
    known_language,
    moment_text,
    placeholders,
    sentence,
    visible,
)
from accountmerge.messages.facts import FACT_TYPES, PRIVATE_FACTS, Fact, Facts, FactType, ids_in
from accountmerge.messages.locales import CUSTOMER_LABELS, LANGUAGES, Locale
from accountmerge.messages.readers import ReaderLanguage, names_zone, shown_id

__all__ = [
    "CUSTOMER_LABELS",
    "FACT_TYPES",
    "LANGUAGES",
    "PRIVATE_FACTS",
    "Fact",
    "FactType",
    "Facts",
    "Locale",
    "ReaderLanguage",
    "has_sentence",
    "help_text",
    "ids_in",
    "known_language",
    "moment_text",
    "names_zone",
    "placeholders",
    "sentence",
    "shown_id",
    "visible",
]
