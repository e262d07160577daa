"""The frames of results: every result has one, with the same columns for any rows, and only with its own values."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime, time
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs
import polars as pl
import pytest
from hypothesis import given, settings

import accountmerge as am
from accountmerge import frames
from accountmerge.frames.row_columns import CELL_TYPES, DATA_TYPES, HIDDEN_FACTS, RowKind
from accountmerge.frames.row_frames import FIRST_ROWS, ROW_KINDS, containers_of
from accountmerge.messages import FACT_TYPES, Facts
from accountmerge.model.entities import ENTITY_NAMES, KIND_OF_CLASS, KINDS
from accountmerge.model.instants import RFC3339, microseconds, parse_rfc3339, rfc3339
from accountmerge.testing.strategies import (
    busy,
    customer_cases,
    merge_cases,
    migration_cases,
    rebooking_cases,
)
from canaries import (
    CANARY,
    merge_of_canaries,
    migration_of_canaries,
    rebooking_of_canaries,
    shown_in,
    small_plan_of_canaries,
)
from frame_results import Result, of_case, of_texts
from measuring import try_law
from small_values import NOON, appointment, slot, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis import strategies as st

CASES: dict[str, st.SearchStrategy[Any]] = {
    "migration": busy(migration_cases(max_appointments=5).map(migration_of_canaries)),
    "merge": merge_cases(max_appointments=4, max_records=5).map(merge_of_canaries),
    "small plan": customer_cases().map(small_plan_of_canaries),
    "rebooking": rebooking_cases().map(rebooking_of_canaries),
}
EXAMPLES = 8 if settings().max_examples <= 40 else settings().max_examples // 10
"""A case has about a hundred results, and each result a few frames."""
SEEN: Counter[type] = Counter()
"""The rows of each class that the law has looked at."""


def frame_of(result: Result, *, values: bool) -> pl.DataFrame:
    return frames.rows(result.value, of=result.of, values=values)


@cache
def empty_schema(rows: type, *, values: bool) -> pl.Schema:
    return frames.rows((), of=rows, values=values).schema


@pytest.mark.parametrize("kind", CASES)
def test_the_frame_of_a_result_has_a_row_for_each_object_with_its_values_and_nobody_elses(kind: str) -> None:
    """In one law, because drawing a case takes longer than looking at it."""
    with_values = 0

    @settings(max_examples=EXAMPLES)
    @given(CASES[kind])
    def law(case: Any) -> None:
        nonlocal with_values
        _LOOKED_AT.clear()
        for result in of_case(case):
            whole, shown = frame_of(result, values=True), frame_of(result, values=False)
            assert len(whole) == len(shown) == len(result.objects), result
            assert whole.schema == empty_schema(result.rows, values=True)
            assert shown.schema == empty_schema(result.rows, values=False)
            assert not shown_in(shown.write_csv())
            with_values += bool(CANARY.search(whole.write_csv()))
            _every_value_is_of_its_object(result, whole)
            SEEN[result.rows] += len(whole)

    try_law(law)
    assert with_values > EXAMPLES


def _every_value_is_of_its_object(result: Result, frame: pl.DataFrame) -> None:
    """Show that each cell is what the attribute or the fact of its name says, or else a part of the object."""
    if result.rows in KIND_OF_CLASS:
        return
    types = {column.name: column.type for column in ROW_KINDS[result.rows].columns}
    for thing, row in zip(result.objects, frame.iter_rows(named=True), strict=True):
        for name, cell in row.items():
            if cell is None or name in SPOKEN:
                continue
            value, said = plain(cell, types[name]), said_by(thing, name, types[name])
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


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, str):
        yield value
        if value.count(" ") == 2:  # the promised time with its zone
            yield value.rpartition(" ")[2]
        if RFC3339.fullmatch(value):
            yield parse_rfc3339(value)
    elif value is None or isinstance(value, int | float):
        yield value
    elif isinstance(value, am.TimeSlot):
        yield from (
            "start",
            "end",
            value.start_us,
            value.end_us,
            rfc3339(value.start_us),
            rfc3339(value.end_us),
        )
    elif isinstance(value, datetime):
        yield from (value.isoformat(),) if value.tzinfo is None else (microseconds(value), rfc3339(value))
    elif isinstance(value, date | time):
        yield from (value.isoformat(), value.isoformat()[:5])
    elif isinstance(value, am.model.FrozenJson):
        yield from _parts(value.value)
    elif isinstance(value, dict | Facts):
        yield from value
        yield from (part for item in value.values() for part in _parts(item))
    elif isinstance(value, tuple | list):
        yield from (part for item in value for part in parts_of(item))
    elif isinstance(value, am.Snapshot):
        yield from (part for kind in KINDS for row in value.table(kind.collection) for part in parts_of(row))
    elif isinstance(value, am.AccountMergeError):
        yield from _parts(
            tuple(getattr(value, "failures", getattr(value, "faults", (value.facts, value.code))))
        )
    elif attrs.has(type(value)):
        yield from _of_fields(value)


def _of_fields(value: Any) -> Iterator[Any]:
    for field in attrs.fields(type(value)):
        yield field.name
        yield from parts_of(getattr(value, field.name))
    for cls in type(value).__mro__:
        for name, member in vars(cls).items():
            if isinstance(member, property) and name in SAID:
                yield from _parts(getattr(value, name))


SAID = ("id", "plan_id", "op", "entity", "subject", "changed_fields", "text", "key", "source", "remedy")
"""Properties that a column shows."""
