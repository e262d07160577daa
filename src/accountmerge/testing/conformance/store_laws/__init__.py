"""The laws of stores in the order of attack, with their names and needs."""

from __future__ import annotations

import attrs

from accountmerge.testing.conformance.law import Law
from accountmerge.testing.conformance.store_laws.applying import (
    a_set_nobody_said_yes_to_is_refused,
    applying_does_what_the_set_says,
    prefixes_add_up,
    preflight_says_what_stands_against_a_set_and_writes_nothing,
    seeded_data_are_read_back_whole,
    the_store_keeps_its_own_values,
    what_is_done_is_left_alone,
)
from accountmerge.testing.conformance.store_laws.crashes import (
    a_crash_leaves_no_trace,
    a_failure_leaves_whole_steps,
    a_set_is_whole_or_nothing,
    a_step_is_whole_or_nothing,
    an_answer_that_was_lost_is_found_out,
)
from accountmerge.testing.conformance.store_laws.deliveries import (
    a_set_delivered_again_or_late_changes_nothing_more,
    two_appliers_are_one,
)
from accountmerge.testing.conformance.store_laws.interference import (
    a_foreign_write_is_never_overwritten,
    a_late_set_cancels_nothing_that_has_begun,
    a_version_that_a_guard_names_is_compared,
    another_plan_in_between_is_respected,
    what_appears_meanwhile_is_seen,
)


@attrs.frozen(repr=False)
class StoreLaw(Law):
    """A law of stores.

    Attributes:
        in_threads: Whether it calls a store from two threads, for which an asynchronous one is not made.
    """

    in_threads: bool = False


STORE_LAWS: dict[str, StoreLaw] = {
    law.name: law
    for law in (
        StoreLaw(seeded_data_are_read_back_whole),
        StoreLaw(applying_does_what_the_set_says),
        StoreLaw(preflight_says_what_stands_against_a_set_and_writes_nothing),
        StoreLaw(what_is_done_is_left_alone),
        StoreLaw(prefixes_add_up),
        StoreLaw(a_set_nobody_said_yes_to_is_refused),
        StoreLaw(the_store_keeps_its_own_values),
        StoreLaw(a_crash_leaves_no_trace, ("durable_progress",)),
        StoreLaw(a_step_is_whole_or_nothing, ("atomic_step", "durable_progress")),
        StoreLaw(a_failure_leaves_whole_steps, ("atomic_step",)),
        StoreLaw(a_set_is_whole_or_nothing, ("atomic_set", "durable_progress")),
        StoreLaw(an_answer_that_was_lost_is_found_out, ("durable_progress",)),
        StoreLaw(a_foreign_write_is_never_overwritten, ("compare_and_set",)),
        StoreLaw(a_version_that_a_guard_names_is_compared, ("versions", "compare_and_set")),
        StoreLaw(what_appears_meanwhile_is_seen, ("absence_guards",)),
        StoreLaw(a_late_set_cancels_nothing_that_has_begun, ("absence_guards",)),
        StoreLaw(another_plan_in_between_is_respected, ("compare_and_set", "absence_guards")),
        StoreLaw(a_set_delivered_again_or_late_changes_nothing_more, ("compare_and_set",)),
        StoreLaw(two_appliers_are_one, ("compare_and_set",), in_threads=True),
    )
}
"""Laws by name, in the order of attack. A law is added, never changed, because profiles name it."""
