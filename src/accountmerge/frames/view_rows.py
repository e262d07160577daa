"""Rows of visibility, free times, routes, matches of a search and outcomes of a login."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from accountmerge.customers.login import LoginDiagnosis
from accountmerge.customers.search import CustomerMatch
from accountmerge.frames.finding_rows import minutes_of
from accountmerge.frames.row_columns import Line, RowColumn, RowKind, column, sentence_column, text
from accountmerge.model.appointments import Appointment
from accountmerge.model.time_slots import TimeSlot
from accountmerge.rebooking.messages import Question, RebookingReading
from accountmerge.views.bookability import BookabilityOverlap
from accountmerge.views.booking_routes import BookingRoute
from accountmerge.views.visibility import ProfileView, Visibility, WorkingLogins


class Seen(NamedTuple):
    """One thing that is visible, or one time that is free.

    Attributes:
        what: The kind of thing.
        id: Its id, or None.
        customer_id: The customer, or None.
        slot: The time, or None.
        zone: The zone of the time, or None.
        status: The status, or None.
        route: The person who books, or None.
        reason: The reason of the route, or None.
    """

    what: str
    id: str | None = None
    customer_id: str | None = None
    slot: TimeSlot | None = None
    zone: str | None = None
    status: str | None = None
    route: str | None = None
    reason: str | None = None


def _booked(what: str, rows: Iterable[Appointment]) -> Iterator[Seen]:
    for row in rows:
        yield Seen(what, row.id, row.customer_id, row.slot, row.time_zone, row.status)


def _seen_on(view: ProfileView) -> Iterator[Seen]:
    """Yield the things that are visible on a profile."""
    yield Seen("profile", view.profile_id, zone=view.zone, status=view.schedule)
    yield from (Seen("portal", slot=slot, zone=view.zone) for slot in view.portal)
    yield from (Seen("customer", row.id, row.id, status=row.status) for row in view.customers)
    yield from _booked("booking", view.quick_view)
    for history in view.histories:
        yield from _booked("history", history.appointments)
        yield from (Seen("record", row.id, row.customer_id, status=row.kind) for row in history.records)
    for route in view.routes:
        yield Seen("route", None, route.customer_id, route=route.route, reason=route.reason)


class _Place(NamedTuple):
    """The view of one place of a visibility."""

    visibility: Visibility | None
    place: str | None
    profile_id: str | None


def _seen(visibility: Visibility) -> Iterator[Line]:
    for place, view in (("old", visibility.old), ("new", visibility.new)):
        if view is not None:
            owner = _Place(visibility, place, view.profile_id)
            yield from (Line(seen, owner=owner) for seen in _seen_on(view))
    views = [view for view in (visibility.new, visibility.old) if view is not None]
    zone = next((view.zone for view in views if view.zone is not None), None)
    owner = _Place(visibility, "customer_service", None)
    yield from (Line(Seen("manual", slot=slot, zone=zone), owner=owner) for slot in visibility.manual)


def _seen_of_profile(view: ProfileView) -> Iterator[Line]:
    return (Line(seen, owner=_Place(None, None, view.profile_id)) for seen in _seen_on(view))


def _of_visibility(name: str, kind: Any, meaning: str) -> RowColumn:
    def read(line: Line, _: object) -> Any:
        visibility = line.owner.visibility
        return None if visibility is None else getattr(visibility, name)

    return RowColumn(name, kind, meaning, read)


def _login_works(line: Line, _: object) -> bool | None:
    visibility, place = line.owner.visibility, line.owner.place
    return getattr(visibility.logins, place) if place in ("old", "new") else None


def _end(which: str) -> Any:
    return lambda seen: None if seen.slot is None else getattr(seen.slot, which)


VISIBILITY = RowKind(
    Visibility,
    "One row for each profile, and for each thing that is visible or free on it; then one for each slot from which"
    " customer service books.",
    (
        _of_visibility("at", "instant", "the instant"),
        _of_visibility("in_blackout", "truth", "whether it is in the blackout"),
        RowColumn("place", "text", "`old`, `new` or `customer_service`", lambda line, _: line.owner.place),
        RowColumn("profile_id", "text", "the profile", lambda line, _: line.owner.profile_id),
        RowColumn("login_works", "truth", "whether the login of the profile works", _login_works),
        text(
            "what",
            "`profile`, `portal` (a free slot), `customer`, `booking`, `history`, `record`, `route` or `manual` (a slot of"
            " customer service)",
        ),
        text("id", "the entity"),
        text("customer_id", "the customer"),
        column("start", "instant", "the start of its time", _end("start_us")),
        column("end", "instant", "the end of its time", _end("end_us")),
        text("time_zone", "the zone of its time, or of the profile's hours", "zone"),
        text("status", "the status; of a profile, of its schedule; of a record, its kind"),
        text("route", "`practitioner` or `customer_service`, who books the customer"),
        text("reason", "the reason of the route"),
    ),
    {Visibility: _seen, ProfileView: _seen_of_profile},
)

SLOTS = RowKind(
    TimeSlot,
    "One row for each slot.",
    (
        column("start", "instant", "the start", "start_us"),
        column("end", "instant", "the end", "end_us"),
        column("minutes", "number", "the length", minutes_of),
    ),
)

ROUTES = RowKind(
    BookingRoute,
    "One row for each route.",
    (
        text("profile_id", "the profile in the question"),
        text("customer_id", "the customer in the question"),
        text("route", "`practitioner` or `customer_service`"),
        text("reason", "the reason"),
        text("via_profile_id", "the profile to book in"),
        text("for_customer_id", "the customer to book"),
        sentence_column("description", "the route, as sentences"),
    ),
    {ProfileView: lambda view: map(Line, view.routes)},
)

OVERLAPS = RowKind(
    BookabilityOverlap,
    "One row for each overlap.",
    (
        column("at", "instant", "the instant"),
        column("steps_done", "whole number", "the number of steps done by then"),
        column("in_blackout", "truth", "whether the instant is in the blackout"),
        column("profile_ids", "json", "the bookable profiles"),
    ),
)

LOGINS = RowKind(
    WorkingLogins,
    "One row for each answer.",
    (
        column("old", "truth", "whether the old login works"),
        column("new", "truth", "whether the new login works"),
        column("may_be_disrupted", "truth", "whether it is the blackout"),
        column("old_ends", "instant", "the end of the old login"),
    ),
    {Visibility: lambda visibility: (Line(visibility.logins),)},
)

MATCHES = RowKind(
    CustomerMatch,
    "One row for each customer that a search finds.",
    (
        text("customer_id", "the customer"),
        text("by", "the way it was found"),
        text("status", "`active` or `disabled`"),
        text("merged_into", "the customer that it is part of now"),
    ),
)


def _outcomes(diagnosis: LoginDiagnosis) -> Iterator[Line]:
    yield from map(Line, (diagnosis, *diagnosis.also))


OUTCOMES = RowKind(
    LoginDiagnosis,
    "One row for each outcome for an address, the best first.",
    (
        text("outcome", "the outcome"),
        text("kind", "`customer` or `profile`, the kind of the holder"),
        text("id", "the holder"),
        text("survivor_id", "after a merge, the customer that it is part of now"),
        text("successor_id", "of a profile, the last one in its succession"),
        sentence_column("description", "the outcome, as a sentence"),
        text(
            "sign_in_with",
            "the address to sign in with",
            lambda found: None if found.sign_in_with is None else found.sign_in_with.text,
            personal=True,
        ),
    ),
    {LoginDiagnosis: _outcomes},
)

QUESTIONS = RowKind(
    Question,
    "One row for each question to the author of a message.",
    (
        text("code", "the code"),
        text("field", "the subject"),
        sentence_column("description", "the question, as a sentence"),
    ),
    {RebookingReading: lambda reading: map(Line, reading.questions)},
)

VIEW_ROWS: tuple[RowKind, ...] = (
    VISIBILITY,
    SLOTS,
    ROUTES,
    OVERLAPS,
    LOGINS,
    MATCHES,
    OUTCOMES,
    QUESTIONS,
)
