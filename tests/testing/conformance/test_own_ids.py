"""Stores that give their own ids: the kit plans on those ids, proves such a store, and finds what goes wrong with them."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

import accountmerge as am
import own_id_stores
from accountmerge.testing.conformance import LawBroken, runners, verify_store
from accountmerge.testing.conformance.own_ids import matched
from accountmerge.testing.conformance.worked_practice import practice, twins
from accountmerge.testing.reference import ReferenceStore
from accountmerge.testing.reference.renamed_rows import keyed_rows, named, renamed_snapshot
from own_id_stores import FoundByItsRows, OwnIdStore

SEEDING = "seeded_data_are_read_back_whole"
APPLYING = "applying_does_what_the_set_says"
OWN_VALUES = "the_store_keeps_its_own_values"
FOUND_BY = {
    "GivesIdsAgain": OWN_VALUES,
    "MixesUpKinds": APPLYING,
    "ForgetsIdsInReceipts": APPLYING,
    "KeepsPlannedLinks": SEEDING,
}


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("store", "level"),
    [
        (OwnIdStore, "quick"),
        pytest.param(FoundByItsRows, "quick", marks=pytest.mark.long),
    ],
)
def test_a_store_with_its_own_ids_keeps_every_law_and_none_is_vacuous(store: Any, level: Any) -> None:
    report = verify_store(store, ids="own", level=level)
    assert report.ok, str(report)
    assert {result.law for result in report.results if result.status != "pass"} == {
        "a_set_is_whole_or_nothing",
        "a_killed_process_leaves_no_trace",
        *(["any_course_of_events_ends_well"] if level == "smoke" else []),  # of drawn courses
    }


@pytest.mark.parametrize(("name", "law"), FOUND_BY.items())
def test_a_mistake_with_ids_is_found(name: str, law: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runners, "SHRINKING", 0.0)
    store = getattr(own_id_stores, name)
    report = verify_store(store, ids="own")
    assert report.broken == (law,), str(report)


def test_a_failure_is_looked_for_again_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runners, "SHRINKING", 0.0)
    report = verify_store(own_id_stores.ForgetsIdsInReceipts, ids="own", laws=[APPLYING])
    (result,) = report.results
    assert result.failure is not None
    assert "no receipt says which id the store gave to" in result.why
    source = result.failure.as_test()
    names: dict[str, Any] = {"make_store": own_id_stores.ForgetsIdsInReceipts}
    exec(compile(source, "a test", "exec"), names)  # noqa: S102 - that is what it is for
    with pytest.raises(LawBroken, match="no receipt says"):
        names[f"test_{APPLYING}"]()


def test_an_adapter_with_its_own_ids_has_receipts() -> None:
    with pytest.raises(TypeError, match="receipts"):
        verify_store(Nothing, ids="own")
    with pytest.raises(am.AccountMergeError):
        verify_store(ReferenceStore, ids="others")  # type: ignore[arg-type]


class Nothing(ReferenceStore):
    """Has no receipts to show."""

    receipts = None


@pytest.mark.parametrize("snapshot", [practice(), twins()])
def test_seeded_rows_are_found_by_their_values_and_links(snapshot: am.Snapshot) -> None:
    names = {key: f"{n}" for n, key in enumerate(sorted(keyed_rows(snapshot), reverse=True))}
    stored = renamed_snapshot(snapshot, names)
    assert matched(snapshot, stored) == names
    assert renamed_snapshot(snapshot, matched(snapshot, stored)) == stored


def test_rows_that_are_alike_are_exchanged_whole() -> None:
    def pair(n: int) -> list[am.Appointment]:
        (row, *_) = practice().appointments
        first = attrs.evolve(row, id=f"a-{n}", replaces=None, replaced_by=f"b-{n}", number=None, version=None)
        return [first, attrs.evolve(first, id=f"b-{n}", replaces=f"a-{n}", replaced_by=None)]

    snapshot = practice().changed([*pair(1), *pair(2), *pair(3)])
    names = {key: f"{n}" for n, key in enumerate(sorted(keyed_rows(snapshot)))}
    stored = renamed_snapshot(snapshot, names)
    assert renamed_snapshot(snapshot, matched(snapshot, stored)) == stored


def test_a_request_names_rows_by_the_ids_of_the_store() -> None:
    request = am.MergeRequest(survivor="customer-1", absorbed=["customer-2"], actor="profile-1")
    other = named(
        request,
        {("customer", "customer-1"): "7", ("customer", "customer-2"): "8", ("profile", "profile-1"): "7"},
    )
    assert (other.survivor, other.absorbed, other.actor) == ("7", ("8",), "7")
