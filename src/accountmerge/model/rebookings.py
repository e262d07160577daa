"""Rebookings: which appointments are one booking, however often it was rebooked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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


def _replaced(appointments: Table[Appointment], appointment: Appointment) -> str | None:
    if appointment.replaces is not None:
        return appointment.replaces
    linked = appointments.groups("replaced_by").get(appointment.id, ())
    return min((row.id for row in linked), default=None)
