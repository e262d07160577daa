"""The Django models that callers may adapt keep their rows and ids through every plan."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import attrs
import pytest

import accountmerge as am
from accountmerge.changes.store_ids import renamed
from accountmerge.model.entities import KINDS, kind_of
from accountmerge.testing.adapters import CannotHold, ForeignWrite
from accountmerge.testing.conformance import Capabilities, verify_store
from accountmerge.testing.conformance.store_laws import STORE_LAWS

EXAMPLES = Path(__file__).resolve().parents[2] / "docs/examples"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
T = TypeVar("T")


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make the tables of the practice, empty, in a file of this test."""
    monkeypatch.syspath_prepend(EXAMPLES)
    monkeypatch.chdir(tmp_path)
    import django_practice

    # no test takes the power from the machine
    monkeypatch.setitem(django_practice.DATABASE["OPTIONS"], "init_command", "PRAGMA synchronous = OFF")
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

            connection.ensure_connection()
            connection.transaction_mode = "DEFERRED"  # an open transaction does not keep it waiting
            data: am.Snapshot = django_store.snapshot(clock=lambda: NOW)
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


def practice() -> am.Snapshot:
    """Return data with a hidden attendee, and values that have no column."""
    access = [("access-1", "attendee-1"), ("access-2", "attendee-2")]
    address = am.CustomerEmail
    odd = am.model.FrozenJson.of({"a": [1, None]})
    return am.Snapshot(
        NOW,
        profiles=[
            am.Profile(
                id="calendar-1",
                practitioner_id="ada",
                email="ada@example.com",
                login="enabled",
                schedule="active",
                unavailable=[am.TimeSlot(NOW, NOW.replace(hour=10))],
            )
        ],
        customers=[
            am.Customer(
                id="attendee-1",
                record_number="A-1",
                given_name="",
                emails=[
                    address(am.model.EmailAddress("Ida@Example.org"), "primary"),
                    address(am.model.EmailAddress("i@x.example"), "secondary"),
                ],
                phones=["2", "1"],
                status="active",
            ),
            am.Customer(id="attendee-2", record_number="A-2", emails=[], status="active"),
            am.Customer(
                id="attendee-3",
                record_number="A-3",
                emails=[address(am.model.EmailAddress("Old@Example.org"), "primary")],
                status="disabled",
            ),
        ],
        appointments=[
            am.Appointment(
                id="booking-1",
                profile_id="calendar-1",
                customer_id="attendee-2",
                slot=am.TimeSlot(NOW.replace(day=5), NOW.replace(day=5, hour=10)),
                time_zone="Europe/Paris",
                modality="video",
                status="booked",
            )
        ],
        records=[
            am.Record(
                id="note-1", kind="note", customer_id="attendee-2", data=am.model.FrozenJson.of("text")
            ),
            am.Record(id="note-2", kind="file", customer_id="attendee-2", data=odd),
        ],
        access=[
            am.Access(id=id, profile_id="calendar-1", customer_id=customer_id, level="treating")
            for id, customer_id in access
        ],
    )


@pytest.fixture
def adapter(tables: None) -> DjangoAdapter:
    adapter = DjangoAdapter()
    adapter.seed(practice())
    return adapter


def merged(data: am.Snapshot) -> Any:
    request = am.MergeRequest(survivor="attendee-1", absorbed=["attendee-2"], actor="calendar-1")
    return am.plan_merge(data, request, at=NOW).confirm(by="Ana Duarte", at=NOW)


def applied(adapter: DjangoAdapter, plan: Any, reach: Callable[[str], object] = lambda _: None) -> Any:
    return adapter.apply(plan, now=NOW, reach=reach)


def test_rows_become_entities_and_the_same_rows_again(adapter: DjangoAdapter) -> None:
    import django_store

    assert adapter.dump() == practice()
    store = django_store.Practice("default")
    rows = {model: list(model._base_manager.values()) for model in django_store.FIELDS}
    for row in (row for kind in KINDS for row in practice().table(kind.collection)):
        store.write(am.changes.Edit(row, row))
    assert adapter.dump() == practice()
    for model, before in rows.items():
        after = [{**row, "updated": None} for row in model._base_manager.values()]
        assert after == [{**row, "updated": None} for row in before]
        assert all(row["updated"] > before[0]["updated"] for row in model._base_manager.values())


def test_codes_without_a_meaning_are_counted(adapter: DjangoAdapter) -> None:
    from django_practice.models import Booking

    Booking.objects.update(state=7)
    with pytest.raises(ValueError, match="1 rows of Booking have an unknown state"):
        adapter.dump()


def test_a_guard_sees_a_attendee_whom_the_manager_hides(adapter: DjangoAdapter) -> None:
    """The plan is made on data without the hidden attendee, whose address it takes."""
    from django_practice.models import Attendee

    assert Attendee.objects.count() == 2
    data = practice().changed(drop={"customer": ["attendee-3"]})
    request = am.customers.PrimaryEmailChange(
        customer_id="attendee-2", action="set", address="old@example.org", by="Ana Duarte", reason="asked"
    )
    plan = am.plan(data, request, at=NOW).confirm(by="Ana Duarte", at=NOW)
    with pytest.raises(am.ApplyRefused) as refused:
        applied(adapter, plan)
    assert [failure.code for failure in refused.value.failures] == ["address_claimed"]


def test_neither_save_nor_a_signal_of_an_entity_runs(adapter: DjangoAdapter) -> None:
    from django.db.models import signals
    from django_practice.models import Attendee, Receipt

    senders: list[Any] = []

    def hear(sender: Any, **_: Any) -> None:
        senders.append(sender)

    signals.post_save.connect(hear)
    try:
        applied(adapter, merged(practice()))
    finally:
        signals.post_save.disconnect(hear)
    assert Receipt in senders
    assert {sender.__name__ for sender in senders} <= {"Receipt", "Outbox"}
    assert Attendee.objects.get(file_no="A-1").email == "Ida@Example.org", "save() makes it lower case"


def test_a_lock_of_another_program_is_waited_for(
    adapter: DjangoAdapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    import django_practice
    from django.db import connections

    connections.close_all()
    monkeypatch.setitem(django_practice.DATABASE["OPTIONS"], "timeout", 0.01)
    other = sqlite3.connect("practice.sqlite3", isolation_level=None, check_same_thread=False)
    attempts: list[str] = []

    def reach(point: str) -> None:
        attempts.append(point)
        if attempts == ["before 1"]:
            other.execute("BEGIN IMMEDIATE")
        elif other.in_transaction:
            other.execute("COMMIT")

    outcomes = applied(adapter, merged(practice()), reach)
    other.close()
    assert set(outcomes.values()) == {"applied"}
    assert attempts[:2] == ["before 1", "before 1"]


def test_only_errors_that_another_attempt_may_mend_are_a_conflict(
    adapter: DjangoAdapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    import django_driver
    from django.db import OperationalError, connection

    def meaning(code: str) -> Exception:
        cause = Exception()
        cause.sqlstate = code  # type: ignore[attr-defined]
        error = OperationalError()
        error.__cause__ = cause
        told: Exception = django_driver._meaning(error, "default")
        return told

    assert isinstance(meaning("40P01"), am.changes.Conflict)
    with pytest.raises(OperationalError):
        meaning("42P01")
    monkeypatch.setattr(connection._connections["default"], "is_usable", lambda: False)
    assert isinstance(meaning("57P01"), am.changes.LostAnswer)


def test_an_error_of_a_constraint_of_the_practice_is_raised_and_the_step_is_undone(
    adapter: DjangoAdapter,
) -> None:
    from django.db import IntegrityError, connection

    connection.cursor().execute(
        "CREATE TRIGGER refuse BEFORE UPDATE OF active ON django_practice_attendee "
        "BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    with pytest.raises(IntegrityError):
        applied(adapter, merged(practice()))
    data, receipts = adapter.dump(), adapter.receipts()
    assert data.customers["attendee-2"].status == "active"
    assert receipts, "earlier steps stay"
    connection.cursor().execute("DROP TRIGGER refuse")
    assert set(applied(adapter, merged(practice())).values()) == {"applied", "already"}


def test_the_event_loop_is_no_place_for_a_plan(adapter: DjangoAdapter) -> None:
    from django.core.exceptions import SynchronousOnlyOperation

    async def view() -> None:
        applied(adapter, merged(practice()))

    with pytest.raises(SynchronousOnlyOperation):
        asyncio.run(view())


def test_the_page_and_the_files_are_short() -> None:
    for path in (EXAMPLES.parent / "django.md", EXAMPLES / "django_store.py", EXAMPLES / "django_driver.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 200


QUICK_LAWS = (
    "seeded_data_are_read_back_whole",
    "applying_does_what_the_set_says",
    "a_step_is_whole_or_nothing",
    "a_foreign_write_is_never_overwritten",
)


def proven(laws: Sequence[str]) -> None:
    import django_store

    report = verify_store(
        DjangoAdapter,
        capabilities=Capabilities(versions=False),
        level="smoke",
        ids="own",
        limits=django_store.LIMITS,
        laws=laws,
    )
    report.raise_if_broken()
    assert {result.status for result in report.results} <= {"pass", "not_applicable"}


@pytest.mark.unmeasured
def test_the_models_pass_some_laws_of_the_kit_with_their_own_ids(tables: None) -> None:
    proven(QUICK_LAWS)


@pytest.mark.long
@pytest.mark.unmeasured
def test_the_models_pass_the_kit_with_their_own_ids_and_within_their_limits(tables: None) -> None:
    """No law is vacuous; one that needs versions, or all steps in one transaction, does not apply."""
    proven(list(STORE_LAWS))
