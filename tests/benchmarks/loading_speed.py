"""`loads` against `json.loads`, constructors against those without checks, and the memory of what was loaded."""

from __future__ import annotations

import gc
import json
import random
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import attrs

import accountmerge as am
from fixed_peer import plain_class
from practices import practice, snapshot_of
from timing import Line, best_in_turns, per, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECOND = 1_000_000  # microseconds
_HALF_A_YEAR = 183 * 86_400  # seconds
_BYTES = 450
_CHECKED = 4
"""How many times as long as one without checks a constructor may take: a mark of our own, above what was measured."""
_PROGRAM = """
import gc, os, resource, sys
sys.path[:0] = {path!r}
import accountmerge as am
from loading_speed import live_bytes
am.loads({few!r})
gc.collect(); gc.disable()
with open({name!r}, encoding="utf-8") as file: text = file.read()
snapshot = am.loads(text)
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(live_bytes(snapshot), most)
"""


def loading_lines(*, size: int, repeats: int) -> Iterator[Line]:
    """Measure how many times longer than reading plain data it takes to read values."""
    for name, text in texts(size).items():
        assert len(am.loads(text).appointments) == len(json.loads(text)["appointments"])  # type: ignore[union-attr]
        ours, bare = best_in_turns(
            lambda text=text: am.loads(text), lambda text=text: json.loads(text), repeats=repeats
        )
        figures = f"{per(ours, size)}, `json.loads` {per(bare, size)}, {size:,} appointments, {shown(ours)}"
        yield Line(f"loading, {name}, to `json.loads`", ours / bare, 4.2, figures)


def construction_lines(*, size: int, repeats: int) -> Iterator[Line]:
    """Measure how many times longer than a constructor without any check the constructor of an entity takes."""
    snapshot = snapshot_of(practice(others=size))
    for cls, rows in ((am.Appointment, list(snapshot.appointments)), (am.Customer, list(snapshot.customers))):
        make: Any = cls
        bare, names = plain_class(cls), [field.name for field in attrs.fields(cls)]
        given = [{name: getattr(row, name) for name in names} for row in rows]
        assert [make(**values) for values in given] == rows
        ours, unchecked = best_in_turns(
            lambda make=make, given=given: [make(**values) for values in given],
            lambda bare=bare, given=given: [bare(**values) for values in given],
            repeats=repeats,
        )
        figures = f"{per(ours, len(rows))}, unchecked {per(unchecked, len(rows))}, {len(rows):,} entities"
        yield Line(
            f"constructor of {cls.__name__}, to one without checks", ours / unchecked, _CHECKED, figures
        )


def texts(size: int) -> dict[str, str]:
    """Return the text of a practice as it is, and of one in which hardly any slot repeats."""
    whole = practice(others=size)
    drawn = random.Random(7)
    scattered = [attrs.evolve(row, slot=_later(row.slot, drawn)) for row in whole["appointments"]]
    return {
        "slots as in life": am.dumps(snapshot_of(whole)),
        "where no slot repeats": am.dumps(snapshot_of({**whole, "appointments": scattered})),
    }


def _later(slot: am.TimeSlot, drawn: random.Random) -> am.TimeSlot:
    later = drawn.randrange(_HALF_A_YEAR) * _SECOND
    return am.TimeSlot.from_microseconds(slot.start_us + later, slot.end_us + later)


def live_bytes(snapshot: object) -> int:
    """Return the bytes of all objects that a snapshot holds, each counted once."""
    seen: set[int] = set()
    waiting: list[object] = [snapshot]
    total = 0
    while waiting:
        value = waiting.pop()
        if id(value) not in seen and not isinstance(value, type):
            seen.add(id(value))
            total += sys.getsizeof(value)
            waiting += gc.get_referents(value)
    return total


def memory_lines(*, size: int, folder: str) -> Iterator[Line]:
    """Measure the memory that a loaded snapshot takes, in a fresh process, and the most that loading took."""
    name = f"{folder}/snapshot.json"
    with open(name, "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(texts(size)["slots as in life"])
    few = am.dumps(snapshot_of(practice(others=1)))
    program = _PROGRAM.format(path=sys.path, few=few, name=name)
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    kept, most = map(int, done.stdout.split())
    figures = f"{kept / size:.0f} bytes each, {most / size:.0f} resident at the most, with text and plain data, {size:,} appointments"
    yield Line("memory of a loaded snapshot, to 450 bytes an appointment", kept / size / _BYTES, 1, figures)
