"""Law 13: the preview is the plan. Counts and lines are derived from the steps, each of them exactly once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.messages import LANGUAGES, sentence
from accountmerge.reports.plan_lines import plan_lines, plan_text
from accountmerge.testing.strategies import (
    CustomerCase,
    MergeCase,
    MigrationCase,
    RebookingCase,
    customer_cases,
    merge_cases,
    migration_cases,
    migration_requests,
    rebooking_cases,
    snapshots,
)

if TYPE_CHECKING:
    from accountmerge.kinds import AnyPlan

AT = datetime(2026, 3, 2, tzinfo=UTC)
_STEP = re.compile(r"  ([0-9]+)\. ")
_COUNT = re.compile(r"  .*: ([0-9]+)")
languages = st.sampled_from(LANGUAGES)


def _shown_steps(text: str) -> list[int]:
    return [int(found[1]) for line in text.splitlines() if (found := _STEP.match(line))]


def _shown_counts(text: str) -> list[int]:
    head = text.split("\n\n", 1)[0]
    return [int(found[1]) for line in head.splitlines() if (found := _COUNT.fullmatch(line))]


def _holds(plan: AnyPlan | am.ChangeSet, language: str) -> None:
    change_set = plan if isinstance(plan, am.ChangeSet) else plan.change_set
    text = plan_text(plan, language)
    assert _shown_steps(text) == [step.ordinal for step in change_set.steps]
    assert sum(_shown_counts(text)) == len(change_set.steps)
    lines = [line.text for line in plan_lines(plan, language)]
    assert text.splitlines() == lines
    edits = [line for line in lines if line.startswith(" " * 6)]
    assert len(edits) == sum(len(step.edits) for step in change_set.steps)
    assert not [line for line in lines if line.startswith("  BLOCKER")] or change_set.blocked


@given(migration_cases(), languages)
def test_each_step_stands_exactly_once_in_the_text(case: MigrationCase, language: str) -> None:
    _holds(case.plan(), language)
    _holds(case.plan().change_set, language)


@given(customer_cases(), languages)
def test_each_step_of_a_small_plan_stands_exactly_once(case: CustomerCase, language: str) -> None:
    _holds(case.plan(), language)
    _holds(case.plan().change_set, language)


@given(rebooking_cases(), languages)
def test_the_step_of_a_rebooking_stands_exactly_once(case: RebookingCase, language: str) -> None:
    _holds(case.plan(), language)
    _holds(case.plan().change_set, language)


@given(merge_cases(), languages)
def test_each_step_of_a_merge_stands_exactly_once(case: MergeCase, language: str) -> None:
    _holds(case.plan(), language)
    _holds(case.plan().change_set, language)


@given(migration_cases(), languages, st.data())
def test_each_step_of_a_prefix_stands_exactly_once(
    case: MigrationCase, language: str, data: st.DataObject
) -> None:
    change_set = case.plan().change_set
    _holds(change_set.prefix(data.draw(st.integers(0, len(change_set.steps)))), language)


@given(st.data(), languages)
def test_wrong_requests_have_a_text_too(data: st.DataObject, language: str) -> None:
    snapshot = data.draw(snapshots())
    plan = am.plan_migration(snapshot, data.draw(migration_requests(snapshot)), at=AT)
    _holds(plan, language)
    lines = plan_text(plan, language).splitlines()
    for finding in plan.findings:
        assert sum(line.endswith(f" {finding.id}") for line in lines) == 1


@pytest.mark.unmeasured
@pytest.mark.parametrize("language", LANGUAGES)
def test_thousands_of_steps_stand_exactly_once_each(language: str) -> None:
    def booking(number: int) -> am.Appointment:
        start = AT + timedelta(days=3, hours=number)
        return am.Appointment(
            id=f"2. {number}",
            profile_id="p-1",
            customer_id="c-1",
            slot=am.TimeSlot(start, start + timedelta(minutes=50)),
            time_zone="UTC",
            modality="chat",
            status="booked",
        )

    address = am.model.EmailAddress("old@example.org")
    old = am.Profile(id="p-1", practitioner_id="d-1", email=address, login="enabled", schedule="active")
    customer = am.Customer(id="c-1", record_number="1", emails=[], status="active")
    snapshot = am.Snapshot(AT, profiles=[old], customers=[customer], appointments=map(booking, range(4000)))
    request = am.MigrationRequest(
        profile_id="p-1",
        new_email=am.model.EmailAddress("new@example.org"),
        reason="security",
        ticket="T",
        agreement=am.Agreement(by="A", at=AT, version="1"),
        accept=[am.Acceptance(finding="window_under_estimate:p-1", by="A", why="many share the work")],
    )
    plan = am.plan_migration(snapshot, request, at=AT.replace(hour=9))
    assert len(plan.change_set.steps) == 4005
    _holds(plan, language)
    assert (
        f"  {sentence('summary.rebook', {'count': 4000}, language)}" in plan_text(plan, language).splitlines()
    )
