"""Findings, and the acceptance of a finding by a named person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import attrs

from accountmerge.findings.vocabulary import CLUSTER_FACTS, FINDINGS, Severity
from accountmerge.messages import Fact, Facts, sentence
from accountmerge.model.private import privacy
from accountmerge.model.texts import GIVEN_IDENTIFIER, LABEL, NOTE
from accountmerge.model.value_rules import checked, each_of
from accountmerge.model.values import Value, value_class


@privacy(plain="code ids severity facts accepted")
@value_class(eq=False, repr=False)
class Finding(Value):
    """A problem that the library reports, as a blocker or a warning.

    Attributes:
        code: One of `accountmerge.findings.vocabulary.FINDINGS`.
        ids: The entities it is about, sorted.
        severity: A `blocker` stops the plan, a `warning` does not.
        facts: The facts of the code: ids, times, counts and words, never a personal value.
        accepted: The acceptance by a named person, or None.
    """

    code: str
    ids: tuple[str, ...]
    severity: Severity
    facts: Facts
    accepted: Acceptance | None = None

    @classmethod
    def of(cls, code: str, ids: Iterable[str], severity: Severity | None = None, /, **facts: Fact) -> Self:
        """Make a finding. Default severity: that of its code."""
        return cls(code, tuple(sorted(set(ids))), severity or FINDINGS[code].severity, Facts(**facts))

    @property
    def id(self) -> str:
        """The code and the ids, joined by colons, with colons in ids escaped; used in acceptances."""
        ids = (id.replace("%", "%25").replace(":", "%3A") for id in self.ids)
        return ":".join((self.code, *ids))

    @property
    def is_blocking(self) -> bool:
        """Whether it stops the plan, as a blocker that is not accepted."""
        return self.severity == "blocker" and self.accepted is None

    @property
    def is_acceptable(self) -> bool:
        """Whether a named person may accept it."""
        return FINDINGS[self.code].acceptable

    @property
    def remedy(self) -> str:
        """The remedy, in English."""
        return self.advise()

    def describe(self, language: str = "en") -> str:
        """Return the finding as a sentence."""
        return self._sentence("finding", language)

    def advise(self, language: str = "en") -> str:
        """Return the remedy as a sentence."""
        kind = FINDINGS[self.code]
        way = f".{self.facts[kind.way_fact]}" if kind.ways else ""
        return self._sentence("remedy", language, way)

    @property
    def is_cluster(self) -> bool:
        """Whether it is about a cluster of bookings, with their count, the first and the last."""
        return FINDINGS[self.code].clusters and self.facts.keys() == CLUSTER_FACTS

    def _sentence(self, family: str, language: str, way: str = "") -> str:
        if self.is_cluster:
            return sentence(f"{family}.{self.code}.cluster", self.facts, language)
        unknown = dict.fromkeys(FINDINGS[self.code].added, "?")  # missing in a file of an earlier release
        return sentence(f"{family}.{self.code}{way}", {**unknown, **self.facts}, language)

    def __repr__(self) -> str:
        return f"Finding({self.id!r}, {self.severity})"


def finding_order(finding: Finding) -> tuple[bool, str, tuple[str, ...]]:
    """Return the sort key of findings, with blockers first, then by code and ids."""
    return (finding.severity != "blocker", finding.code, finding.ids)


@privacy(personal="by why", plain="finding", unknown_keys="similar")
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(finding=LABEL, by=GIVEN_IDENTIFIER, why=NOTE),
)
class Acceptance(Value):
    """The acceptance of a finding by a person.

    Attributes:
        finding: The id of the finding: its code and the ids it is about, sorted, joined by colons.
        by: The person who accepts it.
        why: The reason.
    """

    finding: str
    by: str
    why: str

    @property
    def is_signed(self) -> bool:
        """Whether it has a person and a reason, without which it has no effect."""
        return bool(self.by.strip() and self.why.strip())

    def __repr__(self) -> str:
        return f"Acceptance({self.finding!r})"


def sorted_acceptances(accept: Iterable[Acceptance]) -> tuple[Acceptance, ...]:
    """Return acceptances each once, sorted; raise `InvalidValueError` for other values."""
    return tuple(sorted(set(each_of(accept, Acceptance, "acceptance")), key=attrs.astuple))
