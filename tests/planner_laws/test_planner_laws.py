"""The laws of planners: the library's own keeps them, and a report says what was tried of which."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.testing.conformance import LawBroken
from broken.planners import BROKEN_PLANNERS
from planner_laws import PLANNER_LAWS
from planner_laws.failures import PlannerFailure
from planner_laws.questions import worked_questions
from planner_laws.verifying import FLOORS, drawn_questions, try_planner_law, verify_planner

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LAWS = tuple(FLOORS)


@pytest.mark.unmeasured
def test_the_planner_of_the_library_keeps_every_law_and_none_is_vacuous() -> None:
    report = verify_planner(am.plan)
    assert report.ok, str(report)
    assert [result.law for result in report.results] == list(LAWS)
    assert {result.status for result in report.results} == {"pass"}


def test_the_order_of_attack_is_that_of_the_floors() -> None:
    assert list(LAWS) == list(PLANNER_LAWS)
    assert [law.name for law in PLANNER_LAWS.values()] == list(PLANNER_LAWS)
    assert all(law.promise.endswith(".") for law in PLANNER_LAWS.values())


def test_what_is_never_exercised_is_vacuous() -> None:
    def refuses(snapshot: am.Snapshot, request: Any, *, rules: Any, at: datetime) -> Any:
        lacking = am.MigrationRequest(profile_id="?", new_email="a@example.com", reason="?", ticket="?")
        del snapshot, request, rules
        return am.plan_migration(am.Snapshot(at), lacking, at=at)

    report = verify_planner(refuses, laws=["nothing_is_lost", "a_blocked_plan_does_nothing"])
    assert [result.status for result in report.results] == ["vacuous", "vacuous"]
    assert not report.ok
    assert "0 plans carried out, and at least" in str(report)
    with pytest.raises(LawBroken):
        report.raise_if_broken()


def test_a_planner_that_fails_breaks_the_first_law() -> None:
    def fails(snapshot: am.Snapshot, request: Any, *, rules: Any, at: datetime) -> Any:
        raise ZeroDivisionError(f"{snapshot!r} {request!r} {rules!r} {at}")

    report = verify_planner(fails)
    assert report.broken == (LAWS[0],)
    assert [result.status for result in report.results[1:]] == ["not_run"] * (len(LAWS) - 1)
    first = report.results[0]
    assert first.why.startswith("the planner failed with ZeroDivisionError")
    assert first.failure is not None
    assert first.failure.change_set is None


@pytest.mark.parametrize(
    "wrong",
    [{"laws": ["no_such_law"]}, {"level": "slow"}, {"laws": ["prefixes_add_up"]}, {"laws": []}],
)
def test_a_law_or_a_level_that_is_not_there_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(am.InvalidValueError) as error:
        verify_planner(am.plan, **wrong)
    assert error.value.code == "not_one_of"


@pytest.mark.parametrize("name", ["ForgetsTheZone", "ForgetsTheClock", "TellsAgain", "NamesByTheInstant"])
def test_a_failure_is_a_test_of_its_own(name: str) -> None:
    broken = next(found for found in BROKEN_PLANNERS if found.name == name)
    (result,) = verify_planner(broken.planner, laws=[broken.law]).results
    failure = result.failure
    assert isinstance(failure, PlannerFailure)
    with pytest.raises(LawBroken):
        try_planner_law(broken.planner, failure.as_json())
    try_planner_law(am.plan, failure.as_json())
    names: dict[str, Any] = {"my_planner": broken.planner}
    exec(compile(failure.as_test(), "a test", "exec"), names)  # noqa: S102 - that is what it is for
    with pytest.raises(LawBroken):
        names[f"test_{broken.law}"]()
    names["my_planner"] = am.plan
    names[f"test_{broken.law}"]()


def test_a_law_that_is_not_there_is_not_tried_on_a_plan() -> None:
    with pytest.raises(am.InvalidValueError):
        try_planner_law(am.plan, '{"law": "no_such_law"}')


@pytest.mark.unmeasured
def test_the_same_seed_draws_the_same_questions() -> None:
    laws = ["what_may_not_happen_meanwhile_is_seen"]
    counts = [dict(verify_planner(am.plan, laws=laws, seed=seed).results[0].counts) for seed in (1, 1, 2)]
    assert counts[0] == counts[1] != counts[2]


def test_what_is_drawn_may_be_narrowed() -> None:
    questions = drawn_questions().filter(lambda asked: isinstance(asked.request, am.MigrationRequest))
    (result,) = verify_planner(am.plan, laws=["applying_does_what_was_asked"], questions=questions).results
    others = len([asked for asked in worked_questions() if isinstance(asked.request, am.MergeRequest)])
    assert result.counts["merge met"] < others
    assert result.counts["migration met"] > others


def test_a_question_shows_no_values() -> None:
    asked = worked_questions()[0]
    assert repr(asked) == "Question('an edit of a customer', CustomerEdit('customer-2'))"


# The planner of the library for any request


def test_a_request_of_any_kind_is_planned_as_by_the_function_for_its_kind() -> None:
    for asked in worked_questions():
        given: dict[str, Any] = {"rules": asked.rules, "at": asked.at}
        kinds = {
            am.MigrationRequest: am.plan_migration,
            am.MergeRequest: am.plan_merge,
            am.customers.NewAccessRequest: am.customers.plan_access_request,
            am.customers.AccessDecision: am.customers.plan_access_decision,
            am.customers.PrimaryEmailChange: am.customers.plan_primary_email,
            am.customers.CustomerEdit: am.customers.plan_customer_edit,
            am.rebooking.RebookingRequest: am.rebooking.plan_rebooking,
        }
        planner: Any = kinds[type(asked.request)]
        assert am.plan(asked.snapshot, asked.request, **given) == planner(
            asked.snapshot, asked.request, **given
        )
        plain = am.plan(asked.snapshot, asked.request, at=asked.at)
        assert plain == planner(asked.snapshot, asked.request, at=asked.at)


def test_what_is_no_request_is_not_planned() -> None:
    wrong: Any = attrs.evolve(worked_questions()[0]).snapshot
    with pytest.raises(am.InvalidValueError) as error:
        am.plan(wrong, wrong, at=NOON)
    assert error.value.code == "wrong_type"
