"""Reading: which questions a change set asks of a store, how many rows answer them, and that each is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, partial
from typing import Any

import attrs
import pytest

import accountmerge as am
import small_values
from accountmerge.changes.applying import replayed_on
from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.compiling import Progress
from accountmerge.changes.excerpts import Excerpt
from accountmerge.changes.expected_rows import expected_rows
from accountmerge.changes.questions import EQUALITIES, Questions
from accountmerge.changes.readings import named_questions, read_answer
from accountmerge.changes.step_checks import checked_step
from accountmerge.kinds import REQUEST_KINDS
from accountmerge.model.entities import ENTITY_NAMES, KINDS, EntityName
from accountmerge.testing.reference.foreign_writes import phantoms
from accountmerge.testing.reference.written_data import crashed, edits_of
from asked_rows import answers, is_asked, read, rows_of
from rewritten_data import in_store_ids
from stored_questions import planned

Topic = tuple[str, ...]
"""What a question is about: the ids of a kind, a value of an attribute, access of a pair, or live bookings."""

MANY = 12
"""The number of stored questions of each kind that are tried."""

TOPICS: frozenset[Topic] = frozenset(
    {
        *(("ids", name) for name in ENTITY_NAMES),
        *((name, attribute) for name, attributes in EQUALITIES.items() for attribute in attributes),
        ("access",),
        ("bookings", "profile_id"),
        ("bookings", "customer_id"),
    }
)


def topics_of(questions: Questions) -> Iterator[tuple[Topic, Questions]]:
    """Yield each topic of questions with the questions about it."""
    for name, ids in questions.ids:
        yield ("ids", name), Questions(ids=((name, ids),))
    for asked in questions.equalities:
        yield (asked.entity, asked.attribute), Questions(equalities=(asked,))
    if questions.access:
        yield ("access",), Questions(access=questions.access)
    for field in ("profile_id", "customer_id"):
        live = tuple(asked for asked in questions.bookings if asked.field == field)
        if live:
            yield ("bookings", field), Questions(bookings=live)


@cache
def undone(kind: str) -> tuple[tuple[am.Snapshot, ChangeSet], ...]:
    """Return data on which a stored question was applied, with the confirmed undo."""
    found = []
    for data, change_set in planned(kind):
        with suppress(am.ApplyRefused):
            undo = am.invert(change_set).confirm(by="Ann Example", at=change_set.at)
            found.append((am.apply(data, change_set), undo))
    return tuple(found)


def troubled(data: am.Snapshot, change_set: ChangeSet) -> Iterator[am.Snapshot]:
    """Yield data as planned, with each entity that could appear before a guard, in own ids, and with new references."""
    yield data
    for _, _, write in phantoms(data, change_set):
        if write.is_possible_on(data):
            yield write.on(data)
    edits = edits_of(change_set)
    created = [edit.key for edit in edits if edit.before is None]
    yield crashed(data, in_store_ids(edits, {key: f"own-{place}" for place, key in enumerate(created)}))
    yield from referring(data, change_set)


NEW_ROWS: dict[EntityName, Callable[..., Any]] = {
    "profile": partial(small_values.profile, practitioner_id="another"),
    "customer": small_values.customer,
    "appointment": small_values.appointment,
    "record": small_values.record,
    "access": small_values.access,
    "access_request": small_values.access_request,
}


def referring(data: am.Snapshot, change_set: ChangeSet) -> Iterator[am.Snapshot]:
    """Yield data with a new row that refers to an entity that the change set removes, or to a customer that it edits."""
    rows: dict[str, Any] = {"profile": data.profiles, "customer": data.customers}
    ends = {name: min(table, key=lambda row: row.id).id for name, table in rows.items() if len(table)}
    if len(ends) < len(rows):
        return
    for edit in edits_of(change_set):
        if edit.after is not None and edit.entity != "customer":
            continue
        for kind in KINDS:
            for field, name in kind.references:
                if name == edit.entity:
                    given = {
                        at: ends[to] for at, to in kind.references if at in ("profile_id", "customer_id")
                    }
                    yield data.changed([NEW_ROWS[kind.name]("appeared", **(given | {field: edit.id}))])
        if edit.entity == "customer":
            former = am.CustomerEmail("old@example.com", "former", login_of=edit.id)
            yield data.changed([small_values.customer("appeared", emails=(former,))])


def codes(data: am.Snapshot, change_set: ChangeSet) -> list[str]:
    return [failure.code for failure in am.check(data, change_set)]


def needed(whole: am.Snapshot, change_set: ChangeSet, known: set[Topic]) -> Iterator[tuple[Topic, bool]]:
    """Yield each topic that is asked, and whether the answer is another one without its rows."""
    excerpt = read(whole, am.changes.reading(change_set, taken_at=whole.taken_at))
    right = codes(whole, change_set)
    by_topic = {topic: {id(row) for row in answers(whole, part)} for topic, part in topics_of(excerpt.asked)}
    for topic in by_topic.keys() - known:
        others = set[int]().union(*(ids for other, ids in by_topic.items() if other != topic))
        rows = [row for row in rows_of(whole) if id(row) in others]
        if len(rows) == len(rows_of(excerpt)):
            yield topic, False
            continue
        yield topic, codes(Excerpt(whole.taken_at, rows, excerpt.asked), change_set) != right


def states() -> Iterator[tuple[am.Snapshot, ChangeSet]]:
    """Yield change sets of every kind, each on several data; undos first, because they ask about the most."""
    for kind in REQUEST_KINDS:
        for data, change_set in (*undone(kind)[:MANY], *planned(kind)[:MANY]):
            for whole in troubled(data, change_set):
                yield whole, change_set


@pytest.mark.unmeasured
def test_each_topic_of_a_question_is_needed() -> None:
    """Without the rows of any topic, some change set on some data gets another answer."""
    killed: set[Topic] = set()
    for whole, change_set in states():
        killed.update(topic for topic, is_needed in needed(whole, change_set, killed) if is_needed)
        if killed == TOPICS:
            break
    assert TOPICS - killed == set()


def test_a_plan_is_read_as_its_change_set() -> None:
    plan = small_values.migration()
    assert next(am.changes.reading(plan)) == next(am.changes.reading(plan.change_set))


def rounds_of(whole: am.Snapshot, change_set: ChangeSet, n: int) -> tuple[int, set[str]]:
    """Return how often a step asks while all earlier ones are done, and the profiles and customers that it is told."""
    before = am.apply(whole, change_set.prefix(n - 1)) if n > 1 else whole
    reading = am.changes.reading(change_set, step=n, taken_at=whole.taken_at)
    rounds, told = 0, set[str]()
    questions = next(reading)
    with suppress(StopIteration):
        while True:
            rows = answers(before, questions)
            told.update(row.id for row in rows if isinstance(row, am.Profile | am.Customer))
            rounds += 1
            questions = reading.send(rows)
    return rounds, told


@pytest.mark.parametrize("kind", REQUEST_KINDS)
def test_a_step_asks_again_only_about_people_that_its_change_set_does_not_edit(kind: str) -> None:
    for data, change_set in planned(kind)[:MANY]:
        edited = {edit.id for edit in edits_of(change_set)}
        for step in change_set.steps:
            rounds, told = rounds_of(data, change_set, step.ordinal)
            assert rounds == 1 or not told <= edited


def evaluations(whole: am.Snapshot, change_set: ChangeSet, n: int, expected: list[Any]) -> int:
    """Return how often a step is evaluated on data in which the earlier steps are done."""
    before = am.apply(whole, change_set.prefix(n - 1)) if n > 1 else whole
    evaluated = []

    def evaluate(data: am.Snapshot) -> Any:
        evaluated.append(data)
        return checked_step(data, Progress(am.changes.compiled(change_set)), n)

    answering = read_answer(evaluate, whole.taken_at, expected)
    questions = next(answering)
    with suppress(StopIteration):
        while True:
            questions = answering.send(answers(before, questions))
    return len(evaluated)


def test_a_step_is_evaluated_once_if_the_data_are_as_expected_and_again_if_not() -> None:
    data = small_values.snapshot(appointments=[small_values.appointment("A1", small_values.slot(120))])
    plan = am.plan_migration(data, small_values.request(), at=small_values.NOON)
    change_set = plan.confirm(by="Ann Example", at=small_values.NOON)
    rebook = next(step.ordinal for step in change_set.steps if step.kind == "rebook")
    rows = list(expected_rows(Progress(am.changes.compiled(change_set)), rebook, data))
    assert evaluations(data, change_set, rebook, rows) == 1
    for left_out in rows:
        others = [row for row in rows if row is not left_out]
        assert evaluations(data, change_set, rebook, others) > 1


@pytest.mark.parametrize("is_taken", [False, True])
def test_a_set_whose_named_rows_are_read_first_is_evaluated_again_only_if_others_matter(
    is_taken: bool,
) -> None:
    data = small_values.snapshot(appointments=[small_values.appointment("A1", small_values.slot(120))])
    plan = am.plan_migration(data, small_values.request(), at=small_values.NOON)
    change_set = plan.confirm(by="Ann Example", at=small_values.NOON)
    if is_taken:
        taken = small_values.request().new_email
        data = data.changed([small_values.profile("P9", practitioner_id="H9", email=taken)])
    evaluated = 0

    def evaluate(rows: am.Snapshot) -> Any:
        nonlocal evaluated
        evaluated += 1
        return replayed_on(rows, change_set, ()).failures

    named = named_questions(am.changes.compiled(change_set), {})
    answering = read_answer(evaluate, data.taken_at, named=named)
    questions = next(answering)
    with suppress(StopIteration):
        while True:
            questions = answering.send(answers(data, questions))
    assert bool(am.check(data, change_set)) == is_taken
    assert evaluated == 1 + is_taken


@pytest.mark.parametrize("sent", [None, 5, "abc", [None]])
def test_rows_of_a_wrong_type_are_refused(sent: Any) -> None:
    reading = am.changes.reading(small_values.migration().change_set)
    next(reading)
    with pytest.raises(am.InvalidValueError):
        reading.send(sent)


def crowd(count: int, session_id: str | None) -> tuple[am.Snapshot, ChangeSet]:
    """Return a practitioner with bookings of many customers in one slot, and the change set that rebooks them."""
    numbers = range(count)
    data = small_values.snapshot(
        profiles=[small_values.profile()],
        customers=[small_values.customer(f"C{n}", record_number=str(n), emails=()) for n in numbers],
        appointments=[
            small_values.appointment(f"A{n}", SLOT, customer_id=f"C{n}", session_id=session_id)
            for n in numbers
        ],
        access=[small_values.access(f"X{n}", customer_id=f"C{n}", profile_id="P1") for n in numbers],
    )
    request = small_values.request()
    blockers = am.plan_migration(data, request, at=small_values.NOON).blockers
    accept = [am.Acceptance(finding=found.id, by="Ann Example", why="a class") for found in blockers]
    plan = am.plan_migration(data, small_values.request(accept=accept), at=small_values.NOON)
    return data, plan.confirm(by="Ann Example", at=small_values.NOON)


SLOT = small_values.slot(600)


def steps_of(data: am.Snapshot, change_set: ChangeSet) -> Iterator[tuple[am.Snapshot, int, list[am.Receipt]]]:
    """Yield the data before each step with its ordinal and the receipts of the earlier ones."""
    receipts: list[am.Receipt] = []
    for step in change_set.steps:
        yield data, step.ordinal, list(receipts)
        data = am.apply(data, change_set.prefix(step.ordinal))
        step_id = f"{change_set.plan_id}/{step.ordinal}"
        receipts.append(am.Receipt(step_id=step_id, outcome="applied", at=small_values.NOON, by="a test"))


@pytest.mark.unmeasured
@pytest.mark.parametrize("session_id", ["S1", None])
def test_the_rows_that_a_step_reads_do_not_grow_with_the_crowd_in_its_slot(session_id: str | None) -> None:
    """Bookings that a guard excepts, or that are of its session, are not asked for."""
    most = []
    for count in (2, 14, 50):
        data, change_set = crowd(count, session_id)
        assert sum(step.kind == "rebook" for step in change_set.steps) == count
        compiled, rows = am.changes.compiled(change_set), [0]
        for present, n, receipts in steps_of(data, change_set):
            reading = am.changes.reading(change_set, step=n, receipts=receipts, taken_at=data.taken_at)
            excerpt = read(present, reading)
            rows.append(len(rows_of(excerpt)))
            found = am.changes.check_step(excerpt, compiled, n, receipts)
            assert found == am.changes.check_step(present, compiled, n, receipts)
            assert found.edits
            assert not found.failures
        most.append(max(rows))
    assert max(most) <= 8


def strangers(session_id: str | None) -> dict[str, list[am.Appointment]]:
    """Return bookings that the plan does not know, in the slot of a crowd or over its end, by the expected failure."""
    booked = partial(small_values.appointment, customer_id="C9", profile_id="P1")
    later = small_values.slot(630)
    found = {
        "slot_taken": [booked("new", SLOT), booked("new", SLOT, session_id="S2"), booked("new", later)],
        "nothing": [booked("new", SLOT, profile_id="P9")],
    }
    if session_id is not None:
        found["slot_taken"].append(booked("new", later, session_id=session_id))
        found["nothing"].append(booked("new", SLOT, session_id=session_id))
    return found


@pytest.mark.parametrize("session_id", ["S1", None])
def test_an_unknown_booking_in_a_crowd_is_seen_by_each_step_that_books_there(session_id: str | None) -> None:
    data, change_set = crowd(8, session_id)
    data = data.changed([small_values.profile("P9", practitioner_id="another"), small_values.customer("C9")])
    compiled = am.changes.compiled(change_set)
    seen: set[str] = set()
    for present, n, receipts in steps_of(data, change_set):
        for code, rows in strangers(session_id).items():
            for row in rows:
                whole = present.changed([row])
                excerpt = read(
                    whole, am.changes.reading(change_set, step=n, receipts=receipts, taken_at=data.taken_at)
                )
                found = am.changes.check_step(excerpt, compiled, n, receipts)
                assert found == am.changes.check_step(whole, compiled, n, receipts)
                codes = {failure.code for failure in found.failures}
                if change_set.steps[n - 1].kind == "rebook":
                    assert codes == ({code} - {"nothing"})
                    seen.add(code)
                for each in rows_of(whole):
                    assert excerpt.asked.matches(each) == is_asked(each, excerpt.asked)
    assert seen == strangers(session_id).keys()


@pytest.mark.parametrize("session_id", ["S1", None])
def test_rows_without_a_booking_answer_no_guard_that_counts_it(session_id: str | None) -> None:
    data, change_set = crowd(8, session_id)
    compiled, tried = am.changes.compiled(change_set), 0
    for present, n, receipts in steps_of(data, change_set):
        reading = am.changes.reading(change_set, step=n, receipts=receipts, taken_at=data.taken_at)
        excerpt = read(present, reading)
        ranges = [attrs.evolve(each, except_ids=(*each.except_ids, "new")) for each in excerpt.asked.bookings]
        asked = attrs.evolve(excerpt.asked, bookings=tuple(ranges))
        found = am.changes.check_step(attrs.evolve(excerpt, asked=asked), compiled, n, receipts)
        codes = {failure.code for failure in found.failures}
        if change_set.steps[n - 1].kind == "rebook":
            tried += 1
            assert codes == {"guard_unanswerable"}
            whole = {failure.code for failure in am.check(excerpt, change_set.prefix(n), receipts)}
            assert whole == {"guard_unanswerable"}  # a whole change set is read in another way
    assert tried == 8
