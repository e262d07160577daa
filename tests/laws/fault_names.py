"""What faults are known by while a plan is applied: bookings by their chain and person, customers by their survivor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

import accountmerge as am
from accountmerge.testing.reference import booking_roots

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Name = tuple[object, ...]

_BOOKINGS = frozenset({"existing_double_booking", "customer_double_booking", "unfinished_rebooking"})
_OF_A_CUSTOMER = frozenset({"several_primary_emails"})


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
        return {self._name(fault, data, roots): fault for fault in am.find_faults(data)}

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

    def _name(self, fault: am.Finding, data: am.Snapshot, roots: Mapping[str, str]) -> Name:
        code, facts = fault.code, fault.facts
        if code in _BOOKINGS:
            return ("bookings", frozenset(roots[str(facts[key])] for key in ("first_id", "second_id")))
        if code == "booking_in_closed_profile":
            return (code, roots[str(facts["appointment_id"])])
        if code == "several_active_schedules":
            return (code, facts["practitioner_id"])
        if code == "appointment_number_twice":
            return (code, facts["number"])
        if code == "record_number_twice":
            return (code, facts["record_number"])
        if code in _OF_A_CUSTOMER:
            return (code, self.person(data, str(facts["customer_id"])))
        if code == "email_malformed" and facts["kind"] == "customer":
            return (code, "customer", self.person(data, str(facts["id"])))
        if code == "email_claimed_twice" and facts["kind"] == "customer":
            return (code, "customer", self._people(data, fault.ids))
        return (code, facts.get("kind"), fault.ids)
