"""Hooks of the model values whose form in JSON differs from their classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import ge
from typing import Any

from cattrs import Converter

from accountmerge.errors import Fault, InvalidValueError
from accountmerge.model.appointments import Appointment
from accountmerge.model.construction import column_maker
from accountmerge.model.instants import parse_many, parse_rfc3339, rfc3339
from accountmerge.model.snapshots import Everything
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.weekly_hours import WEEKDAYS, DailyHours, Weekday
from accountmerge.wire import scalars
from accountmerge.wire.class_readers import is_absent
from accountmerge.wire.faults import Faults, each, shown_id, shown_key

_MISSING = object()
_REMEMBERED = 16_384  # slots repeat, because practitioners of one organisation work at the same times
_ENOUGH = 2_048
_SAMPLE = 32
"""If none of this many slots is among many earlier ones, slots do not repeat in a file."""


def register(converter: Converter) -> None:
    """Register the hooks of slots, days of weekly hours and completeness."""
    converter.register_structure_hook(TimeSlot, lambda value, _: read_slot(value))
    converter.register_unstructure_hook(TimeSlot, written_slot)
    days = tuple[tuple[Weekday, tuple[DailyHours, ...]], ...]
    converter.register_structure_hook_func(
        lambda kind: kind == days, lambda value, _: _read_days(converter, value)
    )
    converter.register_unstructure_hook_func(
        lambda kind: kind == days, lambda value: _written_days(converter, value)
    )
    ids = Everything | tuple[str, ...]
    converter.register_structure_hook_func(lambda kind: kind == ids, lambda value, _: _read_ids(value))
    converter.register_unstructure_hook_func(
        lambda kind: kind == ids, lambda value: value if value == "*" else list(value)
    )
    pairs = tuple[tuple[str, str], ...]
    converter.register_structure_hook_func(lambda kind: kind == pairs, lambda value, _: _read_pairs(value))
    converter.register_unstructure_hook_func(lambda kind: kind == pairs, dict)


def read_slot(value: Any) -> TimeSlot:
    """Read a slot from an object with exactly `start` and `end`."""
    if type(value) is not dict:
        raise scalars.wrong_type("object", value)
    unknown = [Fault("unknown_key", shown_key(key)) for key in sorted(value.keys() - {"start", "end"})]
    ends = (value.get("start", _MISSING), value.get("end", _MISSING))
    if unknown:
        raise Faults([*_end_faults(*ends), *unknown])
    return slot_of_ends(ends)


def written_slot(slot: TimeSlot) -> dict[str, str]:
    """Write a slot as an object with `start` and `end`."""
    return {"start": rfc3339(slot.start_us), "end": rfc3339(slot.end_us)}


_slots: dict[str, TimeSlot] = {}
"""Slots by the texts of their ends, joined with a space. Repeated slots are stored once."""


def slots_of_ends(starts: list[Any], ends: list[Any]) -> list[TimeSlot]:
    """Read many slots from their starts and ends. Any wrong one raises any error."""
    few = map(" ".join, zip(starts[:_SAMPLE], ends[:_SAMPLE], strict=True))
    if len(_slots) > _ENOUGH and not any(map(_slots.__contains__, few)):
        return _made_slots(
            starts, ends
        )  # slots hardly repeat here, so looking up each of them would take longer
    texts = list(map(" ".join, zip(starts, ends, strict=True)))
    slots = list(map(_slots.get, texts))
    rows = zip(texts, slots, zip(starts, ends, strict=True), strict=True)
    new = {text: pair for text, slot, pair in rows if slot is None}
    if not new:
        return slots  # type: ignore[return-value] # there is no None among them
    made = dict(zip(new, _made_slots(*zip(*new.values(), strict=True)), strict=True))
    if len(_slots) + len(made) <= _REMEMBERED:
        _slots.update(made)
    return [made[text] if slot is None else slot for text, slot in zip(texts, slots, strict=True)]


def forget_slots() -> None:
    """Forget the slots that were read, once a file is read to its end."""
    _slots.clear()


def _made_slots(starts: Sequence[Any], ends: Sequence[Any]) -> list[TimeSlot]:
    starts_us, ends_us = parse_many(starts), parse_many(ends)
    if any(map(ge, starts_us, ends_us)):
        raise InvalidValueError("end_not_after_start")
    return column_maker(TimeSlot)(starts_us, ends_us)


def _slot_faults(start: Any, end: Any) -> list[Fault]:
    """Return the faults of both ends, or of the pair if each end is valid."""
    return _end_faults(start, end) or [Fault("invalid_value", "end", reason="end_not_after_start")]


def _end_faults(start: Any, end: Any) -> list[Fault]:
    faults: list[Fault] = []
    for name, value in (("start", start), ("end", end)):
        try:
            if value is _MISSING or is_absent(value):
                raise Fault("missing_key")
            scalars.instant_us(value)
        except Fault as fault:
            faults.append(fault.below(name))
    return faults


def with_ends(write: Callable[[Appointment], dict[str, Any]]) -> Callable[[Appointment], dict[str, Any]]:
    """Return a writer of appointments with `start` and `end` beside the other keys.

    The given function writes the slot under the key `start`.
    """

    def writer(appointment: Appointment) -> dict[str, Any]:
        row = write(appointment)
        row.update(row["start"])
        return row

    return writer


def slot_of_ends(ends: tuple[Any, Any], _: Any = None) -> TimeSlot:
    """Read a slot from its two ends."""
    start, end = ends
    if type(start) is type(end) is str:
        try:
            return TimeSlot.from_microseconds(parse_rfc3339(start), parse_rfc3339(end))
        except InvalidValueError:
            pass  # reported below, with every other fault
    raise Faults(_slot_faults(start, end))


def _read_days(converter: Converter, value: Any) -> Any:
    if type(value) is not dict:
        raise scalars.wrong_type("object", value)
    read = converter.get_structure_hook(tuple[DailyHours, ...])

    def stretches(item: tuple[str, Any]) -> tuple[str, Any]:
        if item[0] not in WEEKDAYS:
            raise Fault("unknown_key")
        return (item[0], read(item[1], tuple[DailyHours, ...]))

    return tuple(each(((shown_key(item[0]), item) for item in value.items()), stretches))


def _written_days(converter: Converter, value: Any) -> Any:
    write = converter.get_unstructure_hook(tuple[DailyHours, ...])
    return {day: write(stretches) for day, stretches in value}


def _read_ids(value: Any) -> Any:
    if value == "*":
        return value
    if type(value) is not list:
        raise scalars.wrong_type("list", value)
    return tuple(each(((f"[{position}]", item) for position, item in enumerate(value)), scalars.text))


def _read_pairs(value: Any) -> Any:
    if type(value) is not dict:
        raise scalars.wrong_type("object", value)
    pairs = ((shown_id(pair[0]), pair) for pair in value.items())
    return tuple(each(pairs, lambda pair: (scalars.text(pair[0]), scalars.text(pair[1]))))
