"""Names in the form in which they are searched, and a check that a name is visible."""

from __future__ import annotations

import re
import unicodedata

_WHOLE_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "\u0131": "i"}
)
"""Letters that Unicode does not decompose, each as a keyboard without it writes it."""
_LONGEST = 1_000
"""Longest text in characters; to normalise a hundred times as many accents could take minutes."""
_INSIDE = "[-\u058a\u05be\u2010-\u2015\u2212'`\u2018\u2019\u02bb\u02bc]+"
"""Hyphens and apostrophes of several scripts, which divide a word into parts; a pattern that the first search compiles."""


def folded(text: str) -> str:
    """Return the beginning of a text in the form for searches, without accents, case and invisible characters."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text[:_LONGEST]).casefold())
    return "".join(filter(_counts, plain)).translate(_WHOLE_LETTERS)


def _counts(letter: str) -> bool:
    return letter.isascii() or not (unicodedata.combining(letter) or unicodedata.category(letter) == "Cf")


def word_parts(text: str) -> tuple[tuple[str, ...], ...]:
    """Return the folded words of a text, each as its parts, such as three for `O'Neill-Roy`."""
    words = (tuple(filter(None, re.split(_INSIDE, word))) for word in folded(text).split())
    return tuple(filter(None, words))


def name_parts(*names: str | None) -> tuple[str, ...]:
    """Return each part of each word and each word without its separators, sorted, for a search by name."""
    words = [parts for name in names if name for parts in word_parts(name)]
    return tuple(sorted({part for parts in words for part in (*parts, "".join(parts))}))


_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Fillers and the empty Braille pattern: letters and symbols in Unicode, but blank on every screen."""


def is_visible_name(text: object) -> bool:
    """Return whether a name is text with a visible character, and without control or format characters.

    A name of only spaces, accents without a letter or zero-width characters is invisible.
    """
    if not isinstance(text, str):
        return False
    categories = {letter: unicodedata.category(letter) for letter in set(text)}
    if any(category[0] == "C" for category in categories.values()):
        return False
    return any(
        category[0] in "LNPS" and letter not in _BLANK_LETTERS for letter, category in categories.items()
    )
