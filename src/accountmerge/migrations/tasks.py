"""To-do lists: who has to do what in which phase of a migration, once; the customer has nothing to do.

Source: design section 3.1, rules 2, 4, 8, 9 and 10.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import pendulum

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.messages import Facts, sentence
from accountmerge.migrations.rules import ROLES, Role
from accountmerge.migrations.timeline import PHASES, PhaseKind, Timeline, phase_of
from accountmerge.model.instants import rfc3339
from accountmerge.model.time_slots import TimeSlot

TASK_FACTS: dict[str, frozenset[str]] = {
    "agree_to_guide": frozenset(),
    "take_agreement": frozenset({"profile_id"}),
    "remedy_blockers": frozenset({"codes"}),
    "open_profile": frozenset({"profile_id"}),
    "announce_blackout": frozenset({"start", "end"}),
    "mind_blackout": frozenset({"start", "end"}),
    "close_availability": frozenset({"start", "end"}),
    "list_availability": frozenset({"start", "end"}),
    "book_from_list": frozenset({"start", "end"}),
    "rebook_bookings": frozenset({"count"}),
    "hand_in_bookings": frozenset({"start", "end"}),
    "check_gate": frozenset(),
    "activate_schedule": frozenset({"profile_id"}),
    "tell_new_login": frozenset({"profile_id"}),
    "use_new_login": frozenset({"profile_id"}),
    "send_customers_on": frozenset({"profile_id"}),
    "book_first_appointments": frozenset({"profile_id"}),
    "check_requests": frozenset(),
    "look_up_history": frozenset({"profile_id"}),
    "end_old_login": frozenset({"profile_id"}),
}
"""The closed vocabulary of what anybody has to do, and the facts that each has; in the order of lists."""

Duty = tuple[Role, str, PhaseKind]
"""Who has to do what, in which phase."""

OBLIGATION_DUTIES: dict[str, tuple[Duty, ...]] = {
    "announce_blackout": (
        ("support_team", "announce_blackout", "announced"),
        ("practitioner", "mind_blackout", "availability_off"),
    ),
    "list_availability": (
        ("support_team", "list_availability", "availability_off"),
        ("customer_service", "book_from_list", "availability_off"),
        ("customer_service", "hand_in_bookings", "activation"),
    ),
    "tell_new_login": (
        ("support_team", "tell_new_login", "activation"),
        ("practitioner", "use_new_login", "settling"),
    ),
}
"""What follows from each obligation of a plan; the first of them meets it, and all have its facts."""

_AFTERWARDS: tuple[Duty, ...] = (
    ("practitioner", "send_customers_on", "settling"),
    ("practitioner", "look_up_history", "closed"),
    ("customer_service", "book_first_appointments", "settling"),
    ("customer_service", "check_requests", "settling"),
    ("people_team", "end_old_login", "closed"),
)
"""What is left after every migration: customers reappear one by one, and the old login ends."""

_WITHOUT_AGREEMENT: tuple[Duty, ...] = (
    ("practitioner", "agree_to_guide", "agreed"),
    ("people_team", "take_agreement", "agreed"),
)


@attrs.frozen(repr=False, kw_only=True)
class Task:
    """One thing that somebody has to do, once.

    Attributes:
        role: Who.
        kind: What; one of `TASK_FACTS`.
        phase: In which phase.
        at: When that phase begins, in UTC; nothing while nobody knows.
        facts: About what.
    """

    role: Role
    kind: str
    phase: PhaseKind
    at: pendulum.DateTime | None
    facts: Facts

    def describe(self, language: str = "en") -> str:
        """Return what has to be done, as a sentence to whom it concerns."""
        return sentence(f"task.{self.kind}", self.facts, language)

    def __repr__(self) -> str:
        return f"Task({self.role!r}, {self.kind!r}, {self.phase!r}, {None if self.at is None else rfc3339(self.at)})"


def tasks_of(
    timeline: Timeline,
    change_set: ChangeSet,
    profile_id: str,
    *,
    blackout: TimeSlot | None,
    successor_id: str | None,
) -> tuple[Task, ...]:
    """Return what everybody has to do: sorted by role, then by phase, then in the order of `TASK_FACTS`.

    Of a plan that is blocked, only what unblocks it; of one with nothing left, what comes after every migration.

    Args:
        timeline: The phases.
        change_set: The steps and obligations.
        profile_id: The old profile.
        blackout: When availability is off.
        successor_id: The profile that takes over.
    """
    about: _Known = {"profile_id": profile_id}
    ends: _Known = {}
    if blackout is not None:
        ends = {"start": rfc3339(blackout.start_us), "end": rfc3339(blackout.end_us)}
    opened: _Known = {} if successor_id is None else {"profile_id": successor_id}
    found = [
        Task(
            role=role, kind=kind, phase=phase, at=timeline.phase(phase).at, facts=_named(kind, about | facts)
        )
        for (role, kind, phase), facts in _duties(change_set, ends, opened)
    ]
    places = {kind: place for place, kind in enumerate(TASK_FACTS)}
    return tuple(
        sorted(
            dict.fromkeys(found),
            key=lambda duty: (ROLES.index(duty.role), PHASES.index(duty.phase), places[duty.kind]),
        )
    )


_Known = dict[str, str | int | tuple[str, ...]]


def _named(kind: str, facts: _Known) -> Facts:
    return Facts.of({name: fact for name, fact in facts.items() if name in TASK_FACTS[kind]})


def _duties(change_set: ChangeSet, ends: _Known, opened: _Known) -> Iterator[tuple[Duty, _Known]]:
    """Yield what has to be done, with what is known about it beyond the old profile."""
    if change_set.blocked:
        yield ("support_team", "remedy_blockers", "opened"), {"codes": change_set.blocked}
        if "agreement_missing" in change_set.blocked:
            yield from ((duty, {}) for duty in _WITHOUT_AGREEMENT)
        return
    phases = {phase_of(step.kind) for step in change_set.steps}
    for step in change_set.steps:
        if step.kind == "open_profile":
            yield ("people_team", "open_profile", "opened"), opened
        elif step.kind == "close_availability":
            yield ("support_team", "close_availability", "availability_off"), ends
    if "rebooking" in phases:
        count = sum(step.kind == "rebook" for step in change_set.steps)
        yield ("support_team", "rebook_bookings", "rebooking"), {"count": count}
    if "activation" in phases:
        yield ("support_team", "check_gate", "activation"), {}
        yield ("support_team", "activate_schedule", "activation"), {}
    for obligation in change_set.obligations:
        for duty in OBLIGATION_DUTIES.get(obligation.kind, ()):
            yield duty, dict(obligation.facts)
    yield from ((duty, {}) for duty in _AFTERWARDS)
