"""Tables of a snapshot in the frames of each engine, and the hostile rows that laws add to drawn ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import polars as pl

import accountmerge as am
from accountmerge.model.identifiers import derived_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LONGEST = "é" * 200
"""The longest id that the model takes, of letters with two bytes each."""
_SYDNEY_TWICE = (datetime(2026, 4, 4, 15, 30, tzinfo=UTC), datetime(2026, 4, 4, 16, 30, tzinfo=UTC))
"""The two instants at which clocks in Sydney show 02:30 on 5 April 2026."""


def hostile(snapshot: am.Snapshot) -> am.Snapshot:
    """Return a snapshot with rows that frames could spoil: each one is there in every draw."""
    profile = snapshot.profiles.sorted()[0]
    ends = [
        (
            datetime(9999, 12, 31, 23, 59, 59, 999_998, tzinfo=UTC),
            datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        ),
        (datetime(1, 1, 1, tzinfo=UTC), datetime(1, 1, 1, 0, 0, 0, 1, tzinfo=UTC)),
        _SYDNEY_TWICE,
        (_SYDNEY_TWICE[1], datetime(2026, 4, 4, 17, 30, 0, 7, tzinfo=UTC)),
    ]
    names = (LONGEST, "日本 語", "00123", "nan")
    customer = am.Customer(
        id=LONGEST,
        record_number="007",
        emails=[am.CustomerEmail("zoë@example.org", "former", LONGEST), am.CustomerEmail("a b", "secondary")],
        phones=["", "+61 400 000 000"][1:],
        attributes=am.model.FrozenJson.of({"null": None, "no": False, "zero": 0, "text": "0"}),
        given_name="",
        status="active",
        version="1",
    )
    rows: list[Any] = [customer]
    for (start, end), name in zip(ends, names, strict=True):
        rows.append(
            am.Appointment(
                id=f"{derived_id('appointment', name)}",
                number=name,
                profile_id=profile.id,
                customer_id=LONGEST,
                slot=am.TimeSlot(start, end),
                time_zone="Australia/Sydney",
                modality="video",
                status="completed",
                local_start=datetime(2026, 4, 5, 2, 30),  # noqa: DTZ001
                data=am.model.FrozenJson.of({"a": [None, {"b": "\u2028"}]}),
                version=2**53,
            )
        )
    return snapshot.changed(rows)


def pandas_with_numpy(table: pl.DataFrame) -> Any:
    """Return a frame of pandas with types of NumPy, so that text and numbers with nulls are objects and floats."""
    frame = table.to_pandas()
    return frame.astype({name: object for name, kind in table.schema.items() if kind == pl.String})


def pandas_with_arrow(table: pl.DataFrame) -> Any:
    return table.to_pandas(use_pyarrow_extension_array=True)


def pandas_with_objects(table: pl.DataFrame) -> Any:
    """Return a frame of pandas in which every value is a Python object, also a time."""
    return pd.DataFrame({name: pd.Series(table[name].to_list(), dtype=object) for name in table.columns})


def duckdb_relation(table: pl.DataFrame) -> Any:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'America/Toronto'")
    return connection.from_arrow(table.to_arrow())


ENGINES: Mapping[str, Callable[[pl.DataFrame], Any]] = {
    "polars": lambda table: table,
    "polars, lazy": lambda table: table.lazy(),
    "pandas, NumPy": pandas_with_numpy,
    "pandas, pyarrow": pandas_with_arrow,
    "pandas, objects": pandas_with_objects,
    "pyarrow": lambda table: table.to_arrow(),
    "DuckDB": duckdb_relation,
}
"""The function from a polars frame to the same frame of each engine."""


def in_engine(name: str, tables: Mapping[Any, pl.DataFrame]) -> dict[str, Any]:
    return {table: ENGINES[name](frame) for table, frame in tables.items()}
