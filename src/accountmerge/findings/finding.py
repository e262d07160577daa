"""A finding, and the acceptance of a finding by a named person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

import attrs

from accountmerge.findings.vocabulary import CLUSTER_FACTS, FINDINGS, Severity
from accountmerge.messages import Fact, Facts, sentence
from accountmerge.model.texts import GIVEN_IDENTIFIER, LABEL, NOTE
from accountmerge.model.value_rules import checked, each_of


@attrs.frozen(repr=False)
class Finding:
    """One thing the library has to say.

    Attributes:
        code: One of `accountmerge.findings.vocabulary.FINDINGS`.
        ids: The entities it is about, sorted.
        severity: A `blocker` stops the plan, a `warning` does not.
        facts: What is known; ids, times, counts and codes, never a personal value.
        accepted: Who took it upon themselves, and why.
    """

    code: str
    ids: tuple[str, ...]
    severity: Severity
    facts: Facts
    accepted: Acceptance | None = None

    @classmethod
    def of(cls, code: str, ids: Iterable[str], severity: Severity | None = None, /, **facts: Fact) -> Self:
        """Make a finding; its severity is that of its code unless another is given."""
        return cls(code, tuple(sorted(set(ids))), severity or FINDINGS[code].severity, Facts(**facts))

    @property
    def id(self) -> str:
        """What an acceptance names: the code and the ids, joined by colons; those within ids are escaped."""
        ids = (id.replace("%", "%25").replace(":", "%3A") for id in self.ids)
        return ":".join((self.code, *ids))

    @property
    def is_blocking(self) -> bool:
        """Whether it stops the plan: a blocker that nobody accepted."""
        return self.severity == "blocker" and self.accepted is None

    @property
    def is_acceptable(self) -> bool:
        """Whether a named person may take it upon themselves."""
        return FINDINGS[self.code].acceptable

    @property
    def remedy(self) -> str:
        """What to do about it, in English."""
        return self.advise()

    def describe(self, language: str = "en") -> str:
        """Return what is wrong, as a sentence."""
        return self._sentence("finding", language)

    def advise(self, language: str = "en") -> str:
        """Return what to do about it, as a sentence."""
        way = f".{self.facts['way']}" if FINDINGS[self.code].ways else ""
        return self._sentence("remedy", language, way)

    @property
    def is_cluster(self) -> bool:
        """Whether it is about many connected bookings, of which it names the count, the first and the last."""
        return FINDINGS[self.code].clusters and self.facts.keys() == CLUSTER_FACTS

    def _sentence(self, family: str, language: str, way: str = "") -> str:
        if self.is_cluster:
            return sentence(f"{family}.{self.code}.cluster", self.facts, language)
        unknown = dict.fromkeys(FINDINGS[self.code].added, "?")  # in a file of an earlier release
        return sentence(f"{family}.{self.code}{way}", {**unknown, **self.facts}, language)

    def __repr__(self) -> str:
        return f"Finding({self.id!r}, {self.severity})"


def finding_order(finding: Finding) -> tuple[bool, str, tuple[str, ...]]:
    """Return the key of the defined order of findings: blockers first, then by code and ids."""
    return (finding.severity != "blocker", finding.code, finding.ids)


@attrs.frozen(
    repr=False,
    kw_only=True,
    field_transformer=checked(finding=LABEL, by=GIVEN_IDENTIFIER, why=NOTE),
)
class Acceptance:
    """A finding that is accepted, by whom and why.

    Attributes:
        finding: The id of the finding: its code and the ids it is about, sorted, joined by colons.
        by: Who accepts it.
        why: The reason.
    """

    finding: str
    by: str
    why: str

    @property
    def is_signed(self) -> bool:
        """Whether it names a person and a reason; without both it accepts nothing."""
        return bool(self.by.strip() and self.why.strip())

    def __repr__(self) -> str:
        return f"Acceptance({self.finding!r})"


def sorted_acceptances(accept: Iterable[Acceptance]) -> tuple[Acceptance, ...]:
    """Return acceptances as a request keeps them: each once, sorted.

    Raises:
        InvalidValueError: One of them is no `Acceptance`.
    """
    return tuple(sorted(set(each_of(accept, Acceptance, "acceptance")), key=attrs.astuple))
