"""Faults of frames, each with its table, its column and every row that has it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from accountmerge.errors import Fault, LoadError
from accountmerge.messages import Fact, Facts, has_sentence, sentence

_SHOWN_ROWS = 5
"""The rows that the message of a fault names before it counts them."""
_PLACE = re.compile(r"(?P<table>\w+)\[(?P<row>\d+)\](?P<rest>.*)", re.DOTALL)
_OF_ONE_ROW = frozenset({"id", "line", "column"})
"""Facts that differ from row to row of one fault."""


class FrameFault(Fault):
    """A fault of a frame, told once for all rows that have it.

    Attributes:
        path: The place in the first of the rows, as `loads` names it, such as `appointments[3].start`; for a fault of
            a whole column `customers.record_number`.
        rows: Every row that has the fault, from 0, ascending; empty for a fault of a whole column.
        theirs: The name of the column in the caller's frame, if it is another one and may be shown.
    """

    def __init__(
        self, code: str, path: str = "", *, rows: Sequence[int] = (), theirs: str = "", **facts: Fact
    ) -> None:
        super().__init__(code, path, **facts)
        self.rows = tuple(rows)
        self.theirs = theirs

    def describe(self, language: str = "en") -> str:
        """Return the table, the column and the rows, and the message of this fault in a language."""
        return f"{self._place(language)}: {self._message(language)}"

    def _place(self, language: str) -> str:
        match = _PLACE.fullmatch(self.path)
        place = self.path if match is None else f"{match['table']}{match['rest']}"
        if self.theirs:
            place = sentence("fault.frame_place", {"path": place, "found": self.theirs}, language)
        if not self.rows:
            return place
        shown = tuple(map(str, self.rows[:_SHOWN_ROWS])) + (("…",) if len(self.rows) > _SHOWN_ROWS else ())
        key = "fault.frame_row" if len(self.rows) == 1 else "fault.frame_rows"
        return sentence(key, {"path": place, "rows": shown, "count": len(self.rows)}, language)

    def _message(self, language: str) -> str:
        for key in self._keys():
            if has_sentence(key, "en"):
                return sentence(key, self.facts, language)
        facts: Any = self.facts
        return Fault(self.code, **facts).describe(language)

    def _keys(self) -> Iterator[str]:
        """Yield the keys of the sentences for the fault, the most exact one first."""
        name = str(self.facts["reason"]) if self.code == "invalid_value" else self.code
        own = f"fault.frame_{name.removeprefix('frame_')}"
        hints = "".join(f".{hint}" for hint in ("found", "meant", "ids") if hint in self.facts)
        for stem in (own,) if self.rows else (f"{own}.column", own):
            yield from dict.fromkeys((f"{stem}{hints}", f"{stem}{hints.removesuffix('.meant')}", stem))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FrameFault) and self.rows == other.rows and Fault.__eq__(self, other) is True

    def __hash__(self) -> int:
        return hash((self.code, self.path, self.facts, self.rows))

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuilt, (self.code, self.path, self.rows, self.theirs, self.facts))


def _rebuilt(code: str, path: str, rows: tuple[int, ...], theirs: str, facts: Facts) -> FrameFault:
    return FrameFault(code, path, rows=rows, theirs=theirs, **facts)


class FrameFaults:
    """The faults of some frames, gathered by what they say."""

    def __init__(self) -> None:
        self._gathered: dict[tuple[Any, ...], tuple[FrameFault, list[int]]] = {}
        self._ids: dict[tuple[Any, ...], dict[str, None]] = {}

    def add(self, fault: Fault, *, theirs: str = "") -> None:
        """Add a fault with its path, such as `appointments[3].start`, or `appointments.start` for a whole column.

        Args:
            fault: The fault.
            theirs: The name of the column in the caller's frame.
        """
        match = _PLACE.fullmatch(fault.path)
        table, rest = (match["table"], match["rest"]) if match is not None else ("", fault.path)
        said = frozenset((name, fact) for name, fact in fault.facts.items() if name not in _OF_ONE_ROW)
        key = (table, rest, fault.code, said, match is None)
        facts: Any = fault.facts
        if key not in self._gathered:
            self._gathered[key] = (FrameFault(fault.code, fault.path, theirs=theirs, **facts), [])
        if match is not None:
            self._gathered[key][1].append(int(match["row"]))
            if "id" in fault.facts:
                self._ids.setdefault(key, {})[str(fault.facts["id"])] = None

    def extend(self, faults: Iterable[Fault]) -> None:
        """Add several faults."""
        for fault in faults:
            self.add(fault)

    def raise_if_any(self) -> None:
        """Raise one error with every fault.

        Raises:
            LoadError: There are faults.
        """
        if self._gathered:
            raise LoadError([self._whole(key) for key in self._gathered])

    def _whole(self, key: tuple[Any, ...]) -> FrameFault:
        """Return a fault with all its rows, and with the ids that they name if they are several."""
        fault, rows = self._gathered[key]
        ids = tuple(self._ids.get(key, ()))
        shown = ids[:_SHOWN_ROWS] + (("…",) if len(ids) > _SHOWN_ROWS else ())
        more: Any = {"ids": shown} if len(ids) > 1 else {}
        return FrameFault(fault.code, fault.path, rows=rows, theirs=fault.theirs, **fault.facts, **more)
