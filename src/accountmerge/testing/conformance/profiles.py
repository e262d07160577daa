"""Profiles, frozen lists of laws, so that a new release never turns a build red by adding one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import attrs

from accountmerge.errors import InvalidValueError

Level = Literal["smoke", "quick", "full"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""`smoke` has worked examples only; `quick` is for every run; `full` tries every point of many plans, and kills."""

THE_MACHINE = "any_course_of_events_ends_well"
"""The law that the state machine tries."""
THE_KILL = "a_killed_process_leaves_no_trace"
"""The law that is tried with killed processes."""


@attrs.frozen(repr=False, kw_only=True)
class Profile:
    """The laws to try, and how much of each must be exercised.

    Attributes:
        name: The release in which it was frozen.
        floors: The laws in the order of attack; for each, the least count of each exercised kind, at any
            level.
        drawn: For each level with drawn plans, their number for each law, in addition to the worked examples.
        courses: For each of these levels, the number of courses of the state machine.
        events: The most events of a course.
    """

    name: str
    floors: Mapping[str, Mapping[str, int]] = attrs.field(hash=False)
    drawn: Mapping[Level, int] = attrs.field(hash=False)
    courses: Mapping[Level, int] = attrs.field(hash=False)
    events: int

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
)

PROFILES: dict[str, Profile] = {profile.name: profile for profile in (_2026_11,)}
"""Profiles by name, oldest first. They are frozen: a later law needs a new profile."""
DEFAULT_PROFILE = "2026.11"
"""The profile used by default. It never changes: a newer one is chosen by name."""


def profile_of(name: str) -> Profile:
    """Return a profile by its name, or raise `InvalidValueError`."""
    if name not in PROFILES:
        raise InvalidValueError("not_one_of", field="profile", allowed=tuple(PROFILES))
    return PROFILES[name]
