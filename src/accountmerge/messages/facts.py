"""Facts of findings, reasons, guards and errors, as a small immutable mapping."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping
from typing import Any, Literal, NoReturn, Self

Fact = str | int | bool | tuple[str, ...]

FactType = Literal["id", "ids", "instant", "instant_or_empty", "number", "word", "words", "text", "version"]
"""The type of a fact. An `instant` is canonical RFC 3339 text in UTC, a `word` is of a closed vocabulary or of the
practice's rules, a `text` is any other text, and a `version` is text or a number."""


def _typed(kind: FactType, names: str) -> dict[str, FactType]:
    return dict.fromkeys(names.split(), kind)


FACT_TYPES: dict[str, FactType] = {
    **_typed(
        "id",
        "appointment_id customer_id dropped_id first first_id from_id holder_id id kept_id last next_id other_id"
        " practitioner_id profile_id related_customer_id replaced_by replaces request_id second_id successor_id"
        " survivor_id target",
    ),
    **_typed(
        "ids",
        "absorbed_ids appointment_ids customer_ids holder_ids ids practitioner_ids profile_ids replacement_ids"
        " survivor_ids waits_for",
    ),
    **_typed(
        "instant",
        "agreed_at at end expires_at first_start from instant last_start start taken_at",
    ),
    **_typed("instant_or_empty", "fits_end fits_start"),
    **_typed(
        "number",
        "capacity count days hands hours minutes minutes_each needed open_minutes ordinal primary through",
    ),
    **_typed(
        "word",
        "action after before decision effect entity field kind level limit login modality only policy reason role rules schedule"
        " status use way",
    ),
    **_typed("words", "actions codes decisions fields losses reasons roles staying steps"),
    **_typed("text", "address digest finding local_start number plan_id session_id shown_start time_zone"),
    **_typed("version", "expected found version"),
}
"""The type of each fact of the closed vocabularies, the same in every place.

The type decides how a fact is used, never the look of its value: an id may look like a time, or be a word.
"""

PRIVATE_FACTS = frozenset({"address"})
"""Names of facts that hold a personal value; a check needs them, a `repr` never shows them."""


class Facts(Mapping[str, Fact]):
    """An immutable, hashable mapping from the name of a fact to its value.

    A value is text, a whole number, a truth value, or a tuple of texts. Two `Facts` are equal if they have the
    same names and values, in any order.
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
        """Return the names, quicker to compare than those of a general mapping."""
        return self._facts.keys()

    def items(self) -> ItemsView[str, Fact]:
        """Return the names with their values, quicker than a general mapping."""
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
        """Return the values with their types, because Python treats `1` and `True` as equal."""
        return {name: (type(value), value) for name, value in self._facts.items()}


def ids_in(facts: Facts) -> Iterator[str]:
    """Yield the ids in facts, without instants, words or texts that look like ids."""
    for name, fact in facts.items():
        if FACT_TYPES.get(name) in ("id", "ids"):
            yield from fact if isinstance(fact, tuple) else (str(fact),)
