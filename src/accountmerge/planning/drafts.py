"""Drafts: steps without their place, and how they become steps with guards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.changes.edits import Edit
from accountmerge.changes.guards import Guard, Tolerated, derived_guards
from accountmerge.changes.steps import Reason, Step, StepKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


@attrs.frozen
class Draft:
    """A step without its place.

    Attributes:
        kind: What it does.
        reason: Why.
        edits: What changes.
        read_guards: Guards on what was only read; those that follow from the edits are derived.
    """

    kind: StepKind
    reason: Reason
    edits: tuple[Edit, ...]
    read_guards: tuple[Guard, ...] = ()


def numbered(
    drafts: Iterable[Draft], *, at: datetime, tolerated: Tolerated | None = None
) -> tuple[Step, ...]:
    """Return drafts as steps, in their order, with all their guards.

    Args:
        drafts: The steps without their places.
        at: The instant of the plan.
        tolerated: What guards let pass, as `derived_guards` takes it.
    """
    return tuple(
        Step(
            ordinal=ordinal,
            kind=draft.kind,
            reason=draft.reason,
            guards=(*derived_guards(draft.edits, at=at, tolerated=tolerated), *draft.read_guards),
            edits=draft.edits,
        )
        for ordinal, draft in enumerate(drafts, start=1)
    )
