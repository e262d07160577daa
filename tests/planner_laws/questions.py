"""Questions: what a planner is asked, and on which data; worked ones about the small practice of the kit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs
import pendulum

import accountmerge as am
from accountmerge.kinds import AnyPlan, AnyRequest, AnyRules
from accountmerge.model.instants import utc
from accountmerge.model.snapshots import Snapshot
from accountmerge.model.weekly_hours import WEEKDAYS
from accountmerge.testing.conformance.worked_examples import (
    WHO,
    access,
    decision,
    edit,
    into_a_profile_that_waits,
    merge,
    merge_back,
    migration,
    primary,
    rebooking,
    rules_for,
)
from accountmerge.testing.conformance.worked_practice import AT, ZONE, practice

if TYPE_CHECKING:
    from accountmerge.testing.strategies.planned_cases import Case

Planner = Callable[..., AnyPlan]
"""What plans requests of any kind: `planner(snapshot, request, *, rules, at)`."""


@attrs.frozen(repr=False, kw_only=True)
class Question:
    """What a planner is asked.

    Attributes:
        name: How a report calls it.
        snapshot: The data.
        request: What is asked.
        rules: What is in force.
        at: The instant that is planned for.
    """

    name: str = "a drawn question"
    snapshot: Snapshot
    request: AnyRequest
    rules: AnyRules
    at: pendulum.DateTime = attrs.field(converter=utc)

    @classmethod
    def of(cls, case: Case) -> Question:
        """Return what a drawn case asks; an undoing asks nothing of a planner."""
        return cls(snapshot=case.snapshot, request=case.request, rules=case.rules, at=case.at)  # type: ignore[union-attr]

    def plan(self, planner: Planner, snapshot: Snapshot | None = None) -> AnyPlan:
        """Have it planned, on other data if they are given."""
        data = self.snapshot if snapshot is None else snapshot
        return planner(data, self.request, rules=self.rules, at=self.at)

    def copy(self) -> Question:
        """Return the same question with a request of its own, which a mistaken planner may change."""
        return attrs.evolve(self, request=attrs.evolve(self.request))

    def __repr__(self) -> str:
        return f"Question({self.name!r}, {self.request!r})"


def question(name: str, request: AnyRequest, snapshot: am.Snapshot | None = None) -> Question:
    """Return a question about the practice, with the rules that are in force there."""
    return Question(
        name=name,
        snapshot=snapshot or practice(),
        request=request,
        rules=rules_for(request),
        at=AT,
    )


AT_NIGHT = am.Acceptance(finding="window_outside_hours:profile-4", by=WHO, why="agreed")


@cache
def worked_questions() -> tuple[Question, ...]:
    """Return questions of every kind about the practice."""
    return (
        question("an edit of a customer", edit()),
        question("a question for access", access()),
        question("an approval of access", decision()),
        question("a refusal of access", decision("deny")),
        question("another primary email", primary()),
        question("no primary email any more", primary("clear", "", "customer-1")),
        question("an address let go", primary("release")),
        question("a request to rebook", rebooking()),
        question("a request to book another session", rebooking(7), _open_all_week()),
        question("a merge of two customers", merge()),
        question("a merge into the one without a login", merge_back()),
        question("a migration", migration()),
        question("a migration of bookings that carry values", migration(), _carrying()),
        question(
            "a migration into a profile that waits",
            attrs.evolve(into_a_profile_that_waits(), accept=[AT_NIGHT]),
        ),
        question("a migration without agreement", attrs.evolve(migration(), agreement=None)),
        _halfway(question("the rest of a migration", migration()), 4),
        _halfway(question("the rest of a merge", merge()), 6),
        question("a merge by who may not", attrs.evolve(merge(), actor="profile-3")),
        question("an address that is somebody else's", primary("set", "bo@example.com")),
    )


def _halfway(asked: Question, steps: int) -> Question:
    """Return the same question, asked when some of what it leads to is done."""
    done = asked.plan(am.plan).confirm(by=WHO, at=AT).prefix(steps)
    return attrs.evolve(asked, snapshot=am.apply(asked.snapshot, done))


def _open_all_week() -> am.Snapshot:
    """Return the practice with a new profile that is open at all hours."""
    always = [am.DailyHours(time(0), time(0))]
    days: Any = dict.fromkeys(WEEKDAYS, always)
    waiting = practice().profiles["profile-5"]
    return practice().changed([attrs.evolve(waiting, hours=am.WeeklyHours(ZONE, days=days))])


def _carrying() -> am.Snapshot:
    """Return the practice with values in every field that a replacement has of the booking that it replaces."""
    data, room = practice(), am.model.FrozenJson.of({"room": 4})
    bookings = [
        attrs.evolve(
            row,
            data=room,
            session_id="group-1",
            local_start=am.model.wall_time(row.slot.start, row.time_zone)[0],
            made_by="front-desk",
            created_at=AT - timedelta(days=30),
        )
        for row in data.appointments
        if row.is_live and row.slot.start >= AT
    ]
    return data.changed([*bookings, *(attrs.evolve(row, data=room) for row in data.profiles)])
