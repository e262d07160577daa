"""The error of a broken law."""

from __future__ import annotations


class LawBroken(AssertionError):  # noqa: N818 - it is a result, for reports
    """A store or a planner does not keep a law; the text has only ids and kinds."""
