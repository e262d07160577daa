"""The table of written fields has every field and every word that plans of each kind write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from hypothesis import given, settings

import accountmerge as am
from accountmerge.changes.change_sets import INTENTS, Intent
from accountmerge.kinds import REQUEST_KINDS
from accountmerge.model.value_rules import rule_of
from accountmerge.sql.store import sources_of
from accountmerge.sql.written_fields import EMPTYING, WRITTEN, Writes
from accountmerge.testing.strategies.planned_cases import PlannedCase, planned_cases
from stored_questions import planned

pytestmark = pytest.mark.unmeasured


def edits_of(intent: Intent) -> Iterator[am.changes.Edit]:
    """Yield the edits of all plans of an intent; of `undo`, those of the inverses of all plans."""
    for kind in REQUEST_KINDS if intent == "undo" else (intent,):
        for _, change_set in planned(kind):
            yield from _edits(change_set if intent != "undo" else _inverse(change_set))


def _edits(change_set: am.ChangeSet | None) -> Iterator[am.changes.Edit]:
    for step in change_set.steps if change_set is not None else ():
        yield from step.edits


def _inverse(change_set: am.ChangeSet) -> am.ChangeSet | None:
    try:
        return am.invert(change_set)
    except am.ApplyRefused:
        return None


def writes(intent: Intent) -> dict[str, Writes]:
    return {each.entity: each for each in WRITTEN[intent]}


@pytest.mark.parametrize("intent", INTENTS)
def test_the_table_has_each_field_that_an_edit_changes(intent: Intent) -> None:
    table = writes(intent)
    changed = [edit for edit in edits_of(intent) if edit.op == "change"]
    assert changed or intent == "access_request"
    for edit in changed:
        assert set(edit.changed_fields) <= set(table[edit.entity].changed)


@pytest.mark.parametrize("intent", INTENTS)
def test_the_table_has_each_kind_of_entity_of_which_rows_are_made(intent: Intent) -> None:
    table = writes(intent)
    made = {edit.entity for edit in edits_of(intent) if edit.op == "create"}
    assert made <= {entity for entity in table if table[entity].makes_rows}


@given(planned_cases())
@settings(max_examples=30)
def test_the_table_has_all_that_a_drawn_plan_writes(case: PlannedCase) -> None:
    table = writes(case.change_set.intent)
    for edit in _edits(case.change_set):
        if edit.op == "change":
            assert set(edit.changed_fields) <= set(table[edit.entity].changed)
        if edit.op == "create":
            assert table[edit.entity].makes_rows
        if case.change_set.intent != "undo":
            for field, word in _new_words(case.snapshot, edit):
                assert word in table[edit.entity].words[field]


@pytest.mark.parametrize("intent", [intent for intent in INTENTS if intent != "undo"])
def test_the_table_has_each_word_that_no_row_had_before(intent: Intent) -> None:
    """Words that are copied from another row have a code; so has the modality, which the request names."""
    table = writes(intent)
    for data, change_set in planned(intent):
        for edit in _edits(change_set):
            for field, word in _new_words(data, edit):
                assert word in table[edit.entity].words[field]


def _new_words(data: am.Snapshot, edit: am.changes.Edit) -> Iterator[tuple[str, str]]:
    after: Any = edit.after
    copied: Any = _source(data, edit)
    for attribute in type(after).__attrs_attrs__ if after is not None else ():
        rule = rule_of(attribute)
        word = getattr(after, attribute.name)
        if rule is None or not rule.allowed or attribute.name == "modality":
            continue
        if copied is None or word != getattr(copied, attribute.name):
            yield attribute.name, word


def _source(data: am.Snapshot, edit: am.changes.Edit) -> Any:
    """Return the row from which words may be copied."""
    after: Any = edit.after
    if edit.before is not None:
        return edit.before
    if isinstance(after, am.Appointment) and after.replaces is not None:
        return data.appointments.get(after.replaces)
    if isinstance(after, am.Access) and after.level == "viewing":
        return after  # no plan gives it anew; it is that of another row
    return None


@pytest.mark.parametrize("intent", [intent for intent in INTENTS if intent not in ("undo", "access_request")])
def test_only_some_intents_take_the_last_primary_address_of_a_customer(intent: Intent) -> None:
    emptied = any(
        edit.before.primary_mailboxes and not edit.after.primary_mailboxes
        for edit in edits_of(intent)
        if isinstance(edit.before, am.Customer) and isinstance(edit.after, am.Customer)
    )
    assert emptied == (intent in EMPTYING)


@pytest.mark.parametrize("intent", INTENTS)
def test_each_field_stands_once_in_the_table(intent: Intent) -> None:
    for each in WRITTEN[intent]:
        assert len(set(each.changed)) == len(each.changed)


@pytest.mark.parametrize("intent", [intent for intent in INTENTS if intent != "undo"])
def test_the_table_has_each_field_that_a_new_row_leaves_empty(intent: Intent) -> None:
    table = writes(intent)
    for data, change_set in planned(intent):
        for edit in _edits(change_set):
            after: Any = edit.after
            if edit.op != "create" or isinstance(after, am.Profile | am.Record):
                continue  # copies of rows that the plan does not name by a link
            given = {"version", "number"}
            empty = {name for name in attrs.fields_dict(type(after)) if getattr(after, name) is None} - given
            source = data.appointments.get(getattr(after, "replaces", None) or "")
            if source is not None:
                empty = {name for name in empty if getattr(source, name) is not None}
            assert empty <= set(table[edit.entity].left_empty)


@pytest.mark.parametrize("intent", [intent for intent in INTENTS if intent != "undo"])
def test_a_new_row_of_a_kind_with_sources_takes_the_place_of_another_row(intent: Intent) -> None:
    table = writes(intent)
    for _, change_set in planned(intent):
        sources = sources_of(change_set)
        for edit in _edits(change_set):
            if edit.op == "create" and table[edit.entity].has_sources:
                assert edit.key in sources
