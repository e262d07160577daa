"""Plans of many groups on one machine, from frames in memory or files that are read in columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs
import narwhals as nw
import polars as pl

from accountmerge.errors import Fault, LoadError
from accountmerge.frames import polars_frames
from accountmerge.frames.group_plans import MEMBER_SCHEMA, PARTS, RESULT_SCHEMA, Task, planned
from accountmerge.frames.links import LINK_SCHEMA, Wanted, links_in, text_column
from accountmerge.frames.packed_rows import PACKED_SCHEMA, Reading, packed
from accountmerge.model.entities import CollectionName

Progress = Callable[[int, int], None]
"""A function that is called with the number of groups that are done, and the number of all groups."""

GROUPS_AT_A_TIME = 200
"""The groups whose rows are in memory as values at one time; so many that a call costs little beside the plans."""


def lazy_frame(native: Any) -> pl.LazyFrame:
    """Return a frame of any library as a lazy frame of polars. A lazy frame is not read."""
    return native if isinstance(native, pl.LazyFrame) else polars_frames.polars_frame(native).lazy()


def _table(name: CollectionName, native: Any) -> pl.LazyFrame:
    try:
        return lazy_frame(native)
    except Fault as fault:
        raise LoadError([fault.below(name)]) from None


def like(native: Any, frame: pl.DataFrame) -> Any:
    """Return a frame of polars as one of pandas or pyarrow, if the caller's frame is one."""
    implementation = nw.from_native(native).implementation
    if implementation.is_pandas_like():
        return nw.from_native(frame).to_pandas()
    return frame.to_arrow() if implementation.is_pyarrow() else frame


@attrs.frozen
class LocalTables:
    """The tables on one machine.

    Attributes:
        frames: The tables that were given, by name, with our names of columns.
        reading: How they are read.
        template: A frame of the caller, whose library the result has.
    """

    frames: Mapping[CollectionName, pl.LazyFrame]
    reading: Reading
    template: Any

    @classmethod
    def of(cls, natives: Mapping[CollectionName, Any], reading: Reading, taken_at: datetime) -> LocalTables:
        """Return the tables of any library that narwhals knows."""
        frames = {name: _table(name, native) for name, native in natives.items()}
        columns = {name: frame.collect_schema().names() for name, frame in frames.items()}
        reading.check(taken_at, columns)
        for name, frame in frames.items():
            ours = reading.renamed(name, columns[name])
            frames[name] = frame.select(pl.col(theirs).alias(known) for theirs, known in ours.items())
        return cls(frames, reading, next(iter(natives.values()), pl.DataFrame()))

    def links(self, wanted: Wanted) -> pl.DataFrame:
        """Return the links that may answer some questions."""
        asked = [
            links_in(name, self.frames[name], columns)
            for name, columns in wanted.items()
            if name in self.frames
        ]
        return pl.concat(pl.collect_all(asked)) if asked else pl.DataFrame(schema=LINK_SCHEMA)

    def planned(
        self,
        members: pl.DataFrame,
        fixed: pl.DataFrame,
        extra: pl.DataFrame,
        task: Task,
        progress: Progress | None,
    ) -> dict[str, Any]:
        """Return the frames of the result.

        Args:
            members: The group, the table and the id of each row that a group needs.
            fixed: Further rows of groups, in the columns of `MEMBER_SCHEMA`.
            extra: Further rows of the result.
            task: The arguments of all plans.
            progress: A function that is told how many groups are done.
        """
        rows = self._packed(members)
        total = fixed.get_column("group").n_unique()
        results = [extra]
        numbers = sorted(fixed.get_column("group").unique())
        for start in range(0, total, GROUPS_AT_A_TIME):
            low, high = numbers[start], numbers[min(start + GROUPS_AT_A_TIME, total) - 1]
            some = members.filter(pl.col("group").is_between(low, high))
            joined = some.join(rows, on=["collection", "id"], how="inner").select(list(MEMBER_SCHEMA))
            given = fixed.filter(pl.col("group").is_between(low, high))
            results.append(planned(pl.concat([joined, given]), task))
            if progress is not None:
                progress(min(start + GROUPS_AT_A_TIME, total), total)
        result = pl.concat(results)
        return {name: like(self.template, part) for name, part in parts(result)}

    def _packed(self, members: pl.DataFrame) -> pl.DataFrame:
        """Return the rows that any group needs, each once."""
        found = [pl.DataFrame(schema=PACKED_SCHEMA)]
        for name, frame in self.frames.items():
            ids = members.filter(pl.col("collection") == name).select("id").unique()
            if ids.height:
                id = text_column("id", frame.collect_schema())
                held = frame.filter(id.is_in(ids.get_column("id").implode()).fill_null(value=False))
                found.append(packed(name, held.collect(), self.reading))
        return pl.concat(found)


def parts(result: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield each frame of the result with its name, sorted."""
    for name, columns in PARTS.items():
        rows = result.filter(pl.col("part") == name).select(list(columns))
        keys = [key for key in ("group", "order", "request", "step", "edit") if key in columns]
        yield name, rows.sort(keys, maintain_order=True, nulls_last=True)


def empty_result() -> pl.DataFrame:
    """Return a result without rows."""
    return pl.DataFrame(schema=RESULT_SCHEMA)
