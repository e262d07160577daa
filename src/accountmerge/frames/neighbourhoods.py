"""The rows that the plans of a connected group need, found by their references."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from accountmerge.frames.links import REFERENCES, Link, Links, Question
from accountmerge.model.entities import CollectionName
from accountmerge.model.identifiers import derived_id

Row = tuple[CollectionName, str]
"""A table and an id."""
Ask = tuple[bool, Question]
"""A question, and whether its answers belong to the people of the group."""


class Part:
    """The rows of one group.

    Attributes:
        rows: The rows, each by its table and id.
        own: The rows that belong to the people of the group, by table.
        without_id: The tables in which a row of the group has no id.
    """

    __slots__ = ("_seen", "own", "rows", "without_id")

    def __init__(self) -> None:
        self.rows: set[Row] = set()
        self.own: dict[CollectionName, dict[str, Link]] = {}
        self.without_id: set[CollectionName] = set()
        self._seen: set[tuple[bool, int]] = set()

    def add(self, link: Link, *, is_own: bool) -> bool:
        """Add a row. Return whether its references were not followed yet."""
        key = (is_own, id(link))
        if key in self._seen:
            return False
        self._seen.add(key)
        if link.id is None:
            self.without_id.add(link.collection)
            return True
        self.rows.add((link.collection, link.id))
        if is_own:
            self.own.setdefault(link.collection, {})[link.id] = link
        return True

    def own_rows(self, collection: CollectionName) -> Mapping[str, Link]:
        """Return the rows of a table that belong to the people of the group, by id."""
        return self.own.get(collection, {})


class Reach:
    """The rules of one kind of request for the rows that its plans need.

    Args:
        own: The questions about a row that belongs to the people of the group.
        derived: The questions about ids that plans may derive, after all other rows are found.
    """

    __slots__ = ("derived", "own")

    def __init__(
        self,
        own: Callable[[Link], Iterator[Ask]],
        derived: Callable[[Part, Sequence[Any]], Iterator[Question]],
    ) -> None:
        self.own = own
        self.derived = derived


def parts_of(
    links: Links, reach: Reach, groups: Sequence[Sequence[Any]], seeds: Callable[[Any], Iterator[Ask]]
) -> list[Part]:
    """Return the rows that each group of requests needs.

    Rows are read in rounds, those of all groups together, until no reference is open.

    Args:
        links: The links of the tables.
        reach: The rules of the kind of request.
        groups: The groups of requests.
        seeds: The first questions about a request.
    """
    parts = [Part() for _ in groups]
    waiting = [(at, ask) for at, group in enumerate(groups) for request in group for ask in seeds(request)]
    _followed(links, reach, parts, waiting)
    extra = [
        (at, (False, question))
        for at, group in enumerate(groups)
        for question in reach.derived(parts[at], group)
    ]
    _followed(links, reach, parts, extra)
    return parts


def _followed(links: Links, reach: Reach, parts: Sequence[Part], waiting: list[tuple[int, Ask]]) -> None:
    while waiting:
        links.ask(question for _, (_, question) in waiting)
        further: list[tuple[int, Ask]] = []
        for at, (is_own, question) in waiting:
            for link in links.answers(question):
                if parts[at].add(link, is_own=is_own):
                    asks = (*bound_to(link), *(reach.own(link) if is_own else ()))
                    further += ((at, ask) for ask in asks)
        waiting = list(dict.fromkeys(further))


def bound_to(link: Link) -> Iterator[Ask]:
    """Yield the questions for what a row refers to, its earlier bookings, and its attached records."""
    for field, collection in REFERENCES[link.collection]:
        target = link.first(field)
        if target is not None:
            yield False, (collection, "id", target)
    for owner in link.all("login_of") if link.collection == "customers" else ():
        yield False, ("customers", "id", owner)
    if link.id is not None and link.collection == "appointments":
        yield False, ("appointments", "replaced_by", link.id)
    if link.id is not None and link.collection == "records":
        yield False, ("records", "attached_to", link.id)


_OF_CUSTOMER: tuple[tuple[CollectionName, str], ...] = (
    ("appointments", "customer_id"),
    ("records", "customer_id"),
    ("records", "related_customer_id"),
    ("access", "customer_id"),
    ("access_requests", "customer_id"),
    ("customers", "login_of"),
)


def _of_customer(link: Link) -> Iterator[Ask]:
    """Yield the questions about a customer who is one person with a customer of a merge."""
    if link.collection == "access":
        return
    id, survivor = link.id, link.first("merged_into")
    if survivor is not None:
        yield True, ("customers", "id", survivor)
    if id is not None:
        yield True, ("customers", "merged_into", id)
        for collection, column in _OF_CUSTOMER:
            yield collection == "access", (collection, column, id)
    for mailbox in link.all("mailbox"):
        yield False, ("customers", "reserved", mailbox)
        yield False, ("profiles", "mailbox", mailbox)


def _derived_in_merge(part: Part, requests: Sequence[Any]) -> Iterator[Question]:
    """Yield the questions for access rows with ids that merges may derive."""
    del requests
    profiles = {link.first("profile_id") for link in part.own_rows("access").values()} - {None}
    for profile_id, customer_id in itertools.product(sorted(map(str, profiles)), part.own_rows("customers")):
        yield "access", "id", derived_id("access", profile_id, customer_id)


def _of_practitioner(link: Link) -> Iterator[Ask]:
    """Yield the questions about a profile of a practitioner who moves, or about its bookings."""
    if link.id is None:
        return
    if link.collection == "appointments":
        yield False, ("appointments", "replaces", link.id)
    if link.collection != "profiles":
        return
    practitioner = link.first("practitioner_id")
    if practitioner is not None:
        yield True, ("profiles", "practitioner_id", practitioner)
    yield True, ("appointments", "profile_id", link.id)
    yield True, ("records", "profile_id", link.id)
    yield True, ("access", "profile_id", link.id)
    for mailbox in link.all("mailbox"):
        yield False, ("profiles", "mailbox", mailbox)


def _derived_in_migration(part: Part, requests: Sequence[Any]) -> Iterator[Question]:
    """Yield the questions for rows with ids that a migration may derive."""
    opened = [derived_id("profile", request.profile_id, request.ticket) for request in requests]
    yield from (("profiles", "id", id) for id in opened)
    targets = sorted({*part.own_rows("profiles"), *opened})
    old = {request.profile_id for request in requests}
    for collection, noun in (("appointments", "appointment"), ("records", "record"), ("access", "access")):
        name: Any = collection
        for id, link in part.own_rows(name).items():
            if link.first("profile_id") in old:
                subject = id if collection != "access" else link.first("customer_id")
                for target in targets:
                    pair = (target, str(subject)) if collection == "access" else (str(subject), target)
                    yield name, "id", derived_id(noun, *pair)


MERGES = Reach(_of_customer, _derived_in_merge)
MIGRATIONS = Reach(_of_practitioner, _derived_in_migration)


def merge_seeds(request: Any) -> Iterator[Ask]:
    """Yield the first questions about a request to merge."""
    for id in (request.survivor, *request.absorbed):
        yield True, ("customers", "id", id)
    if request.actor is not None:
        yield False, ("profiles", "id", request.actor)


def migration_seeds(request: Any) -> Iterator[Ask]:
    """Yield the first questions about a request to move a practitioner."""
    yield True, ("profiles", "id", request.profile_id)
    mailbox = request.new_email.mailbox
    yield False, ("profiles", "mailbox", mailbox)
    yield False, ("customers", "mailbox", mailbox)
    for id, number in request.numbers:
        yield False, ("appointments", "id", id)
        yield False, ("appointments", "number", number)


def named_by(requests: Iterable[Any]) -> Iterator[Ask]:
    """Yield the questions by which requests to merge are grouped."""
    for request in requests:
        for id in (request.survivor, *request.absorbed):
            yield True, ("customers", "id", id)
