"""The request to move a practitioner, and the practitioner's agreement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args

import attrs
import pendulum

from accountmerge.findings.finding import Acceptance, sorted_acceptances
from accountmerge.model.emails import EmailAddress, email_address
from accountmerge.model.instants import utc
from accountmerge.model.private import privacy
from accountmerge.model.texts import GIVEN_IDENTIFIER, GIVEN_LABEL, IDENTIFIER, LINE, NOTE
from accountmerge.model.time_slots import SLOT, TimeSlot
from accountmerge.model.value_rules import checked, instance, listed, optional, wrong_type
from accountmerge.model.values import Value, value_class


@privacy(personal="by", plain="at version", unknown_keys="similar")
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(by=GIVEN_IDENTIFIER, version=GIVEN_LABEL),
)
class Agreement(Value):
    """The agreement of a person to a version of the guide.

    Attributes:
        by: The person who agreed.
        at: The instant of the agreement. Any aware datetime.
        version: The version of the guide.
    """

    by: str
    at: pendulum.DateTime = attrs.field(converter=utc)
    version: str

    def __repr__(self) -> str:
        return f"Agreement(version={self.version!r})"


MigrationReason = Literal["administrative_requirement", "lost_mailbox", "security", "business_name_change"]
MIGRATION_REASONS: tuple[MigrationReason, ...] = get_args(MigrationReason)


def _numbers(numbers: Mapping[str, str] | Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    given = dict(text_pairs(numbers))
    return tuple(sorted((IDENTIFIER.check(id), LINE.check(number)) for id, number in given.items()))


def text_pairs(given: Any) -> list[tuple[Any, Any]]:
    """Return the pairs of a mapping, or of a list of pairs.

    Raises:
        InvalidValueError: `given` is neither.
    """
    pairs = list(given.items()) if isinstance(given, Mapping) else list(listed(given))
    if not all(isinstance(pair, tuple | list) and len(pair) == len(("key", "value")) for pair in pairs):
        raise wrong_type("pairs")
    if not all(isinstance(text, str) for pair in pairs for text in pair):
        raise wrong_type("text")
    return [(key, value) for key, value in pairs]


# The reason is free text. Its code is in the reason of a step.
@privacy(
    personal="new_email reason",
    plain="profile_id ticket agreement window numbers accept",
    unknown_keys="similar",
)
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(
        profile_id=IDENTIFIER,
        reason=NOTE,
        ticket=GIVEN_LABEL,
        agreement=optional(instance(Agreement, "agreement")),
        window=optional(SLOT),
    ),
)
class MigrationRequest(Value):
    """A request to move a practitioner to a new profile because the e-mail changes.

    Wrong facts become findings; only wrong types and naive times raise.

    Attributes:
        profile_id: The id of the old profile.
        new_email: The username of the new profile.
        reason: One of `MIGRATION_REASONS`.
        ticket: The reference of the request.
        agreement: The practitioner's agreement to the guide.
        window: The blackout. Default: from the instant of the plan, with the estimated length.
        numbers: Appointment numbers given ahead, by the id of the replaced appointment.
        accept: The findings that a named person accepts.
    """

    profile_id: str
    new_email: EmailAddress = attrs.field(converter=email_address)
    reason: str
    ticket: str
    agreement: Agreement | None = None
    window: TimeSlot | None = None
    numbers: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_numbers)
    accept: tuple[Acceptance, ...] = attrs.field(default=(), converter=sorted_acceptances)

    def __repr__(self) -> str:
        return f"MigrationRequest(profile_id={self.profile_id!r})"
