"""Verdicts: what is known to be broken is told as healed only where all that hangs on it holds."""

from __future__ import annotations

import pytest
from broken_stores import CatchesCrashes, NeverCalls

from accountmerge.testing.conformance import Capabilities, KnownBroken, verify_store
from accountmerge.testing.reference import ReferenceStore

CRASHES = "a_crash_leaves_no_trace"
ANSWERS = "an_answer_that_was_lost_is_found_out"
STEPS = "a_step_is_whole_or_nothing"


def test_what_was_not_exercised_is_neither_told_as_healed_nor_red_where_it_is_known() -> None:
    known = Capabilities(durable_progress=KnownBroken("SHOP-12"))
    report = verify_store(NeverCalls, capabilities=known, laws=[CRASHES])
    (result,) = report.results
    assert (result.status, report.ok) == ("known_broken", True)
    assert result.why.startswith("SHOP-12: too little was exercised to say")
    assert "0 crashes between steps" in result.why


class ForgetsAnswers(ReferenceStore):
    """Does what it has to, and tells what was there before as done now."""

    def apply(self, *arguments: object, **more: object) -> dict[int, str]:  # type: ignore[override]
        found = super().apply(*arguments, **more)  # type: ignore[arg-type]
        return dict.fromkeys(found, "applied")


@pytest.mark.unmeasured
def test_a_law_that_holds_next_to_a_broken_one_of_the_same_promise_is_no_surprise() -> None:
    known = Capabilities(durable_progress=KnownBroken("SHOP-12"))
    report = verify_store(ForgetsAnswers, capabilities=known, laws=[CRASHES, STEPS, ANSWERS])
    assert [result.status for result in report.results] == ["pass", "pass", "known_broken"]
    assert report.ok
    report = verify_store(ForgetsAnswers, capabilities=known, laws=[CRASHES, STEPS])
    assert [result.status for result in report.results] == ["unexpected_success"] * 2


def test_each_promise_is_judged_by_its_own_laws() -> None:
    known = Capabilities(durable_progress=KnownBroken("SHOP-12"), versions=KnownBroken("SHOP-13"))
    versions = "a_version_that_a_guard_names_is_compared"
    report = verify_store(CatchesCrashes, capabilities=known, laws=[CRASHES, versions])
    assert [result.status for result in report.results] == ["known_broken", "unexpected_success"]
    assert "SHOP-13" in report.results[1].why
