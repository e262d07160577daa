"""Ids of entities, made of the name of a table and the key of a row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote, unquote

import attrs
import sqlalchemy as sa

from accountmerge.sql.column_values import as_column

Key = tuple[Any, ...]
"""The values of the key columns of a row."""
_APART = ":"
"""Between the parts of a composite key, which have it escaped."""
_DIGITS = 19
"""Fewer digits are always a whole number of 64 bits."""


@attrs.frozen(eq=False)
class Keys:
    """The ids of the rows of one table.

    Attributes:
        columns: The key columns.
        prefix: The text before the key in an id, such as `booking-`.
    """

    columns: tuple[sa.Column[Any], ...]
    prefix: str
    _is_whole: bool = attrs.field(init=False)

    @_is_whole.default
    def _has_whole_numbers(self) -> bool:
        return len(self.columns) == 1 and isinstance(self.columns[0].type, sa.Integer)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the key columns."""
        return tuple(str.__str__(column.name) for column in self.columns)

    def id_of(self, key: Sequence[Any]) -> str:
        """Return the id of a row by its key."""
        if len(key) == 1:
            return f"{self.prefix}{key[0]}"
        return self.prefix + _APART.join(quote(str(part), safe="") for part in key)

    def key_of(self, id: str) -> Key | None:
        """Return the key of the row with an id. None if no row of the table can have it."""
        if not id.startswith(self.prefix):
            return None
        text = id[len(self.prefix) :]
        if self._is_whole and len(text) < _DIGITS and text.isascii() and text.isdigit() and text[0] != "0":
            return (int(text),)
        parts = [text] if len(self.columns) == 1 else [unquote(part) for part in text.split(_APART)]
        if len(parts) != len(self.columns):
            return None
        key = tuple(as_column(column, part) for column, part in zip(self.columns, parts, strict=True))
        return key if None not in key and self.id_of(key) == id else None

    def keys_of(self, ids: Iterable[str]) -> list[Key]:
        """Return the keys of all ids that rows of the table can have."""
        return [key for id in ids if (key := self.key_of(id)) is not None]

    def may_share_ids(self, other: Keys) -> bool:
        """Return whether an id of a row of another table may be one of this table, too."""
        first, last = sorted((self, other), key=lambda keys: len(keys.prefix))
        if not last.prefix.startswith(first.prefix):
            return False
        rest = last.prefix[len(first.prefix) :]
        if not isinstance(first.columns[0].type, sa.Integer):
            return True
        return re.fullmatch(r"-?[0-9]*" if len(first.columns) == 1 else r"-?[0-9]*(:.*)?", rest) is not None


@attrs.frozen
class Singles:
    """The names of parameters for one value each.

    With a parameter for any number of values, SQLAlchemy writes the text of a statement again each time.
    """

    names: tuple[str, ...]


Wanted = sa.BindParameter[Any] | Singles
"""Parameters for some values."""


def one_of(column: sa.ColumnElement[Any], wanted: Wanted) -> sa.ColumnElement[bool]:
    """Return the condition that a column has one of some values."""
    if isinstance(wanted, Singles):
        return column.in_([sa.bindparam(name, type_=column.type) for name in wanted.names])
    return column.in_(wanted)


def among(columns: Sequence[sa.ColumnElement[Any]], keys: Any) -> sa.ColumnElement[bool]:
    """Return the condition that columns have one of some keys, from parameters, keys or a statement."""
    return one_of(columns[0], keys) if len(columns) == 1 else sa.tuple_(*columns).in_(keys)


def plain_keys(keys: Iterable[Key]) -> list[Any]:
    """Return keys as `among` takes them. A key of one column is a value, others are tuples."""
    return [key[0] if len(key) == 1 else key for key in keys]


def has_keys(columns: Sequence[sa.ColumnElement[Any]], keys: Iterable[Key]) -> sa.ColumnElement[bool]:
    """Return the condition that columns have one of some keys."""
    return among(columns, plain_keys(keys))
