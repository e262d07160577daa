"""Bookings of a merge: every appointment goes to the survivor, and no overlap comes about unseen.

Source: design section 3.2, rules 1 and 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.changes.edits import Edit
from accountmerge.changes.guards import Guard
from accountmerge.changes.steps import Reason
from accountmerge.findings.double_bookings import double_bookings_of, unfinished_among
from accountmerge.findings.finding import Finding
from accountmerge.messages import Facts
from accountmerge.model.instants import microseconds, rfc3339
from accountmerge.model.overlaps import overlapping_pairs
from accountmerge.model.rebookings import of_one_person
from accountmerge.model.successions import Persons, merged_below
from accountmerge.planning.drafts import Draft

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.changes.guards import Tolerated
    from accountmerge.findings.vocabulary import Severity
    from accountmerge.model.appointments import Appointment
    from accountmerge.model.entities import EntityName
    from accountmerge.planning.merges.situation import MergeSituation


def booking_findings(situation: MergeSituation) -> Iterator[Finding]:
    """Yield the double bookings that the merge brings about, and those that were there before.

    A booking of a customer that was absorbed before counts for the customer's survivor: two bookings of one person
    overlapped before the merge, whatever customers they name. What ended before the instant of the plan only warns: nothing can be done about it any more.
    """
    at_us = microseconds(situation.at)
    now = Persons(situation.snapshot.customers)
    yield from _joined(situation, now, at_us)
    for double in double_bookings_of(situation.snapshot, "customer", _everybodys(situation), now):
        if of_one_person(now, double.first, double.second):
            yield double.as_finding()
            continue
        found = double.as_finding("introduced_double_booking")
        yield attrs.evolve(found, severity="warning") if double.overlap.end_us <= at_us else found


def _joined(situation: MergeSituation, now: Persons, at_us: int) -> Iterator[Finding]:
    """Yield each pair of live bookings of two customers that the merge makes two halves of one rebooking.

    Those that overlap are double bookings already.
    """
    snapshot = situation.snapshot
    planned = Persons(snapshot.customers, dict.fromkeys(situation.absorbed_ids, situation.survivor.id))
    for first, second in unfinished_among(snapshot, _everybodys(situation), planned):
        if not of_one_person(now, first, second) and not first.slot.overlaps(second.slot):
            ids = (first.id, second.id)
            over = max(first.slot.end_us, second.slot.end_us) <= at_us
            severity: Severity = "warning" if over else "blocker"
            yield Finding.of("unfinished_rebooking", ids, severity, first_id=ids[0], second_id=ids[1])


def booking_drafts(situation: MergeSituation) -> Iterator[Draft]:
    """Yield a step for each appointment of an absorbed customer, soonest first.

    Bookings of one customer that overlap go in one step: if only one of them had moved, the overlap would
    look like one that the merge brings about.
    """
    survivor = situation.survivor.id
    for rows in _entangled(situation.bookings()):
        facts = Facts(id=rows[0].id, absorbed_ids=(rows[0].customer_id,), survivor_id=survivor)
        edits = tuple(Edit(row, attrs.evolve(row, customer_id=survivor)) for row in rows)
        yield Draft("move_booking", Reason("names_absorbed", facts), edits)


def _entangled(rows: list[Appointment]) -> list[list[Appointment]]:
    """Return appointments in groups, the live ones of a customer that overlap (also by way of others) together."""
    groups = {row.id: [row] for row in rows}
    for first, second in overlapping_pairs(rows):
        one, other = groups[first.id], groups[second.id]
        if first.customer_id == second.customer_id and one is not other:
            small, large = sorted((one, other), key=len)
            large += small
            groups.update((row.id, large) for row in small)
    unique = {id(group): group for group in groups.values()}.values()
    ordered = [sorted(group, key=lambda row: row.order) for group in unique]
    return sorted(ordered, key=lambda group: group[0].order)


def tolerated_overlaps(situation: MergeSituation) -> dict[tuple[EntityName, str], set[str]]:
    """Return, for each booking, those that overlap it: they were there before, or somebody accepted them."""
    tolerated: dict[tuple[EntityName, str], set[str]] = {}
    for first, second in overlapping_pairs(_everybodys(situation)):
        tolerated.setdefault(("appointment", first.id), set()).add(second.id)
        tolerated.setdefault(("appointment", second.id), set()).add(first.id)
    return tolerated


def follower_guards(situation: MergeSituation, customer_id: str, tolerated: Tolerated) -> Iterator[Guard]:
    """Yield the guards that let a customer follow the one it was merged into before to the survivor.

    What is booked for the customer, and for those that were merged into it, counts for the survivor from then on. So
    nothing else may be booked for them, and the survivor may have no other booking at the same time.
    """
    table, at_us = situation.snapshot.appointments, microseconds(situation.at)
    for id in merged_below(situation.snapshot.customers, customer_id):
        rows = table.where("customer_id", id)
        facts = Facts(customer_id=id, only="appointment")
        yield Guard("no_other_reference", facts, tuple(sorted(row.id for row in rows)))
        for row in sorted(rows, key=lambda row: row.order):
            if row.is_live and row.slot.end_us > at_us:
                start, end = rfc3339(row.slot.start_us), rfc3339(row.slot.end_us)
                others = {row.id, *tolerated.get(("appointment", row.id), ())}
                facts = Facts(customer_id=situation.survivor.id, start=start, end=end)
                yield Guard("slot_free", facts, tuple(sorted(others)))


def _everybodys(situation: MergeSituation) -> list[Appointment]:
    """Return the appointments of all persons of the merge, those of customers that were absorbed before included."""
    table = situation.snapshot.appointments
    return [row for id in situation.persons for row in table.where("customer_id", id)]
