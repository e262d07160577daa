"""Plans of the migrations of many practitioners at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import attrs
import pendulum

from accountmerge.errors import InvalidValueError
from accountmerge.findings.finding import Finding, finding_order
from accountmerge.messages import Fact
from accountmerge.migrations.agendas import Agenda
from accountmerge.migrations.estimates import LONGEST, MINUTE, longest_blackout
from accountmerge.migrations.plan import MigrationPlan
from accountmerge.migrations.planner import plan_migration
from accountmerge.migrations.requests import MigrationRequest
from accountmerge.migrations.rules import MigrationRules
from accountmerge.migrations.windows import HORIZON_DAYS, best_fit, propose_windows
from accountmerge.model.bookings import future_bookings
from accountmerge.model.instants import (
    LAST_MICROSECOND,
    MICROSECONDS_PER_DAY,
    from_microseconds,
    microseconds,
    rfc3339,
    utc,
)
from accountmerge.model.limits import Limits
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.successions import Persons
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.values import Value, value_class
from accountmerge.wire.canonical import frozen

SEARCHES = 13
"""The number of horizons that are searched for a free window, one after the other: about a year."""
_HORIZON = HORIZON_DAYS * 24 * 60 * MINUTE
_DEFAULT_RULES = MigrationRules()


@value_class(eq=False, repr=False)
class CohortMember(Value):
    """A request of a cohort, and its plan.

    Attributes:
        number: Its place in the cohort, from 1.
        total: The number of members of the cohort.
        request: The request.
        plan: The plan, the same as for the request alone with its window. The request of the plan names the window.
            None if the request contradicts another one, or no window is left.
        findings: The reasons for an absent plan, or findings about the window beside other windows.
    """

    number: int
    total: int
    request: MigrationRequest
    plan: MigrationPlan | None
    findings: tuple[Finding, ...]

    @property
    def is_ready(self) -> bool:
        """Whether there is a plan without blockers."""
        return self.plan is not None and self.plan.is_ready

    @property
    def blackout(self) -> TimeSlot | None:
        """The blackout, or None if the plan does not close availability."""
        if self.plan is None or all(
            step.kind != "deactivate_schedule" for step in self.plan.change_set.steps
        ):
            return None
        return self.plan.blackout

    def __repr__(self) -> str:
        state = "ready" if self.is_ready else "blocked"
        return f"CohortMember({self.number} of {self.total}, {self.request.profile_id!r}, {state})"


@value_class(eq=False, repr=False)
class MigrationCohort(Value):
    """Many migrations, planned at once.

    Attributes:
        members: Each request once, those with a window first, then sorted by profile.
    """

    members: tuple[CohortMember, ...]

    @property
    def is_ready(self) -> bool:
        """Whether every member is ready."""
        return not self.blocked

    @property
    def plans(self) -> tuple[MigrationPlan, ...]:
        """The plans that are ready, sorted by blackout; those without one come first."""
        ready = ((member.blackout, member.plan) for member in self.members if member.is_ready)
        timed = [
            (slot.start_us if slot else 0, plan.request.profile_id, plan) for slot, plan in ready if plan
        ]
        return tuple(plan for _, _, plan in sorted(timed, key=lambda entry: entry[:2]))

    @property
    def blocked(self) -> tuple[CohortMember, ...]:
        """The members that are not ready."""
        return tuple(member for member in self.members if not member.is_ready)

    def __repr__(self) -> str:
        return f"MigrationCohort({len(self.members)} members, {len(self.blocked)} blocked)"


def plan_migrations(
    snapshot: Snapshot,
    requests: Iterable[MigrationRequest],
    *,
    rules: MigrationRules = _DEFAULT_RULES,
    at: datetime,
    capacity: int = 1,
    limits: Limits | None = None,
) -> MigrationCohort:
    """Plan many migrations at once; the order of the requests does not matter.

    A window that a request names is kept, and takes capacity. A request without one gets the best window of
    `propose_windows` within a year in which the support team has capacity, and no practitioner with a customer in
    common has a blackout. Each plan is for the start of its window, because bookings that have begun by then stay. Two
    requests for one practitioner, or for one address, are not planned together.

    Args:
        snapshot: The present data, complete for the practitioners.
        requests: The requests. Equal ones count once.
        rules: The rules of the practice for all its migrations.
        at: The start of the search for windows. Any aware datetime.
        capacity: The number of blackouts that the support team can have at the same time.
        limits: The limits of the store, which each plan is checked against. Default: no limits.

    Raises:
        InvalidValueError: `at` is naive, a request is no `MigrationRequest`, or `capacity` is no whole number above
            zero.

    Takes time in proportion to the practitioners' appointments, once the snapshot is indexed.
    """
    asked, moment = tuple(requests), utc(at, "at")
    if not all(isinstance(request, MigrationRequest) for request in asked):
        raise InvalidValueError("wrong_type", field="requests", wanted="migration_request")
    if type(capacity) is not int or capacity <= 0:
        raise InvalidValueError("wrong_type", field="capacity", wanted="positive_whole_number")
    ordered = sorted(set(asked), key=lambda one: (one.window is None, one.profile_id, frozen(one).text))
    planner = _Planner(snapshot, rules, moment, Agenda(capacity), capacity, limits)
    return MigrationCohort(tuple(planner.members(ordered)))


@value_class(eq=False, repr=False)
class _Planner(Value):
    """The data that the plans of one cohort share."""

    snapshot: Snapshot
    rules: MigrationRules
    at: pendulum.DateTime
    agenda: Agenda
    capacity: int
    limits: Limits | None

    def members(self, requests: Sequence[MigrationRequest]) -> Iterator[CohortMember]:
        against = contradictions(self.snapshot, requests)
        for place, request in enumerate(requests):
            if place not in against and request.window is not None and self._is_open(request):
                self.agenda.take(request.profile_id, request.window, self._customers(request))
        for place, request in enumerate(requests):
            plan, findings = (None, against[place]) if place in against else self._planned(request)
            yield CohortMember(place + 1, len(requests), request, plan, findings)

    def _planned(self, request: MigrationRequest) -> tuple[MigrationPlan | None, tuple[Finding, ...]]:
        if not self._is_open(request):
            return self._plan(request), ()
        if request.window is not None:
            return self._plan(request), tuple(sorted(self._named_findings(request), key=finding_order))
        customers = self._customers(request)
        window, searches = self._free_window(request, customers)
        if window is not None:
            plan = self._plan(attrs.evolve(request, window=window))
            if plan.is_ready:
                findings = tuple(self._far_findings(request, window, customers)) if searches > 1 else ()
                self.agenda.take(request.profile_id, window, customers)
                return plan, findings
        plan = self._plan(request)
        if not all(finding.code.startswith("window_") for finding in plan.blockers):  # with any window
            return plan, ()
        facts = self._obstacle(request, customers)
        left = Finding.of("no_window_left", (request.profile_id,), days=SEARCHES * HORIZON_DAYS, **facts)
        return None, (left,)

    def _far_findings(
        self, request: MigrationRequest, window: TimeSlot, customers: set[str]
    ) -> Iterator[Finding]:
        """Yield a finding that the window is later than four weeks, with the obstacle and the remedy."""
        days = (window.start_us - self._first_us) // MICROSECONDS_PER_DAY
        start = rfc3339(window.start_us)
        facts = self._obstacle(request, customers)
        yield Finding.of("window_far_ahead", (request.profile_id,), start=start, days=days, **facts)

    def _obstacle(self, request: MigrationRequest, customers: set[str]) -> dict[str, Fact]:
        """Return facts about the obstacle in the first four weeks, and the way to make room.

        The obstacle is the capacity, if a window is free without it. It is the customers of other blackouts, if a
        window is free without both. Otherwise the business hours have no room for the work.
        """
        profile, rules = self.snapshot.profiles[request.profile_id], self.rules
        first_us = self._first_us + rules.notice_hours * 60 * MINUTE
        count = len(future_bookings(self.snapshot, profile.id, first_us))
        minutes = count * rules.minutes_per_booking
        facts: dict[str, Fact] = {"profile_id": profile.id, "capacity": self.capacity, "count": count}
        facts |= {
            "minutes": minutes,
            "hands": 1,
            "minutes_each": rules.minutes_per_booking,
            "needed": self.capacity,
        }
        within = self._horizon(self._first_us)
        for way, busy in (("capacity", self.agenda.disturbing(within, customers)), ("customers", ())):
            window = self._proposed(request, self._first_us, busy)
            if window is not None:
                needed = self.agenda.most_at_once(window) + 1
                return facts | {"way": way, "needed": max(needed, self.capacity)}
        start_us = min(first_us, LAST_MICROSECOND - 1)
        fit = best_fit(
            rules.business_hours_for(profile), longest_blackout(start_us), max(count, 1), minutes, start_us
        )
        way = fit.way if fit.way in ("faster", "shared") else "closed"
        return facts | {"way": way, "hands": fit.hands, "minutes_each": fit.minutes_each}

    @property
    def _first_us(self) -> int:
        """The start of the search for windows, in microseconds."""
        return max(microseconds(self.at), microseconds(self.snapshot.taken_at))

    def _plan(self, request: MigrationRequest) -> MigrationPlan:
        """Plan a request for the start of its window, if that is future."""
        at = self.at
        if request.window is not None and at >= self.snapshot.taken_at:
            at = max(at, request.window.start)
        return plan_migration(self.snapshot, request, rules=self.rules, at=at, limits=self.limits)

    def _is_open(self, request: MigrationRequest) -> bool:
        """Return whether there is a schedule to close, so that a window is needed."""
        profile = self.snapshot.profiles.get(request.profile_id)
        return profile is not None and profile.schedule == "active"

    def _customers(self, request: MigrationRequest) -> set[str]:
        """Return the persons with bookings to rebook, each by the id of the survivor."""
        persons = Persons(self.snapshot.customers)
        rows = future_bookings(self.snapshot, request.profile_id, microseconds(self.at))
        return {persons.of(row.customer_id) for row in rows}

    def _free_window(self, request: MigrationRequest, customers: set[str]) -> tuple[TimeSlot | None, int]:
        """Return the best free window of the first horizon with one, and the number of horizons searched."""
        for search in range(SEARCHES):
            from_us = self._first_us + search * _HORIZON
            if from_us >= LAST_MICROSECOND:
                break
            window = self._proposed(request, from_us, self.agenda.busy(self._horizon(from_us), customers))
            if window is not None:
                return window, search + 1
        return None, SEARCHES

    def _horizon(self, from_us: int) -> TimeSlot:
        """Return the time that a search for windows covers."""
        reach = self.rules.notice_hours * 60 * MINUTE + _HORIZON + LONGEST
        from_us = min(from_us, LAST_MICROSECOND - 1)
        return TimeSlot.from_microseconds(from_us, min(from_us + reach, LAST_MICROSECOND))

    def _proposed(
        self, request: MigrationRequest, from_us: int, busy: tuple[TimeSlot, ...]
    ) -> TimeSlot | None:
        """Return the best window of one horizon."""
        earliest = from_microseconds(from_us)
        proposals = propose_windows(
            self.snapshot, request.profile_id, rules=self.rules, earliest=earliest, count=1, busy=busy
        )
        return proposals[0].window if proposals else None

    def _named_findings(self, request: MigrationRequest) -> Iterator[Finding]:
        """Yield the findings about a named window beside other windows."""
        about, window = request.profile_id, request.window
        if window is not None and self.agenda.is_over(about):
            ends = {"start": rfc3339(window.start_us), "end": rfc3339(window.end_us)}
            yield Finding.of("capacity_exceeded", (about,), profile_id=about, capacity=self.capacity, **ends)
        for other, count in self.agenda.sharing(about):
            yield Finding.of(
                "customers_in_two_blackouts", (about, other), profile_id=about, other_id=other, count=count
            )


def contradictions(
    snapshot: Snapshot, requests: Sequence[MigrationRequest]
) -> dict[int, tuple[Finding, ...]]:
    """Return the findings about requests that contradict each other, by the place of the request.

    Requests contradict each other if they move one practitioner, ask for one address, or give one number to two
    bookings.
    """
    contradictions: dict[int, set[Finding]] = {}
    for together, finding in (
        *_moving_twice(snapshot, requests),
        *_asking_twice(requests),
        *_numbering_twice(requests),
    ):
        for place in together:
            contradictions.setdefault(place, set()).add(finding)
    return {
        place: tuple(sorted(findings, key=lambda f: (f.code, f.ids)))
        for place, findings in contradictions.items()
    }


_Told = Iterator[tuple[set[int], Finding]]


def _moving_twice(snapshot: Snapshot, requests: Sequence[MigrationRequest]) -> _Told:
    """Yield the requests that move one practitioner, because only a person can decide their order."""
    humans: list[tuple[int, str]] = []
    for place, request in enumerate(requests):
        profile = snapshot.profiles.get(request.profile_id)
        if profile is not None:  # the plan has the finding about an unknown profile
            humans.append((place, profile.practitioner_id))
    for human, places in _several(humans).items():
        ids = tuple(sorted({requests[place].profile_id for place in places}))
        yield (
            places,
            Finding.of("moves_twice", ids, practitioner_id=human, profile_ids=ids, count=len(places)),
        )


def _asking_twice(requests: Sequence[MigrationRequest]) -> _Told:
    """Yield the requests that ask for one address."""
    for places in _several(
        (place, request.new_email.mailbox) for place, request in enumerate(requests)
    ).values():
        ids = tuple(sorted({requests[place].profile_id for place in places}))
        if len(ids) > 1:  # one profile that moves twice has its finding already
            yield places, Finding.of("email_asked_twice", ids, profile_ids=ids)


def _numbering_twice(requests: Sequence[MigrationRequest]) -> _Told:
    """Yield the requests that give one number twice."""
    numbers = ((place, number) for place, request in enumerate(requests) for _, number in request.numbers)
    for number, places in _several(numbers).items():
        booked = {id for place in places for id, given in requests[place].numbers if given == number}
        ids = tuple(sorted(booked))
        yield places, Finding.of("number_asked_twice", ids, appointment_ids=ids)


def _several(keys: Iterable[tuple[int, str]]) -> Mapping[str, set[int]]:
    """Return each key of more than one place, with its places."""
    places_of: dict[str, set[int]] = {}
    for place, key in keys:
        places_of.setdefault(key, set()).add(place)
    return {key: places for key, places in places_of.items() if len(places) > 1}
