"""The page on the way of a migration names every word of its vocabularies, and what it says of each is so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import accountmerge as am
from accountmerge.migrations.notice_texts import NOTICE_FACTS
from accountmerge.migrations.timeline import CONDITIONS, PHASES
from accountmerge.migrations.tracking import PROGRESS_REASONS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/timeline.md").read_text(encoding="utf-8")


def test_every_phase_and_condition_is_named(page: str) -> None:
    assert not [word for word in CONDITIONS if f"`{word}`" not in page]
    assert re.findall(r"^(\w+) +\w+day [^)]+\(UTC\) +(?:undo|forward)", page, flags=re.MULTILINE) == list(
        PHASES
    )


def test_every_reason_is_told_with_its_state(page: str) -> None:
    rows = re.findall(r"^\| (`[^|]+`) \| (left|unexplained) \|", page, flags=re.MULTILINE)
    told = {reason: state for cell, state in rows for reason in re.findall(r"`(\w+)`", cell)}
    assert told == PROGRESS_REASONS


def test_every_notice_is_told_with_its_role_and_placeholders(page: str, plan: am.MigrationPlan) -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| ([^|]+) \|$", page, flags=re.MULTILINE)
    assert {kind: frozenset(re.findall(r"`(\w+)`", cell)) for kind, _, cell in rows} == NOTICE_FACTS
    assert {kind: role for kind, role, _ in rows} == {n.kind: n.role for n in am.migrations.notices(plan)}
