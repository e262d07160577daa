"""Change sets on mapped tables against the same statements by hand, and reading against the driver alone."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import attrs
import sqlalchemy as sa

import accountmerge as am
from accountmerge import sql
from accountmerge.model.entities import KINDS
from sql_databases import AT, Databases, databases, filled, planned_move, store_of
from timing import Line, best_in_turns, per, shown

WHOLE, STATEMENTS, STEPS, LARGE, LOADING = 1.5, 10, 2, 1.3, 1.3
"""The marks."""
_TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK")
_WRITES = ("INSERT", "UPDATE", "DELETE")
_ALL_AT_ONCE = 100_000

Executed = tuple[str, Any, bool]
"""A statement, its values, and whether they are those of several executions."""


def sql_lines(
    *, moving: int, others: int, large: int, loaded: int, repeats: int, postgres: bool
) -> Iterator[Line]:
    """Measure a migration on mapped tables, at once and step by step, and reading a snapshot.

    Args:
        moving: The bookings of the practitioner who moves.
        others: The bookings of the others.
        large: The bookings of the others in the large database.
        loaded: The bookings of the snapshot that is read.
        repeats: The number of repeats.
        postgres: Whether PostgreSQL is measured, too.
    """
    with databases(postgres=postgres) as places:
        for place in places:
            engine = place.empty("practice")
            mapping = filled(engine, others=others, moving=moving)
            change_set = planned_move(engine, mapping)
            about = f"{place.name}, {len(change_set.steps)} steps among {others:,} appointments"
            yield _whole(place, engine, mapping, change_set, about, repeats)
            yield from _steps(place, engine, mapping, change_set, about, repeats)
            yield _large(place, (others, large), min(moving, 40), repeats)
            yield _loading(place, loaded, repeats)


@contextmanager
def recorded(engine: sa.Engine) -> Iterator[list[Executed]]:
    """Record the statements that the driver of an engine executes."""
    log: list[Executed] = []

    def note(_connection: Any, _cursor: Any, text: str, values: Any, _context: Any, many: bool) -> None:
        log.append((text, values, many))

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield log
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


@contextmanager
def constructed(engine: sa.Engine) -> Iterator[list[tuple[Any, Any]]]:
    """Record the statements of an engine as SQLAlchemy gets them, with their values."""
    log: list[tuple[Any, Any]] = []

    def note(_connection: Any, statement: Any, many: Any, values: Any, _options: Any) -> None:
        log.append((statement, many or values))

    sa.event.listen(engine, "before_execute", note)
    try:
        yield log
    finally:
        sa.event.remove(engine, "before_execute", note)


def executed_by_sqlalchemy(engine: sa.Engine, log: list[tuple[Any, Any]]) -> None:
    """Execute statements with SQLAlchemy, and fetch their rows."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement, values in log:
            if isinstance(statement, str):
                result = connection.exec_driver_sql(statement, values or None)
            else:
                result = connection.execute(statement, values)
            if result.returns_rows:
                result.fetchall()


@contextmanager
def by_hand(engine: sa.Engine) -> Iterator[Any]:
    """Yield a connection of the driver that begins no transaction by itself."""
    borrowed = engine.raw_connection()
    connection: Any = borrowed.driver_connection
    name, alone, usual = (
        ("isolation_level", None, connection.isolation_level)
        if engine.dialect.name == "sqlite"
        else ("autocommit", True, False)
    )
    setattr(connection, name, alone)
    try:
        yield connection
    finally:
        setattr(connection, name, usual)
        borrowed.close()


def executed(connection: Any, log: list[Executed]) -> None:
    """Execute statements with the driver, and fetch their rows."""
    for text, values, _ in log:
        cursor = connection.cursor()
        if isinstance(values, list):  # not so where one statement has the values of many rows
            cursor.executemany(text, values)
        elif values:
            cursor.execute(text, values)
        else:
            cursor.execute(text)
        if cursor.description:
            cursor.fetchall()


def replayed(engine: sa.Engine, log: list[Executed]) -> None:
    """Execute statements with the driver on a connection of an engine."""
    with by_hand(engine) as connection:
        executed(connection, log)


def grouped(log: list[Executed]) -> list[Executed]:
    """Return the writing statements with all their values, each once."""
    found: dict[str, list[Any]] = {}
    for text, values, _ in log:
        if text.lstrip().startswith(_WRITES):
            found.setdefault(text, []).extend(values if isinstance(values, list) else [values])
    return [
        ("BEGIN", (), False),
        *((text, values, True) for text, values in found.items()),
        ("COMMIT", (), False),
    ]


def _fresh(place: Databases, engine: sa.Engine) -> sa.Engine:
    """Return a fresh copy whose engine has connected once."""
    copy = place.copy(engine)
    with copy.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    return copy


def _applied(mapping: sql.Mapping, change_set: am.ChangeSet, batch: int, engine: sa.Engine) -> None:
    outcomes = store_of(engine, mapping, batch).apply(change_set, by="a benchmark").outcomes
    assert set(outcomes.values()) == {"applied"}


def _whole(
    place: Databases,
    engine: sa.Engine,
    mapping: sql.Mapping,
    change_set: am.ChangeSet,
    about: str,
    repeats: int,
) -> Line:
    """Measure all steps in one transaction, against applying in memory and writing the same rows."""
    snapshot = store_of(engine, mapping).snapshot()
    copy = _fresh(place, engine)
    with recorded(copy) as log:
        _applied(mapping, change_set, _ALL_AT_ONCE, copy)
    writes = grouped(log)

    def in_memory_and_by_hand(fresh: sa.Engine) -> None:
        am.apply(snapshot, change_set)
        replayed(fresh, writes)

    ours, peer = best_in_turns(
        partial(_applied, mapping, change_set, _ALL_AT_ONCE),
        in_memory_and_by_hand,
        repeats=repeats,
        prepare=partial(_fresh, place, engine),
    )
    figures = f"{shown(ours)} to {shown(peer)}, {about}"
    return Line(
        f"{place.name}: a whole change set to `am.apply` and bare writes", ours / peer, WHOLE, figures
    )


def _steps(
    place: Databases,
    engine: sa.Engine,
    mapping: sql.Mapping,
    change_set: am.ChangeSet,
    about: str,
    repeats: int,
) -> Iterator[Line]:
    """Measure a transaction for each step, against the same statements by the driver alone.

    The figures also have the time of SQLAlchemy for the same statements, below which no step can be.
    """
    copy = _fresh(place, engine)
    points: list[int] = []
    with recorded(copy) as log, constructed(copy) as made:
        store_of(copy, mapping).apply(
            change_set, by="a benchmark", on_point=lambda _: points.append(len(log))
        )
    most = max(_counted(log, points, change_set))
    yield Line(f"{place.name}: statements of a rebooking step", most, STATEMENTS, about, sign="")
    ours, peer, sqlalchemy = best_in_turns(
        partial(_applied, mapping, change_set, 1),
        lambda fresh: replayed(fresh, log),
        lambda fresh: executed_by_sqlalchemy(fresh, made),
        repeats=repeats,
        prepare=partial(_fresh, place, engine),
    )
    steps = len(change_set.steps)
    figures = f"{shown(ours / steps)} to {shown(peer / steps)} each, {shown(sqlalchemy / steps)} by SQLAlchemy, {about}"
    yield Line(f"{place.name}: step by step to the same statements", ours / peer, STEPS, figures)


def _counted(log: list[Executed], points: list[int], change_set: am.ChangeSet) -> Iterator[int]:
    """Yield the number of statements of each rebooking step, from its beginning to its commit."""
    starts = [place for place, (text, _, _) in enumerate(log) if text.startswith("BEGIN")]
    ends = [place for place, (text, _, _) in enumerate(log) if text.startswith("COMMIT")]
    assert points
    steps = list(change_set.steps)
    for step, start, end in zip(reversed(steps), reversed(starts), reversed(ends), strict=False):
        if step.kind == "rebook":
            yield sum(not text.startswith(_TRANSACTIONS) for text, _, _ in log[start:end])


def _large(place: Databases, sizes: tuple[int, int], moving: int, repeats: int) -> Line:
    """Measure the same migration in a small and in a large database, without its first connection."""
    engines = [place.empty(f"of_{size}") for size in sizes]
    mappings = [
        filled(engine, others=size, moving=moving) for engine, size in zip(engines, sizes, strict=True)
    ]
    sets = [planned_move(engine, mapping) for engine, mapping in zip(engines, mappings, strict=True)]
    best = []
    for engine, mapping, change_set in zip(engines, mappings, sets, strict=True):
        (taken,) = best_in_turns(
            partial(_applied, mapping, change_set, 1), repeats=repeats, prepare=partial(_fresh, place, engine)
        )
        best.append(taken)
    small, large = best
    figures = f"{shown(large)} to {shown(small)}, {len(sets[0].steps)} steps"
    what = f"{place.name}: steps among {sizes[1]:,} appointments to {sizes[0]:,}"
    return Line(what, large / small, LARGE, figures)


def _loading(place: Databases, size: int, repeats: int) -> Line:
    """Measure reading a snapshot, against the same statements and the same values."""
    engine = place.empty("loaded")
    mapping = filled(engine, others=size, moving=1)
    store = store_of(engine, mapping)
    with recorded(engine) as log:
        snapshot = store.snapshot()
    rows = [(row, _given(row)) for kind in KINDS for row in snapshot.table(kind.collection)]
    statements = [entry for entry in log if not entry[0].startswith(_TRANSACTIONS)]

    def driver_and_values() -> am.Snapshot:
        replayed(engine, statements)
        made: dict[type[Any], list[Any]] = {kind.cls: [] for kind in KINDS}
        for row, given in rows:
            made[type(row)].append(_made(type(row), given))
        collections: dict[str, Any] = {kind.collection: made[kind.cls] for kind in KINDS}
        return am.Snapshot(AT, **collections)

    assert driver_and_values() == snapshot
    ours, peer = best_in_turns(store.snapshot, driver_and_values, repeats=repeats)
    peak = _peak(store) / size
    figures = f"{per(ours, size)}, driver and values {per(peer, size)}, {peak:,.0f} bytes at the most, {size:,} appointments"
    return Line(f"{place.name}: loading to the driver and the same values", ours / peer, LOADING, figures)


def _peak(store: sql.Store) -> int:
    """Return the bytes of Python objects at the most while a snapshot is read."""
    tracemalloc.start()
    try:
        store.snapshot()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _given(row: Any) -> dict[str, Any]:
    """Return the arguments of an entity, with plain values for those that are made again."""
    given = {field.name: getattr(row, field.name) for field in attrs.fields(type(row))}
    if isinstance(row, am.Appointment):
        given["slot"] = (row.slot.start_us, row.slot.end_us)
    elif isinstance(row, am.Customer):
        given["emails"] = [(email.address.text, email.use) for email in row.emails]
    elif isinstance(row, am.Profile):
        given["email"] = row.email.text
    return given


def _made(cls: type[Any], given: dict[str, Any]) -> Any:
    """Return an entity with values that are made now."""
    address = am.model.EmailAddress
    if cls is am.Appointment:
        return cls(**{**given, "slot": am.TimeSlot.from_microseconds(*given["slot"])})
    if cls is am.Customer:
        emails = [am.CustomerEmail(address(text), use) for text, use in given["emails"]]
        return cls(**{**given, "emails": emails})
    return cls(**{**given, "email": address(given["email"])}) if cls is am.Profile else cls(**given)
