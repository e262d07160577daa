"""Data and foreign writes within the limits of a store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import attrs

from accountmerge.model.appointments import Appointment
from accountmerge.model.emails import EmailAddress
from accountmerge.model.entities import KINDS
from accountmerge.model.json_text import FrozenJson
from accountmerge.model.limits import Limits
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.testing.adapters import ForeignWrite

_UNITS = {"microsecond": 1, "millisecond": 1_000, "second": 1_000_000, "minute": 60_000_000}


def narrowed(snapshot: Snapshot, limits: Limits, record_data: Mapping[str, Sequence[Any]]) -> Snapshot:
    """Return data with the values that a store can hold, and without the records that have no table.

    Lists and texts are cut, absent columns are emptied, instants are moved to the next unit, and of live bookings
    that overlap, the later one is missed. The last customer has the most phones and e-mails, the others half as many, so
    that merges are possible.

    Args:
        snapshot: The data.
        limits: The limits of the store.
        record_data: Data for the records of some kinds, in the place of theirs.
    """
    rows: dict[str, Any] = {kind.collection: list(snapshot.table(kind.collection).sorted()) for kind in KINDS}
    rows["records"] = list(_records(rows["records"], limits, record_data))
    half = attrs.evolve(limits, most_phones=_half(limits.most_phones), most_emails=_half(limits.most_emails))
    *others, last = rows["customers"] or [None]
    cut = {name: [_cut(row, limits) for row in table] for name, table in rows.items()}
    cut["customers"] = [_cut(row, half) for row in others] + [_cut(row, limits) for row in (last,) if row]
    if not limits.overlaps:
        cut["appointments"] = list(_apart(cut["appointments"]))
    return Snapshot(snapshot.taken_at, complete_for=snapshot.complete_for, **cut)


def _half(most: int | None) -> int | None:
    """Return the number of entries of one customer, so that those of two still fit into one."""
    return most and (most + 1) // 2


def _records(
    records: Iterable[Record], limits: Limits, record_data: Mapping[str, Sequence[Any]]
) -> Iterator[Record]:
    kinds = limits.record_kinds
    records = [row for row in records if kinds is None or row.kind in kinds]
    ids = {row.id for row in records}
    for n, row in enumerate(records):
        own = record_data.get(row.kind)
        changes: dict[str, Any] = {"data": FrozenJson.of(own[n % len(own)])} if own else {}
        if row.attached_to not in (*ids, None):
            changes["attached_to"] = None
        yield attrs.evolve(row, **changes) if changes else row


def _cut(row: Any, limits: Limits) -> Any:
    """Return a row within the limits."""
    unit = _UNITS[limits.time_unit]
    changes: dict[str, Any] = {}
    for field, limit in limits.violations(row):
        value = changes.get(field, getattr(row, field))
        if limit == "time_unit":
            changes[field] = _coarse(value, unit)
        elif limit == "longest_text":
            changes[field] = _short(value, limits.longest_text or 1)
        elif limit == "hours":
            changes[field] = None
        elif limit == "attributes":
            changes[field] = FrozenJson.of({})
        else:
            most = {"most_phones": limits.most_phones, "most_emails": limits.most_emails}.get(limit)
            changes[field] = value[: most or 0]
    return attrs.evolve(row, **changes) if changes else row


def _coarse(value: Any, unit: int) -> Any:
    """Return a value with instants at the next unit, which a greater unit would cut."""
    if isinstance(value, tuple):
        return tuple(_coarse(item, unit) for item in value)
    if isinstance(value, TimeSlot):
        start, end = value.start_us - value.start_us % unit, value.end_us + -value.end_us % unit
        return TimeSlot.from_microseconds(start, end)
    since_minute = value.second * _UNITS["second"] + value.microsecond
    return value + timedelta(microseconds=-since_minute % unit)


def _short(value: Any, longest: int) -> Any:
    if isinstance(value, str):
        return value[:longest]
    if isinstance(value, tuple):
        return tuple(item for item in (_short(item, longest) for item in value) if item is not None)
    if isinstance(value, EmailAddress):
        return EmailAddress(value.text[-longest:])
    return None if len(value.address.text) > longest else value


def _apart(rows: Iterable[Appointment]) -> Iterator[Appointment]:
    """Yield bookings of which no two live ones overlap."""
    live: list[Appointment] = []
    for row in sorted(rows, key=lambda row: (row.slot, row.id)):
        if row.is_live and any(_meet(row, other) for other in live):
            yield attrs.evolve(row, status="missed")
            continue
        live.append(row) if row.is_live else None
        yield row


def _meet(row: Appointment, other: Appointment) -> bool:
    shared = row.profile_id == other.profile_id or row.customer_id == other.customer_id
    return shared and row.slot.start < other.slot.end and other.slot.start < row.slot.end


def is_held(write: ForeignWrite, snapshot: Snapshot, limits: Limits | None) -> bool:
    """Return whether a store with limits can hold data after a write."""
    if limits is None:
        return True
    if any(True for row in write.put for _ in limits.violations(row)):
        return False
    if limits.overlaps:
        return True
    put = [row for row in write.put if isinstance(row, Appointment) and row.is_live]
    there = [row for row in snapshot.appointments if row.is_live]
    return not any(row.id != other.id and _meet(row, other) for row in put for other in there)


def holdable(rows: Iterable[Any], limits: Limits | None) -> tuple[Any, ...]:
    """Return the rows that a store with limits can hold."""
    return tuple(row for row in rows if limits is None or not any(True for _ in limits.violations(row)))


def words_of(limits: Limits) -> str:
    """Return the limits as Python source, without the defaults."""
    usual = Limits()
    said = {field.name: getattr(limits, field.name) for field in attrs.fields(Limits)}
    return ", ".join(f"{name}={value!r}" for name, value in said.items() if value != getattr(usual, name))
