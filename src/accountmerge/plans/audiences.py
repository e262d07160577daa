"""Which profiles may see the findings of a plan, because they treat its customers."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from accountmerge.findings.audiences import named_customers
from accountmerge.findings.finding import Finding
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import Survivors
from accountmerge.model.treating import treaters_of
from accountmerge.plans.plan import OTHERS, TreatedBy, asked_customers


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
    others = {*about, *named_customers(snapshot, findings)} - set(asked)
    if others:
        known[OTHERS] = frozenset.intersection(*(treaters_of(snapshot, id, survivors) for id in others))
    elif among is not None:
        known[OTHERS] = frozenset(among)
    return tuple(
        (id, tuple(sorted(ids if among is None else ids.intersection(among))))
        for id, ids in sorted(known.items())
    )
