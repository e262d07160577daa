"""Worked examples: a plan of every kind on one small practice, each with what often goes wrong."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import attrs

import accountmerge as am
from accountmerge.testing.conformance import worked_questions as asked
from accountmerge.testing.conformance.scenarios import Scenario
from accountmerge.testing.conformance.worked_practice import AT, practice

if TYPE_CHECKING:
    from accountmerge.testing.conformance.scenarios import Planned
    from accountmerge.wire.intents import AnyRequest


def _confirmed(request: AnyRequest) -> Planned:
    """Return what plans a request and has it confirmed, if it can be carried out and has something to do."""
    question = asked.question("a worked example", request)

    def planned(snapshot: am.Snapshot) -> am.ChangeSet | None:
        found = question.plan(am.plan, snapshot)
        if not found.is_ready or not found.change_set.steps:
            return None
        return found.confirm(by=asked.WHO, at=AT)

    return planned


def _undoing(snapshot: am.Snapshot) -> Scenario:
    """Return a migration that was carried out, and the set that takes it back."""
    bare = snapshot.changed([attrs.evolve(snapshot.appointments["appointment-2"], status="missed")])
    migration = _confirmed(asked.migration())(bare)
    assert migration is not None  # noqa: S101 - it can be carried out
    inverse = am.invert(migration).confirm(by=asked.WHO, at=AT)
    return Scenario("undoing a migration", am.apply(bare, migration), lambda _: inverse)


@cache
def worked_examples() -> tuple[Scenario, ...]:
    """Return a plan of every kind on the practice."""
    snapshot = practice()
    migration, merge, edit = (
        _confirmed(asked.migration()),
        _confirmed(asked.merge()),
        _confirmed(asked.edit()),
    )
    other = _confirmed(asked.migration("profile-3"))
    away = _confirmed(asked.merge("customer-4"))
    waiting = _confirmed(asked.migration("profile-4", "lea.new@example.org"))
    primary, release = _confirmed(asked.primary()), _confirmed(asked.primary("release"))
    return (
        Scenario("an edit of a customer", snapshot, edit, primary),
        Scenario("a question for access", snapshot, _confirmed(asked.access())),
        Scenario("an approval of access", snapshot, _confirmed(asked.decision())),
        Scenario("another primary email", snapshot, primary, edit),
        Scenario("an address let go", snapshot, release, edit),
        Scenario("a request to rebook", snapshot, _confirmed(asked.rebooking())),
        Scenario("a merge of two customers", snapshot, merge, away),
        Scenario("a merge in which a log-in changes hands", snapshot, _confirmed(asked.merge_back())),
        Scenario("a migration", snapshot, migration, other),
        Scenario("a migration into a profile that waits", snapshot, waiting),
        _undoing(snapshot),
    )
