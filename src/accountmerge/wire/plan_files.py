"""Plans in JSON: a plan is read with all its parts, and refused where the preview is not what would be applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accountmerge.errors import Fault, FaultList
from accountmerge.findings.finding import Finding
from accountmerge.wire import scalars
from accountmerge.wire.canonical import frozen, rules_digest
from accountmerge.wire.converter import converter
from accountmerge.wire.faults import Faults, each, read_part, shown_id, shown_key
from accountmerge.wire.intents import CLASSES, AnyPlan, read_intent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from accountmerge.changes.change_sets import ChangeSet, Intent
    from accountmerge.plans import TreatedBy


def read_plan(data: dict[str, Any], read_change_set: Callable[[Any], Any]) -> AnyPlan:
    """Read a plan from plain JSON data, without the key that names its format.

    Args:
        data: The plan.
        read_change_set: What reads the change set in it, a document of its own.
    """
    structure = converter().structure
    unknown = (Fault("unknown_key", shown_key(key)) for key in sorted(data.keys() - _KEYS))
    faults: list[Fault] = FaultList(unknown)
    intent = read_part(data, "intent", read_intent, faults)
    classes = CLASSES[intent or "migration"]
    readers: dict[str, Callable[[Any], Any]] = {
        "request": lambda value: structure(value, classes.request),
        "rules": lambda value: structure(value, classes.rules),
        "findings": lambda value: structure(value, tuple[Finding, ...]),
        "change_set": read_change_set,
    }
    if intent is None:  # of which class they should be is not known
        readers = {key: readers[key] for key in ("findings", "change_set")}
        faults += [Fault("missing_key", key) for key in ("request", "rules") if key not in data]
    parts = {key: read_part(data, key, read, faults) for key, read in readers.items()}
    if "taken_at" in data:
        parts["taken_at"] = read_part(data, "taken_at", scalars.instant, faults)
    if "treated_by" in data:
        parts["treated_by"] = read_part(data, "treated_by", _read_audience, faults)
    if faults:
        raise Faults(faults)
    whole: Any = classes.plan
    plan: AnyPlan = whole(**parts)
    faults = list(_contradictions(plan, intent))
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
    }


def _read_audience(value: Any) -> TreatedBy:
    """Read, by the id of a customer, the ids of profiles."""
    if type(value) is not dict:
        raise scalars.wrong_type("object", value)

    def read(item: tuple[str, Any]) -> tuple[str, tuple[str, ...]]:
        if type(item[1]) is not list:
            raise scalars.wrong_type("list", item[1])
        ids = each(((f"[{place}]", id) for place, id in enumerate(item[1])), scalars.text)
        return (scalars.text(item[0]), tuple(sorted(set(ids))))

    return tuple(sorted(each(((shown_id(item[0]), item) for item in value.items()), read)))


_KEYS = frozenset({"intent", "request", "rules", "findings", "change_set", "taken_at", "treated_by"})


def _contradictions(plan: AnyPlan, intent: Intent) -> Iterator[Fault]:
    """Yield a fault where the preview is not what would be applied."""
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
