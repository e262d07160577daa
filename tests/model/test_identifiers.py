"""Derived ids: the same meaning gives the same id, another one another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from accountmerge.model.identifiers import derived_id
from accountmerge.testing.strategies import texts

meanings = st.lists(texts(), min_size=1, max_size=3)


@given(meanings, meanings)
def test_ids_are_equal_when_the_meaning_is(one: list[str], other: list[str]) -> None:
    assert (derived_id(*one) == derived_id(*other)) == (one == other)


def test_an_id_never_changes_between_releases() -> None:
    found = derived_id("appointment", "A1", "P2")
    assert found == derived_id("appointment", "A1", "P2")
    assert found == "826c270463dfcf9cc5a9d0ca15002a53"
    assert derived_id("appointment", "A1P2") != derived_id("appointment", "A1", "P2")
