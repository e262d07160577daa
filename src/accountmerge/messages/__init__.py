"""Every human sentence of the library, keyed by code, in English and French.

A sentence is looked up in a gettext catalogue under a key such as `finding.email_in_use` and
filled with facts. Nothing else in the library holds words for people.
"""

from accountmerge.messages.catalogues import LANGUAGES, has_sentence, placeholders, sentence, visible
from accountmerge.messages.facts import PRIVATE_FACTS, Fact, Facts

__all__ = [
    "LANGUAGES",
    "PRIVATE_FACTS",
    "Fact",
    "Facts",
    "has_sentence",
    "placeholders",
    "sentence",
    "visible",
]
