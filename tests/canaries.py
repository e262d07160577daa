"""Canaries: cases in which every personal value is one, and a look at everything that is shown of them.

Which fields are personal is read from the declaration beside each class (`privacy`). Equal values
become equal canaries, different ones different: two spellings of a mailbox stay two spellings of one.
"""

from __future__ import annotations

import itertools
import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs

import accountmerge as am
from accountmerge.model.json_text import EMPTY_OBJECT
from accountmerge.model.private import fields_of

if TYPE_CHECKING:
    from accountmerge.testing.strategies import CustomerCase, MergeCase, MigrationCase, RebookingCase

AnyPlan = am.MigrationPlan | am.MergePlan | am.customers.CustomerPlan | am.rebooking.RebookingPlan
CANARY = re.compile(r"canary|\b1[78]\d\d-\d\d-\d\d", re.IGNORECASE)
"""What every personal value contains; birth dates are long ago, and no other date is."""
_FIRST_BIRTH = date(1701, 1, 1)


def shown_in(text: str) -> list[str]:
    """Return the personal values that a text shows."""
    return [text[max(0, hit.start() - 20) : hit.end() + 20] for hit in CANARY.finditer(text)]


class Aviary:
    """Gives every value its canary."""

    def __init__(self) -> None:
        self._given: dict[Any, int] = {}

    def _number(self, value: Any) -> int:
        return self._given.setdefault((type(value).__name__, value), len(self._given))

    def text(self, value: str) -> str:
        """Return a canary for a text; what says nothing stays as it is."""
        return f"Canary {self._number(value)}" if value.strip() else value

    def address(self, value: am.model.EmailAddress) -> am.model.EmailAddress:
        number = self._number(value.mailbox)
        if "@" not in value.mailbox:
            return am.model.EmailAddress(f"canary {number}")
        text = f"canary{number}@example.com"
        return am.model.EmailAddress(text if value.text == value.mailbox else f" {text.upper()}")

    def day(self, value: date) -> date:
        return _FIRST_BIRTH + timedelta(days=self._number(value))

    def json(self, value: am.model.FrozenJson) -> am.model.FrozenJson:
        """Return JSON in which every key and every scalar is a canary, for a number says as much as a name."""
        return value if value == EMPTY_OBJECT else am.model.FrozenJson.of(self._plain(value.value))

    def _plain(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {f"Canary {self._number(key)}": self._plain(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._plain(item) for item in value]
        return f"Canary {self._number(repr(value))}"

    def value(self, value: Any) -> Any:
        """Return a canary of the kind that a value is."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, am.model.EmailAddress):
            return self.address(value)
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, am.model.FrozenJson):
            return self.json(value)
        return tuple(map(self.value, value)) if isinstance(value, tuple) else value

    def of(self, value: Any) -> Any:
        """Return a value of ours with canaries in all its personal fields, however deep."""
        if isinstance(value, tuple):
            return tuple(map(self.of, value))
        if not attrs.has(type(value)) or isinstance(
            value, am.TimeSlot | am.WeeklyHours | am.model.FrozenJson
        ):
            return value
        personal = fields_of(type(value)).personal
        changes = {
            field.name: (self.value if field.name in personal else self.of)(getattr(value, field.name))
            for field in attrs.fields(type(value))
        }
        return attrs.evolve(value, **changes)

    def snapshot(self, value: am.Snapshot) -> am.Snapshot:
        names = ("profiles", "customers", "appointments", "records", "access", "access_requests")
        rows: dict[str, Any] = {name: [self.of(row) for row in getattr(value, name)] for name in names}
        return am.Snapshot(value.taken_at, complete_for=value.complete_for, **rows)


def migration_of_canaries(case: MigrationCase) -> MigrationCase:
    """Return a migration in which every personal value is a canary, and what can be accepted is."""
    aviary = Aviary()
    request = attrs.evolve(aviary.of(case.request), reason=case.request.reason)  # a code, or nothing is ready
    found = attrs.evolve(case, snapshot=aviary.snapshot(case.snapshot), request=request)
    return attrs.evolve(found, request=attrs.evolve(request, accept=accepted(found.plan())))


def merge_of_canaries(case: MergeCase) -> MergeCase:
    """Return a merge in which every personal value is a canary, and what can be accepted or ruled is."""
    aviary = Aviary()
    rules = attrs.evolve(
        case.rules, fields=[_canary_rule(aviary, rule) for rule in case.rules.fields], kept_primary="survivor"
    )
    request = aviary.of(case.request)
    found = attrs.evolve(case, snapshot=aviary.snapshot(case.snapshot), request=request, rules=rules)
    blockers = found.plan().blockers
    refused = {finding.facts["field"] for finding in blockers if finding.code == "must_agree"}
    rules = attrs.evolve(
        rules, fields=[rule for rule in rules.fields if rule.field.partition(".")[0] not in refused]
    )
    return attrs.evolve(found, rules=rules, request=attrs.evolve(request, accept=accepted(found.plan())))


def small_plan_of_canaries(case: CustomerCase) -> CustomerCase:
    """Return a small plan in which every personal value is a canary; who decides stays who has an id."""
    aviary = Aviary()
    asked = case.request
    ids = {row.id for row in (*case.snapshot.customers, *case.snapshot.profiles)}
    request = (
        aviary.of(attrs.evolve(asked, changes={}))
        if isinstance(asked, am.customers.CustomerEdit)
        else aviary.of(asked)
    )
    if isinstance(asked, am.customers.CustomerEdit):
        request = attrs.evolve(request, changes=_canary_changes(aviary, asked.changes.value))
    elif isinstance(asked, am.customers.AccessDecision) and asked.by in ids:
        request = attrs.evolve(request, by=asked.by)
    found = attrs.evolve(case, snapshot=aviary.snapshot(case.snapshot), request=request)
    return attrs.evolve(found, request=attrs.evolve(request, accept=accepted(found.plan())))


def rebooking_of_canaries(case: RebookingCase) -> RebookingCase:
    """Return a rebooking in which every personal value is a canary; initials stay those of the names."""
    aviary = Aviary()
    snapshot = aviary.snapshot(case.snapshot)
    request = attrs.evolve(aviary.of(case.request), initials="Canary" if case.plan().blockers else "CC")
    found = attrs.evolve(case, snapshot=snapshot, request=request)
    return attrs.evolve(found, request=attrs.evolve(request, accept=accepted(found.plan())))


def _canary_changes(aviary: Aviary, changes: dict[str, Any]) -> dict[str, Any]:
    """Return an edit's changes with canaries: its keys are words of a closed vocabulary."""
    found: dict[str, Any] = {}
    for name, value in changes.items():
        if name == "birth_date" and value is not None:
            found[name] = aviary.day(date.fromisoformat(value)).isoformat()
        elif name == "add_emails":
            found[name] = [aviary.address(am.model.EmailAddress(item)).text for item in value]
        elif isinstance(value, list):
            found[name] = [aviary.text(item) for item in value]
        else:
            found[name] = value if value is None else aviary.text(value)
    return found


def _canary_rule(aviary: Aviary, rule: am.merges.FieldRule) -> am.merges.FieldRule:
    if rule.value is None:
        return rule
    value = rule.value.value
    if rule.field == "birth_date":
        value = aviary.day(date.fromisoformat(value)).isoformat()
    elif isinstance(value, list):
        value = [aviary.text(item) for item in value]
    elif isinstance(value, str):
        value = aviary.text(value)
    return attrs.evolve(rule, value=am.model.FrozenJson.of(value))


def accepted(plan: AnyPlan) -> list[am.Acceptance]:
    """Return acceptances of all that may be accepted, and one too many, by a canary and for its reason."""
    named = [finding.id for finding in plan.blockers if finding.is_acceptable]
    return [
        am.Acceptance(finding=id, by="Canary Acceptor", why="Canary why") for id in (*named, "email_same:P1")
    ]


def confirmed(plan: AnyPlan) -> am.ChangeSet:
    remarks = am.model.FrozenJson.of({"canary": ["canary"]})
    whole = attrs.evolve(plan.change_set, annotations=remarks)
    return whole.confirm(by="Canary Confirmer", at=datetime(2026, 3, 2, tzinfo=UTC))


def parts(value: object) -> list[object]:
    """Return a value and everything it is made of."""
    found = [value]
    kind: Any = type(value)
    if isinstance(value, am.Snapshot):
        names = ("profiles", "customers", "appointments", "records", "access", "access_requests")
        found += itertools.chain.from_iterable(parts(row) for name in names for row in getattr(value, name))
    elif isinstance(value, BaseException):
        found += itertools.chain.from_iterable(map(parts, vars(value).values()))
    elif attrs.has(kind):
        for field in attrs.fields(kind):
            found += parts(getattr(value, field.name))
    elif isinstance(value, tuple | list):
        found += itertools.chain.from_iterable(map(parts, value))
    elif isinstance(value, dict):
        found += itertools.chain.from_iterable(map(parts, (*value.keys(), *value.values())))
    return found


def ours(value: object) -> list[object]:
    """Return every value of this library that a value is made of, and the value itself."""
    return [value, *(part for part in parts(value) if type(part).__module__.startswith("accountmerge."))]
