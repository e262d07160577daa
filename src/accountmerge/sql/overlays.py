"""Values that the columns of a row do not hold, and when they count."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from accountmerge.documents.entity_rows import entity_from_json, entity_to_json
from accountmerge.errors import LoadError
from accountmerge.model.emails import EmailAddress
from accountmerge.model.entities import Entity, kind_of
from accountmerge.model.json_text import canonical

Overlay = dict[str, list[Any]]
"""By the key of a field in a snapshot file: the value, and what the columns said when it was stored. None is empty."""

_LISTS = ("emails", "opt_outs", "former_record_numbers", "phones")
"""Fields with several values. If the columns change, values that were added to them are kept."""
_TIMES = ("start", "end")


def overlay_of(wanted: Entity, columns: Entity, given: Collection[str]) -> Overlay:
    """Return the values of an entity that its columns do not say.

    Args:
        wanted: The entity.
        columns: The entity as its columns say it.
        given: The keys that the overlay never has, because the database or another column gives their values.
    """
    planned, said = entity_to_json(wanted), entity_to_json(columns)
    names = [
        name
        for name in {**planned, **said}
        if name not in given and not _same(planned.get(name), said.get(name))
    ]
    return {name: [planned.get(name), said.get(name)] for name in sorted(names)}


def text_of(overlay: Overlay) -> str | None:
    """Return an overlay as text; None if it is empty."""
    return canonical(overlay) if overlay else None


def overlay_from(text: str) -> Overlay:
    """Return the overlay that is stored as text."""
    found: Overlay = json.loads(text)
    return found


def patched(columns: Entity, overlay: Mapping[str, list[Any]]) -> Entity:
    """Return an entity with the values of its overlay that count.

    A value counts while the columns say the same as when it was stored. If another program has changed the columns,
    they win, but a list keeps what was added to it.
    """
    row = entity_to_json(columns)
    counted = {}
    for name, (value, said) in overlay.items():
        now = row.get(name)
        if _same(now, said):
            counted[name] = value
        elif name in _LISTS:
            counted[name] = _with_added(name, now or [], value or [], said or [])
    try:
        return _changed(columns, counted)
    except LoadError:
        # Another program has changed the columns, so that a stored value no longer fits them.
        return _changed_where_it_fits(columns, counted)


def _same(one: Any, other: Any) -> bool:
    """Return whether two values are the same JSON, in which `1` and `true` differ."""
    if isinstance(one, str) or one is None:
        return bool(one == other)
    return canonical(one) == canonical(other)


def _changed(entity: Entity, values: Mapping[str, Any]) -> Entity:
    row = {**entity_to_json(entity), **values}
    return entity_from_json(
        kind_of(entity).name, {name: value for name, value in row.items() if value is not None}
    )


def _changed_where_it_fits(entity: Entity, values: Mapping[str, Any]) -> Entity:
    """Return an entity with all values that fit it; both ends of a booking count together."""
    times = {name: value for name, value in values.items() if name in _TIMES}
    for group in (times, *({name: value} for name, value in values.items() if name not in _TIMES)):
        try:
            entity = _changed(entity, group)
        except LoadError:
            continue
    return entity


def _with_added(name: str, now: list[Any], value: list[Any], said: list[Any]) -> list[Any]:
    """Return what the columns say now, and what was added to what they said before."""
    added = [item for item in value if item not in said and item not in now]
    if name == "emails":
        known = {EmailAddress(item["address"]).mailbox for item in now}
        added = [item for item in added if EmailAddress(item["address"]).mailbox not in known]
    return [*now, *added]
