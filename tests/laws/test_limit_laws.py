"""A plan says which limits of the store it would break, no more and no less: judged by files of the rows alone.

The oracle applies a plan step by step, writes the data as JSON, and looks at the rows that differ from the first ones.
It shares no code with the planners or with `am.Limits`.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from aimed_plans import Aimed, aimed, confirmed
from hypothesis import settings

import accountmerge as am
from accountmerge.changes.change_sets import Intent
from accountmerge.kinds import REQUEST_KINDS
from small_values import NOON, appointment, slot

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = dict[str, Any]
Rows = dict[tuple[str, str], Row]
Broken = set[tuple[str, ...]]
"""The code, then the entity, the id, the limit and the field; or the code, the entity, the id and the effect."""

ENTITIES = {
    "profiles": "profile",
    "customers": "customer",
    "appointments": "appointment",
    "records": "record",
    "access": "access",
    "access_requests": "access_request",
}
TEXTS = {
    "profile": ("email",),
    "customer": (
        *("record_number", "former_record_numbers", "given_name", "family_name", "emails", "phones"),
        *("address", "opt_outs"),
    ),
    "appointment": ("number", "cancel_reason", "session_id", "made_by"),
    "record": ("unique_key",),
    "access": ("made_by",),
    "access_request": ("reason", "decided_by", "made_by"),
}
"""By entity, the keys of the file whose texts count."""
UNITS: dict[Any, int] = {"millisecond": 1_000, "second": 1_000_000, "minute": 60_000_000}
EFFECTS: Any = ("access_requests", "former_emails", "merged_into", "unavailable")
FIELD_OF_KEY = {"start": "slot", "end": "slot"}
HOURS = am.WeeklyHours("UTC", days=[("monday", (am.DailyHours(time(0), time(23)),))])
MET: dict[Intent, set[str]] = {
    "migration": {"longest_text", "time_unit", "hours", "overlaps", "unavailable"},
    "merge": {
        *("longest_text", "time_unit", "most_phones", "most_emails", "attributes", "opt_outs", "overlaps"),
        *("record_kinds", "merged_into", "former_emails"),
    },
    "access_request": {"time_unit", "access_requests"},
    "access_decision": {"time_unit"},
    "primary_email": {
        "longest_text",
        "most_phones",
        "most_emails",
        "attributes",
        "opt_outs",
        "former_emails",
    },
    "customer_edit": {"longest_text", "most_phones", "most_emails", "attributes", "opt_outs"},
    "rebooking": {"longest_text"},
}
"""By kind, the limits and effects that some plan has to break, or the law is vacuous."""


def examples() -> int:
    """Return how many cases of each kind are tried."""
    return max(60, settings().max_examples // 10)


def rich(kind: str, number: int) -> Aimed:
    """Return an aimed case; of two cases, one has every value that a store may lack room for."""
    case = aimed(kind, number)
    if number % 2:
        return case
    rows: list[Any] = [
        attrs.evolve(
            row,
            phones=[f"555-{row.id}", f"556-{row.id}"],
            attributes=am.model.FrozenJson.of({f"vip_{row.id}": True}),
            opt_outs=["sms"],
        )
        for row in case.snapshot.customers.sorted()
        if row.status == "active"
    ]
    rows += [attrs.evolve(row, hours=HOURS) for row in case.snapshot.profiles.sorted()]
    if kind == "merge":  # they will overlap, and ended before the plan's instant
        rows += [appointment(f"O-{id}", slot(-600), profile_id="Q1", customer_id=id) for id in ("C1", "C2")]
        rows[-1] = attrs.evolve(rows[-1], profile_id="P3")
    if kind == "migration":  # they overlap already, and both move
        rows += [appointment(f"O-{id}", slot(9000), customer_id=id) for id in ("C1", "C2")]
    return case.put(*rows, at=NOON + timedelta(microseconds=1))


def rows_of(snapshot: am.Snapshot) -> Rows:
    document = json.loads(am.dumps(snapshot))
    return {(ENTITIES[name], row["id"]): row for name in ENTITIES for row in document[name]}


@attrs.frozen
class Seen:
    """A plan as files tell it.

    Attributes:
        states: All rows before the plan, and after each of its steps.
        written: The entity, the id and the row after each edit.
    """

    states: list[Rows]
    written: list[tuple[str, str, Row]]

    @classmethod
    def of(cls, case: Aimed, change_set: am.ChangeSet) -> Seen:
        done = (am.apply(case.snapshot, change_set.prefix(n)) for n in range(len(change_set.steps) + 1))
        document = json.loads(am.dumps(change_set))
        edits = [edit for step in document["steps"] for edit in step["edits"] if "after" in edit]
        rows = [(edit["entity"], edit["id"], {**edit.get("before", {}), **edit["after"]}) for edit in edits]
        return cls([rows_of(snapshot) for snapshot in done], rows)


def leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item["address"] if isinstance(item, dict) else item)


def instants(row: Row) -> Iterator[tuple[str, int]]:
    """Yield the microseconds in the minute of each instant of a row, with the key."""
    for key, value in row.items():
        for text in re.findall(r"T\d\d:\d\d:(\d\d(?:\.\d+)?)", json.dumps(value)):
            yield key, round(float(text) * 1_000_000)


def former(row: Row | None) -> set[str]:
    emails = row["emails"] if row else []
    return {am.model.EmailAddress(e["address"]).mailbox for e in emails if e["use"] == "former"}


def broken_by_row(entity: str, row: Row, limits: am.Limits) -> Iterator[tuple[str, str]]:
    """Yield each limit that a row breaks, with the field."""
    for key in TEXTS[entity]:
        longest = max(map(len, leaves(row.get(key, ()))), default=0)
        if limits.longest_text is not None and longest > limits.longest_text:
            yield "longest_text", key
    for key, microseconds in instants(row):
        if limits.time_unit != "microsecond" and microseconds % UNITS[limits.time_unit]:
            yield "time_unit", FIELD_OF_KEY.get(key, key)
    for key in ("hours", "attributes", "opt_outs"):
        if row.get(key) and not getattr(limits, key):
            yield key, key
    if limits.most_phones is not None and len(row.get("phones", ())) > limits.most_phones:
        yield "most_phones", "phones"
    if limits.most_emails is not None and len(row.get("emails", ())) > limits.most_emails:
        yield "most_emails", "emails"
    if limits.record_kinds is not None and entity == "record" and row["kind"] not in limits.record_kinds:
        yield "record_kinds", "kind"


def effects(entity: str, before: Row | None, after: Row) -> Iterator[str]:
    was = before or {}
    if any(part not in was.get("unavailable", ()) for part in after.get("unavailable", ())):
        yield "unavailable"
    if entity == "customer" and former(after) - former(before):
        yield "former_emails"
    if after.get("merged_into") is not None and after["merged_into"] != was.get("merged_into"):
        yield "merged_into"
    if entity == "access_request" and after["status"] == "pending" != was.get("status"):
        yield "access_requests"


def live(row: Row | None) -> bool:
    return row is not None and row["status"] in ("held", "booked")


def overlapping(before: Rows, after: Rows) -> Iterator[str]:
    """Yield the id of each booking that got a time of its profile or customer in which another one is."""
    rows = {id: row for (entity, id), row in after.items() if entity == "appointment" and live(row)}
    for owner in ("profile_id", "customer_id"):
        for id, row in rows.items():
            was = before.get(("appointment", id))
            if was and live(was) and all(was[key] == row[key] for key in (owner, "start", "end")):
                continue
            slot_of = (row["start"], row["end"])
            others = (other for other in rows.values() if other["id"] != id and other[owner] == row[owner])
            if owner == "profile_id" and row.get("session_id"):
                session = (row["session_id"], *slot_of)
                others = (o for o in others if (o.get("session_id"), o["start"], o["end"]) != session)
            if any(other["start"] < slot_of[1] and slot_of[0] < other["end"] for other in others):
                yield id


def oracle(seen: Seen, limits: am.Limits) -> Broken:
    """Return all limits that a plan breaks."""
    broken: Broken = {
        ("store_cannot_hold", entity, id, *limit_and_field)
        for entity, id, row in seen.written
        for limit_and_field in broken_by_row(entity, row, limits)
    }
    for before, rows in itertools.pairwise(seen.states):
        for (entity, id), row in rows.items():
            for effect in effects(entity, before.get((entity, id)), row):
                if effect in limits.not_obeyed:
                    broken.add(("effect_not_obeyed", entity, id, effect))
    if not limits.overlaps:
        for id in overlapping(seen.states[0], seen.states[-1]):
            broken.add(("store_cannot_hold", "appointment", id, "overlaps", "slot"))
    return broken


def told(plan: Any) -> Broken:
    """Return the limits that the blockers of a plan name."""
    return {
        (finding.code, *(str(finding.facts[name]) for name in names if name in finding.facts))
        for finding in plan.blockers
        for names in [("entity", "id", "limit", "effect", "field")]
    }


def tight(seen: Seen) -> Iterator[tuple[str, am.Limits]]:
    """Yield limits that just do not hold the rows that a plan writes, each alone, and just hold them; then all."""
    rows = [row for _, _, row in seen.written]
    texts = (text for e, _, row in seen.written for key in TEXTS[e] for text in leaves(row.get(key, ())))
    longest = max(map(len, texts), default=0)
    phones = max((len(row.get("phones", ())) for row in rows), default=0)
    emails = max((len(row.get("emails", ())) for row in rows), default=0)
    for less in (0, 1):
        yield "longest_text", am.Limits(longest_text=max(1, longest - less))
        yield "most_phones", am.Limits(most_phones=max(0, phones - less))
        yield "most_emails", am.Limits(most_emails=max(0, emails - less))
    for unit in UNITS:
        yield "time_unit", am.Limits(time_unit=unit)
    for name in ("hours", "attributes", "opt_outs", "overlaps"):
        lacking: dict[str, Any] = {name: False}
        yield name, am.Limits(**lacking)
    kinds = {row["kind"] for entity, _, row in seen.written if entity == "record"}
    yield "record_kinds", am.Limits(record_kinds=kinds)
    yield "record_kinds", am.Limits(record_kinds=sorted(kinds)[1:])
    for effect in EFFECTS:
        yield effect, am.Limits(not_obeyed=[effect])
    yield (
        "all",
        am.Limits(
            longest_text=1,
            most_phones=0,
            most_emails=0,
            time_unit="second",
            hours=False,
            attributes=False,
            opt_outs=False,
            overlaps=False,
            record_kinds=(),
            not_obeyed=EFFECTS,
        ),
    )


def planned(case: Aimed, limits: am.Limits | None) -> Any:
    return am.plan(case.snapshot, case.request, rules=case.rules, at=case.at, limits=limits)


@pytest.fixture(params=REQUEST_KINDS, scope="module")
def kind(request: pytest.FixtureRequest) -> Intent:
    """Return each kind in turn."""
    intent: Intent = request.param
    return intent


@pytest.mark.unmeasured
def test_each_limit_blocks_just_when_a_row_breaks_it_and_without_it_the_plan_is_ready(kind: Intent) -> None:
    met: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for number in range(examples()):
        case = rich(kind, number)
        free = planned(case, None)
        if not free.is_ready:
            continue
        assert planned(case, am.Limits()).change_set == free.change_set  # the remedy: the store has room
        seen = Seen.of(case, confirmed(free.change_set))
        for name, limits in tight(seen):
            plan, wanted = planned(case, limits), oracle(seen, limits)
            assert told(plan) == wanted, (number, name)
            assert plan.is_ready == (not wanted), (number, name)
            (met if wanted else held)[name] += 1
            if plan.is_ready:
                assert plan.change_set == free.change_set, (number, name)
            else:
                assert not plan.change_set.steps
            assert plan.limits == limits
            assert am.loads(am.dumps(plan)) == plan
    assert met.keys() >= MET[kind]
    assert held.keys() >= {name for name, _ in tight(Seen([], []))} - {"all"}


def test_limits_add_nothing_to_a_plan_that_is_blocked_already(kind: Intent) -> None:
    """So nobody without access to a customer learns anything from them."""
    blocked = 0
    for number in range(examples()):
        case = rich(kind, number)
        free = planned(case, None)
        if not free.is_ready:
            *_, (_, limits) = tight(Seen([], []))
            plan = planned(case, limits)
            assert (plan.findings, plan.change_set) == (free.findings, free.change_set), number
            blocked += 1
    assert blocked


def test_an_effect_that_a_named_person_sees_to_does_not_block_and_leaves_the_set_as_it_is(
    kind: Intent,
) -> None:
    accepted: Counter[str] = Counter()
    for number in range(examples()):
        case = rich(kind, number)
        limits = am.Limits(not_obeyed=EFFECTS)
        plan = planned(case, limits)
        if {blocker.code for blocker in plan.blockers} != {"effect_not_obeyed"}:
            continue
        entries = [am.Acceptance(finding=f.id, by="Ann Example", why="By hand.") for f in plan.blockers]
        asked = attrs.evolve(case.request, accept=(*case.request.accept, *entries))
        signed = attrs.evolve(case, request=asked)
        ready, free = planned(signed, limits), planned(signed, None)
        assert ready.is_ready
        assert ready.change_set == free.change_set, number
        assert {f.id for f in ready.findings if f.accepted} >= {entry.finding for entry in entries}
        accepted.update(str(f.facts["effect"]) for f in plan.blockers)
    assert accepted.keys() >= MET[kind] & {*EFFECTS}


def test_limits_go_with_the_plan_when_it_is_made_again(kind: Intent) -> None:
    for number in range(10):
        case = rich(kind, number)
        plan = planned(case, am.Limits(most_phones=0))
        assert am.rebase(case.snapshot, plan).plan == plan
