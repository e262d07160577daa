"""One step of a change set whose earlier steps are done."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.changes.change_sets import ChangeSet
from accountmerge.kinds import REQUEST_KINDS
from accountmerge.testing.reference.written_data import crashed, edits_of
from asked_rows import read, rows_of
from small_values import NOON, customer, profile
from stored_questions import planned

MANY = 10
"""The number of stored questions of each kind that are tried."""


def cases() -> list[tuple[am.Snapshot, ChangeSet]]:
    return [case for kind in REQUEST_KINDS for case in planned(kind)[:MANY]]


def states(data: am.Snapshot, step: am.changes.Step) -> list[am.Snapshot]:
    """Return the data before a step, after each of its edits, and each with a touched row changed or gone."""
    found = [crashed(data, step.edits[:count]) for count in range(len(step.edits) + 1)]
    for edit in step.edits:
        row = data.table(COLLECTIONS[edit.entity]).get(edit.id)
        if isinstance(row, am.Appointment):
            found.append(data.changed([attrs.evolve(row, status="missed")]))
        if isinstance(row, am.Access):
            found.append(data.changed(drop={"access": [row.id]}))
    return found


COLLECTIONS: dict[str, Any] = {
    "profile": "profiles",
    "customer": "customers",
    "appointment": "appointments",
    "record": "records",
    "access": "access",
    "access_request": "access_requests",
}


def test_a_step_is_checked_and_written_as_the_prefix_that_ends_with_it() -> None:
    """The rule for a removed row is part of it: it is not done while an earlier edit of its step is not."""
    compared = 0
    for data, change_set in cases():
        compiled, present = am.changes.compiled(change_set), data
        for step in change_set.steps:
            prefix = change_set.prefix(step.ordinal)
            earlier = change_set.prefix(step.ordinal - 1)
            for state in states(present, step):
                if not am.resume(state, earlier).is_finished:
                    continue
                found = am.changes.check_step(state, compiled, step.ordinal)
                failures = am.check(state, prefix)
                assert {failure.code for failure in found.failures} == {failure.code for failure in failures}
                compared += 1
                if not failures:
                    assert crashed(state, found.edits) == am.apply(state, prefix)
                    assert found.done == (not found.edits)
            present = am.apply(present, prefix)
    assert compared > 400


def test_a_row_that_is_gone_is_not_done_while_an_earlier_edit_is_not() -> None:
    tried = 0
    for data, change_set in planned("merge"):
        compiled, present = am.changes.compiled(change_set), data
        for step in change_set.steps:
            last = step.edits[-1]
            if len(step.edits) > 1 and last.after is None and last.entity == "access":
                tried += 1
                gone = present.changed(drop={"access": [last.id]})
                failures = am.changes.check_step(gone, compiled, step.ordinal).failures
                assert "gone" in {failure.code for failure in failures}
            present = am.apply(present, change_set.prefix(step.ordinal))
    assert tried


def test_a_version_counts_for_the_first_image_only() -> None:
    """The store counts its writes, so a later step meets rows with other versions than the plan has read."""
    for data, change_set in cases():
        edited = {edit.key for edit in edits_of(change_set)}
        done = am.apply(data, change_set)
        counted: Any = [
            attrs.evolve(row, version=8) for row in rows_of(done) if am.changes.Edit(None, row).key in edited
        ]
        compiled = am.changes.compiled(change_set)
        done = done.changed(counted)
        for step in change_set.steps:
            assert am.changes.check_step(done, compiled, step.ordinal).failures == ()


def test_a_rebooked_session_needs_few_rows() -> None:
    tried = 0
    for data, change_set in planned("migration"):
        present = data
        for step in change_set.steps:
            overlapping = {id for guard in step.guards for id in guard.except_ids}
            others = len(data.profiles) + sum(row.merged_into is not None for row in data.customers)
            if step.kind == "rebook" and len(overlapping) <= 2 and others <= 2:  # others are read, too
                tried += 1
                excerpt = read(
                    present, am.changes.reading(change_set, step=step.ordinal, taken_at=data.taken_at)
                )
                assert len(rows_of(excerpt)) <= 8
            present = am.apply(present, change_set.prefix(step.ordinal))
    assert tried


def test_a_step_that_is_not_there_is_named() -> None:
    _, change_set = planned("merge")[0]
    compiled = am.changes.compiled(change_set)
    for n in (0, len(change_set.steps) + 1):
        with pytest.raises(am.InvalidValueError) as refused:
            compiled.step(n)
        assert str(n) in refused.value.describe("en")
        assert str(n) in refused.value.describe("fr")


def test_planners_refuse_an_excerpt() -> None:
    data, change_set = planned("merge")[0]
    excerpt: Any = read(data, am.changes.reading(change_set, taken_at=data.taken_at))
    request = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1")
    with pytest.raises(am.InvalidValueError):
        am.plan_merge(excerpt, request, at=data.taken_at)


def test_a_guard_about_rows_that_were_not_asked_for_is_not_answered() -> None:
    """All rows are there, but it is not known that they are all: only look-ups by id are answered."""
    unanswered = 0
    for data, change_set in cases():
        unasked = am.changes.Excerpt(data.taken_at, rows_of(data), am.changes.Questions())
        codes = {failure.code for failure in am.check(unasked, change_set)}
        assert codes <= {"guard_unanswerable"}
        unanswered += bool(codes)
        kinds = {guard.kind for step in change_set.steps for guard in step.guards}
        if kinds - {"unchanged", "not_after", "unnumbered"}:
            assert codes, kinds
    assert unanswered > 40


def test_an_excerpt_wants_questions_and_entities() -> None:
    wrong: Any = {}
    none = am.changes.Questions()
    customers: Any = [customer("C1")]
    makers: list[tuple[str, Callable[[], object]]] = [
        ("asked", lambda: am.changes.Excerpt(NOON, [], wrong)),
        ("rows", lambda: am.changes.Excerpt(NOON, [wrong], none)),
        ("rows", lambda: am.changes.Excerpt(NOON, wrong, none)),
        ("taken_at", lambda: am.changes.Excerpt(NOON.replace(tzinfo=None), [], none)),
        ("profiles", lambda: am.changes.Excerpt(NOON, profiles=customers)),
        ("complete_for", lambda: am.changes.Excerpt(NOON, complete_for=am.Completeness())),
        ("drop", lambda: am.changes.Excerpt(NOON).changed(drop={"client": ["C1"]})),  # type: ignore[dict-item]
    ]
    for field, make in makers:
        with pytest.raises(am.InvalidValueError) as refused:
            make()
        assert refused.value.facts["field"] == field
        assert refused.value.describe("en") != refused.value.describe("fr")


def copies(value: Any) -> list[Any]:
    pickled = pickle.loads(pickle.dumps(value))  # noqa: S301 - our own bytes
    return [copy.copy(value), copy.deepcopy(value), attrs.evolve(value), pickled]


def test_each_copy_of_an_excerpt_knows_what_was_asked_and_answers_the_same() -> None:
    row = profile()
    for data, change_set in cases():
        excerpt = read(data, am.changes.reading(change_set, taken_at=data.taken_at))
        for twin in copies(excerpt):
            assert type(twin) is type(excerpt)
            assert twin == excerpt
            assert hash(twin) == hash(excerpt)
            assert twin.asked == excerpt.asked
            assert am.check(twin, change_set) == am.check(excerpt, change_set)
        changed = attrs.evolve(excerpt, profiles=[row], taken_at=NOON)
        assert changed.asked == excerpt.asked
        assert (list(changed.profiles), changed.taken_at) == ([row], NOON)
        assert list(changed.customers) == list(excerpt.customers)
