"""Links between merged customers, succeeding profiles and rebooked appointments."""

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
    """Return the survivor of a customer after all merges; itself if not absorbed, None in a circle."""
    return _end(customers, customer, lambda row: row.merged_into)


def successor_of(profiles: Table[Profile], profile: Profile) -> Profile | None:
    """Return the last successor of a profile; itself if it has none, None in a circle."""
    return _end(profiles, profile, lambda row: row.succeeded_by)


class Survivors:
    """The survivor of each customer after all merges, or None if the links form a circle.

    Takes time in proportion to the links, for any number of calls.
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
    """The id of each customer's survivor after all merges, present and planned ones.

    In faulty data, customers that are merged in a circle have the least id of the circle. Takes time in proportion to
    the links, for any number of calls.
    """

    __slots__ = ("_customers", "_known", "_planned")

    def __init__(self, customers: Table[Customer], planned: Mapping[str, str] | None = None) -> None:
        self._customers = customers
        self._planned = planned or {}
        self._known: dict[str, str] = {}

    def of(self, customer_id: str) -> str:
        """Return the id of the survivor of a customer."""
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
    """Return the ids of all customers that are one person with the given ones, sorted.

    Those are the given customers, their survivors, and every customer merged into one of the survivors. An unknown
    id is returned as it is. Takes time in proportion to the result, once the customers are indexed.
    """
    persons = Persons(customers)
    known = (persons.of(id) for id in customer_ids if id in customers)
    unknown = (id for id in customer_ids if id not in customers)
    return tuple(sorted({*merged_below(customers, *known), *unknown}))


def merged_below(customers: Table[Customer], *customer_ids: str) -> tuple[str, ...]:
    """Return the given ids and those of all customers merged into them, sorted."""
    waiting = list(customer_ids)
    below = set(waiting)
    while waiting:
        for row in customers.where("merged_into", waiting.pop()):
            if row.id not in below:
                below.add(row.id)
                waiting.append(row.id)
    return tuple(sorted(below))


def rows_of_person(table: Table[R], customers: Table[Customer], customer_id: str) -> list[R]:
    """Return the appointments or records of a customer and of all customers that are one person with it."""
    return [row for id in customers_of(customers, customer_id) for row in table.where("customer_id", id)]


def circles(links: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """Yield the sorted ids of each circle of links, in time proportional to the links."""
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
    """The first appointment of each chain of rebookings, which identifies the booking.

    Either half of a link is enough. If a faulty chain forms a circle, the least id in the circle identifies it. Takes
    time in proportion to the links, for any number of calls.
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
        """Return the root and the person of a booking, which identify it."""
        return self.of(appointment), self._persons.of(appointment.customer_id)

    def are_one(self, first: Appointment, second: Appointment) -> bool:
        """Return whether two appointments have the same person and the same chain of rebookings."""
        return of_one_person(self._persons, first, second) and self.of(first) == self.of(second)


def of_one_person(persons: Persons, first: Appointment, second: Appointment) -> bool:
    """Return whether the customers of two appointments are one person after all merges."""
    one, other = first.customer_id, second.customer_id
    return one == other or persons.of(one) == persons.of(other)


class Origins:
    """A look-up of bookings that began as appointments of one profile, after any number of rebookings.

    A link to an appointment of another person starts another booking. Takes time in proportion to the links, for any
    number of calls.
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
    """Yield each appointment with several replacements, and the sorted ids of those.

    A replacement counts if it is live, or if one of its own replacements counts. Takes time in proportion to the links.
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
    by_earlier: dict[str, list[str]] = {}
    seen = set(waiting)
    while waiting:
        id = waiting.pop()
        for earlier in replaced.get(id, set()) - {id}:
            by_earlier.setdefault(earlier, []).append(id)
            if earlier not in seen:
                seen.add(earlier)
                waiting.append(earlier)
    return ((id, tuple(sorted(ids))) for id, ids in by_earlier.items() if len(ids) > 1)


def replacements_of(appointments: Table[Appointment], appointment: Appointment) -> tuple[Appointment, ...]:
    """Return the direct and indirect replacements of an appointment, each once, by id.

    Either half of a link is enough, and each link is followed once, because a faulty chain may form a circle.
    """
    replaced = appointments.groups("replaces")
    linked: dict[str, Appointment] = {appointment.id: appointment}
    waiting = [appointment]
    while waiting:
        row = waiting.pop()
        named = () if row.replaced_by is None else (appointments[row.replaced_by],)
        for other in (*replaced.get(row.id, ()), *named):
            if other.id not in linked:
                linked[other.id] = other
                waiting.append(other)
    del linked[appointment.id]
    return tuple(linked[id] for id in sorted(linked))


def _replaced(appointments: Table[Appointment], appointment: Appointment) -> str | None:
    if appointment.replaces is not None:
        return appointment.replaces
    linked = appointments.groups("replaced_by").get(appointment.id, ())
    return min((row.id for row in linked), default=None)
