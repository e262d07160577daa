"""Merge requests: two or more records of one person are to become one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from accountmerge.errors import InvalidValueError
from accountmerge.model.json_text import FrozenJson
from accountmerge.rules.acceptances import Acceptance, sorted_acceptances
from accountmerge.rules.checked import is_text

if TYPE_CHECKING:
    from collections.abc import Iterable


def _ids(ids: Iterable[str]) -> tuple[str, ...]:
    found = (ids,) if isinstance(ids, str) else tuple(ids)
    if not all(isinstance(id, str) for id in found):
        raise InvalidValueError("wrong_type", field="absorbed", wanted="ids")
    FrozenJson.of(list(found))  # refuses what could not be written to a file
    return tuple(sorted(set(found)))


@attrs.frozen(repr=False, kw_only=True)
class MergeRequest:
    """One customer is to absorb others.

    Facts that are wrong are answered with findings; only wrong types raise.

    Attributes:
        survivor: The id of the customer that stays.
        absorbed: The ids of those merged into it; a set, kept sorted.
        actor: The id of the profile that asks; it needs an enabled log-in and treating access to all of them.
        accept: Findings that somebody takes upon themselves.
    """

    survivor: str = attrs.field(validator=is_text)
    absorbed: tuple[str, ...] = attrs.field(converter=_ids)
    actor: str = attrs.field(validator=is_text)
    accept: tuple[Acceptance, ...] = attrs.field(default=(), converter=sorted_acceptances)

    def __repr__(self) -> str:
        return f"MergeRequest(survivor={self.survivor!r}, absorbed={self.absorbed!r})"
