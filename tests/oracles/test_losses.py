"""The checkers of conservation tell every loss: whatever is taken from a result, added to it or written over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.changes.change_sets import INTENTS
from accountmerge.changes.edits import differing_fields
from accountmerge.model.entities import KINDS, kind_of
from accountmerge.testing.reference.foreign_writes import scribbles
from accountmerge.testing.strategies import PlannedCase, planned_cases
from oracles.conservation import losses
from oracles.goals import unmet

if TYPE_CHECKING:
    from collections.abc import Iterator

PLANNED = tuple(intent for intent in INTENTS if intent != "undo")
every_intent = pytest.mark.parametrize("intent", PLANNED)
of_each = settings(max_examples=6)
RULED = ("phones", "attributes", "birth_date", "address", "given_name")


def told(case: PlannedCase, after: am.Snapshot) -> list[object]:
    """Return all that the checkers have against a result."""
    request: Any = case.case.request  # type: ignore[union-attr]
    at = case.change_set.at
    rules: Any = case.case.rules  # type: ignore[union-attr]
    found = losses(request, case.snapshot, after, at, case.change_set.ledger, rules)
    return [*found, *unmet(request, case.snapshot, after, at)]


def rows_of(snapshot: am.Snapshot) -> Iterator[Any]:
    for kind in KINDS:
        yield from snapshot.table(kind.collection)


def without(snapshot: am.Snapshot, gone: Any) -> am.Snapshot:
    """Return the data without an entity, whatever refers to it."""
    rows: Any = {
        kind.collection: [row for row in snapshot.table(kind.collection) if row is not gone] for kind in KINDS
    }
    return am.Snapshot.of_checked(snapshot.taken_at, snapshot.complete_for, rows)


def may_be(case: PlannedCase, row: Any, other: Any) -> bool:
    """Tell whether a merge may write a value that nobody had: one that its rules give, or the reason it gives."""
    if case.change_set.intent != "merge":
        return False
    (name,) = differing_fields(row, other)
    is_survivor = isinstance(row, am.Customer) and row.merged_into is None
    return (is_survivor and name in RULED) or (isinstance(row, am.AccessRequest) and name == "reason")


@st.composite
def results(draw: st.DrawFn, intent: Any) -> tuple[PlannedCase, am.Snapshot]:
    """A plan, and what applying it gives."""
    case = draw(planned_cases(intents=(intent,)))
    return case, am.apply(case.snapshot, case.change_set)


@every_intent
@of_each
@given(st.data())
def test_whatever_is_written_over_is_told(intent: Any, data: st.DataObject) -> None:
    case, after = data.draw(results(intent))
    assert not told(case, after)
    for row in rows_of(after):
        for other in scribbles(row):
            if not may_be(case, row, other):
                assert told(case, after.changed([other])), (intent, row, other)


@every_intent
@of_each
@given(st.data())
def test_whatever_vanishes_or_is_made_up_is_told(intent: Any, data: st.DataObject) -> None:
    case, after = data.draw(results(intent))
    for row in rows_of(after):
        event(kind_of(row).name)
        assert told(case, without(after, row)), (intent, "gone", row)
        assert told(case, after.changed([attrs.evolve(row, id="made-up")])), (intent, "made up", row)
