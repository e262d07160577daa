"""Values of frames: names and words of the caller, nested values, ids that are numbers, emails, and access."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest

import accountmerge as am
from accountmerge import frames
from accountmerge.model.identifiers import derived_id
from full_documents import full_snapshot

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TABLES: Any = frames.tables(full_snapshot(), values=True)


def customers(**columns: Any) -> pl.DataFrame:
    count = max(len(values) for values in columns.values())
    given = {
        "id": [f"C{n}" for n in range(count)],
        "record_number": [f"{n:03}" for n in range(count)],
        "emails": ["[]"] * count,
        "status": ["active"] * count,
    }
    return pl.DataFrame({**given, **columns}, strict=False)


def read(frame: Any, **more: Any) -> list[am.Customer]:
    return frames.snapshot(taken_at=NOW, customers=frame, **more).customers.sorted()


def test_names_and_words_of_the_caller_get_their_meaning() -> None:
    frame = customers(State=[1, 0, True], secret=["x", "y", "z"]).drop("status")
    frame = frame.with_columns(State=pl.Series([1, 0, 1])).rename({"id": "Client ID"})
    names = {"customers": {"Client ID": "id", "State": "status", "secret": None}}
    words = {"customers": {"status": {1: "active", "0": "disabled"}}}
    rows = read(frame, columns=names, words=words)
    assert [(row.id, row.status) for row in rows] == [("C0", "active"), ("C1", "disabled"), ("C2", "active")]
    truths = frame.with_columns(State=pl.Series([True, False, True]))
    words = {"customers": {"status": {True: "active", False: "disabled"}}}
    assert read(truths, columns=names, words=words) == rows


@pytest.mark.parametrize(
    "ids",
    [
        pl.Series([7, 8], dtype=pl.UInt8),
        pl.Series([7.0, 8.0]),
        pl.Series([Decimal(7), Decimal(8)]),
        pl.Series(["7", "8"], dtype=pl.Categorical),
        pl.Series([7, 8], dtype=pl.Object),
        pl.Series(["7", 8], dtype=pl.Object),
        pl.Series([7, 8], dtype=pl.Int128),
    ],
    ids=lambda series: str(series.dtype),
)
def test_ids_that_are_whole_numbers_are_text(ids: pl.Series) -> None:
    assert [row.id for row in read(customers(status=["active"] * 2).with_columns(id=ids))] == ["7", "8"]


def test_whole_numbers_with_nulls_of_pandas_are_ids() -> None:
    frame = pd.DataFrame({"id": [1, 2], "record_number": ["1", "2"], "emails": "[]", "status": "disabled"})
    frame["merged_into"] = [2, None]
    assert frame["merged_into"].dtype == float
    assert [row.merged_into for row in read(frame)] == ["2", None]
    frame["merged_into"] = pd.Series([Decimal("2.00"), None], dtype=object)  # as a database gives numbers
    assert [row.merged_into for row in read(frame)] == ["2", None]
    for wrong in (1.5, Decimal("1.5")):
        frame["merged_into"] = pd.Series([wrong, None], dtype=object)
        with pytest.raises(am.LoadError):
            read(frame)


def test_a_uuid_is_an_id() -> None:
    id = uuid.UUID(int=7)
    frame = customers(status=["active"]).with_columns(id=pl.Series([id], dtype=pl.Object))
    assert read(frame)[0].id == str(id)
    relation = duckdb.connect().sql(f"select uuid '{id}' id, 1 record_number, '[]' emails, 'active' status")
    assert read(relation)[0].id == str(id)


def test_versions_keep_their_type() -> None:
    numbers = read(customers(version=[1, None]))
    assert [row.version for row in numbers] == [1, None]
    assert [row.version for row in read(customers(version=["1", "v"]))] == ["1", "v"]
    assert [row.version for row in read(customers(version_number=["1", "-2"]))] == [1, -2]
    assert [row.version for row in read(customers(version=["a", None], version_number=[None, 2]))] == ["a", 2]
    frame = customers(version_number=[True])
    with pytest.raises(am.LoadError):
        read(frame)


def test_lists_and_structs_are_taken_as_well_as_json_text() -> None:
    emails = [[{"address": "a@example.com", "use": "primary", "login_of": None}], []]
    frame = customers(
        emails=emails, phones=[["1", "2"], None], attributes=[{"vip": True, "tier": None}, None]
    )
    rows = read(frame)
    assert rows == read(frame.to_pandas()) == read(frame.to_arrow())
    assert (rows[0].phones, rows[1].phones) == (("1", "2"), ())
    assert rows[0].attributes == am.model.FrozenJson.of({"vip": True})
    text = customers(
        emails=['[{"address": "a@example.com", "use": "primary"}]', "[]"],
        phones=['["1", "2"]', "null"],
        attributes=['{"vip": true}', None],
    )
    assert read(text) == rows


def test_times_in_lists_are_read_as_those_of_columns() -> None:
    slots = [[{"start": datetime(2026, 3, 2, 9), "end": datetime(2026, 3, 2, 10)}]] * 2  # noqa: DTZ001
    profiles = TABLES["profiles"].with_columns(unavailable=pl.Series(slots))
    snapshot = frames.snapshot(taken_at=NOW, profiles=profiles, zone="America/Toronto")
    start = snapshot.profiles.sorted()[0].unavailable[0].start
    assert start == datetime(2026, 3, 2, 14, tzinfo=UTC)
    with pytest.raises(am.LoadError) as refused:
        frames.snapshot(taken_at=NOW, profiles=profiles)
    assert refused.value.faults[0].facts["reason"] == "naive_time"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "not_json"),
        ("[" * 100_000, "too_deep"),
        ("9" * 5000, "number_too_long"),
        ("NaN", "invalid_value"),
        ('{"a":1,"a":2}', "repeated_key"),
    ],
)
def test_text_that_is_no_json_is_told(text: str, code: str) -> None:
    with pytest.raises(am.LoadError) as refused:
        read(customers(attributes=[text]))
    assert [(fault.code, fault.path) for fault in refused.value.faults] == [(code, "customers[0].attributes")]
    refused.value.describe("fr")


def test_each_address_may_have_its_own_column() -> None:
    frame = customers(
        primary_email=["a@example.com", None], secondary_email=["b@example.com", None], phone=["1", None]
    ).drop("emails")
    first, second = read(frame)
    assert {(email.address.text, email.use) for email in first.emails} == {
        ("a@example.com", "primary"),
        ("b@example.com", "secondary"),
    }
    assert (first.phones, second.emails, second.phones) == (("1",), (), ())
    with pytest.raises(am.LoadError) as refused:
        read(frame.with_columns(primary_email=pl.Series([date(2026, 1, 1)] * 2)))
    assert [fault.path for fault in refused.value.faults] == ["customers[0].emails"]
    assert "your column primary_email, secondary_email" in refused.value.describe()


def test_a_birth_date_may_be_a_time_of_midnight() -> None:
    frame = customers(birth_date=[datetime(1990, 2, 3), None])  # noqa: DTZ001
    assert [row.birth_date for row in read(frame)] == [date(1990, 2, 3), None]
    assert read(frame.with_columns(birth_date=pl.Series([date(1990, 2, 3), None]))) == read(frame)
    assert read(frame.with_columns(birth_date=pl.Series(["1990-02-03", None]))) == read(frame)
    for wrong in (datetime(1990, 2, 3, 1), datetime(1990, 2, 3, tzinfo=UTC)):  # noqa: DTZ001
        with pytest.raises(am.LoadError):
            read(customers(birth_date=[wrong]))


def test_access_is_derived_only_on_request_and_only_where_there_is_none() -> None:
    whole: dict[str, Any] = {name: TABLES[name] for name in ("profiles", "customers", "appointments")}
    assert not len(frames.snapshot(taken_at=NOW, **whole).access)
    derived = frames.snapshot(taken_at=NOW, access_from_appointments="viewing", **whole).access.sorted()
    assert [(row.id, row.profile_id, row.customer_id, row.level) for row in derived] == [
        (derived_id("access", "P1", "C1"), "P1", "C1", "viewing")
    ]
    given = frames.snapshot(
        taken_at=NOW, access_from_appointments="viewing", access=TABLES["access"], **whole
    )
    assert given.access == full_snapshot().access


def test_appointments_without_a_zone_of_their_own_get_the_given_one() -> None:
    people: dict[str, Any] = {name: TABLES[name] for name in ("profiles", "customers")}
    bookings = TABLES["appointments"].drop("time_zone")
    snapshot = frames.snapshot(taken_at=NOW, appointments=bookings, zone="Asia/Tokyo", **people)
    assert {row.time_zone for row in snapshot.appointments} == {"Asia/Tokyo"}
    with pytest.raises(am.LoadError) as refused:
        frames.snapshot(taken_at=NOW, appointments=bookings, **people)
    assert [(fault.code, fault.path) for fault in refused.value.faults] == [
        ("missing_key", "appointments.time_zone")
    ]


def test_an_unknown_zone_is_told_with_its_name() -> None:
    people: dict[str, Any] = {name: TABLES[name] for name in ("profiles", "customers")}
    bookings = TABLES["appointments"].with_columns(time_zone=pl.lit("AEST"))
    with pytest.raises(am.LoadError) as refused:
        frames.snapshot(taken_at=NOW, appointments=bookings, **people)
    assert "“AEST” is not an IANA name" in refused.value.describe()
    refused.value.describe("fr")
    words = {"appointments": {"time_zone": {"AEST": "Australia/Brisbane"}}}
    snapshot = frames.snapshot(taken_at=NOW, appointments=bookings, words=words, **people)
    assert {row.time_zone for row in snapshot.appointments} == {"Australia/Brisbane"}
