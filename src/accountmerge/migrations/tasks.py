"""The tasks of each role in the phases of a migration."""

from __future__ import annotations

from collections.abc import Iterator

import pendulum

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.messages import Facts, sentence
from accountmerge.migrations.rules import ROLES, Role
from accountmerge.migrations.timeline import PHASES, PhaseKind, Timeline, phase_of
from accountmerge.model.instants import rfc3339
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.values import Value, value_class

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
"""The kinds of task, in the order of lists, and the facts of each."""

Duty = tuple[Role, str, PhaseKind]
"""A role, a kind of task and a phase."""

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
"""The tasks of each obligation of a plan; the first one meets it, and all have its facts."""

_AFTERWARDS: tuple[Duty, ...] = (
    ("practitioner", "send_customers_on", "settling"),
    ("practitioner", "look_up_history", "closed"),
    ("customer_service", "book_first_appointments", "settling"),
    ("customer_service", "check_requests", "settling"),
    ("people_team", "end_old_login", "closed"),
)
"""The tasks after every migration, until the old login ends."""

_WITHOUT_AGREEMENT: tuple[Duty, ...] = (
    ("practitioner", "agree_to_guide", "agreed"),
    ("people_team", "take_agreement", "agreed"),
)


@value_class(eq=False, repr=False, kw_only=True)
class Task(Value):
    """One task of a role in a migration.

    Attributes:
        role: The role that does it.
        kind: One of `TASK_FACTS`.
        phase: The phase.
        at: The start of the phase, in UTC. None if it is unknown.
        facts: The facts of the task.
    """

    role: Role
    kind: str
    phase: PhaseKind
    at: pendulum.DateTime | None
    facts: Facts

    def describe(self, language: str = "en") -> str:
        """Return the task as a sentence to its role."""
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
    """Return the tasks of a migration, sorted by role, by phase, then in the order of `TASK_FACTS`.

    A blocked plan has only the tasks that unblock it.
    """
    about: _Known = {"profile_id": profile_id}
    ends: _Known = {}
    if blackout is not None:
        ends = {"start": rfc3339(blackout.start_us), "end": rfc3339(blackout.end_us)}
    opened: _Known = {} if successor_id is None else {"profile_id": successor_id}
    tasks = [
        Task(
            role=role, kind=kind, phase=phase, at=timeline.phase(phase).at, facts=_named(kind, about | facts)
        )
        for (role, kind, phase), facts in _duties(change_set, ends, opened)
    ]
    places = {kind: place for place, kind in enumerate(TASK_FACTS)}
    return tuple(
        sorted(
            dict.fromkeys(tasks),
            key=lambda duty: (ROLES.index(duty.role), PHASES.index(duty.phase), places[duty.kind]),
        )
    )


_Known = dict[str, str | int | tuple[str, ...]]


def _named(kind: str, facts: _Known) -> Facts:
    return Facts.of({name: fact for name, fact in facts.items() if name in TASK_FACTS[kind]})


def _duties(change_set: ChangeSet, ends: _Known, opened: _Known) -> Iterator[tuple[Duty, _Known]]:
    """Yield each task with its facts other than the old profile."""
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
