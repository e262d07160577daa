"""Columns of the frames that results become, and how a frame is built from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, Literal, NamedTuple, get_args

import attrs
import polars as pl

from accountmerge.errors import InvalidValueError
from accountmerge.messages import PRIVATE_FACTS, Facts
from accountmerge.messages.facts import FACT_TYPES, FactType
from accountmerge.model.instants import microseconds, parse_rfc3339
from accountmerge.model.json_text import FrozenJson, canonical
from accountmerge.model.wall_times import find_zone

CellType = Literal["text", "json", "instant", "whole number", "number", "truth"]
CELL_TYPES: tuple[CellType, ...] = get_args(CellType)
"""The types of a column. `json` is text in canonical JSON."""

DATA_TYPES: dict[CellType, pl.DataType] = {
    "text": pl.String(),
    "json": pl.String(),
    "instant": pl.Datetime("us", "UTC"),
    "whole number": pl.Int64(),
    "number": pl.Float64(),
    "truth": pl.Boolean(),
}
"""The data type of each type of column in polars."""

TYPE_OF_FACT: dict[FactType, CellType] = {
    "id": "text",
    "ids": "json",
    "instant": "instant",
    "instant_or_empty": "instant",
    "number": "whole number",
    "word": "text",
    "words": "json",
    "text": "text",
    "version": "json",
}
"""The type of the column of a fact, by the type of the fact."""

HIDDEN_FACTS = PRIVATE_FACTS | {"digest"}
"""Facts with a personal value, or with a digest of one that has no key."""


class Line(NamedTuple):
    """One value that becomes a row, with the plan or the result that contains it.

    Attributes:
        value: The value.
        plan_id: The id of the plan that has it, or None.
        member: The number of a member of a cohort or of a group of a batch, or None.
        step: The ordinal of the step that has it, or None.
        zone: The zone of the practitioner's hours, or None.
        owner: A further value from which columns are read, such as the step of an edit.
    """

    value: Any
    plan_id: str | None = None
    member: int | None = None
    step: int | None = None
    zone: str | None = None
    owner: Any = None


class Asked(NamedTuple):
    """The wishes of a caller.

    Attributes:
        values: Whether columns with personal values are wanted.
        language: The language of sentences.
        zone: The zone of all instants, or None for UTC.
    """

    values: bool
    language: str
    zone: str | None


@attrs.frozen(eq=False)
class RowColumn:
    """A column of a frame.

    Attributes:
        name: Its name.
        type: The type of its cells. Each may also be null.
        meaning: A phrase for the documentation.
        read: Return the cell of a line.
        personal: Whether it may hold a personal value. Such a column is only in a frame with values.
    """

    name: str
    type: CellType
    meaning: str
    read: Callable[[Line, Asked], Any]
    personal: bool = False

    def series(self, lines: Iterable[Line], asked: Asked) -> pl.Series:
        """Return the cells of lines as a series."""
        stored = _STORED[self.type]
        cells = (self.read(line, asked) for line in lines)
        values = [None if cell is None else stored(cell) for cell in cells]
        if self.type != "instant":
            return pl.Series(self.name, values, DATA_TYPES[self.type])
        series = pl.Series(self.name, values, pl.Int64()).cast(DATA_TYPES["instant"])
        return series if asked.zone is None else series.dt.convert_time_zone(asked.zone)


@attrs.frozen(eq=False)
class RowKind:
    """The frame of one class of result.

    Attributes:
        cls: The class of the values that become rows.
        rows: A sentence for the documentation that says which rows there are.
        columns: The columns, in their order.
        parts: By class of a value that contains such rows, a function that returns the lines.
    """

    cls: type
    rows: str
    columns: tuple[RowColumn, ...]
    parts: Mapping[type, Callable[[Any], Iterable[Line]]] = attrs.field(factory=dict)

    def frame(self, lines: Sequence[Line], asked: Asked) -> pl.DataFrame:
        """Return lines as a frame, without personal columns unless values are wanted."""
        shown = (column for column in self.columns if asked.values or not column.personal)
        return pl.DataFrame([column.series(lines, asked) for column in shown])


def _text(cell: Any) -> str:
    return str.__str__(cell)


def _json(cell: Any) -> str:
    return cell.text if isinstance(cell, FrozenJson) else canonical(cell)


def _instant(cell: int | str | datetime) -> int:
    if isinstance(cell, int):
        return cell
    return parse_rfc3339(cell) if isinstance(cell, str) else microseconds(cell)


_STORED: dict[CellType, Callable[[Any], Any]] = {
    "text": _text,
    "json": _json,
    "instant": _instant,
    "whole number": int,
    "number": float,
    "truth": bool,
}


def known_zone(zone: str | None) -> str | None:
    """Return the zone of a frame, or None for UTC, and refuse an unknown name.

    Raises:
        InvalidValueError: There is no such zone.
    """
    if zone is None:
        return None
    try:
        if not isinstance(zone, str):
            raise InvalidValueError("wrong_type", wanted="text")
        find_zone(zone)
        pl.Series([0], dtype=DATA_TYPES["instant"]).dt.convert_time_zone(zone)
    except pl.exceptions.PolarsError:
        raise InvalidValueError("zone_unknown", field="zone") from None
    except InvalidValueError as error:
        raise InvalidValueError(error.code, **{**error.facts, "field": "zone"}) from None
    return zone


def column(
    name: str,
    kind: CellType,
    meaning: str,
    source: str | Callable[[Any], Any] | None = None,
    *,
    personal: bool = False,
) -> RowColumn:
    """Return a column that is read from the value of a line.

    Args:
        name: Its name.
        kind: The type of its cells.
        meaning: A phrase for the documentation.
        source: An attribute of the value, with dots for inner ones, or a function of the value. Default: the name.
        personal: Whether it may hold a personal value.
    """
    get = source if callable(source) else attrgetter(source or name)
    return RowColumn(name, kind, meaning, lambda line, _: get(line.value), personal)


def text(
    name: str, meaning: str, source: str | Callable[[Any], Any] | None = None, *, personal: bool = False
) -> RowColumn:
    """Return a column of texts, ids and words."""
    return column(name, "text", meaning, source, personal=personal)


def count(name: str, meaning: str, source: Callable[[Any], Any]) -> RowColumn:
    """Return a column with the number of the values that a function returns."""
    return column(name, "whole number", meaning, lambda value: len(source(value)))


def sentence_column(name: str, meaning: str, method: str = "describe") -> RowColumn:
    """Return a column with the sentence that a method of the value says in the wanted language."""
    return RowColumn(name, "text", meaning, lambda line, asked: getattr(line.value, method)(asked.language))


def fact_columns(
    names: str, source: Callable[[Any], Facts] = attrgetter("facts"), *, of: Mapping[str, str] | None = None
) -> tuple[RowColumn, ...]:
    """Return a column for each of some facts, typed as the fact is.

    Args:
        names: Names of facts, with spaces between them.
        source: A function of the value that returns its facts.
        of: Other meanings than those of `FACT_MEANINGS`, by name.
    """
    meanings = {**FACT_MEANINGS, **(of or {})}
    return tuple(_fact_column(name, source, meanings[name]) for name in names.split())


def _fact_column(name: str, source: Callable[[Any], Facts], meaning: str) -> RowColumn:
    kind = TYPE_OF_FACT[FACT_TYPES[name]]

    def read(line: Line, _: Asked) -> Any:
        fact = source(line.value).get(name)
        return None if fact == "" and kind == "instant" else fact

    return RowColumn(name, kind, meaning, read)


def all_facts(source: Callable[[Any], Facts] = attrgetter("facts")) -> RowColumn:
    """Return the column with all facts as one JSON object; those with a personal value only with values."""

    def read(line: Line, asked: Asked) -> Any:
        facts = source(line.value).items()
        return {name: fact for name, fact in facts if asked.values or name not in HIDDEN_FACTS}

    return RowColumn("facts", "json", "all facts, as an object", read)


FACT_MEANINGS: dict[str, str] = {
    "appointment_id": "the appointment",
    "count": "a number of things",
    "customer_id": "the customer",
    "end": "the end of the time",
    "entity": "the kind of the entity",
    "first_id": "the earlier booking",
    "id": "the entity",
    "local_start": "the promised start, as clocks show it",
    "practitioner_id": "the practitioner",
    "profile_id": "the profile",
    "second_id": "the later booking",
    "start": "the start of the time",
}
"""The meaning of each fact that is a column of its own."""

MEMBER = RowColumn(
    "member",
    "whole number",
    "the number of the member of a cohort, or of the group of a batch",
    lambda line, _: line.member,
)
PLAN_ID = RowColumn("plan_id", "text", "the plan", lambda line, _: line.plan_id)
STEP = RowColumn("step", "whole number", "the ordinal of the step", lambda line, _: line.step)
ZONE = RowColumn("time_zone", "text", "the zone of the practitioner's hours", lambda line, _: line.zone)
OF_A_PLAN = (MEMBER, PLAN_ID)


def only(values: Iterable[Any]) -> Any:
    """Return the value that all of some values are, or None if they differ or there is none."""
    found = set(values)
    return found.pop() if len(found) == 1 else None
