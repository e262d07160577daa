"""Failures: what is given out as a test runs as it stands, and fails on the store that broke the law."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from broken_stores import ForgetsOptOuts

import accountmerge as am
from accountmerge.testing.conformance import Capabilities, KnownBroken, LawBroken, try_law, verify_store
from accountmerge.testing.reference import ReferenceStore

APPLYING = "applying_does_what_the_set_says"
STEPS = "a_step_is_whole_or_nothing"
KILL = "a_killed_process_leaves_no_trace"
RIVALS = "another_plan_in_between_is_respected"


class Awaited:
    """A store that is awaited."""

    def __init__(self, store: ReferenceStore) -> None:
        self._store = store

    async def apply(self, change_set: am.ChangeSet, *, now: Any, reach: Any) -> Any:
        names: list[str] = []
        found = self._store.apply(change_set, now=now, reach=names.append)
        for name in names:
            await reach(name)
        return found

    def __getattr__(self, name: str) -> Any:
        async def call(*arguments: Any, **more: Any) -> Any:
            return getattr(self._store, name)(*arguments, **more)

        return call


class RivalBlind(ReferenceStore):
    """Writes back what was there when it began, whatever somebody else did meanwhile."""

    def apply(self, change_set: am.ChangeSet, *, now: Any, reach: Any) -> Any:
        before = self._disk.copy()
        reach("before 1")
        self._disk = before
        return super().apply(change_set, now=now, reach=reach)


def failure_of(report: Any) -> Any:
    assert report.results[-1].failure is not None, str(report)
    return report.results[-1].failure


def run(source: str, law: str, **names: Any) -> None:
    exec(compile(source, "a test", "exec"), names)  # noqa: S102 - that is what it is for
    names[f"test_{law}"]()


def test_of_a_store_that_is_awaited_the_test_says_what_runs_it() -> None:
    def make_store() -> Awaited:
        return Awaited(ForgetsOptOuts())

    failure = failure_of(verify_store(make_store, run=asyncio.run, laws=[APPLYING]))
    with pytest.raises(LawBroken, match="opt_outs"):
        run(failure.as_test(), APPLYING, make_store=make_store)
    run(failure.as_test(), APPLYING, make_store=lambda: Awaited(ReferenceStore()))
    assert "run=in_my_loop" in failure.as_test(run="in_my_loop")
    with pytest.raises(LawBroken, match="opt_outs"):
        run(failure.as_test(run="in_my_loop"), APPLYING, make_store=make_store, in_my_loop=asyncio.run)


def test_promises_that_are_not_the_usual_ones_stand_in_the_test() -> None:
    promises = Capabilities(versions=False, atomic_step=KnownBroken("T-1"))
    failure = failure_of(verify_store(ForgetsOptOuts, capabilities=promises, laws=[APPLYING]))
    text = failure.as_test()
    assert "capabilities=Capabilities(atomic_step=KnownBroken(ticket='T-1'), versions=False)" in text
    with pytest.raises(LawBroken):
        run(text, APPLYING, make_store=ForgetsOptOuts)
    run(text, APPLYING, make_store=ReferenceStore)


@pytest.mark.parametrize("promise", [True, KnownBroken("T-1")])
def test_what_needs_more_than_a_plan_is_looked_for_again(promise: Any) -> None:
    promises = Capabilities(survives_kill=promise)
    failure = failure_of(verify_store(ReferenceStore, capabilities=promises, level="full", laws=[KILL]))
    assert "verify_store(" in failure.as_test()
    with pytest.raises(LawBroken):
        run(failure.as_test(), KILL, make_store=ReferenceStore)


def test_a_rival_is_not_in_the_plan_and_is_looked_for_again() -> None:
    promises = Capabilities(durable_progress=False, versions=False)
    failure = failure_of(verify_store(RivalBlind, capabilities=promises, laws=[RIVALS]))
    with pytest.raises(LawBroken):
        run(failure.as_test(), RIVALS, make_store=RivalBlind)
    with pytest.raises(am.AccountMergeError):
        try_law(RivalBlind, failure.as_json())
