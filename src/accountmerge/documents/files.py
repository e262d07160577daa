"""Read and write every value that can be stored, by the name of its format."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

from accountmerge.changes.change_sets import FEATURES, ChangeSet, Intent
from accountmerge.changes.receipts import Receipt
from accountmerge.documents.reconstruction import decided_fields, reconstructed
from accountmerge.documents.snapshots import SNAPSHOT, read_by_format, read_snapshot, written_snapshot
from accountmerge.errors import Fault, FaultList, InvalidValueError, LoadError
from accountmerge.findings.finding import Finding
from accountmerge.kinds import (
    REQUEST_KINDS,
    AnyPlan,
    AnyRequest,
    AnyRules,
    is_plan,
    kind_of_request,
    rules_classes,
    subject_of,
)
from accountmerge.model.limits import Limits
from accountmerge.model.snapshots import Snapshot
from accountmerge.plans.plan import TreatedBy, ZoneRules
from accountmerge.wire import scalars
from accountmerge.wire.canonical import frozen, is_sealed, rules_digest
from accountmerge.wire.converter import converter
from accountmerge.wire.faults import (
    Faults,
    each,
    faults_of,
    read_part,
    shown_id,
    unknown_keys,
)
from accountmerge.wire.scalars import read_json


def read_intent(value: Any) -> Intent:
    """Read the name of an intent."""
    intent: Intent = _read_word(value, tuple(REQUEST_KINDS))
    return intent


def _read_word(value: Any, allowed: tuple[str, ...]) -> Any:
    if type(value) is not str:
        raise scalars.wrong_type("text", value)
    if value not in allowed:
        raise Fault("not_in_vocabulary", allowed=allowed)
    return value


def _read_request(data: dict[str, Any]) -> Any:
    rest, intent = _headed(data, "intent", read_intent)
    return _structured(rest, REQUEST_KINDS[intent].request)


def _read_rules(data: dict[str, Any]) -> Any:
    classes = rules_classes()
    rest, subject = _headed(data, "subject", lambda value: _read_word(value, tuple(classes)))
    return _structured(rest, classes[subject])


def _headed(data: dict[str, Any], key: str, read: Callable[[Any], Any]) -> tuple[dict[str, Any], Any]:
    """Return an object without the key that names its class, and the value of the key."""
    rest = dict(data)
    try:
        if key not in rest:
            raise Fault("missing_key")
        return rest, read(rest.pop(key))
    except Fault as fault:
        raise Faults([fault.below(key)]) from None


def _structured(data: dict[str, Any], cls: Any) -> Any:
    try:
        return converter().structure(data, cls)
    except Exception as error:  # noqa: BLE001 - what is no fault is raised again by faults_of
        raise Faults(list(faults_of(error))) from None


def read_plan(data: dict[str, Any], read_change_set: Callable[[Any], Any]) -> AnyPlan:
    """Read a plan from plain JSON data, without the key that names its format."""
    structure = converter().structure
    faults: list[Fault] = FaultList()
    intent = read_part(data, "intent", read_intent, faults)
    classes = REQUEST_KINDS[intent or "migration"]
    own = decided_fields(classes.plan)
    known = _PLAN_KEYS | own.keys()
    faults += unknown_keys(data.keys() - known, known, "similar")
    readers: dict[str, Callable[[Any], Any]] = {
        "request": lambda value: structure(value, classes.request),
        "rules": lambda value: structure(value, classes.rules),
        "findings": lambda value: structure(value, tuple[Finding, ...]),
        "change_set": read_change_set,
    }
    if intent is None:  # the class of the request and the rules is unknown
        readers = {key: readers[key] for key in ("findings", "change_set")}
        faults += [Fault("missing_key", key) for key in ("request", "rules") if key not in data]
    parts = {key: read_part(data, key, read, faults) for key, read in readers.items()}
    if "taken_at" in data:
        parts["taken_at"] = read_part(data, "taken_at", scalars.instant, faults)
    if "treated_by" in data:
        parts["treated_by"] = read_part(data, "treated_by", _read_audience, faults)
    if "limits" in data:
        parts["limits"] = read_part(data, "limits", _reader_of(Limits), faults)
    if "zone_rules" in data:
        parts["zone_rules"] = read_part(data, "zone_rules", _read_zone_rules, faults)
    stated = {key: read_part(data, key, _reader_of(own[key]), faults) for key in own if key in data}
    if faults:
        raise Faults(faults)
    whole: Any = classes.plan
    decided = reconstructed(whole, parts["request"], parts["change_set"])
    plan: AnyPlan = whole(**parts, **(stated | decided))
    faults = list(_contradictions(plan, intent)) or list(_misstated(stated, decided))
    if faults:
        raise Faults(faults)
    return plan


def written_plan(plan: AnyPlan, write_change_set: Callable[[ChangeSet], dict[str, Any]]) -> dict[str, Any]:
    """Return a plan as plain JSON data."""
    write = converter().unstructure
    taken_at = {} if plan.taken_at is None else {"taken_at": write(plan.taken_at)}
    return {
        "intent": plan.change_set.intent,
        "request": write(plan.request),
        "rules": write(plan.rules),
        "findings": [write(finding) for finding in plan.findings],
        "change_set": write_change_set(plan.change_set),
        **taken_at,
        **({"treated_by": {id: list(ids) for id, ids in plan.treated_by}} if plan.treated_by else {}),
        **({} if plan.limits is None else {"limits": write(plan.limits)}),
        **({"zone_rules": dict(plan.zone_rules)} if plan.zone_rules else {}),
        **_written_decision(plan),
    }


def _written_decision(plan: AnyPlan) -> dict[str, Any]:
    """Return the decided values of a plan by key, without empty ones."""
    write = converter().unstructure
    decided = ((name, getattr(plan, name), kind) for name, kind in decided_fields(type(plan)).items())
    return {name: write(value, kind) for name, value, kind in decided if value not in (None, ())}


def _reader_of(kind: Any) -> Callable[[Any], Any]:
    return lambda value: converter().structure(value, kind)


def _misstated(stated: dict[str, Any], decided: dict[str, Any]) -> Iterator[Fault]:
    """Yield a fault for each value of a file that its steps contradict, in any order of keys."""
    for key in sorted(stated.keys() & decided.keys()):
        value, read = stated[key], decided[key]
        is_told = sorted(value) == sorted(read) if isinstance(value, tuple) else value == read
        if not is_told:
            yield Fault("plan_contradicts_itself", key, other="change_set")


def _read_audience(value: Any) -> TreatedBy:
    """Read the ids of profiles, by the id of a customer."""
    if type(value) is not dict:
        raise scalars.wrong_type("object", value)

    def read(item: tuple[str, Any]) -> tuple[str, tuple[str, ...]]:
        if type(item[1]) is not list:
            raise scalars.wrong_type("list", item[1])
        ids = each(((f"[{place}]", id) for place, id in enumerate(item[1])), scalars.text)
        return (scalars.text(item[0]), tuple(sorted(set(ids))))

    return tuple(sorted(each(((shown_id(item[0]), item) for item in value.items()), read)))


def _read_zone_rules(value: Any) -> ZoneRules:
    """Read the digest of the rules of a zone, by the name of the zone.

    The zone may be one that this machine does not know.
    """
    if type(value) is not dict:
        raise scalars.wrong_type("object", value)

    def read(item: tuple[str, Any]) -> tuple[str, str]:
        return (scalars.text(item[0]), scalars.text(item[1]))

    return tuple(sorted(each(((shown_id(item[0]), item) for item in value.items()), read)))


_PLAN_KEYS = frozenset(
    {"intent", "request", "rules", "findings", "change_set", "taken_at", "treated_by", "limits", "zone_rules"}
)


def _contradictions(plan: AnyPlan, intent: Intent) -> Iterator[Fault]:
    """Yield a fault for each part of a plan that contradicts its change set."""
    if plan.change_set.intent != intent:
        yield Fault("plan_contradicts_itself", "change_set.intent", other="intent")
    if frozen(plan.request) != plan.change_set.request:
        yield Fault("plan_contradicts_itself", "change_set.request", other="request")
    if rules_digest(plan.rules) != plan.change_set.rules_digest:
        yield Fault("plan_contradicts_itself", "change_set.rules_digest", other="rules")
    if plan.change_set.blocked != tuple(sorted({finding.code for finding in plan.blockers})):
        yield Fault("plan_contradicts_itself", "change_set.blocked", other="findings")
    for position, finding in enumerate(plan.findings):
        if finding.accepted is not None and finding.accepted not in plan.request.accept:
            yield Fault("plan_contradicts_itself", f"findings[{position}].accepted", other="request")


_CHANGE_SET = "accountmerge.changeset/1"
Document = Snapshot | ChangeSet | Receipt | AnyPlan | AnyRequest | AnyRules | Limits


def loads(source: str | bytes | os.PathLike[str]) -> Document:
    """Read a value from JSON text, its UTF-8 bytes, or a file.

    The value depends on its `format`: `accountmerge.snapshot/1`, `accountmerge.changeset/1`, `accountmerge.plan/1`,
    `accountmerge.receipt/1`, `accountmerge.request/1`, `accountmerge.rules/1` or `accountmerge.limits/1`.

    Args:
        source: JSON text, bytes, or a path (a `pathlib.Path`; text is never taken for a path).

    Raises:
        LoadError: The value has faults; the error lists every fault with its path.
        OSError: The file cannot be read.
    """
    return read_document(read_json(source))


def dumps(value: Document, *, indent: int | None = None) -> str:
    """Write a value as JSON text that `loads` reads back as an equal value.

    Equal values give equal text, whatever order their collections had.

    Args:
        value: A snapshot, plan, change set, receipt, request, rules or limits.
        indent: The number of spaces to indent by. Default: all on one line.

    Raises:
        InvalidValueError: The value has no format of its own.
    """
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(written_document(value), ensure_ascii=False, indent=indent, separators=separators)


def read_document(data: Any) -> Document:
    """Read a value from plain JSON data that name its format. The plain data are emptied on the way."""
    document: Document = read_by_format(data, _READERS)
    return document


def written_document(value: Document) -> dict[str, Any]:
    """Return a value as plain JSON data that names its format."""
    written = _written(value)
    if written is None:  # a subclass could not be read back as the same class
        raise InvalidValueError("no_format", type=type(value).__name__)
    return written


def _read_change_set(data: dict[str, Any]) -> ChangeSet:
    _refuse_unknown_features(data, "")
    change_set = converter().structure(data, ChangeSet)
    faults = list(_change_set_faults(change_set))
    if faults:
        raise Faults(faults)
    return change_set


def _refuse_unknown_features(change_set: Any, path: str) -> None:
    """Refuse a change set that requires unknown features, before any other fault is reported.

    A later release wrote it, so other faults may only be new features.
    """
    features = change_set.get("requires") if type(change_set) is dict else None
    unknown = [
        Fault("unknown_feature", f"{path}requires[{position}]", known=FEATURES)
        for position, feature in enumerate(_requires(features))
        if feature not in FEATURES
    ]
    if unknown:
        raise Faults(unknown)


def _requires(value: Any) -> list[Any]:
    return value if type(value) is list else []


def _change_set_faults(change_set: ChangeSet) -> Iterator[Fault]:
    for position, step in enumerate(change_set.steps):
        if step.ordinal != position + 1:
            yield Fault("wrong_ordinal", f"steps[{position}].ordinal", wanted=position + 1)
    if change_set.through is not None and not 0 <= change_set.through <= len(change_set.steps):
        yield Fault("wrong_ordinal", "through", wanted=len(change_set.steps))
    for position, obligation in enumerate(change_set.obligations):
        if obligation.step is not None and not 1 <= obligation.step <= len(change_set.steps):
            yield Fault("wrong_ordinal", f"obligations[{position}].step", wanted=len(change_set.steps))
    if change_set.blocked and change_set.steps:
        yield Fault("blocked_with_steps", "steps")
    if not is_sealed(change_set):
        yield Fault("plan_id_mismatch", "plan_id")


def _read_plan(data: dict[str, Any]) -> AnyPlan:
    _refuse_unknown_features(data.get("change_set"), "change_set.")
    return read_plan(data, _read_nested_change_set)


def _read_nested_change_set(value: Any) -> Any:
    # Only a change set may follow here, or plans within plans could nest without end.
    if type(value) is dict and value.get("format", _CHANGE_SET) != _CHANGE_SET:
        raise Fault("unknown_format", "format", allowed=(_CHANGE_SET,))
    try:
        return read_document(value)
    except LoadError as error:
        raise Faults(FaultList(error.faults, int(str(error.facts["count"])) - len(error.faults))) from None


_READERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    SNAPSHOT: read_snapshot,
    _CHANGE_SET: _read_change_set,
    "accountmerge.plan/1": _read_plan,
    "accountmerge.receipt/1": lambda data: converter().structure(data, Receipt),
    "accountmerge.request/1": _read_request,
    "accountmerge.rules/1": _read_rules,
    "accountmerge.limits/1": lambda data: converter().structure(data, Limits),
}
FORMATS: tuple[str, ...] = tuple(_READERS)
"""The formats of all values that can be stored."""


def _written(value: Document) -> dict[str, Any] | None:
    """Return a value as plain JSON data with its format, or None if it has no format."""
    write, request, subject = converter().unstructure, kind_of_request(value), subject_of(value)
    written: tuple[str, dict[str, Any]] | None = None
    if type(value) is Snapshot:
        written = ("snapshot", written_snapshot(value))
    elif type(value) is ChangeSet:
        written = ("changeset", write(value))
    elif type(value) is Receipt:
        written = ("receipt", write(value))
    elif type(value) is Limits:
        written = ("limits", write(value))
    elif request is not None:
        written = ("request", {"intent": request.intent, **write(value)})
    elif subject is not None:
        written = ("rules", {"subject": subject, **write(value)})
    elif is_plan(value):
        written = ("plan", written_plan(value, written_document))
    return None if written is None else {"format": f"accountmerge.{written[0]}/1", **written[1]}
