"""Acceptances: a named person takes a finding upon themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.errors import InvalidValueError
from accountmerge.rules.checked import is_text

if TYPE_CHECKING:
    from collections.abc import Iterable


@attrs.frozen(repr=False, kw_only=True)
class Acceptance:
    """A finding that is accepted, by whom and why.

    Attributes:
        finding: The id of the finding: its code and the ids it is about, sorted, joined by colons.
        by: Who accepts it.
        why: The reason.
    """

    finding: str = attrs.field(validator=is_text)
    by: str = attrs.field(validator=is_text)
    why: str = attrs.field(validator=is_text)

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
    accepted = tuple(accept)
    if not all(isinstance(entry, Acceptance) for entry in accepted):
        raise InvalidValueError("wrong_type", field="accept", wanted="acceptance")
    return tuple(sorted(set(accepted), key=attrs.astuple))
