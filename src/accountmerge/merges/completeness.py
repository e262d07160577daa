"""The completeness proof of a merge, by which no plan leaves data on an absorbed customer.

It reads the references that the model declares, not the code that moves them. So every merge with a reference that the
planner does not move fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from accountmerge.changes.steps import Step
from accountmerge.errors import AccountMergeError
from accountmerge.merges.records import ends_with_customer
from accountmerge.merges.situation import MergeSituation
from accountmerge.model.access import AccessRequest
from accountmerge.model.customers import Customer
from accountmerge.model.entities import KINDS, Entity, EntityName, referring_attributes

_MUST_BE_EMPTY = ("emails", "phones", "birth_date", "address", "opt_outs", "former_record_numbers")
"""The fields that are empty after a merge; `attributes` is checked too, and the id, record number and names stay."""


def require_complete(situation: MergeSituation, steps: Iterable[Step]) -> None:
    """Refuse steps that leave data on an absorbed customer.

    Raises:
        AccountMergeError: Data would be left; the facts name the entities.
    """
    final: dict[tuple[EntityName, str], Entity | None] = {}
    for step in steps:
        for edit in step.edits:
            final[edit.key] = edit.after
    left = sorted(
        {*_left_naming(situation, final), *_left_on(situation, final), *_not_ended(situation, final)}
    )
    if left:
        raise AccountMergeError("plan_incomplete", ids=tuple(left))


def _left_naming(
    situation: MergeSituation, final: dict[tuple[EntityName, str], Entity | None]
) -> Iterator[str]:
    """Yield the id of each entity that still names an absorbed customer where it may not."""
    for kind in KINDS:
        table = situation.snapshot.table(kind.collection)
        for attribute in referring_attributes(kind, "customer"):
            for absorbed in situation.absorbed_ids:
                for row in table.where(attribute, absorbed):
                    after = final.get((kind.name, row.id), row)
                    if after is not None and _names(after, attribute, absorbed):
                        yield row.id


def _not_ended(
    situation: MergeSituation, final: dict[tuple[EntityName, str], Entity | None]
) -> Iterator[str]:
    """Yield the id of each record that the rules remove with its customer, but the steps keep."""
    for row in situation.records():
        if ends_with_customer(situation, row) and final.get(("record", row.id), row) is not None:
            yield row.id


def _names(entity: Entity, attribute: str, customer_id: str) -> bool:
    """Return whether an entity names a customer in a way that is not history.

    Former logins of an address and decided requests are history.
    """
    if attribute == "former_logins" or (isinstance(entity, AccessRequest) and entity.status != "pending"):
        return False
    return bool(getattr(entity, attribute) == customer_id)


def _left_on(situation: MergeSituation, final: dict[tuple[EntityName, str], Entity | None]) -> Iterator[str]:
    """Yield the id of each absorbed customer that still has data, or is not retired."""
    for customer in situation.absorbed:
        after = final.get(("customer", customer.id), customer)
        assert isinstance(after, Customer)  # noqa: S101 - a merge removes no customer
        retired = after.status == "disabled" and after.merged_into == situation.survivor.id
        held = any(getattr(after, field) for field in _MUST_BE_EMPTY) or after.attributes.value
        if held or not retired:
            yield customer.id
