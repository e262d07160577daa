"""Records of a merge: what hangs on a double that is dropped, and which of several is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

import accountmerge as am
from small_values import NOON, access, customer, profile, record

if TYPE_CHECKING:
    from collections.abc import Sequence

TIE = {"kind": "relation", "related_customer_id": "T"}


def merged(
    records: Sequence[am.Record], rules: am.MergeRules | None = None
) -> tuple[am.Snapshot, list[tuple[str, str, object]]]:
    """Merge B into S; return the result, and the ledger as ids, fields and values (of dropped records: none)."""
    people = [customer("S"), customer("B"), customer("T")]
    rows = [access("X1", customer_id="S"), access("X2", customer_id="B")]
    before = am.Snapshot(NOON, profiles=[profile()], customers=people, access=rows, records=records)
    request = am.MergeRequest(survivor="S", absorbed=("B",), actor="P1")
    plan = am.plan_merge(before, request, rules=rules or am.MergeRules(), at=NOON)
    assert plan.is_ready, plan.blockers
    ledger: list[tuple[str, str, object]] = [
        (entry.id, entry.field, None if entry.field == "record" else entry.value.value)
        for entry in plan.ledger
    ]
    return am.apply(before, plan.confirm(by="Ann Example", at=NOON)), ledger


def test_what_hangs_on_a_double_moves_to_the_kept_one() -> None:
    kept, double = record("K", customer_id="S", **TIE), record("D", customer_id="B", **TIE)
    after, ledger = merged([kept, double, record("H", customer_id="T", attached_to="D")])
    assert after.records["H"].attached_to == "K"
    assert ledger == [("D", "record", None)]


def test_a_kept_record_that_hung_on_its_double_hangs_on_nothing() -> None:
    kept = record("K", customer_id="S", attached_to="D", **TIE)
    after, ledger = merged([kept, record("D", customer_id="B", **TIE)])
    assert after.records["K"].attached_to is None
    assert ledger == [("D", "record", None), ("K", "attached_to", "D")]


def test_no_circle_comes_about_by_way_of_the_kept_record() -> None:
    kept = record("K", customer_id="S", attached_to="W", **TIE)
    way = record("W", customer_id="T", attached_to="V")
    last = record("V", customer_id="T", attached_to="D")
    after, ledger = merged([kept, way, last, record("D", customer_id="B", **TIE)])
    hanging = {row.id: row.attached_to for row in after.records}
    assert hanging == {"K": "W", "W": "V", "V": None}
    assert ledger == [("D", "record", None), ("V", "attached_to", "D")]


def test_what_hangs_on_a_relation_between_them_is_listed() -> None:
    tie = record("D", kind="relation", customer_id="B", related_customer_id="S")
    after, ledger = merged([tie, record("H", customer_id="B", attached_to="D")])
    assert after.records["H"].attached_to is None
    assert after.records["H"].customer_id == "S"
    assert ledger == [("D", "record", None), ("H", "attached_to", "D")]


def test_doubles_that_hang_on_one_another_are_dropped_one_by_one() -> None:
    rows = [
        record("K", customer_id="S", **TIE),
        record("D1", customer_id="B", attached_to="D2", **TIE),
        record("D2", customer_id="B", attached_to="D1", **TIE),
        record("H", customer_id="T", attached_to="D2"),
    ]
    after, ledger = merged(rows)
    assert {row.id: row.attached_to for row in after.records} == {"K": None, "H": "K"}
    assert ledger == [("D1", "record", None), ("D2", "record", None)]


@pytest.mark.parametrize(
    ("created", "kept"), [((None, 0, 1), "R1"), ((1, 0, None), "R1"), ((None, None, None), "R0")]
)
def test_of_several_that_come_the_earliest_is_kept(created: tuple[int | None, ...], kept: str) -> None:
    rules = am.MergeRules(record_kinds=[am.merges.RecordKind(kind="card", one_per_customer=True)])
    rows = [
        record(
            f"R{n}",
            kind="card",
            customer_id="B",
            created_at=None if days is None else NOON + timedelta(days=days),
        )
        for n, days in enumerate(created)
    ]
    after, _ = merged(rows, rules)
    assert [row.id for row in after.records] == [kept]
    own = record("own", kind="card", customer_id="S", created_at=NOON + timedelta(days=9))
    after, _ = merged([*rows, own], rules)
    assert [row.id for row in after.records] == ["own"]


@pytest.mark.parametrize("hanging", [None, "S", "B", "T"])
def test_a_record_that_ends_with_its_customer_is_removed_and_the_survivors_own_stays(
    hanging: str | None,
) -> None:
    tokens = [
        record("T1", kind="token", customer_id="S"),
        record(
            "T2",
            kind="token",
            customer_id="B",
            related_customer_id="S",
            data=am.model.FrozenJson.of("secret"),
        ),
        record("T3", kind="token", customer_id="S", related_customer_id="B"),
    ]
    notes = [record("N1", customer_id=hanging, attached_to="T2")] if hanging else []
    after, ledger = merged(
        [*tokens, *notes], am.MergeRules(record_kinds=[am.merges.RecordKind(kind="token", ends="remove")])
    )
    assert ledger == [("T2", "record", None), *(("N1", "attached_to", "T2") for _ in notes)]
    assert {row.id: (row.customer_id, row.related_customer_id) for row in after.records} == {
        "T1": ("S", None),
        "T3": ("S", "S"),
        **{row.id: ("T" if hanging == "T" else "S", None) for row in notes},
    }
    assert all(row.attached_to is None for row in after.records)
