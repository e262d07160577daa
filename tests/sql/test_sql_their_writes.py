"""The caller's program changes columns and uses keys again: nothing of ours is lost, and nothing is inherited."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import attrs
import pytest
import sqlalchemy as sa
import their_program as theirs
from crossing_programs import fresh
from foreign_practice import FIRST_DAY, OTHERS, ZONE, fill_practice
from foreign_schema import (
    booking,
    calendar,
    client,
    client_programme,
    file,
    insurance_card,
    invoice,
    login_token,
    note,
)
from mapped_schemas import booking_service, created
from moved_practice import merge_of, migration_of, orphans, overlays, store_of
from sqlalchemy import Connection, Engine

import accountmerge as am
from accountmerge.changes.edits import Edit
from accountmerge.sql.fetching import Reader
from accountmerge.sql.writing import Writer
from sql_servers import Postgres

MAPPING = booking_service()
"""One mapping for all tests."""


@attrs.frozen
class Merged:
    """What the survivor is after a merge: its addresses, its phones, and the numbers of others."""

    emails: tuple[str, ...] = ("client1@example.com", "second1@example.org", "second2@example.org")
    phones: tuple[str, ...] = ("+1 555 0001", "+1 555 0002", "+1 556 0002")
    family_name: str | None = "Family 1"
    numbers: tuple[str, ...] = ("N00002",)


THEIR_WRITES: dict[str, tuple[dict[str, Any], Merged]] = {
    "a new address": (
        {"email2": "new@example.org"},
        Merged(emails=("client1@example.com", "new@example.org", "second2@example.org")),
    ),
    "an address less": ({"email2": None}, Merged(emails=("client1@example.com", "second2@example.org"))),
    "our address": (
        {"email2": "second2@example.org"},
        Merged(emails=("client1@example.com", "second2@example.org")),
    ),
    "another login": (
        {"email1": "other@example.com"},
        Merged(emails=("other@example.com", "second1@example.org", "second2@example.org")),
    ),
    "no login": ({"email1": None}, Merged(emails=("second1@example.org", "second2@example.org"))),
    "a new phone": (
        {"phone2": "+1 557 0002"},
        Merged(phones=("+1 555 0001", "+1 557 0002", "+1 556 0002")),
    ),
    "no phones": ({"phone1": None, "phone2": None}, Merged(phones=("+1 556 0002",))),
    "our phone": ({"phone2": "+1 556 0002"}, Merged(phones=("+1 555 0001", "+1 556 0002"))),
    "a name": ({"last_name": "Example"}, Merged(family_name="Example")),
    "no name": ({"last_name": None}, Merged(family_name=None)),
    "columns that we do not know": ({"newsletter": False, "created": FIRST_DAY}, Merged()),
}
"""Columns of the survivor that the program changes, fills or clears, and what the survivor is afterwards."""


@pytest.fixture(scope="module")
def with_tables(lasting_engine: Engine) -> Engine:
    created(lasting_engine, MAPPING)
    return lasting_engine


@pytest.fixture
def small(with_tables: Engine) -> Engine:
    """A practice of two clients and four bookings, on each database in turn."""
    fresh(with_tables, MAPPING, partial(fill_practice, clients=2, bookings=4))
    return with_tables


@pytest.mark.parametrize("name", THEIR_WRITES)
def test_a_column_that_changes_after_a_merge_keeps_what_was_added_to_others(small: Engine, name: str) -> None:
    store = store_of(small, MAPPING)
    store.apply(merge_of(store), by="a test")
    columns, expected = THEIR_WRITES[name]
    with theirs.at_work(small) as connection:
        theirs.change_client(connection, 1, **columns)
    data = store.snapshot()
    row = data.customers["client-1"]
    assert tuple(email.address.text for email in row.emails) == expected.emails
    assert (row.phones, row.family_name) == (expected.phones, expected.family_name)
    assert row.former_record_numbers == expected.numbers
    assert data.customers["client-2"].merged_into == "client-1"
    assert data.customers["client-2"].merged_at is not None


def test_columns_that_change_and_change_back_bring_ours_back(small: Engine) -> None:
    store = store_of(small, MAPPING)
    store.apply(merge_of(store), by="a test")
    merged = store.snapshot()
    for columns in (
        {"phone1": None, "email2": None},
        {"phone1": "+1 555 0001", "email2": "second1@example.org"},
    ):
        with theirs.at_work(small) as connection:
            theirs.change_client(connection, 1, **columns)
    assert store.snapshot() == merged


@pytest.mark.parametrize("plan_of", [merge_of, migration_of], ids=["merge", "migration"])
def test_columns_without_a_meaning_may_change_before_every_step(
    small: Engine, plan_of: Callable[..., Any]
) -> None:
    store = store_of(small, MAPPING)
    plan, before = plan_of(store), store.snapshot()

    def write(point: str) -> None:
        if point.startswith("before "):
            with theirs.at_work(small) as connection:
                connection.execute(sa.update(client).values(created=FIRST_DAY, newsletter=True))
                connection.execute(sa.update(booking).values(room="C9", price=1))
                connection.execute(sa.update(calendar).values(colour="#000000", reminder_hours=1))

    assert not store.apply(plan, by="a test", on_point=write).failures
    with small.connect() as connection:
        assert set(connection.execute(sa.select(booking.c.room, booking.c.price))) == {("C9", 1)}
        assert set(connection.execute(sa.select(client.c.newsletter))) == {(True,)}
    after = am.apply(before, plan)
    assert len(store.snapshot().appointments) == len(after.appointments)
    assert store.apply(plan, by="a test").failures == ()


def _change_note(connection: Connection) -> None:
    connection.execute(sa.update(note).where(note.c.id == 2).values(text="new"))


_MEANT: dict[str, Callable[[Connection], None]] = {
    "client": partial(theirs.change_client, client_id=1, phone2="+1 559 0000"),
    "absorbed": partial(theirs.change_client, client_id=2, last_name="Example"),
    "booking": partial(theirs.move, booking_id=2, starts=FIRST_DAY + timedelta(days=9)),
    "note": _change_note,
}


@pytest.mark.parametrize("step", [1, 3, 6, 7])
@pytest.mark.parametrize("name", _MEANT)
def test_a_column_with_a_meaning_that_changes_before_a_step_is_never_overwritten(
    small: Engine, name: str, step: int
) -> None:
    store = store_of(small, MAPPING)
    change_set = merge_of(store)
    assert len(change_set.steps) == 7

    def write(point: str) -> None:
        if point == f"before {step}":
            with theirs.at_work(small) as connection:
                _MEANT[name](connection)

    applied = store.apply(change_set, by="a test", on_point=write)
    data = store.snapshot()
    assert len(store.receipts()) == sum(outcome == "applied" for outcome in applied.outcomes.values())
    survivor, absorbed = data.customers["client-1"], data.customers["client-2"]
    if name == "client":
        assert "+1 559 0000" in survivor.phones
    elif name == "absorbed":
        assert absorbed.family_name == "Example"
    elif name == "note":
        assert data.records["note-2"].data == am.model.FrozenJson.of({"text": "new"})
    else:
        assert data.appointments["booking-2"].slot.start.date() == (FIRST_DAY + timedelta(days=9)).date()
    if applied.failures:
        assert absorbed.merged_into is None  # it can be planned again
        again = merge_of(store)
        assert not store.apply(again, by="a test").failures
    assert store.snapshot().customers["client-2"].merged_into == "client-1"


def test_a_key_that_is_used_again_between_two_steps_is_another_booking(small: Engine) -> None:
    store = store_of(small, MAPPING)
    plan = migration_of(store)
    rebooked = [n for n, step in enumerate(plan.change_set.steps, 1) if step.kind == "rebook"]

    def write(point: str) -> None:
        if point == f"before {rebooked[-1]}":
            with theirs.at_work(small) as connection:
                use_booking_again(connection, 3)

    applied = store.apply(plan, by="a test", on_point=write)
    assert applied.outcomes[rebooked[-1]] == "drifted"
    assert_is_the_new_booking(store.snapshot(), 3)


@pytest.fixture(params=["sqlite", "sqlite without foreign keys", "sqlite with replace", "postgresql"])
def reusing(request: pytest.FixtureRequest, sqlite_engine: Engine) -> Iterator[Engine]:
    """A practice of two clients, on databases with different habits."""
    engine = sqlite_engine
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        with server.new_database() as url:
            engine = sa.create_engine(url, poolclass=sa.NullPool)
            yield prepared(engine)
            engine.dispose()
        return
    if request.param != "sqlite":
        engine = sa.create_engine(
            engine.url, poolclass=sa.NullPool
        )  # it does not ask SQLite to obey foreign keys
    yield prepared(engine)
    engine.dispose()


def prepared(engine: Engine) -> Engine:
    created(engine, MAPPING)
    fresh(engine, MAPPING, partial(fill_practice, clients=2, bookings=4))
    return engine


def use_booking_again(connection: Connection, key: int, *, replaces: bool = False) -> None:
    """Let another booking have the key of one."""
    starts = FIRST_DAY + timedelta(days=60)
    row = {"calendar_id": OTHERS, "client_id": 2, "starts": starts, "minutes": 45, "zone": ZONE}
    connection.execute(sa.delete(invoice).where(invoice.c.booking_id == key))
    use_again(connection, booking, key, row, replaces=replaces)


def use_again(
    connection: Connection, table: sa.Table, key: int, row: dict[str, Any], *, replaces: bool
) -> None:
    """Remove a row and insert another one with its key, or replace it in one statement."""
    if replaces:
        connection.execute(sa.insert(table).prefix_with("OR REPLACE").values(id=key, **row))
    else:
        theirs.use_key_again(connection, table, key, row)


def assert_is_the_new_booking(data: am.Snapshot, key: int) -> None:
    row = data.appointments[f"booking-{key}"]
    assert (row.customer_id, row.status) == ("client-2", "booked")
    assert (row.replaces, row.replaced_by, row.cancel_reason, row.session_id) == (None, None, None, None)


@pytest.mark.parametrize("which", ["old", "new"])
def test_a_booking_with_the_key_of_one_that_was_moved_inherits_nothing(
    reusing: Engine, which: str, request: pytest.FixtureRequest
) -> None:
    store = store_of(reusing, MAPPING)
    plan = migration_of(store)
    store.apply(plan, by="a test")
    data = store.snapshot()
    (old,) = (row for row in data.appointments if row.id == "booking-1")
    assert old.replaced_by is not None
    new = int(old.replaced_by.split("-")[1])
    key, other = (1, new) if which == "old" else (new, 1)
    assert set(overlays(reusing, MAPPING, "appointment")) >= {1, new}
    with theirs.at_work(reusing) as connection:
        use_booking_again(connection, key, replaces="replace" in request.node.name)
    data = store.snapshot()
    assert_is_the_new_booking(data, key)
    left = data.appointments[f"booking-{other}"]
    assert (left.replaces, left.replaced_by) == (None, None)  # the booking that it led to is gone
    assert key not in overlays(reusing, MAPPING, "appointment")
    assert orphans(reusing, MAPPING) == {}
    assert data.appointments["booking-3"].replaced_by is not None  # others keep their own
    again = store.apply(plan, by="a test")
    assert set(again.outcomes.values()) == {"already"}  # the receipts say that it was done
    assert_is_the_new_booking(store.snapshot(), key)


@pytest.mark.parametrize("which", ["absorbed", "survivor"])
def test_a_client_with_the_key_of_one_that_was_merged_inherits_nothing(
    reusing: Engine, which: str, request: pytest.FixtureRequest
) -> None:
    store = store_of(reusing, MAPPING)
    store.apply(merge_of(store), by="a test")
    key = 2 if which == "absorbed" else 1
    assert set(overlays(reusing, MAPPING, "customer")) == {1, 2}
    with theirs.at_work(reusing) as connection:
        connection.execute(sa.delete(invoice))
        for table in (booking, file, note, insurance_card, client_programme, login_token):
            connection.execute(sa.delete(table))
        use_again(connection, client, key, {"file_no": "N9"}, replaces="replace" in request.node.name)
    data = store.snapshot()
    row = data.customers[f"client-{key}"]
    assert (row.record_number, row.status, row.merged_into, row.merged_at) == ("N9", "active", None, None)
    assert (row.emails, row.phones, row.former_record_numbers) == ((), (), ())
    assert data.customers["client-2"].merged_into is None
    assert set(overlays(reusing, MAPPING, "customer")) == {3 - key}
    assert orphans(reusing, MAPPING) == {}
    with reusing.connect() as connection:
        emails = MAPPING.tables.journal.emails
        assert key not in set(connection.execute(sa.select(emails.c.key_id)).scalars())


def test_a_former_login_forgets_the_absorbed_client_whose_key_is_used_again(
    reusing: Engine, request: pytest.FixtureRequest
) -> None:
    with theirs.at_work(reusing) as connection:
        connection.execute(sa.update(client).where(client.c.id == 2).values(email1="login@example.net"))
    store = store_of(reusing, MAPPING)
    store.apply(merge_of(store), by="a test")
    emails = store.snapshot().customers["client-1"].emails
    assert [email.login_of for email in emails].count("client-2") == 1
    with theirs.at_work(reusing) as connection:
        connection.execute(sa.delete(invoice))
        for table in (booking, file, note, insurance_card, client_programme, login_token):
            connection.execute(sa.delete(table))
        use_again(connection, client, 2, {"file_no": "N9"}, replaces="replace" in request.node.name)
    for data in (store.snapshot(), store.snapshot(customers=["client-1"])):
        left = data.customers["client-1"].emails
        assert left == tuple(attrs.evolve(email, login_of=None) for email in emails)
    assert store.snapshot(customers=["client-2"]).customers["client-2"].emails == ()


def test_access_of_ours_goes_with_the_client_whose_key_is_used_again(
    reusing: Engine, request: pytest.FixtureRequest
) -> None:
    store = store_of(reusing, MAPPING)
    row = am.Access(id="a-1", profile_id="calendar-1", customer_id="client-2", level="treating")
    with reusing.begin() as connection:
        Writer(connection, MAPPING, {}, Reader(connection, MAPPING.tables).sided).write(Edit(None, row))
    assert [found.customer_id for found in store.snapshot().access] == ["client-2"]
    with theirs.at_work(reusing) as connection:
        connection.execute(sa.delete(invoice))
        for table in (booking, file, note, insurance_card, client_programme, login_token):
            connection.execute(sa.delete(table))
        use_again(connection, client, 2, {"file_no": "N9"}, replaces="replace" in request.node.name)
    assert len(store.snapshot().access) == 0
