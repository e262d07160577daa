"""Stores with limits: the kit tries them within their limits, and finds a promise that is broken."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import accountmerge as am
import narrow_stores
from accountmerge.model.entities import KINDS
from accountmerge.model.limits import EFFECTS
from accountmerge.testing.conformance import Report, runners, try_law, verify_store
from accountmerge.testing.conformance.scenarios import Narrow
from accountmerge.testing.conformance.worked_examples import worked_examples
from accountmerge.testing.conformance.worked_practice import practice
from accountmerge.testing.reference.narrow_data import narrowed
from accountmerge.testing.reference.renamed_rows import keyed_rows, renamed_snapshot
from accountmerge.testing.strategies import snapshots
from narrow_stores import BREAKING, LIMITS, KeepsOneTable, NarrowStore

APPLYING = "applying_does_what_the_set_says"
MACHINE = "any_course_of_events_ends_well"
NOTES = {"note": st.text("abc", max_size=9)}


def verified(store: Any, limits: am.Limits = LIMITS, **more: Any) -> Report:
    return verify_store(store, ids="own", limits=limits, record_data=NOTES, **more)


OF_DRAWN_DATA = ("seeded_data_are_read_back_whole", APPLYING, MACHINE)
"""The laws that drawn data within limits say most about."""


@pytest.mark.unmeasured
@pytest.mark.parametrize("level", ["smoke", pytest.param("quick", marks=pytest.mark.long)])
def test_a_narrow_store_keeps_every_law_within_its_limits_and_none_is_vacuous(level: Any) -> None:
    report = verified(NarrowStore, level=level)
    assert report.ok, str(report)
    assert {result.law for result in report.results if result.status != "pass"} == {
        "a_set_is_whole_or_nothing",
        "a_killed_process_leaves_no_trace",
        *([MACHINE] if level == "smoke" else []),  # of drawn courses
    }
    assert not report.not_held
    assert "only within Limits(longest_text=200, most_phones=2" in str(report)


def test_drawn_data_are_held_within_limits() -> None:
    report = verified(NarrowStore, laws=OF_DRAWN_DATA)
    assert report.ok, str(report)
    assert {result.law for result in report.results if result.status == "pass"} == set(OF_DRAWN_DATA)
    assert not report.not_held


def test_without_its_limits_a_narrow_store_cannot_hold_the_data() -> None:
    report = verify_store(NarrowStore, ids="own", laws=[APPLYING], level="smoke")
    assert report.not_held == {"access: time_unit": 11}


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("limit", "store"), [(limit, store) for limit, stores in BREAKING.items() for store in stores]
)
def test_a_promise_that_is_broken_is_found(
    limit: str, store: type[NarrowStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runners, "SHRINKING", 0.0)
    report = verified(store, limits=store.promised, level="smoke")
    assert not report.ok, limit
    if store is not KeepsOneTable:
        found_by = "what_appears_meanwhile_is_seen" if limit == "overlaps" else APPLYING
        assert report.broken == (found_by,), str(report)
        assert not report.not_held


def test_each_limit_has_a_store_that_breaks_its_promise() -> None:
    assert set(BREAKING) == {field.name for field in attrs.fields(am.Limits)}
    effects = {store.__name__ for store in BREAKING["not_obeyed"]}
    assert len(effects) == len(EFFECTS)


@pytest.mark.parametrize("limits", [LIMITS, attrs.evolve(LIMITS, hours=True, overlaps=True)])
def test_every_worked_example_has_a_plan_within_limits_and_in_the_ids_of_a_store(limits: am.Limits) -> None:
    for example in map(Narrow(limits).scenario, worked_examples()):
        base = example.snapshot if example.prelude is None else example.prelude.snapshot
        change_set_on = (example.prelude or example).change_set_on
        names = {key: f"{n}" for n, key in enumerate(sorted(keyed_rows(base)))}
        assert change_set_on(base, {}) is not None, example.name
        assert change_set_on(renamed_snapshot(base, names), names) is not None, example.name


def test_a_table_that_is_missing_is_told_as_a_reason() -> None:
    report = verified(narrow_stores.KeepsOneTable, level="smoke")
    assert not report.ok
    assert set(report.not_held) == {"record: record_kinds"}


def test_a_failure_within_limits_fails_alike_as_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runners, "SHRINKING", 0.0)
    report = verify_store(narrow_stores.PlannedIds, limits=LIMITS, laws=[APPLYING])
    failure = report.results[0].failure
    assert failure is not None
    names: dict[str, Any] = {"make_store": narrow_stores.PlannedIds}
    exec(compile(failure.as_test(), "a test", "exec"), names)  # noqa: S102 - that is what it is for
    with pytest.raises(AssertionError, match="opt_outs"):
        names[f"test_{APPLYING}"]()
    with pytest.raises(AssertionError, match="opt_outs"):
        try_law(narrow_stores.PlannedIds, failure.as_json(), limits=LIMITS)


LIMITED = st.builds(
    am.Limits,
    longest_text=st.sampled_from((None, 5, 20)),
    most_phones=st.sampled_from((None, 0, 1)),
    most_emails=st.sampled_from((None, 0, 1)),
    time_unit=st.sampled_from(("microsecond", "millisecond", "second", "minute")),
    hours=st.booleans(),
    attributes=st.booleans(),
    opt_outs=st.booleans(),
    overlaps=st.booleans(),
    record_kinds=st.sampled_from((None, (), ("note",))),
)


@settings(max_examples=60)
@given(st.one_of(st.just(practice()), snapshots()), LIMITED)
def test_narrowed_data_break_no_limit(snapshot: am.Snapshot, limits: am.Limits) -> None:
    narrow = narrowed(snapshot, limits, {})
    broken = {
        (kind.name, *broken)
        for kind in KINDS
        for row in narrow.table(kind.collection)
        for broken in limits.violations(row)
    }
    assert not broken
    if not limits.overlaps:
        codes = {finding.code for finding in am.find_faults(narrow)}
        assert not codes & {"existing_double_booking", "customer_double_booking"}
