"""Prepared change sets: a copy has lost what was verified of the original."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.compiling import Compiled
from stored_questions import planned


def tampered(change_set: ChangeSet) -> ChangeSet:
    """Return a change set that needs a confirmation, with one other content than was confirmed."""
    assert change_set.needs_confirmation
    assert change_set.confirmation is not None
    return attrs.evolve(change_set, tolerated=(*change_set.tolerated, "double_booking:A1:A2"))


def evolved(compiled: Compiled, change_set: ChangeSet) -> list[Compiled]:
    """Return copies with each field put by hand, and one with all the fields of another content."""
    fields: dict[str, Any] = {
        field.name: getattr(compiled, field.name)
        for field in attrs.fields(Compiled)
        if field.name != "change_set"
    }
    copies = [attrs.evolve(compiled, **{name: value}) for name, value in fields.items()]
    return [*copies, attrs.evolve(compiled, change_set=change_set), Compiled(change_set, **fields)]


def test_no_copy_that_was_changed_by_hand_is_applied() -> None:
    """A change set that needs a confirmation could otherwise be applied with other steps than were confirmed."""
    data, change_set = planned("merge")[0]
    compiled = am.changes.compiled(change_set)
    for changed in evolved(compiled, tampered(change_set)):
        for other in (changed, copy.copy(changed), pickle.loads(pickle.dumps(changed))):  # noqa: S301 - our own bytes
            for use in (
                lambda it: am.changes.check_step(data, it, 1),
                lambda it: am.changes.Applier(it, by="a test"),
            ):
                with pytest.raises(am.InvalidValueError) as refused:
                    use(other)
                assert (refused.value.code, refused.value.facts["field"]) == ("not_verified", "compiled")
                assert refused.value.describe("en") != refused.value.describe("fr")
    assert am.changes.check_step(data, compiled, 1).failures == ()


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])  # noqa: S301 - our own bytes
def test_a_copied_set_is_verified_again(copied: Any) -> None:
    data, change_set = planned("merge")[0]
    compiled = am.changes.compiled(change_set)
    assert am.changes.check_step(data, copied(compiled), 1) == am.changes.check_step(data, compiled, 1)
    object.__setattr__(compiled, "change_set", tampered(change_set))
    with pytest.raises(am.ApplyRefused) as refused:
        copied(compiled)
    assert [failure.code for failure in refused.value.failures] == ["plan_id_mismatch"]
