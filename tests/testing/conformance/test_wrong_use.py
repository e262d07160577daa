"""Wrong use: what was given wrongly is told in words that say what to do."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import accountmerge as am
from accountmerge.testing.conformance import Capabilities, KnownBroken, verify_store
from accountmerge.testing.reference import ReferenceStore

SEEDING = "seeded_data_are_read_back_whole"
APPLYING = "applying_does_what_the_set_says"
MACHINE = "any_course_of_events_ends_well"


class DumpsNothing(ReferenceStore):
    """Forgets to return what it read."""

    def dump(self) -> Any:
        super().dump()


def test_a_dump_of_something_else_is_told() -> None:
    (result,) = verify_store(DumpsNothing, laws=[SEEDING]).results
    assert result.why == "dump has to return a Snapshot; it returned NoneType"


@pytest.mark.parametrize("law", [SEEDING, MACHINE])
def test_a_factory_that_makes_no_adapter_is_told(law: str) -> None:
    made: Any = lambda: None  # noqa: E731 - the usual slip: nothing is returned
    with pytest.raises(TypeError, match="the factory made a NoneType: an adapter has seed, dump, preflight"):
        verify_store(made, laws=[law])


@pytest.mark.parametrize("law", [APPLYING, MACHINE])
def test_what_runs_coroutines_is_not_wanted_where_there_are_none(law: str) -> None:
    with pytest.raises(TypeError, match="the store is not asynchronous: leave out run="):
        verify_store(ReferenceStore, run=asyncio.run, laws=[law])


@pytest.mark.parametrize("answer", ["no", 1, None])
def test_a_promise_is_yes_or_no_or_not_yet(answer: Any) -> None:
    with pytest.raises(am.InvalidValueError) as raised:
        Capabilities(versions=answer)
    assert "versions" in str(raised.value)
    assert "KnownBroken" in str(raised.value)
    assert Capabilities(versions=False, atomic_set=KnownBroken("T-1")).atomic_set == KnownBroken("T-1")


def test_promises_are_capabilities() -> None:
    wrong: Any = {"versions": False}
    with pytest.raises(am.InvalidValueError, match="capabilities"):
        verify_store(ReferenceStore, capabilities=wrong)


def test_no_laws_at_all_is_a_slip() -> None:
    with pytest.raises(am.InvalidValueError, match="laws"):
        verify_store(ReferenceStore, laws=[])
