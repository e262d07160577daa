"""Explanations: what becomes of one thing in a plan, and every reason for it, without a personal value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import attrs

from accountmerge.changes.change_sets import LedgerEntry
from accountmerge.explanations.sources import REASON_SOURCES
from accountmerge.findings.finding import Finding
from accountmerge.messages import Facts, sentence
from accountmerge.model.entities import EntityName

if TYPE_CHECKING:
    from accountmerge.messages import Fact


@attrs.frozen
class Ground:
    """One reason of an explanation.

    Attributes:
        key: The key of its sentence: `reason.` and the code of a step's reason, `finding.` and the code of a
            finding, `rule.` and a rule of the ledger, `obligation.` and a kind, or `explain.` and a code.
        facts: About what; never a personal value.
        step: The ordinal of the step that it is the reason of.
    """

    key: str
    facts: Facts
    step: int | None = None

    @classmethod
    def of(cls, code: str, step: int | None = None, /, **facts: Fact) -> Self:
        """Make a ground that only an explanation has."""
        return cls(f"explain.{code}", Facts(**facts), step)

    @property
    def code(self) -> str:
        """The code alone."""
        return self.key.partition(".")[2]

    @property
    def source(self) -> str | None:
        """The section of the design that it rests on; nothing for what merely happens."""
        return REASON_SOURCES.get(self.key)

    def describe(self, language: str = "en") -> str:
        """Return it as a sentence, with its step and its section."""
        text = sentence(self.key, self.facts, language)
        if self.step is not None:
            text = sentence("failure.at_step", {"step": self.step, "text": text}, language)
        source = self.source
        return f"{text} [§{source}]" if source else text


@attrs.frozen(repr=False, kw_only=True)
class Explanation:
    """What becomes of one thing in a plan, and why.

    Attributes:
        subjects: The kind (nothing if the plan does not say) and the id of what was asked about. One id may
            be that of several things, and several may hold an address; none if the plan does not name it.
        grounds: What becomes of it, then every reason: of steps, of lost values, findings, obligations.
        steps: The ordinals of the steps that edit it.
        ledger: What it had that does not survive.
        findings: What was found about it.
    """

    subjects: tuple[tuple[EntityName | None, str], ...]
    grounds: tuple[Ground, ...]
    steps: tuple[int, ...] = ()
    ledger: tuple[LedgerEntry, ...] = ()
    findings: tuple[Finding, ...] = ()

    def lines(self, language: str = "en") -> tuple[str, ...]:
        """Return a sentence for each ground."""
        return tuple(ground.describe(language) for ground in self.grounds)

    def describe(self, language: str = "en") -> str:
        """Return the explanation as text: what becomes of it, then each reason on a line of its own."""
        first, *others = self.lines(language)
        return "\n".join((first, *(f"  {line}" for line in others)))

    def __repr__(self) -> str:
        return f"Explanation({self.subjects!r}, {len(self.grounds)} grounds)"
