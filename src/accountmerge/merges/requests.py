"""The request to merge customers, and who answers for it."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from accountmerge.findings.finding import Acceptance, sorted_acceptances
from accountmerge.model.texts import GIVEN_IDENTIFIER, GIVEN_LABEL, IDENTIFIER, NOTE, is_blank_text
from accountmerge.model.value_rules import checked, entries, instance, listed, optional


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


def _ids(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(map(IDENTIFIER.check, listed(ids)))))


@attrs.frozen(
    repr=False,
    kw_only=True,
    field_transformer=checked(
        survivor=IDENTIFIER,
        absorbed=entries(IDENTIFIER),
        actor=optional(IDENTIFIER),
        authority=optional(instance(Authority, "authority")),
    ),
)
class MergeRequest:
    """One customer is to absorb others.

    Facts that are wrong are answered with findings; only wrong types raise.

    Attributes:
        survivor: The id of the customer that stays.
        absorbed: The ids of those merged into it; a set, kept sorted.
        actor: The id of the profile that asks; it needs an enabled login and treating access to all of them. None if
            the rules say `authorised` and no profile asks.
        accept: Findings that somebody takes upon themselves.
        authority: Who answers for the merge if the rules say `authorised`.
    """

    survivor: str
    absorbed: tuple[str, ...] = attrs.field(converter=_ids)
    actor: str | None = None
    accept: tuple[Acceptance, ...] = attrs.field(default=(), converter=sorted_acceptances)
    authority: Authority | None = None

    @property
    def order(self) -> tuple[object, ...]:
        """The key of the defined order of requests: by survivor, absorbed customers and actor, then by the rest."""
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
