"""How often a verification calls an adapter: a call is a round trip to a database, so a level has a price."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import pytest

from accountmerge.testing.conformance import Level, Report, verify_store
from accountmerge.testing.conformance.drivers import METHODS
from accountmerge.testing.reference import ReferenceStore

pytestmark = pytest.mark.unmeasured
MOST_CALLS: dict[Level, int] = {"smoke": 4_000, "quick": 9_000}
FEWEST_CALLS = {"apply": 500, "dump": 500, "seed": 300, "reopen": 100, "preflight": 100, "foreign_write": 100}


class Counting:
    """Passes every call on to a reference store, and counts it."""

    def __init__(self, calls: Counter[str]) -> None:
        self._store = ReferenceStore()
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name not in METHODS:
            return found

        def counted(*arguments: Any, **more: Any) -> Any:
            self._calls[name] += 1
            return found(*arguments, **more)

        return counted


@cache
def verified(level: Level) -> tuple[Report, Counter[str]]:
    """Return the report of a store at a level, and how often each method was called."""
    calls: Counter[str] = Counter()
    return verify_store(lambda: Counting(calls), level=level), calls


@pytest.mark.parametrize("level", MOST_CALLS)
def test_a_level_calls_an_adapter_no_more_often_than_is_promised(level: Level) -> None:
    report, calls = verified(level)
    assert report.ok, str(report)
    assert calls.total() <= MOST_CALLS[level], calls
    assert not {name for name, fewest in FEWEST_CALLS.items() if calls[name] < fewest}, calls


def test_smoke_draws_no_plan_and_tries_every_other_law() -> None:
    report, _ = verified("smoke")
    status = {result.law: result.status for result in report.results}
    assert {law for law, word in status.items() if word != "pass"} == {
        "a_set_is_whole_or_nothing",
        "a_killed_process_leaves_no_trace",
        "any_course_of_events_ends_well",
    }
    assert max(result.counts.get("plans", 0) for result in report.results) < 15
