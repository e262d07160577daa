"""Every broken store is found by the law that its mistake is about; the one that is not broken is not."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from accountmerge.testing.conformance import Capabilities, runners, verify_store
from accountmerge.testing.conformance.store_laws import STORE_LAWS
from accountmerge.testing.reference import ReferenceStore
from broken import (
    BROKEN_STORES,
    BrokenStore,
    answers,
    asking,
    comparing,
    durability,
    guards,
    owning,
    transactions,
    writing,
)

if TYPE_CHECKING:
    from types import ModuleType

    import pendulum

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.testing.adapters import Outcome, Reach

pytestmark = pytest.mark.unmeasured
FEWEST = 20
NO_DRAWN_PLAN = settings(max_examples=1, phases=[], deadline=None, database=None)
MODULES = (answers, asking, comparing, durability, guards, owning, transactions, writing)


@pytest.fixture(autouse=True)
def _is_told_as_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for no smaller plan that shows a mistake: any one will do here."""
    monkeypatch.setattr(runners, "SHRINKING", 0.0)


@pytest.mark.parametrize("mutant", BROKEN_STORES, ids=[mutant.name for mutant in BROKEN_STORES])
def test_a_broken_store_is_found_by_the_law_that_it_breaks(mutant: BrokenStore) -> None:
    report = verify_store(mutant.factory, capabilities=mutant.capabilities, level="quick")
    assert not report.ok
    assert report.broken == (mutant.law,), str(report)


@pytest.mark.parametrize(
    "store", [owning.GivesNumbersAgain, writing.StoresIdsWithoutCase, writing.WritesIdsWithoutCase]
)
def test_numbers_given_again_and_ids_without_case_are_found_by_a_worked_example(
    store: type[ReferenceStore],
) -> None:
    (law,) = [mutant.law for mutant in BROKEN_STORES if mutant.factory is store]
    (result,) = verify_store(store, laws=[law], settings=NO_DRAWN_PLAN).results
    assert result.failure is not None
    assert result.failure.scenario != "a drawn plan"


class KeepsTheOrder(transactions.CommitsEveryEdit):
    """No whole steps, and it says so."""


class RehearsesNothing(ReferenceStore):
    """Applies as far as it comes, and is right to."""

    def apply(self, change_set: ChangeSet, *, now: pendulum.DateTime, reach: Reach) -> dict[int, Outcome]:
        return {} if self._unfit(change_set) else self._one_by_one(self._step_runs(change_set, now, reach))


def test_a_store_may_find_out_step_by_step() -> None:
    report = verify_store(RehearsesNothing, level="quick")
    assert report.ok, str(report)


def test_a_store_that_promises_no_whole_step_need_not_have_one() -> None:
    report = verify_store(KeepsTheOrder, capabilities=Capabilities(atomic_step=False), level="quick")
    assert report.ok, str(report)


def test_a_store_that_promises_to_compare_and_to_ask_nothing_is_taken_at_its_word() -> None:
    report = verify_store(asking.AsksNothing, capabilities=Capabilities(absence_guards=False), level="quick")
    assert report.ok, str(report)


def test_there_are_enough_mistakes_and_each_is_told() -> None:
    assert len(BROKEN_STORES) >= FEWEST
    names = [mutant.name for mutant in BROKEN_STORES]
    assert len(set(names)) == len(names)
    mistakes = [mutant.mistake for mutant in BROKEN_STORES]
    assert all(mistake.endswith(".") for mistake in mistakes)
    assert len(set(mistakes)) == len(mistakes)


def test_every_broken_store_is_put_to_the_test() -> None:
    tried = {mutant.factory for mutant in BROKEN_STORES}
    assert {made for module in MODULES for made in broken_in(module)} == tried


def broken_in(module: ModuleType) -> list[type[ReferenceStore]]:
    """Return the broken stores of a module."""
    return [
        value
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, ReferenceStore)
        and value.__module__ == module.__name__
        and not name.startswith("_")
    ]


def test_what_they_break_are_laws_of_the_kit() -> None:
    assert {mutant.law for mutant in BROKEN_STORES} <= set(STORE_LAWS)


def test_a_broken_store_can_be_made_in_another_process() -> None:
    for mutant in BROKEN_STORES:
        assert pickle.loads(pickle.dumps(mutant.factory)) is mutant.factory  # noqa: S301 - written a line ago
