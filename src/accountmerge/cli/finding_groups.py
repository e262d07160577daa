"""Findings as plain JSON data, and in groups by practitioners or customers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import accountmerge as am
from accountmerge.findings.audiences import named_customers
from accountmerge.messages import PRIVATE_FACTS, ids_in

GROUPINGS = ("practitioner", "customer")
"""The words of `--by`."""


def grouped(snapshot: am.Snapshot, findings: Iterable[am.Finding], by: str) -> dict[str, list[am.Finding]]:
    """Return findings by each practitioner or customer that they name, sorted by id.

    A finding that names several is in each of their groups. One that names none is under empty text, which is last.
    """
    groups: dict[str, list[am.Finding]] = {}
    for finding in findings:
        names = (
            _practitioners(snapshot, finding)
            if by == "practitioner"
            else named_customers(snapshot, (finding,))
        )
        for name in sorted(set(names)) or [""]:
            groups.setdefault(name, []).append(finding)
    return dict(sorted(groups.items(), key=lambda item: (not item[0], item[0])))


def _practitioners(snapshot: am.Snapshot, finding: am.Finding) -> Iterator[str]:
    """Yield the practitioners that a finding names, by their ids or by a row of theirs."""
    facts = finding.facts
    named: list[Any] = [facts.get("practitioner_id"), *_texts(facts.get("practitioner_ids"))]
    yield from (str(id) for id in named if id is not None)
    for id in dict.fromkeys((*finding.ids, *ids_in(facts))):
        profile = snapshot.profiles.get(id)
        row = snapshot.appointments.get(id) or snapshot.records.get(id) or snapshot.access.get(id)
        profile_id = getattr(row, "profile_id", None)
        if profile is None and profile_id is not None:
            profile = snapshot.profiles.get(profile_id)
        if profile is not None:
            yield profile.practitioner_id


def _texts(fact: Any) -> tuple[str, ...]:
    return fact if isinstance(fact, tuple) else ()


def plain_findings(findings: Sequence[am.Finding], language: str) -> list[dict[str, Any]]:
    """Return findings with their facts and sentences, without personal values."""
    return [
        {
            "id": finding.id,
            "code": finding.code,
            "severity": finding.severity,
            "ids": list(finding.ids),
            "facts": {name: fact for name, fact in finding.facts.items() if name not in PRIVATE_FACTS},
            "text": finding.describe(language),
            "remedy": finding.advise(language),
        }
        for finding in findings
    ]
