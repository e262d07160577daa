"""The request of a practitioner to book a customer with the new profile."""

from __future__ import annotations

import attrs
import pendulum

from accountmerge.findings.finding import Acceptance, sorted_acceptances
from accountmerge.model.appointments import MODALITIES, Modality
from accountmerge.model.emails import EmailAddress, email_address
from accountmerge.model.instants import utc
from accountmerge.model.private import privacy
from accountmerge.model.texts import FILLED_LINE, LINE
from accountmerge.model.value_rules import checked, words
from accountmerge.model.values import Value, value_class
from accountmerge.model.wall_times import ZONE


@privacy(
    personal="initials old_email new_email",
    plain="number start time_zone modality accept",
    unknown_keys="similar",
)
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(number=FILLED_LINE, initials=LINE, time_zone=ZONE, modality=words(*MODALITIES)),
)
class RebookingRequest(Value):
    """A request to book the next session of a customer with the new profile, because of a migration.

    Wrong facts become findings; only values that no appointment can have raise.

    Attributes:
        number: The number of an existing appointment in the old profile, which identifies the customer.
        initials: The initials of that customer, as the practitioner writes them.
        start: The start of the next session; any aware datetime.
        time_zone: The IANA zone in which that time is promised.
        modality: The modality of the session.
        old_email: The username of the old profile.
        new_email: The username of the new one.
        accept: Findings that a named person accepts.

    Raises:
        InvalidValueError: The number is empty or has a control character, the zone or the modality is unknown, or
            the time is naive.
    """

    number: str
    initials: str
    start: pendulum.DateTime = attrs.field(converter=utc)
    time_zone: str
    modality: Modality
    old_email: EmailAddress = attrs.field(converter=email_address)
    new_email: EmailAddress = attrs.field(converter=email_address)
    accept: tuple[Acceptance, ...] = attrs.field(default=(), converter=sorted_acceptances)

    def __repr__(self) -> str:
        return f"RebookingRequest({self.number!r})"
