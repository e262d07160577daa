"""Initials: whether those of a request fit the names of a customer."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from accountmerge.model.names import folded, word_parts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accountmerge.model.customers import Customer


def have_names(customer: Customer) -> bool:
    """Tell whether there is any name that initials could fit."""
    return bool(_initials_of(customer.given_name) or _initials_of(customer.family_name))


def initials_fit(text: str, customer: Customer) -> bool:
    """Tell whether initials are those of a customer.

    Accents, case, dots and the order of given and family name do not count; middle names and the parts of a
    name such as `de la Cruz` may be left out. Where only one name is known, the initials have to begin or end
    with it.
    """
    letters = _letters(text)
    given, family = _initials_of(customer.given_name), _initials_of(customer.family_name)
    cuts = [(letters[:cut], letters[cut:]) for cut in range(1, len(letters))]
    if given and family:
        return any(
            _is_taken_from(first, one) and _is_taken_from(last, other)
            for first, last in cuts
            for one, other in ((given, family), (family, given))
        )
    known = given or family
    parts = [letters, *(part for cut in cuts for part in cut)]
    return any(part and _is_taken_from(part, known) for part in parts)


def _letters(text: str) -> str:
    """Return the letters of initials, each as the first letter of a name is compared."""
    composed = unicodedata.normalize("NFC", text[:_LONGEST])
    return "".join(folded(letter)[:1] for letter in composed if letter.isalpha())


_LONGEST = 100
"""Characters of initials that are looked at; nobody has so many."""


def _initials_of(name: str | None) -> str:
    """Return the first letters of all parts of a name."""
    return "".join(part[0] for parts in word_parts(name or "") for part in parts)


def _is_taken_from(letters: str, initials: Iterable[str]) -> bool:
    """Tell whether letters are some of the initials, in their order."""
    rest = iter(initials)
    return all(letter in rest for letter in letters)
