"""The state machine, which tries any course of deliveries, crashes, foreign writes and new plans."""

from __future__ import annotations

import sys
import time
from collections import Counter
from contextlib import nullcontext, suppress
from traceback import format_exception
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import reject, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException, Unsatisfiable
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accountmerge.changes.failures import ApplyRefused
from accountmerge.model.entities import kind_of
from accountmerge.plans.executions import invert
from accountmerge.testing.adapters import CannotHold
from accountmerge.testing.conformance.capabilities import Capabilities
from accountmerge.testing.conformance.comparisons import expect_untouched
from accountmerge.testing.conformance.drivers import Misused
from accountmerge.testing.conformance.example_databases import kept_apart
from accountmerge.testing.conformance.law_cases import (
    End,
    Inapplicable,
    LawCase,
    Subject,
    expect_end,
    possible_ends,
    without_absence_guards,
)
from accountmerge.testing.conformance.own_ids import Ids
from accountmerge.testing.conformance.profiles import THE_MACHINE
from accountmerge.testing.conformance.reports import Failure, LawResult
from accountmerge.testing.conformance.runners import NOT_HELD, SHRINKING, Enough, reason_of, seeded, told
from accountmerge.testing.conformance.scenarios import Narrow, scenario_of
from accountmerge.testing.reference.fault_plans import Points, crash
from accountmerge.testing.reference.written_data import edits_of, row_of
from accountmerge.testing.strategies.foreign_writes import foreign_writes
from accountmerge.testing.strategies.planned_cases import PlannedCase, planned_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.model.snapshots import Snapshot
    from accountmerge.testing.conformance.drivers import Applied

MOST_POINTS = 12
"""The last point at which a delivery of a course may crash."""

MOST_NOT_HELD = 100
"""The number of plans drawn before the store counts as one that can hold none of them."""


class NoneHeld(BaseException):
    """The store could hold the data of no plan, and more plans would only take longer."""


class StoreMachine(RuleBasedStateMachine):
    """Courses of events, drawn by hypothesis; subclass it, define `make_store`, and add rules.

    `model` is the last known content of the store. After each event the store must hold one of the possible
    results of the event; between events its data must not change.

    Attributes:
        capabilities: The promises of the store.
        run: A function that runs a coroutine to its end, for an asynchronous store (as a `staticmethod`).
        ids: Whether the store keeps planned ids or gives its own ones.
        narrow: The limits of the store and its data of records, if it has limits.
        model: The content of the store.
        plan: The change set that is delivered.
        earlier: Change sets that were delivered before.
        course: The events so far, as kinds and ids.
        counts: The exercised amounts of all courses of this class.
        not_held: The reasons for which the store could not hold data.
        failure: The shortest failing course of this class.
    """

    capabilities: ClassVar[Capabilities] = Capabilities()
    run: ClassVar[Any] = None
    ids: ClassVar[Ids] = "planned"
    narrow: ClassVar[Narrow | None] = None
    counts: ClassVar[Counter[str]] = Counter()
    not_held: ClassVar[Counter[str]] = Counter()
    failure: ClassVar[Failure | None] = None
    _fault: ClassVar[Exception | None] = None
    _shortest: ClassVar[int] = sys.maxsize
    _since: ClassVar[float | None] = None
    _patience: ClassVar[float | None] = None

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.counts, cls.not_held = Counter(), Counter()
        cls.failure, cls._fault, cls._shortest, cls._since = None, None, sys.maxsize, None

    def __init__(self) -> None:
        self._expect_time_left()
        super().__init__()
        self._handled = sys.exc_info()[1]
        self.course: list[str] = []
        self.earlier: list[ChangeSet] = []
        self._told: dict[str, int] = {}
        self.case: LawCase | None = None

    def make_store(self) -> Any:
        """Return an adapter; a subclass must define it."""
        raise NotImplementedError("say in a subclass how an adapter is made: def make_store(self)")

    @initialize(case=planned_cases())
    def begin(self, case: PlannedCase) -> None:
        """Seed the store, and plan on the data that it returns."""
        subject = Subject(
            factory=self.make_store,
            capabilities=self.capabilities,
            run=type(self).run,
            ids=self.ids,
            limits=self.narrow.limits if self.narrow else None,
        )
        scenario = scenario_of(case, "a course of events")
        if self.narrow is not None:
            scenario = self.narrow.scenario(scenario)
        driver = subject.driver()
        try:
            self.case = LawCase(subject, driver, scenario, self.counts)
        except BaseException as error:
            with suppress(Exception):  # one fault at a time
                driver.close()
            if isinstance(error, CannotHold):
                self._count_as_not_held(error)
            if isinstance(error, CannotHold | Inapplicable):
                reject()
            raise
        self.model: Snapshot = self.case.present
        self.plan: ChangeSet = self.case.change_set
        self.counts["courses"] += 1

    def _count_as_not_held(self, refusal: CannotHold) -> None:
        """Count a plan with data that the store cannot hold; raise `NoneHeld` after many of them."""
        self.counts[NOT_HELD] += 1
        self.not_held[reason_of(refusal)] += 1
        if (
            self._patience is not None
            and not self.counts["courses"]
            and self.counts[NOT_HELD] >= MOST_NOT_HELD
        ):
            raise NoneHeld

    @property
    def _case(self) -> LawCase:
        if self.case is None:
            reject()
        return self.case

    def _happened(self, what: str, counted: str) -> None:
        self._expect_time_left()
        self.course.append(what)
        self.counts[counted] += 1

    def _expect_time_left(self) -> None:
        """Raise `Enough` if there is no time left to look for a shorter course."""
        if self._patience is None or self._since is None:
            return
        if time.monotonic() - self._since > self._patience:
            raise Enough

    def _keep(self, fault: Exception) -> None:
        """Keep this failing course, if it is the shortest so far."""
        cls = type(self)
        cls._since = cls._since or time.monotonic()
        if len(self.course) >= cls._shortest:
            return
        cls._shortest, cls._fault = len(self.course), fault
        if self.case is not None:
            cls.failure = Failure(
                THE_MACHINE,
                "; ".join(self.course),
                told(fault),
                self.model,
                self.plan,
                capabilities=self.capabilities,
                is_async=cls.run is not None,
                call=self.case.driver.call,
                ids=self.ids,
                limits=self.narrow.limits if self.narrow else None,
                traceback="".join(format_exception(fault)),
            )

    @rule(part=st.integers(0, 30))
    def deliver(self, part: int) -> None:
        """Deliver a prefix of the change set, or all of it."""
        self._deliver(self.plan.prefix(part) if part < len(self.plan.wanted_steps) else self.plan)

    @rule(which=st.integers(0, 3))
    @precondition(lambda self: self.earlier)
    def deliver_an_earlier_one(self, which: int) -> None:
        """Deliver again a change set that was planned, and perhaps delivered, before."""
        self._deliver(self.earlier[which % len(self.earlier)])

    def _deliver(self, change_set: ChangeSet) -> None:
        case, state = self._case, self._seen_as(change_set)
        self._happened(f"{change_set.intent}, {len(change_set.wanted_steps)} steps delivered", "deliveries")
        applied = case.driver.apply(change_set, case.now)
        self.model = case.look()
        expect_end(self._ends(state, change_set), self.model, applied, change_set, self.course[-1])
        self._remember(change_set, applied)

    def _seen_as(self, change_set: ChangeSet) -> Snapshot:
        """Return the data, for a store with its own ids with the planned ids of a change set."""
        self._case.planned_as(change_set)
        if self.ids == "own":
            self.model = self._case.look()
        return self.model

    def _ends(self, state: Snapshot, change_set: ChangeSet) -> Iterator[End]:
        """Return the possible results of a delivery; a store may skip steps that it reported as done."""
        done = min(self._told.get(change_set.plan_id, 0), len(change_set.wanted_steps))
        yield from possible_ends(state, change_set, done)
        if self.capabilities.absence_guards is not True:
            yield from possible_ends(state, without_absence_guards(change_set), done)
        if done:
            yield End(state, is_whole=False)

    def _remember(self, change_set: ChangeSet, applied: Applied) -> None:
        there = [ordinal for ordinal, word in applied.outcomes.items() if word in ("applied", "already")]
        told_before = self._told.get(change_set.plan_id, 0)
        self._told[change_set.plan_id] = max([told_before, *there])

    @rule(at=st.integers(0, MOST_POINTS))
    @precondition(lambda self: self.capabilities.durable_progress is True)
    def deliver_and_crash(self, at: int) -> None:
        """Deliver the change set, crash at one of its points, reopen the store and deliver again."""
        case, state = self._case, self._seen_as(self.plan)
        self._happened(f"{self.plan.intent} delivered with a crash at point {at}", "crashes")
        case.driver.apply(self.plan, case.now, Points(at, crash))
        case.driver.reopen()
        applied = case.driver.apply(self.plan, case.now)
        self.model = case.look()
        expect_end(self._ends(state, self.plan), self.model, applied, self.plan, self.course[-1])
        self._remember(self.plan, applied)

    @rule(data=st.data())
    @precondition(
        lambda self: self.capabilities.compare_and_set is True and self.capabilities.absence_guards is True
    )
    def somebody_writes(self, data: st.DataObject) -> None:
        """Another program writes to rows that the change set depends on, or to a bystander."""
        write = data.draw(foreign_writes(self._seen_as(self.plan), self.plan))
        new = {
            edit.key
            for edit in edits_of(self.plan)
            if edit.before is None and row_of(self.model, edit) is None
        }
        if self.ids == "own" and any((kind_of(row).name, row.id) in new for row in write.put):
            return  # a row that others add there has no planned id
        if not self._case.can_hold(write, self.model):
            return
        self._happened(f"{write}", "foreign writes")
        try:
            self._case.driver.foreign_write(write)
        except BlockingIOError:
            return
        self.model = self._case.look()

    @rule()
    def plan_again(self) -> None:
        """Plan the same request on the present data."""
        planned = self._case.replanned()
        if planned is not None:
            self._happened("planned again", "new plans")
            self.earlier.append(self.plan)
            self.plan = planned
        self._seen_as(self.plan)

    @rule()
    def take_it_back(self) -> None:
        """Make the undo of this change set the next one to deliver, if there is one."""
        try:
            inverse = invert(self.plan).confirm(by="Ann Example", at=self._case.now)
        except ApplyRefused:
            return
        self._happened("taking it back", "undone plans")
        self.earlier.append(self.plan)
        self.plan = inverse
        self._seen_as(inverse)

    @rule()
    @precondition(lambda self: self.capabilities.durable_progress is True)
    def open_again(self) -> None:
        """The process ends and starts again."""
        self._happened("opened again", "times it was opened again")
        self._case.driver.reopen()

    @invariant()
    def nothing_happens_by_itself(self) -> None:
        """Expect that the data do not change between events."""
        if self.case is not None:
            expect_untouched(
                self.model, self.case.look(), "between two events", versions=self.case.has_versions
            )

    def teardown(self) -> None:
        """Keep a failure, and release the store."""
        fault = sys.exc_info()[1]
        if fault is self._handled:
            fault = None
        if isinstance(fault, Exception) and not isinstance(fault, HypothesisException):
            self._keep(fault)
        if self.case is not None:
            with suppress(Exception) if fault else nullcontext():  # one fault at a time
                self.case.driver.close()


def run_machine(
    subject: Subject, narrow: Narrow | None, how: settings, drawn_with: int, on_example: Callable[[], object]
) -> LawResult:
    """Return the result of the law that the state machine tries."""

    class Machine(StoreMachine):
        capabilities = subject.capabilities
        _patience = SHRINKING

        def make_store(self) -> Any:
            on_example()
            return subject.factory()

    Machine.run, Machine.ids, Machine.narrow = subject.run, subject.ids, narrow
    how = settings(how, database=kept_apart(how.database, subject.name, THE_MACHINE))
    try:
        run_state_machine_as_test(seeded(Machine, how, drawn_with), settings=how)
    except (NoneHeld, Unsatisfiable):  # how little was exercised is in the counts
        return LawResult(THE_MACHINE, "pass", dict(Machine.counts), not_held=Machine.not_held)
    except (Exception, Enough) as error:  # noqa: BLE001 - whatever gets out of a store breaks the law
        fault = Machine._fault or error  # noqa: SLF001 - its own
        if isinstance(fault, Misused):
            raise fault from None
        return LawResult(
            THE_MACHINE, "fail", dict(Machine.counts), told(fault), Machine.failure, Machine.not_held
        )
    return LawResult(THE_MACHINE, "pass", dict(Machine.counts), not_held=Machine.not_held)
