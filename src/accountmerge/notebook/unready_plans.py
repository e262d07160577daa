"""The reason why a plan has no picture."""

from __future__ import annotations

from typing import Any

from accountmerge.notebook.chart_texts import words
from accountmerge.plans.plan import Plan


def state_of(plan: Plan[Any, Any], language: str) -> str | None:
    """Return the sentence for a plan that is blocked or has no steps, else None."""
    change_set = plan.change_set
    if change_set.blocked:
        return words("blocked", language, codes=tuple(change_set.blocked))
    return None if change_set.steps else words("nothing_left", language)
