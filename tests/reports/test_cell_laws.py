"""Cells: private, counted from the value, bounded, and texts of people stay text."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.pretty import pretty_repr

import accountmerge as am
from accountmerge.findings.vocabulary import FINDINGS
from accountmerge.messages import LANGUAGES
from accountmerge.model.values import Displayed
from accountmerge.reports.cell_parts import SHOWN_ROWS
from accountmerge.reports.cells import CELLS, ROWS
from accountmerge.reports.markup import element
from accountmerge.reports.markup import html as html_of
from accountmerge.testing.conformance.reports import LawResult, Report
from canaries import (
    CANARY,
    ours,
    shown_in,
)
from frame_results import CASES, of_case, of_practice
from measuring import try_law
from read_cells import ReadCell
from small_values import NOON, appointment, slot, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EXAMPLES = 5 if settings().max_examples <= 40 else settings().max_examples // 10
"""A case has about a hundred results, and each result several cells."""
_BIGGEST = 60_000
"""More characters than 20 rows of every table of a cell can have for values of ordinary length."""


results = cache(lambda: tuple(of_practice()))
"""Every result about the invented practice of the pages, made once."""


def has_rows(values: tuple[Any, ...]) -> bool:
    return bool(values) and any(cls in ROWS for cls in type(values[0]).__mro__)


def cell_texts(value: Any) -> Iterator[str]:
    """Yield everything that a browser and rich show of a value, in every language."""
    for language in LANGUAGES:
        written = am.reports.cell(value, language).html
        yield f"{written} {html.unescape(written)}"
    yield pretty_repr(value)
    yield pretty_repr(am.reports.cell(value))


def shows_nothing(value: Any) -> int:
    """Show that no cell of a value, nor of its parts, shows a personal value. Return how many have cells."""
    if isinstance(value, tuple):
        if has_rows(value):
            assert not any(map(shown_in, cell_texts(value)))
        return int(has_rows(value))
    if not isinstance(value, Displayed):
        return 0
    if not any(cls in CELLS or cls in ROWS for cls in type(value).__mro__):
        assert not shown_in(html.unescape(value._repr_html_()) + pretty_repr(value))
        return 0
    for text in cell_texts(value):
        assert not shown_in(text), type(value)
        assert len(text) < 2 * _BIGGEST
    return 1


@pytest.mark.parametrize("kind", CASES)
def test_no_personal_value_shows_in_any_cell(kind: str) -> None:
    cells = 0

    @settings(max_examples=EXAMPLES)
    @given(CASES[kind])
    def law(case: Any) -> None:
        nonlocal cells
        assert CANARY.search(am.dumps(case.snapshot))
        for result in of_case(case):
            cells += shows_nothing(result.value)
        for value in (case.request, case.rules, *case.snapshot.customers, *case.snapshot.profiles):
            shows_nothing(value)

    try_law(law)
    assert cells >= 40


@pytest.mark.unmeasured
def test_no_part_of_the_practice_shows_a_personal_value_in_a_cell_or_a_tree() -> None:
    seen: dict[type, Any] = {}
    for result in results():
        shows_nothing(result.value)
        for part in ours(result.value):
            seen.setdefault(type(part), part)
    assert len(seen) > 40
    for part in seen.values():
        if isinstance(part, Displayed):
            shows_nothing(part)


@pytest.mark.unmeasured
def test_every_number_of_a_cell_is_counted_from_the_value() -> None:
    tables = 0
    for result in results():
        value, objects = result.value, result.objects
        if value is objects and has_rows(objects):
            (table,) = ReadCell(am.reports.cell(value).html).tables
            assert table.total == len(objects)
            assert len(table.rows) == min(len(objects), SHOWN_ROWS)
            tables += 1
        elif isinstance(value, Displayed) and not (isinstance(value, am.plans.Plan) and result.of):
            cell = ReadCell(value._repr_html_())
            for table in cell.tables:
                assert len(table.rows) == min(table.total, SHOWN_ROWS)
                assert table.said_shown == (SHOWN_ROWS if table.total > SHOWN_ROWS else None)
                tables += 1
            counts_fit(value, cell)
    assert tables > 60


def counts_fit(value: Any, cell: ReadCell) -> None:
    """Show that the counts of a value with several tables are those of its parts."""
    if isinstance(value, am.plans.Plan | am.ChangeSet):
        change_set = value if isinstance(value, am.ChangeSet) else value.change_set
        assert cell.facts["Steps"] == f"{len(change_set.steps):,}"
        assert cell.facts["Edits"] == f"{sum(len(step.edits) for step in change_set.steps):,}"
        counts = {table.caption: table.total for table in cell.tables}
        assert counts.get("Steps, in this order", 0) == len(change_set.steps)
        assert counts.get("Values that are not kept", 0) == len(change_set.ledger)
        assert counts.get("Tasks outside the data", 0) == len(change_set.obligations)
        if isinstance(value, am.plans.Plan):
            assert counts.get("Findings", 0) == len(value.findings)
            assert cell.facts["Blockers"] == str(len(value.blockers))
            assert cell.facts["Warnings"] == str(len(value.warnings))
    elif isinstance(value, am.Snapshot):
        rows = {row[0]: row[1] for row in cell.table("Collections").rows}
        assert rows["Appointments"] == f"{len(value.appointments):,}"
        assert rows["Customers"] == f"{len(value.customers):,}"
    elif isinstance(value, am.migrations.MigrationCohort | am.merges.MergeBatch):
        facts = cell.facts
        assert facts["blocked"] == str(len(value.blocked))
        parts = value.members if isinstance(value, am.migrations.MigrationCohort) else value.groups
        assert facts["ready"] == str(sum(part.is_ready for part in parts))
    elif isinstance(value, am.changes.Resumption):
        facts = cell.facts
        assert facts["Done"] == str(value.count("done"))
        assert facts["To apply"] == str(value.count("to_apply"))
    elif isinstance(value, am.migrations.MigrationProgress):
        facts, gate = cell.facts, value.gates["activation"]
        assert facts["Waiting"] == str(gate.waiting)
        assert facts["Rebooked"] == str(gate.rebooked)


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</td></tr></table><h1>",
    "</style><script>alert(1)</script>",
    "<!-- ",
    "&lt;b&gt;&#60;script&#62;",
    "\u202egnp.exe\u2066",
    "\ud800half",
    "nul\x00\x1b[2J\r\n",
    "\ufffe\ufdd0",
    "`+${alert(1)}'",
    "x" * 10_000,
    "<b>" * 4_000,
)
texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30))


def harmless(text: str) -> str:
    """Return a text of the same lines and length in which every character is harmless."""
    return re.sub(".", "x", text)


def law_values(text: str) -> Iterator[Any]:
    """Yield values that hold any text of a caller, one of each shape that a cell has."""
    facts = am.model.Facts(profile_id=text, id=text, reason=text)
    yield am.Finding("email_in_use", (text, text + "2"), "blocker", _all_facts("email_in_use", text))
    yield am.changes.Failure("drifted", 1, am.model.Facts(entity=text, id=text, fields=(text,)))
    yield am.changes.Guard("unchanged", facts, (text,))
    yield am.changes.LedgerEntry(
        entity="customer", id=text, field=text, value=am.model.FrozenJson.of(1), from_id=text, rule="union"
    )
    yield am.changes.Step(
        1,
        "edit_customer",
        am.changes.Reason("edit_asked", am.model.Facts(customer_id=text, fields=(text,))),
        (),
        (),
    )
    yield am.merges.SurvivorCandidate(text, ("unknown",), am.model.Facts())
    yield am.migrations.BookingProgress(appointment_id=text, state="waiting")
    yield am.customers.LoginDiagnosis("merged", "customer", text, survivor_id=text)
    yield Report(text, "quick", 1, (LawResult(text, "fail", {text: 3}, why=f"{text}\n{text}"),))


def _all_facts(code: str, text: str) -> am.model.Facts:
    return am.model.Facts.of(dict.fromkeys(FINDINGS[code].facts, text))


def cells_of(value: Any) -> Iterator[str]:
    yield value._repr_html_()
    if not isinstance(value, Report):
        yield am.reports.cell((value, value), "fr").html


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_text_in_every_cell(text: str) -> None:
    is_text_in_every_cell(text)


@settings(max_examples=settings().max_examples // 5)
@given(texts)
def test_any_text_is_text_in_every_cell(text: str) -> None:
    is_text_in_every_cell(text)


def is_text_in_every_cell(text: str) -> None:
    for bad, good in zip(law_values(text), law_values(harmless(text)), strict=True):
        for shown, expected in zip(cells_of(bad), cells_of(good), strict=True):
            cell = ReadCell(shown)
            tags = [(tag, names) for tag, names in cell.elements if tag != "bdi"]
            assert tags == [(tag, names) for tag, names in ReadCell(expected).elements if tag != "bdi"], type(
                bad
            )
            assert shown.isascii() or not any(mark in shown for mark in "\u202e\u2066\x00\x1b\ufffe\ufdd0")
            assert len(shown) < _BIGGEST
            shown.encode()
        assert "\x1b" not in pretty_repr(bad)
        pretty_repr(bad).encode()


@given(texts)
def test_no_text_becomes_markup_or_a_character_that_html_forbids(text: str) -> None:
    written = html_of(element("p", text, element("b"), text, title=text))
    (paragraph,) = ReadCell(written).root
    assert [(one.tag, *one.attrib) for one in paragraph.iter()] == [("p", "title"), ("b",)]
    assert not any(mark in written for mark in "\ud800\x00\x1b\ufffe\ufdd0")
    written.encode()
    assert {mark for mark in text if mark.isprintable()} <= {*paragraph.attrib["title"]}


def practice_of(renamed: Callable[[str], str]) -> am.Snapshot:
    """Return a practice whose ids are written as a function says."""
    days: Any = {"monday": [am.DailyHours(time(9), time(17))]}
    hours = am.WeeklyHours("Australia/Sydney", days=days)
    people = ("C1", "C2", "C3")
    return am.Snapshot(
        NOON,
        profiles=[
            am.Profile(
                id=renamed("P1"),
                practitioner_id=renamed("H1"),
                email="p1@example.com",
                login="enabled",
                schedule="active",
                hours=hours,
            )
        ],
        customers=[
            am.Customer(id=renamed(id), record_number=renamed(id), emails=(), status="active")
            for id in people
        ],
        appointments=[
            am.Appointment(
                id=renamed(f"A{place}"),
                number=renamed(f"N{place}"),
                profile_id=renamed("P1"),
                customer_id=renamed(people[place % 3]),
                slot=slot(60 * (place // 2) + 24 * 60 * 9),
                time_zone="Australia/Sydney",
                modality="video",
                status="booked",
            )
            for place in range(6)
        ],
        records=[
            am.Record(id=renamed(f"R{place}"), kind="note", customer_id=renamed(people[place]))
            for place in (0, 1)
        ],
        access=[
            am.Access(
                id=renamed(f"X{id}"), profile_id=renamed("P1"), customer_id=renamed(id), level="treating"
            )
            for id in people
        ],
    )


def results_of(renamed: Callable[[str], str]) -> Iterator[Any]:
    """Yield a result of each kind of a practice, in the same order for all names."""
    given = practice_of(renamed)
    yield given
    yield from (given.profiles, given.customers, given.appointments, given.records, given.access)
    yield am.find_double_bookings(given)
    yield am.find_faults(given)
    asked = am.MigrationRequest(
        profile_id=renamed("P1"),
        new_email="new@example.com",
        reason="security",
        ticket=renamed("T"),
        agreement=am.Agreement(by="Ann Example", at=NOON, version="1"),
    )
    move = am.plan_migration(given, asked, at=NOON)
    yield from (move, move.change_set, move.timeline, move.tasks, move.explain(renamed("A0")))
    yield from move.change_set.steps[:4]
    yield am.migrations.plan_migrations(given, [asked], at=NOON)
    yield am.migrations.progress(given, move)
    yield am.rebase(given, move)
    yield am.resume(given, move)
    yield am.views.visibility_at(given, move, at=NOON + timedelta(hours=1))
    merge = am.MergeRequest(survivor=renamed("C1"), absorbed=[renamed("C2")], actor=renamed("P1"))
    yield am.plan_merge(given, merge, at=NOON)
    yield am.merges.plan_merges(given, [merge], at=NOON)
    yield am.merges.suggest_survivor(given, [renamed("C1"), renamed("C2")])
    yield am.merges.suggest_actor(given, [renamed("C1"), renamed("C2")])
    yield am.customers.find_customers(given, renamed("C1"))
    yield am.views.booking_route(given, renamed("P1"), renamed("C1"))


_VISIBLE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</td></tr></table>&lt;h1&gt;'`")


@pytest.mark.parametrize("tail", _VISIBLE)
def test_a_hostile_id_adds_no_element_to_any_cell(tail: str) -> None:
    looked = 0
    bad = results_of(lambda id: id + tail)
    good = results_of(lambda id: id + harmless(tail))
    for one, other in zip(bad, good, strict=True):
        shown = ReadCell(am.reports.cell(one).html)
        assert shown.elements == ReadCell(am.reports.cell(other).html).elements, type(one)
        looked += tail[:8] in next(shown.texts)
    assert looked >= 20


class Counted(tuple[Any, ...]):
    """A tuple that counts the items that are read of it."""

    __slots__ = ()
    read = 0

    def __iter__(self) -> Iterator[Any]:
        for item in super().__iter__():
            type(self).read += 1
            yield item


MANY = 30_000


@pytest.mark.parametrize(
    "value",
    [
        am.Finding.of("unknown_profile", ("P1",), profile_id="P1"),
        am.migrations.BookingProgress(appointment_id="A1", state="waiting"),
        am.DoubleBooking("customer", appointment("A1"), appointment("A2"), slot(0)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_cell_of_many_rows_says_how_many_there_are_and_is_as_large_as_one_of_twenty(value: Any) -> None:
    many = am.reports.cell((value,) * MANY).html
    (table,) = ReadCell(many).tables
    assert (table.total, table.said_shown, len(table.rows)) == (MANY, SHOWN_ROWS, SHOWN_ROWS)
    assert "(30,000 in all, the first 20 shown)" in many
    assert len(many) < len(am.reports.cell((value,) * SHOWN_ROWS).html) + 100
    assert len(ReadCell(am.reports.cell((value,) * 3).html).tables[0].rows) == 3


def test_no_sentence_is_made_of_a_row_that_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    made = 0
    shipped = am.Finding.describe

    def describe(finding: am.Finding, language: str = "en") -> str:
        nonlocal made
        made += 1
        return shipped(finding, language)

    monkeypatch.setattr(am.Finding, "describe", describe)
    finding = am.Finding.of("unknown_profile", ("P1",), profile_id="P1")
    assert am.reports.cell((finding,) * MANY).html
    assert made == SHOWN_ROWS


def test_a_table_of_many_appointments_shows_the_earliest_and_counts_all() -> None:
    rows = [appointment(f"A{place:05}", slot(60 * (MANY - place))) for place in range(MANY)]
    table = snapshot(appointments=rows[:3]).appointments.changed({row.id: row for row in rows})
    (read,) = ReadCell(table._repr_html_()).tables
    assert read.total == MANY
    assert [row[0] for row in read.rows] == [f"A{MANY - 1 - place:05}" for place in range(SHOWN_ROWS)]
    assert ReadCell(table._repr_html_()).facts["By state"] == "30,000 booked"
    assert len(pretty_repr(table)) < 500


def test_a_plan_of_many_steps_has_a_cell_of_twenty() -> None:
    step = am.changes.Step(
        1,
        "edit_customer",
        am.changes.Reason("edit_asked", am.model.Facts(customer_id="C", fields=("phones",))),
        (),
        (),
    )
    steps = tuple(attrs.evolve(step, ordinal=place) for place in range(1, MANY + 1))
    change_set = am.ChangeSet(
        plan_id="p" * 64,
        intent="customer_edit",
        request=am.model.FrozenJson.of({"customer_id": "C"}),
        rules_digest="",
        at=datetime(2026, 3, 2, tzinfo=UTC),
        steps=steps,
    )
    read = ReadCell(change_set._repr_html_())
    assert read.facts["Steps"] == "30,000"
    assert len(read.table("Steps, in this order").rows) == SHOWN_ROWS
    assert len(change_set._repr_html_()) < 10_000
    assert len(pretty_repr(change_set)) < 1_000
