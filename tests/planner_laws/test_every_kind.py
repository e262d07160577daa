"""The laws of plans, once: each kind of request keeps every one of them."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.changes.change_sets import Intent
from accountmerge.kinds import REQUEST_KINDS
from accountmerge.testing.conformance.law_cases import Inapplicable
from accountmerge.testing.strategies import customer_cases, merge_cases, migration_cases, rebooking_cases
from planner_laws import PLANNER_LAWS
from planner_laws.law_cases import PlannerLawCase
from planner_laws.questions import Question

DRAWN: dict[Intent, st.SearchStrategy[Any]] = {
    "migration": migration_cases(),
    "merge": merge_cases(),
    "rebooking": rebooking_cases(),
}


@pytest.mark.parametrize("intent", REQUEST_KINDS)
@given(st.data())
def test_a_plan_of_every_kind_keeps_every_law(intent: Intent, data: st.DataObject) -> None:
    """All laws look at one plan: planning is what takes the time."""
    alone: Any = (intent,)
    case = data.draw(DRAWN[intent] if intent in DRAWN else customer_cases(alone))
    law_case = PlannerLawCase(am.plan, Question.of(case), Counter())
    for law in PLANNER_LAWS.values():
        with suppress(Inapplicable):
            law.check(law_case)
    event("ready" if law_case.plan.is_ready else "blocked")
