"""Merging the clusters of `fake_1000`: what is refused, what merges, and that nothing of it is lost.

Every row is a customer, who signs in with the row's e-mail; the rows of one cluster are one person.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import accountmerge as am
from oracles.conservation import not_conserved

DATA = Path(__file__).parents[1] / "data" / "fake_1000" / "fake_1000.csv"
AT = datetime(2026, 3, 2, tzinfo=UTC)
ACTOR = "P1"


@cache
def rows() -> tuple[dict[str, str], ...]:
    with DATA.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def practice() -> am.Snapshot:
    actor = am.Profile(
        id=ACTOR, practitioner_id="H1", email="p@example.com", login="enabled", schedule="active"
    )
    return am.Snapshot(
        AT,
        profiles=[actor],
        customers=[_customer(row) for row in rows()],
        access=[
            am.Access(id=row["unique_id"], profile_id=ACTOR, customer_id=row["unique_id"], level="treating")
            for row in rows()
        ],
        records=[am.Record(id=row["unique_id"], kind="file", customer_id=row["unique_id"]) for row in rows()],
    )


def _customer(row: dict[str, str]) -> am.Customer:
    return am.Customer(
        id=row["unique_id"],
        record_number=row["unique_id"],
        given_name=row["first_name"] or None,
        family_name=row["surname"] or None,
        birth_date=date.fromisoformat(row["dob"]) if row["dob"] else None,
        address=row["city"] or None,
        emails=[am.CustomerEmail(row["email"], "primary")] if row["email"] else [],
        status="active",
    )


@cache
def clusters() -> tuple[tuple[str, ...], ...]:
    """Return the clusters of two or more rows, as ids; the first row of each is to survive."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows():
        found[row["cluster"]].append(row["unique_id"])
    return tuple(tuple(ids) for ids in found.values() if len(ids) > 1)


def planned(ids: tuple[str, ...], rules: am.MergeRules) -> am.MergePlan:
    request = am.MergeRequest(survivor=ids[0], absorbed=ids[1:], actor=ACTOR)
    return am.plan_merge(practice(), request, rules=rules, at=AT)


def carried_out(plan: am.MergePlan) -> am.Snapshot:
    result = am.apply(practice(), plan.confirm(by="Ann Example", at=AT))
    request = plan.request
    assert not not_conserved(practice(), request.survivor, request.absorbed, result, plan.ledger, at=AT)
    return result


def test_the_data_are_what_their_source_says() -> None:
    assert len(rows()) == 1000
    assert len({row["cluster"] for row in rows()}) == 251
    assert sum(not row["email"] for row in rows()) == 211


@pytest.mark.unmeasured
def test_under_the_default_rules_119_clusters_are_refused_for_exactly_two_primary_emails() -> None:
    rules = am.MergeRules()
    outcomes: Counter[tuple[str, ...]] = Counter()
    for ids in clusters():
        plan = planned(ids, rules)
        outcomes[tuple(sorted({finding.code for finding in plan.blockers}))] += 1
        if plan.is_ready:
            carried_out(plan)
    assert outcomes == {("two_primary_emails",): 119, (): len(clusters()) - 119}


@pytest.mark.unmeasured
@pytest.mark.parametrize("kept", ["survivor", "absorbed"])
def test_under_rules_that_keep_one_of_them_every_cluster_merges(kept: Any) -> None:
    rules = am.MergeRules(kept_primary=kept)
    for ids in clusters():
        result = carried_out(planned(ids, rules))
        emails = result.customers[ids[0]].emails
        written = {row["email"] for row in rows() if row["unique_id"] in ids and row["email"]}
        assert {email.address.text for email in emails} == written
        assert [email.use for email in emails].count("primary") == bool(written)


def test_malformed_addresses_survive_as_they_are() -> None:
    malformed = {
        row["unique_id"]
        for row in rows()
        if row["email"] and not am.model.EmailAddress(row["email"]).is_valid
    }
    assert malformed
    merged = [ids for ids in clusters() if malformed.intersection(ids)]
    assert merged
    by_id = {row["unique_id"]: row["email"] for row in rows()}
    for ids in merged:
        result = carried_out(planned(ids, am.MergeRules(kept_primary="survivor")))
        texts = {email.address.text for email in result.customers[ids[0]].emails}
        assert texts >= {by_id[id] for id in malformed.intersection(ids)}
