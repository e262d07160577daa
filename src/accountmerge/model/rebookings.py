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


def root_of(appointments: Table[Appointment], appointment: Appointment) -> str:
    """Return the id of the first appointment of a chain of rebookings.

    Either half of a link is enough. A chain that bites its own tail, which no store should hold, is known
    by the least id in the circle.
    """
    seen: dict[str, None] = {}
    current = appointment
    while (before := _replaced(appointments, current)) is not None:
        if current.id in seen:
            ids = list(seen)
            return min(ids[ids.index(current.id) :])
        seen[current.id] = None
        current = appointments[before]
    return current.id


def are_one_booking(
    appointments: Table[Appointment], persons: Persons, first: Appointment, second: Appointment
) -> bool:
    """Return whether two appointments are one booking: of one person, and of one chain of rebookings."""
    return of_one_person(persons, first, second) and root_of(appointments, first) == root_of(
        appointments, second
    )


def of_one_person(persons: Persons, first: Appointment, second: Appointment) -> bool:
    """Return whether two appointments are those of one person, however many customers it was."""
    one, other = first.customer_id, second.customer_id
    return one == other or persons.of(one) == persons.of(other)


def forebears(appointments: Table[Appointment], appointment: Appointment) -> Iterator[str]:
    """Yield the id of an appointment and of those in whose place it was booked, the latest first, each once."""
    seen: set[str] = set()
    current: str | None = appointment.id
    while current is not None and current not in seen:
        seen.add(current)
        yield current
        current = _replaced(appointments, appointments[current])


def own_forebears(
    appointments: Table[Appointment], persons: Persons, appointment: Appointment
) -> Iterator[Appointment]:
    """Yield an appointment and the earlier ones of the same booking, the latest first."""
    rows = (appointments[id] for id in forebears(appointments, appointment))
    return (row for row in rows if of_one_person(persons, row, appointment))


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
