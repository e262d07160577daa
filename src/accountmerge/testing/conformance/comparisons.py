"""The differences between the stored and the expected data, without the values that the store owns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accountmerge.changes.edits import differing_fields
from accountmerge.model.construction import evolved
from accountmerge.model.entities import KINDS
from accountmerge.testing.conformance.law_broken import LawBroken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accountmerge.model.entities import EntityKind
    from accountmerge.model.snapshots import Snapshot

SHOWN = 5
"""The most differences that are reported: enough to see the common cause."""


def differences(expected: Snapshot, actual: Snapshot) -> list[str]:
    """Return the differences as kinds, ids and fields, without versions and numbers of the store."""
    return [text for kind in KINDS for text in _of_kind(kind, expected, actual)]


def _of_kind(kind: EntityKind, expected: Snapshot, actual: Snapshot) -> Iterator[str]:
    wanted: dict[str, Any] = {row.id: row for row in expected.table(kind.collection)}
    there: dict[str, Any] = {row.id: row for row in actual.table(kind.collection)}
    for id in sorted(wanted.keys() - there.keys()):
        yield f"{kind.name} {id} is missing"
    for id in sorted(there.keys() - wanted.keys()):
        yield f"{kind.name} {id} is there"
    others = [id for id, row in wanted.items() if there.get(id, row) is not row and there[id] != row]
    for id in sorted(others):
        own = {name: getattr(there[id], name) for name in kind.store_given if _is_own(name, wanted[id])}
        fields = differing_fields(evolved(wanted[id], **own), there[id])
        if fields:
            yield f"{kind.name} {id} differs in {', '.join(fields)}"


def _is_own(name: str, wanted: Any) -> bool:
    """Return whether a field is the store's to fill, as a version or a missing number."""
    return name == "version" or getattr(wanted, name) is None


def keyed(snapshot: Snapshot) -> dict[tuple[str, str], Any]:
    """Return all rows by kind and id."""
    return {(kind.name, row.id): row for kind in KINDS for row in snapshot.table(kind.collection)}


def expect_one_of(ends: Iterable[Snapshot], actual: Snapshot, when: str) -> None:
    """Raise `LawBroken` with the nearest differences unless a store holds one of several snapshots."""
    nearest: list[str] | None = None
    for end in ends:
        differing = differences(end, actual)
        if not differing:
            return
        if nearest is None or len(differing) < len(nearest):
            nearest = differing
    told = nearest or ["nothing was expected"]
    rest = f", and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    raise LawBroken(f"{when}: {'; '.join(told[:SHOWN])}{rest}")


def expect_untouched(before: Snapshot, actual: Snapshot, when: str, *, versions: bool) -> None:
    """Raise `LawBroken` unless a store holds exactly the earlier data, numbers and counted versions."""
    expect_one_of([before], actual, when)
    for kind in KINDS:
        names = kind.store_given if versions else tuple(set(kind.store_given) - {"version"})
        for row in before.table(kind.collection):
            now = actual.table(kind.collection)[row.id]
            changed = [name for name in names if getattr(now, name) != getattr(row, name)]
            if changed:
                raise LawBroken(f"{when}: {kind.name} {row.id} has another {' and '.join(changed)}")
