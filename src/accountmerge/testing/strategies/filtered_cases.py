"""Filtered cases: of those that a strategy draws, the ones that are ready, or that have something to do as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from hypothesis import strategies as st

    from accountmerge.testing.strategies.customer_cases import CustomerCase
    from accountmerge.testing.strategies.merges import MergeCase
    from accountmerge.testing.strategies.migrations import MigrationCase
    from accountmerge.testing.strategies.rebookings import RebookingCase

    CaseT = TypeVar("CaseT", MigrationCase, MergeCase, CustomerCase, RebookingCase)


def ready(cases: st.SearchStrategy[CaseT]) -> st.SearchStrategy[CaseT]:
    """Return those cases whose plan nothing blocks; there may be nothing left to do."""
    return cases.filter(_is_ready)


def busy(cases: st.SearchStrategy[CaseT]) -> st.SearchStrategy[CaseT]:
    """Return those cases whose plan nothing blocks, and that have something to do."""
    return cases.filter(_is_busy)


def _is_ready(case: CaseT) -> bool:
    return case.plan().is_ready


def _is_busy(case: CaseT) -> bool:
    plan = case.plan()
    return plan.is_ready and bool(plan.change_set.steps)
