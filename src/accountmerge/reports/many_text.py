"""Reports of many plans at once, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from accountmerge.findings.finding import Finding, finding_order
from accountmerge.kinds import AnyPlan
from accountmerge.merges.actors import ActorSuggestion
from accountmerge.merges.batches import MergeBatch, MergeGroup
from accountmerge.merges.planner import MergePlan
from accountmerge.merges.requests import MergeRequest
from accountmerge.merges.suggestions import SurvivorSuggestion
from accountmerge.messages import ReaderLanguage, sentence, shown_id, shown_instant
from accountmerge.migrations.cohorts import CohortMember, MigrationCohort
from accountmerge.migrations.plan import MigrationPlan
from accountmerge.model.instants import rfc3339
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.values import ShownValue, value_class
from accountmerge.reports.brief_report import brief_finding_lines
from accountmerge.reports.finding_lines import finding_lines
from accountmerge.reports.lines import BLANK, Line, LineRole, shown, spoken
from accountmerge.reports.wrapping import table_lines

Files = Mapping[str, str]
"""The name of the file of each plan, by its plan id."""


@value_class(eq=False, repr=False)
class MergeChoice(ShownValue):
    """A merge that was asked for, with what was suggested for it.

    Attributes:
        request: The request.
        survivor: The suggestion of the survivor. None if the file names it.
        actor: The suggestion of the actor. None if the file names it.
    """

    request: MergeRequest
    survivor: SurvivorSuggestion | None
    actor: ActorSuggestion | None


def cohort_lines(
    cohort: MigrationCohort, files: Files, language: str, width: int | None, *, is_whole: bool
) -> Iterator[Line]:
    """Yield the members of a cohort as a table, then their findings."""
    ready = len(cohort.members) - len(cohort.blocked)
    facts = {"count": len(cohort.members), "ready": ready, "blocked": len(cohort.blocked)}
    yield spoken("report.moves_planned", language, "heading", **facts)
    yield BLANK
    rows = [_member(member, files, language) for member in cohort.members]
    headings = _headings("profile window state file", language)
    yield from table_lines(
        headings, rows, width, [_role(member.is_ready) for member in cohort.members], language=language
    )
    yield from findings_of_many((_all_of(member) for member in cohort.members), language, is_whole=is_whole)


def _member(member: CohortMember, files: Files, language: str) -> tuple[str, ...]:
    file = "" if member.plan is None else files.get(member.plan.plan_id, "")
    window = slot_text(member.blackout, language)
    state = _state(
        member.is_ready, member.findings if member.plan is None else member.plan.blockers, language
    )
    return (shown(member.request.profile_id), window, state, shown(file))


def _all_of(member: CohortMember) -> tuple[Finding, ...]:
    return (*member.findings, *(() if member.plan is None else member.plan.findings))


def batch_lines(
    batch: MergeBatch,
    choices: Sequence[MergeChoice],
    files: Files,
    language: str,
    width: int | None,
    *,
    is_whole: bool,
) -> Iterator[Line]:
    """Yield the merges of a batch as a table, what was suggested with the reasons, and the findings."""
    rows = [row for group in batch.groups for row in _requests(group)]
    ready = sum(plan is not None and plan.is_ready for _, plan, _ in rows)
    facts = {"count": len(rows), "ready": ready, "blocked": len(rows) - ready}
    yield spoken("report.merges_planned", language, "heading", **facts)
    yield BLANK
    by_request = {choice.request: choice for choice in choices}
    cells = [_merge(*row, by_request.get(row[0]), files, language) for row in rows]
    roles = [_role(plan is not None and plan.is_ready) for _, plan, _ in rows]
    yield from table_lines(
        _headings("survivor absorbed actor chosen state file", language),
        cells,
        width,
        roles,
        language=language,
    )
    yield from suggestion_lines(choices, language, is_whole=is_whole)
    of_plans = (plan.findings for group in batch.groups for plan in group.plans)
    of_groups = (group.findings for group in batch.groups)
    yield from findings_of_many((*of_groups, *of_plans), language, is_whole=is_whole)


def _requests(
    group: MergeGroup,
) -> Iterator[tuple[MergeRequest, MergePlan | None, tuple[Finding, ...]]]:
    """Yield each request of a group with its plan, or with the findings of the group."""
    plans = {plan.request: plan for plan in group.plans}
    for request in group.requests:
        plan = plans.get(request)
        yield request, plan, group.findings if plan is None else plan.blockers


def _merge(
    request: MergeRequest,
    plan: MergePlan | None,
    findings: Sequence[Finding],
    choice: MergeChoice | None,
    files: Files,
    language: str,
) -> tuple[str, ...]:
    suggested = choice is not None and (choice.survivor is not None or choice.actor is not None)
    chosen = sentence(f"report.{'suggested' if suggested else 'named'}", {}, language)
    state = _state(plan is not None and plan.is_ready, findings, language)
    file = "" if plan is None else files.get(plan.plan_id, "")
    texts = (request.survivor, ", ".join(request.absorbed), request.actor or "-", chosen, state, file)
    return tuple(map(shown, texts))


def suggestion_lines(
    choices: Sequence[MergeChoice], language: str, *, is_whole: bool = False
) -> Iterator[Line]:
    """Yield each suggested survivor and actor with its reasons; all candidates only if the whole is wanted."""
    told = [choice for choice in choices if choice.survivor is not None or choice.actor is not None]
    if not told:
        return
    yield BLANK
    yield spoken("report.suggestions", language, "heading", count=len(told))
    for choice in told:
        for suggestion in (choice.survivor, choice.actor):
            if suggestion is None:
                continue
            first, *others = suggestion.describe(language).splitlines()
            best = len(others) if is_whole else _of_the_best(suggestion)
            text = " ".join((first, *(other.strip() for other in others[:best])))
            yield Line(f"  {shown(text)}")
            if is_whole:
                yield from (Line(f"    {shown(other.strip())}", "detail") for other in others[best:])


def _of_the_best(suggestion: SurvivorSuggestion | ActorSuggestion) -> int:
    """Return the number of reasons of the first candidate."""
    if isinstance(suggestion, ActorSuggestion):
        return 1
    return len(suggestion.ranking[0].reasons) if suggestion.ranking else len(suggestion.passed_over)


def findings_of_many(
    findings: Iterable[Iterable[Finding]], language: str, *, is_whole: bool
) -> Iterator[Line]:
    """Yield the findings of many plans, blockers first; the first of each code unless the whole is wanted."""
    every = sorted({finding for each in findings for finding in each}, key=finding_order)
    for heading, is_blocking in (("report.blockers", True), ("report.warnings", False)):
        some = [finding for finding in every if finding.is_blocking == is_blocking]
        if not some:
            continue
        yield BLANK
        yield spoken(heading, language, "heading")
        if is_whole:
            yield from (line for finding in some for line in finding_lines(finding, language))
        else:
            yield from brief_finding_lines(some, language)


def _state(is_ready: bool, findings: Iterable[Finding], language: str) -> str:
    if is_ready:
        return sentence("report.is_ready", {}, language)
    codes = tuple(dict.fromkeys(finding.code for finding in findings if finding.is_blocking))
    return sentence("report.is_blocked", {"codes": codes}, language)


def _role(is_ready: bool) -> LineRole:
    return "plain" if is_ready else "blocker"


def _headings(names: str, language: str) -> tuple[str, ...]:
    return tuple(sentence(f"report.column_{name}", {}, language) for name in names.split())


def slot_text(slot: TimeSlot | None, language: str) -> str:
    """Return a slot in the zone of the reader, with its day once; empty without a slot."""
    if slot is None:
        return ""
    start, end = (shown_instant(rfc3339(whole), language) for whole in (slot.start_us, slot.end_us))
    day, _, clock = end.rpartition(", ")
    if isinstance(language, ReaderLanguage) and day and start.startswith(f"{day}, "):
        end = clock
    return sentence("report.from_to", {"start": start, "end": end}, language)


@value_class(eq=False, repr=False, kw_only=True)
class PlanState(ShownValue):
    """The state of one plan of many.

    Attributes:
        plan: The plan.
        file: The name of its file.
        share: The share of its edits that are done, from 0 to 1.
        next: `done`, `mend`, `confirm`, `apply`, `apply_from`, `apply_later`, `plan_again` or `choose`.
        codes: The codes of blockers or failures.
    """

    plan: AnyPlan
    file: str
    share: float
    next: str
    codes: tuple[str, ...] = ()


def state_lines(
    states: Sequence[PlanState], language: str, width: int | None, *, values: bool = False
) -> Iterator[Line]:
    """Yield the states of many plans as a table, and the number of those that wait.

    The name of the person who confirmed a plan is shown only if `values` is set.
    """
    rows = [_state_row(state, language, values=values) for state in states]
    roles: list[LineRole] = [
        "good" if state.next == "done" else "blocker" if state.codes else "plain" for state in states
    ]
    yield from table_lines(
        _headings("plan who window approved done next", language), rows, width, roles, language=language
    )
    waiting = sum(state.next != "done" for state in states)
    yield BLANK
    yield spoken(
        "report.plans_wait" if waiting else "report.plans_done",
        language,
        "warning" if waiting else "good",
        count=waiting or len(states),
        total=len(states),
    )


def _state_row(state: PlanState, language: str, *, values: bool) -> tuple[str, ...]:
    plan, change_set = state.plan, state.plan.change_set
    window = plan.blackout if isinstance(plan, MigrationPlan) and plan.is_ready else None
    facts: dict[str, Any] = {"codes": state.codes, "start": rfc3339(change_set.at)}
    told = sentence(f"report.next_{state.next}", facts, language)
    return (
        shown(shown_id(plan.plan_id, language)),
        shown(who_of(plan, language)),
        slot_text(window, language),
        _approved(plan, language, values=values),
        sentence("report.percent", {"percent": int(state.share * 100)}, language),
        shown(told),
    )


def who_of(plan: AnyPlan, language: str) -> str:
    """Return the ids of the profile or of the customers that a plan is about."""
    request: Any = plan.request
    if isinstance(request, MergeRequest):
        return sentence(
            "report.who_merge", {"absorbed": request.absorbed, "into": request.survivor}, language
        )
    return str(getattr(request, "profile_id", None) or getattr(request, "customer_id", None) or "")


def _approved(plan: AnyPlan, language: str, *, values: bool) -> str:
    change_set = plan.change_set
    if change_set.confirmation is None:
        needs = change_set.needs_confirmation and not change_set.blocked
        return sentence(f"report.approved_{'no' if needs else 'not_needed'}", {}, language)
    at = shown_instant(rfc3339(change_set.confirmation.at), language)
    if values:
        return shown(
            sentence("report.approved_by", {"when": at, "name": change_set.confirmation.by}, language)
        )
    return at
