"""The durable store that callers may copy keeps every law of stores, also when its process is killed."""

from __future__ import annotations

import pickle
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from accountmerge.testing.conformance import DEFAULT_PROFILE, PROFILES, Capabilities, verify_store

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.unmeasured
EXAMPLES = Path(__file__).resolve().parents[2] / "docs/examples"
PROMISED = Capabilities(survives_kill=True)
KILL = "a_killed_process_leaves_no_trace"
MACHINE = "any_course_of_events_ends_well"
IS_LONG = settings().max_examples > 1000
"""Whether this is `nox -s laws`: each commit waits for the disk, so that level full takes ten minutes and more."""
LONG_LAWS = {
    "a_foreign_write_is_never_overwritten",
    "what_appears_meanwhile_is_seen",
    "two_appliers_are_one",
}
"""Laws that take thousands of commits: only the whole of level full has them."""
TRIED = set(PROFILES[DEFAULT_PROFILE].laws) - {KILL, MACHINE} - LONG_LAWS
WORKED_EXAMPLES = settings(  # each commit waits for the disk: one drawn plan besides
    max_examples=1,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def make_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    monkeypatch.syspath_prepend(EXAMPLES)  # killed processes import it from there too
    from sqlite_store import SqliteStore

    numbers = count()
    return lambda: SqliteStore(tmp_path / f"{next(numbers)}.db")


@pytest.mark.parametrize("law", sorted(TRIED))
def test_the_durable_store_keeps_every_law(make_store: Callable[[], Any], law: str) -> None:
    report = verify_store(make_store, capabilities=PROMISED, laws=[law], settings=WORKED_EXAMPLES)
    assert report.ok, str(report)
    assert [result.status for result in report.results] == [
        "not_applicable" if law == "a_set_is_whole_or_nothing" else "pass"
    ]


def test_any_course_of_events_ends_well(make_store: Callable[[], Any]) -> None:
    report = verify_store(make_store, capabilities=PROMISED, laws=[MACHINE])
    assert report.ok, str(report)


def test_killed_processes_leave_no_trace(make_store: Callable[[], Any]) -> None:
    report = verify_store(make_store, capabilities=PROMISED, level="full", laws=[KILL])
    assert report.ok, str(report)
    assert report.results[0].counts["killed processes"] > 10


@pytest.mark.skipif(not IS_LONG, reason="`nox -s laws` tries all of it")
def test_the_durable_store_passes_level_full(make_store: Callable[[], Any]) -> None:
    report = verify_store(make_store, capabilities=PROMISED, level="full")
    assert report.ok, str(report)
    told = {result.status: result.law for result in report.results if result.status != "pass"}
    assert told == {"not_applicable": "a_set_is_whole_or_nothing"}


def test_it_holds_nothing_but_its_path(make_store: Callable[[], Any]) -> None:
    store = make_store()
    assert vars(pickle.loads(pickle.dumps(store))) == {"path": store.path}  # noqa: S301 - it was made a line above
