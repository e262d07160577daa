"""The oracle holds every snapshot without faults, and refuses each fault by a rule of its own."""

from __future__ import annotations

from typing import Any

import attrs
import oracle_schema
import pendulum
import pytest
from good_snapshots import REFUSED_BOOKINGS, REFUSED_CODES, made_good
from hypothesis import given
from oracle_rows import fill, holdable, read
from oracle_rules import verify_now, violations
from sqlalchemy import Engine, insert, inspect, text, update
from sqlalchemy.exc import IntegrityError

from accountmerge.findings.faults import find_faults
from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.emails import CustomerEmail
from accountmerge.model.entities import KINDS
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.testing.strategies import snapshots

pytestmark = pytest.mark.unmeasured

NOW = pendulum.datetime(2026, 3, 2, 8)


def slot(start: float, end: float) -> TimeSlot:
    return TimeSlot(NOW.add(minutes=round(60 * start)), NOW.add(minutes=round(60 * end)))


def booking(id: str, start: float, end: float, **fields: Any) -> Appointment:
    plain: dict[str, Any] = {"profile_id": "P1", "customer_id": "C1", "status": "booked", "modality": "video"}
    return Appointment(id=id, slot=slot(start, end), time_zone="Europe/Rome", **{**plain, **fields})


def person(id: str, *emails: CustomerEmail, **fields: Any) -> Customer:
    return Customer(id=id, **{"record_number": f"N-{id}", "status": "active", "emails": emails, **fields})


def login(id: str, **fields: Any) -> Profile:
    plain = {"practitioner_id": "H1", "email": f"{id}@example.com", "login": "enabled", "schedule": "pending"}
    return Profile(id=id, **{**plain, **fields})


PRIMARY = CustomerEmail("ann@example.com", "primary")
GOOD = Snapshot(
    NOW,
    profiles=[login("P1", schedule="active"), login("P2"), login("P3", practitioner_id="H2")],
    customers=[person("C1", PRIMARY), person("C2"), person("C3")],
    appointments=[booking("A1", 1, 2), booking("A2", 2, 3, customer_id="C2", profile_id="P2")],
    records=[Record(id="R1", kind="note", customer_id="C1", profile_id="P1")],
    access=[Access(id="X1", profile_id="P1", customer_id="C1", level="treating")],
    access_requests=[
        AccessRequest(
            id="Q1", profile_id="P2", customer_id="C2", requested_at=NOW, expires_at=NOW, status="pending"
        )
    ],
)


def written(engine: Engine, snapshot: Snapshot) -> Snapshot:
    with engine.begin() as connection:
        fill(connection, snapshot)
    with engine.connect() as connection:
        return read(connection, snapshot.taken_at)


@given(drawn=snapshots())
def test_a_snapshot_without_faults_is_read_back_equal(oracle: Engine, drawn: Snapshot) -> None:
    good = made_good(drawn)
    assert written(oracle, good) == good


@given(drawn=snapshots())
def test_the_database_refuses_only_data_with_a_fault_and_every_double_booking(
    oracle: Engine, drawn: Snapshot
) -> None:
    snapshot = holdable(drawn)
    codes = {finding.code for finding in find_faults(snapshot)}
    try:
        assert written(oracle, snapshot) == snapshot
    except IntegrityError:
        assert codes & REFUSED_CODES
    else:
        assert not codes & REFUSED_BOOKINGS


def test_every_field_of_every_entity_has_a_place() -> None:
    lists = {
        "unavailable": "profile_unavailable",
        "former_record_numbers": "customer_former_number",
        "emails": "customer_email",
        "phones": "customer_phone",
        "opt_outs": "customer_opt_out",
    }
    for kind in KINDS:
        columns = set(oracle_schema.ORACLE.tables[kind.name].columns.keys())
        for field in attrs.fields(kind.cls):
            wanted = {"starts", "ends"} if field.name == "slot" else {field.name}
            assert wanted <= columns or lists[field.name] in oracle_schema.ORACLE.tables


AT_ONCE: dict[str, list[Any]] = {
    "email_claimed_twice": [person("C2", CustomerEmail("Ann@Example.com", "former"))],
    "email_claimed_twice by a disabled one": [person("C2", PRIMARY, status="disabled")],
    "email_claimed_twice by an earlier login": [
        person("C2", CustomerEmail("ann@example.com", "secondary", "C3"))
    ],
    "username_taken_twice": [login("P2", email="P1@example.com")],
    "record_number": [person("C2", record_number="N-C1")],
    "appointment_number_twice": [booking("A1", 1, 2, number="7"), booking("A3", 4, 5, number="7")],
    "absorbed_is_disabled": [person("C2", merged_into="C3")],
    "customer_merged_into_itself": [person("C2", merged_into="C2", status="disabled")],
    "profile_succeeds_itself": [login("P2", succeeded_by="P2")],
}
"""Rows beside good ones that break a rule which each statement obeys."""
AT_THE_END: dict[str, list[Any]] = {
    "practitioner_booked_twice": [booking("A3", 1.5, 2, customer_id="C3")],
    "practitioner_booked_twice over profiles": [booking("A3", 1.5, 2, customer_id="C3", profile_id="P2")],
    "practitioner_booked_twice by a session at two times": [
        booking("A1", 1, 2, session_id="S"),
        booking("A3", 1, 1.5, session_id="S", customer_id="C3"),
    ],
    "practitioner_booked_twice by a session that starts later": [
        booking("A1", 1, 2, session_id="S"),
        booking("A3", 1.5, 2, session_id="S", customer_id="C3"),
    ],
    "practitioner_booked_twice by two sessions": [
        booking("A1", 1, 2, session_id="S"),
        booking("A3", 1, 2, session_id="A1", customer_id="C3"),
    ],
    "person_booked_twice": [booking("A3", 1.5, 2, profile_id="P3", status="held")],
    "person_booked_twice over a merge": [
        person("C3", status="disabled", merged_into="C1"),
        booking("A3", 1.5, 2, profile_id="P3", customer_id="C3"),
    ],
    "two_live_halves": [booking("A3", 4, 5, replaces="A1")],
    "two_live_halves by the other link": [booking("A1", 1, 2, replaced_by="A3"), booking("A3", 4, 5)],
    "two_live_halves over another one": [
        booking("A1", 1, 2, status="cancelled"),
        booking("A3", 4, 5, replaces="A1"),
        booking("A4", 6, 7, replaces="A1"),
    ],
    "merged_in_chain": [
        person("C2", status="disabled", merged_into="C3"),
        person("C3", status="disabled", merged_into="C1"),
    ],
    "several_active_schedules": [login("P2", schedule="active")],
    "several_primary_emails": [person("C2", *(CustomerEmail(f"{n}@example.com", "primary") for n in "ab"))],
}
"""Rows beside good ones that break a rule which a transaction obeys at its end."""


@pytest.mark.parametrize("case", AT_ONCE)
def test_a_claim_is_refused_by_the_statement_that_makes_it(oracle: Engine, case: str) -> None:
    assert written(oracle, GOOD) == GOOD
    with oracle.connect() as connection, pytest.raises(IntegrityError) as refused:
        fill(connection, GOOD.changed(AT_ONCE[case]))
    if oracle.dialect.name == "postgresql":
        assert case.split(maxsplit=1)[0] in constraint_of(refused.value)


@pytest.mark.parametrize("case", AT_THE_END)
def test_two_rows_that_do_not_fit_are_refused_at_the_end(oracle: Engine, case: str) -> None:
    with oracle.connect() as connection:
        fill(connection, GOOD.changed(AT_THE_END[case]))
        rule = case.split(maxsplit=1)[0]
        assert rule in {each for each, _, _ in violations(connection)}
        with pytest.raises(IntegrityError):
            verify_now(connection)
    with oracle.connect() as connection:
        fill(connection, GOOD.changed(AT_THE_END[case]))
        with pytest.raises(IntegrityError) as refused:
            connection.commit()
        connection.rollback()
    if oracle.dialect.name == "postgresql":
        names = {rule, "session_starts_twice", "session_ends_twice"}
        assert any(name in constraint_of(refused.value) for name in names)


@pytest.mark.parametrize("case", AT_THE_END)
def test_what_is_mended_in_the_same_transaction_is_no_fault(oracle: Engine, case: str) -> None:
    with oracle.begin() as connection:
        fill(connection, GOOD.changed(AT_THE_END[case]))
        assert violations(connection)
        fill(connection, GOOD)
        verify_now(connection)
        assert violations(connection) == ()


@pytest.mark.parametrize("case", [*AT_ONCE, *AT_THE_END])
def test_data_with_a_fault_can_be_made_good(oracle_on_sqlite: Engine, case: str) -> None:
    good = made_good(GOOD.changed({**AT_ONCE, **AT_THE_END}[case]))
    assert written(oracle_on_sqlite, good) == good


def test_good_data_stay_as_they_are() -> None:
    kept = made_good(GOOD)
    for kind in KINDS:
        if kind.name != "customer":  # every customer gets a number of its own
            assert kept.table(kind.collection) == GOOD.table(kind.collection)
    numbers = {row.id: row.record_number for row in GOOD.customers}
    assert {attrs.evolve(row, record_number=numbers[row.id]) for row in kept.customers} == set(GOOD.customers)


def test_bookings_of_one_session_fit(oracle: Engine) -> None:
    rows = [booking("A1", 1, 2, session_id="S"), booking("A3", 1, 2, session_id="S", customer_id="C3")]
    session = GOOD.changed(rows)
    assert written(oracle, session) == session


@pytest.mark.parametrize("column", ["customer_id", "profile_id", "replaces"])
def test_a_reference_without_a_target_is_refused_at_the_end(oracle: Engine, column: str) -> None:
    with oracle.begin() as connection:
        fill(connection, GOOD)
    with oracle.connect() as connection:
        connection.execute(update(oracle_schema.appointment).values({column: "gone"}))
        with pytest.raises(IntegrityError):
            connection.commit()
        connection.rollback()


@pytest.mark.parametrize("column", ["status", "modality", "starts"])
def test_a_value_outside_its_vocabulary_or_time_is_refused(oracle: Engine, column: str) -> None:
    with oracle.begin() as connection:
        fill(connection, GOOD)
    value: Any = NOW.add(years=1) if column == "starts" else "other"
    with oracle.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(update(oracle_schema.appointment).values({column: value}))


def test_a_release_before_a_claim_fits_and_a_claim_before_a_release_does_not(oracle: Engine) -> None:
    with oracle.begin() as connection:
        fill(connection, GOOD)
    emails = oracle_schema.customer_email
    claim = insert(emails).values(customer_id="C2", address="ann@example.com", use="primary")
    release = emails.delete().where(emails.c.customer_id == "C1")
    with oracle.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(claim)
    with oracle.begin() as connection:
        connection.execute(release)
        connection.execute(claim)


def test_a_booking_carries_the_practitioner_of_its_profile_also_when_it_moves(oracle: Engine) -> None:
    rows = oracle_schema.appointment
    with oracle.begin() as connection:
        fill(connection, GOOD)
    with oracle.begin() as connection:
        connection.execute(update(rows).where(rows.c.id == "A1").values(profile_id="P3"))
    with oracle.connect() as connection:
        carried = connection.execute(text("SELECT practitioner_id FROM appointment ORDER BY id"))
        assert carried.scalars().all() == ["H2", "H1"]
    with oracle.connect() as connection:
        connection.execute(update(rows).where(rows.c.id == "A1").values(practitioner_id="H1"))
        with pytest.raises(IntegrityError):
            connection.commit()
        connection.rollback()


def test_no_table_of_a_rule_refers_to_a_table_of_an_entity(oracle: Engine) -> None:
    names = set(inspect(oracle).get_table_names()) - set(oracle_schema.ORACLE.tables)
    targets = {key["referred_table"] for name in names for key in inspect(oracle).get_foreign_keys(name)}
    assert not targets & set(oracle_schema.ORACLE.tables)


def constraint_of(error: IntegrityError) -> str:
    return str(getattr(error.orig, "diag").constraint_name)  # noqa: B009 - only this driver has it
