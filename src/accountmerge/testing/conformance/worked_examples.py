"""Worked examples: a plan of every kind on one small practice, each with what often goes wrong."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import attrs

import accountmerge as am
from accountmerge.testing.conformance import worked_questions as asked
from accountmerge.testing.conformance.scenarios import Scenario
from accountmerge.testing.conformance.worked_practice import AT, practice, twins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.kinds import AnyRequest
    from accountmerge.testing.conformance.scenarios import Planned


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


_LAWS_OF_TWINS = (
    "seeded_data_are_read_back_whole",
    "applying_does_what_the_set_says",
    "preflight_says_what_stands_against_a_set_and_writes_nothing",
)
"""The laws that a store breaks if it takes two ids for one; the other laws would only take longer."""


def _among_twins() -> Iterator[Scenario]:
    """Yield plans that write rows of every kind, each with a twin whose id differs only in the case of its letters."""
    merge = am.MergeRequest(survivor="c-a", absorbed=["c-b"], actor="p-a")
    migration = attrs.evolve(asked.migration("p-a"), numbers={})
    for name, request in (("merge", merge), ("migration", migration)):
        title = f"a {name} among ids that differ only in case"
        yield Scenario(title, twins(), _confirmed(request), laws=_LAWS_OF_TWINS)


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
        *_among_twins(),
    )
