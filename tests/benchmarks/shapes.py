"""Shapes of input that grow quadratically where pairs or links are followed one by one, each of any size."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import accountmerge as am

if TYPE_CHECKING:
    from collections.abc import Callable

TAKEN_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
_SOON = AT + timedelta(days=3)
_MINUTE = timedelta(minutes=1)


def _profile(id: str, schedule: str = "active", practitioner: str = "T") -> am.Profile:
    return am.Profile(
        id=id,
        practitioner_id=practitioner,
        email=am.model.EmailAddress(f"{id.lower()}@example.com"),
        login="enabled",
        schedule=schedule,  # type: ignore[arg-type]
    )


def _customer(id: str, **more: Any) -> am.Customer:
    return am.Customer(id=id, record_number=f"R-{id}", **{"status": "active", "emails": (), **more})


def booking(id: str, start: datetime, minutes: float = 50, **more: Any) -> am.Appointment:
    """Return a booking of the one customer in the one profile of a shape, unless told otherwise."""
    values: dict[str, Any] = {"profile_id": "P", "customer_id": "A", "status": "booked", **more}
    slot = am.TimeSlot(start, start + minutes * _MINUTE)
    return am.Appointment(id=id, slot=slot, time_zone="America/Toronto", modality="video", **values)


def _treating(*customer_ids: str) -> list[am.Access]:
    return [am.Access(id=f"X-{id}", profile_id="P", customer_id=id, level="treating") for id in customer_ids]


def _snapshot(customers: list[am.Customer], appointments: Any = (), **more: Any) -> am.Snapshot:
    collections: dict[str, Any] = {
        "profiles": [_profile("P")],
        "access": _treating(*(row.id for row in customers)),
        **more,
    }
    return am.Snapshot(TAKEN_AT, customers=customers, appointments=list(appointments), **collections)


def one_slot(n: int) -> am.Snapshot:
    """Return n bookings of one customer in one slot."""
    return _snapshot([_customer("A")], (booking(f"B{i:06}", _SOON) for i in range(n)))


def one_slot_each(n: int) -> am.Snapshot:
    """Return n bookings in one slot, each of another customer."""
    customers = [_customer(f"C{i:06}") for i in range(n)]
    return _snapshot(
        customers, (booking(f"B{i:06}", _SOON, customer_id=row.id) for i, row in enumerate(customers))
    )


def one_day(n: int) -> am.Snapshot:
    """Return n bookings of one day, one after the other, none of which overlap."""
    seconds = 80_000 / n
    return _snapshot(
        [_customer("A")],
        (booking(f"B{i:06}", _SOON + timedelta(seconds=i * seconds), seconds / 60) for i in range(n)),
    )


def crowded_day(n: int) -> am.Snapshot:
    """Return n bookings of one day, each of which overlaps many others."""
    return _snapshot(
        [_customer("A")], (booking(f"B{i:06}", _SOON + timedelta(seconds=i * 40_000 / n)) for i in range(n))
    )


def overlapping_row(n: int) -> am.Snapshot:
    """Return n bookings, each of which overlaps the next only."""
    return _snapshot([_customer("A")], (booking(f"B{i:06}", _SOON + i * 40 * _MINUTE) for i in range(n)))


def chain(n: int) -> am.Snapshot:
    """Return n live bookings, each in the place of the one before."""
    return _snapshot([_customer("A")], _chained(n, lambda i: _SOON + timedelta(hours=i)))


def chain_in_one_slot(n: int) -> am.Snapshot:
    """Return n live bookings of one slot, each in the place of the one before."""
    return _snapshot([_customer("A")], _chained(n, lambda _: _SOON))


def finished_chain(n: int) -> am.Snapshot:
    """Return a booking that was rebooked n times, of which the last alone is live."""
    rows = [
        booking(
            f"B{i:06}",
            _SOON,
            replaces=f"B{i - 1:06}" if i else None,
            replaced_by=f"B{i + 1:06}" if i < n - 1 else None,
            status="cancelled" if i < n - 1 else "booked",
            cancel_reason="rebooked" if i < n - 1 else None,
        )
        for i in range(n)
    ]
    return _snapshot([_customer("A")], rows)


def _chained(n: int, start: Callable[[int], datetime]) -> list[am.Appointment]:
    return [booking(f"B{i:06}", start(i), 30, replaces=f"B{i - 1:06}" if i else None) for i in range(n)]


def one_replaced_by_all(n: int) -> am.Snapshot:
    """Return a booking in whose place n others were booked."""
    rows = (booking(f"B{i:06}", _SOON + timedelta(hours=i), replaces="B") for i in range(n))
    return _snapshot([_customer("A")], [booking("B", _SOON - timedelta(hours=1), status="cancelled"), *rows])


def crowd(n: int) -> am.Snapshot:
    """Return n customers that have nothing but their names."""
    return _snapshot([_customer(f"C{i:06}", family_name="Roy") for i in range(n)])


def busy_crowd(n: int) -> am.Snapshot:
    """Return n customers, each with a booking in the same slot, an address and a record."""
    customers = [
        _customer(f"C{i:06}", family_name="Roy", emails=[am.CustomerEmail(f"c{i}@example.com", "secondary")])
        for i in range(n)
    ]
    rows = (booking(f"B{i:06}", _SOON, customer_id=row.id) for i, row in enumerate(customers))
    records = [am.Record(id=f"N{i:06}", kind="note", customer_id=row.id) for i, row in enumerate(customers)]
    return _snapshot(customers, rows, records=records)


def chain_of_merges(n: int) -> am.Snapshot:
    """Return n customers, each merged into the next."""
    last = n - 1
    customers = [
        _customer(
            f"C{i:06}",
            family_name="Roy",
            **({} if i == last else {"status": "disabled", "merged_into": f"C{i + 1:06}"}),
        )
        for i in range(n)
    ]
    rows = (booking(f"B{i:06}", _SOON + timedelta(hours=i), customer_id=f"C{i:06}") for i in range(n))
    return _snapshot(customers, rows)


def one_mailbox(n: int) -> am.Snapshot:
    """Return n customers that sign in with one mailbox."""
    emails = [am.CustomerEmail("same@example.com", "primary")]
    return _snapshot([_customer(f"C{i:06}", emails=emails, family_name="Roy") for i in range(n)])


def equal_records(n: int) -> am.Snapshot:
    """Return two customers with n records between them that are kept once per key, all with one key."""
    records = [
        am.Record(id=f"N{i:06}", kind="relation", customer_id="AB"[i % 2], related_customer_id="C")
        for i in range(n)
    ]
    return _snapshot([_customer("A"), _customer("B"), _customer("C")], records=records)


def two_crowded(n: int) -> am.Snapshot:
    """Return two customers with n bookings in one slot between them."""
    rows = (booking(f"B{i:06}", _SOON, customer_id="AB"[i % 2]) for i in range(n))
    return _snapshot([_customer("A"), _customer("B")], rows)


SHAPES: dict[str, Callable[[int], am.Snapshot]] = {
    make.__name__: make
    for make in (
        one_slot,
        one_slot_each,
        one_day,
        crowded_day,
        overlapping_row,
        chain,
        chain_in_one_slot,
        finished_chain,
        one_replaced_by_all,
        crowd,
        busy_crowd,
        chain_of_merges,
        one_mailbox,
        equal_records,
        two_crowded,
    )
}


def migration(snapshot: am.Snapshot) -> am.MigrationPlan:
    """Return the plan that moves the practitioner of a shape, with all that may be accepted accepted."""
    request = am.MigrationRequest(
        profile_id="P",
        new_email=am.model.EmailAddress("new@example.com"),
        reason="security",
        agreement=am.Agreement(by="Kim Example", at=TAKEN_AT - timedelta(days=5), version="1"),
        ticket="T-1",
    )
    planned = am.plan_migration(snapshot, request, at=AT)
    return am.plan_migration(snapshot, _accepting(request, planned), at=AT)


def merge(snapshot: am.Snapshot) -> am.MergePlan:
    """Return the plan that merges the customers of a shape into the last one, the same way."""
    *absorbed, survivor = sorted(row.id for row in snapshot.customers if row.id != "C")
    request = am.MergeRequest(survivor=survivor, absorbed=absorbed or ("A0",), actor="P")
    planned = am.plan_merge(snapshot, request, at=AT)
    return am.plan_merge(snapshot, _accepting(request, planned), at=AT)


def _accepting(request: Any, plan: Any) -> Any:
    import attrs

    accept = [
        am.Acceptance(finding=found.id, by="Kim Example", why="agreed")
        for found in plan.findings
        if found.is_acceptable
    ]
    return attrs.evolve(request, accept=accept)
