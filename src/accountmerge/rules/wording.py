"""Wording: what a practice decides about its notices: contacts, what customers are called, zone, texts of its own.

Nothing is invented: a contact that is not given is named by its role alone.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from accountmerge.errors import InvalidValueError
from accountmerge.model.texts import LABEL, LINE, NOTE, plain_text
from accountmerge.model.value_rules import Rule, checked, listed
from accountmerge.model.wall_time import ZONE
from accountmerge.rules.migration_requests import text_pairs
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


def _pairs(given: Given, known: tuple[str, ...]) -> Pairs:
    """Return text by known names, sorted."""
    pairs = {plain_text(name): NOTE.check(text) for name, text in text_pairs(given)}
    if not pairs.keys() <= set(known):
        raise InvalidValueError("not_one_of", allowed=known)
    return tuple(sorted(pairs.items()))


def _contacts(given: Given) -> Pairs:
    return _pairs(given, ROLES)


def _texts(given: Given) -> Pairs:
    pairs = _pairs(given, tuple(NOTICE_TEXTS))
    for name, text in pairs:
        if not _placeholders(text) <= NOTICE_TEXTS[name]:
            allowed = tuple(sorted(NOTICE_TEXTS[name]))
            raise InvalidValueError("placeholder_unknown", name=name, allowed=allowed)
    return pairs


def _number_prefixes(prefixes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(LABEL.check(prefix) if prefix else "" for prefix in listed(prefixes)))


def _placeholders(text: str) -> set[str]:
    """Return the names in braces; of one that is more than a name, or of braces that do not match, no name."""
    try:
        parts = [part[1:] for part in string.Formatter().parse(text) if part[1] is not None]
    except ValueError:
        return {""}
    return {"" if layout or conversion else name or "" for name, layout, conversion in parts}


_ZONE_OR_EMPTY = Rule("zone_or_empty", lambda name: "" if name == "" else ZONE.check(name))


@attrs.frozen(
    repr=False,
    kw_only=True,
    field_transformer=checked(customer_label=LINE, time_zone=_ZONE_OR_EMPTY),
)
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
        number_prefixes: With which letters an appointment number begins before its digits, in the order of trying;
            an empty one means that digits alone are a number. Default: `APP-` and `ASST-`.

    Raises:
        InvalidValueError: A role, a text, a placeholder or a zone is unknown, or something is no text.
    """

    customer_label: str = ""
    contacts: Pairs = attrs.field(default=(), converter=_contacts)
    time_zone: str = ""
    texts: Pairs = attrs.field(default=(), converter=_texts)
    number_prefixes: tuple[str, ...] = attrs.field(default=("APP-", "ASST-"), converter=_number_prefixes)

    def __repr__(self) -> str:
        return f"Wording({len(self.contacts)} contacts, {len(self.texts)} texts)"
