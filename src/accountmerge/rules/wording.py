"""Wording: what a practice decides about its notices: contacts, what customers are called, zone, texts of its own.

Nothing is invented: a contact that is not given is named by its role alone.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from accountmerge.errors import InvalidValueError
from accountmerge.model.wall_time import find_zone
from accountmerge.rules.checked import is_text
from accountmerge.rules.roles import ROLES

NOTICE_FACTS: dict[str, frozenset[str]] = {
    "blackout_ahead": frozenset({"start", "end", "length", "new_email", "customer", "support_team"}),
    "manual_list": frozenset({"start", "end", "profile_id", "support_team"}),
    "new_log_in_open": frozenset({"new_email", "customer", "customer_service", "closed"}),
    "old_log_in_ends": frozenset({"closed", "new_email", "support_team"}),
}
"""The closed vocabulary of notices, and the placeholders that the subject and the body of each may have."""

NOTICE_TEXTS: dict[str, frozenset[str]] = {
    f"{kind}_{part}": facts for kind, facts in NOTICE_FACTS.items() for part in ("subject", "body")
}
"""By what a text of one's own is named, and the placeholders that it may have."""

Pairs = tuple[tuple[str, str], ...]
Given = Mapping[Any, str] | Iterable[tuple[str, str]]


def _pairs(field: str, given: Given, known: tuple[str, ...]) -> Pairs:
    """Return text by known names, sorted."""
    pairs: dict[str, str] = dict(given)
    if not all(isinstance(text, str) for pair in pairs.items() for text in pair):
        raise InvalidValueError("wrong_type", field=field, wanted="text")
    if not pairs.keys() <= set(known):
        raise InvalidValueError("not_one_of", field=field, allowed=known)
    return tuple(sorted(pairs.items()))


def _contacts(given: Given) -> Pairs:
    return _pairs("contacts", given, ROLES)


def _texts(given: Given) -> Pairs:
    return _pairs("texts", given, tuple(NOTICE_TEXTS))


def _has_known_placeholders(_: object, field: attrs.Attribute[Any], texts: Pairs) -> None:
    for name, text in texts:
        if not _placeholders(text) <= NOTICE_TEXTS[name]:
            raise InvalidValueError(
                "placeholder_unknown", field=field.name, name=name, allowed=tuple(sorted(NOTICE_TEXTS[name]))
            )


def _placeholders(text: str) -> set[str]:
    """Return the names in braces; of one that is more than a name, or of braces that do not match, no name."""
    try:
        parts = [part[1:] for part in string.Formatter().parse(text) if part[1] is not None]
    except ValueError:
        return {""}
    return {"" if layout or conversion else name or "" for name, layout, conversion in parts}


def _is_zone(_: object, __: attrs.Attribute[Any], name: str) -> None:
    if name:
        find_zone(name)


@attrs.frozen(repr=False, kw_only=True)
class Wording:
    """How the notices of a practice speak.

    Attributes:
        customer_label: What a customer is called, in the singular, in the language of the notices; empty: the
            library's own word.
        contacts: How each role is reached, by role; whatever a text should say, such as an address or a number.
            Without one, the text names the role.
        time_zone: The IANA zone in which times are shown; empty: that of the support team's business hours,
            which without rules is that of the profile's, or UTC.
        texts: Texts of one's own in the place of the library's, by the names in `NOTICE_TEXTS`, such as
            `blackout_ahead_subject`; with placeholders in braces.

    Raises:
        InvalidValueError: A role, a text, a placeholder or a zone is unknown, or something is no text.
    """

    customer_label: str = attrs.field(default="", validator=is_text)
    contacts: Pairs = attrs.field(default=(), converter=_contacts)
    time_zone: str = attrs.field(default="", validator=[is_text, _is_zone])
    texts: Pairs = attrs.field(default=(), converter=_texts, validator=_has_known_placeholders)

    def __repr__(self) -> str:
        return f"Wording({len(self.contacts)} contacts, {len(self.texts)} texts)"
