"""Bindings of fields with several values to columns and rows of a caller's tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import attrs
import sqlalchemy as sa

from accountmerge.model.emails import CustomerEmail, EmailAddress
from accountmerge.model.json_text import FrozenJson
from accountmerge.sql.bindings import Binding, Codes, Get, mailbox_condition, name_of, names_of, text_of


@attrs.frozen(init=False)
class Columns(Binding):
    """Columns whose values are together one JSON object, for `data` and `attributes`.

    Without names, they are all columns of the table that no other field uses.
    """

    columns_: tuple[str, ...]

    def __init__(self, *columns: str | sa.Column[Any]) -> None:
        self.__attrs_init__(names_of(columns))

    @property
    def columns(self) -> tuple[str, ...]:
        return self.columns_

    def getter(self, table: sa.Table, places: Mapping[str, int]) -> Get:
        named = [(name, places[name]) for name in self.columns_]

        def get(row: Sequence[Any]) -> FrozenJson | None:
            found = {name: _json(row[place]) for name, place in named if row[place] is not None}
            return FrozenJson.of(found) if found else None

        return get

    def values(self, table: sa.Table, value: Any) -> dict[str, Any]:
        plain = value.value if value is not None else {}
        members = plain if isinstance(plain, dict) else {}
        return {name: _of_json(table.c[name], members.get(name)) for name in self.columns_}


def _json(raw: Any) -> Any:
    if isinstance(raw, datetime | date):
        return raw.isoformat()
    return raw if isinstance(raw, str | int | float | bool | dict | list) else str(raw)


def _of_json(column: sa.Column[Any], value: Any) -> Any:
    if isinstance(value, str) and isinstance(column.type, sa.DateTime):
        return datetime.fromisoformat(value)
    if isinstance(value, str) and isinstance(column.type, sa.Date):
        return date.fromisoformat(value)
    return value


@attrs.frozen(init=False)
class Flags(Binding):
    """Columns with a truth value for each word, such as `Flags(no_newsletter="opt_out_news")`. For `opt_outs`."""

    flags: tuple[tuple[str, str], ...]

    def __init__(self, **flags: str | sa.Column[Any]) -> None:
        self.__attrs_init__(tuple((word, name_of(column)) for word, column in flags.items()))

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(column for _, column in self.flags)

    def getter(self, table: sa.Table, places: Mapping[str, int]) -> Get:
        named = [(word, places[column]) for word, column in self.flags]
        return lambda row: tuple(word for word, place in named if row[place])

    def values(self, table: sa.Table, value: Any) -> dict[str, Any]:
        return {
            column: (word in (value or ()))
            if isinstance(table.c[column].type, sa.Boolean)
            else int(word in (value or ()))
            for word, column in self.flags
        }


@attrs.frozen(init=False)
class Values(Binding):
    """Columns with one text each, such as `Values("phone1", "phone2")`. Empty columns are left out. For `phones`."""

    columns_: tuple[str, ...]

    def __init__(self, *columns: str | sa.Column[Any]) -> None:
        self.__attrs_init__(names_of(columns))

    @property
    def columns(self) -> tuple[str, ...]:
        return self.columns_

    def getter(self, table: sa.Table, places: Mapping[str, int]) -> Get:
        found = [places[name] for name in self.columns_]
        return lambda row: tuple(text_of(row[place]) for place in found if row[place])

    def values(self, table: sa.Table, value: Any) -> dict[str, Any]:
        texts = list(value or ())
        return {
            name: texts[place] if place < len(texts) else None for place, name in enumerate(self.columns_)
        }


@attrs.frozen(init=False)
class EmailColumns(Binding):
    """Columns with one address each, for `emails`.

    Args:
        primary: The column of the address that signs in. None: no column has one.
        secondary: Columns of further addresses.
        former: Columns of addresses that no longer sign in.
    """

    uses: tuple[tuple[str, str], ...]

    def __init__(
        self,
        primary: str | sa.Column[Any] | None = None,
        *,
        secondary: Iterable[str | sa.Column[Any]] = (),
        former: Iterable[str | sa.Column[Any]] = (),
    ) -> None:
        found = [(name_of(primary), "primary")] if primary is not None else []
        found += [(name_of(column), "secondary") for column in secondary]
        self.__attrs_init__((*found, *((name_of(column), "former") for column in former)))

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(column for column, _ in self.uses)

    def getter(self, table: sa.Table, places: Mapping[str, int]) -> Get:
        named: list[tuple[int, Any]] = [(places[column], use) for column, use in self.uses]
        return lambda row: tuple(
            CustomerEmail(EmailAddress(row[place]), use) for place, use in named if row[place]
        )

    def values(self, table: sa.Table, value: Any) -> dict[str, Any]:
        plain = [email for email in value or () if email.login_of is None]
        found: dict[str, Any] = {}
        for column, use in self.uses:
            first = next((email for email in plain if email.use == use), None)
            found[column] = first.address.text if first is not None else None
            plain = [email for email in plain if email is not first]
        return found

    def condition(self, table: sa.Table, values: Sequence[str]) -> sa.ColumnElement[bool] | None:
        used = [column for column, use in self.uses if use != "secondary"]
        return sa.or_(*(mailbox_condition(table.c[column], values) for column in used)) if used else None


@attrs.frozen(init=False)
class Rows(Binding):
    """Rows of another table with one text each, for `phones`, `opt_outs` and `former_record_numbers`.

    Args:
        table: The table.
        owner: Its columns that refer to the key of the entity.
        value: The column with the text.
        order: The column by which the rows are sorted; a whole number, counted from 1 in new rows. Default: none.
    """

    table: sa.Table
    owner: tuple[str, ...]
    value: str
    order: str | None

    def __init__(
        self,
        table: sa.Table,
        *,
        owner: str | sa.Column[Any] | Iterable[str | sa.Column[Any]],
        value: str | sa.Column[Any],
        order: str | sa.Column[Any] | None = None,
    ) -> None:
        self.__attrs_init__(table, _owner(owner), name_of(value), None if order is None else name_of(order))

    def members(self, rows: Iterable[Sequence[Any]]) -> tuple[Any, ...]:
        """Return the value of the field from the rows of one owner, without their keys."""
        return tuple(text_of(row[0]) for row in rows if row[0])

    def selected(self) -> list[sa.ColumnElement[Any]]:
        """Return the columns that `members` takes."""
        return [self.table.c[self.value]]

    def rows(self, value: Any) -> list[dict[str, Any]]:
        """Return the rows for a value of the field, without their owner."""
        return [
            {self.value: text, **({self.order: place} if self.order else {})}
            for place, text in enumerate(value or (), 1)
        ]

    def sorting(self) -> list[sa.ColumnElement[Any]]:
        """Return the columns by which rows of one owner are sorted."""
        return [self.table.c[self.order]] if self.order else [self.table.c[self.value]]

    def child_condition(self, values: Sequence[str]) -> sa.ColumnElement[bool] | None:
        """Return a condition for the rows that may have one of some mailboxes. None: the rows have none."""
        return None


def _owner(columns: Any) -> tuple[str, ...]:
    return (name_of(columns),) if isinstance(columns, str | sa.Column) else names_of(columns)


@attrs.frozen(init=False)
class EmailRows(Rows):
    """Rows of another table with one address each, for `emails`.

    Args:
        table: The table.
        owner: Its columns that refer to the key of the customer.
        address: The column with the address.
        use: The column with the use: words, or `Codes`.
    """

    use: Codes

    def __init__(
        self,
        table: sa.Table,
        *,
        owner: str | sa.Column[Any] | Iterable[str | sa.Column[Any]],
        address: str | sa.Column[Any],
        use: Codes | str | sa.Column[Any],
    ) -> None:
        codes = use if isinstance(use, Codes) else Codes(use, {word: word for word in _USES})
        self.__attrs_init__(table, _owner(owner), name_of(address), None, codes)  # type: ignore[call-arg]

    def selected(self) -> list[sa.ColumnElement[Any]]:
        return [self.table.c[self.value], self.table.c[self.use.column]]

    def members(self, rows: Iterable[Sequence[Any]]) -> tuple[Any, ...]:
        read = self.use.reader(self.table)
        return tuple(CustomerEmail(EmailAddress(row[0]), read(row[1])) for row in rows if row[0] is not None)

    def rows(self, value: Any) -> list[dict[str, Any]]:
        known = set(self.use.words.values())
        return [
            {self.value: email.address.text, self.use.column: self.use.written(self.table, email.use)}
            for email in value or ()
            if email.use in known and email.login_of is None
        ]

    def child_condition(self, values: Sequence[str]) -> sa.ColumnElement[bool] | None:
        return mailbox_condition(self.table.c[self.value], values)


_USES = ("primary", "secondary", "former")
