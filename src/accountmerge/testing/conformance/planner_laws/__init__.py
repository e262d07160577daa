"""The laws of planners, in the order of attack: cheap ones first."""

from __future__ import annotations

from accountmerge.testing.conformance.laws import Law
from accountmerge.testing.conformance.planner_laws.determinism import (
    a_blocked_plan_does_nothing,
    a_plan_is_read_back_as_it_was_written,
    a_ready_plan_can_be_applied_at_once,
    equal_input_in_any_order_gives_byte_equal_plans,
    new_ids_depend_on_neither_instant_nor_address,
    planning_changes_nothing,
)
from accountmerge.testing.conformance.planner_laws.goals import (
    applying_does_what_was_asked,
    planning_again_on_the_result_gives_an_empty_ready_plan,
    planning_on_the_result_of_any_prefix_reaches_the_same_end,
)

PLANNER_LAWS: dict[str, Law] = {
    law.name: law
    for law in map(
        Law,
        (
            planning_changes_nothing,
            a_blocked_plan_does_nothing,
            a_ready_plan_can_be_applied_at_once,
            a_plan_is_read_back_as_it_was_written,
            equal_input_in_any_order_gives_byte_equal_plans,
            new_ids_depend_on_neither_instant_nor_address,
            applying_does_what_was_asked,
            planning_again_on_the_result_gives_an_empty_ready_plan,
            planning_on_the_result_of_any_prefix_reaches_the_same_end,
        ),
    )
}
"""By name, in the order of attack. A law is added, never changed in what it asks: profiles name them."""
