"""The declaration of a caller's table, as a mapping is told it."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Map
from typing import Any

import attrs
import sqlalchemy as sa

from accountmerge.model.entities import EntityName
from accountmerge.sql.bindings import Binding, name_of

Bound = str | sa.Column[Any] | Binding
"""A column, by its name or itself, or a binding."""
Names = str | sa.Column[Any] | Iterable[str | sa.Column[Any]]


@attrs.frozen(eq=False, kw_only=True)
class Declared:
    """The declaration of one table."""

    entity: EntityName
    record_kind: str | None
    table: sa.Table
    fields: dict[str, Bound]
    key: tuple[str, ...]
    prefix: str
    where: sa.ColumnElement[bool] | None
    copied: bool | tuple[str, ...]
    copied_from: dict[str, sa.Column[Any]]
    new_values: dict[str, Any]
    new_number: Any
    is_ours: bool = False


@attrs.frozen(eq=False)
class LeftReference:
    """A foreign key of the caller that plans leave as it is.

    Attributes:
        column: The column.
        why: The reason.
    """

    column: sa.Column[Any]
    why: str


@attrs.frozen(eq=False)
class FollowedReference:
    """A foreign key of the caller that follows a row whose place another one takes.

    Attributes:
        column: The column.
        where: The rows that follow. Default: all.
    """

    column: sa.Column[Any]
    where: sa.ColumnElement[bool] | None


@attrs.frozen(kw_only=True)
class Options:
    """The options of a table; `Mapping.customers` describes them."""

    key: Names | None = None
    prefix: str | None = None
    where: sa.ColumnElement[bool] | None = None
    copy_other_columns: bool | Iterable[str | sa.Column[Any]] = True
    copy_from: Map[Any, sa.Column[Any] | str] = attrs.field(factory=dict)
    new_values: Map[Any, Any] = attrs.field(factory=dict)
    new_number: Any = None
    overlaps: bool = True


def names_of(columns: Names | None) -> tuple[str, ...]:
    """Return the names of one column, of several, or of none."""
    if columns is None:
        return ()
    return (name_of(columns),) if isinstance(columns, str | sa.Column) else tuple(map(name_of, columns))
