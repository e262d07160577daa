"""Matches of another program become requests, with a survivor, an actor, the missing access, and what is in their way."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.frames import merge_changes, merge_requests, tables
from accountmerge.messages import LANGUAGES
from accountmerge.testing.strategies import snapshots
from small_values import NOON, access, appointment, customer, profile, record, snapshot

IDS = ("C1", "C2", "C3", "C4", "C5", "C6", "C7")
EMAIL = [am.CustomerEmail("ann@example.com", "primary")]
PRACTICE = snapshot(
    profiles=[profile("P1"), profile("P2"), profile("P3", login="disabled")],
    customers=[
        *(customer(id) for id in ("C1", "C3", "C5", "C6")),
        customer("C2", emails=[am.CustomerEmail("bo@example.com", "primary")]),
        customer("C4", emails=EMAIL),
        customer("C7", status="disabled", merged_into="C1"),
    ],
    records=[record("R1", customer_id="C2"), record("R2", customer_id="C6")],
    appointments=[appointment("A1", customer_id="C4")],
    access=[
        *(access(f"X1-{id}", customer_id=id) for id in ("C1", "C2", "C3", "C4", "C5")),
        *(access(f"X2-{id}", profile_id="P2", customer_id=id) for id in ("C1", "C2")),
        *(access(f"X3-{id}", profile_id="P3", customer_id=id) for id in IDS),
    ],
)
PAIRS = pl.DataFrame(
    {
        "left": ["C1", "C2", "C5", "C1", None, "C3", "C9", "C1"],
        "right": ["C2", "C4", "C6", "C1", "C2", "C3", "C1", "C7"],
        "score": [0.99, 0.8, 0.7, 1.0, 0.9, 1.0, 0.9, 0.95],
    }
)


def test_pairs_become_requests_with_evidence_a_survivor_and_an_actor() -> None:
    found = merge_requests(PAIRS, PRACTICE)
    assert found.requests.rows() == [
        ("C1", "C4", ["C1", "C2"], "P1", 3, 0.8, 0.99, False),
        ("C5", "C6", ["C5"], None, 1, 0.7, 0.7, False),
    ]
    assert found.customers.select("cluster", "customer_id", "role", "reasons").rows() == [
        ("C1", "C4", "survivor", '["more_history","older","has_login"]'),
        ("C1", "C2", "absorbed", '["more_history","has_login"]'),
        ("C1", "C1", "absorbed", "[]"),
        ("C1", "C7", "passed_over", '["absorbed"]'),
        ("C5", "C6", "survivor", '["more_history"]'),
        ("C5", "C5", "absorbed", "[]"),
    ]
    assert repr(found) == "MergeCandidates(2 requests)"


def test_access_that_no_profile_has_is_listed_for_the_profile_that_lacks_least() -> None:
    found = merge_requests(PAIRS, PRACTICE)
    assert found.missing_access.rows() == [("C5", "P1", "C6")]
    nobody = snapshot(customers=[customer("C1"), customer("C2")])
    pair = pl.DataFrame({"left": ["C1"], "right": ["C2"]})
    assert merge_requests(pair, nobody).missing_access.rows() == [("C1", None, "C1"), ("C1", None, "C2")]


def test_conflicts_are_the_findings_of_the_plans_with_their_remedies() -> None:
    found = merge_requests(PAIRS, PRACTICE)
    blocking = found.conflicts.filter(pl.col("is_blocking")).select("cluster", "code").rows()
    assert blocking == [("C1", "two_primary_emails"), ("C5", "actor_missing")]
    assert all(found.conflicts["remedy"])
    kept = merge_requests(PAIRS, PRACTICE, rules=am.MergeRules(kept_primary="survivor"))
    assert kept.requests["is_ready"].to_list() == [True, False]
    french = merge_requests(PAIRS, PRACTICE, language="fr")
    assert french.conflicts["description"].to_list() != found.conflicts["description"].to_list()


def test_no_match_is_left_out_in_silence() -> None:
    assert merge_requests(PAIRS, PRACTICE).left_out.rows() == [
        (3, "same_customer", "C1"),
        (4, "missing_id", "C2"),
        (5, "same_customer", "C3"),
        (6, "unknown_customer", "C9"),
    ]


def test_clusters_and_own_names_of_columns_are_taken() -> None:
    given_clusters = pl.DataFrame(
        {"cluster_id": ["a", "a", "b", "b", "c", None], "unique_id": ["C1", "C3", "C5", "C9", "C4", "C6"]}
    )
    found = merge_requests(
        given_clusters, PRACTICE, columns={"cluster_id": "cluster", "unique_id": "customer"}
    )
    assert found.requests.select("cluster", "survivor", "absorbed", "matches", "least_score").rows() == [
        ("a", "C1", ["C3"], 2, None)
    ]
    assert found.left_out.rows() == [(3, "unknown_customer", "C9"), (5, "missing_id", "C6")]
    pandas = merge_requests(
        given_clusters.to_pandas(), PRACTICE, columns={"cluster_id": "cluster", "unique_id": "customer"}
    )
    assert type(pandas.requests).__module__.startswith("pandas")


def test_what_is_no_frame_of_matches_is_refused() -> None:
    with pytest.raises(am.InvalidValueError, match="right"):
        merge_requests(PAIRS.select("left"), PRACTICE)
    with pytest.raises(am.InvalidValueError, match="`left` and `right` for pairs, or `cluster`") as raised:
        merge_requests(pl.DataFrame({"id": ["C1"]}), PRACTICE)
    assert "`left` et `right`" in raised.value.describe("fr")
    with pytest.raises(am.InvalidValueError, match="customer"):
        merge_requests(pl.DataFrame({"cluster": ["C1"]}), PRACTICE)
    with pytest.raises(am.InvalidValueError):
        merge_requests([("C1", "C2")], PRACTICE)
    wrong: Any = None
    with pytest.raises(am.InvalidValueError):
        merge_requests(PAIRS, wrong)


def test_the_requests_are_taken_by_the_planner_of_frames() -> None:
    found = merge_requests(PAIRS, PRACTICE, rules=am.MergeRules(kept_primary="survivor"))
    given_tables: Any = tables(PRACTICE, values=True)
    changes = merge_changes(
        found.requests,
        taken_at=NOON,
        at=NOON,
        rules=am.MergeRules(kept_primary="survivor"),
        **given_tables,
    )
    assert changes.plans["state"].to_list() == ["ready", "blocked"]


def test_the_actor_treats_every_customer_or_the_missing_ones_are_told() -> None:
    suggestion = am.merges.suggest_actor(PRACTICE, ["C1", "C2"])
    assert (suggestion.profile_id, suggestion.missing) == ("P1", ())
    assert [one.profile_id for one in suggestion.ranking] == ["P1", "P2"]  # P3 has no login
    lacking = am.merges.suggest_actor(PRACTICE, ["C2", "C3", "C6", "C9"])
    assert (lacking.profile_id, lacking.missing) == (None, ("C6", "C9"))
    assert [one.missing for one in lacking.ranking] == [("C6", "C9"), ("C3", "C6", "C9")]
    for language in LANGUAGES:
        assert "C6" in lacking.describe(language)
        assert "P1" in suggestion.describe(language)


def test_more_appointments_come_first_among_profiles_that_treat_all() -> None:
    rows = [access(id, profile_id=id) for id in ("P1", "P2")]
    whole = snapshot(
        profiles=[profile("P1"), profile("P2")],
        customers=[customer()],
        access=rows,
        appointments=[appointment(profile_id="P2")],
    )
    assert am.merges.suggest_actor(whole, ["C1"]).profile_id == "P2"
    both = whole.changed([customer("C2"), access("P1-2", customer_id="C2")])
    assert am.merges.suggest_actor(both, ["C1", "C2"]).profile_id == "P1"


@given(snapshots(), st.data())
def test_a_suggested_actor_is_never_refused_for_missing_access(
    whole: am.Snapshot, data: st.DataObject
) -> None:
    ids = sorted(row.id for row in whole.customers if row.merged_into is None)
    chosen = data.draw(st.lists(st.sampled_from(ids), min_size=1, max_size=3, unique=True)) if ids else []
    suggestion = am.merges.suggest_actor(whole, chosen)
    assert (suggestion.profile_id is None) == (bool(suggestion.missing) or not chosen)
    for one in suggestion.ranking:
        request = am.MergeRequest(survivor=chosen[0], absorbed=chosen[1:], actor=one.profile_id)
        plan = am.plan_merge(whole, request, at=whole.taken_at)
        lacking = {
            finding.facts["customer_id"] for finding in plan.findings if finding.code == "access_missing"
        }
        assert lacking <= set(one.missing)
