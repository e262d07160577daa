"""The evaluation of one guard against the present data."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import attrs

from accountmerge.changes.edits import image_digest
from accountmerge.changes.failures import Failure
from accountmerge.changes.guards import Guard, GuardKind
from accountmerge.changes.wholeness import Knowledge
from accountmerge.changes.workspaces import Workspace
from accountmerge.messages import Facts
from accountmerge.model.access import includes, strongest
from accountmerge.model.emails import mailbox_of
from accountmerge.model.instants import microseconds, parse_rfc3339, rfc3339
from accountmerge.model.json_text import canonical
from accountmerge.model.records import Record
from accountmerge.model.time_slots import TimeSlot


def judged_guard(workspace: Workspace, guard: Guard, step: int, knowledge: Knowledge) -> Failure | None:
    """Return the failure of a guard before a step, or None if it holds or cannot be evaluated.

    Missing data are recorded in `knowledge`.
    """
    if not knowledge.answers(guard, step):
        return None
    failure = guard_failure(workspace, guard, step)
    return failure if knowledge.has_answered(step) else None


def guard_failure(workspace: Workspace, guard: Guard, step: int) -> Failure | None:
    """Return the failure of a guard before a step, or None if the guard holds."""
    failed = _CHECKS[guard.kind](workspace, guard)
    return Failure(failed[0], step, failed[1]) if failed is not None else None


MOST_NAMED = 20
"""The most bookings that one failure names, because in a crowd each guard would name all."""

Found = tuple[str, Facts] | None
"""The code and the facts of a failure; None if the guard holds."""


def _unchanged(workspace: Workspace, guard: Guard) -> Found:
    """Compare the version that the plan read, or the digest of an entity that it only read.

    The values of edited entities are compared along their revisions.
    """
    facts = guard.facts
    entity = workspace.get(facts["entity"], str(facts["id"]))  # type: ignore[arg-type]
    named = Facts(entity=facts["entity"], id=facts["id"])
    if "version" in facts:
        version, wanted = getattr(entity, "version", None), facts["version"]
        if version != wanted or type(version) is not type(wanted):
            return "version_changed", Facts(**named, expected=canonical(wanted), found=canonical(version))
    if "digest" in facts and (entity is None or image_digest(entity) != facts["digest"]):
        return "read_changed", named
    return None


def _slot_free(workspace: Workspace, guard: Guard) -> Found:
    start, end = (parse_rfc3339(str(guard.facts[name])) for name in ("start", "end"))
    slot = TimeSlot.from_microseconds(start, end)
    if "customer_id" in guard.facts:
        code = "customer_busy"
        others = workspace.bookings_of_customer_over(str(guard.facts["customer_id"]), slot, guard.except_ids)
    else:
        code = "slot_taken"
        session: Any = guard.facts.get("session_id")
        others = workspace.live_bookings_over(str(guard.facts["profile_id"]), slot, guard.except_ids, session)
    ids = set(itertools.islice(others, MOST_NAMED))
    facts = {name: fact for name, fact in guard.facts.items() if name != "session_id"}
    return (code, Facts(**facts, ids=tuple(sorted(ids)))) if ids else None


def _address_unclaimed(workspace: Workspace, guard: Guard) -> Found:
    mailbox = mailbox_of(str(guard.facts["address"]))
    named = workspace.profiles_named if guard.facts["entity"] == "profile" else workspace.customers_claiming
    holders = named(mailbox).difference(guard.except_ids)
    if not holders:
        return None
    return "address_claimed", Facts(entity=guard.facts["entity"], ids=tuple(sorted(holders)))


def _no_other_reference(workspace: Workspace, guard: Guard) -> Found:
    customer_id = str(guard.facts["customer_id"])
    only: Any = guard.facts.get("only")
    leaving = {(guard.subject, id) for id in guard.except_ids}
    naming = {id for name, id in workspace.naming_customer(customer_id, only) if (name, id) not in leaving}
    return ("reference_left", Facts(customer_id=customer_id, ids=tuple(sorted(naming)))) if naming else None


def _no_like_record(workspace: Workspace, guard: Guard) -> Found:
    """Find duplicates of a record at its new customer; a missing record is reported as drift instead."""
    row = workspace.get("record", str(guard.facts["id"]))
    if not isinstance(row, Record):
        return None
    ends: dict[str, Any] = dict(guard.facts)  # the record itself, and the customers to which it will refer
    alike = workspace.records_like(attrs.evolve(row, **ends)).difference((row.id, *guard.except_ids))
    facts = Facts(id=row.id, customer_id=guard.facts["customer_id"], ids=tuple(sorted(alike)))
    return ("like_record", facts) if alike else None


def _no_other_future_booking(workspace: Workspace, guard: Guard) -> Found:
    start = parse_rfc3339(str(guard.facts["from"]))
    bookings = workspace.future_bookings(str(guard.facts["profile_id"]), start).difference(guard.except_ids)
    facts = Facts.of({**guard.facts, "ids": tuple(sorted(bookings))})
    return ("other_future_booking", facts) if bookings else None


def _no_other_record(workspace: Workspace, guard: Guard) -> Found:
    profile_id, staying = str(guard.facts["profile_id"]), guard.facts["staying"]
    kinds = staying if isinstance(staying, tuple) else ()
    rows = workspace.records_of_profile(profile_id)
    others = {row.id for row in rows if row.kind not in kinds}.difference(guard.except_ids)
    return ("record_left", Facts(profile_id=profile_id, ids=tuple(sorted(others)))) if others else None


def _only_active_schedule(workspace: Workspace, guard: Guard) -> Found:
    schedules = workspace.active_schedules(str(guard.facts["profile_id"])).difference(guard.except_ids)
    return (
        ("other_schedule_active", Facts(**guard.facts, ids=tuple(sorted(schedules)))) if schedules else None
    )


def _access_holds(workspace: Workspace, guard: Guard) -> Found:
    facts = {name: guard.facts[name] for name in ("profile_id", "customer_id", "level")}
    level = strongest(workspace.access_rows(str(facts["profile_id"]), str(facts["customer_id"])))
    holds = level is not None and includes(level, facts["level"])  # type: ignore[arg-type]
    login = getattr(workspace.get("profile", str(facts["profile_id"])), "login", "none")
    if holds and login == guard.facts.get("login", login):
        return None
    return "access_lost", Facts(**facts, found=level or "none", login=login)


def _not_after(workspace: Workspace, guard: Guard) -> Found:
    taken_at = workspace.base.taken_at
    if microseconds(taken_at) <= parse_rfc3339(str(guard.facts["instant"])):
        return None
    code = "request_expired" if "request_id" in guard.facts else "too_late"
    return code, Facts(**guard.facts, taken_at=rfc3339(taken_at))


def _unnumbered(workspace: Workspace, guard: Guard) -> Found:
    row = workspace.get("appointment", str(guard.facts["id"]))
    numbered = getattr(row, "number", None) is not None
    return ("booking_numbered", guard.facts) if numbered else None


_CHECKS: dict[GuardKind, Callable[[Workspace, Guard], Found]] = {
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
