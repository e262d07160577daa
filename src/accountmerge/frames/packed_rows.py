"""Rows of tables as JSON text, as a snapshot file has them, or their faults."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import attrs
import polars as pl

from accountmerge.errors import Fault, LoadError
from accountmerge.frames.cells import Cells, word_key
from accountmerge.frames.columns import VERSION, VERSION_NUMBER, columns_of
from accountmerge.frames.frame_faults import FrameFaults
from accountmerge.frames.given_tables import OWN_ZONE, cells_of_table, given_table
from accountmerge.frames.links import text_column
from accountmerge.frames.reading import ColumnNames, WordNames, snapshot
from accountmerge.model.entities import KINDS, CollectionName, Entity, EntityKind
from accountmerge.model.instants import rfc3339
from accountmerge.wire.converter import model_converter
from accountmerge.wire.faults import faults_of

PACKED_SCHEMA: dict[str, Any] = {"collection": pl.String, "id": pl.String, "row": pl.String}
"""The columns of packed rows, the same for every table."""

KIND_OF_COLLECTION: dict[str, EntityKind] = {kind.collection: kind for kind in KINDS}

_FAULTS = ""
"""The key of the faults of a row that no file could have. No column has this name."""


@attrs.frozen
class Reading:
    """How the caller's tables are read, as `frames.snapshot` takes it.

    Attributes:
        zone: The zone of times without one, or None.
        columns: For each table, the caller's names of columns, each with ours.
        words: For each table and column, the caller's words, each with ours.
    """

    zone: str | None = None
    columns: ColumnNames = attrs.field(factory=dict)
    words: WordNames = attrs.field(factory=dict)

    def check(self, taken_at: datetime, given: Mapping[CollectionName, Iterable[str]]) -> None:
        """Refuse columns and names that `frames.snapshot` refuses, whatever the rows are.

        Args:
            taken_at: When the data were read.
            given: The columns of each table.

        Raises:
            LoadError: A column is unknown or missing.
            InvalidValueError: An argument has a wrong type or word.
        """
        empty: Any = {
            name: pl.DataFrame(schema=dict.fromkeys(names, pl.Null)) for name, names in given.items()
        }
        names: Any = {"columns": self.columns, "words": self.words}
        snapshot(taken_at=taken_at, zone=self.zone, **names, **empty)

    def renamed(self, name: CollectionName, columns: Iterable[str]) -> dict[str, str]:
        """Return our name of each column of a table that is read, by the caller's name."""
        ours = self.columns.get(name, {})
        names = {theirs: ours.get(theirs, theirs) for theirs in columns}
        return {theirs: known for theirs, known in names.items() if known}


def packed(name: CollectionName, rows: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Return rows of a table as JSON text, in the columns of `PACKED_SCHEMA`.

    Args:
        name: The table.
        rows: Its rows, with our names of columns.
        reading: How the rows are read.
    """
    own_zone = reading.zone in (None, OWN_ZONE)
    filled = frozenset() if own_zone else frozenset({OWN_ZONE})
    given = given_table(name, rows, {}, FrameFaults(), filled=filled)
    words = {
        column: {str(word_key(theirs)): ours for theirs, ours in pairs.items()}
        for column, pairs in reading.words.get(name, {}).items()
    }
    cells = {} if given is None else cells_of_table(given, reading.zone, words)
    instants = {column.name for column in columns_of(name) if column.form == "instant"}
    texts = [_row_text(cells, instants, row) for row in range(rows.height)]
    return rows.select(
        pl.lit(name).alias("collection"),
        text_column("id", rows.schema).alias("id"),
        pl.Series("row", texts, dtype=pl.String),
    )


def _row_text(cells: Mapping[str, Cells], instants: set[str], row: int) -> str:
    plain: dict[str, Any] = {}
    faults: list[Any] = []
    for name, column in cells.items():
        if row in column.bad:
            fault = column.bad[row].below(name)
            faults.append([fault.code, fault.path, dict(fault.facts)])
        value = column.values[row]
        if value is not None:
            plain[name] = rfc3339(value) if name in instants and type(value) is int else value
    number = plain.pop(VERSION_NUMBER, None)
    if number is not None:
        if VERSION in plain:
            faults.append(["frame_column_twice", VERSION, {"columns": [VERSION, VERSION_NUMBER]}])
        plain[VERSION] = number
    if faults:
        plain[_FAULTS] = faults
    return json.dumps(plain, ensure_ascii=False, default=list)


class RowReader:
    """A reader of packed rows, which reads equal rows once."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, str], Entity | LoadError] = {}

    def entities(
        self, rows: Iterator[tuple[str, str]], told: Callable[[str, str, Fault], None]
    ) -> dict[str, list[Any]]:
        """Return the entities of packed rows by table, and tell the faults of the others.

        Args:
            rows: The table and the text of each row.
            told: A function that is called with the table, the id and the fault.
        """
        collections: dict[str, list[Any]] = {kind.collection: [] for kind in KINDS}
        for name, text in rows:
            entity = self._read.get((name, text))
            if entity is None:
                entity = self._read[name, text] = _entity(name, text)
            if isinstance(entity, LoadError):
                for fault in entity.faults:
                    told(name, _id_in(text), fault)
            else:
                collections[name].append(entity)
        return collections


def _entity(name: str, text: str) -> Entity | LoadError:
    plain = json.loads(text)
    known = [Fault(code, path, **_facts(facts)) for code, path, facts in plain.pop(_FAULTS, ())]
    bad = {fault.path.partition(".")[0].partition("[")[0] for fault in known}
    try:
        entity: Entity = model_converter().structure(plain, KIND_OF_COLLECTION[name].cls)
    except Exception as error:  # noqa: BLE001 - what is no fault is raised again by faults_of
        known += [fault for fault in faults_of(error) if fault.path not in bad]
    else:
        if not known:
            return entity
    return LoadError(known)


def _facts(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(fact) if isinstance(fact, list) else fact for name, fact in facts.items()}


def _id_in(text: str) -> str:
    id = json.loads(text).get("id")
    return id if isinstance(id, str) else ""


def plain_text(row: dict[str, Any], nested: frozenset[str]) -> str:
    """Return a row as JSON text, without its nulls.

    Args:
        row: The values by column.
        nested: The columns that hold a list or an object: as such, or as JSON text.
    """
    plain = {
        key: _nested(value) if key in nested else value for key, value in row.items() if value is not None
    }
    return json.dumps(plain, ensure_ascii=False, default=_plain)


def _nested(value: Any) -> Any:
    """Return a nested value as plain data; text that is no JSON stays text, which the reader refuses."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return _without_absent(value)


def _without_absent(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_absent(item) for key, item in value.items() if item is not None}
    return [_without_absent(item) for item in value] if isinstance(value, list) else value


def _plain(value: Any) -> str:
    """Return a value that JSON does not have as text. An instant is in UTC."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    return value.isoformat() if isinstance(value, date) else str(value)
