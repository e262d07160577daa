"""Which faults count against a plan: those that nobody named, and that are not over."""

from __future__ import annotations

from typing import Any

import pytest

import accountmerge as am
from accountmerge.model.instants import utc
from accountmerge.testing.reference.well_formedness import faults_of
from oracles.accepted_faults import unaccepted
from small_values import NOON, appointment, customer, profile, request, slot, snapshot

PROFILES = [profile("P1"), profile("P2")]


def counted(found: am.Snapshot, *named: str, by: str = "Ann Example", why: str = "agreed") -> int:
    """Return how many faults of some data count against a request that names findings."""
    asked = request(accept=[am.Acceptance(finding=finding, by=by, why=why) for finding in named])
    return len(unaccepted(faults_of(found), asked, found, utc(NOON)))


def overlapping(start: float, **fields: Any) -> am.Snapshot:
    rows = [appointment("A1", slot(start), **fields), appointment("A2", slot(start + 30), customer_id="C2")]
    return snapshot(customers=[customer("C1"), customer("C2")], appointments=rows)


@pytest.mark.parametrize(
    ("named", "left"),
    [
        ((), 1),
        (("other_active_schedule:P2",), 0),
        (("other_active_schedule:P9",), 1),
        (("double_booking:A1:A2",), 1),
    ],
)
def test_two_active_schedules_count_unless_one_of_them_is_named(named: tuple[str, ...], left: int) -> None:
    assert counted(snapshot(profiles=PROFILES), *named) == left


@pytest.mark.parametrize(
    ("named", "left"),
    [((), 1), (("introduced_double_booking:A1:A2",), 0), (("introduced_double_booking:A1:A3",), 1)],
)
def test_an_overlap_to_come_counts_unless_the_two_are_named(named: tuple[str, ...], left: int) -> None:
    assert counted(overlapping(60), *named) == left


def test_nobody_accepts_without_a_name_and_a_reason() -> None:
    named = "introduced_double_booking:A1:A2"
    assert counted(overlapping(60), named, by=" ") == 1
    assert counted(overlapping(60), named, why=" ") == 1


@pytest.mark.parametrize(("start", "left"), [(-120, 0), (-90, 0), (-60, 0), (-59, 1), (-30, 1)])
def test_an_overlap_is_over_when_the_first_of_the_two_has_ended(start: float, left: int) -> None:
    assert counted(overlapping(start)) == left


def test_no_other_fault_can_be_accepted() -> None:
    shared = am.CustomerEmail("same@example.com", use="primary")
    twice = snapshot(customers=[customer("C1", emails=[shared]), customer("C2", emails=[shared])])
    assert counted(twice, "email_claimed_twice:C1:C2") == 1
