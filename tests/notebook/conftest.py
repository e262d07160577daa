"""What the tests of charts share: the example of the docs, its migration and its merge."""

from __future__ import annotations

import pytest

import accountmerge as am
from chart_examples import AT, ROOT, request_to_move


@pytest.fixture(scope="session")
def practice() -> am.Snapshot:
    found = am.loads(ROOT / "docs/examples/practice.json")
    assert isinstance(found, am.Snapshot)
    return found


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
