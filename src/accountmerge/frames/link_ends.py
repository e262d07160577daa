"""Ends of chains of links, for merged customers and rebooked appointments."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from accountmerge.frames.packed_slots import IntArray


def ends_of(onward: IntArray) -> IntArray:
    """Return the last node of the chain from each node.

    Of a circle, and of all chains into it, the last node is the least node of the circle. Takes O(n log n) for n nodes.

    Args:
        onward: The next node of each node; the node itself if it has none.
    """
    last = onward.copy()
    for _ in range(len(onward).bit_length()):
        last = last[last]
    least = np.arange(len(onward))
    seen: set[int] = set()
    for start in np.unique(last[onward[last] != last]).tolist():  # one node or more of each circle
        circle = [start]
        while start not in seen and (node := int(onward[circle[-1]])) != start:
            circle.append(node)
        if start not in seen:
            least[circle] = min(circle)
            seen.update(circle)
    return least[last]


def end_ids(links: Mapping[object, object]) -> dict[object, object]:
    """Return the last id of the chain from each id that has a link."""
    if not links:
        return {}
    frame = pl.DataFrame({"id": list(links), "onward": list(links.values())}, strict=False)
    if frame.schema["id"] != frame.schema["onward"]:
        frame = frame.cast(pl.String)
    nodes = pl.concat([frame["id"], frame["onward"]]).unique().sort()
    ends = nodes.gather(ends_of(_onward(nodes, frame))[_codes(nodes, frame["id"])])
    return dict(zip(frame["id"], ends, strict=True))


def booking_roots(links: pl.DataFrame) -> pl.DataFrame:
    """Return the first appointment of each chain of rebookings, which identifies the booking.

    Either half of a link is enough. A row that replaces another one follows that link; other rows follow the least id
    of the rows that they are named in. An id without a row of its own is an end.

    Args:
        links: The columns `id`, `replaces` and `replaced_by` of all rows that have a link.

    Returns:
        The columns `id`, and `root` with a number for each booking, of all rows and all ids that a link names.
    """
    own = links.filter(pl.col("replaces").is_not_null()).select("id", onward="replaces")
    named = links.filter(pl.col("replaced_by").is_not_null()).select(id="replaced_by", onward="id")
    least = named.join(own, on="id", how="anti").group_by("id").agg(pl.col("onward").min())
    frame = pl.concat([own.unique("id", keep="first", maintain_order=True), least])
    nodes = pl.concat([frame["id"], frame["onward"]]).unique().sort()
    return pl.DataFrame({"id": nodes, "root": ends_of(_onward(nodes, frame))})


def _onward(nodes: pl.Series, frame: pl.DataFrame) -> IntArray:
    onward = np.arange(len(nodes))
    onward[_codes(nodes, frame["id"])] = _codes(nodes, frame["onward"])
    return onward


def _codes(nodes: pl.Series, ids: pl.Series) -> IntArray:
    """Return the position of each id among the nodes."""
    numbered = pl.DataFrame({"id": nodes, "code": np.arange(len(nodes))})
    joined = ids.to_frame("id").join(numbered, on="id", how="left", maintain_order="left")
    return joined["code"].to_numpy()
