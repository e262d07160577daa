"""Other addresses: whoever shared a mailbox shares another one, in the data and in the request."""

from __future__ import annotations

import pytest

import accountmerge as am
from oracles.other_addresses import with_other_addresses
from small_values import customer, profile, request, snapshot

FOUND = snapshot(
    profiles=[profile("P1", email="Ann@example.com"), profile("P2", email="not an address")],
    customers=[
        customer("C1", emails=[am.CustomerEmail("ann@EXAMPLE.com", use="primary")]),
        customer("C2", emails=[am.CustomerEmail("bo@example.com", use="former")]),
    ],
)


def test_every_mailbox_is_another_one_and_what_was_shared_is_shared() -> None:
    other, _ = with_other_addresses(FOUND, request())
    before = [row.email for row in FOUND.profiles] + [row.emails[0].address for row in FOUND.customers]
    after = [row.email for row in other.profiles] + [row.emails[0].address for row in other.customers]
    assert not {address.mailbox for address in before} & {address.mailbox for address in after}
    pairs = [(one, two) for one in range(4) for two in range(4)]
    assert [before[one].is_same_mailbox(before[two]) for one, two in pairs] == [
        after[one].is_same_mailbox(after[two]) for one, two in pairs
    ]
    assert [address.is_valid for address in before] == [address.is_valid for address in after]


@pytest.mark.parametrize("text", ["", " "])
def test_an_address_that_is_missing_stays_missing(text: str) -> None:
    clear = am.customers.PrimaryEmailChange(customer_id="C1", action="clear", address=text)
    assert with_other_addresses(FOUND, clear)[1] == clear


def test_the_addresses_of_a_request_change_alike() -> None:
    other, asked = with_other_addresses(FOUND, request(new_email="bo@example.com"))
    assert asked.new_email.is_same_mailbox(other.customers["C2"].emails[0].address)
    edit = am.customers.CustomerEdit(
        customer_id="C1", changes=am.model.FrozenJson.of({"add_emails": ["bo@example.com"], "phones": ["1"]})
    )
    _, asked = with_other_addresses(FOUND, edit)
    assert asked.changes.value["phones"] == ["1"]
    (added,) = asked.changes.value["add_emails"]
    assert am.model.EmailAddress(added).is_same_mailbox(other.customers["C2"].emails[0].address)
    nothing = am.customers.CustomerEdit(customer_id="C1", changes=am.model.FrozenJson.of({"phones": []}))
    assert with_other_addresses(FOUND, nothing)[1] == nothing
