"""Which customers are one person, and which appointments are one booking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

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


class BookingRoots:
    """The first appointment of each chain of rebookings, by which a booking is known.

    Either half of a link is enough. A chain that bites its own tail, which no store should hold, is known by the
    least id in the circle.

    Args:
        appointments: All appointments.
        persons: Who the customers are.

    Takes time in proportion to the links, however many questions are asked.
    """

    __slots__ = ("_known", "_persons", "_table")

    def __init__(self, appointments: Table[Appointment], persons: Persons) -> None:
        self._table = appointments
        self._persons = persons
        self._known: dict[str, str] = {}

    def of(self, appointment: Appointment) -> str:
        """Return the id of the first appointment of the chain."""
        path: dict[str, None] = {}
        current = appointment
        while current.id not in self._known:
            if current.id in path:
                ids = list(path)
                self._known[current.id] = min(ids[ids.index(current.id) :])
                break
            path[current.id] = None
            before = _replaced(self._table, current)
            if before is None:
                self._known[current.id] = current.id
                break
            current = self._table[before]
        root = self._known[current.id]
        self._known.update(dict.fromkeys(path, root))
        return root

    def booking(self, appointment: Appointment) -> tuple[str, str]:
        """Return what a booking is known by: its root and its person."""
        return self.of(appointment), self._persons.of(appointment.customer_id)

    def are_one(self, first: Appointment, second: Appointment) -> bool:
        """Return whether two appointments are one booking: of one person, and of one chain of rebookings."""
        return of_one_person(self._persons, first, second) and self.of(first) == self.of(second)


def of_one_person(persons: Persons, first: Appointment, second: Appointment) -> bool:
    """Return whether two appointments are those of one person, however many customers it was."""
    one, other = first.customer_id, second.customer_id
    return one == other or persons.of(one) == persons.of(other)


class Origins:
    """Which bookings were once appointments of one profile, by however many rebookings.

    Args:
        appointments: All appointments.
        persons: Who the customers are: an earlier appointment of another person is another booking.
        profile_id: The profile.

    Takes time in proportion to the links, however many questions are asked.
    """

    __slots__ = ("_known", "_persons", "_profile_id", "_table")

    def __init__(self, appointments: Table[Appointment], persons: Persons, profile_id: str) -> None:
        self._table = appointments
        self._persons = persons
        self._profile_id = profile_id
        self._known: dict[tuple[str, str], bool] = {}

    def came_along(self, appointment: Appointment) -> bool:
        """Return whether an earlier appointment of the same booking was in the profile."""
        person = self._persons.of(appointment.customer_id)
        path: dict[str, None] = {}
        id: str | None = appointment.id
        while id is not None and id not in path and (id, person) not in self._known:
            path[id] = None
            id = _replaced(self._table, self._table[id])
        walked = list(path)
        circle = walked[walked.index(id) :] if id is not None and id in path else []
        in_circle = {id for id in circle if self._is_in_profile(id, person)}
        self._known.update({(id, person): bool(in_circle - {id}) for id in circle})
        for later in reversed(walked[: len(walked) - len(circle)]):
            came = id is not None and (self._known[id, person] or self._is_in_profile(id, person))
            self._known[later, person] = came
            id = later
        return self._known[appointment.id, person]

    def _is_in_profile(self, id: str, person: str) -> bool:
        row = self._table[id]
        return row.profile_id == self._profile_id and self._persons.of(row.customer_id) == person


def several_replacements_of(appointments: Iterable[Appointment]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each appointment in whose place several others were booked, and the ids of those, sorted.

    An heir counts if it is live, or if something live was booked in its place in turn. Takes time in proportion
    to the links.
    """
    replaced: dict[str, set[str]] = {}
    waiting = []
    for row in appointments:
        if row.replaces is not None:
            replaced.setdefault(row.id, set()).add(row.replaces)
        if row.replaced_by is not None:
            replaced.setdefault(row.replaced_by, set()).add(row.id)
        if row.is_live:
            waiting.append(row.id)
    found: dict[str, list[str]] = {}
    seen = set(waiting)
    while waiting:
        id = waiting.pop()
        for earlier in replaced.get(id, set()) - {id}:
            found.setdefault(earlier, []).append(id)
            if earlier not in seen:
                seen.add(earlier)
                waiting.append(earlier)
    return ((id, tuple(sorted(ids))) for id, ids in found.items() if len(ids) > 1)


def replacements_of(appointments: Table[Appointment], appointment: Appointment) -> tuple[Appointment, ...]:
    """Return what was booked in the place of an appointment, and in the place of that in turn; each once, by id.

    Either half of a link is enough, and each link is followed once: a chain may bite its own tail.
    """
    replaced = appointments.groups("replaces")
    found: dict[str, Appointment] = {appointment.id: appointment}
    waiting = [appointment]
    while waiting:
        row = waiting.pop()
        named = () if row.replaced_by is None else (appointments[row.replaced_by],)
        for other in (*replaced.get(row.id, ()), *named):
            if other.id not in found:
                found[other.id] = other
                waiting.append(other)
    del found[appointment.id]
    return tuple(found[id] for id in sorted(found))


def _replaced(appointments: Table[Appointment], appointment: Appointment) -> str | None:
    if appointment.replaces is not None:
        return appointment.replaces
    linked = appointments.groups("replaced_by").get(appointment.id, ())
    return min((row.id for row in linked), default=None)
