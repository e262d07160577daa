"""Laws of growth, told by counting: findings, tolerated ids, excepted ids and written text grow with the input alone."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import accountmerge as am
import shapes
from accountmerge.findings.double_bookings import MOST_PAIRS
from accountmerge.reports.redacting import redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.unmeasured
SMALL, LARGE = 60, 240
CROWDS = ("one_slot", "one_slot_each", "crowded_day", "overlapping_row", "chain", "chain_in_one_slot")
PLANNERS: dict[str, Callable[[am.Snapshot], Any]] = {"migration": shapes.migration, "merge": shapes.merge}


def applied(data: am.Snapshot, plan: Any) -> am.Snapshot:
    return am.apply(data, plan.confirm(by="Kim Example", at=shapes.AT))


def amounts(data: am.Snapshot, plan: Any) -> dict[str, int]:
    """Return how much there is of all that a plan makes."""
    change_set = plan.change_set
    guards = [guard for step in change_set.steps for guard in step.guards]
    return {
        "faults": len(am.find_faults(data)),
        "facts": sum(len(str(dict(found.facts))) for found in (*am.find_faults(data), *plan.findings)),
        "findings": len(plan.findings),
        "tolerated": len(change_set.tolerated),
        "members": sum(len(ids) for _, ids in change_set.clusters),
        "guards": len(guards),
        "excepted": sum(len(guard.except_ids) for guard in guards),
        "edits": sum(len(step.edits) for step in change_set.steps),
        "text": len(am.dumps(plan)),
    }


@pytest.mark.parametrize("planner", PLANNERS)
@pytest.mark.parametrize("shape", shapes.SHAPES)
def test_what_is_said_of_four_times_as_much_is_about_four_times_as_much(shape: str, planner: str) -> None:
    small, large = (
        amounts(data, PLANNERS[planner](data)) for data in map(shapes.SHAPES[shape], (SMALL, LARGE))
    )
    for name, amount in large.items():
        assert amount <= 5 * small[name] + 20, name


@pytest.mark.parametrize("shape", CROWDS)
def test_a_cluster_is_one_finding_of_each_kind(shape: str) -> None:
    data = shapes.SHAPES[shape](LARGE)
    faults = am.find_faults(data)
    assert faults
    assert len({fault.code for fault in faults}) == len(faults)
    for fault in faults:
        assert fault.id == f"{fault.code}:{fault.ids[0]}"
        assert fault.facts == am.model.Facts(count=LARGE, first="B000000", last=f"B{LARGE - 1:06}")


@pytest.mark.parametrize("count", [6, 7])
def test_pairs_are_named_one_by_one_up_to_their_limit(count: int) -> None:
    pairs = count * (count - 1) // 2
    faults = am.find_faults(shapes.one_slot_each(count))
    assert len(faults) == (pairs if pairs <= MOST_PAIRS else 1)
    assert [fault.is_cluster for fault in faults] == [pairs > MOST_PAIRS] * len(faults)


@given(st.integers(7, 12), st.integers(0, 99))
@settings(max_examples=10)
def test_the_id_of_a_cluster_depends_on_its_bookings_alone(count: int, seed: int) -> None:
    data, other = shapes.one_slot(count), shapes.one_slot(count + 1)
    (fault, *_) = am.find_faults(data)
    rows = list(data.appointments)
    rows = rows[seed % count :] + rows[: seed % count]
    again = am.Snapshot(
        shapes.TAKEN_AT,
        profiles=data.profiles,
        customers=data.customers,
        appointments=rows,
        access=data.access,
    )
    assert am.find_faults(again) == am.find_faults(data)
    assert fault.id not in {each.id for each in am.find_faults(other)}


def crowded_merge() -> am.Snapshot:
    return shapes.two_crowded(40)


CASES: dict[str, tuple[Callable[[], am.Snapshot], Callable[[am.Snapshot], Any]]] = {
    "migration": (lambda: shapes.one_slot_each(30), shapes.migration),
    "merge": (crowded_merge, shapes.merge),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[am.Snapshot, Any]:
    make, plan = CASES[request.param]
    data = make()
    return data, plan(data)


def test_a_cluster_is_tolerated_and_listed_once(case: tuple[am.Snapshot, Any]) -> None:
    data, plan = case
    change_set = plan.change_set
    assert plan.is_ready
    assert "clusters" in change_set.requires
    ((finding, ids),) = change_set.clusters
    assert set(ids) == {row.id for row in data.appointments}
    assert finding in change_set.tolerated
    guards = [guard for step in change_set.steps for guard in step.guards if guard.kind == "slot_free"]
    assert guards
    assert all(finding in guard.except_ids and len(guard.except_ids) <= 4 for guard in guards)


def test_every_prefix_of_a_crowd_applies_and_leaves_what_is_left(case: tuple[am.Snapshot, Any]) -> None:
    data, plan = case
    confirmed = plan.confirm(by="Kim Example", at=shapes.AT)
    whole = am.apply(data, confirmed)
    steps = len(confirmed.steps)
    for n in {1, steps // 3, steps // 2, steps - 1}:
        part = am.apply(data, confirmed.prefix(n))
        assert am.check(part, confirmed) == ()
        assert am.apply(part, confirmed) == whole
        again = am.plan(part, plan.request, rules=plan.rules, at=shapes.AT)
        assert again.is_ready, again.change_set.blocked


def test_an_acceptance_of_a_cluster_still_fits_while_the_plan_rebooks_it() -> None:
    data = shapes.one_slot_each(20)
    (old,) = data.profiles
    waiting = attrs.evolve(old, id="N", email=am.model.EmailAddress("new@example.com"), schedule="pending")
    rows = sorted(data.appointments, key=lambda row: row.id)[::2]
    data = data.changed([waiting, *(attrs.evolve(row, profile_id="N") for row in rows)])
    plan = shapes.migration(data)
    assert plan.is_ready
    assert [found.code for found in plan.findings if found.accepted] == ["destination_double_booking"]
    assert am.check(data, plan) == ()
    steps = len(plan.change_set.steps)
    for n in {2, steps // 2}:
        part = am.apply(data, plan.change_set.prefix(n))
        again = am.plan(part, plan.request, rules=plan.rules, at=shapes.AT)
        assert again.is_ready, again.change_set.blocked
        assert am.check(part, again) == ()


def strangers(data: am.Snapshot) -> Iterator[am.Snapshot]:
    """Yield the data with a booking of no cluster in the slot of the crowd."""
    row = max(data.appointments, key=lambda row: row.id)  # of the survivor, if it is a merge
    yield data.changed([attrs.evolve(row, id="STRANGER")])


def test_a_booking_that_is_no_member_still_fails(case: tuple[am.Snapshot, Any]) -> None:
    data, plan = case
    confirmed = plan.confirm(by="Kim Example", at=shapes.AT)
    steps = [step.ordinal for step in confirmed.steps if any(g.kind == "slot_free" for g in step.guards)]
    for foreign in strangers(data):
        failures = am.check(foreign, confirmed)
        taken = [found for found in failures if found.code in ("slot_taken", "customer_busy")]
        assert {found.step for found in taken} == set(steps)
        assert {found.facts["ids"] for found in taken} == {("STRANGER",)}


def test_a_failure_names_some_of_the_bookings_that_take_a_slot() -> None:
    data = shapes.one_slot_each(3)
    plan = shapes.migration(data)
    row = data.appointments["B000000"]
    crowd = data.changed([attrs.evolve(row, id=f"STRANGER-{n:03}") for n in range(60)])
    for failure in am.check(crowd, plan.confirm(by="Kim Example", at=shapes.AT)):
        ids = failure.facts.get("ids", ())
        assert isinstance(ids, tuple)
        assert len(ids) <= MOST_PAIRS or failure.code == "other_future_booking"


def test_a_set_with_clusters_is_read_as_it_was_written(case: tuple[am.Snapshot, Any]) -> None:
    data, plan = case
    assert am.loads(am.dumps(plan)) == plan
    read = am.loads(am.dumps(plan.confirm(by="Kim Example", at=shapes.AT)))
    assert isinstance(read, am.ChangeSet)
    assert read.clusters == plan.change_set.clusters
    assert am.check(data, read) == ()
    shown = redacted(plan.change_set, key=b"a key of sixteen bytes")
    assert shown["clusters"] == {finding: list(ids) for finding, ids in plan.change_set.clusters}


def test_an_undone_crowd_is_as_it_was() -> None:
    data = shapes.one_slot_each(30)
    plan = shapes.migration(data)
    done = applied(data, plan)
    inverse = am.invert(plan)
    assert inverse.clusters == plan.change_set.clusters
    assert am.check(done, inverse.confirm(by="Kim Example", at=shapes.AT)) == ()
    back = am.apply(done, inverse.confirm(by="Kim Example", at=shapes.AT))
    assert back.appointments == data.appointments
    row = data.appointments["B000000"]
    foreign = done.changed([attrs.evolve(row, id="STRANGER")])
    codes = {found.code for found in am.check(foreign, inverse.confirm(by="Kim Example", at=shapes.AT))}
    assert "slot_taken" in codes


@pytest.mark.parametrize("count", [999, 1_001, 2_500])
def test_faults_of_a_file_beyond_a_thousand_are_counted(count: int) -> None:
    bad = [{"id": f"C{n}", "record_number": "1", "emails": [], "status": "x"} for n in range(count)]
    document = {**json.loads(am.dumps(shapes.one_slot(0))), "customers": bad, "access": []}
    with pytest.raises(am.LoadError) as raised:
        am.loads(json.dumps(document))
    error = raised.value
    assert error.facts["count"] == count
    assert len(error.faults) == min(count, 1_000)
    assert error.faults[0].path == "customers[0].status"
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (again.facts, again.faults) == (error.facts, error.faults)
    assert str(count - 20) in error.describe()
