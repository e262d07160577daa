"""Screens: golden text at several widths in both languages, and no line longer than the terminal."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import attrs
import pytest
from cli_runs import booking, migrate, overlapping, practice, run, saved
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.cli import screens
from accountmerge.cli.screens import Screen
from accountmerge.messages import LANGUAGES, ReaderLanguage, sentence
from accountmerge.reports.lines import Line
from accountmerge.reports.wrapping import table_lines, width_of, wrapped

GOLDEN = Path(__file__).parents[1] / "data" / "screens"
WIDTHS = (60, 80, 120, 200)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a practice, a plan of a move, and the folder of many plans."""
    path = tmp_path_factory.mktemp("screens")
    data = saved(path, practice(bookings=6))
    assert migrate(data, "--out", path / "plan.json").code == 0
    (path / "moves.csv").write_text(
        "profile,new_email,reason,ticket,agreed_by,agreed_at\n"
        "p-1,new@example.org,security,T-1,A. Name,2026-03-01T09:00:00+11:00\n",
        encoding="utf-8",
    )
    return path


def shown(folder: Path, monkeypatch: pytest.MonkeyPatch, width: int, language: str) -> str:
    """Return what several commands print on a terminal of a width."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", str(width))
    at = ("--at", "2026-03-02T20:00:00+11:00")
    commands: tuple[tuple[Any, ...], ...] = (
        ("show", "plan.json"),
        ("migrate-all", "practice.json", "moves.csv", *at, "--out", "plans"),
        ("status", "plans", "practice.json"),
        ("explain", "plan.json", "a-1"),
        ("check", "nothing.json"),
    )
    parts = []
    for words in commands:
        ran = run(*words, "--lang", language)
        parts.append(f"$ accountmerge {' '.join(words)}\n{ran.out}{ran.err}")
    return "\n".join(parts)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_screens_are_as_they_were_and_no_line_is_longer_than_the_terminal(
    folder: Path, monkeypatch: pytest.MonkeyPatch, width: int, language: str
) -> None:
    text = shown(folder, monkeypatch, width, language)
    golden = GOLDEN / f"{language}-{width}.txt"
    if os.environ.get("WRITE_SCREENS"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8"), "WRITE_SCREENS=1 writes the screens again"
    assert [line for line in text.splitlines() if width_of(line) > width and line[:1] != "$"] == []


WORDS = st.lists(st.text("aé\u4e2d-\u00a0", min_size=1, max_size=30), min_size=1, max_size=12)


@given(WORDS, st.integers(0, 8), st.integers(20, 60))
def test_wrapping_keeps_each_word_that_fits_and_every_mark(words: list[str], indent: int, width: int) -> None:
    text = " " * indent + " ".join(words)
    lines = [line.text for line in wrapped(Line(text, "warning"), width)]
    assert all(width_of(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    room = width - min(indent + 2, width - 4)
    told = " ".join(line.strip(" ") for line in lines).split(" ")
    assert [word for word in words if width_of(word) <= room and word not in told] == []
    assert list(wrapped(Line(text), None)) == [Line(text)]


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=4), st.integers(20, 90))
def test_a_table_fits_and_cuts_no_word_that_fits_the_line(
    rows: list[tuple[list[str], list[str], list[str]]], width: int
) -> None:
    cells = [tuple(" ".join(words) for words in row) for row in rows]
    lines = [line.text for line in table_lines(("one", "two", "three"), cells, width)]
    assert all(width_of(line) <= width for line in lines)
    told = " ".join(lines).split(" ")
    fitting = [word for row in rows for words in row for word in words if width_of(word) <= width - 8]
    assert [word for word in fitting if word not in told] == []


class Terminal(io.TextIOWrapper):
    """A terminal with an encoding."""

    def __init__(self, encoding: str) -> None:
        super().__init__(io.BytesIO(), encoding=encoding)

    def isatty(self) -> bool:
        return True

    def written(self) -> str:
        self.flush()
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode(self.encoding)


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.mark.parametrize(
    ("variable", "value", "is_coloured"),
    [("LANG", "C", True), ("NO_COLOR", "1", False), ("TERM", "dumb", False)],
)
def test_a_terminal_without_colour_gets_none(
    plain: None, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, is_coloured: bool
) -> None:
    monkeypatch.setenv(variable, value)
    terminal = Terminal("utf-8")
    monkeypatch.setattr("sys.stdout", terminal)
    Screen("en").report([Line("Something", "blocker")])
    assert ("\x1b" in terminal.written()) == is_coloured
    assert "Something" in terminal.written()


@pytest.mark.parametrize(("encoding", "text"), [("latin-1", "l'été... \\u4e2d"), ("utf-8", "l’été… \u4e2d")])
def test_a_letter_that_a_terminal_lacks_is_written_in_others(
    plain: None, monkeypatch: pytest.MonkeyPatch, encoding: str, text: str
) -> None:
    terminal = Terminal(encoding)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("sys.stdout", terminal)
    Screen("fr").report([Line("l’été… \u4e2d")])
    assert terminal.written() == f"{text}\n"


@pytest.mark.parametrize(("columns", "width"), [("7", 20), ("90", 90), ("999", 200), ("x", 80), ("0", 80)])
def test_the_width_is_that_of_the_terminal(
    plain: None, monkeypatch: pytest.MonkeyPatch, columns: str, width: int
) -> None:
    monkeypatch.setattr("sys.stdout", Terminal("utf-8"))
    monkeypatch.setenv("COLUMNS", columns)
    assert Screen("en").width == width
    monkeypatch.delenv("COLUMNS")
    monkeypatch.setattr("sys.stdout", io.StringIO())
    assert Screen("en").width is None


def test_a_bar_with_counts_is_shown_after_a_second_and_only_on_a_terminal(
    plain: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal("utf-8")
    monkeypatch.setattr("sys.stderr", terminal)
    with Screen("en").progress("cli.writing_plans") as quick:
        quick(1, 2)
    assert terminal.written() == ""
    monkeypatch.setattr(screens, "_PATIENCE", -1.0)
    for key in ("cli.writing_plans", "cli.reading_plans", "cli.suggesting"):
        with Screen("en").progress(key) as slow:
            slow(1, 2)
        assert f"{sentence(key, {}, 'en')} " in terminal.written()
    assert "1/2" in terminal.written()
    for silent, variable in ((Screen("en", is_quiet=True), "xterm"), (Screen("en"), "dumb")):
        monkeypatch.setenv("TERM", variable)
        before = terminal.written()
        with silent.progress("cli.writing_plans") as told:
            told(1, 2)
        assert terminal.written() == before


def test_quiet_leaves_out_what_is_no_result(tmp_path: Path) -> None:
    data, plan = saved(tmp_path, practice()), tmp_path / "plan.json"
    ran = migrate(data, "--out", plan, "-q")
    assert (ran.code, ran.err, "ready" in ran.out) == (0, "", True)
    assert run("show", tmp_path / "none.json", "-q").err.startswith("ERROR ")


@pytest.mark.parametrize("options", [(), ("--zone", "America/Toronto"), ("--utc",)])
def test_the_zone_of_the_data_is_named_once(tmp_path: Path, options: tuple[str, ...]) -> None:
    plan = tmp_path / "plan.json"
    assert migrate(saved(tmp_path, practice()), "--out", plan).code == 0
    out = run("show", plan, *options).out
    zone = {(): "Australia/Sydney", ("--utc",): ""}.get(options, "America/Toronto")
    assert out.endswith(f"\n\nTimes are in {zone}.\n") == bool(zone)
    assert out.count("(UTC)") == (0 if zone else out.count("(UTC)"))
    local = {(): "Monday 2 March 2026 at 20:00", ("--utc",): "Monday 2 March 2026 at 09:00 (UTC)"}
    assert local.get(options, "Monday 2 March 2026 at 04:00") in out
    # a booking keeps the time that was promised, in its own zone
    assert ("08:30 (Australia/Sydney)" in out) == (zone == "America/Toronto")


def test_ids_are_short_unless_whole_ones_are_asked_for(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    assert migrate(saved(tmp_path, practice()), "--out", plan).code == 0
    given_plan = am.loads(plan)
    assert isinstance(given_plan, am.MigrationPlan)
    new = given_plan.change_set.steps[0].edits[0].id
    short = run("show", plan).out
    whole = run("show", plan, "--full-ids").out
    assert (new in short, new[:12] in short) == (False, True)
    assert (new in whole, given_plan.plan_id in whole) == (True, True)
    explained = run("explain", plan, new[:12], "--full-ids")
    assert explained == run("explain", new, plan, "--full-ids")
    assert new in explained.out


def test_show_is_brief_unless_all_is_asked_for(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    assert migrate(saved(tmp_path, practice(bookings=9)), "--out", plan).code == 0
    brief, whole = run("show", plan).out, run("show", plan, "--all").out
    steps = [line for line in whole.splitlines() if ". Rebook an appointment" in line]
    told = [line for line in brief.splitlines() if ". Rebook an appointment" in line]
    assert (len(steps), told) == (9, [steps[0], steps[-1]])
    assert "… and 7 more steps of this kind. All: --all" in brief
    one = run("show", plan, "--step", "4").out.splitlines()
    assert one[0] == steps[1]
    assert run("show", plan, "--step", "99").code == 2
    assert run("show", plan, "--step", "4", "--json").code == 0


def test_a_time_without_offset_needs_a_zone_and_a_day_is_enough_where_one_is_meant(tmp_path: Path) -> None:
    data, plan, same = saved(tmp_path, practice()), tmp_path / "plan.json", tmp_path / "same.json"
    assert migrate(data, "--out", plan, "--utc").code == 0
    zone = ("--zone", "Australia/Sydney")
    ran = migrate(data, *zone, "--out", same, at="2026-03-02 20:00", agreed_at="2026-03-01 09:00")
    assert ran.code == 0
    assert am.loads(same) == am.loads(plan)
    assert migrate(data, *zone, agreed_at="2026-03-01").code == 0
    assert "has no offset" in migrate(data, agreed_at="2026-03-01").err
    for hour in ("02:30", "03:00"):  # never, and twice
        day = {"02:30": "2026-10-04", "03:00": "2026-04-05"}[hour].replace("03:00", "02:30")
        refused = migrate(data, *zone, at=f"{day} 02:30")
        assert (refused.code, refused.out) == (2, "")
    assert migrate(data, "--zone", "Mars/Phobos").code == 2


def test_a_sentence_of_a_reader_differs_only_in_times_and_ids() -> None:
    facts = {"plan_id": "a" * 64, "at": "2026-03-02T09:00:00Z"}
    reader = ReaderLanguage("en", zone="Australia/Sydney", short_ids=True)
    assert sentence("report.status", facts, reader) == (
        f"Plan {'a' * 12}, on data read on Monday 2 March 2026 at 20:00."
    )
    assert reader.has_shown_time
    assert sentence("report.status", facts, ReaderLanguage("en")) == sentence("report.status", facts, "en")


def test_the_findings_of_a_check_are_chosen_and_grouped(tmp_path: Path) -> None:
    double = saved(tmp_path, overlapping())
    one = run("check", double, "--by", "practitioner")
    assert one.out.startswith("d-1: 2\n  WARNING customer_double_booking:a-0:a-9\n")
    single = run("check", double, "--by", "practitioner", "--only", "existing_double_booking")
    assert single.out.startswith("d-1: 1\n  WARNING existing_double_booking:a-0:a-9\n")
    assert run("check", double, "--only", "email_malformed").code == 0
    meant = run("check", double, "--only", "existing_double_bookings")
    assert (meant.code, "--only: Did you mean existing_double_booking?" in meant.err) == (2, True)
    third = practice(booking(9, slot=booking(0).slot), booking(8, customer_id="c-1", slot=booking(1).slot))
    email = am.CustomerEmail(am.model.EmailAddress("no address"), "secondary")
    customer = third.customers["c-1"]
    spoilt = third.changed([attrs.evolve(customer, emails=(*customer.emails, email))])
    ran = run("check", saved(tmp_path, spoilt, "spoilt.json"), "--by", "practitioner")
    assert "Others: 1\n  WARNING email_malformed:c-1" in ran.out
    both = run("check", saved(tmp_path, spoilt, "spoilt.json"), "--by", "customer")
    assert both.out.startswith("c-1: 5\n")
    parquet = tmp_path / "a.parquet"
    parquet.write_bytes(b"PAR1")
    refused = run("check", parquet, "--by", "customer")
    assert "--by needs a snapshot, not a Parquet file." in refused.err
