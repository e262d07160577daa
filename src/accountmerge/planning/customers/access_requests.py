"""`plan_access_request`: a profile asks a customer whether it may treat them.

Source: design section 3.2, rule 2.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from accountmerge.changes.change_sets import Obligation
from accountmerge.changes.edits import Edit
from accountmerge.changes.guards import Guard, read_guard
from accountmerge.changes.steps import Reason
from accountmerge.findings.finding import Finding
from accountmerge.messages import Facts
from accountmerge.model.access import AccessRequest, strongest
from accountmerge.model.identifiers import derived_id
from accountmerge.model.instants import rfc3339, utc
from accountmerge.planning.customers.answers import NOTHING, Answer, answered
from accountmerge.planning.customers.standing import customer_findings, moment_findings, wholeness_findings
from accountmerge.planning.drafts import Draft
from accountmerge.rules.customer_rules import CustomerRules

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    import pendulum

    from accountmerge.model.customers import Customer
    from accountmerge.model.profiles import Profile
    from accountmerge.model.snapshots import Snapshot
    from accountmerge.plans import CustomerPlan
    from accountmerge.rules.customer_requests import NewAccessRequest

_DEFAULT_RULES = CustomerRules()


def plan_access_request(
    snapshot: Snapshot, request: NewAccessRequest, *, rules: CustomerRules = _DEFAULT_RULES, at: datetime
) -> CustomerPlan:
    """Decide how a profile asks a customer for treating access.

    If it asked already and can still be answered, or has treating access, the plan is empty and ready.

    Args:
        snapshot: The present data, whole for the customer.
        request: Who asks whom, and until when.
        rules: What the practice decides; named in the plan.
        at: The instant of the request. Any aware datetime.

    Raises:
        InvalidValueError: `at` is naive.
    """
    moment = utc(at)
    holds = _holds_access(snapshot, request)
    findings = [
        *moment_findings(snapshot, moment),
        *_profile_findings(snapshot, request.profile_id),
        *customer_findings(snapshot, request.customer_id),
        *wholeness_findings(snapshot, request.customer_id),
        *_expiry_findings(request, moment),
    ]
    pair = {"profile_id": request.profile_id, "customer_id": request.customer_id}
    if holds:
        findings.append(Finding.of("access_held", tuple(pair.values()), **pair))
    profile = snapshot.profiles.get(request.profile_id)
    customer = snapshot.customers.get(request.customer_id)
    answer = NOTHING
    if profile and customer and not holds:
        answer = _asked(snapshot, request, moment, profile, customer)
    return answered(snapshot, "access_request", request, rules, moment, findings, answer)


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
    rows = snapshot.access.where("customer_id", request.customer_id)
    return strongest(tuple(row for row in rows if row.profile_id == request.profile_id)) == "treating"


def _asked(
    snapshot: Snapshot,
    request: NewAccessRequest,
    at: pendulum.DateTime,
    profile: Profile,
    customer: Customer,
) -> Answer:
    """Return what enters the request; nothing if one can still be answered, or this very one was entered."""
    requests = snapshot.access_requests.where("customer_id", customer.id)
    earlier = [row for row in requests if row.profile_id == profile.id]
    if any(row.status == "pending" and row.expires_at >= at for row in earlier):
        return NOTHING
    if any((row.requested_at, row.expires_at) == (at, request.expires_at) for row in earlier):
        return NOTHING  # decided since; to ask anew is another instant's request
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
    return Answer((draft,), obligations=(ask,))


def _new_id(request: NewAccessRequest, earlier: Sequence[AccessRequest]) -> str:
    """Return the id of the next request of a pair: it counts those before, which nobody can answer any more."""
    pair = (request.profile_id, request.customer_id)
    own = {row.id for row in earlier}
    ids = (derived_id("access_request", *pair, str(number)) for number in itertools.count(len(earlier)))
    return next(id for id in ids if id not in own)  # a store may have removed some
