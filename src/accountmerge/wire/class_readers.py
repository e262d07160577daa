"""Make the strict reader of a class from a JSON object.

A reader is made once for each class. It is one expression that reads every key by the rule of its field, or by the hook
of its type, and makes the value without checking it again. Only if a fault occurs, the keys are read again, one by one,
so that no fault hides another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pendulum

from accountmerge.errors import Fault, FaultList, InvalidValueError
from accountmerge.model.construction import column_maker, maker
from accountmerge.model.json_text import LARGEST_INTEGER
from accountmerge.model.private import UnknownKeys, fields_of
from accountmerge.model.texts import IDENTIFIER, LABEL, LINE, LONGEST_ID, NOTE, VERSION
from accountmerge.model.value_rules import Rule, is_checked, rule_of
from accountmerge.model.values import ShownValue, value_class
from accountmerge.model.wall_times import ZONE
from accountmerge.wire import scalars
from accountmerge.wire.faults import Faults, collect, unknown_keys

Hook = Callable[[Any, Any], Any]

_ABSENT = object()


@value_class(eq=False, repr=False)
class WireField(ShownValue):
    """How one field is read.

    Attributes:
        name: The name of the field.
        keys: The keys that hold it. If there are several, the reader is given all values as a tuple.
        read: The reader of the value.
        default: The value of the field if its key is absent.
        is_required: Whether the key must be there.
        rule: The rule of its values, if its reader has no other hook.
        read_columns: The reader of many rows, from one list for each key, if the field has several keys.
    """

    name: str
    keys: tuple[str, ...]
    read: Hook
    default: Any
    is_required: bool
    rule: Rule | None = None
    read_columns: Callable[..., list[Any]] | None = None


def class_reader(cls: type, fields: tuple[WireField, ...], *, at_once: bool = True) -> Hook:
    """Return the hook that reads a class from an object with exactly the keys of its fields.

    With `at_once`, the keys may be read twice: first all at once, and again one by one after a fault.
    """
    known = frozenset(key for field in fields for key in field.keys)
    shown = fields_of(cls).unknown_keys
    make = _maker(cls)
    read_at_once = _expression(make, fields) if at_once else None

    def reader(value: Any, _: Any = None) -> Any:
        if type(value) is not dict:
            raise scalars.wrong_type("object", value)
        if read_at_once is not None and known.issuperset(value):
            try:
                return read_at_once(value)
            except (Fault, Faults, KeyError, ExceptionGroup, InvalidValueError):
                pass  # reported below, with every other fault
        return make(*_parts(value, fields, known, shown))

    return reader


def _maker(cls: type) -> Callable[..., Any]:
    """Return the maker of an instance from the values of all fields."""
    if is_made_unchecked(cls):
        return maker(cls)
    names = [field.alias for field in attrs.fields(cls)]
    return lambda *values: cls(**dict(zip(names, values, strict=True)))


def is_made_unchecked(cls: type) -> bool:
    """Return whether the reader checks all values itself, so that no constructor is called."""
    return any(map(is_checked, attrs.fields(cls))) and not hasattr(cls, "__attrs_post_init__")


def _expression(make: Callable[..., Any], fields: tuple[WireField, ...]) -> Callable[[dict[str, Any]], Any]:
    """Return the maker of an instance from an object, as one expression with a term for each field."""
    namespace: dict[str, Any] = {"make": make, "absent": _ABSENT}
    terms = []
    for number, field in enumerate(fields):
        namespace |= {f"read_{number}": field.read, f"default_{number}": field.default}
        term = f"read_{number}({_argument(field)}, None)"
        if not field.is_required:
            term = f"{term} if {field.keys[0]!r} in value else default_{number}"
        terms.append(term)
    exec(f"def made(value):\n    return make({', '.join(terms)})", namespace)  # noqa: S102 - made of names of fields alone
    construct: Callable[[dict[str, Any]], Any] = namespace["made"]
    return construct


def _argument(field: WireField) -> str:
    if len(field.keys) == 1:
        return f"value[{field.keys[0]!r}]"
    return "(" + ", ".join(f"value.get({key!r}, absent)" for key in field.keys) + ")"


def _parts(
    value: dict[str, Any], fields: tuple[WireField, ...], known: frozenset[str], shown: UnknownKeys
) -> list[Any]:
    """Return the values of all fields, or raise their faults and those of unknown keys."""
    parts: list[Any] = []
    faults = FaultList()
    for field in fields:
        try:
            parts.append(_part(value, field))
        except Exception as error:  # noqa: BLE001 - what is no fault is raised again by faults_of
            collect(faults, error, field.keys[0] if len(field.keys) == 1 else "")
    faults += unknown_keys(value.keys() - known, known, shown)
    if faults:
        raise Faults(faults)
    return parts


def _part(value: dict[str, Any], field: WireField) -> Any:
    if len(field.keys) > 1:
        return field.read(tuple(value.get(key, _ABSENT) for key in field.keys), None)
    (key,) = field.keys
    if key in value:
        return field.read(value[key], None)
    if field.is_required:
        raise Fault("missing_key")
    return field.default


def is_absent(value: object) -> bool:
    """Return whether a value marks a key that is absent, of a field with several keys."""
    return value is _ABSENT


def ruled(rule: Rule) -> Hook:
    """Return the hook that reads a JSON value by a rule. It refuses `null`, even if the rule is optional."""
    check = (rule.inner or rule).check

    def read(value: Any, _: Any = None) -> Any:
        try:
            return check(value)
        except InvalidValueError as error:
            raise fault_of(error, value) from None

    return read


def fault_of(error: InvalidValueError, value: object) -> Fault:
    """Return the fault of a file for an error of a rule."""
    if error.code == "wrong_type":
        return scalars.wrong_type(str(error.facts["wanted"]), value)
    if error.code == "not_one_of":
        return Fault("not_in_vocabulary", allowed=error.facts["allowed"])
    facts: Any = {name: fact for name, fact in error.facts.items() if name not in ("of", "field")}
    return Fault("invalid_value", reason=error.code, **facts)


def field_reader(field: attrs.Attribute[Any], hook_of: Callable[[Any], Hook], hook: Hook | None) -> Hook:
    """Return the reader of a field, from its own hook, its rule, or the hook of its type."""
    rule = rule_of(field)
    if hook is None and rule is not None and rule.is_read:
        return ruled(rule)
    if rule is not None and rule.item is not None:
        return _kept(_listed(ruled(rule.item)), rule.kept or field.converter)
    read = hook or hook_of(field.type)
    converts = rule is None and is_checked(field) and field.type not in _AS_READ
    return _kept(read, field.converter) if converts else read


_AS_READ: tuple[Any, ...] = (pendulum.DateTime, pendulum.DateTime | None)
"""Types whose hooks give the values that a constructor keeps."""


def _kept(read: Hook, convert: Any) -> Hook:
    """Return a hook that gives a value in the form that the constructor keeps."""

    def read_and_convert(value: Any, kind: Any = None) -> Any:
        read_value = read(value, kind)
        try:
            return convert(read_value)
        except InvalidValueError as error:
            raise fault_of(error, value) from None

    return read_and_convert


def _listed(read: Hook) -> Hook:
    def read_list(value: Any, _: Any = None) -> list[Any]:
        if type(value) is not list:
            raise scalars.wrong_type("list", value)
        return scalars.each_of(value, read)

    return read_list


def default_of(field: attrs.Attribute[Any]) -> Any:
    """Return the value of a field whose key is absent."""
    default: Any = field.default
    return default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type]


Column = list[Any]
Shared = dict[str, str]
"""Ids that were read and are correct, so that repeated ids are stored once."""
ColumnReader = Callable[[list[Any], Shared], list[Any] | None]

AT_ONCE = 512
"""Rows per block. Enough to spread the cost of a check, and few enough to be released soon."""


def column_reader(cls: type, fields: tuple[WireField, ...]) -> ColumnReader | None:
    """Return the reader of many rows of a class, or None if its constructor must check the values."""
    if not is_made_unchecked(cls):
        return None
    make_all = column_maker(cls)
    takes = column_takes(fields)

    def read_rows(rows: list[Any], shared: Shared) -> list[Any] | None:
        if set(map(type, rows)) != {dict}:
            return None
        try:
            columns, keys, given = [], 0, sum(map(len, rows))
            for field, take in takes:
                if keys == given and not field.is_required:  # every key of these rows is read
                    columns.append([field.default] * len(rows))
                    continue
                column, count = _read_column(rows, field, take, shared)
                columns.append(column)
                keys += count
            return make_all(*columns) if keys == given else None
        except (Fault, Faults, InvalidValueError, LookupError, TypeError, ValueError, ExceptionGroup):
            return None  # the caller reads each row alone, and finds the faults at their paths

    return read_rows


Take = Callable[[Column, Shared], Column]
"""The reader of the values of a field in many rows that have it. Any wrong value raises any error."""


def column_takes(fields: tuple[WireField, ...]) -> tuple[tuple[WireField, Take], ...]:
    """Return each field with the reader of its column."""
    return tuple((field, _column_of(field)) for field in fields)


def _read_column(rows: list[Any], field: WireField, take: Take, shared: Shared) -> tuple[Column, int]:
    """Return the values of a field, and the number of keys that were read from the rows."""
    if field.read_columns is not None:
        columns = [[row[key] for row in rows] for key in field.keys]
        return field.read_columns(*columns), len(field.keys) * len(rows)
    (key,) = field.keys
    if field.is_required:
        return take([row[key] for row in rows], shared), len(rows)
    present = [row[key] for row in rows if key in row]
    if not present:
        return [field.default] * len(rows), 0
    values = take(present, shared)
    if len(present) < len(rows):
        following, default = iter(values), field.default
        values = [next(following) if key in row else default for row in rows]
    return values, len(present)


def _column_of(field: WireField) -> Take:
    """Return the reader of the column of a field."""
    rule = field.rule
    if rule is not None:
        rule = rule.inner or rule
        if rule.allowed:
            return _words(rule)
        if rule is IDENTIFIER and field.name != "id":
            return _shared_ids
        if rule in _BY_RULE:
            return _BY_RULE[rule]
    read = field.read
    return lambda values, _: [read(value, None) for value in values]


def _words(rule: Rule) -> Take:
    known = {word: word for word in rule.allowed}
    return lambda values, _: list(map(known.__getitem__, values))


def _is_plain(values: Column) -> bool:
    """Return whether all texts are printable ASCII alone. Raises TypeError for a value that is no text."""
    joined = "".join(values)
    return joined.isascii() and joined.isprintable()


def _labels(values: Column, rule: Rule, longest: int | None) -> Column:
    lengths = set(map(len, values))
    is_short = longest is None or max(lengths) <= longest
    joined = "".join(values)
    if 0 not in lengths and is_short and joined.isascii() and joined.isprintable() and " " not in joined:
        return values
    return [rule.check(value) for value in values]


def _shared_ids(values: Column, shared: Shared) -> Column:
    try:
        return list(map(shared.__getitem__, values))
    except KeyError:
        ids = _labels(values, IDENTIFIER, LONGEST_ID)
        return list(map(shared.setdefault, ids, ids))


def _lines(rule: Rule) -> Take:
    def take(values: Column, _: Shared) -> Column:
        return values if _is_plain(values) else [rule.check(value) for value in values]

    return take


def _versions(values: Column, _: Shared) -> Column:
    kinds = set(map(type, values))
    if kinds == {str}:
        return _labels(values, LABEL, None)
    if kinds == {int} and -LARGEST_INTEGER <= min(values) <= max(values) <= LARGEST_INTEGER:
        return values
    check = (VERSION.inner or VERSION).check
    return [check(value) for value in values]


class _Zones(dict[str, str]):
    """Zones that were found, each stored once."""

    def __missing__(self, name: str) -> str:
        zone: str = ZONE.check(name)
        self[zone] = zone
        return zone


_zones = _Zones()


_BY_RULE: dict[Rule, Take] = {
    IDENTIFIER: lambda values, _: _labels(values, IDENTIFIER, LONGEST_ID),
    LABEL: lambda values, _: _labels(values, LABEL, None),
    LINE: _lines(LINE),
    NOTE: _lines(NOTE),
    (VERSION.inner or VERSION): _versions,
    ZONE: lambda values, _: list(map(_zones.__getitem__, values)),
}
