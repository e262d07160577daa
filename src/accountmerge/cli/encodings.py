"""Text in the letters of any encoding."""

from __future__ import annotations

import sys

_PLAINER = {
    "\N{RIGHT SINGLE QUOTATION MARK}": ("'",),
    "\N{HORIZONTAL ELLIPSIS}": ("...",),
    "\N{NARROW NO-BREAK SPACE}": ("\N{NO-BREAK SPACE}", " "),
    "\N{NO-BREAK SPACE}": (" ",),
    "\N{LATIN SMALL LIGATURE OE}": ("oe",),
}
"""Marks of our sentences that an encoding may lack, with marks to write instead, the best first."""


def encodable(text: str, encoding: str | None = None) -> str:
    """Return text in the letters that an encoding has. Letters without a plainer one are escaped.

    Args:
        text: The text.
        encoding: The encoding. Default: that of standard output.
    """
    encoding = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(_plainer(letter, encoding) for letter in text)
    return text


def _plainer(letter: str, encoding: str) -> str:
    for mark in (letter, *_PLAINER.get(letter, ())):
        try:
            mark.encode(encoding)
        except UnicodeEncodeError:
            continue
        return mark
    return letter.encode(encoding, "backslashreplace").decode(encoding)
