"""Phases: through which a migration passes, what must hold to enter each, who acts in it, and its way back.

Source: design section 3.1, rules 2 to 5 and 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import attrs
import pendulum

from accountmerge.messages import sentence
from accountmerge.model.instants import rfc3339
from accountmerge.rules.roles import Role

if TYPE_CHECKING:
    from accountmerge.changes.steps import StepKind

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
