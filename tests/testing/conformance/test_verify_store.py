"""Verifying a store: what is told of each law, what is vacuous, what is known, and how a failure is given out."""

from __future__ import annotations

import hashlib
import json
import unittest
from typing import Any, ClassVar

import attrs
import pytest
from broken_stores import (
    Answers,
    CatchesCrashes,
    Choosy,
    ForgetsOptOuts,
    HoldsNothing,
    LosesAllButTheFirst,
    NeverCalls,
    Raises,
    RaisesRefusals,
    TellsNoTwinsApart,
    WithoutVersions,
)
from hypothesis import settings
from hypothesis.database import InMemoryExampleDatabase
from hypothesis.stateful import run_state_machine_as_test

import accountmerge as am
from accountmerge.testing.conformance import (
    DEFAULT_PROFILE,
    LEVELS,
    PROFILES,
    Capabilities,
    KnownBroken,
    LawBroken,
    StoreLaws,
    StoreMachine,
    try_law,
    verify_store,
)
from accountmerge.testing.conformance.store_laws import STORE_LAWS
from accountmerge.testing.reference import ReferenceStore
from broken.writing import StoresIdsWithoutCase

APPLYING = "applying_does_what_the_set_says"
CRASHES = "a_crash_leaves_no_trace"
SEEDING = "seeded_data_are_read_back_whole"
MACHINE = "any_course_of_events_ends_well"
KILL = "a_killed_process_leaves_no_trace"


@pytest.mark.parametrize("level", ["smoke", pytest.param("quick", marks=pytest.mark.unmeasured)])
def test_the_reference_store_keeps_every_law_in_one_transaction(level: Any) -> None:
    promises = Capabilities(atomic_set=True)
    report = verify_store(lambda: ReferenceStore("set"), capabilities=promises, level=level)
    assert report.ok, str(report)
    left_out = {KILL, *([MACHINE] if level == "smoke" else [])}
    assert {result.law for result in report.results if result.status != "pass"} == left_out


def test_the_first_broken_law_is_named_and_later_ones_are_not_tried() -> None:
    report = verify_store(ForgetsOptOuts)
    assert report.broken == (APPLYING,)
    statuses = [result.status for result in report.results]
    at = PROFILES[DEFAULT_PROFILE].laws.index(APPLYING)
    assert statuses[at] == "fail"
    assert set(statuses[at + 1 :]) == {"not_run"}
    with pytest.raises(LawBroken) as raised:
        report.raise_if_broken()
    assert str(raised.value) == str(report)
    assert APPLYING in str(report)
    assert "opt_outs" in str(report)
    assert repr(report) == f"Report('{DEFAULT_PROFILE}', 'quick', NOT ok)"


def failure_of(report: Any) -> Any:
    return next(result.failure for result in report.results if result.failure is not None)


def test_a_failure_is_given_out_as_json_and_as_a_test_that_fails_alike() -> None:
    failure = failure_of(verify_store(ForgetsOptOuts))
    plan = json.loads(failure.as_json())
    assert plan["law"] == APPLYING
    assert am.loads(json.dumps(plan["snapshot"])) == failure.snapshot
    assert am.loads(json.dumps(plan["change_set"])) == failure.change_set
    names: dict[str, Any] = {"make_store": ForgetsOptOuts}
    exec(compile(failure.as_test(), "a test", "exec"), names)  # noqa: S102 - that is what it is for
    with pytest.raises(LawBroken) as raised:
        names[f"test_{APPLYING}"]()
    assert str(raised.value) == failure.why
    names["make_store"] = ReferenceStore
    names[f"test_{APPLYING}"]()


def test_no_value_is_shown_but_where_it_is_asked_for() -> None:
    report = verify_store(ForgetsOptOuts)
    failure = failure_of(report)
    shown = f"{report}{report!r}{failure!r}{report.results!r}"
    for value in ("Ida", "Sample", "+61", "@"):
        assert value not in shown
        assert value in failure.as_json()


def test_the_smallest_of_the_worked_examples_that_breaks_a_law_is_kept() -> None:
    failure = failure_of(verify_store(ForgetsOptOuts))
    assert len(failure.change_set.steps) == 1
    assert failure.scenario == "an edit of a customer"


def test_a_law_of_which_too_little_was_exercised_is_vacuous() -> None:
    report = verify_store(NeverCalls, laws=[CRASHES])
    assert report.broken == (CRASHES,)
    (result,) = report.results
    assert result.status == "vacuous"
    assert result.why == "0 crashes between steps, and at least 16 are wanted"


def test_data_that_a_store_cannot_hold_are_left_out_and_counted() -> None:
    report = verify_store(Choosy, laws=[SEEDING, APPLYING])
    assert report.ok, str(report)
    report = verify_store(HoldsNothing, laws=[SEEDING])
    (result,) = report.results
    assert result.status == "vacuous"
    assert result.counts["plans whose data the store cannot hold"] > 10


@pytest.mark.unmeasured
def test_the_reasons_for_which_data_are_not_held_are_told_and_counted() -> None:
    report = verify_store(TellsNoTwinsApart, laws=[SEEDING, APPLYING])
    (result, _) = report.results
    assert result.not_held == {"ids that differ only in case": 2}
    assert report.not_held == {"ids that differ only in case": 4}
    assert "not held 4 times: ids that differ only in case" in str(report)
    (result,) = verify_store(HoldsNothing, laws=[MACHINE]).results
    assert result.not_held == {"no reason given": result.counts["plans whose data the store cannot hold"]}


def test_progress_is_told_after_each_tried_plan() -> None:
    told: list[tuple[str, int, int]] = []
    verify_store(
        ReferenceStore,
        laws=[SEEDING, MACHINE],
        settings=settings(max_examples=3, deadline=None, database=None),
        on_progress=lambda law, done, count: told.append((law, done, count)),
    )
    for law in (SEEDING, MACHINE):
        done = [(n, count) for name, n, count in told if name == law]
        assert [n for n, _ in done] == list(range(1, len(done) + 1))
        assert all(n <= count for n, count in done)
        assert done[-1][0] == done[-1][1]


def test_a_failure_has_the_call_of_the_adapter_and_the_place_of_the_error() -> None:
    failure = failure_of(verify_store(Raises))
    assert failure.call == "apply of customer_edit, 1 step"
    assert "in apply" in failure.traceback
    assert failure.traceback.endswith("OSError: the disk is full\n")
    assert failure.call in str(verify_store(Raises))
    failure = failure_of(verify_store(LosesAllButTheFirst, laws=[MACHINE]))
    assert failure.call.startswith("apply of ")
    assert "LawBroken" in failure.traceback


@pytest.mark.unmeasured
def test_a_course_of_events_is_vacuous_where_no_data_can_be_held() -> None:
    (result,) = verify_store(HoldsNothing, laws=[MACHINE]).results
    assert result.status == "vacuous"
    assert result.failure is None
    assert result.why.startswith("0 courses, and at least 5 are wanted")
    assert result.counts["plans whose data the store cannot hold"] > 10


def test_a_course_of_events_is_tried_where_some_data_can_be_held() -> None:
    (result,) = verify_store(Choosy, laws=[MACHINE]).results
    assert result.status == "pass", result.why
    assert result.counts["courses"] >= 5


def test_a_store_that_says_that_it_cannot_hold_ids_that_differ_only_in_case_is_not_broken() -> None:
    report = verify_store(TellsNoTwinsApart, laws=[SEEDING, APPLYING])
    assert report.ok, str(report)
    assert all(result.counts["plans whose data the store cannot hold"] == 2 for result in report.results)


def test_a_store_that_loses_what_a_plan_needs_breaks_the_law_that_is_tried() -> None:
    report = verify_store(StoresIdsWithoutCase, laws=[APPLYING])
    assert report.broken == (APPLYING,)
    assert "c-a is missing" in str(report)


def test_what_is_known_to_be_broken_does_not_fail_and_is_told_when_it_holds() -> None:
    known = Capabilities(atomic_step=KnownBroken("SHOP-12"), durable_progress=KnownBroken("SHOP-12"))
    report = verify_store(CatchesCrashes, capabilities=known, laws=[CRASHES])
    (result,) = report.results
    assert (result.status, report.ok) == ("known_broken", True)
    assert result.why.startswith("SHOP-12: ")
    report = verify_store(ReferenceStore, capabilities=known, laws=[CRASHES])
    (result,) = report.results
    assert (result.status, report.ok) == ("unexpected_success", False)
    assert "SHOP-12" in result.why
    with pytest.raises(am.AccountMergeError):
        KnownBroken(" ")


def test_a_law_that_is_not_promised_is_not_applicable_and_says_which_promise() -> None:
    report = verify_store(
        ReferenceStore,
        capabilities=Capabilities(durable_progress=False, atomic_step=KnownBroken("T-1")),
        laws=[CRASHES, "a_step_is_whole_or_nothing"],
    )
    assert [result.status for result in report.results] == ["not_applicable"] * 2
    assert "durable_progress" in report.results[0].why
    assert report.ok


@pytest.mark.unmeasured
def test_a_store_may_refuse_as_the_library_does() -> None:
    laws = [
        "a_set_nobody_said_yes_to_is_refused",
        "a_late_set_cancels_nothing_that_has_begun",
        "what_appears_meanwhile_is_seen",
    ]
    report = verify_store(RaisesRefusals, laws=laws)
    assert report.ok, str(report)


def test_a_store_without_versions_is_not_asked_for_them() -> None:
    laws = [SEEDING, "the_store_keeps_its_own_values", "a_version_that_a_guard_names_is_compared"]
    report = verify_store(WithoutVersions, capabilities=Capabilities(versions=False), laws=laws)
    assert [result.status for result in report.results] == ["pass", "pass", "not_applicable"]
    report = verify_store(WithoutVersions, laws=laws)
    assert report.broken == (SEEDING,)
    assert "promise no versions" in str(report)


def test_an_error_of_the_store_breaks_the_law_and_is_named() -> None:
    report = verify_store(Raises)
    assert report.broken == (APPLYING,)
    assert "OSError: the disk is full" in str(report)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, "it said NoneType"),
        ({1: "done"}, "'done' of a step"),
        ({}, "'nothing' was told of step 1"),
        ({1: "unknown"}, "'unknown' was told of step 1"),
        (dict.fromkeys(range(99), "applied"), "steps that are not part of it"),
    ],
)
def test_an_answer_that_is_none_is_told(answer: Any, told: str) -> None:
    report = verify_store(lambda: Answers(answer), laws=[APPLYING])
    assert told in str(report)


def test_a_crash_that_is_caught_is_told() -> None:
    report = verify_store(CatchesCrashes)
    assert report.broken == (CRASHES,)
    assert "was caught" in str(report)


@pytest.mark.parametrize(
    "wrong", [{"level": "slow"}, {"profile": "1999.1"}, {"laws": ["no_such_law"]}, {"laws": [SEEDING, "x"]}]
)
def test_a_word_that_is_none_is_refused_with_those_that_are(wrong: Any) -> None:
    with pytest.raises(am.AccountMergeError):
        verify_store(ReferenceStore, **wrong)


def test_a_plan_of_no_law_is_refused() -> None:
    with pytest.raises(am.AccountMergeError):
        try_law(ReferenceStore, json.dumps({"law": "no_such_law"}))


# Profiles


@pytest.mark.parametrize(
    ("name", "digest"), [("2026.11", "c8ec8c203e8eea0be030015e6bdbf2b977851951ebb9b4804015520c25f883ae")]
)
def test_a_profile_that_was_released_stays_as_it_is(name: str, digest: str) -> None:
    """A law more, a floor higher or another order turns builds of others red: make a new profile for it."""
    text = json.dumps(attrs.asdict(PROFILES[name]))  # in the order of attack
    assert hashlib.sha256(text.encode()).hexdigest() == digest


def test_every_profile_knows_every_level_and_no_law_that_there_is_not() -> None:
    assert next(iter(PROFILES)) == DEFAULT_PROFILE
    for profile in PROFILES.values():
        assert set(profile.drawn) == set(profile.courses) == {*LEVELS} - {"smoke"}
        assert set(profile.laws) <= {*STORE_LAWS, KILL, MACHINE}


# Settings of the caller


def test_settings_of_the_caller_count_where_they_are_given_and_only_there() -> None:
    few = settings(max_examples=1, deadline=None, database=None)
    (drawn,) = verify_store(ReferenceStore, laws=[SEEDING], settings=few).results
    (usual,) = verify_store(ReferenceStore, laws=[SEEDING]).results
    assert drawn.counts["plans"] < usual.counts["plans"]


def test_failing_examples_of_two_stores_are_kept_apart() -> None:
    database = InMemoryExampleDatabase()
    how = settings(max_examples=30, deadline=None, database=database)

    class Other(RejectsDrawnPlans):
        pass

    verify_store(RejectsDrawnPlans, laws=[APPLYING], settings=how)
    first = set(database.data)
    assert first
    assert all(b"RejectsDrawnPlans" in key for key in first)
    verify_store(Other, laws=[APPLYING], settings=how)
    second = set(database.data) - first
    assert second
    assert all(b"Other" in key for key in second)


class RejectsDrawnPlans(ReferenceStore):
    """Right for the worked examples, and wrong for whatever is drawn."""

    def preflight(self, change_set: am.ChangeSet, *, now: Any) -> tuple[str, ...]:
        return super().preflight(change_set, now=now)

    def apply(self, change_set: am.ChangeSet, *, now: Any, reach: Any) -> Any:
        if any(step.edits[0].id[0] in "ACPR" for step in change_set.steps):
            return {}
        return super().apply(change_set, now=now, reach=reach)


# One test for each law


class TestOneByOne(StoreLaws):
    """The reference store, step by step; in one transaction above."""

    def make_store(self) -> ReferenceStore:
        return ReferenceStore()


def test_there_is_a_method_for_each_law_and_it_says_what_it_tries() -> None:
    methods = [name for name in dir(TestOneByOne) if name.startswith("test_")]
    assert {name.removeprefix("test_") for name in methods} == set(PROFILES[DEFAULT_PROFILE].laws)
    assert all(getattr(TestOneByOne, name).__doc__ for name in methods)
    assert not [name for name in dir(StoreLaws) if name.startswith("test_")]


def test_a_method_fails_for_a_broken_law_and_skips_what_is_not_promised() -> None:
    class Broken(StoreLaws):
        capabilities = Capabilities(durable_progress=False)

        def make_store(self) -> ReferenceStore:
            return ForgetsOptOuts()

    laws: Any = Broken()
    with pytest.raises(LawBroken):
        getattr(laws, f"test_{APPLYING}")()
    with pytest.raises(unittest.SkipTest):
        getattr(laws, f"test_{CRASHES}")()
    getattr(laws, f"test_{SEEDING}")()
    with pytest.raises(NotImplementedError):
        StoreLaws().make_store()


# The state machine


class Courses(StoreMachine):
    tried: ClassVar[list[str]] = []

    def make_store(self) -> ReferenceStore:
        return ReferenceStore()

    def teardown(self) -> None:
        self.tried.extend(self.course)
        super().teardown()


def test_the_machine_can_be_subclassed() -> None:
    run_state_machine_as_test(
        Courses, settings=settings(max_examples=20, stateful_step_count=12, deadline=None, database=None)
    )
    assert any("delivered with a crash" in event for event in Courses.tried)
    assert any("planned again" in event for event in Courses.tried)
    with pytest.raises(NotImplementedError):
        StoreMachine().make_store()


@pytest.mark.unmeasured
def test_the_machine_tells_the_course_that_broke_a_store() -> None:
    report = verify_store(LosesAllButTheFirst, laws=[MACHINE])
    assert report.broken == (MACHINE,)
    failure = failure_of(report)
    assert "delivered" in failure.scenario
    names: dict[str, Any] = {"make_store": ForgetsOptOuts}
    exec(compile(failure.as_test(), "a test", "exec"), names)  # noqa: S102 - that is what it is for
    with pytest.raises(LawBroken):
        names[f"test_{MACHINE}"]()
