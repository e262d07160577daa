"""Receipts that a step was applied, with the ids and numbers that the store gave."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal, get_args

import attrs
import pendulum

from accountmerge.errors import InvalidValueError
from accountmerge.model.entities import ENTITY_NAMES, EntityName
from accountmerge.model.instants import utc
from accountmerge.model.private import privacy
from accountmerge.model.texts import IDENTIFIER, LINE, VERSION, plain_text
from accountmerge.model.value_rules import argument, checked, each_of, optional, words
from accountmerge.model.values import Value, value_class

ReceiptOutcome = Literal["applied", "already", "refused", "unknown"]
RECEIPT_OUTCOMES: tuple[ReceiptOutcome, ...] = get_args(ReceiptOutcome)

STEP_ID = re.compile(r"[\s\S]+/0{0,9}[1-9][0-9]{0,8}")
"""The form of the id of a step; the digits are limited because no change set has a billion steps."""

WRITTEN: frozenset[ReceiptOutcome] = frozenset({"applied", "already"})
"""The outcomes after which the step is known to be in the store."""


@privacy(plain="entity id store_id number version")
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(
        entity=words(*ENTITY_NAMES),
        id=IDENTIFIER,
        store_id=optional(IDENTIFIER),
        number=optional(LINE),
        version=VERSION,
    ),
)
class WrittenEntity(Value):
    """The store's values for one entity that a step wrote.

    Attributes:
        entity: Its kind.
        id: Its id in the plan.
        store_id: The id that the store gave it, if different.
        number: The appointment number that the store gave it.
        version: Its version after the write.
    """

    entity: EntityName
    id: str
    store_id: str | None = None
    number: str | None = None
    version: str | int | None = None

    def __repr__(self) -> str:
        return f"WrittenEntity({self.entity} {self.id!r})"


def _written(entities: Iterable[WrittenEntity]) -> tuple[WrittenEntity, ...]:
    written = each_of(entities, WrittenEntity, "written_entity")
    return tuple(sorted(written, key=lambda entry: (entry.entity, entry.id)))


def _step_id(text: str) -> str:
    step_id = plain_text(text)
    if not STEP_ID.fullmatch(step_id):
        raise InvalidValueError("step_id")
    return step_id


@privacy(personal="by", plain="step_id outcome written at")
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(outcome=words(*RECEIPT_OUTCOMES), by=IDENTIFIER),
)
class Receipt(Value):
    """The record of applying a step, or of a failure to apply it.

    Attributes:
        step_id: The id of the plan and the ordinal of the step, joined by a slash.
        outcome: `applied` now, `already` there, `refused`, or `unknown` because the answer was lost.
        written: The store's values for the entities; entities without any may be omitted.
        at: The instant; any aware datetime.
        by: The person or program that applied it.

    Raises:
        InvalidValueError: The id of the step has no ordinal, or the time is naive.
    """

    step_id: str = attrs.field(converter=_step_id)
    outcome: ReceiptOutcome
    written: tuple[WrittenEntity, ...] = attrs.field(default=(), converter=_written)
    at: pendulum.DateTime = attrs.field(converter=utc)
    by: str

    @property
    def plan_id(self) -> str:
        """The id of the plan to which the step belongs."""
        return self.step_id.rpartition("/")[0]

    @property
    def ordinal(self) -> int:
        """The place of the step in its change set."""
        return int(self.step_id.rpartition("/")[2])

    def __repr__(self) -> str:
        return f"Receipt({self.step_id!r}, {self.outcome!r})"


def receipts_in(values: Any) -> tuple[Receipt, ...]:
    """Return the argument `receipts` of a function as a tuple; refuse other values than receipts."""
    return tuple(argument("receipts", lambda given: each_of(given, Receipt, "receipt"), values))
