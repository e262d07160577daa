"""The values and tables of a cell, and the HTML and the tree that they become."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from accountmerge.messages import Fact, known_language, sentence, visible
from accountmerge.messages.readers import SHORT_ID, is_digest
from accountmerge.model.time_slots import TimeSlot
from accountmerge.reports.markup import Child, Element, append, element, html, named_values, table, written
from accountmerge.reports.report_words import Words

SHOWN_ROWS = 20
"""The most rows of a table in a cell: about one screen."""
SHOWN_IDS = 5
"""The most ids in one value, and the most rows in one part of a tree: about one line."""
UNKNOWN_ZONE = "UTC"
"""The zone of times for which no zone is known."""
LONGEST_SENTENCE = 600
"""The longest sentence that is shown whole, in characters; sentences may name many ids."""

_STYLE = (
    ".accountmerge {overflow-x: auto} .accountmerge table {margin: 0.5em 0}"
    " .accountmerge th, .accountmerge td, .accountmerge caption"
    " {padding: 0.1em 1em 0.1em 0; text-align: left; vertical-align: top}"
    " .accountmerge caption, .accountmerge dt {font-weight: bold}"
    " .accountmerge dl {display: grid; grid-template-columns: max-content 1fr; column-gap: 1em}"
    " .accountmerge dd {margin: 0}"
)
"""No colours: those of the notebook apply, light or dark."""


class When(NamedTuple):
    """An instant in microseconds or a slot, with its zone. None is the zone of the cell."""

    time: int | TimeSlot
    zone: str | None = None


class Ids(NamedTuple):
    """The first of some ids, and the number of all."""

    first: tuple[str, ...]
    total: int


class Said(NamedTuple):
    """A sentence of a catalogue."""

    text: str


Shown = str | int | bool | When | Ids | Said | None
"""A value in a cell. A text is from a person or a program, so it is never said to be a sentence."""


def ids(values: Sequence[str]) -> Ids:
    """Return ids as a value."""
    return Ids(tuple(islice(values, SHOWN_IDS)), len(values))


def shown_counts(counts: Iterable[tuple[str, int]], language: str, family: str = "") -> Ids:
    """Return codes with their counts as a value, the most frequent first. A family of sentences has their words."""
    ordered = sorted(counts, key=lambda pair: (-pair[1], pair[0]))
    words = Words(language, UNKNOWN_ZONE)
    said = (
        {"name": words.word(family, code) if family else code, "number": words.number(count)}
        for code, count in ordered
    )
    return ids([sentence("cell.counted", facts, language) for facts in said])


Column = tuple[str, Callable[[Any, str], Shown]]
"""The key of a heading, without `cell.`, and the function from an object and a language to the value."""


class RowsOf(NamedTuple):
    """The key of the caption and the columns of the tables of one class."""

    caption: str
    columns: tuple[Column, ...]

    def rows(
        self, values: Sequence[Any], language: str, caption: str | None = None, *, most: int = SHOWN_ROWS
    ) -> Rows:
        """Return the first values as rows."""
        made = tuple(tuple(value(row, language) for _, value in self.columns) for row in islice(values, most))
        return Rows(caption or self.caption, tuple(key for key, _ in self.columns), made, len(values))

    def facts(self, value: Any, language: str) -> Facts:
        """Return the columns of one value as facts."""
        return tuple((key, shown(value, language)) for key, shown in self.columns)


class Rows(NamedTuple):
    """The first rows of a table, and the number of all."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Shown, ...], ...]
    total: int
    about: str = ""
    """The id of the profile that the table is about, if a cell has several of them."""


Facts = tuple[tuple[str, Shown], ...]
"""Values by the keys of their names, without `cell.`."""


class Cell:
    """A value as notebooks, terminals and pages show it, without personal values.

    `am.reports.cell` makes it. Jupyter and marimo show its HTML, and `rich.print` its tree.
    """

    __slots__ = ("_facts", "_language", "_lines", "_name", "_tables", "_zone")

    def __init__(
        self,
        name: str,
        lines: Iterable[str] = (),
        facts: Facts = (),
        tables: Iterable[Rows] = (),
        *,
        language: str = "en",
        zone: str | None = None,
    ) -> None:
        self._name = name
        self._lines = tuple(lines)
        self._facts = tuple((key, value) for key, value in facts if not _is_empty(value))
        self._tables = tuple(_without_empty_columns(rows) for rows in tables if rows.total)
        self._language = language
        self._zone = zone

    def in_zone(self, zone: str) -> Cell:
        """Return a cell with all times in one zone."""
        facts = tuple((key, _moved(value, zone)) for key, value in self._facts)
        tables = (
            rows._replace(rows=tuple(tuple(_moved(value, zone) for value in row) for row in rows.rows))
            for rows in self._tables
        )
        return Cell(self._name, self._lines, facts, tables, language=self._language, zone=zone)

    @property
    def html(self) -> str:
        """The HTML of the cell."""
        return self._repr_html_()

    def _repr_html_(self) -> str:
        title = element("strong", self._name)
        first, *others = (_sentence(line) for line in self._lines) if self._lines else (None,)
        zones = self._zones()
        root = element(
            "div",
            element("style", _STYLE),
            element("p", title, " " if first is not None else None, first),
            element("ul", *(element("li", line) for line in others)) if others else None,
            class_="accountmerge",
            lang=known_language(self._language),
        )
        if self._facts:
            pairs = ((self._word(key), self._element(value, zones)) for key, value in self._facts)
            append(root, named_values(pairs))
        for rows in self._tables:
            heads = [self._word(key) for key in rows.heads]
            body = ([self._element(value, zones, is_short=True) for value in row] for row in rows.rows)
            append(root, table(self._caption(rows), heads, body))
        if len(zones) == 1:
            append(root, element("p", sentence("cell.zone", {"zone": zones[0]}, self._language)))
        return html(root)

    def __rich_repr__(self) -> Iterator[Any]:
        if self._lines:
            yield _Plain(_cut(self._lines[0]))
        for key, value in self._facts:
            yield key, _Plain(self._text(value))
        known = {key for key, _ in self._facts}
        for rows in self._tables:
            key = rows.caption.rpartition(".")[2]
            if key not in known:
                yield key, self._heads(rows)

    def _heads(self, rows: Rows) -> list[object]:
        """Return the first value of the first rows, and the number of all rows."""
        heads = [_Plain(self._text(row[0])) for row in rows.rows[:SHOWN_IDS]]
        more = [_Plain(self._more(len(heads), rows.total))] if rows.total > len(heads) else []
        return [*heads, *more]

    def __repr__(self) -> str:
        return f"Cell({self._name})"

    def _word(self, key: str) -> str:
        return sentence(f"cell.{key}", {}, self._language)

    def _caption(self, rows: Rows) -> Element:
        is_cut = rows.total > len(rows.rows)
        count = self._more(len(rows.rows), rows.total) if is_cut else self._number(rows.total)
        made = element("span", sentence(rows.caption, {}, self._language))
        if rows.about:
            append(made, ", ")
            append(made, written(visible(rows.about)))
        append(made, f" ({count})")
        return made

    def _more(self, shown: int, count: int) -> str:
        facts: dict[str, Fact] = {"first": shown, "number": self._number(count)}
        return sentence("cell.cut", facts, self._language)

    def _number(self, count: int) -> str:
        return Words(self._language, UNKNOWN_ZONE).number(count)

    def _zones(self) -> tuple[str, ...]:
        values = [value for _, value in self._facts]
        values += [value for rows in self._tables for row in rows.rows for value in row]
        times = (value for value in values if isinstance(value, When))
        return tuple(sorted({self._zone_of(value) for value in times}))

    def _zone_of(self, when: When) -> str:
        return when.zone or self._zone or UNKNOWN_ZONE

    def _element(self, value: Shown, zones: Sequence[str], *, is_short: bool = False) -> Child:
        if isinstance(value, When):
            zone = self._zone_of(value)
            time = self._time(value)
            return time if len(zones) == 1 else element("span", time, f" {zone}")
        if isinstance(value, Ids):
            return self._ids(value, is_short=is_short)
        if isinstance(value, Said):
            return _sentence(value.text)
        return _id(value, is_short=is_short) if isinstance(value, str) else self._text(value)

    def _time(self, value: When) -> Element:
        words = Words(self._language, self._zone_of(value))
        return words.period(value.time) if isinstance(value.time, TimeSlot) else words.time(value.time)

    def _ids(self, value: Ids, *, is_short: bool) -> Element:
        made = element("span")
        for place, id in enumerate(value.first):
            append(made, ", " if place else None)
            append(made, _id(id, is_short=is_short))
        if value.total > len(value.first):
            append(made, f", … ({self._more(len(value.first), value.total)})")
        return made

    def _text(self, value: Shown) -> str:
        """Return a value as one line of text."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return self._word("yes" if value else "no")
        if isinstance(value, int):
            return self._number(value)
        if isinstance(value, Ids):
            more = (
                [f"… ({self._more(len(value.first), value.total)})"] if value.total > len(value.first) else []
            )
            return _cut(", ".join([*map(_cut, value.first), *more]))
        if isinstance(value, When):
            return f"{''.join(self._time(value).itertext())} {self._zone_of(value)}"
        return _cut(value.text if isinstance(value, Said) else value)


class _Plain:
    """A text that shows as it is, without quotes."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def plain(text: str) -> object:
    """Return an object whose repr is one line of a text, cut if it is long."""
    return _Plain(_cut(text))


def _cut(text: str) -> str:
    cut = text if len(text) <= LONGEST_SENTENCE else f"{text[:LONGEST_SENTENCE]}…"
    return visible(cut.replace("\n", " "))


def _id(text: str, *, is_short: bool) -> Element:
    """Return a text. If short, a digest is its first characters, and the whole is in its title."""
    if is_short and is_digest(text):
        return element("bdi", f"{text[:SHORT_ID]}…", title=text)
    return written(visible(text))


def _sentence(text: str) -> Element:
    """Return sentences, each on its line. In a sentence, the line breaks of a person are escaped."""
    first, *others = text[:LONGEST_SENTENCE].split("\n")
    made = element("bdi", visible(first))
    for line in others:
        append(made, element("br"))
        append(made, visible(line))
    append(made, "…" if len(text) > LONGEST_SENTENCE else None)
    return made


def _is_empty(value: Shown) -> bool:
    if isinstance(value, Ids):
        return not value.total
    return value is None or value == "" or (isinstance(value, Said) and not value.text)


def _moved(value: Shown, zone: str) -> Shown:
    return When(value.time, zone) if isinstance(value, When) else value


def _without_empty_columns(rows: Rows) -> Rows:
    """Return a table without the columns that are empty in every row, but with its first column."""
    kept = [
        place
        for place in range(len(rows.heads))
        if not place or any(not _is_empty(row[place]) for row in rows.rows)
    ]
    heads = tuple(rows.heads[place] for place in kept)
    return rows._replace(heads=heads, rows=tuple(tuple(row[place] for place in kept) for row in rows.rows))
