"""The base of all values, and the decorator of their classes.

Attrs writes and compiles the methods of each class when it is imported, which takes most of the time of the import.
`value_class` only gives a class its slots. At its first use, attrs makes the same class again, and the class gets the
constructor and the fields from there. The first comparison of a class makes the methods that compare and hash it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:  # checkers know the classes of attrs by the name of this decorator
    from attrs import frozen as value_class
else:

    def value_class(**options: Any) -> Callable[[type], type]:
        """Return a decorator like `attrs.frozen` that leaves the work of attrs to the first use of the class.

        A method of the class may not use `super()`.
        """
        return lambda cls: _deferred(cls, options)


__all__ = ["Displayed", "ShownValue", "Value", "value_class"]

_GENERATED = (
    *("__attrs_attrs__", "__attrs_props__", "__init__", "__match_args__", "__replace__"),
    *("__delattr__", "__getstate__", "__setattr__", "__setstate__"),
)
"""Everything that attrs gives to a class, besides comparison and text. Each use of a class asks for one of them first."""

_COMPLETING = threading.RLock()


_CELLS = "accountmerge.reports.cells"
"""The code of cells. It is above this package, so it is found by its name when a notebook asks for a cell."""


class Displayed:
    """A base for values that notebooks show as HTML and rich shows as a tree.

    Both are as private as the repr.
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        cells: Any = import_module(_CELLS)
        text: str = cells.html_of(self)
        return text

    def __rich_repr__(self) -> Iterator[Any]:
        cells: Any = import_module(_CELLS)
        tree: Iterator[Any] = cells.tree_of(self)
        return tree


class Value(Displayed):
    """A base for classes that are declared with `value_class(eq=False, repr=False)`."""

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


class _Deferred:
    """An attribute that attrs gives to a class when it is first asked for."""

    __slots__ = ("complete", "name")

    def __init__(self, name: str, complete: Callable[[], type]) -> None:
        self.name = name
        self.complete = complete

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        given = vars(self.complete())
        if self.name not in given:
            raise AttributeError(self.name)
        value = given[self.name]
        return value.__get__(instance, owner) if hasattr(value, "__get__") else value


def _deferred(declared: type, options: dict[str, Any]) -> type:
    """Return a class with the slots of its fields, for which attrs works at its first use."""
    body, fields = dict(vars(declared)), declared.__annotations__
    for name in ("__dict__", "__weakref__", *fields):
        body.pop(name, None)
    bases = declared.__mro__[1:]
    inherited = {name: getattr(base, name) for base in bases for name in getattr(base, "__slots__", ())}
    body.update((name, inherited[name]) for name in fields if name in inherited)
    body["__slots__"] = tuple(name for name in (*fields, "__weakref__") if name not in inherited)
    body["__qualname__"] = declared.__qualname__

    def complete() -> type:
        with _COMPLETING:
            if isinstance(vars(made)["__attrs_attrs__"], _Deferred):
                _complete(made, vars(attrs.frozen(**options)(declared)))
        return made

    body.update((name, _Deferred(name, complete)) for name in _GENERATED if name not in body)
    made = type(declared)(declared.__name__, declared.__bases__, body)
    return made


def _complete(made: type, twin: Any) -> None:
    """Give a class what attrs has given to another class that was declared alike."""
    for name in sorted(_GENERATED, reverse=True):  # the fields last, as they tell that the class is complete
        if name in twin:
            setattr(made, name, twin[name])
        elif isinstance(vars(made).get(name), _Deferred):
            delattr(made, name)


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
