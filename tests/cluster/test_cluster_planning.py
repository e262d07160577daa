"""Plans made on Spark are those of one process, also of ten thousand merges, and a group with bad rows fails alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import accountmerge as am
from accountmerge.frames import merge_changes, migration_changes, snapshot, tables
from accountmerge.frames.group_plans import PARTS
from accountmerge.frames.local_planning import parts
from frame_engines import hostile

if TYPE_CHECKING:
    from collections.abc import Mapping

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[2] / "docs/examples"
HOUR = timedelta(hours=1)
PRACTITIONERS = 50


def practice(merges: int) -> Any:
    """Return the tables of a practice with two customers for each merge, who share one mailbox now and then.

    Every tenth pair knows the next one, so that both merges are one group.
    """
    ids = [f"C{number:06}" for number in range(2 * merges)]
    profile = [f"P{number // 2 % PRACTITIONERS}" for number in range(2 * merges)]
    start = [AT + (number // 2 // PRACTITIONERS * 2 + number % 2) * HOUR for number in range(2 * merges)]
    people = pl.DataFrame({"id": ids, "record_number": ids, "status": "active"}).with_columns(
        emails=pl.Series(
            f'[{{"address":"{id}@example.com","use":"{("primary", "secondary")[number % 2]}"}}]'
            for number, id in enumerate(ids)
        )
    )
    booked = pl.DataFrame(
        {
            "id": [f"A-{id}" for id in ids],
            "profile_id": profile,
            "customer_id": ids,
            "start": start,
            "end": [first + HOUR for first in start],
            "time_zone": "America/Toronto",
            "modality": "video",
            "status": "booked",
        }
    )
    notes = pl.DataFrame({"id": [f"R-{id}" for id in ids], "kind": "note", "customer_id": ids})
    known = [
        {
            "id": f"K-{number}",
            "kind": "relation",
            "customer_id": ids[number],
            "related_customer_id": ids[number + 2],
        }
        for number in range(0, 2 * merges - 2, 20)
    ]
    profiles = pl.DataFrame(
        {
            "id": [f"P{number}" for number in range(PRACTITIONERS)],
            "practitioner_id": [f"H{number}" for number in range(PRACTITIONERS)],
            "email": [f"p{number}@example.com" for number in range(PRACTITIONERS)],
            "login": "enabled",
            "schedule": "active",
        }
    )
    access = pl.DataFrame(
        {"id": [f"X-{id}" for id in ids], "profile_id": profile, "customer_id": ids, "level": "treating"}
    )
    return {
        "profiles": profiles,
        "customers": people,
        "appointments": booked,
        "records": pl.concat(
            [notes, pl.DataFrame(known, schema={**notes.schema, "related_customer_id": pl.String})],
            how="diagonal",
        ),
        "access": access,
    }


def requests(merges: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "survivor": [f"C{2 * number:06}" for number in range(merges)],
            "absorbed": [[f"C{2 * number + 1:06}"] for number in range(merges)],
            "actor": [f"P{number % PRACTITIONERS}" for number in range(merges)],
        }
    )


def on_spark(spark: Any, frames: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    return {
        name: spark.createDataFrame(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
        for name, frame in frames.items()
    }


def collected(changes: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of a result on Spark, in the order of a result in one process."""
    frames = []
    for name, columns in PARTS.items():
        rows: Any = pl.from_arrow(getattr(changes, name).toArrow())
        frames.append(rows.cast(columns).with_columns(part=pl.lit(name)))
    whole = pl.concat(frames, how="diagonal")
    return {name: sorted(rows.rows(), key=repr) for name, rows in parts(whole)}


def in_one_process(changes: Any) -> dict[str, list[tuple[Any, ...]]]:
    return {name: sorted(getattr(changes, name).rows(), key=repr) for name in PARTS}


def test_two_hundred_merges_are_planned_as_in_one_process_and_a_bad_group_fails_alone(spark: Any) -> None:
    frames = practice(200)
    is_bad = pl.col("id") == "A-C000100"
    frames["appointments"] = frames["appointments"].with_columns(
        status=pl.when(is_bad).then(pl.lit("no-show")).otherwise("status")
    )
    asked = pl.concat(
        [
            requests(200),
            pl.DataFrame(
                {"survivor": [None], "absorbed": [["C1"]], "actor": ["P1"]}, schema=requests(1).schema
            ),
        ]
    )
    told: list[tuple[int, int]] = []
    common: Any = {"taken_at": AT, "at": AT, "values": True}
    changes = merge_changes(
        asked, **common, **on_spark(spark, frames), progress=lambda done, total: told.append((done, total))
    )
    assert repr(changes) == "PlannedChanges(pyspark)"
    right = merge_changes(asked, **common, **frames)
    assert collected(changes) == in_one_process(right)
    failed = right.plans.filter(pl.col("state") == "failed")["request"].to_list()
    assert sorted(failed) == [50, 51, 200]  # it knows the next pair, which is in its group
    assert told[-1] == (180, 180)


def test_moves_are_planned_as_in_one_process(spark: Any) -> None:
    frames = practice(100)
    asked = [
        am.MigrationRequest(
            profile_id=f"P{number}",
            new_email=f"new{number // 2 * 2 if number < 4 else number}@example.com",
            reason="security",
            ticket=f"T-{number}",
            agreement=am.Agreement(by="Ann Example", at=AT, version="1"),
        )
        for number in range(8)
    ]
    common: Any = {"taken_at": AT, "at": AT, "values": True}
    changes = migration_changes(asked, **common, **on_spark(spark, frames))
    right = migration_changes(asked, **common, **frames)
    assert collected(changes) == in_one_process(right)
    assert right.plans["state"].value_counts().sort("state").rows() == [("not_planned", 4), ("ready", 4)]


def test_a_snapshot_from_frames_of_spark_is_that_of_polars(spark: Any) -> None:
    practice_file = am.loads(EXAMPLES / "practice.json")
    assert isinstance(practice_file, am.Snapshot)
    whole = hostile(practice_file)
    given = on_spark(spark, {str(name): table for name, table in tables(whole, values=True).items()})
    assert snapshot(taken_at=whole.taken_at, **given) == whole
    wrong = practice(2)["appointments"].with_columns(status=pl.lit("no-show"), end="start")
    with pytest.raises(am.LoadError) as here:
        snapshot(taken_at=AT, appointments=wrong)
    with pytest.raises(am.LoadError) as there:
        snapshot(taken_at=AT, **on_spark(spark, {"appointments": wrong}))
    assert there.value.describe() == here.value.describe()


@pytest.mark.long
def test_ten_thousand_merges_have_the_plan_ids_of_one_process(spark: Any) -> None:
    frames, asked = practice(10_000), requests(10_000)
    changes = merge_changes(asked, taken_at=AT, at=AT, **on_spark(spark, frames))
    plans: Any = pl.from_arrow(changes.plans.toArrow())
    right = merge_changes(asked, taken_at=AT, at=AT, **frames).plans
    columns = ["request", "group", "order", "plan_id", "state", "edits"]
    assert plans.sort("request").select(columns).rows() == right.sort("request").select(columns).rows()
    assert plans.height == 10_000
    assert plans["plan_id"].n_unique() == 10_000


def test_the_example_writes_the_plans_of_one_process_beside_the_tables(
    spark: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    from spark_merges import plan_merges

    practice_file = am.loads(EXAMPLES / "practice.json")
    assert isinstance(practice_file, am.Snapshot)
    frames: Any = tables(practice_file, values=True)
    asked = pl.DataFrame({"survivor": ["customer-61"], "absorbed": [["customer-62"]], "actor": ["profile-1"]})
    spark.sql("CREATE DATABASE practice")
    for name, frame in on_spark(spark, {**frames, "merge_requests": asked}).items():
        frame.write.saveAsTable(f"practice.{name}")
    plan_merges(spark, "practice", practice_file.taken_at, AT)
    right = merge_changes(asked, taken_at=practice_file.taken_at, at=AT, **frames)
    assert right.plans["state"].to_list() == ["ready"]
    written: Any = pl.from_arrow(spark.table("practice.merge_edits").toArrow())
    assert sorted(written["id"]) == sorted(right.edits["id"])
    assert set(written["plan_id"]) == set(right.edits["plan_id"])
