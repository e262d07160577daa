"""Worked examples, with requests of every kind about one small practice and their plans."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs

import accountmerge as am
from accountmerge.kinds import REQUEST_KINDS
from accountmerge.testing.conformance.scenarios import Prelude, Scenario, undo_of
from accountmerge.testing.conformance.worked_practice import AT, CARD, ZONE, practice, twins
from accountmerge.testing.reference.renamed_rows import named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.kinds import AnyRequest, AnyRules
    from accountmerge.testing.conformance.scenarios import Planned
    from accountmerge.testing.reference.renamed_rows import Names

WHO = "Ann Example"
"""The name of the person who requests, agrees and confirms."""
_MERGING = am.MergeRules(name="kit", record_kinds=[am.merges.RecordKind(kind=CARD, one_per_customer=True)])


def migration(profile: str = "profile-1", email: str = "nadia@example.org") -> am.MigrationRequest:
    """Return a migration request."""
    return am.MigrationRequest(
        profile_id=profile,
        new_email=email,
        reason="business_name_change",
        ticket="SUP-1",
        agreement=am.Agreement(by=WHO, at=AT - timedelta(days=9), version="1"),
        numbers={"appointment-2": "APP-70001"},
    )


def into_a_profile_that_waits() -> am.MigrationRequest:
    """Return a request to move a practitioner at night into an existing profile."""
    return migration("profile-4", "lea.new@example.org")


def merge(survivor: str = "customer-1") -> am.MergeRequest:
    """Return a merge request."""
    return am.MergeRequest(survivor=survivor, absorbed=["customer-2"], actor="profile-1")


def edit() -> am.customers.CustomerEdit:
    """Return a request to edit details of a customer."""
    changes = {"phones": ["+61 2 5550 0009"], "address": None, "birth_date": "1984-03-01"}
    return am.customers.CustomerEdit(customer_id="customer-2", changes=changes)


def access(profile: str = "profile-3", customer: str = "customer-1") -> am.customers.NewAccessRequest:
    """Return a request for access to a customer."""
    return am.customers.NewAccessRequest(
        profile_id=profile, customer_id=customer, expires_at=AT + timedelta(days=7)
    )


def decision(decided: str = "approve") -> am.customers.AccessDecision:
    """Return a decision on an access request."""
    return am.customers.AccessDecision(
        request_id="request-2", decision=decided, role="customer", by="customer-4"
    )


def primary(action: str = "set", address: str = "ida.s@example.net", customer: str = "customer-2") -> Any:
    """Return a request to set or clear a primary email."""
    return am.customers.PrimaryEmailChange(
        customer_id=customer, action=action, address=address, by=WHO, reason="asked for in writing"
    )


def rebooking(days: float = 6) -> am.rebooking.RebookingRequest:
    """Return a request to book a session in the new profile."""
    return am.rebooking.RebookingRequest(
        number="APP-60009",
        initials="IS",
        start=AT + timedelta(days=days),
        time_zone=ZONE,
        modality="video",
        old_email="lea@example.org",
        new_email="lea.new@example.org",
    )


def merge_back() -> am.MergeRequest:
    """Return a merge request that absorbs the customer with a login."""
    return am.MergeRequest(survivor="customer-2", absorbed=["customer-1"], actor="profile-1")


def rules_for(request: AnyRequest) -> AnyRules:
    """Return the rules of the practice for a request."""
    classes: dict[type, type[AnyRules]] = {kind.request: kind.rules for kind in REQUEST_KINDS.values()}
    return _MERGING if isinstance(request, am.MergeRequest) else classes[type(request)]()


def _confirmed(request: AnyRequest) -> Planned:
    """Return a function that plans and confirms a request, or returns None if it is blocked or empty.

    A person accepts that a practitioner moves outside of their hours.
    """

    def planned(snapshot: am.Snapshot, names: Names) -> am.ChangeSet | None:
        asked: Any = named(request, names)
        plan = am.plan(snapshot, asked, rules=rules_for(request), at=AT)
        outside = [finding.id for finding in plan.blockers if finding.code == "window_outside_hours"]
        if outside:
            accepted = [am.Acceptance(finding=id, by=WHO, why="agreed") for id in outside]
            asked = attrs.evolve(asked, accept=accepted)
            plan = am.plan(snapshot, asked, rules=rules_for(request), at=AT)
        if not plan.is_ready or not plan.change_set.steps:
            return None
        return plan.confirm(by=WHO, at=AT)

    return planned


def _undoing(snapshot: am.Snapshot) -> Scenario:
    """Return an applied migration, and the change set that undoes it."""
    bare = snapshot.changed([attrs.evolve(snapshot.appointments["appointment-2"], status="missed")])
    forward_on = _confirmed(migration())
    forward = forward_on(bare, {})
    assert forward is not None  # noqa: S101 - it is not blocked
    return undo_of(Prelude(bare, forward_on, len(forward.steps)), "undoing a migration")


_LAWS_OF_TWINS = (
    "seeded_data_are_read_back_whole",
    "applying_does_what_the_set_says",
    "preflight_says_what_stands_against_a_set_and_writes_nothing",
)
"""The laws that a store breaks if it takes two ids for one; the other laws would only take longer."""


def _among_twins() -> Iterator[Scenario]:
    """Yield plans for rows of every kind, each with a twin whose id differs only in letter case."""
    requests: dict[str, AnyRequest] = {
        "merge": am.MergeRequest(survivor="c-a", absorbed=["c-b"], actor="p-a"),
        "migration": attrs.evolve(migration("p-a"), numbers={}),
    }
    for name, request in requests.items():
        title = f"a {name} among ids that differ only in case"
        yield Scenario(title, twins(), _confirmed(request), laws=_LAWS_OF_TWINS)


@cache
def worked_examples() -> tuple[Scenario, ...]:
    """Return a plan of every kind on the practice."""
    snapshot = practice()
    moved, merged, edited = _confirmed(migration()), _confirmed(merge()), _confirmed(edit())
    away = _confirmed(merge("customer-4"))
    waiting = _confirmed(into_a_profile_that_waits())
    replaced, released = _confirmed(primary()), _confirmed(primary("release"))
    return (
        Scenario("an edit of a customer", snapshot, edited, replaced),
        Scenario("a question for access", snapshot, _confirmed(access())),
        Scenario("an approval of access", snapshot, _confirmed(decision())),
        Scenario("another primary email", snapshot, replaced, edited),
        Scenario("an address let go", snapshot, released, edited),
        Scenario("a request to rebook", snapshot, _confirmed(rebooking())),
        Scenario("a merge of two customers", snapshot, merged, away),
        Scenario("a merge in which a login changes hands", snapshot, _confirmed(merge_back())),
        Scenario("a migration", snapshot, moved),
        Scenario("a migration into a profile that waits", snapshot, waiting),
        _undoing(snapshot),
        *_among_twins(),
    )
