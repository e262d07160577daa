"""The language that the arguments or the environment ask for."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Language(StrEnum):
    """A language of the sentences and of help."""

    EN = "en"
    FR = "fr"


LANG = "ACCOUNTMERGE_LANG"
"""The environment variable that names the language, if no option does."""
LANG_HELP = f"The language of sentences and of help; or set {LANG}.  [default: that of the system]"
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The environment variables of the system that name a language; as for other programs, the first that is set counts."""


def language_asked(arguments: Iterable[str]) -> str:
    """Return the language that arguments or the environment ask for, also for errors in the other arguments."""
    asked, named = "", False
    for argument in arguments:
        if argument == "--":
            break
        if named or argument.startswith("--lang="):
            asked = argument.removeprefix("--lang=")
        named = argument == "--lang"
    return asked or language_of_environment()


def language_of_environment() -> str:
    """Return the language of `ACCOUNTMERGE_LANG`, or else the one of the system, or else English.

    A language without a catalogue counts as English.
    """
    own = os.environ.get(LANG, "")
    system = next((text for name in _LOCALE if (text := os.environ.get(name, ""))), "")
    short = (own or system).replace("-", "_").partition("_")[0].partition(".")[0].partition("@")[0].lower()
    return short if short in {language.value for language in Language} else Language.EN.value
