"""Rebooking readings: what was understood of a rebooking message, or what has to be asked."""

from __future__ import annotations

from typing import Literal, get_args

import attrs

from accountmerge.messages import sentence
from accountmerge.rules.rebooking_requests import RebookingRequest

QuestionCode = Literal[
    "too_long",
    "missing",
    "unclear",
    "contradictory",
    "year_missing",
    "day_or_month",
    "weekday_mismatch",
    "morning_or_afternoon",
    "clock_skips",
    "clock_repeats",
    "offset_mismatch",
]
QUESTIONS: tuple[QuestionCode, ...] = get_args(QuestionCode)
"""The closed vocabulary of what has to be asked about a message."""
QuestionField = Literal[
    "message", "number", "initials", "date", "time", "time_zone", "modality", "old_email", "new_email"
]
QUESTION_FIELDS: tuple[QuestionField, ...] = get_args(QuestionField)
"""What may have to be asked about, in the order of asking."""


@attrs.frozen
class Question:
    """One thing to ask whoever wrote a message; it names a field and never what stands there.

    Attributes:
        code: One of `QUESTIONS`.
        field: One of `QUESTION_FIELDS`.
    """

    code: QuestionCode
    field: QuestionField

    def describe(self, language: str = "en") -> str:
        """Return what is to be asked, as a sentence."""
        label = sentence(f"label.{self.field}", {}, language)
        return sentence(f"question.{self.code}", {"label": label}, language)

    @property
    def order(self) -> tuple[int, int]:
        """The defined order of questions: by field, then by code."""
        return (QUESTION_FIELDS.index(self.field), QUESTIONS.index(self.code))


@attrs.frozen(repr=False)
class RebookingReading:
    """What was understood of a rebooking message.

    Attributes:
        request: The request, if all of it was understood.
        questions: What has to be asked otherwise, in their defined order.
    """

    request: RebookingRequest | None
    questions: tuple[Question, ...] = ()

    def __repr__(self) -> str:
        return f"RebookingReading({self.request!r}, {len(self.questions)} questions)"
