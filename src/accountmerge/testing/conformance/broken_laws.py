"""What a law raises that is broken."""

from __future__ import annotations


class LawBroken(AssertionError):  # noqa: N818 - it is what a report tells
    """A store or a planner does not keep a law; the text says how, in ids and kinds."""
