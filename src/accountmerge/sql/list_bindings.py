"""Bind fields with several values to columns and rows of a caller's tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
import sqlalchemy as sa

from accountmerge.errors import InvalidValueError
from accountmerge.model.emails import CustomerEmail, EmailAddress
from accountmerge.model.json_text import FrozenJson
from accountmerge.model.time_slots import TimeSlot
from accountmerge.sql.bindings import (
    Binding,
    Codes,
    Get,
    UnmappedValue,
    Utc,
    mailbox_condition,
    name_of,
    names_of,
    usual,
)
from accountmerge.sql.column_values import as_column, as_json, from_json, text_of
from accountmerge.sql.keys import Keys, Wanted, one_of


@attrs.frozen(init=False)
class _SeveralColumns(Binding):
    """The base of the bindings to any number of columns, given by position."""

    columns_: tuple[str, ...]

    def __init__(self, *columns: str | sa.Column[Any]) -> None:
        self.__attrs_init__(names_of(columns))

    @property
    def columns(self) -> tuple[str, ...]:
        return self.columns_


@attrs.frozen(init=False)
class Columns(_SeveralColumns):
    """Columns that together make one JSON object, for `data` and `attributes`.

    The names of the columns are the keys of the object. Columns with NULL are left out.

    Args:
        columns: The columns. Default: all columns of the table that no other field uses.
    """

    def getter(self, table: sa.Table, places: Mapping[str, int]) -> Get:
        named = [(name, places[name]) for name in self.columns_]

        def get(row: Sequence[Any]) -> FrozenJson | None:
            found = {name: as_json(row[place]) for name, place in named if row[place] is not None}
            try:
                return FrozenJson.of(found) if found else None
            except InvalidValueError as error:
                raise UnmappedValue(error.code, _refused(found)) from None

        return get

    def values(self, table: sa.Table, value: Any) -> dict[str, Any]:
        plain = value.value if value is not None else {}
        members = plain if isinstance(plain, dict) else {}
        return {name: from_json(table.c[name], members.get(name)) for name in self.columns_}


def _refused(members: dict[str, Any]) -> str:
    """Return the first name whose value is no JSON."""
    for name, value in members.items():
        try:
            FrozenJson.of({name: value})
        except InvalidValueError:
            return name
    raise AssertionError


@attrs.frozen(init=False)
class Flags(Binding):
    """Columns with a truth value for each word, for `opt_outs`.

    With `Flags(newsletter="no_news")`, a row with a true `no_news` has the opt-out `newsletter`.

    Args:
        flags: The column of each word.
    """

    flags: tuple[tuple[str, str], ...]

    def __init__(self, **flags: str | sa.Column[Any]) -> None:
        self.__attrs_init__(tuple((word, name_of(column)) for word, column in flags.items()))

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(column for _, column in self.flags)

    def getter(self, table: sa.Table, places: Mapping[str, int]) -> Get:
        named = [(word, places[column], column) for word, column in self.flags]
        return lambda row: tuple(word for word, place, column in named if _is_set(row[place], column))

    def values(self, table: sa.Table, value: Any) -> dict[str, Any]:
        return {
            column: (word in (value or ()))
            if isinstance(table.c[column].type, sa.Boolean)
            else int(word in (value or ()))
            for word, column in self.flags
        }


def _is_set(raw: Any, column: str) -> bool:
    """Return whether a flag is set. NULL is not set; text, such as `N`, has no meaning."""
    if raw is None:
        return False
    if raw not in (0, 1):
        raise UnmappedValue("unknown_code", column)
    return bool(raw)


@attrs.frozen(init=False)
class Values(_SeveralColumns):
    """Columns with one text each, such as `Values("phone1", "phone2")`, for `phones`.

    Empty columns are left out. Texts that find no column are stored in the added tables.

    Args:
        columns: The columns, in the order of the texts.
    """

    def getter(self, table: sa.Table, places: Mapping[str, int]) -> Get:
        found = [places[name] for name in self.columns_]
        return lambda row: tuple(text_of(row[place]) for place in found if row[place])

    def values(self, table: sa.Table, value: Any) -> dict[str, Any]:
        texts = list(value or ())
        return {
            name: as_column(table.c[name], texts[place]) if place < len(texts) else None
            for place, name in enumerate(self.columns_)
        }


@attrs.frozen(init=False)
class EmailColumns(Binding):
    """Columns with one address each, for `emails`.

    Addresses that find no column are stored in the added tables.

    Args:
        primary: The column of the address that signs in. Default: no column has it.
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
            CustomerEmail(EmailAddress(text_of(row[place])), use) for place, use in named if row[place]
        )

    def values(self, table: sa.Table, value: Any) -> dict[str, Any]:
        plain = [email for email in value or () if email.login_of is None]
        found: dict[str, Any] = {}
        for column, use in self.uses:
            first = next((email for email in plain if email.use == use), None)
            found[column] = as_column(table.c[column], first.address.text) if first is not None else None
            plain = [email for email in plain if email is not first]
        return found

    def wanted(self, table: sa.Table, values: Sequence[str]) -> list[Any]:
        return usual(values)

    def condition(self, table: sa.Table, wanted: Wanted) -> sa.ColumnElement[bool] | None:
        used = [column for column, use in self.uses if use != "secondary"]
        return sa.or_(*(mailbox_condition(table.c[column], wanted) for column in used)) if used else None


def _owner(columns: str | sa.Column[Any] | Iterable[str | sa.Column[Any]]) -> tuple[str, ...]:
    return (name_of(columns),) if isinstance(columns, str | sa.Column) else names_of(columns)


def _name(column: str | sa.Column[Any] | None) -> str | None:
    return None if column is None else name_of(column)


@attrs.frozen
class ChildRows(Binding):
    """The base of the bindings to rows of another table.

    Attributes:
        table: The table.
        owner: Its columns with the key of the entity that a row belongs to.
    """

    table: sa.Table
    owner: tuple[str, ...] = attrs.field(kw_only=True, converter=_owner)

    @property
    def child_columns(self) -> tuple[str, ...]:
        """The names of all columns of the other table that the binding uses."""
        return self.owner

    def selected(self) -> list[sa.ColumnElement[Any]]:
        """Return the columns that `members` takes."""
        raise NotImplementedError

    @property
    def text_column(self) -> str | None:
        """The column with a text that people write, or None."""
        return None

    def members(self, rows: Iterable[Sequence[Any]]) -> tuple[Any, ...]:
        """Return the value of the field from the rows of one owner, without their keys."""
        raise NotImplementedError

    def rows(self, value: Any) -> list[dict[str, Any]]:
        """Return the rows for a value of the field, without their owner."""
        raise NotImplementedError

    def sorting(self) -> list[sa.ColumnElement[Any]]:
        """Return the columns by which rows of one owner are sorted."""
        return self.selected()

    def child_wanted(self, attribute: str, values: Sequence[str]) -> list[Any]:
        """Return the values to look for in the rows, for some values of an attribute."""
        return list(values)

    def child_condition(self, attribute: str, wanted: Wanted) -> sa.ColumnElement[bool] | None:
        """Return the condition for all rows with a wanted value of an attribute. None if no row has it."""
        return None


@attrs.frozen
class Rows(ChildRows):
    """Rows of another table with one text each, for `phones`, `opt_outs` and `former_record_numbers`.

    Attributes:
        table: The table.
        owner: Its columns with the key of the entity.
        value: The column with the text.
        order: A column of whole numbers by which the rows are sorted; new rows are counted from 1. Default: the texts
            are sorted.
    """

    value: str = attrs.field(kw_only=True, converter=name_of)
    order: str | None = attrs.field(default=None, kw_only=True, converter=_name)

    @property
    def text_column(self) -> str | None:
        return self.value

    @property
    def child_columns(self) -> tuple[str, ...]:
        return (*self.owner, self.value, *([self.order] if self.order else []))

    def selected(self) -> list[sa.ColumnElement[Any]]:
        return [self.table.c[self.value]]

    def members(self, rows: Iterable[Sequence[Any]]) -> tuple[Any, ...]:
        return tuple(text_of(row[0]) for row in rows if row[0])

    def rows(self, value: Any) -> list[dict[str, Any]]:
        held = [as_column(self.table.c[self.value], text) for text in value or ()]
        return [
            {self.value: text, **({self.order: place} if self.order else {})}
            for place, text in enumerate((text for text in held if text is not None), 1)
        ]

    def sorting(self) -> list[sa.ColumnElement[Any]]:
        return [self.table.c[self.order]] if self.order else self.selected()


def _instant(bound: Utc | str | sa.Column[Any]) -> Utc:
    return bound if isinstance(bound, Utc) else Utc(bound)


@attrs.frozen
class SlotRows(ChildRows):
    """Rows of another table with a start and an end as instants, for `unavailable`.

    Attributes:
        table: The table.
        owner: Its columns with the key of the profile.
        start: The column with the start.
        end: The column with the end.
    """

    start: Utc = attrs.field(kw_only=True, converter=_instant)
    end: Utc = attrs.field(kw_only=True, converter=_instant)

    @property
    def child_columns(self) -> tuple[str, ...]:
        return (*self.owner, self.start.column, self.end.column)

    def selected(self) -> list[sa.ColumnElement[Any]]:
        return [self.table.c[self.start.column], self.table.c[self.end.column]]

    def members(self, rows: Iterable[Sequence[Any]]) -> tuple[Any, ...]:
        return tuple(self._slot(row) for row in rows)

    def _slot(self, row: Sequence[Any]) -> TimeSlot:
        bound = self.start
        try:
            start = bound.instant(row[0])
            bound = self.end
            return TimeSlot.from_microseconds(start, bound.instant(row[1]))
        except InvalidValueError as error:
            raise UnmappedValue(error.code, bound.column) from None
        except (ValueError, TypeError, ArithmeticError):
            raise UnmappedValue("unreadable_column", bound.column) from None

    def rows(self, value: Any) -> list[dict[str, Any]]:
        return [
            {
                self.start.column: self.start.of_instant(self.table, slot.start_us),
                self.end.column: self.end.of_instant(self.table, slot.end_us),
            }
            for slot in value or ()
        ]


_USES = ("primary", "secondary", "former")


def _use(bound: Codes | str | sa.Column[Any]) -> Codes:
    return bound if isinstance(bound, Codes) else Codes(bound, dict(zip(_USES, _USES, strict=True)))


@attrs.frozen
class EmailRows(ChildRows):
    """Rows of another table with one address each, for `emails`.

    Attributes:
        table: The table.
        owner: Its columns with the key of the customer.
        address: The column with the address.
        use: The column with the words `primary`, `secondary` and `former`, or a binding with codes for them.
        login_of: The column with the key of the customer who once signed in with the address. Default: no column
            has it.
        keys: The keys of customers. The mapping sets them.
    """

    address: str = attrs.field(kw_only=True, converter=name_of)
    use: Codes = attrs.field(kw_only=True, converter=_use)
    login_of: str | None = attrs.field(default=None, kw_only=True, converter=_name)
    keys: Keys | None = attrs.field(default=None, kw_only=True)

    @property
    def text_column(self) -> str | None:
        return self.address

    @property
    def child_columns(self) -> tuple[str, ...]:
        return (*self.owner, *self._selected_names())

    def _selected_names(self) -> tuple[str, ...]:
        return (self.address, self.use.column, *([self.login_of] if self.login_of else []))

    def selected(self) -> list[sa.ColumnElement[Any]]:
        return [self.table.c[name] for name in self._selected_names()]

    def members(self, rows: Iterable[Sequence[Any]]) -> tuple[Any, ...]:
        read = self.use.reader(self.table)
        return tuple(
            CustomerEmail(EmailAddress(text_of(row[0])), read(row[1]), self._login_of(row))
            for row in rows
            if row[0] is not None
        )

    def _login_of(self, row: Sequence[Any]) -> str | None:
        if self.login_of is None or self.keys is None or row[2] is None:
            return None
        return self.keys.id_of((row[2],))

    def rows(self, value: Any) -> list[dict[str, Any]]:
        known = set(self.use.words.values())
        rows = [
            self._row(email)
            for email in value or ()
            if email.use in known and (email.login_of is None or self.login_of is not None)
        ]
        return [row for row in rows if row[self.address] is not None]

    def _row(self, email: CustomerEmail) -> dict[str, Any]:
        text = as_column(self.table.c[self.address], email.address.text)
        row = {self.address: text, self.use.column: self.use.written(self.table, email.use)}
        if self.login_of is not None:
            key = None if email.login_of is None or self.keys is None else self.keys.key_of(email.login_of)
            row[self.login_of] = None if key is None else key[0]
        return row

    def child_wanted(self, attribute: str, values: Sequence[str]) -> list[Any]:
        if attribute != "former_logins":
            return usual(values)
        return [] if self.keys is None else [key[0] for key in self.keys.keys_of(values)]

    def child_condition(self, attribute: str, wanted: Wanted) -> sa.ColumnElement[bool] | None:
        if attribute != "former_logins":
            return mailbox_condition(self.table.c[self.address], wanted)
        return None if self.login_of is None else one_of(self.table.c[self.login_of], wanted)
