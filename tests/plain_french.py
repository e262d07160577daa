r"""Find the sentences of the French catalogues that break the rules of plain French, for `tests/messages/test_plain_french.py`.

The rules are those of plain English where they fit, the typography of Québec, and words that a practice there does
not write. Names of code do not count: words in backticks, options, functions, and names with an underscore or a capital
inside. A sentence is counted once for each kind of breach. There is no record of known breaches: their number is zero.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).resolve().parents[1] / "src/accountmerge/messages/locale/fr/LC_MESSAGES"
LONGEST_SENTENCE = 30
"""How many words a sentence may have. A name of code is one word."""

CODE = re.compile(
    r"`[^`]+`"
    r"|\{\w+(?::\w+)?\}"
    r"|(?<!\w)--[\w-]+"
    r"|\b(?:am|plan|Store|Mapping|accountmerge|shop)(?:[.:]\w+)+(?:\((?:[^()]|\([^()]*\))*\))?"
    r"|\baccountmerge (?:access request|[a-z-]+)"
    r"|\b\w+_\w+\b"
    r"|\b[A-Z]\w*[a-z][A-Z]\w*\b(?:\([^)]*\))?"
    r"|\b[A-Z]{2,}(?:[:_][A-Z]+)*\b"
    "|«\u00a0[a-z_]+(?:: [a-z_]+)?\u00a0»"
    r"|\w+://[^\s,;]+|\b(?!et/ou)\w+/[\w./]+|\d{4}-\d\d-\d\dT[\d:+]+|\[\w+\]"
)
"""A piece of code in a sentence."""

PATTERNS = {
    # words of another trade, or taken over from English
    "anglicism": (
        r"(?i)\b(?:e-?mails?|mails?|chats?|tickets?|logins?|bookings?|snapshots?|support|merges?|cédul\w+|cancell\w+|"
        r"digital\w*|librairies?|implément\w+|initier|initi(?:e|ent|ez|é|ée|és|ées)|finalis\w+|opportunités?|"
        r"définitivement|éventuellement|supporter|supporté\w*|adresser un problème|en charge de|"
        r"prendre place|rencontrer les exigences|faire du sens|au niveau de|en termes de|basée?s? sur)\b"
    ),
    "makes_up_for": r"(?i)\b(?:repris|reprises?|reprend\w*|reprenez|reprenons)\b",
    "appointed": r"(?i)\b(?:personnes? nommées?|nommément|en son nom)\b",
    "survivor": r"(?i)\bsurvivante?s?\b",
    "none_of_this": r"(?i)\bn(?:’est|’a|e sont) (?:rien|aucun) de ce(?:ci|la)\b|\bn’est pas parmi\b",
    "sheet": r"(?i)\bfiches?\b",
    "double_booking": r"(?i)\bdoubles? rendez-vous\b|\binexpliquée?s?\b",
    "to_book_a_person": r"(?i)\bréserver (?:cet|un|l’)\s?intervenants?\b|\bprofil\b[^.]*\bréservé\b",
    "ends_as": r"(?i)\babouti\w*\b",
    "guard": r"(?i)\bgardes\b|\bune garde\b",
    # clauses in the place of nouns
    "clause_for_a_noun": r"(?i)(?<!\bà )\bce (?:qui\b|que\b|qu’|dont\b|à quoi)",
    "whoever": r"(?i)\b(?:quiconque|nul ne|quelqu’un|quelque chose)\b",
    "opens_with_nothing": r"(?:^|[.:;!?]\s+)(?:Rien|Nul|Tout ce)\b",
    "here_and_there": r"(?i)\b(?:susdit\w*|ci-après|nonobstant|le cas échéant|ledit|ladite|lequel d’entre eux|auxquel\w+)\b",
    "and_or": r"(?i)\bet/ou\b|\(e\)|\(s\)|\(es\)|\betc\b",
    # typography
    "space_before_colon": r"[^\u00a0\d]:(?=\s|$)",
    "space_before_mark": r"[ \u00a0\u202f][;!?]",
    "apostrophe": r"\w'\w",
    "quotation_mark": '[\u201c\u201d"]|«[^\u00a0]|[^\u00a0]»',
    "unit": r"(?:\d|code)[ ](?:h|min|s|ms|%)(?![\w’-])",
    "three_dots": r"\.\.\.",
}
"""The kinds that are recognised by words."""

KINDS = (*PATTERNS, "long_sentence")


@attrs.frozen
class Breach:
    """A sentence that breaks a rule: its key, the kind of the breach, and the sentence."""

    key: str
    kind: str
    sentence: str


def messages(catalogue: str) -> Iterator[tuple[str, str]]:
    """Yield the keys and the texts of a gettext catalogue; a text in two numbers is two texts."""
    for entry in re.split(r"\n\s*\n", catalogue):
        texts = {
            word: "".join(json.loads(line) for line in lines.splitlines())
            for word, lines in re.findall(r'^(msg\w+(?:\[\d\])?) ((?:".*"\n?)+)', entry, flags=re.MULTILINE)
        }
        if texts.get("msgid"):
            yield from ((texts["msgid"], text) for word, text in texts.items() if word.startswith("msgstr"))


def breaches() -> tuple[Breach, ...]:
    """Return every breach of the French catalogues."""
    found = []
    for name in ("accountmerge.po", "help.po"):
        for key, text in messages((FOLDER / name).read_text(encoding="utf-8")):
            if not key.startswith("type."):  # names of classes
                found += [Breach(key, kind, sentence) for kind, sentence in judged(text)]
    return tuple(found)


def judged(text: str) -> Iterator[tuple[str, str]]:
    """Yield each kind of breach of a text with the sentence that has it."""
    for sentence in sentences(without_code(text)):
        for kind, pattern in PATTERNS.items():
            if re.search(pattern, sentence):
                yield kind, sentence
        if len(re.findall(r"[\w-]+(?:’[\w-]+)?", sentence)) > LONGEST_SENTENCE:
            yield "long_sentence", sentence


def without_code(text: str) -> str:
    """Return a text with each piece of code as one neutral word."""
    return CODE.sub("code", text)


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, each on one line. A part after a semicolon is a sentence, too."""
    parts = re.split(r"(?<=[.!?;])\s+|\n+", text.strip())
    return [" ".join(re.split(r"[ \n]+", part)) for part in parts if part.strip()]
