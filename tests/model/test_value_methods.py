"""Values compare, hash and show by their fields, as attrs classes do."""

from __future__ import annotations

import copy
import importlib
import inspect
import pkgutil
import pydoc
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.construction import maker
from accountmerge.model.private import DECLARED
from accountmerge.model.value_rules import POSITIVE_INTEGER, checked
from accountmerge.model.values import ShownValue, Value, value_class

CASES = st.tuples(st.integers(0, 2), st.sampled_from(("", "a", "b")), st.integers(0, 2))


def made() -> tuple[Any, Any]:
    """Return a new class of values and a subclass of it, which have not compared yet."""

    @value_class(eq=False, repr=False)
    class Named(ShownValue):
        number: int
        name: str = attrs.field(hash=False)
        note: int = attrs.field(eq=False, repr=False)

    @value_class(eq=False, repr=False)
    class Longer(Named):
        more: int = 0

    return Named, Longer


@attrs.frozen
class Twin:
    """The same fields, with the methods of attrs."""

    number: int
    name: str = attrs.field(hash=False)
    note: int = attrs.field(eq=False, repr=False)


@given(CASES, CASES)
def test_values_compare_hash_and_show_as_attrs_classes_do(one: Any, other: Any) -> None:
    named, _ = made()
    assert (named(*one) == named(*other)) == (Twin(*one) == Twin(*other))
    assert (named(*one) != named(*other)) == (Twin(*one) != Twin(*other))
    assert (hash(named(*one)) == hash(named(*other))) == (hash(Twin(*one)) == hash(Twin(*other)))
    assert repr(named(*one)) == repr(Twin(*one)).replace("Twin", "Named")


@given(CASES, st.integers(0, 2), st.integers(0, 2), st.booleans())
def test_a_subclass_compares_its_own_fields_whichever_class_compares_first(
    case: Any, one: int, other: int, parent_first: bool
) -> None:
    named, longer = made()
    if parent_first:
        assert named(*case) == named(*case)
        assert hash(named(*case)) == hash(named(*case))
    assert (longer(*case, one) == longer(*case, other)) == (one == other)
    assert (hash(longer(*case, one)) == hash(longer(*case, other))) == (one == other)
    assert longer(*case, one) != named(*case)
    assert named(*case) != longer(*case, one)


def test_a_value_equals_no_value_of_another_type() -> None:
    named, _ = made()
    other, _ = made()
    assert named(1, "a", 2) != other(1, "a", 2)
    assert named(1, "a", 2) != (1, "a", 2)
    assert named(1, "a", 2).__eq__(1) is NotImplemented


def declared(decorator: Any) -> tuple[Any, Any]:
    """Return a class with each kind of field, and a subclass of it, declared with a decorator."""

    @decorator(eq=False, repr=False, field_transformer=checked(number=POSITIVE_INTEGER))
    class Held(ShownValue):
        """A value with a docstring."""

        number: int
        names: tuple[str, ...] = attrs.field(default=(), converter=joined, metadata={"key": 1})
        made: list[int] = attrs.field(factory=list, converter=listed)

        def twice(self) -> int:
            return self.number * 2

    @decorator(eq=False, repr=False, kw_only=True)
    class Wider(Held):
        names: tuple[str, ...] = ("z",)
        width: int
        _hidden: int = attrs.field(default=3, init=False)

        def __attrs_post_init__(self) -> None:
            object.__setattr__(self, "width", self.width + 1)

    return Held, Wider


def joined(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(names)


def listed(numbers: Iterable[int]) -> list[int]:
    return list(numbers)


FIRST_USES: dict[str, Callable[[Any], object]] = {
    "constructor": lambda cls: cls(number=1, width=2),
    "fields": attrs.fields,
    "has": attrs.has,
    "signature": inspect.signature,
    "help": lambda cls: pydoc.render_doc(cls, renderer=pydoc.plaintext),  # type: ignore[attr-defined]
    "pattern": lambda cls: cls.__match_args__,
    "new instance": lambda cls: cls.__new__(cls).__setstate__({"number": 1}),
    "types": attrs.resolve_types,
    "maker": lambda cls: maker(cls)(1, (), [], 2, 3) if cls.__name__ == "Wider" else maker(cls)(1, (), []),
    "subclass": lambda cls: type("More", (cls,), {})(number=1, width=2),
}


@pytest.mark.parametrize("first", [name for name in FIRST_USES if name != "constructor"])
@pytest.mark.parametrize("subclass_first", [False, True])
def test_a_class_is_as_attrs_makes_it_whatever_uses_it_first(first: str, subclass_first: bool) -> None:
    ours, theirs = declared(value_class), declared(attrs.frozen)
    for cls, twin in zip(*((pair[::-1] if subclass_first else pair) for pair in (ours, theirs)), strict=True):
        if first != "subclass" or cls.__name__ == "Wider":
            FIRST_USES[first](cls)
            FIRST_USES[first](twin)
        assert inspect.signature(cls) == inspect.signature(twin)
        assert described(cls) == described(twin)
        assert pydoc.plain(pydoc.render_doc(cls)) == pydoc.plain(pydoc.render_doc(twin))
        given = {"number": 1, "names": "ab"} | ({"width": 2} if cls.__name__ == "Wider" else {})
        assert shown(cls(**given)) == shown(twin(**given))
        for broken in ({"number": 0}, {"other": 2}):
            assert refused(cls, {**given, **broken}) == refused(twin, {**given, **broken})


def refused(cls: Any, values: dict[str, object]) -> tuple[type, str]:
    """Return the error of a constructor."""
    with pytest.raises((TypeError, ValueError)) as caught:
        cls(**values)
    return type(caught.value), str(caught.value)


def described(cls: Any) -> object:
    """Return everything that attrs knows of a class, without the functions that each class has of its own."""
    compared = {"__eq__", "__hash__", "__attrs_types_resolved__"}
    given = vars(cls).keys() - compared - {field.name for field in attrs.fields(cls)}
    fields = [
        (field.name, field.default, field.init, field.alias, field.kw_only, field.inherited, field.type)
        for field in attrs.fields(cls)
    ]
    return given, cls.__slots__, cls.__match_args__, fields, cls.__doc__, cls.__qualname__, cls.__module__


def shown(value: Any) -> object:
    """Return the fields of a value, of a changed copy and of a copy, and the errors of writing to it."""
    changed = attrs.evolve(value, number=5)
    copied = copy.deepcopy(value)
    with pytest.raises(attrs.exceptions.FrozenInstanceError) as caught:
        value.number = 3
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        del value.number
    assert weakref.ref(value)() is value
    assert not hasattr(value, "__dict__")
    assert copied == value != changed
    return repr(value), repr(changed), repr(copied), value.twice(), str(caught.value), value.__getstate__()


def classes_of_the_library() -> set[Any]:
    """Return every attrs class of the library."""
    names = [module.name for module in pkgutil.walk_packages(am.__path__, "accountmerge.")]
    modules = [importlib.import_module(name) for name in names if "__main__" not in name]
    return {
        cls
        for module in modules
        for cls in vars(module).values()
        if inspect.isclass(cls) and attrs.has(cls) and cls.__module__.startswith("accountmerge.")
    }


def test_threads_that_use_a_class_first_at_once_let_attrs_work_once() -> None:
    works: list[type] = []

    def slow(cls: type, fields: list[Any]) -> list[Any]:
        works.append(cls)
        time.sleep(0.05)  # another thread would start here
        return fields

    @value_class(eq=False, repr=False, field_transformer=slow)
    class Held(ShownValue):
        number: int

    with ThreadPoolExecutor(4) as threads:
        held = list(threads.map(Held, range(4)))
    assert held == [Held(number) for number in range(4)]
    assert len(works) == 1


def test_importing_the_library_leaves_most_classes_to_their_first_use() -> None:
    code = (
        "import accountmerge as am\n"
        "for door in (am, *(getattr(am, room) for room in am._ROOMS)):\n"
        "    for name in door.__all__: getattr(door, name)\n"
        "import gc\n"
        "from accountmerge.model.values import Value, _Deferred\n"
        "classes = [cls for cls in gc.get_objects() if isinstance(cls, type) and issubclass(cls, Value)]\n"
        "print(sum(isinstance(vars(cls).get('__init__'), _Deferred) for cls in classes))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert int(done.stdout) > 60


def test_super_in_a_method_of_a_value_means_its_class() -> None:
    """`value_class` makes a class again, and `super()` in its methods would mean the class before that."""
    for cls in classes_of_the_library():
        for member in vars(cls).values():
            function = getattr(member, "fget", None) or getattr(member, "__func__", member)
            names = getattr(getattr(function, "__code__", None), "co_freevars", ())
            if "__class__" in names:
                assert issubclass(cls, function.__closure__[names.index("__class__")].cell_contents), function


def test_every_class_of_the_library_that_leaves_the_comparison_to_the_base_has_the_base() -> None:
    classes = classes_of_the_library()
    others = ("accountmerge.sql", "accountmerge.frames")  # they have connections, and frames
    values = [cls for cls in classes if not cls.__module__.startswith(others)]
    by_identity = {cls.__name__ for cls in values if cls.__eq__ is object.__eq__}
    assert by_identity == {"Compiled", "Rule", "_Level"}
    assert len([cls for cls in classes if issubclass(cls, Value)]) > 100
    shown = {cls for cls in classes if cls.__repr__ is ShownValue.__repr__}
    assert not {cls.__name__ for cls in shown if cls in DECLARED and DECLARED[cls].personal}
