"""A store that answers questions by loops of its own, and the reading of excerpts from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from accountmerge.model.entities import KINDS, Entity, kind_of

if TYPE_CHECKING:
    import accountmerge as am
    from accountmerge.changes.questions import Questions
    from accountmerge.changes.readings import Reading

ROUNDS = 3
"""The most rounds of questions for data without faults."""


def rows_of(snapshot: am.Snapshot) -> list[Entity]:
    return [row for kind in KINDS for row in snapshot.table(kind.collection)]


def answers(snapshot: am.Snapshot, questions: Questions) -> list[Entity]:
    """Return the rows that answer questions."""
    return [row for row in rows_of(snapshot) if is_asked(row, questions)]


def is_asked(row: Any, questions: Questions) -> bool:
    name = kind_of(row).name
    if any(row.id in ids for kind, ids in questions.ids if kind == name):
        return True
    for asked in questions.equalities:
        if asked.entity == name:
            value = getattr(row, asked.attribute)
            if set(asked.values).intersection(value if isinstance(value, tuple) else {value}):
                return True
    if name == "access":
        return (row.profile_id, row.customer_id) in questions.access
    if name == "appointment" and row.status in ("held", "booked"):
        return any(
            getattr(row, asked.field) == asked.id
            and row.slot.end > asked.start
            and (asked.end is None or row.slot.start < asked.end)
            and row.id not in asked.except_ids
            and not (
                row.session_id
                and row.session_id == asked.except_session
                and row.slot.start == asked.start
                and row.slot.end == asked.end
            )
            for asked in questions.bookings
        )
    return False


def read(snapshot: am.Snapshot, reading: Reading, more: Iterable[Entity] = ()) -> am.changes.Excerpt:
    """Answer questions from a snapshot, with more rows than were asked for, and return the excerpt."""
    rounds = 0
    try:
        questions = next(reading)
        while True:
            rounds += 1
            assert questions, "an empty question"
            assert rounds <= ROUNDS, f"round {rounds} asks for {questions}"
            questions = reading.send([*answers(snapshot, questions), *more])
    except StopIteration as end:
        excerpt: am.changes.Excerpt = end.value
        return excerpt
