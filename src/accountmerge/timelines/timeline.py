"""The timeline of a migration: which of its phases begins when, and which steps each of them has.

Source: design section 3.1, rules 2 to 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.changes.inverting import undo_failures
from accountmerge.model.instants import (
    from_microseconds,
    microseconds,
)
from accountmerge.timelines.phases import PHASE_RULES, PHASES, Phase, Timeline, phase_of
from accountmerge.timelines.schedule import end_of_old_log_in, expected_instants

if TYPE_CHECKING:
    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.model.time_slots import TimeSlot
    from accountmerge.rules.agreements import Agreement
    from accountmerge.rules.migration_rules import MigrationRules
    from accountmerge.timelines.phases import Condition, PhaseKind, WayBack

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
        rules: How long ahead a blackout is announced, and when the old log-in ends.
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
    ended = end_of_old_log_in(change_set, blackout, rules.old_log_in_days)
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
