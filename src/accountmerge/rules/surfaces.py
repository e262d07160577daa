"""Surfaces: the kinds of record that name a customer, the built-in ones and a caller's own tables."""

from __future__ import annotations

import attrs

from accountmerge.errors import InvalidValueError
from accountmerge.model.records import RELATION
from accountmerge.model.texts import IDENTIFIER
from accountmerge.model.value_rules import TRUTH, checked

BUILT_IN = ("programme", "note", "file", RELATION)
"""The kinds of record that need no declaration."""


@attrs.frozen(kw_only=True, field_transformer=checked(kind=IDENTIFIER, one_per_customer=TRUTH))
class Surface:
    """A kind of record, declared once: what a merge moves, and what its completeness is proved by.

    Attributes:
        kind: The kind, as records name it; a built-in one may be declared to change how it is treated.
        one_per_customer: Whether a customer may have only one with each `unique_key` (one without any). The
            survivor's is kept, or else the earliest; the other goes to the ledger.

    Raises:
        InvalidValueError: Relations are declared one per customer: they are known by both their ends.
    """

    kind: str
    one_per_customer: bool = False

    def __attrs_post_init__(self) -> None:
        if self.kind == RELATION and self.one_per_customer:
            raise InvalidValueError("relation_per_customer")
