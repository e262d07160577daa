"""The benchmark of planning from frames runs, and its merges are ready; nothing here is timed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from frames_planning import costs, practice, requests

if TYPE_CHECKING:
    from pathlib import Path


def test_every_part_has_a_cost(tmp_path: Path) -> None:
    shown = [str(cost) for cost in costs(rows=2_000, merges=4, folder=tmp_path)]
    assert len(shown) == 5
    assert all(line.startswith("| ") and line.count("|") == 4 for line in shown)


def test_merges_name_customers_of_the_practice_once() -> None:
    named = [id for request in requests(100_000, 300) for id in (request.survivor, *request.absorbed)]
    assert len(set(named)) == len(named) == 600
    assert set(named) <= set(practice(100_000)["customers"]["id"])
