"""Adapters: the few things that a store has to be able to do so that the kit can put it to the test."""

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
"""What came of a step: written now; there before; not written, for the data are not as the step needs them;
nobody knows, for the answer was lost."""

Reach = Callable[[str], Any]
"""What a store calls at every point at which it may be interrupted; see `StoreAdapter.apply`."""


class Crash(BaseException):
    """The process ended here. Let it pass: what a `finally` or a rollback undoes, a crash undoes as well."""


class Busy(BlockingIOError):  # noqa: N818 - said by a store, not by the library
    """Raise it from `foreign_write` where the store holds others out, as in the middle of a transaction.

    A store that does not import the kit raises Python's own `BlockingIOError`, which means the same.
    """


class CannotHold(Exception):  # noqa: N818 - said by a store, not by the library
    """Raise it from `seed` for data that the store cannot hold, such as a number twice where it must be unique."""


def _entities(rows: Iterable[Entity]) -> tuple[Entity, ...]:
    return tuple(rows)


def _keys(keys: Iterable[tuple[EntityName, str]]) -> tuple[tuple[EntityName, str], ...]:
    return tuple(keys)


@attrs.frozen(repr=False)
class ForeignWrite:
    """What somebody else writes meanwhile.

    Attributes:
        put: Entities as they are afterwards, new ones too.
        drop: The kind and the id of each entity that is removed.
    """

    put: tuple[Entity, ...] = attrs.field(default=(), converter=_entities)
    drop: tuple[tuple[EntityName, str], ...] = attrs.field(default=(), converter=_keys)

    def on(self, snapshot: Snapshot) -> Snapshot:
        """Return a snapshot after it."""
        gone: dict[EntityName, list[str]] = {}
        for name, id in self.drop:
            gone.setdefault(name, []).append(id)
        return snapshot.changed(self.put, gone)

    def is_possible_on(self, snapshot: Snapshot) -> bool:
        """Tell whether others can write it there: nothing then names what is not there."""
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
        """Empty the store and fill it with this data: ids and numbers as they are, versions too if it counts any.

        Raises:
            CannotHold: The store has a rule of its own that this data break.
        """

    def dump(self) -> Snapshot:
        """Read all that is in the store, past the code that applies and past every cache.

        What `taken_at` says does not count. It is called in the middle of `apply` too, while a transaction is
        open: read what is committed, and do not wait for the transaction to end.
        """
        ...

    def preflight(self, change_set: ChangeSet, *, now: pendulum.DateTime) -> Collection[object]:
        """Return what stands against applying a set, or nothing; write nothing."""
        ...

    def apply(self, change_set: ChangeSet, *, now: pendulum.DateTime, reach: Reach) -> Mapping[int, Outcome]:
        """Apply what is left of a set, in the order of its steps, and say what came of each by its ordinal.

        A set that does not fit is no error: the step that does not is `drifted`, and none is tried after it; or
        raise `ApplyRefused`, as `am.apply` does. What is new gets the id that is planned. Two threads may call
        this at once.

        Args:
            change_set: What to do; of a prefix, only its first steps.
            now: The instant that the clock of the store shows.
            reach: To be called as `reach("before 3")` when step 3 comes next and nothing is open, as
                `reach("committed 3")` right after it is written for good (of several in one transaction, only the
                last), and with a name of your own wherever, before
                that, a crash or another writer may come in between. It may not return: then the process has
                ended. In an asynchronous store it is awaited.
        """
        ...

    def reopen(self) -> object:
        """Forget all that is not stored for good, as a process does that ends, and start anew."""

    def foreign_write(self, write: ForeignWrite) -> object:
        """Write as another program does, past the code that applies; count versions as any write does.

        It is called in the middle of `apply`, which goes on only when it returns: never wait for a lock, with SQL
        set its timeout to nothing. It may put rows that are equal to those in the store, which counts as a write,
        and drop rows that are gone already.

        Raises:
            Busy: Others are held out at this moment; or Python's own `BlockingIOError`.
        """

    def close(self) -> object:
        """Let go of everything; the adapter is not used again."""


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
