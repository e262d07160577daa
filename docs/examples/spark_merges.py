"""Plan many merges on Spark: read the tables of a practice, and write one row per edit.

Run it with `spark-submit spark_merges.py`. The workers need `accountmerge[frames]`, pandas and PyArrow.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pyspark.sql import SparkSession

from accountmerge import frames

TABLES = ("profiles", "customers", "appointments", "records", "access", "access_requests")


def plan_merges(spark: Any, database: str, taken_at: datetime, at: datetime) -> None:
    """Plan the merges in the table `merge_requests` of a database, and write the results beside it.

    Args:
        spark: The session of Spark.
        database: The database with the six tables of a snapshot.
        taken_at: When the tables were read. All of them must be of one instant.
        at: The instant of the plans.
    """
    changes = frames.merge_changes(
        spark.table(f"{database}.merge_requests"),
        taken_at=taken_at,
        at=at,
        progress=lambda done, total: print(f"{done} of {total} groups"),
        **{name: spark.table(f"{database}.{name}") for name in TABLES},
    )
    for name in ("edits", "plans", "findings", "failures"):
        rows = getattr(changes, name)
        rows.write.mode("overwrite").saveAsTable(f"{database}.merge_{name}")


if __name__ == "__main__":
    plan_merges(
        SparkSession.builder.getOrCreate(),
        "practice",
        taken_at=datetime(2026, 3, 2, tzinfo=UTC),
        at=datetime(2026, 3, 2, 9, tzinfo=UTC),
    )
