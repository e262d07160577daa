"""Reached trouble: what each strategy claims to aim at is counted, by a look at what was drawn and not at its events.

Each floor is half of what was counted when it was written, or less: they notice a trouble that is lost, not a
release of Hypothesis that draws in another order.
"""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.changes.change_sets import INTENTS
from accountmerge.changes.receipts import RECEIPT_OUTCOMES
from accountmerge.testing.reference import edits_of
from accountmerge.testing.strategies import (
    PlannedCase,
    drifts,
    email_addresses,
    foreign_writes,
    merge_requests,
    planned_cases,
    requests,
    snapshots,
    time_slots,
    weekly_hours,
)
from measuring import first_examples_measured
from snapshot_troubles import troubles_of
from strategies import (
    TROUBLES,
    colliding_snapshots,
    crowded_days,
    fault_points,
    mangled_messages,
    rebooking_messages,
    receipts,
    zoned_wall_times,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime


DAY_US = 24 * 3_600_000_000
T = TypeVar("T")


def drawn(strategy: st.SearchStrategy[T], examples: int) -> list[T]:
    """Return some examples, the same ones in every run.

    In many short runs: Hypothesis varies an example several times before it begins anew, and what is drawn first
    is then the same in most examples of a run.
    """
    found: list[T] = []

    @settings(
        max_examples=10, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(strategy)
    def collect(example: T) -> None:
        found.append(example)

    law: Any = collect
    with first_examples_measured(law.hypothesis):
        for number in range(examples // 10):
            seed(number)(collect)()
    return found


def counted(found: Iterable[T], look: Callable[[T], Iterable[str]]) -> Counter[str]:
    """Count in how many examples each trouble is."""
    return Counter(trouble for example in found for trouble in set(look(example)))


def assert_reached(found: Counter[str], floors: dict[str, int]) -> None:
    missed = {name: (found[name], floor) for name, floor in floors.items() if found[name] < floor}
    assert not missed, f"found, and the floor: {missed}"


# Data


def test_colliding_snapshots_have_every_trouble() -> None:
    found = counted(drawn(colliding_snapshots(), 300), troubles_of)
    assert_reached(found, dict.fromkeys((*TROUBLES, "several spellings"), 9))  # 18 to 105 when written


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_trouble_that_is_asked_for_alone_is_there(trouble: Any) -> None:
    examples = drawn(colliding_snapshots(troubles=(trouble,)), 30)
    assert 2 * counted(examples, troubles_of)[trouble] >= len(examples) > 0  # all, but of what is cancelled


def test_snapshots_have_trouble() -> None:
    found = counted(drawn(snapshots(), 150), troubles_of)
    floors = {
        "malformed address": 50,
        "one-way link": 25,
        "chain of merges": 25,
        "merged into itself": 20,
        "circle of links": 15,
        "equal slots": 12,
        "both halves live": 12,
        "claimed login": 12,
        "several profiles": 10,
        "several active schedules": 7,
        "chain of rebookings": 5,
        "shared address": 3,
        "customer twice": 2,
    }
    assert_reached(found, floors)


def test_crowded_days_are_crowded() -> None:
    def look(day: am.Snapshot) -> Iterator[str]:
        rows = sorted(row.slot for row in day.appointments if row.profile_id == "P0")
        yield f"{len(day.appointments)} bookings"
        ends = [later.start_us - sooner.end_us for sooner, later in itertools.pairwise(rows)]
        yield "touching" if 0 in ends else "overlapping" if min(ends, default=0) < 0 else "apart"
        yield "one calendar" if len(day.profiles) == 1 else "several calendars"
        if rows and rows[0].start_us // DAY_US != rows[-1].end_us // DAY_US:
            yield "over midnight"

    found = counted(drawn(crowded_days(), 60), look)
    assert_reached(
        found, {"2000 bookings": 15, "3 bookings": 7, "touching": 10, "overlapping": 8, "apart": 10}
    )
    assert_reached(found, {"one calendar": 15, "several calendars": 12, "over midnight": 25})


def test_slots_touch_nest_and_repeat() -> None:
    def look(slots: tuple[am.TimeSlot, am.TimeSlot]) -> Iterator[str]:
        one, other = sorted(slots)
        if one == other:
            yield "equal"
        elif one.end_us == other.start_us:
            yield "touching"
        elif one.start_us <= other.start_us and other.end_us <= one.end_us:
            yield "nested"
        elif one.overlaps(other):
            yield "overlapping"
        if one.end_us - one.start_us == 1:
            yield "a microsecond"

    found = counted(drawn(st.tuples(time_slots(), time_slots()), 600), look)
    assert_reached(found, {"equal": 30, "touching": 2, "nested": 12, "overlapping": 5, "a microsecond": 30})


def test_wall_times_are_repeated_and_skipped() -> None:
    def look(example: tuple[datetime, str]) -> Iterator[str]:
        naive, zone = example
        earlier, later = (naive.replace(tzinfo=ZoneInfo(zone), fold=n).utcoffset() for n in (0, 1))
        assert earlier is not None
        assert later is not None
        yield "once" if earlier == later else "repeated" if earlier > later else "skipped"

    found = counted(drawn(zoned_wall_times(), 600), look)
    assert_reached(found, {"repeated": 10, "skipped": 60, "once": 200})


def test_weekly_hours_run_over_midnight_and_have_closed_dates() -> None:
    def look(hours: am.WeeklyHours) -> Iterator[str]:
        stretches = [stretch for _, stretches in hours.days for stretch in stretches]
        if any(stretch.end <= stretch.start for stretch in stretches):
            yield "over midnight"
        if hours.closed:
            yield "closed dates"
        if not stretches:
            yield "never"
        if any(len(stretches) > 1 for _, stretches in hours.days):
            yield "two stretches"

    found = counted(drawn(weekly_hours(), 200), look)
    assert_reached(found, {"over midnight": 40, "closed dates": 40, "never": 40, "two stretches": 40})


def test_addresses_are_shared_and_malformed() -> None:
    addresses = drawn(email_addresses(), 200)
    by_mailbox: dict[str, set[str]] = {}
    for address in addresses:
        by_mailbox.setdefault(address.mailbox, set()).add(address.text)
    assert sum(not address.is_valid for address in set(addresses)) >= 5
    assert sum(len(spellings) > 1 for spellings in by_mailbox.values()) >= 2


# What is asked


def test_requests_of_every_kind_are_right_and_wrong() -> None:
    @st.composite
    def asked(draw: st.DrawFn) -> tuple[am.Snapshot, Any]:
        snapshot = draw(st.one_of(snapshots(), colliding_snapshots()))
        return snapshot, draw(requests(snapshot))

    def look(example: tuple[am.Snapshot, Any]) -> Iterator[str]:
        snapshot, request = example
        yield type(request).__name__
        if isinstance(request, am.rebooking.RebookingRequest):
            known = request.number in {row.number for row in snapshot.appointments}
            yield f"rebooking of {'a booking' if known else 'nothing'}"
        if isinstance(request, am.MigrationRequest):
            yield f"migration of {'a profile' if request.profile_id in snapshot.profiles else 'nobody'}"

    found = counted(drawn(asked(), 150), look)
    kinds = (am.MigrationRequest, am.MergeRequest, am.rebooking.RebookingRequest)
    assert_reached(found, {kind.__name__: 9 for kind in kinds})
    small = (
        am.customers.NewAccessRequest,
        am.customers.AccessDecision,
        am.customers.PrimaryEmailChange,
        am.customers.CustomerEdit,
    )
    assert_reached(found, {kind.__name__: 3 for kind in small})
    assert_reached(found, {"rebooking of a booking": 2, "rebooking of nothing": 7})
    assert_reached(found, {"migration of a profile": 8, "migration of nobody": 2})


def test_merge_requests_are_of_oneself_of_the_merged_and_of_chains() -> None:
    @st.composite
    def asked(draw: st.DrawFn) -> tuple[am.Snapshot, am.MergeRequest]:
        snapshot = draw(colliding_snapshots(troubles=("chain of merges", "claimed mailbox", "nested slots")))
        return snapshot, draw(merge_requests(snapshot))

    def look(example: tuple[am.Snapshot, am.MergeRequest]) -> Iterator[str]:
        snapshot, request = example
        into = {row.id: row.merged_into for row in snapshot.customers}
        if request.survivor in request.absorbed:
            yield "oneself"
        if any(into.get(id) == request.survivor for id in request.absorbed):
            yield "absorbed by this one"
        if any(into.get(id) not in (None, request.survivor) for id in request.absorbed):
            yield "absorbed by another"
        if into.get(request.survivor):
            yield "into one that was absorbed"
        if not {request.survivor, *request.absorbed} <= into.keys():
            yield "nobody"
        if request.actor not in snapshot.profiles:
            yield "by nobody"

    found = counted(drawn(asked(), 150), look)
    assert_reached(found, {"oneself": 40, "absorbed by this one": 10, "absorbed by another": 20})
    assert_reached(found, {"into one that was absorbed": 30, "nobody": 12, "by nobody": 40})


# Plans, and what becomes of them


def test_planned_cases_have_every_intent_and_something_to_do() -> None:
    def look(case: PlannedCase) -> Iterator[str]:
        yield case.change_set.intent
        edits = edits_of(case.change_set)
        assert edits
        yield from (f"{edit.op} {edit.entity}" for edit in edits)
        if len({edit.key for edit in edits}) < len(edits):
            yield "many revisions"
        if len(case.change_set.steps) > 5:
            yield "many steps"

    found = counted(drawn(planned_cases(), 120), look)
    assert_reached(found, {**dict.fromkeys(INTENTS, 1), "migration": 18, "merge": 14, "undo": 6})
    assert_reached(found, {"many revisions": 30, "many steps": 15, "create profile": 18, "remove profile": 2})
    for kind in ("access", "appointment", "record"):
        assert_reached(found, {f"change {kind}": 4, f"remove {kind}": 1})


def test_undoable_cases_can_be_undone() -> None:
    for case in drawn(planned_cases(undoable=True), 30):
        assert am.invert(case.change_set).steps


@st.composite
def interrupted(draw: st.DrawFn) -> tuple[PlannedCase, int, am.Snapshot]:
    case = draw(planned_cases())
    done = draw(fault_points(len(case.change_set.steps) + 1))
    return case, done, am.apply(case.snapshot, case.change_set.prefix(done))


def test_faults_are_at_the_first_the_last_and_inner_points() -> None:
    def look(example: tuple[PlannedCase, int, am.Snapshot]) -> Iterator[str]:
        case, done, _ = example
        steps = len(case.change_set.steps)
        yield "first" if done == 0 else "last" if done == steps else "inner"

    found = counted(drawn(interrupted(), 60), look)
    assert_reached(found, {"first": 10, "last": 8, "inner": 6})
    assert set(drawn(fault_points(1), 10)) == {0}
    assert set(drawn(fault_points(2), 20)) == {0, 1}
    assert set(drawn(fault_points(5), 200)) == set(range(5))


def test_drift_is_drift_and_foreign_writes_are_also_phantoms_and_of_no_concern() -> None:
    @st.composite
    def written(draw: st.DrawFn) -> tuple[PlannedCase, am.Snapshot, am.Snapshot]:
        case, _, part = draw(interrupted())
        drifted = draw(drifts(part, case.change_set)).on(part)
        return case, drifted, draw(foreign_writes(part, case.change_set)).on(part)

    def look(example: tuple[PlannedCase, am.Snapshot, am.Snapshot]) -> Iterator[str]:
        case, drifted, other = example
        drift = am.resume(drifted, case.change_set).drifted
        assert drift
        yield from (f"drift of a {edit.entity}" for edit in drift)
        yield from (failure.code for failure in am.check(drifted, case.change_set))
        codes = {failure.code for failure in am.check(other, case.change_set)}
        seen = bool(am.resume(other, case.change_set).drifted)
        yield "drift" if seen else "phantom" if codes else "of no concern"

    found = counted(drawn(written(), 80), look)
    assert_reached(found, {"drift": 10, "phantom": 10, "of no concern": 15, "drifted": 30, "gone": 10})


def test_foreign_writes_refer_to_what_a_step_removes() -> None:
    @st.composite
    def written(draw: st.DrawFn) -> tuple[str, am.Snapshot, am.Snapshot, am.ChangeSet]:
        case = draw(planned_cases(intents=("merge", "undo")))
        write = draw(foreign_writes(case.snapshot, case.change_set))
        is_new = all(row.id.startswith("phantom") for row in write.put)
        how = "a new row" if is_new else "another row"
        return how, case.snapshot, write.on(case.snapshot), case.change_set

    def look(example: tuple[str, am.Snapshot, am.Snapshot, am.ChangeSet]) -> Iterator[str]:
        how, before, after, change_set = example
        assert not am.check(before, change_set)
        if "dangling_reference" in {failure.code for failure in am.check(after, change_set)}:
            yield how

    assert_reached(counted(drawn(written(), 200), look), {"a new row": 3, "another row": 3})


def test_receipts_are_doubled_reordered_of_every_outcome_and_of_other_plans() -> None:
    @st.composite
    def received(draw: st.DrawFn) -> tuple[am.ChangeSet, tuple[am.Receipt, ...]]:
        change_set = draw(planned_cases(intents=("migration", "merge", "undo"))).change_set
        return change_set, draw(receipts(change_set))

    def look(example: tuple[am.ChangeSet, tuple[am.Receipt, ...]]) -> Iterator[str]:
        change_set, found = example
        yield from (receipt.outcome for receipt in found)
        own = [receipt for receipt in found if receipt.plan_id == change_set.plan_id]
        if len(own) < len(found):
            yield "another plan's"
        if len(set(own)) < len(own):
            yield "twice"
        if [receipt.ordinal for receipt in found] != sorted(receipt.ordinal for receipt in found):
            yield "out of order"
        if len({receipt.ordinal for receipt in own}) < len(change_set.steps):
            yield "some steps have none"
        written = [entry for receipt in found for entry in receipt.written]
        yield from ("own ids" for entry in written if entry.store_id is not None)
        yield from ("numbers" for entry in written if entry.number is not None)
        yield from ("versions" for entry in written if entry.version is not None)

    found = counted(drawn(received(), 60), look)
    assert_reached(found, dict.fromkeys(RECEIPT_OUTCOMES, 10))
    assert_reached(found, {"another plan's": 15, "twice": 14, "out of order": 17, "some steps have none": 25})
    assert_reached(found, {"own ids": 5, "numbers": 4, "versions": 20})


def test_messages_are_rendered_mangled_and_hostile() -> None:
    def look(text: str) -> Iterator[str]:
        reading = am.rebooking.read_rebooking_message(text)
        yield "read" if reading.request else "asked about"
        yield from (question.code for question in reading.questions)
        if any(ord(letter) < 32 and letter not in "\n\r\t" for letter in text):
            yield "control characters"
        if len(text) > 10_000:
            yield "very long"

    found = counted(drawn(rebooking_messages(), 120), look)
    assert_reached(
        found, {"read": 30, "asked about": 25, "missing": 12, "unclear": 8, "control characters": 1}
    )
    right = counted(drawn(mangled_messages(), 120), lambda m: ["right" if m.request else "to be asked about"])
    assert_reached(right, {"right": 20, "to be asked about": 35})
