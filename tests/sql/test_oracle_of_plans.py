"""Plans on good data break no rule of the oracle at the end of any step."""

from __future__ import annotations

import pytest
from good_snapshots import made_good
from hypothesis import assume, event, given
from oracle_rows import fill, holdable, read
from sqlalchemy import Engine

from accountmerge.plans.executions import apply
from accountmerge.testing.strategies import PlannedCase, planned_cases

pytestmark = pytest.mark.unmeasured


@given(case=planned_cases())
def test_no_rule_is_broken_at_the_end_of_any_step(oracle: Engine, case: PlannedCase) -> None:
    good = made_good(case.snapshot)
    change_set = case.change_set_on(good)
    assume(change_set is not None)
    assert change_set is not None
    assume(not change_set.tolerated)
    event(f"intent: {change_set.intent}")
    for steps in range(len(change_set.steps) + 1):
        planned = apply(good, change_set.prefix(steps)) if steps else good
        with oracle.begin() as connection:
            fill(connection, holdable(planned))
        with oracle.connect() as connection:
            assert read(connection, planned.taken_at) == holdable(planned)
