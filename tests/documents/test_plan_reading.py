"""Change sets and plans in files: altered ones, contradicting ones and unknown words are refused."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

import accountmerge as am
from accountmerge.changes.change_sets import OBLIGATION_FACTS
from accountmerge.changes.guards import GUARD_FACTS, Guard
from accountmerge.changes.steps import REASON_FACTS
from accountmerge.findings.vocabulary import FINDINGS
from accountmerge.messages import FACT_TYPES, FactType
from accountmerge.wire.canonical import frozen, plan_id_of, rules_digest, sealed
from closed_words import typed_facts
from full_documents import (
    Place,
    as_json,
    faults_in,
    full_change_set,
    full_documents,
    path_of,
    places,
    replaced,
    value_at,
)
from small_values import NOON, migration

CHANGE_SET = as_json(full_change_set())
PLAN = as_json(full_documents()["plan"])
BLOCKED = as_json(full_documents()["blocked plan"])
OPENING: Place = ("steps", 0)


def told(data: Any) -> list[tuple[str, str]]:
    return [(fault.code, fault.path) for fault in faults_in(data)]


def test_a_change_at_any_place_breaks_the_seal() -> None:
    """Whatever text, number or truth value is altered is told, unless it is not part of what is sealed."""
    unsealed = {"format", "plan_id", "through", "confirmation", "annotations"}
    other: dict[type, Any] = {
        str: lambda text: text + "x",
        int: lambda number: number + 1,
        bool: lambda truth: not truth,
    }
    for place in places(CHANGE_SET):
        value = value_at(CHANGE_SET, place)
        if place[0] not in unsealed and type(value) in other:
            altered = replaced(CHANGE_SET, place, other[type(value)](value))
            assert told(altered), path_of(place)


def test_the_seal_is_the_only_fault_of_a_well_formed_alteration() -> None:
    altered = replaced(CHANGE_SET, (*OPENING, "edits", 0, "after", "practitioner_id"), "H9")
    assert told(altered) == [("plan_id_mismatch", "plan_id")]
    assert told(replaced(CHANGE_SET, ("request", "ticket"), "T-2")) == [("plan_id_mismatch", "plan_id")]
    assert told(replaced(CHANGE_SET, ("at",), "2026-03-02T12:00:01Z")) == [("plan_id_mismatch", "plan_id")]
    assert told(replaced(PLAN, ("change_set", "tolerated"), ["email_same:P1"])) == [
        ("plan_id_mismatch", "change_set.plan_id")
    ]


@pytest.mark.parametrize("place", [("annotations",), ("through",), ("confirmation",)])
def test_remarks_prefixes_and_confirmations_are_not_sealed(place: Place) -> None:
    data = {key: value for key, value in CHANGE_SET.items() if key != place[0]}
    found = am.loads(am.dumps(full_change_set()))
    assert isinstance(found, am.ChangeSet)
    assert found.annotations.value == {"seen": [True]}
    assert told(data) == []


def test_one_plan_id_for_equal_content_however_it_is_written() -> None:
    spelled = replaced(CHANGE_SET, ("at",), "2026-03-02T23:00:00+11:00")
    backwards = {key: spelled[key] for key in reversed(spelled)}
    assert told(backwards) == []


def test_a_confirmation_of_another_plan_is_kept_for_apply_to_refuse() -> None:
    assert told(replaced(CHANGE_SET, ("confirmation", "plan_id"), "0" * 64)) == []


@pytest.mark.parametrize("ordinal", [0, 2, -1])
def test_steps_are_counted_from_one(ordinal: int) -> None:
    found = told(replaced(CHANGE_SET, (*OPENING, "ordinal"), ordinal))
    assert found == [("wrong_ordinal", "steps[0].ordinal"), ("plan_id_mismatch", "plan_id")]
    swapped = replaced(CHANGE_SET, ("steps",), [*CHANGE_SET["steps"][1:], CHANGE_SET["steps"][0]])
    assert [path for code, path in told(swapped) if code == "wrong_ordinal"] == [
        f"steps[{n}].ordinal" for n in range(len(CHANGE_SET["steps"]))
    ]


@pytest.mark.parametrize("through", [-1, len(CHANGE_SET["steps"]) + 1])
def test_a_prefix_is_no_longer_than_the_steps(through: int) -> None:
    assert told(replaced(CHANGE_SET, ("through",), through)) == [("wrong_ordinal", "through")]


def test_a_blocked_set_has_no_steps() -> None:
    assert told(replaced(CHANGE_SET, ("blocked",), ["email_same"])) == [
        ("blocked_with_steps", "steps"),
        ("plan_id_mismatch", "plan_id"),
    ]


@pytest.mark.parametrize(
    ("place", "value", "fault", "path"),
    [
        (("intent",), "merger", "not_in_vocabulary", "intent"),
        ((*OPENING, "kind"), "call", "not_in_vocabulary", "steps[0].kind"),
        ((*OPENING, "reason", "code"), "because", "not_in_vocabulary", "steps[0].reason.code"),
        ((*OPENING, "guards", 0, "kind"), "hoped", "not_in_vocabulary", "steps[0].guards[0].kind"),
        ((*OPENING, "edits", 0, "op"), "update", "not_in_vocabulary", "steps[0].edits[0].op"),
        ((*OPENING, "edits", 0, "op"), ["create"], "not_in_vocabulary", "steps[0].edits[0].op"),
        ((*OPENING, "edits", 0, "entity"), "profiles", "not_in_vocabulary", "steps[0].edits[0].entity"),
        (("obligations", 0, "kind"), "pray", "not_in_vocabulary", "obligations[0].kind"),
        (("obligations", 0, "facts"), {}, "wrong_facts", "obligations[0].facts"),
        ((*OPENING, "reason", "facts"), {"profile_id": "P1"}, "wrong_facts", "steps[0].reason.facts"),
    ],
)
def test_words_out_of_the_vocabulary_are_refused(place: Place, value: Any, fault: str, path: str) -> None:
    assert told(replaced(CHANGE_SET, place, value)) == [(fault, path)]


@pytest.mark.parametrize(
    ("place", "value", "fault", "path"),
    [
        (("intent",), "merger", "not_in_vocabulary", "intent"),
        (("intent",), ["migration"], "wrong_type", "intent"),
        (("findings", 0, "code"), "bad_luck", "not_in_vocabulary", "findings[0].code"),
        (("findings", 0, "facts"), {"bad": "luck"}, "wrong_facts", "findings[0].facts"),
        (("findings", 0, "severity"), "error", "not_in_vocabulary", "findings[0].severity"),
        (("request", "ticket"), "T-2", "plan_contradicts_itself", "change_set.request"),
        (("request", "new_email"), "other@example.com", "plan_contradicts_itself", "change_set.request"),
        (("rules", "minutes_per_booking"), 60, "plan_contradicts_itself", "change_set.rules_digest"),
        (("rules", "minutes_per_booking"), 0, "wrong_type", "rules.minutes_per_booking"),
        (("change_set", "format"), "accountmerge.plan/1", "unknown_format", "change_set.format"),
        (("change_set", "format"), "accountmerge.changeset/9", "unknown_format", "change_set.format"),
    ],
)
def test_a_plan_does_not_contradict_itself(place: Place, value: Any, fault: str, path: str) -> None:
    found = told(replaced(PLAN, place, value))
    assert (fault, path) in found
    assert {where.partition(".")[0] for _, where in found} <= {path.partition(".")[0], path}


def test_what_blocks_is_what_was_found() -> None:
    blocker = BLOCKED["findings"][0]
    assert told(replaced(BLOCKED, ("findings",), [])) == [("plan_contradicts_itself", "change_set.blocked")]
    assert told(replaced(PLAN, ("findings",), [*PLAN["findings"], blocker])) == [
        ("plan_contradicts_itself", "change_set.blocked")
    ]
    accepted = {**blocker, "accepted": {"finding": "ticket_missing:P1", "by": "Ann", "why": "late"}}
    altered = replaced(BLOCKED, ("findings",), [accepted])
    assert ("plan_contradicts_itself", "change_set.blocked") in told(altered)


def test_another_document_is_no_change_set() -> None:
    rules = as_json(am.MigrationRules())
    assert told(replaced(PLAN, ("change_set",), rules)) == [("unknown_format", "change_set.format")]


def test_a_plan_in_a_plan_in_a_plan_is_one_fault() -> None:
    data: Any = PLAN
    for _ in range(400):
        data = {**PLAN, "change_set": data}
    assert told(data) == [("unknown_format", "change_set.format")]


GUARD_VALUES: dict[str, Any] = {
    "entity": "profile",
    "id": "P1",
    "version": 1,
    "profile_id": "P1",
    "customer_id": "C1",
    "related_customer_id": "C2",
    "start": "2026-03-02T12:00:00Z",
    "end": "2026-03-02T13:00:00Z",
    "from": "2026-03-02T12:00:00Z",
    "instant": "2026-03-02T12:00:00Z",
    "address": "ann@example.com",
    "level": "viewing",
    "login": "enabled",
    "digest": "0" * 64,
    "request_id": "Q1",
    "only": "record",
    "staying": ("note",),
    "session_id": "S1",
}
GUARD_PLACE: Place = (*OPENING, "guards", 0)


def guarded(kind: str, **facts: Any) -> list[tuple[str, str]]:
    """Return what is told of a change set with a guard; but for its seal, which is broken in any case."""
    return [
        fault
        for fault in told(replaced(CHANGE_SET, GUARD_PLACE, {"kind": kind, "facts": facts}))
        if fault[0] != "plan_id_mismatch"
    ]


FORMS = [(kind, required, optional) for kind, forms in GUARD_FACTS.items() for required, optional in forms]


@pytest.mark.parametrize(("kind", "required", "optional"), FORMS)
def test_a_guard_has_just_its_facts_each_of_its_type(
    kind: str, required: frozenset[str], optional: frozenset[str]
) -> None:
    whole = {name: GUARD_VALUES[name] for name in required | optional}
    assert guarded(kind, **whole) == []
    assert guarded(kind, **{name: GUARD_VALUES[name] for name in required}) == []
    for name in required:
        assert guarded(kind, **{key: value for key, value in whole.items() if key != name}) == [
            ("wrong_facts", f"{path_of(GUARD_PLACE)}.facts")
        ]
    assert guarded(kind, **whole, surprise=1) == [("wrong_facts", f"{path_of(GUARD_PLACE)}.facts")]
    for name in required | optional:
        for wrong in (True, 1) if name == "staying" else ([], True, ["x"]):
            found = guarded(kind, **(whole | {name: wrong}))
            assert found[0][1] == f"{path_of(GUARD_PLACE)}.facts.{name}", (name, wrong)


def test_a_guard_has_the_facts_of_one_form_and_not_of_two() -> None:
    for kind, forms in GUARD_FACTS.items():
        together = frozenset[str]().union(*(required for required, _ in forms))
        refused = guarded(kind, **{name: GUARD_VALUES[name] for name in together})
        assert bool(refused) == (len(forms) > 1), kind


def test_facts_of_guards_are_words_and_times_that_exist() -> None:
    facts = f"{path_of(GUARD_PLACE)}.facts"
    assert guarded("unchanged", entity="note", id="N1") == [("not_in_vocabulary", f"{facts}.entity")]
    for entity, faults in {"profile": 0, "customer": 0, "appointment": 1, "client": 1}.items():
        found = guarded("address_unclaimed", entity=entity, address="a")
        assert found == [("not_in_vocabulary", f"{facts}.entity")] * faults, entity
    assert guarded("access_holds", profile_id="P1", customer_id="C1", level="owner") == [
        ("not_in_vocabulary", f"{facts}.level")
    ]
    held = {"profile_id": "P1", "customer_id": "C1", "level": "viewing"}
    assert guarded("access_holds", **held, login="open") == [("not_in_vocabulary", f"{facts}.login")]
    assert guarded("not_after", instant="now") == [("invalid_value", f"{facts}.instant")]
    noon = GUARD_VALUES["start"]
    assert guarded("slot_free", profile_id="P1", start=noon, end=noon) == [("invalid_value", f"{facts}.end")]
    assert guarded("slot_free", profile_id="P1", start="now", end=noon) == [
        ("invalid_value", f"{facts}.start")
    ]


EDIT: Place = ("steps", 1, "edits", 0)


def edited(**edit: Any) -> list[tuple[str, str]]:
    """Return what is told of an edit that changes a profile, with other keys; `...` takes one away."""
    whole = {**value_at(CHANGE_SET, EDIT), **edit}
    data = replaced(CHANGE_SET, EDIT, {key: value for key, value in whole.items() if value is not ...})
    return [
        (code, path.removeprefix("steps[1].edits[0]"))
        for code, path in told(data)
        if code != "plan_id_mismatch"
    ]


def test_an_edit_is_of_one_entity_and_changes_something() -> None:
    edit = value_at(CHANGE_SET, EDIT)
    assert (edit["op"], edit["entity"]) == ("change", "profile")
    assert edited() == []
    assert edited(id="P9") == [("invalid_value", ".id")]
    assert edited(id=None) == [("invalid_value", ".id")]
    assert edited(after={}) == [("invalid_value", ".after")]
    assert edited(after={"id": "P9"}) == [("invalid_value", ".after")]
    assert edited(after=[]) == [("wrong_type", ".after")]
    assert edited(after={"email": None}) == [("missing_key", ".after.email")]
    assert edited(after={"surprise": 1}) == [("unknown_key", ".after.<key>")]
    assert edited(before={**edit["before"], "surprise": 1})[0] == ("unknown_key", ".before.<key>")
    assert edited(op="create") == [("unknown_key", ".before")]
    assert edited(op="remove") == [("unknown_key", ".after")]
    assert edited(op=...) == [("missing_key", ".op")]
    assert edited(before=...) == [("missing_key", ".before")]
    assert edited(entity="customer")[0][1].startswith(".before")


def test_a_field_that_an_edit_empties_is_written_as_such() -> None:
    first = full_documents()["snapshot"].profiles["P1"]
    emptied = attrs.evolve(first, hours=None, unavailable=(), succeeded_by=None, version=None)
    person = full_documents()["snapshot"].customers["C1"]
    forgotten = attrs.evolve(
        person, emails=(), phones=(), birth_date=None, address=None, attributes=am.model.FrozenJson.of({})
    )
    edits = (
        am.changes.Edit(first, emptied),
        am.changes.Edit(person, forgotten),
        am.changes.Edit(forgotten, None),
        am.changes.Edit(None, person),
    )
    step = attrs.evolve(migration().change_set.steps[0], edits=edits)
    change_set = sealed(attrs.evolve(migration().change_set, steps=(step,)))
    data = as_json(change_set)
    assert data["steps"][0]["edits"][0]["after"] == {
        "hours": None,
        "unavailable": [],
        "succeeded_by": None,
        "version": None,
    }
    assert am.loads(am.dumps(change_set)) == change_set


def test_the_digests_are_of_content_alone() -> None:
    plan = migration()
    assert plan_id_of(plan.change_set) == plan.plan_id
    assert plan_id_of(plan.change_set.confirm(by="Ann", at=NOON)) == plan.plan_id
    assert (
        rules_digest(plan.rules)
        == plan.change_set.rules_digest
        != rules_digest(am.MigrationRules(minutes_per_booking=9))
    )
    assert frozen(plan.request) == plan.change_set.request
    assert sealed(plan.change_set) == plan.change_set


def test_every_word_of_the_vocabularies_can_be_read() -> None:
    plan = migration()
    reasons = [
        am.changes.Reason(code, am.model.Facts.of(typed_facts(names))) for code, names in REASON_FACTS.items()
    ]
    base = plan.change_set.steps[0]
    guards = tuple(
        Guard(kind, am.model.Facts.of({name: GUARD_VALUES[name] for name in sorted(facts)}))
        for kind, forms in GUARD_FACTS.items()
        for required, optional in forms
        for facts in (required, required | optional)
    )
    steps = tuple(
        attrs.evolve(base, ordinal=n + 1, reason=reason, guards=guards) for n, reason in enumerate(reasons)
    )
    change_set = sealed(attrs.evolve(plan.change_set, steps=steps))
    assert am.loads(am.dumps(change_set)) == change_set
    findings = tuple(
        am.Finding.of(code, ("P1",), "warning", **typed_facts(names))
        for code, kind in FINDINGS.items()
        for names in kind.forms
    )
    whole = attrs.evolve(plan, findings=findings)
    assert am.loads(am.dumps(whole)) == whole


WRONG_FACTS: dict[FactType, Any] = {
    "id": 3,
    "ids": "P1",
    "instant": "tomorrow",
    "instant_or_empty": "tomorrow",
    "number": "three",
    "word": 3,
    "words": "booked",
    "text": 3,
    "version": ["7"],
}
"""A value that is not of the type, for each type of fact."""


@pytest.mark.unmeasured
def test_a_fact_that_is_not_of_its_type_is_refused() -> None:
    """An instant that was read is an instant: nothing that uses a finding or a reason has to ask again."""
    known = {code: ("findings", kind.facts) for code, kind in FINDINGS.items()}
    known |= {code: ("reason", names) for code, names in REASON_FACTS.items()}
    known |= {code: ("obligations", names) for code, names in OBLIGATION_FACTS.items()}
    for code, (family, names) in known.items():
        for name in sorted(names):
            facts: dict[str, Any] = typed_facts(names)
            data = as_json(_saying(family, code, facts | {name: WRONG_FACTS[FACT_TYPES[name]]}))
            paths = [path for kind, path in told(data) if kind != "plan_id_mismatch"]
            assert [path.rpartition("facts.")[2] for path in paths] == [name], (code, name)


def _saying(family: str, code: str, facts: dict[str, Any]) -> am.MigrationPlan:
    """Return a plan that says one thing, as a program could make it."""
    plan, given = migration(1), am.model.Facts.of(facts)
    if family == "findings":
        return attrs.evolve(plan, findings=(am.Finding(code, ("P1",), "warning", given),))
    change_set, step = plan.change_set, plan.change_set.steps[0]
    if family == "reason":
        said = attrs.evolve(step, reason=am.changes.Reason(code, given))
        changed = attrs.evolve(change_set, steps=(said, *change_set.steps[1:]))
    else:
        owed = am.changes.Obligation(kind=code, whom="customer", when="afterwards", facts=given)
        changed = attrs.evolve(change_set, obligations=(owed,))
    return attrs.evolve(plan, change_set=changed)
