"""Values of columns as text and as JSON, and back, by the type of the column."""

from __future__ import annotations

import enum
import uuid
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from accountmerge.model.json_text import LARGEST_INTEGER

_LONGEST_INTEGER = 19
"""The number of digits of the largest integer of 64 bits."""
_SECOND = timedelta(seconds=1)
INTERVALS = (sa.Interval, postgresql.INTERVAL)
"""The types of columns with a length of time; a table that is reflected has the second one."""


def text_of(raw: Any) -> str:
    """Return the text of a value of a column."""
    if type(raw) is str:
        return raw
    return raw.name if isinstance(raw, enum.Enum) else str(raw)


def as_column(column: sa.Column[Any], text: Any) -> Any:
    """Return text as a value of the type of a column. None if no value has this text."""
    found = from_json(column, text)
    return found if found is not None and text_of(found) == text else None


def is_whole_number(text: str) -> bool:
    """Return whether text is a whole number of 64 bits as Python writes it."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_INTEGER):
        return False
    return str(int(text)) == text and -(2**63) <= int(text) < 2**63


def as_json(raw: Any) -> Any:
    """Return a value of a column as JSON data; text if JSON has no other form of it."""
    if isinstance(raw, bool | str | dict | list):
        return raw
    if isinstance(raw, int):
        return raw if abs(raw) <= LARGEST_INTEGER else str(raw)
    if isinstance(raw, float):
        return raw if abs(raw) < float("inf") else str(raw)
    if isinstance(raw, datetime | date | time):
        return raw.isoformat()
    if isinstance(raw, timedelta):
        return raw / _SECOND
    return bytes(raw).hex() if isinstance(raw, bytes | memoryview) else text_of(raw)


def from_json(column: sa.Column[Any], value: Any) -> Any:
    """Return JSON data as a value of the type of a column. None if it cannot hold it."""
    kind = column.type
    for classes, convert in _CONVERSIONS:
        if isinstance(kind, classes):
            try:
                return convert(kind, value)
            except (ValueError, TypeError, ArithmeticError, AttributeError, LookupError):
                return None
    return None if isinstance(value, dict | list) else value


def _boolean(_: Any, value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _integer(_: Any, value: Any) -> int | None:
    if isinstance(value, str):
        return int(value) if is_whole_number(value) else None
    return value if type(value) is int else None


def _numeric(kind: Any, value: Any) -> Any:
    if isinstance(value, bool):
        return None
    return Decimal(str(value)) if kind.asdecimal else float(value)


def _moment(read: Callable[[str], Any]) -> Callable[[Any, Any], Any]:
    return lambda _, value: read(value)


def _interval(_: Any, value: Any) -> timedelta | None:
    return None if isinstance(value, bool) else round(value * 1_000_000) * timedelta(microseconds=1)


def _uuid(kind: Any, value: Any) -> Any:
    found = uuid.UUID(value)
    return found if kind.as_uuid else str(found)


def _enum(kind: Any, value: Any) -> Any:
    if kind.enum_class is not None:
        return kind.enum_class[value]
    return value if value in kind.enums else None


def _string(kind: Any, value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    return value if kind.length is None or len(value) <= kind.length else None


_CONVERSIONS: tuple[tuple[Any, Callable[[Any, Any], Any]], ...] = (
    (sa.JSON, lambda _, value: value),
    (sa.Boolean, _boolean),
    (sa.Integer, _integer),
    ((sa.Numeric, sa.Float), _numeric),
    (sa.DateTime, _moment(datetime.fromisoformat)),
    (sa.Date, _moment(date.fromisoformat)),
    (sa.Time, _moment(time.fromisoformat)),
    (INTERVALS, _interval),
    (sa.Uuid, _uuid),
    (sa.LargeBinary, _moment(bytes.fromhex)),
    (sa.Enum, _enum),
    (sa.String, _string),
)
"""How JSON data become a value of each type of column. The first type that fits counts."""


def time_for(column: sa.Column[Any], moment: datetime) -> Any:
    """Return a time as a value of the type of a column."""
    if isinstance(column.type, sa.DateTime):
        return moment
    return moment.date() if isinstance(column.type, sa.Date) else moment.isoformat(" ")
