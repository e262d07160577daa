"""Facts: a small immutable mapping that tells `1` from `True` and shows no address."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.messages import PRIVATE_FACTS

values = st.one_of(
    st.text(max_size=4),
    st.sampled_from((0, 1, False, True)),
    st.lists(st.text(max_size=2), max_size=2).map(tuple),
)
mappings = st.dictionaries(st.sampled_from(("id", "kind", "self", "cls", "address")), values, max_size=3)


def typed(facts: dict[str, Any]) -> dict[str, tuple[type, Any]]:
    return {name: (type(value), value) for name, value in facts.items()}


@given(mappings, mappings)
def test_facts_are_equal_when_they_hold_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = am.model.Facts.of(one), am.model.Facts.of(other)
    assert (first == second) == (typed(one) == typed(other))
    backwards = am.model.Facts.of(dict(reversed(one.items())))
    assert backwards == first
    assert hash(backwards) == hash(first)
    assert repr(backwards) == repr(first)


@given(mappings)
def test_facts_are_a_mapping_and_copies_are_equal(drawn: dict[str, Any]) -> None:
    facts = am.model.Facts.of(drawn)
    assert dict(facts) == drawn
    assert dict(facts.items()) == drawn
    assert len(facts) == len(drawn)
    assert set(facts) == set(drawn)
    for twin in (copy.copy(facts), copy.deepcopy(facts), pickle.loads(pickle.dumps(facts))):  # noqa: S301
        assert typed(dict(twin)) == typed(drawn)


def test_any_name_is_fine() -> None:
    assert dict(am.model.Facts(self="a", cls="b", facts="c")) == {"self": "a", "cls": "b", "facts": "c"}


def test_one_and_true_are_two_facts() -> None:
    assert am.model.Facts(count=1) != am.model.Facts(count=True)
    assert am.model.Facts(count=1) != {"count": 1}


def test_facts_cannot_be_changed() -> None:
    facts = am.model.Facts(id="P1")
    with pytest.raises(AttributeError):
        facts._facts = {}
    with pytest.raises(AttributeError):
        del facts._facts
    with pytest.raises(TypeError):
        facts["id"] = "P2"  # type: ignore[index]


def test_a_private_fact_is_not_shown() -> None:
    facts = am.model.Facts(address="canary@example.com", id="P1", kind="profile")
    assert repr(facts) == "Facts(address=…, id='P1', kind='profile')"
    assert set(PRIVATE_FACTS) == {"address"}
