"""Surfaces: the kinds of record that name a customer, the built-in ones and a caller's own tables."""

from __future__ import annotations

from typing import Literal, get_args

import attrs

from accountmerge.errors import InvalidValueError
from accountmerge.model.records import RELATION
from accountmerge.model.texts import IDENTIFIER
from accountmerge.model.value_rules import TRUTH, checked, words

RecordEnd = Literal["move", "remove"]
RECORD_ENDS: tuple[RecordEnd, ...] = get_args(RecordEnd)


@attrs.frozen(
    kw_only=True,
    field_transformer=checked(kind=IDENTIFIER, one_per_customer=TRUTH, ends=words(*RECORD_ENDS)),
)
class Surface:
    """A kind of record, declared once: what a merge moves or removes, and what its completeness is proved by.

    Attributes:
        kind: The kind, as records name it; a built-in one may be declared to change how it is treated.
        one_per_customer: Whether a customer may have only one with each `unique_key` (one without any). The
            survivor's is kept, or else the earliest; the other goes to the ledger.
        ends: What becomes of a record of an absorbed customer: `move` to the survivor (the default), or `remove`,
            with an entry in the ledger, for credentials, tokens and the like. The survivor's own records stay.

    Raises:
        InvalidValueError: Relations are declared one per customer or removed: they are known by both their ends.
            Or a kind that is removed is declared one per customer.
    """

    kind: str
    one_per_customer: bool = False
    ends: RecordEnd = "move"

    def __attrs_post_init__(self) -> None:
        if self.kind == RELATION and self.one_per_customer:
            raise InvalidValueError("relation_per_customer")
        if self.ends == "remove" and (self.kind == RELATION or self.one_per_customer):
            raise InvalidValueError("not_one_of", allowed=("move",)).at("Surface", "ends")
