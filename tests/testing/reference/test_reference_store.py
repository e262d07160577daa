"""The reference store reads revisions and guards a second time, and agrees with the library."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, Literal

import attrs
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.entities import KINDS
from accountmerge.testing.adapters import Busy, Crash, ForeignWrite
from accountmerge.testing.conformance.worked_examples import worked_examples
from accountmerge.testing.reference import (
    Points,
    ReferenceStore,
    crash,
    edits_of,
    phantoms,
    row_of,
    scribbles,
)
from accountmerge.testing.strategies import PlannedCase, planned_cases
from rewritten_data import read_at

Atomic = Literal["step", "set"]


def bare(snapshot: am.Snapshot) -> am.Snapshot:
    """Return data without what the store gives."""
    rows: Any = {}
    for kind in KINDS:
        blank: Any = dict.fromkeys(kind.store_given)
        rows[kind.collection] = [attrs.evolve(row, **blank) for row in snapshot.table(kind.collection)]
    return am.Snapshot(snapshot.taken_at, complete_for=snapshot.complete_for, **rows)


def seeded(case: PlannedCase, atomic: Atomic = "step") -> ReferenceStore:
    store = ReferenceStore(atomic)
    store.seed(case.snapshot)
    return store


def held(store: ReferenceStore, case: PlannedCase) -> am.Snapshot:
    found = read_at(store.dump(), case.snapshot.taken_at)
    return am.Snapshot(
        found.taken_at,
        complete_for=case.snapshot.complete_for,
        **{kind.collection: found.table(kind.collection) for kind in KINDS},  # type: ignore[arg-type]
    )


@given(planned_cases(), st.sampled_from(("step", "set")))
def test_it_applies_as_the_library_does(case: PlannedCase, atomic: Atomic) -> None:
    store, now = seeded(case, atomic), case.snapshot.taken_at
    assert held(store, case) == case.snapshot
    assert store.preflight(case.change_set, now=now) == ()
    assert held(store, case) == case.snapshot
    outcomes = store.apply(case.change_set, now=now, reach=Points())
    assert outcomes == {step.ordinal: "applied" for step in case.change_set.steps}
    assert bare(held(store, case)) == bare(am.apply(case.snapshot, case.change_set))
    assert [receipt.ordinal for receipt in store.journal] == list(outcomes)
    assert am.resume(held(store, case), case.change_set, store.journal).is_finished
    once = store.dump()
    assert set(store.apply(case.change_set, now=now, reach=Points()).values()) == {"already"}
    assert store.dump() == once


@settings(max_examples=25)
@given(planned_cases())
def test_it_refuses_what_the_library_refuses_at_the_same_step(case: PlannedCase) -> None:
    now = case.snapshot.taken_at
    rows = [row for edit in edits_of(case.change_set) if (row := row_of(case.snapshot, edit)) is not None]
    writes = [write for _, _, write in phantoms(case.snapshot, case.change_set)]
    writes += [ForeignWrite([other]) for row in rows for other in scribbles(row)]
    for write in writes:
        store = seeded(case)
        store.foreign_write(write)
        state = held(store, case)
        steps = [failure.step for failure in am.check(state, case.change_set) if failure.step is not None]
        assert store.preflight(case.change_set, now=now) == tuple(str(step) for step in sorted(steps)[:1])
        if steps:
            event("refused")
            assert store.apply(case.change_set, now=now, reach=Points()) == {min(steps): "drifted"}
            assert store.dump() == read_at(state, store.dump().taken_at)


@given(planned_cases())
def test_every_phantom_makes_the_library_refuse(case: PlannedCase) -> None:
    for ordinal, _, write in phantoms(case.snapshot, case.change_set):
        counted = [
            attrs.evolve(row, version="counted")
            if row == case.snapshot.table(_collection(row)).get(row.id)
            else row
            for row in write.put
        ]
        state = attrs.evolve(write, put=counted).on(case.snapshot)
        # What is taken away may be missed by an earlier step as well.
        steps = [failure.step for failure in am.check(state, case.change_set) if failure.step is not None]
        assert steps
        assert min(steps) <= ordinal


def _collection(row: Any) -> Any:
    return next(kind.collection for kind in KINDS if kind.cls is type(row))


@given(planned_cases(), st.sampled_from(("step", "set")))
def test_a_crash_at_any_point_leaves_whole_steps_and_is_made_good(case: PlannedCase, atomic: Atomic) -> None:
    now = case.snapshot.taken_at
    points = Points()
    seeded(case, atomic).apply(case.change_set, now=now, reach=points)
    steps = {
        n: bare(am.apply(case.snapshot, case.change_set.prefix(n)))
        for n in range(len(case.change_set.steps) + 1)
    }
    for at in range(len(points.names)):
        store = seeded(case, atomic)
        with pytest.raises(Crash):
            store.apply(case.change_set, now=now, reach=Points(at, crash))
        store.reopen()
        found = bare(held(store, case))
        assert found in (steps.values() if atomic == "step" else (steps[0], steps[max(steps)]))
        store.apply(case.change_set, now=now, reach=Points())
        assert bare(held(store, case)) == steps[max(steps)]


@given(planned_cases())
def test_a_transaction_holds_others_out(case: PlannedCase) -> None:
    store, now = seeded(case), case.snapshot.taken_at
    nobody = ForeignWrite()
    states: dict[str, bool] = {}

    def reach(name: str) -> None:
        try:
            store.foreign_write(nobody)
            states[name] = True
        except Busy:
            states[name] = False

    store.apply(case.change_set, now=now, reach=reach)
    assert states
    assert all(free == (not name.startswith("inside")) for name, free in states.items())


def merging() -> tuple[am.Snapshot, am.ChangeSet]:
    example = next(found for found in worked_examples() if found.name == "a merge of two customers")
    change_set = example.change_set_on(example.snapshot, {})
    assert change_set is not None
    return example.snapshot, change_set


def test_a_set_that_is_blocked_or_not_confirmed_is_refused() -> None:
    snapshot, change_set = merging()
    confirmation = change_set.confirmation
    assert confirmation is not None
    for refused, why in (
        (attrs.evolve(change_set, steps=(), blocked=("agreement_missing",)), "blocked"),
        (attrs.evolve(change_set, confirmation=None), "unconfirmed"),
        (
            attrs.evolve(change_set, confirmation=attrs.evolve(confirmation, plan_id="another")),
            "confirmed another plan",
        ),
    ):
        store = ReferenceStore()
        store.seed(snapshot)
        assert why in store.preflight(refused, now=snapshot.taken_at)
        assert store.apply(refused, now=snapshot.taken_at, reach=Points()) == {}
        assert store.journal == ()


def test_a_number_is_given_once_and_kept() -> None:
    example = next(found for found in worked_examples() if found.name == "a migration")
    store = ReferenceStore()
    taken = attrs.evolve(example.snapshot.appointments["appointment-1"], number="APP-9000001")
    store.seed(example.snapshot.changed([taken]))
    change_set = example.change_set_on(store.dump(), {})
    assert change_set is not None
    store.apply(change_set, now=example.now, reach=Points())
    created = {
        edit.id for edit in edits_of(change_set) if edit.before is None and edit.entity == "appointment"
    }
    numbers = [row.number for row in store.dump().appointments if row.number is not None]
    assert {store.dump().appointments[id].number for id in created} >= {
        "APP-70001",
        "APP-9000002",
        "APP-9000003",
    }
    assert len(numbers) == len(set(numbers))


def test_what_the_journal_says_and_is_not_there_any_more_has_drifted() -> None:
    snapshot, change_set = merging()
    store = ReferenceStore()
    store.seed(snapshot)
    store.apply(change_set, now=snapshot.taken_at, reach=Points())
    store.foreign_write(ForeignWrite([snapshot.customers["customer-1"]]))
    outcomes = store.apply(change_set, now=snapshot.taken_at, reach=Points())
    assert list(outcomes.values()) == ["drifted"]


def test_it_shows_no_values_and_forgets_all_when_closed() -> None:
    snapshot, _ = merging()
    store = ReferenceStore()
    store.seed(snapshot)
    assert repr(store) == "ReferenceStore(35 rows)"
    assert repr(ForeignWrite([snapshot.customers["customer-1"]], [("access", "access-1")])) == (
        "ForeignWrite(customer 'customer-1', no access 'access-1')"
    )
    store.close()
    assert repr(store) == "ReferenceStore(0 rows)"


def test_the_reference_needs_neither_hypothesis_nor_pytest() -> None:
    program = (
        "import sys, accountmerge.testing.reference\n"
        "assert not {'hypothesis', 'pytest', '_pytest'} & set(sys.modules), 'a test library was imported'\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
