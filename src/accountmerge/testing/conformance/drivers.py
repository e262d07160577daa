"""Drivers of a store, awaited or not, that check its answers."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.changes.failures import ApplyRefused
from accountmerge.changes.receipts import Receipt
from accountmerge.errors import LoadError
from accountmerge.model.entities import KINDS
from accountmerge.model.snapshots import Snapshot
from accountmerge.testing.adapters import OUTCOMES, Crash, ForeignWrite, Outcome
from accountmerge.testing.conformance.law_broken import LawBroken
from accountmerge.testing.conformance.own_ids import OwnIds, expect_told
from accountmerge.testing.reference.fault_plans import Points

if TYPE_CHECKING:
    import pendulum

    from accountmerge.changes.change_sets import ChangeSet


WANTS_RUN = "the store is asynchronous: pass run=, such as asyncio.run"
WANTS_NO_RUN = "the store is not asynchronous: leave out run="
METHODS = ("seed", "dump", "preflight", "apply", "reopen", "foreign_write", "close")
"""The methods of an adapter."""


class Misused(TypeError):  # noqa: N818 - no law is broken, and no store is wrong
    """A wrong argument for the kit."""


@attrs.frozen
class Applied:
    """The result of applying a change set once.

    Attributes:
        outcomes: The answer of the store for each step.
        refused: Whether it refused the change set as a whole.
        crashed: Whether the process ended before it answered.
    """

    outcomes: Mapping[int, Outcome] = attrs.Factory(dict)
    refused: bool = False
    crashed: bool = False

    def is_done(self, change_set: ChangeSet) -> bool:
        """Return whether the store reports every step as done."""
        there = {ordinal for ordinal, outcome in self.outcomes.items() if outcome in ("applied", "already")}
        return not self.refused and there >= {step.ordinal for step in change_set.wanted_steps}


class Driver:
    """One store under test.

    Args:
        adapter: The store, or an asynchronous one.
        run: A function that runs a coroutine to its end. Default: None, for a synchronous store.
        own: The ids of the store in terms of a change set. Default: None, for a store that keeps the planned ids.

    Attributes:
        call: The last call of the adapter.

    Raises:
        Misused: It is no adapter; or it is asynchronous, and `run` is missing.
    """

    def __init__(
        self, adapter: Any, run: Callable[[Coroutine[Any, Any, Any]], Any] | None, own: OwnIds | None = None
    ) -> None:
        if own is not None and not callable(getattr(adapter, "receipts", None)):
            raise Misused(
                f"the factory made a {type(adapter).__name__}: with ids='own' an adapter has receipts"
            )
        if not all(callable(getattr(adapter, name, None)) for name in METHODS):
            needed = f"{', '.join(METHODS[:-1])} and {METHODS[-1]}"
            raise Misused(f"the factory made a {type(adapter).__name__}: an adapter has {needed}")
        if run is None and inspect.iscoroutinefunction(adapter.apply):
            raise Misused(WANTS_RUN)
        self.adapter = adapter
        self.is_async = run is not None
        self.own = own
        self.call = "none yet"
        self._untouched: Snapshot | None = None
        self._run = run or run_plainly

    def seed(self, snapshot: Snapshot) -> Any:
        """Empty and fill the store, and return its answer, which may be its ids."""
        self.call = f"seed of {sum(len(snapshot.table(kind.collection)) for kind in KINDS)} rows"
        self._untouched = None
        answer = self._run(_settled(lambda: self.adapter.seed(snapshot)))
        self._untouched = snapshot
        return answer

    def seed_anew(self, snapshot: Snapshot) -> None:
        """Empty and fill the store, unless it was filled with this snapshot and only read since."""
        if self._untouched is not snapshot:
            self.seed(snapshot)

    def _begin(self, call: str) -> None:
        """Note a call that may change the data."""
        self.call, self._untouched = call, None

    def dump(self) -> Snapshot:
        """Read all stored data; raise `LawBroken` if they are no snapshot."""
        snapshot: Snapshot = self._run(self._dumped())
        return snapshot

    async def _dumped(self) -> Any:
        earlier, self.call = self.call, "dump"
        try:
            answer = await _settled(self.adapter.dump)
        except LoadError as error:
            faults = ", ".join(f"{fault.path}: {fault.code}" for fault in error.faults[:5])
            raise LawBroken(f"what is stored is no whole snapshot any more ({faults})") from error
        if not isinstance(answer, Snapshot):
            raise LawBroken(f"dump has to return a Snapshot; it returned {type(answer).__name__}")
        self.call = earlier  # whose result is compared
        return answer if self.own is None else self.own.as_planned(answer, await self._receipts())

    async def _receipts(self) -> tuple[Receipt, ...]:
        return tuple(await _settled(self.adapter.receipts))

    def expect_told(self, change_set: ChangeSet) -> None:
        """Raise `LawBroken` unless a store with its own ids says them in its receipts."""
        if self.own is not None:
            receipts = self._run(self._receipts())
            expect_told(change_set, self._run(_settled(self.adapter.dump)), receipts)

    def ids_made(self) -> list[str]:
        """Return the kinds and own ids of the stored rows that the change set has made."""
        if self.own is None:
            return []
        stored = self._run(_settled(self.adapter.dump))
        names = self.own.names(stored, self._run(self._receipts()))
        return sorted(f"{name} {id}" for (name, _), id in names.items())

    async def _written(self, write: ForeignWrite) -> None:
        """Write as another program, by the ids of the store."""
        if self.own is not None:
            stored = await _settled(self.adapter.dump)
            write = self.own.as_stored(write, stored, await self._receipts())
        await _settled(lambda: self.adapter.foreign_write(write))

    def fits(self, change_set: ChangeSet, now: pendulum.DateTime) -> bool:
        """Return whether the preflight of the store finds no reason against a change set."""
        self._begin(f"preflight of {_told(change_set)}")
        return not self._run(_settled(lambda: self.adapter.preflight(change_set, now=now)))

    def apply(
        self, change_set: ChangeSet, now: pendulum.DateTime, points: Callable[[str], Any] | None = None
    ) -> Applied:
        """Have the store apply a change set, and listen at its points."""
        listen = points or Points()
        self._begin(f"apply of {_told(change_set)}")
        reach = _Awaiting(listen) if self.is_async else listen

        def call() -> Any:
            answer = self.adapter.apply(change_set, now=now, reach=reach)
            if isinstance(reach, _Awaiting) and not inspect.isawaitable(answer):
                reach.close()
                raise Misused(WANTS_NO_RUN)
            return answer

        try:
            answer = self._run(_settled(call))
        except Crash:
            return Applied(crashed=True)
        except ApplyRefused as refusal:
            steps = [failure.step for failure in refusal.failures if failure.step is not None]
            return Applied({min(steps): "drifted"} if steps else {}, refused=True)
        return Applied(_checked(answer))

    def reopen(self) -> None:
        """Have the store start again with its committed data."""
        self._begin("reopen")
        self._run(_settled(self.adapter.reopen))

    def foreign_write(self, write: ForeignWrite) -> None:
        """Write as another program."""
        self._begin(f"foreign_write of {write}")
        self._run(self._written(write))

    def close(self) -> None:
        """Release the store."""
        self.call = "close"
        self._run(_settled(self.adapter.close))

    def interrupting(self, act: Callable[[Meanwhile], Coroutine[Any, Any, Any]]) -> Callable[[], object]:
        """Return an action for a point, which is run at once or awaited by the store."""
        meanwhile = Meanwhile(self.adapter, self._dumped, self._written, self.is_async)
        return (lambda: act(meanwhile)) if self.is_async else (lambda: run_plainly(act(meanwhile)))


@attrs.frozen(repr=False)
class Meanwhile:
    """The possible actions on a store in the middle of applying."""

    adapter: Any
    dump: Callable[[], Awaitable[Snapshot]]
    foreign_write: Callable[[ForeignWrite], Coroutine[Any, Any, None]]
    is_async: bool

    async def apply(self, change_set: ChangeSet, now: pendulum.DateTime) -> None:
        """Apply another change set to its end, or have it refused."""
        reach = _awaited(_silence) if self.is_async else _silence
        try:
            await _settled(lambda: self.adapter.apply(change_set, now=now, reach=reach))
        except (ApplyRefused, BlockingIOError):
            return


def _told(change_set: ChangeSet) -> str:
    """Return a change set as its intent and its number of steps."""
    count = len(change_set.wanted_steps)
    return f"{change_set.intent}, {count} step{'' if count == 1 else 's'}"


def run_plainly(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine that never waits to its end; raise `Misused` if it waits."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    coroutine.close()
    raise Misused(WANTS_RUN)


async def _settled(call: Callable[[], Any]) -> Any:
    answer = call()
    return await answer if inspect.isawaitable(answer) else answer


def _awaited(listen: Callable[[str], Any]) -> Callable[[str], Awaitable[Any]]:
    async def reach(name: str) -> Any:
        return await _settled(lambda: listen(name))

    return reach


class _Awaiting:
    """Points that are awaited; unawaited ones are closed."""

    def __init__(self, listen: Callable[[str], Any]) -> None:
        self._reach = _awaited(listen)
        self._begun: list[Any] = []

    def __call__(self, name: str) -> Awaitable[Any]:
        self._begun.append(self._reach(name))
        awaited: Awaitable[Any] = self._begun[-1]
        return awaited

    def close(self) -> None:
        for waiting in self._begun:
            waiting.close()


def _silence(name: str) -> None:
    """Ignore a point."""


def _checked(answer: Any) -> dict[int, Outcome]:
    if not hasattr(answer, "items"):
        raise LawBroken(
            f"apply has to say what came of each step, by its ordinal; it said {type(answer).__name__}"
        )
    outcomes = dict(answer.items())
    wrong = [word for word in outcomes.values() if word not in OUTCOMES]
    if wrong:
        raise LawBroken(f"apply said {wrong[0]!r} of a step; it has to be one of {', '.join(OUTCOMES)}")
    return outcomes
