"""Cells of snapshots, of their tables and entities, and of findings about them."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

from accountmerge.findings.double_bookings import DoubleBooking
from accountmerge.findings.finding import Finding
from accountmerge.findings.primary_emails import PrimaryEmailConflict
from accountmerge.messages import has_sentence, sentence
from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.entities import KINDS, Entity
from accountmerge.model.instants import microseconds
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Completeness, Snapshot
from accountmerge.model.tables import Table
from accountmerge.model.time_slots import TimeSlot
from accountmerge.reports.cell_parts import (
    SHOWN_ROWS,
    Cell,
    Column,
    Ids,
    Rows,
    RowsOf,
    Said,
    Shown,
    When,
    ids,
    shown_counts,
)


def column(key: str, attribute: str | None = None) -> Column:
    """Return a column with the attribute of an object. Default: the one with the name of the key."""
    read: Callable[[Any], Shown] = attrgetter(attribute or key)
    return key, lambda value, _: read(value)


def instant(key: str, attribute: str | None = None) -> Column:
    """Return a column with an instant of an object, which may be None."""
    read: Callable[[Any], Any] = attrgetter(attribute or key)

    def shown(value: Any, _: str) -> Shown:
        moment = read(value)
        return None if moment is None else When(microseconds(moment))

    return key, shown


def listed(key: str, attribute: str | None = None) -> Column:
    """Return a column with the ids in an attribute of an object."""
    read: Callable[[Any], Any] = attrgetter(attribute or key)
    return key, lambda value, _: ids(read(value))


def word(family: str, code: str | None, language: str) -> Shown:
    """Return the word for a code of a vocabulary. A code without a word is shown itself."""
    key = f"{family}{code}"
    return Said(sentence(key, {}, language)) if code and has_sentence(key, "en") else code


def worded(key: str, family: str, attribute: str | None = None) -> Column:
    """Return a column with the word for a code in an attribute of an object."""
    read: Callable[[Any], str | None] = attrgetter(attribute or key)
    return key, lambda value, language: word(family, read(value), language)


def counted(key: str, attribute: str | None = None) -> Column:
    """Return a column with the length of an attribute of an object."""
    read: Callable[[Any], Any] = attrgetter(attribute or key)
    return key, lambda value, _: len(read(value))


def described(key: str = "sentence") -> Column:
    """Return a column with the sentence of an object about itself."""
    return key, lambda value, language: Said(value.describe(language))


def booked_time(row: Appointment) -> When:
    """Return the slot of a booking, in the zone in which it was promised."""
    return When(row.slot, row.time_zone)


def _zone_of_hours(profile: Profile, _: str) -> Shown:
    return profile.hours.zone if profile.hours is not None else None


def severity(finding: Finding, language: str) -> Shown:
    """Return whether a finding blocks, as a word."""
    key = "accepted" if finding.accepted else "blocker" if finding.is_blocking else "warning"
    return Said(sentence(f"report.{key}", {}, language))


ROWS: dict[type, RowsOf] = {
    Profile: RowsOf(
        "cell.profiles",
        (
            column("id"),
            column("practitioner", "practitioner_id"),
            worded("login", "login_state."),
            worded("schedule", "schedule_state."),
            ("hours_zone", _zone_of_hours),
            column("succeeded_by"),
        ),
    ),
    Customer: RowsOf(
        "cell.customers",
        (
            column("id"),
            worded("status", "customer_state."),
            column("merged_into"),
            instant("merged_at"),
            counted("emails"),
        ),
    ),
    Appointment: RowsOf(
        "cell.appointments",
        (
            column("id"),
            column("number"),
            ("time", lambda row, _: booked_time(row)),
            worded("status", "booking_state."),
            worded("modality", "modality."),
            column("profile", "profile_id"),
            column("customer", "customer_id"),
            column("replaces"),
            column("replaced_by"),
        ),
    ),
    Record: RowsOf(
        "cell.records",
        (
            column("id"),
            column("kind"),
            column("customer", "customer_id"),
            column("related_customer", "related_customer_id"),
            column("profile", "profile_id"),
            column("attached_to"),
            instant("created_at"),
        ),
    ),
    Access: RowsOf(
        "cell.access",
        (
            column("id"),
            column("profile", "profile_id"),
            column("customer", "customer_id"),
            worded("level", "level."),
            instant("since"),
        ),
    ),
    AccessRequest: RowsOf(
        "cell.access_requests",
        (
            column("id"),
            column("profile", "profile_id"),
            column("customer", "customer_id"),
            worded("status", "request_state."),
            instant("requested_at"),
            instant("expires_at"),
        ),
    ),
    Finding: RowsOf(
        "cell.findings",
        (
            column("id"),
            ("severity", severity),
            described(),
            ("remedy", lambda finding, language: Said(finding.advise(language))),
        ),
    ),
    DoubleBooking: RowsOf(
        "cell.double_bookings",
        (
            column("first", "first.id"),
            column("second", "second.id"),
            worded("booked_twice", "noun.", "kind"),
            ("overlap", lambda pair, _: When(pair.overlap, pair.first.time_zone)),
            ("first_time", lambda pair, _: booked_time(pair.first)),
            ("second_time", lambda pair, _: booked_time(pair.second)),
            ("numbers", lambda pair, _: ids([row.number for row in (pair.first, pair.second) if row.number])),
            ("profiles", lambda pair, _: _both(pair, "profile_id")),
            ("customers", lambda pair, _: _both(pair, "customer_id")),
        ),
    ),
    PrimaryEmailConflict: RowsOf(
        "cell.email_conflicts", (listed("customers", "customer_ids"), counted("addresses"))
    ),
    TimeSlot: RowsOf("cell.slots", (("time", lambda slot, _: When(slot)),)),
}
"""The columns of each class. No column is a personal field."""


def _both(pair: DoubleBooking, attribute: str) -> Ids:
    return ids(sorted({getattr(pair.first, attribute), getattr(pair.second, attribute)}))


_STATE = {
    Profile: ("schedule", "schedule_state."),
    Customer: ("status", "customer_state."),
    Appointment: ("status", "booking_state."),
    Record: ("kind", ""),
    Access: ("level", "level."),
    AccessRequest: ("status", "request_state."),
}
"""The field of each kind of entity whose values are counted, and the family of their words."""


def _first_rows(table: Table[Any]) -> list[Entity]:
    """Return the rows that a cell shows, which are the earliest appointments or the lowest ids."""
    if table.row_class is Appointment:
        return heapq.nsmallest(SHOWN_ROWS, table, key=lambda row: row.order)
    return heapq.nsmallest(SHOWN_ROWS, table, key=lambda row: row.id)


def table_rows(table: Table[Any], language: str) -> Rows:
    """Return the first entities of a table as rows, and the number of all."""
    rows = ROWS[table.row_class or Appointment].rows(_first_rows(table), language)
    return rows._replace(total=len(table))


def _states(table: Table[Any], language: str) -> Ids:
    if table.row_class is None:
        return ids(())
    field, family = _STATE[table.row_class]
    return shown_counts(Counter(map(attrgetter(field), table)).items(), language, family)


def table_cell(table: Table[Any], language: str) -> Cell:
    """Return the cell of a table, with the number of its entities by state, and the first ones."""
    cls = table.row_class
    facts: tuple[tuple[str, Shown], ...] = (("count", len(table)), ("states", _states(table, language)))
    name = f"Table of {cls.__name__}" if cls else "Table"
    return Cell(name, (), facts, [table_rows(table, language)] if cls else [], language=language)


def snapshot_cell(snapshot: Snapshot, language: str) -> Cell:
    """Return the cell of a snapshot, with its collections with their counts, and its profiles."""
    starts = [row.slot.start_us for row in snapshot.appointments]
    profiles = table_rows(snapshot.profiles, language)
    facts: tuple[tuple[str, Shown], ...] = (
        ("taken_at", When(microseconds(snapshot.taken_at))),
        *_whole(snapshot.complete_for, language),
        ("first_start", When(min(starts)) if starts else None),
        ("last_start", When(max(starts)) if starts else None),
    )
    tables = [snapshot.table(kind.collection) for kind in KINDS]
    rows = tuple(
        (Said(sentence(f"cell.{kind.collection}", {}, language)), len(table), _states(table, language))
        for kind, table in zip(KINDS, tables, strict=True)
    )
    kinds = Rows("cell.entities", ("kind", "count", "states"), rows, len(rows))
    zone = snapshot_zone(snapshot)
    return Cell(type(snapshot).__name__, (), facts, [kinds, profiles], language=language, zone=zone)


def snapshot_zone(snapshot: Snapshot) -> str | None:
    """Return the zone of the hours of all profiles; None if they have several, or none."""
    zones = {row.hours.zone for row in snapshot.profiles if row.hours is not None}
    return zones.pop() if len(zones) == 1 else None


def _whole(complete_for: Completeness, language: str) -> Iterator[tuple[str, Shown]]:
    everybody = Said(sentence("cell.all", {}, language))
    for key in ("practitioners", "customers"):
        named = getattr(complete_for, key)
        yield f"whole_for_{key}", everybody if named == "*" else ids(named)
    yield "whole_for_addresses", complete_for.addresses


CELLS: dict[type, Callable[[Any, str], Cell]] = {Snapshot: snapshot_cell, Table: table_cell}
"""The function that makes the cell of each class with several tables."""
ZONES: dict[type, Callable[[Any], str | None]] = {
    Snapshot: snapshot_zone,
    Appointment: lambda row: row.time_zone,
    DoubleBooking: lambda pair: pair.first.time_zone,
}
"""The function that returns the zone of a value of each class."""
