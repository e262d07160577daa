"""Verifying: every law of a profile, in the order of attack, until one is broken."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import attrs
from hypothesis import settings

from accountmerge.errors import InvalidValueError
from accountmerge.testing.conformance.attempts import Attempt, Drawing, Enough, drawing_settings, told
from accountmerge.testing.conformance.capabilities import Capabilities, KnownBroken
from accountmerge.testing.conformance.kills import KILL_NEEDS, a_killed_process_leaves_no_trace
from accountmerge.testing.conformance.machines import run_machine
from accountmerge.testing.conformance.profiles import (
    DEFAULT_PROFILE,
    LEVELS,
    THE_KILL,
    THE_MACHINE,
    Level,
    Profile,
    profile_of,
)
from accountmerge.testing.conformance.reports import LawResult, Report
from accountmerge.testing.conformance.scenarios import Scenario
from accountmerge.testing.conformance.store_laws import STORE_LAWS, StoreLaw
from accountmerge.testing.conformance.trials import Subject
from accountmerge.testing.conformance.worked_examples import worked_examples
from accountmerge.wire.documents import loads

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Coroutine, Mapping

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.model.snapshots import Snapshot
    from accountmerge.testing.conformance.capabilities import Answer


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
) -> Report:
    """Put a store to the test, law by law, until one is broken; what comes after that is not tried.

    Args:
        factory: Makes an adapter: what `StoreAdapter` says, or `AsyncStoreAdapter` with `run`.
        capabilities: What the store promises; all but `atomic_set` and `survives_kill` if nothing is said.
        level: `quick` takes seconds; `full` draws many more plans, and kills processes.
        profile: Which frozen list of laws; a newer one has to be named.
        settings: Settings of hypothesis for what is drawn, in place of the kit's own; the caller's default
            profile does not count.
        run: Runs a coroutine to its end and returns its result, for an asynchronous store: `asyncio.run`, or
            the `run` of a runner whose event loop the store keeps.
        laws: Only these laws, by name.
        seed: What plans are drawn with; the same one draws the same plans.

    Raises:
        InvalidValueError: There is no such level, profile or law.
        TypeError: The store is asynchronous, and `run` is missing.
    """
    chosen = profile_of(profile)
    _check_words(level, laws, chosen)
    subject = Subject(factory=factory, capabilities=capabilities or Capabilities(), run=run)
    drawing = Drawing(settings or drawing_settings(chosen.drawn[level]), seed)
    verification = _Verification(subject, chosen, level, settings, seed, drawing)
    results: list[LawResult] = []
    for law in chosen.laws:
        if laws is not None and law not in laws:
            continue
        stopped = any(result.status == "fail" for result in results)
        results.append(LawResult(law, "not_run") if stopped else verification.tried(law))
    return Report(chosen.name, level, seed, tuple(results))


def _check_words(level: str, laws: Collection[str] | None, profile: Profile) -> None:
    if level not in LEVELS:
        raise InvalidValueError("not_one_of", field="level", allowed=LEVELS)
    if laws is not None and not set(laws) <= set(profile.laws):
        raise InvalidValueError("not_one_of", field="laws", allowed=profile.laws)


def try_law(
    factory: Callable[[], Any],
    plan: str,
    *,
    capabilities: Capabilities | None = None,
    run: Callable[[Coroutine[Any, Any, Any]], Any] | None = None,
) -> None:
    """Try a law on one plan alone: what the test does that a failure is given out as.

    Args:
        factory: Makes an adapter.
        plan: What `Failure.as_json` returned.
        capabilities: What the store promises.
        run: Runs a coroutine to its end, for an asynchronous store.

    Raises:
        LawBroken: The plan breaks the law.
        InvalidValueError: There is no such law.
    """
    whole = json.loads(plan)
    if whole["law"] not in STORE_LAWS:
        raise InvalidValueError("not_one_of", field="law", allowed=tuple(STORE_LAWS))
    snapshot = cast("Snapshot", loads(json.dumps(whole["snapshot"])))
    change_set = cast("ChangeSet", loads(json.dumps(whole["change_set"])))
    attempt = Attempt(
        Subject(factory=factory, capabilities=capabilities or Capabilities(), run=run),
        STORE_LAWS[whole["law"]],
    )
    attempt.on(Scenario("a plan that broke it", snapshot, lambda _: change_set))
    attempt.close()


@attrs.frozen(repr=False)
class _Verification:
    """What all laws of one run have in common."""

    subject: Subject
    profile: Profile
    level: Level
    settings: settings | None
    seed: int
    drawing: Drawing

    def tried(self, law: str) -> LawResult:
        """Return what becomes of one law."""
        needs = KILL_NEEDS if law == THE_KILL else STORE_LAWS[law].needs if law in STORE_LAWS else ()
        answer = self.subject.capabilities.answer(needs)
        if law == THE_KILL and self.level == "quick":
            return LawResult(law, "not_applicable", why="tried at level full")
        if answer is False:
            missing = [name for name in needs if getattr(self.subject.capabilities, name) is False]
            return LawResult(law, "not_applicable", why=f"the store does not promise {' and '.join(missing)}")
        if self.subject.run is not None and law in STORE_LAWS and STORE_LAWS[law].in_threads:
            return LawResult(
                law, "not_applicable", why="an asynchronous store is not called from two threads"
            )
        if law == THE_MACHINE:
            found = self._by_the_machine()
        elif law == THE_KILL:
            found = self._by_trying(StoreLaw(a_killed_process_leaves_no_trace), drawn=False)
        else:
            found = self._by_trying(STORE_LAWS[law], drawn=True)
        return _judged(found, answer, self.profile.floors[law])

    def _by_trying(self, law: StoreLaw, *, drawn: bool) -> LawResult:
        attempt = Attempt(self.subject, law)
        try:
            attempt.on_all(worked_examples())
            if drawn:
                attempt.on_drawn_plans(self.drawing)
            attempt.close()
        except (Exception, Enough) as error:  # noqa: BLE001 - whatever gets out of a store breaks the law
            why = told(attempt.error or cast("Exception", error))
            with suppress(Exception):  # one fault at a time
                attempt.close()
            return LawResult(law.name, "fail", dict(attempt.counts), why, attempt.failure)
        return LawResult(law.name, "pass", dict(attempt.counts))

    def _by_the_machine(self) -> LawResult:
        how = self.settings or drawing_settings(self.profile.courses[self.level], self.profile.events)
        return run_machine(self.subject, how, self.seed)


def _judged(found: LawResult, answer: Answer, floors: Mapping[str, int]) -> LawResult:
    """Return a result with what was promised and how much was exercised taken into account."""
    if isinstance(answer, KnownBroken):
        if found.status == "fail":
            return attrs.evolve(found, status="known_broken", why=f"{answer.ticket}: {found.why}")
        why = f"known to be broken ({answer.ticket}), and it holds: say so in the capabilities"
        return attrs.evolve(found, status="unexpected_success", why=why)
    short = [
        f"{found.counts.get(what, 0)} {what}, and at least {floor} are wanted"
        for what, floor in floors.items()
        if found.counts.get(what, 0) < floor
    ]
    if found.status == "pass" and short:
        return attrs.evolve(found, status="vacuous", why="\n".join(short))
    return found
