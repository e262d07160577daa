"""The steps of a merge, in their safe order, each with its edits and guards.

E-mails move in one step, then fields, records, appointments and access move to the survivor, then customers absorbed
earlier get it as their survivor. In one last step the survivor gains the record numbers and all absorbed customers
retire.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from accountmerge.changes.edits import Edit
from accountmerge.changes.guards import Guard, Tolerated, leaving_by_customer, no_reference_guard, read_guard
from accountmerge.changes.steps import Reason, Step
from accountmerge.merges.access import MergedAccess, access_drafts, request_drafts
from accountmerge.merges.bookings import Overlaps, booking_drafts, follower_guards
from accountmerge.merges.emails import MergedEmails, claimed_elsewhere, email_drafts
from accountmerge.merges.fields import MergedFields, field_drafts
from accountmerge.merges.records import MergedRecords, record_drafts
from accountmerge.merges.situation import MergeSituation
from accountmerge.messages import Facts
from accountmerge.model.customers import Customer
from accountmerge.model.json_text import EMPTY_OBJECT
from accountmerge.model.values import Value, value_class
from accountmerge.plans.verdicts import Draft, steps_from


@value_class(eq=False, repr=False)
class Decided(Value):
    """The decisions about the parts of a merge.

    Attributes:
        emails: The e-mails.
        fields: The fields of the survivor.
        records: The records.
        access: The access of each profile.
    """

    emails: MergedEmails
    fields: MergedFields
    records: MergedRecords
    access: tuple[MergedAccess, ...]


def merge_steps(situation: MergeSituation, decided: Decided, overlaps: Overlaps) -> tuple[Step, ...]:
    """Return the steps that are left of a merge, in their safe order."""
    survivor, merged = attrs.evolve(situation.survivor, emails=decided.emails.emails), decided.fields.survivor
    # The record numbers of absorbed customers come last: until the merge, they are those of another person.
    unnumbered = attrs.evolve(merged, former_record_numbers=survivor.former_record_numbers)
    now = {customer.id: attrs.evolve(customer, emails=()) for customer in situation.absorbed}
    now[unnumbered.id] = unnumbered
    tolerated = dict(overlaps.tolerated)
    drafts = [
        *email_drafts(situation, decided.emails),
        *field_drafts(situation, survivor, unnumbered),
        *record_drafts(situation, decided.records),
        *booking_drafts(situation),
        *access_drafts(decided.access),
        *request_drafts(situation),
        *_repoint(situation, now, tolerated),
        *_retire(situation, decided.access, now, merged),
    ]
    if decided.emails.primary is not None:
        tolerated["customer", situation.survivor.id] = set(
            claimed_elsewhere(situation, decided.emails.primary)
        )
    return steps_from(_guarded(situation, drafts), at=situation.at, tolerated=tolerated)


def _repoint(situation: MergeSituation, now: dict[str, Customer], tolerated: Tolerated) -> Iterator[Draft]:
    """Yield a step for each customer that an absorbed one had absorbed before.

    The step also moves the record numbers that the absorbed one has from that customer, because otherwise two persons
    would have them until the absorbed one retires. `now` has the present customers, and each step updates it.
    """
    table, survivor = situation.snapshot.customers, situation.survivor.id
    rows = {row.id: row for id in situation.absorbed_ids for row in table.where("merged_into", id)}
    for id in sorted(rows.keys() - set(situation.absorbed_ids)):
        row, edits = rows[id], []
        kept, absorber = now[survivor], now[str(row.merged_into)]
        moved = {row.record_number, *row.former_record_numbers} & set(absorber.former_record_numbers)
        if moved:
            gained = {*kept.former_record_numbers, *(moved - {kept.record_number})}
            left = set(absorber.former_record_numbers) - moved
            for before, numbers in ((kept, gained), (absorber, left)):
                now[before.id] = attrs.evolve(before, former_record_numbers=numbers)
                edits += [Edit(before, now[before.id])] if now[before.id] != before else []
        edits.append(Edit(row, attrs.evolve(row, merged_into=survivor)))
        facts = Facts(customer_id=id, survivor_id=survivor)
        guards = tuple(follower_guards(situation, id, tolerated))
        yield Draft("repoint_absorbed", Reason("absorbed_before", facts), tuple(edits), guards)


def _retire(
    situation: MergeSituation,
    access: tuple[MergedAccess, ...],
    now: dict[str, Customer],
    merged: Customer,
) -> Iterator[Draft]:
    """Yield the last step, which disables and empties the absorbed customers and removes their access.

    The survivor gains their record numbers in the same step, so that two persons never have the same number.
    """
    survivor = situation.survivor.id
    edits = [Edit(now[survivor], merged)] if now[survivor] != merged else []
    for customer in situation.absorbed:
        before = now[customer.id]
        merged_at = customer.merged_at if situation.was_absorbed(customer) else situation.at
        after = attrs.evolve(_retired(before, survivor), merged_at=merged_at)
        if before != after:
            edits.append(Edit(before, after))
    edits += [Edit(row, None) for gone in access for row in gone.gone]
    if edits:
        facts = Facts(survivor_id=survivor, absorbed_ids=situation.absorbed_ids)
        yield Draft("retire_customers", Reason("merged", facts), tuple(edits))


def _retired(customer: Customer, survivor: str) -> Customer:
    """Return an absorbed customer, emptied except for the id, the record number and the names."""
    return attrs.evolve(
        customer,
        status="disabled",
        merged_into=survivor,
        phones=(),
        birth_date=None,
        address=None,
        opt_outs=(),
        attributes=EMPTY_OBJECT,
        former_record_numbers=(),
    )


def _guarded(situation: MergeSituation, drafts: list[Draft]) -> list[Draft]:
    """Return the drafts with guards on rows that are only read, at the first and the last draft.

    Those of the first stop a merge that cannot finish; those of the last apply until the end.
    """
    if not drafts:
        return []
    edited = {edit.key for draft in drafts for edit in draft.edits}
    guards = (
        *_access_guards(situation),
        *(read_guard(row) for row in situation.customers if ("customer", row.id) not in edited),
    )
    last = len(drafts) - 1
    for place in {0, last}:
        extra = (*guards, *_emptied_guards(situation, drafts[last])) if place == last else guards
        drafts[place] = attrs.evolve(drafts[place], read_guards=(*drafts[place].read_guards, *extra))
    return drafts


def _emptied_guards(situation: MergeSituation, last: Draft) -> Iterator[Guard]:
    """Yield guards against later data on customers absorbed before; others get theirs when they retire."""
    leaving = leaving_by_customer(last.edits)
    for customer in situation.absorbed:
        if situation.was_absorbed(customer):
            yield no_reference_guard(customer.id, leaving)


def _access_guards(situation: MergeSituation) -> Iterator[Guard]:
    """Yield the guards that the actor still treats all merged customers and may sign in.

    There are none if the rules say `authorised`.
    """
    actor = situation.request.actor
    if actor is None or situation.rules.actor == "authorised":
        return
    for customer in situation.customers:
        if not situation.was_absorbed(customer):
            facts = Facts(profile_id=actor, customer_id=customer.id, level="treating", login="enabled")
            yield Guard("access_holds", facts)
