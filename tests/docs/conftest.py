"""What the tests of the documentation share: where the pages are, the example, its migration and its merge."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

import accountmerge as am


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def practice(root: Path) -> am.Snapshot:
    found = am.loads(root / "docs/examples/practice.json")
    assert isinstance(found, am.Snapshot)
    return found


@pytest.fixture(scope="session")
def plan(practice: am.Snapshot) -> am.MigrationPlan:
    """The migration that README shows."""
    request = am.MigrationRequest(
        profile_id="profile-2",
        new_email="nadia.haddad@example.org",
        reason="business_name_change",
        ticket="SUP-2087",
        agreement=am.Agreement(
            by="Nadia Haddad", at=datetime.fromisoformat("2026-02-20T11:15:00+11:00"), version="1"
        ),
    )
    return am.plan_migration(practice, request, at=datetime.fromisoformat("2026-03-02T09:00:00+11:00"))


@pytest.fixture(scope="session")
def merge(practice: am.Snapshot) -> am.MergePlan:
    """The merge that README shows."""
    request = am.MergeRequest(survivor="customer-61", absorbed=["customer-62"], actor="profile-1")
    return am.plan_merge(practice, request, at=datetime.fromisoformat("2026-03-02T09:00:00+11:00"))
