"""Rebooking requests: a practitioner asks customer service to book a customer into the new profile.

Source: design section 3.1, rule 9.
"""

from __future__ import annotations

from typing import Any

import attrs
import pendulum

from accountmerge.errors import InvalidValueError
from accountmerge.model.appointments import MODALITIES, NUMBER, Modality
from accountmerge.model.emails import EmailAddress
from accountmerge.model.instants import utc
from accountmerge.model.wall_time import find_zone
from accountmerge.rules.acceptances import Acceptance, sorted_acceptances
from accountmerge.rules.checked import checked_address, is_one_of, is_text


def _is_number(_: object, field: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str):
        raise InvalidValueError("wrong_type", field=field.name, wanted="text")
    if not NUMBER.fullmatch(value):
        raise InvalidValueError("not_an_appointment_number")


def _is_zone(_: object, field: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str):
        raise InvalidValueError("wrong_type", field=field.name, wanted="text")
    find_zone(value)


def _address(address: str | EmailAddress) -> EmailAddress:
    return checked_address(address, "email")


@attrs.frozen(repr=False, kw_only=True)
class RebookingRequest:
    """The next session of a customer is to be booked into the new profile, because of a migration.

    Facts that are wrong are answered with findings; only what could not be an appointment at all raises.

    Attributes:
        number: The number of an existing appointment in the old profile: it says which customer is meant.
        initials: The initials of that customer, as the practitioner writes them.
        start: When the next session starts; any aware datetime.
        time_zone: The IANA zone in which that time is promised.
        modality: How they meet.
        old_email: The username of the old profile.
        new_email: The username of the new one.
        accept: Findings that somebody takes upon themselves.

    Raises:
        InvalidValueError: The number is not `APP-` or `ASST-` and digits, the zone or the modality is unknown, or
            the time is naive.
    """

    number: str = attrs.field(validator=_is_number)
    initials: str = attrs.field(validator=is_text)
    start: pendulum.DateTime = attrs.field(converter=utc)
    time_zone: str = attrs.field(validator=_is_zone)
    modality: Modality = attrs.field(validator=is_one_of(MODALITIES))
    old_email: EmailAddress = attrs.field(converter=_address)
    new_email: EmailAddress = attrs.field(converter=_address)
    accept: tuple[Acceptance, ...] = attrs.field(default=(), converter=sorted_acceptances)

    def __repr__(self) -> str:
        return f"RebookingRequest({self.number!r})"
