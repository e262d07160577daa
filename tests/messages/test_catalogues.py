"""Catalogues: complete for every word of the closed vocabularies in both languages, and nothing more."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import attrs
import pytest
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.changes.change_sets import LEDGER_RULES, OBLIGATION_FACTS
from accountmerge.changes.conflicts import DEPENDENCE_FACTS
from accountmerge.changes.failures import FAILURE_FACTS
from accountmerge.changes.guards import GuardKind
from accountmerge.changes.losses import Loss
from accountmerge.changes.steps import REASON_FACTS, STEP_KINDS
from accountmerge.customers.login import LOGIN_FACTS
from accountmerge.customers.requests import DECISIONS, EDITABLE, DeciderRole, PrimaryAction
from accountmerge.findings.vocabulary import CLUSTER_FACTS, FINDINGS
from accountmerge.kinds import REQUEST_KINDS
from accountmerge.merges.suggestions import SUGGESTION_FACTS
from accountmerge.messages import CUSTOMER_LABELS, LANGUAGES, has_sentence, placeholders, sentence, visible
from accountmerge.migrations.estimates import WINDOW_FACTS
from accountmerge.migrations.notice_texts import NOTICE_TEXTS
from accountmerge.migrations.requests import MigrationReason
from accountmerge.migrations.rules import ROLES
from accountmerge.migrations.tasks import TASK_FACTS
from accountmerge.migrations.timeline import CONDITIONS, GATE_CODES, PHASES, WAYS_BACK
from accountmerge.migrations.tracking import PROGRESS_REASONS
from accountmerge.model.access import LEVELS, RequestStatus
from accountmerge.model.appointments import MODALITIES, AppointmentStatus
from accountmerge.model.customers import CUSTOMER_STATUSES
from accountmerge.model.emails import EmailUse
from accountmerge.model.entities import ENTITY_NAMES, KINDS
from accountmerge.model.profiles import LoginStatus, ScheduleStatus
from accountmerge.notebook.chart_texts import PICTURE_FACTS
from accountmerge.plans.explaining import NO_USE
from accountmerge.plans.explanations import EXPLAIN_FACTS
from accountmerge.plans.kind import noun
from accountmerge.rebooking.message_words import REBOOKING_FIELDS
from accountmerge.rebooking.messages import QUESTION_FIELDS, QUESTIONS
from accountmerge.views.booking_routes import ROUTE_FACTS, RouteReason
from accountmerge.wire.scalars import _JSON_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from babel.messages.catalog import Catalog

SOURCE = Path(am.__file__).parent
LOCALE = SOURCE / "messages" / "locale"
NOTHING: frozenset[str] = frozenset()
OPEN_FAMILIES = ("error", "fault", "type", "report", "cell", "cli")
"""Families without a vocabulary in the code. `test_said_sentences.py` has examples that say each of their sentences."""


def forms_of(catalogue: Catalog) -> dict[str, tuple[str, ...]]:
    """Return the plural forms of each sentence; of most there is only one."""
    found: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            found[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    return found


@cache
def forms(language: str) -> dict[str, tuple[str, ...]]:
    with (LOCALE / language / "LC_MESSAGES" / "accountmerge.po").open("rb") as stream:
        return forms_of(read_po(stream))


@cache
def po(language: str) -> dict[str, str]:
    """Return each sentence with its plural forms one after the other."""
    return {key: " ".join(texts) for key, texts in forms(language).items()}


WORDS: dict[str, Iterable[str]] = {
    **dict.fromkeys(("noun", "the", "of"), (*ENTITY_NAMES, "practitioner")),
    "field": {
        *(field.name for kind in KINDS for field in attrs.fields(kind.cls)),
        *(key for kind in KINDS for key in (*kind.store_given, *(name for name, _ in kind.references))),
        *("start", "end"),  # of a slot, in a file
        *EDITABLE,
        *ENTITY_NAMES,  # of a value that is a whole entity
    },
    "booking_state": get_args(AppointmentStatus),
    "customer_state": CUSTOMER_STATUSES,
    "request_state": get_args(RequestStatus),
    "login_state": (*get_args(LoginStatus), "none"),
    "schedule_state": get_args(ScheduleStatus),
    "level": (*LEVELS, "none"),
    "use": (*get_args(EmailUse), NO_USE),
    "decision": DECISIONS,
    "decider": get_args(DeciderRole),
    "login_reason": get_args(MigrationReason),
    "route_reason": get_args(RouteReason),
    "action": get_args(PrimaryAction),
    "rule_name": LEDGER_RULES,
    "guard": get_args(GuardKind),
    "loss": get_args(Loss),
    "duty": OBLIGATION_FACTS,
    "customer_word": CUSTOMER_LABELS,
    "list": ("and",),
    "weekday": tuple("1234567"),
    "month": tuple(f"{number:02}" for number in range(1, 13)),
}
"""The families of words that a sentence names after the colon of a placeholder, or that dates are made of."""
_DAY = frozenset({"weekday", "day", "month", "year"})
_CLOCK = frozenset({"hour", "minute", "seconds"})
MOMENT_FACTS: dict[str, frozenset[str]] = {
    "day": _DAY,
    "first_day": _DAY,
    "day_and_time": frozenset({"day", "time"}),
    "in_zone": frozenset({"moment", "zone"}),
    "full_hour": _CLOCK,
    "minutes": _CLOCK,
    "seconds": _CLOCK,
    "decimal_sign": NOTHING,
}


def vocabulary() -> dict[str, frozenset[str]]:
    """Return every key that the vocabularies of the code need, with the facts that its sentence may use."""
    findings: dict[str, frozenset[str]] = {code: kind.facts for code, kind in FINDINGS.items()}
    findings |= {f"{code}.cluster": CLUSTER_FACTS for code, kind in FINDINGS.items() if kind.clusters}
    kinds = dict.fromkeys(STEP_KINDS, frozenset({"count"}))
    nouns = (noun(cls) for kind in REQUEST_KINDS.values() for cls in (kind.request, kind.rules))
    states = dict.fromkeys(("ready", "blocked", "nothing_left"), frozenset({"plan_id"}))
    families: dict[str, dict[str, frozenset[str]]] = {
        "finding": findings,
        "remedy": {
            key: facts
            for code, facts in findings.items()
            for key in ([f"{code}.{way}" for way in FINDINGS[code].ways] if code in FINDINGS else ())
            or [code]
        },
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
        "task": TASK_FACTS,
        "notice": NOTICE_TEXTS,
        "contact": dict.fromkeys(("customer", "support_team", "customer_service"), NOTHING),
        "progress": dict.fromkeys((*PROGRESS_REASONS, "rebooked", "waiting"), frozenset({"id"})),
        "label": dict.fromkeys((*REBOOKING_FIELDS, *QUESTION_FIELDS), NOTHING),
        "modality": dict.fromkeys(MODALITIES, NOTHING),
        "picture": PICTURE_FACTS,
        "question": dict.fromkeys(QUESTIONS, frozenset({"label"})),
        **{family: dict.fromkeys(words, NOTHING) for family, words in WORDS.items()},
        "moment": MOMENT_FACTS,
        "type": dict.fromkeys((*ENTITY_NAMES, *_JSON_TYPES.values(), *nouns), NOTHING),
    }
    return {f"{family}.{code}": facts for family, codes in families.items() for code, facts in codes.items()}


VOCABULARY = vocabulary()
PLACEHOLDER = r"\{\w+(?::\w+)?\}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_vocabulary_has_a_sentence(language: str) -> None:
    assert not VOCABULARY.keys() - po(language).keys()
    assert all(has_sentence(key, language) for key in po(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty_or_without_use(language: str) -> None:
    spaces = {"cell.between_thousands"}
    assert not [key for key, words in po(language).items() if not words.strip() and key not in spaces]
    unknown = po(language).keys() - VOCABULARY.keys()
    assert not [key for key in unknown if key.partition(".")[0] not in OPEN_FAMILIES]


def test_both_languages_have_the_same_sentences_with_the_same_placeholders() -> None:
    english, french = (po(language) for language in LANGUAGES)
    assert english.keys() == french.keys()
    for key in english:
        assert placeholders(key, "en") == placeholders(key, "fr"), key
        words = re.sub(PLACEHOLDER, "", english[key])
        assert english[key] != french[key] or not re.search("[a-z]{6}", words) or key in SAME, key


SAME = frozenset(
    {
        "cell.needs",
        "customer_word.client",
        "customer_word.patient",
        "field.version",
        "report.field_version",
        "report.sign_signature",
    }
)
"""Words that are the same in both languages."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_uses_only_facts_that_are_there(language: str) -> None:
    for key, facts in VOCABULARY.items():
        assert placeholders(key, language) <= facts, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_filled(language: str) -> None:
    for key in po(language):
        if key.startswith("moment."):  # filled with numbers
            continue
        filled = sentence(
            key, dict.fromkeys(placeholders(key, language), "{x}") | {"more": "than needed"}, language
        )
        assert filled.replace("{x}", "") == re.sub(PLACEHOLDER, "", forms(language)[key][0]), key


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
    assert forms_of(compiled) == forms_of(read_mo(anew)) == forms(language)


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


NUMBERS = {
    *("count", "hours", "minutes", "open_minutes", "days", "each", "bookings", "through", "limit", "most"),
    *("hands", "minutes_each", "capacity", "needed", "steps", "total"),
}
"""The names of facts that are numbers."""
PLURALS = {"en": r"s|children|people", "fr": r"s|x"}
SINGULARS = {
    "en": {"has", "is", "was", "this", "less"},
    "fr": {"rendez-vous", "fois", "mois", "temps", "plus", "sur"},
}
"""Words that end like a plural and are none."""


def told_with(key: str, number: int, language: str) -> str:
    """Return a sentence with one number for all its numbers; a list has that many members."""
    facts: dict[str, Any] = dict.fromkeys(placeholders(key, language), "x")
    facts["count"] = number
    facts |= dict.fromkeys(NUMBERS, number)
    if key.startswith(("explain.", "failure.")):  # the ordinals of steps, a list
        facts["steps"] = tuple(str(step) for step in range(number))
    return sentence(key, facts, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_leaves_the_plural_open(language: str) -> None:
    open_plural = re.compile(r"\((s|x|e|es|ies|aux)\)")
    assert not [key for key, words in po(language).items() if open_plural.search(words)]


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_stands_before_a_word_of_its_own_number(language: str, number: int) -> None:
    """English: one is singular. French: nought is, too."""
    is_one = number == 1 or (number == 0 and language == "fr")
    faults = {}
    for key in po(language):
        told = told_with(key, number, language)
        for word in re.findall(rf"(?<![\w.,:-]){number}\u00a0?\s?([^\W\d_][\w-]*)", told):
            is_plural = re.search(rf"({PLURALS[language]})$", word) and word not in SINGULARS[language]
            if is_one and is_plural:
                faults[key] = told
    assert faults == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_forms_are_two_and_are_chosen_by_the_rule_of_the_language(language: str) -> None:
    plural = {key: texts for key, texts in forms(language).items() if len(texts) > 1}
    assert plural.keys() == {key for key, texts in forms("en").items() if len(texts) > 1}
    assert len(plural) > 10
    for key, (one, many) in plural.items():
        assert one != many, key
        assert set(re.findall(PLACEHOLDER, one)) == set(re.findall(PLACEHOLDER, many)), key
        marks = [told_with(key, number, language) for number in (0, 1, 2)]
        shown = [re.sub(r"\b[012x]\b", "", re.sub(r"0, 1|1, 2", "", text)) for text in marks]
        assert shown[1] != shown[2], key
        if language == "fr" and not key.startswith("explain."):
            assert shown[0] == shown[1], key
        elif language == "en" and not key.startswith("explain."):
            assert shown[0] == shown[2], key


def test_a_list_counts_as_many_as_it_has_members() -> None:
    facts = {"entity": "customer", "id": "C1"}
    assert sentence("explain.created", facts | {"steps": ("3",)}).endswith("(step 3).")
    assert sentence("explain.created", facts | {"steps": ("3", "4")}).endswith("(steps 3 and 4).")
    assert sentence("explain.created", facts | {"steps": ("3", "4")}, "fr").endswith("(étapes 3 et 4).")


def resolves(name: str) -> bool:
    """Return whether a dotted name below `am` or `plan` exists."""
    first, *rest = name.split(".")
    value: object = {"am": am, "plan": am.MigrationPlan}[first]
    for part in rest:
        value = getattr(value, part, None)
    return value is not None


def commands() -> dict[str, set[str]]:
    """Return the commands of the command line, each with its options."""
    from typer.main import get_command

    from accountmerge.cli.program import app

    group: Any = get_command(app)
    return {
        name: {opt for param in command.params for opt in param.opts}
        for name, command in group.commands.items()
    }


ACTIONS = ("remedy", "advice", "way_back")


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_a_remedy_names_exists(language: str) -> None:
    known = commands()
    options = set().union(*known.values())
    named = 0
    for key, words in po(language).items():
        if key.partition(".")[0] not in ACTIONS:
            continue
        for name in re.findall(r"\b(?:am|plan)(?:\.[A-Za-z_]+)+", words):
            assert resolves(name), (key, name)
            named += 1
        for command, option in re.findall(r"\baccountmerge ([a-z-]+)(?: (--[a-z-]+))?", words):
            assert command in known, (key, command)
            assert not option or option in known[command], (key, option)
            named += 1
        assert set(re.findall(r"--[a-z-]+", words)) <= options, key
        assert not re.search(r"(?<![.\w])plan_\w+", words), (
            key
        )  # each name is said with the door it is behind
    assert named > 80


def test_both_languages_name_the_same_functions_and_commands() -> None:
    pattern = r"\b(?:am|plan)(?:\.[A-Za-z_]+)+|\baccountmerge [a-z-]+|--[a-z-]+"
    for key, words in po("en").items():
        if key.partition(".")[0] in ACTIONS:
            assert sorted(re.findall(pattern, words)) == sorted(re.findall(pattern, po("fr")[key])), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_remedy_that_plans_again_names_what_plans(language: str) -> None:
    again = {
        "en": r"\b[Pp]lan (it )?again\b|accept (this|the)|[Cc]onfirm",
        "fr": r"[Pp]lanifiez de nouveau|accepter ce",
    }
    for key, words in po(language).items():
        if key.startswith(("remedy.", "advice.")) and re.search(again[language], words):
            assert re.search(r"\b(am|plan)\.\w|accountmerge \w", words), key


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
        if re.search(FORBIDDEN[language], words, re.IGNORECASE) and not key.startswith("customer_word.")
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


@pytest.mark.unmeasured
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
