"""A driver that executes the commands of an `Applier` with Django's ORM, for any models; a file to copy."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import datetime
from typing import Any

import attrs
from django.db import IntegrityError, InterfaceError, OperationalError, connections, transaction
from django.utils import timezone
from django_practice.models import Outbox, Receipt

import accountmerge as am
from accountmerge import changes

CONFLICTS = {5, 517, "40001", "40P01", "55P03"}
"""Busy, on SQLite; serialization failure, deadlock, and lock not available, on PostgreSQL."""


@attrs.define
class Store:
    """The models of a practice; `using` is the alias of their database."""

    using: str
    clock: Callable[[], datetime] = timezone.now
    is_locking: bool = False

    def all(self, model: Any) -> Any:
        """Return every row: `objects` may hide some, and a router may choose another database."""
        return model._base_manager.using(self.using)

    def read(self, model: Any) -> Any:
        """Return every row; found rows are locked if the transaction writes."""
        return self.all(model).select_for_update() if self.is_locking else self.all(model)

    def lock(self, kind: str, id: str) -> None:
        raise NotImplementedError

    def find(self, questions: changes.Questions) -> Iterable[Any]:
        raise NotImplementedError

    def write(self, edit: changes.Edit) -> changes.WrittenEntity | None:
        raise NotImplementedError

    def follow(self, moved: changes.Moved) -> None:
        raise NotImplementedError


def drive(store: Store, applier: changes.Applier, reach: Callable[[str], object] = lambda _: None) -> Any:
    """Execute the commands of an applier. `reach` is called at each point, for tests."""
    commands: Any = applier.commands()
    send, answer = commands.send, None
    with ExitStack() as stack:  # an error rolls back
        while True:
            try:
                command = send(answer)
            except StopIteration as end:
                return end.value
            try:
                send, answer = commands.send, _answer(store, command, stack, reach)
            except changes.Conflict as conflict:
                send, answer = commands.throw, conflict
            except (OperationalError, InterfaceError) as error:
                send, answer = commands.throw, _meaning(error, store.using)


def _meaning(error: Exception, using: str) -> Exception:
    """Return the error for the applier, or raise one that another attempt cannot mend."""
    code = getattr(error.__cause__, "sqlite_errorcode", getattr(error.__cause__, "sqlstate", None))
    if code in CONFLICTS:
        return changes.Conflict()
    if not connections[using].is_usable():
        return changes.LostAnswer()
    raise error


def _answer(  # noqa: C901 - one case for each command
    store: Store, command: Any, stack: ExitStack, reach: Callable[[str], object]
) -> Any:
    match command:
        case changes.Begin(step):
            store.is_locking = step is not None
            stack.enter_context(transaction.atomic(using=store.using, durable=True))
            return store.clock()
        case changes.Lock(keys):
            for kind, id in keys:
                store.lock(kind, id)
        case changes.ReadReceipts(plan_ids, ordinal):
            receipts = store.all(Receipt).filter(plan_id__in=plan_ids)
            receipts = receipts if ordinal is None else receipts.filter(ordinal=ordinal)
            return [am.loads(row.body) for row in receipts]
        case changes.Fetch(questions):
            return list(store.find(questions))
        case changes.Write(edit):
            return store.write(edit)
        case changes.Note():
            _note(store, command)
        case changes.Commit():
            stack.close()
        case changes.Rollback():
            if connections[store.using].in_atomic_block:
                transaction.set_rollback(True, using=store.using)
            stack.close()
        case changes.Point(name):
            reach(name)
        case changes.Wait(seconds):
            time.sleep(seconds)
    return None


def _note(store: Store, note: changes.Note) -> None:
    receipt = note.receipt
    try:
        store.all(Receipt).create(plan_id=receipt.plan_id, ordinal=receipt.ordinal, body=am.dumps(receipt))
    except IntegrityError:  # of this one statement: another applier has stored the receipt
        raise changes.Conflict from None
    for each in note.owed:
        due = {"kind": each.obligation.kind, "facts": dict(each.obligation.facts)}
        store.all(Outbox).get_or_create(id=each.id, defaults=due)
    for moved in note.moved:
        store.follow(moved)
