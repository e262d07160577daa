"""Look-up of messages in the gettext catalogue of a language.

The catalogues are `locale/<language>/LC_MESSAGES/accountmerge.po`, compiled to `.mo` files beside them
(`nox -s catalogues`). They are keyed by code, so that messages change without a change of code.
An entry with plural forms (`msgid_plural`, by the plural rule of its language) is chosen by its fact `count`,
or by another fact in a table here.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from functools import cache
from typing import Any

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
"""The fact that chooses the plural form of a message, if not `count`; for a list, its length counts."""


def sentence(key: str, facts: Mapping[str, Fact], language: str = "en") -> str:
    """Return the message for a key, with its placeholders filled.

    Args:
        key: The key, such as `finding.email_in_use` or `remedy.email_in_use`.
        facts: The values of the placeholders; further ones are ignored.
        language: One of `LANGUAGES`, also with a region (`fr-CA`). Other languages fall back to English.

    Raises:
        KeyError: The key is in no catalogue, or a placeholder has no fact. Both are defects of the
            library; tests verify that neither happens for a code of the closed vocabulary.
    """
    fact = facts.get(_COUNTED_BY.get(key, "count"), 1)
    number = len(fact) if isinstance(fact, tuple) else fact if isinstance(fact, int) else 1
    return _template(key, language, number).format(**{name: _shown(fact) for name, fact in facts.items()})


def has_sentence(key: str, language: str) -> bool:
    """Return whether the catalogue of exactly this language has the key."""
    text: str = _catalogue(language).gettext(key)
    return text != key


def placeholders(key: str, language: str) -> frozenset[str]:
    """Return the names of the facts in the message for a key, over all its plural forms."""
    forms = (_template(key, language, number) for number in (1, 2))
    return frozenset(name for form in forms for _, name, _, _ in string.Formatter().parse(form) if name)


def _template(key: str, language: str, number: int) -> str:
    catalogue = _catalogue(known_language(language))
    text: str = catalogue.ngettext(key, key, number)
    if text == key:  # a message without plural forms
        text = catalogue.gettext(key)
    if text == key:
        raise KeyError(key)
    return text


def known_language(language: str) -> str:
    """Return the language of the catalogue for a tag such as `fr-CA`, or else English."""
    short = language.replace("_", "-").partition("-")[0].lower()
    return short if short in LANGUAGES else LANGUAGES[0]


@cache
def _catalogue(language: str) -> Any:
    import gettext  # these are imported only when a message is read
    import io
    import pkgutil

    text = pkgutil.get_data("accountmerge.messages", f"locale/{language}/LC_MESSAGES/accountmerge.mo")
    return gettext.GNUTranslations(io.BytesIO(text or b""))


def visible(text: str, *, keep: str = "") -> str:
    """Return text with control, format and line separating characters escaped, as in a Python literal.

    Facts often contain the caller's own text, in which a line break must not look like another line, and a
    terminal must not obey control characters.

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
"""Spaces before a colon in French typography; `str.isprintable` excludes them."""


def _shown(fact: Fact) -> str:
    return visible(", ".join(fact) if isinstance(fact, tuple) else str(fact))
