"""Attempts: one law tried on worked examples and drawn ones, until one breaks it; the smallest that did is kept."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings

from accountmerge.testing.adapters import CannotHold
from accountmerge.testing.conformance.drivers import Misused
from accountmerge.testing.conformance.example_databases import kept_apart
from accountmerge.testing.conformance.reports import LawResult
from accountmerge.testing.conformance.trials import Inapplicable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hypothesis import strategies as st

    from accountmerge.testing.conformance.laws import Law
    from accountmerge.testing.conformance.reports import Failure

SHRINKING = 3.0
"""Seconds in which a smaller plan is looked for after one has broken a law: a failing run tells so at once."""


NOT_HELD = "plans whose data the store cannot hold"
"""What is counted where a store says `CannotHold`."""


class Enough(BaseException):
    """A smaller plan was looked for long enough."""


class Bench(Protocol):
    """What laws are tried at, such as a store."""

    @property
    def name(self) -> str:
        """What tells what is tried from others: where it is from."""
        ...

    @property
    def kind(self) -> str:
        """What it is, as the report of a failure calls it."""
        ...

    def try_on(self, law: Law, example: Any, counts: Counter[str]) -> None:
        """Try a law on one example.

        Raises:
            Exception: It broke the law, or what is tried failed of it.
        """

    def failure(self, law: Law, example: Any, why: str) -> Failure | None:
        """Return what is kept of the example that was tried last, and broke a law; nothing if there is no plan."""
        ...

    def renew(self) -> None:
        """Begin anew after a law was broken."""

    def close(self) -> None:
        """Let go of everything."""


class Attempt:
    """One law, tried at a bench."""

    def __init__(self, bench: Bench, law: Law) -> None:
        self._bench = bench
        self._law = law
        self._since: float | None = None
        self.counts: Counter[str] = Counter()
        self.failure: Failure | None = None
        self.error: Exception | None = None

    def on(self, example: Any) -> None:
        """Try the law on one example.

        Raises:
            Exception: It broke the law, or what is tried failed of it; the smallest such example is kept.
            Misused: What was given is no store at all, or is awaited and should not be.
            Enough: A smaller one was looked for long enough.
        """
        if self._since is not None and time.monotonic() - self._since > SHRINKING:
            raise Enough
        counts: Counter[str] = Counter()
        try:
            self._bench.try_on(self._law, example, counts)
        except Inapplicable:
            return
        except Misused:
            raise
        except CannotHold:
            counts[NOT_HELD] += 1
        except Exception as error:
            self._since = self._since or time.monotonic()
            self._keep(example, error)
            raise
        self.counts += counts

    def _keep(self, example: Any, error: Exception) -> None:
        """Keep an example that broke the law, if it is the smallest so far."""
        found = self._bench.failure(self._law, example, told(error, self._bench.kind))
        if found is None:
            self.error = self.error or error
        elif self.failure is None or found.size < self.failure.size:
            self.failure, self.error = found, error
        self._bench.renew()

    def on_all(self, examples: Iterable[Any]) -> None:
        """Try the law on worked examples, until one breaks it."""
        for example in examples:
            self.on(example)

    def on_drawn(self, drawing: Drawing) -> None:
        """Try the law on drawn examples, and look for the smallest that breaks it."""
        owners = (self._bench.name, self._law.name)
        if not drawing.remembers:
            try:
                self.on_all(drawing.examples)
            except Exception:
                drawing.again(self.on, *owners)
                raise
        else:  # what broke this law before is tried first, and that is known to this law alone
            drawing.again(self.on, *owners)

    def result(self, worked: Iterable[Any], drawing: Drawing | None) -> LawResult:
        """Return what becomes of the law: worked examples first, then drawn ones if there are any."""
        try:
            self.on_all(worked)
            if drawing is not None:
                self.on_drawn(drawing)
            self._bench.close()
        except Misused:
            raise
        except (Exception, Enough) as error:  # noqa: BLE001 - whatever gets out of what is tried breaks the law
            why = told(self.error or error, self._bench.kind)
            with suppress(Exception):  # one fault at a time
                self._bench.close()
            return LawResult(self._law.name, "fail", dict(self.counts), why, self.failure)
        return LawResult(self._law.name, "pass", dict(self.counts))


def told(error: BaseException, kind: str = "store") -> str:
    """Return what went wrong: what the law says, or which exception of what is tried got out."""
    return (
        str(error)
        if isinstance(error, AssertionError)
        else f"the {kind} failed with {type(error).__name__}: {error}"
    )


class Drawing:
    """Examples drawn once for all laws of a run; only what breaks a law is drawn again, to make it smaller.

    Args:
        strategy: What is drawn.
        how: Settings of hypothesis.
        drawn_with: What they are drawn with.
    """

    def __init__(self, strategy: st.SearchStrategy[Any], how: settings, drawn_with: int) -> None:
        self._strategy = strategy
        self._how = how
        self._drawn_with = drawn_with

    @property
    def remembers(self) -> bool:
        """Whether examples that fail are remembered from run to run."""
        return self._how.database is not None

    @cached_property
    def examples(self) -> tuple[Any, ...]:
        """All that was drawn."""
        found: list[Any] = []
        self.again(found.append)
        return tuple(found)

    def again(self, on: Callable[[Any], None], *owners: str) -> None:
        """Draw the same examples again; those that fail are those of their owners alone."""

        @settings(self._how, database=kept_apart(self._how.database, *owners))
        @given(self._strategy)
        def on_a_drawn_one(example: Any) -> None:
            on(example)

        seeded(on_a_drawn_one, self._how, self._drawn_with)()


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
