"""Capabilities: what a store promises, what it does not, and what is known to be broken."""

from __future__ import annotations

from typing import Any

import attrs

from accountmerge.errors import InvalidValueError


@attrs.frozen
class KnownBroken:
    """A promise that is not kept yet. Its laws are tried all the same: that they hold again is told.

    Attributes:
        ticket: Where that is written down.

    Raises:
        InvalidValueError: There is no ticket.
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
    """What a store promises. The laws of what it does not promise are not applicable to it.

    Attributes:
        atomic_step: A step is written whole or not at all, whenever the process ends.
        atomic_set: So is a whole set.
        compare_and_set: It compares what it writes over in the moment in which it writes.
        absence_guards: It asks the guards in the moment in which it writes, so that it sees what appeared.
        durable_progress: What was committed is there after `reopen`, and what is left can be applied.
        versions: It counts a version for every entity, and compares the one that a guard names.
        survives_kill: What was committed outlives a process that is killed; tried at level `full`, for which
            the adapter has to be picklable.

    Raises:
        InvalidValueError: An answer is neither yes nor no nor `KnownBroken`.
    """

    atomic_step: Answer = attrs.field(default=True, validator=_is_answer)
    atomic_set: Answer = attrs.field(default=False, validator=_is_answer)
    compare_and_set: Answer = attrs.field(default=True, validator=_is_answer)
    absence_guards: Answer = attrs.field(default=True, validator=_is_answer)
    durable_progress: Answer = attrs.field(default=True, validator=_is_answer)
    versions: Answer = attrs.field(default=True, validator=_is_answer)
    survives_kill: Answer = attrs.field(default=False, validator=_is_answer)

    def answer(self, needs: tuple[str, ...]) -> Answer:
        """Return the weakest answer to several questions: no before not yet before yes."""
        answers: list[Answer] = [getattr(self, name) for name in needs]
        if False in answers:
            return False
        return next((answer for answer in answers if isinstance(answer, KnownBroken)), True)

    def known_broken(self, needs: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of several questions to which the answer is not yet."""
        return tuple(name for name in needs if isinstance(getattr(self, name), KnownBroken))

    def promising(self, needs: tuple[str, ...]) -> Capabilities:
        """Return these with what is known to be broken promised after all."""
        return attrs.evolve(self, **dict.fromkeys(self.known_broken(needs), True))

    def as_source(self) -> str:
        """Return what makes these as Python source, without what is so if nothing is said."""
        usual = Capabilities()
        said = {field.name: getattr(self, field.name) for field in attrs.fields(Capabilities)}
        told = [f"{name}={answer!r}" for name, answer in said.items() if answer != getattr(usual, name)]
        return f"Capabilities({', '.join(told)})"
