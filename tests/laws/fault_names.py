"""What faults are known by while a plan is applied: bookings by their chain and person, customers by their survivor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

import accountmerge as am
from accountmerge.testing.reference import booking_roots
from moved_promises import moved_promises
from unfinished_pairs import unfinished_pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Name = tuple[object, ...]

_BOOKINGS = frozenset({"existing_double_booking", "customer_double_booking", "unfinished_rebooking"})
_OF_CUSTOMERS = frozenset({"several_primary_emails", "email_malformed", "email_claimed_twice"})
_BY_FACT = {
    "several_active_schedules": "practitioner_id",
    "appointment_number_twice": "number",
}


@attrs.frozen
class FaultNames:
    """What faults are known by in data that a plan leads through.

    Attributes:
        bookings: By the id of an appointment, what it was known by before the plan.
        survivors: By the id of a customer, the one that the plan merges it into.
    """

    bookings: Mapping[str, str]
    survivors: Mapping[str, str]

    @classmethod
    def of(cls, before: am.Snapshot, change_set: am.ChangeSet) -> FaultNames:
        """Return what faults are known by when a change set is applied to some data."""
        edits = [edit for step in change_set.steps for edit in step.edits if edit.entity == "customer"]
        merged = {
            edit.id: edit.after.merged_into
            for edit in edits
            if isinstance(edit.after, am.Customer) and edit.after.merged_into is not None
        }
        return cls(booking_roots(before), merged)

    def of_faults(self, data: am.Snapshot) -> dict[Name, am.Finding]:
        """Return the faults of some data, each by its name."""
        roots = booking_roots(data, self.bookings)
        return {name: fault for fault in am.find_faults(data) for name in self._names(fault, data, roots)}

    def person(self, data: am.Snapshot, customer_id: str) -> str:
        """Return who a customer is in the end, the merges of the plan taken as done; in a circle, the least id."""
        path = [customer_id]
        while True:
            here = path[-1]
            onward = self.survivors.get(here) or data.customers[here].merged_into
            if onward is None:
                return here
            if onward in path:
                return min(path[path.index(onward) :])
            path.append(onward)

    def _people(self, data: am.Snapshot, ids: Iterable[str]) -> frozenset[str]:
        return frozenset(self.person(data, id) for id in ids)

    def _names(self, fault: am.Finding, data: am.Snapshot, roots: Mapping[str, str]) -> Iterator[Name]:
        """Yield the name of a fault; of a cluster, the names of all its pairs."""
        if fault.code == "record_number_twice":
            yield from ((fault.code, None, number) for number in _numbers(data, fault.ids))
        elif not fault.is_cluster:
            yield self._name(fault, data, roots)
        elif fault.code == "promised_time_moved":
            yield from ((fault.code, None, roots[id]) for id in moved_promises(data))
        elif fault.code == "unfinished_rebooking":
            pairs = unfinished_pairs(data)
            yield from (("bookings", None, frozenset(roots[row.id] for row in pair)) for pair in pairs)
        else:
            doubles = am.find_double_bookings(data)
            pairs = tuple((double.first, double.second) for double in doubles)
            yield from (("bookings", None, frozenset(roots[row.id] for row in pair)) for pair in pairs)

    def _name(self, fault: am.Finding, data: am.Snapshot, roots: Mapping[str, str]) -> Name:
        code, facts = fault.code, fault.facts
        name: object = fault.ids
        if code in _BOOKINGS:
            code = "bookings"
            name = frozenset(roots[str(facts[key])] for key in ("first_id", "second_id"))
        elif code in ("booking_in_closed_profile", "promised_time_moved"):
            name = roots[str(facts["appointment_id"])]
        elif code in _BY_FACT:
            name = facts[_BY_FACT[code]]
        elif code in _OF_CUSTOMERS and facts.get("kind", "customer") == "customer":
            name = self._people(data, fault.ids)
        return (code, facts.get("kind"), name)


def _numbers(data: am.Snapshot, ids: Iterable[str]) -> frozenset[str]:
    """Return the record numbers that some customers all have or had, and nobody else: the fault does not tell them."""
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for row in data.customers:
        for number in (row.record_number, *row.former_record_numbers):
            holders[number].add(row.id)
    return frozenset(number for number, held in holders.items() if held == set(ids))
