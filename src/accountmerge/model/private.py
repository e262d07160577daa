"""The declaration of the fields that hold personal values, and a repr without them.

Every class that is stored, planned, asked or recorded is decorated with `privacy`, so each new field needs a
decision; a test checks this. A class or a field that is not declared counts as personal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

import attrs

from accountmerge.model.values import ShownValue, Value, value_class

_Class = TypeVar("_Class", bound=type)


class ShowsOnlyItsId(Value):
    """A base for values with an `id` whose other fields may be personal."""

    __slots__ = ()
    id: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.id!r})"


UnknownKeys = Literal["hidden", "similar", "words"]
"""The unknown keys of an object that an error shows: none, because they may be personal; those that resemble a known key;
or all short words, because no person is in the object."""


@value_class(eq=False, repr=False)
class Fields(ShownValue):
    """The fields of a class.

    Attributes:
        personal: Fields that hold, or may hold, information about a person.
        plain: Ids, kinds, times, counts, words of closed vocabularies, and values of classes that are declared.
        unknown_keys: The unknown keys of such an object that an error shows.
    """

    personal: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()
    unknown_keys: UnknownKeys = "hidden"


DECLARED: dict[type, Fields] = {}
"""The declared fields of each decorated class, with the fields that it inherits."""


def privacy(
    *, personal: str = "", plain: str = "", unknown_keys: UnknownKeys = "hidden"
) -> Callable[[_Class], _Class]:
    """Return a decorator that declares which fields of a class may be personal.

    Args:
        personal: Names of fields that hold, or may hold, information about a person, with spaces between them.
        plain: Names of the other fields. Fields of a declared base class are not named again.
        unknown_keys: The unknown keys of such an object that an error shows: of requests those that are similar to a known
            one, of rules all short words.
    """

    def declare(cls: _Class) -> _Class:
        inherited = _declared(cls)
        DECLARED[cls] = Fields(
            inherited.personal.union(personal.split()), inherited.plain.union(plain.split()), unknown_keys
        )
        return cls

    return declare


def fields_of(cls: type) -> Fields:
    """Return the fields of a class; a field that is not declared is personal."""
    declared = _declared(cls)
    names = frozenset(field.name for field in attrs.fields(cls))
    return attrs.evolve(declared, personal=names - declared.plain)


def _declared(cls: type) -> Fields:
    return next((DECLARED[base] for base in cls.__mro__ if base in DECLARED), Fields())
