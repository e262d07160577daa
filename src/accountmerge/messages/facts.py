"""Facts: what a finding, a reason, a guard or an error knows, as a small immutable mapping."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping
from typing import Any, NoReturn, Self

Fact = str | int | bool | tuple[str, ...]

PRIVATE_FACTS = frozenset({"address"})
"""Names of facts that hold a personal value: a check needs them, a `repr` never shows them."""


class Facts(Mapping[str, Fact]):
    """An immutable, hashable mapping from the name of a fact to its value.

    A value is text, a whole number, a truth value, or a tuple of texts. Two `Facts` are equal
    when they hold the same names and values, in whatever order they were given.
    """

    __slots__ = ("_facts",)
    _facts: dict[str, Fact]

    def __init__(self, /, **facts: Fact) -> None:
        object.__setattr__(self, "_facts", facts)

    @classmethod
    def of(cls, facts: Mapping[str, Fact]) -> Self:
        """Make facts from a mapping."""
        made = cls.__new__(cls)
        object.__setattr__(made, "_facts", dict(facts))
        return made

    def __getitem__(self, name: str) -> Fact:
        return self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def __contains__(self, name: object) -> bool:
        return name in self._facts

    def keys(self) -> KeysView[str]:
        """Return the names; quicker to compare than those of any mapping."""
        return self._facts.keys()

    def items(self) -> ItemsView[str, Fact]:
        """Return the names with their values; quicker than what a mapping does by itself."""
        return self._facts.items()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Facts):
            return NotImplemented
        return self._typed() == other._typed()

    def __hash__(self) -> int:
        return hash(frozenset(self._facts.items()))

    def __repr__(self) -> str:
        shown = (f"{name}={'…' if name in PRIVATE_FACTS else repr(self[name])}" for name in sorted(self))
        return f"Facts({', '.join(shown)})"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(name)

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(name)

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self).of, (self._facts,))

    def _typed(self) -> dict[str, tuple[type, Fact]]:
        """Tell `1` from `True`, which Python holds for equal."""
        return {name: (type(value), value) for name, value in self._facts.items()}
