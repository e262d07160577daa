"""Taken ids: rows of the store under the very ids that a plan derives for what it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.findings.finding import Finding
from accountmerge.model.appointments import Appointment
from accountmerge.model.entities import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accountmerge.changes.edits import Edit
    from accountmerge.changes.steps import Step
    from accountmerge.model.entities import Entity
    from accountmerge.model.snapshots import Snapshot
    from accountmerge.planning.drafts import Draft


def taken_findings(snapshot: Snapshot, steps: Iterable[Step | Draft]) -> Iterator[Finding]:
    """Yield a finding for each row in the way of an entity that steps create.

    That is a row under the derived id, or, for a rebooking, an appointment that a store with ids of its own would
    be believed to have made for it. Applying such a plan would be refused, because the row is not what was planned.

    Args:
        snapshot: The present data.
        steps: The steps, or their drafts.
    """
    rows = (row for step in steps for edit in step.edits for row in _in_the_way(snapshot, edit))
    for entity, id in dict.fromkeys((kind_of(row).name, row.id) for row in rows):
        yield Finding.of("derived_id_taken", (id,), entity=entity, id=id)


def _in_the_way(snapshot: Snapshot, edit: Edit) -> Iterator[Entity]:
    """Yield the rows in the way of an edit; none if it creates no entity."""
    made = edit.after
    if edit.before is not None or made is None:
        return
    row = snapshot.table(kind_of(made).collection).get(made.id)
    if row is not None:
        yield row
    if isinstance(made, Appointment) and made.replaces is not None:
        booked = snapshot.appointments.where("replaces", made.replaces)
        yield from sorted(
            (row for row in booked if row.profile_id == made.profile_id), key=lambda row: row.id
        )
