"""Guards of steps, and their derivation from the edits of a step."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, get_args

import attrs

from accountmerge.changes.edits import Edit, Key, image_digest
from accountmerge.messages import Facts
from accountmerge.model.access import AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.entities import NAMING_CUSTOMERS, Entity, EntityName, kind_of
from accountmerge.model.instants import rfc3339
from accountmerge.model.private import privacy
from accountmerge.model.profiles import Profile
from accountmerge.model.values import ShownValue, value_class

GuardKind = Literal[
    "unchanged",
    "slot_free",
    "address_unclaimed",
    "no_other_reference",
    "no_like_record",
    "no_other_future_booking",
    "no_other_record",
    "only_active_schedule",
    "access_holds",
    "not_after",
    "unnumbered",
]
GUARD_KINDS: tuple[GuardKind, ...] = get_args(GuardKind)

GUARD_FACTS: dict[GuardKind, tuple[tuple[frozenset[str], frozenset[str]], ...]] = {
    "unchanged": ((frozenset({"entity", "id"}), frozenset({"version", "digest"})),),
    "slot_free": (
        (frozenset({"profile_id", "start", "end"}), frozenset({"session_id"})),
        (frozenset({"customer_id", "start", "end"}), frozenset()),
    ),
    "address_unclaimed": ((frozenset({"entity", "address"}), frozenset()),),
    "no_other_reference": (
        (frozenset({"customer_id", "entity"}), frozenset()),
        (frozenset({"customer_id", "only"}), frozenset()),
    ),
    "no_like_record": ((frozenset({"id", "customer_id"}), frozenset({"related_customer_id"})),),
    "no_other_future_booking": ((frozenset({"profile_id", "from"}), frozenset()),),
    "no_other_record": ((frozenset({"profile_id", "staying"}), frozenset()),),
    "only_active_schedule": ((frozenset({"profile_id"}), frozenset()),),
    "access_holds": ((frozenset({"profile_id", "customer_id", "level"}), frozenset({"login"})),),
    "not_after": ((frozenset({"instant"}), frozenset({"request_id"})),),
    "unnumbered": ((frozenset({"id"}), frozenset()),),
}
"""The forms of each kind of guard, each with its required and its optional facts."""

FACTS_NAMING: dict[str, EntityName] = {
    "profile_id": "profile",
    "customer_id": "customer",
    "related_customer_id": "customer",
    "request_id": "access_request",
}
"""The facts other than `id` that name an entity, with its kind."""

SUBJECTS: dict[GuardKind, EntityName] = {
    "slot_free": "appointment",
    "no_like_record": "record",
    "no_other_future_booking": "appointment",
    "no_other_record": "record",
    "only_active_schedule": "profile",
    "unnumbered": "appointment",
}
"""The kind of the entities in `id` and `except_ids`, for guards without a fact `entity` or `only`."""


@privacy(plain="kind facts except_ids")
@value_class(eq=False, repr=False)
class Guard(ShownValue):
    """A condition that must hold when a step is applied.

    Attributes:
        kind: The kind of condition; `docs/applying.md` describes each.
        facts: The facts of the kind.
        except_ids: Entities that do not count against it (`except` in JSON). The id of a finding that has a cluster in
            the change set excepts every booking of the cluster.
    """

    kind: GuardKind
    facts: Facts
    except_ids: tuple[str, ...] = attrs.field(default=(), metadata={"written_as": "except"})

    @property
    def subject(self) -> EntityName | None:
        """The kind of the entities in `id` and `except_ids`, or None."""
        name: Any = self.facts.get("entity") or self.facts.get("only")
        return name or SUBJECTS.get(self.kind)

    @property
    def named(self) -> dict[str, Key]:
        """The entities in its facts, by fact."""
        keys = {
            fact: (name, str(self.facts[fact])) for fact, name in FACTS_NAMING.items() if fact in self.facts
        }
        if "id" in self.facts and self.subject is not None:
            keys["id"] = (self.subject, str(self.facts["id"]))
        return keys


Tolerated = Mapping[Key, Iterable[str]]
"""Other entities that an entity may conflict with, by its kind and id.

These are bookings that may overlap it (or the id of a cluster of them), profiles whose schedules may be active beside
it, and customers who may claim its address.
"""


def derived_guards(
    edits: Iterable[Edit], *, at: datetime, tolerated: Tolerated | None = None
) -> tuple[Guard, ...]:
    """Return the guards that follow from the edits of a step alone.

    Bookings after `at` are future ones; conflicts in `tolerated` are allowed.
    """
    edits = tuple(edits)
    leaving = leaving_by_customer(edits)
    guards: list[Guard] = []
    for edit in edits:
        if edit.before is not None:
            guards.append(_unchanged(edit))
        if isinstance(edit.after, Appointment) or isinstance(edit.before, Appointment):
            guards.extend(_booking_guards(edit, tolerated or {}))
        elif isinstance(edit.after, Profile):
            guards.extend(_profile_guards(edit, edit.after, at, tolerated or {}))
        elif isinstance(edit.after, Customer):
            guards.extend(_customer_guards(edit, edit.after, edits, leaving, tolerated or {}))
        elif isinstance(edit.after, AccessRequest):
            guards.extend(_request_guards(edit, edit.after))
    return tuple(guards)


def read_guard(entity: Entity) -> Guard:
    """Return the guard on an entity that a plan only read, by its version or digest."""
    name, version = kind_of(entity).name, entity.version
    if version is not None:
        return Guard("unchanged", Facts(entity=name, id=entity.id, version=version))
    return Guard("unchanged", Facts(entity=name, id=entity.id, digest=image_digest(entity)))


def _unchanged(edit: Edit) -> Guard:
    version = edit.before.version if edit.before else None
    facts = Facts(entity=edit.entity, id=edit.id)
    return Guard("unchanged", facts if version is None else Facts(**facts, version=version))


def _booking_guards(edit: Edit, tolerated: Tolerated) -> Iterator[Guard]:
    before, after = edit.before, edit.after
    if isinstance(before, Appointment) and before.is_live and not _is_live(after):
        yield Guard("not_after", Facts(instant=rfc3339(before.slot.start_us)))
    if isinstance(after, Appointment) and after.is_live and not _holds_slot(before, after):
        stood_in = before.replaced_by if isinstance(before, Appointment) else None
        own = {after.id, after.replaces, stood_in} - {None}
        allowed = {*own, *tolerated.get(("appointment", after.id), ())}
        slot = after.slot
        facts = Facts(profile_id=after.profile_id, start=rfc3339(slot.start_us), end=rfc3339(slot.end_us))
        if after.session_id is not None:
            facts = Facts(**facts, session_id=after.session_id)
        yield Guard("slot_free", facts, tuple(sorted(id for id in allowed if id)))
    if isinstance(after, Appointment) and after.is_live and _changes_hands(before, after):
        others = {after.id, *tolerated.get(("appointment", after.id), ())}
        slot = after.slot
        facts = Facts(customer_id=after.customer_id, start=rfc3339(slot.start_us), end=rfc3339(slot.end_us))
        yield Guard("slot_free", facts, tuple(sorted(others)))


def _is_live(entity: object) -> bool:
    return isinstance(entity, Appointment) and entity.is_live


def _holds_slot(before: object, after: Appointment) -> bool:
    """Return whether the booking already took up this exact slot, and does not leave a session."""
    if not isinstance(before, Appointment) or not before.is_live or before.slot != after.slot:
        return False
    return before.session_id in (None, after.session_id)


def _changes_hands(before: object, after: Appointment) -> bool:
    """Return whether the customer gets a booking of another customer, or one that replaces none."""
    if isinstance(before, Appointment):
        return before.customer_id != after.customer_id
    return after.replaces is None


def _profile_guards(edit: Edit, after: Profile, at: datetime, tolerated: Tolerated) -> Iterator[Guard]:
    before = edit.before
    if after.schedule == "active" and not (isinstance(before, Profile) and before.schedule == "active"):
        allowed = tuple(sorted({after.id, *tolerated.get(("profile", after.id), ())}))
        yield Guard("only_active_schedule", Facts(profile_id=after.id), allowed)
    if not isinstance(before, Profile):
        yield Guard("address_unclaimed", Facts(entity="profile", address=after.email.text), (after.id,))
    elif before.schedule != "inactive" and after.schedule == "inactive":
        yield Guard("no_other_future_booking", Facts.of({"profile_id": after.id, "from": rfc3339(at)}))


def _customer_guards(
    edit: Edit, after: Customer, edits: tuple[Edit, ...], leaving: Leaving, tolerated: Tolerated
) -> Iterator[Guard]:
    """Yield guards for a newly claimed primary address, and for the references to an absorbed customer."""
    before = edit.before if isinstance(edit.before, Customer) else None
    held = before.primary_mailboxes if before else ()
    for email in after.emails:
        mailbox = email.address.mailbox
        if email.use == "primary" and mailbox not in held:
            allowed = {after.id, *tolerated.get(("customer", after.id), ()), *_releasing(edits, mailbox)}
            facts = Facts(entity="customer", address=email.address.text)
            yield Guard("address_unclaimed", facts, tuple(sorted(allowed)))
    if after.merged_into is not None and (before is None or before.merged_into is None):
        yield no_reference_guard(after.id, leaving)


Leaving = Mapping[str, Collection[Key]]
"""The kinds and ids of entities that edits take from a customer, by its id."""


def leaving_by_customer(edits: Iterable[Edit]) -> Leaving:
    """Return the entities that edits take from each customer, as `no_reference_guard` takes them."""
    leaving: dict[str, dict[Key, None]] = {}
    for edit in edits:
        if edit.before is not None:
            for customer_id in _named_customers(edit.before):
                leaving.setdefault(customer_id, {})[edit.key] = None
    return leaving


def no_reference_guard(customer_id: str, leaving: Leaving) -> Guard:
    """Return the guard that only entities edited in the same step still refer to a customer.

    Those are of one kind, which is in the guard, because ids of different kinds may be equal.
    """
    keys = leaving.get(customer_id, ())
    kind = min((name for name, _ in keys), default="access")
    ids = tuple(sorted(id for name, id in keys if name == kind))
    return Guard("no_other_reference", Facts(customer_id=customer_id, entity=kind), ids)


def no_new_reference_guards(customer_id: str, known: Iterable[Key]) -> Iterator[Guard]:
    """Yield the guards that only known entities refer to a customer.

    Each guard covers one kind, because ids of different kinds may be equal.
    """
    ids: dict[EntityName, set[str]] = {}
    for name, id in known:
        ids.setdefault(name, set()).add(id)
    for name in NAMING_CUSTOMERS:
        facts = Facts(customer_id=customer_id, only=name)
        yield Guard("no_other_reference", facts, tuple(sorted(ids.get(name, ()))))


def no_other_record_guard(profile_id: str, staying: Iterable[str], known: Iterable[str]) -> Guard:
    """Return the guard that only known records and records of staying kinds refer to a profile."""
    facts = Facts(profile_id=profile_id, staying=tuple(sorted(staying)))
    return Guard("no_other_record", facts, tuple(sorted(known)))


def _named_customers(entity: Entity) -> Iterator[str]:
    """Yield the customers to which an entity refers, other than in `login_of`."""
    for field, name in kind_of(entity).references:
        id = getattr(entity, field) if name == "customer" else None
        if id is not None:
            yield id


def _releasing(edits: Iterable[Edit], mailbox: str) -> set[str]:
    """Return the customers who release a mailbox in the same step."""
    return {
        edit.id
        for edit in edits
        if isinstance(edit.before, Customer)
        and mailbox in edit.before.reserved_mailboxes
        and not (isinstance(edit.after, Customer) and mailbox in edit.after.reserved_mailboxes)
    }


def _request_guards(edit: Edit, after: AccessRequest) -> Iterator[Guard]:
    """Yield the guard that a pending request is approved before it expires."""
    before = edit.before
    if isinstance(before, AccessRequest) and before.status == "pending" and after.status == "approved":
        yield Guard("not_after", Facts(instant=rfc3339(before.expires_at), request_id=after.id))
