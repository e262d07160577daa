"""Strategies for foreign writes, with drift, phantoms and bystanders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import event
from hypothesis import strategies as st

from accountmerge.model.entities import KINDS, kind_of
from accountmerge.testing.adapters import ForeignWrite
from accountmerge.testing.reference.foreign_writes import phantoms, scribbles, ties
from accountmerge.testing.reference.written_data import row_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.model.snapshots import Snapshot


@st.composite
def drifts(draw: st.DrawFn, snapshot: Snapshot, change_set: ChangeSet) -> ForeignWrite:
    """Draw a foreign write to one field of a touched row, or a removed, restored or early row."""
    how, write = draw(st.sampled_from(_possible(snapshot, _drifts(snapshot, change_set))))
    event(f"drift: {how}")
    return write


@st.composite
def foreign_writes(draw: st.DrawFn, snapshot: Snapshot, change_set: ChangeSet) -> ForeignWrite:
    """Draw a foreign write of drift, a phantom, a referrer of a removed row, or a bystander."""
    writes: dict[str, Any] = {
        "phantom": [(kind, write) for _, kind, write in phantoms(snapshot, change_set)],
        "bystander": _bystanders(snapshot, change_set),
        "drift": _drifts(snapshot, change_set),
        "referrer": [(f"{kind_of(write.put[0]).name}", write) for _, write in ties(snapshot, change_set)],
    }
    possible = {
        what: possible_write
        for what, aimed in writes.items()
        if (possible_write := _possible(snapshot, aimed))
    }
    what = draw(st.sampled_from(tuple(possible)))
    how, write = draw(st.sampled_from(possible[what]))
    event(f"foreign write: {what}, {how}")
    return write


def _possible(snapshot: Snapshot, writes: Any) -> list[tuple[str, ForeignWrite]]:
    return [(how, write) for how, write in writes if write.is_possible_on(snapshot)]


def _drifts(snapshot: Snapshot, change_set: ChangeSet) -> Iterator[tuple[str, ForeignWrite]]:
    edits = [edit for step in change_set.wanted_steps for edit in step.edits]
    removed = {edit.key for edit in edits if edit.after is None}
    firsts = {edit.key: edit for edit in reversed(edits)}
    for key, first in firsts.items():
        row = row_of(snapshot, first)
        may_go = first.before is not None and key not in removed
        if row is not None and may_go:
            yield f"{first.entity} removed", ForeignWrite(drop=[(first.entity, first.id)])
        planned = first.before or first.after
        how = "changed" if row else "there already" if first.before is None else "there again"
        image = row or planned
        for other in scribbles(image) if image else ():
            yield f"{first.entity} {how}", ForeignWrite([other])


def _bystanders(snapshot: Snapshot, change_set: ChangeSet) -> Iterator[tuple[str, ForeignWrite]]:
    touched = {edit.key for step in change_set.steps for edit in step.edits}
    for kind in KINDS:
        for row in snapshot.table(kind.collection).sorted():
            if (kind.name, row.id) not in touched:
                yield from ((f"{kind_of(row).name}", ForeignWrite([other])) for other in scribbles(row))
