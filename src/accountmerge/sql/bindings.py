"""Bind fields of entities to single columns of a caller's tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal

import attrs
import sqlalchemy as sa

from accountmerge.errors import InvalidValueError
from accountmerge.model.emails import EmailAddress
from accountmerge.model.instants import from_microseconds, microseconds
from accountmerge.model.json_text import FrozenJson, canonical
from accountmerge.model.wall_times import wall_time
from accountmerge.sql.column_values import INTERVALS, as_column, text_of, time_for
from accountmerge.sql.dialects import unusual
from accountmerge.sql.keys import Wanted, one_of

Get = Callable[[Sequence[Any]], Any]
"""A function from a row to the value of a field; None if the field is empty."""
Unit = Literal["seconds", "milliseconds", "microseconds", "minutes", "hours"]
IN_MICROSECONDS: dict[Unit, int] = {
    "microseconds": 1,
    "milliseconds": 1_000,
    "seconds": 1_000_000,
    "minutes": 60_000_000,
    "hours": 3_600_000_000,
}


def _unit(binding: object, _: object, unit: str) -> None:
    if unit not in IN_MICROSECONDS:
        raise InvalidValueError(
            "not_one_of", of=type(binding).__name__, field="unit", allowed=tuple(IN_MICROSECONDS)
        )


class UnmappedValue(Exception):  # noqa: N818 - counted for each column, and reported as a fault
    """The signal that a column holds a value without a meaning."""

    def __init__(self, code: str, column: str) -> None:
        super().__init__(code)
        self.code = code
        self.column = column
        self.table = ""  # of rows of another table, its name


def names_of(columns: Iterable[Any]) -> tuple[str, ...]:
    """Return the names of columns as plain texts."""
    return tuple(name_of(column) for column in columns)


def name_of(column: str | sa.Column[Any]) -> str:
    """Return the name of a column as plain text; names from SQLAlchemy are a subclass of `str`."""
    return str.__str__(column if isinstance(column, str) else column.name)


@attrs.frozen
class Binding:
    """The base of all bindings of a field.

    A binding reads the value of a field from the columns of a row, and writes it into them. The methods of `Mapping`
    take bindings for fields. Callers make them, but do not call their methods.
    """

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns in the table of the entity."""
        return ()

    def getter(self, table: sa.Table, places: Mapping[str, int]) -> Get:
        """Return a function that reads the value of the field from a row.

        Args:
            table: The table.
            places: The place of each column in the row.
        """
        raise NotImplementedError

    def values(self, table: sa.Table, value: Any) -> dict[str, Any]:
        """Return the values of the columns for a value of the field. None empties the field."""
        raise NotImplementedError

    def wanted(self, table: sa.Table, values: Sequence[str]) -> list[Any]:
        """Return the values to look for in the columns, for some texts of the field."""
        return list(values)

    def condition(self, table: sa.Table, wanted: Wanted) -> sa.ColumnElement[bool] | None:
        """Return the condition for all rows whose columns have a wanted value. None if no column has the field.

        Args:
            table: The table.
            wanted: The parameters for what the method `wanted` returns.
        """
        return None


@attrs.frozen
class _OneColumn(Binding):
    column: str = attrs.field(converter=name_of)

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    def getter(self, table: sa.Table, places: Mapping[str, int]) -> Get:
        place, read = places[self.column], self.reader(table)
        name = self.column

        def get(row: Sequence[Any]) -> Any:
            raw = row[place]
            if raw is None:
                return None
            try:
                return read(raw)
            except InvalidValueError as error:
                raise UnmappedValue(error.code, name) from None
            except (ValueError, TypeError, KeyError, ArithmeticError):
                raise UnmappedValue("unreadable_column", name) from None

        return get

    def reader(self, table: sa.Table) -> Callable[[Any], Any]:
        """Return a function from the value of the column, which is not NULL, to that of the field."""
        raise NotImplementedError

    def values(self, table: sa.Table, value: Any) -> dict[str, Any]:
        return {self.column: None if value is None else self.written(table, value)}

    def written(self, table: sa.Table, value: Any) -> Any:
        """Return the value of the column for a value of the field."""
        raise NotImplementedError


@attrs.frozen
class Text(_OneColumn):
    """A column with the text of a field, or with a number that is read as text.

    Attributes:
        column: The column.
    """

    def reader(self, table: sa.Table) -> Callable[[Any], Any]:
        return text_of

    def getter(self, table: sa.Table, places: Mapping[str, int]) -> Get:
        place, other = places[self.column], _OneColumn.getter(self, table, places)

        def get(row: Sequence[Any]) -> Any:
            raw = row[place]
            return raw if type(raw) is str else other(row)

        return get

    def written(self, table: sa.Table, value: Any) -> Any:
        return as_column(table.c[self.column], value)

    def wanted(self, table: sa.Table, values: Sequence[str]) -> list[Any]:
        column = table.c[self.column]
        return [value for text in values if (value := as_column(column, text)) is not None]

    def condition(self, table: sa.Table, wanted: Wanted) -> sa.ColumnElement[bool] | None:
        return one_of(table.c[self.column], wanted)


def _words(words: Mapping[Any, str]) -> dict[Any, str]:
    return dict(words)


@attrs.frozen
class Codes(_OneColumn):
    """A column with a code for each word, such as `{0: "held", 1: "booked"}`.

    If several codes have one word, the first is written. A code without a word is a fault, and no value is guessed.

    Attributes:
        column: The column.
        words: The word of each code. The code None is NULL.
    """

    words: Mapping[Any, str] = attrs.field(converter=_words)

    def reader(self, table: sa.Table) -> Callable[[Any], Any]:
        words: dict[Any, str] = dict(self.words)
        column = self.column

        def read(raw: Any) -> str:
            try:
                return words[raw]
            except (KeyError, TypeError):
                raise UnmappedValue("unknown_code", column) from None

        return read

    def getter(self, table: sa.Table, places: Mapping[str, int]) -> Get:
        place, words, column = places[self.column], dict(self.words), self.column
        words.setdefault(None, None)

        def get(row: Sequence[Any]) -> Any:
            try:
                return words[row[place]]
            except (KeyError, TypeError):
                raise UnmappedValue("unknown_code", column) from None

        return get

    def written(self, table: sa.Table, value: Any) -> Any:
        for code, word in self.words.items():
            if word == value:
                return code
        raise InvalidValueError("sql_no_code", table=table.name, column=self.column, word=value)

    def codes_of(self, words: Iterable[str]) -> tuple[Any, ...]:
        """Return the codes of some words."""
        wanted = frozenset(words)
        return tuple(code for code, word in self.words.items() if word in wanted)

    def wanted(self, table: sa.Table, values: Sequence[str]) -> list[Any]:
        return [code for code in self.codes_of(values) if code is not None]

    def condition(self, table: sa.Table, wanted: Wanted) -> sa.ColumnElement[bool] | None:
        column = table.c[self.column]
        known = one_of(column, wanted)
        return sa.or_(known, column.is_(None)) if None in self.words else known


@attrs.frozen
class Utc(_OneColumn):
    """A column with an instant.

    It has a time with an offset, a time in UTC without one, or the length of time since 1970 as a whole number.

    Attributes:
        column: The column.
        unit: The unit of such a number. Default: seconds.
    """

    unit: Unit = attrs.field(default="seconds", validator=_unit)

    def reader(self, table: sa.Table) -> Callable[[Any], Any]:
        return lambda raw: from_microseconds(self.instant(raw))

    def instant(self, raw: Any) -> int:
        """Return the instant of a value of the column, in microseconds."""
        if isinstance(raw, int | float | Decimal) and type(raw) is not bool:
            return round(raw * IN_MICROSECONDS[self.unit])
        moment = raw if isinstance(raw, datetime) else datetime.fromisoformat(str(raw))
        return microseconds(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))

    def written(self, table: sa.Table, value: Any) -> Any:
        return self.of_instant(table, microseconds(value))

    def of_instant(self, table: sa.Table, whole: int) -> Any:
        """Return the value of the column for an instant in microseconds."""
        kind = table.c[self.column].type
        if isinstance(kind, sa.Integer):
            return whole // IN_MICROSECONDS[self.unit]
        if isinstance(kind, sa.Numeric | sa.Float):
            exact = Decimal(whole) / IN_MICROSECONDS[self.unit]
            return exact if kind.asdecimal else float(exact)
        moment = _EPOCH + timedelta(microseconds=whole)
        if isinstance(kind, sa.DateTime) and kind.timezone:
            return moment
        plain = time_for(table.c[self.column], moment.replace(tzinfo=None))
        return f"{plain}+00:00" if isinstance(plain, str) else plain


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@attrs.frozen
class Local(_OneColumn):
    """A column with the local time at which a booking starts or ends.

    The zone is that of the row, or that of the mapping. An hour that clocks show twice is read as the first one; an end
    that would not be after its start is read as the second one. A time that clocks skip has the offset before it.

    Attributes:
        column: The column.
    """

    def naive(self, raw: Any) -> datetime:
        """Return the wall time of a value of the column."""
        moment = raw if isinstance(raw, datetime) else datetime.fromisoformat(str(raw))
        if moment.tzinfo is not None:
            raise UnmappedValue("wall_time_aware", self.column)
        return moment

    def of_instant(self, table: sa.Table, whole: int, zone: str) -> Any:
        """Return the value of the column for an instant in microseconds."""
        return self.of_wall_time(table, wall_time(from_microseconds(whole), zone)[0])

    def of_wall_time(self, table: sa.Table, moment: datetime) -> Any:
        """Return the value of the column for a wall time."""
        return time_for(table.c[self.column], moment)


@attrs.frozen
class Duration(_OneColumn):
    """A column with the length of a booking, from which its end is computed.

    Attributes:
        column: The column.
        unit: The unit. Default: minutes.
    """

    unit: Unit = attrs.field(default="minutes", validator=_unit)

    def length(self, raw: Any) -> int:
        """Return the length in microseconds."""
        if isinstance(raw, timedelta):
            return raw // timedelta(microseconds=1)
        if not isinstance(raw, int | float | Decimal):
            raise TypeError  # a text would be repeated
        return round(raw * IN_MICROSECONDS[self.unit])

    def of_length(self, table: sa.Table, length: int) -> Any:
        """Return the value of the column for a length in microseconds."""
        kind = table.c[self.column].type
        if isinstance(kind, INTERVALS):
            return timedelta(microseconds=length)
        whole, rest = divmod(length, IN_MICROSECONDS[self.unit])
        if rest and not isinstance(kind, sa.Integer):
            return length / IN_MICROSECONDS[self.unit]
        return max(whole, 1)  # programs refuse a booking without length; the overlay has the exact end


@attrs.frozen
class Day(_OneColumn):
    """A column with a date, or with its text such as `1980-05-01`.

    Attributes:
        column: The column.
    """

    def reader(self, table: sa.Table) -> Callable[[Any], Any]:
        return _day

    def written(self, table: sa.Table, value: Any) -> Any:
        kind = table.c[self.column].type
        if isinstance(kind, sa.DateTime):
            return datetime.combine(value, time())
        return value if isinstance(kind, sa.Date) else value.isoformat()


def _day(raw: Any) -> date:
    if isinstance(raw, datetime):
        return raw.date()
    return raw if isinstance(raw, date) else date.fromisoformat(raw)


@attrs.frozen
class WallTime(_OneColumn):
    """A column with a wall time that is stored for itself, as in `local_start`."""

    def reader(self, table: sa.Table) -> Callable[[Any], Any]:
        return lambda raw: raw if isinstance(raw, datetime) else datetime.fromisoformat(raw)

    def written(self, table: sa.Table, value: Any) -> Any:
        return time_for(table.c[self.column], value)


@attrs.frozen
class Json(_OneColumn):
    """A column with a JSON value, of a JSON type or as text, for `data` and `attributes`.

    Attributes:
        column: The column.
    """

    def reader(self, table: sa.Table) -> Callable[[Any], Any]:
        if isinstance(table.c[self.column].type, sa.JSON):
            return FrozenJson.of
        return lambda raw: FrozenJson(raw) if type(raw) is str else FrozenJson.of(raw)

    def written(self, table: sa.Table, value: Any) -> Any:
        return value.value if isinstance(table.c[self.column].type, sa.JSON) else value.text


def _texts(plain: Any) -> tuple[str, ...]:
    if not isinstance(plain, list) or not all(isinstance(text, str) for text in plain):
        raise TypeError
    return tuple(plain)


@attrs.frozen
class PlainJson(_OneColumn):
    """A column with a field as it is in a snapshot file, as JSON. For `hours`, `unavailable` and lists of texts."""

    to_json: Callable[[Any], Any] = list
    from_json: Callable[[Any], Any] = _texts

    def reader(self, table: sa.Table) -> Callable[[Any], Any]:
        is_json = isinstance(table.c[self.column].type, sa.JSON)

        def read(raw: Any) -> Any:
            plain = raw if is_json else json.loads(raw)
            return None if plain is None else self.from_json(plain)

        return read

    def written(self, table: sa.Table, value: Any) -> Any:
        plain = self.to_json(value)
        return plain if isinstance(table.c[self.column].type, sa.JSON) else canonical(plain)


@attrs.frozen
class Version(_OneColumn):
    """A column that counts the writes of a row.

    Each change of the row by a step adds 1 if the column is a whole number. Other columns are only read.

    Attributes:
        column: The column.
    """

    def reader(self, table: sa.Table) -> Callable[[Any], Any]:
        return lambda raw: raw if type(raw) in (int, str) else str(raw)

    def values(self, table: sa.Table, value: Any) -> dict[str, Any]:
        column = table.c[self.column]
        return {self.column: column + 1} if isinstance(column.type, sa.Integer) else {}


@attrs.frozen(init=False)
class Reference(Binding):
    """Columns with the key of a row of a mapped table.

    The name of a column is enough for most references. This is for composite keys, and for records in several tables.

    Args:
        columns: The columns, in the order of the key.
        to: The mapped table of the row. Default: the only table of the kind of entity; for `attached_to` of a record,
            the table of the record itself.
    """

    columns_: tuple[str, ...]
    to: str | None

    def __init__(self, *columns: str | sa.Column[Any], to: str | sa.Table | None = None) -> None:
        name = None if to is None else str.__str__(to if isinstance(to, str) else to.name)
        self.__attrs_init__(names_of(columns), name)

    @property
    def columns(self) -> tuple[str, ...]:
        return self.columns_


@attrs.frozen
class Constant(Binding):
    """A value that all rows have, without a column.

    Attributes:
        value: The value. A plan that writes another one stores it in the added tables.
    """

    value: Any

    def getter(self, table: sa.Table, places: Mapping[str, int]) -> Get:
        value = self.value
        return lambda _: value

    def values(self, table: sa.Table, value: Any) -> dict[str, Any]:
        return {}


@attrs.frozen
class EmailText(_OneColumn):
    """A column with the e-mail address of a profile."""

    def reader(self, table: sa.Table) -> Callable[[Any], Any]:
        return lambda raw: EmailAddress(text_of(raw))

    def written(self, table: sa.Table, value: Any) -> Any:
        return as_column(table.c[self.column], value.text)

    def wanted(self, table: sa.Table, values: Sequence[str]) -> list[Any]:
        return usual(values)

    def condition(self, table: sa.Table, wanted: Wanted) -> sa.ColumnElement[bool] | None:
        return mailbox_condition(table.c[self.column], wanted)


def usual(mailboxes: Sequence[str]) -> list[str]:
    """Return the mailboxes that an address of visible ASCII characters can have."""
    return [text for text in mailboxes if text.isascii()]


def mailbox_condition(column: sa.Column[Any], mailboxes: Wanted) -> sa.ColumnElement[bool]:
    """Return a condition for all addresses with one of some mailboxes, and for unusual ones.

    Text of visible ASCII characters has the mailbox that lower case gives. Other text is compared by the reader.
    """
    # An unusual text is never empty. With the comparison, SQLite searches the partial index for them.
    return sa.or_(one_of(sa.func.lower(column), mailboxes), sa.and_(unusual(column), column > ""))
