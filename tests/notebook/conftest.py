"""What the tests of charts share: the example of the docs, its migration and its merge."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

import accountmerge as am

ROOT = Path(__file__).resolve().parents[2]
AT = datetime.fromisoformat("2026-03-02T09:00:00+11:00")


@pytest.fixture(scope="session")
def practice() -> am.Snapshot:
    found = am.loads(ROOT / "docs/examples/practice.json")
    assert isinstance(found, am.Snapshot)
    return found


def request_to_move(profile_id: str, new_email: str) -> am.MigrationRequest:
    agreed_at = datetime.fromisoformat("2026-02-20T11:15:00+11:00")
    return am.MigrationRequest(
        profile_id=profile_id,
        new_email=new_email,
        reason="business_name_change",
        ticket=f"SUP-{profile_id}",
        agreement=am.Agreement(by="Nadia Haddad", at=agreed_at, version="1"),
    )


@pytest.fixture(scope="session")
def plan(practice: am.Snapshot) -> am.MigrationPlan:
    return am.plan_migration(practice, request_to_move("profile-2", "nadia.haddad@example.org"), at=AT)


@pytest.fixture(scope="session")
def merge(practice: am.Snapshot) -> am.MergePlan:
    request = am.MergeRequest(survivor="customer-61", absorbed=["customer-62"], actor="profile-1")
    return am.plan_merge(practice, request, at=AT)


@pytest.fixture(scope="session")
def cohort(practice: am.Snapshot) -> am.migrations.MigrationCohort:
    requests = [request_to_move(f"profile-{n}", f"p{n}@newname.example") for n in (1, 2, 3, 5, 9)]
    return am.migrations.plan_migrations(practice, requests, at=AT, capacity=2)
