"""Customer requests: small changes around one customer: access to it, its primary email, its details."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

import attrs
import pendulum

from accountmerge.errors import InvalidValueError
from accountmerge.model.emails import EmailAddress
from accountmerge.model.instants import utc
from accountmerge.model.json_text import FrozenJson
from accountmerge.rules.acceptances import Acceptance, sorted_acceptances
from accountmerge.rules.checked import checked_address, is_date, is_text
from accountmerge.rules.field_rules import TEXT_FIELDS

Decision = Literal["approve", "deny", "withdraw"]
DECISIONS: tuple[Decision, ...] = get_args(Decision)
DeciderRole = Literal["customer", "staff", "practitioner"]
DECIDER_ROLES: tuple[DeciderRole, ...] = get_args(DeciderRole)
PrimaryAction = Literal["clear", "set", "correct", "release"]
PRIMARY_ACTIONS: tuple[PrimaryAction, ...] = get_args(PrimaryAction)

EDITABLE = (*TEXT_FIELDS, "birth_date", "phones", "add_emails")
"""What an edit may name; it adds addresses and never takes one away."""


def _address(address: str | EmailAddress) -> EmailAddress:
    return checked_address(address, "address")


def _changes(changes: FrozenJson | Mapping[str, Any]) -> FrozenJson:
    given = changes.value if isinstance(changes, FrozenJson) else changes
    if not isinstance(given, Mapping):
        raise InvalidValueError("wrong_type", field="changes", wanted="object")
    if not given.keys() <= set(EDITABLE):
        raise InvalidValueError("not_one_of", field="changes", allowed=EDITABLE)
    found = FrozenJson.of(dict(given)).value
    for name, value in found.items():
        if not _fits(name, value):
            raise InvalidValueError("wrong_type", field=name, wanted="value_of_field")
    if "add_emails" in found:
        found["add_emails"] = sorted(set(found["add_emails"]))
    return FrozenJson.of(found)


def _fits(name: str, value: Any) -> bool:
    """Tell whether an edit may give a field a value."""
    if name in ("phones", "add_emails"):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if value is None:
        return True
    return isinstance(value, str) and (name != "birth_date" or is_date(value))


@attrs.frozen(repr=False, kw_only=True)
class NewAccessRequest:
    """A profile wants to treat a customer, and asks for it.

    Facts that are wrong are answered with findings; only wrong types and naive times raise.

    Attributes:
        profile_id: The profile that asks.
        customer_id: The customer who is asked.
        expires_at: Until when an answer counts; any aware datetime.
        accept: Findings that somebody takes upon themselves.
    """

    profile_id: str = attrs.field(validator=is_text)
    customer_id: str = attrs.field(validator=is_text)
    expires_at: pendulum.DateTime = attrs.field(converter=utc)
    accept: tuple[Acceptance, ...] = attrs.field(default=(), converter=sorted_acceptances)

    def __repr__(self) -> str:
        return f"NewAccessRequest(profile_id={self.profile_id!r}, customer_id={self.customer_id!r})"


@attrs.frozen(repr=False, kw_only=True)
class AccessDecision:
    """Somebody decides on an access request.

    Facts that are wrong are answered with findings; only wrong types raise.

    Attributes:
        request_id: The access request.
        decision: One of `DECISIONS`.
        role: As what the decider acts, one of `DECIDER_ROLES`.
        by: Who decides: the customer's id, the id of the profile that asked, or the name of the staff
            member who records it.
        reason: Why.
        accept: Findings that somebody takes upon themselves.
    """

    request_id: str = attrs.field(validator=is_text)
    decision: str = attrs.field(validator=is_text)
    role: str = attrs.field(validator=is_text)
    by: str = attrs.field(validator=is_text)
    reason: str = attrs.field(default="", validator=is_text)
    accept: tuple[Acceptance, ...] = attrs.field(default=(), converter=sorted_acceptances)

    def __repr__(self) -> str:
        return f"AccessDecision({self.request_id!r})"


@attrs.frozen(repr=False, kw_only=True)
class PrimaryEmailChange:
    """Another address is to sign a customer in, or none, or an address is to be let go of.

    Facts that are wrong are answered with findings; only wrong types raise.

    Attributes:
        customer_id: The customer; for `correct` also one that was absorbed, the survivor then gets the address.
        action: One of `PRIMARY_ACTIONS`: `clear` makes a primary email a former one; `set` makes a new or known
            address primary; `correct` does so with an address that the survivor or one absorbed into it has;
            `release` takes an address away for good.
        address: Which address. For `clear` it may be empty, which is every primary email; of two, which is a fault
            of the data, one may be named, and the other one stays.
        by: Who answers for a release.
        reason: Why an address is released.
        accept: Findings that somebody takes upon themselves.
    """

    customer_id: str = attrs.field(validator=is_text)
    action: str = attrs.field(validator=is_text)
    address: EmailAddress = attrs.field(default=EmailAddress(""), converter=_address)
    by: str = attrs.field(default="", validator=is_text)
    reason: str = attrs.field(default="", validator=is_text)
    accept: tuple[Acceptance, ...] = attrs.field(default=(), converter=sorted_acceptances)

    def __repr__(self) -> str:
        return f"PrimaryEmailChange({self.customer_id!r})"


@attrs.frozen(repr=False, kw_only=True)
class CustomerEdit:
    """Details of a customer are to change.

    Facts that are wrong are answered with findings; only wrong types raise.

    Attributes:
        customer_id: The customer.
        changes: The new values by name, any of `EDITABLE`: texts or null for names and address, a date as
            `YYYY-MM-DD` or null for `birth_date`, all `phones` as a list of texts, and under `add_emails` a
            list of addresses that are added for contact. What is not named stays. Takes any mapping.
        accept: Findings that somebody takes upon themselves.

    Raises:
        InvalidValueError: A name is none of `EDITABLE`, or a value is of the wrong type.
    """

    customer_id: str = attrs.field(validator=is_text)
    changes: FrozenJson = attrs.field(converter=_changes)
    accept: tuple[Acceptance, ...] = attrs.field(default=(), converter=sorted_acceptances)

    def __repr__(self) -> str:
        return f"CustomerEdit({self.customer_id!r})"


CustomerRequest = NewAccessRequest | AccessDecision | PrimaryEmailChange | CustomerEdit
"""What a small plan is asked with."""
