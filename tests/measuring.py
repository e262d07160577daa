"""Measuring: what of a run counts for coverage; a line that is traced takes two to three times as long.

Only fixtures and tests are traced, never what pytest does between them, nor how it finds and rewrites them. Of a law
the first examples are measured. Of a law of the kit, or of planners, the worked examples are, and the first ones that
are drawn. Whole runs of the kit, and many runs of one path, are marked `unmeasured`: what they run through, the tests of its
parts measure. So the figure is at most too low.
"""

from __future__ import annotations

import functools
import importlib
import os
import pkgutil
import sys
import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
MEASURED_CASES = 30
"""So many cases of a test that tries many, one after the other."""
MEASURED_EXAMPLES = 3
MEASURED_DRAWN = 2
"""So many plans that are drawn for a law of the kit: its worked examples go through the same lines."""
OF_MEASURING = "COVERAGE_"
"""How the names of variables begin by which another process knows that it is to be measured too."""


def stop_tracing() -> None:
    """Trace no more, here and in threads to come.

    Coverage is not asked to stop: in a worker there are several measurements, one below the other, and the next
    would go on.
    """
    sys.settrace(None)
    threading.settrace(None)


@contextmanager
def traced_again() -> Iterator[None]:
    """Trace afterwards as before, whatever is stopped in between."""
    here, in_threads = sys.gettrace(), threading.gettrace()
    handed_on = {name: value for name, value in os.environ.items() if name.startswith(OF_MEASURING)}
    try:
        yield
    finally:
        os.environ.update(handed_on)
        sys.settrace(here)
        threading.settrace(in_threads)


_HELD_BACK: list[tuple[Any, Any]] = []
"""What measures, here and in threads, while it is held back."""


def is_measured() -> bool:
    """Return whether coverage is measured; a debugger traces too, and is left alone."""
    return bool(_HELD_BACK) or type(sys.gettrace()).__module__.partition(".")[0] == "coverage"


@contextmanager
def tracing_held_back() -> Iterator[None]:
    """Trace nothing but what is `traced`."""
    if not is_measured():
        yield
        return
    _HELD_BACK.append((sys.gettrace(), threading.gettrace()))
    with traced_again():
        stop_tracing()
        yield
    _HELD_BACK.pop()


@contextmanager
def traced() -> Iterator[None]:
    """Trace what is run inside."""
    if not _HELD_BACK:
        yield
        return
    with traced_again():
        here, in_threads = _HELD_BACK[-1]
        sys.settrace(here)
        threading.settrace(in_threads)
        yield


def import_every_module() -> None:
    """Import the whole library, so that what a module does when it is imported is traced."""
    import accountmerge

    for module in pkgutil.walk_packages(accountmerge.__path__, "accountmerge."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)


@contextmanager
def first_examples_measured(law: Any) -> Iterator[None]:
    """Trace the first examples of a law only; `law` is what Hypothesis adds to a test function."""
    if not is_measured():
        yield
        return
    inner: Callable[..., object] = law.inner_test
    seen = 0

    @functools.wraps(inner)
    def counted(*arguments: object, **drawn: object) -> object:
        nonlocal seen
        seen += 1
        if seen > MEASURED_EXAMPLES:
            stop_tracing()
        return inner(*arguments, **drawn)

    law.inner_test = counted
    try:
        with traced_again():
            yield
    finally:
        law.inner_test = inner


def first_measured(cases: Iterable[T], most: int = MEASURED_CASES) -> Iterator[T]:
    """Yield all cases of a test, and trace only what is done with the first ones."""
    for place, case in enumerate(cases):
        if place == most and is_measured():
            stop_tracing()  # until the end of the test
        yield case


def try_law(law: Any) -> None:
    """Try a law that stands inside a test, which counts what was seen; the first examples are measured."""
    with first_examples_measured(law.hypothesis):
        law()


@contextmanager
def first_drawn_measured() -> Iterator[None]:
    """Trace the worked examples of each law of the kit or of planners, and the first drawn ones only."""
    from accountmerge.testing.conformance.runners import LawRunner

    inner = LawRunner.on
    drawn: Counter[LawRunner] = Counter()

    def counted(runner: LawRunner, example: Any) -> None:
        drawn[runner] += example.name.startswith("a drawn ")
        if drawn[runner] <= MEASURED_DRAWN:
            inner(runner, example)
            return
        with traced_again():
            stop_tracing()
            inner(runner, example)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LawRunner, "on", counted)
        yield


@contextmanager
def nothing_measured() -> Iterator[None]:
    """Trace nothing, in processes that are begun neither."""
    with traced_again():
        stop_tracing()
        for name in list(os.environ):
            if name.startswith(OF_MEASURING):
                del os.environ[name]
        yield
