"""The promises of a store, and those known to be broken."""

from __future__ import annotations

from typing import Any

import attrs

from accountmerge.errors import InvalidValueError


@attrs.frozen
class KnownBroken:
    """A promise that is not kept yet.

    Its laws are tried all the same, and a law that holds again is reported.

    Attributes:
        ticket: The ticket for the repair.

    Raises:
        InvalidValueError: The ticket is empty.
    """

    ticket: str

    def __attrs_post_init__(self) -> None:
        if not self.ticket.strip():
            raise InvalidValueError("wrong_type", field="ticket", wanted="text")


Answer = bool | KnownBroken
"""Yes, no, or not yet."""


def _is_answer(_: object, field: attrs.Attribute[Any], answer: object) -> None:
    if not isinstance(answer, bool | KnownBroken):
        raise InvalidValueError("wrong_type", field=field.name, wanted="answer")


@attrs.frozen(kw_only=True)
class Capabilities:
    """The promises of a store. Laws that need another promise are not applicable to it.

    Attributes:
        atomic_step: A step is written whole or not at all, whenever the process ends.
        atomic_set: A change set is written whole or not at all.
        compare_and_set: A row is compared in the moment of writing over it.
        absence_guards: Guards are evaluated in the moment of writing, so that a row that appeared is seen.
        durable_progress: Committed data are there after `reopen`, and the rest can be applied.
        versions: Every entity has a counted version, and the one that a guard names is compared.
        survives_kill: Committed data outlive a killed process; tried at level `full`, for which the adapter
            must be picklable.

    Raises:
        InvalidValueError: An answer is neither a bool nor `KnownBroken`.
    """

    atomic_step: Answer = attrs.field(default=True, validator=_is_answer)
    atomic_set: Answer = attrs.field(default=False, validator=_is_answer)
    compare_and_set: Answer = attrs.field(default=True, validator=_is_answer)
    absence_guards: Answer = attrs.field(default=True, validator=_is_answer)
    durable_progress: Answer = attrs.field(default=True, validator=_is_answer)
    versions: Answer = attrs.field(default=True, validator=_is_answer)
    survives_kill: Answer = attrs.field(default=False, validator=_is_answer)

    def answer(self, needs: tuple[str, ...]) -> Answer:
        """Return the weakest answer to several promises, where no is weaker than not yet."""
        answers: list[Answer] = [getattr(self, name) for name in needs]
        if False in answers:
            return False
        return next((answer for answer in answers if isinstance(answer, KnownBroken)), True)

    def known_broken(self, needs: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of several promises that are known to be broken."""
        return tuple(name for name in needs if isinstance(getattr(self, name), KnownBroken))

    def promising(self, needs: tuple[str, ...]) -> Capabilities:
        """Return these capabilities with the known broken promises made after all."""
        return attrs.evolve(self, **dict.fromkeys(self.known_broken(needs), True))

    def as_source(self) -> str:
        """Return these capabilities as Python source, without the defaults."""
        usual = Capabilities()
        said = {field.name: getattr(self, field.name) for field in attrs.fields(Capabilities)}
        told = [f"{name}={answer!r}" for name, answer in said.items() if answer != getattr(usual, name)]
        return f"Capabilities({', '.join(told)})"
