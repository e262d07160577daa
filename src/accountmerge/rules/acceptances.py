"""Acceptances: a named person takes a finding upon themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.model.texts import GIVEN_IDENTIFIER, LABEL, NOTE
from accountmerge.model.value_rules import checked, each_of

if TYPE_CHECKING:
    from collections.abc import Iterable


@attrs.frozen(
    repr=False,
    kw_only=True,
    field_transformer=checked(finding=LABEL, by=GIVEN_IDENTIFIER, why=NOTE),
)
class Acceptance:
    """A finding that is accepted, by whom and why.

    Attributes:
        finding: The id of the finding: its code and the ids it is about, sorted, joined by colons.
        by: Who accepts it.
        why: The reason.
    """

    finding: str
    by: str
    why: str

    @property
    def is_signed(self) -> bool:
        """Whether it names a person and a reason; without both it accepts nothing."""
        return bool(self.by.strip() and self.why.strip())

    def __repr__(self) -> str:
        return f"Acceptance({self.finding!r})"


def sorted_acceptances(accept: Iterable[Acceptance]) -> tuple[Acceptance, ...]:
    """Return acceptances as a request keeps them: each once, sorted.

    Raises:
        InvalidValueError: One of them is no `Acceptance`.
    """
    return tuple(sorted(set(each_of(accept, Acceptance, "acceptance")), key=attrs.astuple))
