"""Customers, and rules for the values of their fields."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Literal, get_args

import attrs
import pendulum

from accountmerge.errors import InvalidValueError
from accountmerge.model.emails import CustomerEmail
from accountmerge.model.instants import utc_or_none
from accountmerge.model.json_text import EMPTY_OBJECT, FrozenJson
from accountmerge.model.names import name_parts
from accountmerge.model.private import ShowsOnlyItsId, privacy
from accountmerge.model.texts import FILLED_LINE, IDENTIFIER, LABEL, LINE, NOTE, VERSION
from accountmerge.model.value_rules import (
    Rule,
    checked,
    each_of,
    entries,
    listed,
    optional,
    words,
    wrong_type,
)
from accountmerge.model.values import value_class
from accountmerge.model.weekly_hours import plain_date

CustomerStatus = Literal["active", "disabled"]
CUSTOMER_STATUSES: tuple[CustomerStatus, ...] = get_args(CustomerStatus)


def _sorted_emails(emails: Iterable[CustomerEmail]) -> tuple[CustomerEmail, ...]:
    checked = tuple(each_of(emails, CustomerEmail, "customer_email"))
    return tuple(sorted(set(checked))) if checked[1:] else checked


def _sorted_texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(texts)))


def _record_numbers(numbers: Iterable[str]) -> tuple[str, ...]:
    return _sorted_texts(map(IDENTIFIER.check, listed(numbers)))


def _opt_outs(opt_outs: Iterable[str]) -> tuple[str, ...]:
    return _sorted_texts(map(FILLED_LINE.check, listed(opt_outs)))


def _phones(phones: Iterable[str]) -> tuple[str, ...]:
    if isinstance(phones, set | frozenset):  # the order of a set differs from run to run
        raise wrong_type("list")
    return tuple(map(FILLED_LINE.check, listed(phones)))


def _birth_date(day: date | None) -> date | None:
    return None if day is None else plain_date(day)


def _attributes(attributes: FrozenJson) -> FrozenJson:
    """Refuse JSON that is no object, has a nested value, or has a key that cannot be shown."""
    if type(attributes) is not FrozenJson:
        raise wrong_type("frozen_json")
    if attributes.text == "{}":
        return attributes
    plain = attributes.value
    if not isinstance(plain, dict) or any(isinstance(item, list | dict) for item in plain.values()):
        raise wrong_type("object_of_scalars")
    for key in plain:
        LABEL.check(key)
    return attributes


# A record number identifies a person.
@privacy(
    personal=(
        "record_number former_record_numbers given_name family_name phones birth_date address "
        "opt_outs attributes"
    ),
    plain="id emails status merged_into merged_at version",
)
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(
        id=IDENTIFIER,
        record_number=IDENTIFIER,
        former_record_numbers=entries(IDENTIFIER, _sorted_texts),
        given_name=optional(LINE),
        family_name=optional(LINE),
        phones=entries(FILLED_LINE, tuple),
        address=optional(NOTE),
        opt_outs=entries(FILLED_LINE, _sorted_texts),
        status=words(*CUSTOMER_STATUSES),
        merged_into=optional(IDENTIFIER),
        version=VERSION,
    ),
)
class Customer(ShowsOnlyItsId):
    """A person who is served.

    Attributes:
        id: Opaque, given by the store.
        record_number: The number of the file, compared exactly, as text.
        former_record_numbers: Earlier file numbers of the person; a set, kept sorted.
        given_name: First names.
        family_name: Last names.
        emails: Addresses with their uses; a set, kept sorted.
        phones: Phone numbers, in the customer's own order.
        birth_date: The day of birth.
        address: The postal address, as one text.
        opt_outs: Names of messages or services that the customer does not want; a set, kept sorted.
        attributes: Further scalar values by name, as a JSON object.
        status: `disabled` for an absorbed customer, or one that the store switched off.
        merged_into: The survivor that absorbed this customer.
        merged_at: The instant of the merge that absorbed this customer; later merges of its survivor keep it.
        version: The store's own version of the entity.
    """

    id: str
    record_number: str
    former_record_numbers: tuple[str, ...] = attrs.field(default=(), converter=_record_numbers)
    given_name: str | None = None
    family_name: str | None = None
    emails: tuple[CustomerEmail, ...] = attrs.field(converter=_sorted_emails)
    phones: tuple[str, ...] = attrs.field(default=(), converter=_phones)
    birth_date: date | None = attrs.field(default=None, converter=_birth_date)
    address: str | None = None
    opt_outs: tuple[str, ...] = attrs.field(default=(), converter=_opt_outs)
    attributes: FrozenJson = attrs.field(
        default=EMPTY_OBJECT, converter=_attributes, metadata={"read_as": "scalars"}
    )
    status: CustomerStatus
    merged_into: str | None = None
    merged_at: pendulum.DateTime | None = attrs.field(default=None, converter=utc_or_none)
    version: str | int | None = None

    @property
    def mailboxes(self) -> tuple[str, ...]:
        """The mailboxes of all addresses, each once, sorted."""
        return _sorted_texts(email.address.mailbox for email in self.emails)

    @property
    def primary_mailboxes(self) -> tuple[str, ...]:
        """The mailboxes that sign the customer in, sorted; more than one only in faulty data."""
        return _sorted_texts(email.address.mailbox for email in self.emails if email.use == "primary")

    @property
    def reserved_mailboxes(self) -> tuple[str, ...]:
        """The mailboxes that no other customer may use as a login, sorted.

        These are primary and former addresses, and all earlier logins.
        """
        kept = (email for email in self.emails if email.use != "secondary" or email.login_of is not None)
        return _sorted_texts(email.address.mailbox for email in kept)

    @property
    def former_logins(self) -> tuple[str, ...]:
        """The ids of customers whose logins the addresses once were, each once, sorted."""
        return _sorted_texts(email.login_of for email in self.emails if email.login_of is not None)

    @property
    def name_parts(self) -> tuple[str, ...]:
        """The parts of all names, without accents and case, sorted, for a search by name."""
        return name_parts(self.given_name, self.family_name)


TEXT_FIELDS = ("given_name", "family_name", "address")
"""The fields of a customer that hold one text."""
_TEXT_RULES = {"given_name": LINE, "family_name": LINE, "address": NOTE}


def fits(field: str, value: Any) -> bool:
    """Return whether a field of a customer may have a value, given as plain JSON; `None` is refused."""
    if field == "phones":
        return isinstance(value, list) and all(_keeps(FILLED_LINE, phone) for phone in value)
    if field == "birth_date":
        return isinstance(value, str) and is_date(value)
    return _keeps(_TEXT_RULES[field], value)


def is_date(text: str) -> bool:
    """Return whether text is a date such as `2026-03-02`."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _keeps(rule: Rule, value: Any) -> bool:
    try:
        rule.check(value)
    except InvalidValueError:
        return False
    return True
