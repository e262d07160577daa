"""The answer of `plan.explain`, with the source of each reason."""

from __future__ import annotations

from typing import Self

import attrs

from accountmerge.changes.change_sets import LEDGER_RULES, LedgerEntry
from accountmerge.findings.finding import Finding
from accountmerge.messages import Fact, Facts, sentence
from accountmerge.model.entities import EntityName


@attrs.frozen
class Cause:
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
        """The section of the design that it rests on; nothing for what merely happens."""
        return REASON_SOURCES.get(self.key)

    def describe(self, language: str = "en") -> str:
        """Return it as a sentence, with its step and its section."""
        text = sentence(self.key, self.facts, language)
        if self.step is not None:
            text = sentence("failure.at_step", {"step": self.step, "text": text}, language)
        source = self.source
        return f"{text} [§{source}]" if source else text


@attrs.frozen(repr=False, kw_only=True)
class Explanation:
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

REASON_SOURCES: dict[str, str] = {
    # why a step is made
    "reason.login_changes": "3.1.1",
    "reason.profile_waits": "10",
    "reason.blackout": "3.1.4",
    "reason.future_booking": "3.1.5",
    "reason.rebooking_unfinished": "3.1.7",
    "reason.records_declared": "3.1.16",
    "reason.nothing_left": "3.1.5",
    "reason.only_active_schedule": "3.1.3",
    "reason.succession": "3.1.1",
    "reason.addresses_move": "3.2.3",
    "reason.fields_move": "10",
    "reason.names_absorbed": "3.2.1",
    "reason.duplicate_of": "10",
    "reason.between_merged": "3.2.1",
    "reason.ends_with_customer": "3.2.12",
    "reason.access_moves": "10",
    "reason.request_overtaken": "3.2.10",
    "reason.absorbed_before": "3.2.10",
    "reason.merged": "3.2.10",
    "reason.access_asked": "3.2.2",
    "reason.access_decided": "3.2.2",
    "reason.primary_asked": "3.2.3",
    "reason.edit_asked": "3.2.7",
    "reason.rebooking_asked": "3.1.9",
    "reason.next_session": "3.1.9",
    "reason.undone": "6.11",
    # findings
    "finding.acceptance_unused": "5",
    "finding.absorbed_twice": "3.2.1",
    "finding.access_held": "3.2.2",
    "finding.access_missing": "3.2.2",
    "finding.access_denied_before": "3.2.12",
    "finding.access_rises": "3.2.12",
    "finding.access_widens": "10",
    "finding.absorbed_missing": "3.2.1",
    "finding.action_unknown": "3.2.7",
    "finding.addresses_not_whole": "4",
    "finding.agreement_after_at": "3.1.2",
    "finding.agreement_missing": "3.1.2",
    "finding.actor_missing": "3.2.2",
    "finding.already_absorbed": "3.2.9",
    "finding.at_before_snapshot": "10",
    "finding.authority_missing": "3.2.2",
    "finding.authority_unused": "3.2.2",
    "finding.booked_before": "6.3",
    "finding.booking_in_blackout": "10",
    "finding.booking_of_absorbed": "3.1.13",
    "finding.booking_of_disabled": "3.1.13",
    "finding.capacity_exceeded": "3.1.4",
    "finding.bookings_begin_before_at": "3.1.11",
    "finding.bookings_before_window": "3.1.5",
    "finding.booking_stays": "3.1.9",
    "finding.customer_disabled": "3.2.9",
    "finding.customer_double_booking": "3.2.8",
    "finding.customers_in_two_blackouts": "3.1.3",
    "finding.decision_unknown": "3.2.2",
    "finding.derived_id_taken": "6.16",
    "finding.destination_double_booking": "3.1.7",
    "finding.duplicate_record": "10",
    "finding.email_asked_twice": "3.2.11",
    "finding.email_claimed": "3.2.11",
    "finding.email_claimed_twice": "3.2.11",
    "finding.email_in_use": "3.1.1",
    "finding.email_invalid": "4",
    "finding.email_malformed": "4",
    "finding.email_same": "3.1.1",
    "finding.email_shared_name_space": "3.2.11",
    "finding.email_unknown": "3.2.7",
    "finding.existing_double_booking": "3.1.7",
    "finding.expiry_past": "3.2.2",
    "finding.hours_unknown": "3.1.8",
    "finding.identity_differs": "3.2.12",
    "finding.initials_mismatch": "3.1.9",
    "finding.initials_unchecked": "3.1.9",
    "finding.introduced_double_booking": "3.2.8",
    "finding.login_changes_hands": "3.2.16",
    "finding.login_disabled": "3.2.2",
    "finding.merge_cycle": "3.2.9",
    "finding.migration_under_way": "6.3",
    "finding.modality_differs": "3.1.6",
    "finding.moves_twice": "3.1.7",
    "finding.must_agree": "10",
    "finding.name_missing": "3.2.3",
    "finding.new_profile_unknown": "3.1.9",
    "finding.no_primary_email": "3.2.3",
    "finding.not_one_practitioner": "3.1.9",
    "finding.no_window_left": "3.1.4",
    "finding.not_the_decider": "3.2.2",
    "finding.number_asked_twice": "3.1.6",
    "finding.number_in_use": "3.1.6",
    "finding.number_invalid": "3.1.6",
    "finding.number_shared": "3.1.9",
    "finding.number_unknown": "3.1.9",
    "finding.number_unused": "3.1.6",
    "finding.old_profile_unknown": "3.1.9",
    "finding.one_per_customer": "10",
    "finding.opposite_consents": "3.2.12",
    "finding.other_active_schedule": "3.1.3",
    "finding.other_pending_profile": "6.3",
    "finding.outside_hours": "3.1.8",
    "finding.past_booking_open": "3.1.11",
    "finding.phone_spellings": "3.2.12",
    "finding.profile_switched_off": "6.16",
    "finding.reason_missing": "3.2.3",
    "finding.reason_unknown": "4",
    "finding.request_closed": "3.2.2",
    "finding.request_expired": "3.2.2",
    "finding.role_unknown": "3.2.2",
    "finding.schedule_inactive": "3.1.3",
    "finding.schedule_not_active": "3.1.3",
    "finding.self_merge": "3.2.9",
    "finding.slot_not_free": "3.1.7",
    "finding.slot_unavailable": "3.1.8",
    "finding.snapshot_not_whole": "4",
    "finding.staff_may_not_decide": "3.2.2",
    "finding.start_not_future": "3.1.9",
    "finding.ticket_missing": "3.1.2",
    "finding.two_active_schedules": "3.1.3",
    "finding.two_primary_emails": "3.2.3",
    "finding.undeclared_kind": "4",
    "finding.unfinished_rebooking": "3.1.7",
    "finding.unknown_customer": "5",
    "finding.unknown_profile": "5",
    "finding.unknown_request": "5",
    "finding.waits_for_blocked": "6.4",
    "finding.window_before_at": "3.1.4",
    "finding.window_far_ahead": "3.1.12",
    "finding.window_notice_short": "3.1.4",
    "finding.window_outside_hours": "3.1.4",
    "finding.window_too_long": "3.1.4",
    "finding.window_too_short": "3.1.4",
    "finding.window_unchecked": "3.1.4",
    "finding.window_under_estimate": "3.1.4",
    "finding.absorbed_active": "3.2.10",
    "finding.absorbed_not_empty": "3.2.1",
    "finding.absorbed_signs_in": "3.2.3",
    "finding.appointment_number_twice": "4",
    "finding.booking_in_closed_profile": "3.1.5",
    "finding.merged_in_chain": "3.2.10",
    "finding.merged_in_circle": "3.2.10",
    "finding.profile_succeeded": "3.1.3",
    "finding.record_number_twice": "3.2.6",
    "finding.several_active_schedules": "3.1.3",
    "finding.several_primary_emails": "3.2.3",
    "finding.several_replacements": "3.2.14",
    "finding.succession_circle": "3.1.1",
    # why a value did not survive
    **{f"rule.{rule}": "10" for rule in LEDGER_RULES},
    "rule.same_mailbox": "10",
    "rule.between_merged": "3.2.1",
    "rule.duplicate_relation": "3.2.1",
    "rule.one_per_customer": "10",
    "rule.ends_with_customer": "3.2.12",
    "rule.ends_with_profile": "3.1.16",
    "rule.stronger_access": "10",
    "rule.released": "3.2.3",
    "rule.edited": "3.2.7",
    # tasks outside the store
    "obligation.announce_blackout": "3.1.4",
    "obligation.list_availability": "3.1.8",
    "obligation.tell_new_login": "3.1.3",
    "obligation.tell_primary_email": "3.2.5",
    "obligation.tell_no_login": "3.2.5",
    "obligation.end_sessions": "3.2.4",
    "obligation.ask_for_access": "3.2.2",
    "obligation.tell_decision": "3.2.2",
    "obligation.recall_announcement": "6.11",
    "obligation.tell_old_login": "6.11",
    "obligation.tell_login_again": "6.11",
    "obligation.recall_question": "6.11",
    "obligation.recall_decision": "6.11",
    # causes that only an explanation has; facts and states have no source
    "explain.read": "6.9",
    "explain.replaced": "3.1.6",
    "explain.replaces": "3.1.6",
    "explain.record_handed_over": "3.1.16",
    "explain.access_goes_on": "10",
    "explain.absorbed": "3.2.10",
    "explain.emails_end": "3.2.3",
    "explain.email_use": "3.2.3",
    "explain.email_kept": "3.2.3",
    "explain.address_held": "3.2.11",
    "explain.accepted": "5",
    "explain.field_ruled": "10",
    "explain.tolerated": "6.8",
    "explain.blocked": "5",
    "explain.nothing_left": "6.3",
    "explain.not_applied": "6.10",
    "explain.scope_migration": "3.1.5",
    "explain.scope_merge": "3.2.1",
    "explain.scope_request": "5",
}
"""The section of the design behind each, by the key of its sentence."""
