"""Agreements: a practitioner has read the guide to the migration and agreed to it."""

from __future__ import annotations

import attrs
import pendulum

from accountmerge.model.instants import utc
from accountmerge.model.texts import GIVEN_IDENTIFIER, GIVEN_LABEL
from accountmerge.model.value_rules import checked


@attrs.frozen(
    repr=False,
    kw_only=True,
    field_transformer=checked(by=GIVEN_IDENTIFIER, version=GIVEN_LABEL),
)
class Agreement:
    """Who agreed to which version of the guide, and when.

    Attributes:
        by: Who agreed.
        at: When; any aware datetime.
        version: Which version of the guide.
    """

    by: str
    at: pendulum.DateTime = attrs.field(converter=utc)
    version: str

    def __repr__(self) -> str:
        return f"Agreement(version={self.version!r})"
