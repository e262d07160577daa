"""Every broken planner is found at level quick, by the law that it breaks."""

from __future__ import annotations

from collections import Counter

import pytest

from accountmerge.testing.conformance import runners
from broken.planners import BROKEN_PLANNERS, BrokenPlanner
from planner_laws.failures import PlannerFailure
from planner_laws.verifying import FLOORS, verify_planner

pytestmark = pytest.mark.unmeasured
ENOUGH = 14


@pytest.fixture(autouse=True)
def _is_told_as_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for no smaller question that shows a mistake: any one will do here."""
    monkeypatch.setattr(runners, "SHRINKING", 0.0)


def named(broken: BrokenPlanner) -> str:
    return broken.name


@pytest.mark.parametrize("broken", BROKEN_PLANNERS, ids=named)
def test_a_broken_planner_is_found_by_its_law(broken: BrokenPlanner) -> None:
    report = verify_planner(broken.planner)
    assert report.broken == (broken.law,), str(report)
    found = next(result for result in report.results if result.law == broken.law)
    assert found.status == "fail"
    assert isinstance(found.failure, PlannerFailure)
    later = report.results[report.results.index(found) + 1 :]
    assert {result.status for result in later} <= {"not_run"}


def test_mistakes_are_many_and_each_has_a_name_of_its_own() -> None:
    assert len(BROKEN_PLANNERS) >= ENOUGH
    assert not [name for name, count in Counter(map(named, BROKEN_PLANNERS)).items() if count > 1]
    assert {broken.law for broken in BROKEN_PLANNERS} <= set(FLOORS)


def test_a_broken_planner_shows_its_mistake_and_no_data() -> None:
    assert repr(BROKEN_PLANNERS[0]) == f"BrokenPlanner({BROKEN_PLANNERS[0].name!r})"
