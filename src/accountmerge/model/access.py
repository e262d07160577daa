"""Access of profiles to customers, and requests for access."""

from __future__ import annotations

from typing import Literal, get_args

import attrs
import pendulum

from accountmerge.model.instants import utc, utc_or_none
from accountmerge.model.private import ShowsOnlyItsId, privacy
from accountmerge.model.texts import IDENTIFIER, NOTE, VERSION
from accountmerge.model.value_rules import checked, optional, words
from accountmerge.model.values import value_class

AccessLevel = Literal["treating", "viewing"]
RequestStatus = Literal["pending", "approved", "denied", "withdrawn"]
REQUEST_STATUSES: tuple[RequestStatus, ...] = get_args(RequestStatus)

LEVELS: tuple[AccessLevel, ...] = ("viewing", "treating")
"""The levels of access, weakest first."""


@privacy(personal="made_by", plain="id profile_id customer_id level since version created_at")
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(
        id=IDENTIFIER,
        profile_id=IDENTIFIER,
        customer_id=IDENTIFIER,
        level=words(*LEVELS),
        made_by=optional(IDENTIFIER),
        version=VERSION,
    ),
)
class Access(ShowsOnlyItsId):
    """Permission of a profile to see a customer.

    Attributes:
        id: Opaque, given by the store.
        profile_id: The profile that may see.
        customer_id: The customer who is seen.
        level: `treating` includes `viewing`.
        since: The instant from which the access is valid.
        created_at: The instant at which the row was made.
        made_by: The person or program that made the row.
        version: The store's own version of the entity.
    """

    id: str
    profile_id: str
    customer_id: str
    level: AccessLevel
    since: pendulum.DateTime | None = attrs.field(default=None, converter=utc_or_none)
    created_at: pendulum.DateTime | None = attrs.field(default=None, converter=utc_or_none)
    made_by: str | None = None
    version: str | int | None = None


@privacy(
    personal="reason decided_by",
    plain="id profile_id customer_id requested_at expires_at status decided_at version",
)
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(
        id=IDENTIFIER,
        profile_id=IDENTIFIER,
        customer_id=IDENTIFIER,
        status=words(*REQUEST_STATUSES),
        reason=optional(NOTE),
        decided_by=optional(IDENTIFIER),
        version=VERSION,
    ),
)
class AccessRequest(ShowsOnlyItsId):
    """A request of a profile for access to a customer; it gives no access itself.

    Attributes:
        id: Opaque, given by the store.
        profile_id: The profile that asks.
        customer_id: The customer who is asked.
        requested_at: The instant of the request.
        expires_at: The end of the time in which an answer counts.
        status: The state of the request.
        reason: The reason for the decision.
        decided_by: The person who decided.
        decided_at: The instant of the decision.
        version: The store's own version of the entity.
    """

    id: str
    profile_id: str
    customer_id: str
    requested_at: pendulum.DateTime = attrs.field(converter=utc)
    expires_at: pendulum.DateTime = attrs.field(converter=utc)
    status: RequestStatus
    reason: str | None = None
    decided_by: str | None = None
    decided_at: pendulum.DateTime | None = attrs.field(default=None, converter=utc_or_none)
    version: str | int | None = None


def includes(level: AccessLevel, wanted: AccessLevel) -> bool:
    """Return whether a level of access includes a wanted one."""
    return LEVELS.index(level) >= LEVELS.index(wanted)


def strongest(rows: tuple[Access, ...]) -> AccessLevel | None:
    """Return the strongest level among access rows, or None if there are no rows."""
    return max((row.level for row in rows), key=LEVELS.index, default=None)
