"""Answers about log-ins as text: what an address is good for, and where to go instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accountmerge.reports.lines import Line, joined, shown, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accountmerge.reports.lines import LineRole
    from accountmerge.views.log_ins import LoginDiagnosis


def log_in_lines(diagnosis: LoginDiagnosis, language: str = "en") -> Iterator[Line]:
    """Yield the answers, the best one first: the sentence, whose the address is, and which one signs in.

    An address is shown where the diagnosis has one: it was made for somebody who may know it.
    """
    for answer in (diagnosis, *diagnosis.also):
        role: LineRole = "good" if answer.outcome == "signs_in" else "warning"
        yield Line(shown(answer.describe(language)), role)
        if answer.kind is not None and answer.id is not None:
            yield spoken(f"report.whose_{answer.kind}", language, indent=2, id=answer.id)
        if answer.sign_in_with is not None:
            yield spoken("report.sign_in_with", language, indent=2, text=answer.sign_in_with.text)


def log_in_text(diagnosis: LoginDiagnosis, language: str = "en") -> str:
    """Return the answers as plain text."""
    return joined(log_in_lines(diagnosis, language))
