"""JSON as an immutable value in canonical text, in which `0`, `false`, empty and absent differ."""

from __future__ import annotations

import json
from typing import Any, Self

import attrs

from accountmerge.errors import InvalidValueError

JsonScalar = str | int | float | bool | None

LARGEST_INTEGER = 2**53
"""The largest integer; other readers of JSON would round larger ones (RFC 8259 section 6)."""
DEEPEST = 64
"""The deepest nesting of a value; far deeper than any record needs."""


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def canonical(value: Any) -> str:
    """Write plain JSON data as canonical text, with sorted keys, no white space and minimal escapes."""
    return _ENCODER.encode(value)


@attrs.frozen(init=False, repr=False)
class FrozenJson:
    """Any JSON value, deeply immutable, compared by JSON type and value.

    `FrozenJson.of(0)` and `FrozenJson.of(False)` differ, though Python says `0 == False`; `1` and `1.0`
    are the same JSON number.

    Args:
        text: The value as JSON text; it is stored in canonical form. `of` takes plain data instead.

    Raises:
        InvalidValueError: The text is no JSON, or contains a value that `of` refuses.
    """

    text: str
    """The value as canonical JSON text."""

    def __init__(self, text: str) -> None:
        try:
            self.__attrs_init__(canonical(_checked(_parsed(text), DEEPEST)))
        except InvalidValueError as error:
            raise error.at("FrozenJson", "text") from None

    @classmethod
    def of_canonical(cls, text: str) -> Self:
        """Return the value of text that is known to be canonical."""
        made = cls.__new__(cls)
        made.__attrs_init__(text)
        return made

    @classmethod
    def of(cls, value: Any) -> Self:
        """Freeze plain JSON data (`dict`, `list`, `str`, `int`, `float`, `bool`, `None`).

        Raises:
            InvalidValueError: The value contains a NaN, an infinity, a lone surrogate, an integer beyond 2^53, a key
                that is no text, another Python type, or deeper nesting than `DEEPEST`.
        """
        return cls.of_canonical(canonical(_checked(value, DEEPEST)))

    @property
    def value(self) -> Any:
        """A fresh copy of the value as plain JSON data."""
        return json.loads(self.text)

    def __repr__(self) -> str:
        return f"FrozenJson({len(self.text)} characters)"


def absent_if_null(data: FrozenJson | None) -> FrozenJson | None:
    """Return the data of an entity, with None for the JSON value `null`; refuse other classes."""
    if data is not None and type(data) is not FrozenJson:
        raise InvalidValueError("wrong_type", wanted="frozen_json")
    return None if data is None or data.text == "null" else data


def _parsed(text: Any) -> Any:
    """Read JSON text as plain data; refuse repeated keys and text that is no JSON."""
    if not isinstance(text, str):
        raise InvalidValueError("wrong_type", of="FrozenJson", field="text", wanted="json_text")
    try:
        return json.loads(text, object_pairs_hook=_object)
    except (RecursionError, ValueError) as error:
        if isinstance(error, InvalidValueError):
            raise
        raise InvalidValueError("wrong_type", of="FrozenJson", field="text", wanted="json_text") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise InvalidValueError("wrong_type", of="FrozenJson", field="text", wanted="json_text")
    return members


def _checked(value: Any, levels: int) -> Any:
    """Return the value with whole floats as integers and texts as plain `str`, or refuse it."""
    kind = type(value)
    if isinstance(value, str):
        return _checked_text(str.__str__(value))
    if kind is int:
        return _checked_integer(value)
    if kind is bool or value is None:
        return value
    if kind is float:
        return _checked_float(value)
    if levels == 0:
        raise InvalidValueError("json_too_deep")
    if kind is dict:
        return {_checked_key(key): _checked(item, levels - 1) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [_checked(item, levels - 1) for item in value]
    raise InvalidValueError("json_type")


def _checked_key(key: Any) -> str:
    if not isinstance(key, str):
        raise InvalidValueError("json_type")
    return _checked_text(str.__str__(key))


def _checked_text(text: str) -> str:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise InvalidValueError("json_surrogate") from None
    return text


def _checked_integer(number: int) -> int:
    if not -LARGEST_INTEGER <= number <= LARGEST_INTEGER:
        raise InvalidValueError("json_integer")
    return number


def _checked_float(number: float) -> float | int:
    if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124 - only a NaN differs from itself
        raise InvalidValueError("json_not_a_number")
    return int(number) if number.is_integer() and abs(number) <= LARGEST_INTEGER else number


EMPTY_OBJECT = FrozenJson.of_canonical("{}")
