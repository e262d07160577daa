"""The texts of plans, change sets and findings: what stands in them, and what never does."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import attrs
import pytest

import accountmerge as am
from accountmerge.changes.change_sets import INTENTS, OBLIGATION_FACTS, Intent
from accountmerge.changes.steps import REASON_FACTS, STEP_KINDS
from accountmerge.findings.vocabulary import FINDINGS
from accountmerge.messages import LANGUAGES, ReaderLanguage, moment_text, sentence
from accountmerge.reports.finding_lines import findings_lines, findings_text
from accountmerge.reports.lines import Line, shown
from accountmerge.reports.plan_lines import plan_text
from small_values import NOON, migration, profile, snapshot

AT = datetime(2026, 3, 2, tzinfo=UTC)


def customer(id: str, **changed: object) -> am.Customer:
    whole = am.Customer(
        id=id,
        record_number="canary",
        given_name="Canary",
        emails=[am.CustomerEmail(am.model.EmailAddress("canary@example.org"), "primary")],
        phones=("canary",),
        status="active",
    )
    return attrs.evolve(whole, **changed)  # type: ignore[arg-type]


def every_kind_of_edit() -> tuple[am.changes.Edit, ...]:
    before = customer("c-1")
    after = customer("c-1", status="disabled", merged_into="c-2", phones=("canary 2",))
    return (
        am.changes.Edit(None, customer("c-2")),
        am.changes.Edit(before, after),
        am.changes.Edit(customer("c-3"), None),
    )


def everything() -> am.ChangeSet:
    """A change set with a step of every kind, every reason, every obligation, and a ledger."""
    reasons = [
        am.changes.Reason(code, am.model.Facts.of(dict.fromkeys(facts, "x")))
        for code, facts in REASON_FACTS.items()
    ]
    steps = tuple(
        am.changes.Step(ordinal, kind, reasons[ordinal % len(reasons)], (), every_kind_of_edit())
        for ordinal, kind in enumerate(STEP_KINDS * 2, start=1)
    )
    obligations = tuple(
        am.changes.Obligation(
            kind=kind,
            whom="practitioner",
            when="some day",
            facts=am.model.Facts.of(dict.fromkeys(facts, "x")),
        )
        for kind, facts in OBLIGATION_FACTS.items()
    )
    entry = am.changes.LedgerEntry(
        entity="customer",
        id="c-1",
        field="phones",
        value=am.model.FrozenJson('"canary"'),
        from_id="c-3",
        rule="r",
    )
    return am.ChangeSet(
        plan_id="p" * 64,
        intent="migration",
        request=am.model.FrozenJson.of(
            {"profile_id": "p-1", "new_email": "canary@example.org", "ticket": "T-1"}
        ),
        rules_digest="",
        at=AT,
        steps=steps,
        ledger=(entry,),
        obligations=obligations,
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_vocabulary_has_a_text(language: str) -> None:
    lines = plan_text(everything(), language).splitlines()
    for kind in STEP_KINDS:
        what = sentence(f"step.{kind}", {}, language)
        assert sum(f". {what}. " in line for line in lines) == 2
    for code, facts in REASON_FACTS.items():
        why = sentence(f"reason.{code}", dict.fromkeys(facts, "x"), language)
        assert any(line.endswith(f". {why}") for line in lines)
    for duty, facts in OBLIGATION_FACTS.items():
        text = sentence(f"obligation.{duty}", dict.fromkeys(facts, "x"), language)
        assert any(line.startswith("  some day") and line.endswith(text) for line in lines)


def test_edits_are_told_by_ids_and_names_of_fields() -> None:
    lines = plan_text(everything()).splitlines()
    steps = len(everything().steps)
    assert lines.count("      creates customer c-2") == steps
    assert lines.count("      changes customer c-1: phones, status and survivor") == steps
    assert lines.count("      removes customer c-3") == steps
    assert "  phones of customer c-1, from c-3 (rule: r)" in lines


def test_values_are_shown_only_to_whom_asks_for_them() -> None:
    lines = plan_text(everything(), values=True).splitlines()
    steps = len(everything().steps)
    assert lines.count('        phones: ["canary"] → ["canary 2"]') == steps
    assert lines.count('        survivor: - → "c-2"') == steps
    assert lines.count('        first names: - → "Canary"') == steps
    assert lines.count('        first names: "Canary" → -') == steps
    assert '  phones of customer c-1, from c-3 (rule: r): "canary"' in lines
    assert not any(line.strip().startswith("id:") for line in lines)
    without = set(plan_text(everything()).splitlines())
    assert "canary" not in "".join(without).casefold()
    assert [line for line in lines if line in without] == [
        line for line in plan_text(everything()).splitlines() if "from c-3" not in line
    ]


def test_a_value_is_escaped_like_everything_that_is_shown() -> None:
    edit = am.changes.Edit(customer("c-1"), customer("c-1", address="a\tb\nc"))
    step = am.changes.Step(
        1,
        "edit_customer",
        am.changes.Reason("edit_asked", am.model.Facts(customer_id="c", fields="f")),
        (),
        (edit,),
    )
    text = plan_text(attrs.evolve(everything(), steps=(step,), ledger=()), values=True)
    assert "\t" not in text
    assert not [line for line in text.splitlines() if line.startswith(("b", "c"))]


REQUESTS: dict[Intent, dict[str, object]] = {
    "migration": {"profile_id": "p-1", "new_email": "canary", "ticket": "T-1"},
    "merge": {"survivor": "c-1", "absorbed": ["c-2", "c-3"], "actor": "p-1", "accept": [{"by": "canary"}]},
    "access_request": {"profile_id": "p-1", "customer_id": "c-1", "expires_at": "2026-03-09T00:00:00Z"},
    "access_decision": {"request_id": "q-1", "decision": "canary", "by": "canary", "reason": "canary"},
    "primary_email": {"customer_id": "c-1", "action": "canary", "address": "canary", "by": "canary"},
    "customer_edit": {"customer_id": "c-1", "changes": {"given_name": "canary"}},
    "rebooking": {"number": "APP-1", "initials": "canary", "old_email": "canary", "new_email": "canary"},
    "undo": {"plan_id": "p" * 64, "through": 3},
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("intent", INTENTS)
def test_a_request_is_shown_by_the_ids_it_is_about(intent: Intent, language: str) -> None:
    asked = attrs.evolve(everything(), intent=intent, request=am.model.FrozenJson.of(REQUESTS[intent]))
    line = plan_text(asked, language).splitlines()[1]
    assert "canary" not in plan_text(asked, language)
    assert moment_text("2026-03-02T00:00:00Z", language) in line
    ids = [text for text in str(REQUESTS[intent]).split("'") if re.fullmatch("[pcq]-[0-9]", text)]
    assert [id for id in ids if id not in line] == []


def test_a_request_that_lacks_everything_has_a_line_too() -> None:
    for intent in INTENTS:
        assert plan_text(attrs.evolve(everything(), intent=intent, request=am.model.FrozenJson.of({})))


def test_values_that_went_the_same_way_are_one_line_of_the_ledger() -> None:
    entry = everything().ledger[0]
    phones = [attrs.evolve(entry, value=am.model.FrozenJson.of(f"canary {n}")) for n in range(2)]
    records = [attrs.evolve(entry, entity="record", id=f"r-{n}", field="record") for n in range(7)]
    other = attrs.evolve(entry, rule="s")
    text = plan_text(attrs.evolve(everything(), ledger=(*phones, records[0], other, *records[1:])))
    assert text.split("Values that are not kept\n")[1].split("\n\n")[0].splitlines() == [
        "  phones of customer c-1, from c-3 (rule: r); in all: 2",
        "  the whole record r-0, r-1, r-2, r-3, r-4, …, from c-3 (rule: r); in all: 7",
        "  phones of customer c-1, from c-3 (rule: s)",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_summary_of_a_plan_is_the_head_of_its_report(language: str) -> None:
    for plan in (migration(), migration(ticket="")):
        state, *rest = plan.summary(language).splitlines()
        shown_state, _, *shown_rest = plan_text(plan, language).split("\n\n")[0].splitlines()
        assert (shown_state, shown_rest) == (state, rest)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_personal_value_is_shown(language: str) -> None:
    confirmed = everything().confirm(by="Canary Person", at=AT)
    for change_set in (everything(), confirmed):
        assert "canary" not in plan_text(change_set, language).lower()


def test_what_cannot_be_undone_says_whether_it_is_confirmed() -> None:
    assert "a named person has to confirm it first" in plan_text(everything())
    confirmed = plan_text(everything().confirm(by="A", at=AT))
    assert "Confirmed by a named person on Monday 2 March 2026 at 00:00 (UTC)." in confirmed
    assert "has to confirm" not in confirmed


def test_a_blocked_change_set_names_the_codes() -> None:
    blocked = attrs.evolve(everything(), steps=(), blocked=("email_in_use", "unknown_profile"))
    text = plan_text(blocked)
    assert text.startswith(f"Plan {'p' * 64}: blocked.\n")
    assert "The plan is blocked by: email_in_use, unknown_profile." in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("code", "way"), [(code, way) for code, kind in FINDINGS.items() for way in kind.ways or (None,)]
)
def test_every_finding_has_its_gravity_its_sentence_and_its_remedy(
    code: str, way: str | None, language: str
) -> None:
    facts = dict.fromkeys(FINDINGS[code].facts, "x") | ({FINDINGS[code].way_fact: way} if way else {})
    finding = am.Finding.of(code, ("b", "a"), **facts)
    word = sentence(f"report.{finding.severity}", {}, language)
    assert findings_text([finding], language).splitlines() == [
        f"  {word} {code}:a:b",
        f"    {finding.describe(language)}",
        f"    {sentence('report.remedy', {'text': finding.advise(language)}, language)}",
        sentence("report.found", {"count": 1}, language),
    ]


def test_roles_say_nothing_that_words_do_not() -> None:
    blocker = am.Finding.of("unknown_profile", ("p",), profile_id="p")
    accepted = attrs.evolve(blocker, accepted=am.Acceptance(finding=blocker.id, by="Canary", why="canary"))
    lines = list(findings_lines([blocker, accepted]))
    assert lines[0] == Line("  BLOCKER unknown_profile:p", "blocker")
    assert lines[3] == Line("  WARNING (accepted) unknown_profile:p", "warning")
    assert "canary" not in findings_text([accepted]).lower()


def test_no_findings_are_one_sentence() -> None:
    assert findings_text([]) == "No fault was found."
    assert findings_text([], "fr") == "Aucun défaut trouvé."


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a\n  2. Rebook", r"a\n  2. Rebook"),
        ("a\x1b[2K\r", r"a\x1b[2K\r"),
        ("a\u202eb\u2028c\x85d", r"a\u202eb\u2028c\x85d"),
        ("\ud800", r"\ud800"),
        ("déjà\u00a0vu 本", "déjà\u00a0vu 本"),
    ],
)
def test_what_a_terminal_would_obey_is_escaped(text: str, safe: str) -> None:
    assert shown(text) == safe


def test_an_id_cannot_forge_a_step() -> None:
    with pytest.raises(am.InvalidValueError):
        customer("c\n  99. Rebook")
    reason = am.changes.Reason("edit_asked", am.model.Facts(customer_id="c\n  99. Rebook", fields="f"))
    forged = attrs.evolve(everything().steps[0], reason=reason)
    lines = plan_text(attrs.evolve(everything(), steps=(forged,))).splitlines()
    assert not [line for line in lines if line.startswith("  99.")]


@pytest.mark.parametrize(
    ("language", "word", "told"), [("en", "customer", "patient"), ("fr", "client", "patient")]
)
def test_reports_of_a_plan_say_the_word_for_a_customer_of_its_rules(
    language: str, word: str, told: str
) -> None:
    data = snapshot(
        profiles=[profile()], customers=[customer("C1"), customer("C2", status="disabled")], access=[]
    )
    request = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1")
    usual = am.plan_merge(data, request, at=AT)
    own = am.plan_merge(data, request, rules=am.MergeRules(customer_label="patient"), at=AT)
    assert own.blockers
    for text in (plan_text, lambda plan, language: plan.summary(language)):
        assert told not in text(usual, language)
        assert not re.search(rf"(?<![\w.:]){word}(?!_)", text(own, language))
    assert told in plan_text(own, language)
    assert plan_text(own, ReaderLanguage(language, customer="client")).count("client") > 0
    assert am.dumps(usual).count("customer_label") == 0


@pytest.mark.parametrize(
    ("language", "first"), [("en", "1. Tuesday 3 March 2026 at 23:00 to"), ("fr", "1. Du mardi 3 mars 2026")]
)
def test_a_window_is_told_with_the_zone_of_its_times(language: str, first: str) -> None:
    empty = snapshot(profiles=[profile("P1")])
    proposals = am.migrations.propose_windows(empty, "P1", earliest=NOON, count=1)
    heading = am.reports.window_text(proposals, "Australia/Sydney", language).splitlines()[0]
    assert heading.startswith(first)
    assert heading.endswith(", Australia/Sydney")
