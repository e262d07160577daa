"""Look a sentence up in the gettext catalogue of a language and fill it with facts.

The catalogues are `locale/<language>/LC_MESSAGES/accountmerge.po`, compiled beside them to `.mo`
(`nox -s catalogues`). They are keyed by code, so that a sentence can be mended without touching code.
An entry with plural forms (`msgid_plural`, by the plural rule of its language) is chosen by its fact `count`,
unless a table here names another fact.
"""

from __future__ import annotations

import gettext
import string
from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files

from accountmerge.messages.facts import Fact

LANGUAGES = ("en", "fr")
"""The languages that have a complete catalogue; the first is the default."""

_COUNTED_BY = {
    "error.long_text": "limit",
    "explain.changed": "steps",
    "explain.created": "steps",
    "explain.not_applied": "through",
    "explain.read": "steps",
    "explain.removed": "steps",
    "explain.tolerated": "steps",
    "failure.irreversible": "steps",
    "report.undo": "through",
}
"""The fact that chooses the plural form of a sentence, where it is not `count`; of a list, its length counts."""


def sentence(key: str, facts: Mapping[str, Fact], language: str = "en") -> str:
    """Return the sentence for a key, its placeholders filled.

    Args:
        key: What is said, such as `finding.email_in_use` or `remedy.email_in_use`.
        facts: The values of the placeholders; more than needed is fine.
        language: One of `LANGUAGES`, also with a region (`fr-CA`). Anything else falls back to English,
            for a sentence in the wrong language is better than none.

    Raises:
        KeyError: The key is in no catalogue, or a placeholder has no fact. Both are defects of the
            library, and tests show that neither happens for a code of the closed vocabulary.
    """
    fact = facts.get(_COUNTED_BY.get(key, "count"), 1)
    number = len(fact) if isinstance(fact, tuple) else fact if isinstance(fact, int) else 1
    return _template(key, language, number).format(**{name: _shown(fact) for name, fact in facts.items()})


def has_sentence(key: str, language: str) -> bool:
    """Tell whether the catalogue of exactly this language has the key."""
    return _catalogue(language).gettext(key) != key


def placeholders(key: str, language: str) -> frozenset[str]:
    """Return the names of the facts that the sentence for a key uses, over all its plural forms."""
    forms = (_template(key, language, number) for number in (1, 2))
    return frozenset(name for form in forms for _, name, _, _ in string.Formatter().parse(form) if name)


def _template(key: str, language: str, number: int) -> str:
    catalogue = _catalogue(_known(language))
    text = catalogue.ngettext(key, key, number)
    if text == key:  # a sentence without plural forms
        text = catalogue.gettext(key)
    if text == key:
        raise KeyError(key)
    return text


def _known(language: str) -> str:
    short = language.replace("_", "-").partition("-")[0].lower()
    return short if short in LANGUAGES else LANGUAGES[0]


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    import gettext  # only who reads a sentence waits for it

    path = files("accountmerge.messages") / "locale" / language / "LC_MESSAGES" / "accountmerge.mo"
    with as_file(path) as file, file.open("rb") as stream:
        return gettext.GNUTranslations(stream)


def visible(text: str, *, keep: str = "") -> str:
    """Return text with control, format and line separating characters escaped, as in a literal of Python.

    A fact is often the caller's own text: a line break in it must not look like another line, nor may a
    terminal obey it.

    Args:
        text: Any text.
        keep: Characters that stay as they are, such as the line breaks of a note.
    """
    if text.isprintable():
        return text
    keep += _WIDE_SPACES
    return "".join(
        mark if mark.isprintable() or mark in keep else mark.encode("unicode_escape").decode("ascii")
        for mark in text
    )


_WIDE_SPACES = "\u00a0\u202f"
"""Spaces that good French has before a colon; `str.isprintable` does not count them."""


def _shown(fact: Fact) -> str:
    return visible(", ".join(fact) if isinstance(fact, tuple) else str(fact))
