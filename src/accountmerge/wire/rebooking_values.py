"""Rebooking values: what stands behind a label of a rebooking message, read one by one.

Each reader gives what a value is compared by and the value itself, or nothing if it does not understand all of it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from accountmerge.messages import LANGUAGES, sentence
from accountmerge.model.appointments import MODALITIES, Modality
from accountmerge.model.emails import EmailAddress
from accountmerge.model.names import folded
from accountmerge.rules.rebooking_words import MODALITY_WORDS, NO_INITIALS

if TYPE_CHECKING:
    from collections.abc import Callable

    from accountmerge.rules.rebooking_words import RebookingField

_LONGEST = 400
"""Characters of a value; an address has 320 at the most."""
_MOST_INITIALS = 6
_MOST_SMALL_INITIALS = 3
"""Letters of a word that may be initials if it is not written in capitals."""
_INITIALS = re.compile(r"[^\W\d_](?:[^\W\d_]|[.\- '\u2019])*")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_DECORATION = ' \t*_`"\u201c\u201d\u00ab\u00bb\u00a0'
_BEFORE_ADDRESS = f"{_DECORATION}<>()[]'\u2018\u2019,;"
_AFTER_ADDRESS = f"{_BEFORE_ADDRESS}."

Reading = tuple[str, str] | None
"""What a value is compared by, and the value; nothing if it is not understood."""


def read_number(text: str, prefixes: tuple[str, ...]) -> Reading:
    """Read an appointment number: with the prefix `APP-`, `APP 12` and `app-12` are `APP-12`.

    Args:
        text: What stands behind the label.
        prefixes: With which letters a number begins, in the order of trying; an empty one allows digits alone.
    """
    plain = " ".join(folded(_bare(text)).translate(_DASHES).split())
    for prefix in prefixes:
        match = _number_pattern(prefix).fullmatch(plain)
        if match:
            number = f"{prefix}{match[1]}"
            return number, number
    return None


@cache
def _number_pattern(prefix: str) -> re.Pattern[str]:
    letters = folded(prefix).translate(_DASHES).strip(" -")
    gap = "[ -]*" if letters else ""
    return re.compile(f"#? ?{re.escape(letters)}{gap}([0-9]{{1,30}})")


def read_initials(text: str) -> Reading:
    """Read initials: a few letters, and no word that may be a name, says that there are none or offers a choice."""
    bare = _bare(text)
    composed = unicodedata.normalize("NFC", bare)
    letters = "".join(filter(str.isalpha, composed))
    words = [word for word in re.split(r"[^\w]+", composed) if len(word) > 1]
    if len(letters) > _MOST_INITIALS or not _INITIALS.fullmatch(composed) or " - " in composed:
        return None
    if len(words) > 1 or not all(map(_may_be_initials, words)) or _is_placeholder(letters):
        return None
    return folded(letters), bare


def _may_be_initials(word: str) -> bool:
    """Tell whether a word of several letters may be initials that are written without dots."""
    is_short = len(word) <= _MOST_SMALL_INITIALS and not word[0].isupper()
    return (word.isupper() or is_short) and folded(word) not in NO_INITIALS


def _is_placeholder(letters: str) -> bool:
    """Tell whether letters are those of a form that nobody filled in, or of words such as n.a."""
    is_of_form = len(letters) > 1 and set(folded(letters)) == {"x"}
    return is_of_form or (letters.islower() and letters in NO_INITIALS)


def read_modality(text: str) -> Reading:
    """Read a modality by any of its names."""
    found = _modalities().get(_plain(text))
    return (found, found) if found else None


def read_address(text: str) -> Reading:
    """Read an address just as it is, or else without what mail programs put around one."""
    if len(text) > _LONGEST:
        return None
    # A dot in front is no end of a sentence: without it, it would be somebody else's address.
    bare = text.lstrip(_BEFORE_ADDRESS).rstrip(_AFTER_ADDRESS)
    for spelling in (text.strip(), bare, bare.removeprefix("mailto:")):
        address = EmailAddress(spelling)
        if address.is_valid:
            return address.mailbox, spelling
    return None


READERS: dict[RebookingField, Callable[[str], Reading]] = {
    "initials": read_initials,
    "modality": read_modality,
    "old_email": read_address,
    "new_email": read_address,
}
"""What reads the value of each field that is no number and no time."""


def _bare(text: str) -> str:
    """Return a value without what decorates it; nothing of one that is too long."""
    return text.strip(_DECORATION) if len(text) <= _LONGEST else ""


@cache
def _modalities() -> dict[str, Modality]:
    """Return what modalities are called: as messages are written in all languages, and otherwise."""
    written = {
        _plain(sentence(f"modality.{modality}", {}, language)): modality
        for language in LANGUAGES
        for modality in MODALITIES
    }
    return MODALITY_WORDS | written


def _plain(text: str) -> str:
    return " ".join(re.findall("[a-z0-9]+", folded(_bare(text))))
