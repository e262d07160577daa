"""Acceptances: a named person takes a finding upon themselves."""

from __future__ import annotations

import attrs

from accountmerge.rules.checked import is_text


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
