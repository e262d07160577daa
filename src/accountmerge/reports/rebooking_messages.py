"""Rebooking messages: a request as a message that people can send, and that can be read back.

Source: design section 3.1, rule 9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.messages import sentence, visible
from accountmerge.model.instants import microseconds
from accountmerge.model.wall_time import wall_parts
from accountmerge.rules.rebooking_words import WRITTEN_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.rules.rebooking_readings import Question
    from accountmerge.rules.rebooking_requests import RebookingRequest
    from accountmerge.rules.rebooking_words import RebookingField


def rebooking_message(request: RebookingRequest, language: str = "en") -> str:
    """Return a request as a message to customer service, ready to be sent.

    It says that it is because of a migration, has a line for each field, and tells whom staff may ask. The date
    is written year first and the time with its offset, so that no reader can mistake them;
    `read_rebooking_message` gives the request back, if its initials and addresses can be read as such.

    Args:
        request: What is asked. The message holds its initials and addresses.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    values = _values(request, language)
    lines = [
        sentence("report.rebooking_opening", {}, language),
        "",
        *(_line(field, values[field], language) for field in WRITTEN_FIELDS),
        "",
        sentence("report.rebooking_closing", {}, language),
    ]
    return "\n".join(lines)


def question_lines(questions: tuple[Question, ...], language: str = "en") -> Iterator[str]:
    """Yield what has to be asked before a message is understood, one line each."""
    for question in questions:
        yield f"- {question.describe(language)}"


def _line(field: RebookingField, value: str, language: str) -> str:
    label = sentence(f"label.{field}", {}, language)
    return sentence("report.rebooking_line", {"label": label, "value": visible(value)}, language)


def _values(request: RebookingRequest, language: str) -> dict[RebookingField, str]:
    date, time, offset = wall_parts(microseconds(request.start), request.time_zone)
    start = {"date": date, "time": time, "offset": offset}
    return {
        "number": request.number,
        "initials": request.initials,
        "start": sentence("report.rebooking_start", start, language),
        "time_zone": request.time_zone,
        "modality": sentence(f"modality.{request.modality}", {}, language),
        "old_email": request.old_email.text,
        "new_email": request.new_email.text,
    }
