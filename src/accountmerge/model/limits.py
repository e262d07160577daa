"""The limits of a caller's store and of the program around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Literal, get_args

import attrs

from accountmerge.model.customers import Customer
from accountmerge.model.emails import CustomerEmail, EmailAddress
from accountmerge.model.entities import ByKind, Entity, EntityKind
from accountmerge.model.instants import MICROSECONDS_PER_MINUTE
from accountmerge.model.private import privacy
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.texts import IDENTIFIER
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.value_rules import (
    NATURAL_NUMBER,
    POSITIVE_INTEGER,
    TRUTH,
    checked,
    entries,
    listed,
    optional,
    rule_of,
    words,
)
from accountmerge.model.values import ShownValue, value_class
from accountmerge.model.wall_times import ZONE

TimeUnit = Literal["microsecond", "millisecond", "second", "minute"]
TIME_UNITS: tuple[TimeUnit, ...] = get_args(TimeUnit)
Effect = Literal["access_requests", "former_emails", "merged_into", "unavailable"]
EFFECTS: tuple[Effect, ...] = get_args(Effect)
"""The effects of a plan that a program has to obey."""
LIMIT_NAMES = (
    *("attributes", "hours", "longest_text", "most_emails", "most_phones"),
    *("opt_outs", "overlaps", "record_kinds", "time_unit"),
)
"""The fields of `Limits` that are about values. The other field is about effects."""

_MICROSECONDS: dict[TimeUnit, int] = {
    "microsecond": 1,
    "millisecond": 1_000,
    "second": 1_000_000,
    "minute": MICROSECONDS_PER_MINUTE,
}
_EFFECT = words(*EFFECTS)


def _record_kinds(kinds: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if kinds is None else tuple(sorted(set(map(IDENTIFIER.check, listed(kinds)))))


def _effects(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    return tuple(sorted(set(map(_EFFECT.check, listed(effects)))))


@privacy(
    plain=(
        "longest_text most_phones most_emails time_unit hours attributes opt_outs overlaps record_kinds "
        "not_obeyed"
    ),
    unknown_keys="words",
)
@value_class(
    eq=False,
    repr=False,
    kw_only=True,
    field_transformer=checked(
        longest_text=optional(POSITIVE_INTEGER),
        most_phones=optional(NATURAL_NUMBER),
        most_emails=optional(NATURAL_NUMBER),
        time_unit=words(*TIME_UNITS),
        hours=TRUTH,
        attributes=TRUTH,
        opt_outs=TRUTH,
        overlaps=TRUTH,
        record_kinds=optional(entries(IDENTIFIER)),
    ),
)
class Limits(ShownValue):
    """The values that a store cannot hold, and the effects that the program around it does not obey.

    Attributes:
        longest_text: The most characters of a text, such as a name, a phone or an e-mail address. Ids, words of
            closed vocabularies, time zones and JSON values do not count. Default: no limit.
        most_phones: The most phones of a customer. Default: no limit.
        most_emails: The most e-mail addresses of a customer, former ones included. Default: no limit.
        time_unit: The smallest unit of an instant; finer instants would be cut.
        hours: Whether a profile can have working hours.
        attributes: Whether a customer can have attributes.
        opt_outs: Whether a customer can have opt-outs.
        overlaps: Whether two live bookings of one profile, or of one customer, can overlap.
        record_kinds: The kinds of record that have a table; a set, kept sorted. Default: every kind.
        not_obeyed: The effects that the program ignores; a set, kept sorted. `access_requests`: no person is shown
            a pending request. `former_emails`: a former address is not shown. `merged_into`: an absorbed customer can
            still be booked or sign in. `unavailable`: a profile can be booked in its unavailable times.
    """

    longest_text: int | None = None
    most_phones: int | None = None
    most_emails: int | None = None
    time_unit: TimeUnit = "microsecond"
    hours: bool = True
    attributes: bool = True
    opt_outs: bool = True
    overlaps: bool = True
    record_kinds: tuple[str, ...] | None = attrs.field(default=None, converter=_record_kinds)
    not_obeyed: tuple[Effect, ...] = attrs.field(default=(), converter=_effects)

    def violations(self, entity: Entity) -> Iterator[tuple[str, str]]:
        """Yield the field of an entity and the limit, for each limit that its values break.

        `overlaps` is about several bookings, so no entity breaks it alone.

        Args:
            entity: An entity of any kind.
        """
        yield from self._unheld(entity)
        for name in _FIELDS[type(entity)]:
            value = getattr(entity, name)
            if self._is_too_long(value):
                yield name, "longest_text"
        unit = _MICROSECONDS[self.time_unit]
        for name in _INSTANTS[type(entity)] if unit > 1 else ():
            if any(instant % unit for instant in _instants(getattr(entity, name))):
                yield name, "time_unit"

    def _unheld(self, entity: Entity) -> Iterator[tuple[str, str]]:
        """Yield the fields that the store does not have, or not so many entries of."""
        if isinstance(entity, Profile):
            if not self.hours and entity.hours is not None:
                yield "hours", "hours"
        elif isinstance(entity, Customer):
            if not self.attributes and entity.attributes.text != "{}":
                yield "attributes", "attributes"
            if not self.opt_outs and entity.opt_outs:
                yield "opt_outs", "opt_outs"
            if self.most_phones is not None and len(entity.phones) > self.most_phones:
                yield "phones", "most_phones"
            if self.most_emails is not None and len(entity.emails) > self.most_emails:
                yield "emails", "most_emails"
        elif isinstance(entity, Record) and not self._has_table(entity.kind):
            yield "kind", "record_kinds"

    def _has_table(self, kind: str) -> bool:
        return self.record_kinds is None or kind in self.record_kinds

    def _is_too_long(self, value: Any) -> bool:
        longest = self.longest_text
        return longest is not None and any(len(text) > longest for text in _texts(value))


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts of the value of a field, without ids and JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, CustomerEmail):
        yield value.address.text
    elif isinstance(value, EmailAddress):
        yield value.text
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)


def _instants(value: Any) -> Iterator[int]:
    """Yield the instants of a value, as microseconds since some start of a minute."""
    if isinstance(value, TimeSlot):
        yield value.start_us
        yield value.end_us
    elif isinstance(value, datetime):
        yield value.second * 1_000_000 + value.microsecond
    elif isinstance(value, tuple):
        for item in value:
            yield from _instants(item)


def _text_fields(kind: EntityKind) -> tuple[str, ...]:
    """Return the fields of a kind that may hold a text of any length."""
    links = {"id", "kind", "practitioner_id", "version", *(name for name, _ in kind.references)}
    fields = ((field.name, rule_of(field)) for field in attrs.fields(kind.cls) if field.name not in links)
    return tuple(name for name, rule in fields if rule is None or not (rule.allowed or rule is ZONE))


_FIELDS = ByKind(_text_fields)
_INSTANTS = ByKind(lambda kind: tuple(field.name for field in attrs.fields(kind.cls)))
