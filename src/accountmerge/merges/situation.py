"""The data of a snapshot that a merge needs, read once."""

from __future__ import annotations

import attrs
import pendulum

from accountmerge.merges.requests import MergeRequest
from accountmerge.merges.rules import MergeRules
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import customers_of
from accountmerge.model.values import Value, value_class


@value_class(eq=False, repr=False)
class MergeSituation(Value):
    """The data of a snapshot that a merge needs.

    Attributes:
        absorbed: The absorbed customers, sorted by id. Those absorbed before are included, for their later data.
        absorbed_ids: Their ids, sorted.
        persons: The ids of the merged customers and of all customers absorbed into them before, sorted.
    """

    snapshot: Snapshot
    request: MergeRequest
    rules: MergeRules
    at: pendulum.DateTime
    survivor: Customer
    absorbed: tuple[Customer, ...]
    absorbed_ids: tuple[str, ...] = attrs.field(init=False)
    persons: tuple[str, ...] = attrs.field(init=False)

    @absorbed_ids.default
    def _ids_of_absorbed(self) -> tuple[str, ...]:
        return tuple(customer.id for customer in self.absorbed)

    @persons.default
    def _ids_of_persons(self) -> tuple[str, ...]:
        return customers_of(self.snapshot.customers, self.survivor.id, *self.absorbed_ids)

    @property
    def customers(self) -> tuple[Customer, ...]:
        """The survivor, then the absorbed customers."""
        return (self.survivor, *self.absorbed)

    @property
    def asked_by(self) -> str | None:
        """The person of the authority under the rule `authorised`, or else the id of the profile that asks."""
        authority = self.request.authority
        if self.rules.actor == "authorised" and authority is not None:
            return authority.person
        return self.request.actor

    def was_absorbed(self, customer: Customer) -> bool:
        """Return whether a customer was merged into this survivor before."""
        return customer.merged_into == self.survivor.id

    @property
    def is_carried_out(self) -> bool:
        """Whether all customers were absorbed before, so that only later data move."""
        return all(self.was_absorbed(customer) for customer in self.absorbed)

    def bookings(self) -> list[Appointment]:
        """Return every appointment of the absorbed customers, soonest first."""
        rows = (self.snapshot.appointments.where("customer_id", id) for id in self.absorbed_ids)
        return sorted((row for of_one in rows for row in of_one), key=lambda row: row.order)

    def records(self) -> list[Record]:
        """Return every record that names an absorbed customer, sorted by id."""
        table = self.snapshot.records
        by_id = {
            row.id: row
            for attribute in ("customer_id", "related_customer_id")
            for id in self.absorbed_ids
            for row in table.where(attribute, id)
        }
        return [by_id[id] for id in sorted(by_id)]


def read_merge(
    snapshot: Snapshot, request: MergeRequest, rules: MergeRules, at: pendulum.DateTime
) -> MergeSituation | None:
    """Return the data of a snapshot that a merge needs, or None if the survivor is absent."""
    survivor = snapshot.customers.get(request.survivor)
    if survivor is None:
        return None
    named = (snapshot.customers.get(id) for id in request.absorbed if id != survivor.id)
    absorbed = tuple(customer for customer in named if customer is not None)
    return MergeSituation(snapshot, request, rules, at, survivor, absorbed)
