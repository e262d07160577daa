"""Profiles: frozen lists of laws, so that a new release never turns a build red by adding one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import attrs

from accountmerge.errors import InvalidValueError

Level = Literal["quick", "full"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""How long: in seconds, for every run; or in minutes, with many more drawn plans and killed processes."""

THE_MACHINE = "any_course_of_events_ends_well"
"""The law that the state machine tries."""
THE_KILL = "a_killed_process_leaves_no_trace"
"""The law that is tried with processes of their own."""


@attrs.frozen(repr=False, kw_only=True)
class Profile:
    """What is tried, and how much of it has to be exercised.

    Attributes:
        name: The release in which it was frozen.
        floors: The laws in the order of attack; for each, what has to be counted at least, at any level.
        drawn: For each level, on how many drawn plans each law is tried besides the worked examples.
        courses: For each level, how many courses of events the state machine takes.
        events: How many events a course has at the most.
        planner_floors: As `floors`, for the laws of planners.
        drawn_questions: As `drawn`, for the laws of planners.
    """

    name: str
    floors: Mapping[str, Mapping[str, int]] = attrs.field(hash=False)
    drawn: Mapping[Level, int] = attrs.field(hash=False)
    courses: Mapping[Level, int] = attrs.field(hash=False)
    events: int
    planner_floors: Mapping[str, Mapping[str, int]] = attrs.field(hash=False)
    drawn_questions: Mapping[Level, int] = attrs.field(hash=False)

    @property
    def planner_laws(self) -> tuple[str, ...]:
        """The laws of planners in the order of attack."""
        return tuple(self.planner_floors)

    @property
    def laws(self) -> tuple[str, ...]:
        """The laws of stores in the order of attack."""
        return tuple(self.floors)

    def __repr__(self) -> str:
        return f"Profile({self.name!r}, {len(self.floors)} laws)"


_2026_11 = Profile(
    name="2026.11",
    floors={
        "seeded_data_are_read_back_whole": {"plans": 8, "rows": 200},
        "applying_does_what_the_set_says": {"plans": 8, "steps": 30},
        "preflight_says_what_stands_against_a_set_and_writes_nothing": {"plans": 8},
        "what_is_done_is_left_alone": {"plans": 8},
        "prefixes_add_up": {"prefixes": 30},
        "a_set_nobody_said_yes_to_is_refused": {"blocked": 8, "unconfirmed": 1},
        "the_store_keeps_its_own_values": {"rows written": 30, "bookings made": 3},
        "a_crash_leaves_no_trace": {"crashes between steps": 16},
        "a_step_is_whole_or_nothing": {"crashes between steps": 16, "crashes inside": 10},
        "a_failure_leaves_whole_steps": {"failures inside": 10},
        "a_set_is_whole_or_nothing": {"crashes": 16},
        "an_answer_that_was_lost_is_found_out": {"lost answers": 8},
        "a_foreign_write_is_never_overwritten": {"foreign writes": 30},
        "a_version_that_a_guard_names_is_compared": {"versions": 5},
        "what_appears_meanwhile_is_seen": {
            "phantoms": 10,
            "against slot_free": 2,
            "against access_holds": 2,
            "against removal": 2,
        },
        "a_late_set_cancels_nothing_that_has_begun": {"late sets": 4},
        "another_plan_in_between_is_respected": {"rivals": 5},
        "a_set_delivered_again_or_late_changes_nothing_more": {"late deliveries": 20},
        "two_appliers_are_one": {"meetings": 20},
        THE_KILL: {"killed processes": 6},
        THE_MACHINE: {"courses": 5, "deliveries": 5},
    },
    drawn={"quick": 12, "full": 100},
    courses={"quick": 20, "full": 300},
    events=16,
    planner_floors={
        "planning_changes_nothing": {"plans": 8},
        "a_blocked_plan_does_nothing": {"blocked": 3, "ready": 8},
        "a_ready_plan_can_be_applied_at_once": {"plans": 8, "steps": 30},
        "a_plan_is_read_back_as_it_was_written": {"files": 30},
        "equal_input_in_any_order_gives_byte_equal_plans": {"orders": 30},
        "new_ids_depend_on_neither_instant_nor_address": {
            "ids planned a second later": 8,
            "ids with other addresses": 8,
        },
        "applying_does_what_was_asked": {"requests met": 15, "migration met": 2, "merge met": 2},
        "planning_again_on_the_result_gives_an_empty_ready_plan": {"carried out": 15},
        "nothing_is_lost": {"plans carried out": 15},
        "everything_is_rebooked_before_activation": {"moments of a move": 25},
        "claims_are_released_before_they_are_taken": {"moments": 60},
        "values_are_gained_before_they_are_lost": {"moments": 60},
        "nobody_retires_before_all_has_moved": {"prefixes of merges": 20},
        "every_prefix_of_steps_is_safe": {"prefixes": 50},
        "no_guard_fails_on_the_result_of_a_prefix": {"prefixes": 50},
        "what_may_not_happen_meanwhile_is_seen": {"dangers": 200},
        "any_steps_any_number_of_times_are_once": {"prefixes": 50},
        "planning_on_the_result_of_any_prefix_reaches_the_same_end": {"prefixes": 50},
        "undoing_gives_back_what_was": {"undone": 20, "said before": 1},
        "a_crash_at_any_edit_leaves_no_trace": {"crashes": 60},
    },
    drawn_questions={"quick": 12, "full": 150},
)

PROFILES: dict[str, Profile] = {profile.name: profile for profile in (_2026_11,)}
"""By name, oldest first. What stands here is frozen: a law that comes later comes in a profile of its own."""
DEFAULT_PROFILE = "2026.11"
"""What is tried if no profile is named. It stays the same: a newer one is asked for by name."""


def profile_of(name: str) -> Profile:
    """Return a profile by its name.

    Raises:
        InvalidValueError: There is none of this name.
    """
    if name not in PROFILES:
        raise InvalidValueError("not_one_of", field="profile", allowed=tuple(PROFILES))
    return PROFILES[name]
