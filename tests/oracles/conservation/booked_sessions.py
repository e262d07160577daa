"""What becomes of a practice when one session is booked into a new profile: that one, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oracles.conservation.moved_bookings import UNTOUCHED, rebooked, sight
from oracles.goals import asked_about

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pendulum

    from accountmerge.model.snapshots import Snapshot
    from accountmerge.rebooking.requests import RebookingRequest
    from oracles.conservation.outcomes import Loss


def after_a_rebooking(
    request: RebookingRequest, before: Snapshot, after: Snapshot, at: pendulum.DateTime
) -> Iterator[Loss]:
    """Yield what a rebooking lost, doubled, widened or touched without need."""
    for name in ("profiles", *UNTOUCHED):
        if getattr(before, name) != getattr(after, name):
            yield (f"{name} were touched",)
    existing = asked_about(request, before)
    old = before.profiles[existing.profile_id]
    (new,) = (row for row in before.profiles if row.email.mailbox == request.new_email.mailbox)
    if before.appointments == after.appointments and before.access == after.access:
        return  # carried out before
    yield from sight(before, after, old, new, {existing.customer_id}, at)
    moves = existing.status in ("booked", "held") and existing.slot.start == request.start
    if moves:
        yield from rebooked(before, after, {existing.id: existing}, new, {})
        return
    gone = [row.id for row in before.appointments if after.appointments.get(row.id) != row]
    yield from (("touched without need", id) for id in gone)
    made = [row for row in after.appointments if row.id not in before.appointments]
    if len(made) != 1:
        yield "not one session", len(made)
    for row in made:
        as_asked = (row.profile_id, row.customer_id, row.time_zone, row.modality) == (
            new.id,
            existing.customer_id,
            request.time_zone,
            request.modality,
        )
        length = (row.slot.end_us - row.slot.start_us) == (existing.slot.end_us - existing.slot.start_us)
        of_the_earlier = ("session_id", "data", "local_start", "created_at", "made_by")
        rest = [getattr(row, name) for name in ("number", "replaces", "replaced_by", "cancel_reason")]
        rest += [getattr(row, name) for name in of_the_earlier]
        plain = row.status == "booked" and set(rest) == {None}
        if not (as_asked and length and plain and row.slot.start == request.start):
            yield "not as asked", row.id
