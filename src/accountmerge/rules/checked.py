"""Checks of the types that a request is made of; a wrong fact is answered with a finding, a wrong type raises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accountmerge.errors import InvalidValueError
from accountmerge.model.json_text import FrozenJson

if TYPE_CHECKING:
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
