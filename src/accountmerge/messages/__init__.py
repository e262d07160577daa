"""Every sentence of the library for people, by code, in English and French.

A sentence is read from a gettext catalogue by a key such as `finding.email_in_use`, and filled with facts. No other
module has words for people.
"""

from accountmerge.messages.catalogues import LANGUAGES, has_sentence, placeholders, sentence, visible
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
    "placeholders",
    "sentence",
    "visible",
]
