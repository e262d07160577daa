"""The commands of an applier to a store, each carried out by a driver of the caller."""

from __future__ import annotations

from typing import Any

import attrs

from accountmerge.changes.edits import Edit, Key
from accountmerge.changes.moves import Moved
from accountmerge.changes.obligations import Owed
from accountmerge.changes.questions import Questions
from accountmerge.changes.receipts import Receipt
from accountmerge.errors import AccountMergeError


@attrs.frozen
class Begin:
    """Begin a transaction. Answer: the present time of the store, an aware datetime.

    Attributes:
        step: The ordinal of the step that comes first; None if the transaction only reads.
    """

    step: int | None


@attrs.frozen
class Lock:
    """Lock rows before the first of them is read, in the given order. Answer: None.

    A store that locks more, such as a table or a whole file at `Begin`, may ignore it.

    Attributes:
        keys: The kind and the store's id of profiles and customers, sorted.
    """

    keys: tuple[Key, ...]


@attrs.frozen
class ReadReceipts:
    """Read receipts. Answer: the receipts, in any order.

    Attributes:
        plan_ids: The plans of the receipts.
        ordinal: The only step whose receipts are wanted. None: all.
    """

    plan_ids: tuple[str, ...]
    ordinal: int | None


@attrs.frozen
class Fetch:
    """Read rows. Answer: the entities that match the questions, and any others.

    Attributes:
        questions: The questions.
    """

    questions: Questions


@attrs.frozen
class Write:
    """Write one edit. Answer: a `WrittenEntity` with what the store gave to the row, or None.

    Attributes:
        edit: The edit, with the store's ids.
    """

    edit: Edit


@attrs.frozen
class Note:
    """Store the receipt of a step, in the transaction of its edits. Answer: None.

    Attributes:
        receipt: The receipt. If there is one for its step already, throw `Conflict`.
        owed: The obligations that are due from now on, for an outbox of the caller.
        moved: The entities whose places others take, for programs that keep ids in another store.
    """

    receipt: Receipt
    owed: tuple[Owed, ...] = ()
    moved: tuple[Moved, ...] = ()


@attrs.frozen
class Commit:
    """Commit the transaction. Answer: None.

    Throw `LostAnswer` if it is unknown whether the store has committed.
    """


@attrs.frozen
class Rollback:
    """Discard the transaction; it may be gone already. Answer: None."""


@attrs.frozen
class Point:
    """A point at which the process may end, or another program may write. Answer: None.

    A driver ignores it in production. The conformance kit stops there.

    Attributes:
        name: `before 3`, `committed 3`, or another name for a point inside the transaction of step 3.
    """

    name: str


@attrs.frozen
class Wait:
    """Wait before the next attempt; no transaction is open. Answer: None.

    Attributes:
        seconds: How long.
    """

    seconds: float


Command = Begin | Lock | ReadReceipts | Fetch | Write | Note | Commit | Rollback | Point | Wait


class Conflict(AccountMergeError):  # noqa: N818 - said by a driver, not by the library
    """Another transaction was first, and this one cannot go on; thrown by a driver, so that the step is tried again.

    Reasons: a lock that was not given in time, a deadlock, a serialization failure, a receipt that exists already.
    """

    def __init__(self) -> None:
        super().__init__("conflict")

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), ())


class LostAnswer(AccountMergeError):  # noqa: N818 - said by a driver, not by the library
    """The connection broke before the store answered; thrown by a driver, so that the applier finds out the state."""

    def __init__(self) -> None:
        super().__init__("lost_answer")

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), ())
