"""Rows of a CSV file, with every fault by line and column and without a value."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import accountmerge as am
from accountmerge.cli.files import read_bytes, shown_source
from accountmerge.cli.option_values import OptionProblem, OptionReader
from accountmerge.cli.problems import BadInput, Problem
from accountmerge.errors import SHOWN_FAULTS

_DELIMITERS = ",;\t"


class Cell(NamedTuple):
    """A cell of a row; an empty one if the file does not have its column.

    Attributes:
        place: The line, the column and its name, for problems.
        text: The text without spaces around it; empty if the cell is empty.
    """

    place: str
    text: str


Row = Mapping[str, Cell]


def _csv_text(source: str) -> str:
    """Return the text of a CSV file. Text of another kind is refused with the way to a CSV file."""
    content = read_bytes(source)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadInput(Problem("table_not_utf8", line=line), about=shown_source(source)) from None
    if text.lstrip()[:1] in ("{", "["):
        raise BadInput(Problem("csv_is_json"), about=shown_source(source))
    return text


class CsvFile:
    """A CSV file with a heading, read whole.

    Args:
        source: The name of the file; `-` is standard input.
        columns: The names of the columns that the file may have.
        required: Sets of columns; the file needs all columns of one of them.
        language: The language of the places.
        zone: The zone of times without an offset.
    """

    def __init__(
        self,
        source: str,
        columns: tuple[str, ...],
        required: tuple[tuple[str, ...], ...],
        language: str,
        zone: str | None,
    ) -> None:
        self._source = source
        self._columns = columns
        self._language = language
        self._problems: list[am.AccountMergeError] = []
        self._zone = zone
        text = _csv_text(source)
        first = text.partition("\n")[0]
        delimiter = max(_DELIMITERS, key=lambda mark: (first.count(mark), -_DELIMITERS.index(mark)))
        self._rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        self.names = self._heading(required)

    def _heading(self, required: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
        names: list[str] = []
        for number, text in enumerate(next(self._lines(), (1, []))[1], start=1):
            name = text.strip().casefold().replace(" ", "_").replace("-", "_")
            if name not in self._columns:
                meant = self._meant(name)
                code = "csv_column_meant" if meant else "csv_column_unknown"
                self.refuse(Problem(code, line=1, column=number, meant=meant, allowed=self._columns))
            elif name in names:
                self.refuse(Problem("csv_column_twice", line=1, column=number, name=name))
            names.append(name)
        if not any(set(wanted) <= set(names) for wanted in required):
            wanted = min(required, key=lambda each: len(set(each) - set(names)))
            missing = tuple(name for name in wanted if name not in names)
            self.refuse(Problem("csv_columns_missing", columns=missing))
        self.finish()
        return tuple(names)

    def _meant(self, name: str) -> str:
        from difflib import get_close_matches  # only a fault needs it

        return next(iter(get_close_matches(name, self._columns, n=1, cutoff=0.7)), "")

    def _lines(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the lines that are not empty, each with the number of its first line in the file."""
        before = self._rows.line_num
        while True:
            try:
                cells = next(self._rows)
            except StopIteration:
                return
            except csv.Error:
                self.refuse(Problem("csv_unreadable", line=before + 1))
                return
            if any(cell.strip() for cell in cells):
                yield before + 1, cells
            before = self._rows.line_num

    def rows(self) -> Iterator[tuple[Row, OptionReader]]:
        """Yield each row by the names of its columns, with a reader that gathers problems."""
        for line, cells in self._lines():
            if len(cells) != len(self.names):
                facts = {"line": line, "count": len(cells), "needed": len(self.names)}
                self.refuse(Problem("csv_cells", **facts))
                continue
            row = {name: Cell(self._absent(line, name), "") for name in self._columns}
            row |= {
                name: Cell(self.place(line, number, name), cell.strip())
                for number, (name, cell) in enumerate(zip(self.names, cells, strict=True), start=1)
            }
            reader = OptionReader(self._zone)
            yield row, reader
            self._problems += reader.problems

    def place(self, line: int, number: int, name: str) -> str:
        """Return the text for a cell in problems."""
        return Problem("csv_place", line=line, column=number, name=name).describe(self._language)

    def _absent(self, line: int, name: str) -> str:
        """Return the text for a cell whose column the file does not have."""
        return Problem("csv_absent", line=line, name=name).describe(self._language)

    def refuse(self, problem: am.AccountMergeError) -> None:
        """Add a problem."""
        self._problems.append(problem)

    def finish(self) -> None:
        """Refuse the file if it has a problem, with the first ones and the number of the others."""
        if self._problems:
            more = len(self._problems) - SHOWN_FAULTS
            rest = [Problem("csv_more", count=more)] if more > 0 else []
            raise BadInput(*self._problems[:SHOWN_FAULTS], *rest, about=shown_source(self._source))


def are_filled(reader: OptionReader, *cells: Cell) -> bool:
    """Return whether no cell is empty, and refuse each one that is."""
    for each in cells:
        if not each.text:
            reader.refuse(OptionProblem("cell_missing", option=each.place))
    return all(each.text for each in cells)
