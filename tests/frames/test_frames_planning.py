"""Plans from frames are those of the planners of values, group by group, and a group with bad rows fails alone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import attrs
import polars as pl
import pytest
from hypothesis import event, given, settings

import accountmerge as am
from accountmerge.frames import group_plans, local_planning, spark_planning
from accountmerge.frames.bulk_planning import PlannedChanges, merge_changes, migration_changes
from accountmerge.frames.packed_rows import Reading
from accountmerge.frames.request_rows import text_of
from accountmerge.frames.row_frames import rows
from accountmerge.frames.snapshot_tables import tables
from accountmerge.model.identifiers import derived_id
from accountmerge.testing.strategies import merge_cases, migration_cases
from small_values import NOON, access, appointment, customer, profile, record, slot, snapshot
from strategies import BATCH_RULES, batch_cases, cohort_cases

if TYPE_CHECKING:
    from collections.abc import Iterable

FEWER = settings(max_examples=settings().max_examples // 2)
"""Each example is planned twice, and frames cost the same however few rows they have."""
EDIT_KEYS = ("plan_id", "order", "step", "kind", "edit", "op", "entity", "id", "fields", "before", "after")


def edit_rows(plans: Iterable[Any], order: Iterable[int]) -> list[tuple[Any, ...]]:
    """Return the rows of the edits of plans, as `frames.rows` has them, with their places."""
    expected: list[tuple[Any, ...]] = []
    for plan, place in zip(plans, order, strict=True):
        numbers = [n for step in plan.change_set.steps for n in range(1, len(step.edits) + 1)]
        edits = rows(plan, of=am.changes.Edit, values=True).with_columns(
            order=place, edit=pl.Series(numbers, dtype=pl.Int64)
        )
        expected += edits.select(EDIT_KEYS).rows()
    return sorted(expected, key=repr)


def columns_of(whole: am.Snapshot) -> Any:
    """Return the tables of a snapshot as frames, by the names of arguments."""
    return tables(whole, values=True)


def merge_plans(whole: am.Snapshot, requests: list[am.MergeRequest], **fields: Any) -> PlannedChanges:
    return merge_changes(
        requests,
        taken_at=whole.taken_at,
        complete_for=whole.complete_for,
        **columns_of(whole),
        **fields,
    )


def moves(whole: am.Snapshot, requests: Iterable[Any], **fields: Any) -> PlannedChanges:
    return migration_changes(
        list(requests),
        taken_at=whole.taken_at,
        complete_for=whole.complete_for,
        **columns_of(whole),
        **fields,
    )


def assert_planned_as(batch: am.merges.MergeBatch, changes: PlannedChanges, requests: list[Any]) -> None:
    """Assert that frames say what a batch says: groups, plans, edits with images, and findings."""
    assert changes.failures.is_empty()
    expected: dict[Any, tuple[Any, ...]] = {}
    findings: list[tuple[Any, ...]] = []
    order: list[int] = []
    for group in batch.groups:
        expected |= dict.fromkeys(group.requests, (group.number, None, "not_planned"))
        for place, plan in enumerate(group.plans, start=1):
            order.append(place)
            state = "ready" if plan.is_ready else "blocked"
            expected[plan.request] = (group.number, plan.plan_id, state)
            findings += [
                (group.number, plan.plan_id, finding.id, finding.severity) for finding in plan.findings
            ]
        findings += [(group.number, None, finding.id, finding.severity) for finding in group.findings]
    planned = changes.plans.select("request", "group", "plan_id", "state").rows()
    assert {row[0]: row[1:] for row in planned} == {
        place: expected[request] for place, request in enumerate(requests)
    }
    assert len(planned) == len(requests)
    assert sorted(changes.edits.select(EDIT_KEYS).rows(), key=repr) == edit_rows(batch.plans, order)
    told = changes.findings.select("group", "plan_id", "id", "severity").rows()
    assert sorted(told, key=repr) == sorted(findings, key=repr)


@FEWER
@given(batch_cases())
def test_merges_from_frames_are_those_of_the_batch(case: tuple[am.Snapshot, list[am.MergeRequest]]) -> None:
    whole, requests = case
    batch = am.merges.plan_merges(whole, requests, rules=BATCH_RULES, at=NOON)
    event(f"groups: {len(batch.groups)}")
    changes = merge_plans(whole, requests, rules=BATCH_RULES, at=NOON, values=True)
    assert_planned_as(batch, changes, requests)


@FEWER
@given(merge_cases())
def test_a_merge_from_frames_is_that_of_the_planner(case: Any) -> None:
    whole = case.snapshot
    batch = am.merges.plan_merges(whole, [case.request], rules=case.rules, at=case.at)
    changes = merge_plans(whole, [case.request], rules=case.rules, at=case.at, values=True)
    assert_planned_as(batch, changes, [case.request])


def assert_moved_as(case: Any, requests: tuple[Any, ...], changes: PlannedChanges) -> None:
    assert changes.failures.is_empty()
    states = {row["request"]: row for row in changes.plans.to_dicts()}
    assert sorted(states) == list(range(len(requests)))
    cohort = am.migrations.plan_migrations(case.snapshot, requests, rules=case.rules, at=case.at)
    members = {member.request: member for member in cohort.members}
    plans = {}
    for place, request in enumerate(requests):
        member, row = members[request], states[place]
        if row["state"] == "not_planned":
            assert member.plan is None
            assert {finding.id for finding in member.findings} <= set(changes.findings["id"])
            continue
        plan = member.plan
        if request.window is None:  # a cohort proposes a window, which frames do not
            plan = am.plan_migration(case.snapshot, request, rules=case.rules, at=case.at)
        assert plan is not None
        assert (row["plan_id"], row["state"]) == (plan.plan_id, "ready" if plan.is_ready else "blocked")
        plans[plan.plan_id] = plan
        told = changes.findings.filter(pl.col("plan_id") == plan.plan_id)["id"]
        assert sorted(told) == sorted(finding.id for finding in plan.findings)
    edits = sorted(changes.edits.select(EDIT_KEYS).rows(), key=repr)
    assert edits == edit_rows(plans.values(), [1] * len(plans))


@FEWER
@given(cohort_cases())
def test_moves_from_frames_are_those_of_the_cohort(case: Any) -> None:
    changes = moves(case.snapshot, case.requests, rules=case.rules, at=case.at, values=True)
    assert_moved_as(case, tuple(case.requests), changes)


@FEWER
@given(migration_cases())
def test_a_move_from_frames_is_that_of_the_planner(case: Any) -> None:
    whole = case.snapshot
    plan = am.plan_migration(whole, case.request, rules=case.rules, at=case.at)
    changes = moves(
        whole, [attrs.evolve(case.request, window=None)], rules=case.rules, at=case.at, values=True
    )
    plan = am.plan_migration(whole, attrs.evolve(case.request, window=None), rules=case.rules, at=case.at)
    assert changes.plans["plan_id"].to_list() == [plan.plan_id]
    assert sorted(changes.findings["id"]) == sorted(finding.id for finding in plan.findings)
    assert sorted(changes.edits.select(EDIT_KEYS).rows(), key=repr) == edit_rows([plan], [1])


IDS = ("C1", "C2", "C3", "C4", "C5", "C6")
REQUESTS = [
    am.MergeRequest(survivor=survivor, absorbed=(absorbed,), actor="P1")
    for survivor, absorbed in (("C1", "C2"), ("C3", "C4"), ("C5", "C6"))
]


def practice(**more: Any) -> am.Snapshot:
    """A practice with three merges that have no row in common but the profile that asks."""
    rows: dict[str, Any] = {
        "profiles": [profile("P1"), profile("P2", practitioner_id="H2")],
        "customers": [
            customer(id, emails=[am.CustomerEmail(f"{id}@example.com", "secondary")]) for id in IDS
        ],
        "appointments": [appointment(f"A-{id}", slot(60 * at), customer_id=id) for at, id in enumerate(IDS)],
        "records": [record(f"R-{id}", customer_id=id) for id in IDS],
        "access": [access(f"X-{id}", customer_id=id) for id in IDS],
    }
    return snapshot(**{name: [*rows.get(name, ()), *more.get(name, ())] for name in {*rows, *more}})


MOVE = am.MigrationRequest(
    profile_id="P1",
    new_email="new@example.com",
    reason="security",
    ticket="T-1",
    agreement=am.Agreement(by="Ann Example", at=NOON, version="1"),
    numbers={"A-C1": "APP-1"},
)
OPENED = derived_id("profile", "P1", "T-1")
FAR = {"profile_id": "P2", "customer_id": "C6"}


@pytest.mark.parametrize(
    "taken",
    [
        {"appointments": [appointment(derived_id("appointment", "A-C1", OPENED), slot(900), **FAR)]},
        {"appointments": [appointment("A-far", slot(900), number="APP-1", **FAR)]},
        {"records": [record(derived_id("record", "R-P1", OPENED), customer_id="C6")]},
        {"access": [access(derived_id("access", OPENED, "C1"), **FAR)]},
        {"profiles": [profile(OPENED, practitioner_id="H3")]},
        {"profiles": [profile("P3", practitioner_id="H3", email="NEW@example.com")]},
        {"customers": [customer("C9", emails=[am.CustomerEmail("New@Example.com", "former")])]},
    ],
)
def test_a_move_sees_each_row_in_its_way_wherever_it_is(taken: dict[str, Any]) -> None:
    own = {"records": [record("R-P1", profile_id="P1", kind="file"), *taken.get("records", ())]}
    whole = practice(**{**taken, **own})
    rules = am.MigrationRules(record_kinds=[am.migrations.ProfileRecords(kind="file", becomes="copied")])
    plan = am.plan_migration(whole, MOVE, rules=rules, at=NOON)
    without = am.plan_migration(practice(records=own["records"][:1]), MOVE, rules=rules, at=NOON)
    assert plan.findings != without.findings
    changes = moves(whole, [MOVE], rules=rules, at=NOON)
    assert changes.plans["plan_id"].to_list() == [plan.plan_id]
    assert sorted(changes.findings["id"]) == sorted(finding.id for finding in plan.findings)


def test_a_merge_sees_an_access_row_that_has_the_id_of_a_new_one() -> None:
    rows = [
        access("X-2", profile_id="P2", customer_id="C2"),
        access(derived_id("access", "P2", "C1"), profile_id="P2", customer_id="C6"),
    ]
    whole = practice(access=rows)
    plan = am.plan_merge(whole, REQUESTS[0], at=NOON)
    assert "derived_id_taken" in {finding.code for finding in plan.blockers}
    changes = merge_plans(whole, REQUESTS[:1], at=NOON)
    assert changes.plans["plan_id"].to_list() == [plan.plan_id]


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ('[{"address":"\\u0041nn@example.com","use":"primary"}]', "ann@example.com"),
        ('[{"address":" ANN@EXAMPLE.com ","use":"former"}]', "ann@example.com"),
        ('[{"address":"a\\u0308nn@B\\u00fccher.example","use":"former"}]', "ÄNN@xn--bcher-kva.example"),
        ('[{"use":"secondary","address":"Ann@example.com","login_of":"C4"}]', "ann@example.com"),
    ],
)
def test_a_claimed_mailbox_is_found_in_every_spelling(stored: str, asked: str) -> None:
    holder = customer("C0", emails=[am.CustomerEmail(asked, "primary")])
    frames = columns_of(practice(customers=[customer("C9"), holder]))
    people = frames["customers"]
    is_holder = pl.col("id") == "C9"
    people = people.with_columns(pl.when(is_holder).then(pl.lit(stored)).otherwise("emails").alias("emails"))
    request = am.MergeRequest(survivor="C0", absorbed=["C1"], actor="P1")
    changes = merge_changes([request], taken_at=NOON, at=NOON, **{**frames, "customers": people})
    assert "email_claimed_twice:C0:C9" in changes.findings["id"].to_list()


def damaged(frame: pl.DataFrame, row: str, values: dict[str, Any]) -> pl.DataFrame:
    """Return a table with other values in one row."""
    changed = [
        pl.when(pl.col("id") == row)
        .then(pl.lit(value, frame.schema[name]))
        .otherwise(pl.col(name))
        .alias(name)
        for name, value in values.items()
    ]
    return frame.with_columns(changed)


DAMAGES: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "word": ("appointments", "A-C3", {"status": "no-show"}, "not_in_vocabulary"),
    "end": ("appointments", "A-C3", {"end": NOON - timedelta(days=9)}, "invalid_value"),
    "null": ("appointments", "A-C3", {"start": None}, "missing_key"),
    "nested": ("customers", "C3", {"emails": "ann@example.com"}, "not_json"),
    "reference": ("records", "R-C4", {"attached_to": "R-none"}, "dangling_reference"),
    "no id": ("records", "R-C4", {"id": None}, "missing_key"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_group_with_a_bad_row_fails_alone_with_the_code_of_the_reader(
    damage: tuple[str, str, dict[str, Any], str],
) -> None:
    name, id, values, code = damage
    frames = columns_of(practice())
    right = merge_changes(REQUESTS, taken_at=NOON, at=NOON, **frames)
    bad = {**frames, name: damaged(frames[name], id, values)}
    changes = merge_changes(REQUESTS, taken_at=NOON, at=NOON, **bad)
    assert changes.plans["state"].to_list() == ["ready", "failed", "ready"]
    assert set(changes.failures["group"]) == {2}
    assert code in changes.failures["code"].to_list()
    assert "ann@example.com" not in str(changes.failures.rows())
    others = pl.col("group") != 2
    for mine, theirs in ((changes.edits, right.edits), (changes.findings, right.findings)):
        assert mine.rows() == theirs.filter(others).rows()


def test_two_rows_with_one_id_fail_alone() -> None:
    frames = columns_of(practice())
    twice = pl.concat([frames["records"], frames["records"].filter(pl.col("id") == "R-C3")])
    changes = merge_changes(REQUESTS, taken_at=NOON, at=NOON, **{**frames, "records": twice})
    assert changes.plans["state"].to_list() == ["ready", "failed", "ready"]
    assert changes.failures["code"].to_list() == ["duplicate_id"]


def test_a_group_whose_planning_raises_fails_alone_and_tells_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(whole: am.Snapshot, requests: Any, **fields: Any) -> Any:
        if REQUESTS[1] in requests:
            raise RuntimeError("Ann Example")
        return am.merges.plan_merges(whole, requests, **fields)

    monkeypatch.setattr(group_plans, "plan_merges", failing)
    changes = merge_plans(practice(), REQUESTS, at=NOON)
    assert changes.plans["state"].to_list() == ["ready", "failed", "ready"]
    assert changes.failures.select("group", "code", "facts").rows() == [
        (2, "frame_group_failed", '{"type":"RuntimeError"}')
    ]


def test_requests_come_as_rows_and_bad_ones_are_told_by_their_number() -> None:
    asked = pl.DataFrame(
        {"survivor": ["C1", None, "C5"], "absorbed": [["C2"], ["C4"], ["C6"]], "actor": ["P1", "P1", None]}
    )
    changes = merge_changes(asked, taken_at=NOON, at=NOON, **columns_of(practice()))
    assert changes.plans.sort("request").select("request", "state").rows() == [
        (0, "ready"),
        (1, "failed"),
        (2, "blocked"),
    ]
    assert changes.failures.select("request", "table", "path", "code").rows() == [
        (1, "requests", "survivor", "missing_key")
    ]
    texts = asked.with_columns(absorbed=pl.Series(['["C2"]', "C4", '["C6"]']))
    told = merge_changes(texts, taken_at=NOON, at=NOON, **columns_of(practice()))
    assert told.edits.rows() == changes.edits.rows()


def test_moves_come_as_rows() -> None:
    row = {
        "profile_id": "P1",
        "new_email": "new@example.com",
        "reason": "security",
        "ticket": "T-1",
        "agreement": [{"by": "Ann Example", "at": NOON, "version": "1"}],
        "numbers": '{"A-C1": "APP-1"}',
    }
    changes = migration_changes(pl.DataFrame(row), taken_at=NOON, at=NOON, **columns_of(practice()))
    plan = am.plan_migration(practice(), MOVE, at=NOON)
    assert changes.plans["plan_id"].to_list() == [plan.plan_id]


def engines(frames: dict[str, pl.DataFrame], folder: Any) -> dict[str, dict[str, Any]]:
    parquet = {}
    for name, frame in frames.items():
        frame.write_parquet(folder / f"{name}.parquet")
        parquet[name] = pl.scan_parquet(folder / f"{name}.parquet")
    return {
        "polars": parquet,
        "pandas": {name: frame.to_pandas() for name, frame in frames.items()},
        "pyarrow": {name: frame.to_arrow() for name, frame in frames.items()},
    }


def test_frames_of_every_library_give_the_same_plans_in_that_library(tmp_path: Any) -> None:
    whole = practice(customers=[customer("C9", merged_into="C1", status="disabled")])
    frames = columns_of(whole)
    right = merge_changes(REQUESTS, taken_at=NOON, at=NOON, **frames)
    assert right.failures.is_empty()
    for library, given_frames in engines(frames, tmp_path).items():
        changes = merge_changes(REQUESTS, taken_at=NOON, at=NOON, **given_frames)
        assert type(changes.edits).__module__.startswith(library)
        assert repr(changes) == f"PlannedChanges({library})"
        assert pl.DataFrame(changes.edits).rows() == right.edits.rows()


def test_own_names_words_numbers_and_zones_are_read_as_by_frames_snapshot() -> None:
    frames = columns_of(practice())
    booked = frames["appointments"].with_columns(
        pl.col("start").dt.replace_time_zone(None),
        pl.col("end").dt.replace_time_zone(None),
        status=pl.lit("offen"),
    )
    people = (
        frames["customers"]
        .drop("emails", "version", "version_number")
        .with_columns(primary_email=pl.lit(None, pl.String), secondary_email=pl.col("id") + "@example.com")
    )
    changes = merge_changes(
        REQUESTS,
        taken_at=NOON,
        at=NOON,
        zone="UTC",
        columns={"appointments": {"Client": "customer_id", "Remark": None}},
        words={"appointments": {"status": {"offen": "booked"}}},
        **{
            **frames,
            "customers": people,
            "appointments": booked.rename({"customer_id": "Client"}).with_columns(Remark=pl.lit("x")),
        },
    )
    assert (
        changes.plans["plan_id"].to_list()
        == merge_plans(practice(), REQUESTS, at=NOON).plans["plan_id"].to_list()
    )


def test_ids_may_be_whole_numbers() -> None:
    names = {id: str(number) for number, id in enumerate(IDS, start=1)}
    frames = columns_of(practice())
    numbered = {
        name: frame.with_columns(
            pl.col(column).replace(names).cast(pl.Float64 if name == "records" else pl.Int64)
            for column in ("id", "customer_id")
            if (name == "customers" or column == "customer_id") and column in frame.columns
        )
        for name, frame in frames.items()
    }
    asked = [am.MergeRequest(survivor="1", absorbed=["2"], actor="P1")]
    changes = merge_changes(asked, taken_at=NOON, at=NOON, **numbered)
    assert changes.plans["state"].to_list() == ["ready"]
    assert {"1", "2", "R-C2", "A-C2"} <= set(changes.edits["id"])


def test_progress_is_told_and_groups_do_not_depend_on_how_many_are_planned_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[tuple[int, int]] = []
    right = merge_plans(practice(), REQUESTS, at=NOON)
    monkeypatch.setattr(local_planning, "GROUPS_AT_A_TIME", 1)
    changes = merge_plans(
        practice(), REQUESTS, at=NOON, progress=lambda done, total: told.append((done, total))
    )
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert changes.edits.rows() == right.edits.rows()


def test_personal_values_are_there_on_request_only() -> None:
    hidden = merge_plans(practice(), REQUESTS, at=NOON)
    shown = merge_plans(practice(), REQUESTS, at=NOON, values=True)
    assert "@example.com" not in str(
        hidden.edits.to_dicts() + hidden.plans.to_dicts() + hidden.findings.to_dicts()
    )
    assert "@example.com" in str(shown.edits.to_dicts())
    document = shown.plans["document"][0]
    plan = am.loads(document)
    assert isinstance(plan, am.MergePlan)
    assert plan.plan_id == shown.plans["plan_id"][0]


def test_no_request_gives_empty_frames() -> None:
    changes = merge_plans(practice(), [], at=NOON)
    assert [frame.height for frame in (changes.edits, changes.plans, changes.findings, changes.failures)] == [
        0
    ] * 4
    assert "plan_id" in changes.edits.columns


def test_wrong_arguments_are_refused_as_frames_snapshot_refuses_them() -> None:
    frames = columns_of(practice())
    with pytest.raises(am.InvalidValueError, match="at"):
        merge_changes(REQUESTS, taken_at=NOON, at=NOON.replace(tzinfo=None), **frames)
    wrong: Any = am.MigrationRules()
    with pytest.raises(am.InvalidValueError):
        merge_changes(REQUESTS, taken_at=NOON, at=NOON, rules=wrong, **frames)
    with pytest.raises(am.InvalidValueError):
        migration_changes(REQUESTS, taken_at=NOON, at=NOON, **frames)
    no_frame: Any = 3
    with pytest.raises(am.InvalidValueError, match="requests: A frame is wanted"):
        merge_changes(no_frame, taken_at=NOON, at=NOON, **frames)
    with pytest.raises(am.LoadError) as refusal:
        merge_changes(REQUESTS, taken_at=NOON, at=NOON, **{**frames, "records": no_frame})
    assert [(fault.code, fault.path) for fault in refusal.value.faults] == [("wrong_type", "records")]
    with pytest.raises(am.LoadError) as refusal:
        merge_changes(
            REQUESTS, taken_at=NOON, at=NOON, **{**frames, "records": frames["records"].drop("kind")}
        )
    assert [(fault.code, fault.path) for fault in refusal.value.faults] == [("missing_key", "records.kind")]


def test_plans_know_for_whom_the_tables_are_complete() -> None:
    whole = practice()
    some = am.Snapshot(
        whole.taken_at,
        complete_for=am.Completeness(practitioners=["H1"], customers=["C1", "C2", "C3"], addresses=False),
        **{name: whole.table(name) for name in tables(whole)},  # type: ignore[arg-type]
    )
    batch = am.merges.plan_merges(some, REQUESTS, at=NOON)
    changes = merge_plans(some, REQUESTS, at=NOON)
    assert changes.plans["plan_id"].to_list() == [plan.plan_id for plan in batch.plans]
    assert "addresses_not_whole" in changes.findings["code"].to_list()
    assert changes.plans["state"].to_list() == ["ready", "blocked", "blocked"]


HALVES = [
    appointment("B1", slot(900), customer_id="C6", profile_id="P2", status="cancelled", replaced_by="B3"),
    appointment(
        "B2",
        slot(900),
        customer_id="C6",
        profile_id="P2",
        status="cancelled",
        replaces="B1",
        replaced_by="B4",
    ),
    appointment("B3", slot(600), customer_id="C2"),
    appointment("B4", slot(600), customer_id="C2"),
]
"""One booking: its halves are linked by appointments of another customer in another profile, one link from one side."""
BETWEEN = [
    record("K", kind="relation", customer_id="C1", related_customer_id="C2"),
    record("R-far", customer_id="C6", attached_to="K"),
]
"""A record that the first merge drops, and a record of another customer that is attached to it."""


@pytest.mark.parametrize(
    "rows_of_others", [{"appointments": HALVES}, {"records": BETWEEN}], ids=["halves", "attached"]
)
def test_a_merge_sees_what_is_linked_to_its_rows_only_from_the_other_side(
    rows_of_others: dict[str, Any],
) -> None:
    whole = practice(**rows_of_others)
    plan = am.plan_merge(whole, REQUESTS[0], at=NOON)
    changes = merge_plans(whole, REQUESTS[:1], at=NOON)
    assert changes.plans["plan_id"].to_list() == [plan.plan_id]
    assert changes.findings["id"].to_list() == [finding.id for finding in plan.findings]


def test_a_move_sees_a_replacement_in_the_profile_of_another_practitioner() -> None:
    elsewhere = appointment("B9", slot(0), customer_id="C1", profile_id="P2", replaces="A-C1")
    whole = practice(appointments=[elsewhere])
    request = attrs.evolve(MOVE, numbers={})
    plan = am.plan_migration(whole, request, at=NOON)
    assert "several_replacements" in {finding.code for finding in plan.findings} or not plan.is_ready
    changes = moves(whole, [request], at=NOON)
    assert changes.plans["plan_id"].to_list() == [plan.plan_id]
    assert sorted(changes.findings["id"]) == sorted(finding.id for finding in plan.findings)


def test_the_functions_for_workers_take_and_return_arrow_tables() -> None:
    frames = columns_of(practice())
    task = group_plans.Task("merge", am.MergeRules(), NOON, NOON, am.Completeness())
    booked = frames["appointments"].to_arrow(compat_level=pl.CompatLevel.oldest())
    read = spark_planning.link_reader("appointments", {"customer_id": frozenset({"C1", "C2"})})
    links: Any = pl.from_arrow(list(read(booked.to_batches())))
    assert links.select("id", "link_1").rows() == [("A-C1", "C1"), ("A-C2", "C2")]
    rows = frames["appointments"].head(2).with_columns(accountmerge_group=pl.lit(7, pl.Int64))
    pack = spark_planning.row_packer("appointments", Reading())
    members: Any = pl.from_arrow(list(pack(rows.to_arrow(compat_level=pl.CompatLevel.oldest()).to_batches())))
    assert members.select("group", "collection", "id").rows() == [
        (7, "appointments", "A-C1"),
        (7, "appointments", "A-C2"),
    ]
    request = pl.DataFrame([(7, "requests", "0", text_of(REQUESTS[0]))], schema=members.schema, orient="row")
    planned: Any = pl.from_arrow(spark_planning.group_planner(task)(pl.concat([members, request]).to_arrow()))
    assert planned.filter(part="plans").select("group", "state").rows() == [(7, "failed")]
    assert set(planned.filter(part="failures")["code"]) == {"dangling_reference"}
