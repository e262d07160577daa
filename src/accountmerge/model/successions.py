"""Successions: who a customer became through merges, and which profile took over in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from accountmerge.model.appointments import Appointment
    from accountmerge.model.customers import Customer
    from accountmerge.model.profiles import Profile
    from accountmerge.model.records import Record
    from accountmerge.model.tables import Table

E = TypeVar("E", "Customer", "Profile")
R = TypeVar("R", "Appointment", "Record")


def survivor_of(customers: Table[Customer], customer: Customer) -> Customer | None:
    """Return the customer that one is part of after all merges, itself if it was never absorbed.

    Nothing if the links lead in a circle, which only faulty data do.
    """
    return _end(customers, customer, lambda row: row.merged_into)


def successor_of(profiles: Table[Profile], profile: Profile) -> Profile | None:
    """Return the profile that took over in the end, itself if none did.

    Nothing if the links lead in a circle, which only faulty data do.
    """
    return _end(profiles, profile, lambda row: row.succeeded_by)


class Survivors:
    """The customer that each one is part of after all merges; None where the links lead in a circle.

    Takes time in proportion to the links, however many questions are asked.
    """

    __slots__ = ("_customers", "_known")

    def __init__(self, customers: Table[Customer]) -> None:
        self._customers = customers
        self._known: dict[str, Customer | None] = {}

    def of(self, customer: Customer) -> Customer | None:
        """Return the survivor of a customer, itself if it was never absorbed."""
        path: dict[str, None] = {}
        current = customer
        while current.id not in self._known and current.id not in path:
            path[current.id] = None
            if current.merged_into is None:
                self._known[current.id] = current
                break
            current = self._customers[current.merged_into]
        survivor = self._known.get(current.id)
        self._known.update(dict.fromkeys(path, survivor))
        return survivor


class Persons:
    """Who each customer is in the end: the survivor after all merges.

    Customers that are merged in a circle, which only faulty data are, are known by the least id in it.

    Args:
        customers: The customers.
        planned: By the id of a customer, the one that it is to be merged into.

    Takes time in proportion to the links, however many questions are asked.
    """

    __slots__ = ("_customers", "_known", "_planned")

    def __init__(self, customers: Table[Customer], planned: Mapping[str, str] | None = None) -> None:
        self._customers = customers
        self._planned = planned or {}
        self._known: dict[str, str] = {}

    def of(self, customer_id: str) -> str:
        """Return the id that a customer is known by."""
        path: dict[str, None] = {}
        current = customer_id
        while current not in self._known:
            if current in path:
                ids = list(path)
                self._known[current] = min(ids[ids.index(current) :])
                break
            path[current] = None
            onward = self._planned.get(current) or self._customers[current].merged_into
            if onward is None:
                self._known[current] = current
                break
            current = onward
        person = self._known[current]
        self._known.update(dict.fromkeys(path, person))
        return person


def customers_of(customers: Table[Customer], *customer_ids: str) -> tuple[str, ...]:
    """Return the ids of all customers that are one person with some customers after all merges, sorted.

    Those are the customers asked about, their survivors, and every customer that leads to one of the survivors. An
    unknown id is returned as it is. Takes time in proportion to the result, once the customers are indexed.
    """
    persons = Persons(customers)
    known = (persons.of(id) for id in customer_ids if id in customers)
    unknown = (id for id in customer_ids if id not in customers)
    return tuple(sorted({*merged_below(customers, *known), *unknown}))


def merged_below(customers: Table[Customer], *customer_ids: str) -> tuple[str, ...]:
    """Return the ids of some customers, and of all that were merged into them, sorted."""
    waiting = list(customer_ids)
    found = set(waiting)
    while waiting:
        for row in customers.where("merged_into", waiting.pop()):
            if row.id not in found:
                found.add(row.id)
                waiting.append(row.id)
    return tuple(sorted(found))


def rows_of_person(table: Table[R], customers: Table[Customer], customer_id: str) -> list[R]:
    """Return the appointments or records of a person: of a customer, its survivor, and all merged into that."""
    return [row for id in customers_of(customers, customer_id) for row in table.where("customer_id", id)]


def circles(links: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """Yield the ids of each circle of links, sorted; one that points at itself is a circle of one.

    Takes time in proportion to the links.
    """
    seen: dict[str, str] = {}
    for start in links:
        current: str | None = start
        while current is not None and current not in seen:
            seen[current] = start
            current = links.get(current)
        if current is not None and seen[current] == start:
            circle = [current]
            while (onward := links[circle[-1]]) != current:
                circle.append(onward)
            yield tuple(sorted(circle))


def _end(table: Table[E], first: E, next_id: Callable[[E], str | None]) -> E | None:
    last, seen = first, {first.id}
    while (id := next_id(last)) is not None:
        if id in seen:
            return None
        seen.add(id)
        last = table[id]
    return last
