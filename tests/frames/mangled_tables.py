"""Rows of a snapshot file that are mangled, and the same rows as frames."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import polars as pl
from hypothesis import strategies as st

from accountmerge.frames.columns import columns_of
from accountmerge.model.entities import KINDS
from full_documents import as_json, full_snapshot, places, removed, replaced, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from full_documents import Place

TABLES = tuple(kind.collection for kind in KINDS)
FULL = as_json(full_snapshot())
_ROWS = [place for place in places(FULL) if place[0] in TABLES and len(place) > 2]
_DEEP = 5
"""Places with as many keys have a part of the wrong values, because there are many such places."""
_JSON = {
    (column.table, column.name)
    for kind in KINDS
    for column in columns_of(kind.collection)
    if column.form == "json"
}
_TIMES = {
    (column.table, column.name)
    for kind in KINDS
    for column in columns_of(kind.collection)
    if column.form in ("instant", "wall_time", "date")
}

_ANY = [
    *(
        True,
        {"a": 2**60},
        1.5,
        [],
        {},
        "",
        " outer",
        "a\x00b",
        "\ud800",
        "x" * 300,
        "No Such Word",
        "Mars/Olympus",
        "Q9",
        "C2",
        "A1",
    ),
    *("2026-03-02T12:00:00", "2026-03-02T25:00:00Z", "2026-13-02", "tomorrow", "9999-12-31T23:59:59-12:00"),
    *([{}], [1], {"a": [1]}, {"a": {"a": 1}}, ["x", ""], "1990-2-3", "2026-03-02T12:00:00.1234567Z"),
]
_WRONG: dict[str, list[Any]] = {
    "id": ["P1", "P2", "C1", "A1", "A2", "R1", "X1", True],
    "end": ["2026-03-02T00:00:00Z", "2020-01-01T00:00:00Z"],
}
"""Values that are wrong in themselves, or against others."""


@st.composite
def mangled(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a snapshot file with one to four values of its rows replaced, removed or added."""
    data = FULL
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.sampled_from(_ROWS))
        way = draw(st.sampled_from(("replace", "replace", "replace", "remove", "repeat", "add")))
        try:
            value_at(data, place)
        except (LookupError, TypeError):
            continue
        if way == "remove" and isinstance(place[-1], str):
            data = removed(data, place)
        elif way == "add":
            data = replaced(data, (*place[:2], "colour"), "red")
        elif way == "repeat":
            table = str(place[0])
            data = replaced(data, (table,), [*data[table], data[table][int(place[1])]])
        else:
            data = replaced(data, place, draw(st.sampled_from(_wrong_at(place))))
    return dict(data)


def _wrong_at(place: Place) -> list[Any]:
    return _WRONG.get(str(place[-1]), []) + _ANY


def all_mangled(table: str) -> Iterator[dict[str, Any]]:
    """Yield a snapshot file for each key of a table, with one row for each wrong value of the key and one without it."""
    for place in (place for place in _ROWS if place[:2] == (table, 0)):
        twins = []
        wrong = _wrong_at(place)[:: 1 if len(place) < _DEEP else 4]
        for number, value in enumerate([*wrong, None]):
            row = json.loads(json.dumps(FULL[table][0]))
            row["id"] = f"Z{number}"
            inner = value_at(row, place[2:-1])
            if value is None:
                del inner[place[-1]]
            else:
                inner[place[-1]] = value
            twins.append(row)
        yield {**FULL, table: [*FULL[table], *twins]}


def as_tables(data: dict[str, Any]) -> dict[str, Any]:
    """Return the rows of a file as polars frames: nested values as JSON text, others as they are."""
    return {table: _as_table(table, data[table]) for table in TABLES}


def _as_table(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    names = list(dict.fromkeys(key for row in rows for key in row))
    return pl.DataFrame([_series(name, [_cell(table, name, row) for row in rows]) for name in names])


def _cell(table: str, name: str, row: dict[str, Any]) -> Any:
    if name not in row:
        return None
    return json.dumps(row[name]) if (table, name) in _JSON else row[name]


def _series(name: str, values: list[Any]) -> pl.Series:
    kinds = {type(value) for value in values} - {type(None)}
    if kinds == {str} and not any("\ud800" in value for value in values if value):
        return pl.Series(name, values, dtype=pl.String)
    return pl.Series(name, values, dtype=pl.Object)
