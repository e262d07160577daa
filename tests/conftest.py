"""What all tests share: Hypothesis settings (fast ones, long ones for `nox -s laws`), what is measured, and databases."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture import providers

from measuring import (
    first_drawn_measured,
    first_examples_measured,
    import_every_module,
    is_measured,
    nothing_measured,
    traced,
    tracing_held_back,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["browser_pages", "sql_servers"]

os.environ["ACCOUNTMERGE_LANG"] = "en"  # also on a machine in French
os.environ.pop("COLUMNS", None)  # pytest-xdist sets it, and texts would be wrapped as on a terminal

_SLOW_TO_DRAW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

settings.register_profile(
    "fast",
    max_examples=30,
    deadline=None,
    derandomize=True,  # green here is green everywhere; `nox -s laws` draws anew each time
    database=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    report_multiple_bugs=False,  # a failure is told in seconds
    suppress_health_check=_SLOW_TO_DRAW,
)
settings.register_profile(
    "laws", max_examples=3000, deadline=None, database=None, suppress_health_check=_SLOW_TO_DRAW
)
settings.register_profile(
    "mutants",
    settings.get_profile("fast"),
    max_examples=6,  # for thousands of runs: one failing example is enough
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("fast")


MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory, which Linux has
ENOUGH = 2**32
"""So many bytes have to be free in memory for the databases of the tests."""


def pytest_configure() -> None:
    """Keep temporary files in memory where that is possible, and draw the same examples everywhere."""
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH:
        os.environ["TMPDIR"] = str(
            MEMORY
        )  # the tests commit thousands of times, and a disk makes each commit wait
        tempfile.tempdir = None
    _draw_no_constants_of_modules()


def _draw_no_constants_of_modules() -> None:
    """Let Hypothesis draw the same examples whatever is imported.

    It draws constants that it reads in every imported module of a project, so what one test imports would change what
    the next one draws, and coverage, which imports every module, would change all.
    """
    assert "is_local_module_file" in vars(providers), "Hypothesis finds its constants in another way now"
    vars(providers)["is_local_module_file"] = lambda _: False


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes minutes, except in `nox -s laws`, and begin with what takes longest."""
    if config.getoption("--hypothesis-profile") != "laws":
        long = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if not item.get_closest_marker("long")]
    # Whole runs of the kit at the end of a run would keep one worker busy while the other has no test left.
    items.sort(key=lambda item: item.get_closest_marker("unmeasured") is None)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Iterator[None]:
    """Find the tests without measuring: to rewrite their asserts takes half a minute if it is traced."""
    if not is_measured():
        return (yield)
    import_every_module()
    with tracing_held_back():
        return (yield)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtestloop() -> Iterator[None]:
    """Measure nothing between the tests."""
    with tracing_held_back():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup() -> Iterator[None]:
    """Measure fixtures."""
    with traced():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Measure coverage of a part of what is run."""
    law = getattr(getattr(item, "obj", None), "hypothesis", None)
    if not is_measured():
        yield
    elif item.get_closest_marker("unmeasured"):
        with nothing_measured():
            yield
    elif law is not None:
        with traced(), first_examples_measured(law):
            yield
    else:
        with traced(), first_drawn_measured():
            yield
