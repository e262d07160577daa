"""Explanations: why something ends where it ends, said from the plan alone, and nothing left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given

import accountmerge as am
from accountmerge.changes.change_sets import LEDGER_RULES, OBLIGATION_FACTS
from accountmerge.changes.steps import REASON_FACTS
from accountmerge.findings.vocabulary import FINDINGS
from accountmerge.messages import LANGUAGES
from accountmerge.plans.explaining import ABOUT_ADDRESSES, explained
from accountmerge.plans.explanations import EXPLAIN_FACTS, REASON_SOURCES, Cause, Explanation
from accountmerge.testing.strategies import (
    CustomerCase,
    MergeCase,
    MigrationCase,
    RebookingCase,
    customer_cases,
    merge_cases,
    migration_cases,
    rebooking_cases,
)
from small_values import (
    NOON,
    access,
    appointment,
    customer,
    migration,
    profile,
    record,
    request,
    slot,
    snapshot,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

AnyPlan = am.MigrationPlan | am.MergePlan | am.customers.CustomerPlan | am.rebooking.RebookingPlan

HAPPENS = frozenset(
    {
        *("created", "changed", "removed", "named", "untouched", "lost"),
        *("booking_ends", "record_ends", "access_ends", "request_ends", "customer_ends", "profile_ends"),
        "succeeded",
    }
)
"""Facts and states, which have no source."""


def people() -> am.Snapshot:
    emails = [
        am.CustomerEmail("old@example.com", "primary"),
        am.CustomerEmail("both@example.com", "secondary"),
    ]
    return snapshot(
        profiles=[profile(), profile("P2")],
        customers=[
            customer(
                "C1",
                given_name="Ann",
                emails=[am.CustomerEmail("BOTH@example.com", "secondary")],
                phones=["1"],
            ),
            customer("C2", given_name="Anne", emails=emails, phones=["2"]),
            customer("C3"),
        ],
        appointments=[appointment("A1", customer_id="C2"), appointment("A2", customer_id="C3")],
        records=[
            record("R1", kind="relation", customer_id="C1", related_customer_id="C2"),
            record("R2", customer_id="C2"),
        ],
        access=[
            access("X1"),
            access("X2", customer_id="C2"),
            access("X3", customer_id="C2", profile_id="P2", level="viewing"),
        ],
    )


def merge(found: am.Snapshot | None = None) -> am.MergePlan:
    asked = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1")
    plan = am.plan_merge(found or people(), asked, at=NOON)
    assert plan.is_ready
    return plan


def keys(explanation: Explanation) -> set[str]:
    return {cause.key for cause in explanation.causes}


def cause(explanation: Explanation, code: str) -> Cause:
    (found,) = (each for each in explanation.causes if each.code == code)
    return found


def test_everything_that_can_be_said_has_the_page_of_its_rule() -> None:
    families: dict[str, Iterable[str]] = {
        "reason": REASON_FACTS,
        "finding": FINDINGS,
        "rule": LEDGER_RULES,
        "obligation": OBLIGATION_FACTS,
        "explain": EXPLAIN_FACTS.keys() - HAPPENS,
    }
    assert REASON_SOURCES.keys() == {
        f"{family}.{code}" for family, codes in families.items() for code in codes
    }
    assert EXPLAIN_FACTS.keys() >= HAPPENS
    assert FINDINGS.keys() >= ABOUT_ADDRESSES


def asked_ids(plan: AnyPlan, found: am.Snapshot) -> Iterable[str]:
    names = ("profiles", "customers", "appointments", "records", "access", "access_requests")
    ids = [row.id for name in names for row in getattr(found, name)]
    return dict.fromkeys((*ids, *(edit.id for step in plan.change_set.steps for edit in step.edits)))


def check_every_id(plan: AnyPlan, found: am.Snapshot) -> None:
    stored = am.loads(am.dumps(plan))
    assert isinstance(stored, AnyPlan)
    for id in asked_ids(plan, found):
        explanation = plan.explain(id)
        edited = [step for step in plan.change_set.steps if any(edit.id == id for edit in step.edits)]
        assert explanation.steps == tuple(step.ordinal for step in edited)
        for step in edited:
            assert Cause(f"reason.{step.reason.code}", step.reason.facts, step.ordinal) in explanation.causes
        lost = [entry for entry in plan.ledger if entry.id == id]
        assert set(lost) <= set(explanation.ledger)
        assert {entry.rule for entry in plan.ledger} <= set(LEDGER_RULES)
        assert {f.id for f in plan.findings if id in f.ids} == {f.id for f in explanation.findings}
        assert ("explain.blocked" in keys(explanation)) == (not plan.is_ready)
        for language in LANGUAGES:
            lines = explanation.describe(language).splitlines()
            assert len(lines) >= len(explanation.causes) >= 1
        assert stored.explain(id) == explanation


@given(migration_cases())
def test_whatever_a_migration_edits_is_explained_by_every_step_that_does(case: MigrationCase) -> None:
    check_every_id(case.plan(), case.snapshot)


@given(merge_cases())
def test_whatever_a_merge_edits_is_explained_by_every_step_that_does(case: MergeCase) -> None:
    check_every_id(case.plan(), case.snapshot)


@given(customer_cases())
def test_whatever_a_small_plan_edits_is_explained_by_its_step(case: CustomerCase) -> None:
    check_every_id(case.plan(), case.snapshot)


@given(rebooking_cases())
def test_whatever_a_rebooking_edits_is_explained_by_its_step(case: RebookingCase) -> None:
    check_every_id(case.plan(), case.snapshot)


def test_a_booking_is_explained_by_what_takes_its_place() -> None:
    plan = migration(1)
    explanation = plan.explain("A0")
    new_id = str(cause(explanation, "replaced").facts["replaced_by"])
    assert explanation.subjects == (("appointment", "A0"),)
    assert cause(explanation, "future_booking").source == "docs/migration.md"
    assert cause(explanation, "booking_ends").facts["status"] == "cancelled"
    assert cause(plan.explain(new_id), "replaces").facts["replaces"] == "A0"
    assert "[docs/migration.md]" in explanation.describe()


def test_what_has_begun_is_explained_by_its_finding_and_by_what_a_migration_moves() -> None:
    begun = appointment("A1", slot(-30))
    plan = am.plan_migration(snapshot(appointments=[begun], access=[access()]), request(), at=NOON)
    explanation = plan.explain("A1")
    assert explanation.steps == ()
    assert {"finding.past_booking_open", "explain.scope_migration"} <= keys(explanation)


def test_what_the_plan_does_not_name_is_said_to_be_untouched_and_not_repeated() -> None:
    for asked in ("A2", "Ann Example", "nobody@example.com", ""):
        explanation = merge().explain(asked)
        assert explanation.subjects == ()
        assert keys(explanation) == {"explain.untouched", "explain.scope_merge"}
        assert not asked or asked == "A2" or asked not in explanation.describe()


def test_a_finding_about_the_addresses_of_one_does_not_explain_the_address_of_another() -> None:
    data = snapshot(
        customers=[customer("C1"), customer("C2", emails=[am.CustomerEmail("two@example.com", "secondary")])],
        access=[access("X1"), access("X2", customer_id="C2")],
    )
    plan = merge(data)
    assert {(finding.code, finding.ids) for finding in plan.findings} >= {("no_primary_email", ("C1",))}
    assert [finding.code for finding in plan.explain("two@example.com").findings] == ["no_primary_email"]
    assert plan.explain("P1@example.com").findings == ()


def test_the_scope_of_a_merge_is_named_by_its_customers() -> None:
    scope = cause(merge().explain("nobody@example.com"), "scope_merge")
    assert dict(scope.facts) == {"survivor_id": "C1", "absorbed_ids": ("C2",)}


def test_who_is_only_read_is_explained_by_the_steps_that_rest_on_it() -> None:
    explanation = merge().explain("P1")
    assert explanation.subjects == (("profile", "P1"),)
    assert cause(explanation, "read").facts["id"] == "P1"


def test_a_customer_is_explained_by_the_rule_of_each_field() -> None:
    rules = am.MergeRules(
        name="ours", version="3", fields=[am.merges.FieldRule(field="phones", policy="union")]
    )
    asked = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1")
    explanation = am.plan_merge(people(), asked, rules=rules, at=NOON).explain("C1")
    ruled = {cause.facts["field"]: cause.facts for cause in explanation.causes if cause.code == "field_ruled"}
    assert ruled["phones"] == am.model.Facts(field="phones", policy="union", rules="ours 3")
    assert ruled["former_record_numbers"]["policy"] == "union"
    assert {"rule.fill_blanks", "rule.same_mailbox", "rule.between_merged"} <= keys(explanation)
    lost = next(cause for cause in explanation.causes if cause.facts.get("fields") == ("given_name",))
    assert lost.facts["from_id"] == "C2"


def test_access_that_goes_is_explained_by_what_gives_it_instead() -> None:
    plan = merge()
    goes_on = cause(plan.explain("X3"), "access_goes_on")
    assert goes_on.facts["level"] == "viewing"
    created = plan.explain(str(goes_on.facts["id"]))
    assert cause(created, "access_ends").facts["customer_id"] == "C1"
    assert not any(cause.code == "access_goes_on" for cause in plan.explain("X2").causes)


def test_an_address_is_matched_by_its_mailbox_and_never_shown() -> None:
    explanation = merge().explain("OLD@EXAMPLE.com")
    uses = [cause.facts for cause in explanation.causes if cause.code == "email_use"]
    assert uses == [
        am.model.Facts(id="C2", before="primary", after="former"),
        am.model.Facts(id="C1", before="none", after="primary"),
        am.model.Facts(id="C2", before="former", after="none"),
    ]
    assert explanation.steps == (1,)
    assert explanation.subjects == (("customer", "C1"), ("customer", "C2"))
    for language in LANGUAGES:
        assert "example" not in (explanation.describe(language) + repr(explanation)).lower()
    both = merge().explain("both@example.com")
    assert "explain.email_kept" not in keys(merge().explain("old@example.com"))
    assert {entry.rule for entry in both.ledger} == {"same_mailbox"}
    assert cause(both, "email_kept").facts == am.model.Facts(id="C1", use="secondary")


def test_a_username_is_explained_by_its_profile() -> None:
    explanation = migration(1).explain("New@Example.com")
    assert [entity for entity, _ in explanation.subjects] == ["profile"]
    assert {"explain.created", "reason.login_changes", "explain.profile_ends"} <= keys(explanation)


def test_what_was_accepted_is_weighed_as_accepted() -> None:
    doubled = people().changed(
        [appointment("A2", slot(30), customer_id="C2"), appointment("A3", slot(0), customer_id="C1")]
    )
    asked = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1")
    blocked = am.plan_merge(doubled, asked, at=NOON)
    assert cause(blocked.explain("C2"), "blocked").facts["codes"] == ("introduced_double_booking",)
    accept = [
        am.Acceptance(finding=finding.id, by="Bo Example", why="agreed") for finding in blocked.blockers
    ]
    plan = am.plan_merge(doubled, attrs.evolve(asked, accept=accept), at=NOON)
    explanation = plan.explain("A3")
    assert {"finding.introduced_double_booking", "explain.accepted", "explain.tolerated"} <= keys(explanation)
    assert "Bo Example" not in explanation.describe()


def test_of_a_prefix_it_is_said_that_a_step_is_not_to_be_applied() -> None:
    change_set = merge().change_set
    assert "explain.not_applied" in keys(explained(change_set.prefix(2), "A1"))
    assert "explain.not_applied" not in keys(explained(change_set, "A1"))


def test_what_is_finished_is_said_to_be_so() -> None:
    confirmed = merge().confirm(by="Bo Example", at=NOON)
    again = am.plan_merge(
        am.apply(people(), confirmed), am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1"), at=NOON
    )
    assert {"explain.named", "explain.nothing_left"} <= keys(again.explain("C2"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_undo_is_explained_without_its_plan(language: str) -> None:
    rules = am.MergeRules(undo="while_unchanged")
    asked = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1")
    inverse = am.invert(am.plan_merge(people(), asked, rules=rules, at=NOON).change_set)
    explanation = explained(inverse, "A1")
    assert "reason.undone" in keys(explanation)
    assert explanation.describe(language)
    assert "explain.scope_request" in keys(explained(inverse, "A2"))


def test_an_id_of_several_things_is_explained_for_each() -> None:
    shared = people().changed([record("A1", customer_id="C2")])
    explanation = merge(shared).explain("A1")
    assert {entity for entity, _ in explanation.subjects} == {"appointment", "record"}
    assert len([cause for cause in explanation.causes if cause.code == "changed"]) == 2
