"""Values of fields: which plain JSON value a field of a customer may be given by an edit or a rule."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from accountmerge.errors import InvalidValueError
from accountmerge.model.texts import FILLED_LINE, LINE, NOTE

if TYPE_CHECKING:
    from accountmerge.model.value_rules import Rule

TEXT_FIELDS = ("given_name", "family_name", "address")
"""The fields of a customer that hold one text."""
_TEXT_RULES = {"given_name": LINE, "family_name": LINE, "address": NOTE}


def fits(field: str, value: Any) -> bool:
    """Return whether a field of a customer may have a value, given as plain JSON; `None` fits no field here."""
    if field == "phones":
        return isinstance(value, list) and all(_keeps(FILLED_LINE, phone) for phone in value)
    if field == "birth_date":
        return isinstance(value, str) and is_date(value)
    return _keeps(_TEXT_RULES[field], value)


def is_date(text: str) -> bool:
    """Return whether text is a date such as `2026-03-02`."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _keeps(rule: Rule, value: Any) -> bool:
    try:
        rule.check(value)
    except InvalidValueError:
        return False
    return True
