"""Foreign writes while a change set is applied, aimed at the rows that it depends on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.model.appointments import Appointment
from accountmerge.model.emails import CustomerEmail, EmailAddress
from accountmerge.model.entities import KIND_OF_NAME, KINDS, kind_of
from accountmerge.model.instants import from_microseconds, parse_rfc3339
from accountmerge.model.json_text import FrozenJson
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.time_slots import TimeSlot
from accountmerge.testing.adapters import ForeignWrite
from accountmerge.testing.reference.phantom_rows import (
    FAR_AHEAD,
    PHANTOM,
    a_booking,
    a_customer,
    a_login,
    far_ahead,
    names_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.edits import Key
    from accountmerge.changes.guards import Guard, GuardKind
    from accountmerge.model.access import AccessRequest
    from accountmerge.model.customers import Customer
    from accountmerge.model.entities import Entity, EntityName
    from accountmerge.model.snapshots import Snapshot

_HALF_AN_HOUR = 1_800_000_000
"""In microseconds."""


def scribbles(entity: Entity) -> tuple[Entity, ...]:
    """Return an entity as another program may have written it, with one changed field at a time.

    No value is one that a plan gives, and none adds a reference.
    """
    row: Any = entity
    return tuple(attrs.evolve(row, **{name: value}) for name, value in _SCRIBBLES[type(row).__name__](row))


def _profile(row: Profile) -> Iterator[tuple[str, object]]:
    yield "unavailable", (*row.unavailable, TimeSlot.from_microseconds(0, 60_000_000))
    yield "email", EmailAddress("scribble@example.net")
    yield "login", "disabled" if row.login == "enabled" else "enabled"
    yield "data", FrozenJson.of(["scribble", False])


def _customer(row: Customer) -> Iterator[tuple[str, object]]:
    yield "phones", (*row.phones, "scribble")
    yield "opt_outs", (*row.opt_outs, "scribble")
    yield "attributes", FrozenJson.of({**row.attributes.value, "scribble": 0})
    yield "birth_date", date(1904, 2, 29)
    yield "address", "scribble"
    yield "given_name", "scribble"
    yield "merged_at", from_microseconds(1)
    yield "former_record_numbers", (*row.former_record_numbers, "scribble")


def _appointment(row: Appointment) -> Iterator[tuple[str, object]]:
    yield "modality", "chat" if row.modality != "chat" else "phone"
    yield "cancel_reason", "scribble"
    yield "time_zone", "Pacific/Auckland" if row.time_zone != "Pacific/Auckland" else "UTC"
    yield "slot", TimeSlot(row.slot.start + FAR_AHEAD, row.slot.end + FAR_AHEAD)
    yield "data", FrozenJson.of(["scribble", False])


def _record(row: Record) -> Iterator[tuple[str, object]]:
    yield "data", FrozenJson.of(["scribble", False])
    yield "unique_key", f"{row.unique_key or ''}scribble"
    yield "created_at", from_microseconds(0)


def _access(row: Any) -> Iterator[tuple[str, object]]:
    del row
    yield "since", from_microseconds(0)  # not the level: a plan may give either one


def _access_request(row: AccessRequest) -> Iterator[tuple[str, object]]:
    yield "reason", "scribble"
    yield "expires_at", row.expires_at + FAR_AHEAD


_SCRIBBLES: dict[str, Callable[[Any], Iterator[tuple[str, object]]]] = {
    "Profile": _profile,
    "Customer": _customer,
    "Appointment": _appointment,
    "Record": _record,
    "Access": _access,
    "AccessRequest": _access_request,
}


def phantoms(snapshot: Snapshot, change_set: ChangeSet) -> Iterator[tuple[int, GuardKind, ForeignWrite]]:
    """Yield writes that make a guard fail, with the ordinal of its step and its kind.

    Impossible writes are left out; `check` finds the real effect of a write.

    Args:
        snapshot: The data before the change set, or with a part of it done.
        change_set: The change set with the guards.
    """
    for step in change_set.wanted_steps:
        for guard in step.guards:
            for write in _AIMED[guard.kind](snapshot, change_set, guard):
                yield step.ordinal, guard.kind, write


def ties(snapshot: Snapshot, change_set: ChangeSet) -> Iterator[tuple[int, ForeignWrite]]:
    """Yield possible writes that refer to an entity that a step removes, with the ordinal of the step.

    They are new rows, and rows that no step touches and that refer to something else until then.
    """
    touched = {edit.key for step in change_set.steps for edit in step.edits}
    for step in change_set.wanted_steps:
        for edit in (edit for edit in step.edits if edit.after is None):
            new = _naming(snapshot, change_set, edit.before)
            for row in (*new, *_turned_to(snapshot, touched, edit.entity, edit.id)):
                write = ForeignWrite([row])
                if write.is_possible_on(snapshot):
                    yield step.ordinal, write


def _turned_to(snapshot: Snapshot, touched: Collection[Key], name: EntityName, id: str) -> Iterator[Entity]:
    """Yield an untouched row for each field that may refer to an entity, as it refers to it."""
    for kind in KINDS:
        rows: Any = snapshot.table(kind.collection).sorted()
        row: Any = next((row for row in rows if (kind.name, row.id) not in touched), None)
        for field, target in kind.references if row else ():
            if target == name:
                yield attrs.evolve(row, **{field: id})


def _naming(snapshot: Snapshot, change_set: ChangeSet, removed: Entity | None) -> Iterator[Entity]:
    customer = next(iter(snapshot.customers.sorted()), None)
    if customer is None:
        return
    if isinstance(removed, Record):
        yield Record(
            id=f"{PHANTOM}-note", kind="note", customer_id=removed.customer_id, attached_to=removed.id
        )
    elif isinstance(removed, Profile):
        yield attrs.evolve(a_booking(removed.id, customer.id, far_ahead(change_set.at)), status="missed")
    elif isinstance(removed, Appointment):
        other = a_booking(removed.profile_id, removed.customer_id, far_ahead(change_set.at))
        yield attrs.evolve(other, status="missed", replaces=removed.id)


def _into_the_slot(snapshot: Snapshot, change_set: ChangeSet, guard: Guard) -> Iterator[ForeignWrite]:
    start, end = (parse_rfc3339(str(guard.facts[name])) for name in ("start", "end"))
    slot = TimeSlot.from_microseconds(start, end)
    profiles = [row.id for row in snapshot.profiles.sorted()]
    customers = [row.id for row in snapshot.customers.sorted()]
    if "customer_id" in guard.facts:
        customers = [id for id in customers if id == guard.facts["customer_id"]]
    else:
        human = _practitioner(snapshot, change_set, str(guard.facts["profile_id"]))
        profiles = [id for id in profiles if snapshot.profiles[id].practitioner_id == human]
    reaching_in = TimeSlot.from_microseconds(start - _HALF_AN_HOUR, start + 1)
    for part in (slot, reaching_in) if profiles and customers else ():
        booking = a_booking(profiles[-1], customers[-1], part)
        yield ForeignWrite([attrs.evolve(booking, status="held") if "profile_id" in guard.facts else booking])


def _practitioner(snapshot: Snapshot, change_set: ChangeSet, profile_id: str) -> str | None:
    """Return the practitioner of a profile, also of one that the change set opens."""
    opened = (edit.after for step in change_set.steps for edit in step.edits if edit.id == profile_id)
    known = [snapshot.profiles.get(profile_id), *opened]
    return next((row.practitioner_id for row in known if isinstance(row, Profile)), None)


def _claim(snapshot: Snapshot, change_set: ChangeSet, guard: Guard) -> Iterator[ForeignWrite]:
    del snapshot, change_set
    address = EmailAddress(f" {str(guard.facts['address']).upper()}")
    if guard.facts["entity"] == "profile":
        yield ForeignWrite([attrs.evolve(a_login(), email=address)])
    else:
        for use in ("primary", "former"):
            yield ForeignWrite([a_customer(CustomerEmail(address, use))])
        yield ForeignWrite([attrs.evolve(a_customer(CustomerEmail(address, "primary")), status="disabled")])


def _reference(snapshot: Snapshot, change_set: ChangeSet, guard: Guard) -> Iterator[ForeignWrite]:
    customer_id = str(guard.facts["customer_id"])
    if customer_id not in snapshot.customers:
        return
    rows: list[Entity] = [*names_of(snapshot, change_set.at, customer_id)]
    for profile in snapshot.profiles.sorted()[:1]:
        past = TimeSlot(change_set.at - FAR_AHEAD, change_set.at - FAR_AHEAD + timedelta(hours=1))
        rows.append(attrs.evolve(a_booking(profile.id, customer_id, past), status="completed"))
    only = guard.facts.get("only")
    yield from (ForeignWrite([row]) for row in rows if only in (None, kind_of(row).name))


def _duplicate_key(snapshot: Snapshot, change_set: ChangeSet, guard: Guard) -> Iterator[ForeignWrite]:
    del change_set
    row = snapshot.records.get(str(guard.facts["id"]))
    if row is not None:
        ends: Any = {**guard.facts, "id": f"{PHANTOM}-record"}
        yield ForeignWrite([attrs.evolve(row, **ends, attached_to=None, version=None)])


def _late_booking(snapshot: Snapshot, change_set: ChangeSet, guard: Guard) -> Iterator[ForeignWrite]:
    profile_id = str(guard.facts["profile_id"])
    for customer in snapshot.customers.sorted()[:1] if profile_id in snapshot.profiles else ():
        yield ForeignWrite([a_booking(profile_id, customer.id, far_ahead(change_set.at))])
        start = parse_rfc3339(str(guard.facts["from"]))
        at_once = TimeSlot.from_microseconds(start, start + 1)
        yield ForeignWrite([attrs.evolve(a_booking(profile_id, customer.id, at_once), status="held")])


def _late_record(snapshot: Snapshot, change_set: ChangeSet, guard: Guard) -> Iterator[ForeignWrite]:
    del change_set
    profile_id = str(guard.facts["profile_id"])
    for customer in snapshot.customers.sorted()[:1] if profile_id in snapshot.profiles else ():
        row = Record(id=f"{PHANTOM}-record", kind=PHANTOM, customer_id=customer.id, profile_id=profile_id)
        yield ForeignWrite([row])


def _schedule(snapshot: Snapshot, change_set: ChangeSet, guard: Guard) -> Iterator[ForeignWrite]:
    human = _practitioner(snapshot, change_set, str(guard.facts["profile_id"]))
    if human is not None:
        yield ForeignWrite([attrs.evolve(a_login(), practitioner_id=human, schedule="active")])


def _withdrawal(snapshot: Snapshot, change_set: ChangeSet, guard: Guard) -> Iterator[ForeignWrite]:
    del change_set
    profile_id, customer_id = guard.facts["profile_id"], guard.facts["customer_id"]
    rows = snapshot.access.where("profile_id", str(profile_id))
    held = [row.id for row in rows if row.customer_id == customer_id]
    if held:
        yield ForeignWrite(drop=[("access", id) for id in sorted(held)])
        if guard.facts["level"] == "treating":
            yield ForeignWrite([attrs.evolve(snapshot.access[id], level="viewing") for id in sorted(held)])
    profile = snapshot.profiles.get(str(profile_id))
    if profile is not None and "login" in guard.facts:
        yield ForeignWrite([attrs.evolve(profile, login="disabled")])


def _number(snapshot: Snapshot, change_set: ChangeSet, guard: Guard) -> Iterator[ForeignWrite]:
    del change_set
    row = snapshot.appointments.get(str(guard.facts["id"]))
    if row is not None:
        yield ForeignWrite([attrs.evolve(row, number="APP-777001")])


def _other_version(snapshot: Snapshot, change_set: ChangeSet, guard: Guard) -> Iterator[ForeignWrite]:
    """Yield a write that only changes a version, or a change of a row that was only read."""
    del change_set
    collection = KIND_OF_NAME[str(guard.facts["entity"])].collection
    row = snapshot.table(collection).get(str(guard.facts["id"]))
    if row is not None and "version" in guard.facts:
        yield ForeignWrite([row])
    elif row is not None and "digest" in guard.facts:
        yield ForeignWrite([scribbles(row)[0]])


def _nothing(snapshot: Snapshot, change_set: ChangeSet, guard: Guard) -> Iterator[ForeignWrite]:
    """Yield no write, because time passes by itself."""
    del snapshot, change_set, guard
    yield from ()


_AIMED: dict[GuardKind, Callable[[Snapshot, ChangeSet, Guard], Iterator[ForeignWrite]]] = {
    "unchanged": _other_version,
    "slot_free": _into_the_slot,
    "address_unclaimed": _claim,
    "no_other_reference": _reference,
    "no_like_record": _duplicate_key,
    "no_other_future_booking": _late_booking,
    "no_other_record": _late_record,
    "only_active_schedule": _schedule,
    "access_holds": _withdrawal,
    "not_after": _nothing,
    "unnumbered": _number,
}
