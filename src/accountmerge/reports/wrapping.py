"""Lines and tables in the width of a terminal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from accountmerge.messages import sentence
from accountmerge.reports.lines import BLANK, Line, LineRole

_LEAD = re.compile(r" *(?:\d+\. |- )?")
_HANGING = 2
"""The number of columns by which the rest of a line without a number is indented."""
_GAP = 2
"""The number of columns between two columns of a table."""
_LEAST = 4
"""The narrowest place for text, in columns: less than any terminal has."""


def width_of(text: str) -> int:
    """Return the number of columns that a terminal needs for printable text."""
    if text.isascii():
        return len(text)
    return sum(_columns(mark) for mark in text)


def _columns(mark: str) -> int:
    if unicodedata.combining(mark):
        return 0
    return 2 if unicodedata.east_asian_width(mark) in "WF" else 1


def wrapped(line: Line, width: int | None) -> Iterator[Line]:
    """Yield a line as lines that are not wider than a terminal; None is any width.

    The rest is indented below the text of the first line. Only a word that is wider than a whole line is cut.
    """
    if width is None or width_of(line.text) <= width:
        yield line
        return
    match = _LEAD.match(line.text)
    lead = match[0] if match else ""
    if len(lead) > width - _LEAST:
        lead = ""
    hang = len(lead) if lead.strip() else len(lead) + _HANGING
    rest = " " * min(hang, max(width - _LEAST, 0))
    for text in _filled(line.text[len(lead) :], lead, rest, width):
        yield Line(text, line.role)


def _filled(text: str, first: str, rest: str, width: int) -> Iterator[str]:
    """Yield the words of a text line by line. A no-break space joins two words."""
    now, is_empty = first, True
    for word in text.split(" "):
        needed = width_of(word) + (0 if is_empty else 1)
        if width_of(now) + needed <= width:
            now += word if is_empty else f" {word}"
            is_empty = False
            continue
        if not is_empty:
            yield now.rstrip(" ")
            now = rest
        *pieces, end = _cut(word, width - width_of(now), width - len(rest))
        for piece in pieces:
            yield now + piece
            now = rest
        now, is_empty = now + end, False
    yield now.rstrip(" ")


def _cut(word: str, first: int, rest: int) -> list[str]:
    """Return a word in pieces that are not wider than a line. A word that fits the next line is one piece."""
    pieces, room = [""], first
    for mark in word:
        if width_of(pieces[-1]) + _columns(mark) > room:
            pieces.append("")
            room = rest
        pieces[-1] += mark
    return pieces


def table_lines(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    width: int | None,
    roles: Sequence[LineRole] = (),
    *,
    language: str = "en",
) -> Iterator[Line]:
    """Yield rows as a table, or as a list if a word of the table would be cut.

    A column without any text is left out.

    Args:
        headings: The names of the columns.
        rows: The texts of each row, one for each column.
        width: The width of the terminal in columns. None: any.
        roles: The role of each row. Default: plain.
        language: The language of the headings.
    """
    cells = [tuple(row) for row in rows]
    used = [place for place in range(len(headings)) if not cells or any(row[place] for row in cells)]
    headings = [headings[place] for place in used]
    cells = [tuple(row[place] for place in used) for row in cells]
    columns = list(zip(headings, *cells, strict=True))
    widths = _widths(columns, width)
    told = list(roles) or ["plain"] * len(cells)
    if widths is None:
        yield from _records(headings, cells, width, told, language)
        return
    yield from _row(headings, widths, "heading")
    yield Line((" " * _GAP).join("-" * each for each in widths), "detail")
    for row, role in zip(cells, told, strict=True):
        yield from _row(row, widths, role)


def _widths(columns: Sequence[Sequence[str]], width: int | None) -> list[int] | None:
    """Return the widths of columns, or None if the longest words do not fit beside each other."""
    whole = [max(map(width_of, column)) for column in columns]
    if width is None:
        return whole
    left = width - _GAP * (len(columns) - 1)
    least = [max(width_of(word) for text in column for word in text.split(" ")) for column in columns]
    if sum(least) > left:
        return None
    widths = list(whole)
    for _ in range(sum(widths) - left):
        widest = max(
            (at for at, each in enumerate(widths) if each > least[at]), key=lambda at: (widths[at], at)
        )
        widths[widest] -= 1
    return widths


def _row(texts: Sequence[str], widths: Sequence[int], role: LineRole) -> Iterator[Line]:
    cells = [list(_filled(text, "", "", width)) for text, width in zip(texts, widths, strict=True)]
    for parts in zip_longest(*cells, fillvalue=""):
        padded = (part + " " * (width - width_of(part)) for part, width in zip(parts, widths, strict=True))
        yield Line((" " * _GAP).join(padded).rstrip(" "), role)


def _records(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    width: int | None,
    roles: Sequence[LineRole],
    language: str,
) -> Iterator[Line]:
    """Yield each row as an item of a list, with a line for each value."""
    for place, (row, role) in enumerate(zip(rows, roles, strict=True)):
        if place:
            yield BLANK
        for column, (heading, text) in enumerate(zip(headings, row, strict=True)):
            if text:
                told = sentence("error.at_place", {"place": heading, "text": text}, language)
                first = Line(told, role) if column == 0 else Line(f"  {told}")
                yield from wrapped(first, width)
