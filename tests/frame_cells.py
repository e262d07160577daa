"""Compare the cells of a frame with the objects that its rows are about."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import attrs

import accountmerge as am
from accountmerge.frames.row_frames import ROW_KINDS
from accountmerge.messages import Facts
from accountmerge.model.entities import ENTITY_NAMES, KIND_OF_CLASS, KINDS
from accountmerge.model.instants import RFC3339, microseconds, parse_rfc3339, rfc3339

if TYPE_CHECKING:
    import polars as pl

    from frame_results import Result


def every_value_is_of_its_object(result: Result, frame: pl.DataFrame) -> None:
    """Show that each cell is what the attribute or the fact of its name says, or else a part of the object."""
    if result.rows in KIND_OF_CLASS:
        return
    types = {column.name: column.type for column in ROW_KINDS[result.rows].columns}
    for thing, row in zip(result.objects, frame.iter_rows(named=True), strict=True):
        for name, cell in row.items():
            if name in SPOKEN:
                continue
            said = said_by(thing, name, types[name])
            if cell is None:
                assert said in (ABSENT, None, row.get(f"{name}_number")), name  # a version may be a number
                continue
            value = plain(cell, types[name])
            if said is not ABSENT:
                assert value == (len(said) if isinstance(said, list) and isinstance(value, int) else said), (
                    name
                )
            elif types[name] not in ("whole number", "number", "truth"):
                strange = set(_parts(value)) - WORDS - parts_of(thing)
                assert not strange or strange <= parts_of(result.value), (name, value)


SPOKEN = ("description", "advice", "remedy")
"""Columns of sentences."""
WORDS = frozenset(
    {*("profile", "portal", "customer", "booking", "history", "record", "route", "manual"), *ENTITY_NAMES}
    | {"old", "new", "customer_service", "unknown", "booked_meanwhile"}
)
"""Words of the frames themselves."""
SLOTS = ("slot", "overlap", "window", "blackout")
"""Attributes that hold the time of an object."""
ABSENT = object()


def said_by(thing: Any, name: str, kind: str) -> Any:
    """Return what an object says of itself under a name, as plain data."""
    if isinstance(thing, am.DoubleBooking) and name.startswith(("first_", "second_")):
        which, _, name = name.partition("_")
        thing = getattr(thing, which)
    value, facts = getattr(thing, name, ABSENT), getattr(thing, "facts", None)
    if value is ABSENT and isinstance(facts, Facts) and name in facts:
        fact = plain(facts[name])
        return parse_rfc3339(fact) if kind == "instant" else fact
    if value is ABSENT and name in ("start", "end"):
        image = (thing.after or thing.before) if isinstance(thing, am.changes.Edit) else thing
        found = [getattr(image, slot) for slot in SLOTS if getattr(image, slot, None) is not None]
        return plain(getattr(found[0], name)) if found else ABSENT
    if value is ABSENT or callable(value):
        return ABSENT
    said = plain(value)
    return ABSENT if attrs.has(type(said)) else said


def plain(value: Any, kind: str = "") -> Any:
    """Return a value or a cell as plain data in which instants are microseconds."""
    if kind == "json":
        return json.loads(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return microseconds(value)
    if isinstance(value, am.model.FrozenJson):
        return value.value
    if isinstance(value, am.model.EmailAddress):
        return value.text
    if isinstance(value, Facts):
        return {name: plain(fact) for name, fact in value.items()}
    return [plain(item) for item in value] if isinstance(value, tuple) else value


_LOOKED_AT: dict[int, tuple[Any, frozenset[Any]]] = {}
"""The parts of the values of one case, by the number of the value, which is kept so that no other one gets it."""


def parts_of(value: Any) -> frozenset[Any]:
    """Return every text, number and instant in a value, also those of its properties."""
    if id(value) not in _LOOKED_AT:
        _LOOKED_AT[id(value)] = (value, frozenset(_parts(value)))
    return _LOOKED_AT[id(value)][1]


def forget() -> None:
    """Forget the parts of earlier values."""
    _LOOKED_AT.clear()


def _parts(value: Any) -> Iterator[Any]:
    """Yield the parts of a value by its class."""
    for cls, read in _READERS.items():
        if isinstance(value, cls):
            yield from read(value)
            return
    if attrs.has(type(value)):
        yield from _of_fields(value)


def _of_text(value: str) -> Iterator[Any]:
    yield value
    if value.count(" ") == 2:  # the promised time with its zone
        yield value.rpartition(" ")[2]
    if RFC3339.fullmatch(value):
        yield parse_rfc3339(value)


def _of_slot(value: am.TimeSlot) -> Iterator[Any]:
    yield from ("start", "end")
    yield from (value.start_us, value.end_us, rfc3339(value.start_us), rfc3339(value.end_us))


def _of_time(value: datetime) -> Iterator[Any]:
    yield from (value.isoformat(),) if value.tzinfo is None else (microseconds(value), rfc3339(value))


def _of_names(value: Any) -> Iterator[Any]:
    yield from value
    yield from (part for item in value.values() for part in _parts(item))


def _of_snapshot(value: am.Snapshot) -> Iterator[Any]:
    return (part for kind in KINDS for row in value.table(kind.collection) for part in parts_of(row))


def _of_error(value: am.AccountMergeError) -> Iterator[Any]:
    told: Any = value
    yield from _parts(tuple(getattr(told, "failures", getattr(told, "faults", (told.code, told.facts)))))
    yield getattr(told, "path", None)


def _of_fields(value: Any) -> Iterator[Any]:
    for field in attrs.fields(type(value)):
        yield field.name
        yield from parts_of(getattr(value, field.name))
    for cls in type(value).__mro__:
        for name, member in vars(cls).items():
            if isinstance(member, property) and name in SAID:
                yield from _parts(getattr(value, name))


_READERS: dict[Any, Callable[[Any], Iterator[Any]]] = {
    str: _of_text,
    int | float | None: lambda value: iter((value,)),
    am.TimeSlot: _of_slot,
    datetime: _of_time,
    date | time: lambda value: iter((value.isoformat(), value.isoformat()[:5])),
    am.model.FrozenJson: lambda value: _parts(value.value),
    dict | Facts: _of_names,
    tuple | list: lambda value: (part for item in value for part in parts_of(item)),
    am.Snapshot: _of_snapshot,
    am.AccountMergeError: _of_error,
}

SAID = ("id", "plan_id", "op", "entity", "subject", "changed_fields", "text", "key", "source", "remedy")
"""Properties that a column shows."""
