"""Read the HTML of a cell as a browser does: its elements, its text, its facts and its tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import html5lib

if TYPE_CHECKING:
    from collections.abc import Iterator

_COUNT = re.compile(r"\((?P<count>[\d,\u202f]+)(?: [^()]*?(?P<shown>\d+)[^()]*)?\)$")


class ReadTable(NamedTuple):
    """A table of a cell.

    Attributes:
        caption: The caption without its numbers.
        total: The number of all rows that the caption names.
        said_shown: The number of shown rows that the caption names, or None.
        heads: The headings of the columns.
        rows: The texts of the shown rows.
    """

    caption: str
    total: int
    said_shown: int | None
    heads: list[str]
    rows: list[list[str]]


class ReadCell:
    """A cell as a browser reads it."""

    def __init__(self, text: str) -> None:
        self.root = html5lib.parseFragment(text, namespaceHTMLElements=False)

    @property
    def elements(self) -> list[tuple[str, tuple[str, ...]]]:
        """Each element with the names of its attributes."""
        return [(str(one.tag), tuple(sorted(one.attrib))) for one in self.root.iter()]

    @property
    def texts(self) -> Iterator[str]:
        """Each text and each value of an attribute."""
        yield "".join(self.root.itertext())
        for one in self.root.iter():
            yield from one.attrib.values()

    @property
    def facts(self) -> dict[str, str]:
        """The named values, as texts."""
        names = [said(one) for one in self.root.iter("dt")]
        return dict(zip(names, (said(one) for one in self.root.iter("dd")), strict=True))

    @property
    def tables(self) -> list[ReadTable]:
        return [_table(one) for one in self.root.iter("table")]

    def table(self, caption: str) -> ReadTable:
        (found,) = (table for table in self.tables if table.caption == caption)
        return found


def said(element: Any) -> str:
    """Return the text of an element."""
    return "".join(element.itertext())


def _table(element: Any) -> ReadTable:
    caption = said(element.find("caption"))
    numbers = _COUNT.search(caption)
    assert numbers, caption
    heads = [said(one) for one in element.iterfind("thead/tr/th")]
    rows = [[said(one) for one in row] for row in element.iterfind("tbody/tr")]
    assert all(one.get("scope") == "col" for one in element.iterfind("thead/tr/th"))
    assert all(row[0].tag == "th" and row[0].get("scope") == "row" for row in element.iterfind("tbody/tr"))
    assert all(len(row) == len(heads) for row in rows)
    shown = numbers["shown"]
    return ReadTable(
        caption[: numbers.start()].strip(),
        int(re.sub(r"\D", "", numbers["count"])),
        None if shown is None else int(shown),
        heads,
        rows,
    )
