"""Resuming: how far the data are, what is left with the ids and numbers of the store, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest

import accountmerge as am
from small_values import NOON, access, appointment, customer, migration, slot, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

FOUND = snapshot(appointments=[appointment("A0", slot(60), version=0)], access=[access()])
PLAN = am.plan_migration(FOUND, migration(0).request, at=NOON)
CHANGE_SET = PLAN.change_set
REBOOK = next(step for step in CHANGE_SET.steps if step.kind == "rebook")
NEW = next(edit.id for edit in REBOOK.edits if edit.op == "create" and edit.entity == "appointment")
ACCESS = next(edit.id for edit in REBOOK.edits if edit.entity == "access")


def receipt(*written: am.changes.WrittenEntity, **fields: Any) -> am.Receipt:
    """Return what a store told of a step of which it does not know whether it got to its end."""
    given: dict[str, Any] = {"step_id": f"{CHANGE_SET.plan_id}/{REBOOK.ordinal}", "outcome": "unknown"}
    return am.Receipt(written=written, at=NOON, by="a store", **(given | fields))


def entry(
    id: str, number: str | None, entity: Any = "appointment", **fields: Any
) -> am.changes.WrittenEntity:
    return am.changes.WrittenEntity(entity=entity, id=id, number=number, **fields)


def left(known: Iterable[am.Receipt], current: am.Snapshot | None = None) -> dict[str, am.changes.Edit]:
    """Return the edits of the rebooking as they are left to do, after everything before it."""
    part = current or am.apply(FOUND, CHANGE_SET.prefix(REBOOK.ordinal - 1))
    step = next(step for step in am.resume(part, CHANGE_SET, known).steps if step.kind == "rebook")
    return {edit.id: edit for edit in step.edits}


def numbers(edits: dict[str, am.changes.Edit]) -> dict[str, tuple[str | None, str | None]]:
    """Return the numbers that the images of bookings have, before and after."""
    return {
        id: (getattr(edit.before, "number", None), getattr(edit.after, "number", None))
        for id, edit in edits.items()
        if edit.entity == "appointment"
    }


def test_what_is_left_has_the_numbers_that_the_store_gave() -> None:
    assert numbers(left([])) == {NEW: (None, None), "A0": (None, None)}
    assert left([]) == {edit.id: edit for edit in REBOOK.edits}
    told = left([receipt(entry(NEW, "APP-900"), entry("A0", "APP-1"))])
    assert numbers(told) == {NEW: (None, "APP-900"), "A0": ("APP-1", "APP-1")}
    for edit in REBOOK.edits:  # and nothing but the numbers is another
        for image, planned in ((told[edit.id].before, edit.before), (told[edit.id].after, edit.after)):
            blank = attrs.evolve(image, number=None) if isinstance(image, am.Appointment) else image
            assert blank == planned


def test_a_number_stays_with_the_id_that_the_store_gave() -> None:
    part = am.apply(FOUND, CHANGE_SET.prefix(REBOOK.ordinal - 1))
    booked = next(edit.after for edit in REBOOK.edits if edit.id == NEW)
    assert isinstance(booked, am.Appointment)
    own = part.changed([attrs.evolve(booked, id="77", number="APP-900")])
    told = left([receipt(entry(NEW, "APP-900", store_id="77"))], own)
    assert numbers(told) == {"77": (None, "APP-900"), "A0": (None, None)}
    assert left([receipt(entry(NEW, None, store_id="77"))], own).keys() == told.keys()


def test_a_number_that_was_planned_is_not_written_over() -> None:
    numbered = FOUND.changed([attrs.evolve(FOUND.appointments["A0"], number="APP-1")])
    change_set = am.plan_migration(
        numbered, attrs.evolve(PLAN.request, numbers={"A0": "APP-2"}), at=NOON
    ).change_set
    known = receipt(
        entry(NEW, "APP-8"), entry("A0", "APP-9"), step_id=f"{change_set.plan_id}/{REBOOK.ordinal}"
    )
    steps = am.resume(numbered, change_set, [known]).steps
    edits = {edit.id: edit for step in steps for edit in step.edits}
    assert numbers(edits) == {NEW: (None, "APP-2"), "A0": ("APP-1", "APP-1")}


def test_numbers_are_those_of_this_plan_and_of_appointments() -> None:
    elsewhere = receipt(entry(NEW, "APP-900"), step_id="another/3")
    of_others = receipt(entry(NEW, "APP-900", "record"), entry(ACCESS, "APP-901"), entry("A0", None))
    for known in ([elsewhere], [of_others]):
        assert left(known) == left([])


def test_progress_is_told_edit_by_edit() -> None:
    for n in range(len(CHANGE_SET.steps) + 1):
        report = am.resume(am.apply(FOUND, CHANGE_SET.prefix(n)), CHANGE_SET)
        done = sum(len(step.edits) for step in CHANGE_SET.steps[:n])
        rest = sum(len(step.edits) for step in CHANGE_SET.steps[n:])
        assert (report.count("done"), report.count("to_apply"), report.count("drifted")) == (done, rest, 0)
        assert repr(report) == f"Resumption({rest} to_apply, {done} done, 0 drifted)"
        assert report.steps == CHANGE_SET.steps[n:]
        assert [(edit.step, edit.entity, edit.id, edit.store_id) for edit in report.edits] == [
            (step.ordinal, edit.entity, edit.id, edit.id) for step in CHANGE_SET.steps for edit in step.edits
        ]


def test_what_somebody_else_wrote_is_drifted_and_not_left_to_do() -> None:
    report = am.resume(FOUND.changed([attrs.evolve(FOUND.appointments["A0"], modality="phone")]), CHANGE_SET)
    assert [(edit.step, edit.id) for edit in report.drifted] == [(REBOOK.ordinal, "A0")]
    assert not report.is_finished
    assert REBOOK in report.steps  # its other edits are still to be done


def test_a_set_whose_images_do_not_join_is_refused() -> None:
    (step, *_) = am.customers.plan_customer_edit(
        FOUND, am.customers.CustomerEdit(customer_id="C1", changes={"address": "here"}), at=NOON
    ).change_set.steps
    twice = attrs.evolve(CHANGE_SET, steps=(step, attrs.evolve(step, ordinal=2)))
    gap = am.changes.Edit(customer("C1", address="there"), customer("C1", address="elsewhere"))
    apart = attrs.evolve(CHANGE_SET, steps=(step, attrs.evolve(step, ordinal=2, edits=(gap,))))
    back = am.changes.Edit(step.edits[0].after, step.edits[0].before)
    again = attrs.evolve(CHANGE_SET, steps=(step, attrs.evolve(step, ordinal=2, edits=(back,))))
    wrong = {twice: {"image_gap", "image_recurs"}, apart: {"image_gap"}, again: {"image_recurs"}}
    for change_set, codes in wrong.items():
        with pytest.raises(am.ApplyRefused) as refusal:
            am.resume(FOUND, change_set)
        assert refusal.value.failures == am.check(FOUND, change_set)
        assert {failure.code for failure in refusal.value.failures} == codes
        for failure in refusal.value.failures:
            assert (failure.step, failure.facts) == (2, am.model.Facts(entity="customer", id="C1"))
