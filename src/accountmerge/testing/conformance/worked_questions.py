"""Worked questions: what is asked of a planner about one small practice, some of it of no avail."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

import attrs

import accountmerge as am
from accountmerge.model.weekly_hours import WEEKDAYS
from accountmerge.testing.conformance.questions import Question
from accountmerge.testing.conformance.worked_practice import AT, CARD, ZONE, practice

if TYPE_CHECKING:
    from accountmerge.kinds import AnyRequest

WHO = "Ann Example"
"""Who asks, agrees and confirms."""
_MERGING = am.MergeRules(name="kit", surfaces=[am.merges.Surface(kind=CARD, one_per_customer=True)])


def migration(profile: str = "profile-1", email: str = "nadia@example.org") -> am.MigrationRequest:
    """Return the request for a practitioner's move."""
    return am.MigrationRequest(
        profile_id=profile,
        new_email=email,
        reason="business_name_change",
        ticket="SUP-1",
        agreement=am.Agreement(by=WHO, at=AT - timedelta(days=9), version="1"),
        numbers={"appointment-2": "APP-70001"},
    )


def merge(survivor: str = "customer-1") -> am.MergeRequest:
    """Return the request that a customer absorbs another one."""
    return am.MergeRequest(survivor=survivor, absorbed=["customer-2"], actor="profile-1")


def edit() -> am.customers.CustomerEdit:
    """Return the request that details of a customer change."""
    changes = {"phones": ["+61 2 5550 0009"], "address": None, "birth_date": "1984-03-01"}
    return am.customers.CustomerEdit(customer_id="customer-2", changes=changes)


def access(profile: str = "profile-3", customer: str = "customer-1") -> am.customers.NewAccessRequest:
    """Return the request for access to a customer."""
    return am.customers.NewAccessRequest(
        profile_id=profile, customer_id=customer, expires_at=AT + timedelta(days=7)
    )


def decision(decided: str = "approve") -> am.customers.AccessDecision:
    """Return the request that a question for access is answered."""
    return am.customers.AccessDecision(
        request_id="request-2", decision=decided, role="customer", by="customer-4"
    )


def primary(action: str = "set", address: str = "ida.s@example.net", customer: str = "customer-2") -> Any:
    """Return the request that another address signs a customer in, or none does."""
    return am.customers.PrimaryEmailChange(
        customer_id=customer, action=action, address=address, by=WHO, reason="asked for in writing"
    )


def rebooking(days: float = 6) -> am.rebooking.RebookingRequest:
    """Return the request that a session is booked into the new profile."""
    return am.rebooking.RebookingRequest(
        number="APP-60009",
        initials="IS",
        start=AT + timedelta(days=days),
        time_zone=ZONE,
        modality="video",
        old_email="lea@example.org",
        new_email="lea.new@example.org",
    )


def question(name: str, request: AnyRequest, snapshot: am.Snapshot | None = None) -> Question:
    """Return a question about the practice, with the rules that are in force there."""
    moves = isinstance(request, am.MigrationRequest | am.rebooking.RebookingRequest)
    return Question(
        name=name,
        snapshot=snapshot or practice(),
        request=request,
        rules=am.MigrationRules() if moves else _MERGING,
        at=AT,
    )


def worked_questions() -> tuple[Question, ...]:
    """Return questions of every kind about the practice."""
    return (
        question("an edit of a customer", edit()),
        question("a question for access", access()),
        question("an approval of access", decision()),
        question("a refusal of access", decision("deny")),
        question("another primary email", primary()),
        question("no primary email any more", primary("clear", "", "customer-1")),
        question("an address let go", primary("release")),
        question("a request to rebook", rebooking()),
        question("a request to book another session", rebooking(7), _open_all_week()),
        question("a merge of two customers", merge()),
        question("a merge into the one without a log-in", merge_back()),
        question("a migration", migration()),
        question("a migration into a profile that waits", migration("profile-4", "lea.new@example.org")),
        question("a migration without agreement", attrs.evolve(migration(), agreement=None)),
        _halfway(question("the rest of a migration", migration()), 4),
        _halfway(question("the rest of a merge", merge()), 6),
        question("a merge by who may not", attrs.evolve(merge(), actor="profile-3")),
        question("an address that is somebody else's", primary("set", "bo@example.com")),
    )


def merge_back() -> am.MergeRequest:
    """Return the request that the one who signs in is absorbed by the one who does not."""
    return am.MergeRequest(survivor="customer-2", absorbed=["customer-1"], actor="profile-1")


def _halfway(asked: Question, steps: int) -> Question:
    """Return the same question, asked when some of what it leads to is done."""
    done = asked.plan(am.plan).confirm(by=WHO, at=AT).prefix(steps)
    return attrs.evolve(asked, snapshot=am.apply(asked.snapshot, done))


def _open_all_week() -> am.Snapshot:
    """Return the practice with a new profile that is open at all hours."""
    always = [am.DailyHours(time(0), time(0))]
    days: Any = dict.fromkeys(WEEKDAYS, always)
    waiting = practice().profiles["profile-5"]
    return practice().changed([attrs.evolve(waiting, hours=am.WeeklyHours(ZONE, days=days))])
