"""Fast construction of values from parts that are already checked.

A frozen class sets each field through `object.__setattr__`, and its constructor applies the rule of each field. The
reader of files, which has applied the rules already, skips both here: a subclass that is not frozen sets the fields,
and then the instance is given its real class. Planners use `evolved` to change fields to checked values.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import attrs

T = TypeVar("T")


@cache
def maker(cls: type) -> Callable[..., Any]:
    """Return a function that makes an instance of a frozen, slotted attrs class.

    It takes the values of all fields in order, in the form that the constructor keeps.
    """
    names = _names(cls)
    return _generated(cls, [f"def made({', '.join(names)}):", *_making(names), "    return self"])


@cache
def column_maker(cls: type) -> Callable[..., list[Any]]:
    """Return a function that makes many instances of a class from equally long columns of its fields."""
    names = _names(cls)
    columns, values = (", ".join(f"{prefix}{name}" for name in names) for prefix in ("all_", ""))
    lines = [f"def made({columns}):", "    instances = []", f"    for {values}, in zip({columns}):"]
    lines += [f"    {line}" for line in (*_making(names), "    instances.append(self)")]
    return _generated(cls, [*lines, "    return instances"])


def evolved(entity: T, **changes: Any) -> T:
    """Return a value of a frozen, slotted attrs class with some fields changed, without checks.

    The changed fields must have the form that the constructor keeps, and come from checked values.
    """
    cls: Any = type(entity)
    values = {name: getattr(entity, name) for name in _names(cls)}
    if not changes.keys() <= values.keys():
        raise TypeError(f"{cls.__name__} has no such field")
    values.update(changes)
    made: T = maker(cls)(*values.values())
    return made


@cache
def _names(cls: type) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(cls))


def _making(names: tuple[str, ...]) -> list[str]:
    """Return the lines of code that make one instance from local variables named like its fields."""
    return [
        "    self = new(open_class)",
        *(f"    self.{name} = {name}" for name in names),
        "    self.__class__ = cls",
    ]


def _generated(cls: type, lines: list[str]) -> Callable[..., Any]:
    members = {
        "__slots__": (),
        "__setattr__": object.__setattr__,
        "__delattr__": object.__delattr__,  # without it, Python would call `__setattr__` by name each time
    }
    open_class = type(cls.__name__, (cls,), members)
    namespace: dict[str, Any] = {"cls": cls, "open_class": open_class, "new": object.__new__}
    exec("\n".join(lines), namespace)  # noqa: S102 - the text consists of field names only
    construct: Callable[..., Any] = namespace["made"]
    return construct
