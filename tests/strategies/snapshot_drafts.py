"""Drafts of snapshots: rows that are drawn one after the other, and what they refer to comes with them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import attrs
from hypothesis import strategies as st

from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.emails import CustomerEmail
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.testing.strategies.times import PIVOT

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
_LENGTHS = (2 * QUARTER, QUARTER, timedelta(microseconds=1), HOUR, timedelta(days=1))
_HUMANS = {"P0": "H0", "P1": "H0", "P2": "H0", "P3": "H1"}
"""The first three profiles are of one practitioner."""


@attrs.define
class SnapshotDraft:
    """A snapshot that is being drawn: rows by id, so that one trouble may add to what another has drawn."""

    draw: st.DrawFn
    appointments: dict[str, Appointment] = attrs.field(factory=dict)
    profiles: dict[str, Profile] = attrs.field(factory=dict)
    customers: dict[str, Customer] = attrs.field(factory=dict)

    def pick(self, *values: Any) -> Any:
        """Draw one of some values; the first is the simplest."""
        return self.draw(st.sampled_from(values))

    def profile(self, id: str, **fields: Any) -> str:
        """See to it that there is a profile, and give it some fields."""
        plain = Profile(
            id=id,
            practitioner_id=_HUMANS[id],
            email=f"{id.lower()}@example.com",
            login="enabled",
            schedule="active" if id in ("P0", "P3") else "inactive",
        )
        self.profiles[id] = attrs.evolve(self.profiles.get(id, plain), **fields)
        return id

    def customer(self, id: str, **fields: Any) -> str:
        """See to it that there is a customer, and give it some fields."""
        plain = Customer(id=id, record_number=id, emails=(), status="active")
        self.customers[id] = attrs.evolve(self.customers.get(id, plain), **fields)
        return id

    def email(self, id: str, text: str, use: Any) -> None:
        """Give a customer one more address."""
        held = self.customers[self.customer(id)].emails
        self.customer(id, emails=(*held, CustomerEmail(text, use)))

    def book(self, start: datetime, length: timedelta, **fields: Any) -> Appointment:
        """Book with the first profile, for the first customer, live, if nothing else is said."""
        row = Appointment(
            id=f"A{len(self.appointments)}",
            profile_id=self.profile(fields.pop("profile_id", "P0")),
            customer_id=self.customer(fields.pop("customer_id", "C0")),
            slot=TimeSlot(start, start + length),
            time_zone=fields.pop("time_zone", "UTC"),
            modality="video",
            status=fields.pop("status", "booked"),
            **fields,
        )
        return self.put(row)

    def put(self, row: Appointment) -> Appointment:
        """Write an appointment over the one with its id."""
        self.appointments[row.id] = row
        return row

    def start(self) -> datetime:
        """Draw when something starts: one of few quarters, so that troubles meet."""
        found: datetime = PIVOT + 12 * HOUR + self.pick(0, 1, 2, 4) * QUARTER
        return found

    def length(self) -> timedelta:
        """Draw how long something lasts, a microsecond and a day among them."""
        found: timedelta = self.pick(*_LENGTHS)
        return found

    def snapshot(self) -> Snapshot:
        """Return what was drawn."""
        return Snapshot(
            PIVOT,
            profiles=self.profiles.values(),
            customers=self.customers.values(),
            appointments=self.appointments.values(),
        )
