"""Trials: one law tried on one scenario, what it may do with the store, and what it counts."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.changes.applying import apply, check  # of sets that laws alter, whose seal does not fit
from accountmerge.model.entities import KINDS
from accountmerge.model.snapshots import Snapshot
from accountmerge.testing.conformance.broken_laws import LawBroken
from accountmerge.testing.conformance.capabilities import Capabilities
from accountmerge.testing.conformance.comparisons import differences, expect_one_of
from accountmerge.testing.conformance.drivers import Applied, Driver
from accountmerge.testing.reference.fault_plans import Points

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator

    import pendulum

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.changes.guards import Guard
    from accountmerge.testing.conformance.scenarios import Scenario

MOST_POINTS = 200
"""At how many points of one plan something is tried at the most; plans of people and of the kit have fewer."""


@attrs.frozen(repr=False, kw_only=True)
class Subject:
    """A store under test.

    Attributes:
        factory: Makes an adapter.
        capabilities: What the store promises.
        run: Runs a coroutine to its end, if the store is asynchronous.
    """

    factory: Callable[[], Any]
    capabilities: Capabilities
    run: Callable[[Coroutine[Any, Any, Any]], Any] | None = None

    @property
    def name(self) -> str:
        """What tells this store from others: where its factory is from."""
        made: Any = getattr(self.factory, "func", self.factory)  # of a partial, what it calls
        owner = getattr(made, "__self__", None)
        where = type(owner) if owner is not None else made
        named = getattr(where, "__qualname__", type(where).__qualname__)
        line = getattr(
            getattr(made, "__code__", None), "co_firstlineno", ""
        )  # one lambda is named as the other
        return f"{getattr(where, '__module__', '')}.{named}.{getattr(made, '__name__', '')}{line}"

    def driver(self) -> Driver:
        """Return a new store, ready to be driven."""
        return Driver(self.factory(), self.run)


class Inapplicable(Exception):  # noqa: N818 - nothing is wrong
    """There is nothing in a scenario for a law to look at."""


class Trial:
    """One law on one scenario.

    Args:
        subject: The store under test.
        driver: An open one.
        scenario: What it is tried on.
        counts: What is counted up: how much of what was exercised.

    Raises:
        CannotHold: The store cannot hold the data.
        Inapplicable: The request cannot be carried out on them.
        LawBroken: It cannot, because the store gives back other data than it was seeded with.
    """

    def __init__(self, subject: Subject, driver: Driver, scenario: Scenario, counts: Counter[str]) -> None:
        self.subject = subject
        self.scenario = scenario
        self.driver = driver
        self._counts = counts
        self.driver.seed(scenario.snapshot)
        self.present = self.look()
        planned = scenario.change_set_on(self.present)
        if planned is None:
            expect_one_of([scenario.snapshot], self.present, "seeded")
            raise Inapplicable
        self.change_set: ChangeSet = planned
        self._after: dict[int, Snapshot] = {}
        self.count("plans")

    @property
    def now(self) -> pendulum.DateTime:
        """What the clock of the store shows."""
        return self.scenario.now

    @property
    def has_versions(self) -> bool:
        """Whether the store promises to count versions."""
        return self.subject.capabilities.versions is not False

    def count(self, what: str, amount: int = 1) -> None:
        """Count what was exercised."""
        self._counts[what] += amount

    def fresh(self) -> Driver:
        """Return the store with the data as they were at first."""
        self.driver.seed(self.scenario.snapshot)
        return self.driver

    def look(self) -> Snapshot:
        """Return what the store holds, as it is planned on."""
        return self.as_read(self.driver.dump())

    def as_read(self, found: Snapshot, now: pendulum.DateTime | None = None) -> Snapshot:
        """Return data as they are planned on: read now, and without versions if the store counts none."""
        rows: dict[str, Any] = {kind.collection: found.table(kind.collection) for kind in KINDS}
        if not self.has_versions:
            rows = {name: [_unversioned(row) for row in table] for name, table in rows.items()}
        return Snapshot(now or self.now, complete_for=self.scenario.snapshot.complete_for, **rows)

    @cached_property
    def whole(self) -> Snapshot:
        """What the store has to hold when all is applied."""
        return apply(self.present, self.change_set)

    def after_steps(self, n: int) -> Snapshot:
        """Return what the store has to hold after some steps."""
        if n not in self._after:
            self._after[n] = apply(self.present, self.change_set.prefix(n))
        return self._after[n]

    @cached_property
    def names_of_points(self) -> list[str]:
        """The points that the store reaches while it applies all of the set."""
        points = Points()
        self.fresh().apply(self.change_set, self.now, points)
        return points.names

    def places(self) -> list[int]:
        """Return the points at which something is tried: all, or evenly chosen ones of very many."""
        return evenly(len(self.names_of_points), MOST_POINTS)


def evenly(count: int, most: int) -> list[int]:
    """Return places among so many, first and last included, but no more than wanted."""
    if count <= most:
        return list(range(count))
    return sorted({round(n * (count - 1) / (most - 1)) for n in range(most)})


@attrs.frozen(repr=False)
class End:
    """What a store may hold in the end, and whether all of the set is in it."""

    snapshot: Snapshot
    is_whole: bool


def possible_ends(state: Snapshot, change_set: ChangeSet, done: int = 0) -> Iterator[End]:
    """Yield what a store may hold when it was told to apply a set to such data, what is likely first.

    All of it, if nothing stands against it; otherwise the steps before the first that does not fit, or what
    there was. A store that knows of steps that they are done may have finished with them, whatever somebody
    made of their rows since, and do the rest.

    Args:
        state: The data; `taken_at` is the clock of the store.
        change_set: The set.
        done: How many steps the store knows to be done.
    """
    if 0 < done < len(change_set.wanted_steps):
        yield from _ends(state, _rest(change_set, done))
    elif done and len(change_set.wanted_steps) == done:
        yield End(state, is_whole=True)
    yield from _ends(state, change_set)


def without_absence_guards(change_set: ChangeSet) -> ChangeSet:
    """Return a set as a store sees it that compares, and asks nothing else: guards have a law of their own."""
    steps = [
        attrs.evolve(step, guards=tuple(guard for guard in step.guards if guard.kind == "unchanged"))
        for step in change_set.steps
    ]
    return attrs.evolve(change_set, steps=tuple(steps))


def _rest(change_set: ChangeSet, done: int) -> ChangeSet:
    """Return a set without its first steps; versions that those have counted up are named no more."""
    steps = change_set.wanted_steps
    written = {edit.key for step in steps[:done] for edit in step.edits}
    left = [
        attrs.evolve(step, guards=tuple(guard for guard in step.guards if _version_of(guard) not in written))
        for step in steps[done:]
    ]
    return attrs.evolve(change_set, steps=tuple(left), through=None)


def _version_of(guard: Guard) -> tuple[object, object] | None:
    return (guard.facts["entity"], guard.facts["id"]) if "version" in guard.facts else None


def _ends(state: Snapshot, change_set: ChangeSet) -> Iterator[End]:
    failures = check(state, change_set)
    if not failures:
        yield End(apply(state, change_set), is_whole=True)
        return
    first = min(failure.step or 0 for failure in failures)
    count = sum(step.ordinal < first for step in change_set.wanted_steps)
    for part in (change_set.prefix(n) for n in range(count, 0, -1)):
        if not check(state, part):
            yield End(apply(state, part), is_whole=False)
    yield End(state, is_whole=False)


def expect_end(
    ends: Iterable[End], found: Snapshot, applied: Applied, change_set: ChangeSet, when: str
) -> None:
    """See what a store holds in the end, and that it says how much of the set that is.

    Raises:
        LawBroken: It holds something else, or it says something else.
    """
    missed: list[Snapshot] = []
    reached = False
    is_done = applied.is_done(change_set)
    for end in ends:
        if differences(end.snapshot, found):
            missed.append(end.snapshot)
            continue
        reached = True
        if end.is_whole == is_done:
            if not is_done and not applied.refused and "drifted" not in applied.outcomes.values():
                raise LawBroken(f"{when}: steps are not there, and of none the store says 'drifted'")
            return
    if not reached:
        expect_one_of(missed, found, when)
    if is_done:
        raise LawBroken(f"{when}: the store says that every step is there, and that is not so")
    raise LawBroken(f"{when}: every step is there, and the store does not say so")


def _unversioned(row: Any) -> Any:
    return row if row.version is None else attrs.evolve(row, version=None)
