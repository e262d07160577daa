"""Look-up of messages in the gettext catalogue of a language.

The catalogues are `locale/<language>/LC_MESSAGES/accountmerge.po`, compiled to `.mo` files beside them
(`nox -s catalogues`). They are keyed by code, so that messages change without a change of code.
An entry with plural forms (`msgid_plural`, by the plural rule of its language) is chosen by its fact `count`,
or by another fact in a table here.

A placeholder may have a form after a colon. `{entity:the}` is the text of the key `the.customer` if the fact is
`customer`, and `{entity:The}` is the same with a capital. `{fields:field}` is the texts of all members of a list. A word
without such a text is shown as it is. Other forms are `and` (a list with its last comma replaced by a word), `bare` (an
instant without its zone), `wall` (a wall time) and `day` (a date).
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from functools import cache, lru_cache, partial
from typing import Any

from accountmerge.messages.facts import FACT_TYPES, Fact
from accountmerge.messages.languages import CUSTOMER_LABELS, LANGUAGES
from accountmerge.messages.moments import day_words, instant_words, wall_words
from accountmerge.messages.readers import ReaderLanguage

UTC = "UTC"
"""The zone of instants in a language without a zone."""

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
        language: One of `LANGUAGES`, also with a region (`fr-CA`), or a `ReaderLanguage`, which also says the
            zone of instants and the word for a customer. Other languages fall back to English. A sentence with a fact `zone` or
            `time_zone` shows its instants in that zone.

    Raises:
        KeyError: The key is in no catalogue, or a placeholder has no fact. Both are defects of the
            library; tests verify that neither happens for a code of the closed vocabulary.
    """
    fact = facts.get(_COUNTED_BY.get(key, "count"), 1)
    told = []
    for text, name, form in _parts(_template(key, language, _number(fact))):
        told.append(text)
        if name is not None:
            told.append(_told(name, facts[name], form, facts, language))
    return "".join(told)


def moment_text(instant: str, language: str = "en", *, zone: str = "") -> str:
    """Return an instant in words, with its day and its zone.

    Args:
        instant: RFC 3339 text. Any other text is returned as it is.
        language: As for `sentence`.
        zone: The IANA zone, which is named. Default: that of the reader, which is named if the reader wants it; else UTC.
    """
    if isinstance(language, ReaderLanguage) and not zone:
        return _moment(instant, "instant", {}, language)
    told = _instant(instant, zone or UTC, known_language(language), named=True)
    return visible(instant) if told is None else told


@lru_cache(maxsize=1024)
def _instant(text: str, zone: str, language: str, *, named: bool) -> str | None:
    return instant_words(text, zone, partial(_word, language=language), named=named)


def _number(fact: Fact) -> int:
    """Return the number that chooses the plural form. Text counts if it is a number."""
    if isinstance(fact, tuple):
        return len(fact)
    if isinstance(fact, int):
        return fact
    return int(fact) if fact.isdecimal() and fact.isascii() else 1


def has_sentence(key: str, language: str) -> bool:
    """Return whether the catalogue of exactly this language has the key."""
    return _word(key, language) != key


def placeholders(key: str, language: str) -> frozenset[str]:
    """Return the names of the facts in the message for a key, over all its plural forms."""
    forms = (_template(key, language, number) for number in (1, 2))
    return frozenset(name for form in forms for _, name, _, _ in string.Formatter().parse(form) if name)


def _template(key: str, language: str, number: int) -> str:
    text = _form(key, known_language(language), number)
    label = getattr(language, "customer", CUSTOMER_LABELS[0])
    return text if label == CUSTOMER_LABELS[0] else _relabelled(text, known_language(language), label)


@lru_cache(maxsize=4096)
def _form(key: str, language: str, number: int) -> str:
    catalogue = _catalogue(language)
    text: str = catalogue.ngettext(key, key, number)
    if text == key:  # a message without plural forms
        text = catalogue.gettext(key)
    if text == key:
        raise KeyError(key)
    return text


@lru_cache(maxsize=4096)
def _relabelled(text: str, language: str, label: str) -> str:
    """Return a sentence with another word for a customer. Names of code, such as `--customer`, stay."""
    usual, wanted = (_word(f"customer_word.{name}", language) for name in (CUSTOMER_LABELS[0], label))
    pattern = rf"(?<![\w.{{:-]){usual}(s?)\b(?! service)(?![_=(:}}])"

    def put(found: re.Match[str]) -> str:
        word = wanted.capitalize() if found[0][0].isupper() else wanted
        return word + found[1]

    return re.sub(pattern, put, text, flags=re.IGNORECASE)


def sentence_text(key: str, language: str) -> str:
    """Return the text of a key with its placeholders, or the key if it has no text."""
    return _word(key, known_language(language))


@lru_cache(maxsize=4096)
def _word(key: str, language: str) -> str:
    text: str = _catalogue(language).gettext(key)
    return text


@lru_cache(maxsize=256)
def known_language(language: str) -> str:
    """Return the language of the catalogue for a tag such as `fr-CA`, or else English."""
    short = language.replace("_", "-").partition("-")[0].lower()
    return short if short in LANGUAGES else LANGUAGES[0]


def help_text(text: str, language: str) -> str:
    """Return a text of the help in a language, or in English if it has no translation.

    Args:
        text: One paragraph or one line of the English help, on one line.
        language: One of `LANGUAGES`, also with a region.
    """
    known = known_language(language)
    if known == LANGUAGES[0] or not text:
        return text
    translated: str = _catalogue(known, "help").gettext(text)
    return translated


@cache
def _catalogue(language: str, domain: str = "accountmerge") -> Any:
    import gettext  # these are imported only when a message is read
    import io
    import pkgutil

    text = pkgutil.get_data("accountmerge.messages", f"locale/{language}/LC_MESSAGES/{domain}.mo")
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


@lru_cache(maxsize=4096)
def _parts(template: str) -> tuple[tuple[str, str | None, str], ...]:
    """Return the texts of a template, each with the placeholder after it and its form."""
    return tuple((text, name, form or "") for text, name, form, _ in string.Formatter().parse(template))


def _told(name: str, fact: Fact, form: str, facts: Mapping[str, Fact], language: str) -> str:
    """Return a fact in the form that a placeholder asks for."""
    if isinstance(language, ReaderLanguage):
        fact = language.fact(name, fact)
    if not form:
        if FACT_TYPES.get(name) in _INSTANTS:
            return _moment(str(fact), form, facts, language)
        return visible(", ".join(fact) if isinstance(fact, tuple) else str(fact))
    if form in _MOMENTS:
        return _moment(str(fact), form, facts, language)
    if not isinstance(fact, tuple):
        return _named(str(fact), form, language)
    return _joined(
        [visible(part) if form == "and" else _named(part, form, language) for part in fact], language
    )


def _moment(text: str, form: str, facts: Mapping[str, Fact], language: str) -> str:
    """Return a time in words, or the text as it is if it is none."""
    words = partial(_word, language=known_language(language))
    own = facts.get("zone") or facts.get("time_zone")
    if form == "wall":
        told = wall_words(text, words)
    elif form == "day":
        told = day_words(text, words)
    elif isinstance(language, ReaderLanguage):
        told = language.told_instant(text, own if isinstance(own, str) else None, words, named=form != "bare")
    else:
        told = _instant(
            text, own if isinstance(own, str) else UTC, known_language(language), named=form != "bare"
        )
    return visible(text) if told is None else told


def _named(text: str, form: str, language: str) -> str:
    """Return the text of a word in a family, or the word if it has none."""
    family = form.lower()
    name, _, rest = text.partition(".")
    if has_sentence(f"{family}.{text}", known_language(language)):
        told = _template(f"{family}.{text}", language, 1)
    elif rest and has_sentence(f"{family}.{name}", known_language(language)):
        told = f"{_template(f'{family}.{name}', language, 1)} ({visible(rest)})"
    else:
        return visible(text)
    return told[0].upper() + told[1:] if form[0].isupper() else told


def _joined(parts: list[str], language: str) -> str:
    """Return a list with a word before its last member, unless it goes on."""
    *most, last = parts or [""]
    if not most or last == "…":
        return ", ".join(parts)
    return f"{', '.join(most)} {_word('list.and', known_language(language))} {last}"


_INSTANTS = frozenset({"instant", "instant_or_empty"})
"""The types of facts that are told in words without a form, too."""
_MOMENTS = frozenset({"instant", "bare", "wall", "day"})
"""The forms of a fact that is a time."""
