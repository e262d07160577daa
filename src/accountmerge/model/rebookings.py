"""Rebookings: which appointments are one booking, however often it was rebooked.

A booking is known by the first appointment of its chain and by its person: bookings of two persons are never one
booking, whatever they replace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accountmerge.model.appointments import Appointment
    from accountmerge.model.successions import Persons
    from accountmerge.model.tables import Table


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


def several_heirs(appointments: Iterable[Appointment]) -> Iterator[tuple[str, tuple[str, ...]]]:
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


def heirs(appointments: Table[Appointment], appointment: Appointment) -> tuple[Appointment, ...]:
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
