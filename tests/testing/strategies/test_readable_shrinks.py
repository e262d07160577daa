"""Readable shrinks: what fails is shown with little data, and with all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from accountmerge.model.entities import KINDS
from accountmerge.testing.reference import edits_of, faults_of
from accountmerge.testing.strategies import PlannedCase, drifts, planned_cases, snapshots
from strategies import colliding_snapshots, crowded_days, receipts

if TYPE_CHECKING:
    from collections.abc import Callable

    import accountmerge as am

pytestmark = pytest.mark.unmeasured
MINIMAL = settings(
    max_examples=400,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)


def entities(snapshot: am.Snapshot) -> int:
    return sum(len(snapshot.table(kind.collection)) for kind in KINDS)


def minimal(strategy: st.SearchStrategy[Any], wanted: Callable[[Any], bool]) -> Any:
    return find(strategy, wanted, settings=MINIMAL)


def shown(strategy: st.SearchStrategy[Any], wanted: Callable[[Any], bool]) -> str:
    """Return what Hypothesis tells of the smallest example that is wanted."""

    @MINIMAL
    @given(strategy)
    def never(example: Any) -> None:
        assert not wanted(example)

    with pytest.raises(AssertionError) as failure:
        never()
    return "\n".join(failure.value.__notes__)


def has(fault: str) -> Callable[[am.Snapshot], bool]:
    return lambda snapshot: any(found[0] == fault for found in faults_of(snapshot))


@pytest.mark.parametrize(
    ("fault", "most"),
    [
        ("double booking of a practitioner", 6),
        ("double booking of a customer", 7),
        ("claimed twice", 2),
        ("two active schedules", 2),
        ("merged in a circle", 1),
    ],
)
def test_one_trouble_shrinks_to_what_it_needs(fault: str, most: int) -> None:
    assert entities(minimal(colliding_snapshots(), has(fault))) <= most


def test_snapshots_shrink_to_a_handful() -> None:
    assert entities(minimal(snapshots(), has("double booking of a practitioner"))) <= 8


def test_a_crowded_day_shrinks_to_three_bookings() -> None:
    assert len(minimal(crowded_days(), lambda day: len(day.appointments) > 1).appointments) == 3


@pytest.mark.parametrize("intent", ["migration", "merge", "rebooking", "primary_email", "undo"])
def test_a_planned_case_shrinks_to_one_or_few_steps(intent: Any) -> None:
    case: PlannedCase = minimal(planned_cases(intents=(intent,)), lambda _: True)
    assert entities(case.snapshot) <= 14
    assert len(edits_of(case.change_set)) <= 8


def test_drift_and_receipts_shrink_to_one() -> None:
    @st.composite
    def written(draw: st.DrawFn) -> Any:
        case = draw(planned_cases(intents=("customer_edit",)))
        return draw(drifts(case.snapshot, case.change_set)), draw(receipts(case.change_set))

    write, received = minimal(written(), lambda pair: bool(pair[1]))
    assert len(write.put) + len(write.drop) == 1
    assert len(received) == 1


@pytest.mark.parametrize("intent", ["migration", "merge", "rebooking", "primary_email", "undo"])
def test_a_failing_case_shows_its_data_and_not_its_plan(intent: Any) -> None:
    text = shown(planned_cases(intents=(intent,)), lambda case: len(case.change_set.steps) > 0)
    assert "PlannedCase.of(" in text
    assert "accountmerge.snapshot/1" in text
    assert "entities)" not in text  # as a table says that keeps its values to itself
    assert "Step(" not in text
    assert len(text) < 4_500


def test_a_failing_collision_shows_its_data() -> None:
    text = shown(colliding_snapshots(), has("merged in a circle"))
    assert '"merged_into":"C0"' in text
    assert len(text) < 1_500
