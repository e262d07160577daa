"""Hostile texts are data; a database that refuses or goes away is told without a value, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import attrs
import psycopg
import pytest
import sqlalchemy as sa
import their_program as theirs
from crossing_programs import fresh
from foreign_practice import LEFT, ZONE, fill_practice
from foreign_schema import (
    booking,
    calendar,
    client,
    client_email,
    clinician_login,
    entry,
    file,
    note,
    patient,
    visit,
)
from mapped_schemas import booking_service, clinic_service, created
from moved_practice import (
    AT,
    MERGE,
    MERGE_RULES,
    REQUEST,
    RULES,
    in_planned_ids,
    merge_of,
    migration_of,
    orphans,
    practice,
    store_of,
)
from sqlalchemy import Connection, Engine
from told_errors import VALUES, assert_tells_no_value

import accountmerge as am
from accountmerge import sql
from sql_servers import unpooled

MAPPING = booking_service()
HOSTILE = [
    "'; DROP TABLE booking; --",
    '" OR ""=" %s %(id)s %% :id ? $1 {0}',
    "\\'); SELECT pg_sleep(9) --",
    "NULL",
]
"""Texts that would be more than data if a statement were put together of texts."""


@pytest.fixture(scope="module")
def with_tables(lasting_engine: Engine) -> Engine:
    created(lasting_engine, MAPPING)
    return lasting_engine


@pytest.fixture
def small(with_tables: Engine) -> Engine:
    """A practice of two clients and four bookings, on each database in turn."""
    fresh(with_tables, MAPPING, partial(fill_practice, clients=2, bookings=4))
    return with_tables


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_in_every_column_is_data(small: Engine, text: str) -> None:
    with theirs.at_work(small) as connection:
        connection.execute(
            sa.update(client).values(first_name=text, last_name=text, street=text, phone1=text)
        )
        connection.execute(sa.update(client).where(client.c.id == 2).values(file_no=text))
        connection.execute(sa.update(note).values(text=text))
        connection.execute(sa.update(file).values(name=text))
        connection.execute(sa.update(booking).values(room=text[:20]))
        connection.execute(sa.update(calendar).where(calendar.c.id == LEFT).values(person=text))
    store = store_of(small, MAPPING)
    with pytest.raises(am.LoadError):
        store.snapshot(customers=["client-1", text])
    data = store.snapshot(practitioners=[text], customers=["client-1"])
    assert {row.practitioner_id for row in data.profiles} >= {text}
    plan = am.plan_migration(
        data,
        am.MigrationRequest(
            profile_id="calendar-1",
            new_email="o'brien--%s@example.com",
            reason="security",
            ticket=text,
            agreement=am.Agreement(by=text, at=AT, version="1"),
        ),
        rules=RULES,
        at=AT,
    )
    assert_done(store, plan, text)
    authority = am.merges.Authority(person=text, role=text, ticket=text, why=text)
    merge = am.MergeRequest(survivor="client-1", absorbed=["client-2"], authority=authority)
    planned = am.plan_merge(store.snapshot(), merge, rules=MERGE_RULES, at=AT)
    assert planned.is_ready
    assert_done(store, planned.confirm(by=text, at=AT), text)
    changes = {"given_name": text + text, "address": text, "phones": [text, text + "1", text + "2"]}
    edit = am.customers.CustomerEdit(customer_id="client-1", changes=changes)
    assert_done(store, am.customers.plan_customer_edit(store.snapshot(), edit, at=AT), text)
    with small.connect() as connection:
        rooms = set(connection.execute(sa.select(booking.c.room)).scalars())
        assert rooms == {text[:20]}
        assert set(connection.execute(sa.select(note.c.text)).scalars()) == {text}


def assert_done(store: sql.Store, plan: Any, by: str) -> None:
    """Apply a plan, and compare with what it plans."""
    change_set = plan if isinstance(plan, am.ChangeSet) else plan.change_set
    assert change_set.steps
    before = store.snapshot()
    applied = store.apply(plan, by=by)
    assert not applied.failures
    assert {receipt.by for receipt in applied.receipts} == {by}
    after, planned = in_planned_ids(store, change_set), am.apply(before, change_set)
    for kind in ("profiles", "customers", "appointments", "records", "access"):
        assert set(after.table(kind)) == set(planned.table(kind))
    assert set(store.apply(plan, by=by).outcomes.values()) == {"already"}


def test_a_hostile_key_is_data(engine: Engine) -> None:
    mapping = clinic_service()
    created(engine, mapping)
    store = store_of(engine, mapping)
    for text in HOSTILE:
        fresh(engine, mapping, partial(fill_clinic, text=text))
        data = store.snapshot(practitioners=[text])
        request = attrs.evolve(REQUEST, profile_id=text)
        assert_done(store, am.plan_migration(data, request, rules=RULES, at=AT), text)
        merge = attrs.evolve(MERGE, survivor=text, absorbed=[f"2{text}"])
        some = store.snapshot(customers=[text, f"2{text}"])
        planned = am.plan_merge(some, merge, rules=MERGE_RULES, at=AT)
        assert planned.is_ready
        assert_done(store, planned.confirm(by=text, at=AT), text)


def fill_clinic(connection: Connection, text: str) -> None:
    """Write a clinic whose keys are hostile."""
    login = {"id": text, "clinician": text, "username": "ann@example.com", "schedule": "active"}
    connection.execute(sa.insert(clinician_login), [login])
    patients = [(text, "N1", "bo@example.com"), (f"2{text}", "N2", "cy@example.com")]
    for number, (key, chart, address) in enumerate(patients):
        connection.execute(sa.insert(patient), [{"id": key, "chart": chart, "family": text}])
        connection.execute(
            sa.insert(client_email), [{"patient_id": key, "address": address, "is_login": number == 0}]
        )
        starts = datetime(2026, 11, 2, 9 + number, tzinfo=UTC)
        own = {"id": f"{number}{text}", "login_id": text, "patient_id": key}
        times = {"starts_at": starts, "ends_at": starts + timedelta(hours=1), "zone": ZONE}
        connection.execute(sa.insert(visit), [{**own, **times}])
        connection.execute(sa.insert(entry), [{**own, "body": text}])


def test_a_connection_that_only_reads_is_told_and_a_later_apply_finishes(
    small: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    plan = migration_of(store_of(small, MAPPING))
    if small.dialect.name == "sqlite":
        url: Any = f"sqlite:///file:{small.url.database}?mode=ro&uri=true"
        reads_only = sa.create_engine(url, poolclass=sa.NullPool)
    else:
        options = {"options": "-c default_transaction_read_only=on"}
        reads_only = sa.create_engine(small.url, poolclass=sa.NullPool, connect_args=options)
    store = store_of(reads_only, MAPPING)
    assert store.check(plan.change_set) == ()
    if small.dialect.name == "postgresql":
        with pytest.raises(sql.DatabaseError) as told:
            store.apply(plan, by="a test")
        assert (told.value.code, told.value.facts["database_code"]) == ("sql_read_only", "25006")
    else:
        with pytest.raises(sql.DatabaseError) as told:
            store.apply(plan, by="a test")
        assert told.value.code == "sql_read_only"
    assert_tells_no_value(told.value, caplog)
    assert_finishes(small, plan)


def assert_finishes(engine: Engine, plan: Any) -> None:
    """Apply again, and compare the receipts with the steps."""
    store = store_of(engine, MAPPING)
    assert not store.apply(plan, by="a later run").failures
    steps = getattr(plan, "change_set", plan).steps
    assert len(store.receipts()) == len(steps)
    assert am.find_faults(store.snapshot()) == ()
    assert orphans(engine, MAPPING) == {}


def test_a_full_disk_is_told_and_a_later_apply_finishes(
    sqlite_engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    practice(sqlite_engine, clients=4, bookings=40)
    plan = migration_of(store_of(sqlite_engine, MAPPING))
    with sqlite_engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    full = sa.create_engine(sqlite_engine.url, poolclass=sa.NullPool)
    sa.event.listen(full, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count = {pages + 2}"))
    with pytest.raises(sql.DatabaseError) as told:
        store_of(full, MAPPING).apply(plan, by="a test")
    assert (told.value.code, told.value.facts["database_code"]) == ("sql_full", "SQLITE_FULL")
    assert_tells_no_value(told.value, caplog)
    done = len(store_of(sqlite_engine, MAPPING).receipts())
    assert 0 < done < len(plan.change_set.steps)
    assert am.find_faults(store_of(sqlite_engine, MAPPING).snapshot()) == ()
    assert_finishes(sqlite_engine, plan)


def test_added_tables_that_were_not_made_are_told_by_every_method(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    MAPPING.metadata.create_all(engine)
    with theirs.at_work(engine) as connection:
        fill_practice(connection, clients=2, bookings=4)
    store = store_of(engine, MAPPING)
    with_them = store_of(engine, MAPPING)
    with_them.create_tables()
    plan = migration_of(with_them)
    MAPPING.tables.added.drop_all(engine)
    calls: list[Callable[[], object]] = [
        store.snapshot,
        store.receipts,
        lambda: store.check(plan.change_set),
        lambda: store.resume(plan.change_set),
        lambda: store.apply(plan, by="a test"),
    ]
    for call in calls:
        with pytest.raises(sql.DatabaseError) as told:
            call()
        assert told.value.code == "sql_missing_table"
        assert_tells_no_value(told.value, caplog)
    store.create_tables()
    assert_finishes(engine, plan)


@pytest.mark.parametrize("locks", ["rows", "tables"])
def test_a_table_of_the_caller_that_is_dropped_between_two_steps_is_told(
    engine: Engine, caplog: pytest.LogCaptureFixture, locks: Any
) -> None:
    practice(engine, clients=2, bookings=4)
    store = store_of(engine, MAPPING, locks=locks)
    change_set = merge_of(store)

    def drop(point: str) -> None:
        if point == "before 3":
            with theirs.at_work(engine) as connection:
                connection.exec_driver_sql("ALTER TABLE file RENAME TO file_of_old")

    with pytest.raises(sql.DatabaseError) as told:
        store.apply(change_set, by="a test", on_point=drop)
    assert (told.value.code, told.value.facts["table"]) == ("sql_missing_table", "file")
    assert_tells_no_value(told.value, caplog)
    with theirs.at_work(engine) as connection:
        connection.exec_driver_sql("ALTER TABLE file_of_old RENAME TO file")
    assert_finishes(engine, change_set)


def test_a_constraint_that_refuses_is_named_and_the_step_leaves_no_trace(
    small: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    store = store_of(small, MAPPING)
    change_set = merge_of(store)
    with theirs.at_work(small) as connection:
        connection.exec_driver_sql("CREATE UNIQUE INDEX one_note ON note (client_id)")
    try:
        with pytest.raises(sql.DatabaseError) as told:
            store.apply(change_set, by="a test")
        assert told.value.code == "sql_refused"
        assert told.value.facts["constraint"] in ("one_note", "note.client_id")
        assert_tells_no_value(told.value, caplog)
        moved = next(n for n, step in enumerate(change_set.steps, 1) if "note" in str(step.edits))
        assert len(store.receipts()) == moved - 1
    finally:
        with theirs.at_work(small) as connection:
            connection.exec_driver_sql("DROP INDEX one_note")
    assert_finishes(small, change_set)


@pytest.mark.parametrize(
    "point", ["before 1", "before 3", "inside 1", "inside 3", "inside 6", "committed 2", "committed 7"]
)
def test_a_connection_that_is_ended_by_the_server_is_opened_again(
    postgres_engine: Engine, point: str, caplog: pytest.LogCaptureFixture
) -> None:
    engine = unpooled(postgres_engine)
    practice(engine, clients=2, bookings=4)
    store = store_of(engine, MAPPING)
    plan, before = migration_of(store), store.snapshot()
    ended: list[str] = []

    def end(reached: str) -> None:
        if reached.startswith(point) and not ended:
            ended.append(reached)
            end_others(engine)

    applied = store.apply(plan, by="a test", on_point=end)
    assert ended
    assert set(applied.outcomes.values()) == {"applied"}
    assert in_planned_ids(store, plan.change_set) == am.apply(before, plan)
    assert_finishes(engine, plan)
    assert not [value for value in VALUES if value in caplog.text]


def end_others(engine: Engine) -> None:
    """End all other connections to a database."""
    own = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    with engine.connect() as connection:
        connection.exec_driver_sql(f"{own} AND pid <> pg_backend_pid() AND backend_type = 'client backend'")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("batch", [1, 3])
def test_an_answer_to_a_commit_that_is_lost_is_settled_by_receipts(
    postgres_engine: Engine, when: str, batch: int, caplog: pytest.LogCaptureFixture
) -> None:
    engine = unpooled(postgres_engine)
    practice(engine, clients=2, bookings=4)
    calm = store_of(engine, MAPPING)
    plan, before = migration_of(calm), calm.snapshot()
    broken = sa.create_engine(engine.url, poolclass=sa.NullPool)
    commits = []

    def lose(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement == "COMMIT":
            commits.append(statement)
            if len(commits) % 2:
                if when == "before":
                    end_others(engine)
                else:
                    raise psycopg.OperationalError("server closed the connection unexpectedly")

    sa.event.listen(broken, f"{when}_cursor_execute", lose)
    applied = store_of(broken, MAPPING, batch=batch).apply(plan, by="a test")
    assert len(commits) >= len(plan.change_set.steps) // batch
    assert set(applied.outcomes.values()) == {"applied"}
    assert len(applied.receipts) == len(plan.change_set.steps)
    assert in_planned_ids(calm, plan.change_set) == am.apply(before, plan)
    assert_finishes(engine, plan)
    assert not [value for value in VALUES if value in caplog.text]


def test_a_database_that_never_answers_is_told_after_the_patience(
    small: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    if small.dialect.name == "sqlite":
        locked = small.connect()
        locked.exec_driver_sql("BEGIN IMMEDIATE")
        plan = migration_of(store_of(small, MAPPING))
        quick = sa.create_engine(small.url, poolclass=sa.NullPool, connect_args={"timeout": 0.01})
        with pytest.raises(am.changes.Conflict) as conflict:
            store_of(quick, MAPPING).apply(plan, by="a test", patience=0.1)
        locked.close()
        assert_tells_no_value(conflict.value, caplog)
    else:
        plan = migration_of(store_of(small, MAPPING))
        nobody = sa.create_engine(small.url.set(port=1, host="127.0.0.1", query={}), poolclass=sa.NullPool)
        with pytest.raises(am.changes.LostAnswer) as lost:
            store_of(nobody, MAPPING).apply(plan, by="a test", patience=0.1)
        assert_tells_no_value(lost.value, caplog)
        with pytest.raises(sql.DatabaseError) as told:
            store_of(nobody, MAPPING).snapshot()
        assert told.value.code == "sql_lost"
        assert_tells_no_value(told.value, caplog)
    assert_finishes(small, plan)


def test_a_reader_that_keeps_a_file_from_being_written_delays_a_commit(sqlite_engine: Engine) -> None:
    practice(sqlite_engine, clients=2, bookings=4)
    calm = store_of(sqlite_engine, MAPPING)
    plan, before = migration_of(calm), calm.snapshot()
    quick = sa.create_engine(sqlite_engine.url, poolclass=sa.NullPool, connect_args={"timeout": 0.01})
    reader = sqlite_engine.connect()
    reached: list[str] = []

    def read(point: str) -> None:
        if point.startswith("inside 3") and "read" not in reached:
            reached.append("read")
            reader.exec_driver_sql("BEGIN")
            assert reader.execute(sa.select(note.c.id)).first()
        elif point == "before 3" and "read" in reached:
            reached.append("again")
            reader.rollback()

    applied = store_of(quick, MAPPING).apply(plan, by="a test", on_point=read)
    reader.close()
    assert reached == ["read", "again"]
    assert set(applied.outcomes.values()) == {"applied"}
    assert in_planned_ids(calm, plan.change_set) == am.apply(before, plan)
    assert_finishes(sqlite_engine, plan)
