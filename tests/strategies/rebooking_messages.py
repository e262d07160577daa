"""Strategies for rebooking messages: as the library writes them, as people mangle them, and hostile ones."""

from __future__ import annotations

from functools import cache

from hypothesis import event
from hypothesis import strategies as st

from accountmerge.messages import LANGUAGES
from accountmerge.rebooking.messages import rebooking_message
from accountmerge.testing.strategies.rebookings import rebooking_requests
from accountmerge.testing.strategies.scalars import texts
from strategies.mangled_messages import mangled_messages

_LINES = (
    "Appointment number: APP-12",
    "Initials: A.B.",
    "Next session: 2026-03-31 14:30",
    "Time zone: Australia/Sydney",
    "Modality: video",
    "Old email: old@example.com",
    "New email: new@example.org",
)
"""A message that is right, to be spoilt."""
_HOSTILE = (
    "",
    ":",
    "::::::::",
    "=\u00a0=",
    "Time zone: \x00",
    "Time zone: ../../etc/passwd",
    "New email: \ud800@example.com",
    "Initials: \u202eBA",
    "Initials: A\ud800",
    "Next session: 9999-12-31 23:59 +23:59",
    "Next session: 0001-01-01 00:00 -23:59",
    "Next session: \u0662\u0660\u0662\u0666-03-31 14:30",
    f"Appointment number: APP-{'9' * 5000}",
    f"Old email: {'a' * 70_000}@example.com",
    f"{'> ' * 3000}Modality: video",
    f"Date: {'31/03/2026 ' * 200}",
)
"""What no person writes: halves of pairs, directions, digits of elsewhere, paths, and too much of everything."""


@st.composite
def hostile_messages(draw: st.DrawFn) -> str:
    """Messages that want to trip the reader up: any text, or a line of it in a message that is right otherwise."""
    line = draw(st.one_of(st.sampled_from(_HOSTILE), texts(), st.text(max_size=300)))
    if draw(st.booleans()):
        return line
    place = draw(st.integers(0, len(_LINES)))
    return "\n".join((*_LINES[:place], line, *_LINES[place:]))


@cache
def rendered_messages() -> st.SearchStrategy[str]:
    """Messages as the library writes them, in any of its languages."""
    return st.builds(rebooking_message, rebooking_requests(), st.sampled_from(LANGUAGES))


@st.composite
def rebooking_messages(draw: st.DrawFn) -> str:
    """Any message that may arrive; what is right to answer is known of those of `mangled_messages` only."""
    drawn = {
        "rendered": rendered_messages(),
        "mangled": mangled_messages().map(lambda mangled: mangled.text),
        "hostile": hostile_messages(),
    }
    how = draw(st.sampled_from(tuple(drawn)))
    event(f"rebooking message: {how}")
    return draw(drawn[how])
