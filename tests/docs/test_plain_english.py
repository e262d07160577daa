"""Docstrings, pages and messages break the rules of plain English no more often than is known, and ever less."""

from __future__ import annotations

import json
from typing import Any

import pytest

import plain_english
from plain_english import AREAS, KINDS, RECORD, Breach, breaches, counted, fallen, new_sentences, risen

BREAKING = {
    "opens_with_what": "What a store promises.",
    "stands": "A booking stands in the calendar.",
    "somebody": "Ask somebody of the team.",
    "nothing_if": "Return the customer; nothing if it is absent.",
    "nothing_where": "The next step, nothing where all are done.",
    "nobody": "Nobody may read it.",
    "whom": "The person to whom it belongs.",
    "whoever": "Whoever writes first wins.",
    "so_far_as": "It is private so far as a name is.",
    "besides": "Besides the name, the e-mail changes.",
    "all_that": "It lists all that was lost.",
    "hangs_on": "The note hangs on a programme.",
    "lets_go": "The customer lets go of the address.",
    "lays": "It lays the edits over the snapshot.",
    "comes_along": "The data come along.",
    "carried_out": "The plan was carried out.",
    "put_to_the_test": "Each store is put to the test.",
    "holds_out": "The lock holds out.",
    "tells": "The code tells the reason.",
    "anew": "Plan anew.",
    "meanwhile": "It was booked meanwhile.",
    "for_as_because": "Plan again, for the data have changed.",
    "section_number": "Source: section 3.2, rule 4.",
}
PLAIN = {
    "opens_with_what": "Return the promises of a store. Say what is missing.",
    "stands": "The standing order is understood.",
    "somebody": "Ask a person of the team.",
    "nothing_if": "Return the customer, or None if it is absent.",
    "nothing_where": "The next step, or None where all are done.",
    "nobody": "No person may read it.",
    "whom": "The owner of the row, who may read it.",
    "whoever": "The program that writes first wins.",
    "so_far_as": "A name is private as far as the rules say.",
    "besides": "The name and the e-mail change; they are beside each other.",
    "all_that": "It lists all values that were lost.",
    "hangs_on": "The note is attached to a programme.",
    "lets_go": "The address is released; the plan lets it go.",
    "lays": "It applies the edits of the layer; a delay is possible.",
    "comes_along": "The data come with the booking.",
    "carried_out": "The plan was applied, and a note carried over.",
    "put_to_the_test": "Each store is tested.",
    "holds_out": "The lock holds.",
    "tells": "The code says the reason; tell the customer.",
    "anew": "Plan again, with a new ticket.",
    "meanwhile": "It was booked later.",
    "for_as_because": "Plan again, for each customer that is merged, for the practice, because the data have changed.",
    "section_number": "Source: RFC 5545 section 3.3.5, with two rules.",
}


@pytest.fixture(scope="module")
def known() -> Any:
    return json.loads(RECORD.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def found() -> tuple[Breach, ...]:
    return breaches()


@pytest.mark.parametrize("area", AREAS)
def test_no_text_breaks_more_rules_than_before(area: str, known: Any, found: tuple[Breach, ...]) -> None:
    more = [kind for where, kind in risen(known["counts"], counted(found)) if where == area]
    said = [
        f"{kind}: {breach.place}: {breach.sentence}"
        for kind in more
        for breach in new_sentences(known, found, area, kind)
    ]
    assert not more, "reword these:\n" + "\n".join(said)


@pytest.mark.parametrize("area", AREAS)
def test_a_count_that_falls_is_written_down(area: str, known: Any, found: tuple[Breach, ...]) -> None:
    fewer = [kind for where, kind in fallen(known["counts"], counted(found)) if where == area]
    assert not fewer, "good: now run `python tests/plain_english.py`, so that the lower count holds"


def test_the_pages_that_a_reader_opens_first_break_no_rule(found: tuple[Breach, ...]) -> None:
    assert not [breach for breach in found if breach.area == "first_pages"]


@pytest.mark.parametrize("kind", plain_english.PATTERNS)
def test_a_sentence_that_breaks_a_rule_is_counted(kind: str) -> None:
    assert kind in dict(plain_english.judged(BREAKING[kind]))


@pytest.mark.parametrize("kind", plain_english.PATTERNS)
def test_a_sentence_that_breaks_no_rule_is_not_counted(kind: str) -> None:
    assert not dict(plain_english.judged(PLAIN[kind]))


@pytest.mark.parametrize(
    "text",
    ["Return it. What a text", "Args:\n    name: What it is.", "One; What two", "A title\n\n*What* it is"],
)
def test_what_opens_a_sentence_after_a_stop_and_the_text_of_an_argument(text: str) -> None:
    assert "opens_with_what" in dict(plain_english.judged(text))


def test_code_in_backticks_breaks_no_rule() -> None:
    assert not dict(plain_english.judged("Call `nobody` and ``stands`` with `what`."))


def test_a_text_is_counted_once_for_a_kind_with_its_first_sentence() -> None:
    text = "Good. Nobody reads it.\nNobody writes it."
    assert list(plain_english.judged(text)) == [("nobody", "Nobody reads it.")]


def test_a_docstring_of_a_module_has_no_colon_in_its_first_paragraph() -> None:
    text = "Edits: one entity created.\n\nAll of them: valid."
    assert list(plain_english.judged_docstring(text, "")) == [("noun_phrase", "Edits: one entity created.")]
    assert not list(plain_english.judged_docstring("Edits of an entity.\n\nAll of them: valid.", ""))


def test_the_first_sentence_of_a_docstring_has_no_colon_and_at_most_eighteen_words() -> None:
    colon = "Return two things: one and two. More."
    assert list(plain_english.judged_docstring(colon, "f")) == [
        ("colon_in_first_sentence", "Return two things: one and two.")
    ]
    words = " ".join(["word"] * 18)
    assert not list(plain_english.judged_docstring(f"{words}.\n\nArgs:\n    a: {words}.", "f"))
    assert dict(plain_english.judged_docstring(f"{words} more.", "f")) == {
        "long_first_sentence": f"{words} more."
    }


def test_docstrings_are_those_of_modules_classes_and_functions() -> None:
    source = '"""M."""\n\nclass C:\n    """C."""\n    a = 1\n    """No docstring."""\n\n    def f(self):\n        """F."""\n'
    assert list(plain_english.docstrings(source)) == [("", "M."), ("C", "C."), ("f", "F.")]


def test_paragraphs_headings_items_and_cells_of_a_page_are_sentences_and_snippets_are_not() -> None:
    page = (
        "# Title\n\nOne thing.\nTwo `code: no. Yes`\nthings.\n\n- An item\n  of two lines.\n- Another.\n\n"
        "| a | b |\n|---|---|\n| c. D | `x` |\n\n```python\nnobody = 1\n```\n\nLast.\n"
    )
    assert list(plain_english.sentences_of_page(page)) == [
        "Title",
        "One thing.",
        "Two `code` things.",
        "An item of two lines.",
        "Another.",
        *("a", "b", "c.", "D", "`code`"),
        "Last.",
    ]


def test_messages_of_a_catalogue_are_read_with_both_numbers() -> None:
    text = 'msgid ""\nmsgstr ""\n"Language: en\\n"\n\nmsgid "a.b"\nmsgid_plural "a.b"\nmsgstr[0] "One"\nmsgstr[1] "Two \\"x\\""\n'
    assert list(plain_english.messages(text)) == [("a.b", "One"), ("a.b", 'Two "x"')]


def test_a_count_that_rises_or_falls_is_found_with_the_sentence_that_is_new() -> None:
    old, new = Breach("docs", "nobody", "p", "Nobody reads."), Breach("docs", "nobody", "q", "Nobody writes.")
    known = plain_english.record([old])
    assert not risen(known["counts"], counted([new])), "one for one is no rise"
    assert risen(known["counts"], counted([old, new])) == [("docs", "nobody")]
    assert new_sentences(known, [old, new], "docs", "nobody") == [new]
    assert fallen(known["counts"], counted([])) == [("docs", "nobody")]


def test_every_kind_has_a_sentence_that_breaks_it() -> None:
    assert BREAKING.keys() == PLAIN.keys() == plain_english.PATTERNS.keys()
    assert set(KINDS) - plain_english.PATTERNS.keys() == set(plain_english.SHAPES)
