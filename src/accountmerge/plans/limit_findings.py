"""The findings about the limits of the store for which a plan is made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from accountmerge.changes.edits import Edit
from accountmerge.changes.steps import Step
from accountmerge.findings.double_bookings import MOST_PAIRS
from accountmerge.findings.finding import Finding
from accountmerge.messages import Fact
from accountmerge.model.access import AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.entities import Entity, kind_of
from accountmerge.model.identifiers import derived_id
from accountmerge.model.limits import Effect, Limits
from accountmerge.model.overlaps import overlapping_runs
from accountmerge.model.profiles import Profile
from accountmerge.model.sessions import practitioner_runs
from accountmerge.model.snapshots import Snapshot

MOST_ALIKE = MOST_PAIRS
"""The most rows that break one limit alike and are reported one by one."""


def limit_findings(snapshot: Snapshot, steps: Iterable[Step], limits: Limits | None) -> Iterator[Finding]:
    """Yield the findings about the rows of steps that break a limit.

    The rows are judged as they are after each edit. A row that the store has already as it is, is not judged. Takes time in
    proportion to the edits, and for overlaps n log n in the bookings of the profiles and customers that they name.
    """
    if limits is None:
        return
    steps = tuple(steps)
    yield from _broken(snapshot, [edit for step in steps for edit in step.edits], limits)
    yield from _ignored(steps, limits)


def _broken(snapshot: Snapshot, edits: Sequence[Edit], limits: Limits) -> Iterator[Finding]:
    """Yield the findings about values that the store cannot hold."""
    broken: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for edit in edits:
        if edit.after is not None and not _is_stored(snapshot, edit.after):
            for field, limit in limits.violations(edit.after):
                broken[edit.entity, field, limit].add(edit.id)
    if not limits.overlaps:
        broken["appointment", "slot", "overlaps"] = _overlapping(snapshot, edits)
    for (entity, field, limit), ids in broken.items():
        yield from _findings("store_cannot_hold", ids, entity=entity, field=field, limit=limit)


def _ignored(steps: Iterable[Step], limits: Limits) -> Iterator[Finding]:
    """Yield the findings about effects that the program of the store ignores.

    A program sees a step as a whole, because its edits are written together.
    """
    ignored: dict[tuple[str, Effect], set[str]] = defaultdict(set)
    for step in steps:
        before = {edit.key: edit.before for edit in reversed(step.edits)}
        after = {edit.key: edit.after for edit in step.edits}
        for (entity, id), image in after.items():
            for effect in effects_of(before[entity, id], image):
                if effect in limits.not_obeyed:
                    ignored[entity, effect].add(id)
    for (name, effect), ids in ignored.items():
        yield from _findings("effect_not_obeyed", ids, entity=name, effect=effect)


def effects_of(before: Entity | None, after: Entity | None) -> Iterator[Effect]:
    """Yield the effects of a change of an entity that a program has to obey."""
    if isinstance(after, Profile):
        if set(after.unavailable) - set(before.unavailable if isinstance(before, Profile) else ()):
            yield "unavailable"
    elif isinstance(after, Customer):
        if _former_mailboxes(after) - _former_mailboxes(before):
            yield "former_emails"
        if after.merged_into not in (None, getattr(before, "merged_into", None)):
            yield "merged_into"
    elif isinstance(after, AccessRequest) and after.status == "pending" != getattr(before, "status", None):
        yield "access_requests"


def _former_mailboxes(row: Entity | None) -> set[str]:
    emails = row.emails if isinstance(row, Customer) else ()
    return {email.address.mailbox for email in emails if email.use == "former"}


def _is_stored(snapshot: Snapshot, image: Entity) -> bool:
    """Return whether the store has a row that equals an image."""
    return snapshot.table(kind_of(image).collection).get(image.id) == image


def _findings(code: str, ids: Iterable[str], **facts: Fact) -> Iterator[Finding]:
    """Yield one finding for each id, or a single one with the count if there are many."""
    names = [str(fact) for fact in facts.values()]
    ordered = sorted(ids)
    if len(ordered) > MOST_ALIKE:
        digest = derived_id("limits", *ordered)
        yield Finding.of(code, (digest, *names), id=ordered[0], count=len(ordered), **facts)
        return
    for id in ordered:
        yield Finding.of(code, (id, *names), id=id, count=1, **facts)


_RUNS_OF_OWNER: dict[str, Callable[[Iterable[Appointment]], Iterator[list[Appointment]]]] = {
    "profile_id": practitioner_runs,
    "customer_id": overlapping_runs,
}
"""The fields of a booking whose entity may have only one booking, or one session, at a time."""


def _overlapping(snapshot: Snapshot, edits: Iterable[Edit]) -> set[str]:
    """Return the ids of the bookings that edits put into the time of another one.

    Both have one profile or one customer. Bookings that overlap already and stay in place are not among them.
    """
    written: dict[str, Appointment | None] = {}
    for edit in edits:
        if edit.entity == "appointment":
            written[edit.id] = edit.after if isinstance(edit.after, Appointment) else None
    live = [row for row in written.values() if row is not None and row.is_live]
    overlapping: set[str] = set()
    for field, runs_of in _RUNS_OF_OWNER.items():
        by_owner: dict[str, list[Appointment]] = defaultdict(list)
        for row in live:
            by_owner[getattr(row, field)].append(row)
        for owner, rows in by_owner.items():
            put = {row.id for row in rows if _is_put(snapshot, row, field)}
            if put:
                stored = snapshot.appointments.where(field, owner)
                staying = [row for row in stored if row.is_live and row.id not in written]
                runs = runs_of([*rows, *staying])
                overlapping |= put & {row.id for run in runs for row in run}
    return overlapping


def _is_put(snapshot: Snapshot, row: Appointment, owner: str) -> bool:
    """Return whether a live booking takes a time of its owner that it did not take before."""
    stored = snapshot.appointments.get(row.id)
    if stored is None or not stored.is_live:
        return True
    return (getattr(stored, owner), stored.slot) != (getattr(row, owner), row.slot)
