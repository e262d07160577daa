"""Grounds: what a request rests on, and how the cause may be lost meanwhile, by brute force.

As in `dangers`, with no look at the guards that a plan has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.customers.requests import AccessDecision, NewAccessRequest, PrimaryEmailChange
from accountmerge.merges.requests import MergeRequest
from accountmerge.merges.rules import MergeRules
from accountmerge.migrations.requests import MigrationRequest
from accountmerge.model.access import Access
from accountmerge.model.records import Record
from accountmerge.rebooking.requests import RebookingRequest
from accountmerge.testing.reference.phantom_rows import PHANTOM, names_of
from accountmerge.testing.reference.written_data import row_of
from oracles.dangers import Danger
from oracles.goals import asked_about

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pendulum

    from accountmerge.changes.steps import Step
    from accountmerge.model.snapshots import Snapshot


def lost_causes(request: Any, present: Snapshot, at: pendulum.DateTime) -> Iterator[Danger]:
    """Yield how what a request rests on may be lost while anything is left of it.

    Args:
        request: What was asked, of any kind.
        present: The data, while anything is left.
        at: The instant of the plan.
    """
    look = _GROUNDS.get(type(request))
    if look is not None:  # what other requests name is edited, so that any change of it is seen
        yield from look(request, present, at)


def lost_sources(request: Any, rules: Any, present: Snapshot, step: Step) -> Iterator[Danger]:
    """Yield how what a step copies may be gone, or what it brings may be there, when its turn comes.

    Args:
        request: What was asked, of any kind.
        rules: What was in force.
        present: The data before the step, or before all of the set.
        step: The step.
    """
    for edit in step.edits:
        after = edit.after
        if isinstance(after, Access) and isinstance(request, MigrationRequest | RebookingRequest):
            source = _old_profile(request, present)
            yield from _withdrawn(present, source, after.customer_id, "access that is copied is withdrawn")
        if isinstance(after, Record) and isinstance(rules, MergeRules):
            before: Any = edit.before
            record_kind = rules.record_kind(after.kind)
            moves = before is not None and before.customer_id != after.customer_id
            there = row_of(present, edit) is not None
            if moves and there and record_kind is not None and record_kind.one_per_customer:
                double = attrs.evolve(after, id=f"{PHANTOM}-record", attached_to=None, version=None)
                yield Danger("a record that says the same appears", present.changed([double]))


def _old_profile(request: MigrationRequest | RebookingRequest, present: Snapshot) -> str:
    if isinstance(request, MigrationRequest):
        return request.profile_id
    named: str = asked_about(request, present).profile_id
    return named


def _withdrawn(present: Snapshot, profile_id: str, customer_id: str, what: str) -> Iterator[Danger]:
    pair = (profile_id, customer_id)
    held = [row.id for row in present.access if (row.profile_id, row.customer_id) == pair]
    if held:
        yield Danger(what, present.changed(drop={"access": held}))


def _changed(row: Any, **fields: Any) -> Any:
    """Return an entity as somebody else wrote it, with the version that its store then counts."""
    return attrs.evolve(row, **fields, version=row.version and PHANTOM)


def _merge(request: MergeRequest, present: Snapshot, at: pendulum.DateTime) -> Iterator[Danger]:
    people = [present.customers[id] for id in (request.survivor, *request.absorbed)]
    actor = request.actor if request.authority is None else None  # an authority needs no access
    for row in people:
        if row.merged_into is None and actor is not None:
            what = "the actor loses access"
            yield from _withdrawn(present, actor, row.id, what)
        other = "disabled" if row.status == "active" else "active"
        yield Danger("a customer of the merge changes", present.changed([_changed(row, status=other)]))
    if actor is not None:
        disabled = _changed(present.profiles[actor], login="disabled")
        yield Danger("the actor's login is disabled", present.changed([disabled]))
    for id in request.absorbed:
        for named in names_of(present, at, id):
            yield Danger("something names an absorbed customer", present.changed([named]))


def _new_access(request: NewAccessRequest, present: Snapshot, at: pendulum.DateTime) -> Iterator[Danger]:
    del at
    yield from _those_who_answer(present, request.profile_id, request.customer_id)


def _those_who_answer(present: Snapshot, profile_id: str, customer_id: str) -> Iterator[Danger]:
    """Whoever is to see a customer can sign in, and the customer is there."""
    profile, person = present.profiles[profile_id], present.customers[customer_id]
    yield Danger("who asks cannot sign in any more", present.changed([_changed(profile, login="disabled")]))
    yield Danger("who is asked is disabled", present.changed([_changed(person, status="disabled")]))


def _decision(request: AccessDecision, present: Snapshot, at: pendulum.DateTime) -> Iterator[Danger]:
    del at
    row = present.access_requests[request.request_id]
    if request.role != "practitioner":
        found = tuple(_those_who_answer(present, row.profile_id, row.customer_id))
        yield from found if request.decision == "approve" else found[1:]


def _primary(request: PrimaryEmailChange, present: Snapshot, at: pendulum.DateTime) -> Iterator[Danger]:
    del at
    asked = present.customers[request.customer_id]
    holder = present.customers[asked.merged_into] if asked.merged_into else asked
    if holder.status == "active":
        yield Danger("the customer is disabled", present.changed([_changed(holder, status="disabled")]))
    if asked is not holder:
        other = _changed(asked, merged_into=None)
        yield Danger("the customer is not an absorbed one any more", present.changed([other]))


def _rebooking(request: RebookingRequest, present: Snapshot, at: pendulum.DateTime) -> Iterator[Danger]:
    del at
    existing = asked_about(request, present)
    person = present.customers[existing.customer_id]
    (new,) = (row for row in present.profiles if row.email.mailbox == request.new_email.mailbox)
    if person.status == "active":
        yield Danger("the customer is disabled", present.changed([_changed(person, status="disabled")]))
    yield Danger("the new schedule is off", present.changed([_changed(new, schedule="inactive")]))
    elsewhere = _changed(new, practitioner_id=PHANTOM)
    yield Danger("the new profile is another's", present.changed([elsewhere]))


_GROUNDS: dict[type, Callable[..., Iterator[Danger]]] = {
    MergeRequest: _merge,
    NewAccessRequest: _new_access,
    AccessDecision: _decision,
    PrimaryEmailChange: _primary,
    RebookingRequest: _rebooking,
}
