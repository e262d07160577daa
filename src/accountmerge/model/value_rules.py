"""Rules for the fields of a class, as one table that its constructor and its reader share.

A class names its table in its declaration, as `attrs.frozen(field_transformer=checked(...))`. Its constructor
refuses a value that breaks a rule. The error has the class, the field and the allowed values, never the value itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from inspect import Parameter, Signature
from typing import Any, TypeVar

import attrs

from accountmerge.errors import InvalidValueError
from accountmerge.model.json_text import LARGEST_INTEGER

T = TypeVar("T")
Check = Callable[[Any], Any]

_RULE = "accountmerge.rule"
"""The key of the rule in the metadata of a field."""


@attrs.frozen(eq=False)
class Rule:
    """A rule for the values of a field.

    Attributes:
        name: Its name in the published schema.
        check: Returns a value as it is stored, or raises `InvalidValueError` without the name of the field.
        inner: Of an optional rule, the rule for values other than `None`; files omit the key for `None`.
        is_read: Whether the plain JSON value is checked as it is; if not, the type of the field defines how it is read.
        item: Of a list, the rule for each entry.
        kept: Of a list, the function from checked entries to the stored value; None if the converter checks more.
        allowed: The words of a closed vocabulary.
    """

    name: str
    check: Check
    inner: Rule | None = None
    is_read: bool = True
    item: Rule | None = None
    kept: Check | None = None
    allowed: tuple[str, ...] = ()


def wrong_type(wanted: str) -> InvalidValueError:
    """Return the error that a value is not of the wanted type."""
    return InvalidValueError("wrong_type", wanted=wanted)


def optional(rule: Rule) -> Rule:
    """Return a rule that also allows `None`."""
    check = rule.check
    return attrs.evolve(rule, check=lambda value: None if value is None else check(value), inner=rule)


def entries(item: Rule, kept: Check | None = None) -> Rule:
    """Return the rule for a list whose entries follow a rule, for a field whose converter checks it.

    The reader of files checks each entry. With `kept` it does not call the converter, which would check them again.
    """
    return Rule(f"list_of_{item.name}", listed, is_read=False, item=item, kept=kept)


def words(*allowed: str) -> Rule:
    """Return the rule that a value is one of some words."""
    known = {word: word for word in allowed}

    def check(value: Any) -> str:
        if type(value) is str and value in known:
            return value
        if not isinstance(value, str):
            raise wrong_type("text")
        if value not in known:
            raise InvalidValueError("not_one_of", allowed=allowed)
        return known[value]

    return Rule("words", check, is_read=False, allowed=allowed)


def instance(cls: type, wanted: str) -> Rule:
    """Return the rule that a value is of a class of the library."""

    def check(value: Any) -> Any:
        if type(value) is not cls:  # a subclass could not be read back as the same class
            raise wrong_type(wanted)
        return value

    return Rule(wanted, check, is_read=False)


def listed(values: Any) -> Iterable[Any]:
    """Return several values as a list; refuse one text, bytes, a mapping and values that are not iterable."""
    if type(values) in (list, tuple):
        iterable: Iterable[Any] = values
        return iterable
    if isinstance(values, str | bytes | bytearray | Mapping):
        raise wrong_type("list")
    try:
        return list(values)
    except TypeError:
        raise wrong_type("list") from None


def each_of(values: Any, cls: type, wanted: str) -> Iterable[Any]:
    """Return several values, each of a class of the library; refuse other values."""
    members = listed(values)
    if not all(type(value) is cls for value in members):
        raise wrong_type(wanted)
    return members


def argument(name: str, check: Callable[[Any], T], value: Any) -> T:
    """Return the argument of a function as a check returns it.

    The error of the check names the argument, unless it names a class.
    """
    try:
        return check(value)
    except InvalidValueError as error:
        if "of" in error.facts:
            raise
        raise InvalidValueError(error.code, **{**error.facts, "field": name}) from None


def _truth(value: Any) -> bool:
    if type(value) is not bool:
        raise wrong_type("truth_value")
    return value


def _positive_integer(value: Any) -> int:
    number = whole_number(value, "positive_whole_number")
    if number <= 0:
        raise wrong_type("positive_whole_number")
    return number


def _natural_number(value: Any) -> int:
    number = whole_number(value, "natural_number")
    if number < 0:
        raise wrong_type("natural_number")
    return number


def whole_number(value: Any, wanted: str = "whole_number") -> int:
    """Return a whole number that every reader of JSON keeps; refuse other values."""
    if type(value) is not int:
        raise wrong_type(wanted)
    if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        raise InvalidValueError("json_integer")
    return value


TRUTH = Rule("truth", _truth)
POSITIVE_INTEGER = Rule("positive_integer", _positive_integer)
NATURAL_NUMBER = Rule("natural_number", _natural_number)


def checked(
    **rules: Rule,
) -> Callable[[type, list[attrs.Attribute[Any]]], list[attrs.Attribute[Any]]]:
    """Return a transformer that makes the constructor of an attrs class check each field by its rule.

    A field with its own converter is checked by that, and needs a rule only if readers use it.
    """

    def transform(cls: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
        return [_checked_field(cls.__name__, field, rules.get(field.name)) for field in fields]

    return transform


def rule_of(field: attrs.Attribute[Any]) -> Rule | None:
    """Return the rule of a field, or None if only a converter checks it."""
    rule: Rule | None = field.metadata.get(_RULE)
    return rule


def is_checked(field: attrs.Attribute[Any]) -> bool:
    """Return whether the constructor checks a field."""
    return _RULE in field.metadata


def _checked_field(of: str, field: attrs.Attribute[Any], rule: Rule | None) -> attrs.Attribute[Any]:
    check: Any = field.converter or (rule.check if rule is not None else None)
    if check is None:
        raise TypeError(f"{of}.{field.name} has neither a rule nor a converter")
    taken = next(iter(check.__annotations__.values())) if field.converter else field.type
    converter = _located(check, of, field.name, taken)
    return field.evolve(converter=converter, metadata={**field.metadata, _RULE: rule})


def _located(check: Check, of: str, field: str, taken: Any) -> Check:
    """Return a check whose errors name the class and the field. Signatures show the type of its argument."""

    def located(value: Any) -> Any:
        try:
            return check(value)
        except InvalidValueError as error:
            raise error.at(of, field) from None

    located.__annotations__["value"] = taken
    shown: Any = located
    shown.__signature__ = _signature(taken)
    return located


@cache
def _signature(taken: Any) -> Signature:
    """Return the signature of a check. Without it, attrs would find it out again for each field."""
    return Signature([Parameter("value", Parameter.POSITIONAL_OR_KEYWORD, annotation=taken)])
