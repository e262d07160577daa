"""Guard checks: whether a guard holds in a workspace, and if not, what was found instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.changes.failures import Failure
from accountmerge.messages import Facts
from accountmerge.model.access import includes, strongest
from accountmerge.model.emails import EmailAddress
from accountmerge.model.instants import microseconds, parse_rfc3339, rfc3339
from accountmerge.model.time_slots import TimeSlot

if TYPE_CHECKING:
    from collections.abc import Callable

    from accountmerge.changes.guards import Guard, GuardKind
    from accountmerge.changes.workspaces import Workspace


def guard_failure(workspace: Workspace, guard: Guard, step: int) -> Failure | None:
    """Return why a guard does not hold before a step, or nothing if it holds."""
    found = _CHECKS[guard.kind](workspace, guard)
    return Failure(_FAILURES[guard.kind], step, found) if found is not None else None


def _unchanged(workspace: Workspace, guard: Guard) -> Facts | None:
    """Compare the version that the plan read; the values are compared along the chain of images."""
    if "version" not in guard.facts:
        return None
    entity = workspace.get(guard.facts["entity"], str(guard.facts["id"]))  # type: ignore[arg-type]
    version, wanted = getattr(entity, "version", None), guard.facts["version"]
    if version == wanted and type(version) is type(wanted):
        return None
    return Facts(entity=guard.facts["entity"], id=guard.facts["id"])


def _slot_free(workspace: Workspace, guard: Guard) -> Facts | None:
    start, end = (parse_rfc3339(str(guard.facts[name])) for name in ("start", "end"))
    slot = TimeSlot.from_microseconds(start, end)
    found = workspace.live_bookings_over(str(guard.facts["profile_id"]), slot).difference(guard.except_ids)
    return Facts(**guard.facts, ids=tuple(sorted(found))) if found else None


def _address_unclaimed(workspace: Workspace, guard: Guard) -> Facts | None:
    mailbox = EmailAddress(str(guard.facts["address"])).mailbox
    found = workspace.profiles_named(mailbox).difference(guard.except_ids)
    return Facts(entity=guard.facts["entity"], ids=tuple(sorted(found))) if found else None


def _no_other_future_booking(workspace: Workspace, guard: Guard) -> Facts | None:
    start = parse_rfc3339(str(guard.facts["from"]))
    found = workspace.future_bookings(str(guard.facts["profile_id"]), start).difference(guard.except_ids)
    return Facts.of({**guard.facts, "ids": tuple(sorted(found))}) if found else None


def _only_active_schedule(workspace: Workspace, guard: Guard) -> Facts | None:
    found = workspace.active_schedules(str(guard.facts["profile_id"])).difference(guard.except_ids)
    return Facts(**guard.facts, ids=tuple(sorted(found))) if found else None


def _access_holds(workspace: Workspace, guard: Guard) -> Facts | None:
    rows = workspace.access_rows(str(guard.facts["profile_id"]), str(guard.facts["customer_id"]))
    level = strongest(rows)
    holds = level is not None and includes(level, guard.facts["level"])  # type: ignore[arg-type]
    return None if holds else guard.facts


def _not_after(workspace: Workspace, guard: Guard) -> Facts | None:
    taken_at = workspace.base.taken_at
    if microseconds(taken_at) <= parse_rfc3339(str(guard.facts["instant"])):
        return None
    return Facts(instant=guard.facts["instant"], taken_at=rfc3339(taken_at))


_CHECKS: dict[GuardKind, Callable[[Workspace, Guard], Facts | None]] = {
    "unchanged": _unchanged,
    "slot_free": _slot_free,
    "address_unclaimed": _address_unclaimed,
    "no_other_future_booking": _no_other_future_booking,
    "only_active_schedule": _only_active_schedule,
    "access_holds": _access_holds,
    "not_after": _not_after,
}
_FAILURES: dict[GuardKind, str] = {
    "unchanged": "version_changed",
    "slot_free": "slot_taken",
    "address_unclaimed": "address_claimed",
    "no_other_future_booking": "other_future_booking",
    "only_active_schedule": "other_schedule_active",
    "access_holds": "access_lost",
    "not_after": "too_late",
}
