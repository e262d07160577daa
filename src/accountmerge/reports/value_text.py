"""Values as text, for who asks for them: what an edit changes from and to, and what does not survive.

These are the only lines of a report that show personal values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accountmerge.messages import sentence
from accountmerge.model.json_text import canonical
from accountmerge.reports.lines import Line, shown, spoken
from accountmerge.wire.canonical import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accountmerge.changes.change_sets import LedgerEntry
    from accountmerge.changes.edits import Edit
    from accountmerge.model.entities import Entity

NO_VALUE = "-"
"""What stands for a value that is not there."""


def value_lines(edit: Edit, language: str = "en") -> Iterator[Line]:
    """Yield each key that differs, before and after, as JSON; of what is created or removed, every key but its id."""
    before, after = _written(edit.before), _written(edit.after)
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) != after.get(key) and key != "id":
            sides = {"before": _shown(before, key), "after": _shown(after, key)}
            text = sentence("report.value", {"field": key, **sides}, language)
            yield Line(" " * 8 + shown(text), "detail")


def lost_value_lines(entries: Iterable[LedgerEntry], language: str = "en") -> Iterator[Line]:
    """Yield each value that does not survive, as JSON, with where it came from and why."""
    for entry in entries:
        names = {"entity": entry.entity, "id": entry.id, "field": entry.field, "from_id": entry.from_id}
        text = sentence("report.ledger_entry", {**names, "rule": entry.rule}, language)
        yield spoken("report.lost_value", language, indent=2, text=text, value=entry.value.text)


def _written(entity: Entity | None) -> dict[str, Any]:
    return {} if entity is None else dict(frozen(entity).value)


def _shown(row: dict[str, Any], key: str) -> str:
    return canonical(row[key]) if key in row else NO_VALUE
