"""Languages: which one the command line asks for, also where it cannot be understood."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Language(StrEnum):
    """A language of the sentences; help stays in English."""

    EN = "en"
    FR = "fr"


def language_asked(arguments: Iterable[str]) -> str:
    """Return the language that arguments ask for, before anything else of them is read.

    An error in the arguments is told in that language too.

    Args:
        arguments: What follows the name of the program.
    """
    asked = Language.EN.value
    named = False
    for argument in arguments:
        if argument == "--":
            break
        if named or argument.startswith("--lang="):
            asked = argument.removeprefix("--lang=")
        named = argument == "--lang"
    return asked
