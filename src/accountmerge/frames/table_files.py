"""Read tables in CSV, Parquet and JSON files as polars frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import polars as pl

_CSV = partial(pl.read_csv, infer_schema=False)
"""Every value stays the text that it is: `00123` is no number, and `3.4` is no date."""


def _lines(path: Path) -> pl.DataFrame:
    """Read an object from each line. A file without lines is a table without rows, whose columns are unknown."""
    return pl.read_ndjson(path, infer_schema_length=None) if path.stat().st_size else pl.DataFrame()


_READERS: Mapping[str, Callable[[Path], pl.DataFrame]] = {
    ".csv": _CSV,
    ".tsv": partial(_CSV, separator="\t"),
    ".parquet": pl.read_parquet,
    ".ndjson": _lines,
    ".jsonl": _lines,
}
ENDINGS = tuple(_READERS)
"""The endings of the names of files that can be read."""


def read_table_file(path: Path) -> pl.DataFrame:
    """Read a table from a file, by the ending of its name.

    Args:
        path: The file. A CSV file has the names of the columns in its first line; an empty field is null.

    Raises:
        KeyError: The ending is of no known kind.
        OSError: The file cannot be read.
        ValueError: The content is not of the kind. No value of it is in the error.
    """
    read = _READERS[path.suffix.lower()]
    with path.open("rb"):
        pass  # an error of the system says more than one of polars
    try:
        return read(path)
    except (pl.exceptions.PolarsError, ValueError, OSError) as error:
        raise ValueError(type(error).__name__) from None
