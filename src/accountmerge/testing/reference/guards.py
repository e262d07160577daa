"""A second reading of guards, as plain questions to the rows of a store.

It shares no code with the guard checks of the library, so that the two can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.changes.edits import image_digest
from accountmerge.model.emails import EmailAddress
from accountmerge.model.instants import parse_rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable

    from accountmerge.changes.guards import Guard, GuardKind
    from accountmerge.model.entities import Entity, EntityName

Rows = dict["EntityName", dict[str, "Entity"]]
"""All rows of a store, by the kind and the id of the entity."""


@attrs.frozen(repr=False)
class Moment:
    """The state on which a guard is evaluated.

    Attributes:
        rows: The present rows.
        now_us: The clock of the store.
        clusters: By the id of a finding that a guard may except, all bookings that it excepts with it.
    """

    rows: Rows
    now_us: int
    clusters: Mapping[str, frozenset[str]] = MappingProxyType({})

    def every(self, name: EntityName) -> list[Any]:
        """Return all rows of a kind."""
        return list(self.rows[name].values())

    def row(self, name: Any, id: object) -> Any:
        """Return one row, or None."""
        return self.rows[name].get(str(id))


def holds(guard: Guard, moment: Moment) -> bool:
    """Return whether a guard holds."""
    return _HOLDS[guard.kind](guard.facts, frozenset(guard.except_ids), moment)


Except = frozenset[str]


def _unchanged(facts: Any, _: Except, moment: Moment) -> bool:
    row = moment.row(facts["entity"], facts["id"])
    if "version" in facts:
        version = getattr(row, "version", None)
        return (type(version), version) == (type(facts["version"]), facts["version"])
    return "digest" not in facts or (row is not None and image_digest(row) == facts["digest"])


def _slot_free(facts: Any, spared: Except, moment: Moment) -> bool:
    start, end = parse_rfc3339(facts["start"]), parse_rfc3339(facts["end"])
    spared = spared.union(*(moment.clusters.get(id, ()) for id in spared))
    there = [
        row
        for row in moment.every("appointment")
        if row.is_live and row.slot.start_us < end and start < row.slot.end_us and row.id not in spared
    ]
    if "customer_id" in facts:
        person = _survivor(facts["customer_id"], moment)
        return all(_survivor(row.customer_id, moment) != person for row in there)
    human = getattr(moment.row("profile", facts["profile_id"]), "practitioner_id", None)
    session = (facts.get("session_id", ""), start, end)
    return all(
        moment.row("profile", row.profile_id).practitioner_id != human
        or (row.session_id, row.slot.start_us, row.slot.end_us) == session
        for row in there
    )


def _survivor(customer_id: str, moment: Moment) -> str:
    """Return the last survivor of a customer; in a cycle, the least id of it."""
    path = [customer_id]
    while (into := getattr(moment.row("customer", path[-1]), "merged_into", None)) is not None:
        if into in path:
            return min(path[path.index(into) :])
        path.append(into)
    return path[-1]


def _address_unclaimed(facts: Any, spared: Except, moment: Moment) -> bool:
    mailbox = EmailAddress(facts["address"]).mailbox
    if facts["entity"] == "profile":
        return all(row.mailbox != mailbox or row.id in spared for row in moment.every("profile"))
    return all(mailbox not in row.reserved_mailboxes or row.id in spared for row in moment.every("customer"))


def _no_other_reference(facts: Any, spared: Except, moment: Moment) -> bool:
    id, only = facts["customer_id"], facts.get("only")
    leaving = only or facts["entity"]
    named: list[tuple[EntityName, tuple[str, ...]]] = [
        ("appointment", ("customer_id",)),
        ("record", ("customer_id", "related_customer_id")),
        ("access", ("customer_id",)),
        ("access_request", ("customer_id",)),
        ("customer", ("merged_into",)),
    ]
    return not any(
        id in [getattr(row, field) for field in fields]
        and not (name == leaving and row.id in spared)
        and not (name == "access_request" and row.status != "pending")
        for name, fields in named
        if only in (None, name)
        for row in moment.every(name)
    )


def _no_like_record(facts: Any, spared: Except, moment: Moment) -> bool:
    own = moment.row("record", facts["id"])
    if own is None:
        return True
    wanted = attrs.evolve(own, **{name: value for name, value in facts.items() if name != "id"})
    return not any(
        _says_the_same(row, wanted)
        for row in moment.every("record")
        if row.id != own.id and row.id not in spared
    )


def _says_the_same(row: Any, wanted: Any) -> bool:
    same = (row.kind, row.customer_id, row.unique_key) == (wanted.kind, wanted.customer_id, wanted.unique_key)
    if wanted.kind != "relation":
        return same
    return same and (row.related_customer_id, row.data) == (wanted.related_customer_id, wanted.data)


def _no_other_future_booking(facts: Any, spared: Except, moment: Moment) -> bool:
    start = parse_rfc3339(facts["from"])
    return not any(
        row.is_live
        and row.profile_id == facts["profile_id"]
        and row.slot.start_us >= start
        and row.id not in spared
        for row in moment.every("appointment")
    )


def _no_other_record(facts: Any, spared: Except, moment: Moment) -> bool:
    return not any(
        row.profile_id == facts["profile_id"] and row.kind not in facts["staying"] and row.id not in spared
        for row in moment.every("record")
    )


def _only_active_schedule(facts: Any, spared: Except, moment: Moment) -> bool:
    own = moment.row("profile", facts["profile_id"])
    return not any(
        row.schedule == "active"
        and own is not None
        and row.practitioner_id == own.practitioner_id
        and row.id not in spared
        for row in moment.every("profile")
    )


def _access_holds(facts: Any, _: Except, moment: Moment) -> bool:
    levels = [
        row.level
        for row in moment.every("access")
        if (row.profile_id, row.customer_id) == (facts["profile_id"], facts["customer_id"])
    ]
    enough = {"treating"} if facts["level"] == "treating" else {"treating", "viewing"}
    login = getattr(moment.row("profile", facts["profile_id"]), "login", "none")
    return bool(enough.intersection(levels)) and login == facts.get("login", login)


def _not_after(facts: Any, _: Except, moment: Moment) -> bool:
    return moment.now_us <= parse_rfc3339(facts["instant"])


def _unnumbered(facts: Any, _: Except, moment: Moment) -> bool:
    return getattr(moment.row("appointment", facts["id"]), "number", None) is None


_HOLDS: dict[GuardKind, Callable[[Any, Except, Moment], bool]] = {
    "unchanged": _unchanged,
    "slot_free": _slot_free,
    "address_unclaimed": _address_unclaimed,
    "no_other_reference": _no_other_reference,
    "no_like_record": _no_like_record,
    "no_other_future_booking": _no_other_future_booking,
    "no_other_record": _no_other_record,
    "only_active_schedule": _only_active_schedule,
    "access_holds": _access_holds,
    "not_after": _not_after,
    "unnumbered": _unnumbered,
}
