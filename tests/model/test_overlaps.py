"""The overlap sweep: every pair of live bookings that overlap, and no other, each once."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from accountmerge.model.overlaps import overlapping_pairs
from small_values import appointment, slot

if TYPE_CHECKING:
    import accountmerge as am

statuses = st.sampled_from(("booked", "booked", "held", "cancelled", "completed", "missed"))
bookings = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 6), statuses), max_size=10)


def brute(rows: list[am.Appointment]) -> list[tuple[str, str]]:
    live = sorted(
        (row for row in rows if row.status in ("held", "booked")),
        key=lambda row: (row.slot.start_us, row.slot.end_us, row.id),
    )
    return [
        (a.id, b.id)
        for a, b in itertools.combinations(live, 2)
        if a.slot.start_us < b.slot.end_us and b.slot.start_us < a.slot.end_us
    ]


@given(bookings)
def test_the_sweep_agrees_with_looking_at_every_pair(drawn: list[tuple[int, int, str]]) -> None:
    rows = [
        appointment(f"A{n}", slot(start, length), status=status)
        for n, (start, length, status) in enumerate(drawn)
    ]
    found = [(first.id, second.id) for first, second in overlapping_pairs(rows)]
    assert sorted(found) == sorted(brute(rows))


def test_a_calendar_of_thousands_agrees_too() -> None:
    chance = random.Random(7)  # noqa: S311 - nothing secret
    rows = [
        appointment(f"A{n}", slot(chance.randrange(90_000), chance.choice((15, 30, 60, 600))))
        for n in range(2500)
    ]
    assert sorted((a.id, b.id) for a, b in overlapping_pairs(rows)) == sorted(brute(rows))


def test_a_long_booking_behind_short_ones_is_found() -> None:
    rows = [appointment("long", slot(0, 600)), *(appointment(f"A{n}", slot(60 * n, 30)) for n in range(1, 9))]
    assert [pair[0].id for pair in overlapping_pairs(rows)] == ["long"] * 8
