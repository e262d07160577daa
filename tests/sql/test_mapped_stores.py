"""A store on mapped tables reads back what is written, and applies change sets as `am.apply` says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from lasting_stores import EACH_MEASURED_ONCE, holdable_in, lasting_store, seeded
from mapped_adapter import MappedAdapter
from replanned_questions import CONFIRMED_BY, QUESTION_KINDS, rows_of, some_questions

import accountmerge as am
from accountmerge.changes.store_ids import told_ids
from accountmerge.kinds import REQUEST_KINDS
from accountmerge.model.entities import kind_of, references
from accountmerge.model.snapshots import Completeness
from accountmerge.testing.reference.renamed_rows import renamed_snapshot
from accountmerge.testing.strategies import snapshots

IS_LONG = settings().max_examples > 1000
A_KIND = 60 if IS_LONG else 4
"""The number of stored questions of a kind that are tried."""

FEW = settings(
    max_examples=300 if IS_LONG else 10,
    suppress_health_check=list(HealthCheck),
    deadline=None,
)


@pytest.fixture(scope="module", params=EACH_MEASURED_ONCE, ids="-".join)
def adapter(request: pytest.FixtureRequest) -> Iterator[MappedAdapter]:
    """Return a store on each schema and each database in turn."""
    database, schema = request.param
    with lasting_store(request, database, schema) as made:
        yield made


@FEW
@given(data=snapshots())
def test_what_is_written_is_read_back(adapter: MappedAdapter, data: am.Snapshot) -> None:
    held = holdable_in(adapter, data)
    ids = adapter.seed(held)
    assert rows(adapter.dump()) == rows(renamed_snapshot(held, ids))


@pytest.mark.parametrize("kind", QUESTION_KINDS)
def test_a_change_set_is_applied_as_planned_then_found_done_then_undone(
    adapter: MappedAdapter, kind: str
) -> None:
    tried = undone = 0
    for question in some_questions(kind, A_KIND, lambda data: seeded(adapter, data)):
        if question.change_set.tolerated and not adapter.limits.overlaps:
            continue
        tried += 1
        data, change_set = question.data, question.change_set
        store = adapter.store(data.taken_at)
        done = store.apply(change_set, by="a test")
        assert set(done.outcomes.values()) == {"applied"}
        planned = am.apply(data, change_set)
        names = told_ids(change_set, store.receipts())
        assert rows(store.snapshot()) == rows(renamed_snapshot(planned, names))
        again = store.apply(change_set, by="a test")
        assert set(again.outcomes.values()) == {"already"}
        assert rows(store.snapshot()) == rows(renamed_snapshot(planned, names))
        try:
            inverse = am.invert(change_set).confirm(by=CONFIRMED_BY, at=change_set.at)
        except am.ApplyRefused:
            continue  # as some rules have it
        undone += 1
        store.apply(inverse, by="a test")
        again_there = told_ids(inverse, store.receipts())  # rows that come back may get new keys
        assert rows(store.snapshot()) == rows(renamed_snapshot(data, again_there))
    assert tried
    assert undone


@pytest.mark.parametrize("kind", REQUEST_KINDS)
def test_a_snapshot_for_a_request_gives_the_plan_of_the_whole_one(adapter: MappedAdapter, kind: str) -> None:
    smaller = compared = 0
    for question in some_questions(kind, A_KIND, lambda data: seeded(adapter, data)):
        whole = question.data
        practitioners, customers = named_people(whole, question.request)
        part = adapter.store(whole.taken_at).snapshot(practitioners=practitioners, customers=customers)
        assert rows(part) <= rows(whole)
        assert {(kind_of(row).name, row.id) for row in about(whole, practitioners, customers)} <= {
            (kind_of(row).name, row.id) for row in rows_of(part)
        }
        assert part.complete_for == Completeness(
            practitioners=practitioners, customers=customers, addresses=False
        )
        smaller += len(rows_of(part)) < len(rows_of(whole))
        told = attrs.evolve(part, complete_for=Completeness())
        plan = question.plan_on(whole)
        if "email_claimed_twice" in {finding.code for finding in plan.findings}:
            continue  # by people of whom the request says nothing
        compared += 1
        assert question.plan_on(told).plan_id == plan.plan_id
    assert compared
    assert smaller


def rows(data: am.Snapshot) -> set[Any]:
    """Return all rows of a snapshot."""
    return set(rows_of(data))


def named_people(data: am.Snapshot, request: Any) -> tuple[list[str], list[str]]:
    """Return the practitioners and the customers that a request names, itself or by a booking or an access request."""
    texts = set(_texts(attrs.asdict(request, recurse=True)))
    boxes = {am.model.EmailAddress(text).mailbox for text in texts}
    named = {row.id: row for row in rows_of(data) if row.id in texts}
    named |= {row.id: row for row in data.appointments if row.number in texts}
    named |= {row.id: row for row in data.profiles if row.mailbox in boxes}
    ids = {*named, *(id for row in named.values() for _, _, id in references(row))}
    practitioners = {row.practitioner_id for row in data.profiles if row.id in ids}
    return sorted(practitioners), sorted(row.id for row in data.customers if row.id in ids)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)


def about(data: am.Snapshot, practitioners: list[str], customers: list[str]) -> Iterator[Any]:
    """Yield the rows of people, and all rows that refer to these."""
    own = {("profile", row.id) for row in data.profiles if row.practitioner_id in practitioners}
    own |= {("customer", id) for id in customers}
    for row in rows_of(data):
        if (kind_of(row).name, row.id) in own or any((name, id) in own for _, name, id in references(row)):
            yield row
