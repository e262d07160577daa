"""Verifying planners: every law of a profile, in the order of attack, until one is broken."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st

from accountmerge.documents.files import loads
from accountmerge.errors import InvalidValueError
from accountmerge.model.instants import utc
from accountmerge.testing.conformance.reports import LawResult, Report
from accountmerge.testing.conformance.runners import Drawing, LawRunner, drawing_settings
from accountmerge.testing.conformance.verdicts import check_words, in_order, judged
from accountmerge.testing.strategies.customer_cases import customer_cases
from accountmerge.testing.strategies.merges import merge_cases
from accountmerge.testing.strategies.migrations import migration_cases
from accountmerge.testing.strategies.rebookings import rebooking_cases
from planner_laws import PLANNER_LAWS
from planner_laws.law_cases import PlannerLawSubject
from planner_laws.questions import Question, worked_questions

if TYPE_CHECKING:
    from collections.abc import Collection

    from accountmerge.testing.conformance.profiles import Level
    from planner_laws.questions import Planner

_DRAWN: dict[Level, int] = {"quick": 12, "full": 150}
"""On how many drawn questions each law is tried."""
FLOORS: dict[str, dict[str, int]] = {
    "planning_changes_nothing": {"plans": 8},
    "a_blocked_plan_does_nothing": {"blocked": 3, "ready": 8},
    "a_ready_plan_can_be_applied_at_once": {"steps": 30},
    "a_plan_is_read_back_as_it_was_written": {"files": 30},
    "equal_input_in_any_order_gives_byte_equal_plans": {"orders": 30},
    "new_ids_depend_on_neither_instant_nor_address": {
        "ids planned a second later": 8,
        "ids with other addresses": 8,
    },
    "applying_does_what_was_asked": {"requests met": 15, "migration met": 2, "merge met": 2},
    "planning_again_on_the_result_gives_an_empty_ready_plan": {"carried out": 15},
    "nothing_is_lost": {"plans carried out": 15},
    "everything_is_rebooked_before_activation": {"moments of a move": 25},
    "claims_are_released_before_they_are_taken": {"moments": 60},
    "values_are_gained_before_they_are_lost": {"moments": 60},
    "nobody_retires_before_all_has_moved": {"prefixes of merges": 20},
    "every_prefix_of_steps_is_safe": {"prefixes": 50},
    "no_guard_fails_on_the_result_of_a_prefix": {"prefixes": 50},
    "what_may_not_happen_meanwhile_is_seen": {"dangers": 200},
    "any_steps_any_number_of_times_are_once": {"prefixes": 50},
    "planning_on_the_result_of_any_prefix_reaches_the_same_end": {"prefixes": 50},
    "undoing_gives_back_what_was": {"undone": 20, "said before": 1},
    "a_crash_at_any_edit_leaves_no_trace": {"crashes": 60},
    "a_plan_is_confirmed_for_itself_alone": {"confirmed": 15},
    "a_summary_counts_what_the_steps_are": {"summaries": 30},
    "no_edit_adds_a_fault": {"moments": 60},
    "planning_after_a_crash_at_any_edit_reaches_the_same_end": {"crashes made up for": 30},
    "planning_again_is_planning_the_request_on_the_present_data": {"planned again": 50},
}
"""The laws in the order of attack; for each, how much has to be counted at least, at any level."""


def drawn_questions() -> st.SearchStrategy[Question]:
    """Questions of any kind: most of them can be carried out, and some are refused, or were carried out before."""
    cases: st.SearchStrategy[Any] = st.one_of(
        customer_cases(), rebooking_cases(), migration_cases(), merge_cases()
    )
    return cases.map(Question.of)


def verify_planner(
    planner: Planner,
    *,
    level: Level = "quick",
    settings: settings | None = None,
    laws: Collection[str] | None = None,
    seed: int = 0,
    questions: st.SearchStrategy[Question] | None = None,
) -> Report:
    """Put a planner to the test, law by law, until one is broken; what comes after that is not tried.

    Args:
        planner: Plans a request of any kind, as `accountmerge.plan` does: `planner(snapshot, request, *, rules,
            at)` returns a plan of the library, or one that was made from it and sealed anew.
        level: `quick` takes seconds; `full` draws many more questions.
        settings: Settings of hypothesis for what is drawn, in place of the kit's own; the caller's default
            profile does not count.
        laws: Only these laws, by name.
        seed: What questions are drawn with; the same one draws the same questions.
        questions: What is drawn, in place of questions of any kind.

    Raises:
        InvalidValueError: There is no such level or law.
    """
    check_words(level, laws, FLOORS)
    if settings is None and questions is None:
        drawing = _usual_drawing(level, seed)
    else:
        how = settings or drawing_settings(_DRAWN[level])
        drawing = Drawing(drawn_questions() if questions is None else questions, how, seed)
    worked, subject = worked_questions(), PlannerLawSubject(planner)

    def tried(law: str) -> LawResult:
        runner = LawRunner(subject, PLANNER_LAWS[law])
        return judged(runner.result(worked, drawing), FLOORS[law])

    return Report("planners", level, seed, in_order(FLOORS, laws, tried))


@lru_cache(maxsize=4)
def _usual_drawing(level: Level, seed: int) -> Drawing:
    """Return the drawing of questions of any kind, which are the same for every planner."""
    return Drawing(drawn_questions(), drawing_settings(_DRAWN[level]), seed)


def try_planner_law(planner: Planner, plan: str) -> None:
    """Try a law on one question alone: what the test does that a failure is given out as.

    Args:
        planner: Plans a request of any kind.
        plan: What `PlannerFailure.as_json` returned.

    Raises:
        LawBroken: The planner breaks the law.
        InvalidValueError: There is no such law.
    """
    whole = json.loads(plan)
    if whole["law"] not in PLANNER_LAWS:
        raise InvalidValueError("not_one_of", field="law", allowed=tuple(PLANNER_LAWS))
    values: dict[str, Any] = {
        name: loads(json.dumps(whole[name])) for name in ("snapshot", "request", "rules")
    }
    at = utc(datetime.fromisoformat(whole["at"]))
    question = Question(name="a question that broke it", at=at, **values)
    LawRunner(PlannerLawSubject(planner), PLANNER_LAWS[whole["law"]]).on(question)
