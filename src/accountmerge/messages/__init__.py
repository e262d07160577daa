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
from accountmerge.messages.languages import CUSTOMER_LABELS, LANGUAGES, CustomerLabel
from accountmerge.messages.reader_times import shown_instant, shown_wall_time
from accountmerge.messages.readers import ReaderLanguage, labelled, shown_id

__all__ = [
    "CUSTOMER_LABELS",
    "FACT_TYPES",
    "LANGUAGES",
    "PRIVATE_FACTS",
    "CustomerLabel",
    "Fact",
    "FactType",
    "Facts",
    "ReaderLanguage",
    "has_sentence",
    "help_text",
    "ids_in",
    "known_language",
    "labelled",
    "moment_text",
    "placeholders",
    "sentence",
    "shown_id",
    "shown_instant",
    "shown_wall_time",
    "visible",
]
