"""Stores on mapped tables keep the laws of the conformance kit, with their own ids and with planned ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lasting_stores import ALL, lasting_store, let_rules_go
from mapped_adapter import MappedAdapter

from accountmerge.testing.conformance import Capabilities, Level, Report, verify_store

pytestmark = pytest.mark.unmeasured
PROMISED = Capabilities(versions=False)
DO_NOT_APPLY = {
    "a_set_is_whole_or_nothing",
    "a_version_that_a_guard_names_is_compared",
    "a_killed_process_leaves_no_trace",
}
"""Laws of stores that count versions, or apply a whole set in one transaction; real kills have tests of their own."""
MACHINE = "any_course_of_events_ends_well"


@pytest.fixture(scope="module")
def adapter(request: pytest.FixtureRequest) -> Iterator[MappedAdapter]:
    """Return a store of the database and the schema in the parameter."""
    database, schema = request.param
    with lasting_store(request, database, schema) as made:
        # The writes of others in the kit lock no profiles and customers first; and a new customer may claim an address.
        made.locks = "tables"
        if schema == "oracle_mapping":
            let_rules_go(made)
        yield made


def verified(
    adapter: MappedAdapter,
    level: Level,
    laws: list[str] | None = None,
    *,
    promised: Capabilities = PROMISED,
) -> Report:
    """Try a level of the kit on a store, whose every new instance is the same database, emptied."""
    return verify_store(
        lambda: adapter,
        capabilities=promised,
        level=level,
        ids="own" if adapter.mapping.gives_ids else "planned",
        limits=adapter.limits,
        laws=laws,
    )


def require_kept(report: Report) -> None:
    """Fail if a law is broken, or was not tried on enough."""
    report.raise_if_broken()
    left = {result.law for result in report.results if result.status == "not_applicable"}
    assert left == (DO_NOT_APPLY | {MACHINE} if report.level == "smoke" else DO_NOT_APPLY)
    assert {result.status for result in report.results if result.law not in left} == {"pass"}


@pytest.mark.parametrize(
    "adapter",
    [("sqlite", "booking_service"), ("postgresql", "booking_service"), ("postgresql", "oracle_mapping")],
    ids="-".join,
    indirect=True,
)
def test_smoke(adapter: MappedAdapter) -> None:
    require_kept(verified(adapter, "smoke"))


WHOLE = Capabilities(versions=False, atomic_set=True)
"""A store that applies all steps in one transaction."""
OF_WHOLE_SETS = [
    "applying_does_what_the_set_says",
    "a_set_is_whole_or_nothing",
    "a_foreign_write_is_never_overwritten",
    "a_set_delivered_again_or_late_changes_nothing_more",
]


@pytest.mark.parametrize("adapter", [("sqlite", "booking_service")], ids="-".join, indirect=True)
def test_some_laws_of_stores_that_apply_whole_sets(adapter: MappedAdapter) -> None:
    whole = MappedAdapter(adapter.engine, adapter.mapping, adapter.locks, batch=1_000)
    verified(whole, "smoke", OF_WHOLE_SETS, promised=WHOLE).raise_if_broken()


@pytest.mark.long
@pytest.mark.parametrize("adapter", ALL, ids="-".join, indirect=True)
def test_smoke_of_stores_that_apply_whole_sets(adapter: MappedAdapter) -> None:
    whole = MappedAdapter(adapter.engine, adapter.mapping, adapter.locks, batch=1_000)
    report = verified(whole, "smoke", promised=WHOLE)
    report.raise_if_broken()
    kept = {result.law for result in report.results if result.status == "pass"}
    assert kept >= {"a_set_is_whole_or_nothing", "what_appears_meanwhile_is_seen", "two_appliers_are_one"}


@pytest.mark.long
@pytest.mark.parametrize("adapter", ALL, ids="-".join, indirect=True)
def test_quick(adapter: MappedAdapter) -> None:
    require_kept(verified(adapter, "quick"))


@pytest.mark.long
@pytest.mark.parametrize(
    "adapter", [("sqlite", "booking_service"), ("postgresql", "oracle_mapping")], ids="-".join, indirect=True
)
def test_full(adapter: MappedAdapter) -> None:
    require_kept(verified(adapter, "full"))
