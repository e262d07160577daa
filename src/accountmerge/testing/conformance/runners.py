"""Cases of one law on worked and drawn examples, which keep the smallest one that breaks it."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import suppress
from functools import cached_property
from traceback import format_exception
from typing import TYPE_CHECKING, Any, Protocol

import attrs
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings

from accountmerge.testing.adapters import CannotHold
from accountmerge.testing.conformance.drivers import Misused
from accountmerge.testing.conformance.example_databases import kept_apart
from accountmerge.testing.conformance.law_cases import Inapplicable
from accountmerge.testing.conformance.reports import LawResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hypothesis import strategies as st

    from accountmerge.testing.conformance.law import Law
    from accountmerge.testing.conformance.reports import Failure

SHRINKING = 3.0
"""Seconds to look for a smaller plan after one has broken a law: a failing run should end soon."""


NOT_HELD = "plans whose data the store cannot hold"
"""The count of data for which the store raises `CannotHold`."""


LONGEST_REASON = 120
"""The most characters of a reason of `CannotHold` that are told."""


class Enough(BaseException):
    """The time to look for a smaller plan is over."""


class LawSubject(Protocol):
    """A subject of laws, such as a store."""

    @property
    def name(self) -> str:
        """Its origin, which distinguishes it from others."""
        ...

    @property
    def kind(self) -> str:
        """Its kind, for the report of a failure."""
        ...

    def try_on(self, law: Law, example: Any, counts: Counter[str]) -> None:
        """Try a law on one example; an exception means a broken law or a failed subject."""

    def failure(self, law: Law, example: Any, why: str) -> Failure | None:
        """Return the last example that broke a law, or None if it has no plan."""
        ...

    def renew(self) -> None:
        """Start again after a law was broken."""

    def close(self) -> None:
        """Release everything."""


class LawRunner:
    """One law, run on a subject; `on_example` is called after each example."""

    def __init__(
        self, subject: LawSubject, law: Law, on_example: Callable[[], object] = lambda: None
    ) -> None:
        self._subject = subject
        self._law = law
        self._on_example = on_example
        self.not_held: Counter[str] = Counter()
        self._since: float | None = None
        self.counts: Counter[str] = Counter()
        self.failure: Failure | None = None
        self.error: Exception | None = None

    def on(self, example: Any) -> None:
        """Try the law on one example, and keep the smallest example that breaks it."""
        if self._since is not None and time.monotonic() - self._since > SHRINKING:
            raise Enough
        counts: Counter[str] = Counter()
        try:
            self._subject.try_on(self._law, example, counts)
        except Inapplicable:
            counts.clear()
        except Misused:
            raise
        except CannotHold as refusal:
            counts[NOT_HELD] += 1
            self.not_held[reason_of(refusal)] += 1
        except Exception as error:
            self._since = self._since or time.monotonic()
            self._keep(example, error)
            raise
        self.counts += counts
        self._on_example()

    def _keep(self, example: Any, error: Exception) -> None:
        failure = self._subject.failure(self._law, example, told(error, self._subject.kind))
        if failure is None:
            self.error = self.error or error
        elif self.failure is None or failure.size < self.failure.size:
            self.failure = attrs.evolve(failure, traceback="".join(format_exception(error)))
            self.error = error
        self._subject.renew()

    def on_all(self, examples: Iterable[Any]) -> None:
        """Try the law on worked examples until one breaks it."""
        for example in examples:
            self.on(example)

    def on_drawn(self, drawing: Drawing) -> None:
        """Try the law on drawn examples, and look for the smallest that breaks it."""
        owners = (self._subject.name, self._law.name)
        if not drawing.remembers:
            try:
                self.on_all(drawing.examples)
            except Exception:
                drawing.again(self.on, *owners)
                raise
        else:  # an example that broke this law before is tried first
            drawing.again(self.on, *owners)

    def result(self, worked: Iterable[Any], drawing: Drawing | None) -> LawResult:
        """Return the result of the law on worked examples, then on drawn ones if there are any."""
        try:
            self.on_all(worked)
            if drawing is not None:
                self.on_drawn(drawing)
            self._subject.close()
        except Misused:
            raise
        except (Exception, Enough) as error:  # noqa: BLE001 - any exception of the subject breaks the law
            why = told(self.error or error, self._subject.kind)
            with suppress(Exception):  # one fault at a time
                self._subject.close()
            return LawResult(self._law.name, "fail", dict(self.counts), why, self.failure, self.not_held)
        return LawResult(self._law.name, "pass", dict(self.counts), not_held=self.not_held)


def told(error: BaseException, kind: str = "store") -> str:
    """Return the reason of a broken law, or the exception that the subject raised."""
    return (
        str(error)
        if isinstance(error, AssertionError)
        else f"the {kind} failed with {type(error).__name__}: {error}"
    )


def reason_of(refusal: CannotHold) -> str:
    """Return the reason for which a store cannot hold data, as one line."""
    return " ".join(str(refusal).split())[:LONGEST_REASON] or "no reason given"


class Drawing:
    """Examples drawn once for all laws of a run, and again only to shrink a failure."""

    def __init__(self, strategy: st.SearchStrategy[Any], how: settings, drawn_with: int) -> None:
        self._strategy = strategy
        self._how = how
        self._drawn_with = drawn_with

    @property
    def remembers(self) -> bool:
        """Whether failing examples are remembered from run to run."""
        return self._how.database is not None

    @property
    def size(self) -> int:
        """The number of examples, or the most if failing ones are remembered."""
        return self._how.max_examples if self.remembers else len(self.examples)

    @cached_property
    def examples(self) -> tuple[Any, ...]:
        """All examples."""
        drawn: list[Any] = []
        self.again(drawn.append)
        return tuple(drawn)

    def again(self, on: Callable[[Any], None], *owners: str) -> None:
        """Draw the same examples again; remembered failures are only those of the owners."""

        @settings(self._how, database=kept_apart(self._how.database, *owners))
        @given(self._strategy)
        def on_a_drawn_one(example: Any) -> None:
            on(example)

        seeded(on_a_drawn_one, self._how, self._drawn_with)()


def seeded(test: Any, how: settings, drawn_with: int) -> Any:
    """Return a test that always draws the same, unless failing examples are remembered."""
    return seed(drawn_with)(test) if how.database is None else test


def drawing_settings(examples: int, events: int = 50) -> settings:
    """Return complete settings, so that the caller's own profile does not count.

    There is one fault at a time and no explanation, so that a failing run ends in seconds.
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
