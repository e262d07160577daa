"""The booking service that callers may adapt keeps its rows, its ids and its invoices through every plan."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings

import accountmerge as am
from accountmerge.changes.store_ids import renamed
from accountmerge.model.entities import KINDS, kind_of
from accountmerge.testing.adapters import CannotHold, ForeignWrite
from accountmerge.testing.conformance import Capabilities, Report, verify_store
from accountmerge.testing.strategies import snapshots

EXAMPLES = Path(__file__).resolve().parents[2] / "docs/examples"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "calendar": [
        (3, "ada", "ada@example.com", 1, 1, "teal"),
        (8, "ben", "Ben@example.org", 1, 1, "grey"),
    ],
    "client": [
        (
            11,
            "A-1",
            "Ida",
            "Sample",
            "ida@example.com",
            "ida.s@example.org",
            "555-0101",
            None,
            "1980-02-29",
            "",
            1,
        ),
        (12, "A-2", "Ida", "Sample", "Ida@Example.net", None, "555-0102", None, None, None, 1),
        (13, "A-3", "Tom", None, None, None, None, None, None, None, 1),
    ],
    "booking": [
        (21, 3, 11, "2026-03-05 10:00:00", "2026-03-05 10:50:00", "Australia/Sydney", "video", 1, "blue"),
        (22, 3, 12, "2026-04-05 02:30:00", "2026-04-05 02:45:00", "Australia/Sydney", "phone", 1, "red"),
        (23, 3, 11, "2026-02-05 10:00:00", "2026-02-05 10:50:00", "Australia/Sydney", "video", 2, "blue"),
        (24, 8, 13, "2026-03-05 10:00:00", "2026-03-05 10:50:00", "Europe/Paris", "in_person", 1, None),
        (25, 8, 12, "2026-05-05 10:00:00", "2026-05-05 10:50:00", "Europe/Paris", "in_person", 1, "attic"),
    ],
    "note": [(31, 3, 11, "likes mornings"), (32, 3, 12, None)],
    "file": [(41, 3, 12, "scan.pdf"), (42, None, 13, "plan.pdf")],
    "invoice": [(51, 21, 9_000, 0), (52, 21, 100, 1), (53, 23, 9_000, 0), (54, 25, 50, 0)],
}
SECOND_READING = '{"folds": ["later", "later"]}'
MIGRATION = am.MigrationRequest(
    profile_id="calendar-3",
    new_email="ada.new@example.com",
    reason="business_name_change",
    ticket="T-1",
    agreement=am.Agreement(by="Ada Example", at=datetime(2026, 2, 20, tzinfo=UTC), version="1"),
)
ADDRESSES: list[tuple[str, Any]] = [("a@x.example", "former"), ("b@x.example", "secondary")]
COPIES = am.MigrationRules(record_kinds=[am.migrations.ProfileRecords(kind="note", becomes="copied")])
RULES = am.MergeRules(kept_primary="survivor", undo="while_unchanged")
MERGE = am.MergeRequest(survivor="client-11", absorbed=["client-12"], actor="calendar-3")


class Crash(BaseException):
    """The process ended."""


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the file of a service with data, access included."""
    monkeypatch.syspath_prepend(EXAMPLES)
    import legacy_store

    path = str(tmp_path / "service.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript((EXAMPLES / "legacy_service.sql").read_text(encoding="utf-8"))
        for table, rows in ROWS.items():
            db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)  # noqa: S608
    with closing(legacy_store.connected(path)) as db:
        db.execute("INSERT INTO side (owner, rest) VALUES ('booking-22', ?)", [SECOND_READING])
        for profile_id, customer_id in (("3", "11"), ("3", "12"), ("8", "13"), ("8", "12")):
            access = am.Access(
                id="new",
                profile_id=f"calendar-{profile_id}",
                customer_id=f"client-{customer_id}",
                level="treating",
            )
            legacy_store.written(db, am.changes.Edit(None, access))
    return path


def migrated(data: am.Snapshot) -> Any:
    import legacy_store

    return am.plan_migration(data, MIGRATION, rules=COPIES, at=NOW, limits=legacy_store.LIMITS)


def merged(data: am.Snapshot) -> Any:
    import legacy_store

    return am.plan_merge(data, MERGE, rules=RULES, at=NOW, limits=legacy_store.LIMITS)


def applied(path: str, plan: Any, reach: Callable[[str], object] = lambda _: None) -> am.changes.Applied:
    import legacy_store

    done: am.changes.Applied = legacy_store.apply(path, plan, now=NOW, by="a test", reach=reach)
    return done


def read(path: str) -> am.Snapshot:
    import legacy_store

    data: am.Snapshot = legacy_store.snapshot(path, NOW)
    return data


def query(path: str, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        return list(db.execute(sql))


def receipts(path: str) -> list[Any]:
    return [am.loads(body) for (body,) in query(path, "SELECT body FROM receipt")]


planned = pytest.mark.parametrize("planner", [migrated, merged])


def test_rows_become_entities_and_the_same_rows_again(service: str) -> None:
    import legacy_store

    before = {table: query(service, f"SELECT * FROM {table}") for table in ROWS}  # noqa: S608
    data = read(service)
    assert data.appointments["booking-22"].slot.start.isoformat() == "2026-04-04T16:30:00+00:00"
    assert am.find_faults(data) == ()
    with closing(legacy_store.connected(service)) as db:
        for row in (row for kind in KINDS for row in data.table(kind.collection)):
            legacy_store.written(db, am.changes.Edit(row, row))
    assert read(service) == data
    assert {table: query(service, f"SELECT * FROM {table}") for table in ROWS} == before  # noqa: S608
    assert before == ROWS


def test_values_without_a_column_come_back(service: str) -> None:
    import legacy_store

    data = read(service)
    odd: list[Any] = [
        attrs.evolve(
            data.customers["client-11"],
            emails=[am.CustomerEmail(am.model.EmailAddress(text), use) for text, use in ADDRESSES],
            phones=("1", "2"),
            opt_outs=("sms",),
            former_record_numbers=("A-0",),
        ),
        *(
            attrs.evolve(data.records["note-31"], id=f"note-{id}", data=am.model.FrozenJson.of(value))
            for id, value in ((31, {"a": [1]}), (32, 0))
        ),
        attrs.evolve(data.profiles["calendar-3"], unavailable=[am.TimeSlot(NOW, NOW.replace(hour=10))]),
    ]
    with closing(legacy_store.connected(service)) as db:
        for row in odd:
            legacy_store.written(db, am.changes.Edit(row, row))
    assert read(service) == data.changed(odd)


ORDER = ("access", "access_requests", "profiles", "customers", "appointments", "records")
"""Rows of `side` come first, because their ids are not known before if it has other rows."""


def floored(value: Any) -> Any:
    """Return a value with times in whole seconds."""
    if isinstance(value, am.TimeSlot):
        start = floored(value.start)
        return am.TimeSlot(start, max(floored(value.end), start.add(seconds=1)))
    if isinstance(value, datetime):
        return value.replace(microsecond=0)
    return tuple(map(floored, value)) if isinstance(value, tuple) else value


def fitted(row: Any) -> Any:
    """Return a row that fits the limits of the service."""
    changes: dict[str, Any] = {
        field.name: floored(getattr(row, field.name)) for field in attrs.fields(type(row)) if field.init
    }
    if isinstance(row, am.Profile):
        changes["hours"] = None
    if isinstance(row, am.Customer):
        changes |= {"attributes": am.model.FrozenJson.of({}), "phones": row.phones[:2]}
    if isinstance(row, am.Record):
        changes["kind"] = "file" if row.kind == "file" else "note"
    return attrs.evolve(row, **changes)


def tables_of(row: Any) -> str:
    kind = kind_of(row).name
    known = {
        "profile": "calendar",
        "customer": "client",
        "appointment": "booking",
        "access_request": "request",
    }
    return str(row.kind) if isinstance(row, am.Record) else known.get(kind, kind)


def in_own_ids(row: Any, ids: dict[Any, str]) -> Any:
    own: Any = renamed(row, ids)
    if isinstance(own, am.Customer):
        emails = [attrs.evolve(e, login_of=ids.get(("customer", e.login_of))) for e in own.emails]
        own = attrs.evolve(own, emails=emails)
    return own


class LegacyAdapter:
    """The service under test. Its counters start again with each `seed`."""

    def __init__(self, path: str) -> None:
        self.path = path

    def seed(self, snapshot: am.Snapshot) -> dict[Any, str]:
        import legacy_store

        rows: list[Any] = [row for name in ORDER for row in snapshot.table(name)]  # type: ignore[arg-type]
        for _, limit in (broken for row in rows for broken in legacy_store.LIMITS.violations(row)):
            raise CannotHold(limit)
        rows.sort(
            key=lambda row: tables_of(row) in legacy_store.COLUMNS
        )  # the others count the rows of `side`
        ids = ids_of(rows)
        with closing(legacy_store.connected(self.path)) as db:
            db.execute("BEGIN")
            for table in (*ROWS, "side", "receipt", "outbox", "sqlite_sequence"):
                db.execute(f"DELETE FROM {table}")  # noqa: S608
            for row in rows:
                written = legacy_store.written(db, am.changes.Edit(None, in_own_ids(row, ids)))
                assert written.store_id == ids[kind_of(row).name, row.id]
            db.execute("COMMIT")
        return ids

    def dump(self) -> am.Snapshot:
        return read(self.path)

    def receipts(self) -> list[Any]:
        return receipts(self.path)

    def preflight(self, change_set: am.ChangeSet, *, now: datetime) -> tuple[am.changes.Failure, ...]:
        import legacy_store

        return am.check(legacy_store.snapshot(self.path, now), change_set, self.receipts())

    def apply(self, change_set: am.ChangeSet, *, now: datetime, reach: Any) -> Any:
        import legacy_store

        return legacy_store.apply(self.path, change_set, now=now, by="a test", reach=reach).outcomes

    def foreign_write(self, write: ForeignWrite) -> None:
        import legacy_store

        with closing(legacy_store.connected(self.path, timeout=0)) as db:
            try:
                db.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as locked:
                raise BlockingIOError from locked
            known = {(kind_of(row).name, row.id): row for row in self.dump_rows(db)}
            for key in write.drop:
                if key in known:
                    legacy_store.written(db, am.changes.Edit(known[key], None))
            ids: dict[Any, str] = {}
            for row in sorted(write.put, key=lambda row: KINDS.index(kind_of(row))):
                key = (kind_of(row).name, row.id)
                own = in_own_ids(row, ids)
                given = legacy_store.written(db, am.changes.Edit(own if key in known else None, own))
                ids[key] = str(given.store_id)
            db.execute("COMMIT")

    @staticmethod
    def dump_rows(db: sqlite3.Connection) -> list[Any]:
        import legacy_store

        return [row for table in legacy_store.KINDS for row in legacy_store.rows(db, table, "1")]

    def reopen(self) -> None: ...

    def close(self) -> None: ...


def ids_of(rows: list[Any]) -> dict[Any, str]:
    """Return the ids that an empty service will give."""
    import legacy_store

    ids: dict[Any, str] = {}
    counts: Counter[str] = Counter()
    for row in rows:
        table = tables_of(row)
        target = table if table in legacy_store.COLUMNS else "side"
        counts[target] += 1
        ids[kind_of(row).name, row.id] = f"{table}-{counts[target]}"
    return ids


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=snapshots(max_appointments=6))
def test_any_data_within_the_limits_are_read_back(service: str, data: am.Snapshot) -> None:
    rows: list[Any] = [fitted(row) for name in ORDER for row in data.table(name)]  # type: ignore[arg-type]
    ids = LegacyAdapter(service).seed(am.Snapshot(NOW).changed(rows))
    assert read(service) == am.Snapshot(NOW).changed(in_own_ids(row, ids) for row in rows)


def test_codes_without_a_meaning_are_counted(service: str) -> None:
    query(service, "UPDATE booking SET status = 7 WHERE id IN (23, 24)")
    with pytest.raises(ValueError, match="2 rows of booking have an unknown status"):
        read(service)


@planned
def test_a_plan_and_its_undo_give_the_first_rows_again(service: str, planner: Callable[..., Any]) -> None:
    data = read(service)
    plan = planner(data).confirm(by="Ana Duarte", at=NOW)
    assert set(applied(service, plan).outcomes.values()) == {"applied"}
    after = read(service)
    whole = am.apply(data, plan)
    for kind in KINDS:
        assert len(after.table(kind.collection)) == len(whole.table(kind.collection))
    assert am.resume(after, plan, receipts(service)).is_finished
    assert am.find_faults(after) == ()
    assert set(applied(service, plan).outcomes.values()) == {"already"}
    assert read(service) == after
    undo = am.invert(plan).confirm(by="Ana Duarte", at=NOW)
    assert set(applied(service, undo).outcomes.values()) == {"applied"}
    assert values(read(service)) == values(data)


def values(data: am.Snapshot) -> Counter[Any]:
    """Return the rows without the ids of access, because a row that was removed gets a new one."""
    rows = (row for kind in KINDS for row in data.table(kind.collection))
    return Counter(attrs.evolve(row, id="any") if isinstance(row, am.Access) else row for row in rows)


def test_a_receipt_that_the_applier_forgets_is_missed(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The undo of a copy recognises it only by a receipt."""
    whole = am.changes.Applier.commands

    def without_notes(applier: am.changes.Applier) -> Any:
        commands, answer = whole(applier), None
        while True:
            try:
                command = commands.send(answer)
            except StopIteration as end:
                return end.value
            answer = None if isinstance(command, am.changes.Note) else (yield command)

    monkeypatch.setattr(am.changes.Applier, "commands", without_notes)
    plan = migrated(read(service))
    applied(service, plan)
    with pytest.raises(am.ApplyRefused):
        applied(service, am.invert(plan).confirm(by="Ana Duarte", at=NOW))


def test_a_migration_takes_rooms_and_unpaid_invoices_along(service: str) -> None:
    plan = migrated(read(service))
    applied(service, plan)
    assert query(service, "SELECT id, calendar_id, client_id, starts, room FROM booking WHERE id > 25") == [
        (26, 9, 11, "2026-03-05 10:00:00", "blue"),
        (27, 9, 12, "2026-04-05 02:30:00", "red"),
    ]
    assert query(service, "SELECT booking_id FROM invoice") == [(26,), (21,), (23,), (25,)]
    assert read(service).appointments["booking-27"].slot == read(service).appointments["booking-22"].slot
    (moved,) = query(service, "SELECT count(*) FROM outbox")
    assert moved == (len(plan.change_set.obligations),)
    applied(service, am.invert(plan).confirm(by="Ana Duarte", at=NOW))
    assert query(service, "SELECT booking_id FROM invoice") == [(21,), (21,), (23,), (25,)]


@planned
def test_a_crash_anywhere_is_resumed(service: str, tmp_path: Path, planner: Callable[..., Any]) -> None:
    plan = planner(read(service)).confirm(by="Ana Duarte", at=NOW)
    whole, points = str(tmp_path / "whole.db"), list[str]()
    shutil.copy(service, whole)
    applied(whole, plan, points.append)
    for place in range(len(points)):
        path, left = str(tmp_path / f"{place}.db"), iter(range(place))
        shutil.copy(service, path)

        def crash(_: str, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise Crash

        with pytest.raises(Crash):
            applied(path, plan, crash)
        applied(path, plan)
        assert read(path) == read(whole)
        assert len(receipts(path)) == len(plan.steps)


def test_a_write_of_the_service_between_steps_is_kept(service: str) -> None:
    plan = migrated(read(service))
    rebook = [step for step in plan.change_set.steps if step.kind == "rebook"][1]

    def cancel(point: str) -> None:
        if point == f"before {rebook.ordinal}":
            query(service, "UPDATE booking SET status = 3 WHERE id = 22")
        if point.startswith("inside"):
            with pytest.raises(sqlite3.OperationalError), closing(sqlite3.connect(service, timeout=0)) as db:
                db.execute("UPDATE booking SET status = 3 WHERE id = 21")

    done = applied(service, plan, cancel)
    assert done.outcomes[rebook.ordinal] == "drifted"
    assert max(done.outcomes) == rebook.ordinal
    assert [failure.facts["fields"] for failure in done.failures] == [("status",)]
    assert query(service, "SELECT status FROM booking WHERE id IN (21, 22, 26)") == [(3,), (3,), (1,)]


def test_the_sides_of_a_row_go_with_it(service: str) -> None:
    data = read(service)
    plan = migrated(data)
    applied(service, plan)
    applied(service, am.invert(plan).confirm(by="Ana Duarte", at=NOW))
    known = {f"{table}-{row[0]}" for table, rows in ROWS.items() for row in rows}
    assert {owner for (owner,) in query(service, "SELECT owner FROM side WHERE owner NOT NULL")} <= known


def test_the_example_is_short() -> None:
    text = (EXAMPLES / "legacy_store.py").read_text(encoding="utf-8")
    assert sum(bool(line.strip()) for line in text.splitlines()) <= 150


SOME_LAWS = (
    "seeded_data_are_read_back_whole",
    "applying_does_what_the_set_says",
    "what_is_done_is_left_alone",
    "a_step_is_whole_or_nothing",
    "a_foreign_write_is_never_overwritten",
)


def proven(service: str, **how: Any) -> Report:
    import legacy_store

    report = verify_store(
        lambda: LegacyAdapter(service),
        capabilities=Capabilities(versions=False),
        ids="own",
        limits=legacy_store.LIMITS,
        **how,
    )
    report.raise_if_broken()
    assert {result.status for result in report.results} <= {"pass", "not_applicable"}
    return report


@pytest.mark.unmeasured
def test_the_service_passes_some_laws_of_the_kit_with_its_own_ids_and_within_its_limits(service: str) -> None:
    proven(service, level="smoke", laws=SOME_LAWS)


@pytest.mark.long
@pytest.mark.unmeasured
def test_the_service_passes_the_kit_with_its_own_ids_and_within_its_limits(service: str) -> None:
    """No law is vacuous; one that needs versions, or all steps in one transaction, does not apply."""
    report = proven(service, level="quick")
    assert sum(result.status == "pass" for result in report.results) >= 18
