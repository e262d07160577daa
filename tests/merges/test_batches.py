"""Many merges at once: grouped by what they share, ordered or refused with the reason, each group by itself."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.findings.vocabulary import FINDINGS
from accountmerge.merges import batches
from accountmerge.merges.batches import neighbourhood
from accountmerge.messages import LANGUAGES
from closed_words import check_words
from small_values import NOON, access, appointment, customer, profile, record, slot, snapshot
from strategies.merge_batches import BATCH_RULES, IDS, batch_cases

if TYPE_CHECKING:
    from collections.abc import Iterable


def merge(survivor: str, *absorbed: str, actor: str = "P1", **fields: Any) -> am.MergeRequest:
    return am.MergeRequest(survivor=survivor, absorbed=absorbed, actor=actor, **fields)


def email(text: str, use: Any = "primary") -> am.CustomerEmail:
    return am.CustomerEmail(text, use)


def practice(**collections: Any) -> am.Snapshot:
    """A practice in which P1 may merge everybody."""
    given = {"customers": [customer(id, version=1) for id in IDS], **collections}
    rows = [access(f"X-{row.id}", customer_id=row.id, version=1) for row in given["customers"]]
    return snapshot(**given, access=rows)


WHOLE = practice()


def planned(*requests: am.MergeRequest, whole: am.Snapshot = WHOLE, **fields: Any) -> am.merges.MergeBatch:
    batch = am.merges.plan_merges(whole, requests, at=NOON, **fields)
    for plan in batch.plans:
        check_words(plan)
    for finding in (finding for group in batch.groups for finding in group.findings):
        assert finding.facts.keys() == FINDINGS[finding.code].facts
    return batch


def written(whole: am.Snapshot, change_set: am.ChangeSet) -> am.Snapshot:
    """Apply a set as a store does that counts the versions of what it writes."""
    after = am.apply(whole, change_set)
    rows: list[Any] = []
    for name in ("customers", "records", "appointments", "access", "access_requests"):
        before: Any = whole.table(name)
        rows += [
            attrs.evolve(row, version=int(row.version or 0) + 1)
            for row in after.table(name)
            if before.get(row.id) != row
        ]
    return after.changed(rows)


def carried_out(whole: am.Snapshot, groups: Iterable[am.merges.MergeGroup]) -> am.Snapshot:
    for plan in (plan for group in groups for plan in group.plans if plan.is_ready):
        whole = written(whole, plan.confirm(by="Ann Example", at=NOON))
    return whole


def codes(group: am.merges.MergeGroup) -> list[str]:
    return [finding.id for finding in group.findings]


def test_whoever_is_absorbed_takes_in_others_first() -> None:
    chain = [merge("C4", "C2"), merge("C2", "C1"), merge("C2", "C3")]
    for requests in itertools.permutations(chain):
        (group,) = planned(*requests).groups
        assert group.requests == (chain[1], chain[2], chain[0])
        assert [plan.request for plan in group.plans] == list(group.requests)
        assert group.is_ready
        assert group.customer_ids == ("C1", "C2", "C3", "C4")
    after = carried_out(WHOLE, [group])
    assert {row.id: row.merged_into for row in after.customers if row.merged_into} == dict.fromkeys(
        ("C1", "C2", "C3"), "C4"
    )


def test_a_later_plan_of_a_group_fits_what_a_store_with_versions_holds_by_then() -> None:
    rows = [record("R1", customer_id="C1", version=5), record("R2", customer_id="C2", version=5)]
    batch = planned(merge("C3", "C2"), merge("C2", "C1"), whole=practice(records=rows))
    assert batch.is_ready
    after = carried_out(practice(records=rows), batch.groups)
    assert {row.id: (row.customer_id, row.version) for row in after.records} == {
        "R1": ("C3", 7),
        "R2": ("C3", 6),
    }


def test_a_circle_is_refused_and_holds_up_nobody_else() -> None:
    batch = planned(
        merge("C1", "C2"), merge("C2", "C3"), merge("C3", "C1"), merge("C4", "C1"), merge("C5", "C6")
    )
    circle, other = batch.groups
    assert codes(circle) == ["absorbed_twice:C1:C3:C4", "merge_cycle:C1:C2:C3"]
    assert circle.plans == ()
    assert set(circle.requests) == {
        merge("C1", "C2"),
        merge("C2", "C3"),
        merge("C3", "C1"),
        merge("C4", "C1"),
    }
    assert other.is_ready
    assert batch.blocked == (circle,)
    assert repr(circle) == "MergeGroup(1 of 2, blocked, 0 plans)"
    assert repr(batch) == "MergeBatch(2 groups, 1 blocked)"
    assert not batch.is_ready
    assert batch.plans == other.plans


def test_every_circle_is_told_at_once() -> None:
    both = [merge("C1", "C2"), merge("C2", "C1"), merge("C3", "C4"), merge("C4", "C3"), merge("C4", "C1")]
    (group,) = planned(*both).groups
    assert codes(group) == ["absorbed_twice:C1:C2:C4", "merge_cycle:C1:C2", "merge_cycle:C3:C4"]


def test_a_customer_cannot_go_to_two_survivors() -> None:
    (group,) = planned(merge("C2", "C1"), merge("C3", "C1")).groups
    assert codes(group) == ["absorbed_twice:C1:C2:C3"]
    assert group.plans == ()


def test_what_needs_a_blocked_merge_waits_and_what_does_not_goes_on() -> None:
    people = [customer("C1", status="disabled"), *(customer(id) for id in IDS[1:])]
    requests = [merge("C2", "C1"), merge("C2", "C3"), merge("C4", "C2"), merge("C5", "C4"), merge("C5", "C6")]
    (group,) = planned(*requests, whole=practice(customers=people)).groups
    assert [plan.request for plan in group.plans if not plan.is_ready] == [requests[0]]
    assert [plan.request for plan in group.plans if plan.is_ready] == [requests[1], requests[4]]
    assert codes(group) == ["waits_for_blocked:C2:C4", "waits_for_blocked:C4:C5"]
    assert not group.is_ready
    carried_out(practice(customers=people), [group])


def test_a_request_that_contradicts_itself_is_told_so_by_its_own_plan() -> None:
    (group,) = planned(merge("C1", "C1", "C2")).groups
    assert codes(group) == []
    assert [finding.code for finding in group.plans[0].blockers] == ["self_merge"]


def test_equal_requests_count_once() -> None:
    batch = planned(merge("C1", "C2"), merge("C1", "C2", "C2"))
    assert [group.requests for group in batch.groups] == [(merge("C1", "C2"),)]


def test_the_same_merge_asked_by_two_is_planned_once_and_nothing_is_left() -> None:
    everybody = WHOLE.changed(
        [profile("P2"), *(access(f"Y-{id}", profile_id="P2", customer_id=id) for id in IDS)]
    )
    (group,) = planned(merge("C1", "C2"), merge("C1", "C2", actor="P2"), whole=everybody).groups
    assert [bool(plan.change_set.steps) for plan in group.plans] == [True, False]
    assert group.is_ready


@pytest.mark.parametrize("count", [1, 2, 3])
def test_every_plan_is_made_under_the_rules_that_are_given(count: int) -> None:
    rules = am.MergeRules(name="ours", undo="while_unchanged")
    chain = [merge("C4", "C3"), merge("C3", "C2"), merge("C2", "C1")][:count]
    plans = planned(*chain, rules=rules).plans
    assert [plan.rules for plan in plans] == [rules] * count
    assert {plan.change_set.undo for plan in plans} == {"while_unchanged"}


def test_contradictions_of_different_families_are_all_told() -> None:
    """What binds the families is a record; each is contradicted by itself."""
    hung = [record("R1", kind="relation", customer_id="C1", related_customer_id="C3")]
    requests = [merge("C1", "C2"), merge("C2", "C1"), merge("C3", "C4"), merge("C4", "C3")]
    (group,) = planned(*requests, whole=practice(records=hung)).groups
    assert codes(group) == ["merge_cycle:C1:C2", "merge_cycle:C3:C4"]


def test_no_request_is_an_empty_ready_batch() -> None:
    assert planned() == am.merges.MergeBatch(())
    assert planned().is_ready


RELATION = record("R1", kind="relation", customer_id="C1", related_customer_id="C3")
HANGING = [record("R1", customer_id="C1"), record("R2", customer_id="C3", attached_to="R1")]


SHARED: dict[str, Any] = {
    "relation": {"records": [RELATION]},
    "relation of absorbed": {"records": [attrs.evolve(RELATION, customer_id="C3", related_customer_id="C2")]},
    "hanging": {"records": HANGING},
    "mailbox": {
        "customers": [
            customer("C1", emails=[email("ann@example.com")]),
            customer("C2"),
            customer("C3", emails=[email("Ann@example.com", "former")]),
            customer("C4"),
        ]
    },
    "merged before": {
        "customers": [
            *(customer(id) for id in ("C1", "C2", "C4")),
            customer("C3", status="disabled", merged_into="C1"),
        ]
    },
}


@pytest.mark.parametrize("shared", SHARED.values(), ids=SHARED)
def test_merges_that_would_change_something_in_common_are_one_group(shared: Any) -> None:
    requests, whole = [merge("C2", "C1"), merge("C4", "C3")], practice(**shared)
    assert len(planned(*requests).groups) == 2
    batch = planned(*requests, whole=whole)
    assert len(batch.groups) == 1
    carried_out(whole, batch.groups)


@pytest.mark.parametrize("shared", ["relation", "mailbox"])
def test_planned_apart_such_merges_would_stand_in_each_others_way(shared: str) -> None:
    whole = practice(**SHARED[shared])
    requests = [merge("C2", "C1"), merge("C4", "C3")]
    first, second = (
        am.plan_merge(whole, each, at=NOON).confirm(by="Ann Example", at=NOON) for each in requests
    )
    with pytest.raises(am.ApplyRefused):
        written(written(whole, second), first)


def test_a_third_party_that_both_know_does_not_bind_them() -> None:
    known = [
        record("R1", kind="relation", customer_id="C7", related_customer_id="C1"),
        record("R2", kind="relation", customer_id="C7", related_customer_id="C3"),
    ]
    batch = planned(merge("C2", "C1"), merge("C4", "C3"), whole=practice(records=known))
    assert len(batch.groups) == 2
    first, second = batch.groups
    assert (
        carried_out(practice(records=known), [second, first]).records
        == carried_out(practice(records=known), [first, second]).records
    )


def test_a_contradiction_does_not_hold_up_merges_that_only_share_a_record() -> None:
    (group,) = planned(
        merge("C2", "C1"), merge("C4", "C3"), merge("C3", "C4"), whole=practice(records=[RELATION])
    ).groups
    assert codes(group) == ["merge_cycle:C3:C4"]
    assert [plan.request for plan in group.plans] == [merge("C2", "C1")]
    assert group.requests == (merge("C2", "C1"), merge("C3", "C4"), merge("C4", "C3"))


def test_groups_are_in_order_and_know_how_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def watched(whole: am.Snapshot, request: am.MergeRequest, **fields: Any) -> am.MergePlan:
        seen.append(request.survivor)
        return am.plan_merge(whole, request, **fields)

    monkeypatch.setattr(batches, "plan_merge", watched)
    first, second = am.merges.plan_merges(WHOLE, [merge("C3", "C4"), merge("C1", "C2")], at=NOON).groups
    assert seen == ["C1", "C3"]
    assert (first.number, first.total) == (1, 2)
    assert (second.number, second.total) == (2, 2)
    assert repr(second) == "MergeGroup(2 of 2, ready, 1 plans)"


def test_what_is_no_request_and_a_naive_time_are_refused() -> None:
    wrong: Any = ["C1"]
    with pytest.raises(am.InvalidValueError, match="MergeRequest") as refusal:
        am.merges.plan_merges(WHOLE, wrong, at=NOON)
    assert refusal.value.facts["field"] == "requests"
    with pytest.raises(am.InvalidValueError):
        am.merges.plan_merges(WHOLE, [merge("C1", "C2")], at=NOON.replace(tzinfo=None))


def test_findings_of_a_group_have_sentences() -> None:
    (group,) = planned(merge("C1", "C2"), merge("C2", "C1"), merge("C3", "C1")).groups
    for finding, language in itertools.product(group.findings, LANGUAGES):
        assert all(id in finding.describe(language) for id in finding.ids)
        assert finding.advise(language)
        assert not finding.is_acceptable


@given(batch_cases(), st.randoms(use_true_random=False))
def test_a_batch_does_not_depend_on_the_order_of_requests_or_of_rows(
    case: tuple[am.Snapshot, list[am.MergeRequest]], chance: Any
) -> None:
    whole, requests = case
    names = ("profiles", "customers", "appointments", "records", "access")
    rows: dict[str, Any] = {name: list(getattr(whole, name)) for name in names}
    other = [*requests, *requests[:1]]
    for items in (other, *rows.values()):
        chance.shuffle(items)
    batch = planned(*requests, whole=whole, rules=BATCH_RULES)
    assert batch == planned(*other, whole=am.Snapshot(NOON, **rows), rules=BATCH_RULES)


@given(batch_cases())
def test_every_request_is_in_one_group_and_has_a_plan_or_a_reason(
    case: tuple[am.Snapshot, list[am.MergeRequest]],
) -> None:
    whole, requests = case
    batch = planned(*requests, whole=whole, rules=BATCH_RULES)
    placed = [request for group in batch.groups for request in group.requests]
    assert sorted(placed, key=repr) == sorted(set(requests), key=repr)
    everybody = [id for group in batch.groups for id in group.customer_ids]
    assert len(everybody) == len(set(everybody))
    for place, group in enumerate(batch.groups, start=1):
        assert (group.number, group.total) == (place, len(batch.groups))
        with_plan = [plan.request for plan in group.plans]
        assert [request for request in group.requests if request in with_plan] == with_plan
        assert group.findings or with_plan == list(group.requests)


@given(batch_cases(), st.randoms(use_true_random=False))
def test_groups_are_independent_and_their_plans_apply_one_after_the_other(
    case: tuple[am.Snapshot, list[am.MergeRequest]], chance: Any
) -> None:
    whole, requests = case
    batch = planned(*requests, whole=whole, rules=BATCH_RULES)
    groups = list(batch.groups)
    chance.shuffle(groups)
    ready = [plan for plan in batch.plans if plan.is_ready]
    event(f"groups: {len(groups)}, ready plans: {len(ready)} of {len(batch.plans)}")
    after = carried_out(whole, groups)
    assert after == carried_out(whole, batch.groups)
    for plan in ready:
        merged = {after.customers[id].merged_into for id in plan.request.absorbed}
        assert None not in merged


@given(batch_cases())
def test_a_merge_is_planned_in_its_neighbourhood_as_on_the_whole(
    case: tuple[am.Snapshot, list[am.MergeRequest]],
) -> None:
    whole, requests = case
    for request in requests:
        around = neighbourhood(whole, (request.survivor, *request.absorbed), (str(request.actor),))
        plan = am.plan_merge(whole, request, rules=BATCH_RULES, at=NOON)
        assert am.plan_merge(around, request, rules=BATCH_RULES, at=NOON) == plan
        if plan.is_ready:
            change_set = plan.confirm(by="Ann Example", at=NOON)
            assert am.check(around, change_set) == am.check(whole, change_set) == ()


def test_a_neighbourhood_has_all_by_which_a_booking_is_known() -> None:
    rows = [
        appointment("A1", slot(300), customer_id="C7", status="cancelled", replaced_by="A3"),
        appointment("A2", slot(300), customer_id="C7", status="cancelled", replaces="A1", replaced_by="A4"),
        appointment("A3", customer_id="C2"),
        appointment("A4", customer_id="C2"),
    ]
    whole = practice(appointments=rows)
    around = neighbourhood(whole, ("C1", "C2"), ("P1",))
    assert {row.id for row in around.appointments} == {"A1", "A2", "A3", "A4"}
    assert am.plan_merge(around, merge("C1", "C2"), at=NOON) == am.plan_merge(
        whole, merge("C1", "C2"), at=NOON
    )
    assert am.plan_merge(whole, merge("C1", "C2"), at=NOON).is_ready
    alone = neighbourhood(whole, ("no one", "C3", "nobody"), ("nobody",))
    assert {row.id for row in alone.customers} == {"C3"}
    assert len(alone.appointments) == 0
