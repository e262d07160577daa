"""Strategies for requests of every kind for one snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import event
from hypothesis import strategies as st

from accountmerge.customers.requests import CustomerRequest
from accountmerge.merges.requests import MergeRequest
from accountmerge.migrations.requests import MigrationRequest
from accountmerge.rebooking.requests import RebookingRequest
from accountmerge.testing.strategies.customer_requests import customer_requests
from accountmerge.testing.strategies.migrations import migration_requests
from accountmerge.testing.strategies.rebookings import rebooking_requests

if TYPE_CHECKING:
    from accountmerge.model.snapshots import Snapshot

Request = MigrationRequest | MergeRequest | RebookingRequest | CustomerRequest


@st.composite
def requests(draw: st.DrawFn, snapshot: Snapshot) -> Request:
    """Draw a request of any kind for a snapshot, right or wrong, about known, absorbed or unknown ids."""
    drawn: dict[str, st.SearchStrategy[Request]] = {
        "customer": customer_requests(snapshot),
        "rebooking": rebooking_requests_for(snapshot),
        "migration": migration_requests(snapshot),
        "merge": merge_requests(snapshot),
    }
    kind = draw(st.sampled_from(tuple(drawn)))
    event(f"request: {kind}")
    return draw(drawn[kind])


@st.composite
def rebooking_requests_for(draw: st.DrawFn, snapshot: Snapshot) -> RebookingRequest:
    """Draw a request about an existing booking; now and then with another number or other words."""
    request: RebookingRequest = draw(rebooking_requests())
    numbered = [row for row in snapshot.appointments.sorted() if row.number]
    if not numbered:
        return request
    row = draw(st.sampled_from(numbered))
    addresses = [profile.email for profile in snapshot.profiles.sorted()]
    known: dict[str, Any] = {
        "number": row.number,
        "start": row.slot.start,
        "modality": row.modality,
        "old_email": snapshot.profiles[row.profile_id].email,
        "new_email": draw(st.sampled_from(addresses)),
    }
    other = draw(st.sampled_from((None, None, *known)))
    event(f"rebooking request: {f'another {other}' if other else 'of a booking'}")
    return attrs.evolve(request, **{name: value for name, value in known.items() if name != other})


@st.composite
def merge_requests(draw: st.DrawFn, snapshot: Snapshot) -> MergeRequest:
    """Draw a merge request of two or three customers, also absorbed, unknown or equal ones."""
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
    """Draw any profile or an unknown one, most often one that treats all of some customers."""
    profiles = [row.id for row in snapshot.profiles.sorted()]
    treated = {id: {row.customer_id for row in snapshot.access.where("profile_id", id)} for id in profiles}
    able = [id for id in profiles if customer_ids <= treated[id]]
    return st.sampled_from((*able * 4, *profiles * 2, "P-unknown"))
