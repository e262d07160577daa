"""The answer of `plan.explain`, with the source of each reason."""

from __future__ import annotations

from typing import Self

from accountmerge.changes.change_sets import LEDGER_RULES, OBLIGATION_FACTS, LedgerEntry
from accountmerge.findings.finding import Finding
from accountmerge.findings.vocabulary import FINDINGS
from accountmerge.messages import Fact, Facts, sentence
from accountmerge.model.entities import EntityName
from accountmerge.model.values import ShownValue, Value, value_class


@value_class(eq=False, repr=False)
class Cause(ShownValue):
    """One reason of an explanation.

    Attributes:
        key: The key of its sentence: `reason.` and the code of a step's reason, `finding.` and the code of a
            finding, `rule.` and a rule of the ledger, `obligation.` and a kind, or `explain.` and a code.
        facts: The facts of the sentence; never a personal value.
        step: The ordinal of the step with this reason.
    """

    key: str
    facts: Facts
    step: int | None = None

    @classmethod
    def of(cls, code: str, step: int | None = None, /, **facts: Fact) -> Self:
        """Make a cause that only an explanation has."""
        return cls(f"explain.{code}", Facts(**facts), step)

    @property
    def code(self) -> str:
        """The code without its prefix."""
        return self.key.partition(".")[2]

    @property
    def source(self) -> str | None:
        """The page of the docs that states its rule, or None for a fact or a state."""
        return REASON_SOURCES.get(self.key)

    def describe(self, language: str = "en") -> str:
        """Return it as a sentence, with its step and its page."""
        text = sentence(self.key, self.facts, language)
        if self.step is not None:
            text = sentence("failure.at_step", {"step": self.step, "text": text}, language)
        source = self.source
        return f"{text} [{source}]" if source else text


@value_class(eq=False, repr=False, kw_only=True)
class Explanation(Value):
    """The end of one thing in a plan, with its reasons.

    Attributes:
        subjects: The kind and the id of each thing that was asked about; the kind is None if the plan does not say.
            One id may belong to several things, and several may have one address. Empty if the plan names none.
        causes: The end of the thing, then every reason: of steps, of lost values, findings, obligations.
        steps: The ordinals of the steps that edit it.
        ledger: Its values that do not survive.
        findings: The findings about it.
    """

    subjects: tuple[tuple[EntityName | None, str], ...]
    causes: tuple[Cause, ...]
    steps: tuple[int, ...] = ()
    ledger: tuple[LedgerEntry, ...] = ()
    findings: tuple[Finding, ...] = ()

    def lines(self, language: str = "en") -> tuple[str, ...]:
        """Return a sentence for each cause."""
        return tuple(cause.describe(language) for cause in self.causes)

    def describe(self, language: str = "en") -> str:
        """Return the explanation as text, with each reason on its own line after the first."""
        first, *others = self.lines(language)
        return "\n".join((first, *(f"  {line}" for line in others)))

    def __repr__(self) -> str:
        return f"Explanation({self.subjects!r}, {len(self.causes)} causes)"


EXPLAIN_FACTS: dict[str, frozenset[str]] = {
    # the thing after the plan
    "created": frozenset({"entity", "id", "steps"}),
    "changed": frozenset({"entity", "id", "fields", "steps"}),
    "removed": frozenset({"entity", "id", "steps"}),
    "read": frozenset({"id", "steps"}),
    "named": frozenset({"id"}),
    "untouched": frozenset(),
    # its place and state at the end
    "booking_ends": frozenset({"profile_id", "customer_id", "status"}),
    "replaced": frozenset({"replaced_by"}),
    "replaces": frozenset({"replaces"}),
    "record_ends": frozenset({"customer_id"}),
    "record_handed_over": frozenset({"profile_id"}),
    "access_ends": frozenset({"profile_id", "customer_id", "level"}),
    "access_goes_on": frozenset({"id", "profile_id", "customer_id", "level"}),
    "request_ends": frozenset({"status"}),
    "customer_ends": frozenset({"status"}),
    "absorbed": frozenset({"survivor_id"}),
    "profile_ends": frozenset({"login", "schedule"}),
    "succeeded": frozenset({"successor_id"}),
    # the decisions about it
    "emails_end": frozenset({"count", "primary"}),
    "email_use": frozenset({"id", "before", "after"}),
    "field_ruled": frozenset({"field", "policy", "rules"}),
    "email_kept": frozenset({"id", "use"}),
    "address_held": frozenset({"ids"}),
    "lost": frozenset({"entity", "ids", "fields", "from_id", "count"}),
    "accepted": frozenset({"finding"}),
    "tolerated": frozenset({"id", "steps"}),
    "blocked": frozenset({"codes"}),
    "nothing_left": frozenset(),
    "not_applied": frozenset({"through"}),
    "scope_migration": frozenset({"profile_id", "at"}),
    "scope_merge": frozenset({"survivor_id", "absorbed_ids"}),
    "scope_request": frozenset(),
}
"""The closed vocabulary of causes that only an explanation has, with the facts of each."""

_RULE_PAGES: dict[str, str] = {
    "docs/applying.md": "explain.read explain.tolerated explain.scope_request",
    "docs/contract.md": "reason.undone explain.nothing_left explain.not_applied",
    "docs/customers.md": (
        "reason.access_asked reason.access_decided reason.primary_asked reason.edit_asked "
        "rule.released rule.edited"
    ),
    "docs/findings.md": "explain.accepted explain.blocked",
    "docs/merging.md": (
        "reason.addresses_move reason.fields_move reason.names_absorbed reason.duplicate_of "
        "reason.between_merged reason.ends_with_customer reason.access_moves reason.request_overtaken "
        "reason.absorbed_before reason.merged explain.access_goes_on explain.absorbed explain.emails_end "
        "explain.email_use explain.email_kept explain.address_held explain.field_ruled explain.scope_merge"
    ),
    "docs/migration.md": (
        "reason.login_changes reason.profile_waits reason.future_booking reason.rebooking_unfinished "
        "reason.records_declared reason.nothing_left reason.only_active_schedule reason.succession "
        "rule.ends_with_profile explain.replaced explain.replaces explain.record_handed_over "
        "explain.scope_migration"
    ),
    "docs/rebooking.md": "reason.rebooking_asked reason.next_session",
    "docs/windows.md": "reason.blackout",
}
"""The keys of sentences whose rule a page states, by the page."""

REASON_SOURCES: dict[str, str] = {
    **{f"finding.{code}": "docs/findings.md" for code in FINDINGS},
    **{f"obligation.{kind}": "docs/applying.md" for kind in OBLIGATION_FACTS},
    **{f"rule.{rule}": "docs/merging.md" for rule in LEDGER_RULES},
    **{key: page for page, keys in _RULE_PAGES.items() for key in keys.split()},
}
"""The page of the docs that states the rule of a sentence, by its key. Facts and states have no source."""
