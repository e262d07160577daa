"""What becomes of appointments and records: nothing is lost, doubled, altered, or left hanging."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.model.records import Record
from oracles.conservation.outcomes import Loss, Outcome, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.model.snapshots import Snapshot


def bookings(outcome: Outcome) -> Iterator[Loss]:
    """Every appointment of every status is there as it was, with the survivor in the place of the absorbed."""
    wanted = {
        row.id: attrs.evolve(row, customer_id=outcome.home(row.customer_id))
        for row in outcome.before.appointments
    }
    found = {row.id: row for row in outcome.after.appointments}
    yield from ((id,) for id in wanted.keys() | found.keys() if wanted.get(id) != found.get(id))


def records(outcome: Outcome) -> Iterator[Loss]:
    """Every record is there as it was, or a ledger entry holds all of it and another one says the same."""
    entries = outcome.entries("record", "record")
    kept = {row.id: row for row in outcome.after.records}
    yield from (("made up", id) for id in kept.keys() - {row.id for row in outcome.before.records})
    for row in outcome.before.records:
        listed = [entry for entry in entries if entry[0] == row.id]
        if row.id in kept and row.customer_id in outcome.absorbed and outcome.ends(row.kind):
            yield "kept without need", row.id
        if kept.get(row.id) is row and not listed and _at_home(outcome, row) is row:
            continue
        if row.id in kept:
            wanted = attrs.evolve(_at_home(outcome, row), attached_to=kept[row.id].attached_to)
            if kept[row.id] != wanted:
                yield "altered", row.id
            if listed:
                yield "doubled", row.id
        elif listed != [(row.id, row.customer_id, text(_written(row)))]:
            yield "lost", row.id
        elif not _has_reason(outcome, row):
            yield "dropped without need", row.id


def _at_home(outcome: Outcome, row: Record) -> Record:
    related = row.related_customer_id
    if row.customer_id not in outcome.absorbed and related not in outcome.absorbed:
        return row
    return attrs.evolve(
        row,
        customer_id=outcome.home(row.customer_id),
        related_customer_id=None if related is None else outcome.home(related),
    )


def _dropped(outcome: Outcome) -> set[str]:
    return {row.id for row in outcome.before.records} - {row.id for row in outcome.after.records}


def _written(row: Record) -> dict[str, Any]:
    """Write a record as files do, by hand."""
    plain = {field.name: getattr(row, field.name) for field in attrs.fields(Record)}
    plain["created_at"] = row.created_at.isoformat().replace("+00:00", "Z") if row.created_at else None
    data = {} if row.data is None else {"data": row.data.value}
    return {name: value for name, value in plain.items() if name != "data" and value is not None} | data


def _has_reason(outcome: Outcome, row: Record) -> bool:
    """Return whether a record may be dropped: it tied people who became one, ended, or another one stands for it."""
    merged = {outcome.survivor, *outcome.absorbed}
    if merged.isdisjoint((row.customer_id, row.related_customer_id)):
        return False
    if outcome.ends(row.kind):
        return row.customer_id in outcome.absorbed
    ends = (row.customer_id, row.related_customer_id)
    if row.kind == "relation" and ends[0] != ends[1] and merged.issuperset(ends):
        return True
    return any(_stands_for(other, _at_home(outcome, row)) for other in outcome.after.records)


def _stands_for(kept: Record, row: Record) -> bool:
    same = (kept.kind, kept.customer_id, kept.unique_key) == (row.kind, row.customer_id, row.unique_key)
    if row.kind == "relation":
        return same and (kept.related_customer_id, kept.data) == (row.related_customer_id, row.data)
    return same


def relations(outcome: Outcome) -> Iterator[Loss]:
    """Nobody is related to who they are, nor twice in the same way, if they were not before."""
    ties: Counter[tuple[object, ...]] = Counter()
    came: set[tuple[object, ...]] = set()
    for row in outcome.after.records:
        ends = (row.customer_id, row.related_customer_id)
        if row.kind != "relation" or row.related_customer_id is None or outcome.survivor not in ends:
            continue
        was = outcome.before.records.get(row.id)
        if was is None:
            continue  # made up
        if ends[0] == ends[1] and was.customer_id != was.related_customer_id:
            yield "to oneself", row.id
        tie = (*ends, row.unique_key, row.data)
        ties[tie] += 1
        if (was.customer_id, was.related_customer_id) != ends:
            came.add(tie)
    yield from (("twice", str(tie[0])) for tie in came if ties[tie] > 1)


def attachments(outcome: Outcome) -> Iterator[Loss]:
    """What hung on a record that is kept hangs there still; the rest hangs on what stands for it, or is listed."""
    gone, entries = _dropped(outcome), outcome.entries("record", "attached_to")
    was_in_a_circle = _circling(outcome.before)
    yield from (("circle", id) for id in _circling(outcome.after) - was_in_a_circle)
    for row in outcome.before.records:
        now, was = outcome.after.records.get(row.id), row.attached_to
        if now is None or was is now.attached_to is None:
            continue
        listed = (row.id, row.customer_id, text(was)) in entries
        if was not in gone:
            if now.attached_to != was or listed:
                yield "changed", row.id
        elif now.attached_to is None:
            if not listed:
                yield "lost", row.id
        else:
            target = _at_home(outcome, outcome.before.records[was or ""])
            kept = outcome.after.records.get(now.attached_to)
            if listed or kept is None or not _stands_for(kept, target):
                yield "astray", row.id


def _circling(snapshot: Snapshot) -> set[str]:
    """Return the records that hang on themselves, by however many others."""
    found = set()
    hanging = {row.id: row.attached_to for row in snapshot.records if row.attached_to is not None}
    for start in hanging:
        path = [start]
        while (onward := hanging.get(path[-1])) and onward not in path:
            path.append(onward)
        if onward == start:
            found.add(start)
    return found
