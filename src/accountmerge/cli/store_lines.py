"""Show audits and rehearsals of a database as lines, and as plain JSON data.

Only names, ids and counts are shown, and no value of a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from accountmerge.cli.contract_json import plain_failure
from accountmerge.model.instants import rfc3339
from accountmerge.reports.contract_text import failure_lines
from accountmerge.reports.finding_lines import finding_lines
from accountmerge.reports.lines import BLANK, Line, LineRole, spoken

_ROWS = ("inserted", "updated", "deleted")


def rehearsal_lines(rehearsal: Any, language: str) -> Iterator[Line]:
    """Yield the result of a rehearsal, a `Rehearsal` of `accountmerge.sql`."""
    is_good = rehearsal.is_as_planned
    key: str = "report.rehearsed_as_planned" if is_good else "report.rehearsed_otherwise"
    yield spoken(key, language, "good" if is_good else "blocker", plan_id=rehearsal.plan_id)
    yield from failure_lines(rehearsal.failures, language)
    if rehearsal.refusal is not None:
        told = rehearsal.refusal
        facts = {"step": told.step, "table": told.table or "?", "constraint": told.constraint or ""}
        key = "report.rehearsal_refused" if told.constraint else "report.rehearsal_trigger"
        yield spoken(key, language, "blocker", indent=2, **facts)
    for row in rehearsal.differences:
        fields = (*row.fields, *row.columns)
        facts = {"entity": row.entity, "id": row.id, "fields": fields}
        yield spoken("report.rehearsal_difference", language, "blocker", indent=2, **facts)
    for table in rehearsal.beyond:
        yield _changes("report.rehearsal_beyond", table, language, "blocker")
    for finding in rehearsal.new_faults:
        yield from finding_lines(finding, language)
    yield BLANK
    for table in rehearsal.writes:
        yield _changes("report.rehearsal_writes", table, language, "plain")
    for lock in rehearsal.locks:
        yield _lock(lock, language)
    for name in rehearsal.uncompared:
        yield spoken("report.rehearsal_uncompared", language, "warning", indent=2, table=name)
    milliseconds = round(rehearsal.locked_seconds * 1000)
    facts = {"milliseconds": milliseconds, "count": rehearsal.statements}
    yield spoken("report.rehearsal_time", language, indent=2, **facts)


def _changes(key: str, table: Any, language: str, role: LineRole) -> Line:
    counts = {word: getattr(table, word) for word in _ROWS}
    return spoken(key, language, role, indent=2, table=table.table, **counts)


def _lock(lock: Any, language: str) -> Line:
    if lock.kind == "file":
        return spoken("report.lock_file", language, indent=2)
    if lock.kind == "table":
        return spoken("report.lock_table", language, indent=2, table=lock.table)
    return spoken("report.lock_rows", language, indent=2, table=lock.table, count=lock.rows)


def plain_rehearsal(rehearsal: Any, language: str) -> dict[str, Any]:
    """Return the result of a rehearsal as plain JSON data."""
    refusal = rehearsal.refusal
    return {
        "plan_id": rehearsal.plan_id,
        "is_as_planned": rehearsal.is_as_planned,
        "steps": [{"ordinal": ordinal, "outcome": outcome} for ordinal, outcome in rehearsal.steps],
        "failures": [plain_failure(failure, language) for failure in rehearsal.failures],
        "refusal": None if refusal is None else _plain(refusal, "step", "table", "constraint", "code"),
        "differences": _rows(rehearsal.differences, "entity", "id", "fields", "columns"),
        "beyond": _rows(rehearsal.beyond, "table", *_ROWS),
        "uncompared": rehearsal.uncompared,
        "new_faults": [finding.id for finding in rehearsal.new_faults],
        "writes": _rows(rehearsal.writes, "table", *_ROWS),
        "locks": _rows(rehearsal.locks, "kind", "table", "rows"),
        "locked_seconds": rehearsal.locked_seconds,
        "writing_seconds": rehearsal.writing_seconds,
        "statements": rehearsal.statements,
    }


def audit_lines(audit: Any, language: str) -> Iterator[Line]:
    """Yield the result of an audit, an `Audit` of `accountmerge.sql`."""
    is_good = audit.is_readable
    key: str = "report.audit_readable" if is_good else "report.audit_unreadable"
    yield spoken(key, language, "good" if is_good else "blocker")
    for found, role in ((audit.unreadable, "blocker"), (audit.observations, "warning")):
        yield from (_observation(each, language, role) for each in found)
    for code, count in audit.faults:
        yield spoken("report.audit_fault", language, "warning", indent=2, code=code, count=count)
    for table, count in audit.rows:
        yield spoken("report.audit_rows", language, indent=2, table=table, count=count)
    facts = {"code": audit.locks.code, "tables": audit.locks.tables}
    yield spoken("report.audit_locks", language, indent=2, **facts)


def _observation(each: Any, language: str, role: Any) -> Line:
    facts = {"code": each.code, "table": each.table, "column": each.field, "count": each.count}
    return spoken("report.audit_observation", language, role, indent=2, ids=each.ids, **facts)


def plain_audit(audit: Any) -> dict[str, Any]:
    """Return the result of an audit as plain JSON data."""
    names = ("code", "table", "field", "count", "ids")
    return {
        "is_readable": audit.is_readable,
        "rows": dict(audit.rows),
        "unreadable": _rows(audit.unreadable, *names),
        "observations": _rows(audit.observations, *names),
        "faults": dict(audit.faults),
        "locks": _plain(audit.locks, "code", "tables"),
    }


def unmapped_lines(found: Iterable[Any], language: str) -> Iterator[Line]:
    """Yield the columns that a mapping does not know, each an `Unmapped` of `accountmerge.sql`."""
    found = list(found)
    if not found:
        yield spoken("report.all_mapped", language, "good")
    for each in found:
        facts = {"table": each.table, "columns": each.columns, "target": each.target}
        if each.by == "foreign_key":
            yield spoken("report.unmapped_key", language, "blocker", **facts)
        else:
            yield spoken("report.unmapped_name", language, "warning", **facts)


def plain_unmapped(found: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the columns that a mapping does not know as plain JSON data."""
    return _rows(found, "by", "table", "columns", "target")


def missing_lines(found: Iterable[Any], language: str) -> Iterator[Line]:
    """Yield what mapped tables lack, each a `Missing` of `accountmerge.sql`."""
    found = list(found)
    if not found:
        yield spoken("report.none_missing", language, "good")
    for each in found:
        facts = {"table": each.table, "field": each.field, "why": each.why, "word": each.word or each.field}
        role: LineRole = "warning" if each.of == "links_and_history" else "blocker"
        yield spoken(f"report.missing_{each.of}", language, role, **facts)
        if each.ddl is not None:
            yield from (Line(f"  {line}", "detail") for line in each.ddl.splitlines())


def plain_missing(found: Iterable[Any]) -> list[dict[str, Any]]:
    """Return what mapped tables lack as plain JSON data."""
    return _rows(found, "table", "field", "of", "why", "word", "ddl")


def index_lines(found: Iterable[str], language: str) -> Iterator[Line]:
    """Yield the statements for indexes that do not exist."""
    found = list(found)
    if not found:
        yield spoken("report.all_indexed", language, "good")
    yield from (Line(f"{statement};") for statement in found)


def status_lines(status: Any, language: str) -> Iterator[Line]:
    """Yield the stored state of a plan, a `PlanStatus` of `accountmerge.sql`."""
    plan_id, count = status.plan_id, len(status.receipts)
    if not count:
        yield spoken("report.status_unknown", language, "warning", plan_id=plan_id)
        return
    yield spoken(
        "report.store_status",
        language,
        "good",
        plan_id=plan_id,
        count=count,
        at=rfc3339(status.receipts[-1].at),
    )
    for row in status.owed:
        facts = {"id": row.id, "kind": row.kind, "role": row.role, "at": rfc3339(row.due_at)}
        yield spoken("report.status_owed", language, "warning", indent=2, **facts)
    for row in status.moved:
        facts = {"entity": row.moved.entity, "old": row.moved.old_id, "new": row.moved.new_id}
        yield spoken("report.status_moved", language, indent=2, **facts)


def plain_status(status: Any) -> dict[str, Any]:
    """Return the stored state of a plan as plain JSON data, without facts of obligations."""
    return {
        "plan_id": status.plan_id,
        "steps": [
            {"ordinal": row.ordinal, "outcome": row.outcome, "at": rfc3339(row.at)} for row in status.receipts
        ],
        "owed": [
            {**_plain(row, "id", "step", "kind", "role", "when"), "due_at": rfc3339(row.due_at)}
            for row in status.owed
        ],
        "moved": [_plain(row.moved, "entity", "old_id", "new_id", "why", "step") for row in status.moved],
    }


def _rows(rows: Iterable[Any], *names: str) -> list[dict[str, Any]]:
    return [_plain(row, *names) for row in rows]


def _plain(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
