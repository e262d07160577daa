"""Attempts: one law tried on worked examples and drawn plans, until one breaks it; the smallest that did is kept."""

from __future__ import annotations

import time
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings

from accountmerge.testing.adapters import CannotHold
from accountmerge.testing.conformance.example_databases import kept_apart
from accountmerge.testing.conformance.reports import Failure
from accountmerge.testing.conformance.scenarios import Scenario
from accountmerge.testing.conformance.trials import Inapplicable, Trial
from accountmerge.testing.strategies.planned_cases import PlannedCase, planned_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from accountmerge.testing.conformance.store_laws import StoreLaw
    from accountmerge.testing.conformance.trials import Subject

SHRINKING = 3.0
"""Seconds in which a smaller plan is looked for after one has broken a law: a failing run tells so at once."""


class Enough(BaseException):
    """A smaller plan was looked for long enough."""


class Attempt:
    """One law of stores, tried on a store.

    Args:
        subject: The store under test.
        law: The law.
    """

    def __init__(self, subject: Subject, law: StoreLaw) -> None:
        self._subject = subject
        self._law = law
        self._driver = subject.driver()
        self._since: float | None = None
        self.counts: Counter[str] = Counter()
        self.failure: Failure | None = None
        self.error: Exception | None = None

    def on(self, scenario: Scenario) -> None:
        """Try the law on one scenario.

        Raises:
            Exception: It broke the law, or the store failed of it; the smallest such scenario is kept.
            Enough: A smaller one was looked for long enough.
        """
        if self._since is not None and time.monotonic() - self._since > SHRINKING:
            raise Enough
        counts: Counter[str] = Counter()
        trial: Trial | None = None
        try:
            trial = Trial(self._subject, self._driver, scenario, counts)
            self._law.check(trial)
        except Inapplicable:
            return
        except CannotHold:
            counts["plans whose data the store cannot hold"] += 1
        except Exception as error:
            self._since = self._since or time.monotonic()
            self._keep(scenario, trial, error)
            raise
        self.counts += counts

    def _keep(self, scenario: Scenario, trial: Trial | None, error: Exception) -> None:
        """Keep a scenario that broke the law, if it is the smallest so far."""
        found = failure_of(self._law.name, scenario, trial, error)
        if self.failure is None or _size(found) < _size(self.failure):
            self.failure, self.error = found, error
            self._driver = self._subject.driver()  # the old one may be stuck in what went wrong

    def on_all(self, scenarios: Iterable[Scenario]) -> None:
        """Try the law on scenarios, until one breaks it."""
        for scenario in scenarios:
            self.on(scenario)

    def on_drawn_plans(self, drawing: Drawing) -> None:
        """Try the law on drawn plans, and look for the smallest that breaks it."""
        if not drawing.remembers:
            try:
                self.on_all(drawing.plans)
            except Exception:
                drawing.again(self.on, self._subject.name, self._law.name)
                raise
        else:  # what broke this law before is tried first, and that is known to this law alone
            drawing.again(self.on, self._subject.name, self._law.name)

    def close(self) -> None:
        """Let go of the store."""
        self._driver.close()


def failure_of(law: str, scenario: Scenario, trial: Trial | None, error: Exception) -> Failure | None:
    """Return what is kept of a scenario that broke a law; nothing if there is no plan in it."""
    snapshot = trial.present if trial else scenario.snapshot
    change_set = trial.change_set if trial else scenario.change_set_on(snapshot)
    return Failure(law, scenario.name, told(error), snapshot, change_set) if change_set else None


def told(error: Exception) -> str:
    """Return what went wrong: what the law says, or which exception of the store got out."""
    return (
        str(error)
        if isinstance(error, AssertionError)
        else f"the store failed with {type(error).__name__}: {error}"
    )


def _size(failure: Failure | None) -> tuple[int, int]:
    if failure is None:
        return (0, 0)
    snapshot: Any = failure.snapshot
    rows = sum(
        len(getattr(snapshot, name))
        for name in ("profiles", "customers", "appointments", "records", "access")
    )
    return (len(failure.change_set.steps), rows)


class Drawing:
    """Plans drawn once for all laws of a run; only what breaks a law is drawn again, to make it smaller.

    Args:
        how: Settings of hypothesis.
        drawn_with: What they are drawn with.
    """

    def __init__(self, how: settings, drawn_with: int) -> None:
        self._how = how
        self._drawn_with = drawn_with

    @property
    def remembers(self) -> bool:
        """Whether examples that fail are remembered from run to run."""
        return self._how.database is not None

    @cached_property
    def plans(self) -> tuple[Scenario, ...]:
        """All that was drawn."""
        found: list[Scenario] = []
        self.again(found.append)
        return tuple(found)

    def again(self, on: Callable[[Scenario], None], *owners: str) -> None:
        """Draw the same plans again; examples that fail are those of their owners alone."""

        @settings(self._how, database=kept_apart(self._how.database, *owners))
        @given(planned_cases())
        def on_a_drawn_plan(case: PlannedCase) -> None:
            on(Scenario("a drawn plan", case.snapshot, case.change_set_on))

        seeded(on_a_drawn_plan, self._how, self._drawn_with)()


def seeded(test: Any, how: settings, drawn_with: int) -> Any:
    """Have a test draw the same each time; not where failing examples are remembered, for that rules it out."""
    return seed(drawn_with)(test) if how.database is None else test


def drawing_settings(examples: int, events: int = 50) -> settings:
    """Return settings of which none is left to a caller's own profile.

    One fault at a time and no explanations, so that a failing run ends in seconds.
    """
    return settings(
        max_examples=examples,
        stateful_step_count=events,
        derandomize=False,
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        phases=(Phase.reuse, Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
