"""Successions: who a customer became through merges, and which profile took over in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from accountmerge.model.customers import Customer
    from accountmerge.model.profiles import Profile
    from accountmerge.model.tables import Table

E = TypeVar("E", "Customer", "Profile")


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


def _end(table: Table[E], first: E, next_id: Callable[[E], str | None]) -> E | None:
    last, seen = first, {first.id}
    while (id := next_id(last)) is not None:
        if id in seen:
            return None
        seen.add(id)
        last = table[id]
    return last
