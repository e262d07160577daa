"""Checks of the types that a request is made of; a wrong fact is answered with a finding, a wrong type raises."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from accountmerge.errors import InvalidValueError
from accountmerge.model.emails import EmailAddress
from accountmerge.model.json_text import FrozenJson

if TYPE_CHECKING:
    from collections.abc import Callable

    import attrs


def is_text(_: object, field: attrs.Attribute[Any], value: object) -> None:
    """Refuse what is not text, or could not be written to a file.

    Raises:
        InvalidValueError: The value is no `str`, or has half of a character pair.
    """
    if not isinstance(value, str):
        raise InvalidValueError("wrong_type", field=field.name, wanted="text")
    FrozenJson.of(value)


def is_positive_integer(_: object, field: attrs.Attribute[Any], value: object) -> None:
    """Refuse what is not a whole number above zero.

    Raises:
        InvalidValueError: The value is no `int`, or not above zero.
    """
    if type(value) is not int or value <= 0:
        raise InvalidValueError("wrong_type", field=field.name, wanted="positive_whole_number")


def is_truth_value(_: object, field: attrs.Attribute[Any], value: object) -> None:
    """Refuse what is neither true nor false.

    Raises:
        InvalidValueError: The value is no `bool`.
    """
    if type(value) is not bool:
        raise InvalidValueError("wrong_type", field=field.name, wanted="truth_value")


def is_one_of(allowed: tuple[str, ...]) -> Callable[[object, attrs.Attribute[Any], object], None]:
    """Return a check that refuses what is not one of some words.

    Raises:
        InvalidValueError: The value is none of them; raised by the check.
    """

    def check(_: object, field: attrs.Attribute[Any], value: object) -> None:
        if value not in allowed:
            raise InvalidValueError("not_one_of", field=field.name, allowed=allowed)

    return check


def checked_address(address: str | EmailAddress, field: str) -> EmailAddress:
    """Return text as an address, malformed or not.

    Raises:
        InvalidValueError: It is neither text nor an address, or has half of a character pair.
    """
    if not isinstance(address, str | EmailAddress):
        raise InvalidValueError("wrong_type", field=field, wanted="text")
    found = EmailAddress(address)
    FrozenJson.of(found.text)  # refuses what could not be written to a file
    return found


def is_date(text: str) -> bool:
    """Tell whether text is a date such as `2026-03-02`."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
