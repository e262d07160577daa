"""Agreements: a practitioner has read the guide to the migration and agreed to it."""

from __future__ import annotations

import attrs
import pendulum

from accountmerge.model.instants import utc
from accountmerge.rules.checked import is_text


@attrs.frozen(repr=False, kw_only=True)
class Agreement:
    """Who agreed to which version of the guide, and when.

    Attributes:
        by: Who agreed.
        at: When; any aware datetime.
        version: Which version of the guide.
    """

    by: str = attrs.field(validator=is_text)
    at: pendulum.DateTime = attrs.field(converter=utc)
    version: str = attrs.field(validator=is_text)

    def __repr__(self) -> str:
        return f"Agreement(version={self.version!r})"
