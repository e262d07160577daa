"""Reports of login diagnoses and of searches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from accountmerge.customers.login import LoginDiagnosis
from accountmerge.customers.search import CustomerMatch
from accountmerge.messages import sentence
from accountmerge.model.snapshots import Snapshot
from accountmerge.reports.lines import Line, LineRole, joined, shown, spoken


def login_lines(diagnosis: LoginDiagnosis, language: str = "en") -> Iterator[Line]:
    """Yield the answers, best first, each with the holder of the address and the address that signs in.

    An address is shown if the diagnosis has one, because then its reader may see it.
    """
    for answer in (diagnosis, *diagnosis.also):
        role: LineRole = "good" if answer.outcome == "signs_in" else "warning"
        yield Line(shown(answer.describe(language)), role)
        if answer.kind is not None and answer.id is not None:
            yield spoken(f"report.whose_{answer.kind}", language, indent=2, id=answer.id)
        if answer.sign_in_with is not None:
            yield spoken("report.sign_in_with", language, indent=2, text=answer.sign_in_with.text)


def login_text(diagnosis: LoginDiagnosis, language: str = "en") -> str:
    """Return the outcome for an address as plain text.

    Args:
        diagnosis: The result of `am.customers.diagnose_login`.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    return joined(login_lines(diagnosis, language))


def match_lines(matches: Iterable[CustomerMatch], snapshot: Snapshot, language: str = "en") -> Iterator[Line]:
    """Yield the customers of a search and their number, or one sentence if there are none."""
    count = 0
    for count, match in enumerate(matches, start=1):  # noqa: B007 - the last count is reported
        number = snapshot.customers[match.customer_id].record_number
        by = sentence(f"report.by_{match.by}", {}, language)
        text = sentence("report.match", {"id": match.customer_id, "number": number, "by": by}, language)
        if match.merged_into is not None:
            text = sentence("report.match_merged", {"text": text, "id": match.merged_into}, language)
        elif match.status == "disabled":
            text = sentence("report.match_disabled", {"text": text}, language)
        yield Line(f"  {shown(text)}")
    if count:
        yield spoken("report.matches", language, "heading", count=count)
    else:
        yield spoken("report.no_match", language, "warning")


def match_text(matches: Iterable[CustomerMatch], snapshot: Snapshot, language: str = "en") -> str:
    """Return the customers of a search, with their record numbers, as plain text.

    Args:
        matches: The result of `am.customers.find_customers`.
        snapshot: The snapshot of the search.
        language: One of `accountmerge.messages.LANGUAGES`.
    """
    return joined(match_lines(matches, snapshot, language))
