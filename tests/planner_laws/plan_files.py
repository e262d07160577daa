"""What a plan is as a value and as a text: read back as written, confirmed for itself alone, and counted rightly."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import attrs

from accountmerge.documents.files import dumps, loads
from accountmerge.model.json_text import FrozenJson
from accountmerge.plans.executions import check
from accountmerge.wire.canonical import sealed
from closed_words import check_words
from planner_laws.law_cases import CONFIRMED_BY, expect

if TYPE_CHECKING:
    from accountmerge.changes.change_sets import ChangeSet
    from planner_laws.law_cases import PlannerLawCase


def a_plan_is_read_back_as_it_was_written(case: PlannerLawCase) -> None:
    """A plan, its set, a prefix of it and its question are the same values when they are written and read."""
    plan, change_set = case.plan, case.plan.change_set
    # A file whose plan id does not fit is refused: neither a remark nor the word of a person is content of a plan.
    remarked = attrs.evolve(change_set, annotations=FrozenJson.of({"seen": True}))
    asked = (case.snapshot, case.question.request, case.question.rules)
    for value in (plan, change_set, change_set.prefix(len(change_set.steps) // 2), remarked, *asked):
        text = dumps(value)
        found = loads(text)
        expect(type(found) is type(value) and found == value, f"{value!r} is read back as {found!r}")
        expect(hash(found) == hash(value), f"{value!r} has another hash when it was read back")
        expect(dumps(found) == text, f"{value!r} is written in another way when it was read back")
        expect(pickle.loads(pickle.dumps(value)) == value, f"{value!r} is not what it was pickled as")  # noqa: S301
    check_words(plan)
    case.count("files", 3)


def a_plan_is_confirmed_for_itself_alone(case: PlannerLawCase) -> None:
    """Prefixes keep the id and the word of the person who confirmed; no other set may borrow either."""
    case.steps  # noqa: B018 - inapplicable if there is nothing to do: that harms nobody
    change_set, bare = case.change_set, case.plan.change_set
    for part in (change_set, change_set.prefix(0), change_set.prefix(len(change_set.steps))):
        expect(part.plan_id == case.plan.plan_id, "a prefix, or a confirmed set, has another id")
        expect(part.confirmation == change_set.confirmation, "a prefix is not confirmed as the whole is")
    grave = any(step.kind in _GRAVE for step in bare.steps)
    expect(bare.needs_confirmation == grave, "it is confirmed without need, or not where there is need")
    wanted = ["unconfirmed"] if grave else []
    expect(_codes(case, bare) == wanted, "a set that is not confirmed is taken for one that is, or refused")
    forged = attrs.evolve(change_set, plan_id="0" * 64)
    expect(_codes(case, forged) == ["plan_id_mismatch"], "a forged id is not seen")
    other = sealed(attrs.evolve(change_set, rules_digest="0" * 64))
    expect(other.plan_id != change_set.plan_id, "other rules leave the id as it was")
    expect(_codes(case, other) == ["confirmation_mismatch"], "the confirmation of another set is taken")
    again = sealed(attrs.evolve(other, confirmation=None)).confirm(by=CONFIRMED_BY, at=case.question.at)
    expect(not _codes(case, again), "a set that is confirmed for itself is refused")
    case.count("confirmed")


_GRAVE = ("retire_customers",)
"""What is done only on the word of a named person."""


def _codes(case: PlannerLawCase, change_set: ChangeSet) -> list[str]:
    return [failure.code for failure in check(case.snapshot, change_set)]


def a_summary_counts_what_the_steps_are(case: PlannerLawCase) -> None:
    """The lines of a summary add up to the steps, in every language."""
    for language in ("en", "fr"):
        lines = case.plan.summary(language).splitlines()[1:-1]
        told = sum(int(line.rpartition(":")[2]) for line in lines)
        expect(told == len(case.plan.change_set.steps), f"a summary counts {told} steps")
        case.count("summaries")
