"""Excerpts of a caller's data, which answer some questions and record further ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import attrs

from accountmerge.changes.edits import Key
from accountmerge.changes.questions import (
    NO_END,
    NO_EXCEPTIONS,
    NO_QUESTIONS,
    Asked,
    Exceptions,
    OwnerField,
    Questions,
)
from accountmerge.errors import InvalidValueError
from accountmerge.model.access import Access, AccessRequest
from accountmerge.model.appointments import Appointment
from accountmerge.model.customers import Customer
from accountmerge.model.entities import (
    KIND_OF_CLASS,
    KIND_OF_NAME,
    KINDS,
    CollectionName,
    Entity,
    EntityName,
    kind_of,
)
from accountmerge.model.profiles import Profile
from accountmerge.model.records import Record
from accountmerge.model.snapshots import (
    Completeness,
    Snapshot,
    collection_rows,
    dropped_ids,
    require_snapshot,
)
from accountmerge.model.tables import Table
from accountmerge.model.value_rules import listed, wrong_type

E = TypeVar("E", bound=Entity)

Load = tuple[str, str]
"""The kind and the id of data to load; of addresses, `*` for all."""

NOT_WHOLE = Completeness(practitioners=(), customers=(), addresses=False)


@attrs.frozen(init=False, repr=False)
class Excerpt(Snapshot):  # type: ignore[override] # its generated constructor takes one more field
    """The part of the caller's data that answers some questions.

    `check`, `apply`, `resume` and `check_step` take it like a snapshot, and give the same answers as with all the
    data. A guard that needs a row about which no question was asked fails as `guard_unanswerable`. References may
    have no target here. Planners refuse an excerpt, because it is not complete for any person.

    Args:
        taken_at: The instant at which the rows were read; any aware datetime.
        rows: Entities of any kinds. Of two with one id, the later one counts. More than was asked may be given.
        asked: All questions that the rows answer. Default: none.
        complete_for: Always the completeness for no person; `attrs.evolve` passes it.
        profiles: Further rows of this kind. The same holds for the other collections.
        customers: Further rows.
        appointments: Further rows.
        records: Further rows.
        access: Further rows.
        access_requests: Further rows.

    Raises:
        InvalidValueError: `taken_at` is naive, `complete_for` names persons, or a value is of the wrong type.
    """

    asked: Questions

    def __init__(
        self,
        taken_at: datetime,
        rows: Iterable[Entity] = (),
        asked: Questions = NO_QUESTIONS,
        *,
        complete_for: Completeness = NOT_WHOLE,
        profiles: Iterable[Profile] = (),
        customers: Iterable[Customer] = (),
        appointments: Iterable[Appointment] = (),
        records: Iterable[Record] = (),
        access: Iterable[Access] = (),
        access_requests: Iterable[AccessRequest] = (),
    ) -> None:
        collections: dict[CollectionName, Iterable[Entity]] = {
            "profiles": profiles,
            "customers": customers,
            "appointments": appointments,
            "records": records,
            "access": access,
            "access_requests": access_requests,
        }
        further = [
            row for name, given in collections.items() for row in collection_rows("Excerpt", name, given)
        ]
        found = _collected(rows, further)
        tables: Any = {kind.collection: Table(found[kind.collection].values(), kind.cls) for kind in KINDS}
        if complete_for != NOT_WHOLE:
            raise InvalidValueError("excerpt_not_whole").at("Excerpt", "complete_for")
        if type(asked) is not Questions:
            raise wrong_type("questions").at("Excerpt", "asked")
        try:
            self.__attrs_init__(taken_at, NOT_WHOLE, **tables, asked=asked)
        except InvalidValueError as error:
            raise InvalidValueError(error.code, **error.facts).at("Excerpt", "taken_at") from None

    def changed(
        self, put: Iterable[Entity] = (), drop: Mapping[EntityName, Iterable[str]] | None = None
    ) -> Excerpt:
        """Return an excerpt with entities added, replaced and removed; references are not verified.

        Args:
            put: Entities to add, or to replace those with the same ids.
            drop: Ids of entities to remove, by kind.
        """
        gone = {(name, id) for name, ids in (drop or {}).items() for id in dropped_ids("Excerpt", name, ids)}
        kept = [
            row for kind in KINDS for row in self.table(kind.collection) if (kind.name, row.id) not in gone
        ]
        return Excerpt(self.taken_at, [*kept, *put], self.asked)

    def __repr__(self) -> str:
        return super().__repr__().replace("Snapshot", "Excerpt", 1)


def _collected(rows: Iterable[Entity], further: Iterable[Entity]) -> dict[CollectionName, dict[str, Entity]]:
    """Return entities by collection and id; refuse other values."""
    found: dict[CollectionName, dict[str, Entity]] = {kind.collection: {} for kind in KINDS}
    try:
        members = listed(rows)
    except InvalidValueError as error:
        raise error.at("Excerpt", "rows") from None
    for row in (*members, *further):
        if type(row) not in KIND_OF_CLASS:
            raise wrong_type("entity").at("Excerpt", "rows")
        found[kind_of(row).collection][row.id] = row
    return found


class Watch:
    """A record of the questions that are asked of data, and of those without an answer.

    Args:
        excerpt: The data. None: all questions have an answer, and none is recorded.
        is_expected: Whether the data are only expected. Then every look-up is recorded as a question, and counts as
            answered by the data.
    """

    def __init__(self, excerpt: Excerpt | None = None, *, is_expected: bool = False) -> None:
        self.is_needed = excerpt is not None
        self.is_expected = is_expected
        self._asked = Asked(excerpt.asked) if excerpt is not None else Asked()
        self.missing = Asked()
        self.latest: list[Load] = []

    def knows(self, key: Key) -> bool:
        """Return whether it is known that an entity that is not in the data does not exist."""
        return not self.is_needed or self.is_expected or key in self._asked.ids

    def ask_id(self, name: EntityName, id: str) -> None:
        """Record a look-up of an entity that is not in the data, or is only expected there."""
        if (name, id) not in self._asked.ids:
            self.missing.ids[name, id] = None
            self._lack((name, id))

    def ask_value(self, name: EntityName, attribute: str, value: str) -> None:
        """Record a search for the entities that have a value."""
        if (name, attribute, value) not in self._asked.values:
            self.missing.values[name, attribute, value] = None
            self._lack(_load(name, attribute, value))

    def ask_access(self, profile_id: str, customer_id: str) -> None:
        """Record a search for the rows of access of a pair."""
        if not self.is_needed or (profile_id, customer_id) in self._asked.pairs:
            return
        ends = (("customer_id", customer_id), ("profile_id", profile_id))
        if not any(("access", field, id) in self._asked.values for field, id in ends):
            self.missing.pairs[profile_id, customer_id] = None
            self._lack(("customer", customer_id))

    def ask_bookings(
        self,
        field: OwnerField,
        id: str,
        start: int,
        end: int = NO_END,
        exceptions: Exceptions = NO_EXCEPTIONS,
    ) -> None:
        """Record a search for the live bookings of an owner in a range of time, with exceptions."""
        if not self.is_needed or ("appointment", field, id) in self._asked.values:
            return
        if not self._asked.covers((field, id), (start, end), exceptions):
            self.missing.add_range((field, id), (start, end), exceptions)
            self._lack(_load("appointment", field, id))

    def _lack(self, load: Load) -> None:
        if not self.is_expected:
            self.latest.append(load)

    def take_latest(self) -> list[Load]:
        """Return the data that questions lacked since the last call."""
        found, self.latest = self.latest, []
        return found


def _load(name: EntityName, attribute: str, value: str) -> Load:
    """Return the kind and the id of the data to load for a question about a value."""
    if attribute in ("mailbox", "reserved_mailboxes"):
        return ("addresses", "*")
    if attribute == "practitioner_id":
        return ("practitioner", value)
    targets = dict(KIND_OF_NAME[name].references)
    return (targets.get(attribute, "customer"), value)


UNWATCHED = Watch()
"""The watch of a snapshot, which has an answer to every question for which it is complete."""


class _WatchedTable(Table[E]):
    """A table whose look-ups are recorded."""

    __slots__ = ("_name", "_watch")
    _name: EntityName
    _watch: Watch

    @classmethod
    def of(cls, table: Table[E], name: EntityName, watch: Watch) -> _WatchedTable[E]:
        watched: _WatchedTable[E] = cls((), table.row_class)
        watched._set(table._rows, table._groups)  # noqa: SLF001 - the same data, indexes included
        object.__setattr__(watched, "_name", name)
        object.__setattr__(watched, "_watch", watch)
        return watched

    def get(self, id: str) -> E | None:
        row = super().get(id)
        if row is None or self._watch.is_expected:
            self._watch.ask_id(self._name, id)
        return row

    def __contains__(self, item: object) -> bool:
        found = super().__contains__(item)
        if isinstance(item, str) and (not found or self._watch.is_expected):
            self._watch.ask_id(self._name, item)
        return found

    def where(self, attribute: str, value: str) -> Sequence[E]:
        self._watch.ask_value(self._name, attribute, value)
        return super().where(attribute, value)


@attrs.frozen(init=False, repr=False, eq=False)
class Watched(Snapshot):  # type: ignore[override] # its generated constructor takes two more fields
    """An excerpt whose look-ups are recorded.

    Args:
        excerpt: The data.
        is_expected: Whether they are only expected.

    Attributes:
        watch: The record.
        excerpt: The data itself.
    """

    watch: Watch
    excerpt: Excerpt

    def __init__(self, excerpt: Excerpt, *, is_expected: bool = False) -> None:
        watch = Watch(excerpt, is_expected=is_expected)
        tables: Any = {
            kind.collection: _WatchedTable.of(excerpt.table(kind.collection), kind.name, watch)
            for kind in KINDS
        }
        self.__attrs_init__(excerpt.taken_at, NOT_WHOLE, **tables, watch=watch, excerpt=excerpt)


def require_data(data: object, name: str = "snapshot") -> None:
    """Refuse an argument that is neither a snapshot nor an excerpt; the error names the argument."""
    if type(data) is not Excerpt:
        require_snapshot(data, name)


def watched(snapshot: Snapshot) -> Snapshot:
    """Return data whose look-ups are recorded, if they are an excerpt; other data are returned as they are."""
    return Watched(snapshot) if isinstance(snapshot, Excerpt) else snapshot


def watch_of(snapshot: Snapshot) -> Watch:
    """Return the record of the look-ups in watched data, or the watch that records none."""
    return snapshot.watch if isinstance(snapshot, Watched) else UNWATCHED


def access_of(snapshot: Snapshot, profile_id: str, customer_id: str) -> Sequence[Access]:
    """Return the rows of access of a profile for a customer."""
    watch_of(snapshot).ask_access(profile_id, customer_id)
    rows = unwatched(snapshot).access.where("customer_id", customer_id)
    return [row for row in rows if row.profile_id == profile_id]


def unwatched(snapshot: Snapshot) -> Snapshot:
    """Return the data themselves, whose look-ups are not recorded."""
    return snapshot.excerpt if isinstance(snapshot, Watched) else snapshot
