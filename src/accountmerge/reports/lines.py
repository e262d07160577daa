"""Lines: what a report is made of; text that is safe to show, and the part it plays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import attrs

from accountmerge.messages import Fact, sentence, visible

LineRole = Literal["heading", "good", "blocker", "warning", "step", "detail", "plain"]


@attrs.frozen
class Line:
    """One line of a report.

    The role is for colour alone: whatever it means stands in the text as well.

    Attributes:
        text: What is shown, one line of printable characters.
        role: What the line is.
    """

    text: str
    role: LineRole = "plain"


BLANK = Line("")


def spoken(key: str, language: str, role: LineRole = "plain", /, *, indent: int = 0, **facts: Fact) -> Line:
    """Return the sentence for a key as a line.

    Args:
        key: What is said, such as `report.steps`.
        language: In which language.
        role: What the line is.
        indent: How many spaces stand before it.
        facts: The values of the placeholders.
    """
    return Line(" " * indent + shown(sentence(key, facts, language)), role)


def shown(text: str) -> str:
    """Return text with everything escaped that a terminal would obey instead of show.

    An id is the caller's own text: a line break in it must not look like another step, nor a control
    sequence hide one.
    """
    return visible(text)


def joined(lines: Iterable[Line]) -> str:
    """Return lines as one plain text."""
    return "\n".join(line.text for line in lines)
