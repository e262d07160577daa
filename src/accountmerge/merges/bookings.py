"""The appointments that a merge moves to the survivor, and the overlaps that it finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs

from accountmerge.changes.edits import Edit
from accountmerge.changes.guards import Guard, Tolerated
from accountmerge.changes.steps import Reason
from accountmerge.findings.double_bookings import (
    BookingCluster,
    DoubleBooking,
    double_bookings_of,
    few_pairs,
    unfinished_groups,
)
from accountmerge.findings.faults import unfinished_finding
from accountmerge.findings.finding import Finding
from accountmerge.findings.vocabulary import Severity
from accountmerge.merges.situation import MergeSituation
from accountmerge.messages import Facts
from accountmerge.model.appointments import Appointment
from accountmerge.model.entities import EntityName
from accountmerge.model.instants import microseconds, rfc3339
from accountmerge.model.overlaps import overlapping_live_pairs, overlapping_runs
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import BookingRoots, Persons, merged_below, of_one_person
from accountmerge.model.values import Value, value_class
from accountmerge.plans.verdicts import Draft


@value_class(eq=False, repr=False)
class Overlaps(Value):
    """The bookings of a merge that overlap.

    Attributes:
        findings: The findings about them.
        tolerated: The ids of the bookings that may overlap a booking, by booking, or the id of a cluster's finding.
        clusters: The ids of the bookings of each cluster, by the id of its finding.
    """

    findings: tuple[Finding, ...]
    tolerated: Mapping[tuple[EntityName, str], set[str]]
    clusters: Mapping[str, tuple[str, ...]]


def read_overlaps(situation: MergeSituation) -> Overlaps:
    """Return the overlaps that the merge causes, and those that were there before.

    A booking of a customer absorbed before counts for that customer's survivor, so two bookings of one person
    overlapped before the merge. Overlaps that ended before the instant of the plan only warn, because no change can
    remove them.
    """
    at_us, snapshot = microseconds(situation.at), situation.snapshot
    now = Persons(snapshot.customers)
    roots = BookingRoots(snapshot.appointments, now)
    findings: list[Finding] = []
    tolerated: dict[tuple[EntityName, str], set[str]] = {}
    clusters: dict[str, tuple[str, ...]] = {}
    for run in overlapping_runs(row for row in _everybodys(situation) if row.is_live):
        pairs = few_pairs(overlapping_live_pairs(run))
        if pairs is None:
            cluster = BookingCluster.of("customer", run, roots)
            finding = _cluster_finding(cluster, now, roots, at_us)
            findings.append(finding)
            clusters[finding.id] = cluster.ids
            tolerated.update((("appointment", row.id), {finding.id}) for row in run)
            continue
        for first, second in pairs:
            tolerated.setdefault(("appointment", first.id), set()).add(second.id)
            tolerated.setdefault(("appointment", second.id), set()).add(first.id)
        doubles = double_bookings_of(snapshot, "customer", run, roots)
        findings += (_double_finding(snapshot, now, double, at_us) for double in doubles)
    return Overlaps(tuple(findings), tolerated, clusters)


def booking_findings(situation: MergeSituation, overlaps: Overlaps) -> Iterator[Finding]:
    """Yield the findings about the bookings of a merge."""
    yield from _joined(situation, Persons(situation.snapshot.customers), microseconds(situation.at))
    yield from overlaps.findings


def _double_finding(snapshot: Snapshot, now: Persons, double: DoubleBooking, at_us: int) -> Finding:
    if of_one_person(now, double.first, double.second):
        return double.as_finding(snapshot)
    introduced = double.as_finding(snapshot, "introduced_double_booking")
    return attrs.evolve(introduced, severity="warning") if double.overlap.end_us <= at_us else introduced


def _cluster_finding(cluster: BookingCluster, now: Persons, roots: BookingRoots, at_us: int) -> Finding:
    """Return the finding of a cluster, an introduced one if the merge joins bookings of several persons."""
    if len({now.of(row.customer_id) for row in cluster.members}) > 1:
        # Two bookings overlap after an instant only if both of them end after it.
        current = overlapping_runs(row for row in cluster.members if row.slot.end_us > at_us)
        blocks = any(len({now.of(row.customer_id) for row in run}) > 1 for run in current)
        return cluster.as_finding("introduced_double_booking", "blocker" if blocks else "warning")
    is_one = len({roots.booking(row) for row in cluster.members}) == 1
    return cluster.as_finding("unfinished_rebooking" if is_one else None)


def _joined(situation: MergeSituation, now: Persons, at_us: int) -> Iterator[Finding]:
    """Yield a finding for live bookings of two customers that become halves of one rebooking.

    Pairs that overlap are left out because they have a finding as double bookings.
    """
    snapshot = situation.snapshot
    planned = Persons(snapshot.customers, dict.fromkeys(situation.absorbed_ids, situation.survivor.id))
    rows = {row.id: row for row in _everybodys(situation)}
    for halves in unfinished_groups(snapshot, rows.values(), planned):
        if isinstance(halves, BookingCluster):
            if len({now.of(row.customer_id) for row in halves.members}) > 1:
                yield unfinished_finding(halves, _severity(halves.members, at_us))
        elif not of_one_person(now, *halves) and not halves[0].slot.overlaps(halves[1].slot):
            yield unfinished_finding(halves, _severity(halves, at_us))


def _severity(rows: Iterable[Appointment], at_us: int) -> Severity:
    return "warning" if max(row.slot.end_us for row in rows) <= at_us else "blocker"


def booking_drafts(situation: MergeSituation) -> Iterator[Draft]:
    """Yield a step for each appointment of an absorbed customer, soonest first.

    Overlapping bookings of one customer move in one step. Otherwise their overlap would look like one that the merge
    causes.
    """
    survivor = situation.survivor.id
    for rows in _entangled(situation.bookings()):
        facts = Facts(id=rows[0].id, absorbed_ids=(rows[0].customer_id,), survivor_id=survivor)
        edits = tuple(Edit(row, attrs.evolve(row, customer_id=survivor)) for row in rows)
        yield Draft("move_booking", Reason("names_absorbed", facts), edits)


def _entangled(rows: list[Appointment]) -> list[list[Appointment]]:
    """Return appointments in groups, with connected overlapping live bookings of a customer together."""
    by_customer: dict[str, list[Appointment]] = {}
    for row in rows:
        if row.is_live:
            by_customer.setdefault(row.customer_id, []).append(row)
    unique = [run for live in by_customer.values() for run in overlapping_runs(live)]
    together = {row.id for run in unique for row in run}
    unique += [[row] for row in rows if row.id not in together]
    ordered = [sorted(group, key=lambda row: row.order) for group in unique]
    return sorted(ordered, key=lambda group: group[0].order)


def follower_guards(situation: MergeSituation, customer_id: str, tolerated: Tolerated) -> Iterator[Guard]:
    """Yield the guards for a customer, absorbed before, that gets a new survivor.

    The bookings of the customer, and of those merged into it, count for the new survivor from then on. So they may have
    no other bookings, and the survivor no other booking at the same time.
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
    """Return the appointments of all persons of the merge, with those of customers absorbed before."""
    table = situation.snapshot.appointments
    return [row for id in situation.persons for row in table.where("customer_id", id)]
