"""No English word in a French sentence: neither in its text nor by a fact."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from test_catalogues import WORDS, forms, po

from accountmerge.changes.steps import STEP_KINDS
from accountmerge.messages import FACT_TYPES, LANGUAGES, sentence
from accountmerge.migrations.rules import ROLES
from accountmerge.model.appointments import Modality
from plain_french import CODE as CODE_OF_TEXTS

FAMILIES = {**WORDS, "step": STEP_KINDS, "role": ROLES, "modality": get_args(Modality)}
"""The words of each family that a placeholder may name."""

BOTH = frozenset(
    {
        *("absent", "action", "activation", "active", "administrative", "argument", "change", "classes"),
        *("client", "code", "codes", "collection", "conditions", "confirmation", "date", "document"),
        *("double", "format", "guide", "images", "instant", "local", "message"),
        *("expire", "mar", "migrations", "mon", "nov", "oct", "points", "possible"),
        *(
            "messages",
            "migration",
            "min",
            "minutes",
            "module",
            "notes",
            "option",
            "options",
            "page",
            "parent",
        ),
        *("parquet", "part", "patient", "phase", "phases", "place", "plan", "plans", "python"),
        *("question", "questions", "refuse", "relation", "service", "sessions", "standard", "table"),
        *("tables", "transaction", "type", "unique", "version", "visible"),
    }
)
"""Words of both languages, and names of products and places."""

CODE = frozenset(
    {
        *(
            "accountmerge",
            "address",
            "appointments",
            "authority",
            "columns",
            "duration",
            "earlier",
        ),
        *(
            "end",
            "entity",
            "key",
            "later",
            "mapping",
            "monday",
            "now",
            "path",
            "pathlib",
            "postgresql",
            "prefix",
            "profiles",
            "psycopg",
            "utc",
        ),
        *("now", "reference", "replaces", "shift", "sqlalchemy", "sqlite", "start", "sunday", "undo", "use"),
        *("where", "window", "words", "zone"),
    }
)
"""Names of the code, of files and of keys, which are the same in every language."""

CODES = frozenset(
    {
        *("actions", "codes", "decisions", "effect", "limit", "reasons", "roles", "rules"),
    }
)
"""Facts with words to type, or with the names of findings and rules, which are shown as they are."""

PRACTICE = frozenset(
    {
        *("finding.duplicate_record", "finding.one_per_customer", "finding.undeclared_kind"),
        "report.more_findings",
    }
)
"""Sentences with a kind of record, which is a word of the practice, or with the code of a finding."""


def words_of(language: str) -> dict[str, str]:
    """Return the words of the sentences of a language without code, each with a key that has it."""
    found: dict[str, str] = {}
    for key, text in po(language).items():
        if not key.startswith("type."):  # names of classes
            for word in re.findall(r"[a-zà-ÿœ]{3,}", CODE_OF_TEXTS.sub(" ", text).lower()):
                found.setdefault(word, key)
    return found


def test_a_french_sentence_has_no_word_of_the_english_ones() -> None:
    english, french = words_of("en"), words_of("fr")
    shared = {word: key for word, key in french.items() if word in english}
    assert {word: key for word, key in shared.items() if word not in BOTH | CODE} == {}, (
        "say these in French, or enter them in BOTH if they are French, too"
    )
    assert (BOTH | CODE) - shared.keys() == set(), "delete these words"


def placeholders_of(key: str, language: str) -> set[tuple[str, str]]:
    """Return the facts of a sentence, each with its form."""
    return {
        (name, form) for text in forms(language)[key] for name, form in re.findall(r"\{(\w+):?(\w*)\}", text)
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_a_vocabulary_is_said_in_a_family(language: str) -> None:
    """A fact that is a word has a form, unless people type it or it is a word of the practice."""
    bare = [
        (key, name)
        for key in po(language)
        for name, form in placeholders_of(key, language)
        if FACT_TYPES.get(name) in ("word", "words") and not form and name not in CODES
        if key not in PRACTICE and not key.startswith(("cli.", "error.", "fault.sql_rows", "report.missing_"))
        if (key, name) not in NUMBERED
    ]
    assert bare == []


NUMBERED = {
    *(
        (f"report.step_{kind}", name)
        for kind in ("added", "changed", "dropped", "same")
        for name in ("before", "after")
    ),
    *(("report.demo_faults", name) for name in ("before", "after")),
    *(("report.notice", "role"), ("report.through", "steps")),
    *(("report.field_of", "field"), ("report.field_of", "entity")),
    *(("report.value", name) for name in ("before", "after")),
}
"""Facts with the name of a word that are numbers, sentences or JSON here."""


def test_no_word_of_a_vocabulary_is_told_in_english_by_a_french_sentence() -> None:
    tried, faults = 0, {}
    for key in po("fr"):
        for name, form in placeholders_of(key, "fr"):
            for word in FAMILIES.get(form.lower(), ()):
                others = {other: "9" for other, _ in placeholders_of(key, "fr")}
                told = sentence(key, {**others, name: word}, "fr")
                french = sentence(f"{form.lower()}.{word}", {}, "fr")
                assert french.lower() in told.lower(), key
                if re.search(rf"(?<!\w){word}(?!\w)", told.lower().replace(french.lower(), "")):
                    faults[key] = told
                tried += 1
    assert faults == {}
    assert tried > 500


def test_every_form_of_a_placeholder_is_a_family_or_known() -> None:
    used = {
        form.lower()
        for language in LANGUAGES
        for key in po(language)
        for _, form in placeholders_of(key, language)
        if not key.startswith("moment.")
    }
    assert used - FAMILIES.keys() == {"", "and", "bare", "day", "instant", "wall"}
    assert FAMILIES.keys() - used == {"customer_word", "list", "weekday", "month"}
