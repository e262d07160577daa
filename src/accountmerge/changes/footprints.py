"""Footprints: what a change set writes, what it reads, and what it asks of the data.

It asks what its guards ask, and by what its new entities are recognised in a store that gives ids of its own. What an
edit alters is told by the same topics, so that the edits of one set can be held against the questions of another.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Literal

import attrs

from accountmerge.changes.edits import Key
from accountmerge.changes.guards import GuardKind
from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.emails import mailbox_of
from accountmerge.model.entities import references
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accountmerge.changes.edits import Edit
    from accountmerge.changes.steps import Step
    from accountmerge.messages import Facts
    from accountmerge.model.entities import Entity

Topic = Literal[
    "bookings of a practitioner",
    "bookings of a profile",
    "bookings of a customer",
    "schedules of a practitioner",
    "what names a customer",
    "records of a customer",
    "records of a profile",
    "holders of a mailbox",
    "access",
    "access requests",
    "replacements",
    "numbers",
]
Question = tuple[Topic, Hashable]
"""What is asked: a topic, and whom or what it is asked about; a practitioner is named by a profile."""

BY_PRACTITIONER: frozenset[Topic] = frozenset({"bookings of a practitioner", "schedules of a practitioner"})
"""The topics whose subject is the practitioner behind a profile."""


@attrs.frozen(repr=False)
class Footprint:
    """What a change set writes, reads and asks.

    Attributes:
        edited: The entities that it creates, changes or removes.
        read: Those that its edits and guards name.
        altered: By topic and subject, the edited entities that bear on the answer.
        asked: Its questions, each with the kinds of guards that ask it.
        made: What its new or removed entities are recognised by, each with those entities.
        owners: By the id of a profile, whose it is, so far as edits of profiles tell.
    """

    edited: set[Key] = attrs.field(factory=set)
    read: set[Key] = attrs.field(factory=set)
    altered: dict[Topic, dict[Hashable, set[Key]]] = attrs.field(factory=dict)
    asked: dict[Question, set[GuardKind]] = attrs.field(factory=dict)
    made: dict[Question, set[Key]] = attrs.field(factory=dict)
    owners: dict[str, set[str]] = attrs.field(factory=dict)


def footprint(steps: Iterable[Step]) -> Footprint:
    """Return what steps write, read and ask."""
    found = Footprint()
    for step in steps:
        for edit in step.edits:
            _enter_edit(found, edit)
        for guard in step.guards:
            found.read.update(guard.named.values())
            for question in _ASKED[guard.kind](guard.facts):
                found.asked.setdefault(question, set()).add(guard.kind)
    return found


def _enter_edit(found: Footprint, edit: Edit) -> None:
    found.edited.add(edit.key)
    for image in _images(edit):
        found.read.update((name, id) for _, name, id in references(image))
        if isinstance(image, Profile):
            found.owners.setdefault(image.id, set()).add(image.practitioner_id)
        if edit.op != "change":
            for question in _recognised_by(image):
                found.made.setdefault(question, set()).add(edit.key)
    for topic, subject in _altered(edit):
        found.altered.setdefault(topic, {}).setdefault(subject, set()).add(edit.key)


def _images(edit: Edit) -> Iterator[Entity]:
    yield from (image for image in (edit.before, edit.after) if image is not None)


# What an edit alters


def _altered(edit: Edit) -> Iterator[Question]:
    """Yield each question whose answer may be another one after an edit."""
    yield from _altered_bookings(edit)
    yield from _altered_records(edit)
    yield from _altered_persons(edit)
    for image in _images(edit):
        yield from (("what names a customer", id) for _, name, id in references(image) if name == "customer")
        yield from _recognised_by(image)
        if isinstance(image, Profile):
            yield "schedules of a practitioner", image.id
            if edit.op != "change" or "practitioner_id" in edit.changed_fields:
                yield "bookings of a practitioner", image.id
        elif isinstance(image, Customer):
            yield from (("holders of a mailbox", ("customer", box)) for box in image.reserved_mailboxes)
        elif isinstance(image, Record):
            yield "records of a customer", image.customer_id


_CALENDARS: tuple[tuple[Topic, str], ...] = (
    ("bookings of a practitioner", "profile_id"),
    ("bookings of a profile", "profile_id"),
    ("bookings of a customer", "customer_id"),
)


def _altered_bookings(edit: Edit) -> Iterator[Question]:
    """Yield in whose calendars an edit makes a difference: where a booking takes up the same time, it makes none."""
    for topic, attribute in _CALENDARS:
        taken = {_taken(image, attribute) for image in (edit.before, edit.after)}
        if len(taken) > 1:
            yield from ((topic, owner) for owner, *_ in filter(None, taken))


def _altered_records(edit: Edit) -> Iterator[Question]:
    """Yield the profiles that an edit gives a record to, or takes one from."""
    rows = (image for image in (edit.before, edit.after) if isinstance(image, Record))
    named = [(row.profile_id, row.kind) for row in rows if row.profile_id is not None]
    if len(named) < len(("before", "after")) or named[0] != named[1]:
        yield from (("records of a profile", id) for id, _ in named)


def _altered_persons(edit: Edit) -> Iterator[Question]:
    """Yield whose bookings a merge of customers changes: those of an absorbed customer count for its survivor."""
    into = {image.merged_into for image in _images(edit) if isinstance(image, Customer)}
    if len(into) > 1:
        yield from (("bookings of a customer", id) for id in (edit.id, *into) if id is not None)


def _taken(image: Entity | None, attribute: str) -> tuple[Hashable, ...] | None:
    """Return whose time a booking takes up, and which; nothing if it is no live booking."""
    if not isinstance(image, Appointment) or not image.is_live:
        return None
    return getattr(image, attribute), image.slot.start_us, image.slot.end_us


def _recognised_by(image: Entity) -> Iterator[Question]:
    """Yield what an entity counts as, for people or for a store that gives ids of its own: there may be one such."""
    if isinstance(image, Appointment):
        if image.replaces is not None:
            yield "replacements", image.replaces
        if image.number is not None:
            yield "numbers", image.number
    elif isinstance(image, Profile):
        yield "holders of a mailbox", ("profile", image.mailbox)
    elif isinstance(image, Access):
        yield "access", (image.profile_id, image.customer_id)
    elif isinstance(image, AccessRequest):
        yield "access requests", (image.profile_id, image.customer_id)


# What a guard reads and asks


def _slot_free(facts: Facts) -> Iterator[Question]:
    if "customer_id" in facts:
        yield "bookings of a customer", facts["customer_id"]
    else:
        yield "bookings of a practitioner", facts["profile_id"]


def _address_unclaimed(facts: Facts) -> Iterator[Question]:
    yield "holders of a mailbox", (facts["entity"], mailbox_of(str(facts["address"])))


def _no_other_reference(facts: Facts) -> Iterator[Question]:
    yield "what names a customer", facts["customer_id"]


def _no_like_record(facts: Facts) -> Iterator[Question]:
    yield "records of a customer", facts["customer_id"]


def _no_other_future_booking(facts: Facts) -> Iterator[Question]:
    yield "bookings of a profile", facts["profile_id"]


def _no_other_record(facts: Facts) -> Iterator[Question]:
    yield "records of a profile", facts["profile_id"]


def _only_active_schedule(facts: Facts) -> Iterator[Question]:
    yield "schedules of a practitioner", facts["profile_id"]


def _access_holds(facts: Facts) -> Iterator[Question]:
    yield "access", (facts["profile_id"], facts["customer_id"])


def _nothing_else(_: Facts) -> Iterator[Question]:
    """Yield nothing: the guard looks at entities that it names, and at nothing that may appear."""
    yield from ()


_ASKED: dict[GuardKind, Callable[[Facts], Iterator[Question]]] = {
    "unchanged": _nothing_else,
    "slot_free": _slot_free,
    "address_unclaimed": _address_unclaimed,
    "no_other_reference": _no_other_reference,
    "no_like_record": _no_like_record,
    "no_other_future_booking": _no_other_future_booking,
    "no_other_record": _no_other_record,
    "only_active_schedule": _only_active_schedule,
    "access_holds": _access_holds,
    "not_after": _nothing_else,
    "unnumbered": _nothing_else,
}
"""What each kind of guard asks."""
