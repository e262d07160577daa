"""Rules for the texts of ids, numbers, names and notes, for constructors and readers alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from accountmerge.errors import InvalidValueError
from accountmerge.model.value_rules import Rule, optional, whole_number, wrong_type

LONGEST_ID = 200
"""Longest id in characters: longer than a UUID or a URL of a store, and short enough for a line of a report."""

CONTROL = "\x00-\x1f\x7f-\x9f"
"""Control characters (Unicode category Cc), as the inside of a character class of a regular expression."""
CONTROL_OF_NOTES = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
"""Control characters that a note may not contain: all but tab, line feed and carriage return."""
UNSEEN = (
    f"{CONTROL}\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f\u115f\u1160\u2800\u3164\uffa0"
)
"""Characters that an id may not contain: control, format and line separating ones (Unicode 16), and blank fillers.

They are listed here, so that every release of Python refuses the same texts.
"""

_CONTROL = re.compile(f"[{CONTROL}]")
_CONTROL_OF_NOTES = re.compile(f"[{CONTROL_OF_NOTES}]")
_UNSEEN = re.compile(f"[{UNSEEN}]")


def is_blank_text(text: str) -> bool:
    """Return whether text is empty, or has only spaces and unseen characters."""
    return not text.strip() or not _UNSEEN.sub("", text).strip()


def plain_text(value: object) -> str:
    """Return text as a plain `str`; refuse other values and half of a character pair."""
    if not isinstance(value, str):
        raise wrong_type("text")
    text = str.__str__(value)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise InvalidValueError("json_surrogate") from None
    return text


def _label(value: object, longest: int | None) -> str:
    text = plain_text(value)
    if not text.strip():
        raise InvalidValueError("empty_text")
    if longest is not None and len(text) > longest:
        raise InvalidValueError("long_text", limit=longest)
    if _UNSEEN.search(text):
        raise InvalidValueError("control_character")
    if text != text.strip():
        raise InvalidValueError("outer_space")
    return text


def _identifier(value: object) -> str:
    # Nearly all ids pass this one test; the others are checked one by one.
    if (
        type(value) is str
        and 0 < len(value) <= LONGEST_ID
        and value.isascii()
        and value.isprintable()
        and value[0] != " " != value[-1]
    ):
        return value
    return _label(value, LONGEST_ID)


def _label_of_any_length(value: object) -> str:
    return _label(value, None)


def _without(control: re.Pattern[str]) -> Callable[[object], str]:
    def check(value: object) -> str:
        if type(value) is str and value.isascii() and value.isprintable():
            return value
        text = plain_text(value)
        if control.search(text):
            raise InvalidValueError("control_character")
        return text

    return check


_line = _without(_CONTROL)


def _filled_line(value: object) -> str:
    text = _line(value)
    if not text:
        raise InvalidValueError("empty_text")
    return text


def _blank_or(check: Callable[[object], str]) -> Callable[[object], str]:
    def blank_or_checked(value: object) -> str:
        is_blank = isinstance(value, str) and not value.strip() and not _UNSEEN.search(value)
        return plain_text(value) if is_blank else check(value)

    return blank_or_checked


IDENTIFIER = Rule("identifier", _identifier)
"""Ids, record numbers, codes and names of persons who act: 1 to 200 visible characters, no outer space."""
LABEL = Rule("label", _label_of_any_length)
"""Keys, versions, tickets and the like: as `IDENTIFIER`, of any length."""
LINE = Rule("line", _line)
"""Names and numbers: any text without control characters, or empty text."""
FILLED_LINE = Rule("filled_line", _filled_line)
"""Entries of a list, such as phones: as `LINE`, but not empty."""
NOTE = Rule("note", _without(_CONTROL_OF_NOTES))
"""Notes, reasons and addresses: any text whose control characters are tabs and line breaks."""
TEXT = Rule("text", plain_text)
"""Any text that can be written as UTF-8."""
GIVEN_IDENTIFIER = Rule("given_identifier", _blank_or(_identifier))
"""An identifier in a request, or a blank text, for which a plan has a finding."""
GIVEN_LABEL = Rule("given_label", _blank_or(_label_of_any_length))
"""A label in a request, or a blank text, for which a plan has a finding."""


def _version(value: Any) -> str | int:
    if isinstance(value, str):
        text: str = LABEL.check(value)
        return text
    if type(value) is not int:
        raise wrong_type("text_or_whole_number")
    return whole_number(value)


VERSION = optional(Rule("version", _version))
"""Text as a label, a whole number that every reader of JSON keeps, or `None`."""
