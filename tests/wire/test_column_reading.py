"""Rows that are read at once are what each of them would be read as alone; anything wrong is left to single rows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.entities import KINDS, EntityKind
from accountmerge.testing.strategies import snapshots
from accountmerge.wire import model_hooks
from accountmerge.wire.converter import converter, rows_reader

ODD: tuple[Any, ...] = (
    None, "", " ", " a", "a ", "a b", "a" * 200, "a" * 201, "é", "\ud800", "a\nb", "a\u200bb", "\x7f", 0, 1, -1, True,
    False, 1.0, 2**53, 2**53 + 1, [], {}, [""], "booked", "video", "UTC", "Nowhere/None", "treating", "*", ["a"],
    "2026-03-01T09:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T09:00:60Z", "2026-03-01t09:00:00.5+10:00", "2026-03-01",
    "2026-03-01T09:00:00Z ", "2026-03-01T09:00:00", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00",
)  # fmt: skip
"""Values at the limits of what some field may hold."""


def class_of(kind: EntityKind) -> Any:
    return kind.cls


def read_alone(kind: EntityKind, rows: list[Any]) -> list[Any] | None:
    """Read each row by itself; None if one of them cannot be read."""
    read = converter().get_structure_hook(kind.cls)
    try:
        return [read(row, kind.cls) for row in rows]
    except Exception:  # noqa: BLE001 - whatever it is, the rows read at once are not taken either
        return None


def assert_same(kind: EntityKind, rows: list[Any]) -> None:
    read_at_once = rows_reader(class_of(kind))
    assert read_at_once is not None
    at_once, alone = read_at_once(rows, {}), read_alone(kind, rows)
    if at_once is not None:
        assert alone is not None
        assert at_once == alone
        assert [repr_of(row) for row in at_once] == [repr_of(row) for row in alone]


def repr_of(row: Any) -> list[tuple[type, Any]]:
    """Return the values of all fields with their types: `1`, `1.0` and `True` are three."""
    return [
        (type(getattr(row, name)), getattr(row, name))
        for name in type(row).__match_args__ or row.__slots__
        if hasattr(row, name)
    ]


def rows_of(snapshot: am.Snapshot, kind: EntityKind) -> list[Any]:
    data: list[Any] = json.loads(am.dumps(snapshot))[kind.collection]
    return data


@given(snapshots())
def test_rows_that_are_right_are_read_at_once_and_equal_those_read_alone(snapshot: am.Snapshot) -> None:
    for kind in KINDS:
        rows = rows_of(snapshot, kind)
        if rows:
            read_at_once = rows_reader(class_of(kind))
            assert read_at_once is not None
            assert (
                read_at_once(rows, {})
                == read_alone(kind, rows)
                == list(map(snapshot.table(kind.collection).__getitem__, [row["id"] for row in rows]))
            )


WHOLE: dict[str, dict[str, Any]] = {
    "profile": {"id": "p", "practitioner_id": "x", "email": "a@example.com", "login": "enabled", "schedule": "active",
                "succeeded_by": "q", "data": {"a": [1]}, "version": 1},
    "customer": {"id": "c", "record_number": "1", "given_name": "A", "family_name": "B", "status": "active",
                 "emails": [{"address": "a@example.com", "use": "primary"}], "phones": ["1"], "birth_date": "2000-01-01",
                 "address": "x", "opt_outs": ["y"], "attributes": {"a": 1}, "merged_into": "d", "version": "v",
                 "former_record_numbers": ["2"], "merged_at": "2026-03-01T09:00:00Z"},
    "appointment": {"id": "a", "number": "APP-1", "profile_id": "p", "customer_id": "c", "start": "2026-03-01T09:00:00Z",
                    "end": "2026-03-01T10:00:00Z", "time_zone": "UTC", "modality": "video", "status": "booked",
                    "local_start": "2026-03-01T09:00:00", "cancel_reason": "x", "session_id": "s", "replaces": "b",
                    "replaced_by": "d", "data": [0], "created_at": "2026-03-01T09:00:00Z", "made_by": "y", "version": 3},
    "record": {"id": "r", "kind": "note", "customer_id": "c", "related_customer_id": "d", "profile_id": "p",
               "attached_to": "s", "unique_key": "k", "created_at": "2026-03-01T09:00:00Z", "data": {"a": [1]}, "version": 1},
    "access": {"id": "x", "profile_id": "p", "customer_id": "c", "level": "treating", "since": "2026-03-01T09:00:00Z",
               "created_at": "2026-03-01T09:00:00Z", "made_by": "y"},
    "access_request": {"id": "q", "profile_id": "p", "customer_id": "c", "requested_at": "2026-03-01T09:00:00Z",
                       "expires_at": "2026-03-01T09:00:00Z", "status": "pending", "reason": "x", "decided_by": "y"},
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_odd_value_of_any_key_is_taken_at_once_and_refused_alone_or_read_as_another(
    kind: EntityKind,
) -> None:
    whole = WHOLE[kind.name]
    assert_same(kind, [whole])
    assert_same(kind, [whole, dict(whole, more=1)])
    assert_same(kind, [whole, []])
    for key in whole:
        assert_same(kind, [whole, {name: value for name, value in whole.items() if name != key}, whole])
        assert_same(
            kind, [{**whole, "zzz": 1}, {name: value for name, value in whole.items() if name != key}]
        )
        for odd in ODD:
            assert_same(kind, [whole, {**whole, key: odd}, whole])


@given(st.lists(st.tuples(st.sampled_from(ODD), st.sampled_from(ODD)), min_size=1, max_size=3), st.booleans())
def test_slots_are_read_alike_whatever_was_read_before(pairs: list[tuple[Any, Any]], full: bool) -> None:
    kind = next(kind for kind in KINDS if kind.name == "appointment")
    rows = [{**WHOLE["appointment"], "start": start, "end": end} for start, end in [*pairs, *pairs]]
    if full:
        model_hooks._slots.update({str(n): am.TimeSlot.from_microseconds(0, 1) for n in range(5_000)})
    assert_same(kind, rows)
    assert_same(kind, [WHOLE["appointment"], WHOLE["appointment"]])
    model_hooks.forget_slots()
    assert_same(kind, rows)


def test_what_repeats_in_a_file_is_held_once() -> None:
    row = WHOLE["appointment"]
    rows = [dict(row, id=f"a{n}", profile_id="p1") for n in range(3)]
    first, second, third = rows_reader(am.Appointment)(json.loads(json.dumps(rows)), {})  # type: ignore[misc]
    for name in ("profile_id", "customer_id", "slot", "time_zone", "modality", "status"):
        assert getattr(first, name) is getattr(second, name) is getattr(third, name)
    model_hooks.forget_slots()
