"""Levels of access: treating includes viewing."""

from __future__ import annotations

import itertools

import pytest

from accountmerge.model.access import LEVELS, AccessLevel, includes, strongest
from small_values import access


@pytest.mark.parametrize(("level", "wanted"), list(itertools.product(LEVELS, LEVELS)))
def test_a_level_includes_itself_and_weaker_ones(level: AccessLevel, wanted: AccessLevel) -> None:
    assert includes(level, wanted) == ((level, wanted) != ("viewing", "treating"))


def test_the_strongest_row_counts() -> None:
    viewing, treating = access("X1", level="viewing"), access("X2", level="treating")
    assert strongest((viewing, treating)) == strongest((treating, viewing)) == "treating"
    assert strongest((viewing,)) == "viewing"
    assert strongest(()) is None
