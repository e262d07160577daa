"""Groups of merge requests: which have to be planned together, in which order, and which contradict each other."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from accountmerge.findings.finding import Finding
from accountmerge.model.successions import Persons

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    from accountmerge.model.records import Record
    from accountmerge.model.snapshots import Snapshot
    from accountmerge.rules.merge_requests import MergeRequest


def grouped(snapshot: Snapshot, requests: Iterable[MergeRequest]) -> list[list[MergeRequest]]:
    """Return requests in groups that have nothing in common, equal ones once, by the lowest customer id.

    Requests belong together that name a customer in common or customers of one person, and those whose plans would change something in
    common: a record that names customers of both or hangs on one that does, or a mailbox that both reserve.
    """
    each_once = sorted(set(requests), key=lambda request: request.order)
    persons = Persons(snapshot.customers)
    groups = _connected(each_once, lambda request: _touched(snapshot, persons, request))
    return sorted(groups, key=lambda group: min(map(customer_ids, group)))


def families(requests: Sequence[MergeRequest]) -> list[list[MergeRequest]]:
    """Return the requests of a group in families: those that name a customer in common."""
    return _connected(requests, customer_ids)


def customer_ids(request: MergeRequest) -> tuple[str, ...]:
    """Return everybody that a request names, each once, sorted."""
    return tuple(sorted({request.survivor, *request.absorbed}))


def ordered(requests: Sequence[MergeRequest]) -> list[MergeRequest]:
    """Return requests so that a customer takes in others before it is absorbed itself.

    Among those that are free to come next, the first by survivor, absorbed and actor comes first.

    Raises:
        CycleError: They lead in a circle.
    """
    sorter = TopologicalSorter(_predecessors(requests))
    sorter.prepare()
    found: list[int] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        found += ready
        sorter.done(*ready)
    return [requests[place] for place in found]


def contradictions(requests: Sequence[MergeRequest]) -> Iterator[Finding]:
    """Yield what cannot be true at once of the requests of a family: circles, and a customer with two survivors."""
    rest = list(requests)
    while True:
        try:
            TopologicalSorter(_predecessors(rest)).prepare()
        except CycleError as error:
            circle = set(error.args[1])
            ids = tuple(sorted({rest[place].survivor for place in circle}))
            yield Finding.of("merge_cycle", ids, customer_ids=ids)
            rest = [request for place, request in enumerate(rest) if place not in circle]
        else:
            break
    survivors: dict[str, set[str]] = {}
    for request in requests:
        for id in request.absorbed:
            survivors.setdefault(id, set()).add(request.survivor)
    for id in sorted(survivors):
        into = tuple(sorted(survivors[id] - {id}))
        if len(into) > 1:
            yield Finding.of("absorbed_twice", (id, *into), customer_id=id, survivor_ids=into)


def _predecessors(requests: Sequence[MergeRequest]) -> dict[int, list[int]]:
    """Return, for the place of each request, those that come before it: they merge into whom it absorbs."""
    merging_into: dict[str, list[int]] = {}
    for place, request in enumerate(requests):
        merging_into.setdefault(request.survivor, []).append(place)
    return {
        place: [
            earlier
            for id in request.absorbed
            if id != request.survivor  # what is wrong with that, its own plan says
            for earlier in merging_into.get(id, ())
        ]
        for place, request in enumerate(requests)
    }


def _touched(snapshot: Snapshot, persons: Persons, request: MergeRequest) -> Iterator[Hashable]:
    """Yield what a merge names, and what its plan may change that another one may change, too."""
    for id in customer_ids(request):
        yield "customer", id
        customer = snapshot.customers.get(id)
        if customer is not None:
            yield "customer", persons.of(id)
        yield from (("mailbox", mailbox) for mailbox in (customer.reserved_mailboxes if customer else ()))
        for row in _naming(snapshot, id):
            yield from (("record", record_id) for record_id in (row.id, row.attached_to) if record_id)


def _naming(snapshot: Snapshot, customer_id: str) -> Iterator[Record]:
    for attribute in ("customer_id", "related_customer_id"):
        yield from snapshot.records.where(attribute, customer_id)


def _connected(
    requests: Sequence[MergeRequest], keys: Callable[[MergeRequest], Iterable[Hashable]]
) -> list[list[MergeRequest]]:
    """Return requests in groups that have no key in common, each in the order given."""
    group_of: dict[Hashable, list[int]] = {}
    mine = [[place] for place in range(len(requests))]
    for place, request in enumerate(requests):
        for key in keys(request):
            one, other = mine[place], group_of.setdefault(key, mine[place])
            other = mine[other[0]]
            if one is not other:
                small, large = sorted((one, other), key=len)
                large += small
                for moved in small:
                    mine[moved] = large
    unique = {id(group): group for group in mine}.values()
    return [[requests[place] for place in sorted(group)] for group in unique]
