"""Catalogues: complete for every word of the closed vocabularies in both languages, and nothing more."""

from __future__ import annotations

import ast
import io
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.changes.change_sets import OBLIGATION_FACTS
from accountmerge.changes.failures import FAILURE_FACTS
from accountmerge.changes.independence import DEPENDENCE_FACTS
from accountmerge.changes.steps import REASON_FACTS, STEP_KINDS
from accountmerge.explanations.sources import EXPLAIN_FACTS, LEDGER_RULES
from accountmerge.findings.vocabulary import FINDINGS
from accountmerge.messages import LANGUAGES, has_sentence, placeholders, sentence, visible
from accountmerge.model.appointments import MODALITIES
from accountmerge.model.entities import ENTITY_NAMES
from accountmerge.planning.merges.suggestions import SUGGESTION_FACTS
from accountmerge.planning.migrations.booking_states import PROGRESS_REASONS
from accountmerge.planning.windows.estimates import WINDOW_FACTS
from accountmerge.rules.rebooking_readings import QUESTION_FIELDS, QUESTIONS
from accountmerge.rules.rebooking_words import REBOOKING_FIELDS
from accountmerge.rules.roles import ROLES
from accountmerge.rules.wording import NOTICE_TEXTS
from accountmerge.timelines.phases import CONDITIONS, GATE_CODES, PHASES, WAYS_BACK
from accountmerge.timelines.to_dos import TO_DO_FACTS
from accountmerge.views.booking_routes import ROUTE_FACTS
from accountmerge.views.log_ins import LOGIN_FACTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Catalog

SOURCE = Path(am.__file__).parent
LOCALE = SOURCE / "messages" / "locale"
NOTHING: frozenset[str] = frozenset()
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(SOURCE.rglob("*.py"))}
CONSTANTS = {
    node.value
    for tree in TREES.values()
    for node in ast.walk(tree)
    if isinstance(node, ast.Constant) and isinstance(node.value, str)
}
ERRORS = ("InvalidValueError", "AccountMergeError")


def sentences(catalogue: Catalog) -> dict[str, str]:
    return {str(message.id): str(message.string) for message in catalogue if message.id}


@cache
def po(language: str) -> dict[str, str]:
    with (LOCALE / language / "LC_MESSAGES" / "accountmerge.po").open("rb") as stream:
        return sentences(read_po(stream))


def calls(*names: str) -> Iterator[ast.Call]:
    """Yield every call of a function or class of some name in the source."""
    for tree in TREES.values():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", getattr(node.func, "attr", None)) in names
            ):
                yield node


def text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def facts_by_code(*names: str) -> dict[str, frozenset[str]]:
    """Return the codes that are given to some classes, each with the facts that it always has."""
    found: dict[str, frozenset[str]] = {}
    for call in calls(*names):
        code = text(call.args[0]) if call.args else None
        if code is not None:
            facts = frozenset(keyword.arg for keyword in call.keywords if keyword.arg)
            found[code] = found.get(code, facts) & facts
    return found


def error_facts() -> dict[str, frozenset[str]]:
    """Return what errors are raised with, and what faults are that name the error as their reason."""
    found = facts_by_code(*ERRORS) | {
        "not_loadable": frozenset({"count"}),
        "apply_refused": frozenset({"count"}),
    }
    for call in calls("Fault"):
        for keyword in call.keywords:
            code = text(keyword.value) if keyword.arg == "reason" else None
            if code is not None:
                found[code] = NOTHING
    return found | dict.fromkeys(("more_faults", "more_failures"), frozenset({"count"}))


def type_names() -> dict[str, frozenset[str]]:
    """Return the names of types that a fault or an error can say were wanted or found."""
    from accountmerge.wire.scalars import _JSON_TYPES

    named = {text(call.args[0]) for call in calls("wrong_type")} | {"value", *_JSON_TYPES.values()}
    named |= {text(call.args[1]) for call in calls("instance")} | {*ENTITY_NAMES, "whole_number"}
    for call in calls(*ERRORS):
        if call.args and text(call.args[0]) == "wrong_type":
            named |= {text(keyword.value) for keyword in call.keywords if keyword.arg == "wanted"}
    return {name: NOTHING for name in named if name}


def vocabulary() -> dict[str, frozenset[str]]:
    """Return every key that a catalogue has to have, with the facts that its sentence may use."""
    findings: dict[str, frozenset[str]] = {code: kind.facts for code, kind in FINDINGS.items()}
    kinds = dict.fromkeys(STEP_KINDS, frozenset({"count"}))
    states = dict.fromkeys(("ready", "blocked", "nothing_left"), frozenset({"plan_id"}))
    families: dict[str, dict[str, frozenset[str]]] = {
        "finding": findings,
        "remedy": findings,
        "failure": FAILURE_FACTS | {"at_step": frozenset({"step", "text"})},
        "advice": FAILURE_FACTS,
        "expected": FAILURE_FACTS,
        "dependence": DEPENDENCE_FACTS,
        "explain": EXPLAIN_FACTS,
        "rule": dict.fromkeys(LEDGER_RULES, NOTHING),
        "reason": REASON_FACTS,
        "obligation": OBLIGATION_FACTS,
        "step": dict.fromkeys(STEP_KINDS, NOTHING),
        "summary": kinds | states | {"findings": frozenset({"blockers", "warnings"})},
        "login": LOGIN_FACTS,
        "route": ROUTE_FACTS,
        "suggestion": SUGGESTION_FACTS,
        "window": WINDOW_FACTS,
        "role": dict.fromkeys(ROLES, NOTHING),
        "phase": dict.fromkeys(PHASES, NOTHING),
        "condition": dict.fromkeys(CONDITIONS, NOTHING),
        "gate": dict.fromkeys(GATE_CODES, NOTHING),
        "way_back": dict.fromkeys(WAYS_BACK, NOTHING),
        "to_do": TO_DO_FACTS,
        "notice": NOTICE_TEXTS,
        "contact": dict.fromkeys(("customer", "support_team", "customer_service"), NOTHING),
        "progress": dict.fromkeys((*PROGRESS_REASONS, "rebooked", "waiting"), frozenset({"id"})),
        "label": dict.fromkeys((*REBOOKING_FIELDS, *QUESTION_FIELDS), NOTHING),
        "modality": dict.fromkeys(MODALITIES, NOTHING),
        "question": dict.fromkeys(QUESTIONS, frozenset({"label"})),
        "error": error_facts(),
        # What is wrong with a value is said by the error of building it.
        "fault": {code: facts for code, facts in facts_by_code("Fault").items() if code != "invalid_value"},
        "type": type_names(),
    }
    return {f"{family}.{code}": facts for family, codes in families.items() for code, facts in codes.items()}


VOCABULARY = vocabulary()


def is_used(key: str) -> bool:
    """Tell whether a key stands in the source, whole or as a beginning and a rest that are put together there."""
    splits = ((key[:cut], key[cut:]) for cut in range(1, len(key)) if key[cut - 1] in "._")
    return key in CONSTANTS or any({start, rest} <= CONSTANTS for start, rest in splits)


def test_the_scan_finds_what_is_known_to_be_there() -> None:
    assert VOCABULARY["error.wall_time_missing"] == {"zone"}
    assert VOCABULARY["error.wrong_type"] == {"wanted"}
    assert VOCABULARY["error.not_a_date"] == NOTHING
    assert VOCABULARY["fault.plan_contradicts_itself"] == {"other"}
    assert "type.positive_whole_number" in VOCABULARY
    assert len([key for key in VOCABULARY if key.startswith("error.")]) > 25


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_vocabulary_has_a_sentence(language: str) -> None:
    assert not VOCABULARY.keys() - po(language).keys()
    assert all(has_sentence(key, language) for key in po(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty_or_without_use(language: str) -> None:
    assert not [key for key, words in po(language).items() if not words.strip()]
    others = {key for key in po(language) if key.partition(".")[0] in ("report", "cli")}
    assert not po(language).keys() - VOCABULARY.keys() - others
    coded = {f"cli.{code}" for code in facts_by_code("Problem", "OptionProblem")}
    assert not [key for key in others - coded if not is_used(key)]


def test_both_languages_have_the_same_sentences_with_the_same_placeholders() -> None:
    english, french = (po(language) for language in LANGUAGES)
    assert english.keys() == french.keys()
    for key in english:
        assert placeholders(key, "en") == placeholders(key, "fr"), key
        assert english[key] != french[key] or not re.search("[a-z]{6}", english[key]) or key in SAME, key


SAME = frozenset({"report.step", "report.value", "report.slots_of_day", "report.by_service_for"})
"""Sentences of which only the facts are words."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_uses_only_facts_that_are_there(language: str) -> None:
    for key, facts in VOCABULARY.items():
        assert placeholders(key, language) <= facts, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_filled(language: str) -> None:
    for key in po(language):
        filled = sentence(
            key, dict.fromkeys(placeholders(key, language), "{x}") | {"more": "than needed"}, language
        )
        assert filled.replace("{x}", "") == re.sub(r"\{\w+\}", "", po(language)[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_the_one_of_the_source(language: str) -> None:
    folder = LOCALE / language / "LC_MESSAGES"
    with (folder / "accountmerge.po").open("rb") as stream:
        source = read_po(stream, locale=language)
    assert not [message.id for message in source if message.fuzzy and message.id]
    anew = io.BytesIO()
    write_mo(anew, source)
    anew.seek(0)
    with (folder / "accountmerge.mo").open("rb") as stream:
        compiled = read_mo(stream)
    # All but the header, which names the version of the compiler.
    assert sentences(compiled) == sentences(read_mo(anew)) == po(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_stand_in_the_order_of_their_keys(language: str) -> None:
    assert list(po(language)) == sorted(po(language))


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        *(
            ("en", "en"),
            ("en-CA", "en"),
            ("EN_us", "en"),
            ("fr", "fr"),
            ("fr-CA", "fr"),
            ("fr_CA", "fr"),
            ("FR", "fr"),
        ),
        *(("de", "en"), ("", "en"), ("xx-fr", "en"), ("../fr", "en"), ("frr", "en"), ("fr-Latn-CA", "fr")),
    ],
)
def test_a_region_is_accepted_and_an_unknown_language_is_english(tag: str, language: str) -> None:
    key = "finding.email_same"
    assert sentence(key, {"profile_id": "P1"}, tag) == sentence(key, {"profile_id": "P1"}, language)
    assert placeholders(key, tag) == {"profile_id"}
    assert am.InvalidValueError("naive_time").describe(tag) == am.InvalidValueError("naive_time").describe(
        language
    )


def test_lists_are_written_with_commas_and_braces_in_facts_are_text() -> None:
    assert "C1, {C2}" in sentence(
        "finding.email_shared_name_space", {"profile_id": "P1", "customer_ids": ("C1", "{C2}")}
    )
    assert sentence("report.when_ahead", {}, "fr") != sentence("report.when_ahead", {}, "en")


def test_a_key_or_a_fact_that_is_missing_is_a_defect() -> None:
    with pytest.raises(KeyError, match="no_such"):
        sentence("finding.no_such", {})
    with pytest.raises(KeyError, match="profile_id"):
        sentence("finding.email_same", {})


FORBIDDEN = {
    "en": r"\b(users?|clients?|patients?|providers?|clinicians?|accounts?|clash\w*|conflicts?|downtime|go-live)\b",
    "fr": r"\b(patiente?s?|cliniciens?|fournisseurs?|(?<!d\u2019)utilisateurs?|conflits?|comptes?(?! plus))\b",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_keep_to_the_glossary(language: str) -> None:
    found = {
        key: words
        for key, words in po(language).items()
        if re.search(FORBIDDEN[language], words, re.IGNORECASE)
    }
    assert found == {}


def test_french_is_set_as_french_is() -> None:
    """A colon after a space that does not break, curved apostrophes, no space before a semicolon: the Canadian way."""
    faults = defaultdict(list)
    for key, words in po("fr").items():
        plain = re.sub(r"\{\w+\}|--[\w-]+|\d\d:\d\d", "x", words)
        for name, pattern in {
            "colon": r"[^\u00a0]:(\s|$)",
            "apostrophe": r"\w'\w",
            "space": r"[ \u00a0\u202f][;!?]",
        }.items():
            if re.search(pattern, plain):
                faults[name].append(key)
    assert faults == {}


HOSTILE = "c\x1b[2J\x1b]0;owned\x07\nERROR forged\r\x85\u2028\u2029\u202e\u2066\u200b\u00ad\x7f\x9b\ufeff\t"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_fact_brings_a_control_format_or_line_character_into_a_sentence(language: str) -> None:
    tried = 0
    for key, template in po(language).items():
        names = placeholders(key, language)
        own = {letter for letter in template if not letter.isprintable()}
        for fact in (HOSTILE, (HOSTILE, "x"), *HOSTILE):
            said = sentence(key, dict.fromkeys(names, fact), language)
            tried += bool(names)
            assert {letter for letter in said if not letter.isprintable()} <= own | {"\u00a0", "\u202f"}, key
            assert said.count("\n") == template.count("\n"), key
    assert tried > 1000


@given(st.text())
def test_visible_text_is_one_printable_line_and_stays_as_it_is(text: str) -> None:
    shown = visible(text)
    assert visible(shown) == shown
    assert all(letter.isprintable() or letter in "\u00a0\u202f" for letter in shown)
    assert shown == text or not text.isprintable()
    assert visible("a\n\tb\x1b", keep="\n\t") == "a\n\tb\\x1b"
