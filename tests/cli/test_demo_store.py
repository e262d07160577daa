"""The store of the demo is a real store: it keeps the laws of the conformance kit."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import accountmerge as am
from accountmerge.changes import Edit, Failure, reading
from accountmerge.cli.demo_store import COLLECTIONS, DemoStore, found, written
from accountmerge.testing.adapters import Busy, ForeignWrite
from accountmerge.testing.conformance import verify_store

pytestmark = pytest.mark.unmeasured


class DemoAdapter:
    """The demo's store under test."""

    def __init__(self, path: Path) -> None:
        self.store = DemoStore(path)
        self.seed = self.store.seed

    def dump(self) -> am.Snapshot:
        return self.store.snapshot(datetime(2026, 3, 2, tzinfo=UTC))

    def preflight(self, change_set: am.ChangeSet, *, now: Any) -> tuple[Failure, ...]:
        receipts = [row for row in self.store.receipts() if row.plan_id == change_set.plan_id]
        answers = reading(change_set, receipts=receipts, taken_at=now)
        with self.store.transaction("BEGIN") as db:
            try:
                questions = next(answers)
                while True:
                    questions = answers.send(found(db, questions))
            except StopIteration as end:
                return am.check(end.value, change_set, receipts)

    def apply(
        self, change_set: am.ChangeSet, *, now: Any, reach: Callable[[str], object]
    ) -> Mapping[int, Any]:
        return self.store.apply(change_set, now=now, reach=reach).outcomes

    def reopen(self) -> None:
        """A connection is opened for each call."""

    close = reopen

    def foreign_write(self, write: ForeignWrite) -> None:
        before = self.dump()
        rows = [before.table(COLLECTIONS[kind]).get(id) for kind, id in write.drop]
        edits = [Edit(row, None) for row in rows if row is not None]
        try:
            with self.store.transaction(timeout=0) as db:
                for edit in (*edits, *(Edit(None, row) for row in write.put)):
                    written(db, edit)
        except sqlite3.OperationalError as locked:
            raise Busy from locked


@pytest.fixture
def make_store(tmp_path: Path) -> Callable[[], DemoAdapter]:
    numbers = count()
    return lambda: DemoAdapter(tmp_path / f"{next(numbers)}.db")


def test_the_store_of_the_demo_keeps_every_law(make_store: Callable[[], Any]) -> None:
    report = verify_store(make_store, level="smoke")
    assert report.ok, str(report)
    others = {result.law for result in report.results if result.status != "pass"}
    assert others == {  # of other promises, and of drawn courses
        "a_killed_process_leaves_no_trace",
        "a_set_is_whole_or_nothing",
        "any_course_of_events_ends_well",
    }
