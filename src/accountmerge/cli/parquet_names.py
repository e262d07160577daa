"""Names of Parquet files and of folders of them, without a library that reads them."""

from __future__ import annotations

from pathlib import Path


def is_parquet(source: str) -> bool:
    """Return whether a name means a Parquet file that exists, or a folder of them."""
    return bool(parquet_files(source))


def parquet_files(source: str) -> list[Path]:
    """Return the Parquet files that a name means.

    They are the file itself, or those in the folder and in its folders with names such as `year=2026`.
    """
    path = Path(source)
    if path.suffix == ".parquet" and path.is_file():
        return [path]
    if not path.is_dir():
        return []
    return sorted(
        [*path.glob("*.parquet"), *path.glob("*=*/**/*.parquet"), *path.glob("appointments/**/*.parquet")]
    )
