"""The rule for versions of entities, which a store writes as text or as a whole number."""

from __future__ import annotations

from typing import Any

from accountmerge.model.texts import LABEL
from accountmerge.model.value_rules import Rule, optional, whole_number, wrong_type


def _version(value: Any) -> str | int:
    if isinstance(value, str):
        text: str = LABEL.check(value)
        return text
    if type(value) is not int:
        raise wrong_type("text_or_whole_number")
    return whole_number(value)


VERSION = optional(Rule("version", _version))
"""Text as a label, a whole number that every reader of JSON keeps, or `None`."""
