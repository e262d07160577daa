"""The errors of the library: one base class, a code and facts on each, words from the catalogues.

Findings are returned, not raised. An error means that a value cannot be built or that the library was
misused. No error shows a personal value: facts are ids, paths, names of fields, codes and counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

from accountmerge.messages import Fact, Facts, sentence

SHOWN_FAULTS = 20
"""How many faults the text of a `LoadError` shows before it counts the rest: about one screen."""


MOST_FAULTS = 1_000
"""How many faults of a file are kept; further ones are counted, because nobody reads a hundred thousand."""


class AccountMergeError(Exception):
    """The base class of every error that the library raises.

    Attributes:
        code: What is wrong, from a closed vocabulary.
        facts: What is known about it; never a personal value.
    """

    def __init__(self, code: str, **facts: Fact) -> None:
        super().__init__(code)
        self.code = code
        self.facts = Facts(**facts)

    def describe(self, language: str = "en") -> str:
        """Return the sentence for this error in a language."""
        return _told(f"error.{self.code}", self.facts, language)

    def __str__(self) -> str:
        return self.describe()

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.code, self.facts))


def _told(key: str, facts: Facts, language: str) -> str:
    """Return the sentence for a key; the types of values that its facts name are put into words first."""
    if not key.endswith(".wrong_type"):
        return sentence(key, facts, language)
    named = {name: facts[name] for name in ("wanted", "found") if name in facts}
    words = {name: sentence(f"type.{fact}", {}, language) for name, fact in named.items()}
    return sentence(key, {**facts, **words}, language)


def _rebuild(cls: type[AccountMergeError], code: str, facts: Facts) -> AccountMergeError:
    return cls(code, **facts)


class InvalidValueError(AccountMergeError, ValueError):
    """A value cannot be built: a naive time, an end before a start, an unknown word or zone, text that no id can be.

    The facts `of` and `field` name the class and the field where they are known; `allowed`, `wanted` and `limit`
    what the field takes. No fact is the value that was refused.
    """

    def at(self, of: str, field: str) -> InvalidValueError:
        """Return the same error with the class and the field that it is about, unless it names a class already."""
        if "of" in self.facts:
            return self
        return InvalidValueError(self.code, **{**self.facts, "of": of, "field": field})

    def describe(self, language: str = "en") -> str:
        """Return the class and the field, if they are known, and the sentence for this error in a language."""
        text = super().describe(language)
        place = ".".join(str(self.facts[name]) for name in ("of", "field") if name in self.facts)
        return f"{place}: {text}" if place else text


class Fault(AccountMergeError):  # noqa: N818 - what a file has, not what a program does
    """One thing that is wrong with a file, with its place.

    Attributes:
        path: Where it is, such as `appointments[3].start`; empty for the file as a whole.
    """

    def __init__(self, code: str, path: str = "", **facts: Fact) -> None:
        super().__init__(code, **facts)
        self.path = path

    def describe(self, language: str = "en") -> str:
        """Return the path and the sentence for this fault in a language."""
        # What is wrong with a value is said by the error of building it.
        key = f"error.{self.facts['reason']}" if self.code == "invalid_value" else f"fault.{self.code}"
        text = _told(key, self.facts, language)
        return f"{self.path}: {text}" if self.path else text

    def below(self, prefix: str) -> Fault:
        """Return the same fault seen from one level further up."""
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
        more: How many others there are.
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
    """A value cannot be built from a file, or a snapshot from its parts.

    Attributes:
        faults: The faults that were found, in the order of the file; of more than 1,000, the first ones. The fact
            `count` counts all of them.
    """

    def __init__(self, faults: Sequence[Fault], more: int = 0) -> None:
        super().__init__("not_loadable", count=len(faults) + more)
        self.faults = tuple(faults[:MOST_FAULTS])

    def describe(self, language: str = "en") -> str:
        """Return a heading, the first faults, one a line, and a count of the others."""
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
