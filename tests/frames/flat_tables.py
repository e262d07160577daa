"""The tables of a snapshot as flat frames of polars: nested values are JSON text, absent ones null."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from accountmerge.documents.snapshots import written_snapshot
from accountmerge.frames.links import COLUMNS
from accountmerge.frames.packed_rows import NESTED, wire_columns
from accountmerge.model.entities import KINDS

if TYPE_CHECKING:
    import accountmerge as am

INSTANTS = ("start", "end", "created_at", "since", "requested_at", "expires_at", "decided_at", "merged_at")


def flat_tables(snapshot: am.Snapshot) -> dict[str, pl.DataFrame]:
    """Return the six tables of a snapshot. A version is text, as one column has one type."""
    document = written_snapshot(snapshot)
    return {kind.collection: _flat(kind.collection, document[kind.collection]) for kind in KINDS}


def _flat(name: Any, rows: list[dict[str, Any]]) -> pl.DataFrame:
    columns = wire_columns(name)
    assert set(COLUMNS[name]) <= set(columns)
    values = [{column: _value(column, row.get(column)) for column in columns} for row in rows]
    schema: Any = {
        column: pl.Datetime("us", "UTC") if column in INSTANTS else pl.String for column in columns
    }
    return pl.DataFrame(values, schema=schema, orient="row")


def _value(column: str, value: Any) -> Any:
    if value is None:
        return None
    if column in NESTED:
        return json.dumps(value)
    return datetime.fromisoformat(value) if column in INSTANTS else str(value)
