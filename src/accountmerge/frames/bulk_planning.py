"""Functions that plan many requests from frames, with one row per edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs
import polars as pl

from accountmerge.errors import InvalidValueError, LoadError
from accountmerge.frames.group_plans import MEMBER_SCHEMA, RESULT_SCHEMA, Job, Task, failed_request
from accountmerge.frames.grouping import merge_groups, migration_groups
from accountmerge.frames.links import Links
from accountmerge.frames.local_planning import LocalTables, Progress
from accountmerge.frames.neighbourhoods import (
    MERGES,
    MIGRATIONS,
    Part,
    merge_seeds,
    migration_seeds,
    parts_of,
)
from accountmerge.frames.packed_rows import Reading
from accountmerge.frames.reading import ColumnNames, WordNames
from accountmerge.frames.request_rows import members_frame, request_members, requests_in
from accountmerge.merges.rules import MergeRules
from accountmerge.migrations.rules import MigrationRules
from accountmerge.model.entities import CollectionName
from accountmerge.model.instants import utc
from accountmerge.model.limits import Limits
from accountmerge.model.snapshots import Completeness
from accountmerge.model.values import Displayed

_ID_SCHEMA: dict[str, Any] = {"group": pl.Int64, "collection": pl.String, "id": pl.String}


@attrs.frozen(repr=False)
class PlannedChanges(Displayed):
    """The plans of many requests, as frames.

    Every frame has `group`, the number of a connected group from 1, and `request`, the number of a row in the frame
    of requests from 0. Groups are independent: their plans can be applied in any order. In a group, plans are applied
    by `order`. Equal requests have one plan, whose edits and findings are told once, with the first request.

    Attributes:
        edits: One row per edit: `order`, `plan_id`, `step` from 1, `kind` of the step, `edit` (its place in the step),
            `op`, `entity`, `id` and `fields`; on request `before` and `after`. They mean what they mean in
            `frames.rows(plan, of=Edit)`.
        plans: One row per request: `order`, `plan_id`, `state`, and the counts `steps`, `edits`, `blockers` and
            `warnings`. The state is `ready`, `blocked` by a finding of the plan, `not_planned` because of a finding of
            the group, or `failed`. On request `document`, the plan as `am.dumps` writes it.
        findings: One row per finding of a plan, or of a group without a plan: `plan_id`, and the columns of
            `frames.rows(plan, of=Finding)` from `id` to `remedy`, with all facts. Never a personal value.
        failures: One row per fault of a group that cannot be planned, or of a request that cannot be read: `table`,
            `id`, `path`, `code`, `description` and `facts`. Never a personal value.
    """

    edits: Any
    plans: Any
    findings: Any
    failures: Any

    def __repr__(self) -> str:
        return f"PlannedChanges({type(self.plans).__module__.partition('.')[0]})"


def merge_changes(
    requests: Any,
    *,
    taken_at: datetime,
    at: datetime,
    profiles: Any = None,
    customers: Any = None,
    appointments: Any = None,
    records: Any = None,
    access: Any = None,
    access_requests: Any = None,
    zone: str | None = None,
    columns: ColumnNames | None = None,
    words: WordNames | None = None,
    rules: MergeRules | None = None,
    limits: Limits | None = None,
    complete_for: Completeness | None = None,
    values: bool = False,
    language: str = "en",
    progress: Progress | None = None,
) -> PlannedChanges:
    """Plan many merges from frames, with the plans and ids of `merges.plan_merges` on the same data.

    The rows that a connected group of requests needs are found by their references, and the group is planned from
    these rows alone. A group with a row that cannot be read is reported in `failures`, and the others are planned.
    Whole tables are scanned only for ids; values are made only of the rows that a group needs.

    Args:
        requests: The requests: `MergeRequest` values, or a frame with the columns `survivor`, `absorbed`, `actor`,
            `accept` and `authority`, as in a request document. `absorbed` is a list, or JSON text.
        taken_at: When the data were read. Any aware datetime.
        at: The instant of the plans. Any aware datetime.
        profiles: The table, with the columns of `frames.snapshot`. An absent table is empty. If one of the tables is
            a Spark data frame, plans are made on Spark.
        customers: As above.
        appointments: As above.
        records: As above.
        access: As above.
        access_requests: As above.
        zone: The zone of times without one, as `frames.snapshot` takes it.
        columns: For each table, your names of columns with ours, as `frames.snapshot` takes them.
        words: For each table and column, your words with ours, as `frames.snapshot` takes them.
        rules: The rules of the practice for all its merges.
        limits: The limits of the store. Default: no limits.
        complete_for: The people whose data is complete. Default: all.
        values: Whether to return images and plan documents, which hold personal values.
        language: The language of sentences, `en` or `fr`.
        progress: A function that is called with the number of groups done, and of all groups. A call on one machine
            follows each 200 groups; on Spark, twice a second.

    Returns:
        The frames, of the library of the first table: pandas, pyarrow, Spark, or else polars. Those of Spark are kept
        by Spark until `unpersist`.

    Raises:
        InvalidValueError: A time is naive, or an argument is of another class.
        LoadError: A table has an unknown column, or none for a required value.
    """
    reading = Reading(zone, columns or {}, words or {})
    tables = _tables(profiles, customers, appointments, records, access, access_requests)
    task = Task(
        job="merge",
        rules=rules or MergeRules(),
        at=utc(at, "at"),
        taken_at=utc(taken_at, "taken_at"),
        complete_for=Completeness() if complete_for is None else complete_for,
        limits=limits,
        values=values,
        language=language,
    )
    return _planned(requests, tables, reading, task, progress)


def migration_changes(
    requests: Any,
    *,
    taken_at: datetime,
    at: datetime,
    profiles: Any = None,
    customers: Any = None,
    appointments: Any = None,
    records: Any = None,
    access: Any = None,
    access_requests: Any = None,
    zone: str | None = None,
    columns: ColumnNames | None = None,
    words: WordNames | None = None,
    rules: MigrationRules | None = None,
    limits: Limits | None = None,
    complete_for: Completeness | None = None,
    values: bool = False,
    language: str = "en",
    progress: Progress | None = None,
) -> PlannedChanges:
    """Plan the moves of many practitioners from frames, each as `plan_migration` does on the same data.

    A request with a window is planned for the start of its window, so its plan is that of
    `migrations.plan_migrations`. Windows are not proposed here, because their choice couples all requests: name them,
    or the blackout begins at `at`. Requests that contradict each other have no plan: those that move one
    practitioner, ask for one address, or give one number.

    Args:
        requests: The requests: `MigrationRequest` values, or a frame with the columns `profile_id`, `new_email`,
            `reason`, `ticket`, `agreement`, `window`, `numbers` and `accept`, as in a request document. Nested values
            are lists and structs, or JSON text.
        taken_at: When the data were read. Any aware datetime.
        at: The instant of the plans. Any aware datetime.
        profiles: The table, with the columns of `frames.snapshot`. An absent table is empty. If one of the tables is
            a Spark data frame, plans are made on Spark.
        customers: As above.
        appointments: As above.
        records: As above.
        access: As above.
        access_requests: As above.
        zone: The zone of times without one, as `frames.snapshot` takes it.
        columns: For each table, your names of columns with ours, as `frames.snapshot` takes them.
        words: For each table and column, your words with ours, as `frames.snapshot` takes them.
        rules: The rules of the practice for all its migrations.
        limits: The limits of the store. Default: no limits.
        complete_for: The people whose data is complete. Default: all.
        values: Whether to return images and plan documents, which hold personal values.
        language: The language of sentences, `en` or `fr`.
        progress: A function that is called with the number of groups done, and of all groups.

    Returns:
        The frames, as of `merge_changes`.

    Raises:
        InvalidValueError: A time is naive, or an argument is of another class.
        LoadError: A table has an unknown column, or none for a required value.
    """
    reading = Reading(zone, columns or {}, words or {})
    tables = _tables(profiles, customers, appointments, records, access, access_requests)
    task = Task(
        job="migration",
        rules=rules or MigrationRules(),
        at=utc(at, "at"),
        taken_at=utc(taken_at, "taken_at"),
        complete_for=Completeness() if complete_for is None else complete_for,
        limits=limits,
        values=values,
        language=language,
    )
    return _planned(requests, tables, reading, task, progress)


_NAMES: tuple[CollectionName, ...] = (
    "profiles",
    "customers",
    "appointments",
    "records",
    "access",
    "access_requests",
)


def _tables(*natives: Any) -> dict[CollectionName, Any]:
    return {name: native for name, native in zip(_NAMES, natives, strict=True) if native is not None}


def _check(task: Task) -> None:
    """Refuse arguments of another class."""
    rules = MergeRules if task.job == "merge" else MigrationRules
    wanted: tuple[tuple[str, Any, str], ...] = (
        ("rules", rules, f"{task.job}_rules"),
        ("limits", Limits | None, "limits"),
        ("complete_for", Completeness, "completeness"),
    )
    for field, cls, noun in wanted:
        if not isinstance(getattr(task, field), cls):
            raise InvalidValueError("wrong_type", field=field, wanted=noun)


def _planned(
    requests: Any,
    natives: Mapping[CollectionName, Any],
    reading: Reading,
    task: Task,
    progress: Progress | None,
) -> PlannedChanges:
    _check(task)
    places: dict[Any, list[int]] = {}
    failed: list[dict[str, Any]] = []
    for place, request in requests_in(requests, task.job):
        if isinstance(request, LoadError):
            failed += failed_request(place, request, task.language)
        else:
            places.setdefault(request, []).append(place)
    tables: Any = _engine(natives)(natives, reading, task.taken_at)
    links = Links(tables.links)
    groups, parts = _groups(links, list(places), task.job)
    members = members_frame(
        ((number, *row) for number, part in enumerate(parts, start=1) for row in part.rows), _ID_SCHEMA
    )
    fixed = members_frame((*request_members(groups, places), *_problems(parts)), MEMBER_SCHEMA)
    extra = pl.DataFrame(failed, schema=RESULT_SCHEMA, orient="row")
    return PlannedChanges(**tables.planned(members, fixed, extra, task, progress))


def _groups(links: Links, requests: list[Any], job: Job) -> tuple[Sequence[Sequence[Any]], list[Part]]:
    if job == "merge":
        merges = merge_groups(links, requests)
        return merges, parts_of(links, MERGES, merges, merge_seeds)
    moves = migration_groups(links, requests)
    return moves, parts_of(links, MIGRATIONS, moves, migration_seeds)


def _problems(parts: Sequence[Part]) -> Iterable[tuple[Any, ...]]:
    for number, part in enumerate(parts, start=1):
        yield from ((number, "problems", name, "missing_key") for name in sorted(part.without_id))


def _engine(natives: Mapping[CollectionName, Any]) -> Any:
    if any(type(native).__module__.startswith("pyspark.") for native in natives.values()):
        from accountmerge.frames.spark_planning import (
            SparkTables,
        )  # PySpark is only where the caller's frame is

        return SparkTables.of
    return LocalTables.of
