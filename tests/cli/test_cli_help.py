"""Help in two languages: every text has a translation, which is shown in the language that is asked for."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from help_entries import commands, help_entries
from typer.testing import CliRunner

import accountmerge as am
from accountmerge.cli.asked_language import LANG, language_asked
from accountmerge.cli.help_texts import encodable
from accountmerge.cli.program import app

FOLDER = Path(am.__file__).parent / "messages/locale/fr/LC_MESSAGES"
SYSTEM = ("LC_ALL", "LC_MESSAGES", "LANG")
ADDED = frozenset({"that of the system", "beside each plan"})
"""Values of notes such as `[default: …]`."""


def french() -> dict[str, str]:
    with (FOLDER / "help.po").open("rb") as stream:
        return {str(entry.id): str(entry.string) for entry in read_po(stream) if entry.id}


@pytest.fixture(autouse=True)
def _no_language(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (LANG, *SYSTEM):
        monkeypatch.delenv(name, raising=False)


def test_every_text_of_the_help_has_a_french_one() -> None:
    lacking = {text: place for text, place in help_entries().items() if not french().get(text)}
    assert lacking == {}, "enter these English texts with their French in locale/fr/LC_MESSAGES/help.po"


def test_no_french_text_of_the_help_is_without_use() -> None:
    assert french().keys() - help_entries().keys() == ADDED, "delete these from help.po"


def test_the_entries_are_in_the_order_of_their_english_texts_and_compiled() -> None:
    assert list(french()) == sorted(french())
    compiled = read_mo(io.BytesIO((FOLDER / "help.mo").read_bytes()))
    assert {str(entry.id): entry.string for entry in compiled if entry.id} == french(), "nox -s catalogues"


def shown(*arguments: str, **environment: str) -> str:
    return CliRunner().invoke(app, [*arguments, "--help"], env={"COLUMNS": "500", **environment}).output


def test_french_help_has_no_english_text() -> None:
    english = {text for text, translation in french().items() if len(text) > 12 and text != translation}
    tried = 0
    for path, _, _ in commands():
        words = path.split()[1:]
        told = re.sub(r"[ \n]+", " ", shown(*words, LANG="fr_CA.UTF-8"))
        assert not [text for text in english if text in told], path
        assert "Utilisation\u00a0:" in told
        assert not [
            word for word in ("[required", "[default", "Usage", "Options:", "Commands:") if word in told
        ]
        tried += 1
    assert tried > 30


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "fr_CA.UTF-8"}, "fr"),
        ({"LANG": "fr"}, "fr"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "fr_CA", "LC_MESSAGES": "en_CA"}, "en"),
        ({"LANG": "en_CA", "LC_MESSAGES": "fr_CA"}, "fr"),
        ({"LC_MESSAGES": "fr_CA", "LC_ALL": "C"}, "en"),
        ({"LC_ALL": "", "LANG": "fr_FR@euro"}, "fr"),
        ({LANG: "fr", "LC_ALL": "en_CA.UTF-8"}, "fr"),
        ({LANG: "en", "LC_ALL": "fr_CA.UTF-8"}, "en"),
        ({LANG: "", "LC_ALL": "fr_CA.UTF-8"}, "fr"),
    ],
)
def test_the_environment_names_a_language(
    environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    assert language_asked([]) == language
    assert language_asked(["check", "--", "--lang=fr"]) == language
    for asked in ("en", "fr"):
        assert language_asked(["check", f"--lang={asked}"]) == language_asked(["--lang", asked]) == asked


def test_an_option_counts_more_than_the_environment() -> None:
    assert "Afficher" in shown("show", "--lang", "fr", LANG="en_CA")
    assert "Afficher" not in shown("show", "--lang", "en", LANG="fr_CA")


def test_french_is_written_in_any_encoding() -> None:
    text = "l\u2019œuvre\u00a0: 5\u202f% … é"
    assert encodable(text, "utf-8") == text
    assert encodable(text, "latin-1") == "l'oeuvre\u00a0: 5\u00a0% ... é"
    assert encodable(text, "ascii") == "l'oeuvre\\xa0: 5\\xa0% ... \\xe9"
