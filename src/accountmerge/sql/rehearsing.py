"""Try a change set in one transaction, compare what it wrote with the plan, and roll back."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa
from sqlalchemy.exc import StatementError

from accountmerge.changes import commands
from accountmerge.changes.appliers import Applier
from accountmerge.changes.applying import apply, check, confirmation_failures
from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.edits import Key as EntityKey
from accountmerge.changes.edits import differing_fields
from accountmerge.changes.excerpts import NOT_WHOLE, Excerpt
from accountmerge.changes.failures import ApplyRefused, Failure
from accountmerge.changes.questions import Questions
from accountmerge.changes.receipts import Receipt
from accountmerge.changes.store_ids import receipted_plans, renamed, told_ids
from accountmerge.errors import InvalidValueError
from accountmerge.findings.faults import find_faults
from accountmerge.findings.finding import Finding
from accountmerge.model.entities import KINDS, CollectionName, Entity, EntityName, kind_of, references
from accountmerge.model.records import Record
from accountmerge.model.snapshots import Snapshot
from accountmerge.plans.executions import compiled
from accountmerge.plans.plan import Plan, change_set_of
from accountmerge.sql.bindings import UnmappedValue
from accountmerge.sql.dialects import constraint_of, trouble_of
from accountmerge.sql.driver import Driver
from accountmerge.sql.fetching import Reader
from accountmerge.sql.keys import Key
from accountmerge.sql.mapped_tables import MappedTable
from accountmerge.sql.rehearsals import HeldLock, Refusal, Rehearsal, RowChanges, RowDifference
from accountmerge.sql.statements import DeferredRules, StatementLog
from accountmerge.sql.table_contents import Content, Owned, changes_between, content_of
from accountmerge.sql.troubles import DatabaseError, error_of
from accountmerge.sql.unwritten_columns import UnwrittenColumns

Rows = dict[EntityKey, Entity]
BY = "rehearsal"
"""The name in the receipts that are rolled back."""
RAISED = "P0001"
"""The code with which a trigger of PostgreSQL refuses a row (raise_exception, appendix A)."""


class _Refused(Exception):  # noqa: N818 - a signal inside this module
    """The signal that the database refused a step."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


@attrs.define(eq=False)
class RehearsingDriver(Driver):
    """A driver that compares and rolls back where another one commits.

    Attributes:
        change_set: The change set.
        found: The attributes of the rehearsal that are known.
    """

    change_set: ChangeSet = attrs.field(kw_only=True)
    found: dict[str, Any] = attrs.Factory(dict)
    _log: StatementLog | None = None
    _step: int = 0
    _is_writing: bool = False
    _noted: list[Receipt] = attrs.Factory(list)
    _receipts_before: list[Receipt] = attrs.Factory(list)
    _excerpt: Excerpt | None = None
    _faults_before: tuple[Finding, ...] = ()
    _contents: dict[str, Content] = attrs.Factory(dict)
    _edited: set[EntityKey] = attrs.Factory(set)
    _unwritten: UnwrittenColumns | None = None
    _locked: set[EntityKey] = attrs.Factory(set)
    _created: set[EntityKey] = attrs.Factory(set)
    _since: float = 0.0
    _deferred: DeferredRules | None = None

    def _answer(self, command: Any) -> Any:  # noqa: C901 - one case for each command
        if isinstance(command, commands.Commit):
            self._conclude()
            return self._end("ROLLBACK")
        try:
            answer = super()._answer(command)
        except InvalidValueError as error:
            if not isinstance(command, commands.Write) or not error.code.startswith("sql_"):
                raise
            column = error.facts.get("column")
            raise _Refused(self._refusal(error, error.facts.get("table"), column)) from None
        match command:
            case commands.Begin(step):
                self._started(step)
            case commands.Lock(keys):
                self._locked.update(keys)
                self._look_before()
            case commands.ReadReceipts(_, ordinal) if ordinal is not None:
                self._step = ordinal
            case commands.Fetch() if self._is_writing:
                self._locked.update((kind_of(row).name, row.id) for row in answer)
            case commands.Write(edit) if edit.before is not None:
                self._locked.add(edit.key)
            case commands.Write(edit):
                self._created.add((edit.entity, answer.store_id or edit.id))
            case commands.Note(receipt):
                self._require_deferred()
                self._noted.append(receipt)
        return answer

    def _told(self, error: StatementError) -> Exception:
        state = getattr(error.orig, "sqlstate", None)
        is_refused = trouble_of(error) in ("unique", "refused") or state == RAISED
        if not is_refused or self._is_noting or not self._is_writing:
            return super()._told(error)
        log = self._log
        told = getattr(getattr(error.orig, "diag", None), "table_name", None)
        name = told or (log.table.name if log is not None and log.table is not None else None)
        raise _Refused(self._refusal(error_of(error), name, constraint_of(error))) from None

    def _refusal(self, error: Any, table: Any, constraint: Any) -> Refusal:
        name = None if table is None else str(table)
        return Refusal(step=self._step, table=name, constraint=constraint or None, code=error.code)

    def _started(self, step: int | None) -> None:
        """Start again, also after a conflict."""
        self._is_writing = step is not None
        self._noted, self._locked, self._created, self._step = [], set(), set(), step or 0
        if self._is_writing:
            self._since = time.monotonic()
            self._log = StatementLog(self.connection)

    def _look_before(self) -> None:
        """Read what the change set needs, and the content of the tables, before any row is written."""
        change_set, log = self.change_set, self._open_log()
        with log.paused():
            receipts: list[Receipt] = self._receipts(receipted_plans(change_set), None)
            self._excerpt, failures = self._comparing().evaluated(
                lambda data: check(data, change_set, receipts), self.clock()
            )
            if failures:
                raise ApplyRefused(failures)
            self._receipts_before = receipts
            self._faults_before = self._faults(_rows(self._excerpt), self._excerpt.taken_at)
            told, before = told_ids(change_set, receipts), _rows(self._excerpt)
            named = {edit.key for step in change_set.wanted_steps for edit in step.edits}
            self._edited = {(key[0], told.get(key, key[1])) for key in named}
            self._unwritten = UnwrittenColumns(
                self.connection, self.mapping.tables, self.sources, self._followed
            )
            self._unwritten.remember((key, before[key]) for key in self._edited & before.keys())
            self._contents = {table.fullname: self._content(table, self._edited) for table in self._foreign()}
            self._contents |= {
                table.fullname: Content(count, None)
                for table, count in log.counts(self.mapping.tables.added.sorted_tables).items()
            }
            self._deferred = DeferredRules(self.connection)

    def _comparing(self) -> Reader:
        """Return a reader that locks no row."""
        return Reader(self.connection, self.mapping.tables)

    def _open_log(self) -> StatementLog:
        if self._log is None:
            raise DatabaseError("sql_no_transaction")
        return self._log

    def _foreign(self) -> list[sa.Table]:
        """Return the caller's tables; the metadata may have been read when the added ones were there already."""
        added = {table.fullname for table in self.mapping.tables.added.sorted_tables}
        return [table for table in self.mapping.metadata.sorted_tables if table.fullname not in added]

    def _require_deferred(self) -> None:
        """Let the database verify what it would verify at the commit of the step."""
        log, rules = self._open_log(), self._deferred
        with log.paused():
            violated = rules.broken(log.written_now()) if rules is not None else None
        if violated is not None:
            refusal = Refusal(step=self._step, table=violated, constraint="FOREIGN KEY", code="sql_refused")
            raise _Refused(refusal)

    def _conclude(self) -> None:
        """Compare the written rows with the plan."""
        log, excerpt, change_set = self._open_log(), self._excerpt, self.change_set
        if excerpt is None:
            raise DatabaseError("sql_no_transaction")
        self.found["writing_seconds"] = self._writing_seconds()
        with log.paused():
            last = max(receipt.ordinal for receipt in self._noted)
            planned = apply(excerpt, change_set.prefix(last), self._receipts_before)
            told = told_ids(change_set, [*self._receipts_before, *self._noted])
            wanted = _rows_of(
                row for each in _rows(planned).values() if (row := renamed(each, told)) is not None
            )
            before = _rows(excerpt)
            stored = _rows_of(self._comparing().fetch(_about({**before, **wanted})))
            present = {key: stored[key] for key in {**before, **wanted} if key in stored}
            touched = {key for key in {**before, **wanted} if before.get(key) != wanted.get(key)}
            self.found.update(
                differences=tuple(self._differences(before, wanted, present, touched, told)),
                beyond=tuple(self._beyond(touched, log)),
                uncompared=tuple(
                    table.fullname
                    for table in self._foreign()
                    if self._contents[table.fullname].digests is None
                ),
                faults_before=self._faults_before,
                faults_after=self._faults(present, excerpt.taken_at),
                writes=log.changes(self.mapping.tables, self._contents),
            )
        self._measure()

    def _faults(self, rows: Rows, taken_at: datetime) -> tuple[Finding, ...]:
        """Return the faults of some rows, with those to which they refer."""
        rows = dict(rows)
        while (
            missing := {(name, id) for row in rows.values() for _, name, id in references(row)} - rows.keys()
        ):
            targets = _rows_of(self._comparing().fetch(_about(missing)))
            rows |= {key: targets[key] for key in missing if key in targets}
            if not missing & targets.keys():
                break
        while orphans := [
            key for key, row in rows.items() if any((name, id) not in rows for _, name, id in references(row))
        ]:
            for key in orphans:
                del rows[key]
        collections: dict[CollectionName, list[Entity]] = {kind.collection: [] for kind in KINDS}
        for row in rows.values():
            collections[kind_of(row).collection].append(row)
        return find_faults(Snapshot.of_checked(taken_at, NOT_WHOLE, collections))

    def _measure(self) -> None:
        """Take the locks, the time and the number of statements."""
        self.found.update(
            locks=tuple(self._locks()),
            locked_seconds=time.monotonic() - self._since,
            statements=self._open_log().count,
        )

    def _writing_seconds(self) -> float:
        return time.monotonic() - self._since - self._open_log().paused_seconds

    def refused(self, refusal: Refusal) -> dict[str, Any]:
        """Return the attributes that are known of a refusal, after which PostgreSQL answers no question."""
        steps = tuple((receipt.ordinal, "applied") for receipt in self._noted)
        self.found.update(steps=steps, refusal=refusal, writing_seconds=self._writing_seconds())
        self._measure()
        return self.found

    def _differences(
        self,
        before: Rows,
        wanted: Rows,
        present: Rows,
        touched: set[EntityKey],
        told: Mapping[EntityKey, str],
    ) -> Iterator[RowDifference]:
        new = {(key[0], id): key[1] for key, id in told.items()}
        written = {key: wanted[key] for key in touched & wanted.keys() & present.keys()}
        unwritten = self._unwritten.changed(before, written, new) if self._unwritten is not None else {}
        for key in sorted({**before, **wanted}):
            row, stored = wanted.get(key), present.get(key)
            if row is None and stored is None:
                continue
            if row is None or stored is None:
                yield RowDifference(entity=key[0], id=key[1], fields=("id",))
                continue
            fields = tuple(_unlike(row, stored, key in before))
            others = self._other_columns(before.get(key), row) if key in touched else ()
            columns = tuple(sorted({*others, *unwritten.get(key, ())}))
            if fields or columns:
                yield RowDifference(entity=key[0], id=key[1], fields=fields, columns=columns)

    def _other_columns(self, before: Entity | None, wanted: Entity) -> list[str]:
        """Return the columns that hold another value than a step wrote, whether or not an overlay hides it."""
        table = _table_of(self.mapping.tables, wanted)
        key = table.keys.key_of(wanted.id)
        if key is None:
            return []
        row = self.connection.execute(sa.select(*table.columns).where(table.by_keys([key]))).first()
        if row is None:
            return []
        changed = None if before is None else differing_fields(before, wanted)
        values = table.values_of(wanted, changed) if changed != () else {}
        own = {*table.keys.names, *table.new_values}
        written = {
            name: value
            for name, value in values.items()
            if name not in own and not isinstance(value, sa.ClauseElement)
        }
        other = [written.get(name, value) for name, value in zip(table.names, row, strict=True)]
        lists = table.lists(self.connection, [row], {}).get(tuple(row[: len(key)]), {})
        try:
            stored, meant = (table.read(each, lists, None, {}) for each in (row, other))
        except (UnmappedValue, InvalidValueError):
            return []
        return sorted({table.column_of(field) for field in differing_fields(stored, meant)} & written.keys())

    def _beyond(self, touched: set[EntityKey], log: StatementLog) -> Iterator[RowChanges]:
        """Yield the changes of rows that the steps do not write."""
        tables = self.mapping.tables
        keys: defaultdict[str, set[Hashable]] = defaultdict(set)
        for entity, id in touched:
            table = tables.with_id(entity, id)
            key = table.keys.key_of(id) if table is not None else None
            if table is not None and key is not None:
                keys[table.table.fullname].add(_primary_key(table, key))
        for each in self._foreign():
            name = each.fullname
            before = self._contents[name]
            if name in log.tables and before.digests is None:
                continue
            after = self._content(each, touched | self._edited)
            changes = changes_between(name, before, after, keys[name])
            if changes is not None:
                yield changes

    def _followed(self, table: sa.Table) -> frozenset[str]:
        """Return the columns of a table that are set to new rows."""
        return frozenset(each.column.name for each in self.mapping.followed if each.column.table is table)

    def _content(self, table: sa.Table, edited: set[EntityKey]) -> Content:
        """Return the content of a table, without columns that follow and without the lists of edited rows."""
        owned = None
        for mapped in self.mapping.tables.mapped:
            for rows in mapped.rows.values():
                if rows.table is table:
                    ids = (id for kind, id in edited if kind == mapped.kind.name)
                    owned = Owned(tuple(rows.owner), tuple(mapped.keys.keys_of(sorted(ids))))
        return content_of(self.connection, table, without=self._followed(table), owned=owned)

    def _locks(self) -> Iterator[HeldLock]:
        tables = self.mapping.tables
        if self.engine.dialect.name == "sqlite":
            yield HeldLock(kind="file")
            return
        if self.locks == "tables":
            lists = [rows.table for table in tables.mapped for rows in table.rows.values()]
            for found in dict.fromkeys([*(table.table for table in tables.mapped), *lists]):
                yield HeldLock(kind="table", table=found.fullname)
            return
        counts = Counter(
            table.table.fullname
            for name, id in self._locked - self._created
            if (table := tables.with_id(name, id)) is not None
        )
        for name, count in sorted(counts.items()):
            yield HeldLock(kind="rows", table=name, rows=count)


def rehearsed(
    driver_of: Callable[[ChangeSet], RehearsingDriver],
    change_set: Plan[Any, Any] | ChangeSet,
    patience: float,
) -> Rehearsal:
    """Try a change set, and return the result.

    Args:
        driver_of: A function that makes a driver for the change set.
        change_set: A plan or a change set.
        patience: The number of seconds after which conflicts with other programs are given up.
    """
    given = change_set_of(change_set)
    missing: tuple[Failure, ...] = ()
    driver: RehearsingDriver | None = None
    try:
        ready = compiled(given)
        missing = tuple(confirmation_failures(given))
        if missing:
            ready = compiled(given.confirm(by=BY, at=given.at))
        driver = driver_of(ready.change_set)
        applier = Applier(
            ready,
            by=BY,
            batch=max(ready.count, 1),
            gives_ids=driver.mapping.gives_ids,
            patience=patience,
        )
        applied = driver.run(applier)
    except ApplyRefused as refused:
        return Rehearsal(plan_id=given.plan_id, failures=(*missing, *refused.failures))
    except _Refused as told:
        found = driver.refused(told.refusal) if driver is not None else {}
        return Rehearsal(plan_id=given.plan_id, failures=missing, **found)
    failures = (*missing, *applied.failures)
    return Rehearsal(plan_id=given.plan_id, steps=applied.steps, failures=failures, **driver.found)


def _rows(data: Snapshot) -> Rows:
    return _rows_of(row for kind in KINDS for row in data.table(kind.collection))


def _rows_of(rows: Iterable[Entity]) -> Rows:
    return {(kind_of(row).name, row.id): row for row in rows}


def _about(keys: Iterable[EntityKey]) -> Questions:
    """Return the questions for rows by their kinds and ids."""
    ids: defaultdict[EntityName, list[str]] = defaultdict(list)
    for name, id in sorted(keys):
        ids[name].append(id)
    return Questions(ids=tuple((name, tuple(found)) for name, found in ids.items()))


def _unlike(wanted: Entity, stored: Entity, is_old: bool) -> Iterator[str]:
    """Yield the fields that are not as planned; of new rows, the database gives some."""
    given = kind_of(wanted).store_given
    for field in differing_fields(wanted, stored):
        if field == "version" or (field in given and not is_old and getattr(wanted, field) is None):
            continue
        yield field


def _table_of(tables: Any, row: Entity) -> MappedTable:
    found: MappedTable = tables.of(kind_of(row).name, row.kind if isinstance(row, Record) else None)
    return found


def _primary_key(table: MappedTable, key: Key) -> Hashable:
    """Return the primary key of a row, if the mapping uses its columns as key."""
    values = dict(zip(table.keys.names, key, strict=True))
    names = [column.name for column in table.table.c if column.primary_key]
    return tuple(values.get(name) for name in names)
