"""The closed vocabulary of findings, with the severity and the facts of each code.

Catalogues and callers' policies depend on these codes: add, never rename.
"""

from __future__ import annotations

from typing import Literal, get_args

from accountmerge.model.limits import EFFECTS, LIMIT_NAMES
from accountmerge.model.values import ShownValue, value_class

Severity = Literal["blocker", "warning"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


@value_class(eq=False, repr=False)
class FindingKind(ShownValue):
    """The properties of a code of findings.

    Attributes:
        severity: The severity, unless the place of the finding gives another one.
        facts: The names of its facts.
        acceptable: Whether a named person may accept it.
        ways: The words of one of its facts. Each word has a remedy of its own; empty if the code has one remedy.
        way_fact: The name of that fact.
        added: The facts that files of earlier releases lack.
        clusters: Whether many connected bookings may be one finding, with the facts `CLUSTER_FACTS` instead.
    """

    severity: Severity
    facts: frozenset[str]
    acceptable: bool = False
    ways: tuple[str, ...] = ()
    added: frozenset[str] = frozenset()
    clusters: bool = False
    way_fact: str = "way"

    @property
    def forms(self) -> tuple[frozenset[str], ...]:
        """The names of facts that a finding of this code may have."""
        earlier = (self.facts - self.added,) if self.added else ()
        return (self.facts, *((CLUSTER_FACTS,) if self.clusters else ()), *earlier)


CLUSTER_FACTS = frozenset({"count", "first", "last"})
"""The facts of a finding about a cluster: the number of bookings, and the ids of the first and the last."""


def _double(severity: Severity, whose: str, *, acceptable: bool = False) -> FindingKind:
    """Return the properties of a code about two overlapping bookings, or a cluster of them."""
    added = frozenset({whose, "customer_ids", "local_start"})
    facts = added | {"first_id", "second_id", "start", "end"}
    return FindingKind(severity, facts, acceptable, added=added, clusters=True)


def _blocker(*facts: str, acceptable: bool = False, ways: tuple[str, ...] = ()) -> FindingKind:
    return FindingKind("blocker", frozenset(facts), acceptable, ways)


def _warning(*facts: str, acceptable: bool = False, ways: tuple[str, ...] = ()) -> FindingKind:
    return FindingKind("warning", frozenset(facts), acceptable, ways)


def _limit(fact: str, ways: tuple[str, ...], *facts: str, acceptable: bool = False) -> FindingKind:
    """Return the properties of a code about rows that break a limit of the store."""
    names = frozenset({fact, "entity", "id", "count", *facts})
    return FindingKind("blocker", names, acceptable, ways, way_fact=fact)


LIMIT_CODES = frozenset({"effect_not_obeyed", "store_cannot_hold"})
"""The codes of findings about the limits of a store; a plan records them, and its change set does not."""

FINDINGS: dict[str, FindingKind] = {
    # of a request
    "acceptance_unused": _warning("finding"),
    "agreement_after_at": _blocker("profile_id", "agreed_at", "at"),
    "agreement_missing": _blocker("profile_id"),
    "at_before_snapshot": _blocker("at", "taken_at"),
    "derived_id_taken": _blocker("entity", "id"),
    "email_in_use": _blocker("profile_id", "holder_id"),
    "email_invalid": _blocker("kind", "id"),
    "email_same": _blocker("profile_id"),
    "number_in_use": _blocker("appointment_id", "holder_id"),
    "number_invalid": _blocker("appointment_id"),
    "number_unused": _warning("appointment_id"),
    "reason_unknown": _blocker("profile_id", "reasons"),
    "ticket_missing": _blocker("profile_id"),
    "unknown_profile": _blocker("profile_id"),
    # of a migration
    "bookings_before_window": _warning("start", "count"),
    "bookings_begin_before_at": _warning("profile_id", "count", "first_start", "last_start"),
    "booking_in_blackout": _warning("appointment_id", "start"),
    "booking_of_absorbed": _warning("customer_id", "survivor_id", "count", "start"),
    "booking_of_disabled": _warning("customer_id", "count", "start"),
    "destination_double_booking": _double("blocker", "practitioner_id", acceptable=True),
    "migration_under_way": _blocker("profile_id", "successor_id"),
    "other_pending_profile": _warning("profile_id", "other_id"),
    "profile_switched_off": _blocker("profile_id", "schedule", "login"),
    "past_booking_open": _warning("appointment_id", "start"),
    "schedule_not_active": _blocker("profile_id", "schedule"),
    "other_active_schedule": _blocker("profile_id", "other_id", acceptable=True),
    "two_active_schedules": _blocker("profile_id", "successor_id"),
    "window_before_at": _blocker("start", "end", "at"),
    "window_notice_short": _warning("start", "hours"),
    "window_outside_hours": _blocker("start", "end", acceptable=True),
    "window_too_long": _blocker("start", "end", "hours"),
    "window_too_short": _blocker("start", "end", "hours"),
    "window_unchecked": _warning("start", "end"),
    "window_under_estimate": _blocker(
        *("start", "end", "count", "minutes", "open_minutes"),
        *("way", "hands", "minutes_each", "fits_start", "fits_end"),
        acceptable=True,
        ways=("closed", "faster", "later", "longer", "shared"),
    ),
    # of the limits of a store
    "effect_not_obeyed": _limit("effect", EFFECTS, acceptable=True),
    "store_cannot_hold": _limit("limit", LIMIT_NAMES, "field"),
    # of a rebooking request
    "booked_before": _warning("appointment_id", "status"),
    "booking_stays": _warning("appointment_id", "start"),
    "hours_unknown": _warning("profile_id"),
    "initials_mismatch": _blocker("appointment_id", "customer_id"),
    "initials_unchecked": _warning("customer_id"),
    "modality_differs": _blocker("appointment_id", "modality"),
    "new_profile_unknown": _blocker("number"),
    "not_one_practitioner": _blocker("profile_id", "other_id"),
    "number_shared": _blocker("number", "appointment_ids"),
    "number_unknown": _blocker("number", "profile_id"),
    "old_profile_unknown": _blocker("number"),
    "outside_hours": _blocker("profile_id", "start", "end", acceptable=True),
    "profile_succeeded": _blocker("profile_id", "successor_id"),
    "schedule_inactive": _blocker("profile_id"),
    "slot_not_free": _blocker("appointment_id", "other_id", "start", "end", acceptable=True),
    "slot_unavailable": _warning("profile_id", "start", "end"),
    "start_not_future": _blocker("start", "at"),
    # of a merge
    "absorbed_missing": _blocker("survivor_id"),
    "access_missing": _blocker("profile_id", "customer_id"),
    "access_denied_before": _warning("profile_id", "survivor_id", "customer_ids"),
    "access_rises": _warning("profile_id", "survivor_id", "customer_ids"),
    "access_widens": _warning("profile_id", "survivor_id", "count"),
    "actor_missing": _blocker("survivor_id"),
    "already_absorbed": _blocker("customer_id", "survivor_id"),
    "authority_missing": _blocker("survivor_id"),
    "authority_unused": _warning("survivor_id"),
    "customer_disabled": _blocker("customer_id"),
    "duplicate_record": _warning("first_id", "second_id", "kind"),
    "introduced_double_booking": _double("blocker", "practitioner_ids", acceptable=True),
    "identity_differs": _warning("field", "customer_ids", acceptable=True),
    "login_changes_hands": _warning("survivor_id", "customer_ids", acceptable=True),
    "must_agree": _blocker("field", "customer_ids"),
    "no_primary_email": _warning("customer_id"),
    "one_per_customer": _blocker("kept_id", "dropped_id", "kind", acceptable=True),
    "opposite_consents": _warning("survivor_id", "customer_ids", "count"),
    "phone_spellings": _warning("survivor_id", "customer_ids", "count"),
    "self_merge": _blocker("customer_id"),
    "two_primary_emails": _blocker("customer_ids"),
    "undeclared_kind": _blocker("kind", "count"),
    "unknown_customer": _blocker("customer_id"),
    # of merges that are planned together
    "absorbed_twice": _blocker("customer_id", "survivor_ids"),
    "merge_cycle": _blocker("customer_ids"),
    "waits_for_blocked": _blocker("survivor_id", "waits_for"),
    # of migrations that are planned together
    "capacity_exceeded": _warning("profile_id", "start", "end", "capacity"),
    "customers_in_two_blackouts": _warning("profile_id", "other_id", "count"),
    "email_asked_twice": _blocker("profile_ids"),
    "moves_twice": _blocker("practitioner_id", "profile_ids", "count"),
    "no_window_left": _blocker(
        *("profile_id", "capacity", "days", "way", "count", "minutes", "hands", "minutes_each", "needed"),
        ways=("capacity", "closed", "customers", "faster", "shared"),
    ),
    "number_asked_twice": _blocker("appointment_ids"),
    "window_far_ahead": _warning(
        *(
            "profile_id",
            "start",
            "days",
            "capacity",
            "way",
            "count",
            "minutes",
            "hands",
            "minutes_each",
            "needed",
        ),
        ways=("capacity", "closed", "customers", "faster", "shared"),
    ),
    # of access, of a primary email, of an edit
    "access_held": _warning("profile_id", "customer_id"),
    "action_unknown": _blocker("customer_id", "actions"),
    "decision_unknown": _blocker("request_id", "decisions"),
    "email_claimed": _blocker("customer_id", "holder_ids"),
    "email_unknown": _blocker("customer_id"),
    "expiry_past": _blocker("profile_id", "customer_id", "expires_at"),
    "login_disabled": _blocker("profile_id"),
    "name_missing": _blocker("customer_id"),
    "not_the_decider": _blocker("request_id", "role"),
    "reason_missing": _blocker("customer_id"),
    "request_closed": _blocker("request_id", "status"),
    "request_expired": _blocker("request_id", "expires_at"),
    "role_unknown": _blocker("request_id", "roles"),
    "staff_may_not_decide": _blocker("request_id"),
    "unknown_request": _blocker("request_id"),
    # of a snapshot
    "absorbed_active": _warning("customer_id", "survivor_id"),
    "absorbed_not_empty": _warning("customer_id", "survivor_id", "count"),
    "absorbed_signs_in": _warning("customer_id", "survivor_id"),
    "addresses_not_whole": _warning("kind", "id"),
    "appointment_number_twice": _warning("number", "appointment_ids"),
    "booking_in_closed_profile": _warning("appointment_id", "profile_id", "start"),
    "customer_double_booking": _double("warning", "practitioner_ids"),
    "email_claimed_twice": _warning("kind", "holder_ids"),
    "email_malformed": _warning("kind", "id"),
    "email_shared_name_space": _warning("profile_id", "customer_ids"),
    "existing_double_booking": _double("warning", "practitioner_id"),
    "merged_in_chain": _warning("customer_id", "survivor_id", "next_id"),
    "merged_in_circle": _warning("customer_ids"),
    "promised_time_moved": FindingKind(
        "warning", frozenset({"appointment_id", "local_start", "shown_start", "time_zone"}), clusters=True
    ),
    "record_number_twice": _warning("customer_ids"),
    "session_split": _warning("practitioner_id", "session_id", "count", "first", "last"),
    "several_active_schedules": _warning("practitioner_id", "profile_ids"),
    "several_primary_emails": _warning("customer_id", "count"),
    "several_replacements": _warning("appointment_id", "replacement_ids"),
    "snapshot_not_whole": _blocker("kind", "id"),
    "succession_circle": _warning("profile_ids"),
    "unfinished_rebooking": FindingKind("warning", frozenset({"first_id", "second_id"}), clusters=True),
}
