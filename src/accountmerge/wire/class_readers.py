"""Class readers: what reads one class from a JSON object, flat and strict, with every fault of the object told.

A reader is made once for each class: one expression that reads every key by the rule of its field, or by the hook of
its type, and makes the value without checking it again. Only where something is wrong, the keys are read once more,
one by one, so that no fault hides another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pendulum

from accountmerge.errors import Fault, FaultList, InvalidValueError
from accountmerge.model.construction import maker
from accountmerge.model.value_rules import Rule, is_checked, rule_of
from accountmerge.wire import scalars
from accountmerge.wire.faults import Faults, collect, shown_key

Hook = Callable[[Any, Any], Any]

_ABSENT = object()


@attrs.frozen
class WireField:
    """How one field is read.

    Attributes:
        name: The field.
        keys: The keys that hold it; of several, the hook is given all values as a tuple.
        read: What reads the value of its key.
        default: What it is where the key is absent.
        is_required: Whether the key must be there.
        rule: What the field may hold, where its reader has no other hook.
        read_columns: Of a field that several keys hold, what reads many rows at once from a list for each key.
    """

    name: str
    keys: tuple[str, ...]
    read: Hook
    default: Any
    is_required: bool
    rule: Rule | None = None
    read_columns: Callable[..., list[Any]] | None = None


def class_reader(cls: type, fields: tuple[WireField, ...], *, at_once: bool = True) -> Hook:
    """Return the hook that reads a class from an object with just the keys of its fields.

    Args:
        cls: The class.
        fields: How its fields are read, in their order.
        at_once: Whether the keys may be read twice: first all at once, and again one by one if anything is wrong.
    """
    known = frozenset(key for field in fields for key in field.keys)
    make = _maker(cls)
    read_at_once = _expression(make, fields) if at_once else None

    def reader(value: Any, _: Any = None) -> Any:
        if type(value) is not dict:
            raise scalars.wrong_type("object", value)
        if read_at_once is not None and known.issuperset(value):
            try:
                return read_at_once(value)
            except (Fault, Faults, KeyError, ExceptionGroup, InvalidValueError):
                pass  # told again, with all else that is wrong
        return make(*_parts(value, fields, known))

    return reader


def _maker(cls: type) -> Callable[..., Any]:
    """Return what makes an instance of the values of all fields; unchecked if each is read by the rule of its field."""
    if is_made_unchecked(cls):
        return maker(cls)
    names = [field.alias for field in attrs.fields(cls)]
    return lambda *values: cls(**dict(zip(names, values, strict=True)))


def is_made_unchecked(cls: type) -> bool:
    """Return whether values of a class are made without its constructor, because each field is read by its rule."""
    return any(map(is_checked, attrs.fields(cls))) and not hasattr(cls, "__attrs_post_init__")


def _expression(make: Callable[..., Any], fields: tuple[WireField, ...]) -> Callable[[dict[str, Any]], Any]:
    """Return what makes an instance from an object, as one expression with a term for each field."""
    namespace: dict[str, Any] = {"make": make, "absent": _ABSENT}
    terms = []
    for number, field in enumerate(fields):
        namespace |= {f"read_{number}": field.read, f"default_{number}": field.default}
        term = f"read_{number}({_argument(field)}, None)"
        if not field.is_required:
            term = f"{term} if {field.keys[0]!r} in value else default_{number}"
        terms.append(term)
    exec(f"def made(value):\n    return make({', '.join(terms)})", namespace)  # noqa: S102 - made of names of fields alone
    found: Callable[[dict[str, Any]], Any] = namespace["made"]
    return found


def _argument(field: WireField) -> str:
    if len(field.keys) == 1:
        return f"value[{field.keys[0]!r}]"
    return "(" + ", ".join(f"value.get({key!r}, absent)" for key in field.keys) + ")"


def _parts(value: dict[str, Any], fields: tuple[WireField, ...], known: frozenset[str]) -> list[Any]:
    """Return the values of all fields.

    Raises:
        Faults: Some cannot be read, in the order of the fields; unknown keys last.
    """
    parts: list[Any] = []
    faults = FaultList()
    for field in fields:
        try:
            parts.append(_part(value, field))
        except Exception as error:  # noqa: BLE001 - what is no fault is raised again by faults_of
            collect(faults, error, field.keys[0] if len(field.keys) == 1 else "")
    faults += [Fault("unknown_key", shown_key(key)) for key in sorted(value.keys() - known)]
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
    """Return whether a value of several keys stands for a key that is absent."""
    return value is _ABSENT


def ruled(rule: Rule) -> Hook:
    """Return the hook that reads a JSON value by a rule; `null` is no value, also where the rule is optional."""
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
    """Return what reads the value of a field: its rule, or the hook of its type and then its converter.

    Args:
        field: The field, its type resolved.
        hook_of: Gives the hook of a type.
        hook: A hook of its own, if it has one.
    """
    rule = rule_of(field)
    if hook is None and rule is not None and rule.is_read:
        return ruled(rule)
    if rule is not None and rule.item is not None:
        return _kept(_listed(ruled(rule.item)), field.converter)
    read = hook or hook_of(field.type)
    converts = rule is None and is_checked(field) and field.type not in _AS_READ
    return _kept(read, field.converter) if converts else read


_AS_READ: tuple[Any, ...] = (pendulum.DateTime, pendulum.DateTime | None)
"""Types whose hooks give just what a constructor keeps."""


def _kept(read: Hook, convert: Any) -> Hook:
    """Return a hook that gives a value in the form that the constructor keeps."""

    def read_and_convert(value: Any, kind: Any = None) -> Any:
        found = read(value, kind)
        try:
            return convert(found)
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
    """Return what a field is where its key is absent."""
    default: Any = field.default
    return default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type]
