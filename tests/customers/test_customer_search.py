"""Searching customers: the first letters of any part of a name, or a record number, each person once."""

from __future__ import annotations

import unicodedata
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.names import folded, name_parts
from accountmerge.testing.strategies import snapshots
from small_values import customer, snapshot

PEOPLE = [
    customer("C1", record_number="1001", given_name="Marie", family_name="Tremblay"),
    customer("C2", record_number="1002", given_name="Tremblay", family_name="Marie"),
    customer("C3", record_number="1003", given_name="Zoë", family_name="L’Heureux-Côté"),
    customer("C4", record_number="1004", given_name="Søren", family_name="Lœuvre"),
    customer("C5", record_number="1005", given_name="Marc"),
    customer("C6", record_number="1006", family_name="ÉMARD"),
]
NAMES = st.one_of(
    st.sampled_from(
        [
            "Zoë",
            "L’Heureux",
            "İlker Işık",
            "Straße",
            "Ætheling",
            "Anne-Marie",
            "جميلة",
            "서연",
            "ﬁn",
            "گلستان‌پور",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
)


def found(text: str, *people: am.Customer) -> list[str]:
    return [
        match.customer_id for match in am.customers.find_customers(snapshot(customers=people or PEOPLE), text)
    ]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("ma tr", ["C2", "C1"]),
        ("TR MA", ["C2", "C1"]),
        ("tremblay  marie", ["C2", "C1"]),
        ("mar", ["C5", "C2", "C1"]),
        ("zoe", ["C3"]),
        ("ZOË", ["C3"]),
        ("zoe\u0308", ["C3"]),
        ("heur", ["C3"]),
        ("cote", ["C3"]),
        ("l'heureux", ["C3"]),
        ("lheureuxcote", ["C3"]),
        ("L'HEUREUX cote", ["C3"]),
        ("soren loeuv", ["C4"]),
        ("Lœ", ["C4"]),
        ("em", ["C6"]),
        ("emard marie", []),
        ("arie", []),
        ("nobody", []),
        *((blank, []) for blank in ("", " ", "\t\n", "\u00a0")),
        *((nothing, []) for nothing in ("-", "'", "\u0301", "’ -")),
    ],
)
def test_every_word_begins_some_part_of_a_name(text: str, ids: list[str]) -> None:
    assert found(text) == ids


def test_a_name_is_found_with_and_without_the_sign_inside_it() -> None:
    people = [customer("C1", family_name="O'Neill"), customer("C2", family_name="ONeill")]
    assert found("oneill", *people) == ["C1", "C2"]
    assert found("O’Neill", *people) == ["C1", "C2"]
    assert found("neill", *people) == ["C1"]


def test_a_record_number_is_compared_exactly_as_text() -> None:
    people = [customer("C1", record_number="007"), customer("C2", record_number="7", given_name="Ann")]
    assert found("007", *people) == ["C1"]
    assert found("7", *people) == ["C2"]
    for other in ("00", "07", "7.0", "٧"):
        assert found(other, *people) == []


@pytest.mark.parametrize("use", ["primary", "secondary", "former"])
@pytest.mark.parametrize("text", ["zoe.test@example.com", " ZOE.Test@EXAMPLE.com "])
def test_an_address_finds_its_customer_in_any_use_and_spelling(use: Any, text: str) -> None:
    emails = [am.CustomerEmail("Zoe.Test@example.com", use)]
    people = [customer("C1", emails=emails), customer("C2", given_name="Zoe")]
    (match,) = am.customers.find_customers(snapshot(customers=people), text)
    assert (match.customer_id, match.by) == ("C1", "email")


@pytest.mark.parametrize("text", ["zoe.test", "example.com", "@", "zoe@example.com", "\ud800@example.com"])
def test_a_part_of_an_address_finds_nobody(text: str) -> None:
    people = [customer("C1", emails=[am.CustomerEmail("zoe.test@example.com", "primary")])]
    assert found(text, *people) == []


def test_numbers_come_before_former_ones_before_names_and_everybody_comes_once() -> None:
    people = [
        customer("C1", given_name="A-7", former_record_numbers=["A-7"]),
        customer("C2", record_number="A-7", former_record_numbers=["A-7"], given_name="A-7"),
        customer("C3", given_name="A-7"),
    ]
    matches = am.customers.find_customers(snapshot(customers=people), "A-7")
    assert [(match.customer_id, match.by) for match in matches] == [
        ("C2", "record_number"),
        ("C1", "former_record_number"),
        ("C3", "name"),
    ]


def test_active_customers_come_first_then_names_in_their_order_then_ids() -> None:
    people = [
        customer("C1", given_name="Ann", family_name="Roy", status="disabled"),
        customer("C2", given_name="Ann", family_name="Roy"),
        customer("C4", given_name="Ànn", family_name="Róy"),
        customer("C3", given_name="Ann", family_name="ROY"),
        customer("C5", given_name="Ann", family_name="Abbott"),
        customer("C6", given_name="Ann"),
    ]
    assert found("ann", *people) == ["C6", "C5", "C2", "C3", "C4", "C1"]


def test_an_absorbed_customer_names_its_survivor_after_all_merges() -> None:
    people = [
        customer("C1", record_number="1", given_name="Ann", status="disabled", merged_into="C2"),
        customer("C2", record_number="2", status="disabled", merged_into="C3", former_record_numbers=["1"]),
        customer("C3", record_number="3", given_name="Bo", former_record_numbers=["1", "2"]),
    ]
    matches = am.customers.find_customers(snapshot(customers=people), "1")
    assert [(match.customer_id, match.by, match.merged_into) for match in matches] == [
        ("C1", "record_number", "C3"),
        ("C3", "former_record_number", None),
        ("C2", "former_record_number", "C3"),
    ]
    (by_name,) = am.customers.find_customers(snapshot(customers=people), "ann")
    assert by_name == am.customers.CustomerMatch("C1", "name", "disabled", "C3")


def test_merges_in_a_circle_are_shown_and_end() -> None:
    people = [
        customer("C1", given_name="Ann", merged_into="C2"),
        customer("C2", given_name="Bo", merged_into="C1"),
        customer("C3", given_name="Cy", merged_into="C1"),
        customer("C4", given_name="Di", merged_into="C4"),
    ]
    shown = [
        am.customers.find_customers(snapshot(customers=people), text)[0].merged_into
        for text in ("a", "b", "c", "d")
    ]
    assert shown == ["C2", "C1", "C1", "C4"]


def test_only_text_is_searched() -> None:
    wrong: Any = 1001
    with pytest.raises(am.InvalidValueError):
        am.customers.find_customers(snapshot(customers=PEOPLE), wrong)


@given(given_name=NAMES, family_name=NAMES)
def test_every_beginning_of_every_part_of_a_name_finds_its_customer(
    given_name: str, family_name: str
) -> None:
    whole = snapshot(customers=[customer("C1", given_name=given_name, family_name=family_name), *PEOPLE[1:]])
    for part in name_parts(given_name, family_name):
        for end in range(1, len(part) + 1):
            ids = {match.customer_id for match in am.customers.find_customers(whole, part[:end])}
            assert "C1" in ids, part[:end]


@given(given_name=NAMES, family_name=NAMES, end=st.integers(1, 12))
def test_what_stands_at_the_start_of_a_name_finds_it_as_it_is_written(
    given_name: str, family_name: str, end: int
) -> None:
    whole = snapshot(customers=[customer("C1", given_name=given_name, family_name=family_name)])
    typed = f"{family_name[:end]} {given_name[:end]}"
    assume(name_parts(typed))
    assert [match.customer_id for match in am.customers.find_customers(whole, typed)] == ["C1"]


@given(
    NAMES, st.sampled_from([str.upper, str.lower, str.swapcase, str.title]), st.sampled_from(["NFC", "NFD"])
)
def test_a_search_ignores_accents_and_case(name: str, cased: Any, form: Any) -> None:
    whole = snapshot(customers=[customer("C1", given_name=name), *PEOPLE[1:]])
    plain = "".join(
        letter for letter in unicodedata.normalize("NFD", name) if not unicodedata.combining(letter)
    )
    wanted = am.customers.find_customers(whole, name)
    for variant in (cased(name), unicodedata.normalize(form, name), folded(name), plain):
        by_name = [match for match in am.customers.find_customers(whole, variant) if match.by == "name"]
        assert by_name == [match for match in wanted if match.by == "name"]


@given(snapshots(), st.data())
def test_a_search_answers_the_same_in_whatever_order_customers_stand(
    drawn: am.Snapshot, data: st.DataObject
) -> None:
    rows = data.draw(st.permutations(list(drawn.customers)))
    numbers = [row.record_number for row in rows] + [
        text for row in rows for text in row.former_record_numbers
    ]
    names = [name for row in rows for name in (row.given_name, row.family_name) if name]
    text = data.draw(st.sampled_from([*numbers, *names, "a", "0"]))
    other = am.Snapshot(drawn.taken_at, customers=rows)
    matches = am.customers.find_customers(drawn, text)
    assert matches == am.customers.find_customers(other, text)
    assert len({match.customer_id for match in matches}) == len(matches)
    by = {match.customer_id: match.by for match in matches}
    for row in rows if text.strip() else ():
        if text == row.record_number:
            assert by[row.id] == "record_number"
        elif text in row.former_record_numbers:
            assert by[row.id] == "former_record_number"


def test_a_renamed_customer_is_found_in_the_derived_snapshot_under_the_new_name_only() -> None:
    whole = snapshot(customers=PEOPLE)
    assert am.customers.find_customers(whole, "tremblay")
    renamed = whole.changed([attrs.evolve(PEOPLE[0], family_name="Roy")])
    assert [match.customer_id for match in am.customers.find_customers(renamed, "tremblay")] == ["C2"]
    assert [match.customer_id for match in am.customers.find_customers(renamed, "roy")] == ["C1"]
