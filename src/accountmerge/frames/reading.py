"""A snapshot from the frames of a caller, or every fault of the frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, get_args

from accountmerge.errors import Fault, InvalidValueError
from accountmerge.frames.cells import Cells, Words, word_key
from accountmerge.frames.columns import columns_of
from accountmerge.frames.frame_faults import FrameFault, FrameFaults
from accountmerge.frames.given_tables import (
    OWN_ZONE,
    GivenTable,
    cells_of_table,
    given_names,
    given_table,
    is_showable,
    nearest,
)
from accountmerge.frames.table_rows import rows_of
from accountmerge.model.access import LEVELS, Access, AccessLevel
from accountmerge.model.entities import KINDS, CollectionName, Entity, EntityKind
from accountmerge.model.identifiers import derived_id
from accountmerge.model.instants import utc
from accountmerge.model.integrity import integrity_faults
from accountmerge.model.snapshots import Completeness, Snapshot, unknown_customers
from accountmerge.model.value_rules import argument, optional, wrong_type
from accountmerge.model.value_rules import words as one_of
from accountmerge.model.wall_times import ZONE
from accountmerge.wire.class_readers import Shared

ColumnNames = Mapping[str, Mapping[str, str | None]]
"""For each table, the caller's names of columns, each with ours; None leaves a column out."""
WordNames = Mapping[str, Mapping[str, Mapping[Any, str]]]
"""For each table and each of our columns, the caller's words, each with ours."""

_TABLES: tuple[CollectionName, ...] = get_args(CollectionName)
_LEVEL = optional(one_of(*LEVELS))
_MOST_WORDS = 20
"""Unknown words of a column that are shown. A column with more has other values than words, perhaps of persons."""
_SHOWN_COLUMNS = frozenset({"time_zone"})
"""Columns without a closed vocabulary whose wrong values are shown as well."""


def snapshot(
    *,
    taken_at: datetime,
    profiles: object = None,
    customers: object = None,
    appointments: object = None,
    records: object = None,
    access: object = None,
    access_requests: object = None,
    zone: str | None = None,
    columns: ColumnNames | None = None,
    words: WordNames | None = None,
    access_from_appointments: AccessLevel | None = None,
    complete_for: Completeness | None = None,
) -> Snapshot:
    """Return the snapshot that frames hold, or refuse them with every fault at once.

    No row is left out and no value is guessed. The columns are those of the page on frames; a null is an absent value.
    Nested values are JSON text, lists or structs. Whole numbers are text in columns of ids, and whole numbers in the
    column `version`. Customers may have the columns `primary_email`, `secondary_email` and `phone` in the place of
    `emails` and `phones`.

    Args:
        taken_at: The instant at which the data was read; any aware datetime.
        profiles: A frame of polars (eager or lazy), pandas, pyarrow, DuckDB, or another one that narwhals knows.
            Default: no rows. The same holds for the other tables.
        customers: Persons served.
        appointments: Their bookings, with `start` and `end`.
        records: Items stored about customers.
        access: Permissions of profiles to see customers.
        access_requests: Requests for such permissions.
        zone: The IANA name of the zone of times without one, and of appointments without column `time_zone`. With
            `time_zone`, each appointment has the zone in its column of this name. Default: a time without zone is a
            fault. A time that clocks show twice, or skip, is a fault in any case.
        columns: For each table, your names of columns with ours: `{"customers": {"Client ID": "id"}}`. A column with
            the name None is left out.
        words: For each table and column, your words with ours: `{"appointments": {"status": {"no-show": "missed"}}}`.
        access_from_appointments: The level of access that each profile gets to each customer with an appointment of
            any status in it, unless the frame `access` has a row for both. Default: no access is added.
        complete_for: The people whose data is complete. Default: all.

    Returns:
        The snapshot. Takes time and memory in proportion to the number of rows.

    Raises:
        LoadError: The frames have faults. Each is a `frames.FrameFault` with its path in the first row, all its rows,
            and no value of a personal column. The codes are those of `am.loads`.
        InvalidValueError: `taken_at` is naive, or another argument has a wrong type or word.
    """
    moment = utc(taken_at, "taken_at")
    _check_arguments(zone, access_from_appointments, complete_for)
    frames: dict[CollectionName, object] = {
        "profiles": profiles,
        "customers": customers,
        "appointments": appointments,
        "records": records,
        "access": access,
        "access_requests": access_requests,
    }
    reading = _Reading(zone, _checked_names(columns), _checked_words(words))
    return reading.snapshot(moment, frames, access_from_appointments, complete_for or Completeness())


def _check_arguments(zone: Any, level: Any, complete_for: Any) -> None:
    if zone != OWN_ZONE:
        argument("zone", optional(ZONE).check, zone)
    argument("access_from_appointments", _LEVEL.check, level)
    if complete_for is not None and type(complete_for) is not Completeness:
        raise wrong_type("completeness").at("snapshot", "complete_for")


def _checked_names(columns: Any) -> Mapping[str, Mapping[Any, str | None]]:
    """Return the names of columns of each table; refuse what is no such mapping."""
    tables = _tables_of("columns", columns)
    _require_texts(
        "columns", (ours for names in tables.values() for ours in names.values() if ours is not None)
    )
    return tables


def _checked_words(words: Any) -> Mapping[str, Mapping[str, Mapping[Any, str]]]:
    """Return the words of each column of each table; refuse what is no such mapping."""
    tables = {table: _tables_of("words", columns) for table, columns in _tables_of("words", words).items()}
    pairs = (names for columns in tables.values() for names in columns.values())
    _require_texts("words", (ours for names in pairs for ours in names.values()))
    return tables


def _tables_of(argument_name: str, value: Any) -> Mapping[Any, Mapping[Any, Any]]:
    given: Any = {} if value is None else value
    if not isinstance(given, Mapping) or not all(isinstance(inner, Mapping) for inner in given.values()):
        raise InvalidValueError("wrong_type", field=argument_name, wanted="tables_of_names")
    return given


def _require_texts(argument_name: str, values: Iterable[object]) -> None:
    if not all(isinstance(value, str) for value in values):
        raise InvalidValueError("wrong_type", field=argument_name, wanted="tables_of_names")


class _Reading:
    """Reads the frames of one snapshot, and gathers their faults."""

    def __init__(
        self,
        zone: str | None,
        columns: Mapping[str, Mapping[Any, Any]],
        words: Mapping[str, Mapping[Any, Any]],
    ) -> None:
        self._zone = zone
        self._columns = columns
        self._words = words
        self._faults = FrameFaults()
        self._shared: Shared = {}

    def snapshot(
        self,
        taken_at: datetime,
        frames: Mapping[CollectionName, object],
        access_level: AccessLevel | None,
        complete_for: Completeness,
    ) -> Snapshot:
        self._check_names()
        collections: dict[CollectionName, list[Entity | None]] = {}
        unreadable: dict[CollectionName, dict[int, dict[str, Any]]] = {}
        for kind in KINDS:
            entities, unread = self._rows(kind, frames[kind.collection])
            collections[kind.collection], unreadable[kind.collection] = entities, unread
        self._faults.extend(integrity_faults(collections, unreadable))
        known = {row.id for row in collections["customers"] if row}
        unread_ids = {str(row.get("id")) for row in unreadable["customers"].values()}
        self._faults.extend(unknown_customers(complete_for, known | unread_ids))
        self._faults.raise_if_any()
        if access_level is not None:
            collections["access"] += _derived_access(collections, access_level)
        whole: Any = collections
        return Snapshot.of_checked(taken_at, complete_for, whole)

    def _check_names(self) -> None:
        for name, tables in (("columns", self._columns), ("words", self._words)):
            for table in tables.keys() - set(_TABLES):
                self._add_unknown(name, table, _TABLES)
        for table in _TABLES:
            known = given_names(table)
            for ours in set(self._columns.get(table, {}).values()) - known - {None, ""}:
                self._add_unknown(f"columns.{table}", ours, known)
            for ours in self._words.get(table, {}).keys() - {column.name for column in columns_of(table)}:
                self._add_unknown(f"words.{table}", ours, known)

    def _add_unknown(self, path: str, name: object, known: Iterable[str]) -> None:
        word = name if isinstance(name, str) and is_showable(name) else ""
        meant = nearest(word, known) if word else ""
        facts: Any = {"meant": meant} if meant else {}
        self._faults.add(FrameFault("frame_name_unknown", f"{path}.{word or '<key>'}", **facts))

    def _rows(self, kind: EntityKind, frame: object) -> tuple[list[Entity | None], dict[int, dict[str, Any]]]:
        table = kind.collection
        if frame is None:
            return [], {}
        names = {theirs: ours or None for theirs, ours in self._columns.get(table, {}).items()}
        filled = frozenset() if self._zone in (None, OWN_ZONE) else frozenset({OWN_ZONE})
        given = given_table(table, frame, names, self._faults, filled=filled)
        if given is None:
            return [], {}
        cells = cells_of_table(given, self._zone, self._words_of(table))
        told = _ToldFaults(given, cells, self._faults)
        rows = rows_of(kind, cells, given.row_count, self._shared, told.add)
        if kind.name in ("profile", "customer"):  # other rows name them often, and share their ids
            self._shared.update((row.id, row.id) for row in rows.entities if row)
        return rows.entities, rows.unreadable

    def _words_of(self, table: CollectionName) -> dict[str, Words]:
        given = self._words.get(table, {})
        return {
            column: {str(word_key(theirs)): ours for theirs, ours in pairs.items()}
            for column, pairs in given.items()
        }


class _ToldFaults:
    """Adds the faults of the rows of a table as they are told of a frame."""

    def __init__(self, given: GivenTable, cells: Mapping[str, Cells], faults: FrameFaults) -> None:
        self._given = given
        self._cells = cells
        self._faults = faults
        self._words = {column.name: column for column in columns_of(given.name) if column.words}
        self._shown: dict[str, bool] = {}

    def add(self, row: int, fault: Fault) -> None:
        """Add a fault with its path in a row."""
        column = fault.path.partition(".")[0].partition("[")[0]
        if fault.code == "missing_key" and fault.path in self._given.missing:
            return  # said once of the whole column
        facts = {**fault.facts, **self._word(column, row, fault)}
        path = f"{self._given.name}[{row}].{fault.path}"
        self._faults.add(FrameFault(fault.code, path, **facts), theirs=self._given.shown(column))

    def _word(self, column: str, row: int, fault: Fault) -> dict[str, Any]:
        """Return the wrong word of a column of words, and the nearest right one."""
        if (column not in self._words and column not in _SHOWN_COLUMNS) or fault.path != column:
            return {}
        word = self._cells[column].values[row]
        if not isinstance(word, str) or not is_showable(word) or not self._is_shown(column):
            return {}
        meant = nearest(word, self._words[column].words) if column in self._words else ""
        return {"found": word, **({"meant": meant} if meant else {})}

    def _is_shown(self, column: str) -> bool:
        if column not in self._shown:
            allowed = self._words[column].words if column in self._words else ()
            unknown = {value for value in self._cells[column].values if isinstance(value, str)}.difference(
                allowed
            )
            self._shown[column] = len(unknown) <= _MOST_WORDS
        return self._shown[column]


def _derived_access(
    collections: Mapping[CollectionName, list[Entity | None]], level: AccessLevel
) -> list[Entity | None]:
    """Return an access row for each profile and customer with an appointment and without an access row."""
    given = {(row.profile_id, row.customer_id) for row in collections["access"] if isinstance(row, Access)}
    booked: Any = collections["appointments"]
    pairs = {(row.profile_id, row.customer_id) for row in booked} - given
    return [
        Access(id=derived_id("access", *pair), profile_id=pair[0], customer_id=pair[1], level=level)
        for pair in sorted(pairs)
    ]
