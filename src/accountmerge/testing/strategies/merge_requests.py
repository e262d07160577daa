"""Strategies for merge requests: any that can be asked of a snapshot, most of them for some reason refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import event
from hypothesis import strategies as st

from accountmerge.merges.requests import MergeRequest

if TYPE_CHECKING:
    from accountmerge.model.snapshots import Snapshot


@st.composite
def merge_requests(draw: st.DrawFn, snapshot: Snapshot) -> MergeRequest:
    """Requests for a snapshot: of two people or three, of one with itself, of who was merged before, of nobody.

    Args:
        draw: Given by Hypothesis.
        snapshot: What is asked about; it may be empty.
    """
    people = snapshot.customers.sorted()
    ids = [row.id for row in people] or ["C-unknown"]
    merged = [row for row in people if row.merged_into is not None]
    how = draw(st.sampled_from(("any", "any", *(("again", "chain") if merged else ()), "itself", "unknown")))
    survivor = draw(st.sampled_from(ids))
    others = [id for id in ids if id != survivor] or ids
    absorbed = draw(st.lists(st.sampled_from(others), min_size=1, max_size=2, unique=True))
    if how == "again":  # into the one that it was merged into, or into another
        row = draw(st.sampled_from(merged))
        survivor, absorbed = draw(st.sampled_from((str(row.merged_into), survivor))), [row.id, *absorbed]
    elif how == "chain":  # into one that was merged itself
        row = draw(st.sampled_from(merged))
        survivor = row.id
    elif how == "itself":
        absorbed = [survivor, *absorbed[1:]]
    elif how == "unknown":
        absorbed = ["C-unknown", *absorbed[1:]]
    event(f"merge request: {how}")
    actor = draw(_actors(snapshot, {survivor, *absorbed}))
    return MergeRequest(survivor=survivor, absorbed=absorbed, actor=actor)


def _actors(snapshot: Snapshot, customer_ids: set[str]) -> st.SearchStrategy[str]:
    """Any profile, or one that is not there; most often one that treats all of some customers, if there is one."""
    profiles = [row.id for row in snapshot.profiles.sorted()]
    treated = {id: {row.customer_id for row in snapshot.access.where("profile_id", id)} for id in profiles}
    able = [id for id in profiles if customer_ids <= treated[id]]
    return st.sampled_from((*able * 4, *profiles * 2, "P-unknown"))
