"""What the tests of the documentation share: where the pages are, the example, and its migration."""

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
