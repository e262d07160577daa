"""The benchmarks run, and their peers answer as the library does; nothing here is timed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import accountmerge as am
from applier_speed import row_lines, step_lines, store_lines
from cohort_speed import RULES, cohort, cohort_lines, planned_alone, planned_together
from command_speed import command_lines
from contract_speed import following_lines, writing_lines
from double_booking_speed import (
    customer_pairs_by_tree,
    double_booking_lines,
    practitioner_pairs_by_tree,
)
from fault_speed import fault_lines
from fixed_peer import peer_of, plain_class, put_together, taken_apart
from frames_speed import frame_lines, memory_of_many
from import_speed import import_lines
from loading_speed import construction_lines, loading_lines, memory_lines, texts
from merge_speed import batch_lines, merge_lines, merge_slope_lines
from migration_speed import migration_lines, planned, slope_lines
from practices import AT, practice, snapshot_of
from report import END, PAGE, START, write_table
from shape_speed import shape_lines
from shapes import SHAPES
from sql_databases import databases, filled, planned_move, store_of
from sql_speed import grouped, recorded, replayed, sql_lines
from timing import Line, slope
from window_speed import window_lines

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.unmeasured


def test_every_subject_gives_its_lines() -> None:
    lines = [
        *double_booking_lines(size=200, large=300, repeats=1),
        *loading_lines(size=50, repeats=1),
        *construction_lines(size=50, repeats=1),
        *migration_lines(moving=20, total=100, repeats=1),
        *slope_lines(sizes=(10, 20), repeats=1),
        *window_lines(bookings=200, repeats=1),
        *import_lines(repeats=1),
    ]
    assert all(line.ratio > 0 for line in lines if "slope" not in line.what)
    assert len({line.what for line in lines}) == len(lines) == 21


def test_frames_give_their_lines_and_their_peers_find_the_same(tmp_path: Path) -> None:
    lines = list(frame_lines(size=2_000, pairs=1_000, window=1_000, loaded=50, repeats=1))
    assert len({line.what for line in lines}) == len(lines) >= 7
    assert all(line.ratio > 0 for line in lines)
    (line,) = memory_of_many(5_000, str(tmp_path))
    assert line.is_reached


def test_merging_gives_its_lines() -> None:
    lines = [
        *merge_lines(records=20, bookings=3, repeats=1),
        *merge_slope_lines(sizes=(10, 20), repeats=1),
        *batch_lines(clusters=3, small=20, large=40, repeats=1),
    ]
    assert len({line.what for line in lines}) == len(lines) == 5


def test_every_shape_gives_its_lines() -> None:
    lines = list(shape_lines(sizes=(8, 16)))
    assert len({line.what for line in lines}) == len(lines)
    assert {line.what.split(", ")[1] for line in lines} == SHAPES.keys()


def test_writing_and_following_a_change_set_give_their_lines() -> None:
    lines = [
        *writing_lines(edits=40, repeats=1),  # and what bare cattrs reads is the same change set
        *following_lines(sizes=(20, 40), others=50, repeats=1),
    ]
    assert len({line.what for line in lines}) == len(lines) == 6


def test_an_applier_gives_its_lines() -> None:
    lines = [
        *store_lines(small=20, large=60, repeats=1),
        *step_lines(late=12, early=3, repeats=1),
        *row_lines(bookings=30, others=200),
    ]
    assert len({line.what for line in lines}) == len(lines) == 3
    assert lines[-1].is_reached


def test_mapped_tables_give_their_lines() -> None:
    lines = list(sql_lines(moving=6, others=60, large=120, loaded=60, repeats=1, postgres=False))
    assert len({line.what for line in lines}) == len(lines) == 5
    assert all(line.ratio > 0 for line in lines)
    assert lines[1].is_reached


@pytest.mark.parametrize("at_once", [False, True])
def test_statements_by_hand_leave_the_same_rows_as_the_store(at_once: bool) -> None:
    with databases(postgres=False) as (place,):
        engine = place.empty("practice")
        mapping = filled(engine, others=60, moving=6)
        change_set = planned_move(engine, mapping)
        copy = place.copy(engine)
        with recorded(copy) as log:
            store_of(copy, mapping, 100 if at_once else 1).apply(change_set, by="a benchmark")
        applied = store_of(copy, mapping).snapshot(), store_of(copy, mapping).receipts()
        copy = place.copy(engine)
        replayed(copy, grouped(log) if at_once else log)
        assert (store_of(copy, mapping).snapshot(), store_of(copy, mapping).receipts()) == applied
        assert len(applied[1]) == len(change_set.steps)


def test_cohorts_give_their_lines() -> None:
    lines = list(cohort_lines(sizes=(2, 4), bookings=30))
    assert len({line.what for line in lines}) == len(lines) == 2


def test_a_cohort_of_the_benchmark_is_ready_and_the_peer_plans_the_same() -> None:
    snapshot, requests = cohort(4, 30)
    planned = planned_together(snapshot, requests)
    assert planned == planned_alone(snapshot, [request for request, _ in planned])
    assert {steps for _, steps in planned} == {30 + 5}
    together = am.migrations.plan_migrations(snapshot, requests, rules=RULES, at=AT)
    assert together.is_ready
    assert len({member.blackout for member in together.members}) == 4


def test_the_trees_find_the_same_pairs() -> None:
    snapshot = snapshot_of(practice(others=3_000))
    doubles = am.find_double_bookings(snapshot)
    for kind, by_tree in (
        ("practitioner", practitioner_pairs_by_tree(snapshot)),
        ("customer", customer_pairs_by_tree(snapshot)),
    ):
        pairs = {
            (min(double.first.id, double.second.id), max(double.first.id, double.second.id))
            for double in doubles
            if double.kind == kind
        }
        assert pairs == by_tree
        assert pairs


def test_the_fixed_peer_makes_the_values_that_were_planned() -> None:
    steps = planned(snapshot_of(practice(moving=30, others=100))).steps
    made = put_together(taken_apart(steps))
    assert len(made) == len(steps)
    for step, twin in zip(steps, made, strict=True):
        step_class: Any = type(step)
        twin_class: Any = type(twin)
        assert twin_class is plain_class(step_class)
        assert (twin.ordinal, twin.kind, len(twin.edits)) == (step.ordinal, step.kind, len(step.edits))
        for edit, other in zip(step.edits, twin.edits, strict=True):
            image_class: Any = type(edit.after)
            for name in [field.name for field in attrs.fields(image_class)]:
                assert put_together(taken_apart(getattr(edit.after, name))) == getattr(other.after, name)


def test_the_fixed_peer_writes_every_value() -> None:
    change_set = planned(snapshot_of(practice(moving=30, others=100)))
    written = json.loads(peer_of(change_set)())
    assert [step["ordinal"] for step in written] == [step.ordinal for step in change_set.steps]
    assert {edit["after"]["id"] for step in written for edit in step["edits"]} == {
        edit.id for step in change_set.steps for edit in step.edits
    }


def test_faults_memory_and_commands_give_their_lines(tmp_path: Path) -> None:
    lines = [
        *fault_lines(size=200, repeats=1),
        *memory_lines(size=200, folder=str(tmp_path)),
        *command_lines(repeats=1),
    ]
    assert len({line.what for line in lines}) == len(lines) == 5
    assert all(line.ratio > 0 for line in lines)


def test_no_number_and_hardly_any_slot_of_the_data_repeats() -> None:
    rows = list(am.loads(texts(500)["where no slot repeats"]).appointments)  # type: ignore[union-attr]
    assert len({row.number for row in rows}) == len(rows)
    assert len({row.slot for row in rows}) > 0.99 * len(rows)


def test_the_table_is_written_between_the_markers_alone(tmp_path: Path) -> None:
    page = tmp_path / "speed.md"
    page.write_text(f"before\n{START}\nold\n{END}\nafter\n", encoding="utf-8")
    write_table(page, [Line("faster", 16, 15, "1 s", at_least=True), Line("slower", 3, 2, "2 s")], "about.")
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{START}\nabout.\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "old" not in text
    assert "| slower | 3.00 × | ≤ 2 × | **missed** | 2 s |" in text


def test_the_page_has_the_markers() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count(START) == text.count(END) == 1


def test_a_line_says_whether_the_reach_is_met() -> None:
    assert Line("faster", 16, 15, "", at_least=True).is_reached
    assert not Line("faster", 14, 15, "", at_least=True).is_reached
    assert "MISSED" in str(Line("slower", 2.1, 2, ""))


def test_the_slope_of_a_square_is_two() -> None:
    assert slope([10, 100, 1_000], [1, 100, 10_000]) == pytest.approx(2)
