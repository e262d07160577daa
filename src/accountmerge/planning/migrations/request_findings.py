"""What is wrong with a migration request, before anybody looks at a booking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.findings.finding import Finding
from accountmerge.model.instants import rfc3339
from accountmerge.planning.migrations.situation import rebooked_into
from accountmerge.rules.migration_requests import MIGRATION_REASONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pendulum

    from accountmerge.model.profiles import Profile
    from accountmerge.model.snapshots import Snapshot
    from accountmerge.planning.migrations.situation import Situation
    from accountmerge.rules.migration_requests import MigrationRequest


def request_findings(
    snapshot: Snapshot, request: MigrationRequest, at: pendulum.DateTime
) -> Iterator[Finding]:
    """Yield what is wrong with a request, so far as it can be told without its profile."""
    about = request.profile_id
    if about not in snapshot.profiles:
        yield Finding.of("unknown_profile", (about,), profile_id=about)
    if at < snapshot.taken_at:
        yield Finding.of("at_before_snapshot", (), at=rfc3339(at), taken_at=rfc3339(snapshot.taken_at))
    if request.reason not in MIGRATION_REASONS:
        yield Finding.of("reason_unknown", (about,), profile_id=about, reasons=MIGRATION_REASONS)
    if not request.ticket.strip():
        yield Finding.of("ticket_missing", (about,), profile_id=about)
    if not request.new_email.is_valid:
        yield Finding.of("email_invalid", (about,), kind="profile", id=about)
    yield from _agreement_findings(request, at)


def _agreement_findings(request: MigrationRequest, at: pendulum.DateTime) -> Iterator[Finding]:
    about, agreement = request.profile_id, request.agreement
    if agreement is None or not (agreement.by.strip() and agreement.version.strip()):
        yield Finding.of("agreement_missing", (about,), profile_id=about)
    elif agreement.at > at:
        facts = {"agreed_at": rfc3339(agreement.at), "at": rfc3339(at)}
        yield Finding.of("agreement_after_at", (about,), profile_id=about, **facts)


def address_findings(situation: Situation) -> Iterator[Finding]:
    """Yield what stands against the new address."""
    snapshot, old, mailbox = situation.snapshot, situation.old, situation.request.new_email.mailbox
    holders = sorted(row.id for row in snapshot.profiles.where("mailbox", mailbox) if row.id != old.id)
    successor = situation.successor
    if mailbox == old.mailbox and not holders:
        yield Finding.of("email_same", (old.id,), profile_id=old.id)
    elif mailbox == old.mailbox or (successor is not None and len(holders) > 1):
        # To ask for another address would help nobody: a move to one of them is under way.
        yield _shared((old.id, *holders) if mailbox == old.mailbox else holders)
    elif successor is None:
        for holder_id in holders:
            yield Finding.of("email_in_use", (old.id, holder_id), profile_id=old.id, holder_id=holder_id)
    taken = snapshot.profiles.get(situation.new.id) if successor is None else None
    if taken is not None and taken.practitioner_id != old.practitioner_id:
        yield Finding.of("derived_id_taken", (taken.id,), entity="profile", id=taken.id)
    customers = sorted({customer.id for customer in snapshot.customers.where("mailboxes", mailbox)})
    if customers:
        yield Finding.of(
            "email_shared_name_space", (old.id, *customers), profile_id=old.id, customer_ids=tuple(customers)
        )
    if not snapshot.complete_for.addresses:
        yield Finding.of("addresses_not_whole", (old.id,), kind="profile", id=old.id)


def number_findings(situation: Situation) -> Iterator[Finding]:
    """Yield what is wrong with the appointment numbers that were given ahead."""
    numbers = situation.request.numbers
    if not numbers:
        return
    moving = {booking.id: situation.new_id(booking) for booking in situation.moving}
    holders: dict[str, set[str]] = {}
    for row_number, rows in situation.snapshot.appointments.groups("number").items():
        holders[row_number] = {row.id for row in rows}
    for id, number in numbers:
        holders.setdefault(number, set()).add(moving.get(id, id))
    for id, number in numbers:
        if not number.strip():
            yield Finding.of("number_invalid", (id,), appointment_id=id)
        if not (id in moving or _was_rebooked(situation, id)) or _is_late(situation, id, number):
            yield Finding.of("number_unused", (id,), appointment_id=id)
        for holder in sorted(holders[number] - {moving.get(id)}) if id in moving else ():
            yield Finding.of("number_in_use", (id, holder), appointment_id=id, holder_id=holder)


def _is_late(situation: Situation, id: str, number: str) -> bool:
    """Tell whether the booking that a number was meant for exists already, under another number."""
    booking = next((row for row in situation.moving if row.id == id), None)
    other = situation.half_done(booking) if booking else None
    return other is not None and other.number != number


def _was_rebooked(situation: Situation, id: str) -> bool:
    row = situation.snapshot.appointments.get(id)
    return row is not None and row.profile_id == situation.old.id and row.replaced_by is not None


def under_way_findings(situation: Situation) -> Iterator[Finding]:
    """Yield a finding if this practitioner is on the way to another new profile than the one asked for.

    There is one profile that a move leads to: what has the id of the new one is in its way, and other profiles
    that wait are only told.
    """
    snapshot, old, successor = situation.snapshot, situation.old, situation.successor
    others = [row for row in _led_to(situation) if successor is None or row.id != successor.id]
    blocking = {row.id for row in others if successor is None and row.id == situation.new.id}
    if others and others[0] == next(iter(_led_to(situation)), None):
        blocking.add(others[0].id)
    for id in sorted(blocking):
        holders = [row.id for row in snapshot.profiles.where("mailbox", snapshot.profiles[id].mailbox)]
        facts = {"profile_id": old.id, "successor_id": id}
        under_way = Finding.of("migration_under_way", (old.id, id), **facts)
        yield under_way if holders == [id] else _shared(holders)
    for other in snapshot.profiles.where("practitioner_id", old.practitioner_id):
        if other.schedule == "pending" and other.id not in (*blocking, situation.new.id, old.id):
            yield Finding.of(
                "other_pending_profile", (old.id, other.id), profile_id=old.id, other_id=other.id
            )


def _shared(ids: Iterable[str]) -> Finding:
    """Return the finding that profiles share one mailbox, so that no address names one of them alone."""
    holder_ids = tuple(sorted(ids))
    return Finding.of("email_claimed_twice", holder_ids, "blocker", kind="profile", holder_ids=holder_ids)


def _led_to(situation: Situation) -> list[Profile]:
    """Return the practitioner's profiles that a move from the old one led to, the one that counts first.

    That is the successor that the old one names, then those that its bookings were rebooked into, the most first,
    then the one that was opened for this very ticket.
    """
    snapshot, old = situation.snapshot, situation.old
    rebooked = rebooked_into(snapshot, old)
    ids = dict.fromkeys((old.succeeded_by, *rebooked, situation.planned_id))
    rows = [snapshot.profiles.get(id) for id in ids if id is not None and id != old.id]
    own = [row for row in rows if row is not None and row.practitioner_id == old.practitioner_id]
    return [row for row in own if row.schedule == "pending" or row.id in (old.succeeded_by, situation.new.id)]
