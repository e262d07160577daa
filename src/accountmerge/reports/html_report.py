"""Reports of plans, cohorts and batches as one HTML file, for a person who approves them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.errors import InvalidValueError
from accountmerge.kinds import AnyPlan, is_plan
from accountmerge.merges.batches import MergeBatch
from accountmerge.messages import known_language
from accountmerge.migrations.cohorts import MigrationCohort
from accountmerge.migrations.plan import MigrationPlan
from accountmerge.model.appointments import Appointment
from accountmerge.model.instants import microseconds
from accountmerge.model.profiles import Profile
from accountmerge.model.texts import TEXT
from accountmerge.model.value_rules import TRUTH, argument, listed, wrong_type
from accountmerge.model.wall_times import ZONE
from accountmerge.reports.lines import in_words_of
from accountmerge.reports.markup import Element, append, element
from accountmerge.reports.markup import html as html_of
from accountmerge.reports.report_overviews import (
    batch_overview,
    cohort_overview,
    link,
    plans_overview,
    state_of,
    titled,
)
from accountmerge.reports.report_parts import Content, ReportPart, pairs, paragraph
from accountmerge.reports.report_people import people_section
from accountmerge.reports.report_schedule import schedule_section
from accountmerge.reports.report_sections import (
    SHORT_ID,
    approval_section,
    asked_section,
    counts_section,
    findings_section,
    lost_section,
)
from accountmerge.reports.report_style import STYLE
from accountmerge.reports.report_weeks import weeks_section
from accountmerge.reports.report_words import Words

Reported = AnyPlan | ChangeSet | MigrationCohort | MergeBatch | Sequence[AnyPlan | ChangeSet]
"""The values that a report can be about."""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""The browser fetches and runs nothing, whatever a value says."""
_FILE = "plan.json"
_UTC = "UTC"
_OPEN_PLANS = 8
"""The number of plans up to which none is folded."""
_SECTIONS = {
    "asked": asked_section,
    "counts": counts_section,
    "findings": findings_section,
    "schedule": schedule_section,
    "people": people_section,
    "weeks": weeks_section,
    "lost": lost_section,
    "approval": approval_section,
}
_OF_STEPS = ("people", "weeks", "lost")
"""Sections that a blocked plan does not need, because it changes no data."""


def html(
    subject: Reported,
    *,
    language: str = "en",
    zone: str | None = None,
    values: bool = False,
    files: Iterable[str] = (),
) -> str:
    """Return a report for approval as one HTML file, which fetches nothing and needs no script.

    Ids, times, statuses and numbers are shown. Names, addresses, phone numbers, notes and reasons are only shown if
    `values` is set.

    Args:
        subject: A plan, a cohort, a batch, a change set without its plan, or a list of plans and change sets.
        language: One of `accountmerge.messages.LANGUAGES`, also with a region such as `fr-CA`.
        zone: The IANA zone of all times. Default: for each plan the zone of its profile, or that of most of its
            bookings, or one that it was planned with, or UTC.
        values: Whether personal values are shown.
        files: The names of the files of the plans, in the order of the plans, for the commands. Default: `plan.json`
            for one plan, and for each of several the name that `accountmerge merge-all` gives it.

    Raises:
        InvalidValueError: An argument is of another class, or the zone is unknown.

    Equal input gives an equal text. Takes time in proportion to the edits of the plans.
    """
    works = _works(subject)
    known = known_language(argument("language", TEXT.check, language))
    names = [argument("files", _file, name) for name in argument("files", listed, files)]
    values = argument("values", TRUTH.check, values)
    shared = Words(known, _shared_zone(works) if zone is None else argument("zone", ZONE.check, zone), values)
    parts = [
        ReportPart(
            work=work,
            words=Words(in_words_of(work, known), _zone_of(work) if zone is None else shared.zone, values),
            file=names[number] if number < len(names) else _file_of(work, is_alone=len(works) == 1),
            prefix=f"plan-{number + 1}",
            level=2 if _is_single(subject) else 3,
        )
        for number, work in enumerate(works)
    ]
    root = _single(parts[0]) if _is_single(subject) else _several(shared, subject, parts)
    return f"<!DOCTYPE html>\n{html_of(root)}\n"


def _file_of(work: AnyPlan | ChangeSet, *, is_alone: bool) -> str:
    """Return the name of the file of a plan that has none yet."""
    change_set = work if isinstance(work, ChangeSet) else work.change_set
    return _FILE if is_alone else f"{change_set.intent}-{change_set.plan_id[:SHORT_ID]}.json"


def _file(name: object) -> str:
    """Return the name of a file, which may be any text, also half of a character pair."""
    if not isinstance(name, str):
        raise wrong_type("text")
    return name


def _shared_zone(works: Sequence[AnyPlan | ChangeSet]) -> str:
    """Return the zone of most plans of a report, for its overview."""
    zones = Counter(map(_zone_of, works))
    return min(zones, key=lambda name: (-zones[name], name), default=_UTC)


def _is_single(subject: Reported) -> bool:
    return is_plan(subject) or isinstance(subject, ChangeSet)


def _works(subject: Reported) -> Sequence[AnyPlan | ChangeSet]:
    """Return the plans and change sets of a report, in its order."""
    if isinstance(subject, MigrationCohort):
        return [member.plan for member in subject.members if member.plan is not None]
    if isinstance(subject, MergeBatch):
        return subject.plans
    if isinstance(subject, ChangeSet) or is_plan(subject):
        return [subject]
    if not isinstance(subject, list | tuple) or not all(
        is_plan(work) or isinstance(work, ChangeSet) for work in subject
    ):
        raise InvalidValueError("wrong_type", field="subject", wanted="reported")
    return subject


def _zone_of(work: AnyPlan | ChangeSet) -> str:
    """Return the zone of the profile that is edited, or else of most bookings, or UTC."""
    change_set = work if isinstance(work, ChangeSet) else work.change_set
    edits = [edit for step in change_set.steps for edit in step.edits]
    images = [image for edit in edits for image in (edit.before, edit.after)]
    hours = (image.hours for image in images if isinstance(image, Profile))
    zone = next((hours.zone for hours in hours if hours is not None), None)
    if zone is not None:
        return zone
    zones = Counter(image.time_zone for image in images if isinstance(image, Appointment))
    if isinstance(work, MigrationPlan) and work.rules.business_hours is not None:
        zones[work.rules.business_hours.zone] += 0
    if not isinstance(work, ChangeSet):
        zones.update(dict.fromkeys((name for name, _ in work.zone_rules), 0))
    return min(zones, key=lambda name: (-zones[name], name == _UTC, name), default=_UTC)


def _single(part: ReportPart) -> Element:
    """Return the document of one plan."""
    words = part.words
    heading = words.say(f"title_{part.change_set.intent}")
    sections = list(_sections(part))
    links = [
        element("a", words.say(f"section_{name}"), href=f"#{part.prefix}-{name}") for name, _ in sections
    ]
    header = element(
        "header", paragraph(words.say("report"), class_="kicker"), element("h1", heading), _glance(part)
    )
    body = (section for _, section in sections)
    return _document(words, heading, header, links, element("main", *body, id="content"))


def _several(words: Words, subject: Reported, parts: Sequence[ReportPart]) -> Element:
    """Return the document of several plans, with an overview first."""
    key = (
        "cohort"
        if isinstance(subject, MigrationCohort)
        else "batch"
        if isinstance(subject, MergeBatch)
        else "plans"
    )
    heading = words.say(f"title_{key}")
    main = element("main", _overview(words, subject, parts), id="content")
    for part in parts:
        append(main, _article(part, is_folded=len(parts) > _OPEN_PLANS))
    header = element("header", paragraph(words.say("report"), class_="kicker"), element("h1", heading))
    links = [element("a", words.say("overview"), href="#overview"), *map(link, parts)]
    return _document(words, heading, header, links, main)


def _overview(words: Words, subject: Reported, parts: Sequence[ReportPart]) -> Element:
    if isinstance(subject, MigrationCohort):
        return cohort_overview(words, subject, parts)
    if isinstance(subject, MergeBatch):
        return batch_overview(words, subject, parts)
    return plans_overview(words, parts)


def _article(part: ReportPart, *, is_folded: bool) -> Element:
    """Return one of several plans."""
    heading = element("h2", *titled(part), id=part.prefix)
    content = [_glance(part), *(section for _, section in _sections(part))]
    if is_folded:
        content = [element("details", element("summary", part.words.say("open_plan")), *content)]
    return element("article", heading, *content, aria_labelledby=part.prefix, class_="plan")


def _sections(part: ReportPart) -> Iterator[tuple[str, Element]]:
    for name, section in _SECTIONS.items():
        if not (part.change_set.blocked and name in _OF_STEPS):
            yield name, section(part)


def _glance(part: ReportPart) -> Element:
    """Return the state of a plan and its first facts, with the zone of all its times."""
    words, change_set, plan = part.words, part.change_set, part.plan
    state = state_of(part)
    rows: list[tuple[str, Content]] = [
        (words.say("label_id"), element("code", change_set.plan_id[:SHORT_ID])),
        (words.say("label_planned"), words.time(microseconds(change_set.at))),
    ]
    if plan is not None and plan.taken_at is not None:
        rows.append((words.say("label_read"), words.time(microseconds(plan.taken_at))))
    if isinstance(plan, MigrationPlan) and plan.blackout is not None and change_set.steps:
        rows.append((words.say("label_blackout"), words.period(plan.blackout)))
    rows.append((words.say("label_zone"), words.zone))
    rows.append((words.say("label_steps"), words.counted("steps", len(change_set.steps))))
    if plan is not None:
        rows.append((words.say("label_blockers"), words.counted("blockers", len(plan.blockers))))
        rows.append((words.say("label_warnings"), words.counted("warnings", len(plan.warnings))))
    badge = paragraph(words.say(f"state_{state}"), class_=f"state {state}")
    return element("div", badge, pairs(rows), class_="glance")


def _document(words: Words, title: str, header: Element, links: Iterable[Element], main: Element) -> Element:
    """Return a whole document in the order of reading."""
    contents = element("h2", words.say("contents"), id="contents")
    nav = element(
        "nav", contents, element("ol", *(element("li", one) for one in links)), aria_labelledby="contents"
    )
    skip = element("a", words.say("skip"), href="#content", class_="skip")
    head = element(
        "head",
        element("meta", charset="utf-8"),
        _meta("Content-Security-Policy", _POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("style", STYLE),
    )
    return element("html", head, element("body", skip, header, nav, main), lang=words.language)


def _meta(name: str, content: str) -> Element:
    return element("meta", http_equiv=name, content=content)
