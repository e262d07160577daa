"""Errors of the library, each with a code and facts; the messages come from the catalogues.

Findings are returned, not raised. An error means that a value cannot be built or that the library was
misused. No error shows a personal value: facts are ids, paths, names of fields, codes and counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

from accountmerge.messages import Fact, Facts, sentence

SHOWN_FAULTS = 20
"""The most faults that the text of a `LoadError` shows before it counts the rest; about one screen."""


MOST_FAULTS = 1_000
"""The most faults of a file that are kept; further ones are only counted."""


class AccountMergeError(Exception):
    """The base class of every error that the library raises.

    Attributes:
        code: The code of the error, from a closed vocabulary.
        facts: The facts of the code; never a personal value.
    """

    def __init__(self, code: str, **facts: Fact) -> None:
        super().__init__(code)
        self.code = code
        self.facts = Facts(**facts)

    def describe(self, language: str = "en") -> str:
        """Return the message of this error in a language."""
        return _told(f"error.{self.code}", self.facts, language)

    def __str__(self) -> str:
        return self.describe()

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.code, self.facts))


def _told(key: str, facts: Facts, language: str) -> str:
    """Return the message for a key, after putting the types in its facts into words."""
    if not key.endswith(".wrong_type"):
        return sentence(key, facts, language)
    named = {name: facts[name] for name in ("wanted", "found") if name in facts}
    words = {name: sentence(f"type.{fact}", {}, language) for name, fact in named.items()}
    return sentence(key, {**facts, **words}, language)


def _rebuild(cls: type[AccountMergeError], code: str, facts: Facts) -> AccountMergeError:
    return cls(code, **facts)


class InvalidValueError(AccountMergeError, ValueError):
    """A value that cannot be built, such as a naive time, an unknown word or a malformed id.

    The facts `of` and `field` name the class and the field if they are known; `allowed`, `wanted` and `limit`
    describe valid values. No fact is the refused value.
    """

    def at(self, of: str, field: str) -> InvalidValueError:
        """Return the same error with its class and field, unless it already has a class."""
        if "of" in self.facts:
            return self
        return InvalidValueError(self.code, **{**self.facts, "of": of, "field": field})

    def describe(self, language: str = "en") -> str:
        """Return the class and the field, if known, and the message of this error in a language."""
        text = super().describe(language)
        place = ".".join(str(self.facts[name]) for name in ("of", "field") if name in self.facts)
        return sentence("error.at_place", {"place": place, "text": text}, language) if place else text


_HINTS = ("meant", "is_path")
"""Facts of a fault with which its message has a hint."""


class Fault(AccountMergeError):  # noqa: N818 - a property of a file, not an error of a program
    """A fault of a file, with its place.

    Attributes:
        path: The place, such as `appointments[3].start`; empty for the whole file.
    """

    def __init__(self, code: str, path: str = "", **facts: Fact) -> None:
        super().__init__(code, **facts)
        self.path = path

    def describe(self, language: str = "en") -> str:
        """Return the path and the message of this fault in a language."""
        if self.code == "invalid_value":  # the message about a value is that of the error of building it
            key = f"error.{self.facts['reason']}"
        else:
            key = f"fault.{self.code}" + "".join(f".{fact}" for fact in _HINTS if fact in self.facts)
        text = _told(key, self.facts, language)
        return sentence("error.at_place", {"place": self.path, "text": text}, language) if self.path else text

    def below(self, prefix: str) -> Fault:
        """Return the same fault with a longer path."""
        if not prefix:
            return self
        joint = "" if not self.path or self.path.startswith("[") else "."
        return Fault(self.code, f"{prefix}{joint}{self.path}", **self.facts)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Fault):
            return NotImplemented
        return (self.code, self.path, self.facts) == (other.code, other.path, other.facts)

    def __hash__(self) -> int:
        return hash((self.code, self.path, self.facts))

    def __repr__(self) -> str:
        return f"Fault({self.code!r}, {self.path!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild_fault, (self.code, self.path, self.facts))


def _rebuild_fault(code: str, path: str, facts: Facts) -> Fault:
    return Fault(code, path, **facts)


class FaultList(list[Fault]):
    """The first faults of a file, and a count of the others.

    Attributes:
        more: The number of the others.
    """

    def __init__(self, faults: Iterable[Fault] = (), more: int = 0) -> None:
        super().__init__()
        self.more = more
        self.extend(faults)

    @property
    def is_full(self) -> bool:
        """Whether further faults are only counted."""
        return len(self) >= MOST_FAULTS

    def append(self, fault: Fault) -> None:
        """Add a fault, or count it."""
        if self.is_full:
            self.more += 1
        else:
            super().append(fault)

    def extend(self, faults: Iterable[Fault]) -> None:
        """Add faults, or count them."""
        for fault in faults:
            self.append(fault)

    def __iadd__(self, faults: Iterable[Fault]) -> Self:  # type: ignore[misc, override]
        self.extend(faults)
        return self


class LoadError(AccountMergeError):
    """A file from which no value can be built, or parts that make no snapshot.

    Attributes:
        faults: The faults in the order of the file, at most the first 1,000. The fact `count` counts all of them.
    """

    def __init__(self, faults: Sequence[Fault], more: int = 0) -> None:
        super().__init__("not_loadable", count=len(faults) + more)
        self.faults = tuple(faults[:MOST_FAULTS])

    def describe(self, language: str = "en") -> str:
        """Return a heading, the first faults, one per line, and a count of the others."""
        lines = [sentence("error.not_loadable", self.facts, language)]
        lines += [f"  {fault.describe(language)}" for fault in self.faults[:SHOWN_FAULTS]]
        rest = self._count - SHOWN_FAULTS
        if rest > 0:
            lines.append("  " + sentence("error.more_faults", {"count": rest}, language))
        return "\n".join(lines)

    @property
    def _count(self) -> int:
        return int(str(self.facts["count"]))

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.faults, self._count - len(self.faults)))
