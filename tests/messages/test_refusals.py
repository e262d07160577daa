"""Refusals of arguments of a wrong class, and other errors that no subject tests by its sentence."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

import accountmerge as am
from accountmerge.kinds import REQUEST_KINDS
from accountmerge.messages import LANGUAGES
from accountmerge.plans.plan import change_set_of
from accountmerge.testing.conformance.capabilities import Capabilities
from accountmerge.testing.conformance.verifying import _promised
from small_values import NOON, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

WRONG: Any = 5
WRONG_ROWS: Any = [WRONG]
COLLECTIONS = ("profiles", "customers", "appointments", "records", "access", "access_requests")
REFUSED: dict[str, Callable[[], object]] = {
    **{rows: partial(am.Snapshot, NOON, **{rows: WRONG_ROWS}) for rows in COLLECTIONS},
    **{
        intent: partial(kind.planned, snapshot(), WRONG, rules=None, at=NOON)
        for intent, kind in REQUEST_KINDS.items()
    },
    "request": lambda: am.plan(snapshot(), WRONG, at=NOON),
    "plan": lambda: am.rebase(snapshot(), WRONG),
    "change set": lambda: change_set_of(WRONG),
    "answer": lambda: Capabilities(atomic_step=WRONG),
    "capabilities": lambda: _promised(WRONG),
    "days": lambda: am.WeeklyHours("UTC", days=[WRONG]),
    "pairs": lambda: am.MigrationRequest(
        profile_id="P1", new_email="a@example.org", reason="", ticket="", agreement=None, numbers=[WRONG]
    ),
    "repeated hour": lambda: am.model.resolve_wall_time(
        datetime(2026, 11, 1, 1, 30),  # noqa: DTZ001 - the time of a clock
        "America/Toronto",
        ambiguous="refuse",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_argument_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(am.InvalidValueError) as refused:
        REFUSED[name]()
    assert all(refused.value.describe(language) for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_more_failures_than_a_screen_are_counted(language: str) -> None:
    failures = [am.changes.Failure.of("unconfirmed")] * 23
    assert "3" in am.ApplyRefused(failures).describe(language).splitlines()[-1]
