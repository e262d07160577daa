"""Documents: every value that can be stored, by the name of its format; `loads` and `dumps`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from accountmerge.changes.change_sets import FEATURES, ChangeSet
from accountmerge.changes.receipts import Receipt
from accountmerge.errors import Fault, FaultList, InvalidValueError, LoadError
from accountmerge.model.snapshots import Snapshot
from accountmerge.wire import scalars
from accountmerge.wire.canonical import is_sealed
from accountmerge.wire.converter import converter
from accountmerge.wire.faults import Faults, collect
from accountmerge.wire.intents import (
    CLASSES,
    AnyPlan,
    AnyRequest,
    AnyRules,
    read_with_intent,
    written_request,
    written_rules,
)
from accountmerge.wire.plan_files import read_plan, written_plan
from accountmerge.wire.reading import read_json
from accountmerge.wire.snapshot_files import read_snapshot, written_snapshot

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator

_CHANGE_SET = "accountmerge.changeset/1"
Document = Snapshot | ChangeSet | Receipt | AnyPlan | AnyRequest | AnyRules


def loads(source: str | bytes | os.PathLike[str]) -> Document:
    """Read a value from JSON text, its UTF-8 bytes, or a file.

    What it is follows from its `format`: `accountmerge.snapshot/1`, `accountmerge.changeset/1`,
    `accountmerge.plan/1`, `accountmerge.receipt/1`, `accountmerge.request/1` or `accountmerge.rules/1`.

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
    """Read a value from plain JSON data that names its format; the data is used up."""
    try:
        if type(data) is not dict:
            raise scalars.wrong_type("object", data)
        if "format" not in data:
            raise Fault("missing_key", "format")
        if data["format"] not in FORMATS:
            raise Fault("unknown_format", "format", allowed=FORMATS)
        rest = {key: value for key, value in data.items() if key != "format"}
        found: Document = _READERS[data["format"]](rest)
    except (Fault, Faults, ExceptionGroup, InvalidValueError) as error:
        faults = FaultList()
        collect(faults, error)
        raise LoadError(faults, faults.more) from None
    return found


def written_document(value: Document) -> dict[str, Any]:
    """Return a value as plain JSON data that names its format."""
    if type(value) not in _WRITERS:  # a subclass could not be read back as what it is
        raise InvalidValueError("no_format", type=type(value).__name__)
    name, write = _WRITERS[type(value)]
    return {"format": name, **write(value)}


def _read_change_set(data: dict[str, Any]) -> ChangeSet:
    _refuse_unknown_features(data, "")
    change_set = converter().structure(data, ChangeSet)
    faults = list(_change_set_faults(change_set))
    if faults:
        raise Faults(faults)
    return change_set


def _refuse_unknown_features(change_set: Any, path: str) -> None:
    """Refuse a change set of a later release for that and nothing else: whatever looks wrong may only be new."""
    features = change_set.get("requires") if type(change_set) is dict else None
    unknown = [
        Fault("unknown_feature", f"{path}requires[{position}]", known=FEATURES)
        for position, feature in enumerate(_listed(features))
        if feature not in FEATURES
    ]
    if unknown:
        raise Faults(unknown)


def _listed(value: Any) -> list[Any]:
    return value if type(value) is list else []


def _change_set_faults(change_set: ChangeSet) -> Iterator[Fault]:
    for position, step in enumerate(change_set.steps):
        if step.ordinal != position + 1:
            yield Fault("wrong_ordinal", f"steps[{position}].ordinal", wanted=position + 1)
    if change_set.through is not None and not 0 <= change_set.through <= len(change_set.steps):
        yield Fault("wrong_ordinal", "through", wanted=len(change_set.steps))
    if change_set.blocked and change_set.steps:
        yield Fault("blocked_with_steps", "steps")
    if not is_sealed(change_set):
        yield Fault("plan_id_mismatch", "plan_id")


def _read_plan(data: dict[str, Any]) -> AnyPlan:
    _refuse_unknown_features(data.get("change_set"), "change_set.")
    return read_plan(data, _read_nested_change_set)


def _read_nested_change_set(value: Any) -> Any:
    # Only a change set is read any further, or plans within plans could nest without end.
    if type(value) is dict and value.get("format", _CHANGE_SET) != _CHANGE_SET:
        raise Fault("unknown_format", "format", allowed=(_CHANGE_SET,))
    try:
        return read_document(value)
    except LoadError as error:
        raise Faults(FaultList(error.faults, int(str(error.facts["count"])) - len(error.faults))) from None


def _written_plan(plan: AnyPlan) -> dict[str, Any]:
    return written_plan(plan, written_document)


_READERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "accountmerge.snapshot/1": read_snapshot,
    _CHANGE_SET: _read_change_set,
    "accountmerge.plan/1": _read_plan,
    "accountmerge.receipt/1": lambda data: converter().structure(data, Receipt),
    "accountmerge.request/1": read_with_intent("request"),
    "accountmerge.rules/1": read_with_intent("rules"),
}
FORMATS: tuple[str, ...] = tuple(_READERS)
"""The formats of all values that can be stored."""
_WRITERS: dict[type, tuple[str, Callable[[Any], dict[str, Any]]]] = {
    Snapshot: ("accountmerge.snapshot/1", written_snapshot),
    ChangeSet: (_CHANGE_SET, lambda value: converter().unstructure(value)),
    Receipt: ("accountmerge.receipt/1", lambda value: converter().unstructure(value)),
    **{classes.plan: ("accountmerge.plan/1", _written_plan) for classes in CLASSES.values()},
    **{classes.request: ("accountmerge.request/1", written_request) for classes in CLASSES.values()},
    **{classes.rules: ("accountmerge.rules/1", written_rules) for classes in CLASSES.values()},
}
