"""Which profiles may see findings, because they treat the customers that these name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from accountmerge.findings.finding import Finding
from accountmerge.messages import Facts, ids_in
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import Survivors
from accountmerge.model.treating import treats

_HIDDEN_FACTS = frozenset({"holder_ids", "survivor_id"})
"""Facts that may name other customers. A view of the findings leaves those out."""


def seen_faults(snapshot: Snapshot, findings: Iterable[Finding], profile_id: str) -> tuple[Finding, ...]:
    """Return the faults of a snapshot that name only customers that a profile treats."""
    survivors = Survivors(snapshot.customers)
    return tuple(
        finding
        for finding in findings
        if all(
            treats(snapshot, profile_id, id, survivors)
            for id in named_customers(snapshot, (finding,), frozenset())
        )
    )


def named_customers(
    snapshot: Snapshot, findings: Iterable[Finding], hidden: frozenset[str] = _HIDDEN_FACTS
) -> Iterator[str]:
    """Yield the customers that findings name, directly or by a row of theirs."""
    tables = (snapshot.appointments, snapshot.records, snapshot.access, snapshot.access_requests)
    for id in dict.fromkeys(id for finding in findings for id in _ids(finding, hidden)):
        if id in snapshot.customers:
            yield id
        for row in (table.get(id) for table in tables):
            if row is not None:
                yield row.customer_id
                related = getattr(row, "related_customer_id", None)
                if related is not None:
                    yield related


def _ids(finding: Finding, hidden: frozenset[str]) -> Iterator[str]:
    left_out = set(ids_in(Facts.of({name: fact for name, fact in finding.facts.items() if name in hidden})))
    yield from ids_in(Facts.of({name: fact for name, fact in finding.facts.items() if name not in hidden}))
    yield from (id for id in finding.ids if id not in left_out)
