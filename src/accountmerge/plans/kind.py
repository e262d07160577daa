"""A kind of request, with its classes and its planner."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

import pendulum

from accountmerge.changes.change_sets import Intent
from accountmerge.errors import InvalidValueError
from accountmerge.model.instants import utc
from accountmerge.model.limits import Limits
from accountmerge.model.snapshots import Snapshot, require_snapshot
from accountmerge.model.values import ShownValue, value_class
from accountmerge.plans.audiences import treated_by
from accountmerge.plans.limit_findings import limit_findings
from accountmerge.plans.preconditions import moment_findings, wholeness_findings
from accountmerge.plans.verdicts import NO_WORK, Verdict, apply_acceptances, build_change_set, taken_findings
from accountmerge.plans.zones import zone_rules

Subject = Literal["migrations", "merges", "customers"]

RequestT = TypeVar("RequestT", bound=Any)
RulesT = TypeVar("RulesT", bound=Any)
PlanT = TypeVar("PlanT", bound=Any)


@value_class(eq=False, repr=False, kw_only=True)
class Kind(ShownValue, Generic[RequestT, RulesT, PlanT]):
    """A kind of request, with all its parts.

    Attributes:
        intent: The word for it in files.
        request: The class of its requests.
        rules: The class of its rules; the default rules are an instance without arguments.
        plan: The class of its plans.
        decide: The function that returns the verdict on a request. Pure: equal arguments give an equal verdict.
        shown: The fields of the request that a report shows: ids, never a text that a person typed.
        known: Codes of findings about facts that a plan of this kind does not change.
        subject: The word for its rules in files; kinds that share their rules have one subject.
    """

    intent: Intent
    request: type[RequestT]
    rules: type[RulesT]
    plan: type[PlanT]
    decide: Callable[[Snapshot, RequestT, RulesT, pendulum.DateTime], Verdict]
    shown: tuple[str, ...]
    subject: Subject
    known: tuple[str, ...] = ()

    def planned(
        self,
        snapshot: Snapshot,
        request: RequestT,
        rules: RulesT | None,
        at: datetime,
        limits: Limits | None = None,
    ) -> PlanT:
        """Return the plan for a request. It is either blocked and without steps, or ready.

        Args:
            snapshot: The present data.
            request: A request of this kind.
            rules: The rules in force. Default: the default rules.
            at: The instant of the plan. Any aware datetime.
            limits: The limits of the store, which the plan is checked against. Default: no limits.

        Raises:
            InvalidValueError: `at` is naive, or an argument is of another class.
        """
        in_force: RulesT = self.rules() if rules is None else rules
        require_snapshot(snapshot)
        self._require(request=request, rules=in_force)
        if limits is not None and type(limits) is not Limits:
            raise InvalidValueError("wrong_type", field="limits", wanted="limits")
        moment = utc(at, "at")
        verdict = self.decide(snapshot, request, in_force, moment)
        findings_of_request = [
            *moment_findings(snapshot, moment),
            *wholeness_findings(snapshot, verdict.practitioners, verdict.customers),
            *verdict.findings,
        ]
        findings, work = apply_acceptances(findings_of_request, request.accept), NO_WORK
        if not any(finding.is_blocking for finding in findings):
            work = verdict.work()
            against = tuple(taken_findings(snapshot, work.steps))
            against = against or tuple(limit_findings(snapshot, work.steps, limits))
            findings = apply_acceptances((*findings_of_request, *against), request.accept)
            if any(finding.is_blocking for finding in findings):
                work = NO_WORK
        change_set = build_change_set(
            self.intent, request, in_force, moment, findings, verdict, work, known=self.known
        )
        audience = (
            ()
            if verdict.about is None
            else treated_by(snapshot, request, findings, about=verdict.about, among=verdict.among)
        )
        zones = zone_rules(
            snapshot,
            request,
            in_force,
            moment,
            practitioners=verdict.practitioners,
            findings=findings,
            steps=work.steps,
        )
        plan: PlanT = self.plan(
            request,
            in_force,
            findings,
            change_set,
            snapshot.taken_at,
            audience,
            limits,
            zones,
            **work.decided,
        )
        return plan

    def _require(self, **given: object) -> None:
        wanted: dict[str, type] = {"request": self.request, "rules": self.rules}
        for name, value in given.items():
            if type(value) is not wanted[name]:
                raise InvalidValueError("wrong_type", field=name, wanted=noun(wanted[name]))


def noun(cls: type) -> str:
    """Return the name of a class in the catalogues, such as `merge_rules`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
