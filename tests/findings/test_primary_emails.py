"""Conflicts of primary emails: of one intended merge, and of everybody; counted by mailbox, in a defined order."""

from __future__ import annotations

import itertools
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.testing.strategies import snapshots
from small_values import customer, snapshot
from strategies import colliding_snapshots


def email(text: str, use: Any = "primary") -> am.CustomerEmail:
    return am.CustomerEmail(text, use)


def person(id: str, *emails: am.CustomerEmail, **fields: Any) -> am.Customer:
    return customer(id, emails=emails, **fields)


def shown(conflicts: tuple[am.PrimaryEmailConflict, ...]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return [(found.customer_ids, tuple(address.text for address in found.addresses)) for found in conflicts]


PEOPLE = [
    person("C1", email("Ann@Example.com")),
    person("C2", email("ann@example.com")),
    person("C3", email("bo@example.com"), email("ann@example.com", "secondary"), status="disabled"),
    person("C4", email("cy@example.com", "secondary"), email("bo@example.com", "former")),
    person("C5", email("not an address")),
]
WHOLE = snapshot(customers=PEOPLE)


def test_a_merge_with_two_mailboxes_in_the_primary_position_is_one_conflict() -> None:
    found = am.find_primary_email_conflicts(WHOLE, ["C3", "C2", "C4"])
    assert shown(found) == [(("C2", "C3"), ("ann@example.com", "bo@example.com"))]
    found = am.find_primary_email_conflicts(WHOLE, ["C1", "C2", "C3", "C5"])
    addresses = ("Ann@Example.com", "ann@example.com", "bo@example.com", "not an address")
    assert shown(found) == [(("C1", "C2", "C3", "C5"), addresses)]


def test_the_same_mailbox_on_several_counts_as_one() -> None:
    assert am.find_primary_email_conflicts(WHOLE, ["C1", "C2", "C4"]) == ()


def test_unknown_ids_and_nobody_are_no_conflict() -> None:
    for ids in ([], ["C1"], ["C1", "C1", "nobody"], ["nobody"]):
        assert am.find_primary_email_conflicts(WHOLE, ids) == ()


def test_one_customer_with_two_primary_emails_is_a_conflict_of_its_own() -> None:
    both = snapshot(customers=[person("C1", email("a@example.com"), email("b@example.com"))])
    assert shown(am.find_primary_email_conflicts(both, ["C1"])) == [
        (("C1",), ("a@example.com", "b@example.com"))
    ]
    with pytest.raises(am.InvalidValueError):  # one text is no list of ids
        am.find_primary_email_conflicts(both, "C1")
    assert am.find_primary_email_conflicts(both) == ()


def test_of_everybody_each_mailbox_that_several_sign_in_with_is_a_conflict() -> None:
    more = [person("C6", email("BO@example.com")), person("C7", email("not an address"))]
    found = am.find_primary_email_conflicts(snapshot(customers=[*reversed(PEOPLE), *more]))
    assert shown(found) == [
        (("C1", "C2"), ("Ann@Example.com", "ann@example.com")),
        (("C3", "C6"), ("BO@example.com", "bo@example.com")),
        (("C5", "C7"), ("not an address",)),
    ]


def test_a_conflict_shows_no_address() -> None:
    (found,) = am.find_primary_email_conflicts(WHOLE, ["C2", "C3"])
    assert repr(found) == "PrimaryEmailConflict(('C2', 'C3'), 2 addresses)"


def primaries(row: am.Customer) -> set[str]:
    return {one.address.mailbox for one in row.emails if one.use == "primary"}


@given(st.one_of(snapshots(), colliding_snapshots()), st.data())
def test_a_merge_has_a_conflict_just_when_its_primary_emails_are_several_mailboxes(
    drawn: am.Snapshot, data: st.DataObject
) -> None:
    ids = data.draw(st.lists(st.sampled_from([*(row.id for row in drawn.customers), "nobody"])))
    rows = [row for row in drawn.customers if row.id in ids]
    mailboxes = set().union(*map(primaries, rows)) if rows else set()
    found = am.find_primary_email_conflicts(drawn, ids)
    assert len(found) == (len(mailboxes) > 1)
    assert found == am.find_primary_email_conflicts(drawn, sorted(ids, reverse=True))
    for conflict in found:
        assert set(conflict.customer_ids) == {row.id for row in rows if primaries(row)}
        assert {address.mailbox for address in conflict.addresses} == mailboxes


@given(st.one_of(snapshots(), colliding_snapshots()), st.data())
def test_of_everybody_the_conflicts_are_those_of_every_pair(drawn: am.Snapshot, data: st.DataObject) -> None:
    rows = data.draw(st.permutations(list(drawn.customers)))
    pairs = {
        (mailbox, id)
        for one, other in itertools.combinations(rows, 2)
        for mailbox in primaries(one) & primaries(other)
        for id in (one.id, other.id)
    }
    found = am.find_primary_email_conflicts(drawn)
    seen = {(conflict.addresses[0].mailbox, id) for conflict in found for id in conflict.customer_ids}
    assert seen == pairs
    assert len(found) == len({mailbox for mailbox, _ in pairs})
    assert found == am.find_primary_email_conflicts(am.Snapshot(drawn.taken_at, customers=rows))
    assert list(found) == sorted(found, key=attrs.astuple)
