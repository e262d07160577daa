"""No chart has a personal value unless it is asked for, in no encoding, and hostile texts are text."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import attrs
import html5lib
import pytest
from chart_reading import charts_of, rows_of, svg, texts_of
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
from conftest import AT, request_to_move

if TYPE_CHECKING:
    from accountmerge.notebook.titles import Picture

FEW = settings(max_examples=4)
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


@given(migration_cases(max_appointments=4).map(migration_of_canaries))
def test_no_row_of_a_migration_has_a_personal_value(case: MigrationCase) -> None:
    plan = case.plan()
    week = booked_week(plan, case.snapshot, None, "UTC")
    rows = [*week_rows(plan, case.snapshot, week, "en", values=False).data, *due_steps(plan, "UTC")]
    if plan.is_ready:
        rows += phase_rows(plan, "en", "UTC")
    assert shown_in(json.dumps(rows)) == []


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


@settings(max_examples=2)
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
            drawn = html.unescape(svg(chart))
            assert not [text for text in people if text in drawn or text in in_any_encoding(chart)]
            seen |= {text for text in people if text in in_any_encoding(open_chart)}
    assert len(seen) > 5, "the law has to know what a person looks like"


def hostile_plans(text: str, practice: am.Snapshot) -> list[Any]:
    """Return plans of the example in which ids, and what people wrote, are a hostile text."""
    written = am.dumps(practice)
    quoted = json.dumps(text)[1:-1]
    for id in ("profile-2", "customer-61", "customer-62", "appointment-305"):
        written = written.replace(f'"{id}"', f'"{quoted[: 190 - len(id)]}{id}"')
    written = re.sub(r'"given_name":\s*"[^"]*"', lambda _: f'"given_name":"{quoted}"', written)
    snapshot = am.loads(written)
    assert isinstance(snapshot, am.Snapshot)

    def named(id: str) -> str:
        return f"{text[: 190 - len(id)]}{id}"

    move = attrs.evolve(request_to_move("profile-2", "n@example.org"), profile_id=named("profile-2"))
    merge = am.MergeRequest(survivor=named("customer-61"), absorbed=[named("customer-62")], actor="profile-1")
    plan = am.plan_migration(snapshot, move, at=AT)
    cohort = am.migrations.plan_migrations(snapshot, [move], at=AT)
    assert plan.is_ready
    return [(plan, snapshot), (am.plan_merge(snapshot, merge, at=AT), snapshot), (cohort, snapshot)]


def tags(page: str) -> list[str]:
    """Return the names of all elements of a page, as a browser reads it."""
    return [
        each.tag
        for each in html5lib.parse(page, namespaceHTMLElements=False).iter()
        if isinstance(each.tag, str)
    ]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_text(text: str, practice: am.Snapshot, plan: am.MigrationPlan) -> None:
    """The page that Altair writes has the chart inside a script, and a tag in a text must not end it."""
    usable = "".join(mark for mark in text if mark.isprintable())  # an id has no other character
    (benign, *_) = charts_of(plan, practice)
    expected = tags(benign.to_html())
    for number, (work, snapshot) in enumerate(hostile_plans(usable, practice)):
        for chart in charts_of(work, snapshot, values=True):
            assert tags(chart.to_html()) == expected
            assert all("<" not in each for each in texts_of(chart.to_dict()))
            assert rows_of(chart)
            if number == 0 and usable in HOSTILE[:2]:
                names = {each.tag.rpartition("}")[2] for each in ET.fromstring(svg(chart)).iter()}  # noqa: S314
                assert names <= {
                    "svg",
                    "g",
                    "path",
                    "text",
                    "rect",
                    "line",
                    "clipPath",
                    "defs",
                    "style",
                    "title",
                }


def test_a_label_is_short_and_two_labels_differ() -> None:
    ids = [f"{'x' * 300}{number}" for number in range(3)]
    found = labels([*ids, "a\nb\u202ec", "a"])
    assert len(set(found.values())) == len(found)
    assert max(map(len, found.values())) <= LONGEST_LABEL + len("… (9)")
    assert found["a\nb\u202ec"] == "a\\nb\\u202ec"
    assert label("<b>") == "\\x3cb>"
