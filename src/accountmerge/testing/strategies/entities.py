"""Strategies for single entities that refer to given ids."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

import attrs
from hypothesis import strategies as st

from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.instants import from_microseconds
from accountmerge.model.json_text import FrozenJson
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.wall_times import find_zone
from accountmerge.testing.strategies.emails import customer_emails, email_addresses
from accountmerge.testing.strategies.scalars import (
    filled_lines,
    json_scalars,
    json_values,
    labels,
    lines,
    notes,
)
from accountmerge.testing.strategies.times import PIVOT, ZONES, instants, time_slots, weekly_hours

Ids = tuple[str, ...]


@cache
def _versions() -> st.SearchStrategy[Any]:
    return st.sampled_from((None, None, 0, 1, "0", "v7"))


def _maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


@cache
def profiles(
    id: str, practitioner_ids: Ids, schedules: Ids = ("pending", "active", "inactive")
) -> st.SearchStrategy[Profile]:
    """Draw a profile of one of some practitioners."""
    return st.builds(
        Profile,
        id=st.just(id),
        practitioner_id=st.sampled_from(practitioner_ids),
        email=email_addresses(),
        login=st.sampled_from(("enabled", "enabled", "disabled")),
        schedule=st.sampled_from(schedules),
        hours=_maybe(weekly_hours()),
        unavailable=st.lists(time_slots(), max_size=2),
        data=st.sampled_from((None, None, FrozenJson.of(0), FrozenJson.of({"text": "an example"}))),
        version=_versions(),
    )


@cache
def customers(id: str, customer_ids: Ids = ()) -> st.SearchStrategy[Customer]:
    """Draw a customer; some are merged into another one."""
    attributes: st.SearchStrategy[Any] = st.dictionaries(labels(), json_scalars(), max_size=2)
    return st.builds(
        Customer,
        id=st.just(id),
        record_number=st.one_of(st.just(id), labels()),
        former_record_numbers=st.lists(labels(), max_size=2),
        given_name=_maybe(lines()),
        family_name=_maybe(lines()),
        emails=st.lists(customer_emails(customer_ids), max_size=2),
        phones=st.lists(filled_lines(), max_size=2),
        birth_date=_maybe(st.dates()),
        address=_maybe(notes()),
        opt_outs=st.lists(filled_lines(), max_size=2),
        attributes=attributes.map(FrozenJson.of),
        status=st.sampled_from(("active", "active", "disabled")),
        merged_into=st.sampled_from((None, None, None, *customer_ids)),
        merged_at=_maybe(instants()),
        version=_versions(),
    )


@cache
def appointments(id: str, profile_ids: Ids, customer_ids: Ids) -> st.SearchStrategy[Appointment]:
    """Draw an appointment, most often a live one."""
    numbers = st.sampled_from((None, f"APP-{len(id)}{sum(map(ord, id))}", f"ASST-{sum(map(ord, id))}"))
    bare: st.SearchStrategy[Appointment] = st.builds(
        Appointment,
        id=st.just(id),
        number=numbers,
        profile_id=st.sampled_from(profile_ids),
        customer_id=st.sampled_from(customer_ids),
        slot=time_slots(),
        time_zone=st.sampled_from(ZONES),
        modality=st.sampled_from(("in_person", "video", "phone", "chat")),
        status=st.sampled_from(("booked", "booked", "booked", "held", "completed", "cancelled", "missed")),
        version=_versions(),
    )
    return st.builds(carrying, bare, carried_values())


@attrs.frozen
class CarriedValues:
    """Drawn values that a booking carries beside its time and its customer.

    Attributes:
        fields: Values of fields, by name.
        promised: The time from the start in today's zone rules to the start that was promised; None without a promise.
    """

    fields: tuple[tuple[str, Any], ...] = ()
    promised: timedelta | None = None


def carrying(booking: Appointment, values: CarriedValues) -> Appointment:
    """Return a booking with drawn values."""
    row: Any = booking
    promised = values.promised
    start = None if promised is None else _shown_start(booking) + promised
    return attrs.evolve(row, **dict(values.fields), local_start=start) if values.fields or start else booking


def _shown_start(booking: Appointment) -> datetime:
    start = from_microseconds(booking.slot.start_us).astimezone(find_zone(booking.time_zone))
    return datetime(start.year, start.month, start.day, start.hour, start.minute, start.second)  # noqa: DTZ001


@cache
def carried_values() -> st.SearchStrategy[CarriedValues]:
    """Draw the values that a booking carries.

    Few sessions, so that some bookings share one, at one time or at several. Some promises are an hour off.
    """
    fields = st.fixed_dictionaries(
        {},
        optional={
            "data": json_values(),
            "session_id": st.sampled_from(("S", "S", "T:%", "s" * 300)),
            "created_at": instants(),
            "made_by": st.sampled_from(("Bo Example", "phone-robot", "0")),
        },
    ).map(lambda drawn: tuple(drawn.items()))
    hour = timedelta(hours=1)
    promises = st.sampled_from((None, timedelta(), timedelta(), hour, -hour))
    return st.one_of(st.just(CarriedValues()), st.builds(CarriedValues, fields, promises))


@cache
def records(id: str, profile_ids: Ids, customer_ids: Ids) -> st.SearchStrategy[Record]:
    """Draw a record of a built-in kind."""
    return st.builds(
        Record,
        id=st.just(id),
        kind=st.sampled_from(("programme", "note", "file", "relation")),
        customer_id=st.sampled_from(customer_ids),
        related_customer_id=st.sampled_from((None, *customer_ids)),
        profile_id=st.sampled_from((None, *profile_ids)),
        unique_key=_maybe(labels()),
        created_at=_maybe(instants()),
        data=_maybe(json_values()),
        version=_versions(),
    )


@cache
def access_rows(id: str, profile_ids: Ids, customer_ids: Ids) -> st.SearchStrategy[Access]:
    """Draw access of a profile to a customer; one pair may have several."""
    return st.builds(
        Access,
        id=st.just(id),
        profile_id=st.sampled_from(profile_ids),
        customer_id=st.sampled_from(customer_ids),
        level=st.sampled_from(("treating", "viewing")),
        since=_maybe(instants()),
        created_at=st.sampled_from((None, None, PIVOT)),
        made_by=st.sampled_from((None, None, "Bo Example", "0")),
        version=_versions(),
    )


@cache
def access_requests(id: str, profile_ids: Ids, customer_ids: Ids) -> st.SearchStrategy[AccessRequest]:
    """Draw a request for access, in any state."""
    return st.builds(
        AccessRequest,
        id=st.just(id),
        profile_id=st.sampled_from(profile_ids),
        customer_id=st.sampled_from(customer_ids),
        requested_at=instants(),
        expires_at=instants(),
        status=st.sampled_from(("pending", "approved", "denied", "withdrawn")),
        reason=_maybe(notes()),
        decided_by=_maybe(labels()),
        decided_at=_maybe(instants()),
        version=_versions(),
    )
