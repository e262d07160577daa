"""Every human sentence of the library, keyed by code, in English and French.

A sentence is looked up in a gettext catalogue under a key such as `finding.email_in_use` and
filled with facts. Nothing else in the library holds words for people.
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
