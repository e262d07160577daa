"""What happens meanwhile: people book, cancel, complete and tidy up while a migration is carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import attrs
from hypothesis import event
from hypothesis import strategies as st

from accountmerge.model.appointments import REBOOKED, Appointment

if TYPE_CHECKING:
    from accountmerge.model.snapshots import Snapshot

Act = Literal[
    "book", "cancel", "complete", "miss", "rebook", "rebook_badly", "carry_over", "reschedule", "remove"
]
ACTS: tuple[Act, ...] = get_args(Act)


@st.composite
def meanwhile(
    draw: st.DrawFn, snapshot: Snapshot, profile_ids: tuple[str, ...], *, most: int = 3
) -> Snapshot:
    """A snapshot after a few acts of others on the bookings of some profiles, sensible ones and mistakes.

    Args:
        draw: Given by Hypothesis.
        snapshot: The data before.
        profile_ids: Whose bookings are touched; those that are there.
        most: How many acts at the most.
    """
    profiles = tuple(id for id in profile_ids if id in snapshot.profiles)
    for number in range(draw(st.integers(0, most)) if profiles else 0):
        snapshot = _after(draw, snapshot, profiles, f"meanwhile-{number}")
    return snapshot


def _after(draw: st.DrawFn, snapshot: Snapshot, profiles: tuple[str, ...], new_id: str) -> Snapshot:
    found = [row for id in profiles for row in snapshot.appointments.where("profile_id", id)]
    rows = sorted(found, key=lambda row: row.order)
    if not rows:
        return snapshot
    act = draw(st.sampled_from(ACTS))
    row, profile = draw(st.sampled_from(rows)), draw(st.sampled_from(profiles))
    event(f"meanwhile: {act}")
    if act == "remove":
        return _without(snapshot, row)
    other = draw(st.sampled_from(rows))
    return snapshot.changed(_written(act, row, other, profile, new_id))


def _written(act: Act, row: Appointment, other: Appointment, profile: str, new_id: str) -> list[Appointment]:
    plain = attrs.evolve(
        row, id=new_id, number=None, profile_id=profile, status="booked", replaces=None, replaced_by=None
    )
    gone = attrs.evolve(row, status="cancelled", cancel_reason=REBOOKED)
    written: dict[Act, list[Appointment]] = {
        "book": [plain],
        "cancel": [attrs.evolve(row, status="cancelled", cancel_reason="asked for")],
        "complete": [attrs.evolve(row, status="completed")],
        "miss": [attrs.evolve(row, status="missed")],
        "rebook": [attrs.evolve(gone, replaced_by=new_id), attrs.evolve(plain, replaces=row.id)],
        "rebook_badly": [gone],
        "carry_over": [attrs.evolve(row, profile_id=profile)],
        "reschedule": [attrs.evolve(row, slot=other.slot)],
    }
    return written[act]


def _without(snapshot: Snapshot, row: Appointment) -> Snapshot:
    """Return the data without a booking that nothing names."""
    table = snapshot.appointments
    is_named = table.where("replaces", row.id) or table.where("replaced_by", row.id)
    return snapshot if is_named else snapshot.changed(drop={"appointment": [row.id]})
