"""Records of customers, such as programmes, notes, files and relations, and a caller's own kinds."""

from __future__ import annotations

from collections.abc import Hashable

import attrs
import pendulum

from accountmerge.model.instants import utc_or_none
from accountmerge.model.json_text import FrozenJson, absent_if_null
from accountmerge.model.private import ShowsOnlyItsId, privacy
from accountmerge.model.texts import IDENTIFIER, LABEL, VERSION
from accountmerge.model.value_rules import checked, optional
from accountmerge.model.values import value_class

RELATION = "relation"
"""The kind of record that links one customer to another."""
BUILT_IN_KINDS = ("programme", "note", "file", RELATION)
"""The kinds of record that need no declaration."""


# A unique key may be any text of the caller.
@privacy(
    personal="unique_key data",
    plain="id kind customer_id related_customer_id profile_id attached_to created_at version",
)
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(
        id=IDENTIFIER,
        kind=IDENTIFIER,
        customer_id=IDENTIFIER,
        related_customer_id=optional(IDENTIFIER),
        profile_id=optional(IDENTIFIER),
        attached_to=optional(IDENTIFIER),
        unique_key=optional(LABEL),
        version=VERSION,
    ),
)
class Record(ShowsOnlyItsId):
    """An item that is stored about a customer.

    Attributes:
        id: Opaque, given by the store.
        kind: `programme`, `note`, `file`, `relation`, or a kind that the rules declare.
        customer_id: The customer.
        related_customer_id: The other customer of a relation.
        profile_id: The profile that wrote it.
        attached_to: The record to which it belongs.
        unique_key: The key that it shares with duplicates of its kind.
        created_at: The instant at which it was written.
        data: Its content, any JSON; `null` is stored as None.
        version: The store's own version of the entity.
    """

    id: str
    kind: str
    customer_id: str
    related_customer_id: str | None = None
    profile_id: str | None = None
    attached_to: str | None = None
    unique_key: str | None = None
    created_at: pendulum.DateTime | None = attrs.field(default=None, converter=utc_or_none)
    data: FrozenJson | None = attrs.field(default=None, converter=absent_if_null)
    version: str | int | None = None

    @property
    def duplicate_key(self) -> Hashable:
        """The key that it shares with its duplicates.

        Of a relation: both customers, the unique key and the data; of other kinds: the customer, the kind and the key.
        """
        if self.kind == RELATION:
            return (self.kind, self.customer_id, self.related_customer_id, self.unique_key, self.data)
        return (self.kind, self.customer_id, self.unique_key)
