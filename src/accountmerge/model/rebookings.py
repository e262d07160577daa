"""Rebookings: which appointments are one booking, however often it was rebooked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

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
