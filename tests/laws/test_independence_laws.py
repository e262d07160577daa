"""The laws of independence: sets that are called independent commute, in every interleaving of their steps."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.changes.guards import GUARD_KINDS, read_guard
from accountmerge.messages import LANGUAGES
from accountmerge.plans.verdicts import Draft, steps_from
from accountmerge.testing.strategies import PIVOT
from accountmerge.wire.canonical import sealed
from measuring import try_law
from small_values import NOON, access, access_request, appointment, customer, profile, record, slot, snapshot
from strategies import migration_of, shared_practices

EXAMPLES = max(100, settings().max_examples)
CUSTOMERS, PROFILES = ("C0", "C1", "C2", "C3"), ("P0", "P1", "P2")
ADDRESSES = st.sampled_from(("ann@example.com", "bo@example.com", "dora@example.com"))


@attrs.frozen
class Corner:
    """What each of two sets mostly is about, so that they often have nothing in common; and often they do."""

    number: int

    @property
    def profiles(self) -> st.SearchStrategy[str]:
        return st.sampled_from((PROFILES[self.number], PROFILES[self.number], PROFILES[2], *PROFILES))

    @property
    def customers(self) -> st.SearchStrategy[str]:
        mine = CUSTOMERS[2 * self.number : 2 * self.number + 2]
        return st.sampled_from((*mine, *mine, *mine, *CUSTOMERS))


def confirmed(plan: Any) -> am.ChangeSet:
    change_set: am.ChangeSet = plan.confirm(by="Ann Example", at=PIVOT)
    return change_set


def accepting(asked: Any, plan: Any) -> Any:
    """Return a request that answers for whatever of its plan can be answered for."""
    can = [finding.id for finding in plan.blockers if finding.is_acceptable]
    return attrs.evolve(asked, accept=[am.Acceptance(finding=id, by="Ann Example", why="x") for id in can])


# What is drawn: two plans of any kind for one practice


def migration(draw: st.DrawFn, whole: am.Snapshot, corner: Corner) -> Any:
    address = draw(st.sampled_from(("new@example.com", f"new{corner.number}@example.com", "p9@example.com")))
    asked = migration_of(draw(corner.profiles), new_email=address)
    return am.plan_migration(whole, accepting(asked, am.plan_migration(whole, asked, at=PIVOT)), at=PIVOT)


def merge(draw: st.DrawFn, whole: am.Snapshot, corner: Corner) -> Any:
    survivor, absorbed = draw(corner.customers), draw(corner.customers)
    asked = am.MergeRequest(survivor=survivor, absorbed=[absorbed], actor=draw(corner.profiles))
    rules = am.MergeRules(kept_primary="survivor")
    refused = am.plan_merge(whole, asked, rules=rules, at=PIVOT)
    return am.plan_merge(whole, accepting(asked, refused), rules=rules, at=PIVOT)


def edit(draw: st.DrawFn, whole: am.Snapshot, corner: Corner) -> Any:
    asked = am.customers.CustomerEdit(customer_id=draw(corner.customers), changes={"phones": ["9"]})
    return am.customers.plan_customer_edit(whole, asked, at=PIVOT)


def primary(draw: st.DrawFn, whole: am.Snapshot, corner: Corner) -> Any:
    asked = am.customers.PrimaryEmailChange(
        customer_id=draw(corner.customers),
        action=draw(st.sampled_from(("set", "clear"))),
        address=draw(ADDRESSES),
    )
    return am.customers.plan_primary_email(whole, asked, at=PIVOT)


def question(draw: st.DrawFn, whole: am.Snapshot, corner: Corner) -> Any:
    until = PIVOT + timedelta(days=draw(st.sampled_from((1, 2))))
    profile_id, customer_id = draw(corner.profiles), draw(corner.customers)
    asked = am.customers.NewAccessRequest(profile_id=profile_id, customer_id=customer_id, expires_at=until)
    return am.customers.plan_access_request(whole, asked, at=PIVOT)


def answer(_: st.DrawFn, whole: am.Snapshot, __: Corner) -> Any:
    asked = min(whole.access_requests, key=lambda row: row.id, default=None)
    id, by = (asked.id, asked.customer_id) if asked else ("Q0", "C0")
    decision = am.customers.AccessDecision(request_id=id, decision="approve", role="customer", by=by)
    return am.customers.plan_access_decision(whole, decision, at=PIVOT)


PLANNERS: dict[str, Any] = {
    "migration": migration,
    "merge": merge,
    "edit": edit,
    "primary": primary,
    "question": question,
    "answer": answer,
}
KINDS = st.sampled_from(("migration", "migration", "migration", "merge", "merge", "primary", *PLANNERS))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[am.Snapshot, am.ChangeSet, am.ChangeSet]:
    """A practice and two sets that can each be applied to it; some of the data are in the middle of a set."""
    whole = draw(shared_practices())
    first = PLANNERS[draw(KINDS)](draw, whole, Corner(0))
    assume(first.is_ready)
    one = confirmed(first)
    how = draw(st.sampled_from(("fresh", "fresh", "fresh", "halfway", "undone")))
    if how != "fresh":
        begun = am.apply(whole, one.prefix(draw(st.integers(0, len(one.steps)))))
        whole, one = (begun, one) if how == "halfway" else (am.apply(whole, one), undone(one))
    second = PLANNERS[draw(KINDS)](draw, whole, Corner(1))
    assume(second.is_ready)
    other = confirmed(second)
    assume(not am.check(whole, one) and not am.check(whole, other))
    event(" and ".join(sorted((one.intent, other.intent))))
    return whole, one, other


def undone(change_set: am.ChangeSet) -> am.ChangeSet:
    try:
        return am.invert(change_set).confirm(by="Ann Example", at=PIVOT)
    except am.ApplyRefused:
        return change_set


def interleaved(whole: am.Snapshot, one: am.ChangeSet, other: am.ChangeSet, order: Any) -> am.Snapshot:
    """Apply two sets step by step, in an order that says each time whether it is the turn of the first."""
    reached = {True: 0, False: 0}
    for turn in order:
        reached[turn] += 1
        whole = am.apply(whole, (one if turn else other).prefix(reached[turn]))
    return whole


def orders(data: st.DataObject, one: am.ChangeSet, other: am.ChangeSet) -> list[list[bool]]:
    """Return the two sequential orders and a few drawn ones."""
    firsts, seconds = [True] * len(one.steps), [False] * len(other.steps)
    drawn = [data.draw(st.permutations(firsts + seconds)) for _ in range(3)]
    return [firsts + seconds, seconds + firsts, *drawn]


# The laws


@pytest.mark.unmeasured
def test_independent_sets_commute_in_every_interleaving() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES)
    @given(pairs(), st.data())
    def law(case: tuple[am.Snapshot, am.ChangeSet, am.ChangeSet], data: st.DataObject) -> None:
        whole, one, other = case
        ends: set[am.Snapshot | None] = set()
        for order in orders(data, one, other):
            try:
                ends.add(interleaved(whole, one, other, order))
            except am.ApplyRefused:
                ends.add(None)
        answer, commutes = not am.changes.dependence(one, other), len(ends) == 1 and None not in ends
        assert commutes or not answer
        if one.steps and other.steps:
            seen["independent" if answer else "dependent"] += 1
            seen["in each other's way"] += not commutes

    try_law(law)
    assert seen["independent"] >= 15, seen
    assert seen["dependent"] >= 15, seen
    assert seen["in each other's way"] >= 3, seen


@given(pairs())
def test_the_answer_is_the_same_whichever_is_named_first(
    case: tuple[am.Snapshot, am.ChangeSet, am.ChangeSet],
) -> None:
    _, one, other = case
    assert am.changes.dependence(one, other) == am.changes.dependence(other, one)


@given(pairs())
def test_nothing_with_steps_is_independent_of_itself(
    case: tuple[am.Snapshot, am.ChangeSet, am.ChangeSet],
) -> None:
    for change_set in case[1:]:
        assert bool(am.changes.dependence(change_set, change_set)) == bool(change_set.steps)
        assert bool(am.changes.dependence(change_set, change_set.prefix(0))) == bool(change_set.steps)


@given(pairs())
def test_a_part_of_an_independent_set_is_independent(
    case: tuple[am.Snapshot, am.ChangeSet, am.ChangeSet],
) -> None:
    _, one, other = case
    assert {not am.changes.dependence(one.prefix(n), other) for n in range(len(one.steps) + 1)} == {
        not am.changes.dependence(one, other)
    }


# Constructed: for each kind of guard two sets that have no edited entity in common


def made(*edits: am.changes.Edit, reads: tuple[am.changes.Guard, ...] = ()) -> am.ChangeSet:
    """Return a set of one step, with its seal, and confirmed if it has to be."""
    draft = Draft(
        "edit_customer",
        am.changes.Reason("edit_asked", am.model.Facts(customer_id="C1", fields=())),
        edits,
        reads,
    )
    change_set = sealed(
        am.ChangeSet(
            intent="customer_edit",
            request=am.model.FrozenJson.of({}),
            rules_digest="",
            at=NOON,
            steps=steps_from([draft], at=NOON),
        )
    )
    return confirmed(change_set) if change_set.needs_confirmation else change_set


def changed(row: Any, **fields: Any) -> am.changes.Edit:
    return am.changes.Edit(row, attrs.evolve(row, **fields))


def email(text: str) -> list[am.CustomerEmail]:
    return [am.CustomerEmail(text, "primary")]


P1, P2, P3 = profile("P1"), profile("P2", schedule="inactive"), profile("P3", practitioner_id="H3")
P4 = profile("P4", practitioner_id="H4")
P5 = profile("P5", practitioner_id="H5", schedule="inactive")
C1, C2, C3 = customer("C1"), customer("C2"), customer("C3")
A1, A2 = appointment("A1", slot(60)), appointment("A2", slot(600), customer_id="C3", profile_id="P3")
NOTE = record("R1", customer_id="C1", unique_key="k")
ASKED, SEEN = access_request("Q1"), access("X1")
WHOLE = snapshot(
    profiles=[P1, P2, P3, P4, P5],
    customers=[C1, C2, C3],
    appointments=[A1, A2],
    records=[NOTE],
    access=[SEEN],
    access_requests=[ASKED],
)
RETIRED = attrs.evolve(C3, status="disabled", merged_into="C2")
LIKE = am.changes.Guard("no_like_record", am.model.Facts(id="R1", customer_id="C2"))
HOLDS = am.changes.Guard("access_holds", am.model.Facts(profile_id="P1", customer_id="C1", level="treating"))
IN_TIME = am.changes.Guard("not_after", am.model.Facts(instant="2026-03-03T12:00:00Z", request_id="Q1"))
KEEPS = am.changes.Guard("no_other_record", am.model.Facts(profile_id="P4", staying=("note",)))
DELETED = am.changes.Guard("unnumbered", am.model.Facts(id="A2"))

NAIVE: dict[str, tuple[am.ChangeSet, am.ChangeSet]] = {
    "unchanged": (
        made(changed(C2, phones=["1"]), reads=(read_guard(NOTE),)),
        made(changed(NOTE, unique_key="other")),
    ),
    "slot_free": (
        made(am.changes.Edit(None, appointment("A8", slot(240), profile_id="P1"))),
        made(am.changes.Edit(None, appointment("A9", slot(270), profile_id="P2", customer_id="C2"))),
    ),
    "slot_free of a customer": (
        made(changed(A1, customer_id="C2")),
        made(am.changes.Edit(None, appointment("A9", slot(90), profile_id="P3", customer_id="C2"))),
    ),
    "address_unclaimed": (
        made(changed(C1, emails=email("ann@example.com"))),
        made(changed(C2, emails=email("Ann@Example.com"))),
    ),
    "address_unclaimed of profiles": (
        made(
            am.changes.Edit(
                None, profile("P8", practitioner_id="H8", email="ann@example.com", schedule="inactive")
            )
        ),
        made(
            am.changes.Edit(
                None, profile("P9", practitioner_id="H9", email="Ann@Example.com", schedule="inactive")
            )
        ),
    ),
    "no_other_reference": (
        made(am.changes.Edit(A2, attrs.evolve(A2, customer_id="C2")), am.changes.Edit(C3, RETIRED)),
        made(am.changes.Edit(None, record("R9", customer_id="C3"))),
    ),
    "no_like_record": (
        made(changed(NOTE, customer_id="C2"), reads=(LIKE,)),
        made(am.changes.Edit(None, record("R9", customer_id="C2", unique_key="k"))),
    ),
    "no_other_future_booking": (
        made(changed(P4, schedule="inactive")),
        made(am.changes.Edit(None, appointment("A9", slot(900), profile_id="P4"))),
    ),
    "no_other_record": (
        made(changed(C2, phones=["1"]), reads=(KEEPS,)),
        made(am.changes.Edit(None, record("R9", kind="series", profile_id="P4"))),
    ),
    "only_active_schedule": (
        made(changed(P5, schedule="active")),
        made(am.changes.Edit(None, profile("P9", practitioner_id="H5"))),
    ),
    "access_holds": (made(changed(C2, phones=["1"]), reads=(HOLDS,)), made(am.changes.Edit(SEEN, None))),
    "not_after": (made(changed(C2, phones=["1"]), reads=(IN_TIME,)), made(changed(ASKED, status="denied"))),
    "unnumbered": (made(changed(C2, phones=["1"]), reads=(DELETED,)), made(changed(A2, modality="phone"))),
}
"""By the kind of a guard of the first set, what the second one writes that bears on it."""
NAMING_ONLY = ("unchanged", "not_after", "unnumbered")
"""These look at entities that they name, and at nothing that may appear."""
HARMLESS = ("not_after", "unnumbered")
"""These do commute as it happens: what is written is only named by the guard, and nobody looks closer."""


@pytest.mark.parametrize("kind", NAIVE)
def test_what_bears_on_a_guard_is_seen_though_no_entity_is_edited_by_both(kind: str) -> None:
    one, other = NAIVE[kind]
    assert not am.check(WHOLE, one)
    assert not am.check(WHOLE, other)
    assert kind.split(maxsplit=1)[0] in {guard.kind for step in one.steps for guard in step.guards}
    found = am.changes.dependence(one, other)
    assert {entry.kind for entry in found} <= {"guarded_by_other", "read_by_other", "made_by_both"}
    assert am.changes.dependence(one, other)
    asking = {entry.facts["guard"] for entry in found if entry.kind == "guarded_by_other"}
    assert asking == ({kind.split(maxsplit=1)[0]} if kind not in NAMING_ONLY else set())
    ways = []
    for order in ([True, False], [False, True]):
        try:
            interleaved(WHOLE, one, other, order)
            ways.append("through")
        except am.ApplyRefused:
            ways.append("refused")
    assert ("refused" in ways) == (kind not in HARMLESS), ways


def test_every_kind_of_guard_has_its_example() -> None:
    assert {kind.split()[0] for kind in NAIVE} == set(GUARD_KINDS)


def test_what_is_recognised_by_what_it_stands_for_is_made_by_one_set_only() -> None:
    gone = attrs.evolve(A1, status="cancelled")
    whole = WHOLE.changed([gone])
    for one, other in (
        (
            appointment("A8", slot(60), replaces="A1"),
            appointment("A9", slot(400), replaces="A1", profile_id="P3"),
        ),
        (
            appointment("A8", slot(60), number="APP-1"),
            appointment("A9", slot(60), number="APP-1", profile_id="P3"),
        ),
        (access("X8", profile_id="P3"), access("X9", profile_id="P3")),
        (access_request("Q8", profile_id="P3"), access_request("Q9", profile_id="P3")),
        (profile("P8", schedule="inactive"), profile("P9", email="p8@EXAMPLE.com", schedule="inactive")),
    ):
        sets = [made(am.changes.Edit(None, row)) for row in (one, other)]
        assert not any(am.check(whole, change_set) for change_set in sets)
        assert "made_by_both" in {found.kind for found in am.changes.dependence(*sets)}


def test_what_an_edit_refers_to_is_read() -> None:
    hangs = made(am.changes.Edit(None, record("R9", customer_id="C2", attached_to="R1")))
    gone = made(am.changes.Edit(NOTE, None))
    assert not am.check(WHOLE, hangs)
    assert not am.check(WHOLE, gone)
    assert am.check(am.apply(WHOLE, gone), hangs)
    read = am.changes.Dependence("read_by_other", am.model.Facts(entity="record", id="R1"))
    assert am.changes.dependence(hangs, gone) == am.changes.dependence(gone, hangs) == (read,)


# Constructed: whose bookings they are


def test_bookings_of_two_practitioners_are_told_apart_if_their_profiles_are_edited() -> None:
    """Who a profile belongs to stands in its edits alone; unless both say so, nobody can tell."""
    books = [
        am.changes.Edit(None, appointment(id, slot(240), profile_id=of, customer_id=whose))
        for id, of, whose in (("A8", "P1", "C1"), ("A9", "P3", "C2"))
    ]
    known = [changed(P1, unavailable=[slot(0)]), changed(P3, unavailable=[slot(0)])]
    assert not am.changes.dependence(made(books[0], known[0]), made(books[1], known[1]))
    for one, other in itertools.product(([], known[:1]), ([], known[1:])):
        if not (one and other):
            (found,) = {f.kind for f in am.changes.dependence(made(books[0], *one), made(books[1], *other))}
            assert found == "guarded_by_other"


def two_migrations(**fields: Any) -> list[am.MigrationPlan]:
    """Plan the moves of two practitioners with one customer whose bookings with them overlap in time."""
    booked = [appointment("A1", slot(60)), appointment("A2", slot(90), profile_id="P3")]
    seen = [access("X1"), access("X3", profile_id="P3")]
    whole = snapshot(profiles=[P1, P3], appointments=booked, access=seen)
    requests = [migration_of(id, **fields) for id in ("P1", "P3")]
    return [am.plan_migration(whole, request, at=NOON) for request in requests]


def test_two_practitioners_with_a_customer_in_common_may_move_side_by_side() -> None:
    one, other = two_migrations()
    assert one.is_ready
    assert other.is_ready
    assert not am.changes.dependence(one, other)
    assert not am.changes.dependence(one.change_set, other)
    assert not am.changes.dependence(one, other.change_set)


def test_two_who_want_one_address_may_not() -> None:
    one, other = two_migrations(new_email="ann@example.com")
    assert one.is_ready
    assert other.is_ready
    assert {found.kind for found in am.changes.dependence(one, other)} == {"guarded_by_other", "made_by_both"}


def test_a_migration_beside_a_merge_of_its_customer_or_by_its_profile_is_dependent() -> None:
    whole = WHOLE.changed([access("X2", profile_id="P3", customer_id="C1"), access("X4", customer_id="C2")])
    whole = whole.changed([access("X5", profile_id="P3", customer_id="C2")])
    moves = am.plan_migration(whole, migration_of("P1"), at=NOON)
    for actor in ("P1", "P3"):
        merges = am.plan_merge(whole, am.MergeRequest(survivor="C2", absorbed=["C1"], actor=actor), at=NOON)
        assert moves.is_ready
        assert merges.is_ready
        assert am.changes.dependence(moves, merges)


def test_a_blocked_plan_is_independent_of_nothing_and_an_empty_one_of_all_that_is_ready() -> None:
    one, _ = two_migrations()
    blocked = am.plan_migration(WHOLE, migration_of("P-unknown"), at=NOON)
    empty = made(changed(C2, phones=["1"])).prefix(0)
    empty = attrs.evolve(empty, steps=(), through=None)
    assert not am.changes.dependence(one, empty)
    assert not am.changes.dependence(empty, empty)
    for other in (one, blocked, empty):
        (found, *_) = am.changes.dependence(blocked, other)
        assert found == am.changes.Dependence("blocked", am.model.Facts(plan_id=blocked.plan_id))


IN_WORDS = ("entity", "guard")
"""The facts of a dependence that a sentence says in the words of its language."""


def test_every_dependence_has_a_sentence_in_both_languages_and_shows_no_address() -> None:
    found = {entry for sets in NAIVE.values() for entry in am.changes.dependence(*sets)}
    found |= set(am.changes.dependence(WHOLE_MOVE, WHOLE_MOVE))
    for entry, language in itertools.product(found, LANGUAGES):
        text = entry.describe(language)
        assert all(str(fact) in text for name, fact in entry.facts.items() if name not in IN_WORDS)
        assert "@" not in text + repr(entry)
    assert {entry.kind for entry in found} >= {
        "edited_by_both",
        "read_by_other",
        "guarded_by_other",
        "made_by_both",
    }


WHOLE_MOVE = am.plan_migration(WHOLE, migration_of("P1"), at=NOON)
