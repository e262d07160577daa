"""No chart has a personal value unless it is asked for, in no encoding, and hostile texts are text."""

from __future__ import annotations

import html
import itertools
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import html5lib
from hypothesis import assume, given, settings

import accountmerge as am
from accountmerge.notebook.booked_weeks import booked_week
from accountmerge.notebook.chart_texts import LONGEST_LABEL, label, labels
from accountmerge.notebook.merge_outcomes import outcomes_of
from accountmerge.notebook.outcome_charts import customer_words, outcome_rows
from accountmerge.notebook.timeline_charts import due_steps, phase_rows
from accountmerge.notebook.week_rows import week_rows
from accountmerge.testing.strategies import MergeCase, MigrationCase, merge_cases, migration_cases
from canaries import merge_of_canaries, migration_of_canaries, shown_in
from chart_examples import AT, request_to_move
from chart_reading import charts_of, svg, texts_of

if TYPE_CHECKING:
    from accountmerge.notebook.titles import Picture

SOME = settings(max_examples=12)
FEW = settings(max_examples=2)
"""To draw a chart and read it takes a tenth of a second; the laws on rows draw more."""
HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload='alert(1)'>",
    "'+alert(1)+'",
    "]]>&lt;b&gt;&amp;",
    "datum.x[0]||{signal}",
    "\u0645\u0631\u062d\u200f\u05d0\u05d1",
    "x" * 200,
)


def in_any_encoding(chart: Picture) -> str:
    """Return all that a chart has, as written and with each escape undone."""
    spec = chart.to_dict()
    written = json.dumps(spec)
    plain = "\n".join(texts_of(spec))
    return "\n".join(
        (written, plain, html.unescape(plain), unquote(plain), json.dumps(spec, ensure_ascii=False))
    )


@SOME
@given(migration_cases(max_appointments=4).map(migration_of_canaries))
def test_no_row_of_a_migration_has_a_personal_value(case: MigrationCase) -> None:
    plan = case.plan()
    week = booked_week(plan, case.snapshot, None, "UTC")
    rows = [*week_rows(plan, case.snapshot, week, "en", values=False).data, *due_steps(plan, "en", "UTC")]
    if plan.is_ready:
        rows += phase_rows(plan, "en", "UTC")
    assert shown_in(json.dumps(rows)) == []


@SOME
@given(merge_cases(max_appointments=3, max_records=4).map(merge_of_canaries))
def test_no_row_of_a_merge_has_a_personal_value(case: MergeCase) -> None:
    plan = case.plan()
    rows = outcome_rows(outcomes_of(plan), customer_words(plan, "en", values=False), "en")
    assert shown_in(json.dumps(rows)) == []


@FEW
@given(migration_cases(max_appointments=4).map(migration_of_canaries))
def test_no_chart_of_a_migration_has_a_personal_value(case: MigrationCase) -> None:
    for chart in charts_of(case.plan(), case.snapshot):
        assert shown_in(in_any_encoding(chart)) == []


@FEW
@given(merge_cases(max_appointments=3, max_records=4).map(merge_of_canaries))
def test_no_chart_of_a_merge_has_a_personal_value(case: MergeCase) -> None:
    for chart in charts_of(case.plan()):
        assert shown_in(in_any_encoding(chart)) == []


@FEW
@given(migration_cases(max_appointments=4).map(migration_of_canaries))
def test_values_are_shown_where_they_are_asked_for(case: MigrationCase) -> None:
    plan = case.plan()
    assume(plan.is_ready and plan.rebooked)
    for chart in charts_of(plan, case.snapshot, values=True):
        assert shown_in(in_any_encoding(chart)) != []


def personal(practice: am.Snapshot) -> list[str]:
    """Return the texts of people in the example that are long enough to be sure of."""
    found = {profile.email.text for profile in practice.profiles}
    for row in practice.customers:
        found |= {row.family_name or "", row.given_name or "", *row.phones, row.record_number}
        found |= {email.address.text for email in row.emails}
    return [text for text in found if len(text) > 4]


def test_no_picture_of_the_example_shows_a_person(
    practice: am.Snapshot,
    plan: am.MigrationPlan,
    merge: am.MergePlan,
    cohort: am.migrations.MigrationCohort,
) -> None:
    people = personal(practice)
    seen = set()
    for work in (plan, merge, cohort):
        for chart, open_chart in zip(
            charts_of(work, practice), charts_of(work, practice, values=True), strict=True
        ):
            closed, opened = html.unescape(svg(chart)) + in_any_encoding(chart), in_any_encoding(open_chart)
            assert not [text for text in people if text in closed]
            seen |= {text for text in people if text in opened}
    assert len(seen) > 5, "the law has to know what a person looks like"


NAMED = ("profile-2", "customer-61", "customer-62", "appointment-305", "appointment-307", "customer-27")


def hostile_practice(practice: am.Snapshot) -> tuple[am.Snapshot, dict[str, str]]:
    """Return the example in which ids and names are hostile texts, and the new id of some entities."""
    usable = ["".join(mark for mark in text if mark.isprintable()) for text in HOSTILE]  # as an id needs it
    ids = {
        id: f"{text[: 190 - len(id)]}{id}" for id, text in zip(NAMED, itertools.cycle(usable), strict=False)
    }
    written = am.dumps(practice)
    for id, hostile in ids.items():
        written = written.replace(f'"{id}"', json.dumps(hostile))
    texts = itertools.cycle(HOSTILE)
    written = re.sub(r'"given_name":\s*"[^"]*"', lambda _: f'"given_name":{json.dumps(next(texts))}', written)
    snapshot = am.loads(written)
    assert isinstance(snapshot, am.Snapshot)
    return snapshot, ids


def tags(page: str) -> list[str]:
    """Return the names of all elements of a page, as a browser reads it."""
    root = html5lib.parse(page, namespaceHTMLElements=False)
    return [each.tag for each in root.iter() if isinstance(each.tag, str)]


def test_hostile_texts_are_text(practice: am.Snapshot, plan: am.MigrationPlan) -> None:
    """The page that Altair writes has the chart inside a script, and a tag in a text must not end it."""
    snapshot, ids = hostile_practice(practice)
    move = request_to_move(ids["profile-2"], "n@example.org")
    request = am.MergeRequest(survivor=ids["customer-61"], absorbed=[ids["customer-62"]], actor="profile-1")
    works = (
        am.plan_migration(snapshot, move, at=AT),
        am.plan_merge(snapshot, request, at=AT),
        am.migrations.plan_migrations(snapshot, [move], at=AT),
    )
    expected = tags(charts_of(plan, practice)[0].to_html())
    shapes = {"svg", "g", "path", "text", "rect", "line", "clipPath", "defs", "style", "title", "tspan"}
    shown = ""
    for work in works:
        assert not isinstance(work, am.MigrationPlan | am.MergePlan) or work.is_ready
        for chart in charts_of(work, snapshot, values=True):
            assert tags(chart.to_html()) == expected
            shown += "\n".join(texts_of(chart.to_dict()))
            assert {each.tag.rpartition("}")[2] for each in ET.fromstring(svg(chart)).iter()} <= shapes  # noqa: S314
    assert "<" not in shown
    assert "\\x3c/script>\\x3cscript>alert(1)" in shown
    assert "\\x3c!--\\x3cscript>" in shown


def test_a_label_is_short_and_two_labels_differ() -> None:
    ids = [f"{'x' * 300}{number}" for number in range(3)]
    found = labels([*ids, "a\nb\u202ec", "a"])
    assert len(set(found.values())) == len(found)
    assert max(map(len, found.values())) <= LONGEST_LABEL + len("… (9)")
    assert found["a\nb\u202ec"] == "a\\nb\\u202ec"
    assert label("<b>") == "\\x3cb>"
