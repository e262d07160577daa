"""Plan requests for access, and decisions on them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime

import attrs
import pendulum

from accountmerge.changes.change_sets import Obligation
from accountmerge.changes.edits import Edit
from accountmerge.changes.guards import Guard, read_guard
from accountmerge.changes.steps import Reason
from accountmerge.customers.requests import (
    DECIDER_ROLES,
    DECISIONS,
    AccessDecision,
    CustomerPlan,
    NewAccessRequest,
)
from accountmerge.customers.rules import CustomerRules
from accountmerge.findings.finding import Finding
from accountmerge.messages import Facts
from accountmerge.model.access import AccessRequest, RequestStatus
from accountmerge.model.customers import Customer
from accountmerge.model.identifiers import derived_id
from accountmerge.model.instants import rfc3339
from accountmerge.model.limits import Limits
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.treating import access_between, level_between
from accountmerge.plans.grants import grant
from accountmerge.plans.kind import Kind
from accountmerge.plans.preconditions import customer_findings
from accountmerge.plans.verdicts import NO_WORK, Draft, Verdict, Work, steps_from


def plan_access_request(
    snapshot: Snapshot,
    request: NewAccessRequest,
    *,
    rules: CustomerRules | None = None,
    at: datetime,
    limits: Limits | None = None,
) -> CustomerPlan:
    """Plan a request of a profile for treating access to a customer.

    The plan is empty and ready if the profile has treating access, or a request that can still be answered.

    Args:
        snapshot: The present data, whole for the customer.
        request: The profile, the customer, and the end of the request.
        rules: The rules of the practice. Default: the rules of the library.
        at: The instant of the request. Any aware datetime.
        limits: The limits of the store, which the plan is checked against. Default: no limits.

    Raises:
        InvalidValueError: `at` is naive.
    """
    return ACCESS_REQUEST.planned(snapshot, request, rules, at, limits)


def decide_request(
    snapshot: Snapshot,
    request: NewAccessRequest,
    rules: CustomerRules,  # noqa: ARG001 - every planner is given its rules
    at: pendulum.DateTime,
) -> Verdict:
    """Return the verdict on a request for access."""
    holds = _holds_access(snapshot, request)
    findings = [
        *_profile_findings(snapshot, request.profile_id),
        *customer_findings(snapshot, request.customer_id),
        *_expiry_findings(request, at),
    ]
    pair = {"profile_id": request.profile_id, "customer_id": request.customer_id}
    if holds:
        findings.append(Finding.of("access_held", tuple(pair.values()), **pair))
    profile = snapshot.profiles.get(request.profile_id)
    customer = snapshot.customers.get(request.customer_id)
    if not profile or not customer or holds:
        return Verdict(findings=findings, customers=(request.customer_id,))
    return Verdict(
        findings=findings,
        work=lambda: _asked(snapshot, request, at, profile, customer),
        customers=(request.customer_id,),
    )


def _profile_findings(snapshot: Snapshot, profile_id: str) -> Iterator[Finding]:
    profile = snapshot.profiles.get(profile_id)
    if profile is None:
        yield Finding.of("unknown_profile", (profile_id,), profile_id=profile_id)
    elif profile.login != "enabled":
        yield Finding.of("login_disabled", (profile_id,), profile_id=profile_id)


def _expiry_findings(request: NewAccessRequest, at: pendulum.DateTime) -> Iterator[Finding]:
    if request.expires_at <= at:
        yield Finding.of(
            "expiry_past",
            (request.profile_id, request.customer_id),
            profile_id=request.profile_id,
            customer_id=request.customer_id,
            expires_at=rfc3339(request.expires_at),
        )


def _holds_access(snapshot: Snapshot, request: NewAccessRequest) -> bool:
    return level_between(snapshot, request.profile_id, request.customer_id) == "treating"


def _asked(
    snapshot: Snapshot,
    request: NewAccessRequest,
    at: pendulum.DateTime,
    profile: Profile,
    customer: Customer,
) -> Work:
    """Return the step that enters the request, or no step if an earlier one can still be answered."""
    requests = snapshot.access_requests.where("customer_id", customer.id)
    earlier = [row for row in requests if row.profile_id == profile.id]
    if any(row.status == "pending" and row.expires_at >= at for row in earlier):
        return NO_WORK
    if any((row.requested_at, row.expires_at) == (at, request.expires_at) for row in earlier):
        return NO_WORK  # decided since; a new request is made for another instant
    created = AccessRequest(
        id=_new_id(request, earlier),
        profile_id=profile.id,
        customer_id=customer.id,
        requested_at=at,
        expires_at=request.expires_at,
        status="pending",
    )
    expiry = Guard("not_after", Facts(instant=rfc3339(created.expires_at), request_id=created.id))
    draft = Draft(
        "request_access",
        Reason("access_asked", Facts(profile_id=profile.id, customer_id=customer.id)),
        (Edit(None, created),),
        (read_guard(profile), read_guard(customer), expiry),
    )
    facts = Facts(request_id=created.id, customer_id=customer.id, profile_id=profile.id)
    ask = Obligation(kind="ask_for_access", whom="customer", when="afterwards", facts=facts)
    return Work(steps=steps_from((draft,), at=at), obligations=(ask,))


def _new_id(request: NewAccessRequest, earlier: Sequence[AccessRequest]) -> str:
    """Return the id of the next request of a pair, numbered after the earlier requests."""
    pair = (request.profile_id, request.customer_id)
    own = {row.id for row in earlier}
    ids = (derived_id("access_request", *pair, str(number)) for number in itertools.count(len(earlier)))
    return next(id for id in ids if id not in own)  # a store may have removed some


_STATUS: dict[str, RequestStatus] = {"approve": "approved", "deny": "denied", "withdraw": "withdrawn"}
"""The status of a request after each decision."""


def plan_access_decision(
    snapshot: Snapshot,
    request: AccessDecision,
    *,
    rules: CustomerRules | None = None,
    at: datetime,
    limits: Limits | None = None,
) -> CustomerPlan:
    """Plan a decision on an access request.

    The customer may approve or deny before the request expires. Staff may record this if the rules allow it and the
    customer has no primary email. The profile that asked may withdraw. The same decision again gives an empty plan
    that is ready.

    Args:
        snapshot: The present data; for an approval, whole for the customer.
        request: The decision, the request, and the person who decides.
        rules: The rules of the practice, which allow staff to record decisions or not. Default: the rules of the
            library.
        at: The instant of the decision. Any aware datetime.
        limits: The limits of the store, which the plan is checked against. Default: no limits.

    Raises:
        InvalidValueError: `at` is naive.
    """
    return ACCESS_DECISION.planned(snapshot, request, rules, at, limits)


def decide_decision(
    snapshot: Snapshot, request: AccessDecision, rules: CustomerRules, at: pendulum.DateTime
) -> Verdict:
    """Return the verdict on a decision about a request for access."""
    row = snapshot.access_requests.get(request.request_id)
    findings = list(_word_findings(request))
    if row is None:
        findings.append(Finding.of("unknown_request", (request.request_id,), request_id=request.request_id))
        return Verdict(findings=findings)
    findings += _decider_findings(snapshot, request, rules, row)
    findings += _row_findings(snapshot, request, at, row)
    is_open = row.status == "pending" and request.decision in _STATUS
    return Verdict(
        findings=findings,
        work=lambda: _decided(snapshot, request, at, row) if is_open else NO_WORK,
        customers=(row.customer_id,) if is_open and request.decision == "approve" else (),
        about=(row.customer_id,),
    )


def _word_findings(request: AccessDecision) -> Iterator[Finding]:
    about = request.request_id
    if request.decision not in DECISIONS:
        yield Finding.of("decision_unknown", (about,), request_id=about, decisions=DECISIONS)
    if request.role not in DECIDER_ROLES:
        yield Finding.of("role_unknown", (about,), request_id=about, roles=DECIDER_ROLES)


def _decider_findings(
    snapshot: Snapshot, request: AccessDecision, rules: CustomerRules, row: AccessRequest
) -> Iterator[Finding]:
    """Yield the reasons why this person cannot make this decision."""
    if not request.by.strip():
        yield Finding.of("name_missing", (row.customer_id,), customer_id=row.customer_id)
    if row.status == _STATUS.get(request.decision):
        return  # the request has this status already
    if _rests_on_customer(request):
        yield from customer_findings(snapshot, row.customer_id)
    signs_in = bool(snapshot.customers[row.customer_id].primary_mailboxes)
    if request.role == "staff" and (signs_in or not rules.staff_may_decide):
        yield Finding.of("staff_may_not_decide", (row.id,), request_id=row.id)
    is_customer = request.role == "customer" and request.by == row.customer_id and signs_in
    is_asker = request.role == "practitioner" and request.by == row.profile_id
    if request.role in ("customer", "practitioner") and not (
        is_customer or (is_asker and request.decision == "withdraw")
    ):
        yield Finding.of("not_the_decider", (row.id,), request_id=row.id, role=request.role)


def _rests_on_customer(request: AccessDecision) -> bool:
    """Return whether a decision is the customer's own, and no withdrawal by the profile that asked."""
    return request.role != "practitioner"


def _row_findings(
    snapshot: Snapshot, request: AccessDecision, at: pendulum.DateTime, row: AccessRequest
) -> Iterator[Finding]:
    """Yield the reasons why this decision is no longer possible."""
    wanted = _STATUS.get(request.decision)
    if row.status != "pending":
        if wanted not in (None, row.status):
            yield Finding.of("request_closed", (row.id,), request_id=row.id, status=row.status)
        return
    if wanted in ("approved", "denied") and at > row.expires_at:
        yield Finding.of("request_expired", (row.id,), request_id=row.id, expires_at=rfc3339(row.expires_at))
    if wanted == "approved" and snapshot.profiles[row.profile_id].login != "enabled":
        yield Finding.of("login_disabled", (row.profile_id,), profile_id=row.profile_id)


def _decided(snapshot: Snapshot, request: AccessDecision, at: pendulum.DateTime, row: AccessRequest) -> Work:
    """Return the step that enters the decision. Its access edit comes first, before the approval."""
    status = _STATUS[request.decision]
    after = attrs.evolve(
        row,
        status=status,
        reason=request.reason or None,
        decided_by=request.by if request.by.strip() else None,
        decided_at=at,
    )
    granted = _granted(snapshot, at, row) if status == "approved" else ()
    draft = Draft(
        "decide_request",
        Reason("access_decided", Facts(request_id=row.id, decision=request.decision)),
        (*granted, Edit(row, after)),
        tuple(_read_guards(snapshot, request, row, bool(granted))),
    )
    facts = Facts(request_id=row.id, profile_id=row.profile_id)
    tell = Obligation(kind="tell_decision", whom="practitioner", when="afterwards", facts=facts)
    told = (tell,) if _rests_on_customer(request) else ()
    return Work(steps=steps_from((draft,), at=at), obligations=told)


def _granted(snapshot: Snapshot, at: pendulum.DateTime, row: AccessRequest) -> tuple[Edit, ...]:
    """Return the edit that gives treating access to the profile that asked, if it lacks it."""
    had = access_between(snapshot, row.profile_id, row.customer_id)
    pair = {"profile_id": row.profile_id, "customer_id": row.customer_id}
    edit = grant(had, **pair, level="treating", since=at)
    return () if edit is None else (edit,)


def _read_guards(
    snapshot: Snapshot, request: AccessDecision, row: AccessRequest, is_granted: bool
) -> Iterator[Guard]:
    """Yield the guards on entities that a decision depends on and does not change."""
    if _rests_on_customer(request):
        yield read_guard(snapshot.customers[row.customer_id])
    if request.decision == "deny":
        yield Guard("not_after", Facts(instant=rfc3339(row.expires_at), request_id=row.id))
    if request.decision == "approve":
        yield read_guard(snapshot.profiles[row.profile_id])
        if not is_granted:
            pair = Facts(profile_id=row.profile_id, customer_id=row.customer_id, level="treating")
            yield Guard("access_holds", pair)


ACCESS_REQUEST = Kind(
    intent="access_request",
    request=NewAccessRequest,
    rules=CustomerRules,
    plan=CustomerPlan,
    decide=decide_request,
    shown=("profile_id", "customer_id"),
    subject="customers",
    known=("email_claimed_twice",),
)
ACCESS_DECISION = Kind(
    intent="access_decision",
    request=AccessDecision,
    rules=CustomerRules,
    plan=CustomerPlan,
    decide=decide_decision,
    shown=("request_id",),
    subject="customers",
    known=("email_claimed_twice",),
)
