"""Bookings of a merge: every appointment goes to the survivor, and no overlap comes about unseen.

Source: design section 3.2, rules 1 and 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.changes.edits import Edit
from accountmerge.changes.steps import Reason
from accountmerge.findings.double_bookings import double_bookings_of
from accountmerge.messages import Facts
from accountmerge.model.instants import microseconds
from accountmerge.model.overlaps import overlapping_pairs
from accountmerge.planning.drafts import Draft

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.findings.finding import Finding
    from accountmerge.model.appointments import Appointment
    from accountmerge.planning.merges.situation import MergeSituation


def booking_findings(situation: MergeSituation) -> Iterator[Finding]:
    """Yield the double bookings that the merge brings about, and those that were there before.

    What ended before the instant of the plan only warns: nothing can be done about it any more.
    """
    at_us = microseconds(situation.at)
    for double in double_bookings_of(situation.snapshot, "customer", _everybodys(situation)):
        if double.first.customer_id == double.second.customer_id:
            yield double.as_finding()
            continue
        found = double.as_finding("introduced_double_booking")
        yield attrs.evolve(found, severity="warning") if double.overlap.end_us <= at_us else found


def booking_drafts(situation: MergeSituation) -> Iterator[Draft]:
    """Yield a step for each appointment of an absorbed customer, soonest first."""
    survivor = situation.survivor.id
    for row in situation.bookings():
        facts = Facts(id=row.id, absorbed_ids=(row.customer_id,), survivor_id=survivor)
        edit = Edit(row, attrs.evolve(row, customer_id=survivor))
        yield Draft("move_booking", Reason("names_absorbed", facts), (edit,))


def tolerated_overlaps(situation: MergeSituation) -> dict[str, set[str]]:
    """Return, for each booking, those that overlap it: they were there before, or somebody accepted them."""
    tolerated: dict[str, set[str]] = {}
    for first, second in overlapping_pairs(_everybodys(situation)):
        tolerated.setdefault(first.id, set()).add(second.id)
        tolerated.setdefault(second.id, set()).add(first.id)
    return tolerated


def _everybodys(situation: MergeSituation) -> list[Appointment]:
    table = situation.snapshot.appointments
    return [row for customer in situation.customers for row in table.where("customer_id", customer.id)]
