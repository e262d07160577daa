"""Cells: what each shows, in both languages and in the zone of its appointments or profile."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

import attrs
import pytest
from rich.pretty import pretty_repr

import accountmerge as am
from accountmerge.changes.differences import DIFFERENCES
from accountmerge.messages import LANGUAGES, sentence
from accountmerge.model.access import LEVELS, REQUEST_STATUSES
from accountmerge.model.appointments import APPOINTMENT_STATUSES, MODALITIES
from accountmerge.model.customers import CUSTOMER_STATUSES
from accountmerge.model.entities import ENTITY_NAMES
from accountmerge.model.profiles import LOGINS, SCHEDULES
from accountmerge.reports import kit_cells
from accountmerge.reports.cell_parts import Cell
from accountmerge.reports.cells import CELLS, ROWS
from accountmerge.testing.conformance.reports import Failure, LawResult, Report
from frame_results import of_practice
from read_cells import ReadCell, said
from small_values import NOON, access, appointment, customer, profile, slot, snapshot

CODES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("booking_state.", APPOINTMENT_STATUSES),
    ("modality.", MODALITIES),
    ("level.", LEVELS),
    ("request_state.", REQUEST_STATUSES),
    ("customer_state.", CUSTOMER_STATUSES),
    ("login_state.", LOGINS),
    ("schedule_state.", SCHEDULES),
    ("noun.", ENTITY_NAMES),
    ("cell.op_", ("create", "change", "remove")),
    ("cell.difference_", DIFFERENCES),
)
"""The vocabularies whose words are in the catalogues."""
results = cache(lambda: tuple(of_practice()))


def test_every_heading_and_sentence_of_cells_is_said_in_both_languages() -> None:
    """An example that says the words of cells, also those that no result of the practice has."""
    failed = Failure("a", "a scenario", "why", snapshot(), None)
    for language in LANGUAGES:
        for rows in ROWS.values():
            cell = Cell("", (), tuple((key, 1) for key, _ in rows.columns), language=language)
            named = rows.rows((), language)._replace(rows=((1,) * len(rows.columns),), total=30_000)
            assert ReadCell(cell.html).facts
            assert ReadCell(Cell("", (), (), [named], language=language).html).tables
        assert all(sentence(f"{family}{code}", {}, language) for family, codes in CODES for code in codes)
        for result in results():
            if isinstance(result.value, tuple):
                continue
            if any(cls in CELLS for cls in type(result.value).__mro__):
                assert am.reports.cell(result.value, language).html
        report = Report("p", "quick", 1, (LawResult("a", "fail", {"plans": 1}, failure=failed),))
        assert kit_cells.report_cell(report, language).html
        for value in odd_values():
            assert am.reports.cell(value, language).html


def odd_values() -> list[Any]:
    """Return values with facts that the practice has no example of."""
    batch: list[Any] = [
        am.merges.plan_merges(snapshot(), [], at=NOON),
        am.migrations.plan_migrations(snapshot(), [], at=NOON),
    ]
    ended = am.changes.Applied(steps=((1, "applied"), (2, "already"), (3, "drifted")))
    checked = am.changes.StepCheck(ordinal=1, done=False, edits=(), failures=(), store_ids=())
    found = (am.customers.CustomerMatch("C1", by, "active") for by in ("name", "record_number", "email"))
    overlap = am.views.BookabilityOverlap(at=NOON, steps_done=1, profile_ids=("P1",), in_blackout=True)
    made: Any = [result.value for result in results()]
    cohort = next(value for value in made if isinstance(value, am.migrations.MigrationCohort))
    rebase = next(value for value in made if isinstance(value, am.changes.Rebase))
    report = next(value for value in made if isinstance(value, am.migrations.MigrationProgress))
    seen = next(value for value in made if isinstance(value, am.views.Visibility))
    batch += [cohort.members[0], attrs.evolve(rebase, gone=("f",), come=("g",))]
    batch += [attrs.evolve(report, unknown=("A9",)), attrs.evolve(seen, manual=(slot(0),))]
    return [*batch, ended, checked, *found, overlap, (overlap,), (), move().tasks, facts_of_plans()]


def facts_of_plans() -> am.ChangeSet:
    return move().confirm(by="Ann Example", at=NOON).prefix(1)


@cache
def move() -> am.MigrationPlan:
    asked = am.MigrationRequest(
        profile_id="P1",
        new_email="new@example.com",
        reason="security",
        ticket="T-1",
        agreement=am.Agreement(by="Ann Example", at=NOON, version="1"),
    )
    hours = am.WeeklyHours("Europe/Paris")
    given = snapshot(
        profiles=[profile(hours=hours)],
        customers=[customer("C1"), customer("C2")],
        appointments=[
            appointment("A1", slot(9 * 24 * 60), time_zone="Europe/Paris", number="APP-1"),
            appointment("A2", slot(9 * 24 * 60 + 90), customer_id="C2", time_zone="Europe/Paris"),
        ],
        access=[access(), access("X2", customer_id="C2")],
    )
    return am.plan_migration(given, asked, at=NOON)


def test_a_plan_shows_its_state_its_findings_and_its_steps_in_the_zone_of_the_profile() -> None:
    html = move()._repr_html_()
    cell = ReadCell(html)
    assert cell.facts["State"] == "ready"
    assert cell.facts["At"] == "Mon 2 Mar 2026, 13:00"
    steps = cell.table("Steps, in this order")
    shown = [dict(zip(steps.heads, row, strict=True)) for row in steps.rows]
    rebooked = [row for row in shown if row["Change"] == "Rebook an appointment"]
    times = ["Wed 11 Mar 2026, 13:00 \u2013 14:00", "Wed 11 Mar 2026, 14:30 \u2013 15:30"]
    assert [row["Time"] for row in rebooked] == times
    assert [row["Number"] for row in rebooked] == ["APP-1", ""]
    assert html.count("Europe/Paris") == 1


def test_the_zone_may_be_chosen() -> None:
    html = am.reports.cell(move(), zone="America/Toronto").html
    assert ReadCell(html).facts["At"] == "Mon 2 Mar 2026, 7:00"
    assert "Times are in the zone America/Toronto." in html
    with pytest.raises(am.InvalidValueError, match="zone"):
        am.reports.cell(move(), zone="Mars/Phobos")


def test_several_zones_are_named_with_each_time() -> None:
    rows = (appointment("A1", time_zone="Australia/Sydney"), appointment("A2", time_zone="America/Toronto"))
    html = am.reports.cell(rows).html
    (table,) = ReadCell(html).tables
    assert [row[1] for row in table.rows] == [
        "Mon 2 Mar 2026, 23:00 \u2013 Tue 3 Mar 2026, 0:00 Australia/Sydney",
        "Mon 2 Mar 2026, 7:00 \u2013 8:00 America/Toronto",
    ]
    assert "Times are" not in html


def test_sentences_show_instants_in_the_zone_of_the_cell() -> None:
    told = ReadCell(am.reports.cell(move(), zone="America/Toronto").html)
    (start,) = {
        row[2] for row in told.table("Steps, in this order").rows if "future" in row[2] and "A1" in row[2]
    }
    assert "(Toronto)" in start
    assert "(Paris)" in "".join(ReadCell(move()._repr_html_()).texts)


def test_a_step_has_a_short_repr_and_a_cell_with_its_edits_and_guards() -> None:
    step = next(step for step in move().change_set.steps if step.kind == "rebook")
    assert (
        repr(step)
        == f"Step({step.ordinal}, 'rebook', 'future_booking', {len(step.edits)} edits, {len(step.guards)} guards)"
    )
    cell = ReadCell(step._repr_html_())
    assert cell.table("Edits").total == len(step.edits)
    assert cell.table("Guards").total == len(step.guards)
    assert [row[0] for row in cell.table("Guards").rows] == [guard.kind for guard in step.guards]


def test_findings_and_double_bookings_are_tables() -> None:
    given = snapshot(appointments=[appointment("A1"), appointment("A2"), appointment("A3", slot(30))])
    (table,) = ReadCell(am.reports.cell(am.find_double_bookings(given)).html).tables
    assert (table.caption, table.total) == ("Double bookings", 6)
    finding = am.find_faults(given)[0]
    one = ReadCell(finding._repr_html_())
    assert one.facts["Description"] == finding.describe()
    assert one.facts["Remedy"] == finding.remedy
    french = ReadCell(am.reports.cell([finding], "fr").html).table("Constats")
    assert french.rows[0][2] == finding.describe("fr")


def test_no_values_have_a_cell_without_a_table() -> None:
    cell = ReadCell(am.reports.cell(()).html)
    assert (cell.facts, cell.tables) == ({"Number of all": "0"}, [])


@pytest.mark.parametrize(
    "value", [3, (3,), (appointment(), customer()), None, am.Acceptance(finding="f", by="b", why="w")]
)
def test_a_value_without_a_cell_is_refused(value: Any) -> None:
    with pytest.raises(am.InvalidValueError) as refusal:
        am.reports.cell(value)
    assert refusal.value.code == "wrong_type"


def test_the_views_of_two_profiles_are_told_apart() -> None:
    seen = next(result.value for result in results() if isinstance(result.value, am.views.Visibility))
    captions = [table.caption for table in ReadCell(seen._repr_html_()).tables]
    assert len(set(captions)) == len(captions)
    assert seen.old is not None
    assert f"Next bookings, {seen.old.profile_id}" in captions


def test_the_progress_shows_first_what_needs_attention() -> None:
    found = am.migrations.MigrationProgress(
        plan_id="p",
        at=NOON,  # type: ignore[arg-type]
        phase="rebooking",
        bookings=tuple(
            am.migrations.BookingProgress(appointment_id=state, state=state)
            for state in ("rebooked", "waiting")
        ),
    )
    assert [row[0] for row in ReadCell(found._repr_html_()).table("Bookings").rows] == ["waiting", "rebooked"]


def test_no_column_shows_a_code_that_has_a_french_word() -> None:
    """Statuses, levels and kinds are said, and not written as in files."""
    words = {code: sentence(f"{family}{code}", {}, "fr") for family, codes in CODES for code in codes}
    codes = words.keys() - set(words.values())
    assert codes > {
        "booked",
        "in_person",
        "treating",
        "pending",
        "disabled",
        "access_request",
        "create",
        "same",
    }
    made = [result.value for result in results()]
    shown = {
        text
        for value in made
        if type(value) in CELLS or (isinstance(value, tuple) and value and type(value[0]) in ROWS)
        for table in ReadCell(am.reports.cell(value, "fr").html).tables
        for row in table.rows
        for text in row
    }
    assert codes.isdisjoint(shown), codes & shown
    assert {"réservé", "accès d’intervenant", "en personne", "rendez-vous"} <= shown


def test_derived_ids_in_tables_are_short_and_whole_in_their_title() -> None:
    plan = move()
    assert plan.successor_id is not None
    read = ReadCell(plan._repr_html_())
    (opened, *_) = read.table("Steps, in this order").rows
    assert f"{plan.successor_id[:12]}…" in opened
    assert plan.successor_id in {one.attrib.get("title") for one in read.root.iter("bdi")}
    assert read.facts["Plan id"] == plan.plan_id
    assert read.facts["New profile"] == plan.successor_id
    assert plan.plan_id not in read.facts["State"]


def test_a_cell_in_an_unknown_language_is_english_and_says_so() -> None:
    assert [
        ReadCell(am.reports.cell(move(), tag).html).root[0].attrib["lang"] for tag in ("de", "fr-CA")
    ] == [
        "en",
        "fr",
    ]


def test_rich_shows_a_short_tree() -> None:
    tree = pretty_repr(move())
    assert tree.startswith("MigrationPlan(")
    assert "state=ready" in tree
    assert "rebooked=2" in tree
    assert len(tree) < 1_500
    assert pretty_repr(customer(given_name="Ann")) == "Customer(id=C1, status=active, emails=0)"
    assert pretty_repr(am.CustomerEmail("ann@example.com", "primary")) == "CustomerEmail(…, 'primary')"
    assert pretty_repr(am.Limits(most_phones=2)).startswith("Limits(")
    assert pretty_repr(am.MergeRules()).startswith("MergeRules(")


def test_rich_shows_the_first_items_of_a_long_value() -> None:
    hours = am.WeeklyHours("UTC", closed=[(NOON + timedelta(days=day)).date() for day in range(40)])
    assert "… 40" in pretty_repr(hours)


def test_a_value_without_a_cell_is_its_repr_in_a_notebook() -> None:
    for value in (
        am.Acceptance(finding="f<b>", by="Ann", why="w"),
        am.CustomerEmail("ann@example.com", "primary"),
    ):
        cell = ReadCell(value._repr_html_())
        assert said(cell.root) == repr(value)


def test_a_cell_is_readable_without_style_and_has_no_colour() -> None:
    html = move()._repr_html_()
    assert "color" not in html.replace("currentColor", "")
    assert "#" not in html.partition("</style>")[0]
    assert "<script" not in html
    assert repr(am.reports.cell(move())) == "Cell(MigrationPlan)"
