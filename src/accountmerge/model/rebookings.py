"""Rebookings: which appointments are one booking, however often it was rebooked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accountmerge.model.appointments import Appointment
    from accountmerge.model.tables import Table


def root_of(appointments: Table[Appointment], appointment: Appointment) -> str:
    """Return the id of the first appointment of a chain of rebookings: what the booking is known by.

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


def forebears(appointments: Table[Appointment], appointment: Appointment) -> Iterator[str]:
    """Yield the id of an appointment and of those in whose place it was booked, the latest first, each once."""
    seen: set[str] = set()
    current: str | None = appointment.id
    while current is not None and current not in seen:
        seen.add(current)
        yield current
        current = _replaced(appointments, appointments[current])


def heirs(
    appointments: Table[Appointment], appointment: Appointment, known: Iterable[str] = ()
) -> tuple[Appointment, ...]:
    """Return what was booked in the place of an appointment, and in the place of that in turn; each once.

    Args:
        appointments: All of them.
        appointment: The one that was replaced.
        known: Ids of what stands in its place although no link says so; those that are not there do not count.
    """
    replaced = appointments.groups("replaces")
    found: dict[str, Appointment] = {appointment.id: appointment}
    waiting = [appointment]
    more = [row for row in map(appointments.get, known) if row is not None]
    while waiting:
        row = waiting.pop()
        named = appointments.get(row.replaced_by) if row.replaced_by is not None else None
        more += (*replaced.get(row.id, ()), *((named,) if named is not None else ()))
        for other in more:
            if other.id not in found:
                found[other.id] = other
                waiting.append(other)
        more = []
    del found[appointment.id]
    return tuple(found[id] for id in sorted(found))


def _replaced(appointments: Table[Appointment], appointment: Appointment) -> str | None:
    if appointment.replaces is not None:
        return appointment.replaces
    linked = appointments.groups("replaced_by").get(appointment.id, ())
    return min((row.id for row in linked), default=None)
