"""`plan_merge` and `plan_merges` against making and writing what they return, and against a small snapshot."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import accountmerge as am
from accountmerge.model.instants import microseconds
from fixed_peer import peer_of
from migration_speed import APPLY, CHECK
from practices import AT, practice, snapshot_of
from timing import Line, best_in_turns, shown, slope

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_ACTOR = "profile-mover"
_HOUR = 3_600_000_000  # microseconds
_KINDS = ("note", "file", "programme")


def merging(names: Sequence[str], *, records: int, bookings: int, number: int = 0) -> dict[str, Any]:
    """Return what customers have who are one person: the same number of records and bookings for each.

    Args:
        names: Their ids; the first one has the login.
        records: How many records each of them has.
        bookings: How many bookings each of them has; nobody is in two places at once.
        number: Which person it is, so that all ids differ.
    """
    start = microseconds(AT + timedelta(days=400 + number))
    found: dict[str, Any] = {"customers": [], "records": [], "appointments": [], "access": []}
    for place, name in enumerate(names):
        emails = [am.CustomerEmail(f"{name}@example.com", "secondary" if place else "primary")]
        found["customers"].append(am.Customer(id=name, record_number=name, emails=emails, status="active"))
        found["access"].append(
            am.Access(id=f"access-{name}", profile_id=_ACTOR, customer_id=name, level="treating")
        )
        found["records"] += [
            am.Record(id=f"{name}-record-{n}", kind=_KINDS[n % 3], customer_id=name, unique_key=f"{name}-{n}")
            for n in range(records)
        ]
        found["appointments"] += [
            am.Appointment(
                id=f"{name}-booking-{n}",
                profile_id=_ACTOR,
                customer_id=name,
                slot=am.TimeSlot.from_microseconds(
                    start + (len(names) * n + place) * _HOUR, start + (len(names) * n + place + 1) * _HOUR
                ),
                time_zone="Australia/Sydney",
                modality="video",
                status="booked",
            )
            for n in range(bookings)
        ]
    return found


def together(*collections: dict[str, Any]) -> am.Snapshot:
    """Return a snapshot of several parts of a practice."""
    whole = practice(moving=1)
    for part in collections:
        for name, rows in part.items():
            whole[name] = [*whole[name], *rows]
    return snapshot_of(whole)


def merged(snapshot: am.Snapshot, survivor: str, *absorbed: str) -> am.ChangeSet:
    """Plan a merge that is ready."""
    request = am.MergeRequest(survivor=survivor, absorbed=absorbed, actor=_ACTOR)
    plan = am.plan_merge(snapshot, request, at=AT)
    assert plan.is_ready
    return plan.change_set


def merge_lines(*, records: int, bookings: int, repeats: int) -> Iterator[Line]:
    """Measure the merge of two customers with many records each."""
    snapshot = together(merging(("one", "two"), records=records, bookings=bookings))
    change_set = merged(snapshot, "one", "two")  # and the snapshot is indexed
    confirmed = change_set.confirm(by="Kim", at=AT)
    peer = peer_of(change_set)
    plan, made, check, apply = best_in_turns(
        lambda: merged(snapshot, "one", "two"),
        peer,
        lambda: am.check(snapshot, confirmed),
        lambda: am.apply(snapshot, confirmed),
        repeats=repeats,
    )
    size = f"{records:,} records and {bookings:,} bookings each"
    yield Line(
        "merging to the fixed peer",
        plan / made,
        1.5,
        f"{shown(plan)} to {shown(made)}, {size}",
    )
    yield Line(
        "check of a merge to the fixed peer", check / made, CHECK, f"{shown(check)} to {shown(made)}, {size}"
    )
    yield Line(
        "apply of a merge to the fixed peer", apply / made, APPLY, f"{shown(apply)} to {shown(made)}, {size}"
    )


def merge_slope_lines(*, sizes: Sequence[int], repeats: int) -> Iterator[Line]:
    """Measure how planning a merge grows with the records."""
    times = []
    for size in sizes:
        snapshot = together(merging(("one", "two"), records=size, bookings=size // 10))
        merged(snapshot, "one", "two")
        times += best_in_turns(lambda snapshot=snapshot: merged(snapshot, "one", "two"), repeats=repeats)
    figures = ", ".join(f"{size:,}: {shown(taken)}" for size, taken in zip(sizes, times, strict=True))
    yield Line("merging, log-log slope over the records", slope(sizes, times), 1.1, figures, sign="")


def batch_lines(*, clusters: int, small: int, large: int, repeats: int) -> Iterator[Line]:
    """Measure many merges at once in a small and in a large snapshot."""
    named = [tuple(f"person-{n}-{letter}" for letter in "abcd") for n in range(clusters)]
    people = [merging(names, records=5, bookings=2, number=n) for n, names in enumerate(named)]
    requests = [am.MergeRequest(survivor=first, absorbed=others, actor=_ACTOR) for first, *others in named]
    snapshots = [together(practice(others=total), *people) for total in (small, large)]
    for snapshot in snapshots:  # each is indexed
        batch = am.merges.plan_merges(snapshot, requests, at=AT)
        assert all(group.is_ready for group in batch.groups)
    beside, alone = best_in_turns(
        lambda: am.merges.plan_merges(snapshots[1], requests, at=AT),
        lambda: am.merges.plan_merges(snapshots[0], requests, at=AT),
        repeats=repeats,
    )
    figures = f"{shown(beside / clusters)} to {shown(alone / clusters)} each, {clusters} clusters of 4"
    yield Line(f"a merge among {large:,} appointments to {small:,}", beside / alone, 1.2, figures)
