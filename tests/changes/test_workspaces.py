"""A workspace answers questions about the data as the edits so far leave them."""

from __future__ import annotations

import attrs

from accountmerge.changes.workspaces import Workspace
from small_values import customer, record, snapshot


def test_duplicates_of_a_record_are_those_after_the_edits_so_far() -> None:
    card = record("R1", kind="card", customer_id="C1", unique_key="k")
    workspace = Workspace(snapshot(customers=[customer("C1"), customer("C2")], records=[card]), {})
    asked = attrs.evolve(card, id="R9")
    assert workspace.records_like(asked) == {"R1"}
    workspace.put("record", "R2", attrs.evolve(card, id="R2"))
    assert workspace.records_like(asked) == {"R1", "R2"}
    workspace.put("record", "R1", attrs.evolve(card, customer_id="C2"))
    assert workspace.records_like(asked) == {"R2"}
    assert workspace.records_like(attrs.evolve(asked, customer_id="C2")) == {"R1"}
    workspace.put("record", "R2", None)
    assert workspace.records_like(asked) == set()
