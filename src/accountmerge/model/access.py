"""Access of profiles to customers, and requests for it."""

from __future__ import annotations

from typing import Literal, get_args

import attrs
import pendulum

from accountmerge.model.instants import utc, utc_or_none
from accountmerge.model.private import ShowsOnlyItsId
from accountmerge.model.texts import IDENTIFIER, NOTE
from accountmerge.model.value_rules import checked, optional, words
from accountmerge.model.versions import VERSION

AccessLevel = Literal["treating", "viewing"]
RequestStatus = Literal["pending", "approved", "denied", "withdrawn"]
REQUEST_STATUSES: tuple[RequestStatus, ...] = get_args(RequestStatus)

LEVELS: tuple[AccessLevel, ...] = ("viewing", "treating")
"""The levels of access, weakest first."""


@attrs.frozen(
    repr=False,
    kw_only=True,
    field_transformer=checked(
        id=IDENTIFIER,
        profile_id=IDENTIFIER,
        customer_id=IDENTIFIER,
        level=words(*LEVELS),
        version=VERSION,
    ),
)
class Access(ShowsOnlyItsId):
    """A profile may see a customer.

    Attributes:
        id: Opaque, given by the store.
        profile_id: Who may see.
        customer_id: Who is seen.
        level: `treating` includes `viewing`.
        since: From when on.
        version: The store's own version of the entity.
    """

    id: str
    profile_id: str
    customer_id: str
    level: AccessLevel
    since: pendulum.DateTime | None = attrs.field(default=None, converter=utc_or_none)
    version: str | int | None = None


@attrs.frozen(
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
    """A profile asks a customer for access; only the access row that an approval writes counts.

    Attributes:
        id: Opaque, given by the store.
        profile_id: Who asks.
        customer_id: Who is asked.
        requested_at: When.
        expires_at: Until when an answer counts.
        status: What became of it.
        reason: Why it was decided so.
        decided_by: Who decided.
        decided_at: When.
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
    """Tell whether one level of access gives all that another gives."""
    return LEVELS.index(level) >= LEVELS.index(wanted)


def strongest(rows: tuple[Access, ...]) -> AccessLevel | None:
    """Return the strongest level among access rows, or nothing."""
    return max((row.level for row in rows), key=LEVELS.index, default=None)
