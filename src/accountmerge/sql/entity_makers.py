"""Functions that make entities from the values that bindings have read."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import attrs

from accountmerge.errors import InvalidValueError
from accountmerge.model.construction import maker
from accountmerge.model.entities import Entity
from accountmerge.model.value_rules import rule_of

Make = Callable[[dict[str, Any]], Entity]
"""A function from the values of fields, by their names, to an entity."""


def checked_maker(cls: type[Entity]) -> Make:
    """Return a function that makes an entity, and refuses one without a required field."""
    required = {field.name for field in attrs.fields(cls) if field.default is attrs.NOTHING}

    def made(values: dict[str, Any]) -> Entity:
        try:
            return cls(**values)
        except TypeError:
            missing = required - values.keys()
            if not missing:
                raise
            raise InvalidValueError("empty_column", field=min(missing)) from None

    return made


def fast_maker(cls: type[Entity], trusted: Collection[str]) -> Make:
    """Return a function like that of `checked_maker`, which takes about half the time.

    A constructor applies the rule of every field, and sets each field by a call. This function applies only the rules of
    given values. If one is broken, the constructor says which.

    Args:
        cls: The class of the entity.
        trusted: Fields whose values are correct, because they come from a closed vocabulary or are values of the library.
    """
    made_of: type = cls
    fields = attrs.fields(cls)
    defaults = [_default(field) for field in fields]
    rules = {
        field.name: (place, None if field.name in trusted else _check_of(field))
        for place, field in enumerate(fields)
    }
    required = {field.name for field in fields if field.default is attrs.NOTHING}
    make, checked = maker(made_of), checked_maker(cls)

    def made(values: dict[str, Any]) -> Entity:
        if not required <= values.keys():
            return checked(values)
        parts = defaults.copy()
        try:
            for name, value in values.items():
                place, check = rules[name]
                parts[place] = value if check is None else check(value)
        except InvalidValueError:
            return checked(values)
        entity: Entity = make(*parts)
        return entity

    return made


def _default(field: attrs.Attribute[Any]) -> Any:
    """Return the default of a field as the constructor keeps it, or None if it has none."""
    default: Any = field.default
    if default is attrs.NOTHING:
        return None
    given = default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type]
    convert: Any = field.converter
    return given if convert is None else convert(given)


def _check_of(field: attrs.Attribute[Any]) -> Any:
    """Return the rule of a field, whose errors do not name the field, or else its converter."""
    rule = rule_of(field)
    return rule.check if rule is not None and (rule.is_read or rule.allowed) else field.converter


def allowed_words(cls: type[Entity], field: str) -> tuple[str, ...]:
    """Return the words that a field may have; none if it has no closed vocabulary."""
    rule = rule_of(attrs.fields_dict(cls)[field])
    return () if rule is None else rule.allowed
