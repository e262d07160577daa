"""The fields and the words that change sets of each intent write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import attrs

from accountmerge.changes.change_sets import INTENTS, Intent
from accountmerge.model.entities import EntityName

Importance = Literal["links_and_history", "effects", "required"]
"""What a field is for. `links_and_history`: later plans and undos need its value back. `effects`: the caller's program has
to obey it. `required`: it is the data of the service itself."""


def _words(names: str) -> tuple[str, ...]:
    return tuple(names.split())


@attrs.frozen(kw_only=True)
class Writes:
    """The fields of one kind of entity that change sets of one intent write.

    Attributes:
        entity: The kind of entity.
        makes_rows: Whether there are new rows. They have every field of their kind.
        has_sources: Whether each new row takes the place of another row, whose other columns it gets.
        links: The changed fields that are links and history.
        effects: The changed fields that are effects.
        required: The changed fields that are the data of the service.
        left_empty: The fields that a new row may leave empty, whatever the row has that it comes from.
        words: The words of closed vocabularies that are written, by field, though no row may have them yet.
    """

    entity: EntityName
    makes_rows: bool = False
    has_sources: bool = False
    links: tuple[str, ...] = attrs.field(default="", converter=_words)
    effects: tuple[str, ...] = attrs.field(default="", converter=_words)
    required: tuple[str, ...] = attrs.field(default="", converter=_words)
    left_empty: tuple[str, ...] = attrs.field(default="", converter=_words)
    words: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)

    @property
    def changed(self) -> tuple[str, ...]:
        """The fields that change in rows that exist already."""
        return self.links + self.effects + self.required

    def joined(self, other: Writes) -> Writes:
        """Return the fields that an undo of both writes, without new words."""
        required = dict.fromkeys(self.required + other.required)
        effects = [field for field in dict.fromkeys(self.effects + other.effects) if field not in required]
        links = [
            field
            for field in dict.fromkeys(self.links + other.links)
            if field not in required and field not in effects
        ]
        return Writes(
            entity=self.entity,
            makes_rows=self.entity in _REMOVED,
            links=" ".join(links),
            effects=" ".join(effects),
            required=" ".join(required),
            left_empty=" ".join(dict.fromkeys(self.left_empty + other.left_empty)),
        )


_REBOOKED = "replaces replaced_by cancel_reason"
_DECIDED = "decided_at decided_by reason"
_ACCESS = Writes(
    entity="access",
    makes_rows=True,
    required="level",
    left_empty="created_at made_by",
    words={"level": ("treating",)},
)

_OF_REQUESTS: dict[Intent, tuple[Writes, ...]] = {
    "migration": (
        Writes(
            entity="profile",
            makes_rows=True,
            has_sources=True,
            links="succeeded_by",
            effects="login schedule unavailable",
            left_empty="succeeded_by",
            words={"login": ("enabled",), "schedule": ("pending", "active", "inactive")},
        ),
        Writes(
            entity="appointment",
            makes_rows=True,
            has_sources=True,
            links=_REBOOKED,
            required="status",
            left_empty="replaced_by cancel_reason",
            words={"status": ("cancelled",)},
        ),
        Writes(
            entity="record", makes_rows=True, has_sources=True, links="attached_to", required="profile_id"
        ),
        _ACCESS,
    ),
    "rebooking": (
        Writes(
            entity="appointment",
            makes_rows=True,
            links=_REBOOKED,
            required="status",
            left_empty=f"{_REBOOKED} session_id data created_at made_by local_start",
            words={"status": ("booked", "cancelled")},
        ),
        _ACCESS,
    ),
    "merge": (
        Writes(
            entity="customer",
            links="former_record_numbers merged_at given_name family_name phones birth_date address opt_outs attributes",
            effects="status merged_into emails",
            words={"status": ("disabled",)},
        ),
        Writes(entity="appointment", required="customer_id"),
        Writes(entity="record", links="attached_to", required="customer_id related_customer_id"),
        Writes(
            entity="access",
            makes_rows=True,
            links="since",
            required="level",
            left_empty="since created_at made_by",
            words={"level": ("treating",)},
        ),
        Writes(entity="access_request", links=_DECIDED, effects="status", words={"status": ("withdrawn",)}),
    ),
    "access_request": (
        Writes(entity="access_request", makes_rows=True, left_empty=_DECIDED, words={"status": ("pending",)}),
    ),
    "access_decision": (
        Writes(
            entity="access_request",
            links=_DECIDED,
            effects="status",
            words={"status": ("approved", "denied", "withdrawn")},
        ),
        _ACCESS,
    ),
    "primary_email": (Writes(entity="customer", effects="emails"),),
    "customer_edit": (
        Writes(entity="customer", effects="emails given_name family_name phones birth_date address"),
    ),
}


_REMOVED: tuple[EntityName, ...] = ("access", "record")
"""The kinds of entity of which change sets remove rows, so that an undo makes them again."""


def _of_undo() -> tuple[Writes, ...]:
    """Return the fields and the kinds of row that the undo of any change set writes."""
    found: dict[EntityName, Writes] = {}
    for table in _OF_REQUESTS.values():
        for each in table:
            found[each.entity] = found.get(each.entity, each).joined(each)
    return tuple(found.values())


WRITTEN: dict[Intent, tuple[Writes, ...]] = {
    intent: _of_undo() if intent == "undo" else _OF_REQUESTS[intent] for intent in INTENTS
}
"""What change sets of each intent write. Whether it is whole is shown by plans of every kind."""

EMPTYING: frozenset[Intent] = frozenset({"merge", "primary_email", "undo"})
"""The intents that take the last primary address from a customer."""
