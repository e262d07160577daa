"""Wall time: RFC 5545 section 3.3.5, against an oracle that only converts forward."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

import pendulum
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.instants import microseconds
from accountmerge.model.wall_times import find_zone, wall_text
from accountmerge.testing.strategies import ZONES
from small_values import utc
from strategies import wall_times, zoned_wall_times

QUARTER = timedelta(minutes=15)


def naive(text: str) -> datetime:
    return datetime.fromisoformat(text)


def readings(wall: datetime, zone: str) -> list[datetime]:
    """Return every instant at which clocks show a time, soonest first: tried out, quarter by quarter."""
    first = wall.replace(tzinfo=UTC) - timedelta(hours=26)
    tried = (first + number * QUARTER for number in range(4 * 52))
    return [at for at in tried if at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall]


def before_the_gap(wall: datetime, zone: str) -> datetime:
    """Return the instant of a skipped time: as much after the last time shown as clocks would have told."""
    first = wall.replace(tzinfo=UTC) - timedelta(hours=26)
    tried = [first + number * QUARTER for number in range(4 * 52)]
    shown = [(at, at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)) for at in tried]
    last, clock = max((pair for pair in shown if pair[1] < wall), key=lambda pair: pair[1])
    return last + (wall - clock)


@given(st.one_of(zoned_wall_times(), st.tuples(wall_times(), st.sampled_from(ZONES))))
def test_a_wall_time_is_resolved_as_clocks_show_it(time: tuple[datetime, str]) -> None:
    wall, zone = time
    found = readings(wall, zone)
    event(f"{len(found)} readings")
    earlier, later = (
        am.model.resolve_wall_time(wall, zone, ambiguous=which) for which in ("earlier", "later")
    )
    assert earlier == (found[0] if found else before_the_gap(wall, zone))
    assert later == (found[-1] if found else before_the_gap(wall, zone))
    if len(found) == 1:
        assert am.model.resolve_wall_time(wall, zone, ambiguous="refuse", missing="refuse") == found[0]
        assert earlier.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall
    else:
        with pytest.raises(am.InvalidValueError) as caught:
            am.model.resolve_wall_time(wall, zone, ambiguous="refuse", missing="refuse")
        assert caught.value.code == ("wall_time_ambiguous" if found else "wall_time_missing")
        assert caught.value.facts["zone"] == zone


def test_a_skipped_time_is_read_with_the_offset_before_the_gap() -> None:
    found = am.model.resolve_wall_time(naive("2007-03-11T02:30"), "America/New_York")
    assert type(found) is pendulum.DateTime
    assert found == utc("2007-03-11T07:30")


@pytest.mark.parametrize(("ambiguous", "wanted"), [("earlier", "05:30"), ("later", "06:30")])
def test_a_repeated_time_is_the_first_one_unless_the_later_is_asked_for(
    ambiguous: Literal["earlier", "later"], wanted: str
) -> None:
    found = am.model.resolve_wall_time(naive("2007-11-04T01:30"), "America/New_York", ambiguous=ambiguous)
    assert found == utc(f"2007-11-04T{wanted}")


def test_the_default_is_the_first_reading() -> None:
    assert am.model.resolve_wall_time(naive("2007-11-04T01:30"), "America/New_York") == utc(
        "2007-11-04T05:30"
    )


def test_a_skipped_time_has_one_reading_whichever_is_asked_for() -> None:
    for which in ("earlier", "later"):
        assert am.model.resolve_wall_time(
            naive("2007-03-11T02:30"), "America/New_York", ambiguous=which
        ) == utc("2007-03-11T07:30")


def test_a_skipped_day_is_shifted() -> None:
    assert am.model.resolve_wall_time(naive("2011-12-30T12:00"), "Pacific/Apia") == utc("2011-12-30T22:00")


@pytest.mark.parametrize("fold", [0, 1])
def test_fold_is_ignored(fold: int) -> None:
    for text in ("2007-03-11T02:30", "2007-11-04T01:30"):
        wall = naive(text)
        assert am.model.resolve_wall_time(
            wall.replace(fold=fold), "America/New_York"
        ) == am.model.resolve_wall_time(wall, "America/New_York")


@given(wall_times(), st.sampled_from(ZONES))
def test_a_naive_pendulum_time_is_read_like_any_other(wall: datetime, zone: str) -> None:
    same = pendulum.naive(wall.year, wall.month, wall.day, wall.hour, wall.minute)
    for which in ("earlier", "later"):
        assert am.model.resolve_wall_time(same, zone, ambiguous=which) == am.model.resolve_wall_time(
            wall, zone, ambiguous=which
        )


@pytest.mark.parametrize(
    "zone",
    [
        *("", " ", "/", ".", "..", "../x", "Etc/../UTC", "/etc/localtime", "/usr/share/zoneinfo/UTC"),
        *(
            "Nowhere/Land",
            "Australia",
            "Australia/",
            "Australia//Sydney",
            "australia/sydney",
            " UTC",
            "UTC\n",
        ),
        *("a\x00b", "\ud800", "tzdata.zi", "zone.tab", "x" * 5000, "+11:00", "1", "\u00e9"),
        *("localtime", "posixrules", "right/Australia/Sydney", "posix/Australia/Sydney"),
    ],
)
def test_what_is_no_iana_zone_is_refused(zone: str) -> None:
    for use in (
        find_zone,
        am.WeeklyHours,
        lambda name: am.model.resolve_wall_time(naive("2026-03-02"), name),
    ):
        with pytest.raises(am.InvalidValueError) as caught:
            use(zone)
        assert caught.value.code == "zone_unknown"
        assert set(caught.value.facts) <= {"of", "field"}  # never what was given


def test_an_aware_time_is_no_wall_time() -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        am.model.resolve_wall_time(utc("2026-03-02"), "UTC")
    assert caught.value.code == "wall_time_aware"


@pytest.mark.parametrize("modes", [{"ambiguous": "first"}, {"missing": "skip"}, {"ambiguous": None}])
def test_an_unknown_mode_is_refused_at_any_time(modes: dict[str, str]) -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        am.model.resolve_wall_time(naive("2026-03-02"), "UTC", **modes)  # type: ignore[arg-type]
    assert caught.value.code == "wall_time_mode"


@pytest.mark.parametrize(
    ("wall", "zone"), [("0001-01-01", "Australia/Sydney"), ("9999-12-31T23:00", "America/New_York")]
)
def test_instants_beyond_the_calendar_are_refused(wall: str, zone: str) -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        am.model.resolve_wall_time(naive(wall), zone)
    assert caught.value.code == "time_out_of_range"


def test_what_clocks_show_is_written_with_the_offset() -> None:
    shown = [wall_text(microseconds(utc(f"2026-04-04T{hour}:30")), "Australia/Sydney") for hour in (15, 16)]
    assert shown == ["2026-04-05 02:30+11:00", "2026-04-05 02:30+10:00"]


def test_what_no_clock_can_show_is_written_in_utc() -> None:
    last = microseconds(datetime.max.replace(tzinfo=UTC))
    assert wall_text(last, "Australia/Sydney") == "9999-12-31 23:59+00:00"


@given(wall_times(), st.sampled_from(ZONES))
def test_what_clocks_show_comes_back(wall: datetime, zone: str) -> None:
    for instant in readings(wall, zone):
        text = wall_text(microseconds(instant), zone)
        assert datetime.fromisoformat(text) == instant
        assert text.startswith(wall.isoformat(" ", "minutes"))


# From an instant to what clocks show


def changes_of_clock(zone: str) -> Iterator[tuple[datetime, timedelta]]:
    """Yield each instant from 2000 to 2017 at which clocks in a zone change, and by how much they are put forward."""
    place, step = ZoneInfo(zone), timedelta(days=20)

    def offset(at: datetime) -> timedelta:
        found = at.astimezone(place).utcoffset()
        assert found is not None
        return found

    at = datetime(2000, 1, 1, tzinfo=UTC)
    before = offset(at)
    while at.year < 2018:
        after = offset(at + step)
        if after != before:
            low, high = at, at + step
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                low, high = (middle, high) if offset(middle) == before else (low, middle)
            yield high.replace(microsecond=0), after - before
        at, before = at + step, after


def resolved(shown: tuple[datetime, int], zone: str) -> datetime:
    return am.model.resolve_wall_time(shown[0], zone, ambiguous="later" if shown[1] else "earlier")


ALL_ZONES = sorted(name for name in available_timezones() if name != "localtime")
AROUND = [timedelta(minutes=20), timedelta(hours=26)]


@pytest.mark.unmeasured
def test_what_clocks_show_resolves_to_the_same_instant_around_every_change_of_clock() -> None:
    twice = 0
    for zone in ALL_ZONES:
        for change, forward in changes_of_clock(zone):
            lengths = [*AROUND, abs(forward), abs(forward) - timedelta(microseconds=1)]
            for at in (
                change,
                *(change + length for length in lengths),
                *(change - length for length in lengths),
            ):
                wall, fold = am.model.wall_time(at, zone)
                twice += fold
                assert resolved((wall, fold), zone) == at, (zone, at)
                assert wall == at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
                assert fold == (timedelta(0) <= at - change < -forward), (zone, at)
    assert twice > 2_000  # hours that clocks show twice were among them


@given(zoned_wall_times(), st.integers(0, 999_999))
def test_each_reading_of_a_wall_time_is_shown_again_with_its_fold(
    time: tuple[datetime, str], fraction: int
) -> None:
    wall, zone = time[0].replace(microsecond=fraction), time[1]
    found = readings(time[0], zone)
    event(f"{len(found)} readings")
    for fold, at in enumerate(found):
        for given_as in (at, pendulum.instance(at), at.astimezone(ZoneInfo("Asia/Kathmandu"))):
            instant = given_as + timedelta(microseconds=fraction)
            assert am.model.wall_time(instant, zone) == (wall, fold)


def test_what_clocks_show_is_a_plain_datetime_without_zone_or_fold() -> None:
    for at in (utc("2007-11-04T05:30"), utc("2007-11-04T06:30")):
        wall, _ = am.model.wall_time(at, "America/New_York")
        assert type(wall) is datetime
        assert (wall.tzinfo, wall.fold) == (None, 0)


@pytest.mark.parametrize(
    ("at", "zone", "code"),
    [
        (datetime(2026, 3, 2), "UTC", "naive_time"),  # noqa: DTZ001
        (utc("2026-03-02"), "Nowhere/Land", "zone_unknown"),
        (datetime.max.replace(tzinfo=UTC), "Australia/Sydney", "time_out_of_range"),
    ],
)
def test_an_instant_that_no_clock_of_the_zone_shows_is_refused(at: datetime, zone: str, code: str) -> None:
    with pytest.raises(am.InvalidValueError) as caught:
        am.model.wall_time(at, zone)
    assert caught.value.code == code
