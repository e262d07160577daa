"""Stored questions, planned anew on data as one store can hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from itertools import islice
from sys import maxsize
from typing import Any

import attrs

import accountmerge as am
from accountmerge.kinds import REQUEST_KINDS
from accountmerge.model.entities import KINDS
from accountmerge.testing.reference.renamed_rows import Names, named
from stored_questions import loaded, of_kind, snapshot

QUESTION_KINDS = (*REQUEST_KINDS, "undo")
"""The kinds of stored questions with one request."""
CONFIRMED_BY = "Ann Example"

Held = Callable[[am.Snapshot], tuple[am.Snapshot, Names]]


@attrs.frozen
class Question:
    """A question that is planned on the data of a store.

    Attributes:
        data: The data.
        change_set: The confirmed change set, or the part of it that an undo takes back.
        request: The request, with the ids of the store.
        rules: The rules.
    """

    data: am.Snapshot
    change_set: am.ChangeSet
    request: Any
    rules: Any

    def plan_on(self, data: am.Snapshot) -> Any:
        """Return the plan of the same request on other data."""
        return am.plan(data, self.request, rules=self.rules, at=self.change_set.at)


def rows_of(data: am.Snapshot) -> list[Any]:
    """Return all rows of a snapshot."""
    return [row for kind in KINDS for row in data.table(kind.collection)]


def bare(data: am.Snapshot) -> am.Snapshot:
    """Return data as a store without versions returns them, whole for everybody."""
    rows = [row if row.version is None else attrs.evolve(row, version=None) for row in rows_of(data)]
    changed = data.changed(rows)
    tables: dict[str, Any] = {kind.collection: tuple(changed.table(kind.collection)) for kind in KINDS}
    return am.Snapshot(changed.taken_at, **tables)


def some_questions(kind: str, number: int, held: Held) -> Iterator[Question]:
    """Yield stored questions of a kind that are ready and have steps, spread over all of that kind.

    Args:
        kind: The kind of question.
        number: The most to yield.
        held: A function that returns data as a store holds them, with the store's ids by kind and id if they differ.
    """
    count = len(of_kind(kind))
    # A step that is prime to the number of questions visits each once, far from the one before.
    order = sorted(range(count), key=lambda place: place * 37 % max(count, 1))
    return islice(_ready((_asked(kind, place) for place in order), held), number)


@attrs.frozen
class _Asked:
    """A stored question whose plan on its own data is ready."""

    before: am.Snapshot
    request: Any
    rules: Any
    at: datetime
    through: int


@cache
def _asked(kind: str, place: int) -> _Asked | None:
    """Return a stored question for every store that is tried on it. None if it has no ready plan."""
    question: Any = of_kind(kind)[place]
    before: Any = bare(snapshot(question["snapshot"]))
    request, rules = loaded(question["request"]), loaded(question["rules"])
    at = datetime.fromisoformat(question["at"])
    if not am.plan(before, request, rules=rules, at=at).is_ready:
        return None  # which spares a store from the data
    return _Asked(before, request, rules, at, question.get("through", maxsize))


def _ready(asked: Iterator[_Asked | None], held: Held) -> Iterator[Question]:
    for question in asked:
        if question is None:
            continue
        data, names = held(question.before)
        rules, at = question.rules, question.at
        plan: Any = am.plan(data, named(question.request, names), rules=rules, at=at)
        if plan.is_ready and plan.change_set.steps:
            change_set = plan.confirm(by=CONFIRMED_BY, at=plan.change_set.at)
            through = min(question.through, len(change_set.steps))
            yield Question(data, change_set.prefix(through), plan.request, rules)
