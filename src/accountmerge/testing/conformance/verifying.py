"""The verification of a store, with every law of a profile in the order of attack."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, cast

import attrs
from hypothesis import settings

from accountmerge.documents.files import loads
from accountmerge.errors import InvalidValueError
from accountmerge.model.limits import Limits
from accountmerge.testing.conformance.capabilities import Capabilities
from accountmerge.testing.conformance.kills import KILL_NEEDS, a_killed_process_leaves_no_trace
from accountmerge.testing.conformance.law import MORE_THAN_A_PLAN
from accountmerge.testing.conformance.law_cases import LawCase, Subject
from accountmerge.testing.conformance.machines import run_machine
from accountmerge.testing.conformance.own_ids import IDS, Ids
from accountmerge.testing.conformance.profiles import (
    DEFAULT_PROFILE,
    THE_KILL,
    THE_MACHINE,
    Level,
    Profile,
    profile_of,
)
from accountmerge.testing.conformance.reports import Failure, LawResult, Report
from accountmerge.testing.conformance.runners import Drawing, LawRunner, drawing_settings
from accountmerge.testing.conformance.scenarios import Narrow, Scenario, scenario_of
from accountmerge.testing.conformance.store_laws import STORE_LAWS, StoreLaw
from accountmerge.testing.conformance.verdicts import check_words, in_order, in_sight_of_all, judged
from accountmerge.testing.conformance.worked_examples import worked_examples
from accountmerge.testing.strategies.planned_cases import PlannedCase, planned_cases

if TYPE_CHECKING:
    from collections.abc import Collection, Coroutine, Mapping

    from hypothesis import strategies as st

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.model.snapshots import Snapshot
    from accountmerge.testing.conformance.law import Law

OnProgress = Callable[[str, int, int], object]
"""A function that is told the name of a law, the number of its tries, and how many there are at most."""


DATA_OF_A_KIND = 8
"""The number of drawn data for the records of a kind."""


def verify_store(
    factory: Callable[[], Any],
    *,
    capabilities: Capabilities | None = None,
    level: Level = "quick",
    profile: str = DEFAULT_PROFILE,
    settings: settings | None = None,
    run: Callable[[Coroutine[Any, Any, Any]], Any] | None = None,
    laws: Collection[str] | None = None,
    seed: int = 0,
    ids: Ids = "planned",
    limits: Limits | None = None,
    record_data: Mapping[str, st.SearchStrategy[Any]] | None = None,
    on_progress: OnProgress | None = None,
) -> Report:
    """Verify a store law by law until one is broken.

    Args:
        factory: A function that makes an adapter: a `StoreAdapter`, or an `AsyncStoreAdapter` with `run`.
        capabilities: The promises of the store. Default: all but `atomic_set` and `survives_kill`.
        level: `smoke` tries worked examples only; `quick` draws a dozen plans too, and tries the most telling points
            of each; `full` draws a hundred, tries every point, and kills processes.
        profile: The name of a frozen list of laws. A newer one must be named.
        settings: Settings of hypothesis for the drawn plans, in place of the kit's own; the caller's default
            profile does not count.
        run: A function that runs a coroutine to its end and returns its result, for an asynchronous store:
            `asyncio.run`, or the `run` of a runner whose event loop the store keeps.
        laws: The names of the only laws to try.
        seed: The seed of the drawn plans. The same one draws the same plans, if the same modules are imported:
            Hypothesis draws constants of them, too.
        ids: `own` for a store that gives its own ids to all rows; its adapter has a method `receipts`. Default: new
            rows get the planned ids.
        limits: The limits of the store: data, plans and foreign writes stay within them. Default: none.
        record_data: Strategies for the data of records by their kind, if the store can hold only some data.
        on_progress: A function that is called after each tried plan with the name of the law, the number of tries
            of this law, and the most tries of it so far known.

    Raises:
        InvalidValueError: The level, the profile or a law is unknown; or `capabilities` are no
            `Capabilities`.
        TypeError: The store is asynchronous, and `run` is missing, or the other way round; or `factory` makes
            something else.
    """
    chosen = profile_of(profile)
    check_words(level, laws, chosen.laws)
    if ids not in IDS:
        raise InvalidValueError("not_one_of", field="ids", allowed=IDS)
    subject = Subject(
        factory=factory, capabilities=_promised(capabilities), run=run, level=level, ids=ids, limits=limits
    )
    narrow = _narrow(limits, record_data or {}, seed)
    examples = chosen.drawn.get(level, 1)  # `smoke` draws none
    if narrow is not None:
        drawing = Drawing(_DRAWN.map(narrow.scenario), settings or drawing_settings(examples), seed)
    else:
        drawing = Drawing(_DRAWN, settings, seed) if settings else _usual_drawing(examples, seed)
    verification = _Verification(
        subject, chosen, level, settings, seed, drawing, narrow, on_progress or _silence
    )
    results = in_order(chosen.laws, laws, verification.on_worked_examples)
    if level == "smoke":
        results = tuple(verification.on_no_more(result) for result in results)
    elif not any(result.status == "fail" for result in results):
        begun = {result.law: result for result in results}
        results = in_order(chosen.laws, laws, lambda law: verification.on_more(begun[law]))
    return Report(chosen.name, level, seed, in_sight_of_all(results, verification.open_promises), limits)


def try_law(
    factory: Callable[[], Any],
    plan: str,
    *,
    capabilities: Capabilities | None = None,
    run: Callable[[Coroutine[Any, Any, Any]], Any] | None = None,
    limits: Limits | None = None,
) -> None:
    """Try a law on one plan alone, as the test of a failure does.

    Args:
        factory: A function that makes an adapter.
        plan: The result of `Failure.as_json`.
        capabilities: The promises of the store.
        run: A function that runs a coroutine to its end, for an asynchronous store.
        limits: The limits of the store.

    Raises:
        LawBroken: The plan breaks the law.
        InvalidValueError: The law is unknown, or needs more than a plan.
    """
    whole = json.loads(plan)
    allowed = tuple(law for law in STORE_LAWS if law not in MORE_THAN_A_PLAN)
    if whole["law"] not in allowed:
        raise InvalidValueError("not_one_of", field="law", allowed=allowed)
    snapshot = cast("Snapshot", loads(json.dumps(whole["snapshot"])))
    change_set = cast("ChangeSet", loads(json.dumps(whole["change_set"])))
    subject = Subject(factory=factory, capabilities=_promised(capabilities), run=run, limits=limits)
    law_subject = StoreLawSubject(subject)
    scenario = Scenario("a plan that broke it", snapshot, lambda *_: change_set)
    try:
        LawRunner(law_subject, STORE_LAWS[whole["law"]]).on(scenario)
    except Exception:
        with suppress(Exception):  # one fault at a time
            law_subject.close()
        raise
    law_subject.close()


class StoreLawSubject:
    """A store, and an open driver of it; see `LawSubject`."""

    kind: ClassVar[str] = "store"

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._driver = subject.driver()
        self._case: LawCase | None = None

    @property
    def name(self) -> str:
        """The origin of the factory of the store."""
        return self._subject.name

    def try_on(self, law: Law, example: Scenario, counts: Counter[str]) -> None:
        """Try a law on one scenario."""
        self._case = None
        self._case = LawCase(self._subject, self._driver, example, counts)
        law.check(self._case)

    def failure(self, law: Law, example: Scenario, why: str) -> Failure | None:
        """Return the scenario that broke a law, or None if it has no plan."""
        case = self._case
        snapshot = case.present if case else example.snapshot
        change_set = case.change_set if case else example.change_set_on(snapshot, {})
        if change_set is None:
            return None
        return Failure(
            law.name,
            example.name,
            why,
            snapshot,
            change_set,
            capabilities=self._subject.capabilities.promising(law.needs),
            is_async=self._subject.run is not None,
            call=self._driver.call,
            ids=self._subject.ids,
            limits=self._subject.limits,
        )

    def renew(self) -> None:
        """Take another driver, because the old one may be stuck."""
        with suppress(Exception):  # one fault at a time
            self._driver.close()
        self._driver = self._subject.driver()

    def close(self) -> None:
        """Release the store."""
        self._driver.close()


def _promised(capabilities: Capabilities | None) -> Capabilities:
    if capabilities is None:
        return Capabilities()
    if not isinstance(capabilities, Capabilities):
        raise InvalidValueError("wrong_type", field="capabilities", wanted="capabilities")
    return capabilities


def _needs_of(law: str) -> tuple[str, ...]:
    return _LAWS[law].needs if law in _LAWS else ()


@lru_cache(maxsize=4)
def _usual_drawing(examples: int, seed: int) -> Drawing:
    """Return the drawing of the kit's own settings, which gives the same plans to every store."""
    return Drawing(_DRAWN, drawing_settings(examples), seed)


def _silence(law: str, done: int, count: int) -> None:
    """Ignore the progress."""


def _scenario(case: PlannedCase) -> Scenario:
    return scenario_of(case)


def _narrow(
    limits: Limits | None, record_data: Mapping[str, st.SearchStrategy[Any]], seed: int
) -> Narrow | None:
    """Return what a store can hold, with some drawn data for each kind of record."""
    if limits is None and not record_data:
        return None
    how = drawing_settings(DATA_OF_A_KIND)
    pools = {kind: Drawing(strategy, how, seed).examples for kind, strategy in record_data.items()}
    return Narrow(limits or Limits(), pools)


_LAWS = {**STORE_LAWS, THE_KILL: StoreLaw(a_killed_process_leaves_no_trace, KILL_NEEDS)}
_DRAWN = planned_cases().map(_scenario)


@attrs.define(repr=False, slots=False)
class _Verification:
    """The common values of all laws of one run."""

    subject: Subject
    profile: Profile
    level: Level
    settings: settings | None
    seed: int
    drawing: Drawing
    narrow: Narrow | None
    on_progress: OnProgress
    _tried: Counter[str] = attrs.field(factory=Counter, init=False)

    def on_worked_examples(self, law: str) -> LawResult:
        """Return the result of one law on worked examples alone."""
        needs = _needs_of(law)
        answer = self.subject.capabilities.answer(needs)
        if law == THE_KILL and self.level != "full":
            return LawResult(law, "not_applicable", why="tried at level full")
        if law == THE_MACHINE and self.level == "smoke":
            return LawResult(law, "not_applicable", why="tried at levels quick and full")
        if answer is False:
            missing = [name for name in needs if getattr(self.subject.capabilities, name) is False]
            return LawResult(law, "not_applicable", why=f"the store does not promise {' and '.join(missing)}")
        if self.subject.run is not None and law in _LAWS and _LAWS[law].in_threads:
            return LawResult(
                law, "not_applicable", why="an asynchronous store is not called from two threads"
            )
        if law in (THE_KILL, THE_MACHINE):
            return LawResult(law, "not_run")
        worked = self._worked_for(law)
        result = self._runner(law, len(worked)).result(worked, None)
        return result if result.status == "pass" else judged(result, {}, answer)

    def on_no_more(self, begun: LawResult) -> LawResult:
        """Return the result of a law if the worked examples are all."""
        if begun.status != "pass":
            return begun
        needed = dict.fromkeys(self.profile.floors[begun.law], 1)
        return judged(begun, needed, self.subject.capabilities.answer(_needs_of(begun.law)))

    def on_more(self, begun: LawResult) -> LawResult:
        """Return the result of a law on drawn plans, and by other means, after the worked examples.

        All laws are tried on worked examples first, because those find most faults, and soon.
        """
        law = begun.law
        if begun.status not in ("pass", "not_run"):
            return begun
        if law == THE_MACHINE:
            result = self._by_the_machine()
        elif law == THE_KILL:
            worked = self._worked_for(law)
            result = self._runner(law, len(worked)).result(worked, None)
        else:
            result = self._runner(law, self._tried[law] + self.drawing.size).result((), self.drawing)
        counts = dict(Counter(begun.counts) + Counter(result.counts))
        not_held = dict(Counter(begun.not_held) + Counter(result.not_held))
        answer = self.subject.capabilities.answer(_needs_of(law))
        return judged(
            attrs.evolve(result, counts=counts, not_held=not_held), self.profile.floors[law], answer
        )

    def open_promises(self, law: str) -> tuple[str, ...]:
        return self.subject.capabilities.known_broken(_needs_of(law))

    @cached_property
    def _worked(self) -> tuple[Scenario, ...]:
        examples = worked_examples()
        return examples if self.narrow is None else tuple(map(self.narrow.scenario, examples))

    def _worked_for(self, law: str) -> tuple[Scenario, ...]:
        return tuple(example for example in self._worked if example.is_for(law))

    def _runner(self, law: str, count: int) -> LawRunner:
        return LawRunner(StoreLawSubject(self.subject), _LAWS[law], self._telling(law, count))

    def _telling(self, law: str, count: int) -> Callable[[], None]:
        def on_example() -> None:
            self._tried[law] += 1
            self.on_progress(law, self._tried[law], max(count, self._tried[law]))

        return on_example

    def _by_the_machine(self) -> LawResult:
        how = self.settings or drawing_settings(self.profile.courses[self.level], self.profile.events)
        return run_machine(
            self.subject, self.narrow, how, self.seed, self._telling(THE_MACHINE, how.max_examples)
        )
