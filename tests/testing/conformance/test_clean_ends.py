"""Clean ends: whatever goes wrong, every adapter that was opened is closed, and a failing run ends soon."""

from __future__ import annotations

import json
import time
from typing import Any, ClassVar

import pytest
from broken_stores import ForgetsOptOuts
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from accountmerge.testing.adapters import CannotHold
from accountmerge.testing.conformance import LawBroken, StoreMachine, machines, try_law, verify_store
from accountmerge.testing.reference import ReferenceStore

APPLYING = "applying_does_what_the_set_says"
MACHINE = "any_course_of_events_ends_well"
FEW = settings(max_examples=8, stateful_step_count=4, deadline=None, database=None)


class Counted:
    """Counts the stores that are open."""

    open: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        Counted.open += 1

    def close(self) -> None:
        Counted.open -= 1
        super().close()  # type: ignore[misc]


class CountedRight(Counted, ReferenceStore):
    """Right."""


class CountedBroken(Counted, ForgetsOptOuts):
    """Forgets."""


class CountedFull(Counted, ReferenceStore):
    """Has no room."""

    def seed(self, snapshot: Any) -> None:
        raise CannotHold


@pytest.mark.unmeasured
@pytest.mark.parametrize("store", [CountedRight, CountedBroken, CountedFull])
@pytest.mark.parametrize("law", [APPLYING, MACHINE])
def test_every_adapter_is_closed_again(store: Any, law: str) -> None:
    Counted.open = 0
    verify_store(store, laws=[law], settings=FEW)
    assert Counted.open == 0


def test_a_plan_that_breaks_a_law_leaves_nothing_open() -> None:
    (result,) = verify_store(CountedBroken, laws=[APPLYING], settings=FEW).results
    assert result.failure is not None
    Counted.open = 0
    with pytest.raises(LawBroken):
        try_law(CountedBroken, result.failure.as_json())
    assert Counted.open == 0
    assert json.loads(result.failure.as_json())["law"] == APPLYING


class ClosesBadly(ReferenceStore):
    """Cannot close any more after it has failed."""

    failed = False

    def apply(self, *arguments: Any, **more: Any) -> Any:
        self.failed = True
        raise OSError("the disk is full")

    def close(self) -> None:
        if self.failed:
            raise OSError("closed badly")


@pytest.mark.parametrize("law", [APPLYING, MACHINE])
def test_a_fault_of_closing_does_not_hide_the_one_before(law: str) -> None:
    (result,) = verify_store(ClosesBadly, laws=[law], settings=FEW).results
    assert result.why == "the store failed with OSError: the disk is full"


def test_a_course_that_breaks_a_store_is_made_smaller_for_a_while_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    after: list[float] = []

    class LosesAll(ReferenceStore):
        def apply(self, *arguments: Any, **more: Any) -> Any:
            after.append(time.monotonic())
            return dict.fromkeys(super().apply(*arguments, **more), "unknown")

    monkeypatch.setattr(machines, "SHRINKING", -1.0)
    (result,) = verify_store(LosesAll, laws=[MACHINE]).results
    assert result.status == "fail"
    assert len(after) <= 2
    assert result.failure is not None
    assert "delivered" in result.failure.scenario
    assert result.why == result.failure.why


class OneMachine(StoreMachine):
    def make_store(self) -> ReferenceStore:
        return ReferenceStore()


class OtherMachine(StoreMachine):
    def make_store(self) -> ReferenceStore:
        return ReferenceStore()


def test_each_machine_counts_for_itself() -> None:
    run_state_machine_as_test(OneMachine, settings=FEW)
    assert OneMachine.counts["courses"] > 0
    assert not OtherMachine.counts
    assert not StoreMachine.counts
