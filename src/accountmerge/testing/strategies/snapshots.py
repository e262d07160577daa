"""Strategies for whole snapshots without dangling references, but with most other kinds of trouble."""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import event
from hypothesis import strategies as st

from accountmerge.model.appointments import REBOOKED, Appointment
from accountmerge.model.snapshots import Completeness, Snapshot
from accountmerge.testing.strategies.entities import (
    access_requests,
    access_rows,
    appointments,
    customers,
    profiles,
    records,
)
from accountmerge.testing.strategies.scalars import few
from accountmerge.testing.strategies.times import PIVOT, instants


@st.composite
def snapshots(
    draw: st.DrawFn,
    *,
    max_appointments: int = 8,
    practitioners: int = 2,
    profile_count: int = 4,
    tidy: bool = False,
) -> Snapshot:
    """Draw a snapshot with double bookings, half-finished rebookings, shared addresses and the like.

    Args:
        draw: Given by hypothesis.
        max_appointments: The most appointments.
        practitioners: The most practitioners.
        profile_count: The most profiles.
        tidy: Whether to draw no broken links of rebookings, one active schedule a practitioner, and complete
            data read before `PIVOT`, as most migrations need.
    """
    practitioner_ids = tuple(f"H{number}" for number in range(draw(st.integers(1, practitioners))))
    profile_ids = tuple(f"P{number}" for number in range(draw(st.integers(1, profile_count))))
    customer_ids = tuple(f"C{number}" for number in range(draw(st.integers(1, 3))))
    rows = [draw(profiles(id, practitioner_ids)) for id in profile_ids]
    rows = _one_active(rows) if tidy else [_succeeded(draw, row, profile_ids) for row in rows]
    crowded = ("P0", "P0", *profile_ids) if tidy else profile_ids
    booked = [
        draw(appointments(f"A{number}", crowded, customer_ids))
        for number in range(draw(st.integers(0, max_appointments)))
    ]
    notes = [draw(records(f"R{n}", profile_ids, customer_ids)) for n in range(draw(st.integers(0, 2)))]
    return Snapshot(
        PIVOT if tidy else draw(instants()),
        profiles=draw(st.permutations(rows)),
        customers=[draw(customers(id, () if tidy else customer_ids)) for id in customer_ids],
        appointments=draw(st.permutations(_linked(draw, booked, tidy=tidy))),
        records=notes,
        access=[
            draw(access_rows(f"X{n}", profile_ids, customer_ids)) for n in range(draw(st.integers(0, 4)))
        ],
        access_requests=[
            draw(access_requests(f"Q{n}", profile_ids, customer_ids)) for n in range(draw(st.integers(0, 1)))
        ],
        complete_for=Completeness() if tidy else _completeness(draw, practitioner_ids, customer_ids),
    )


def _completeness(
    draw: st.DrawFn, practitioner_ids: tuple[str, ...], customer_ids: tuple[str, ...]
) -> Completeness:
    everybody: tuple[Any, ...] = ("*", "*", "*", ())
    return Completeness(
        practitioners=draw(few((*everybody, practitioner_ids[:1]))),
        customers=draw(few((*everybody, customer_ids[:1]))),
        addresses=draw(few((True, True, False))),
    )


def _one_active(rows: list[Any]) -> list[Any]:
    """Keep the first active schedule of every practitioner, and give each profile its own mailbox."""
    seen: set[str] = set()
    kept = []
    for number, row in enumerate(rows):
        second = row.schedule == "active" and row.practitioner_id in seen
        if row.schedule == "active":
            seen.add(row.practitioner_id)
        kept.append(
            attrs.evolve(row, email=f"p{number}@example.com", schedule="inactive" if second else row.schedule)
        )
    return kept


def _succeeded(draw: st.DrawFn, row: Any, profile_ids: tuple[str, ...]) -> Any:
    return attrs.evolve(row, succeeded_by=draw(few((None, None, None, *profile_ids))))


def _linked(draw: st.DrawFn, rows: list[Appointment], *, tidy: bool) -> list[Appointment]:
    """Make some appointments replace others, finished, and if not tidy also broken in every way."""
    linked = list(rows)
    for position in range(1, len(rows)):
        how = draw(few(("none", "none", "none", "none", "finished", "both_live", "one_way", "circle")))
        if how == "none" or (tidy and how != "finished"):
            continue
        event(f"rebooking: {how}")
        old, new = linked[position - 1], linked[position]
        new = attrs.evolve(new, customer_id=old.customer_id, slot=old.slot, replaces=old.id)
        if how == "finished":
            old = attrs.evolve(old, status="cancelled", cancel_reason=REBOOKED, replaced_by=new.id)
        elif how == "both_live":
            old = attrs.evolve(old, status="booked", replaced_by=new.id)
            new = attrs.evolve(new, status="booked")
        elif how == "circle":
            old = attrs.evolve(old, replaces=new.id)
        linked[position - 1 : position + 1] = [old, new]
    return linked
