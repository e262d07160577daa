"""Recognise values that a store keeps in narrow columns, and so returns in another form than written."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Literal, get_args

import attrs

from accountmerge.changes.edits import differing_fields
from accountmerge.errors import InvalidValueError
from accountmerge.model.emails import CustomerEmail, EmailAddress
from accountmerge.model.entities import Entity, kind_of
from accountmerge.model.instants import MICROSECONDS_PER_DAY, from_microseconds, microseconds
from accountmerge.model.json_text import FrozenJson, canonical
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.weekly_hours import DailyHours, WeeklyHours

Loss = Literal["time_cut", "space_cut", "case_folded", "empty_or_absent", "reordered"]
LOSSES: tuple[Loss, ...] = get_args(Loss)
"""Kinds of loss: time cut or rounded to seconds or milliseconds, outer white space cut, letters folded to one case,
an empty text that became absent or the reverse, and a list in another order."""

_UNITS = (1_000_000, 1_000)
"""A second and a millisecond, in microseconds."""

_BLANK = FrozenJson.of("")

Changes = Mapping[type, Callable[[Any], Any]]
"""By the type of a value, the change to it."""


def losses_between(written: Entity, found: Entity) -> Mapping[str, Loss] | None:
    """Return the loss that explains each differing field of an entity, or None if any has another cause.

    Each field must have exactly one kind of loss, and different fields may have different ones. Ids and references are
    never explained, because another spelling of an id names another entity.

    Args:
        written: The entity as it was written.
        found: The entity of the same kind and id as the store returns it.
    """
    kind = kind_of(written)
    fixed = {"id", "practitioner_id", *(name for name, _ in kind.references)}
    losses: dict[str, Loss] = {}
    for name in differing_fields(written, found):
        if name in kind.store_given:
            continue
        loss = None if name in fixed else _loss(written, found, name)
        if loss is None:
            return None
        losses[name] = loss
    return losses or None


def _loss(written: Entity, found: Entity, name: str) -> Loss | None:
    """Return the one kind of loss by which a field got its value, or None."""
    value, other = getattr(written, name), getattr(found, name)
    for loss, changed in _candidates(value):
        if _kept(written, name, changed) == other:
            return loss
    if isinstance(value, FrozenJson) and isinstance(other, FrozenJson):
        value, other = value.value, other.value
        if _without_blanks(value) == _without_blanks(other):
            return "empty_or_absent"
        return "reordered" if _in_order(value) == _in_order(other) else None
    if isinstance(value, tuple) and isinstance(other, tuple) and Counter(value) == Counter(other):
        return "reordered"
    return None


def _kept(written: Entity, name: str, value: Any) -> Any:
    """Return a value in the form that the entity keeps, or the old one if that is refused."""
    try:
        return getattr(attrs.evolve(written, **{name: value}), name)
    except InvalidValueError:
        return getattr(written, name)


def _candidates(value: Any) -> Iterator[tuple[Loss, Any]]:
    """Yield the values that each kind of loss can leave of a value, also the value itself."""
    for unit, rest in itertools.product(_UNITS, (0, 1)):
        yield "time_cut", _changed(value, _cuts(unit, rest * unit // 2))
    yield "space_cut", _changed(value, {str: str.strip})
    for fold in (str.lower, str.upper, str.casefold):
        yield "case_folded", _changed(value, {str: fold})
    if value in ("", _BLANK):
        yield "empty_or_absent", None
    elif value is None:
        yield from (("empty_or_absent", blank) for blank in ("", _BLANK))


def _cuts(unit: int, rest: int) -> Changes:
    """Return the changes that cut times to a unit of microseconds, after adding the rest to them."""

    def cut(whole: int) -> int:
        return (whole + rest) // unit * unit

    return {
        datetime: lambda at: from_microseconds(cut(microseconds(at))),
        time: lambda at: _time_of_day(cut(_of_day(at))),
        TimeSlot: lambda slot: TimeSlot.from_microseconds(cut(slot.start_us), cut(slot.end_us)),
    }


def _of_day(at: time) -> int:
    return microseconds(datetime.combine(_EPOCH, at, UTC))


def _time_of_day(whole: int) -> time:
    return from_microseconds(whole % MICROSECONDS_PER_DAY).time()


_EPOCH = date(1970, 1, 1)


def _changed(value: Any, changes: Changes) -> Any:
    """Return a value after changes to all its parts; the value itself if it cannot be so."""
    try:
        return _mapped(value, changes)
    except InvalidValueError:
        return value


def _mapped(value: Any, changes: Changes) -> Any:
    """Return a value after changes to its parts, each by its type, at any depth."""
    for kind, change in changes.items():
        if isinstance(value, kind):
            return change(value)
    if isinstance(value, tuple | list):
        return type(value)(_mapped(item, changes) for item in value)
    if isinstance(value, dict):
        return {key: _mapped(item, changes) for key, item in value.items()}
    if isinstance(value, FrozenJson):
        return FrozenJson.of(_mapped(value.value, changes))
    parts = {name: _mapped(getattr(value, name), changes) for name in _PARTS.get(type(value), ())}
    return attrs.evolve(value, **parts) if parts else value


_PARTS: dict[type, tuple[str, ...]] = {
    EmailAddress: ("text",),
    CustomerEmail: ("address",),
    WeeklyHours: ("days",),
    DailyHours: ("start", "end"),
}
"""The fields of a class that a loss may change."""


def _without_blanks(plain: Any) -> Any:
    """Return plain JSON data as text, without the keys of empty texts."""
    return canonical(_kept_keys(plain))


def _kept_keys(plain: Any) -> Any:
    if isinstance(plain, dict):
        return {key: _kept_keys(item) for key, item in plain.items() if item != ""}
    return [_kept_keys(item) for item in plain] if isinstance(plain, list) else plain


def _in_order(plain: Any) -> str:
    """Return plain JSON data as text, with every list sorted."""
    if isinstance(plain, dict):
        return canonical({key: _in_order(item) for key, item in plain.items()})
    return canonical(sorted(map(_in_order, plain)) if isinstance(plain, list) else plain)
