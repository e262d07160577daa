"""Values compare, hash and show by their fields, as attrs classes do."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.private import DECLARED
from accountmerge.model.values import ShownValue, Value

CASES = st.tuples(st.integers(0, 2), st.sampled_from(("", "a", "b")), st.integers(0, 2))


def made() -> tuple[Any, Any]:
    """Return a new class of values and a subclass of it, which have not compared yet."""

    @attrs.frozen(eq=False, repr=False)
    class Named(ShownValue):
        number: int
        name: str = attrs.field(hash=False)
        note: int = attrs.field(eq=False, repr=False)

    @attrs.frozen(eq=False, repr=False)
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


def test_every_class_of_the_library_that_leaves_the_comparison_to_the_base_has_the_base() -> None:
    names = [module.name for module in pkgutil.walk_packages(am.__path__, "accountmerge.")]
    modules = [importlib.import_module(name) for name in names if "__main__" not in name]
    classes = {
        cls
        for module in modules
        for cls in vars(module).values()
        if inspect.isclass(cls) and attrs.has(cls) and cls.__module__.startswith("accountmerge.")
    }
    by_identity = {cls.__name__ for cls in classes if cls.__eq__ is object.__eq__}
    assert by_identity == {"Compiled", "Rule", "_Level"}
    assert len([cls for cls in classes if issubclass(cls, Value)]) > 100
    shown = {cls for cls in classes if cls.__repr__ is ShownValue.__repr__}
    assert not {cls.__name__ for cls in shown if cls in DECLARED and DECLARED[cls].personal}
