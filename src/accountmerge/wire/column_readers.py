"""Column readers: many rows of one class read at once, column by column, where all of them are right.

A reader of rows asks several questions of each value, and a call for each question takes most of the time of loading.
Asked of a whole column they take a few: whether the ids of 500 rows are printable ASCII is one question to their joined
text, and a word of a vocabulary is one look-up. Words, zones and ids that repeat are shared on the way, so that a
loaded snapshot holds each of them once.

A column reader never reports a fault. It takes rows only if the reader of single rows would take each of them and give
equal values; otherwise it returns None, and the rows are read one by one, which finds every fault at its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from accountmerge.errors import Fault, InvalidValueError
from accountmerge.model.construction import column_maker
from accountmerge.model.json_text import LARGEST_INTEGER
from accountmerge.model.texts import IDENTIFIER, LABEL, LINE, LONGEST_ID, NOTE
from accountmerge.model.versions import VERSION
from accountmerge.model.wall_time import ZONE
from accountmerge.wire.class_readers import WireField, is_made_unchecked
from accountmerge.wire.faults import Faults

if TYPE_CHECKING:
    from accountmerge.model.value_rules import Rule

Column = list[Any]
Shared = dict[str, str]
"""Ids that were read and found right, so that those that repeat are held once."""
ColumnReader = Callable[[list[Any], Shared], list[Any] | None]

AT_ONCE = 512
"""Rows; enough to spread the cost of a question, and few enough to be near in memory and given up soon."""


def column_reader(cls: type, fields: tuple[WireField, ...]) -> ColumnReader | None:
    """Return what reads rows of a class at once; None for a class whose constructor has to see the values.

    Args:
        cls: The class.
        fields: How its fields are read, in their order.
    """
    if not is_made_unchecked(cls):
        return None
    make_all = column_maker(cls)
    takes = tuple((field, _column_of(field)) for field in fields)

    def read_rows(rows: list[Any], shared: Shared) -> list[Any] | None:
        if set(map(type, rows)) != {dict}:
            return None
        try:
            columns, keys = [], 0
            for field, take in takes:
                column, count = _read_column(rows, field, take, shared)
                columns.append(column)
                keys += count
            is_known = keys == sum(map(len, rows))
            return make_all(*columns) if is_known else None
        except (Fault, Faults, InvalidValueError, LookupError, TypeError, ValueError, ExceptionGroup):
            return None  # each row is read by itself, and its faults are found at their places

    return read_rows


_Take = Callable[[Column, Shared], Column]


def _read_column(rows: list[Any], field: WireField, take: _Take, shared: Shared) -> tuple[Column, int]:
    """Return the values of a field, and how many keys of the rows they were read from."""
    if field.read_columns is not None:
        columns = [[row[key] for row in rows] for key in field.keys]
        return field.read_columns(*columns), len(field.keys) * len(rows)
    (key,) = field.keys
    if field.is_required:
        return take([row[key] for row in rows], shared), len(rows)
    present = [row[key] for row in rows if key in row]
    if not present:
        return [field.default] * len(rows), 0
    values = take(present, shared)
    if len(present) < len(rows):
        following, default = iter(values), field.default
        values = [next(following) if key in row else default for row in rows]
    return values, len(present)


def _column_of(field: WireField) -> _Take:
    """Return what reads the column of a field: by its rule where a whole column can be asked, else value by value."""
    rule = field.rule
    if rule is not None:
        rule = rule.inner or rule
        if rule.allowed:
            return _words(rule)
        if rule is IDENTIFIER and field.name != "id":
            return _shared_ids
        if rule in _BY_RULE:
            return _BY_RULE[rule]
    read = field.read
    return lambda values, _: [read(value, None) for value in values]


def _words(rule: Rule) -> _Take:
    known = {word: word for word in rule.allowed}
    return lambda values, _: list(map(known.__getitem__, values))


def _is_plain(values: Column) -> bool:
    """Return whether all values are texts of printable ASCII alone.

    Raises:
        TypeError: One of them is no text.
    """
    joined = "".join(values)
    return joined.isascii() and joined.isprintable()


def _labels(values: Column, rule: Rule, longest: int | None) -> Column:
    lengths = set(map(len, values))
    is_short = longest is None or max(lengths) <= longest
    joined = "".join(values)
    if 0 not in lengths and is_short and joined.isascii() and joined.isprintable() and " " not in joined:
        return values
    return [rule.check(value) for value in values]


def _shared_ids(values: Column, shared: Shared) -> Column:
    try:
        return list(map(shared.__getitem__, values))
    except KeyError:
        ids = _labels(values, IDENTIFIER, LONGEST_ID)
        return list(map(shared.setdefault, ids, ids))


def _lines(rule: Rule) -> _Take:
    def take(values: Column, _: Shared) -> Column:
        return values if _is_plain(values) else [rule.check(value) for value in values]

    return take


def _versions(values: Column, _: Shared) -> Column:
    kinds = set(map(type, values))
    if kinds == {str}:
        return _labels(values, LABEL, None)
    if kinds == {int} and -LARGEST_INTEGER <= min(values) <= max(values) <= LARGEST_INTEGER:
        return values
    check = (VERSION.inner or VERSION).check
    return [check(value) for value in values]


class _Zones(dict[str, str]):
    """Zones that were found, each held once."""

    def __missing__(self, name: str) -> str:
        zone: str = ZONE.check(name)
        self[zone] = zone
        return zone


_zones = _Zones()


_BY_RULE: dict[Rule, _Take] = {
    IDENTIFIER: lambda values, _: _labels(values, IDENTIFIER, LONGEST_ID),
    LABEL: lambda values, _: _labels(values, LABEL, None),
    LINE: _lines(LINE),
    NOTE: _lines(NOTE),
    (VERSION.inner or VERSION): _versions,
    ZONE: lambda values, _: list(map(_zones.__getitem__, values)),
}
