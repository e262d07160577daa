"""Which ids others replace, and where an id leads now."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.model.entities import KINDS, Entity
from accountmerge.testing.strategies import PlannedCase, planned_cases, snapshots
from small_values import NOON, access, appointment, customer, profile, record, slot, snapshot

Row = tuple[str, str, str]


def expected(before: am.Snapshot, after: am.Snapshot, change_set: am.ChangeSet) -> set[Row]:
    """Return what moved by the data before and after alone: links that are new, or gone by an undo."""
    found: set[Row] = set()
    for name, link in (
        ("appointment", "replaced_by"),
        ("profile", "succeeded_by"),
        ("customer", "merged_into"),
    ):
        collection: Any = next(kind.collection for kind in KINDS if kind.name == name)
        old, new = before.table(collection), after.table(collection)
        for id in {row.id for row in (*old, *new)}:
            was, now = (getattr(table.get(id), link, None) for table in (old, new))
            if now is not None and now != was:
                found.add((name, id, now))
            elif was is not None and now is None and name != "customer" and change_set.intent == "undo":
                found.add((name, was, id))
    for row in after.appointments:
        if row.replaces is not None and row.id not in before.appointments:
            found.add(("appointment", row.replaces, row.id))
    return found


def rows(found: tuple[am.changes.Moved, ...]) -> list[Row]:
    return [(row.entity, row.old_id, row.new_id) for row in found]


def receipts_of(change_set: am.ChangeSet, through: int, ids: dict[Any, str]) -> list[am.Receipt]:
    """Return a receipt of each step, later ones lost, and one of another plan."""
    receipts = []
    for step in change_set.steps:
        made = [edit for edit in step.edits if edit.before is None]
        written = [
            am.changes.WrittenEntity(entity=edit.entity, id=edit.id, store_id=ids[edit.key]) for edit in made
        ]
        outcome: Any = "applied" if step.ordinal <= through else "unknown"
        at = NOON.replace(minute=step.ordinal % 60)
        others: Any = "applied"
        for plan_id, kind in ((change_set.plan_id, outcome), ("0" * 64, others)):
            step_id = f"{plan_id}/{step.ordinal}"
            given_ids = written if plan_id == change_set.plan_id else []
            receipts.append(am.Receipt(step_id=step_id, outcome=kind, written=given_ids, at=at, by="sync"))
    return receipts


@given(planned_cases(), st.data())
def test_what_moved_is_what_the_data_say_after_every_step(case: PlannedCase, data: Any) -> None:
    change_set = case.change_set
    through = data.draw(st.integers(0, len(change_set.steps)))
    after = am.apply(case.snapshot, change_set.prefix(through))
    found = am.changes.moved(change_set.prefix(through))
    linked = [row for row in rows(found) if row[0] != "record"]
    assert set(linked) == expected(case.snapshot, after, change_set)
    assert len(set(linked)) == len(linked)
    assert [row.step for row in found] == sorted(row.step for row in found)
    for row in found:
        event(row.why)
        assert row.why == change_set.steps[row.step - 1].reason.code
        assert row.at is None
    for entity, old_id, new_id in rows(found):
        if entity == "record":
            assert old_id in case.snapshot.records
            assert new_id in after.records
    assert am.changes.moved(change_set.prefix(len(change_set.steps))) == am.changes.moved(change_set)


@given(planned_cases(), st.data())
def test_with_receipts_only_written_steps_count_with_the_ids_of_the_store(
    case: PlannedCase, data: Any
) -> None:
    change_set = case.change_set
    through = data.draw(st.integers(0, len(change_set.steps)))
    made = [edit.key for step in change_set.steps for edit in step.edits if edit.before is None]
    ids = {key: f"own-{number}" for number, key in enumerate(made)}
    planned = am.changes.moved(change_set.prefix(through))
    found = am.changes.moved(change_set, receipts_of(change_set, through, ids))
    assert rows(found) == [
        (row.entity, own(ids, row.entity, row.old_id), own(ids, row.entity, row.new_id)) for row in planned
    ]
    assert [row.at for row in found] == [NOON.replace(minute=row.step % 60) for row in found]
    assert am.changes.moved(change_set, []) == ()


def own(ids: dict[Any, str], entity: Any, id: str) -> str:
    return ids.get((entity, id), id)


def test_records_lead_to_their_copies_and_dropped_ones_to_the_kept_ones() -> None:
    before = snapshot(
        records=[record("R1", profile_id="P1"), record("R2", profile_id="P1", kind="file")],
        profiles=[profile()],
    )
    rules = am.MigrationRules(
        record_kinds=[
            am.migrations.ProfileRecords(kind="note", becomes="copied"),
            am.migrations.ProfileRecords(kind="file", becomes="moves"),
        ]
    )
    plan = am.plan_migration(before, migration_request(), rules=rules, at=NOON)
    assert plan.is_ready
    after = am.apply(before, plan)
    (copy,) = (row.id for row in after.records if row.id not in before.records)
    assert [row for row in rows(am.changes.moved(plan)) if row[0] == "record"] == [("record", "R1", copy)]

    twins = [record("R1", unique_key="k"), record("R2", customer_id="C2", unique_key="k")]
    people = snapshot(
        customers=[customer("C1"), customer("C2")],
        records=twins,
        access=[access(), access("X2", customer_id="C2")],
    )
    merge_rules = am.MergeRules(record_kinds=[am.merges.RecordKind(kind="note", one_per_customer=True)])
    merge = am.plan_merge(
        people, am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1"), rules=merge_rules, at=NOON
    )
    assert rows(am.changes.moved(merge)) == [("record", "R2", "R1"), ("customer", "C2", "C1")]


def migration_request() -> am.MigrationRequest:
    agreement = am.Agreement(by="Ann Example", at=NOON, version="1")
    return am.MigrationRequest(
        profile_id="P1",
        new_email="new@example.com",
        reason="lost_mailbox",
        agreement=agreement,
        ticket="T-1",
    )


# Where an id leads


@given(planned_cases())
def test_each_old_id_leads_where_its_new_id_leads(case: PlannedCase) -> None:
    after = am.apply(case.snapshot, case.change_set)
    for row in am.changes.moved(case.change_set):
        if row.entity != "record" and row.old_id in table_of(after, row.entity):
            now = am.changes.where_now(after, row.old_id, entity=row.entity)
            assert now == am.changes.where_now(after, row.new_id, entity=row.entity)
            assert now is not None


def table_of(data: am.Snapshot, entity: str) -> Any:
    return data.table(next(kind.collection for kind in KINDS if kind.name == entity))


@given(snapshots())
def test_the_end_of_every_chain_leads_to_itself(drawn: am.Snapshot) -> None:
    for kind in KINDS:
        for row in drawn.table(kind.collection):
            now = am.changes.where_now(drawn, row.id, entity=kind.name)
            if now is not None:
                assert type(now) is type(row)
                assert am.changes.where_now(drawn, now.id, entity=kind.name) == now


def chain(*links: tuple[str, str | None, str | None], **more: Any) -> am.Snapshot:
    """Return appointments, each with what it replaces and what replaces it."""
    booked = [
        appointment(
            id,
            slot(60),
            status="booked" if after is None else "cancelled",
            replaces=before,
            replaced_by=after,
        )
        for id, before, after in links
    ]
    return snapshot(customers=[customer("C1"), customer("C2")], appointments=booked, **more)


def led(data: am.Snapshot, id: str) -> str | None:
    found: Entity | None = am.changes.where_now(data, id)
    return None if found is None else found.id


def test_either_half_of_a_link_is_enough_over_any_number_of_links() -> None:
    whole = chain(("A1", None, "A2"), ("A2", "A1", "A3"), ("A3", "A2", None))
    first_halves = chain(("A1", None, "A2"), ("A2", None, "A3"), ("A3", None, None))
    second_halves = chain(("A1", None, None), ("A2", "A1", None), ("A3", "A2", None))
    for data in (whole, first_halves, second_halves):
        assert [led(data, id) for id in ("A1", "A2", "A3")] == ["A3", "A3", "A3"]
    long = chain(*((f"A{n}", f"A{n - 1}" if n else None, None) for n in range(3_000)))
    assert led(long, "A0") == "A2999"


def test_of_several_replacements_a_live_one_is_taken_then_the_least_id() -> None:
    data = chain(("A1", None, None), ("A2", "A1", None), ("A3", "A1", None), ("A4", "A1", None))
    assert led(data, "A1") == "A2"
    ended = attrs.evolve(data.appointments["A2"], status="cancelled")
    assert led(data.changed([ended]), "A1") == "A3"


def test_a_booking_of_another_person_is_no_replacement() -> None:
    data = chain(("A1", None, "A2"), ("A2", "A1", None))
    other = attrs.evolve(data.appointments["A2"], customer_id="C2")
    assert led(data.changed([other]), "A1") == "A1"
    merged = attrs.evolve(data.customers["C1"], merged_into="C2", status="disabled")
    assert led(data.changed([other, merged]), "A1") == "A2"


def test_customers_and_profiles_are_followed_and_other_entities_stay() -> None:
    data = snapshot(
        customers=[customer("C1", merged_into="C2"), customer("C2", merged_into="C3"), customer("C3")],
        profiles=[profile("P1", succeeded_by="P2"), profile("P2")],
        records=[record()],
    )
    assert [led(data, id) for id in ("C1", "C2", "C3", "P1", "P2", "R1")] == [
        "C3",
        "C3",
        "C3",
        "P2",
        "P2",
        "R1",
    ]
    assert led(data, "absent") is None


def test_circles_lead_nowhere() -> None:
    data = snapshot(
        customers=[customer("C1", merged_into="C2"), customer("C2", merged_into="C1"), customer("C3")],
        profiles=[profile("P1", succeeded_by="P1")],
        appointments=[
            appointment("A1", customer_id="C3", replaced_by="A2"),
            appointment("A2", customer_id="C3", replaces="A2", replaced_by="A3"),
            appointment("A3", customer_id="C3", replaced_by="A2"),
            appointment("A4", customer_id="C3", replaces="A4"),
        ],
    )
    assert [led(data, id) for id in ("C1", "C2", "P1", "A1", "A2", "A3", "A4")] == [None] * 7


def test_an_id_of_several_kinds_needs_its_kind() -> None:
    data = snapshot(customers=[customer("1"), customer()], records=[record("1")])
    with pytest.raises(am.InvalidValueError) as caught:
        am.changes.where_now(data, "1")
    assert caught.value.code == "id_of_several"
    assert am.changes.where_now(data, "1", entity="record") == data.records["1"]
    assert am.changes.where_now(data, "1", entity="customer") == data.customers["1"]
    assert am.changes.where_now(data, "1", entity="access") is None
    wrong: Any = "customers"
    with pytest.raises(am.InvalidValueError) as caught:
        am.changes.where_now(data, "1", entity=wrong)
    assert caught.value.code == "not_one_of"
