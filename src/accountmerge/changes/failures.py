"""Reasons why a change set cannot be applied to the present data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Self, get_args

from accountmerge.errors import AccountMergeError
from accountmerge.messages import Fact, Facts, sentence
from accountmerge.model.values import ShownValue, value_class

SHOWN_FAILURES = 20
"""The most failures that the text of an `ApplyRefused` shows before it counts the rest; about one screen."""

FAILURE_FACTS: dict[str, frozenset[str]] = {
    "blocked": frozenset({"codes"}),
    "plan_id_mismatch": frozenset({"plan_id"}),
    "unconfirmed": frozenset(),
    "confirmation_mismatch": frozenset({"plan_id"}),
    "irreversible": frozenset({"steps"}),
    "image_recurs": frozenset({"entity", "id"}),
    "image_gap": frozenset({"entity", "id"}),
    "drifted": frozenset({"entity", "id", "fields"}),
    "not_read_back": frozenset({"entity", "id", "fields", "losses"}),
    "gone": frozenset({"entity", "id"}),
    "write_undone": frozenset({"entity", "id"}),
    "guard_unanswerable": frozenset({"kind", "id"}),
    "version_changed": frozenset({"entity", "id", "expected", "found"}),
    "read_changed": frozenset({"entity", "id"}),
    "slot_taken": frozenset({"profile_id", "start", "end", "ids"}),
    "customer_busy": frozenset({"customer_id", "start", "end", "ids"}),
    "address_claimed": frozenset({"entity", "ids"}),
    "other_future_booking": frozenset({"profile_id", "from", "ids"}),
    "record_left": frozenset({"profile_id", "ids"}),
    "other_schedule_active": frozenset({"profile_id", "ids"}),
    "access_lost": frozenset({"profile_id", "customer_id", "level", "found", "login"}),
    "reference_left": frozenset({"customer_id", "ids"}),
    "like_record": frozenset({"id", "customer_id", "ids"}),
    "booking_numbered": frozenset({"id"}),
    "too_late": frozenset({"instant", "taken_at"}),
    "request_expired": frozenset({"request_id", "instant", "taken_at"}),
    "dangling_reference": frozenset({"entity", "id", "kind", "target"}),
}
"""The closed vocabulary of failures, and the facts that each has."""

Remedy = Literal["replan", "accept", "wait", "confirm", "ask", "mend", "load"]
REMEDIES: tuple[Remedy, ...] = get_args(Remedy)
"""Remedies for a program to branch on: plan the request again, accept it by name in a new plan, wait until another
person releases it, get a confirmation, ask a person, correct another thing first, check with more complete data."""

FAILURE_REMEDIES: dict[str, Remedy] = {
    "blocked": "mend",
    "plan_id_mismatch": "replan",
    "unconfirmed": "confirm",
    "confirmation_mismatch": "confirm",
    "irreversible": "mend",
    "image_recurs": "replan",
    "image_gap": "replan",
    "drifted": "replan",
    "not_read_back": "mend",
    "gone": "replan",
    "write_undone": "ask",
    "guard_unanswerable": "load",
    "version_changed": "replan",
    "read_changed": "replan",
    "slot_taken": "accept",
    "customer_busy": "accept",
    "address_claimed": "wait",
    "other_future_booking": "replan",
    "record_left": "replan",
    "other_schedule_active": "accept",
    "access_lost": "replan",
    "reference_left": "replan",
    "like_record": "replan",
    "booking_numbered": "mend",
    "too_late": "replan",
    "request_expired": "ask",
    "dangling_reference": "replan",
}
"""The first remedy for each failure; the advice says more."""


@value_class(eq=False, repr=False)
class Failure(ShownValue):
    """One reason why a change set cannot be applied.

    Attributes:
        code: One of `FAILURE_FACTS`.
        step: The ordinal of the step that cannot be applied; None if it is about the whole change set.
        facts: The facts of the code; never a personal value.
    """

    code: str
    step: int | None
    facts: Facts

    @classmethod
    def of(cls, code: str, step: int | None = None, /, **facts: Fact) -> Self:
        """Make a failure from keyword facts."""
        return cls(code, step, Facts(**facts))

    @property
    def remedy(self) -> Remedy:
        """The remedy, as one word."""
        return FAILURE_REMEDIES[self.code]

    def describe(self, language: str = "en") -> str:
        """Return the present state, as a sentence."""
        text = sentence(f"failure.{self.code}", self.facts, language)
        return (
            text
            if self.step is None
            else sentence("failure.at_step", {"step": self.step, "text": text}, language)
        )

    def expect(self, language: str = "en") -> str:
        """Return the expected state, as a sentence."""
        return sentence(f"expected.{self.code}", self.facts, language)

    def advise(self, language: str = "en") -> str:
        """Return the remedy, as a sentence."""
        return sentence(f"advice.{self.code}", self.facts, language)


class ApplyRefused(AccountMergeError):  # noqa: N818 - a refusal is no error of the library
    """The refusal to apply a change set, no part of which was applied.

    Attributes:
        failures: Every reason, in the order of the steps.
    """

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__("apply_refused", count=len(failures))
        self.failures = tuple(failures)

    def describe(self, language: str = "en") -> str:
        """Return a heading, the first failures with their remedies, and a count of the others."""
        lines = [sentence("error.apply_refused", self.facts, language)]
        shown = self.failures[:SHOWN_FAILURES]
        lines += [f"  {failure.describe(language)} {failure.advise(language)}" for failure in shown]
        rest = len(self.failures) - SHOWN_FAILURES
        if rest > 0:
            lines.append("  " + sentence("error.more_failures", {"count": rest}, language))
        return "\n".join(lines)

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.failures,))
