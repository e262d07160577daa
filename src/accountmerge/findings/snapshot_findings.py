"""The faults of a snapshot as it stands, of every kind, in one order."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from accountmerge.findings.absorbed_customers import absorbed_faults, merge_faults
from accountmerge.findings.double_bookings import double_booking_faults
from accountmerge.findings.finding import Finding, finding_order
from accountmerge.findings.misplaced_bookings import misplaced_bookings, replacement_faults
from accountmerge.findings.repeated_numbers import repeated_appointment_numbers, repeated_record_numbers
from accountmerge.findings.schedules import schedule_faults, succession_faults
from accountmerge.findings.stored_addresses import address_faults

if TYPE_CHECKING:
    from accountmerge.model.snapshots import Snapshot


def find_faults(snapshot: Snapshot) -> tuple[Finding, ...]:
    """Return every fault of a snapshot as it stands, in a defined order.

    - Bookings: double bookings, unfinished rebookings, one booking with several replacements, live bookings in a
      profile that is closed or has a successor.
    - Profiles: several active schedules of one practitioner, successions in a circle.
    - Customers: merges in a circle or over more than one step; absorbed customers that are active, sign in or still
      have entries; several primary emails on one customer.
    - Addresses and numbers: malformed addresses, a mailbox that is kept for several profiles or customers,
      appointment numbers and record numbers that occur twice.

    All of them are warnings, because no change is planned yet. Of bookings that are connected by overlap and have more
    than 20 pairs, one finding names the count, the first and the last; `find_double_bookings` lists every pair. So do
    more than 20 pairs of live appointments that are one booking. Takes O(n log n) for n entities.
    """
    findings = itertools.chain(
        double_booking_faults(snapshot),
        replacement_faults(snapshot),
        misplaced_bookings(snapshot),
        schedule_faults(snapshot),
        succession_faults(snapshot),
        merge_faults(snapshot),
        absorbed_faults(snapshot),
        address_faults(snapshot),
        repeated_appointment_numbers(snapshot),
        repeated_record_numbers(snapshot),
    )
    return tuple(sorted(dict.fromkeys(findings), key=finding_order))
