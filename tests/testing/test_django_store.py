"""The Django models that callers may adapt keep their rows and ids through every plan."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

import accountmerge as am
from accountmerge.changes.store_ids import renamed
from accountmerge.model.entities import KINDS, kind_of
from accountmerge.testing.adapters import CannotHold, ForeignWrite
from accountmerge.testing.conformance import Capabilities, verify_store
from accountmerge.testing.strategies import snapshots

EXAMPLES = Path(__file__).resolve().parents[2] / "docs/examples"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
T = TypeVar("T")


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make the tables of the practice, empty, in a file of this test."""
    monkeypatch.syspath_prepend(EXAMPLES)
    monkeypatch.chdir(tmp_path)
    import django_practice

    django_practice.set_up()
    from django.core.management import call_command
    from django.db import connections

    connections.close_all()
    call_command("migrate", run_syncdb=True, verbosity=0)
    yield
    connections.close_all()


def elsewhere(work: Callable[[], T]) -> T:
    """Work with a connection of its own, as another program does."""
    from django.db import connections

    def closed_after() -> T:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(closed_after).result()


def in_own_ids(row: Any, ids: dict[Any, str]) -> Any:
    own: Any = renamed(row, ids)
    if isinstance(own, am.Customer):
        emails = [attrs.evolve(e, login_of=ids.get(("customer", e.login_of))) for e in own.emails]
        own = attrs.evolve(own, emails=emails)
    return own


def ids_of(rows: list[Any]) -> dict[Any, str]:
    """Return the ids that empty tables will give."""
    import django_store

    ids: dict[Any, str] = {}
    counts: Counter[str] = Counter()
    for row in rows:
        kind = kind_of(row).name
        counts[kind] += 1
        ids[kind, row.id] = django_store.named(django_store.MODELS[kind], counts[kind])
    return ids


class DjangoAdapter:
    """The store under test. Its counters start again with each `seed`."""

    def seed(self, snapshot: am.Snapshot) -> dict[Any, str]:
        import django_store
        from django.apps import apps
        from django.db import connection, transaction

        rows: list[Any] = [row for kind in KINDS for row in snapshot.table(kind.collection)]
        for _, limit in (broken for row in rows for broken in django_store.LIMITS.violations(row)):
            raise CannotHold(limit)
        ids = ids_of(rows)
        store = django_store.Practice("default")
        with transaction.atomic():
            for model in apps.get_app_config("django_practice").get_models():
                model._base_manager.all()._raw_delete("default")
            connection.cursor().execute("DELETE FROM sqlite_sequence")
            for row in rows:
                written = store.write(am.changes.Edit(None, in_own_ids(row, ids)))
                assert written.store_id == ids[kind_of(row).name, row.id]
        return ids

    def dump(self) -> am.Snapshot:
        import django_store

        def read() -> am.Snapshot:
            from django.db import connection

            connection.transaction_mode = "DEFERRED"  # an open transaction does not keep it waiting
            data: am.Snapshot = django_store.snapshot()
            return data

        return elsewhere(read)

    def receipts(self) -> list[Any]:
        from django_practice.models import Receipt

        return elsewhere(lambda: [am.loads(row.body) for row in Receipt.objects.all()])

    def preflight(self, change_set: am.ChangeSet, *, now: datetime) -> tuple[am.changes.Failure, ...]:
        data = self.dump()
        return am.check(attrs.evolve(data, taken_at=now), change_set, self.receipts())

    def apply(self, change_set: am.ChangeSet, *, now: datetime, reach: Any) -> Any:
        import django_store
        from django.db import connections

        try:
            return django_store.apply(change_set, by="a test", clock=lambda: now, reach=reach).outcomes
        finally:
            connections.close_all()

    def foreign_write(self, write: ForeignWrite) -> None:
        elsewhere(lambda: self._write(write))

    def _write(self, write: ForeignWrite) -> None:
        import django_store
        from django.db import OperationalError, connection, transaction

        store = django_store.Practice("default")
        connection.cursor().execute("PRAGMA busy_timeout = 0")
        try:
            with transaction.atomic():
                self._put(store, write)
        except OperationalError as locked:
            if not isinstance(locked.__cause__, sqlite3.OperationalError):
                raise
            raise BlockingIOError from locked

    @staticmethod
    def _put(store: Any, write: ForeignWrite) -> None:
        import django_store

        rows = [django_store.entity(row) for model in django_store.FIELDS for row in store.all(model)]
        known = {(kind_of(row).name, row.id): row for row in rows}
        for key in write.drop:
            if key in known:
                store.write(am.changes.Edit(known[key], None))
        ids: dict[Any, str] = {}
        for row in sorted(write.put, key=lambda row: KINDS.index(kind_of(row))):
            key = (kind_of(row).name, row.id)
            own = in_own_ids(row, ids)
            ids[key] = store.write(am.changes.Edit(own if key in known else None, own)).store_id

    def reopen(self) -> None: ...

    def close(self) -> None: ...


@pytest.mark.unmeasured
def test_the_models_pass_the_kit_with_their_own_ids_and_within_their_limits(tables: None) -> None:
    """No law is vacuous; one that needs versions, or all steps in one transaction, does not apply."""
    import django_store

    report = verify_store(
        DjangoAdapter,
        capabilities=Capabilities(versions=False),
        level="smoke",
        ids="own",
        limits=django_store.LIMITS,
    )
    report.raise_if_broken()
    assert {result.status for result in report.results} == {"pass", "not_applicable"}
    assert sum(result.status == "pass" for result in report.results) >= 17
