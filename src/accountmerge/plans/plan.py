"""The class of all plans, with request, rules, findings and change set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Generic, TypeVar

import attrs
import pendulum

from accountmerge.changes.change_sets import ChangeSet, LedgerEntry
from accountmerge.errors import InvalidValueError
from accountmerge.findings.finding import Finding, finding_order
from accountmerge.messages import CUSTOMER_LABELS, Facts, labelled, sentence
from accountmerge.model.instants import rfc3339, utc, utc_or_none
from accountmerge.model.limits import Limits
from accountmerge.model.private import privacy
from accountmerge.model.values import Value, value_class
from accountmerge.model.zone_rules import differs
from accountmerge.plans.explanations import Explanation


def summary_of(change_set: ChangeSet) -> Iterator[tuple[str, Facts]]:
    """Yield the key and the facts of each sentence of a summary.

    The state comes first, then the number of steps of each kind, in the order of their first step.
    """
    state = "blocked" if change_set.blocked else "ready" if change_set.steps else "nothing_left"
    yield f"summary.{state}", Facts(plan_id=change_set.plan_id)
    for kind, count in Counter(step.kind for step in change_set.steps).items():
        yield f"summary.{kind}", Facts(count=count)


TreatedBy = tuple[tuple[str, tuple[str, ...]], ...]
"""The ids of the profiles that treat a customer, by the id of the customer."""
ZoneRules = tuple[tuple[str, str], ...]
"""The digest of the rules of each time zone, by the name of the zone."""
OTHERS = "*"
"""The key, instead of a customer id, for all customers of a plan that its request does not name by id."""


def asked_customers(request: object) -> tuple[str, ...]:
    """Return the ids of the customers that a request names, empty if it names none by id."""
    named = (
        getattr(request, "survivor", None),
        *getattr(request, "absorbed", ()),
        getattr(request, "customer_id", None),
    )
    return tuple(id for id in named if id is not None)


def _without_others(finding: Finding, asked: tuple[str, ...]) -> Finding:
    """Return a finding without the customers that the request does not name."""
    if finding.code == "already_absorbed" and finding.facts["survivor_id"] not in asked:
        id = str(finding.facts["customer_id"])
        return Finding.of("customer_disabled", (id,), customer_id=id)
    holders = finding.facts.get("holder_ids")
    if not isinstance(holders, tuple) or finding.facts.get("kind") == "profile":
        return finding
    others = set(holders).difference(asked)
    facts = Facts.of({**finding.facts, "holder_ids": tuple(id for id in holders if id not in others)})
    return attrs.evolve(finding, ids=tuple(id for id in finding.ids if id not in others), facts=facts)


RequestT = TypeVar("RequestT")
RulesT = TypeVar("RulesT")


@privacy(plain="request rules findings change_set taken_at treated_by limits zone_rules")
@value_class(eq=False, repr=False)
class Plan(Value, Generic[RequestT, RulesT]):
    """A change that is decided and not yet done.

    Attributes:
        request: The request.
        rules: The rules in force.
        findings: The findings, blockers first.
        change_set: The changes in their order, without steps while a finding blocks.
        taken_at: When the data of the plan were read; None in a plan of an earlier release.
        treated_by: The ids of the profiles that treat each customer of the request, and, under `*`, every other
            customer of the plan; sorted. `findings_for` decides by them. Empty in a plan of an earlier release.
        limits: The limits of the store that the plan was checked against. None: no limits.
        zone_rules: The digest of the rules of each time zone that the plan was made with; sorted. Not part of
            `plan_id`. `changed_zones` compares them with this machine. Empty in a plan of an earlier release.
    """

    request: RequestT
    rules: RulesT
    findings: tuple[Finding, ...]
    change_set: ChangeSet
    taken_at: pendulum.DateTime | None = attrs.field(default=None, converter=utc_or_none)
    treated_by: TreatedBy = ()
    limits: Limits | None = None
    zone_rules: ZoneRules = ()

    @property
    def blockers(self) -> tuple[Finding, ...]:
        """The findings that stop the plan, which are the blockers without an acceptance."""
        return tuple(finding for finding in self.findings if finding.is_blocking)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that do not stop the plan, accepted blockers among them."""
        return tuple(finding for finding in self.findings if not finding.is_blocking)

    def findings_for(self, profile_id: str) -> tuple[Finding, ...]:
        """Return the findings that a profile may see, blockers first.

        A profile that treats every customer of the plan sees the findings, but not the ids of other customers, nor
        whether an acceptance was used. Any other profile sees only `access_missing`, for each customer of the
        request that it does not treat, even if there is no such customer. The customer `*` is one that the request
        does not name by its id. The answer to such a profile does not depend on whether the plan is ready.

        Args:
            profile_id: The profile that asks.
        """
        asked = asked_customers(self.request)
        known = dict(self.treated_by)
        missing = [id for id in asked or (OTHERS,) if profile_id not in known.get(id, ())]
        if profile_id not in known.get(OTHERS, (profile_id,)):
            missing = missing or list(asked)  # a secret, too: whether there are other customers
        if missing:
            hidden = {
                Finding.of("access_missing", (profile_id, id), profile_id=profile_id, customer_id=id)
                for id in missing
            }
            return tuple(sorted(hidden, key=finding_order))
        seen = (
            _without_others(finding, asked)
            for finding in self.findings
            if finding.code != "acceptance_unused"
        )
        return tuple(sorted(dict.fromkeys(seen), key=finding_order))

    def changed_zones(self) -> tuple[str, ...]:
        """Return the zones of the plan whose rules are different on this machine, sorted.

        A zone that this machine does not know is one of them. If there are any, a new plan for the same request may
        differ: `am.rebase` returns it. Empty for a plan of an earlier release.
        """
        year = self.change_set.at.year
        return tuple(zone for zone, digest in self.zone_rules if differs(zone, year, digest))

    @property
    def is_ready(self) -> bool:
        """Whether no finding blocks. A ready plan may have no steps."""
        return not self.change_set.blocked

    @property
    def ledger(self) -> tuple[LedgerEntry, ...]:
        """The values that do not survive."""
        return self.change_set.ledger

    @property
    def plan_id(self) -> str:
        """The SHA-256 of the change set's content. Equal input gives an equal id."""
        return self.change_set.plan_id

    def summary(self, language: str = "en") -> str:
        """Return a few lines about the state of the plan, its steps and its findings."""
        language = labelled(language, getattr(self.rules, "customer_label", CUSTOMER_LABELS[0]))
        state, *counts = (sentence(key, facts, language) for key, facts in summary_of(self.change_set))
        facts = {"blockers": len(self.blockers), "warnings": len(self.warnings)}
        findings = sentence("summary.findings", facts, language)
        return "\n".join((state, *(f"  {count}" for count in counts), findings))

    def explain(self, asked: str) -> Explanation:
        """Return why a booking, record, customer, profile, access row or request ends where it ends.

        Derived from the plan alone: its steps, ledger, findings and rules. If the plan does not name the id, the
        explanation says so, and says which data a plan of this kind changes.

        Args:
            asked: An id; or an address, which is matched by its mailbox and shown nowhere.

        Raises:
            InvalidValueError: It is not text.
        """
        if not isinstance(asked, str):
            raise InvalidValueError("wrong_type", field="asked", wanted="text")
        from accountmerge.plans.explaining import explained  # costly, and planning does not need it

        return explained(self.change_set, asked, findings=self.findings, rules=self.rules)

    def confirm(self, *, by: str, at: datetime) -> ChangeSet:
        """Return the change set with the confirmation of a named person.

        Args:
            by: The name of the person; with a visible character, and no control or format character.
            at: When the person confirms: not before the data of the plan were read. Any aware datetime.

        Raises:
            ApplyRefused: The plan is blocked.
            InvalidValueError: The name cannot be seen, the time is naive, or it is before `taken_at`. A plan
                without `taken_at`, and a change set by itself, take any instant.
        """
        confirmed = self.change_set.confirm(by=by, at=at)
        if self.taken_at is not None and utc(at, "at") < self.taken_at:
            raise InvalidValueError("confirmed_too_early", at=rfc3339(at), taken_at=rfc3339(self.taken_at))
        return confirmed

    def __repr__(self) -> str:
        state = "ready" if self.is_ready else "blocked"
        return f"{type(self).__name__}({state}, {len(self.change_set.steps)} steps, plan_id={self.plan_id!r})"


def change_set_of(work: Plan[Any, Any] | ChangeSet) -> ChangeSet:
    """Return the change set of a plan, or a change set itself.

    Raises:
        InvalidValueError: `work` is neither a plan nor a change set.
    """
    if isinstance(work, Plan):
        return work.change_set
    if not isinstance(work, ChangeSet):
        raise InvalidValueError("wrong_type", field="change_set", wanted="plan_or_change_set")
    return work
