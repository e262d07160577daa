"""A ready plan is applicable, and what blocks can be mended: over plans that are aimed at hand-made changes.

Deterministic numbers take the place of draws: a small snapshot costs a millisecond so, and each kind gets hundreds.
"""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from aimed_plans import KINDS, Aimed, aimed, confirmed
from hypothesis import settings
from remedies import ways_to_follow

import accountmerge as am
from measuring import first_measured

ROUNDS = 12
"""How many remedies one after the other lead out of every case; the longest way that was seen has 7."""
STUCK = {
    "already_absorbed",  # access is held already, so that there is nothing to ask for anew
    "number_unknown",
    "request_closed",
    "request_expired",
    "schedule_inactive",
}
"""Blockers of which the remedy may be to ask a person and no more."""
AIMED_AT = {
    "migration": {
        "derived_id_taken",
        "email_claimed_twice",
        "migration_under_way",
        "other_active_schedule",
        "profile_switched_off",
        "unfinished_rebooking",
    },
    "merge": {"already_absorbed", "derived_id_taken", "introduced_double_booking", "two_primary_emails"},
    "access_request": {"derived_id_taken", "login_disabled"},
    "access_decision": {"derived_id_taken", "request_closed"},
    "primary_email": {"email_claimed"},
    "customer_edit": {"already_absorbed"},
    "rebooking": {"derived_id_taken", "slot_not_free", "unfinished_rebooking"},
}
"""By kind, blockers that have to come up, or the aim is off."""


@pytest.fixture(params=KINDS, scope="module")
def kind(request: pytest.FixtureRequest) -> str:
    """Return each kind in turn, so that its two laws share the cases."""
    return str(request.param)


def examples() -> int:
    """Return how many cases of each kind are tried: 3,000 of all together, or of each by the profile `laws`."""
    wanted = settings().max_examples
    return wanted if wanted >= 3000 else wanted * 11


def require_applicable(case: Aimed, number: int) -> am.ChangeSet:
    """See that a ready plan passes `check` on the data that it was made from, and can be applied."""
    change_set = confirmed(case.plan().change_set)
    assert am.check(case.snapshot, change_set) == (), number
    result = am.apply(case.snapshot, change_set)
    assert not am.resume(result, change_set).steps, number
    return change_set


def require_undoable(case: Aimed, change_set: am.ChangeSet, number: int) -> int:
    """See that each prefix can be taken back, unless the inverse says before that it cannot; return how many can."""
    undone = 0
    for n in range(len(change_set.steps) + 1):
        part = change_set.prefix(n)
        after = am.apply(case.snapshot, part)
        try:
            inverse = confirmed(am.invert(part))
        except am.ApplyRefused:
            continue
        assert am.check(after, inverse) == (), (number, n)
        assert am.apply(after, inverse) == case.snapshot, (number, n)
        undone += 1
    return undone


def test_a_ready_plan_applies_and_can_be_taken_back_from_every_prefix(kind: str) -> None:
    seen: Counter[str] = Counter()
    for number in first_measured(range(examples())):
        case = aimed(kind, number)
        if not case.plan().is_ready:
            continue
        change_set = require_applicable(case, number)
        seen["steps"] += len(change_set.steps)
        seen["undone"] += require_undoable(case, change_set, number)
    assert seen["steps"] > examples() / 20
    assert seen["undone"] > examples() / 5


def test_following_remedies_leads_to_a_plan_that_applies_and_never_back(kind: str) -> None:
    met: set[str] = set()
    mended = 0
    for number in first_measured(range(examples())):
        case = aimed(kind, number)
        if not case.plan().is_ready:
            met |= {blocker.code for blocker in case.plan().blockers}
            mended += followed(case, number)
    if examples() >= 400:
        assert met >= AIMED_AT[kind]
    assert mended > examples() / 20


def followed(case: Aimed, number: int) -> bool:
    """Follow one remedy after the other, in one of its ways; return whether that led to a plan that applies."""
    random = Random(number)  # noqa: S311 - to be had again
    told: set[str] = set()
    for _ in range(ROUNDS):
        plan = case.plan()
        if plan.is_ready:
            require_applicable(case, number)
            return True
        blockers = {blocker.id for blocker in plan.blockers}
        assert not blockers & told, (number, sorted(told))
        ways = [(blocker, way) for blocker in plan.blockers for way in ways_to_follow(case, blocker)]
        if not ways:
            assert {blocker.code for blocker in plan.blockers} <= STUCK, number
            return False
        if not told:  # of the first round, each way of each remedy
            for blocker, way in ways:
                assert blocker.id not in {other.id for other in way.plan().blockers}, (number, blocker.id)
        blocker, case = random.choice(ways)
        told.add(blocker.id)
    raise AssertionError((number, sorted(told)))
