"""A test of whether two change sets can be applied side by side."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Literal, Protocol

import attrs

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.edits import Edit, Key
from accountmerge.changes.guards import GuardKind
from accountmerge.changes.steps import Step
from accountmerge.errors import InvalidValueError
from accountmerge.messages import Facts, sentence
from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.emails import mailbox_of
from accountmerge.model.entities import Entity, references
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.values import ShownValue, Value, value_class

DependenceKind = Literal["blocked", "edited_by_both", "read_by_other", "guarded_by_other", "made_by_both"]

DEPENDENCE_FACTS: dict[str, frozenset[str]] = {
    "blocked": frozenset({"plan_id"}),
    "edited_by_both": frozenset({"entity", "id"}),
    "read_by_other": frozenset({"entity", "id"}),
    "guarded_by_other": frozenset({"entity", "id", "guard"}),
    "made_by_both": frozenset({"entity", "id"}),
}
"""The closed vocabulary of dependences, and the facts that each has."""


@value_class(eq=False, repr=False)
class Dependence(ShownValue):
    """One reason why two change sets may not be applied side by side.

    Attributes:
        kind: One of `DEPENDENCE_FACTS`.
        facts: The kind and the id of an entity that one change set edits, and the kind of the affected guard of the
            other; of a blocked change set, its plan id.
    """

    kind: DependenceKind
    facts: Facts

    def describe(self, language: str = "en") -> str:
        """Return the reason as a sentence."""
        return sentence(f"dependence.{self.kind}", self.facts, language)


class Planned(Protocol):
    """An object with a change set, such as a plan."""

    @property
    def change_set(self) -> ChangeSet:
        """The change set."""


def planned_steps(planned: ChangeSet | Planned, name: str = "change_set") -> ChangeSet:
    """Return the change set of a plan, or a change set itself; refuse other arguments by their name."""
    change_set: object = getattr(planned, "change_set", planned)
    if not isinstance(change_set, ChangeSet):
        raise InvalidValueError("wrong_type", field=name, wanted="plan_or_change_set")
    return change_set


def dependence(first: ChangeSet | Planned, second: ChangeSet | Planned) -> tuple[Dependence, ...]:
    """Return every reason not to apply two change sets side by side; their order makes no difference.

    If there is none, and each can be applied to the same data, then so can their steps in every interleaving that
    keeps the order of each, and the result is the same. If independence cannot be proved, there is a reason.

    Args:
        first: A change set, or a plan. Of a prefix all steps count, because the rest may follow.
        second: Another one, for the same data.

    Returns:
        Each dependence once, by kind and by subject. A blocked change set depends on every other, because its later
        content is unknown; a ready one without steps depends on no ready one.

    Raises:
        InvalidValueError: An argument is neither a plan nor a change set.

    Takes time in proportion to the edits and guards of both.
    """
    return tuple(sorted(set(_dependences(first, second)), key=_order))


def _order(reason: Dependence) -> tuple[str, ...]:
    return (reason.kind, *(str(reason.facts[name]) for name in sorted(reason.facts)))


def _dependences(first: ChangeSet | Planned, second: ChangeSet | Planned) -> Iterator[Dependence]:
    change_sets = [planned_steps(first, "first"), planned_steps(second, "second")]
    for change_set in change_sets:
        if change_set.blocked:
            yield Dependence("blocked", Facts(plan_id=change_set.plan_id))
    one, other = (read_write_sets(change_set.steps) for change_set in change_sets)
    for key in one.write_set & other.write_set:
        yield _about("edited_by_both", key)
    owners = {
        id: one.owners.get(id, set()) | other.owners.get(id, set()) for id in {*one.owners, *other.owners}
    }
    for writing, reading in ((one, other), (other, one)):
        for key in writing.write_set & reading.read_set - reading.write_set:
            yield _about("read_by_other", key)
        for question, guards in reading.asked.items():
            for key in _bearing(writing, question, owners):
                yield from (_about("guarded_by_other", key, guard=guard) for guard in guards)
        for question in reading.made:
            for key in _bearing(writing, question, owners):
                yield _about("made_by_both", key)


def _about(kind: DependenceKind, key: Key, **facts: str) -> Dependence:
    return Dependence(kind, Facts(entity=key[0], id=key[1], **facts))


def _bearing(writing: ReadWriteSets, question: Question, owners: dict[str, set[str]]) -> Iterator[Key]:
    """Yield the entities that a change set edits and that affect the answer to a question."""
    topic, subject = question
    by_subject = writing.altered.get(topic, {})
    if topic not in BY_PRACTITIONER:
        yield from by_subject.get(subject, ())
        return
    for profile_id, keys in by_subject.items():
        if profile_id == subject or _may_be_one(owners.get(str(profile_id)), owners.get(str(subject))):
            yield from keys


def _may_be_one(one: set[str] | None, other: set[str] | None) -> bool:
    """Return whether two profiles may have one practitioner; unknown ones may."""
    return one is None or other is None or not one.isdisjoint(other)


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
"""A topic and its subject; a practitioner is given by a profile."""

BY_PRACTITIONER: frozenset[Topic] = frozenset({"bookings of a practitioner", "schedules of a practitioner"})
"""The topics whose subject is the practitioner behind a profile."""


@value_class(eq=False, repr=False)
class ReadWriteSets(Value):
    """The read set, the write set and the questions of a change set.

    Attributes:
        write_set: The entities that it creates, changes or removes.
        read_set: The entities to which its edits and guards refer.
        altered: By topic and subject, the edited entities that affect the answer.
        asked: Its questions, each with the kinds of guards that ask it.
        made: The identifying questions of its new or removed entities, each with those entities.
        owners: By the id of a profile, its practitioners in edits of profiles.
    """

    write_set: set[Key] = attrs.field(factory=set)
    read_set: set[Key] = attrs.field(factory=set)
    altered: dict[Topic, dict[Hashable, set[Key]]] = attrs.field(factory=dict)
    asked: dict[Question, set[GuardKind]] = attrs.field(factory=dict)
    made: dict[Question, set[Key]] = attrs.field(factory=dict)
    owners: dict[str, set[str]] = attrs.field(factory=dict)


def read_write_sets(steps: Iterable[Step]) -> ReadWriteSets:
    """Return the read set, the write set and the questions of steps."""
    sets = ReadWriteSets()
    for step in steps:
        for edit in step.edits:
            _enter_edit(sets, edit)
        for guard in step.guards:
            sets.read_set.update(guard.named.values())
            for question in _ASKED[guard.kind](guard.facts):
                sets.asked.setdefault(question, set()).add(guard.kind)
    return sets


def _enter_edit(sets: ReadWriteSets, edit: Edit) -> None:
    sets.write_set.add(edit.key)
    for image in _images(edit):
        sets.read_set.update((name, id) for _, name, id in references(image))
        if isinstance(image, Profile):
            sets.owners.setdefault(image.id, set()).add(image.practitioner_id)
        if edit.op != "change":
            for question in _recognised_by(image):
                sets.made.setdefault(question, set()).add(edit.key)
    for topic, subject in _altered(edit):
        sets.altered.setdefault(topic, {}).setdefault(subject, set()).add(edit.key)


def _images(edit: Edit) -> Iterator[Entity]:
    yield from (image for image in (edit.before, edit.after) if image is not None)


# Effects of an edit


def _altered(edit: Edit) -> Iterator[Question]:
    """Yield each question whose answer may change with an edit."""
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
    """Yield the calendars in which an edit changes the occupied time."""
    for topic, attribute in _CALENDARS:
        taken = {_taken(image, attribute) for image in (edit.before, edit.after)}
        if len(taken) > 1:
            yield from ((topic, owner) for owner, *_ in filter(None, taken))


def _altered_records(edit: Edit) -> Iterator[Question]:
    """Yield the profiles to which an edit adds a record, or from which it removes one."""
    rows = (image for image in (edit.before, edit.after) if isinstance(image, Record))
    named = [(row.profile_id, row.kind) for row in rows if row.profile_id is not None]
    if len(named) < len(("before", "after")) or named[0] != named[1]:
        yield from (("records of a profile", id) for id, _ in named)


def _altered_persons(edit: Edit) -> Iterator[Question]:
    """Yield the customers whose bookings a merge changes, which are the absorbed one and its survivors."""
    into = {image.merged_into for image in _images(edit) if isinstance(image, Customer)}
    if len(into) > 1:
        yield from (("bookings of a customer", id) for id in (edit.id, *into) if id is not None)


def _taken(image: Entity | None, attribute: str) -> tuple[Hashable, ...] | None:
    """Return the owner, the time and the session of a live booking; None for other entities."""
    if not isinstance(image, Appointment) or not image.is_live:
        return None
    return getattr(image, attribute), image.slot.start_us, image.slot.end_us, image.session_id


def _recognised_by(image: Entity) -> Iterator[Question]:
    """Yield the questions by which people or a store identify an entity, which must be unique."""
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


# Questions of a guard


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
    """Yield no question, because the guard reads only entities that it names."""
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
"""The questions of each kind of guard."""
