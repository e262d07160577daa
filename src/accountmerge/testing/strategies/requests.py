"""Strategies for requests of every kind that are asked of one snapshot."""

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
from accountmerge.testing.strategies.merge_requests import merge_requests
from accountmerge.testing.strategies.migrations import migration_requests
from accountmerge.testing.strategies.rebookings import rebooking_requests

if TYPE_CHECKING:
    from accountmerge.model.snapshots import Snapshot

Request = MigrationRequest | MergeRequest | RebookingRequest | CustomerRequest


@st.composite
def requests(draw: st.DrawFn, snapshot: Snapshot) -> Request:
    """A request of any kind for a snapshot, right or wrong: about what is there, what was, and what never was.

    Args:
        draw: Given by Hypothesis.
        snapshot: What is asked about; it may be empty.
    """
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
    """A request about a booking that is there; about another number, or with other words, now and then.

    Args:
        draw: Given by Hypothesis.
        snapshot: What is asked about; it may be empty.
    """
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
