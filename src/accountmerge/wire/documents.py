"""Documents: every value that can be stored, by the name of its format; `loads` and `dumps`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from accountmerge.changes.change_sets import INTENTS, ChangeSet
from accountmerge.errors import Fault, InvalidValueError, LoadError
from accountmerge.findings.finding import Finding
from accountmerge.model.snapshots import Snapshot
from accountmerge.plans import MigrationPlan
from accountmerge.rules.migration_requests import MigrationRequest
from accountmerge.rules.migration_rules import MigrationRules
from accountmerge.wire import scalars
from accountmerge.wire.canonical import frozen, plan_id_of, rules_digest
from accountmerge.wire.converter import converter
from accountmerge.wire.faults import Faults, faults_of, shown_key
from accountmerge.wire.reading import read_json
from accountmerge.wire.snapshot_files import read_snapshot, written_snapshot

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator


_CHANGE_SET = "accountmerge.changeset/1"
Document = Snapshot | ChangeSet | MigrationPlan | MigrationRequest | MigrationRules


def loads(source: str | bytes | os.PathLike[str]) -> Document:
    """Read a value from JSON text, its UTF-8 bytes, or a file.

    What it is follows from its `format`: `accountmerge.snapshot/1`, `accountmerge.changeset/1`,
    `accountmerge.plan/1`, `accountmerge.request/1` or `accountmerge.rules/1`.

    Args:
        source: JSON text, bytes, or a path (a `pathlib.Path`; text is never taken for a path).

    Raises:
        LoadError: Something is wrong with it; the error lists every fault with its path.
        OSError: The file cannot be read.
    """
    return read_document(read_json(source))


def dumps(value: Document, *, indent: int | None = None) -> str:
    """Write a value as JSON text that `loads` reads back as an equal value.

    Equal values give equal text, whatever order their collections had.

    Args:
        value: A snapshot, plan, change set, request or rules.
        indent: How many spaces to indent by, for people; nothing for one line.

    Raises:
        InvalidValueError: The value has no format of its own.
    """
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(written_document(value), ensure_ascii=False, indent=indent, separators=separators)


def read_document(data: Any) -> Document:
    """Read a value from plain JSON data that names its format."""
    try:
        if type(data) is not dict:
            raise scalars.wrong_type("object", data)
        if "format" not in data:
            raise Fault("missing_key", "format")
        if data["format"] not in tuple(_READERS):
            raise Fault("unknown_format", "format", allowed=tuple(_READERS))
        rest = {key: value for key, value in data.items() if key != "format"}
        found: Document = _READERS[data["format"]](rest)
    except (Fault, Faults, ExceptionGroup, InvalidValueError) as error:
        raise LoadError(list(faults_of(error))) from None
    return found


def written_document(value: Document) -> dict[str, Any]:
    """Return a value as plain JSON data that names its format."""
    for cls, (name, write) in _WRITERS.items():
        if isinstance(value, cls):
            return {"format": name, **write(value)}
    raise InvalidValueError("no_format", type=type(value).__name__)


def _read_change_set(data: dict[str, Any]) -> ChangeSet:
    change_set = converter().structure(data, ChangeSet)
    faults = list(_change_set_faults(change_set))
    if faults:
        raise Faults(faults)
    return change_set


def _change_set_faults(change_set: ChangeSet) -> Iterator[Fault]:
    for position, step in enumerate(change_set.steps):
        if step.ordinal != position + 1:
            yield Fault("wrong_ordinal", f"steps[{position}].ordinal", wanted=position + 1)
    if change_set.through is not None and not 0 <= change_set.through <= len(change_set.steps):
        yield Fault("wrong_ordinal", "through", wanted=len(change_set.steps))
    if change_set.blocked and change_set.steps:
        yield Fault("blocked_with_steps", "steps")
    if plan_id_of(change_set) != change_set.plan_id:
        yield Fault("plan_id_mismatch", "plan_id")


def _read_plan(data: dict[str, Any]) -> MigrationPlan:
    readers: dict[str, Callable[[Any], Any]] = {
        "intent": _read_intent,
        "request": lambda value: converter().structure(value, MigrationRequest),
        "rules": lambda value: converter().structure(value, MigrationRules),
        "findings": lambda value: converter().structure(value, tuple[Finding, ...]),
        "change_set": _read_nested_change_set,
    }
    parts, faults = {}, [Fault("unknown_key", shown_key(key)) for key in sorted(data.keys() - readers.keys())]
    for key, read in readers.items():
        try:
            if key not in data:
                raise Fault("missing_key")
            parts[key] = read(data[key])
        except Exception as error:  # noqa: BLE001 - what is no fault is raised again by faults_of
            faults.extend(faults_of(error, key))
    if faults:
        raise Faults(faults)
    plan = MigrationPlan(parts["request"], parts["rules"], parts["findings"], parts["change_set"])
    faults = list(_plan_faults(plan))
    if faults:
        raise Faults(faults)
    return plan


def _read_nested_change_set(value: Any) -> Any:
    # Only a change set is read any further, or plans within plans could nest without end.
    if type(value) is dict and value.get("format", _CHANGE_SET) != _CHANGE_SET:
        raise Fault("unknown_format", "format", allowed=(_CHANGE_SET,))
    try:
        return read_document(value)
    except LoadError as error:
        raise Faults(list(error.faults)) from None


def _plan_faults(plan: MigrationPlan) -> Iterator[Fault]:
    """Yield a fault where the preview is not what would be applied."""
    if frozen(plan.request) != plan.change_set.request:
        yield Fault("plan_contradicts_itself", "change_set.request", other="request")
    if rules_digest(plan.rules) != plan.change_set.rules_digest:
        yield Fault("plan_contradicts_itself", "change_set.rules_digest", other="rules")
    if plan.change_set.blocked != tuple(sorted({finding.code for finding in plan.blockers})):
        yield Fault("plan_contradicts_itself", "change_set.blocked", other="findings")
    for position, finding in enumerate(plan.findings):
        if finding.accepted is not None and finding.accepted not in plan.request.accept:
            yield Fault("plan_contradicts_itself", f"findings[{position}].accepted", other="request")


def _read_intent(value: Any) -> str:
    if value not in INTENTS:
        raise Fault("not_in_vocabulary", allowed=INTENTS)
    return str(value)


def _written_plan(plan: MigrationPlan) -> dict[str, Any]:
    write = converter().unstructure
    return {
        "intent": plan.change_set.intent,
        "request": write(plan.request),
        "rules": write(plan.rules),
        "findings": [write(finding) for finding in plan.findings],
        "change_set": written_document(plan.change_set),
    }


def _reader_of_intent(cls: Any) -> Callable[[dict[str, Any]], Any]:
    def read(data: dict[str, Any]) -> Any:
        rest = dict(data)
        faults: list[Fault] = []
        try:
            if "intent" not in rest:
                raise Fault("missing_key")
            _read_intent(rest.pop("intent"))
        except Fault as fault:
            faults.append(fault.below("intent"))
        try:
            found = converter().structure(rest, cls)
        except Exception as error:  # noqa: BLE001 - what is no fault is raised again by faults_of
            faults.extend(faults_of(error))
        if faults:
            raise Faults(faults)
        return found

    return read


def _written_with_intent(value: Any) -> dict[str, Any]:
    return {"intent": "migration", **converter().unstructure(value)}


_READERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "accountmerge.snapshot/1": read_snapshot,
    _CHANGE_SET: _read_change_set,
    "accountmerge.plan/1": _read_plan,
    "accountmerge.request/1": _reader_of_intent(MigrationRequest),
    "accountmerge.rules/1": _reader_of_intent(MigrationRules),
}
_WRITERS: dict[type, tuple[str, Callable[[Any], dict[str, Any]]]] = {
    Snapshot: ("accountmerge.snapshot/1", written_snapshot),
    ChangeSet: (_CHANGE_SET, lambda value: converter().unstructure(value)),
    MigrationPlan: ("accountmerge.plan/1", _written_plan),
    MigrationRequest: ("accountmerge.request/1", _written_with_intent),
    MigrationRules: ("accountmerge.rules/1", _written_with_intent),
}
