"""Verifying planners: every law of a profile, in the order of attack, until one is broken."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st

from accountmerge.documents.files import loads
from accountmerge.errors import InvalidValueError
from accountmerge.model.instants import utc
from accountmerge.testing.conformance.attempts import Attempt, Drawing, drawing_settings
from accountmerge.testing.conformance.planner_laws import PLANNER_LAWS
from accountmerge.testing.conformance.planner_trials import PlannerBench
from accountmerge.testing.conformance.profiles import DEFAULT_PROFILE, Level, profile_of
from accountmerge.testing.conformance.questions import Question
from accountmerge.testing.conformance.reports import LawResult, Report
from accountmerge.testing.conformance.verdicts import check_words, in_order, judged
from accountmerge.testing.conformance.worked_questions import worked_questions
from accountmerge.testing.strategies.customer_cases import customer_cases
from accountmerge.testing.strategies.merges import merge_cases
from accountmerge.testing.strategies.migrations import migration_cases
from accountmerge.testing.strategies.rebookings import rebooking_cases

if TYPE_CHECKING:
    from collections.abc import Collection

    from accountmerge.testing.conformance.questions import Planner


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
    profile: str = DEFAULT_PROFILE,
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
        profile: Which frozen list of laws; a newer one has to be named.
        settings: Settings of hypothesis for what is drawn, in place of the kit's own; the caller's default
            profile does not count.
        laws: Only these laws, by name.
        seed: What questions are drawn with; the same one draws the same questions.
        questions: What is drawn, in place of questions of any kind.

    Raises:
        InvalidValueError: There is no such level, profile or law.
    """
    chosen = profile_of(profile)
    check_words(level, laws, chosen.planner_laws)
    how = settings or drawing_settings(chosen.drawn_questions[level])
    drawing = Drawing(drawn_questions() if questions is None else questions, how, seed)
    worked = worked_questions()

    def tried(law: str) -> LawResult:
        attempt = Attempt(PlannerBench(planner), PLANNER_LAWS[law])
        return judged(attempt.result(worked, drawing), chosen.planner_floors[law])

    return Report(chosen.name, level, seed, in_order(chosen.planner_laws, laws, tried))


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
    Attempt(PlannerBench(planner), PLANNER_LAWS[whole["law"]]).on(question)
