"""Values made without their constructor are those that the constructor makes, and as frozen."""

from __future__ import annotations

import pickle
from typing import Any

import attrs
import pytest
from hypothesis import given

import accountmerge as am
from accountmerge.model.construction import column_maker, evolved, maker
from accountmerge.model.entities import KINDS
from accountmerge.testing.strategies import snapshots


@given(snapshots())
def test_a_value_made_of_its_parts_is_that_value(snapshot: am.Snapshot) -> None:
    for kind in KINDS:
        cls: Any = kind.cls
        names = [field.name for field in attrs.fields(cls)]
        rows = list(snapshot.table(kind.collection))
        parts = [[getattr(row, name) for name in names] for row in rows]
        made = [maker(cls)(*values) for values in parts]
        at_once = column_maker(cls)(*zip(*parts, strict=True)) if rows else []
        assert made == at_once == rows
        assert [type(row) for row in (*made, *at_once)] == [kind.cls] * (2 * len(rows))
        assert pickle.loads(pickle.dumps(made)) == rows  # noqa: S301 - made here


@given(snapshots())
def test_a_value_with_changed_fields_is_what_attrs_makes_of_it(snapshot: am.Snapshot) -> None:
    for row in snapshot.appointments:
        assert evolved(row, number="APP-1", version=9) == attrs.evolve(row, number="APP-1", version=9)
        assert evolved(row) == row


def test_a_value_made_so_is_frozen_and_knows_its_fields() -> None:
    assert evolved(am.model.EmailAddress("ann@example.com"), text="bo@example.com") == am.model.EmailAddress(
        "bo@example.com"
    )
    address_class: Any = am.model.EmailAddress
    address = maker(address_class)("ann@example.com")
    assert address == am.model.EmailAddress("ann@example.com")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        address.text = "bo@example.com"
    with pytest.raises(TypeError, match="EmailAddress has no such field"):
        evolved(address, word="x")
