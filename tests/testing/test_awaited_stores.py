"""A store that is awaited is put to the same test, over whatever runs its coroutines."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from accountmerge.testing.conformance import verify_store
from accountmerge.testing.reference import ReferenceStore

if TYPE_CHECKING:
    from collections.abc import Callable

    import pendulum

    import accountmerge as am
    from accountmerge.testing.adapters import AsyncStoreAdapter, ForeignWrite, Outcome, Reach

pytestmark = pytest.mark.unmeasured


class AwaitedStore:
    """The reference store behind a connection: each call is made in a thread, and awaited."""

    def __init__(self) -> None:
        self.store = ReferenceStore()

    async def seed(self, snapshot: am.Snapshot) -> None:
        await asyncio.to_thread(self.store.seed, snapshot)

    async def dump(self) -> am.Snapshot:
        return await asyncio.to_thread(self.store.dump)

    async def preflight(self, change_set: am.ChangeSet, *, now: pendulum.DateTime) -> tuple[str, ...]:
        return await asyncio.to_thread(self.store.preflight, change_set, now=now)

    async def apply(
        self, change_set: am.ChangeSet, *, now: pendulum.DateTime, reach: Reach
    ) -> dict[int, Outcome]:
        loop = asyncio.get_running_loop()

        def reach_from_there(name: str) -> Any:
            return asyncio.run_coroutine_threadsafe(reach(name), loop).result()

        return await asyncio.to_thread(self.store.apply, change_set, now=now, reach=reach_from_there)

    async def reopen(self) -> None:
        await asyncio.to_thread(self.store.reopen)

    async def foreign_write(self, write: ForeignWrite) -> None:
        await asyncio.to_thread(self.store.foreign_write, write)

    async def close(self) -> None:
        await asyncio.to_thread(self.store.close)


class HastyStore(AwaitedStore):
    """Does not wait for what it started: says that a step is written before it is."""

    async def apply(
        self, change_set: am.ChangeSet, *, now: pendulum.DateTime, reach: Reach
    ) -> dict[int, Outcome]:
        for step in change_set.wanted_steps:
            await reach(f"before {step.ordinal}")
            await reach(f"committed {step.ordinal}")
        return await super().apply(change_set, now=now, reach=_silence)


async def _silence(point: str) -> None:
    """Reach a point that nobody listens at."""


@pytest.mark.parametrize("level", ["smoke", pytest.param("quick", marks=pytest.mark.long)])
def test_an_awaited_store_is_verified_on_a_loop_that_it_keeps(level: Any) -> None:
    factory: Callable[[], AsyncStoreAdapter] = AwaitedStore
    with asyncio.Runner() as runner:
        report = verify_store(factory, run=runner.run, level=level)
    assert report.ok, str(report)


def test_a_fault_of_an_awaited_store_is_found() -> None:
    report = verify_store(HastyStore, run=asyncio.run, level="smoke")
    assert report.broken == ("a_step_is_whole_or_nothing",), str(report)


def test_an_awaited_store_without_what_runs_it_is_told() -> None:
    with pytest.raises(TypeError, match=r"pass run=, such as asyncio\.run"):
        verify_store(AwaitedStore)
