"""Rows of plans and change sets, such as steps, edits, guards and lost values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from accountmerge.changes.change_sets import ChangeSet, LedgerEntry, Obligation
from accountmerge.changes.edits import Edit
from accountmerge.changes.guards import Guard
from accountmerge.changes.steps import Step
from accountmerge.documents.entity_rows import entity_to_json
from accountmerge.frames.row_columns import (
    OF_A_PLAN,
    STEP,
    ZONE,
    Asked,
    Line,
    RowColumn,
    RowKind,
    all_facts,
    column,
    count,
    fact_columns,
    only,
    text,
)
from accountmerge.merges.batches import MergeBatch, MergeGroup
from accountmerge.messages import Facts, sentence
from accountmerge.migrations.cohorts import CohortMember, MigrationCohort
from accountmerge.migrations.plan import MigrationPlan, planned_profile
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.entities import KINDS, Entity
from accountmerge.model.profiles import Profile
from accountmerge.model.snapshots import Snapshot
from accountmerge.plans.explanations import Explanation
from accountmerge.plans.plan import Plan

Parts = Callable[[Any], Iterable[Line]]


def zone_of(plan: Any) -> str | None:
    """Return the zone of the hours of a migration's new profile, or None."""
    profile = planned_profile(plan) if isinstance(plan, MigrationPlan) else None
    return profile.hours.zone if profile is not None and profile.hours is not None else None


def plans_of(value: Any) -> Iterator[tuple[int | None, Any]]:
    """Yield the plans in a cohort or a batch, each with the number of its member."""
    if isinstance(value, MigrationCohort):
        yield from ((member.number, member.plan) for member in value.members if member.plan is not None)
    elif isinstance(value, CohortMember):
        yield from () if value.plan is None else ((value.number, value.plan),)
    elif isinstance(value, MergeBatch):
        yield from ((group.number, plan) for group in value.groups for plan in group.plans)
    elif isinstance(value, MergeGroup):
        yield from ((value.number, plan) for plan in value.plans)
    else:
        yield None, value


def in_plans(lines: Parts, *more: type) -> dict[type, Parts]:
    """Return the parts of all values with plans, from the lines of one plan.

    Args:
        lines: Returns the lines of a plan, without the number of its member.
        more: Further classes that the function takes, such as `ChangeSet`.
    """

    def all_lines(value: Any) -> Iterator[Line]:
        for member, plan in plans_of(value):
            for line in lines(plan):
                yield line if member is None else line._replace(member=member)

    return dict.fromkeys((Plan, MigrationCohort, CohortMember, MergeBatch, MergeGroup, *more), all_lines)


def change_set_in(plan: Plan[Any, Any] | ChangeSet) -> ChangeSet:
    """Return the change set of a plan, or a change set itself."""
    return plan.change_set if isinstance(plan, Plan) else plan


def _steps(plan: Any) -> Iterator[Line]:
    change_set, zone = change_set_in(plan), zone_of(plan)
    return (Line(step, change_set.plan_id, None, step.ordinal, zone) for step in change_set.steps)


def _edits(plan: Any) -> Iterator[Line]:
    for line in _steps(plan):
        yield from (line._replace(value=edit, owner=line.value) for edit in line.value.edits)


def _guards(plan: Any) -> Iterator[Line]:
    for line in _steps(plan):
        yield from (line._replace(value=guard, owner=line.value) for guard in line.value.guards)


def _ledger(plan: Any) -> Iterator[Line]:
    change_set = change_set_in(plan)
    return (Line(entry, change_set.plan_id) for entry in change_set.ledger)


def _obligations(plan: Any) -> Iterator[Line]:
    change_set, zone = change_set_in(plan), zone_of(plan)
    return (Line(duty, change_set.plan_id, None, duty.step, zone) for duty in change_set.obligations)


def _itself(plan: Any) -> Iterator[Line]:
    yield Line(plan, plan.plan_id, None, None, zone_of(plan))


def asked_profile(plan: Plan[Any, Any]) -> str | None:
    """Return the profile of a request, which is the old profile or the one that asks."""
    asked: str | None = getattr(plan.request, "profile_id", getattr(plan.request, "actor", None))
    return asked


def _asked_customer(plan: Plan[Any, Any]) -> str | None:
    asked: str | None = getattr(plan.request, "customer_id", getattr(plan.request, "survivor", None))
    return asked


PLANS = RowKind(
    Plan,
    "One row for each plan.",
    (
        *OF_A_PLAN,
        text("intent", "the kind of plan", "change_set.intent"),
        text("profile_id", "the old profile of a migration, or the profile that asks", asked_profile),
        text("customer_id", "the survivor of a merge, or the customer of the request", _asked_customer),
        column("is_ready", "truth", "whether no finding blocks"),
        column("at", "instant", "the instant the plan is for", "change_set.at"),
        column("taken_at", "instant", "the instant at which the data were read"),
        ZONE,
        count("steps", "the number of steps", lambda plan: plan.change_set.steps),
        column(
            "edits",
            "whole number",
            "the number of edits",
            lambda plan: sum(len(step.edits) for step in plan.change_set.steps),
        ),
        count("blockers", "the number of findings that block", lambda plan: plan.blockers),
        count("warnings", "the number of other findings", lambda plan: plan.warnings),
        count("lost_values", "the number of values that do not survive", lambda plan: plan.ledger),
        count("obligations", "the number of obligations", lambda plan: plan.change_set.obligations),
        column(
            "needs_confirmation",
            "truth",
            "whether a named person has to confirm",
            "change_set.needs_confirmation",
        ),
        column("codes", "json", "the codes of the findings that block", "change_set.blocked"),
    ),
    in_plans(_itself),
)


def _images(step: Step) -> list[Entity]:
    return [image for edit in step.edits for image in (edit.before, edit.after) if image is not None]


def _fact_or_only(name: str, of_image: Callable[[Entity], Any]) -> Callable[[Step], Any]:
    """Return a function that reads a fact of the reason, or the one value of all images."""

    def read(step: Step) -> Any:
        fact = step.reason.facts.get(name)
        if fact is not None:
            return fact
        values = (of_image(image) for image in _images(step))
        return only(value for value in values if value is not None)

    return read


def _slot_end(which: str) -> Callable[[Entity], Any]:
    return lambda image: getattr(image.slot, which) if isinstance(image, Appointment) else None


def customer_in(entity: Entity) -> str | None:
    """Return the customer of an entity; a customer is its own."""
    if isinstance(entity, Customer):
        return entity.id
    return None if isinstance(entity, Profile) else entity.customer_id


def profile_in(entity: Entity) -> str | None:
    """Return the profile of an entity; a profile is its own."""
    if isinstance(entity, Profile):
        return entity.id
    return None if isinstance(entity, Customer) else entity.profile_id


def _zone_in(entity: Entity) -> str | None:
    if isinstance(entity, Profile):
        return None if entity.hours is None else entity.hours.zone
    return entity.time_zone if isinstance(entity, Appointment) else None


def _step_zone(line: Line, _: Asked) -> str | None:
    zones = (_zone_in(image) for image in _images(line.value))
    return only(zone for zone in zones if zone is not None) or line.zone


def _appointment_of(step: Step) -> Any:
    return step.reason.facts.get("appointment_id")


def _reason_facts(step: Step) -> Facts:
    return step.reason.facts


def _reason_sentence(line: Line, asked: Asked) -> str:
    reason = line.value.reason
    return sentence(f"reason.{reason.code}", reason.facts, asked.language)


STEPS = RowKind(
    Step,
    "One row for each step, in their order.",
    (
        *OF_A_PLAN,
        column("step", "whole number", "the ordinal of the step", "ordinal"),
        text("kind", "the kind of step"),
        text("reason", "the code of its reason", "reason.code"),
        text(
            "profile_id",
            "the profile of its reason, or the one that all its entities name",
            _fact_or_only("profile_id", profile_in),
        ),
        text(
            "customer_id",
            "the customer of its reason, or the one that all its entities name",
            _fact_or_only("customer_id", customer_in),
        ),
        text("appointment_id", "the appointment of its reason", _appointment_of),
        column(
            "start",
            "instant",
            "the start of the booking or blackout",
            _fact_or_only("start", _slot_end("start_us")),
        ),
        column(
            "end", "instant", "the end of the booking or blackout", _fact_or_only("end", _slot_end("end_us"))
        ),
        RowColumn(
            "time_zone", "text", "the zone of its bookings, or of the practitioner's hours", _step_zone
        ),
        count("edits", "the number of edits", lambda step: step.edits),
        count("guards", "the number of guards", lambda step: step.guards),
        column(
            "ids",
            "json",
            "the edited entities, each once",
            lambda step: tuple(dict.fromkeys(edit.id for edit in step.edits)),
        ),
        RowColumn("description", "text", "the reason, as a sentence", _reason_sentence),
        all_facts(_reason_facts),
    ),
    in_plans(_steps, ChangeSet),
)


def _image(edit: Edit) -> Entity:
    image = edit.before if edit.after is None else edit.after
    assert image is not None  # noqa: S101 - the constructor of an edit refuses it
    return image


def _of_image(read: Callable[[Entity], Any]) -> Callable[[Edit], Any]:
    return lambda edit: read(_image(edit))


def _attribute(name: str) -> Callable[[Edit], Any]:
    return lambda edit: getattr(_image(edit), name, None)


def changed_keys(edit: Edit) -> tuple[str, ...]:
    """Return the changed fields by their keys in a file, which has two for a slot."""
    names = edit.changed_fields
    if "slot" not in names:
        return names
    first: Any = edit.before
    second: Any = edit.after
    ends = [end for end in ("start", "end") if getattr(first.slot, end) != getattr(second.slot, end)]
    place = names.index("slot")
    return (*names[:place], *ends, *names[place + 1 :])


def written_image(edit: Edit, which: str) -> dict[str, Any] | None:
    """Return the entity before or after an edit, or the changed fields of a change."""
    image: Entity | None = getattr(edit, which)
    if image is None:
        return None
    row = entity_to_json(image)
    return row if edit.op != "change" else {key: row[key] for key in changed_keys(edit) if key in row}


IMAGE_COLUMNS: tuple[RowColumn, ...] = (
    text("profile_id", "the profile that the entity names; of a profile, itself", _of_image(profile_in)),
    text("customer_id", "the customer that the entity names; of a customer, itself", _of_image(customer_in)),
    column("start", "instant", "the start of an appointment", _of_image(_slot_end("start_us"))),
    column("end", "instant", "the end of an appointment", _of_image(_slot_end("end_us"))),
    text("time_zone", "the zone of an appointment, or of a profile's hours", _of_image(_zone_in)),
    text("status", "the status of an appointment, a customer or an access request", _attribute("status")),
    text("number", "the number of an appointment", _attribute("number")),
    text("replaces", "the appointment that an appointment replaces", _attribute("replaces")),
)

EDITS = RowKind(
    Edit,
    "One row for each edit. The columns from `profile_id` to `replaces` are those of the entity after the edit, or of a"
    " removed one before it.",
    (
        *OF_A_PLAN,
        STEP,
        RowColumn(
            "kind",
            "text",
            "the kind of step",
            lambda line, _: None if line.owner is None else line.owner.kind,
        ),
        text("op", "`create`, `change` or `remove`"),
        text("entity", "the kind of the entity"),
        text("id", "the entity"),
        column("fields", "json", "the names of the fields that a change changes", changed_keys),
        *IMAGE_COLUMNS,
        column(
            "before",
            "json",
            "the entity before; of a change, the changed fields",
            lambda edit: written_image(edit, "before"),
            personal=True,
        ),
        column(
            "after",
            "json",
            "the entity after; of a change, the changed fields",
            lambda edit: written_image(edit, "after"),
            personal=True,
        ),
    ),
    in_plans(_edits, ChangeSet)
    | {Step: lambda step: (Line(edit, step=step.ordinal, owner=step) for edit in step.edits)},
)

GUARDS = RowKind(
    Guard,
    "One row for each guard of each step.",
    (
        *OF_A_PLAN,
        STEP,
        text("kind", "the kind of guard"),
        text("entity", "the kind of the guarded entities", "subject"),
        *fact_columns("id profile_id customer_id start end"),
        column("except_ids", "json", "the entities that do not count"),
        all_facts(),
    ),
    in_plans(_guards, ChangeSet)
    | {Step: lambda step: (Line(guard, step=step.ordinal) for guard in step.guards)},
)

LEDGER = RowKind(
    LedgerEntry,
    "One row for each value that does not survive.",
    (
        *OF_A_PLAN,
        text("entity", "the kind of the entity that had the value"),
        text("id", "the entity that had it"),
        text("field", "the field"),
        text("from_id", "the entity that the value came from"),
        text("rule", "the rule that decided"),
        column("value", "json", "the value", personal=True),
    ),
    in_plans(_ledger, ChangeSet) | {Explanation: lambda found: (Line(entry) for entry in found.ledger)},
)

OBLIGATIONS = RowKind(
    Obligation,
    "One row for each obligation.",
    (
        *OF_A_PLAN,
        column("step", "whole number", "the step that makes it due, if the plan names it"),
        text("kind", "the kind of obligation"),
        text("whom", "the role of the addressee"),
        text("when", "the point of the plan at which it is due"),
        *fact_columns("profile_id customer_id start end"),
        ZONE,
        all_facts(),
    ),
    in_plans(_obligations, ChangeSet),
)


def _every_entity(snapshot: Snapshot) -> Iterator[Line]:
    for kind in KINDS:
        yield from (Line(Edit(None, row)) for row in snapshot.table(kind.collection).sorted())


ENTITIES = RowKind(
    Snapshot,
    "One row for each entity of all tables, in the order of the tables and the ids.",
    (text("entity", "the kind of the entity"), text("id", "the entity"), *IMAGE_COLUMNS),
    {Snapshot: _every_entity},
)

PLAN_ROWS: tuple[RowKind, ...] = (PLANS, STEPS, EDITS, GUARDS, LEDGER, OBLIGATIONS, ENTITIES)
