"""Digests: what seals a plan, and what names the rules that were in force."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import attrs

from accountmerge.errors import InvalidValueError
from accountmerge.model.json_text import FrozenJson, canonical
from accountmerge.wire.converter import converter

if TYPE_CHECKING:
    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.model.entities import Entity
    from accountmerge.wire.intents import AnyRequest, AnyRules

_NOT_SEALED = ("plan_id", "through", "confirmation", "annotations")
"""What may differ between sets of one plan id: the id itself, the prefix, who said yes, and remarks."""


def sealed(change_set: ChangeSet) -> ChangeSet:
    """Return a change set with the plan id that follows from its content."""
    return attrs.evolve(change_set, plan_id=plan_id_of(change_set))


def plan_id_of(change_set: ChangeSet) -> str:
    """Return the SHA-256 of a change set's canonical JSON, as 64 hexadecimal digits."""
    content = converter().unstructure(change_set)
    return _digest({key: value for key, value in content.items() if key not in _NOT_SEALED})


def rules_digest(rules: AnyRules) -> str:
    """Return the SHA-256 of the canonical JSON of rules, as 64 hexadecimal digits."""
    return _digest(converter().unstructure(rules))


def frozen(value: AnyRequest | Entity) -> FrozenJson:
    """Return a request or an entity as JSON that a change set can carry without knowing its kind."""
    return FrozenJson(canonical(converter().unstructure(value)))


def _digest(content: Any) -> str:
    try:
        return hashlib.sha256(canonical(content).encode()).hexdigest()
    except UnicodeEncodeError:  # half of a character pair, which no file could hold
        raise InvalidValueError("json_surrogate") from None
