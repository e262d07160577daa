"""Suggesting a survivor: who speaks for whom, in a defined order, and nobody who cannot be one."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.messages import LANGUAGES
from accountmerge.testing.strategies import snapshots
from small_values import appointment, customer, profile, record, slot, snapshot, utc

LOGIN = [am.CustomerEmail("ann@example.com", "primary")]


def suggested(*people: am.Customer, **collections: Any) -> am.merges.SurvivorSuggestion:
    return am.merges.suggest_survivor(snapshot(customers=people, **collections), [row.id for row in people])


def reasons(suggestion: am.merges.SurvivorSuggestion) -> dict[str, tuple[str, ...]]:
    return {one.customer_id: one.reasons for one in (*suggestion.ranking, *suggestion.passed_over)}


def test_history_counts_more_than_age_more_than_a_login_more_than_ids() -> None:
    people = [customer("C1"), customer("C2", emails=LOGIN), customer("C3"), customer("C4"), customer("C5")]
    rows = [
        record("R1", customer_id="C3"),
        record("R2", customer_id="C3"),
        record("R3", customer_id="C4", created_at=utc("2020-01-01")),
    ]
    found = suggested(*people, records=rows, appointments=[appointment("A1", customer_id="C5")])
    assert [one.customer_id for one in found.ranking] == ["C3", "C4", "C5", "C2", "C1"]
    assert found.customer_id == "C3"
    assert reasons(found) == {
        "C3": ("more_history",),
        "C4": ("older",),
        "C5": (),
        "C2": ("has_login",),
        "C1": (),
    }


def test_an_account_that_was_opened_with_the_address_of_another_person_is_not_suggested() -> None:
    rows = [record("R1", customer_id="C2")]
    for known in ({"records": rows}, {"appointments": [appointment(customer_id="C2", status="missed")]}):
        assert suggested(customer("C1", emails=LOGIN), customer("C2"), **known).customer_id == "C2"


def test_what_was_booked_and_written_for_those_merged_before_is_history_of_the_survivor() -> None:
    people = [
        customer("C1", emails=LOGIN),
        customer("C2"),
        customer("C3", merged_into="C2", status="disabled"),
    ]
    booked = suggested(*people, appointments=[appointment(customer_id="C3")])
    assert booked.customer_id == "C2"
    assert booked.ranking[0].facts["appointments"] == 1
    assert suggested(*people, records=[record(customer_id="C3")]).ranking[0].facts["records"] == 1


def test_who_is_known_for_longer_goes_before_who_is_known_for_no_time() -> None:
    rows = [record("R1", customer_id="C1"), record("R2", customer_id="C2", created_at=utc("2020-01-01"))]
    rows.append(record("R3", customer_id="C3", created_at=utc("2019-01-01")))
    found = suggested(customer("C1"), customer("C2"), customer("C3"), records=rows)
    assert [one.customer_id for one in found.ranking] == ["C3", "C2", "C1"]


def test_one_text_is_no_list_of_customers() -> None:
    with pytest.raises(am.InvalidValueError):
        am.merges.suggest_survivor(snapshot(customers=[customer("C1"), customer("C")]), "C1")


def test_appointments_of_any_status_and_records_are_history() -> None:
    rows = [
        appointment("A1", customer_id="C1", status="cancelled"),
        appointment("A2", slot(90), customer_id="C1"),
    ]
    found = suggested(
        customer("C1"), customer("C2"), appointments=rows, records=[record("R1", customer_id="C2")]
    )
    assert reasons(found) == {"C1": ("more_history", "older"), "C2": ()}
    assert found.ranking[0].facts == am.model.Facts(appointments=2, records=0, since="2026-03-02T12:00:00Z")
    assert found.ranking[1].facts == am.model.Facts(appointments=0, records=1)


def test_who_are_equal_share_their_reasons_and_the_lowest_id_is_said_to_decide() -> None:
    people = [customer("C2", emails=LOGIN), customer("C1", emails=LOGIN), customer("C3")]
    rows = [record(f"R{n}", customer_id=f"C{n}", created_at=utc("2020-01-01")) for n in (1, 2)]
    assert reasons(suggested(*people, records=rows)) == {
        "C1": ("more_history", "older", "has_login", "lowest_id"),
        "C2": ("more_history", "older", "has_login"),
        "C3": (),
    }


def test_what_tells_nobody_from_another_is_no_reason() -> None:
    assert reasons(suggested(customer("C1"), customer("C2"))) == {"C1": ("lowest_id",), "C2": ()}
    assert reasons(suggested(customer("C1"))) == {"C1": ()}


def test_a_secondary_address_is_no_login() -> None:
    second = customer("C2", emails=[am.CustomerEmail("bo@example.com", "secondary")])
    assert suggested(customer("C1"), second).customer_id == "C1"


def test_absorbed_disabled_and_unknown_customers_are_passed_over() -> None:
    people = [
        customer("C1", merged_into="C2", status="disabled", emails=LOGIN),
        customer("C2", merged_into="C3", status="disabled"),
        customer("C3"),
        customer("C4", status="disabled", emails=LOGIN),
    ]
    found = am.merges.suggest_survivor(snapshot(customers=people), ["nobody", "C4", "C1", "C3"])
    assert found.customer_id == "C3"
    assert [(one.customer_id, one.reasons) for one in found.passed_over] == [
        ("C1", ("absorbed",)),
        ("C4", ("disabled",)),
        ("nobody", ("unknown",)),
    ]
    assert found.passed_over[0].facts == am.model.Facts(survivor_id="C3")
    for ids in ([], ["nobody"], ["C4"]):
        assert am.merges.suggest_survivor(snapshot(customers=people), ids).customer_id is None


def test_a_suggestion_is_told_with_every_reason() -> None:
    people = [
        customer("C1", emails=LOGIN),
        customer("C2"),
        customer("C3", merged_into="C1", status="disabled"),
        customer("C4", status="disabled"),
    ]
    row = record("R1", customer_id="C2", created_at=utc("2020-01-01"))
    whole = snapshot(customers=people, records=[row])
    found = am.merges.suggest_survivor(whole, ["C1", "C2", "C3", "C4", "C5"])
    assert found.describe().splitlines() == [
        "Customer C2 is suggested as the survivor; a person decides.",
        "  Customer C2 has the most history: appointments 0, records 1.",
        "  Customer C2 has the longest history, since Wednesday 1 January 2020 at 00:00 (UTC).",
        "  Customer C1 has a login.",
        "  Customer C3 is already merged into customer C1.",
        "  Customer C4 is disabled.",
        "  There is no customer C5.",
    ]
    nobody = am.merges.suggest_survivor(whole, ["C4"])
    for language in LANGUAGES:
        assert len(nobody.describe(language).splitlines()) == 2
    assert found.describe("fr") != found.describe("en")


@given(snapshots(), st.data())
def test_a_suggestion_is_one_of_those_who_can_stay_whatever_order_they_are_named_in(
    drawn: am.Snapshot, data: st.DataObject
) -> None:
    ids = [*(row.id for row in drawn.customers), "nobody"]
    named = data.draw(st.lists(st.sampled_from(ids)))
    found = am.merges.suggest_survivor(drawn, named)
    assert found == am.merges.suggest_survivor(drawn, sorted(set(named), reverse=True))
    can_stay = {
        row.id
        for row in drawn.customers
        if row.id in named and row.status == "active" and row.merged_into is None
    }
    assert {one.customer_id for one in found.ranking} == can_stay
    assert {one.customer_id for one in found.passed_over} == set(named) - can_stay
    assert found.customer_id == (found.ranking[0].customer_id if can_stay else None)
    if len(can_stay) > 1:
        assert found.ranking[0].reasons
    for language in LANGUAGES:
        assert found.describe(language)


@given(snapshots(), st.data())
def test_more_history_is_never_passed_over_for_a_login(drawn: am.Snapshot, data: st.DataObject) -> None:
    """One customer gets the history of another and more, the other one a login: the first goes before it."""
    one, other = customer("C-b"), customer("C-a", emails=LOGIN)
    ids = sorted(row.id for row in drawn.customers)
    like = data.draw(st.sampled_from([None, *ids]))
    more = data.draw(st.sampled_from(["appointment", "record", "age"]))
    rows: list[Any] = [one, other]
    booked = [row for row in drawn.appointments.sorted() if row.customer_id == like]
    written = [row for row in drawn.records.sorted() if row.customer_id == like]
    for who in (one, other):
        rows += [attrs.evolve(row, id=f"{who.id}-{row.id}", customer_id=who.id) for row in booked]
        rows += [
            attrs.evolve(row, id=f"{who.id}-{row.id}", customer_id=who.id, attached_to=None)
            for row in written
        ]
    if more == "appointment":
        rows += [profile("P-new"), appointment("A-new", customer_id=one.id, profile_id="P-new")]
    elif more == "record":
        rows.append(record("R-new", customer_id=one.id))
    else:
        early, late = utc("0001-01-02"), utc("0001-01-03")
        rows += [record("R-one", customer_id=one.id, created_at=early)]
        rows += [record("R-other", customer_id=other.id, created_at=late)]
    data_of_all = drawn.changed(rows)
    order = [one.customer_id for one in am.merges.suggest_survivor(data_of_all, [*ids, "C-a", "C-b"]).ranking]
    assert order.index("C-b") < order.index("C-a")
