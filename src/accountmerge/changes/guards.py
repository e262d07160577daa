"""Guards: what must hold when a step is applied, and how they are derived from a step's edits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import attrs

from accountmerge.messages import Facts
from accountmerge.model.appointments import Appointment
from accountmerge.model.instants import rfc3339
from accountmerge.model.profiles import Profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from accountmerge.changes.edits import Edit

GuardKind = Literal[
    "unchanged",
    "slot_free",
    "address_unclaimed",
    "no_other_future_booking",
    "only_active_schedule",
    "access_holds",
    "not_after",
]
GUARD_KINDS: tuple[GuardKind, ...] = get_args(GuardKind)

GUARD_FACTS: dict[GuardKind, tuple[frozenset[str], frozenset[str]]] = {
    "unchanged": (frozenset({"entity", "id"}), frozenset({"version"})),
    "slot_free": (frozenset({"profile_id", "start", "end"}), frozenset()),
    "address_unclaimed": (frozenset({"entity", "address"}), frozenset()),
    "no_other_future_booking": (frozenset({"profile_id", "from"}), frozenset()),
    "only_active_schedule": (frozenset({"profile_id"}), frozenset()),
    "access_holds": (frozenset({"profile_id", "customer_id", "level"}), frozenset()),
    "not_after": (frozenset({"instant"}), frozenset()),
}
"""The facts that each kind of guard has, and those that it may have."""


@attrs.frozen
class Guard:
    """What must hold at the moment in which a step is applied.

    Attributes:
        kind: What must hold; `docs/applying.md` tells each.
        facts: About what.
        except_ids: Entities that do not count against it (`except` in JSON).
    """

    kind: GuardKind
    facts: Facts
    except_ids: tuple[str, ...] = ()


def derived_guards(
    edits: Iterable[Edit], *, at: datetime, tolerated: Mapping[str, Iterable[str]] | None = None
) -> tuple[Guard, ...]:
    """Return the guards that follow from a step's edits alone.

    Args:
        edits: The edits of one step.
        at: The instant of the plan: what is future is judged by it.
        tolerated: By the id of a booking, other bookings that may overlap it; by the id of a profile, others
            whose schedules may be active beside it.
    """
    edits = tuple(edits)
    guards: list[Guard] = []
    for edit in edits:
        if edit.before is not None:
            guards.append(_unchanged(edit))
        if isinstance(edit.after, Appointment) or isinstance(edit.before, Appointment):
            guards.extend(_booking_guards(edit, tolerated or {}))
        elif isinstance(edit.after, Profile):
            guards.extend(_profile_guards(edit, edit.after, at, tolerated or {}))
    return tuple(guards)


def _unchanged(edit: Edit) -> Guard:
    version = edit.before.version if edit.before else None
    facts = Facts(entity=edit.entity, id=edit.id)
    return Guard("unchanged", facts if version is None else Facts(**facts, version=version))


def _booking_guards(edit: Edit, tolerated: Mapping[str, Iterable[str]]) -> Iterator[Guard]:
    before, after = edit.before, edit.after
    if isinstance(before, Appointment) and before.is_live and not _is_live(after):
        yield Guard("not_after", Facts(instant=rfc3339(before.slot.start_us)))
    if isinstance(after, Appointment) and after.is_live and not _holds_slot(before, after):
        own = {after.id, after.replaces} - {None}
        allowed = {*own, *tolerated.get(after.id, ())}
        slot = after.slot
        facts = Facts(profile_id=after.profile_id, start=rfc3339(slot.start_us), end=rfc3339(slot.end_us))
        yield Guard("slot_free", facts, tuple(sorted(id for id in allowed if id)))


def _is_live(entity: object) -> bool:
    return isinstance(entity, Appointment) and entity.is_live


def _holds_slot(before: object, after: Appointment) -> bool:
    """Tell whether the booking took up this very slot already."""
    return isinstance(before, Appointment) and before.is_live and before.slot == after.slot


def _profile_guards(
    edit: Edit, after: Profile, at: datetime, tolerated: Mapping[str, Iterable[str]]
) -> Iterator[Guard]:
    before = edit.before
    if after.schedule == "active" and not (isinstance(before, Profile) and before.schedule == "active"):
        allowed = tuple(sorted({after.id, *tolerated.get(after.id, ())}))
        yield Guard("only_active_schedule", Facts(profile_id=after.id), allowed)
    if not isinstance(before, Profile):
        yield Guard("address_unclaimed", Facts(entity="profile", address=after.email.text), (after.id,))
    elif before.schedule != "inactive" and after.schedule == "inactive":
        yield Guard("no_other_future_booking", Facts.of({"profile_id": after.id, "from": rfc3339(at)}))
