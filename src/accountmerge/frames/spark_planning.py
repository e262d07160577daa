"""Plans of many groups on a Spark cluster, by functions that take and return Arrow tables.

Spark is the caller's: its session comes with the frames. The workers need this library with its extra `frames`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from threading import Thread
from typing import Any

import attrs
import polars as pl

from accountmerge.frames.group_plans import MEMBER_SCHEMA, PARTS, RESULT_SCHEMA, Task, planned
from accountmerge.frames.links import COLUMNS, LINK_SCHEMA, SINGLE_EMAILS, Wanted, links_in
from accountmerge.frames.local_planning import Progress, lazy_frame
from accountmerge.frames.packed_rows import Reading, packed
from accountmerge.model.entities import CollectionName

GROUPS_AT_A_TIME = 50
"""The groups that a worker plans in one call. Spark spreads the calls, so they are smaller than on one machine."""
_BROADCAST_ROWS = 1_000_000
"""The most rows of members that are sent to every worker, about 100 MB; more are joined by a shuffle."""
_SECONDS = 0.5
"""The time between two calls that tell progress."""
_GROUP = "accountmerge_group"
_TYPES: dict[Any, str] = {
    pl.Int64: "bigint",
    pl.String: "string",
    pl.Boolean: "boolean",
}


def _ddl(schema: Mapping[str, Any]) -> str:
    return ", ".join(f"`{name}` {_TYPES[dtype]}" for name, dtype in schema.items())


def _arrow(frame: pl.DataFrame) -> Any:
    """Return a frame as an Arrow table with the plain types that every Spark takes."""
    import pyarrow as pa

    plain = {pl.Int64: pa.int64(), pl.String: pa.string(), pl.Boolean: pa.bool_()}
    types = [plain[type(dtype)] for dtype in frame.dtypes]
    return frame.to_arrow().cast(pa.schema(zip(frame.columns, types, strict=True)))


def _polars(table: Any) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table gives no series
    return frame


def link_reader(name: CollectionName, wanted: Mapping[str, frozenset[str]]) -> Callable[[Iterable[Any]], Any]:
    """Return the function for `mapInArrow` that reads the links of a table."""

    def read(batches: Iterable[Any]) -> Iterator[Any]:
        for batch in batches:
            links = links_in(name, _polars(batch).lazy(), wanted).collect()
            yield from _arrow(links).to_batches()

    return read


def row_packer(name: CollectionName, reading: Reading) -> Callable[[Iterable[Any]], Any]:
    """Return the function for `mapInArrow` that writes the rows of a table, with their groups, as JSON text."""

    def pack(batches: Iterable[Any]) -> Iterator[Any]:
        for batch in batches:
            rows = _polars(batch)
            members = packed(name, rows.drop(_GROUP), reading).with_columns(
                rows.get_column(_GROUP).alias("group")
            )
            yield from _arrow(members.select(list(MEMBER_SCHEMA))).to_batches()

    return pack


def group_planner(task: Task, done: Any = None) -> Callable[[Any], Any]:
    """Return the function for `applyInArrow` that plans the groups of one bucket.

    Args:
        task: The arguments of all plans.
        done: An accumulator that counts the groups, or None.
    """

    def plan(members: Any) -> Any:
        rows = _polars(members)
        result = planned(rows.select(list(MEMBER_SCHEMA)), task)
        if done is not None:
            done.add(rows.get_column("group").n_unique())
        return _arrow(result)

    return plan


@attrs.frozen
class SparkTables:
    """The tables on a cluster.

    Attributes:
        frames: The tables that were given, by name, with our names of columns.
        reading: How they are read.
        session: The session of Spark that they are read in.
    """

    frames: Mapping[CollectionName, Any]
    reading: Reading
    session: Any

    @classmethod
    def of(cls, natives: Mapping[CollectionName, Any], reading: Reading, taken_at: datetime) -> SparkTables:
        """Return tables, of which at least one is Spark's; the others are sent to the cluster."""
        session = next(native.sparkSession for native in natives.values() if hasattr(native, "sparkSession"))
        frames = {
            name: native
            if hasattr(native, "sparkSession")
            else session.createDataFrame(
                lazy_frame(native).collect().to_arrow(compat_level=pl.CompatLevel.oldest())
            )
            for name, native in natives.items()
        }
        reading.check(taken_at, {name: frame.columns for name, frame in frames.items()})
        for name, frame in frames.items():
            ours = reading.renamed(name, frame.columns)
            frames[name] = frame.select([frame[theirs].alias(known) for theirs, known in ours.items()])
        return cls(frames, reading, session)

    def links(self, wanted: Wanted) -> pl.DataFrame:
        """Return the links that may answer some questions, read in one job."""
        asked = None
        for name, columns in wanted.items():
            frame = self.frames.get(name)
            if frame is None:
                continue
            known = [column for column in ("id", *COLUMNS[name], *SINGLE_EMAILS) if column in frame.columns]
            some = frame.select(*known).mapInArrow(link_reader(name, columns), _ddl(LINK_SCHEMA))
            asked = some if asked is None else asked.unionAll(some)
        if asked is None:
            return pl.DataFrame(schema=LINK_SCHEMA)
        return _polars(asked.toArrow())

    def planned(
        self,
        members: pl.DataFrame,
        fixed: pl.DataFrame,
        extra: pl.DataFrame,
        task: Task,
        progress: Progress | None,
    ) -> dict[str, Any]:
        """Return the frames of the result, which Spark keeps."""
        total = fixed.get_column("group").n_unique()
        rows = self._frame(fixed, MEMBER_SCHEMA)
        for name, frame in self.frames.items():
            rows = rows.unionAll(self._packed(name, frame, members))
        buckets = max(1, -(-total // GROUPS_AT_A_TIME))
        done = None if progress is None else self.session.sparkContext.accumulator(0)
        bucketed = rows.withColumn("bucket", rows["group"] % buckets)
        result = bucketed.groupBy("bucket").applyInArrow(group_planner(task, done), _ddl(RESULT_SCHEMA))
        if extra.height:
            result = result.unionAll(self._frame(extra, RESULT_SCHEMA))
        result = result.persist()
        if progress is not None:
            _watched(result.count, done, total, progress)
        return {
            name: result.where(result["part"] == name).select(*columns) for name, columns in PARTS.items()
        }

    def _packed(self, name: CollectionName, frame: Any, members: pl.DataFrame) -> Any:
        """Return the rows of a table that groups need, once for each group."""
        from pyspark.sql import functions

        own = members.filter(pl.col("collection") == name).select(
            pl.col("group").alias(_GROUP), pl.col("id").alias(f"{_GROUP}_id")
        )
        asked = self._frame(own, dict(own.schema))
        if own.height <= _BROADCAST_ROWS:
            asked = functions.broadcast(asked)
        joined = frame.join(asked, id_text(frame) == asked[f"{_GROUP}_id"])
        packer = row_packer(name, self.reading)
        return joined.drop(f"{_GROUP}_id").mapInArrow(packer, _ddl(MEMBER_SCHEMA))

    def _frame(self, frame: pl.DataFrame, schema: Mapping[str, Any]) -> Any:
        return self.session.createDataFrame(_arrow(frame), schema=_ddl(schema))


def id_text(frame: Any) -> Any:
    """Return the ids of a frame as text; a whole number is text without a point."""
    whole = frame["id"].cast("bigint") if dict(frame.dtypes)["id"] in ("double", "float") else frame["id"]
    return whole.cast("string")


def _watched(action: Callable[[], Any], done: Any, total: int, progress: Progress) -> None:
    """Run an action, and tell its progress until it ends. A task that Spark repeats counts once at most."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            action()
        except BaseException as error:  # noqa: BLE001 - raised again below, in the thread of the caller
            raised.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_SECONDS)
        progress(min(done.value, total), total)
    if raised:
        raise raised[0]
