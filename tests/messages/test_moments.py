"""Instants in words, with the names of days and months that the Unicode CLDR has."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from babel.dates import get_day_names, get_month_names
from hypothesis import given
from hypothesis import strategies as st

from accountmerge.messages import (
    CUSTOMER_LABELS,
    LANGUAGES,
    CustomerLabel,
    ReaderLanguage,
    labelled,
    moment_text,
    sentence,
)

BABEL = {"en": Locale("en", "CA"), "fr": Locale("fr", "CA")}
NINE = "2026-03-01T22:00:00Z"


@pytest.mark.parametrize("language", LANGUAGES)
def test_days_and_months_have_the_names_of_the_cldr(language: str) -> None:
    days = get_day_names("wide", "format", BABEL[language])
    assert [sentence(f"weekday.{day}", {}, language) for day in range(1, 8)] == [
        days[day] for day in range(7)
    ]
    months = get_month_names("wide", "format", BABEL[language])
    told = [sentence(f"month.{month:02}", {}, language) for month in range(1, 13)]
    assert told == [months[month] for month in range(1, 13)]


@pytest.mark.parametrize(
    ("instant", "zone", "english", "french"),
    [
        (NINE, "UTC", "Sunday 1 March 2026 at 22:00 (UTC)", "dimanche 1er mars 2026 à 22_h (UTC)"),
        (
            NINE,
            "Australia/Sydney",
            "Monday 2 March 2026 at 09:00 (Sydney)",
            "lundi 2 mars 2026 à 9_h (Sydney)",
        ),
        (
            NINE,
            "America/New_York",
            "Sunday 1 March 2026 at 17:00 (New York)",
            "dimanche 1er mars 2026 à 17_h (New York)",
        ),
        (NINE, "No/Where", "Sunday 1 March 2026 at 22:00 (UTC)", "dimanche 1er mars 2026 à 22_h (UTC)"),
        (NINE, "../etc", "Sunday 1 March 2026 at 22:00 (UTC)", "dimanche 1er mars 2026 à 22_h (UTC)"),
        (
            "2026-08-31T00:05:00Z",
            "UTC",
            "Monday 31 August 2026 at 00:05 (UTC)",
            "lundi 31 août 2026 à 0_h_05 (UTC)",
        ),
        (
            "2026-08-31T00:05:09.5Z",
            "UTC",
            "Monday 31 August 2026 at 00:05:09.5 (UTC)",
            "lundi 31 août 2026 à 0_h_05_min_09,5_s (UTC)",
        ),
        (
            "2026-11-01T05:30:00Z",
            "America/Toronto",
            "Sunday 1 November 2026 at 01:30 (Toronto, UTC-04:00)",
            "dimanche 1er novembre 2026 à 1_h_30 (Toronto, UTC-04:00)",
        ),
        (
            "2026-11-01T06:30:00Z",
            "America/Toronto",
            "Sunday 1 November 2026 at 01:30 (Toronto, UTC-05:00)",
            "dimanche 1er novembre 2026 à 1_h_30 (Toronto, UTC-05:00)",
        ),
        ("9999-12-31T23:00:00Z", "Australia/Sydney", "Friday 31 December 9999 at 23:00 (UTC)", None),
        ("0001-01-01T00:00:00Z", "America/Toronto", "Monday 1 January 1 at 00:00 (UTC)", None),
    ],
)
def test_an_instant_is_told_as_clocks_show_it(
    instant: str, zone: str, english: str, french: str | None
) -> None:
    assert (
        moment_text(instant, "en", zone=zone)
        == moment_text(instant, ReaderLanguage("en", zone=zone, names_zone=True))
        == english
    )
    if french is not None:
        assert moment_text(instant, ReaderLanguage("fr-CA", zone=zone, names_zone=True)) == french.replace(
            "_", "\u00a0"
        )


@pytest.mark.parametrize(
    "text", ["", "?", "x", "2026-03-02", "2026-03-02T09:00:00", "2026-02-30T09:00:00Z", "9999", "a\nb"]
)
def test_any_other_text_is_told_as_it_is(text: str) -> None:
    for language in LANGUAGES:
        assert moment_text(text, language) == text.replace("\n", "\\n")


ZONES = ("UTC", "Australia/Sydney", "America/Toronto", "Asia/Kathmandu", "Australia/Lord_Howe")


@given(
    st.integers(-2_208_988_800, 4_102_444_800).map(lambda second: datetime.fromtimestamp(second, UTC)),
    st.sampled_from(ZONES),
    st.sampled_from((0, 1, 250_000)),
)
def test_two_instants_never_have_the_same_words(moment: datetime, zone: str, after: int) -> None:
    """The next hour is tried as well, because clocks may show an hour twice."""
    instant = moment + timedelta(microseconds=after)
    around = [instant + timedelta(minutes=minutes) for minutes in (-60, -30, 0, 30, 60)]
    turns = [datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)]
    for language in LANGUAGES:
        told = [moment_text(each.isoformat(), language, zone=zone) for each in (*around, *turns)]
        assert len(set(told)) == len({*around, *turns})
        local = instant.astimezone(ZoneInfo(zone))
        assert all(str(part) in told[2] for part in (local.year, local.day, local.hour))


def test_a_sentence_shows_instants_in_its_own_zone_or_else_in_that_of_the_locale() -> None:
    facts = {"start": NINE, "end": "2026-03-02T02:00:00Z"}
    here = sentence(
        "finding.window_unchecked", facts, ReaderLanguage("fr", zone="Australia/Sydney", names_zone=True)
    )
    assert "du lundi 2 mars 2026 à 9\u00a0h au lundi 2 mars 2026 à 13\u00a0h (Sydney)" in here
    assert "(UTC)" in sentence("finding.window_unchecked", facts, "fr")
    own = sentence(
        "report.demo_blackout", {**facts, "zone": "America/Toronto"}, ReaderLanguage("en", zone="UTC")
    )
    assert (
        own
        == "Availability is off from Sunday 1 March 2026 at 17:00 to Sunday 1 March 2026 at 21:00 (Toronto)."
    )


@pytest.mark.parametrize(
    ("language", "label", "told"),
    [
        ("en", "client", "Clients c-1 and c-2 are merged into one another in a circle."),
        ("en", "patient", "Patients c-1 and c-2 are merged into one another in a circle."),
        ("en", "pet", "Customers c-1 and c-2 are merged into one another in a circle."),
        ("fr", "customer", "Les clients c-1 et c-2 sont fusionnés en cercle les uns avec les autres."),
        ("fr", "patient", "Les patients c-1 et c-2 sont fusionnés en cercle les uns avec les autres."),
    ],
)
def test_a_practice_chooses_its_word_for_a_customer(language: str, label: str, told: str) -> None:
    locale = ReaderLanguage(language, customer=label)
    assert sentence("finding.merged_in_circle", {"customer_ids": ("c-1", "c-2")}, locale) == told


def test_the_word_of_a_practice_changes_no_name_of_the_code_and_no_fact() -> None:
    locale = ReaderLanguage("en", customer="patient")
    remedy = sentence("remedy.must_agree", {}, locale)
    assert "am.customers.plan_customer_edit" in remedy
    assert "Customer service" in sentence(
        "route.never_seen", {"customer_id": "customer-1", "profile_id": "p"}, locale
    )
    assert sentence("failure.gone", {"entity": "customer", "id": "customer-1"}, locale) == (
        "Patient customer-1 does not exist any more."
    )


def test_a_locale_is_the_text_of_its_language_and_copies_keep_its_words() -> None:
    locale = ReaderLanguage("fr", zone="America/Toronto", customer="patient")
    assert locale == "fr"
    assert ReaderLanguage().zone is None
    assert ReaderLanguage().customer == CUSTOMER_LABELS[0]
    for twin in (copy.copy(locale), pickle.loads(pickle.dumps(locale))):  # noqa: S301
        assert (twin, twin.zone, twin.customer) == ("fr", "America/Toronto", "patient")


def test_a_reader_without_names_of_zones_is_told_that_a_time_was_shown() -> None:
    reader = ReaderLanguage("fr", zone="Australia/Sydney")
    assert not reader.has_shown_time
    assert moment_text(NINE, reader) == "lundi 2 mars 2026 à 9\u00a0h"
    assert reader.has_shown_time
    assert moment_text(NINE, reader, zone="America/Toronto") == "dimanche 1er mars 2026 à 17\u00a0h (Toronto)"
    assert moment_text(NINE, ReaderLanguage("fr")) == moment_text(NINE, "fr")


@pytest.mark.parametrize("label", CUSTOMER_LABELS)
def test_a_word_for_customers_leaves_the_language_of_the_caller_as_it_is(label: CustomerLabel) -> None:
    reader = ReaderLanguage("fr", zone="Australia/Sydney", short_ids=True)
    told = labelled(reader, label)
    assert isinstance(told, ReaderLanguage)
    assert (reader.customer, told.customer) == (CUSTOMER_LABELS[0], label)
    assert (told, told.zone, told.short_ids, told.is_settled) == ("fr", reader.zone, True, True)
    moment_text(NINE, told)
    assert reader.has_shown_time  # the screen names the zone
    reader.has_shown_time = False
    assert not told.has_shown_time
    if label != CUSTOMER_LABELS[0]:
        assert labelled(told, CUSTOMER_LABELS[1]) is told  # a reader with a word keeps it
