"""Questions to a store about the rows that a change set needs."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Literal

import pendulum

from accountmerge.changes.edits import Key
from accountmerge.model.access import Access
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.entities import KINDS, Entity, EntityName, kind_of
from accountmerge.model.instants import LAST_MICROSECOND, from_microseconds, microseconds
from accountmerge.model.profiles import Profile
from accountmerge.model.values import ShownValue, Value, value_class

OwnerField = Literal["profile_id", "customer_id"]
"""The field of a booking by which live bookings are asked for."""

EQUALITIES: dict[EntityName, tuple[str, ...]] = {
    kind.name: (
        *(field for field, _ in kind.references),
        *(("practitioner_id", "mailbox") if kind.cls is Profile else ()),
        *(("reserved_mailboxes", "former_logins") if kind.cls is Customer else ()),
    )
    for kind in KINDS
}
"""For each kind of entity, the attributes whose values a question may name.

All are fields of the entity, except `mailbox` (of the e-mail of a profile), `reserved_mailboxes` (of the primary and
former addresses of a customer) and `former_logins` (the customers in `login_of` of its addresses). The mailbox of an
address is its normal form; `accountmerge.model.EmailAddress` computes it.
"""


@value_class(eq=False, repr=False, kw_only=True)
class Equality(Value):
    """The question which entities have one of some values.

    Attributes:
        entity: The kind of the entities.
        attribute: One of `EQUALITIES` for the kind. An attribute with several values matches by any of them.
        values: The values, sorted; mailboxes are personal.
    """

    entity: EntityName
    attribute: str
    values: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Equality({self.entity} {self.attribute}, {len(self.values)} values)"


@value_class(eq=False, repr=False, kw_only=True)
class LiveBookings(ShownValue):
    """The question which live bookings of one profile or customer overlap a range of time.

    Attributes:
        field: The field of the booking that names the owner.
        id: The id of the profile or the customer.
        start: The start of the range.
        end: The end of the range, not included; None if the range has no end.
        except_ids: The ids of bookings that are not needed, sorted. A store may ignore them.
        except_session: A `session_id`; its bookings with exactly this range as their slot are not needed. A store may
            ignore it.
    """

    field: OwnerField
    id: str
    start: pendulum.DateTime
    end: pendulum.DateTime | None
    except_ids: tuple[str, ...] = ()
    except_session: str | None = None


@value_class(eq=False, repr=False, kw_only=True)
class Questions(Value):
    """Questions to a store, all of which are answered by rows.

    A store answers with every row that matches at least one question. It may answer with more.

    Attributes:
        ids: The ids of entities, sorted, by kind.
        equalities: Questions for the entities that have a value.
        access: The ids of a profile and of a customer, for each pair whose rows of access are asked for.
        bookings: Questions for live bookings; ranges of one owner with the same exceptions are sorted and do not touch.
    """

    ids: tuple[tuple[EntityName, tuple[str, ...]], ...] = ()
    equalities: tuple[Equality, ...] = ()
    access: tuple[tuple[str, str], ...] = ()
    bookings: tuple[LiveBookings, ...] = ()

    def __repr__(self) -> str:
        ids = sum(len(ids) for _, ids in self.ids)
        values = sum(len(asked.values) for asked in self.equalities)
        return f"Questions({ids} ids, {values} values, {len(self.access)} pairs, {len(self.bookings)} ranges)"

    def __bool__(self) -> bool:
        return bool(self.ids or self.equalities or self.access or self.bookings)

    def matches(self, entity: Entity) -> bool:
        """Return whether an entity is part of the answer.

        For a store that reads more than was asked. Takes time in proportion to the questions about its kind.
        """
        name = kind_of(entity).name
        return (
            any(entity.id in ids for kind, ids in self.ids if kind == name)
            or any(_has_value(entity, asked) for asked in self.equalities if asked.entity == name)
            or (isinstance(entity, Access) and (entity.profile_id, entity.customer_id) in self.access)
            or (isinstance(entity, Appointment) and any(_overlaps(entity, asked) for asked in self.bookings))
        )


NO_QUESTIONS = Questions()


def values_of(entity: Entity, attribute: str) -> tuple[str, ...]:
    """Return the values of an attribute by which an entity is looked up."""
    value = getattr(entity, attribute)
    return value if isinstance(value, tuple) else (value,)


def _has_value(entity: Entity, asked: Equality) -> bool:
    return any(value in asked.values for value in values_of(entity, asked.attribute))


def _overlaps(row: Appointment, asked: LiveBookings) -> bool:
    return (
        row.is_live
        and getattr(row, asked.field) == asked.id
        and (asked.end is None or row.slot.start < asked.end)
        and asked.start < row.slot.end
        and not _is_excepted(row, asked)
    )


def _is_excepted(row: Appointment, asked: LiveBookings) -> bool:
    if row.id in asked.except_ids:
        return True
    is_in_session = row.session_id is not None and row.session_id == asked.except_session
    return is_in_session and (row.slot.start, row.slot.end) == (asked.start, asked.end)


def session_key(session_id: str, start: int, end: int) -> str:
    """Return a text for a session and its slot, in microseconds.

    It is different from every id, because ids have no line breaks.
    """
    return f"{session_id}\n{start}\n{end}"


Owner = tuple[OwnerField, str]
Exceptions = frozenset[str]
"""Bookings that a question does not need, as their ids and the keys of sessions."""

NO_EXCEPTIONS: Exceptions = frozenset()
Range = tuple[int, int]
"""The start and the end of a range of time in microseconds."""
NO_END = LAST_MICROSECOND + 1
"""The end of a range that has none."""


class Asked:
    """A collection of single questions, with look-ups in constant time."""

    def __init__(self, questions: Questions = NO_QUESTIONS) -> None:
        self.ids: dict[Key, None] = {}
        self.values: dict[tuple[EntityName, str, str], None] = {}
        self.pairs: dict[tuple[str, str], None] = {}
        self._ranges: dict[Owner, dict[Exceptions, list[Range]]] = {}
        self._merged: dict[tuple[Owner, Exceptions], list[Range]] = {}
        self._of_owner: dict[Owner, list[Range]] = {}
        self.add(questions)

    def __len__(self) -> int:
        return len(self.ids) + len(self.values) + len(self.pairs) + sum(map(len, self._ranges.values()))

    def add(self, questions: Questions) -> None:
        """Add every question."""
        self.ids.update(((name, id), None) for name, ids in questions.ids for id in ids)
        for asked in questions.equalities:
            self.values.update(((asked.entity, asked.attribute, value), None) for value in asked.values)
        self.pairs.update(dict.fromkeys(questions.access))
        for each in questions.bookings:
            end = NO_END if each.end is None else microseconds(each.end)
            within = (microseconds(each.start), end)
            session = [] if each.except_session is None else [session_key(each.except_session, *within)]
            self.add_range((each.field, each.id), within, frozenset((*each.except_ids, *session)))

    def add_range(self, owner: Owner, added: Range, exceptions: Exceptions = NO_EXCEPTIONS) -> None:
        """Add a range of time for an owner of bookings."""
        self._ranges.setdefault(owner, {}).setdefault(exceptions, []).append(added)
        self._merged.pop((owner, exceptions), None)
        self._of_owner.pop(owner, None)

    def covers(self, owner: Owner, wanted: Range, exceptions: Exceptions = NO_EXCEPTIONS) -> bool:
        """Return whether all of a range was asked for, with no other exceptions than these."""
        fitting = (each for each in self._ranges.get(owner, ()) if each <= exceptions)
        return any(self._has(owner, each, wanted) for each in fitting)

    def _has(self, owner: Owner, exceptions: Exceptions, wanted: Range) -> bool:
        merged = self._merged_of(owner, exceptions)
        place = bisect_right(merged, (wanted[0], NO_END)) - 1
        return place >= 0 and wanted[1] <= merged[place][1]

    def concerned(self, rows: Iterable[Entity]) -> dict[Key, Entity]:
        """Return the rows that may answer a question, by kind and id. Exceptions do not count."""
        attributes: dict[EntityName, set[str]] = {}
        for entity, attribute, _ in self.values:
            attributes.setdefault(entity, set()).add(attribute)
        named = ((kind_of(row).name, row) for row in rows)
        return {
            (name, row.id): row
            for name, row in named
            if (name, row.id) in self.ids or self._concerns(name, row, attributes.get(name, ()))
        }

    def _concerns(self, name: EntityName, row: Entity, attributes: Iterable[str]) -> bool:
        """Return whether a row has one of the values, pairs or ranges."""
        for attribute in attributes:
            if any((name, attribute, value) in self.values for value in values_of(row, attribute)):
                return True
        if isinstance(row, Access):
            return (row.profile_id, row.customer_id) in self.pairs
        return isinstance(row, Appointment) and row.is_live and self._has_booking(row)

    def _has_booking(self, row: Appointment) -> bool:
        owners: tuple[Owner, Owner] = (("profile_id", row.profile_id), ("customer_id", row.customer_id))
        return any(self._overlaps(owner, row.slot.start_us, row.slot.end_us) for owner in owners)

    def _overlaps(self, owner: Owner, start: int, end: int) -> bool:
        """Return whether a range of an owner, with any exceptions, overlaps a slot."""
        if owner not in self._ranges:
            return False
        merged = self._of_owner.get(owner)
        if merged is None:
            merged = self._of_owner[owner] = _merged(chain.from_iterable(self._ranges[owner].values()))
        place = bisect_left(merged, (end, 0)) - 1
        return place >= 0 and start < merged[place][1]

    def questions(self) -> Questions:
        """Return the questions, sorted and with merged ranges."""
        ids: dict[EntityName, list[str]] = {}
        for name, id in sorted(self.ids):
            ids.setdefault(name, []).append(id)
        values: dict[tuple[EntityName, str], list[str]] = {}
        for entity, attribute, value in sorted(self.values):
            values.setdefault((entity, attribute), []).append(value)
        return Questions(
            ids=tuple((name, tuple(found)) for name, found in ids.items()),
            equalities=tuple(
                Equality(entity=entity, attribute=attribute, values=tuple(found))
                for (entity, attribute), found in values.items()
            ),
            access=tuple(sorted(self.pairs)),
            bookings=tuple(self._bookings()),
        )

    def _bookings(self) -> Iterator[LiveBookings]:
        for owner, by_exceptions in sorted(self._ranges.items(), key=lambda item: item[0]):
            for exceptions in sorted(by_exceptions, key=sorted):
                for asked in self._merged_of(owner, exceptions):
                    yield _live_bookings(owner, asked, exceptions)

    def _merged_of(self, owner: Owner, exceptions: Exceptions) -> list[Range]:
        found = self._merged.get((owner, exceptions))
        if found is None:
            ranges = self._ranges.get(owner, {}).get(exceptions, ())
            found = self._merged[owner, exceptions] = _merged(ranges)
        return found


def _live_bookings(owner: Owner, asked: Range, exceptions: Exceptions) -> LiveBookings:
    field, id = owner
    start, end = asked
    sessions = [each.partition("\n")[0] for each in exceptions if "\n" in each]
    return LiveBookings(
        field=field,
        id=id,
        start=from_microseconds(start),
        end=None if end == NO_END else from_microseconds(end),
        except_ids=tuple(sorted(each for each in exceptions if "\n" not in each)),
        except_session=sessions[0] if sessions else None,  # its slot is the range, so no range is merged
    )


def _merged(ranges: Iterable[Range]) -> list[Range]:
    """Return ranges sorted, with those that overlap or touch made into one."""
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
