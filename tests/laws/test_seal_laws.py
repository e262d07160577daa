"""The laws of the seal: a set that is confirmed is applied with the content that was planned, however it came."""

from __future__ import annotations

import copy
import pickle
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.testing.strategies import PlannedCase, planned_cases
from accountmerge.wire import canonical
from small_values import NOON, access, appointment, customer, record, request, slot, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

CONFIRMED_KINDS: Any = ("merge", "undo")
SEALED = [
    field.name
    for field in attrs.fields(am.ChangeSet)
    if field.name not in ("plan_id", "through", "confirmation", "annotations")
]
"""The fields of a change set that its plan id is made from."""


def altered(change_set: am.ChangeSet, field: str) -> am.ChangeSet:
    """Return a set with another value in one field, and all else as it is."""
    entry = am.changes.LedgerEntry(
        entity="customer",
        id="x",
        field="address",
        value=am.model.FrozenJson.of(1),
        from_id="x",
        rule="edited",
    )
    told = am.changes.Obligation(
        kind="end_sessions", whom="support_team", when="afterwards", facts=am.model.Facts(customer_id="x")
    )
    others: dict[str, Any] = {
        "intent": "merge" if change_set.intent != "merge" else "undo",
        "request": am.model.FrozenJson.of({"other": change_set.request.value}),
        "rules_digest": change_set.rules_digest + "0",
        "at": change_set.at + timedelta(microseconds=1),
        "requires": (*change_set.requires, "another"),
        "blocked": (*change_set.blocked, "email_same"),
        "steps": change_set.steps[:-1],
        "undo": "never" if change_set.undo != "never" else "while_unchanged",
        "tolerated": (*change_set.tolerated, "another:id"),
        "ledger": (*change_set.ledger, entry),
        "obligations": (*change_set.obligations, told),
        "held": (*change_set.held, ("record", ("x",))),
        "images": change_set.images[1:]
        or (am.Customer(id="x", record_number="x", emails=(), status="active"),),
        "clusters": (*change_set.clusters, ("x", ("x",))),
        "must_be_confirmed": not change_set.must_be_confirmed,
    }
    return attrs.evolve(change_set, **{field: others[field]})


def refusal(snapshot: am.Snapshot, work: Any, do: Callable[..., object] = am.apply) -> list[str]:
    with pytest.raises(am.ApplyRefused) as refused:
        do(snapshot, work)
    return [failure.code for failure in refused.value.failures]


@given(planned_cases(intents=CONFIRMED_KINDS), st.sampled_from(SEALED))
def test_a_confirmed_set_of_other_content_is_refused(case: PlannedCase, field: str) -> None:
    other = altered(case.change_set, field)
    assert other.plan_id == case.change_set.plan_id
    for forged in (other, pickle.loads(pickle.dumps(other)), other.prefix(0)):  # noqa: S301 - our own bytes
        assert am.check(case.snapshot, forged) == (
            am.changes.Failure.of("plan_id_mismatch", plan_id=forged.plan_id),
        )
        for do in (am.apply, am.resume):
            assert refusal(case.snapshot, forged, do) == ["plan_id_mismatch"]


@given(planned_cases(intents=CONFIRMED_KINDS), st.data())
def test_any_edit_or_guard_that_is_changed_is_seen(case: PlannedCase, data: st.DataObject) -> None:
    steps = case.change_set.steps
    place = data.draw(st.integers(0, len(steps) - 1))
    step = steps[place]
    others = [
        attrs.evolve(step, edits=step.edits[1:]),
        attrs.evolve(step, guards=(*step.guards, *step.guards)),
    ]
    if step.guards:
        others.append(attrs.evolve(step, guards=()))
    for other in others[1:] if step.edits[1:] == step.edits else others:
        forged = attrs.evolve(case.change_set, steps=(*steps[:place], other, *steps[place + 1 :]))
        if forged != case.change_set:
            assert refusal(case.snapshot, forged) == ["plan_id_mismatch"]


COPIES: dict[str, Callable[[am.ChangeSet], Any]] = {
    "JSON": lambda change_set: am.loads(am.dumps(change_set)),
    "pickle": lambda change_set: pickle.loads(pickle.dumps(change_set)),  # noqa: S301 - our own bytes
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "evolve": attrs.evolve,
    "annotations": lambda change_set: attrs.evolve(
        change_set, annotations=am.model.FrozenJson.of({"seen": True})
    ),
    "through": lambda change_set: attrs.evolve(change_set, through=len(change_set.steps)),
    "confirmation": lambda change_set: change_set.confirm(by="Ana Duarte", at=change_set.at),
}


@given(planned_cases(intents=CONFIRMED_KINDS))
def test_a_copy_of_the_same_content_is_accepted(case: PlannedCase) -> None:
    change_set = case.change_set
    whole = am.apply(case.snapshot, change_set)
    for how, copied in COPIES.items():
        twin = copied(change_set)
        assert twin.plan_id == change_set.plan_id
        assert am.check(case.snapshot, twin) == ()
        assert am.apply(case.snapshot, twin) == whole
        if how in ("JSON", "pickle", "copy", "deepcopy", "evolve"):
            assert (twin, hash(twin), repr(twin)) == (change_set, hash(change_set), repr(change_set))
            assert am.dumps(twin) == am.dumps(change_set)


def test_a_set_that_needs_no_confirmation_and_has_none_is_not_judged() -> None:
    data = snapshot(appointments=[appointment("A1", slot(60))], access=[access()])
    change_set = am.plan_migration(data, request(), at=NOON).change_set
    other = attrs.evolve(change_set, obligations=())
    assert not am.check(data, other)
    assert refusal(data, other.confirm(by="Ann Example", at=NOON)) == ["plan_id_mismatch"]


def test_the_need_of_a_confirmation_cannot_be_taken_from_a_set() -> None:
    data = snapshot(appointments=[appointment("A1", slot(60))], access=[access()])
    rules = am.MigrationRules(needs_confirmation=True)
    migration = am.plan_migration(data, request(), rules=rules, at=NOON).change_set
    assert refusal(data, migration) == ["unconfirmed"]
    assert refusal(data, attrs.evolve(migration, must_be_confirmed=False)) == ["plan_id_mismatch"]
    data, confirmed = large_merge(2)
    merge = attrs.evolve(confirmed, confirmation=None)
    assert refusal(data, merge) == ["unconfirmed"]
    for n, step in enumerate(merge.steps):
        for steps in ((attrs.evolve(step, ordinal=1),), merge.steps[:n]):
            for do in (am.apply, am.resume):
                assert refusal(data, attrs.evolve(merge, steps=steps), do) == ["plan_id_mismatch"]


def test_text_that_no_file_could_hold_is_refused_as_altered() -> None:
    data, confirmed = large_merge(1)
    forged = attrs.evolve(confirmed, rules_digest="\ud800")
    assert refusal(data, forged) == ["plan_id_mismatch"]


# The digest is computed once


def large_merge(records: int) -> tuple[am.Snapshot, am.ChangeSet]:
    """Return a confirmed merge that moves so many records, and its data."""
    rows = [record(f"N{n}", customer_id="C2") for n in range(records)]
    data = snapshot(
        customers=[customer("C1"), customer("C2")],
        records=rows,
        access=[access("X1"), access("X2", customer_id="C2")],
    )
    asked = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1")
    return data, am.plan_merge(data, asked, at=NOON).confirm(by="Ann Example", at=NOON)


@pytest.fixture
def digests(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count how often the content of a set is digested."""
    counted: list[int] = []
    compute = canonical.plan_id_of

    def counting(change_set: am.ChangeSet) -> str:
        counted.append(len(change_set.steps))
        return compute(change_set)

    monkeypatch.setattr(canonical, "plan_id_of", counting)
    return counted


@pytest.mark.unmeasured
@pytest.mark.parametrize("how", ["as planned", "JSON", "pickle"])
def test_a_merge_that_is_applied_step_by_step_is_digested_once(digests: list[int], how: str) -> None:
    data, confirmed = large_merge(300)
    assert digests == [len(confirmed.steps)]
    if how != "as planned":
        digests.clear()
        confirmed = COPIES[how](confirmed)
    for n in range(1, len(confirmed.steps) + 1):
        data = am.apply(data, confirmed.prefix(n).confirm(by="Ann Example", at=NOON))
    assert not am.check(data, confirmed)
    assert am.resume(data, confirmed).is_finished
    assert digests == [len(confirmed.steps)]
    assert data.customers["C2"].merged_into == "C1"


@pytest.mark.unmeasured
def test_a_merge_of_ten_thousand_records_is_digested_once(digests: list[int]) -> None:
    """Applied in six parts, for each part replays all before it."""
    data, confirmed = large_merge(10_000)
    last = len(confirmed.steps)
    for n in (1, 2, last // 2, last - 1, last, last):
        data = am.apply(data, confirmed.prefix(n))
    assert digests == [last]
    assert last > 10_000


def test_a_set_that_is_refused_is_digested_once_as_well(digests: list[int]) -> None:
    data, confirmed = large_merge(1)
    forged = attrs.evolve(confirmed, steps=confirmed.steps[1:])
    digests.clear()
    for n in range(len(forged.steps)):
        assert refusal(data, forged.prefix(n)) == ["plan_id_mismatch"]
    assert len(digests) == 1


def test_a_mark_is_not_handed_on_to_other_content(digests: list[int]) -> None:
    data, confirmed = large_merge(1)
    assert not am.check(data, confirmed)
    for other in (attrs.evolve(confirmed), copy.copy(confirmed), pickle.loads(pickle.dumps(confirmed))):  # noqa: S301
        digests.clear()
        assert not am.check(data, other)
        assert len(digests) == 1


# A plan or a set


def test_a_plan_is_taken_for_its_change_set() -> None:
    data = snapshot(appointments=[appointment("A1", slot(60))], access=[access()])
    plan = am.plan_migration(data, request(), at=NOON)
    assert am.check(data, plan) == am.check(data, plan.change_set) == ()
    after = am.apply(data, plan)
    assert after == am.apply(data, plan.change_set)
    assert am.resume(after, plan) == am.resume(after, plan.change_set)
    assert am.invert(plan) == am.invert(plan.change_set)
    blocked = am.plan_migration(data, request(ticket=""), at=NOON)
    assert refusal(data, blocked) == ["blocked"]
    assert [failure.code for failure in am.check(data, blocked)] == ["blocked"]


@pytest.mark.parametrize("other", [None, "plan", {}, am.MigrationRules()])
def test_anything_else_than_a_plan_or_a_set_is_refused_in_words(other: Any) -> None:
    for do in (am.apply, am.check, am.resume):
        with pytest.raises(am.InvalidValueError) as refused:
            do(snapshot(), other)
        assert "a plan or a ChangeSet" in str(refused.value)
    with pytest.raises(am.InvalidValueError):
        am.invert(other)
    with pytest.raises(am.InvalidValueError) as no_plan:
        am.rebase(snapshot(), other)
    assert "a plan" in str(no_plan.value)


def test_a_bare_set_cannot_be_planned_again() -> None:
    data, confirmed = large_merge(1)
    with pytest.raises(am.InvalidValueError):
        am.rebase(data, confirmed)  # type: ignore[type-var]


# Who confirms, and when

NAMES = ["Ana Duarte", "Łucja", "李小龍", "A", "O’Neill-Roy 2", "हिन्दी"]
BLANK = [
    "",
    " ",
    "\t\n",
    "\u200b",
    "\u200b\u200d\ufeff",
    "\u00a0",
    "\u2800",
    "\u3164",
    "\u0301",
    "Ana\u200b",
    "Ana\n",
    "a\x00b",
]


@pytest.mark.parametrize("name", BLANK)
def test_nobody_who_cannot_be_seen_confirms(name: str) -> None:
    data, confirmed = large_merge(1)
    asked = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1")
    plan = am.plan_merge(data, asked, at=NOON)
    for confirm in (plan.confirm, plan.change_set.confirm):
        with pytest.raises(am.InvalidValueError) as refused:
            confirm(by=name, at=NOON)
        assert refused.value.code == "confirmed_by_nobody"
    try:
        by = am.changes.Confirmation(by=name, at=NOON, plan_id=plan.plan_id)
    except am.InvalidValueError as wrong:
        assert str(wrong).startswith("Confirmation.by: ")  # noqa: PT017 - a lone combining mark can be made
    else:
        assert refusal(data, attrs.evolve(confirmed, confirmation=by)) == ["unconfirmed"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_any_script_confirms(name: str) -> None:
    data, confirmed = large_merge(1)
    assert not am.check(data, confirmed.confirm(by=name, at=NOON))


def test_nobody_confirms_a_plan_before_its_data_were_read() -> None:
    data, _ = large_merge(1)
    asked = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1")
    plan = am.plan_merge(data, asked, at=NOON)
    assert plan.taken_at == data.taken_at
    early = data.taken_at - timedelta(microseconds=1)
    with pytest.raises(am.InvalidValueError) as refused:
        plan.confirm(by="Ann Example", at=early)
    assert refused.value.code == "confirmed_too_early"
    assert plan.confirm(by="Ann Example", at=data.taken_at).confirmation
    ahead = plan.change_set.confirm(by="Ann Example", at=early)  # a set does not know when its data were read
    assert not am.check(data, ahead)
    assert am.apply(data, ahead).customers["C2"].merged_into == "C1"
    old = attrs.evolve(plan, taken_at=None)
    assert old.confirm(by="Ann Example", at=early) == ahead


def test_when_the_data_were_read_is_written_with_the_plan_and_not_in_the_set() -> None:
    data, _ = large_merge(1)
    asked = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1")
    plan = am.plan_merge(data, asked, at=NOON)
    assert am.loads(am.dumps(plan)) == plan
    old = attrs.evolve(plan, taken_at=None)
    assert "taken_at" in am.dumps(plan)
    assert "taken_at" not in am.dumps(old)
    assert am.loads(am.dumps(old)) == old
    assert am.dumps(old.change_set) == am.dumps(plan.change_set)
