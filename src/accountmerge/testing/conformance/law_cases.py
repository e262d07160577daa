"""A case of one law on one scenario, with its use of the store and its counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from accountmerge.changes.applying import apply, check  # of sets that laws alter, whose seal does not fit
from accountmerge.changes.change_sets import ChangeSet
from accountmerge.model.construction import evolved
from accountmerge.model.entities import KINDS, Entity
from accountmerge.model.limits import Limits
from accountmerge.model.snapshots import Snapshot
from accountmerge.testing.adapters import CannotHold, ForeignWrite
from accountmerge.testing.conformance.capabilities import Capabilities
from accountmerge.testing.conformance.comparisons import differences, expect_one_of
from accountmerge.testing.conformance.drivers import Applied, Driver
from accountmerge.testing.conformance.law_broken import LawBroken
from accountmerge.testing.conformance.own_ids import Ids, OwnIds, matched
from accountmerge.testing.conformance.profiles import Level
from accountmerge.testing.conformance.scenarios import Scenario
from accountmerge.testing.reference.fault_plans import Points
from accountmerge.testing.reference.foreign_writes import scribbles
from accountmerge.testing.reference.narrow_data import is_held
from accountmerge.testing.reference.renamed_rows import Names, renamed_snapshot

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator

    import pendulum

    from accountmerge.changes.guards import Guard

MOST: Mapping[Level, int] = {"smoke": 4, "quick": 5, "full": 200}
"""The most points, rows or prefixes of one plan that a law tries; at `full` these are nearly always all."""
MOST_OF_A_DRAWN_PLAN = 3
"""The same for a drawn plan at `quick`."""

T = TypeVar("T")


@attrs.define(repr=False)
class Seen:
    """The earlier use of a scenario in a store.

    Attributes:
        scenario: The scenario.
        present: The seeded data, as they were read; or the reason for which the store cannot hold them.
        points: The names of the points while the whole change set is applied; None if unknown.
        names: The ids of the store by kind and seeded id, if they differ.
        seeded: The seeded data, with the ids of the store.
        done: The change set that was applied before; None for none.
    """

    scenario: Scenario
    present: Snapshot | CannotHold
    points: list[str] | None = None
    names: Names = attrs.Factory(dict)
    seeded: Snapshot | None = None
    done: ChangeSet | None = None


@attrs.frozen(repr=False, kw_only=True)
class Subject:
    """A store under test.

    Attributes:
        factory: A function that makes an adapter.
        capabilities: The promises of the store.
        run: A function that runs a coroutine to its end, if the store is asynchronous.
        level: How much of each plan is tried.
        ids: Whether the store keeps planned ids or gives its own ones.
        limits: The limits of the store, or None.
        seen: The earlier uses of scenarios, by identity.
    """

    factory: Callable[[], Any]
    capabilities: Capabilities
    run: Callable[[Coroutine[Any, Any, Any]], Any] | None = None
    level: Level = "full"
    ids: Ids = "planned"
    limits: Limits | None = None
    seen: dict[int, Seen] = attrs.field(factory=dict, eq=False)

    @property
    def name(self) -> str:
        """The origin of the factory, which distinguishes this store from others."""
        made: Any = getattr(self.factory, "func", self.factory)  # the function of a partial
        owner = getattr(made, "__self__", None)
        where = type(owner) if owner is not None else made
        named = getattr(where, "__qualname__", type(where).__qualname__)
        line = getattr(
            getattr(made, "__code__", None), "co_firstlineno", ""
        )  # one lambda is named as the other
        return f"{getattr(where, '__module__', '')}.{named}.{getattr(made, '__name__', '')}{line}"

    def driver(self) -> Driver:
        """Return a driver of a new store."""
        own = OwnIds(by_meaning=self.capabilities.atomic_step is not True) if self.ids == "own" else None
        return Driver(self.factory(), self.run, own)


class Inapplicable(Exception):  # noqa: N818 - no error
    """The scenario has no example of the law."""


class LawCase:
    """One law on one scenario.

    Args:
        subject: The store under test.
        driver: An open driver of it.
        scenario: The scenario.
        counts: The counts to increase.

    Raises:
        CannotHold: The store cannot hold the data.
        Inapplicable: The plan is blocked or empty on them.
        LawBroken: It is, because the store returns other data than the seeded ones.
    """

    def __init__(self, subject: Subject, driver: Driver, scenario: Scenario, counts: Counter[str]) -> None:
        self.subject = subject
        self.scenario = scenario
        self.driver = driver
        self._counts = counts
        self._seen = subject.seen.get(id(scenario)) or self._first_seen()
        if isinstance(self._seen.present, CannotHold):
            raise self._seen.present
        self.present: Snapshot = self._seen.present
        self._work = scenario.work_on(self.present, self._seen.names, self._seen.done)
        if self._work.change_set is None:
            if self._seen.done is None:
                expect_one_of([self.seeded], self.present, "seeded")
            raise Inapplicable
        self.change_set: ChangeSet = self._work.change_set
        self.planned_as(self.change_set)
        self.count("plans")

    def _first_seen(self) -> Seen:
        """Seed the data and read them, for this law and all later ones."""
        self.planned_as(None)
        try:
            answer = self.driver.seed(self.base)
            seen = Seen(self.scenario, self.look())
        except CannotHold as refusal:
            seen = Seen(self.scenario, refusal)
        else:
            if self.driver.own is not None:
                self._name(seen, answer)
        self.subject.seen[id(self.scenario)] = seen
        return seen

    def _name(self, seen: Seen, answer: Any) -> None:
        """Learn the ids of a store that gives its own, and apply what is undone later."""
        present: Any = seen.present
        seen.names = dict(answer) if isinstance(answer, Mapping) else matched(self.base, present)
        seen.seeded = renamed_snapshot(self.base, seen.names)
        prelude = self.scenario.prelude
        if prelude is not None:
            forward = prelude.change_set_on(present, seen.names)
            if forward is not None:
                seen.done = forward.prefix(min(prelude.through, len(forward.steps)))
                self.planned_as(seen.done)
                self.driver.apply(seen.done, self.now)
                seen.present = self.look()

    @property
    def base(self) -> Snapshot:
        """The data to seed, which are before the undone change set if the store has its own ids."""
        prelude = self.scenario.prelude
        return self.scenario.snapshot if prelude is None or self.driver.own is None else prelude.snapshot

    @property
    def seeded(self) -> Snapshot:
        """The data to seed, with the ids of the store."""
        return self._seen.seeded or self.base

    def planned_as(self, change_set: ChangeSet | None) -> None:
        """Read the data from now on with the planned ids of a change set."""
        if self.driver.own is not None:
            self.driver.own.change_set = change_set

    def replanned(self) -> ChangeSet | None:
        """Plan the same request on the present data, and read them with its planned ids."""
        self.planned_as(None)
        change_set = self.scenario.planned_on(self.look(), self._seen.names, self._seen.done)
        self.planned_as(change_set)
        return change_set

    @property
    def rival(self) -> ChangeSet | None:
        """The change set of another program, planned on the same data, or None."""
        rival_on = self.scenario.rival_on
        return rival_on(self.present, self._seen.names) if rival_on else None

    @property
    def now(self) -> pendulum.DateTime:
        """The time on the clock of the store."""
        return self.scenario.now

    @property
    def has_versions(self) -> bool:
        """Whether the store promises to count versions."""
        return self.subject.capabilities.versions is not False

    def count(self, what: str, amount: int = 1) -> None:
        """Increase the count of an exercised kind."""
        self._counts[what] += amount

    def scribbles(self, row: Entity) -> tuple[Entity, ...]:
        """Return a row as another program may have written it, within the limits of the store."""
        limits = self.subject.limits
        return tuple(other for other in scribbles(row) if limits is None or not any(limits.violations(other)))

    def can_hold(self, write: ForeignWrite, snapshot: Snapshot) -> bool:
        """Return whether the store can hold data after a write."""
        return is_held(write, snapshot, self.subject.limits)

    def fresh(self) -> Driver:
        """Return the store with the first data again."""
        self.planned_as(self.change_set)
        self.driver.seed_anew(self.base)
        if self._seen.done is not None:
            self.driver.apply(self._seen.done, self.now)
        return self.driver

    def look(self) -> Snapshot:
        """Return the content of the store, as it is planned on."""
        return self.as_read(self.driver.dump())

    def as_read(self, stored: Snapshot, now: pendulum.DateTime | None = None) -> Snapshot:
        """Return data read now, and without versions if the store counts none."""
        rows: dict[str, Any] = {kind.collection: stored.table(kind.collection) for kind in KINDS}
        if not self.has_versions:
            rows = {name: [_unversioned(row) for row in table] for name, table in rows.items()}
        return Snapshot(now or self.now, complete_for=self.scenario.snapshot.complete_for, **rows)

    @property
    def whole(self) -> Snapshot:
        """The expected data when all steps are applied."""
        return self._work.whole

    def after_steps(self, n: int) -> Snapshot:
        """Return the expected data after some steps."""
        return self._work.after_steps(n)

    @property
    def names_of_points(self) -> list[str]:
        """The points that the store reaches while it applies the whole change set."""
        if self._seen.points is None:
            points = Points()
            self.fresh().apply(self.change_set, self.now, points)
            self._seen.points = points.names
        return self._seen.points

    @property
    def is_full(self) -> bool:
        """Whether everything is tried, and no choice of it."""
        return self.subject.level == "full"

    def some(self, all_of_them: Sequence[T]) -> list[T]:
        """Return the points, rows or prefixes to try, evenly chosen, first and last included."""
        is_drawn = self.subject.level == "quick" and self.scenario.is_drawn
        most = MOST_OF_A_DRAWN_PLAN if is_drawn else MOST[self.subject.level]
        return [all_of_them[n] for n in evenly(len(all_of_them), most)]

    def places(self, kind: re.Pattern[str] | None = None) -> list[int]:
        """Return the points to try, of all or of those with a kind of name.

        Each point of a worked example is tried if a store writes a step edit by edit.
        """
        names = enumerate(self.names_of_points)
        places = [at for at, name in names if kind is None or kind.fullmatch(name)]
        is_each_telling = self.subject.capabilities.atomic_step is not True and not self.scenario.is_drawn
        return places if is_each_telling else self.some(places)


def evenly(count: int, most: int) -> list[int]:
    """Return at most so many evenly chosen places, first and last included."""
    if count <= most:
        return list(range(count))
    return sorted({round(n * (count - 1) / (most - 1)) for n in range(most)})


@attrs.frozen(repr=False)
class End:
    """A possible final content of a store, and whether it has the whole change set."""

    snapshot: Snapshot
    is_whole: bool


def possible_ends(state: Snapshot, change_set: ChangeSet, done: int = 0) -> Iterator[End]:
    """Yield the possible results of applying a change set to data, the likely ones first.

    They are the whole result if the change set fits; otherwise the steps before the first that does not fit,
    or the data as they were. A store may count the steps that it knows as done, even if other programs have
    changed their rows since, and apply the rest.

    Args:
        state: The data; `taken_at` is the clock of the store.
        change_set: The change set.
        done: The number of steps that the store knows as done.
    """
    if 0 < done < len(change_set.wanted_steps):
        yield from _ends(state, _rest(change_set, done))
    elif done and len(change_set.wanted_steps) == done:
        yield End(state, is_whole=True)
    yield from _ends(state, change_set)


def without_absence_guards(change_set: ChangeSet) -> ChangeSet:
    """Return a change set without the guards that only another law covers."""
    steps = [
        attrs.evolve(step, guards=tuple(guard for guard in step.guards if guard.kind == "unchanged"))
        for step in change_set.steps
    ]
    return attrs.evolve(change_set, steps=tuple(steps))


def _rest(change_set: ChangeSet, done: int) -> ChangeSet:
    """Return a change set without its first steps, and without the versions that these have changed."""
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
    ends: Iterable[End], actual: Snapshot, applied: Applied, change_set: ChangeSet, when: str
) -> None:
    """Raise `LawBroken` unless a store holds a possible end and reports its steps truly."""
    missed: list[Snapshot] = []
    reached = False
    is_done = applied.is_done(change_set)
    for end in ends:
        if differences(end.snapshot, actual):
            missed.append(end.snapshot)
            continue
        reached = True
        if end.is_whole == is_done:
            if not is_done and not applied.refused and "drifted" not in applied.outcomes.values():
                raise LawBroken(f"{when}: steps are not there, and of none the store says 'drifted'")
            return
    if not reached:
        expect_one_of(missed, actual, when)
    if is_done:
        raise LawBroken(f"{when}: the store says that every step is there, and that is not so")
    raise LawBroken(f"{when}: every step is there, and the store does not say so")


def _unversioned(row: Any) -> Any:
    return row if row.version is None else evolved(row, version=None)
