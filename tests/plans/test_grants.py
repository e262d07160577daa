"""One rule for giving access, in every kind of plan."""

from __future__ import annotations

import attrs
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.access import LEVELS, AccessLevel
from accountmerge.plans.grants import grant
from small_values import NOON, access, customer, snapshot

PAIR = {"profile_id": "P1", "customer_id": "C1"}


@given(
    had=st.lists(st.builds(access, st.sampled_from(["X1", "X2", "X3"]), level=st.sampled_from(LEVELS))),
    level=st.sampled_from(LEVELS),
)
def test_a_level_is_given_once_and_a_row_that_has_it_is_left_alone(
    had: list[am.Access], level: AccessLevel
) -> None:
    edit = grant(had, **PAIR, level=level, since=NOON)
    if not had:
        assert edit is not None
        assert edit.before is None
        assert edit.after == access(edit.id, level=level, since=NOON)
    elif level == "viewing" or any(row.level == "treating" for row in had):
        assert edit is None
    else:
        first = min(had, key=lambda row: row.id)
        assert edit is not None
        assert (edit.before, edit.after) == (first, attrs.evolve(first, level="treating"))


def test_a_merge_raises_no_second_row_of_a_profile_that_treats_the_survivor_already() -> None:
    """The weaker row has the lesser id; once it was raised to what the other row gives."""
    held = [access("X1", level="viewing"), access("X2", level="treating")]
    data = snapshot(
        customers=[customer(), customer("C2")],
        access=[*held, access("X3", customer_id="C2", level="treating")],
    )
    plan = am.plan_merge(data, am.MergeRequest(survivor="C1", absorbed=("C2",), actor="P1"), at=NOON)
    assert plan.is_ready
    assert "grant_access" not in [step.kind for step in plan.change_set.steps]
    after = am.apply(data, plan.confirm(by="Ann Example", at=NOON))
    assert set(held) <= set(after.access)
