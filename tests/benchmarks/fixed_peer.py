"""The fixed peer: values of plain classes made from ready arguments, and written once with bare cattrs and json.

It depends on the shape of the values alone, not on what the library does with them, so that a ratio to it today can be
compared with one of any earlier release.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs
from cattrs import Converter

if TYPE_CHECKING:
    from collections.abc import Callable

    import accountmerge as am

Parts = tuple[Any, ...]
"""A value taken apart: its plain class and the parts of its fields; of a tuple, None and the parts of its items."""


@cache
def plain_class(cls: Any) -> type:
    """Return the plain twin of a class of attrs: the same fields, frozen and slotted, without any check."""
    fields = {field.name: attrs.field() for field in attrs.fields(cls)}
    return attrs.make_class(cls.__name__, fields, frozen=True, slots=True)


def taken_apart(value: Any) -> Any:
    """Return the ready arguments of a value and of all values in it; a slot, an address and the like stay whole."""
    if isinstance(value, tuple):
        return (None, [taken_apart(item) for item in value])
    if isinstance(value, Mapping):
        return (dict, dict(value))
    if attrs.has(type(value)):
        cls: Any = type(value)
        names = [field.name for field in attrs.fields(cls)]
        return (plain_class(cls), [taken_apart(getattr(value, name)) for name in names])
    return value


def put_together(parts: Any) -> Any:
    """Make all values again, by nothing but the constructors of plain classes."""
    if type(parts) is not tuple:
        return parts
    cls, inner = parts
    if cls is dict:
        return dict(inner)
    values = [put_together(part) if type(part) is tuple else part for part in inner]
    return tuple(values) if cls is None else cls(*values)


def plain_converter() -> Converter:
    """Return a converter with the hooks without which it could not write the values at all."""
    converter = Converter()
    converter.register_unstructure_hook_func(
        lambda kind: isinstance(kind, type) and issubclass(kind, datetime), datetime.isoformat
    )
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_unstructure_hook(time, time.isoformat)
    return converter


def peer_of(change_set: am.ChangeSet) -> Callable[[], str]:
    """Return what makes the steps of a change set again as plain values, and writes them once."""
    parts, converter = taken_apart(change_set.steps), plain_converter()

    def made_and_written() -> str:
        return json.dumps(converter.unstructure(put_together(parts)), ensure_ascii=False, sort_keys=True)

    return made_and_written
