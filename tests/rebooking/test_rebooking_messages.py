"""Rebooking messages: what is written is read back, and what people make of it is read right or asked about."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.messages import LANGUAGES
from accountmerge.rebooking.message_lines import LabelledValue
from accountmerge.rebooking.message_times import WrittenTime
from accountmerge.rebooking.messages import LONGEST_MESSAGE, QUESTION_FIELDS, _Notes
from accountmerge.testing.strategies import rebooking_requests
from measuring import try_law
from strategies import Mangled, mangled_messages, rebooking_messages

MESSAGES = 400
"""How many mangled messages are read."""
RIGHT = {
    "Appointment number": "APP-12",
    "Initials": "A.B.",
    "Next session": "2026-03-31 14:30",
    "Time zone": "Australia/Sydney",
    "Modality": "video",
    "Old email": "old@example.com",
    "New email": "new@example.org",
}


def message(**changed: str) -> str:
    said = RIGHT | {name.replace("_", " ").capitalize(): value for name, value in changed.items()}
    return "\n".join(f"{label}: {value}" for label, value in said.items())


def asked(text: str, **told: Any) -> set[tuple[str, str]]:
    reading = am.rebooking.read_rebooking_message(text, **told)
    assert (reading.request is None) == bool(reading.questions)
    return {(question.code, question.field) for question in reading.questions}


def start(text: str, **told: Any) -> str:
    reading = am.rebooking.read_rebooking_message(text, **told)
    assert reading.request is not None, reading.questions
    return reading.request.start.isoformat()


# The laws


@settings(max_examples=150)
@given(rebooking_requests(), st.sampled_from(LANGUAGES))
def test_what_was_written_is_read_back(request: am.rebooking.RebookingRequest, language: str) -> None:
    reading = am.rebooking.read_rebooking_message(am.rebooking.rebooking_message(request, language))
    assert reading == am.rebooking.RebookingReading(request)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("moment", "zone"),
    [
        ("2026-04-04T15:30:00", "Australia/Sydney"),  # 02:30, the first time
        ("2026-04-04T16:30:00", "Australia/Sydney"),  # 02:30, the second time
        ("2025-11-02T05:59:59.999999", "America/New_York"),
        ("2025-11-02T06:00:00", "America/New_York"),
        ("2026-03-08T07:00:00", "America/New_York"),  # the first instant after the gap
        ("2026-03-08T06:59:59", "America/New_York"),
        ("2026-04-04T15:15:00", "Australia/Lord_Howe"),
        ("2011-12-30T10:00:00", "Pacific/Apia"),
        ("1850-01-01T00:00:00", "America/New_York"),  # an offset with seconds
    ],
)
def test_around_a_change_of_clock_the_very_instant_is_read_back(
    moment: str, zone: str, language: str
) -> None:
    request = am.rebooking.RebookingRequest(
        number="APP-1",
        initials="A",
        start=datetime.fromisoformat(moment).replace(tzinfo=UTC),
        time_zone=zone,
        modality="chat",
        old_email="old@example.com",
        new_email="new@example.com",
    )
    assert (
        am.rebooking.read_rebooking_message(am.rebooking.rebooking_message(request, language)).request
        == request
    )


@pytest.mark.unmeasured
def test_mangled_messages_are_read_right_or_asked_about_and_never_read_wrong() -> None:
    """In one law, so that what was really read and asked can be counted."""
    answers: Counter[str] = Counter()

    @settings(max_examples=MESSAGES)
    @given(mangled_messages())
    def law(mangled: Mangled) -> None:
        reading = am.rebooking.read_rebooking_message(
            mangled.text, zone=mangled.zone, day_first=mangled.day_first
        )
        questions = {(question.code, question.field) for question in reading.questions}
        assert questions == mangled.asked
        assert reading.request == mangled.request
        answers.update(code for code, _ in questions)
        answers["read"] += reading.request is not None

    try_law(law)
    assert answers["read"] >= 60
    assert sum(answers.values()) - answers["read"] >= 100
    assert len(answers) >= 7


@given(
    rebooking_messages(),
    st.sampled_from(("Date", "Time zone", "Initials", "New email", "x")),
)
@example("\ud800@example.com", "New email")  # half of a character pair
@example("\x00", "Time zone")
@example("A\ud800", "Initials")
def test_whatever_stands_there_is_answered(text: str, label: str) -> None:
    for whole in (text, f"{label}: {text}", f"{message()}\n{label}: {text}"):
        reading = am.rebooking.read_rebooking_message(whole)
        assert (reading.request is None) == bool(reading.questions)
        assert list(reading.questions) == sorted(set(reading.questions), key=lambda question: question.order)
        for language in LANGUAGES:
            assert all(question.describe(language) for question in reading.questions)


# Examples


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"next_session": "31/03/2026 2:30 PM"}, "2026-03-31T03:30:00+00:00"),
        ({"next_session": "03/31/2026 14h30"}, "2026-03-31T03:30:00+00:00"),
        ({"next_session": "04/04/2026 12 pm"}, "2026-04-04T01:00:00+00:00"),
        ({"next_session": "2026-03-31T14:30:00+11:00"}, "2026-03-31T03:30:00+00:00"),
        ({"next_session": "le mardi 31 mars 2026 à 14 h 30"}, "2026-03-31T03:30:00+00:00"),
        ({"next_session": "Tue, March 31st, 2026 @ 2:30 p.m."}, "2026-03-31T03:30:00+00:00"),
        ({"next_session": "mar. 31 mars 2026 14:30"}, "2026-03-31T03:30:00+00:00"),
        ({"next_session": "2026-04-05 02:30 (UTC+11:00)"}, "2026-04-04T15:30:00+00:00"),
        ({"next_session": "2026-04-05 02:30 +10:00"}, "2026-04-04T16:30:00+00:00"),
        ({"next_session": "2026-03-31 14:30 Australia/Sydney", "time_zone": ""}, "2026-03-31T03:30:00+00:00"),
        ({"time_zone": "EST", "next_session": "2026-03-31 14:30 -05:00"}, "2026-03-31T19:30:00+00:00"),
    ],
)
def test_a_time_is_read_however_it_is_written(changed: dict[str, str], wanted: str) -> None:
    assert start(message(**changed)) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("03/04/2026 14:30", {("day_or_month", "date")}),
        ("31/03/26 14:30", {("year_missing", "date")}),
        ("31 March 14:30", {("year_missing", "date")}),
        ("Monday 31/03/2026 14:30", {("weekday_mismatch", "date")}),
        ("2026-03-31 2:30", {("morning_or_afternoon", "time")}),
        ("2026-03-31", {("missing", "time")}),
        ("14:30", {("missing", "date")}),
        ("2026-10-04 02:30", {("clock_skips", "time")}),
        ("2026-10-04 02:30 +10:00", {("clock_skips", "time")}),
        ("2026-04-05 02:30", {("clock_repeats", "time")}),
        ("2026-03-31 14:30 +10:00", {("offset_mismatch", "time_zone")}),
        ("2026-03-31 14:30 +10:00 +11:00", {("contradictory", "time_zone")}),
        ("2026-03-31 14:30 - 15:20", {("unclear", "date"), ("unclear", "time")}),
        ("2026-03-31 9:00, 21:00", {("unclear", "date"), ("unclear", "time")}),
        ("tomorrow at 2 pm", {("unclear", "date"), ("unclear", "time")}),
        ("2026-02-30 14:30", {("unclear", "date"), ("unclear", "time")}),
        ("2026-03-31 24:00", {("unclear", "date"), ("unclear", "time")}),
        ("9999-12-31 23:59 -11:00", {("offset_mismatch", "time_zone")}),
    ],
)
def test_a_time_that_is_not_certain_is_asked_about(text: str, wanted: set[tuple[str, str]]) -> None:
    assert asked(message(next_session=text)) == wanted


@pytest.mark.parametrize("zone", ["EST", "Singapore", "AEST", "Sydney", "UTC+11:00 or so"])
def test_a_short_name_of_a_zone_is_asked_about(zone: str) -> None:
    assert asked(message(time_zone=zone)) == {("unclear", "time_zone")}
    assert asked(message(time_zone=zone), zone="Australia/Sydney") == {("unclear", "time_zone")}


@pytest.mark.parametrize(
    "line",
    ["Appointment - number: APP-12", "Number = APP-12", "Appointment number\tAPP-12", "Number - APP-12"],
)
def test_a_label_ends_in_more_ways_than_one(line: str) -> None:
    assert not asked(message().replace("Appointment number: APP-12", line))


def test_the_caller_may_say_which_comes_first_and_which_zone_is_meant() -> None:
    text = message(next_session="03/04/2026 14:30", time_zone="")
    assert start(text, zone="UTC", day_first=True) == "2026-04-03T14:30:00+00:00"
    assert start(text, zone="UTC", day_first=False) == "2026-03-04T14:30:00+00:00"
    assert start(message(next_session="31/03/2026 14:30"), day_first=False) == "2026-03-31T03:30:00+00:00"
    assert start(message(), zone="UTC") == "2026-03-31T03:30:00+00:00", "what the message says comes first"
    with pytest.raises(am.InvalidValueError):
        am.rebooking.read_rebooking_message(text, zone="Mars/Phobos")


def test_the_same_said_twice_is_fine_and_something_else_is_asked_about() -> None:
    assert not asked(
        f"{message()}\nDate: Tuesday 31 March 2026\nTime: 2:30 pm\nnumber: app 12\nOld email: OLD@example.com"
    )
    assert not asked(f"{message(next_session='03/04/2026 14:30')}\nDate: 3 April 2026")
    assert asked(f"{message()}\nTime: 3 pm") == {("contradictory", "time")}
    assert asked(f"{message()}\nDate: 2026-04-01") == {("contradictory", "date")}
    assert asked(f"{message()}\nNew e-mail: other@example.org") == {("contradictory", "new_email")}


MAIL_TIME = "Mon, 2 Mar 2026 09:12:00 +1100"
HEADERS = (
    "From: ann@example.org\nDate: {}\nSubject: next week",
    "> **From:** Ann\n> **Date:** {}",
    "De : Ann\nDate : {}\nObjet : la suite",
    "De : Ann\nDate : {}",
    "Envoyé : hier\nDate : {}",
    "À : vous\nDate:\n{}",
)


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("sent", [MAIL_TIME, "2 March 2026 at 9:12 am", "2026-03-02 14:30"])
def test_when_a_mail_was_sent_is_not_when_the_session_is(header: str, sent: str) -> None:
    without = message(next_session="").replace("Next session: \n", "")
    head = header.format(sent)
    for text in (f"{head}\n{without}", f"{head}\n{without}\nTime: 14:30", f"{head}\n{message()}"):
        assert ("unclear", "date") in asked(text)


def test_a_time_that_a_mail_program_wrote_is_not_the_date_of_the_session() -> None:
    without = message(next_session="").replace("Next session: \n", "")
    for sent in (MAIL_TIME, "2 Mar 2026 09:12:00 +1100", "Mon, 02 Mar 2026 09:12:00 GMT"):
        assert ("unclear", "date") in asked(f"Date: {sent}\n{without}")
    assert not asked(f"Date: Tuesday 31 March 2026 14:30\n{without}")


@pytest.mark.parametrize("text", ["2 hrs", "1 hr", "2 heures", "1 h", "1h", "12 hrs", "2 hours", "1 heure"])
def test_a_length_is_not_a_time(text: str) -> None:
    whole = message(next_session="2026-03-31") + f"\nSession time: {text}"
    assert asked(whole) == {("unclear", "time")}


@pytest.mark.parametrize("text", ["14 h 30", "14h30", "09h30", "9h30", "9 h 30", "14 h", "14h"])
def test_an_hour_may_stand_before_an_h(text: str) -> None:
    assert not asked(message(next_session="2026-03-31") + f"\nSession time: {text}")


@pytest.mark.parametrize(
    "line",
    [
        *("PM", "pm", "(p.m.)", "> am", "PM please", "- PM", "or 1 April 2026 14:30", "or 15:00", "or 3 pm"),
        *("Alternative: 1 April 2026 14:30", "Alternative:15:00", "Not before: 15:00", "Not on: 31/03/2026"),
        *(
            "Alternative\t1 April",
            "ou le 1er avril",
            "ou 15 h",
            "or at15:00",
            "or March 31st",
            "or Wednesday",
        ),
        *("Sent: Monday, 2 March 2026 9:12", "Number of 1 April: 5", "Corrected: 2026-04-01 or later"),
        "Corrected date and time: 2026-04-01 14:30 or later",
    ],
)
def test_a_time_on_a_line_without_a_label_that_is_understood_is_asked_about(line: str) -> None:
    lines = message().splitlines()
    for at in range(len(lines) + 1):
        text = "\n".join((*lines[:at], line, *lines[at:]))
        assert asked(text) == {("unclear", "date"), ("unclear", "time")}


@pytest.mark.parametrize(
    "line",
    [
        *(
            "Good morning,",
            "Am I right to ask you?",
            "Thank you so much",
            "Phone: 555-0100",
            "Tel. 04-12-34-56-78",
        ),
        *(
            "Bonjour, merci pour mon profil",
            "https://example.com/help?x=1",
            "Ann wrote:",
            "-- ",
            "Ticket 60231",
        ),
        *("From: ann@example.org", "You may call me", "Room 7", "+61 2 5550 0100"),
    ],
)
def test_a_line_that_holds_no_time_is_left_alone(line: str) -> None:
    lines = message().splitlines()
    for at in range(len(lines) + 1):
        assert not asked("\n".join(f"> {each}" for each in (*lines[:at], line, *lines[at:])))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "AB or CD",
            "AB, CD",
            "A.B., C.D.",
            "AB CD",
            "A.B. or C.D.",
            "AB - CD",
            "A.B. - C.D.",
            "A.B. ou C.",
        ),
        *("tbc", "TBC", "none", "NONE", "n/a", "na", "n.a.", "xx", "X.X.", "anna", "Ann", "Mc", "aucun"),
    ],
)
def test_what_may_be_no_initials_or_those_of_two_is_asked_about(text: str) -> None:
    assert asked(message(initials=text)) == {("unclear", "initials")}


@pytest.mark.parametrize(
    "text", ["AB", "ab", "A.B.", "a b", "JLO", "jlo", "J-L O'N", "É.-L.", "ABCD", "X", "N.A."]
)
def test_initials_are_read_as_they_are_written(text: str) -> None:
    request = am.rebooking.read_rebooking_message(message(initials=text)).request
    assert request is not None
    assert request.initials == text


@pytest.mark.parametrize("text", [".a@example.org", "<.a@example.org>", "'.a@example.org'"])
def test_an_address_with_a_dot_in_front_is_not_read_as_the_one_without(text: str) -> None:
    assert asked(message(old_email=text)) == {("unclear", "old_email")}


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("Corrected time: 15:00", ("unclear", "time")),
        ("Old appointment date: 2026-03-03", ("unclear", "date")),
        ("New appointment number: APP-13", ("unclear", "number")),
        ("Initials of the practitioner: QQ", ("unclear", "initials")),
        ("New billing e-mail: bills@example.org", ("unclear", "new_email")),
    ],
)
def test_a_label_that_is_only_understood_in_part_is_asked_about(line: str, wanted: tuple[str, str]) -> None:
    assert asked(f"{message()}\n{line}") == {wanted}


def test_labels_without_meaning_are_left_alone_and_a_value_may_stand_on_the_next_line() -> None:
    assert not asked(
        f"{message()}\nPhone number: 555-0100\nNumber of sessions: 5\nE-mail: me@example.com\nSubject: APP-9"
    )
    apart = "\n".join(f"> {label}:\n>\n>   {value}" for label, value in RIGHT.items())
    assert am.rebooking.read_rebooking_message(apart) == am.rebooking.read_rebooking_message(message())
    assert asked("") == {("missing", field) for field in QUESTION_FIELDS if field != "message"}


def test_a_huge_message_is_answered_and_not_read() -> None:
    for text in ("x" * 10_000_000, message() + " " * LONGEST_MESSAGE, "Date: " + "1" * LONGEST_MESSAGE):
        assert asked(text) == {("too_long", "message")}
    for filling in ("(", "- ", "a ", "1/", "Date: ", "\u0301", ">", "1 march "):
        text = f"Next session: {filling}" * 2 + filling * ((LONGEST_MESSAGE - 100) // len(filling))
        assert asked(text)


def test_a_message_is_text() -> None:
    wrong: Any = b"Date: 2026-03-31"
    with pytest.raises(am.InvalidValueError):
        am.rebooking.read_rebooking_message(wrong)


def test_no_question_and_no_reading_shows_what_the_message_holds() -> None:
    text = message(initials="Canary Name", old_email="canary @example.com", next_session="canary")
    reading = am.rebooking.read_rebooking_message(text)
    shown = [
        repr(reading),
        *(question.describe(language) for question in reading.questions for language in LANGUAGES),
    ]
    assert not [words for words in shown if "canary" in words.lower()]


@pytest.mark.parametrize(
    ("prefixes", "written", "number"),
    [
        (("APP-", "ASST-"), "asst 12", "ASST-12"),
        (("RDV",), "rdv-0077", "RDV0077"),
        (("RDV",), "#RDV 77", "RDV77"),
        (("№ ".strip(),), "№ 5", "№5"),
        (("APP-", ""), "1234", "1234"),
        (("APP-", ""), "app1234", "APP-1234"),
        (("APP-",), "1234", None),
        ((), "APP-1234", None),
    ],
)
def test_a_number_begins_as_the_practice_says(
    prefixes: tuple[str, ...], written: str, number: str | None
) -> None:
    wording = am.migrations.Wording(number_prefixes=prefixes)
    reading = am.rebooking.read_rebooking_message(message(appointment_number=written), wording=wording)
    assert (reading.request.number if reading.request else None) == number


def test_what_is_gathered_while_reading_shows_nothing_of_it() -> None:
    notes = _Notes(day_first=None, texts={"initials": {"canary": "Canary"}})
    for part in (notes, WrittenTime(zones=["canary"]), LabelledValue("initials", "Canary")):
        assert "canary" not in repr(part).lower()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_message_says_why_and_whom_to_ask(language: str) -> None:
    request = am.rebooking.read_rebooking_message(message()).request
    assert request is not None
    text = am.rebooking.rebooking_message(request, language)
    words = {
        "en": ("migration", "manager", "support team"),
        "fr": ("migration", "gestionnaire", "équipe de soutien"),
    }
    assert all(word in text for word in words[language])
    assert "2026-03-31" in text
    assert "14:30 (UTC+11:00)" in text
    assert len([line for line in text.splitlines() if line.startswith("- ")]) == len(RIGHT)
