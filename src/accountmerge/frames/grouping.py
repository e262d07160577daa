"""Connected groups of requests, found by the links of tables, as planners group them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from accountmerge.frames.links import Link, Links
from accountmerge.frames.neighbourhoods import named_by
from accountmerge.merges.batches import connected, grouped
from accountmerge.merges.requests import MergeRequest
from accountmerge.migrations.requests import MigrationRequest
from accountmerge.model.entities import KINDS
from accountmerge.model.snapshots import Completeness, Snapshot


def merge_groups(links: Links, requests: Sequence[MergeRequest]) -> list[list[MergeRequest]]:
    """Return requests to merge in the groups of `plan_merges`, sorted by the lowest customer id."""
    customers: dict[str, Link] = {}
    records: dict[str, Link] = {}
    waiting = [question for _, question in dict.fromkeys(named_by(requests))]
    while waiting:
        links.ask(waiting)
        found = [link for question in waiting for link in links.answers(question) if link.id is not None]
        waiting = []
        for link in found:
            known = customers if link.collection == "customers" else records
            if link.id is None or link.id in known:
                continue
            known[link.id] = link
            survivor = link.first("merged_into")
            if survivor is not None:
                waiting.append(("customers", "id", survivor))
            if known is customers:
                waiting += [("records", field, link.id) for field in ("customer_id", "related_customer_id")]
    return grouped(_stub(customers, records), requests)


def _stub(customers: dict[str, Link], records: dict[str, Link]) -> Snapshot:
    """Return a snapshot of the fields alone by which requests are grouped."""
    people = [
        SimpleNamespace(
            id=id,
            merged_into=survivor if (survivor := link.first("merged_into")) in customers else None,
            reserved_mailboxes=link.all("reserved"),
        )
        for id, link in customers.items()
    ]
    names = ("customer_id", "related_customer_id", "attached_to")
    rows = [
        SimpleNamespace(id=id, **{name: link.first(name) for name in names}) for id, link in records.items()
    ]
    collections: dict[Any, Any] = {kind.collection: () for kind in KINDS}
    collections |= {"customers": people, "records": rows}
    return Snapshot.of_checked(datetime(2000, 1, 1, tzinfo=UTC), Completeness(), collections)


def migration_groups(links: Links, requests: Sequence[MigrationRequest]) -> list[list[MigrationRequest]]:
    """Return requests to move practitioners in groups that contradict each other, sorted by profile.

    Requests belong together if they move one practitioner, ask for one address, or give one number.
    """
    links.ask(("profiles", "id", request.profile_id) for request in requests)

    def keys(request: MigrationRequest) -> Iterator[Hashable]:
        for link in links.answers(("profiles", "id", request.profile_id)):
            yield "practitioner", link.first("practitioner_id")
        yield "profile", request.profile_id
        yield "mailbox", request.new_email.mailbox
        yield from (("number", number) for _, number in request.numbers)

    groups = connected(requests, keys)
    return sorted(groups, key=lambda group: min(request.profile_id for request in group))
