"""The laws of planners, in the order of attack: cheap ones first."""

from __future__ import annotations

from accountmerge.testing.conformance.law import Law
from planner_laws.applying import (
    a_crash_at_any_edit_leaves_no_trace,
    any_steps_any_number_of_times_are_once,
    undoing_gives_back_what_was,
)
from planner_laws.conservation import nothing_is_lost
from planner_laws.determinism import (
    a_blocked_plan_does_nothing,
    a_ready_plan_can_be_applied_at_once,
    equal_input_in_any_order_gives_byte_equal_plans,
    new_ids_depend_on_neither_instant_nor_address,
    planning_changes_nothing,
)
from planner_laws.goals import (
    applying_does_what_was_asked,
    planning_after_a_crash_at_any_edit_reaches_the_same_end,
    planning_again_is_planning_the_request_on_the_present_data,
    planning_again_on_the_result_gives_an_empty_ready_plan,
    planning_on_the_result_of_any_prefix_reaches_the_same_end,
)
from planner_laws.guards import (
    no_guard_fails_on_the_result_of_a_prefix,
    what_may_not_happen_meanwhile_is_seen,
)
from planner_laws.plan_files import (
    a_plan_is_confirmed_for_itself_alone,
    a_plan_is_read_back_as_it_was_written,
    a_summary_counts_what_the_steps_are,
)
from planner_laws.prefixes import (
    claims_are_released_before_they_are_taken,
    every_prefix_of_steps_is_safe,
    everything_is_rebooked_before_activation,
    no_edit_adds_a_fault,
    nobody_retires_before_all_has_moved,
    values_are_gained_before_they_are_lost,
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
            nothing_is_lost,
            everything_is_rebooked_before_activation,
            claims_are_released_before_they_are_taken,
            values_are_gained_before_they_are_lost,
            nobody_retires_before_all_has_moved,
            every_prefix_of_steps_is_safe,
            no_guard_fails_on_the_result_of_a_prefix,
            what_may_not_happen_meanwhile_is_seen,
            any_steps_any_number_of_times_are_once,
            planning_on_the_result_of_any_prefix_reaches_the_same_end,
            undoing_gives_back_what_was,
            a_crash_at_any_edit_leaves_no_trace,
            a_plan_is_confirmed_for_itself_alone,
            a_summary_counts_what_the_steps_are,
            no_edit_adds_a_fault,
            planning_after_a_crash_at_any_edit_reaches_the_same_end,
            planning_again_is_planning_the_request_on_the_present_data,
        ),
    )
}
"""By name, in the order of attack. A law is added, never changed in what it asks: profiles name them."""
