"""The base of all values, which compares, hashes and shows them by their fields.

Attrs would write and compile these methods for each class when it is imported, which takes half of the time of the
import. Here the first comparison of a class makes them.
"""

from __future__ import annotations

from typing import Any

import attrs


class Value:
    """A base for frozen attrs classes that are declared with `eq=False` and `repr=False`."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        equal: bool = _compared_by_fields(type(self)).__eq__(self, other)
        return equal

    def __hash__(self) -> int:
        number: int = _compared_by_fields(type(self)).__hash__(self)
        return number


class ShownValue(Value):
    """A value without personal fields, whose repr shows every field."""

    __slots__ = ()

    def __repr__(self) -> str:
        cls: Any = type(self)
        shown = (f"{field.name}={getattr(self, field.name)!r}" for field in attrs.fields(cls) if field.repr)
        return f"{cls.__qualname__.rpartition('>.')[2]}({', '.join(shown)})"


def _compared_by_fields(cls: Any) -> Any:
    """Give a class its comparison and its hash, as attrs does. Those of a class do not serve its subclasses."""
    fields = attrs.fields(cls)
    equal = [f"self.{field.name} == other.{field.name}" for field in fields if field.eq]
    hashed = [f"self.{field.name}," for field in fields if (field.eq if field.hash is None else field.hash)]
    source = f"""
def __eq__(self, other):
    if self.__class__ is not cls:
        return base.__eq__(self, other)
    if other.__class__ is not cls:
        return NotImplemented
    return {" and ".join(equal) or True}

def __hash__(self):
    if self.__class__ is not cls:
        return base.__hash__(self)
    return hash((cls, {" ".join(hashed)}))
"""
    methods: dict[str, Any] = {"cls": cls, "base": Value}
    exec(source, methods)  # noqa: S102 - the text consists of field names only
    cls.__eq__, cls.__hash__ = methods["__eq__"], methods["__hash__"]
    return cls
