"""Checks and application of a change set to a snapshot, in memory and all or none.

Shares no code with the planners, so that tests of a plan's result verify the plan independently.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import attrs

from accountmerge.changes.chains import Chain, chain_failures, located_chains
from accountmerge.changes.change_sets import ChangeSet, members_by_cluster
from accountmerge.changes.edits import Key, carried_over, differing_fields, image_digest
from accountmerge.changes.failures import ApplyRefused, Failure
from accountmerge.changes.guards import Guard, GuardKind
from accountmerge.changes.receipts import Receipt
from accountmerge.changes.steps import Step
from accountmerge.changes.wholeness import Wholeness
from accountmerge.changes.workspaces import Workspace
from accountmerge.messages import Facts
from accountmerge.model.access import includes, strongest
from accountmerge.model.emails import mailbox_of
from accountmerge.model.entities import Entity, EntityName, kind_of
from accountmerge.model.instants import microseconds, parse_rfc3339, rfc3339
from accountmerge.model.json_text import canonical
from accountmerge.model.names import is_visible_name
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.values import Value


def apply(snapshot: Snapshot, change_set: ChangeSet, receipts: Iterable[Receipt] = ()) -> Snapshot:
    """Return the snapshot after applying a change set; if anything fails, no change is made.

    Works as `accountmerge.apply`, but without a comparison of the plan id with the content.

    Raises:
        ApplyRefused: The plan is blocked or not confirmed, the data have drifted, or a guard fails.
    """
    rehearsal = _rehearsed(snapshot, change_set, receipts)
    if rehearsal.failures:
        raise ApplyRefused(rehearsal.failures)
    put = [entity for entity in rehearsal.writes.values() if entity is not None]
    drop: dict[EntityName, list[str]] = {}
    for (name, id), entity in rehearsal.writes.items():
        if entity is None:
            drop.setdefault(name, []).append(id)
    return snapshot.changed(put, drop)


def check(snapshot: Snapshot, change_set: ChangeSet, receipts: Iterable[Receipt] = ()) -> tuple[Failure, ...]:
    """Return every reason not to apply a change set, in step order; empty exactly if `apply` would succeed."""
    return _rehearsed(snapshot, change_set, receipts).failures


@attrs.frozen(eq=False, repr=False)
class _Rehearsal(Value):
    """Result of a dry run, with failures and entities to write (None deletes)."""

    failures: tuple[Failure, ...]
    writes: Mapping[tuple[EntityName, str], Entity | None]


def _rehearsed(snapshot: Snapshot, change_set: ChangeSet, receipts: Iterable[Receipt]) -> _Rehearsal:
    """Replay the steps in memory from the first images, each guard evaluated in its step."""
    failures = [*_blocked(change_set), *chain_failures(change_set.steps)]
    if failures:
        return _Rehearsal(tuple(failures), {})
    steps, chains = located_chains(snapshot, change_set, receipts)
    wanted = steps[: len(change_set.wanted_steps)]
    workspace = Workspace(snapshot, members_by_cluster(change_set.clusters, steps))
    for (name, id), chain in chains.items():
        if chain.position:
            workspace.put(name, id, chain.start)
    stages = dict.fromkeys(chains, 0)
    wholeness = Wholeness(snapshot, change_set, steps, chains)
    for step in wanted:
        failures += _replayed(workspace, step, chains, stages, wholeness)
    writes = {
        key: workspace.get(*key)
        for key, chain in chains.items()
        if stages[key] and _is_behind(chain, stages[key])
    }
    failures += _dangling(workspace, wanted[-1].ordinal, wholeness) if wanted else ()
    failures = sorted((*wholeness.failures(), *failures), key=lambda failure: failure.step or 0)
    return _Rehearsal((*(_unconfirmed(change_set) if writes else ()), *failures), writes)


def _blocked(change_set: ChangeSet) -> Iterator[Failure]:
    if change_set.blocked:
        yield Failure.of("blocked", codes=change_set.blocked)


def _unconfirmed(change_set: ChangeSet) -> Iterator[Failure]:
    """Yield a failure if a change set lacks a needed confirmation or has that of another plan."""
    confirmation = change_set.confirmation
    if confirmation is not None and confirmation.plan_id != change_set.plan_id:
        yield Failure.of("confirmation_mismatch", plan_id=confirmation.plan_id)
    if change_set.needs_confirmation and not (confirmation and is_visible_name(confirmation.by)):
        yield Failure.of("unconfirmed")


def _replayed(
    workspace: Workspace,
    step: Step,
    chains: Mapping[Key, Chain],
    stages: dict[Key, int],
    wholeness: Wholeness,
) -> Iterator[Failure]:
    """Verify a step that is not done, then put its edits into the workspace."""
    reached: dict[Key, int] = {}
    pending: dict[Key, None] = {}
    keys = [edit.key for edit in step.edits]
    for edit, key in zip(step.edits, keys, strict=True):
        reached[key] = stage = reached.get(key, stages[key]) + 1
        is_pending = _is_behind(chains[key], stage)
        wholeness.judge_edit(edit, step.ordinal, is_first=stage == 1, is_pending=is_pending)
        if is_pending:
            pending[key] = None
    for key in pending:
        if chains[key].position is None and stages[key] == 0 and not wholeness.is_unknown(key):
            yield _drift(chains[key], key, step.ordinal)
    if pending:
        counting = (guard for guard in step.guards if _counts(guard, chains, stages))
        answered = (guard for guard in counting if wholeness.answers(guard, step.ordinal))
        failures = (guard_failure(workspace, guard, step.ordinal) for guard in answered)
        yield from (failure for failure in failures if failure is not None)
    for key in keys:
        chain = chains[key]
        stages[key] += 1
        workspace.put(*key, carried_over(chain.images[stages[key]], chain.found))


def _counts(guard: Guard, chains: Mapping[Key, Chain], stages: Mapping[Key, int]) -> bool:
    """Return whether a guard is evaluated; a version counts only against the first image of its entity.

    For later images the store has given a new version.
    """
    if guard.kind != "unchanged":
        return True
    key: Any = (guard.facts["entity"], guard.facts["id"])
    return key not in chains or (stages[key] == 0 and not chains[key].position)


def _is_behind(chain: Chain, stage: int) -> bool:
    """Return whether the present data have not reached a stage of a chain."""
    return chain.position is None or chain.position < stage


def _drift(chain: Chain, key: Key, step: int) -> Failure:
    if chain.was_undone:
        return Failure.of("write_undone", step, entity=key[0], id=key[1])
    found = chain.found
    if found is None:
        return Failure.of("gone", step, entity=key[0], id=key[1])
    nearest = min((differing_fields(image, found) for image in chain.images if image is not None), key=len)
    fields = tuple(name for name in nearest if name not in kind_of(found).store_given)
    return Failure.of("drifted", step, entity=key[0], id=key[1], fields=fields)


def _dangling(workspace: Workspace, step: int, wholeness: Wholeness) -> Iterator[Failure]:
    for entity, name, target in workspace.dangling():
        if not wholeness.knows_absent(name, target, step):
            continue
        facts = {"entity": kind_of(entity).name, "id": entity.id, "kind": name, "target": target}
        yield Failure.of("dangling_reference", step, **facts)


def guard_failure(workspace: Workspace, guard: Guard, step: int) -> Failure | None:
    """Return the failure of a guard before a step, or None if the guard holds."""
    found = _CHECKS[guard.kind](workspace, guard)
    return Failure(found[0], step, found[1]) if found is not None else None


MOST_NAMED = 20
"""The most bookings that one failure names, because in a crowd each guard would name all."""

Found = tuple[str, Facts] | None
"""The code and the facts of a failure; None if the guard holds."""


def _unchanged(workspace: Workspace, guard: Guard) -> Found:
    """Compare the version that the plan read, or the digest of an entity that it only read.

    The values of edited entities are compared along the chain of images.
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
        others = workspace.live_bookings_over(str(guard.facts["profile_id"]), slot, guard.except_ids)
    ids = set(itertools.islice(others, MOST_NAMED))
    return (code, Facts(**guard.facts, ids=tuple(sorted(ids)))) if ids else None


def _address_unclaimed(workspace: Workspace, guard: Guard) -> Found:
    mailbox = mailbox_of(str(guard.facts["address"]))
    named = workspace.profiles_named if guard.facts["entity"] == "profile" else workspace.customers_claiming
    found = named(mailbox).difference(guard.except_ids)
    if not found:
        return None
    return "address_claimed", Facts(entity=guard.facts["entity"], ids=tuple(sorted(found)))


def _no_other_reference(workspace: Workspace, guard: Guard) -> Found:
    customer_id = str(guard.facts["customer_id"])
    only: Any = guard.facts.get("only")
    leaving = {(guard.subject, id) for id in guard.except_ids}
    found = {id for name, id in workspace.naming_customer(customer_id, only) if (name, id) not in leaving}
    return ("reference_left", Facts(customer_id=customer_id, ids=tuple(sorted(found)))) if found else None


def _no_like_record(workspace: Workspace, guard: Guard) -> Found:
    """Find duplicates of a record at its new customer; a missing record is reported as drift instead."""
    row = workspace.get("record", str(guard.facts["id"]))
    if not isinstance(row, Record):
        return None
    ends: dict[str, Any] = dict(guard.facts)  # the record itself, and the customers to which it will refer
    found = workspace.records_like(attrs.evolve(row, **ends)).difference((row.id, *guard.except_ids))
    facts = Facts(id=row.id, customer_id=guard.facts["customer_id"], ids=tuple(sorted(found)))
    return ("like_record", facts) if found else None


def _no_other_future_booking(workspace: Workspace, guard: Guard) -> Found:
    start = parse_rfc3339(str(guard.facts["from"]))
    found = workspace.future_bookings(str(guard.facts["profile_id"]), start).difference(guard.except_ids)
    facts = Facts.of({**guard.facts, "ids": tuple(sorted(found))})
    return ("other_future_booking", facts) if found else None


def _no_other_record(workspace: Workspace, guard: Guard) -> Found:
    profile_id, staying = str(guard.facts["profile_id"]), guard.facts["staying"]
    kinds = staying if isinstance(staying, tuple) else ()
    rows = workspace.records_of_profile(profile_id)
    found = {row.id for row in rows if row.kind not in kinds}.difference(guard.except_ids)
    return ("record_left", Facts(profile_id=profile_id, ids=tuple(sorted(found)))) if found else None


def _only_active_schedule(workspace: Workspace, guard: Guard) -> Found:
    found = workspace.active_schedules(str(guard.facts["profile_id"])).difference(guard.except_ids)
    return ("other_schedule_active", Facts(**guard.facts, ids=tuple(sorted(found)))) if found else None


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
