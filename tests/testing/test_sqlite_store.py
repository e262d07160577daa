"""The durable store that callers may copy keeps every law of stores, also when its process is killed."""

from __future__ import annotations

import pickle
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import HealthCheck, Phase, settings

import accountmerge as am
from accountmerge.changes import step_checks
from accountmerge.testing.adapters import ForeignWrite
from accountmerge.testing.conformance import DEFAULT_PROFILE, PROFILES, Capabilities, kills, verify_store
from accountmerge.testing.conformance.drivers import METHODS
from accountmerge.testing.conformance.worked_examples import worked_examples
from accountmerge.testing.reference import ReferenceStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlite_store import SqliteStore

    from accountmerge.testing.adapters import StoreAdapter

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


@pytest.mark.parametrize("most", [3, pytest.param(kills.MOST_KILLS, marks=pytest.mark.long)])
def test_killed_processes_leave_no_trace(
    make_store: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """At the first point, at the last and between, because each killed process costs an interpreter."""
    monkeypatch.setattr(kills, "MOST_KILLS", most)
    report = verify_store(make_store, capabilities=PROMISED, level="full", laws=[KILL])
    assert report.ok, str(report)
    assert report.results[0].counts["killed processes"] > 10


@pytest.mark.skipif(not IS_LONG, reason="`nox -s laws` tries all of it")
def test_the_durable_store_passes_level_full(make_store: Callable[[], Any]) -> None:
    report = verify_store(make_store, capabilities=PROMISED, level="full")
    assert report.ok, str(report)
    told = {result.status: result.law for result in report.results if result.status != "pass"}
    assert told == {"not_applicable": "a_set_is_whole_or_nothing"}


def test_it_imports_nothing_of_the_kit() -> None:
    code = "import sys, sqlite_store; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=EXAMPLES, check=True, capture_output=True, text=True
    )
    loaded = done.stdout.split()
    assert "accountmerge" in loaded
    assert not [module for module in loaded if module.startswith("accountmerge.testing")]


def test_it_is_an_adapter_by_its_methods_alone(make_store: Callable[[], SqliteStore]) -> None:
    made: Callable[[], StoreAdapter] = make_store  # what mypy verifies
    assert [callable(getattr(made(), name)) for name in METHODS] == [True] * len(METHODS)


def test_a_write_by_others_is_held_out_by_a_transaction_and_a_dump_is_not(
    make_store: Callable[[], SqliteStore],
) -> None:
    (example, *_) = worked_examples()
    store, change_set = make_store(), example.change_set_on(example.snapshot, {})
    assert change_set is not None
    store.seed(example.snapshot)
    seeded, held_out = store.dump(), []

    def reach(point: str) -> None:
        if point.startswith("inside"):
            assert store.dump() == seeded
            with pytest.raises(BlockingIOError):
                store.foreign_write(ForeignWrite(seeded.customers))
            held_out.append(point)

    store.apply(change_set, now=example.now, reach=reach)
    assert held_out
    assert store.dump() != seeded


@pytest.mark.parametrize("is_durable", [False, True])
def test_others_may_write_equal_rows_and_remove_what_is_gone(
    make_store: Callable[[], SqliteStore], is_durable: bool
) -> None:
    store: StoreAdapter = make_store() if is_durable else ReferenceStore()
    store.seed(worked_examples()[0].snapshot)
    before = store.dump()
    row = before.customers["customer-4"]
    store.foreign_write(ForeignWrite([row], [("record", "record-that-is-gone")]))
    after = store.dump()
    assert after.records == before.records
    assert after.customers["customer-4"].version != row.version
    assert attrs.evolve(after.customers["customer-4"], version=row.version) == row


def test_it_holds_nothing_but_its_path(make_store: Callable[[], Any]) -> None:
    store = make_store()
    assert vars(pickle.loads(pickle.dumps(store))) == {"path": store.path}  # noqa: S301 - it was made a line above


def skips_guards(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(step_checks, "judged_guard", lambda *_: None)


def ignores_drift(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(step_checks, "_drift", lambda *_: iter(()))


def commits_each_edit(patch: pytest.MonkeyPatch) -> None:
    whole = am.changes.Applier.commands

    def with_commits(applier: am.changes.Applier) -> Any:
        commands, answer = whole(applier), None
        while True:
            try:
                command = commands.send(answer)
            except StopIteration as end:
                return end.value
            answer = yield command
            if isinstance(command, am.changes.Write):
                yield am.changes.Commit()
                yield am.changes.Begin(1)

    patch.setattr(am.changes.Applier, "commands", with_commits)


@pytest.mark.parametrize(
    ("fault", "law"),
    [
        (skips_guards, "what_appears_meanwhile_is_seen"),
        (ignores_drift, "a_foreign_write_is_never_overwritten"),
        (commits_each_edit, "a_step_is_whole_or_nothing"),
    ],
)
def test_a_fault_of_the_applier_breaks_a_law(
    make_store: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, fault: Callable[..., None], law: str
) -> None:
    fault(monkeypatch)
    report = verify_store(make_store, capabilities=PROMISED, laws=[law], settings=WORKED_EXAMPLES)
    assert [result.status for result in report.results] == ["fail"], str(report)
