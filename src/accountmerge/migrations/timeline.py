"""The phases of a migration."""

from __future__ import annotations

from typing import Literal, get_args

import attrs
import pendulum

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.steps import StepKind
from accountmerge.messages import moment_text, sentence
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
from accountmerge.model.values import ShownValue, Value, value_class

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
"""All phases, in their order."""

Condition = Literal[
    "agreement_given", "plan_ready", "already_reached", "nothing_to_rebook", "days_after_activation"
]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)
"""The conditions of phases without an instant."""

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
"""The conditions to enter a phase."""

WayBack = Literal["undo", "forward", "none"]
WAYS_BACK: tuple[WayBack, ...] = get_args(WayBack)
"""Ways back from a phase: undo the plan, plan another migration, or none because the plan is blocked."""


@value_class(eq=False, repr=False)
class PhaseRule(ShownValue):
    """The rule for a phase of every migration.

    Attributes:
        actor: The role that acts.
        gate: The conditions to enter the phase.
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
    """Return the phase of a kind of step; steps after the last rebooking belong to activation."""
    return _PHASE_OF_STEP.get(kind, "activation")


@value_class(eq=False, repr=False, kw_only=True)
class Phase(Value):
    """One phase of a migration.

    Attributes:
        kind: One of `PHASES`.
        at: The start, in UTC; of `announced`, the latest instant. None if `condition` is given.
        condition: One of `CONDITIONS`. None if `at` is given.
        actor: The role that acts.
        gate: The conditions to enter the phase.
        way_back: `undo` if `am.invert` takes back all steps up to the end of this phase. `forward` if it refuses them
            because a new booking has a number; then another migration is planned. `none` if the plan is blocked.
        steps: The ordinals of the plan's steps in this phase.
    """

    kind: PhaseKind
    at: pendulum.DateTime | None
    condition: Condition | None
    actor: Role
    gate: tuple[GateCode, ...]
    way_back: WayBack
    steps: tuple[int, ...] = ()

    def describe(self, language: str = "en") -> str:
        """Return the start of the phase in words, or the sentence of its condition."""
        if self.at is None:
            return sentence(f"condition.{self.condition}", {}, language)
        return moment_text(rfc3339(self.at), language)

    def __repr__(self) -> str:
        when = self.condition if self.at is None else rfc3339(self.at)
        return f"Phase({self.kind!r}, {when}, {len(self.steps)} steps)"


@value_class(eq=False, repr=False)
class Timeline(Value):
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
    """Return the phases of a migration, each with its instant or its condition.

    Instants never go back. All phases after the agreement of a blocked plan have the condition `plan_ready`. A phase
    that was reached before the plan has the condition `already_reached` and no steps. If the request names the
    blackout, the announcement may be due before the instant of the plan.
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
    """Return the way back from each phase, by the rules of `am.invert`."""
    if change_set.blocked:
        return dict.fromkeys(PHASES, "none")
    from accountmerge.changes.inverting import undo_failures  # costly, and planning does not need it

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
    """Return the starts of a ready plan's phases after the agreement, none announced before `told_from`."""
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
        # A blackout that was entered ahead is still future, as long as the plan has steps.
        "availability_off": "already_reached" if is_closed and (off == now or not first) else off,
        "rebooking": off if "rebooking" in first else "nothing_to_rebook",
        "activation": "already_reached" if activated is None else activated,
        "settling": "already_reached" if activated is None else activated,
        "closed": "days_after_activation" if ended is None else ended,
    }


def expected_instants(change_set: ChangeSet, blackout: TimeSlot | None) -> tuple[int, ...]:
    """Return the expected instant of each step of a migration; instants never go back.

    The new profile is opened at the instant of the plan. Availability goes off at the start of the blackout, the
    rebookings are spread evenly over it, and the other steps are at its end. Without a blackout all steps are at the
    instant of the plan. Instants are in microseconds since 1970.
    """
    now = microseconds(change_set.at)
    if blackout is None:
        return (now,) * len(change_set.steps)
    start, end = max(now, blackout.start_us), max(now, blackout.end_us)
    count = sum(step.kind == "rebook" for step in change_set.steps)
    instants: list[int] = []
    rebooked = 0
    for step in change_set.steps:
        rebooked += step.kind == "rebook"
        if step.kind == "open_profile":
            instants.append(now)
        elif step.kind == "close_availability":
            instants.append(start)
        elif step.kind == "rebook":
            instants.append(start + (end - start) * rebooked // count)
        else:
            instants.append(end)
    return tuple(instants)


def end_of_old_login(change_set: ChangeSet, blackout: TimeSlot | None, days: int) -> int | None:
    """Return when the old login expires, or None if no schedule is activated.

    Days have 24 hours. The instant is in microseconds since 1970, at most the end of the calendar.
    """
    pairs = zip(change_set.steps, expected_instants(change_set, blackout), strict=True)
    activated = next((instant for step, instant in pairs if step.kind == "activate_schedule"), None)
    return None if activated is None else min(activated + days * MICROSECONDS_PER_DAY, LAST_MICROSECOND)
