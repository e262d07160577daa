"""Compute the digest that seals a plan, and the digest of its rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from accountmerge.changes.change_sets import ChangeSet, mark_of
from accountmerge.changes.steps import Step
from accountmerge.errors import InvalidValueError
from accountmerge.model.digests import new_sha256
from accountmerge.model.json_text import FrozenJson, canonical
from accountmerge.wire.converter import converter

_NOT_SEALED = frozenset({"plan_id", "through", "confirmation", "annotations"})
"""Keys that may differ between change sets of one plan id."""
_AT_ONCE = 64
"""Steps per piece. Their plain data fit into the cache of a processor; larger pieces save no time."""
_LENGTH = 2_048
"""About the length of a step in bytes."""


def sealed(change_set: ChangeSet) -> ChangeSet:
    """Return a change set with the plan id that follows from its content."""
    whole = attrs.evolve(change_set, plan_id=plan_id_of(change_set))
    mark_of(whole).holds = True
    return whole


def is_sealed(change_set: ChangeSet) -> bool:
    """Return whether the plan id of a change set is the digest of its content.

    Computed at most once for a change set, its prefixes and its confirmed copy.
    """
    mark = mark_of(change_set)
    if mark.holds is None:
        mark.holds = plan_id_of(change_set) == change_set.plan_id
    return mark.holds


def plan_id_of(change_set: ChangeSet) -> str:
    """Return the SHA-256 of a change set's canonical JSON, as 64 hexadecimal digits."""
    return _digest(_pieces(change_set), len(change_set.steps) * _LENGTH)


def _pieces(change_set: ChangeSet) -> Iterator[str]:
    """Yield the canonical JSON of the sealed keys, in pieces."""
    content = converter().unstructure(attrs.evolve(change_set, steps=()))
    for position, key in enumerate(sorted(content.keys() - _NOT_SEALED)):
        yield f"{',' if position else '{'}{canonical(key)}:"
        yield from _step_pieces(change_set.steps) if key == "steps" else (canonical(content[key]),)
    yield "}"


def _step_pieces(steps: tuple[Step, ...]) -> Iterator[str]:
    """Yield the canonical JSON of steps, some at a time, because all at once takes longer."""
    write = converter().get_unstructure_hook(Step)
    yield "["
    for start in range(0, len(steps), _AT_ONCE):
        rows = canonical([write(step) for step in steps[start : start + _AT_ONCE]])
        yield f"{',' if start else ''}{rows[1:-1]}"
    yield "]"


def rules_digest(rules: attrs.AttrsInstance) -> str:
    """Return the SHA-256 of the canonical JSON of rules, as 64 hexadecimal digits."""
    return _digest([canonical(converter().unstructure(rules))])


def frozen(value: attrs.AttrsInstance) -> FrozenJson:
    """Return a request or an entity as JSON that a change set can store without knowing its class."""
    return FrozenJson.of_canonical(canonical(converter().unstructure(value)))


def _digest(pieces: Iterable[str], length: int = _LENGTH) -> str:
    digest = new_sha256(length)
    try:
        for piece in pieces:
            digest.update(piece.encode())
    except UnicodeEncodeError:  # half of a surrogate pair, which no file can store
        raise InvalidValueError("json_surrogate") from None
    hexadecimal: str = digest.hexdigest()
    return hexadecimal
