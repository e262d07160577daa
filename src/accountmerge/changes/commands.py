"""The commands of an applier to a store, executed by a driver of the caller."""

from __future__ import annotations

from typing import Any

from accountmerge.changes.edits import Edit, Key
from accountmerge.changes.moves import Moved
from accountmerge.changes.obligations import Owed
from accountmerge.changes.questions import Questions
from accountmerge.changes.receipts import Receipt
from accountmerge.errors import AccountMergeError
from accountmerge.model.values import ShownValue, value_class


@value_class(eq=False, repr=False)
class Begin(ShownValue):
    """Begin a transaction. Answer: the present time of the store, an aware datetime.

    Attributes:
        step: The ordinal of the step that comes first; None if the transaction only reads.
    """

    step: int | None


@value_class(eq=False, repr=False)
class Lock(ShownValue):
    """Lock rows before the first of them is read, in the given order. Answer: None.

    A store that locks more, such as a table or a whole file at `Begin`, may ignore it.

    Attributes:
        keys: The kind and the store's id of profiles and customers, sorted.
    """

    keys: tuple[Key, ...]


@value_class(eq=False, repr=False)
class ReadReceipts(ShownValue):
    """Read receipts. Answer: the receipts, in any order.

    Attributes:
        plan_ids: The plans of the receipts.
        ordinal: The only step whose receipts are wanted. None: all.
    """

    plan_ids: tuple[str, ...]
    ordinal: int | None


@value_class(eq=False, repr=False)
class Fetch(ShownValue):
    """Read rows. Answer: the entities that match the questions, and any others.

    Attributes:
        questions: The questions.
    """

    questions: Questions


@value_class(eq=False, repr=False)
class Write(ShownValue):
    """Write one edit. Answer: a `WrittenEntity` with what the store gave to the row, or None.

    The answer has the `entity` and the `id` of the edit. A row may be written twice in a step; a number or a version that
    only one of the answers has goes into the receipt. An edit that releases the time of a booking comes before those
    that need it.

    Attributes:
        edit: The edit, with the store's ids.
        again: Whether the step writes the same row again. Then a store that has no column for the fields that change
            may leave this edit out, and answer None.
    """

    edit: Edit
    again: bool = False


@value_class(eq=False, repr=False)
class Note(ShownValue):
    """Store the receipt of a step, in the transaction of its edits. Answer: None.

    Attributes:
        receipt: The receipt. If there is one for its step already, throw `Conflict`.
        owed: The obligations that are due from now on, for an outbox of the caller.
        moved: The entities whose places others take, for programs that keep ids in another store.
    """

    receipt: Receipt
    owed: tuple[Owed, ...] = ()
    moved: tuple[Moved, ...] = ()


@value_class(eq=False, repr=False)
class Commit(ShownValue):
    """Commit the transaction. Answer: None.

    Throw `LostAnswer` if it is unknown whether the store has committed.
    """


@value_class(eq=False, repr=False)
class Rollback(ShownValue):
    """Discard the transaction; it may be gone already. Answer: None."""


@value_class(eq=False, repr=False)
class Point(ShownValue):
    """A point at which the process may end, or another program may write. Answer: None.

    A driver ignores it in production. The conformance kit stops there.

    Attributes:
        name: `before 3`, `committed 3`, or another name for a point inside the transaction of step 3.
    """

    name: str


@value_class(eq=False, repr=False)
class Wait(ShownValue):
    """Wait before the next attempt; no transaction is open. Answer: None.

    Attributes:
        seconds: How long.
    """

    seconds: float


Command = Begin | Lock | ReadReceipts | Fetch | Write | Note | Commit | Rollback | Point | Wait


class Conflict(AccountMergeError):  # noqa: N818 - said by a driver, not by the library
    """The error that another transaction was first; a driver throws it, and the step is tried again.

    Reasons are a lock that was not given in time, a deadlock, a serialization failure, a receipt that exists already.
    """

    def __init__(self) -> None:
        super().__init__("conflict")

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), ())


class LostAnswer(AccountMergeError):  # noqa: N818 - said by a driver, not by the library
    """The error that the connection broke before the store answered; a driver throws it.

    The applier then reads whether the step was committed.
    """

    def __init__(self) -> None:
        super().__init__("lost_answer")

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), ())
