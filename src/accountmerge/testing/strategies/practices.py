"""Strategies for practices in which several customers are one person."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import event
from hypothesis import strategies as st

from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import REBOOKED, Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.emails import CustomerEmail
from accountmerge.model.json_text import FrozenJson
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.time_slots import TimeSlot
from accountmerge.testing.strategies.entities import CarriedValues, carrying
from accountmerge.testing.strategies.scalars import few
from accountmerge.testing.strategies.shown_cases import ShownCase
from accountmerge.testing.strategies.times import PIVOT

if TYPE_CHECKING:
    from collections.abc import Sequence

DECLARED = "insurance_card"
"""A record kind that is not declared by default."""

_ADDRESSES = (
    "ann@example.com",
    " Ann@Example.COM ",
    "ann+tag@example.com",
    "bo@münchen.example",
    "bo@xn--mnchen-3ya.example",
    "zoë@example.org",
    "zoe\u0308@example.org",
    "not an address",
    "@",
    "",
)
_NAMES = (None, None, "", " ", "Zoë", "Zo", "Example")
_DAYS = (None, None, date(1990, 2, 3), date(1980, 2, 3), date(2000, 2, 29))
_PHONES = ((), (), ("1",), ("1", "2"), ("2", "1"), ("2", "2"), (" ",))
_OPT_OUTS = ((), (), ("sms",), ("sms", "post"), ("chat",))
_NUMBERS = ((), (), ("7",), ("7", "8"), ("0",))
_VALUES = (0, False, "", None, 0.5, 1, True, "null", "2020-01-01", "2020-01-01T00:00:00Z")
_ATTRIBUTES = ("since", "a.b", "0")
_DATA = (None, FrozenJson.of(0), FrozenJson.of(False), FrozenJson.of({"text": "an example"}))
_KINDS = ("programme", "note", "file", "relation", "relation", "relation", DECLARED, DECLARED)
_KEYS = (None, None, "k", "k", "other")
_STATUSES = ("booked", "booked", "held", "completed", "cancelled", "missed")
_QUARTER = timedelta(minutes=15)
_SLOTS = tuple(
    TimeSlot(PIVOT + start * _QUARTER, PIVOT + (start + length) * _QUARTER)
    for start in (-8, -2, -1, 0, 2, 4, 6, 8, 16, 24, 32, 40)
    for length in (1, 2, 2, 8)
)
_SINCE = (None, PIVOT, PIVOT - timedelta(days=3))
_VERSIONS = (None, None, None, 1, "v7")
_MADE_BY = (None, None, None, "Bo Example")
_CARRIED = (
    CarriedValues(),
    CarriedValues(),
    CarriedValues((("session_id", "S"),)),
    CarriedValues((("session_id", "S"), ("data", _DATA[3]), ("made_by", "Bo Example"))),
    CarriedValues((("data", _DATA[2]), ("created_at", PIVOT)), timedelta()),
    CarriedValues((), timedelta(hours=1)),
)


@cache
def _counts(most: int) -> st.SearchStrategy[int]:
    """Draw a count from zero on, all equally often, because integers would crowd around zero."""
    return st.sampled_from(range(most + 1))


@attrs.frozen
class Practice(ShownCase):
    """A practice with several customers who are one person.

    Attributes:
        snapshot: Its data.
        survivor: The customer who is to stay.
        absorbed: The customers who are to be merged into it.
        actor: The profile that treats them all.
    """

    snapshot: Snapshot
    survivor: str
    absorbed: tuple[str, ...]
    actor: str

    def of(self, customer_id: str) -> list[Any]:
        """Return the appointments, records, access and requests of a customer, by table and id."""
        whole = self.snapshot
        tables: tuple[Any, ...] = (whole.appointments, whole.records, whole.access, whole.access_requests)
        return [row for table in tables for row in table.sorted() if row.customer_id == customer_id]


@attrs.frozen
class _Ids:
    """The ids of everything; those of different tables may be the same."""

    prefixed: bool

    def of(self, letter: str, count: int) -> tuple[str, ...]:
        return tuple(f"{letter}{n}" if self.prefixed else f"{n}" for n in range(count))


@st.composite
def practices(draw: st.DrawFn, *, max_appointments: int = 6, max_records: int = 8) -> Practice:
    """Draw a practice in which two to four customers are one person, with data of every kind."""
    ids = _Ids(draw(few((True, False))))
    event(f"ids: {'of each table its own' if ids.prefixed else 'the same in every table'}")
    count = draw(few((2, 2, 3, 3, 4)))
    people = draw(st.permutations(ids.of("C", count + 2)))
    merged, earlier, stranger = tuple(people[:count]), people[count], people[count + 1]
    survivor, absorbed = merged[0], merged[1:]
    profiles = ids.of("P", 3)
    into = draw(few((merged[1], survivor, None)))
    customers = _emailed(draw, [draw(_person(id, people)) for id in merged])
    customers.append(_absorbed_before(draw, earlier, into))
    customers.append(_contending(draw, draw(_person(stranger, (*people, None)))))
    if into == survivor and draw(few((True, False))):
        event("absorbed before, and asked for again")
        absorbed = (*absorbed, earlier)
    appointments = _appointments(draw, ids.of("A", draw(_counts(max_appointments))), people, profiles)
    records = _records(draw, ids.of("R", draw(_counts(max_records))), people, profiles)
    access, asked = _access(draw, ids, merged, (earlier, stranger), profiles)
    snapshot = Snapshot(
        PIVOT,
        profiles=[_profile(draw, id, number) for number, id in enumerate(profiles)],
        customers=customers,
        appointments=appointments,
        records=records,
        access=access,
        access_requests=asked,
    )
    return Practice(snapshot, survivor, tuple(sorted(absorbed)), profiles[0])


def _profile(draw: st.DrawFn, id: str, number: int) -> Profile:
    return Profile(
        id=id,
        practitioner_id="H0" if number == 0 else draw(few(("H0", "H1"))),
        email=f"p{number}@example.com" if number else draw(few(("p0@example.com", "ann@example.com"))),
        login="enabled" if number == 0 else "disabled",
        schedule="inactive",
    )


@st.composite
def _person(draw: st.DrawFn, id: str, people: Sequence[str | None]) -> Customer:
    names = draw(st.lists(few(_ATTRIBUTES), max_size=2, unique=True))
    return Customer(
        id=id,
        record_number=draw(few((id, id, "7"))),
        former_record_numbers=draw(few(_NUMBERS)),
        given_name=draw(few(_NAMES)),
        family_name=draw(few(_NAMES)),
        emails=[_email(draw, tuple(people)) for _ in range(draw(few((0, 1, 2, 2))))],
        phones=draw(few(_PHONES)),
        birth_date=draw(few(_DAYS)),
        address=draw(few(_NAMES)),
        opt_outs=draw(few(_OPT_OUTS)),
        attributes=FrozenJson.of({name: draw(few(_VALUES)) for name in names}),
        status="active",
        version=draw(few(_VERSIONS)),
    )


def _email(draw: st.DrawFn, people: tuple[str | None, ...]) -> CustomerEmail:
    use = draw(few(("secondary", "former", "primary")))
    owner = draw(few((None, None, people[-1]))) if use == "former" else None
    return CustomerEmail(draw(few(_ADDRESSES)), use, owner)


def _emailed(draw: st.DrawFn, customers: list[Customer]) -> list[Customer]:
    how = draw(few(("as drawn", "none", "one", "one", "same", "several")))
    event(f"primary emails: {how}")
    if how == "as drawn":
        return customers
    chosen = draw(few(tuple(customer.id for customer in customers)))
    with_emails = []
    for number, customer in enumerate(customers):
        emails = [email for email in customer.emails if email.use != "primary"]
        if how in {"several", "same"} or (how == "one" and customer.id == chosen):
            spelled = f"Login{number if how == 'several' else ''}@example.com"
            emails.append(CustomerEmail(spelled.upper() if number % 2 else spelled, "primary"))
        with_emails.append(attrs.evolve(customer, emails=emails))
    return with_emails


def _contending(draw: st.DrawFn, stranger: Customer) -> Customer:
    use = draw(few((None, None, "primary", "former")))
    if use is None:
        return stranger
    event("a stranger has a login of theirs")
    return attrs.evolve(stranger, emails=(*stranger.emails, CustomerEmail("login@EXAMPLE.com", use)))


def _absorbed_before(draw: st.DrawFn, id: str, into: str | None) -> Customer:
    """Return an absorbed customer, or a stranger; some have data again."""
    return Customer(
        id=id,
        record_number="7",
        given_name="Example",
        emails=(),
        phones=draw(few(((), (), ("3",)))),
        opt_outs=draw(few(((), (), ("fax",)))),
        status="disabled" if into else "active",
        merged_into=into,
        merged_at=draw(few((None, PIVOT - timedelta(days=30)))) if into else None,
    )


def _appointments(
    draw: st.DrawFn, ids: tuple[str, ...], people: Sequence[str], profiles: tuple[str, ...]
) -> list[Appointment]:
    rows: list[Appointment] = []
    for id in ids:
        row = Appointment(
            id=id,
            number=draw(few((None, f"APP-{id[-1]}"))),
            profile_id=draw(few(profiles)),
            customer_id=draw(few(tuple(people))),
            slot=draw(few(_SLOTS)),
            time_zone="America/Toronto",
            modality=draw(few(("video", "in_person"))),
            status=draw(few(_STATUSES)),
            version=draw(few(_VERSIONS)),
        )
        row = carrying(row, draw(few(_CARRIED)))
        how = draw(few(("none", "none", "none", "finished", "unfinished"))) if rows else "none"
        if how != "none":
            event(f"rebooking: {how}")
            old = rows[-1]
            row = attrs.evolve(row, customer_id=old.customer_id, slot=old.slot, replaces=old.id)
            done: Any = {"status": "cancelled", "cancel_reason": REBOOKED} if how == "finished" else {}
            rows[-1] = attrs.evolve(old, replaced_by=row.id, **done)
        rows.append(row)
    return rows


def _records(
    draw: st.DrawFn, ids: tuple[str, ...], people: Sequence[str], profiles: tuple[str, ...]
) -> list[Record]:
    """Return records of every kind that refer to one another, in chains and cycles too."""
    everybody = tuple(people)
    return [
        Record(
            id=id,
            kind=(kind := draw(few(_KINDS))),
            customer_id=draw(few(everybody)),
            related_customer_id=draw(few(everybody if kind == "relation" else (None, None, *everybody))),
            profile_id=draw(few((None, profiles[0]))),
            attached_to=draw(few((None, *ids))),
            unique_key=draw(few(_KEYS)),
            created_at=draw(few(_SINCE)),
            data=draw(few(_DATA)),
            version=draw(few(_VERSIONS)),
        )
        for id in ids
    ]


def _access(
    draw: st.DrawFn, ids: _Ids, merged: tuple[str, ...], others: tuple[str, ...], profiles: tuple[str, ...]
) -> tuple[list[Access], list[AccessRequest]]:
    """Return access of the actor to every merged customer, other access, and requests for it."""
    rows = ids.of("X", len(merged) + 4)
    everybody = (*merged, *others)
    granted = [
        Access(id=id, profile_id=profiles[0], customer_id=customer, level="treating", since=draw(few(_SINCE)))
        for id, customer in zip(rows, merged, strict=False)
    ]
    granted += [
        Access(
            id=id,
            profile_id=draw(few(profiles[::-1])),
            customer_id=draw(few(everybody)),
            level=draw(few(("viewing", "treating"))),
            since=draw(few(_SINCE)),
            created_at=draw(few(_SINCE)),
            made_by=draw(few(_MADE_BY)),
            version=draw(few(_VERSIONS)),
        )
        for id in rows[len(merged) : len(merged) + draw(st.integers(0, 4))]
    ]
    asked = [
        AccessRequest(
            id=id,
            profile_id=draw(few(profiles)),
            customer_id=draw(few(everybody)),
            requested_at=PIVOT - timedelta(days=1),
            expires_at=PIVOT + timedelta(days=draw(few((1, 0)))),
            status=draw(few(("pending", "pending", "denied", "approved"))),
        )
        for id in ids.of("Q", draw(st.integers(0, 2)))
    ]
    return granted, asked
