"""The phases of a migration."""

from __future__ import annotations

from typing import Literal, get_args

import attrs
import pendulum

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.inverting import undo_failures
from accountmerge.changes.steps import StepKind
from accountmerge.messages import sentence
from accountmerge.migrations.requests import Agreement
from accountmerge.migrations.rules import MigrationRules, Role
from accountmerge.model.instants import (
    LAST_MICROSECOND,
    MICROSECONDS_PER_DAY,
    from_microseconds,
    microseconds,
    rfc3339,
)
from accountmerge.model.time_slots import TimeSlot

PhaseKind = Literal[
    "agreed",
    "opened",
    "announced",
    "availability_off",
    "rebooking",
    "activation",
    "settling",
    "closed",
]
PHASES: tuple[PhaseKind, ...] = get_args(PhaseKind)
"""In their order."""

Condition = Literal[
    "agreement_given", "plan_ready", "already_reached", "nothing_to_rebook", "days_after_activation"
]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)
"""What a phase waits for that has no instant, or why it needs none."""

GateCode = Literal[
    "agreement_given",
    "profile_open",
    "practitioner_told",
    "availability_off",
    "all_rebooked",
    "nothing_unexplained",
    "no_double_booking",
    "schedule_active",
    "days_over",
]
GATE_CODES: tuple[GateCode, ...] = get_args(GateCode)
"""What must hold to enter a phase."""

WayBack = Literal["undo", "forward", "none"]
WAYS_BACK: tuple[WayBack, ...] = get_args(WayBack)
"""Ways back from a phase: undo what the plan did, plan a migration back, or none because the plan is blocked."""


@attrs.frozen
class PhaseRule:
    """What holds for a phase of every migration.

    Attributes:
        actor: Who acts.
        gate: What must hold to enter it.
    """

    actor: Role
    gate: tuple[GateCode, ...]


PHASE_RULES: dict[PhaseKind, PhaseRule] = {
    "agreed": PhaseRule("practitioner", ()),
    "opened": PhaseRule("people_team", ("agreement_given",)),
    "announced": PhaseRule("support_team", ("profile_open",)),
    "availability_off": PhaseRule("support_team", ("practitioner_told",)),
    "rebooking": PhaseRule("support_team", ("availability_off",)),
    "activation": PhaseRule("support_team", ("all_rebooked", "nothing_unexplained", "no_double_booking")),
    "settling": PhaseRule("customer_service", ("schedule_active",)),
    "closed": PhaseRule("people_team", ("days_over",)),
}

_PHASE_OF_STEP: dict[StepKind, PhaseKind] = {
    "open_profile": "opened",
    "close_availability": "availability_off",
    "rebook": "rebooking",
}


def phase_of(kind: StepKind) -> PhaseKind:
    """Return the phase that a kind of step belongs to: whatever comes after the last rebooking activates."""
    return _PHASE_OF_STEP.get(kind, "activation")


@attrs.frozen(repr=False, kw_only=True)
class Phase:
    """One phase of a migration.

    Attributes:
        kind: Which one.
        at: When it begins, in UTC; of `announced`, the latest instant. Nothing where a condition says when.
        condition: What it waits for, or why it needs no instant; nothing where there is one.
        actor: Who acts.
        gate: What must hold to enter it.
        way_back: `undo` if `am.invert` takes back all steps up to the end of this phase. `forward` if it refuses them,
            because a new booking has a number; then a migration back is planned. `none` if the plan is blocked.
        steps: The ordinals of the plan's steps that belong to it.
    """

    kind: PhaseKind
    at: pendulum.DateTime | None
    condition: Condition | None
    actor: Role
    gate: tuple[GateCode, ...]
    way_back: WayBack
    steps: tuple[int, ...] = ()

    def describe(self, language: str = "en") -> str:
        """Return when the phase begins, in UTC, or what it waits for."""
        return sentence(f"condition.{self.condition}", {}, language) if self.at is None else rfc3339(self.at)

    def __repr__(self) -> str:
        when = self.condition if self.at is None else rfc3339(self.at)
        return f"Phase({self.kind!r}, {when}, {len(self.steps)} steps)"


@attrs.frozen(repr=False)
class Timeline:
    """All phases of a migration.

    Attributes:
        phases: Each once, in the order of `PHASES`.
    """

    phases: tuple[Phase, ...]

    def phase(self, kind: PhaseKind) -> Phase:
        """Return the phase of a kind."""
        return self.phases[PHASES.index(kind)]

    def __repr__(self) -> str:
        return f"Timeline({', '.join(map(repr, self.phases))})"


_HOUR = 3_600_000_000  # microseconds


def timeline_of(
    change_set: ChangeSet,
    blackout: TimeSlot | None,
    agreement: Agreement | None,
    rules: MigrationRules,
    *,
    is_named: bool = False,
) -> Timeline:
    """Return the phases of a migration, each with its instant or with the condition it waits for.

    Instants never go back. While something blocks the plan, all that comes after the agreement waits for
    that. A phase that the data had reached before the plan was made says so, and has no steps: of a plan with
    nothing left to do, that is every one up to `settling`.

    Args:
        change_set: The steps.
        blackout: When availability is off; nothing if nobody knows.
        agreement: The practitioner's agreement to the guide.
        rules: How long ahead a blackout is announced, and when the old login ends.
        is_named: Whether the request names the blackout. It is announced before the instant of the plan then, if
            the plan is for the instant at which it starts; by when at the latest, also if that is past.
    """
    steps: dict[PhaseKind, list[int]] = {}
    for step in change_set.steps:
        steps.setdefault(phase_of(step.kind), []).append(step.ordinal)
    begins: dict[PhaseKind, int | Condition] = {
        "agreed": "agreement_given" if agreement is None else microseconds(agreement.at)
    }
    if change_set.blocked:
        begins |= dict.fromkeys(PHASES[1:], "plan_ready")
    else:
        told_from = microseconds(agreement.at if is_named and agreement else change_set.at)
        begins |= _beginnings(change_set, blackout, rules, told_from)
    ways = _ways_back(change_set, steps)
    return Timeline(
        tuple(_phase(kind, begins[kind], tuple(steps.get(kind, ())), ways[kind]) for kind in PHASES)
    )


def _ways_back(change_set: ChangeSet, steps: dict[PhaseKind, list[int]]) -> dict[PhaseKind, WayBack]:
    """Return for each phase whether the steps up to its end can be undone, by the rules of `am.invert`."""
    if change_set.blocked:
        return dict.fromkeys(PHASES, "none")
    whole = change_set if change_set.through is None else attrs.evolve(change_set, through=None)
    refused = min((failure.step or 1 for failure in undo_failures(whole)), default=None)
    ways: dict[PhaseKind, WayBack] = {}
    last = 0
    for kind in PHASES:
        last = max(last, *steps.get(kind, ()), 0)
        ways[kind] = "undo" if refused is None or last < refused else "forward"
    return ways


def _phase(kind: PhaseKind, begins: int | Condition, steps: tuple[int, ...], way_back: WayBack) -> Phase:
    rule = PHASE_RULES[kind]
    return Phase(
        kind=kind,
        at=from_microseconds(begins) if isinstance(begins, int) else None,
        condition=None if isinstance(begins, int) else begins,
        actor=rule.actor,
        gate=rule.gate,
        way_back=way_back,
        steps=steps,
    )


def _beginnings(
    change_set: ChangeSet, blackout: TimeSlot | None, rules: MigrationRules, told_from: int
) -> dict[PhaseKind, int | Condition]:
    """Return when the phases of a ready plan begin, after the agreement; a blackout is not told of before `told_from`."""
    now = microseconds(change_set.at)
    first: dict[PhaseKind, int] = {}
    for step, instant in zip(change_set.steps, expected_instants(change_set, blackout), strict=True):
        first.setdefault(phase_of(step.kind), instant)
    off = now if blackout is None else max(now, blackout.start_us)
    is_closed = "availability_off" not in first
    activated = first.get("activation")
    ended = end_of_old_login(change_set, blackout, rules.old_login_days)
    announced = max(told_from, off - rules.notice_hours * _HOUR)
    opened = now if is_closed else min(now, announced)
    return {
        "opened": opened if "opened" in first else "already_reached",
        "announced": "already_reached" if is_closed else announced,
        # What was entered ahead is still to come, as long as anything is left to do in it.
        "availability_off": "already_reached" if is_closed and (off == now or not first) else off,
        "rebooking": off if "rebooking" in first else "nothing_to_rebook",
        "activation": "already_reached" if activated is None else activated,
        "settling": "already_reached" if activated is None else activated,
        "closed": "days_after_activation" if ended is None else ended,
    }


def expected_instants(change_set: ChangeSet, blackout: TimeSlot | None) -> tuple[int, ...]:
    """Return for each step of a migration when it is expected to be done; they never go back.

    The new profile is opened at the instant of the plan and availability goes off as the blackout starts. The rebookings
    are spread evenly over the blackout, and what activates the new schedule is done as it ends.

    Args:
        change_set: The steps.
        blackout: When availability is off; nothing if nobody knows, and then all is done at the instant of the plan.

    Returns:
        Microseconds since 1970-01-01T00:00:00Z, one for each step.
    """
    now = microseconds(change_set.at)
    if blackout is None:
        return (now,) * len(change_set.steps)
    start, end = max(now, blackout.start_us), max(now, blackout.end_us)
    count = sum(step.kind == "rebook" for step in change_set.steps)
    found: list[int] = []
    rebooked = 0
    for step in change_set.steps:
        rebooked += step.kind == "rebook"
        if step.kind == "open_profile":
            found.append(now)
        elif step.kind == "close_availability":
            found.append(start)
        elif step.kind == "rebook":
            found.append(start + (end - start) * rebooked // count)
        else:
            found.append(end)
    return tuple(found)


def end_of_old_login(change_set: ChangeSet, blackout: TimeSlot | None, days: int) -> int | None:
    """Return when the old login ends; nothing if the set activates nothing: then nobody can say from when on.

    Args:
        change_set: The steps.
        blackout: When availability is off; nothing if nobody knows.
        days: How long after the activation, in days of 24 hours each.

    Returns:
        Microseconds since 1970-01-01T00:00:00Z, in the calendar.
    """
    pairs = zip(change_set.steps, expected_instants(change_set, blackout), strict=True)
    activated = next((instant for step, instant in pairs if step.kind == "activate_schedule"), None)
    return None if activated is None else min(activated + days * MICROSECONDS_PER_DAY, LAST_MICROSECOND)
