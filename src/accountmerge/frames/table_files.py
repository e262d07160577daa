"""Read tables in CSV, Parquet and JSON files as polars frames."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import polars as pl

_SEPARATORS = (";", "\t", "|")
"""Separators of fields beside the comma, which some programs write."""


class UnreadableTableError(ValueError):
    """The content of a file is no table of its kind.

    Attributes:
        code: The code of the reason.
        facts: The values of the sentence. None of them is from a row.
    """

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


def _values(path: Path, separator: str) -> pl.DataFrame:
    """Read a CSV file. Every value stays the text that it is: `00123` is no number, and `3.4` is no date."""
    try:
        frame = pl.read_csv(path, infer_schema=False, separator=separator)
    except (pl.exceptions.PolarsError, ValueError, OSError) as error:
        raise _fault_of_csv(path, separator, type(error).__name__) from None
    if frame.width == 1:
        for other in _SEPARATORS:
            if other in frame.columns[0]:
                raise UnreadableTableError("table_separator", found=repr(other).strip("'"))
    return frame


def _fault_of_csv(path: Path, separator: str, reason: str) -> UnreadableTableError:
    """Return why a CSV file cannot be read, with the line, as far as it is known."""
    content = path.read_bytes()
    if not content:
        return UnreadableTableError("table_empty")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return UnreadableTableError("table_not_utf8", line=content.count(b"\n", 0, error.start) + 1)
    lines = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        width = len(next(lines))
        for row in lines:
            if len(row) > width:
                return UnreadableTableError(
                    "table_ragged", line=lines.line_num, found=len(row), columns=width
                )
    except csv.Error:
        return UnreadableTableError("table_quotes", line=lines.line_num)
    return UnreadableTableError("table_unreadable", reason=reason)


def _lines(path: Path, _: str) -> pl.DataFrame:
    """Read an object from each line. A file without lines is a table without rows, whose columns are unknown."""
    return pl.read_ndjson(path, infer_schema_length=None) if path.stat().st_size else pl.DataFrame()


_READERS: Mapping[str, Callable[[Path, str], pl.DataFrame]] = {
    ".csv": _values,
    ".tsv": lambda path, _: _values(path, "\t"),
    ".parquet": lambda path, _: pl.read_parquet(path),
    ".ndjson": _lines,
    ".jsonl": _lines,
}
ENDINGS = tuple(_READERS)
"""The endings of the names of files that can be read."""


def read_table_file(path: Path, separator: str = ",") -> pl.DataFrame:
    """Read a table from a file, by the ending of its name.

    Args:
        path: The file. A CSV file has the names of the columns in its first line; an empty field is null.
        separator: The character between two fields of a CSV file.

    Raises:
        KeyError: The ending is of no known kind.
        OSError: The file cannot be read.
        UnreadableTableError: The content is not of the kind.
    """
    read = _READERS[path.suffix.lower()]
    with path.open("rb"):
        pass  # an error of the system says more than one of polars
    try:
        return read(path, separator)
    except UnreadableTableError:
        raise
    except (pl.exceptions.PolarsError, ValueError, OSError) as error:
        raise UnreadableTableError("table_unreadable", reason=type(error).__name__) from None
