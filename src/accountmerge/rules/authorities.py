"""Authorities: a named person merges customers for the practice, instead of a profile that treats them."""

from __future__ import annotations

import attrs

from accountmerge.model.texts import GIVEN_IDENTIFIER, GIVEN_LABEL, NOTE, is_blank_text
from accountmerge.model.value_rules import checked


@attrs.frozen(
    repr=False,
    kw_only=True,
    field_transformer=checked(person=GIVEN_IDENTIFIER, role=GIVEN_LABEL, ticket=GIVEN_LABEL, why=NOTE),
)
class Authority:
    """Who answers for a merge that no treating profile asks for.

    A blank field is answered with a finding; only wrong types raise.

    Attributes:
        person: Who answers for it.
        role: In which role, such as the head of the back office.
        ticket: The reference of the request.
        why: The reason.
    """

    person: str
    role: str
    ticket: str
    why: str

    @property
    def is_complete(self) -> bool:
        """Whether it names a person, a role, a ticket and a reason; without one of them it counts for nothing."""
        return not any(map(is_blank_text, (self.person, self.role, self.ticket, self.why)))

    def __repr__(self) -> str:
        return f"Authority(ticket={self.ticket!r})"
