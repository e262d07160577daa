"""The table of docs/speed.md, written by the run that measured it."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from timing import Line

PAGE = Path(__file__).parents[2] / "docs" / "speed.md"
START, END = "<!-- The benchmarks write from here. -->", "<!-- The benchmarks write up to here. -->"


def heading(*, quick: bool) -> str:
    """Return on what, of which commit and when the run was made."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=PAGE.parent
    ).stdout.strip()
    machine = f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores"
    busy = f"load {os.getloadavg()[0]:.1f} at the end"
    size = "small sizes, rough ratios" if quick else "real sizes"
    return f"{machine}, {busy}; {size}; commit {commit or 'unknown'}, {datetime.now(tz=UTC).date()}."


def table(lines: Iterable[Line]) -> str:
    """Return the lines as a table in Markdown."""
    rows = ["| measured | ratio | wanted | | figures |", "|---|---|---|---|---|"]
    for line in lines:
        sign = "≥" if line.at_least else "≤"
        answer = "reached" if line.is_reached else "**missed**"
        rows.append(
            f"| {line.what} | {line.ratio:.2f}{line.sign} | {sign} {line.reach:g}{line.sign} | {answer} | {line.figures} |"
        )
    return "\n".join(rows)


def write_table(page: Path, lines: Iterable[Line], about: str) -> None:
    """Write the table of a page anew, between its two markers.

    Raises:
        ValueError: The page has no markers.
    """
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(START)
    _, after = rest.split(END)
    page.write_text(f"{before}{START}\n{about}\n\n{table(lines)}\n{END}{after}", encoding="utf-8")
