"""Which profiles may see the findings of a plan, because they treat its customers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from accountmerge.findings.finding import Finding
from accountmerge.messages import Facts, ids_in
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import Survivors
from accountmerge.model.treating import treaters_of, treats
from accountmerge.plans.plan import OTHERS, TreatedBy, asked_customers

_HIDDEN_FACTS = frozenset({"holder_ids", "survivor_id"})
"""Facts that may name other customers. A view of the findings leaves those out."""


def treated_by(
    snapshot: Snapshot,
    request: object,
    findings: Iterable[Finding],
    *,
    about: Iterable[str] = (),
    among: Collection[str] | None = None,
) -> TreatedBy:
    """Return the profiles that treat each customer of a request, and under `*` all others of the findings.

    Takes time in proportion to the ids that the findings name, and to the access rows of the customers. `about` names
    further customers of the plan. `among` are the profiles that may see findings of this plan at all. Default: every
    profile.
    """
    asked, survivors = asked_customers(request), Survivors(snapshot.customers)
    known = {id: treaters_of(snapshot, id, survivors) for id in asked if id in snapshot.customers}
    others = {*about, *_named_customers(snapshot, findings)} - set(asked)
    if others:
        known[OTHERS] = frozenset.intersection(*(treaters_of(snapshot, id, survivors) for id in others))
    elif among is not None:
        known[OTHERS] = frozenset(among)
    return tuple(
        (id, tuple(sorted(ids if among is None else ids.intersection(among))))
        for id, ids in sorted(known.items())
    )


def seen_faults(snapshot: Snapshot, findings: Iterable[Finding], profile_id: str) -> tuple[Finding, ...]:
    """Return the faults of a snapshot that name only customers that a profile treats."""
    survivors = Survivors(snapshot.customers)
    return tuple(
        finding
        for finding in findings
        if all(
            treats(snapshot, profile_id, id, survivors)
            for id in _named_customers(snapshot, (finding,), frozenset())
        )
    )


def _named_customers(
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
