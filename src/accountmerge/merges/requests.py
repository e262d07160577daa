"""The request to merge customers, and the authority for it."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from accountmerge.findings.finding import Acceptance, sorted_acceptances
from accountmerge.model.private import privacy
from accountmerge.model.texts import GIVEN_IDENTIFIER, GIVEN_LABEL, IDENTIFIER, NOTE, is_blank_text
from accountmerge.model.value_rules import checked, entries, instance, listed, optional
from accountmerge.model.values import Value, value_class


@privacy(personal="person role why", plain="ticket", unknown_keys="similar")
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(person=GIVEN_IDENTIFIER, role=GIVEN_LABEL, ticket=GIVEN_LABEL, why=NOTE),
)
class Authority(Value):
    """The person who is responsible for a merge that no treating profile asks for.

    A blank field becomes a finding; only wrong types raise.

    Attributes:
        person: The responsible person.
        role: The role of the person, such as the head of the back office.
        ticket: The reference of the request.
        why: The reason.
    """

    person: str
    role: str
    ticket: str
    why: str

    @property
    def is_complete(self) -> bool:
        """Whether no field is blank. An incomplete authority does not count."""
        return not any(map(is_blank_text, (self.person, self.role, self.ticket, self.why)))

    def __repr__(self) -> str:
        return f"Authority(ticket={self.ticket!r})"


def _ids(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(map(IDENTIFIER.check, listed(ids)))))


@privacy(plain="survivor absorbed actor accept authority", unknown_keys="similar")
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(
        survivor=IDENTIFIER,
        absorbed=entries(IDENTIFIER),
        actor=optional(IDENTIFIER),
        authority=optional(instance(Authority, "authority")),
    ),
)
class MergeRequest(Value):
    """A request to merge customers into a survivor.

    Wrong facts become findings; only wrong types raise.

    Attributes:
        survivor: The id of the survivor.
        absorbed: The ids of the absorbed customers, without repeats and sorted.
        actor: The id of the profile that asks, which needs an enabled login and treating access to all customers.
            None if the rules say `authorised` and no profile asks.
        accept: The findings that a named person accepts.
        authority: The responsible person, if the rules say `authorised`.
    """

    survivor: str
    absorbed: tuple[str, ...] = attrs.field(converter=_ids)
    actor: str | None = None
    accept: tuple[Acceptance, ...] = attrs.field(default=(), converter=sorted_acceptances)
    authority: Authority | None = None

    @property
    def order(self) -> tuple[object, ...]:
        """The sort key of requests, which starts with survivor, absorbed customers and actor."""
        authority = () if self.authority is None else attrs.astuple(self.authority)
        return (
            self.survivor,
            self.absorbed,
            self.actor or "",
            authority,
            tuple(map(attrs.astuple, self.accept)),
        )

    def __repr__(self) -> str:
        return f"MergeRequest(survivor={self.survivor!r}, absorbed={self.absorbed!r})"
