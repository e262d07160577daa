"""The binding of each field to a plain column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from accountmerge.model.entities import KIND_OF_NAME, KINDS, EntityName
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.value_rules import rule_of
from accountmerge.model.weekly_hours import WeeklyHours
from accountmerge.sql.bindings import (
    Binding,
    Codes,
    Day,
    EmailText,
    Json,
    PlainJson,
    Text,
    Utc,
    Version,
    WallTime,
)
from accountmerge.sql.list_bindings import EmailColumns, Values
from accountmerge.wire.converter import converter

REFERENCES: dict[EntityName, dict[str, EntityName]] = {kind.name: dict(kind.references) for kind in KINDS}
"""For each kind of entity, its fields that refer to others."""
OPTIONAL_LINKS: dict[EntityName, tuple[str, ...]] = {
    kind.name: tuple(
        field for field, _ in kind.references if attrs.fields_dict(kind.cls)[field].default is None
    )
    for kind in KINDS
}
"""For each kind of entity, its references that may be empty."""


def _hours(column: str) -> PlainJson:
    return PlainJson(
        column,
        to_json=lambda hours: converter().unstructure(hours),
        from_json=lambda plain: converter().structure(plain, WeeklyHours),
    )


def _slots(column: str) -> PlainJson:
    return PlainJson(
        column,
        to_json=lambda slots: [converter().unstructure(slot) for slot in slots],
        from_json=lambda plain: tuple(converter().structure(slot, TimeSlot) for slot in plain),
    )


_OF_FIELD: dict[str, Callable[[str], Binding]] = {
    "emails": EmailColumns,
    "phones": Values,
    "opt_outs": PlainJson,
    "former_record_numbers": PlainJson,
    "email": EmailText,
    "hours": _hours,
    "unavailable": _slots,
    "birth_date": Day,
    "local_start": WallTime,
    "data": Json,
    "attributes": Json,
    "version": Version,
    **dict.fromkeys(
        ("created_at", "merged_at", "since", "requested_at", "expires_at", "decided_at"),
        Utc,
    ),
}


def plain_binding(entity: EntityName, field: str, column: str) -> Binding:
    """Return the binding of a field to a column of its own type. Words are stored as they are."""
    made = _OF_FIELD.get(field)
    if made is not None:
        return made(column)
    attribute: Any = attrs.fields_dict(KIND_OF_NAME[entity].cls)[field]
    rule = rule_of(attribute)
    return (
        Codes(column, {word: word for word in rule.allowed})
        if rule is not None and rule.allowed
        else Text(column)
    )
