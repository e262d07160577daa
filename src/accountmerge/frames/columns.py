"""The columns of the six tables of a snapshot.

Frames that go in and frames that come out have the same ones. They follow from the classes of the model and from their keys in a file, so a new field is a new column. A value that
is nested in a file, such as the emails of a customer, is one column of JSON text.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, Literal, get_args

import attrs
import pendulum
import polars as pl

from accountmerge.model.emails import EmailAddress
from accountmerge.model.entities import KINDS, CollectionName, EntityKind
from accountmerge.model.private import DECLARED, fields_of
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.value_rules import rule_of
from accountmerge.model.values import ShownValue, value_class
from accountmerge.wire.class_hooks import inner_kind, is_literal, is_optional, wire_keys

INSTANT = pl.Datetime("us", "UTC")
"""The type of a column of instants."""
WALL_TIME = pl.Datetime("us")
"""The type of a column of wall times, which have no zone."""

Form = Literal["text", "words", "whole_number", "instant", "wall_time", "date", "json"]
"""The form of the values of a column. `words` is text of a closed vocabulary, `json` is the JSON text of a nested value."""

TYPES: Mapping[Form, pl.DataType] = {
    "text": pl.String(),
    "words": pl.String(),
    "whole_number": pl.Int64(),
    "instant": INSTANT,
    "wall_time": WALL_TIME,
    "date": pl.Date(),
    "json": pl.String(),
}
"""The polars type of each form."""

VERSION = "version"
VERSION_NUMBER = "version_number"
"""The column of versions that are whole numbers. Versions that are text are in the column `version`."""


@value_class(eq=False, repr=False)
class Column(ShownValue):
    """A column of a table of a snapshot.

    Attributes:
        table: The name of the table, such as `appointments`.
        name: The name of the column, which is the key in a file.
        field: The field of the class that holds the value.
        form: The form of the values.
        is_personal: Whether the values are, or may be, information about a person.
        is_required: Whether each row needs a value.
        words: The closed vocabulary of the values; empty if there is none.
    """

    table: CollectionName
    name: str
    field: str
    form: Form
    is_personal: bool
    is_required: bool
    words: tuple[str, ...] = ()

    @property
    def type(self) -> pl.DataType:
        """The polars type of the column."""
        return TYPES[self.form]


@cache
def columns_of(table: CollectionName) -> tuple[Column, ...]:
    """Return the columns of a table of a snapshot, in their order.

    Args:
        table: `profiles`, `customers`, `appointments`, `records`, `access` or `access_requests`.
    """
    kind = next(kind for kind in KINDS if kind.collection == table)
    fields = attrs.fields_dict(kind.cls)
    return tuple(
        column
        for name, keys in wire_keys(kind.cls).items()
        for key in keys
        for column in _columns_of_key(kind, fields[name], key)
    )


def schema_of(table: CollectionName, *, values: bool = False) -> dict[str, pl.DataType]:
    """Return the polars type of each column of a table that comes out, by name.

    Args:
        table: The name of the table.
        values: Whether personal columns are included.
    """
    return {column.name: column.type for column in columns_of(table) if values or not column.is_personal}


def _columns_of_key(kind: EntityKind, field: Any, key: str) -> tuple[Column, ...]:
    form, rule = _form_of(field.type), rule_of(field)
    column = Column(
        kind.collection,
        key,
        field.name,
        form,
        is_personal=field.name in fields_of(kind.cls).personal or holds_personal_values(field.type),
        is_required=field.default is attrs.NOTHING,
        words=() if rule is None else rule.allowed,
    )
    if field.name != VERSION:
        return (column,)
    return (column, attrs.evolve(column, name=VERSION_NUMBER, form="whole_number"))


def holds_personal_values(kind: Any) -> bool:
    """Return whether a type is, or contains, a class of the model with a personal field."""
    if isinstance(kind, type) and attrs.has(kind) and kind in DECLARED:
        fields = attrs.fields_dict(kind)
        attrs.resolve_types(kind)
        return bool(fields_of(kind).personal) or any(
            holds_personal_values(field.type) for field in fields.values()
        )
    return any(map(holds_personal_values, get_args(kind)))


_FORMS: dict[Any, Form] = {
    str: "text",
    EmailAddress: "text",
    str | int | None: "text",  # a version, whose whole numbers have a column of their own
    pendulum.DateTime: "instant",
    TimeSlot: "instant",
    datetime: "wall_time",
    date: "date",
}


def _form_of(kind: Any) -> Form:
    inner = inner_kind(kind) if is_optional(kind) else kind
    return "words" if is_literal(inner) else _FORMS.get(inner, "json")
