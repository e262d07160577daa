"""Instants: any aware datetime comes in, UTC comes out; RFC 3339 text is read strictly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pendulum
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.instants import (
    from_microseconds,
    microseconds,
    parse_rfc3339,
    rfc3339,
    utc,
    utc_or_none,
)
from accountmerge.testing.strategies import ZONES

if TYPE_CHECKING:
    from datetime import tzinfo

NEW_YORK = ZoneInfo("America/New_York")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)

offsets = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
zones: st.SearchStrategy[tzinfo] = st.one_of(
    offsets, st.sampled_from(ZONES).map(ZoneInfo), st.sampled_from(ZONES).map(pendulum.timezone)
)


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)), zones, st.sampled_from((0, 1)))  # noqa: DTZ001
def test_an_instant_stays_the_same_in_utc(naive: datetime, zone: tzinfo, fold: int) -> None:
    moment = naive.replace(tzinfo=zone, fold=fold)
    found = utc(moment)
    assert type(found) is pendulum.DateTime
    assert found.utcoffset() == timedelta()
    assert found.replace(tzinfo=None).isoformat() == moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    assert (
        microseconds(moment)
        == microseconds(found)
        == (moment.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)
    )
    assert from_microseconds(microseconds(moment)) == found


@pytest.mark.parametrize(("fold", "wanted"), [(0, "2025-11-02T05:30:00Z"), (1, "2025-11-02T06:30:00Z")])
def test_fold_tells_the_readings_of_a_repeated_hour_apart(fold: int, wanted: str) -> None:
    moment = datetime(2025, 11, 2, 1, 30, tzinfo=NEW_YORK, fold=fold)
    assert rfc3339(moment) == wanted
    assert rfc3339(utc(moment)) == wanted
    in_pendulum = pendulum.DateTime(
        2025, 11, 2, 1, 30, tzinfo=pendulum.timezone("America/New_York"), fold=fold
    )
    assert rfc3339(in_pendulum) == wanted


@pytest.mark.parametrize("moment", [FIRST, LAST, LAST.replace(microsecond=0)])
def test_the_ends_of_the_calendar_are_instants(moment: datetime) -> None:
    assert utc(moment) == moment
    assert parse_rfc3339(rfc3339(moment)) == microseconds(moment)


@pytest.mark.parametrize(
    "moment",
    [datetime.min.replace(tzinfo=ZoneInfo("Australia/Sydney")), datetime.max.replace(tzinfo=NEW_YORK)],
)
def test_instants_beyond_the_calendar_are_refused(moment: datetime) -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        microseconds(moment)
    assert caught.value.code == "time_out_of_range"


@pytest.mark.parametrize(
    "naive", [datetime.fromisoformat("2026-03-02T09:00:00"), pendulum.naive(2026, 3, 2, 9)]
)
def test_naive_times_are_refused(naive: datetime) -> None:
    for border in (microseconds, utc, utc_or_none, rfc3339):
        with pytest.raises(am.InvalidValueError) as caught:
            border(naive)
        assert caught.value.code == "naive_time"


def test_nothing_stays_nothing() -> None:
    assert utc_or_none(None) is None


@given(st.datetimes(timezones=st.just(UTC)))
@example(FIRST)
@example(LAST)
@example(EPOCH - timedelta(microseconds=1))
def test_written_instants_are_read_back(moment: datetime) -> None:
    text = rfc3339(moment)
    assert text == moment.replace(tzinfo=None).isoformat() + "Z"
    assert parse_rfc3339(text) == microseconds(moment)
    assert rfc3339(microseconds(moment)) == text


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)), offsets)  # noqa: DTZ001
def test_offsets_are_read(naive: datetime, offset: timezone) -> None:
    moment = naive.replace(tzinfo=offset)
    assert parse_rfc3339(moment.isoformat()) == microseconds(moment)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-03-02t09:00:00z", "2026-03-02T09:00:00Z"),
        ("2026-03-02T09:00:00.5Z", "2026-03-02T09:00:00.500000Z"),
        ("2026-03-02T09:00:00.123456+11:00", "2026-03-01T22:00:00.123456Z"),
        ("2026-03-02T09:00:00-00:00", "2026-03-02T09:00:00Z"),
        ("2024-02-29T23:59:59+23:59", "2024-02-29T00:00:59Z"),
        ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
    ],
)
def test_rfc3339_is_read(text: str, wanted: str) -> None:
    assert rfc3339(parse_rfc3339(text)) == wanted


@pytest.mark.parametrize("text", ["2026-03-02T09:00:00", "2026-03-02T09:00:00.5", "2026-03-02t09:00:00"])
def test_a_time_without_offset_is_told_as_such(text: str) -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        parse_rfc3339(text)
    assert caught.value.code == "naive_time"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "today",
        "Z",
        "P1D",
        "PT1H",
        "2026-03-02",
        "09:00:00Z",
        "20260302T090000Z",
        "2026-W10-1T09:00:00Z",
        "2026-061T09:00:00Z",
        "2026-03-02 09:00:00Z",
        "2026-03-02T09:00Z",
        "2026-03-02T09Z",
        "2026-03-02T09:00:00,5Z",
        "2026-03-02T09:00:00.Z",
        "2026-03-02T09:00:00.1234567Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T23:59:60Z",
        "2026-03-02T09:60:00Z",
        "2026-13-02T09:00:00Z",
        "2026-02-29T09:00:00Z",
        "2026-03-02T09:00:00+24:00",
        "2026-03-02T09:00:00+23:60",
        "2026-03-02T09:00:00+1100",
        "2026-03-02T09:00:00+11",
        "2026-03-02T09:00:00+11:00:30",
        "2026-03-02T09:00:00Z ",
        "2026-03-02T09:00:00Z\n",
        " 2026-03-02T09:00:00Z",
        "+2026-03-02T09:00:00Z",
        "12026-03-02T09:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-03-02T09:00:00 Europe/Paris",
        "2026-03-02T09:00:00Z/PT1H",
        "\u0662\u0660\u0662\u0666-03-02T09:00:00Z",
        "1767225600",
    ],
)
def test_what_is_not_rfc3339_is_refused(text: str) -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        parse_rfc3339(text)
    assert caught.value.code == "not_a_time"


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-00:01", "0001-01-01T00:00:00+00:01"])
def test_text_beyond_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        parse_rfc3339(text)
    assert caught.value.code == "time_out_of_range"


@given(st.text(max_size=30))
def test_no_text_raises_anything_else(text: str) -> None:
    with pytest.raises(am.InvalidValueError):
        parse_rfc3339(text)
