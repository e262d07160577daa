"""The interface of a store under test."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

import attrs

from accountmerge.errors import LoadError
from accountmerge.model.entities import Entity, EntityName, kind_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import pendulum

    from accountmerge.changes.change_sets import ChangeSet
    from accountmerge.model.snapshots import Snapshot


Outcome = Literal["applied", "already", "drifted", "unknown"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
"""Outcomes of a step: written now, written before, not written because the data do not fit, or unknown."""

Reach = Callable[[str], Any]
"""A function that a store calls at every point at which it may be interrupted; see `StoreAdapter.apply`."""


class Crash(BaseException):
    """The process ended here. Do not catch it, because a crash also undoes a `finally` block or a rollback."""


class Busy(BlockingIOError):  # noqa: N818 - said by a store, not by the library
    """Raise it from `foreign_write` where the store locks, as in the middle of a transaction.

    A store that does not import the kit raises Python's own `BlockingIOError` instead.
    """


class CannotHold(Exception):  # noqa: N818 - said by a store, not by the library
    """Raise it from `seed` for data that break a rule of the store, such as a unique number."""


def _entities(rows: Iterable[Entity]) -> tuple[Entity, ...]:
    return tuple(rows)


def _keys(keys: Iterable[tuple[EntityName, str]]) -> tuple[tuple[EntityName, str], ...]:
    return tuple(keys)


@attrs.frozen(repr=False)
class ForeignWrite:
    """A write by another program.

    Attributes:
        put: Entities as they are afterwards, new ones too.
        drop: The kind and the id of each entity that is removed.
    """

    put: tuple[Entity, ...] = attrs.field(default=(), converter=_entities)
    drop: tuple[tuple[EntityName, str], ...] = attrs.field(default=(), converter=_keys)

    def on(self, snapshot: Snapshot) -> Snapshot:
        """Return the snapshot after the write."""
        gone: dict[EntityName, list[str]] = {}
        for name, id in self.drop:
            gone.setdefault(name, []).append(id)
        return snapshot.changed(self.put, gone)

    def is_possible_on(self, snapshot: Snapshot) -> bool:
        """Return whether the write is possible there and leaves no dangling reference."""
        try:
            self.on(snapshot)
        except LoadError:
            return False
        return True

    def __repr__(self) -> str:
        put = [f"{kind_of(row).name} {row.id!r}" for row in self.put]
        return f"ForeignWrite({', '.join([*put, *(f'no {name} {id!r}' for name, id in self.drop)])})"


class StoreAdapter(Protocol):
    """A store under test, and the program that applies change sets to it."""

    def seed(self, snapshot: Snapshot) -> object:
        """Empty the store and fill it with a snapshot, with its ids, numbers and (if counted) versions.

        A store with its own ids gives equal ids for equal data, and may return them by kind and planned id.

        Raises:
            CannotHold: The data break a rule of the store.
        """

    def dump(self) -> Snapshot:
        """Read all data of the store, past the applying code and past every cache.

        `taken_at` does not matter. The method is also called in the middle of `apply`, while a transaction is
        open: read committed data, and do not wait for the transaction to end.
        """
        ...

    def preflight(self, change_set: ChangeSet, *, now: pendulum.DateTime) -> Collection[object]:
        """Return the reasons not to apply a change set, or an empty result, and write no data."""
        ...

    def apply(self, change_set: ChangeSet, *, now: pendulum.DateTime, reach: Reach) -> Mapping[int, Outcome]:
        """Apply the remaining steps of a change set in order, and return their outcomes by ordinal.

        If a step does not fit, its outcome is `drifted`, and no step after it is tried; or raise
        `ApplyRefused`, as `am.apply` does. A new entity gets the planned id, unless the store gives its own; then
        a method `receipts` returns the committed receipts, with those ids. Two threads may call this at
        once.

        Args:
            change_set: The change set; of a prefix, only its first steps are applied.
            now: The time on the clock of the store.
            reach: A function to call as `reach("before 3")` when step 3 is next and no transaction is open,
                as `reach("committed 3")` right after it is committed (of several in one transaction, only the
                last), and with any other name at points between them at which a crash or another writer is
                possible. It may not return: then the process has ended. In an asynchronous store it is
                awaited.
        """
        ...

    def reopen(self) -> object:
        """Forget everything that is not committed, as the end of a process does, and start again."""

    def foreign_write(self, write: ForeignWrite) -> object:
        """Write as another program does, past the applying code, and count versions as usual.

        It is called in the middle of `apply`, which goes on only when it returns: never wait for a lock, and
        with SQL set the lock timeout to zero. It may put rows that are equal to those in the store, which
        counts as a write, and drop rows that are gone already.

        Raises:
            Busy: The store is locked at this moment; or Python's own `BlockingIOError`.
        """

    def close(self) -> object:
        """Release everything; the adapter is not used again."""


class AsyncStoreAdapter(Protocol):
    """The same as `StoreAdapter` for a store that is awaited."""

    def seed(self, snapshot: Snapshot) -> Awaitable[object]:
        """See `StoreAdapter.seed`."""
        ...

    def dump(self) -> Awaitable[Snapshot]:
        """See `StoreAdapter.dump`."""
        ...

    def preflight(self, change_set: ChangeSet, *, now: pendulum.DateTime) -> Awaitable[Collection[object]]:
        """See `StoreAdapter.preflight`."""
        ...

    def apply(
        self, change_set: ChangeSet, *, now: pendulum.DateTime, reach: Reach
    ) -> Awaitable[Mapping[int, Outcome]]:
        """See `StoreAdapter.apply`; `reach` is awaited."""
        ...

    def reopen(self) -> Awaitable[object]:
        """See `StoreAdapter.reopen`."""
        ...

    def foreign_write(self, write: ForeignWrite) -> Awaitable[object]:
        """See `StoreAdapter.foreign_write`."""
        ...

    def close(self) -> Awaitable[object]:
        """See `StoreAdapter.close`."""
        ...
