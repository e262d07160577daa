"""Rows of tables as JSON text, as a snapshot file has them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import attrs
import polars as pl

from accountmerge.errors import Fault, LoadError
from accountmerge.model.entities import KINDS, CollectionName, Entity, EntityKind
from accountmerge.documents.entity_rows import entity_from_json

PACKED_SCHEMA: dict[str, Any] = {"collection": pl.String, "id": pl.String, "row": pl.String}
"""The columns of packed rows, the same for every table."""

KIND_OF_COLLECTION: dict[str, EntityKind] = {kind.collection: kind for kind in KINDS}

NESTED = frozenset(
    {"hours", "unavailable", "data", "former_record_numbers", "emails", "phones", "opt_outs", "attributes"}
)
"""The columns that hold JSON text in a flat frame."""


def wire_columns(name: CollectionName) -> tuple[str, ...]:
    """Return the keys that a row of a table may have in a snapshot file."""
    fields = (field.name for field in attrs.fields(KIND_OF_COLLECTION[name].cls))
    return tuple(key for field in fields for key in (("start", "end") if field == "slot" else (field,)))


def packed(name: CollectionName, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows of a table as JSON text, in the columns of `PACKED_SCHEMA`.

    Columns that the model does not know are left out. A null is an absent key.
    """
    known = [column for column in wire_columns(name) if column in rows.columns]
    texts = [plain_text(row, NESTED) for row in rows.select(known).iter_rows(named=True)]
    ids = rows.get_column("id").cast(pl.String) if "id" in rows.columns else [None] * len(texts)
    return pl.DataFrame({"id": ids, "row": texts}, schema_overrides={"id": pl.String, "row": pl.String}).select(
        pl.lit(name).alias("collection"), "id", "row"
    )


def plain_text(row: dict[str, Any], nested: frozenset[str]) -> str:
    """Return a row as JSON text, without its nulls.

    Args:
        row: The values by column.
        nested: The columns that hold a list or an object: as such, or as JSON text.
    """
    plain = {key: _read(value) if key in nested else value for key, value in row.items() if value is not None}
    return json.dumps(plain, ensure_ascii=False, default=_plain)


def _read(value: Any) -> Any:
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
    """Return a value that JSON does not know as text; an instant in UTC, a time without zone without one."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    return value.isoformat() if isinstance(value, date) else str(value)


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
    try:
        return entity_from_json(KIND_OF_COLLECTION[name].name, json.loads(text))
    except LoadError as error:
        return error


def _id_in(text: str) -> str:
    id = json.loads(text).get("id")
    return id if isinstance(id, str) else ""
