"""Laws: frames are refused for the reasons for which a file with the same rows is refused, and no value shows."""

from __future__ import annotations

import json
import pickle
import re
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import example, given, settings
from mangled_tables import FULL, TABLES, all_mangled, as_tables, mangled

import accountmerge as am
from accountmerge import frames
from accountmerge.frames.columns import columns_of
from accountmerge.model.entities import KINDS
from full_documents import faults_in, full_snapshot, replaced

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FULL_TABLES = frames.tables(full_snapshot(), values=True)


def refused(**given: Any) -> am.LoadError:
    with pytest.raises(am.LoadError) as error:
        frames.snapshot(taken_at=NOW, **given)
    return error.value


def told(error: am.LoadError) -> list[tuple[str, str, tuple[int, ...], Any]]:
    """Return the code, the place, the rows and the reason of each fault."""
    return [
        (fault.code, re.sub(r"\[\d+\]", "", fault.path, count=1), fault.rows, fault.facts.get("reason"))
        for fault in error.faults
        if isinstance(fault, frames.FrameFault)
    ]


def reasons_of_file(data: Any) -> set[tuple[str, str, Any]]:
    return {(fault.path, fault.code, fault.facts.get("reason")) for fault in faults_in(data)}


def reasons_of_frames(data: Any) -> set[tuple[str, str, Any]]:
    try:
        frames.snapshot(taken_at=NOW, complete_for=full_snapshot().complete_for, **as_tables(data))
    except am.LoadError as error:
        return {
            (path, fault.code, fault.facts.get("reason"))
            for fault in error.faults
            if isinstance(fault, frames.FrameFault)
            for path in _paths(fault, len(data[fault.path.partition(".")[0].partition("[")[0]]))
        }
    return set()


def _paths(fault: frames.FrameFault, count: int) -> list[str]:
    """Return the place of a fault in each of its rows; a column that is missing misses in every row."""
    if not fault.rows:
        if fault.code != "missing_key":
            return [fault.path]
        table, _, column = fault.path.partition(".")
        return [f"{table}[{row}].{column}" for row in range(count)]
    return [re.sub(r"\[\d+\]", f"[{row}]", fault.path, count=1) for row in fault.rows]


def alike(reasons: set[tuple[str, str, Any]]) -> set[tuple[str, str, Any]]:
    """Return reasons with the table in the place of an unknown column, which a file has in each row and hides."""
    return {
        (re.sub(r"[.\[].*", "", path) if code == "unknown_key" and _is_column(path) else path, code, reason)
        for path, code, reason in reasons
    }


def _is_column(path: str) -> bool:
    return re.fullmatch(r"\w+(\[\d+\])?\.[^.\[]+", path) is not None


@settings(max_examples=20)
@given(data=mangled())
@example(data=replaced(FULL, ("appointments", 0, "id"), "A2"))
@example(data=replaced(FULL, ("customers", 0, "merged_into"), "C9"))
@example(data=replaced(replaced(FULL, ("customers", 0, "merged_into"), "C9"), ("customers", 0, "status"), ""))
def test_frames_and_files_are_refused_for_the_same_reasons(data: dict[str, Any]) -> None:
    assert alike(reasons_of_frames(data)) == alike(reasons_of_file(data))


@pytest.mark.parametrize("table", TABLES)
def test_every_wrong_value_of_a_row_is_refused_as_in_a_file(table: str) -> None:
    seen: set[tuple[str, Any]] = set()
    for data in all_mangled(table):
        in_file = reasons_of_file(data)
        assert alike(reasons_of_frames(data)) == alike(in_file)
        seen.update((code, reason) for _, code, reason in in_file)
    assert len(seen) > 8, sorted(seen, key=str)  # the wrong values have faults of many kinds


MARKER = "Zz-Secret"


PERSONAL = [(c.table, c.name) for kind in KINDS for c in columns_of(kind.collection) if c.is_personal]


BIRTH = datetime.fromisoformat("1971-02-03")


@pytest.mark.parametrize("value", [MARKER, f"{MARKER}\x00", [MARKER], {MARKER: [MARKER]}, BIRTH])
def test_no_value_of_a_personal_column_shows(value: Any) -> None:
    names = {(table, name) for table, name in PERSONAL}
    given = {
        table: frame.with_columns(
            pl.Series(name, [value] * len(frame), dtype=pl.Object)
            for name in frame.columns
            if (table, name) in names
        )
        for table, frame in FULL_TABLES.items()
    }
    error = refused(**given)
    shown = [error.describe("en"), error.describe("fr"), repr(error), str(error)]
    shown += [fault.describe() + repr(fault) + str(dict(fault.facts)) for fault in error.faults]
    assert not [text for text in shown if MARKER in text or "1971" in text]
    assert len(error.faults) > len(PERSONAL) / 3


def test_a_word_outside_a_vocabulary_is_told_once_with_all_its_rows_and_the_nearest_word() -> None:
    words = ["booked", "No-show", "Booked", "No-show", "canceled", "No-show"]
    error = refused(appointments=_booked(status=words))
    found = {fault.facts["found"]: fault for fault in error.faults if "found" in fault.facts}
    assert {word: (fault.rows, fault.facts.get("meant")) for word, fault in found.items()} == {  # type: ignore[attr-defined]
        "No-show": ((1, 3, 5), None),
        "Booked": ((2,), "booked"),
        "canceled": ((4,), "cancelled"),
    }
    text = error.describe()
    assert "appointments.status, rows 1, 3, 5 (3 in all): “No-show” is not one of: held, booked" in text
    assert "did you mean cancelled?" in text


def test_words_are_hidden_where_there_are_too_many_to_be_words() -> None:
    error = refused(
        appointments=_booked(status=[f"Ann Example {'abcdefghijklmnopqrstuvw'[n]}" for n in range(22)])
    )
    assert "Ann" not in error.describe()
    assert ("not_in_vocabulary", "appointments.status", tuple(range(22)), None) in told(error)


def _booked(count: int = 0, **columns: Any) -> pl.DataFrame:
    """Return appointments of customer C1 in profile P1, an hour each, with some columns replaced."""
    count = count or max(len(values) for values in columns.values())
    start = [datetime(2026, 3, 2, 9 + n % 12, tzinfo=UTC) for n in range(count)]
    return pl.DataFrame(
        {
            "id": [f"A{n}" for n in range(count)],
            "profile_id": ["P1"] * count,
            "customer_id": ["C1"] * count,
            "start": start,
            "end": [moment.replace(hour=moment.hour + 1) for moment in start],
            "time_zone": ["Australia/Sydney"] * count,
            "modality": ["video"] * count,
            "status": ["booked"] * count,
        }
        | columns,
        strict=False,
    )


def _wall_times(*texts: str | None) -> list[datetime | None]:
    return [None if text is None else datetime.fromisoformat(text) for text in texts]


PEOPLE: dict[str, Any] = {"profiles": FULL_TABLES["profiles"], "customers": FULL_TABLES["customers"]}


def test_every_kind_of_fault_is_told_at_once() -> None:
    starts = _wall_times("2026-04-05 02:30", "2026-10-04 02:30", "2026-04-06 09:00", None)
    ends = _wall_times("2026-04-05 03:30", "2026-10-04 03:30", "2026-04-06 09:00", "2026-04-06 10:00")
    bookings = _booked(start=starts, end=ends, customer_id=["C1", "C1", "C9", "C1"]).with_columns(
        status=pl.Series(["booked", "booked", "booked", "gone"]), id=pl.Series(["A0", "A1", "A2", "A0"])
    )
    error = refused(
        appointments=bookings.drop("modality").with_columns(colour=pl.lit("red")),
        zone="Australia/Sydney",
        **PEOPLE,
    )
    assert set(told(error)) == {
        ("missing_key", "appointments.modality", (), None),
        ("unknown_key", "appointments.colour", (), None),
        ("invalid_value", "appointments.start", (0,), "wall_time_ambiguous"),
        ("invalid_value", "appointments.start", (1,), "wall_time_missing"),
        ("invalid_value", "appointments.end", (2,), "end_not_after_start"),
        ("missing_key", "appointments.start", (3,), None),
        ("not_in_vocabulary", "appointments.status", (3,), None),
        ("duplicate_id", "appointments.id", (3,), None),
        ("dangling_reference", "appointments.customer_id", (2,), None),
    }
    for language in ("en", "fr"):
        assert len(error.describe(language).splitlines()) == 10


def test_ids_of_several_rows_with_one_fault_are_all_named() -> None:
    ids = ["A0", "A1", "A0", "A1", *(f"B{n}" for n in range(7))]
    people = [*["C1"] * 4, *(f"C{n}" for n in range(20, 27))]
    error = refused(appointments=_booked(id=ids, customer_id=people), **PEOPLE)
    assert {
        ("duplicate_id", "appointments.id", (2, 3), None),
        ("dangling_reference", "appointments.customer_id", tuple(range(4, 11)), None),
    } == set(told(error))
    text = error.describe()
    assert "appointments.id, rows 2, 3 (2 in all): the ids A0, A1 occur a second time" in text
    assert "refers to ids that are not in the snapshot: C20, C21, C22, C23, C24, …" in text
    assert "A0, A1 figurent" in error.describe("fr")
    assert "désigne des identifiants" in error.describe("fr")


def test_times_without_zone_need_one() -> None:
    bookings = _booked(start=[datetime(2026, 4, 6, 9)], end=["2026-04-06 10:00"])  # noqa: DTZ001
    assert set(told(refused(appointments=bookings, **PEOPLE))) == {
        ("invalid_value", "appointments.start", (0,), "naive_time"),
        ("invalid_value", "appointments.end", (0,), "naive_time"),
    }
    (row,) = frames.snapshot(
        taken_at=NOW, appointments=bookings, zone="America/Toronto", **PEOPLE
    ).appointments
    assert row.slot.start == datetime(2026, 4, 6, 13, tzinfo=UTC)
    (row,) = frames.snapshot(taken_at=NOW, appointments=bookings, zone="time_zone", **PEOPLE).appointments
    assert row.slot.start == datetime(2026, 4, 5, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("columns", "place"),
    [
        ({"customers": {"Client ID": "id"}}, "columns.customers"),
        ({"customers": {"Given-Name": "given_name"}}, "columns.customers"),
        ({"customers": {"ann@example.com": "given_name"}}, "columns.customers"),
        ({"customers": {"id": "colour"}}, "columns.customers.colour"),
        ({"customers": {"id": "idd"}}, "columns.customers.idd"),
        ({"clients": {}}, "columns.clients"),
    ],
)
def test_a_wrong_name_of_a_mapping_is_told(columns: Any, place: str) -> None:
    error = refused(columns=columns, **PEOPLE)
    assert place in {fault.path for fault in error.faults}
    error.describe("fr")


def test_unknown_and_missing_columns_are_told_with_the_nearest_one() -> None:
    customers = FULL_TABLES["customers"].rename({"record_number": "Record No", "given_name": "givenname"})
    error = refused(profiles=FULL_TABLES["profiles"], customers=customers)
    assert {(fault.code, fault.path, fault.facts.get("meant")) for fault in error.faults} == {
        ("unknown_key", "customers.Record No", "record_number"),
        ("unknown_key", "customers.givenname", "given_name"),
        ("missing_key", "customers.record_number", "Record No"),
    }


def test_a_table_without_names_of_columns_shows_no_value() -> None:
    error = refused(customers=pl.DataFrame({"Ann": ["Bo"], "Example": ["Example"], "ann@example.com": ["x"]}))
    assert not [text for text in ("Ann", "Example", "ann@") if text in error.describe()]
    assert "customers.<column 1>" in error.describe()


def test_two_columns_of_one_meaning_are_refused() -> None:
    customers = FULL_TABLES["customers"].with_columns(primary_email=pl.lit("ann@example.com"))
    assert ("frame_column_twice", "customers.emails", (), None) in told(refused(customers=customers))
    twice = FULL_TABLES["customers"].with_columns(number=pl.lit("1"))
    error = refused(customers=twice, columns={"customers": {"number": "record_number"}})
    assert ("frame_column_twice", "customers.record_number", (), None) in told(error)
    both = FULL_TABLES["customers"].with_columns(version_number=pl.lit(1))
    assert ("frame_column_twice", "customers.version", (0,), None) in told(refused(customers=both))
    repeated = pd.DataFrame([[1, 2]], columns=["id", "id"])
    assert ("frame_names_repeat", "customers", (), None) in told(refused(customers=repeated))


def test_what_is_no_frame_is_told() -> None:
    error = refused(customers=[{"id": "C1"}], appointments="appointments.csv")
    assert {(fault.code, fault.path) for fault in error.faults} == {
        ("wrong_type", "customers"),
        ("wrong_type", "appointments"),
    }
    assert "a frame of polars" in error.describe()


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": "Mars/Olympus"},
        {"zone": 5},
        {"columns": [("customers", {})]},
        {"words": {"customers": "status"}},
        {"words": {"customers": {"status": "active"}}},
        {"words": {"customers": {"status": {"x": 5}}}},
        {"columns": {"customers": {"x": ["id"]}}},
        {"access_from_appointments": "full"},
        {"complete_for": "*"},
        {"taken_at": datetime(2026, 3, 1)},  # noqa: DTZ001
    ],
)
def test_a_wrong_argument_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(am.InvalidValueError) as error:
        frames.snapshot(**{"taken_at": NOW, **wrong})
    assert next(iter(wrong)) in error.value.describe()
    error.value.describe("fr")


def test_a_fault_is_a_value() -> None:
    error = refused(
        appointments=_booked(status=["gone", "gone"]),
        columns={"appointments": {"status": "status"}},
        **PEOPLE,
    )
    (fault,) = error.faults
    twin = pickle.loads(pickle.dumps(fault))  # noqa: S301
    assert (twin, {twin}) == (fault, {fault})
    assert fault != am.documents.Fault(fault.code, fault.path, **fault.facts)
    assert pickle.loads(pickle.dumps(error)).faults == error.faults  # noqa: S301
    assert json.dumps([fault.rows, fault.path]) == '[[0, 1], "appointments[0].status"]'  # type: ignore[attr-defined]


def test_the_callers_name_of_a_column_is_told() -> None:
    bookings = _booked(status=["gone", "booked"]).rename({"status": "Outcome"})
    text = refused(
        appointments=bookings, columns={"appointments": {"Outcome": "status"}}, **PEOPLE
    ).describe()
    assert "appointments.status (your column Outcome), row 0: “gone”" in text
