"""The binding of each field to a plain column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import sqlalchemy as sa

from accountmerge.errors import Fault
from accountmerge.model.entities import KIND_OF_NAME, KINDS, EntityName
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.value_rules import rule_of
from accountmerge.model.weekly_hours import WeeklyHours
from accountmerge.sql.bindings import (
    Binding,
    Codes,
    Day,
    Duration,
    EmailText,
    Json,
    Local,
    PlainJson,
    Reference,
    Text,
    Utc,
    Version,
    WallTime,
)
from accountmerge.sql.list_bindings import (
    ChildRows,
    Columns,
    EmailColumns,
    EmailRows,
    Flags,
    Rows,
    SlotRows,
    Values,
)
from accountmerge.wire.converter import converter
from accountmerge.wire.faults import Faults

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
        from_json=lambda plain: _structured(plain, WeeklyHours),
    )


def _slots(column: str) -> PlainJson:
    return PlainJson(
        column,
        to_json=lambda slots: [converter().unstructure(slot) for slot in slots],
        from_json=_read_slots,
    )


def _read_slots(plain: Any) -> tuple[TimeSlot, ...]:
    if not isinstance(plain, list):
        raise TypeError
    return tuple(_structured(slot, TimeSlot) for slot in plain)


def _structured(plain: Any, cls: type[Any]) -> Any:
    """Return plain JSON data as a value of a class."""
    try:
        return converter().structure(plain, cls)
    except (Fault, Faults, ExceptionGroup):
        raise ValueError from None


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
    words = known_words(entity, field)
    return Codes(column, {word: word for word in words}) if words else Text(column)


def known_words(entity: EntityName, field: str) -> tuple[str, ...]:
    """Return the words that a field can have; empty if it can have others."""
    attribute: Any = attrs.fields_dict(KIND_OF_NAME[entity].cls).get(field)
    rule = None if attribute is None else rule_of(attribute)
    return () if rule is None else tuple(rule.allowed)


_TEXTS = (Values, Rows, Flags, PlainJson)
_OF_OWN: dict[str, tuple[type[Binding], ...]] = {
    "email": (EmailText,),
    "emails": (EmailColumns, EmailRows),
    "phones": _TEXTS,
    "opt_outs": _TEXTS,
    "former_record_numbers": _TEXTS,
    "unavailable": (SlotRows, PlainJson),
    "hours": (PlainJson,),
    "data": (Json, Columns),
    "attributes": (Json, Columns),
}
"""The bindings of fields that need one of their own."""
_FOR_SOME = (ChildRows, Columns, Duration, EmailColumns, Flags, Local, Reference, Values)
"""Bindings that no other field takes."""
_PLAIN = (Codes, Day, Json, PlainJson, Text, Utc, Version, WallTime)


def suits(field: str, bound: object) -> bool:
    """Return whether a field that refers to no entity can be bound so. Bindings of a caller's own always can."""
    if not isinstance(bound, str | sa.Column | Binding):
        return False
    if isinstance(bound, ChildRows) and not isinstance(bound.table, sa.Table):
        return False
    wanted = _OF_OWN.get(field, ())
    return isinstance(bound, wanted) or not isinstance(bound, (*_FOR_SOME, *(_PLAIN if wanted else ())))
