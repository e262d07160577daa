"""Values made without their constructor are those that the constructor makes, and as frozen."""

from __future__ import annotations

import pickle
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given

import accountmerge as am
from accountmerge.model import texts
from accountmerge.model.construction import column_maker, evolved, maker
from accountmerge.model.entities import KINDS
from accountmerge.testing.strategies import snapshots
from small_values import access, appointment, customer, profile, record, slot, snapshot

if TYPE_CHECKING:
    from types import FrameType


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


def test_the_reader_checks_each_text_at_most_once() -> None:
    whole = am.dumps(
        snapshot(
            profiles=[profile("profile-1", version="version-1")],
            customers=[
                customer(
                    "customer-1",
                    record_number="number-1",
                    former_record_numbers=["number-2", "number-3"],
                    given_name="name-1",
                    phones=["phone-1", "phone-2"],
                    opt_outs=["news-1", "news-2"],
                )
            ],
            appointments=[appointment("appointment-1", slot(0), number="APP-1", **BOTH)],
            records=[record("record-1", unique_key="key-1", customer_id="customer-1")],
            access=[access("access-1", **BOTH)],
        )
    )
    called: Counter[tuple[object, str]] = Counter()

    def count(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename == texts.__file__ and "value" in code.co_varnames:
            called[code, str(frame.f_locals["value"])] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        am.loads(whole)
    finally:
        sys.setprofile(before)
    own = {text for _, text in called if text[-1:].isdigit()}
    assert own >= {"number-2", "phone-2", "news-1"}
    twice = {text for (_, text), times in called.items() if times > 1}
    assert twice <= {"profile-1", "customer-1"}  # ids that other rows name


BOTH = {"profile_id": "profile-1", "customer_id": "customer-1"}
