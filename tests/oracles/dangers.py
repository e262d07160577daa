"""Dangers: what others may write meanwhile that a plan has to see, found from its edits by brute force.

No look at the guards that the plan has: what must be guarded follows from what is written.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.model.access import AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.emails import CustomerEmail
from accountmerge.model.entities import kind_of
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Snapshot
from accountmerge.testing.reference.foreign_writes import scribbles
from accountmerge.testing.reference.phantom_rows import (
    PHANTOM,
    a_booking,
    a_customer,
    a_login,
    far_ahead,
    names_of,
)
from accountmerge.testing.reference.written_data import edits_of, row_of
from rewritten_data import read_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.edits import Edit
    from accountmerge.changes.steps import Step


@attrs.frozen(repr=False)
class Danger:
    """What somebody else does meanwhile.

    Attributes:
        what: What happens.
        then: The data afterwards.
        whom: To which entity, where there are many of a kind.
    """

    what: str
    then: Snapshot
    whom: str = ""

    def __repr__(self) -> str:
        return f"Danger({self.what!r}, {self.whom!r})"


_MOMENT = timedelta(microseconds=1)


def dangers(present: Snapshot, change_set: ChangeSet, step: Step, *, is_first: bool) -> Iterator[Danger]:
    """Yield what may happen to the data before a step is applied that has to stand against it.

    Args:
        present: The data before the step, or before all of the set.
        change_set: The set.
        step: One of its steps.
        is_first: Whether these are the data that the plan was made from, versions included.
    """
    images: dict[Any, list[Any]] = {}
    for edit in edits_of(change_set):
        images.setdefault(edit.key, [edit.before]).append(edit.after)
    for edit in step.edits:
        row = row_of(present, edit)
        if row is not None:
            for scribble in scribbles(row):
                if scribble in images[edit.key]:
                    continue  # somebody did what the plan does, or put back what it found
                what = "somebody writes to what is edited"
                yield Danger(what, present.changed([scribble]), f"{edit.entity} {edit.id}")
            if is_first and row == edit.before and row.version is not None:
                other = attrs.evolve(row, version=PHANTOM)
                what = "what is edited has another version"
                yield Danger(what, present.changed([other]), f"{edit.entity} {edit.id}")
        for look in _LOOKS:
            yield from look(present, change_set, edit)


def _is_live(row: object) -> bool:
    return isinstance(row, Appointment) and row.status in ("booked", "held")


def _taken_slots(present: Snapshot, change_set: ChangeSet, edit: Edit) -> Iterator[Danger]:
    """A booking that takes a slot finds it taken, by the practitioner or by the customer."""
    before, after = edit.before, edit.after
    if not isinstance(after, Appointment) or not _is_live(after):
        return
    stood = isinstance(before, Appointment) and _is_live(before) and before.slot == after.slot
    human = _human(present, change_set, after.profile_id)
    own = [row.id for row in present.profiles.sorted() if row.practitioner_id == human]
    if not stood and own:
        stranger = a_customer()
        yield Danger(
            "the practitioner's time is taken",
            present.changed([stranger, a_booking(own[0], stranger.id, after.slot)]),
        )
    is_new = before is None and after.replaces is None
    changes_hands = isinstance(before, Appointment) and before.customer_id != after.customer_id
    if (is_new or changes_hands) and after.slot.end > change_set.at:
        elsewhere = a_login()
        yield Danger(
            "the customer's time is taken",
            present.changed([elsewhere, a_booking(elsewhere.id, after.customer_id, after.slot)]),
        )


def _human(present: Snapshot, change_set: ChangeSet, profile_id: str) -> str | None:
    """Return whose profile it is, also of one that the set opens."""
    known = present.profiles.get(profile_id)
    opened = (edit.after for step in change_set.steps for edit in step.edits if edit.id == profile_id)
    return next((row.practitioner_id for row in (known, *opened) if isinstance(row, Profile)), None)


def _begun(present: Snapshot, change_set: ChangeSet, edit: Edit) -> Iterator[Danger]:
    """What is cancelled has begun by then, or what is asked or answered has expired."""
    del change_set
    before, after = edit.before, edit.after
    if isinstance(before, Appointment) and _is_live(before) and not _is_live(after):
        yield Danger("what is cancelled has begun", read_at(present, before.slot.start + _MOMENT))
    if isinstance(after, AccessRequest) and (before is None or after.status == "approved"):
        yield Danger("a request for access has expired", read_at(present, after.expires_at + _MOMENT))


def _claimed(present: Snapshot, change_set: ChangeSet, edit: Edit) -> Iterator[Danger]:
    """An address that is to sign somebody in signs somebody else in, or once did."""
    del change_set
    before, after = edit.before, edit.after
    if isinstance(after, Profile) and before is None:
        thief = attrs.evolve(a_login(), email=after.email)
        yield Danger("the new address is claimed", present.changed([thief]))
    if isinstance(after, Customer):
        had = {e.address.mailbox for e in getattr(before, "emails", ()) if e.use == "primary"}
        gained = [e.address for e in after.emails if e.use == "primary" and e.address.mailbox not in had]
        for address in gained:
            for use in ("primary", "former"):
                claim: Any = CustomerEmail(address, use)
                yield Danger("the primary email is claimed", present.changed([a_customer(claim)]))


def _schedules(present: Snapshot, change_set: ChangeSet, edit: Edit) -> Iterator[Danger]:
    """Another schedule is opened beside the one that is, or something is put where it is closed."""
    before, after = edit.before, edit.after
    if not isinstance(after, Profile) or getattr(before, "schedule", None) == after.schedule:
        return
    if after.schedule == "active":
        other = attrs.evolve(a_login(), practitioner_id=after.practitioner_id, schedule="active")
        yield Danger("another schedule is opened", present.changed([other]))
    if after.schedule == "inactive" and after.id in present.profiles:
        stranger = a_customer()
        yield Danger(
            "somebody is booked into a schedule that closes",
            present.changed([stranger, a_booking(after.id, stranger.id, far_ahead(change_set.at))]),
        )
        left = Record(id=f"{PHANTOM}-record", kind=PHANTOM, customer_id=stranger.id, profile_id=after.id)
        yield Danger("a record is left on a profile that closes", present.changed([stranger, left]))


def _retired(present: Snapshot, change_set: ChangeSet, edit: Edit) -> Iterator[Danger]:
    """Something appears on a customer who retires."""
    before, after = edit.before, edit.after
    if isinstance(before, Customer) and isinstance(after, Customer):
        is_merged = before.merged_into is None and after.merged_into is not None
        for row in names_of(present, change_set.at, after.id) if is_merged else ():
            what = "something new names a customer who retires"
            yield Danger(what, present.changed([row]), kind_of(row).name)


_LOOKS: tuple[Callable[[Snapshot, ChangeSet, Edit], Iterator[Danger]], ...] = (
    _taken_slots,
    _begun,
    _claimed,
    _schedules,
    _retired,
)
"""What is looked at in every edit."""
