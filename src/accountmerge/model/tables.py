"""Immutable tables of the entities of one kind, indexed by id and by other attributes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, Generic, NoReturn, TypeVar

from accountmerge.model.entities import Entity
from accountmerge.model.values import Displayed

E = TypeVar("E", bound="Entity")
_FRAMES = "accountmerge.frames"
"""The extra that exports tables. It is above this package, so it is found by its name when a table is exported."""


class Table(Displayed, Generic[E]):
    """The entities of one kind, as a collection with look-up by id.

    Iteration yields the entities in no defined order. Two tables are equal when they contain equal
    entities. A look-up takes constant time.

    Args:
        rows: The entities.
        of: The class of the entities, for a table that may be empty.
    """

    __slots__ = ("_groups", "_of", "_rows")
    _rows: dict[str, E]
    _groups: dict[str, dict[str, list[E]]]
    _of: type[Entity] | None

    def __init__(self, rows: Iterable[E] = (), of: type[Entity] | None = None) -> None:
        object.__setattr__(self, "_of", of)
        self._set({row.id: row for row in rows}, {})

    def _set(self, rows: dict[str, E], groups: dict[str, dict[str, list[E]]]) -> None:
        object.__setattr__(self, "_rows", rows)
        object.__setattr__(self, "_groups", groups)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(name)

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(name)

    def __getitem__(self, id: str) -> E:
        return self._rows[id]

    def get(self, id: str) -> E | None:
        """Return the entity with an id, or None."""
        return self._rows.get(id)

    def __iter__(self) -> Iterator[E]:
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, item: object) -> bool:
        """Return whether the table contains an id, or an entity equal to the given one."""
        if isinstance(item, str):
            return item in self._rows
        id = getattr(item, "id", None)
        return id in self._rows and self._rows[id] == item

    @property
    def row_class(self) -> type[Entity] | None:
        """The class of the entities. None for an empty table that was made without it."""
        found: type[Any] | None = self._of or next((type(row) for row in self), None)
        return found

    def sorted(self) -> list[E]:
        """Return the entities in the order of their ids."""
        return [self._rows[id] for id in sorted(self._rows)]

    def where(self, attribute: str, value: str) -> Sequence[E]:
        """Return the entities whose attribute is the value, or contains it if it is a tuple.

        The first call for an attribute reads the whole table; later calls do not, also on tables derived from this one.
        """
        return tuple(self.groups(attribute).get(value, ()))

    def groups(self, attribute: str) -> Mapping[str, Sequence[E]]:
        """Return the entities grouped by the values of an attribute, without those that have none."""
        grouped = self._groups.get(attribute)
        if grouped is None:
            grouped = self._groups[attribute] = _grouped(self._rows.values(), attribute)
        return grouped

    def changed(self, put: Mapping[str, E], drop: Collection[str] = ()) -> Table[E]:
        """Return a table with entities added, replaced (by id) and removed.

        Copies the dictionary of ids, each index that was built, and the groups that change.
        """
        if not put and not drop:
            return self
        rows = dict(self._rows)
        gone = [rows.pop(id) for id in (*put, *drop) if id in rows]
        rows.update(put)
        groups = {name: _regrouped(group, name, gone, put.values()) for name, group in self._groups.items()}
        derived: Table[E] = Table((), self._of)
        derived._set(rows, groups)
        return derived

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Table):
            return NotImplemented
        return self._rows == other._rows

    def __hash__(self) -> int:
        return hash(frozenset(self._rows.values()))

    def __repr__(self) -> str:
        return f"Table({len(self)} entities)"

    def __reduce__(self) -> tuple[Any, ...]:
        return (Table, (list(self._rows.values()), self._of))

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return the table as a stream of Arrow data, without personal values.

        Data frame libraries call it, such as `polars.DataFrame(snapshot.appointments)`. The columns and the rows are
        those of `accountmerge.frames.rows`, which also returns personal values on request.

        Args:
            requested_schema: The schema that the other library prefers, as the protocol passes it.

        Raises:
            ImportError: The extra `frames` is not installed.

        Source: the Arrow PyCapsule interface.
        """
        frames: Any = import_module(_FRAMES)
        stream: object = frames.rows(self).__arrow_c_stream__(requested_schema)
        return stream


def _grouped(rows: Iterable[E], attribute: str) -> dict[str, list[E]]:
    groups: defaultdict[str, list[E]] = defaultdict(list)
    for row in rows:
        value = getattr(row, attribute)
        if type(value) is tuple:
            for key in _keys(row, attribute):
                groups[key].append(row)
        elif value is not None:
            groups[value].append(row)
    return dict(groups)


def _keys(row: Entity, attribute: str) -> tuple[str, ...]:
    value = getattr(row, attribute)
    if value is None:
        return ()
    return tuple(dict.fromkeys(value)) if isinstance(value, tuple) else (value,)


def _regrouped(
    group: dict[str, list[E]], attribute: str, gone: Iterable[E], added: Iterable[E]
) -> dict[str, list[E]]:
    """Return an index without some entities and with others; unchanged groups are shared."""
    gone_ids: dict[str, set[str]] = {}
    for row in gone:
        for key in _keys(row, attribute):
            gone_ids.setdefault(key, set()).add(row.id)
    derived = dict(group)
    for key, ids in gone_ids.items():
        derived[key] = [row for row in derived[key] if row.id not in ids]
    copied = set(gone_ids)
    for row in added:
        for key in _keys(row, attribute):
            if key not in copied:
                copied.add(key)
                derived[key] = list(derived.get(key, ()))
            derived[key].append(row)
    for key in gone_ids:
        if not derived[key]:
            del derived[key]
    return derived
