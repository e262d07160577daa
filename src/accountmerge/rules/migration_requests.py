"""Migration requests: a practitioner is to move from one profile to a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import attrs

from accountmerge.errors import InvalidValueError
from accountmerge.model.emails import EmailAddress
from accountmerge.model.time_slots import TimeSlot
from accountmerge.rules.acceptances import Acceptance, sorted_acceptances
from accountmerge.rules.agreements import Agreement
from accountmerge.rules.checked import checked_address, is_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MigrationReason = Literal["administrative_requirement", "lost_mailbox", "security", "business_name_change"]
MIGRATION_REASONS: tuple[MigrationReason, ...] = get_args(MigrationReason)


def _pairs(numbers: Mapping[str, str] | Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    pairs = dict(numbers)
    if not all(isinstance(text, str) for pair in pairs.items() for text in pair):
        raise InvalidValueError("wrong_type", field="numbers", wanted="text")
    return tuple(sorted(pairs.items()))


def _address(address: str | EmailAddress) -> EmailAddress:
    return checked_address(address, "new_email")


@attrs.frozen(repr=False, kw_only=True)
class MigrationRequest:
    """A practitioner's e-mail has to change, so a new profile is to take over from an old one.

    Facts that are wrong are answered with findings; only wrong types and naive times raise.

    Attributes:
        profile_id: The old profile.
        new_email: The username of the new one.
        reason: One of `MIGRATION_REASONS`.
        ticket: The reference of the request.
        agreement: The practitioner's agreement to the guide.
        window: When availability is to be off; nothing: from the instant of the plan, for the estimate.
        numbers: Appointment numbers given ahead, by the id of the appointment that is replaced.
        accept: Findings that somebody takes upon themselves.
    """

    profile_id: str = attrs.field(validator=is_text)
    new_email: EmailAddress = attrs.field(converter=_address)
    reason: str = attrs.field(validator=is_text)
    ticket: str = attrs.field(validator=is_text)
    agreement: Agreement | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.instance_of(Agreement))
    )
    window: TimeSlot | None = attrs.field(
        default=None, validator=attrs.validators.optional(attrs.validators.instance_of(TimeSlot))
    )
    numbers: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_pairs)
    accept: tuple[Acceptance, ...] = attrs.field(default=(), converter=sorted_acceptances)

    def __repr__(self) -> str:
        return f"MigrationRequest(profile_id={self.profile_id!r}, reason={self.reason!r})"
