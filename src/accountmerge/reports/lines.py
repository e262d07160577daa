"""The lines of a report, as text that is safe to show, each with a role."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from accountmerge.messages import CUSTOMER_LABELS, Fact, labelled, sentence, visible
from accountmerge.model.values import ShownValue, value_class

LineRole = Literal["heading", "good", "blocker", "warning", "step", "detail", "plain"]


@value_class(eq=False, repr=False)
class Line(ShownValue):
    """One line of a report.

    The role is only for colour: the text says the same.

    Attributes:
        text: One line of printable characters.
        role: The role of the line.
    """

    text: str
    role: LineRole = "plain"


BLANK = Line("")


def spoken(key: str, language: str, role: LineRole = "plain", /, *, indent: int = 0, **facts: Fact) -> Line:
    """Return the sentence for a key, such as `report.steps`, as a line."""
    return Line(" " * indent + shown(sentence(key, facts, language)), role)


def in_words_of(plan: object, language: str) -> str:
    """Return a language with the word for a customer that the rules of a plan name."""
    return labelled(language, getattr(getattr(plan, "rules", None), "customer_label", CUSTOMER_LABELS[0]))


def shown(text: str) -> str:
    """Return text with every character escaped that a terminal would obey instead of show.

    An id is the caller's own text: a line break in it must not look like another step, and a control sequence
    must not hide one.
    """
    return visible(text)


def joined(lines: Iterable[Line]) -> str:
    """Return lines as one plain text."""
    return "\n".join(line.text for line in lines)
