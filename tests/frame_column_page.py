"""Write the tables of docs/frame-columns.md from the code. Run as a program, this module writes the page again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import accountmerge as am
from accountmerge import _ROOMS
from accountmerge.frames.row_frames import FIRST_ROWS, ROW_KINDS, containers_of
from accountmerge.model.entities import KIND_OF_CLASS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.frames.row_columns import RowKind

PAGE = Path(__file__).resolve().parents[1] / "docs/frame-columns.md"
HEADING = "## Rows of each class\n"
"""The heading of the part of the page that is written from the code."""


def name_of(cls: type) -> str:
    """Return the name of a class as users write it."""
    homes = {getattr(am, name): f"am.{name}" for name in am.__all__}
    for room in _ROOMS:
        module = getattr(am, room)
        homes.update({getattr(module, name): f"am.{room}.{name}" for name in module.__all__})
    return homes[cls]


def names(classes: list[type]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(map(name_of, classes)))


def section(kind: RowKind) -> Iterator[str]:
    """Yield the lines about one class of row."""
    yield f"### {name_of(kind.cls)}"
    yield ""
    yield kind.rows
    yield from taken_from(kind.cls)
    yield ""
    yield "| column | type | meaning |"
    yield "|---|---|---|"
    for column in kind.columns:
        personal = "; only with values" if column.personal else ""
        yield f"| `{column.name}` | {column.type} | {column.meaning}{personal} |"
    yield ""


def taken_from(cls: type) -> Iterator[str]:
    containers = [container for container in containers_of(cls) if container is not cls]
    unasked = [container for container in containers if FIRST_ROWS.get(container) is cls]
    asked = [container for container in containers if container not in unasked]
    if unasked:
        yield ""
        yield f"These are the rows of {names(unasked)}."
    if asked:
        yield ""
        yield f"With `of={name_of(cls)}` they are taken from {names(asked)}."


def written() -> str:
    """Return the part of the page that is written from the code."""
    kinds = sorted(ROW_KINDS.values(), key=lambda kind: name_of(kind.cls).lower())
    lines = [HEADING, *(line for kind in kinds for line in section(kind))]
    lines += ["### Entities", ""]
    lines.append("A table of a snapshot has one row for each entity, in the order of the ids.")
    lines.append("Its columns are those of the page on [data frames](frames.md#columns).")
    for cls in KIND_OF_CLASS:
        lines += ["", f"- `{name_of(cls)}`, also from {names(list(containers_of(cls)))}"]
    return "\n".join(lines).replace("\n\n- ", "\n- ") + "\n"


def head_of(page: str) -> str:
    """Return the part of the page that people write."""
    return page.partition(HEADING)[0]


if __name__ == "__main__":
    PAGE.write_text(head_of(PAGE.read_text(encoding="utf-8")) + written(), encoding="utf-8")
