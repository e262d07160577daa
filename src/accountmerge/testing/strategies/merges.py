"""Strategies for merges in a practice in which two to four customers are one person.

At most four customers merge; one was absorbed before, and one is a stranger. There are three profiles, six
appointments and eight records. Few values, so that they meet: mailboxes in several spellings, the same phone
twice, equal record numbers, slots that touch and overlap, records with one key, ids that every table has.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import event
from hypothesis import strategies as st

from accountmerge.findings.finding import Acceptance
from accountmerge.merges.planner import plan_merge
from accountmerge.merges.requests import Authority, MergeRequest
from accountmerge.merges.rules import FieldRule, MergeRules, RecordKind
from accountmerge.model.json_text import FrozenJson
from accountmerge.model.records import BUILT_IN_KINDS, RELATION, Record
from accountmerge.model.snapshots import Snapshot
from accountmerge.plans.executions import apply
from accountmerge.testing.strategies.practices import DECLARED, Practice, practices
from accountmerge.testing.strategies.scalars import few
from accountmerge.testing.strategies.shown_cases import ShownCase
from accountmerge.testing.strategies.times import PIVOT

if TYPE_CHECKING:
    from accountmerge.merges.planner import MergePlan

_TEXT = ("survivor_first", "absorbed_first", "fill_blanks", "longest", "must_agree", "explicit")
_TIMES = ("earliest", "latest")
_FOR_ATTRIBUTES = ("largest", "smallest", "true_wins", "false_wins")
_ONE_PERSON = (
    (),
    ("birth_date",),
    ("attributes.since", "family_name"),
    ("address", "birth_date", "given_name"),
)
_POLICIES: dict[str, tuple[str, ...]] = {
    "given_name": _TEXT,
    "family_name": _TEXT,
    "address": _TEXT,
    "birth_date": (*_TEXT[:3], *_TEXT[4:], *_TIMES),
    "phones": ("survivor_first", "absorbed_first", "union", "must_agree", "explicit"),
    "attributes": (*_TEXT[:5], *_TIMES, *_FOR_ATTRIBUTES),
    "attributes.since": (*_TEXT, *_TIMES, *_FOR_ATTRIBUTES),
}
_EXPLICIT: dict[str, Any] = {
    "given_name": "Given",
    "family_name": "",
    "address": "1 Example Street",
    "birth_date": "1999-12-31",
    "phones": ["1", "1", "9"],
    "attributes.since": None,
}


_AUTHORITY = Authority(person="Ann Example", role="Back office", ticket="T-1", why="Asked by telephone.")


@attrs.frozen
class MergeCase(ShownCase):
    """The data of a merge."""

    snapshot: Snapshot
    request: MergeRequest
    rules: MergeRules
    at: datetime

    def plan(self, snapshot: Snapshot | None = None) -> MergePlan:
        """Plan the request. Default: on the snapshot of the case."""
        return plan_merge(snapshot or self.snapshot, self.request, rules=self.rules, at=self.at)


@st.composite
def merge_rules(draw: st.DrawFn, *, max_fields: int = 3) -> MergeRules:
    """Draw rules with any policy that fits a field, and with a kind of record declared unique."""
    fields = draw(st.lists(st.sampled_from(sorted(_POLICIES)), max_size=max_fields, unique=True))
    ending = draw(few((False, False, False, True)))
    record_kinds = [
        RecordKind(kind=DECLARED, ends="remove" if ending else "move", one_per_customer=not ending)
    ]
    if draw(few((False, False, False, True))):
        kinds = tuple(kind for kind in BUILT_IN_KINDS if kind != RELATION)
        record_kinds.append(RecordKind(kind=draw(few(kinds)), one_per_customer=True))
    return MergeRules(
        fields=[_field_rule(field, draw(few(_POLICIES[field]))) for field in fields],
        record_kinds=record_kinds,
        kept_primary=draw(few(("ask", "survivor", "absorbed"))),
        identity_fields=draw(few(_ONE_PERSON)),
        identity_conflict=draw(few(("warn", "warn", "block"))),
        login_change=draw(few(("warn", "warn", "block"))),
    )


def _field_rule(field: str, policy: Any) -> FieldRule:
    value = FrozenJson.of(_EXPLICIT[field]) if policy == "explicit" else None
    return FieldRule(field=field, policy=policy, value=value)


@st.composite
def merge_cases(draw: st.DrawFn, *, max_appointments: int = 6, max_records: int = 8) -> MergeCase:
    """Draw a merge that is ready most of the time, with blockers accepted or ruled where allowed.

    Some are half applied already, or applied with a later change of an absorbed customer; one in twelve is
    refused. Filter by `case.plan().is_ready` if only ready ones count.

    Args:
        draw: Given by hypothesis.
        max_appointments: The most appointments.
        max_records: The most records.
    """
    practice = draw(practices(max_appointments=max_appointments, max_records=max_records))
    rules = draw(merge_rules())
    request = MergeRequest(survivor=practice.survivor, absorbed=practice.absorbed, actor=practice.actor)
    if draw(few((False, False, False, True))):
        rules = attrs.evolve(rules, actor="authorised")
    request = attrs.evolve(request, authority=_AUTHORITY if rules.actor == "authorised" else None)
    at = PIVOT + draw(few((timedelta(0), timedelta(0), timedelta(hours=1), timedelta(days=30))))
    case = MergeCase(practice.snapshot, request, rules, at)
    if draw(st.integers(0, 11)):
        case = _cleared(case)
    else:
        event("left to chance")
    stage = draw(few(("untouched", "untouched", "untouched", "halfway", "finished", "late")))
    return case if stage == "untouched" else _carried_out(draw, case, practice, stage)


def _cleared(case: MergeCase) -> MergeCase:
    """Return a case with accepted findings, and with required fields that fill blanks."""
    blockers = case.plan().blockers
    event(f"blockers: {', '.join(sorted({finding.code for finding in blockers})) or 'none'}")
    codes = {finding.code for finding in blockers}
    rules = case.rules
    if "two_primary_emails" in codes:
        rules = attrs.evolve(rules, kept_primary="survivor")
    refused = {finding.facts["field"] for finding in blockers if finding.code == "must_agree"}
    rules = attrs.evolve(
        rules, fields=[rule for rule in rules.fields if rule.field.partition(".")[0] not in refused]
    )
    accept = [
        Acceptance(finding=blocker.id, by="Ann Example", why="agreed")
        for blocker in blockers
        if blocker.is_acceptable
    ]
    return attrs.evolve(case, rules=rules, request=attrs.evolve(case.request, accept=accept))


def _carried_out(draw: st.DrawFn, case: MergeCase, practice: Practice, stage: str) -> MergeCase:
    """Return a case on data with some of its steps done, or all and a later change."""
    plan = case.plan()
    if not plan.is_ready or not plan.change_set.steps:
        return case
    confirmed = plan.confirm(by="Ann Example", at=case.at)
    steps = len(confirmed.steps)
    n = draw(st.integers(0, steps)) if stage == "halfway" else steps
    snapshot = apply(case.snapshot, confirmed.prefix(n))
    event(f"carried out: {stage}")
    if stage == "late":
        snapshot = _with_late_things(draw, snapshot, practice)
    return _cleared(attrs.evolve(case, snapshot=snapshot))


def _with_late_things(draw: st.DrawFn, snapshot: Snapshot, practice: Practice) -> Snapshot:
    """Write to an absorbed customer, as a program does that does not know of the merge."""
    late = draw(few(practice.absorbed))
    rows: list[Any] = [attrs.evolve(row, id=f"late-{row.id}") for row in practice.of(late)]
    rows = [_hung_on_what_is_left(row, snapshot) for row in rows]
    customer = snapshot.customers[late]
    if draw(few((False, True))):
        rows.append(attrs.evolve(customer, phones=("9",), opt_outs=("chat",), status="active"))
    chosen = [row for row in rows if draw(few((False, True)))]
    return snapshot.changed(chosen) if chosen else snapshot


def _hung_on_what_is_left(row: Any, snapshot: Snapshot) -> Any:
    lost = isinstance(row, Record) and row.attached_to not in snapshot.records
    return attrs.evolve(row, attached_to=None) if lost else row
