"""Double bookings in frames: those of objects, in every engine; and the rows that cannot be judged."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import accountmerge as am
from accountmerge import frames
from accountmerge.frames import bulk_double_bookings
from accountmerge.testing.strategies import snapshots
from frames_of_snapshots import (
    ENGINES,
    INSTANT,
    SCHEMA,
    appointments_of,
    in_polars,
    merges_of,
    pairs_of,
    pairs_on_objects,
    practitioners_of,
    troubled,
)
from small_values import appointment, customer, profile, slot, snapshot
from strategies import colliding_snapshots

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def asked(given: am.Snapshot, frame: Any, kind: str) -> frames.BulkDoubleBookings:
    """Ask a frame of the appointments of a snapshot for the double bookings of one kind."""
    if kind == "practitioner":
        return frames.double_bookings(
            frame, practitioners=practitioners_of(given), merged_into=merges_of(given)
        )
    return frames.double_bookings(frame, by="customer_id", merged_into=merges_of(given))


@st.composite
def drawn(draw: st.DrawFn) -> am.Snapshot:
    given: am.Snapshot = draw(st.one_of(snapshots(max_appointments=12), colliding_snapshots()))
    late, odd = draw(st.booleans()), draw(st.booleans())
    event(f"year 9999: {late}, microseconds: {odd}")
    return troubled(given, late=late, odd=odd)


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=12)
@given(data=drawn(), kind=st.sampled_from(("practitioner", "customer")))
def test_every_engine_finds_the_pairs_and_rows_of_objects(engine: str, data: am.Snapshot, kind: str) -> None:
    frame = ENGINES[engine](appointments_of(data))
    found = asked(data, frame, kind)
    pairs = pairs_on_objects(data, kind)
    event(f"pairs: {min(len(pairs), 3)}")
    assert pairs_of(found.pairs) == pairs
    assert found.pair_count == len(pairs)
    doubled = {id for _, first, second, *_ in pairs for id in (first, second)}
    rows = in_polars(found.rows)
    assert rows.columns == list(SCHEMA)
    assert sorted(rows["id"]) == sorted(doubled)
    assert len(in_polars(found.bad)) == 0
    assert found.bad_counts == {}
    assert type(found.pairs) is type(found.rows) is type(found.bad) is type(frame)


def crowded() -> am.Snapshot:
    """A practice with every exception in one hour: sessions, halves, heirs, a merged person, two profiles."""
    booked = [
        appointment("A1", replaced_by="A2", status="cancelled"),
        appointment("A2", replaces="A1"),
        appointment("A3", profile_id="P2", customer_id="C2", replaces="A1"),
        appointment("A4", profile_id="P2", customer_id="C3", session_id="S"),
        appointment("A5", profile_id="P2", customer_id="C2", session_id="S"),
        appointment("A6", session_id="S", replaces="A4"),
        appointment("A7", slot(0, 30), profile_id="P3", customer_id="C3"),
        appointment("A8", slot(30, 30), session_id="S"),
        appointment("A9", session_id="S", replaces="A6"),
        appointment("B1", profile_id="P2", customer_id="C3", replaces="A1"),
        appointment("B4", slot(120, 30)),  # it is named by two, and the half of the one with the lesser id
        appointment("B3", slot(120, 30), replaced_by="B4"),
        appointment("B2", slot(120, 30), replaced_by="B4"),
        appointment("B5", slot(200, 30)),
        appointment("B6", slot(200, 30), replaced_by="B7"),
        appointment(
            "B7", slot(200, 30), replaces="B5"
        ),  # its own link counts before that of the row that names it
    ]
    absorbed = customer("C2", merged_into="C1", status="disabled")
    return snapshot(
        profiles=[profile(), profile("P2"), profile("P3", practitioner_id="H3")],
        customers=[customer(), absorbed, customer("C3")],
        appointments=booked,
    )


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["practitioner", "customer"])
def test_sessions_halves_and_merged_people_are_judged_as_on_objects(engine: str, kind: str) -> None:
    data = crowded()
    found = asked(data, ENGINES[engine](appointments_of(data)), kind)
    pairs = pairs_on_objects(data, kind)
    assert len(pairs) > 5
    assert pairs_of(found.pairs) == pairs
    assert found.pair_count == len(pairs)


SIZES = {"one giant calendar": (1, 3_000), "many small calendars": (2_000, 3_000)}


@pytest.mark.parametrize(("calendars", "count"), SIZES.values(), ids=SIZES)
def test_calendars_of_every_size_are_judged_as_on_objects(calendars: int, count: int) -> None:
    rows = [
        appointment(
            f"A{number}", slot(number * 7919 % 10_007, 5 + number % 11), profile_id=f"P{number % calendars}"
        )
        for number in range(count)
    ]
    data = snapshot(
        profiles=[
            profile(f"P{n}", practitioner_id=f"H{n}", email=f"p{n}@example.com") for n in range(calendars)
        ],
        appointments=rows,
    )
    pairs = pairs_on_objects(data, "practitioner")
    assert pairs or calendars > 1
    for engine in ("polars", "duckdb"):
        found = asked(data, ENGINES[engine](appointments_of(data)), "practitioner")
        assert pairs_of(found.pairs) == pairs


def test_a_hundred_thousand_calendars_are_kept_apart() -> None:
    count = 100_000
    same = pl.DataFrame({"id": range(2 * count), "profile_id": [*range(count), *range(count)]}).with_columns(
        start=pl.lit(NINE), end=NINE + pl.duration(minutes=1 + pl.col("id") // count)
    )
    found = frames.double_bookings(same)
    assert found.pair_count == count
    ordered = found.pairs.sort("profile_id")
    assert (ordered["second_id"] - ordered["first_id"]).unique().to_list() == [count]
    assert (ordered["profile_id"] == ordered["first_id"]).all()


BAD: dict[str, dict[str, Any]] = {
    "id_missing": {"id": None},
    "calendar_missing": {"profile_id": None},
    "start_missing": {"start": None},
    "end_missing": {"end": None},
    "end_not_after_start": {"end": NINE},
    "status_missing": {"status": None},
    "status_unknown": {"status": "Booked"},
}


def good_and_bad() -> pl.DataFrame:
    """Two bookings that overlap, and rows that would overlap both but for one fault each."""
    good = {"profile_id": "P1", "start": NINE, "end": NINE + timedelta(hours=1), "status": "booked"}
    rows = [{"id": "A1", **good}, {"id": "A2", **good}]
    rows += [{"id": reason, **good, **fault} for reason, fault in BAD.items()]
    return pl.DataFrame(rows, schema={name: SCHEMA[name] for name in rows[0]}, orient="row")


@pytest.mark.parametrize("engine", ENGINES)
def test_bad_rows_come_back_with_a_reason_and_are_judged_with_no_other(engine: str) -> None:
    given = good_and_bad()
    if engine == "polars with categories":
        frame: Any = given.with_columns(pl.col("profile_id", "status").cast(pl.Categorical))
    else:
        frame = ENGINES[engine](given)
    found = frames.double_bookings(frame)
    bad = in_polars(found.bad)
    assert bad.columns == [*given.columns, "bad_reason"]
    assert sorted(bad["bad_reason"]) == sorted(BAD)
    named = bad.filter(pl.col("id").is_not_null())
    assert named["id"].to_list() == named["bad_reason"].to_list()
    assert found.bad_counts == dict.fromkeys(BAD, 1)
    assert sorted(in_polars(found.rows)["id"]) == ["A1", "A2"]
    assert [pair[1:3] for pair in pairs_of(found.pairs)] == [("A1", "A2")]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_row_is_judged_or_bad(engine: str) -> None:
    given = good_and_bad()
    half = len(given) // 2
    for kept in (given[:half], given[half:], given[:0]):
        found = frames.double_bookings(ENGINES["polars" if "categories" in engine else engine](kept))
        assert sum(found.bad_counts.values()) == len(in_polars(found.bad))
        judged = kept.filter(~pl.col("id").is_in(in_polars(found.bad)["id"].to_list()))
        assert len(judged.filter(pl.col("id").is_not_null())) == sum(
            id in ("A1", "A2") for id in kept["id"].to_list()
        )


@pytest.mark.parametrize("engine", ENGINES)
def test_an_id_that_overlapping_rows_share_is_bad(engine: str) -> None:
    hour = {"start": NINE, "end": NINE + timedelta(hours=1), "status": "booked"}
    rows = [
        {"id": "A1", "profile_id": "P1", **hour},
        {"id": "A1", "profile_id": "P1", **hour},
        {"id": "A2", "profile_id": "P1", **hour},
        {"id": "A3", "profile_id": "P2", **hour},
        {"id": "A4", "profile_id": "P2", **hour},
        {"id": "A4", "profile_id": "P3", **hour},  # overlaps no row, so its id is not looked at
    ]
    given = pl.DataFrame(rows, schema={name: SCHEMA[name] for name in rows[0]}, orient="row")
    found = frames.double_bookings(ENGINES["polars" if "categories" in engine else engine](given))
    assert found.bad_counts == {"id_twice": 2}
    assert in_polars(found.bad)["id"].to_list() == ["A1", "A1"]
    assert sorted(in_polars(found.rows).select("id", "profile_id").rows()) == [("A3", "P2"), ("A4", "P2")]
    assert [pair[1:3] for pair in pairs_of(found.pairs)] == [("A3", "A4")]


@pytest.mark.parametrize("engine", ENGINES)
def test_times_without_a_zone_make_every_row_bad(engine: str) -> None:
    given = good_and_bad()[:2].with_columns(pl.col("start", "end").dt.replace_time_zone(None))
    if engine in ("polars in another zone", "polars with categories"):
        return
    found = frames.double_bookings(ENGINES[engine](given))
    assert found.bad_counts == {"naive_time": 2}
    assert found.pair_count == len(in_polars(found.rows)) == 0
    assert len(in_polars(found.bad)) == 2


def test_texts_are_read_as_a_file_is_and_each_fault_has_its_row() -> None:
    ends = (
        "2026-03-02T10:00:00Z",
        "2026-03-02T21:00:00+11:00",
        "2026-03-02T10:00:00",
        "Monday",
        "9999-12-31T23:59:59-01:00",
    )
    given = pl.DataFrame({"id": range(5), "profile_id": 1, "start": "2026-03-02T09:00:00+00:00", "end": ends})
    found = frames.double_bookings(given)
    assert found.bad["bad_reason"].to_list() == ["naive_time", "not_a_time", "time_out_of_range"]
    assert pairs_of(
        found.pairs.cast({"profile_id": pl.String, "first_id": pl.String, "second_id": pl.String})
    )[0][1:3] == ("0", "1")
    python = given.to_pandas()
    python["end"] = [NINE + timedelta(hours=1), NINE + timedelta(hours=2), NINE.replace(tzinfo=None), 7, None]
    assert frames.double_bookings(python).bad_counts == {"end_missing": 1, "naive_time": 1, "not_a_time": 1}


def test_instants_finer_than_a_microsecond_are_bad() -> None:
    given = good_and_bad()[:2].with_columns(pl.col("start", "end").dt.cast_time_unit("ns"))
    fine = given.with_columns(
        end=pl.when(id="A2").then(pl.col("end") + pl.duration(nanoseconds=1)).otherwise("end")
    )
    for frame in (
        given,
        given.lazy(),
        given.to_pandas(),
        given.with_columns(pl.col("start").dt.cast_time_unit("ms")),
    ):
        assert frames.double_bookings(frame).pair_count == 1
    for frame in (fine, fine.lazy(), fine.to_pandas()):
        assert frames.double_bookings(frame).bad_counts == {"time_too_fine": 1}


def test_instants_after_the_last_year_are_bad() -> None:
    late = good_and_bad()[:2].with_columns(end=pl.lit(9_007_199_254_740_992_000).cast(INSTANT))
    for frame in (late, late.lazy()):
        assert frames.double_bookings(frame).bad_counts == {"time_out_of_range": 2}
    connection = duckdb.connect()
    endless = connection.sql(
        "SELECT id, 'P1' AS profile_id, TIMESTAMPTZ '2026-03-02 09:00:00+00' AS start, "
        "TIMESTAMPTZ 'infinity' AS end FROM range(2) AS ids(id)"
    )
    assert frames.double_bookings(endless).bad_counts == {"time_out_of_range": 2}


def test_a_profile_without_a_practitioner_is_bad_if_practitioners_are_given() -> None:
    given = good_and_bad()[:2]
    for frame in (given, given.lazy(), ENGINES["duckdb"](given)):
        assert frames.double_bookings(frame, practitioners={}).bad_counts == {"practitioner_unknown": 2}
        assert frames.double_bookings(frame, practitioners={"P2": "H"}).bad_counts == {
            "practitioner_unknown": 2
        }
        assert frames.double_bookings(frame, practitioners={"P1": "H"}).pair_count == 1


def test_merges_and_practitioners_are_taken_as_frames_too() -> None:
    data = crowded()
    people = pl.DataFrame({"id": list(merges_of(data)), "merged_into": list(merges_of(data).values())})
    humans = pl.DataFrame(
        {"id": list(practitioners_of(data)), "practitioner_id": list(practitioners_of(data).values())}
    )
    frame = appointments_of(data)
    for of in (
        lambda small: small,
        lambda small: small.lazy(),
        lambda small: small.to_pandas(),
        ENGINES["duckdb"],
    ):
        found = frames.double_bookings(frame, merged_into=of(people), practitioners=of(humans))
        assert pairs_of(found.pairs) == pairs_on_objects(data, "practitioner")
        found = frames.double_bookings(frame, "customer_id", merged_into=of(people))
        assert pairs_of(found.pairs) == pairs_on_objects(data, "customer")


@pytest.mark.parametrize("parts", [1, 3, 40])
def test_a_lazy_frame_of_polars_is_judged_alike_in_any_number_of_parts(
    parts: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    data = crowded()
    frame = appointments_of(data)
    monkeypatch.setattr(bulk_double_bookings, "PART_ROWS", -(-len(frame) // parts))
    frame[:4].write_parquet(tmp_path / "one.parquet")
    frame[4:].write_parquet(tmp_path / "two.parquet")
    for kind in ("practitioner", "customer"):
        found = asked(data, pl.scan_parquet(tmp_path / "*.parquet"), kind)
        assert pairs_of(found.pairs) == pairs_on_objects(data, kind)


def test_a_session_of_thousands_takes_no_pairs() -> None:
    count = 20_000  # 200 million pairs, if they were made
    rows = pl.DataFrame({"id": range(count), "profile_id": 1, "session_id": "S"}).with_columns(
        start=pl.lit(NINE), end=pl.lit(NINE + timedelta(hours=1))
    )
    for frame in (rows, rows.lazy(), ENGINES["duckdb"](rows)):
        assert frames.double_bookings(frame).pair_count == 0
    late = pl.DataFrame({"id": [count], "profile_id": [1], "session_id": [None]}).with_columns(
        start=pl.lit(NINE), end=pl.lit(NINE + timedelta(minutes=1))
    )
    found = frames.double_bookings(pl.concat([rows, late], how="vertical_relaxed"))
    assert found.pair_count == len(found.pairs) == count


def test_many_bookings_in_one_slot_are_counted_without_a_list_of_pairs() -> None:
    count = 20_000
    rows = pl.DataFrame(
        {"id": range(count), "profile_id": 1, "replaces": [0, *range(count - 1)]}
    ).with_columns(start=pl.lit(NINE), end=pl.lit(NINE + timedelta(hours=1)))
    assert frames.double_bookings(rows).pair_count == 0  # one chain of rebookings
    found = frames.double_bookings(rows.drop("replaces"))
    assert found.pair_count == count * (count - 1) // 2
    assert len(found.rows) == count


def test_columns_may_have_other_names_and_the_key_may_be_any() -> None:
    given = good_and_bad()[:2].rename(
        {"id": "booking", "start": "from", "end": "until", "profile_id": "room"}
    )
    found = frames.double_bookings(given, "room", columns={"booking": "id", "from": "start", "until": "end"})
    assert found.pairs.columns == ["room", "first_id", "second_id", "start", "end"]
    assert found.pair_count == 1
    assert found.rows.columns == given.columns
    by_name = {"booking": "id", "from": "start", "until": "end", "room": "profile_id"}
    assert frames.double_bookings(given, columns=by_name).pair_count == 1


def test_a_session_counts_unless_the_time_is_a_customers() -> None:
    given = good_and_bad()[:2].with_columns(session_id=pl.lit("S"))
    assert frames.double_bookings(given).pair_count == 0
    assert frames.double_bookings(given, owner="customer").pair_count == 1
    twice = given.rename({"profile_id": "customer_id"})
    assert frames.double_bookings(twice, "customer_id").pair_count == 1
    assert frames.double_bookings(twice, "customer_id", owner="practitioner").pair_count == 0


def test_a_wrong_frame_is_refused_with_its_column_and_never_with_a_value() -> None:
    given = good_and_bad()[:2]
    refusals: dict[str, tuple[Any, dict[str, Any]]] = {
        "frame_wanted": ([1, 2], {}),
        "frame_columns_missing": (given.drop("start"), {}),
        "frame_name_unknown": (given, {"columns": {"start": "begin"}}),
        "frame_times_type": (given.with_columns(start=pl.lit(1.5)), {}),
        "not_one_of": (given, {"owner": "room"}),
        "frame_by_name": (given.rename({"profile_id": "first_id"}), {"by": "first_id"}),
        "frame_owner_type": (
            given.with_columns(customer_id=1),
            {"by": "customer_id", "merged_into": {1: "Canary"}},
        ),
    }
    for code, (frame, more) in refusals.items():
        with pytest.raises(am.InvalidValueError) as raised:
            frames.double_bookings(frame, **more)
        assert raised.value.code == code
        assert raised.value.describe("en") != raised.value.describe("fr")
        assert "Canary" not in str(raised.value)
    for frame, by in ((given.with_columns(profile_id=pl.lit(1.5)), "profile_id"), (given, "start")):
        with pytest.raises(am.InvalidValueError, match=by):
            frames.double_bookings(frame, by)
    with pytest.raises(am.InvalidValueError, match="merged_into"):
        frames.double_bookings(given, merged_into=given)
    with pytest.raises(am.InvalidValueError, match="end"):
        frames.double_bookings(given.lazy().with_columns(end=pl.lit("2026")))


def test_a_result_shows_counts_and_no_values() -> None:
    found = frames.double_bookings(good_and_bad())
    assert repr(found).startswith("BulkDoubleBookings(pair_count=1, bad_counts={'id_missing': 1,")
    assert "A1" not in repr(found)
    assert list(itertools.chain(found.bad_counts)) == list(BAD)
