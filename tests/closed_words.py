"""What a plan may say: only words of the closed vocabularies, each with just the facts that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import accountmerge as am
from accountmerge.changes.change_sets import LEDGER_RULES
from accountmerge.changes.failures import FAILURE_FACTS
from accountmerge.messages import FACT_TYPES
from accountmerge.model.entities import ENTITY_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accountmerge.kinds import AnyPlan
    from accountmerge.messages import Fact, FactType

LIKE_A_TIME = "2026-03-02T09:00:00Z"
"""An id that looks like a time, which an id may."""

FACT_VALUES: dict[FactType, Fact] = {
    "id": LIKE_A_TIME,
    "ids": (LIKE_A_TIME, "P2"),
    "instant": LIKE_A_TIME,
    "instant_or_empty": "",
    "number": 3,
    "word": "booked",
    "words": ("booked", "held"),
    "text": LIKE_A_TIME,
    "version": "7",
}
"""A value of each type of fact."""


def typed_facts(names: Iterable[str]) -> dict[str, Fact]:
    """Return facts of these names, each of its type."""
    return {name: FACT_VALUES[FACT_TYPES[name]] for name in sorted(names)}


OWED: dict[str, tuple[str, str]] = {
    "announce_blackout": ("practitioner", "ahead"),
    "list_availability": ("customer_service", "blackout"),
    "tell_new_login": ("practitioner", "activation"),
    "tell_primary_email": ("customer", "afterwards"),
    "tell_no_login": ("customer", "afterwards"),
    "end_sessions": ("support_team", "afterwards"),
    "ask_for_access": ("customer", "afterwards"),
    "tell_decision": ("practitioner", "afterwards"),
}
"""Towards whom each obligation is, and when; one that something is off has the same role, and is `undone`."""

ABOUT_ENTITIES = frozenset(
    {"email_invalid", "email_malformed", "email_claimed_twice", "addresses_not_whole", "snapshot_not_whole"}
)
"""The findings whose `kind` is that of an entity, not of a record."""


def check_words(plan: AnyPlan) -> None:
    """See that a plan says only what its readers know; reading its file refuses wrong words and wrong facts."""
    assert am.loads(am.dumps(plan)) == plan
    for finding in plan.findings:
        if finding.code in ABOUT_ENTITIES:
            assert finding.facts["kind"] in (*ENTITY_NAMES, "practitioner")
    for owed in plan.change_set.obligations:
        assert (owed.whom, owed.when) == OWED[owed.kind]
    for entry in plan.ledger:
        assert entry.entity in ENTITY_NAMES
        assert entry.rule in LEDGER_RULES


def check_failures(failures: Iterable[am.changes.Failure]) -> None:
    """See that each failure has a code of the vocabulary and just the facts that it has."""
    for failure in failures:
        assert failure.facts.keys() == FAILURE_FACTS[failure.code], failure.code
