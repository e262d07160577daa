"""Merge requests: two or more records of one person are to become one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.model.texts import IDENTIFIER
from accountmerge.model.value_rules import checked, entries, listed
from accountmerge.rules.acceptances import Acceptance, sorted_acceptances

if TYPE_CHECKING:
    from collections.abc import Iterable


def _ids(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(map(IDENTIFIER.check, listed(ids)))))


@attrs.frozen(
    repr=False,
    kw_only=True,
    field_transformer=checked(survivor=IDENTIFIER, absorbed=entries(IDENTIFIER), actor=IDENTIFIER),
)
class MergeRequest:
    """One customer is to absorb others.

    Facts that are wrong are answered with findings; only wrong types raise.

    Attributes:
        survivor: The id of the customer that stays.
        absorbed: The ids of those merged into it; a set, kept sorted.
        actor: The id of the profile that asks; it needs an enabled log-in and treating access to all of them.
        accept: Findings that somebody takes upon themselves.
    """

    survivor: str
    absorbed: tuple[str, ...] = attrs.field(converter=_ids)
    actor: str
    accept: tuple[Acceptance, ...] = attrs.field(default=(), converter=sorted_acceptances)

    def __repr__(self) -> str:
        return f"MergeRequest(survivor={self.survivor!r}, absorbed={self.absorbed!r})"
