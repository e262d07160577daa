"""Faults made on purpose: each changes a snapshot so that it has one, by rows that are there as far as it can."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import attrs

import accountmerge as am

if TYPE_CHECKING:
    from collections.abc import Callable


def _profile(given: am.Snapshot, number: int) -> am.Profile:
    """Return a profile of the first practitioner; one that is made if there are too few."""
    nobody = am.Profile(
        id="made-p0", practitioner_id="H0", email="made0@example.com", login="enabled", schedule="active"
    )
    first = min(given.profiles, key=lambda row: row.id, default=nobody)
    own = [row for row in given.profiles.sorted() if row.practitioner_id == first.practitioner_id]
    made: dict[str, Any] = {
        "id": f"made-p{number}",
        "email": f"made{number}@example.com",
        "succeeded_by": None,
    }
    rows = own or [first]
    return rows[number] if number < len(rows) else attrs.evolve(first, **made)


def _customer(given: am.Snapshot, number: int) -> am.Customer:
    rows = given.customers.sorted()
    if number < len(rows):
        return rows[number]
    id = f"made-c{number}"
    return am.Customer(id=id, record_number=id, emails=(), status="active")


def _booking(given: am.Snapshot, id: str, customer: am.Customer, **fields: Any) -> am.Appointment:
    day = timedelta(days=30)
    values: dict[str, Any] = {
        "profile_id": _profile(given, 0).id,
        "customer_id": customer.id,
        "slot": am.TimeSlot(given.taken_at + day, given.taken_at + day + timedelta(hours=1)),
        "time_zone": "UTC",
        "modality": "video",
        "status": "booked",
    }
    return am.Appointment(id=id, **(values | fields))


def _with(given: am.Snapshot, *rows: Any) -> am.Snapshot:
    """Return a snapshot with some rows, and with the profiles and customers that those may name."""
    people = [_customer(given, n) for n in range(3) if _customer(given, n).id not in given.customers]
    profiles = [_profile(given, n) for n in range(2) if _profile(given, n).id not in given.profiles]
    return given.changed([*people, *profiles]).changed(rows)


def _merged(row: am.Customer, into: am.Customer, status: Any = "disabled") -> am.Customer:
    return attrs.evolve(row, merged_into=into.id, status=status)


def _circle(given: am.Snapshot) -> am.Snapshot:
    one, other = _customer(given, 0), _customer(given, 1)
    return _with(given, _merged(one, other), _merged(other, one))


def _itself(given: am.Snapshot) -> am.Snapshot:
    return _with(given, _merged(_customer(given, 0), _customer(given, 0)))


def _two_hops(given: am.Snapshot) -> am.Snapshot:
    rows = [_customer(given, n) for n in range(3)]
    last = attrs.evolve(rows[2], merged_into=None, status="active")
    return _with(given, _merged(rows[0], rows[1]), _merged(rows[1], rows[2]), last)


def _absorbed(**fields: Any) -> Callable[[am.Snapshot], am.Snapshot]:
    def make(given: am.Snapshot) -> am.Snapshot:
        row = attrs.evolve(_merged(_customer(given, 1), _customer(given, 0)), **fields)
        return _with(given, row)

    return make


def _absorbed_has(make: Callable[[am.Snapshot, am.Customer], Any]) -> Callable[[am.Snapshot], am.Snapshot]:
    def made(given: am.Snapshot) -> am.Snapshot:
        row = _merged(_customer(given, 1), _customer(given, 0))
        return _with(given, row, make(given, row))

    return made


def _two_active(given: am.Snapshot) -> am.Snapshot:
    rows = [attrs.evolve(_profile(given, n), schedule="active") for n in range(2)]
    return _with(given, *rows)


def _succession(given: am.Snapshot) -> am.Snapshot:
    one, other = _profile(given, 0), _profile(given, 1)
    return _with(given, attrs.evolve(one, succeeded_by=other.id), attrs.evolve(other, succeeded_by=one.id))


def _succeeds_itself(given: am.Snapshot) -> am.Snapshot:
    row = _profile(given, 1)
    return _with(given, attrs.evolve(row, succeeded_by=row.id))


def _in_closed_profile(given: am.Snapshot) -> am.Snapshot:
    closed = attrs.evolve(_profile(given, 1), schedule="inactive")
    booked = _booking(given, "made-a1", _customer(given, 0), profile_id=closed.id)
    return _with(given, closed, booked)


def _in_succeeded_profile(given: am.Snapshot) -> am.Snapshot:
    other = attrs.evolve(_profile(given, 1), succeeded_by=_profile(given, 0).id)
    booked = _booking(given, "made-a1", _customer(given, 0), profile_id=other.id)
    return _with(given, other, booked)


def _several_heirs(*numbers: int) -> Callable[[am.Snapshot], am.Snapshot]:
    """Let one cancelled booking have several replacements_of, of the customers that are named by their place."""

    def make(given: am.Snapshot) -> am.Snapshot:
        old = _booking(given, "made-a0", _customer(given, 0), status="cancelled", replaced_by="made-a1")
        replacements_of = [
            _booking(given, f"made-a{n}", _customer(given, number), replaces="made-a0")
            for n, number in enumerate(numbers, start=1)
        ]
        return _with(given, old, *replacements_of)

    return make


def _split_session(given: am.Snapshot) -> am.Snapshot:
    rows = [_booking(given, f"made-a{n}", _customer(given, n), session_id="made") for n in range(2)]
    later = attrs.evolve(rows[1], slot=am.TimeSlot(rows[1].slot.end, rows[1].slot.end + timedelta(hours=1)))
    return _with(given, rows[0], later)


def _moved_promise(hours: int, bookings: int) -> Callable[[am.Snapshot], am.Snapshot]:
    """Promise some bookings for another time than their own, as clocks in their zone show it."""

    def make(given: am.Snapshot) -> am.Snapshot:
        start = _booking(given, "made-a0", _customer(given, 0)).slot.start.replace(microsecond=0)
        shown = start.astimezone(ZoneInfo("Asia/Kathmandu")).replace(tzinfo=None)
        fields: dict[str, Any] = {
            "slot": am.TimeSlot(start, start + timedelta(hours=1)),
            "time_zone": "Asia/Kathmandu",
            "local_start": shown + timedelta(hours=hours),
            "session_id": "made",
        }
        rows = [_booking(given, f"made-a{n}", _customer(given, 0), **fields) for n in range(bookings)]
        return _with(given, *rows)

    return make


def _two_primaries(given: am.Snapshot) -> am.Snapshot:
    row = _customer(given, 0)
    emails = [am.CustomerEmail(f"made{n}@example.com", "primary") for n in range(2)]
    return _with(given, attrs.evolve(row, emails=(*row.emails, *emails)))


def _kept_for_two(given: am.Snapshot) -> am.Snapshot:
    one, other = _customer(given, 0), _customer(given, 1)
    former = am.CustomerEmail("made@example.com", "former")
    once = am.CustomerEmail("Made@Example.com", "secondary", other.id)
    return _with(
        given,
        attrs.evolve(one, emails=(*one.emails, former)),
        attrs.evolve(other, emails=(*other.emails, once)),
    )


def _one_number(given: am.Snapshot) -> am.Snapshot:
    rows = given.appointments.sorted()[:2]
    rows += [_booking(given, f"made-a{n}", _customer(given, 0)) for n in range(2 - len(rows))]
    return _with(given, *(attrs.evolve(row, number="APP-70070") for row in rows))


def _one_record_number(given: am.Snapshot) -> am.Snapshot:
    return _with(given, *(attrs.evolve(_customer(given, n), record_number="made") for n in range(2)))


def _anothers_former_number(given: am.Snapshot) -> am.Snapshot:
    one, other = (attrs.evolve(_customer(given, n), merged_into=None) for n in range(2))
    return _with(given, attrs.evolve(one, former_record_numbers=(other.record_number,)), other)


MADE_FAULTS: dict[str, tuple[str, Callable[[am.Snapshot], am.Snapshot]]] = {
    "merged in a circle": ("merged_in_circle", _circle),
    "merged into itself": ("merged_in_circle", _itself),
    "merged over two hops": ("merged_in_chain", _two_hops),
    "absorbed and active": ("absorbed_active", _absorbed(status="active")),
    "absorbed and signs in": (
        "absorbed_signs_in",
        _absorbed(emails=[am.CustomerEmail("made@example.com", "primary")]),
    ),
    "absorbed with a phone": ("absorbed_not_empty", _absorbed(phones=("1",))),
    "absorbed with a contact address": (
        "absorbed_not_empty",
        _absorbed(emails=[am.CustomerEmail("made@example.com", "secondary")]),
    ),
    "absorbed with a booking": (
        "absorbed_not_empty",
        _absorbed_has(lambda given, row: _booking(given, "made-a1", row)),
    ),
    "absorbed with a record": (
        "absorbed_not_empty",
        _absorbed_has(lambda _, row: am.Record(id="made-r1", kind="note", customer_id=row.id)),
    ),
    "absorbed with a relation of another": (
        "absorbed_not_empty",
        _absorbed_has(
            lambda given, row: am.Record(
                id="made-r1",
                kind="relation",
                customer_id=_customer(given, 2).id,
                related_customer_id=row.id,
            )
        ),
    ),
    "absorbed with access": (
        "absorbed_not_empty",
        _absorbed_has(
            lambda given, row: am.Access(
                id="made-x1", profile_id=_profile(given, 1).id, customer_id=row.id, level="viewing"
            )
        ),
    ),
    "absorbed with a pending request": (
        "absorbed_not_empty",
        _absorbed_has(
            lambda given, row: am.AccessRequest(
                id="made-q1",
                profile_id=_profile(given, 1).id,
                customer_id=row.id,
                requested_at=given.taken_at,
                expires_at=given.taken_at + timedelta(days=1),
                status="pending",
            )
        ),
    ),
    "two active schedules": ("several_active_schedules", _two_active),
    "profiles that succeed one another": ("succession_circle", _succession),
    "a profile that succeeds itself": ("succession_circle", _succeeds_itself),
    "booked in a closed profile": ("booking_in_closed_profile", _in_closed_profile),
    "booked in a succeeded profile": ("booking_in_closed_profile", _in_succeeded_profile),
    "replacements_of of two customers": ("several_replacements", _several_heirs(0, 1)),
    "replacements_of of one customer": ("several_replacements", _several_heirs(0, 0)),
    "a session at two times": ("session_split", _split_session),
    "a promise of an hour later": ("promised_time_moved", _moved_promise(1, 1)),
    "many promises of a day earlier": ("promised_time_moved", _moved_promise(-24, 30)),
    "two primary emails": ("several_primary_emails", _two_primaries),
    "a mailbox kept for two": ("email_claimed_twice", _kept_for_two),
    "a number twice": ("appointment_number_twice", _one_number),
    "a record number twice": ("record_number_twice", _one_record_number),
    "another's former record number": ("record_number_twice", _anothers_former_number),
}
"""By what is made, the code that `find_faults` has to name it by, and what makes it."""
