"""The requests for small plans around one customer, and their plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

import attrs
import pendulum

from accountmerge.customers.rules import CustomerRules
from accountmerge.errors import InvalidValueError
from accountmerge.findings.finding import Acceptance, sorted_acceptances
from accountmerge.model.customers import TEXT_FIELDS, fits
from accountmerge.model.emails import EmailAddress, email_address
from accountmerge.model.instants import utc
from accountmerge.model.json_text import FrozenJson
from accountmerge.model.private import privacy
from accountmerge.model.texts import GIVEN_IDENTIFIER, IDENTIFIER, NOTE
from accountmerge.model.value_rules import checked, wrong_type
from accountmerge.model.values import Value, value_class
from accountmerge.plans.plan import Plan

Decision = Literal["approve", "deny", "withdraw"]
DECISIONS: tuple[Decision, ...] = get_args(Decision)
DeciderRole = Literal["customer", "staff", "practitioner"]
DECIDER_ROLES: tuple[DeciderRole, ...] = get_args(DeciderRole)
PrimaryAction = Literal["clear", "set", "correct", "release"]
PRIMARY_ACTIONS: tuple[PrimaryAction, ...] = get_args(PrimaryAction)

EDITABLE = (*TEXT_FIELDS, "birth_date", "phones", "add_emails")
"""The fields that an edit may name. It adds addresses and never removes one."""


def _changes(changes: FrozenJson | Mapping[str, Any]) -> FrozenJson:
    given = changes.value if isinstance(changes, FrozenJson) else changes
    if not isinstance(given, Mapping):
        raise wrong_type("object")
    if not given.keys() <= set(EDITABLE):
        raise InvalidValueError("not_one_of", allowed=EDITABLE)
    fields = FrozenJson.of(dict(given)).value
    for name, value in fields.items():
        if not _fits(name, value):
            raise wrong_type("value_of_field").at("CustomerEdit", name)
    if "add_emails" in fields:
        fields["add_emails"] = sorted(set(fields["add_emails"]))
    return FrozenJson.of(fields)


def _fits(name: str, value: Any) -> bool:
    """Return whether an edit may give a field a value."""
    if name == "add_emails":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return (value is None and name != "phones") or fits(name, value)


@privacy(plain="profile_id customer_id expires_at accept", unknown_keys="similar")
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(profile_id=IDENTIFIER, customer_id=IDENTIFIER),
)
class NewAccessRequest(Value):
    """A profile asks a customer for treating access.

    Wrong facts become findings; only wrong types and naive times raise.

    Attributes:
        profile_id: The profile that asks.
        customer_id: The customer who is asked.
        expires_at: The last instant for an answer; any aware datetime.
        accept: Findings that a named person accepts.
    """

    profile_id: str
    customer_id: str
    expires_at: pendulum.DateTime = attrs.field(converter=utc)
    accept: tuple[Acceptance, ...] = attrs.field(default=(), converter=sorted_acceptances)

    def __repr__(self) -> str:
        return f"NewAccessRequest(profile_id={self.profile_id!r}, customer_id={self.customer_id!r})"


@privacy(personal="by reason", plain="request_id decision role accept", unknown_keys="similar")
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(
        request_id=IDENTIFIER,
        decision=NOTE,
        role=NOTE,
        by=GIVEN_IDENTIFIER,
        reason=NOTE,
    ),
)
class AccessDecision(Value):
    """A decision on an access request.

    Wrong facts become findings; only wrong types raise.

    Attributes:
        request_id: The access request.
        decision: One of `DECISIONS`.
        role: The role of the decider, one of `DECIDER_ROLES`.
        by: The customer's id, the id of the profile that asked, or the name of the staff member who records it.
        reason: The reason for the decision.
        accept: Findings that a named person accepts.
    """

    request_id: str
    decision: str
    role: str
    by: str
    reason: str = ""
    accept: tuple[Acceptance, ...] = attrs.field(default=(), converter=sorted_acceptances)

    def __repr__(self) -> str:
        return f"AccessDecision({self.request_id!r})"


@privacy(personal="address by reason", plain="customer_id action accept", unknown_keys="similar")
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(customer_id=IDENTIFIER, action=NOTE, by=GIVEN_IDENTIFIER, reason=NOTE),
)
class PrimaryEmailChange(Value):
    """A change of the primary email of a customer, or the release of an address.

    Wrong facts become findings; only wrong types raise.

    Attributes:
        customer_id: The customer; for `correct` also an absorbed one, and then the survivor gets the address.
        action: One of `PRIMARY_ACTIONS`: `clear` makes a primary email a former one; `set` makes a new or known
            address primary; `correct` does so with an address that the survivor or one absorbed into it has;
            `release` removes an address for good.
        address: The address. For `clear` it may be empty, which means every primary email. If the data have two by a
            fault, one may be named, and the other one stays.
        by: The name of the person who decides a release.
        reason: The reason for a release.
        accept: Findings that a named person accepts.
    """

    customer_id: str
    action: str
    address: EmailAddress = attrs.field(default=EmailAddress(""), converter=email_address)
    by: str = ""
    reason: str = ""
    accept: tuple[Acceptance, ...] = attrs.field(default=(), converter=sorted_acceptances)

    def __repr__(self) -> str:
        return f"PrimaryEmailChange({self.customer_id!r})"


@privacy(personal="changes", plain="customer_id accept", unknown_keys="similar")
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(customer_id=IDENTIFIER),
)
class CustomerEdit(Value):
    """A change of the details of a customer.

    Wrong facts become findings; only wrong types raise.

    Attributes:
        customer_id: The customer.
        changes: The new values by name, any of `EDITABLE`: texts or null for names and address, a date as
            `YYYY-MM-DD` or null for `birth_date`, all `phones` as a list of texts, and under `add_emails` a
            list of addresses that are added for contact. Other fields stay. Takes any mapping.
        accept: Findings that a named person accepts.

    Raises:
        InvalidValueError: A name is none of `EDITABLE`, or a value is of the wrong type.
    """

    customer_id: str
    changes: FrozenJson = attrs.field(converter=_changes, metadata={"read_as": "object"})
    accept: tuple[Acceptance, ...] = attrs.field(default=(), converter=sorted_acceptances)

    def __repr__(self) -> str:
        return f"CustomerEdit({self.customer_id!r})"


CustomerRequest = NewAccessRequest | AccessDecision | PrimaryEmailChange | CustomerEdit
"""Any request for a small plan."""


class CustomerPlan(Plan[CustomerRequest, CustomerRules]):
    """A planned change of the access, the primary email or the details of one customer."""

    __slots__ = ()
