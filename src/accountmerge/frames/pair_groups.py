"""Groups of ids that pairs connect."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from accountmerge.errors import InvalidValueError
from accountmerge.frames.booking_columns import plain_keys
from accountmerge.frames.engines import collected, in_engine, known_frame
from accountmerge.frames.packed_slots import IntArray


def groups(pairs: Any, *, left: str = "first_id", right: str = "second_id") -> Any:
    """Return the ids that pairs connect, directly or through others, with the group of each.

    Args:
        pairs: A frame with two columns of ids, such as `pairs` of `double_bookings`, or matches of another program.
        left: The column with the first id of each pair.
        right: The column with the second id.

    Returns:
        A frame of the same engine with the columns `id` and `group`, one row for each id, sorted by group and id. A
        group is named by its least id.

    Raises:
        InvalidValueError: The value is no frame, a column is missing, or an id is.

    Takes time in proportion to the pairs, but for sorting the ids. A lazy frame is read into memory.
    """
    frame = known_frame("pairs", pairs)
    present = frame.collect_schema().names()
    missing = tuple(name for name in (left, right) if name not in present)
    if missing:
        raise InvalidValueError("frame_columns_missing", columns=missing)
    rows: Any = frame.select(nw.col(left).alias("left"), nw.col(right).alias("right"))
    ends = collected(rows)
    for name, column in ((left, ends["left"]), (right, ends["right"])):
        if column.null_count():
            raise InvalidValueError("frame_values_missing", column=name, count=column.null_count())
    first, second = plain_keys(ends["left"]), plain_keys(ends["right"])
    ids = pl.concat([first, second.cast(first.dtype)]).unique().sort()
    codes = pl.DataFrame({"id": ids, "code": np.arange(len(ids))})
    least = least_connected(
        len(ids), *(_coded(column, codes) for column in (first, second.cast(first.dtype)))
    )
    found = pl.DataFrame({"id": ids, "group": ids.gather(least)}).sort("group", "id")
    return in_engine(found, frame)


def _coded(ids: pl.Series, codes: pl.DataFrame) -> IntArray:
    joined = ids.to_frame("id").join(codes, on="id", how="left", maintain_order="left")
    return joined["code"].to_numpy()


def least_connected(count: int, first: IntArray, second: IntArray) -> IntArray:
    """Return the least node that pairs connect each node with.

    In each round, every root that is paired with a lesser one is put under it, and chains are shortened.

    Args:
        count: The number of nodes.
        first: The first node of each pair.
        second: The second node of each pair.
    """
    parent = np.arange(count)
    while True:
        one, other = parent[first], parent[second]
        apart = one != other
        if not apart.any():
            return parent
        first, second = one[apart], other[apart]
        np.minimum.at(parent, np.maximum(first, second), np.minimum(first, second))
        while (shorter := parent[parent]).tobytes() != parent.tobytes():
            parent = shorter
