"""Plans of the requests of a connected group, from packed rows to rows of edits, plans and findings."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import attrs
import polars as pl

from accountmerge.changes.edits import Edit
from accountmerge.errors import Fault, LoadError
from accountmerge.findings.finding import Finding
from accountmerge.frames.packed_rows import RowReader
from accountmerge.frames.plan_rows import changed_keys, written_image
from accountmerge.merges.batches import plan_merges
from accountmerge.migrations.cohorts import contradictions
from accountmerge.migrations.planner import plan_migration
from accountmerge.model.json_text import canonical
from accountmerge.model.limits import Limits
from accountmerge.model.snapshots import Completeness, Snapshot
from accountmerge.model.values import Value, value_class
from accountmerge.plans.plan import Plan

Job = Literal["merge", "migration"]

MEMBER_SCHEMA: dict[str, Any] = {
    "group": pl.Int64,
    "collection": pl.String,
    "id": pl.String,
    "row": pl.String,
}
"""The columns of the rows of groups. In the table `problems` a row is a code."""

_GROUP: dict[str, Any] = {"group": pl.Int64, "request": pl.Int64}
PLAN_COLUMNS: dict[str, Any] = {
    **_GROUP,
    "order": pl.Int64,
    "plan_id": pl.String,
    "state": pl.String,
    "steps": pl.Int64,
    "edits": pl.Int64,
    "blockers": pl.Int64,
    "warnings": pl.Int64,
    "document": pl.String,
}
EDIT_COLUMNS: dict[str, Any] = {
    **_GROUP,
    "order": pl.Int64,
    "plan_id": pl.String,
    "step": pl.Int64,
    "kind": pl.String,
    "edit": pl.Int64,
    "op": pl.String,
    "entity": pl.String,
    "id": pl.String,
    "fields": pl.String,
    "before": pl.String,
    "after": pl.String,
}
FINDING_COLUMNS: dict[str, Any] = {
    **_GROUP,
    "plan_id": pl.String,
    "id": pl.String,
    "code": pl.String,
    "severity": pl.String,
    "is_blocking": pl.Boolean,
    "is_accepted": pl.Boolean,
    "ids": pl.String,
    "description": pl.String,
    "remedy": pl.String,
    "facts": pl.String,
}
FAILURE_COLUMNS: dict[str, Any] = {
    **_GROUP,
    "table": pl.String,
    "id": pl.String,
    "path": pl.String,
    "code": pl.String,
    "description": pl.String,
    "facts": pl.String,
}
PARTS: dict[str, dict[str, Any]] = {
    "edits": EDIT_COLUMNS,
    "plans": PLAN_COLUMNS,
    "findings": FINDING_COLUMNS,
    "failures": FAILURE_COLUMNS,
}
"""The columns of each frame of the result."""
RESULT_SCHEMA: dict[str, Any] = {"part": pl.String} | {
    name: dtype for columns in PARTS.values() for name, dtype in columns.items()
}
"""The columns of all frames of the result in one, which is what a group gives. `part` names the frame of a row."""

Out = Iterator[dict[str, Any]]


@attrs.frozen
class Task:
    """The arguments of all plans of one run, which each worker of a cluster gets.

    Attributes:
        job: The kind of plan.
        rules: The rules in force.
        at: The instant of the plans.
        taken_at: When the data were read.
        complete_for: The people whose data is complete.
        limits: The limits of the store, or None.
        values: Whether images and documents are part of the result.
        language: The language of sentences.
    """

    job: Job
    rules: Any
    at: datetime
    taken_at: datetime
    complete_for: Completeness
    limits: Limits | None = None
    values: bool = False
    language: str = "en"


@value_class(eq=False, repr=False)
class Group(Value):
    """A connected group.

    Attributes:
        number: Its number, from 1.
        requests: Its requests, each with the numbers of its rows in the frame of requests.
        rows: The table and the text of each of its rows.
        problems: The table and the code of each problem that is known already.
    """

    number: int
    requests: Mapping[Any, tuple[int, ...]]
    rows: tuple[tuple[str, str], ...]
    problems: tuple[tuple[str, str], ...]


def planned(members: pl.DataFrame, task: Task) -> pl.DataFrame:
    """Return the plans of some groups, in the columns of `RESULT_SCHEMA`.

    A pure function of whole groups: it needs no other row, and no row of another group changes its result.

    Args:
        members: The rows of the groups, in the columns of `MEMBER_SCHEMA`. Requests are rows of the table `requests`;
            their id is the number of the row in the frame of requests.
        task: The arguments of all plans.
    """
    reader = RowReader()
    out = [row for group in _groups(members, task) for row in _planned(group, task, reader)]
    return pl.DataFrame(out, schema=RESULT_SCHEMA, orient="row")


def _groups(members: pl.DataFrame, task: Task) -> Iterator[Group]:
    rows: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    requests: defaultdict[int, dict[Any, list[int]]] = defaultdict(dict)
    problems: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for number, name, id, text in members.select(list(MEMBER_SCHEMA)).iter_rows():
        if name == "requests":
            requests[number].setdefault(read_request(text, task.job), []).append(int(id))
        elif name == "problems":
            problems[number].append((id, text))
        else:
            rows[number].append((name, text))
    for number in sorted(requests):
        placed = {request: tuple(sorted(places)) for request, places in requests[number].items()}
        yield Group(number, placed, tuple(rows[number]), tuple(problems[number]))


def read_request(text: str, job: Job) -> Any:
    """Read a request from JSON text.

    Raises:
        LoadError: It cannot be read.
    """
    from accountmerge.documents.files import read_document

    plain = json.loads(text)
    return read_document({**plain, "format": "accountmerge.request/1", "intent": job})


def _planned(group: Group, task: Task, reader: RowReader) -> Out:
    """Yield the rows of the result of one group, or only its failures if it cannot be planned."""
    try:
        snapshot, failures = _snapshot_of(group, task, reader)
        rows = [] if failures else list(_told(group, task, snapshot))
    except Exception as error:  # noqa: BLE001 - one group must not stop the others; it is reported
        rows = []  # the text of the error may hold a personal value
        fault = Fault("frame_group_failed", type=type(error).__name__)
        failures = [_failure(group, task, "", "", fault)]
    yield from rows
    if failures:
        yield from failures
        for places in group.requests.values():
            yield from (_plan_row(group, place, None, "failed") for place in places)


def _snapshot_of(group: Group, task: Task, reader: RowReader) -> tuple[Snapshot, list[dict[str, Any]]]:
    """Return the snapshot of a group, and the faults of its rows."""
    failures = [_failure(group, task, name, "", Fault(code, "id")) for name, code in group.problems]

    def tell(name: str, id: str, fault: Fault) -> None:
        failures.append(_failure(group, task, name, id, fault))

    collections = reader.entities(iter(group.rows), tell)
    if failures:
        return Snapshot(task.taken_at), failures
    whole = task.complete_for
    if whole.customers != "*":
        known = {row.id for row in collections["customers"]}
        whole = attrs.evolve(whole, customers=tuple(id for id in whole.customers if id in known))
    try:
        return Snapshot(task.taken_at, complete_for=whole, **collections), []
    except LoadError as error:
        for fault in error.faults:
            tell(fault.path.partition("[")[0], "", fault)
        return Snapshot(task.taken_at), failures


def _told(group: Group, task: Task, snapshot: Snapshot) -> Out:
    if task.job == "merge":
        yield from _merges(group, task, snapshot)
    else:
        yield from _migrations(group, task, snapshot)


def _merges(group: Group, task: Task, snapshot: Snapshot) -> Out:
    batch = plan_merges(snapshot, group.requests, rules=task.rules, at=task.at, limits=task.limits)
    order = 0
    waiting = set(group.requests)
    for one in batch.groups:
        yield from (_finding_row(group, task, None, None, finding) for finding in one.findings)
        for plan in one.plans:
            order += 1
            waiting.discard(plan.request)
            yield from _plan_rows(group, plan, task, order, group.requests[plan.request])
    yield from _unplanned(group, waiting)


def _migrations(group: Group, task: Task, snapshot: Snapshot) -> Out:
    requests: Sequence[Any] = sorted(group.requests, key=lambda request: group.requests[request])
    against = contradictions(snapshot, requests)
    for place, request in enumerate(requests):
        if place in against:
            places = group.requests[request]
            yield from (_finding_row(group, task, places[0], None, finding) for finding in against[place])
            yield from _unplanned(group, [request])
            continue
        at = task.at
        if request.window is not None and at >= snapshot.taken_at:
            at = max(at, request.window.start)
        plan = plan_migration(snapshot, request, rules=task.rules, at=at, limits=task.limits)
        yield from _plan_rows(group, plan, task, 1, group.requests[request])


def _unplanned(group: Group, requests: Iterable[Any]) -> Out:
    for request in requests:
        yield from (_plan_row(group, place, None, "not_planned") for place in group.requests[request])


def _plan_rows(group: Group, plan: Plan[Any, Any], task: Task, order: int, places: tuple[int, ...]) -> Out:
    """Yield a row for each request of a plan, and each edit and finding once."""
    state = "ready" if plan.is_ready else "blocked"
    document = _document(plan) if task.values else None
    for place in places:
        yield _plan_row(group, place, plan, state, order=order, document=document)
    first = places[0]
    for step in plan.change_set.steps:
        for number, edit in enumerate(step.edits, start=1):
            images = _images(edit) if task.values else {}
            yield _row(
                "edits",
                group,
                first,
                order=order,
                plan_id=plan.plan_id,
                step=step.ordinal,
                kind=step.kind,
                edit=number,
                op=edit.op,
                entity=edit.entity,
                id=edit.id,
                fields=canonical(list(changed_keys(edit))),
                **images,
            )
    yield from (_finding_row(group, task, first, plan.plan_id, finding) for finding in plan.findings)


def _images(edit: Edit) -> dict[str, str]:
    """Return the images of an edit as JSON text."""
    images = ((name, written_image(edit, name)) for name in ("before", "after"))
    return {name: canonical(row) for name, row in images if row is not None}


def _document(plan: Plan[Any, Any]) -> str:
    from accountmerge.documents.files import dumps

    return dumps(plan)  # type: ignore[arg-type]


def _row(part: str, group: Group, request: int | None, **values: Any) -> dict[str, Any]:
    return {**dict.fromkeys(RESULT_SCHEMA), "part": part, "group": group.number, "request": request, **values}


def _plan_row(
    group: Group, request: int, plan: Plan[Any, Any] | None, state: str, **values: Any
) -> dict[str, Any]:
    if plan is None:
        return _row("plans", group, request, state=state)
    steps = plan.change_set.steps
    counts = {
        "steps": len(steps),
        "edits": sum(len(step.edits) for step in steps),
        "blockers": len(plan.blockers),
        "warnings": len(plan.warnings),
    }
    return _row("plans", group, request, plan_id=plan.plan_id, state=state, **counts, **values)


def _finding_row(
    group: Group, task: Task, request: int | None, plan_id: str | None, finding: Finding
) -> dict[str, Any]:
    return _row(
        "findings",
        group,
        request,
        plan_id=plan_id,
        id=finding.id,
        code=finding.code,
        severity=finding.severity,
        is_blocking=finding.is_blocking,
        is_accepted=finding.accepted is not None,
        ids=canonical(list(finding.ids)),
        description=finding.describe(task.language),
        remedy=finding.advise(task.language),
        facts=canonical(dict(finding.facts)),
    )


def _failure(group: Group, task: Task, name: str, id: str, fault: Fault) -> dict[str, Any]:
    return _row(
        "failures", group, None, table=name or None, id=id or None, **_told_fault(fault, task.language)
    )


def _told_fault(fault: Fault, language: str) -> dict[str, Any]:
    return {
        "path": fault.path or None,
        "code": fault.code,
        "description": fault.describe(language),
        "facts": canonical(dict(fault.facts)),
    }


def failed_request(row: int, error: LoadError, language: str) -> list[dict[str, Any]]:
    """Return the rows of the result for a row of the frame of requests that cannot be read."""
    empty = dict.fromkeys(RESULT_SCHEMA)
    faults = [
        {**empty, "part": "failures", "request": row, "table": "requests", **_told_fault(fault, language)}
        for fault in error.faults
    ]
    return [{**empty, "part": "plans", "request": row, "state": "failed"}, *faults]
