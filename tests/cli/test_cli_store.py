"""`--store URL --mapping MODULE:NAME`: commands read and change a database, and never show its URL or a row."""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import shop_tables
import sqlalchemy as sa
from cli_runs import CANARIES, NEW_EMAIL, OPTIONS, TAKEN_AT, Ran, all_commands, booking, practice, run, saved
from typer.main import get_command

import accountmerge as am
from accountmerge.cli import databases, screens
from accountmerge.cli.program import app
from accountmerge.cli.sources import MAPPING, STORE
from accountmerge.cli.store_lines import index_lines, missing_lines, rehearsal_lines, status_lines
from accountmerge.messages import Facts, sentence

NAMED = "shop_tables:mapping"
MIGRATE = ("migrate", *(word for pair in OPTIONS.items() for word in pair))
MERGE = ("merge", "--survivor", "c-1", "--absorb", "c-2", "--actor", "p-1", "--at", OPTIONS["--at"])
EDIT = ("edit", "--customer", "c-1", "--given-name", "Canarynew", "--at", OPTIONS["--at"])
BY = ("--by", "Canary Applier")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a database with a practice."""
    path = tmp_path_factory.mktemp("made") / "practice.db"
    fill(sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool))
    return path


def fill(engine: sa.Engine) -> None:
    shop_tables.SHOP.create_all(engine)
    shop_tables.mapping.create_all(engine)
    with engine.begin() as connection:
        shop_tables.fill(connection)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let databases be read when the practice was made, and no variable name another one."""
    monkeypatch.setattr(databases, "now", lambda: TAKEN_AT)
    monkeypatch.delenv(STORE, raising=False)
    monkeypatch.delenv(MAPPING, raising=False)
    monkeypatch.setattr(sys, "path", list(sys.path))


@pytest.fixture
def file(made: Path, tmp_path: Path, clock: None) -> Path:
    """Return the file of a database, in a folder whose name is a secret."""
    folder = tmp_path / "canary-password"
    folder.mkdir()
    return Path(shutil.copy(made, folder))


@pytest.fixture
def data(file: Path) -> tuple[str, ...]:
    """Return the options that name the database."""
    return ("--store", f"sqlite:///{file}", "--mapping", NAMED)


def silent(*arguments: Any, stdin: str | bytes | None = None) -> Ran:
    """Run a command whose text has neither the URL nor a personal value."""
    ran = run(*arguments, stdin=stdin)
    told = (ran.out + ran.err).casefold()
    assert [word for word in CANARIES if word in told] == []
    assert "defect of accountmerge" not in told
    return ran


def rows(file: Path, table: str) -> list[Any]:
    engine = sa.create_engine(f"sqlite:///{file}", poolclass=sa.NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(f"SELECT * FROM {table} ORDER BY 1"))]  # noqa: S608


def execute(file: Path, statement: str) -> None:
    with sa.create_engine(f"sqlite:///{file}", poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql(statement)


def contents(file: Path) -> dict[str, list[Any]]:
    return {name: rows(file, name) for name in (*shop_tables.SHOP.tables, "accountmerge_receipt")}


def planned(folder: Path, words: tuple[str, ...], data: tuple[str, ...]) -> Path:
    """Plan on the database, and return the file of the plan; confirm it if it cannot be undone."""
    plan, confirmed = folder / "plan.json", folder / "confirmed.json"
    assert run(*words, *data, "--out", plan, "--force").code == 0
    sure = run("confirm", plan, *BY, "--at", OPTIONS["--at"], "--out", confirmed, "--force")
    assert sure.code == 0
    return confirmed


def test_each_command_that_takes_a_snapshot_takes_a_database_too() -> None:
    files = {
        name
        for name, command in all_commands(get_command(app))
        for parameter in command.params
        if (getattr(parameter, "help", "") or "").startswith(("A snapshot as JSON", "A snapshot, and plans"))
    }
    stores = {
        name
        for name, command in all_commands(get_command(app))
        if {"store", "mapping"} <= {parameter.name for parameter in command.params}
    }
    assert len(files) == 21
    assert files <= stores
    assert all(name.startswith("store ") for name in stores - files)


def test_a_database_is_read_whole_and_checked(data: tuple[str, ...]) -> None:
    ran = silent("check", *data)
    assert (ran.code, ran.out) == (0, "No fault was found.\n")
    assert silent("find", "R-2", *data).code == 0
    assert silent("find", "R-9", *data).code == 1
    assert json.loads(silent("find", "R-2", "--json", *data).out)[0]["customer_id"] == "c-2"
    assert silent("login", "nobody@example.org", *data).code == 1
    assert run("login", "canary.one@example.org", *data).code == 0
    assert silent("windows", "--profile", "p-1", *data).code == 0


def test_the_environment_names_the_database_and_the_mapping(
    data: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(STORE, data[1])
    monkeypatch.setenv(MAPPING, NAMED)
    assert silent("check").code == 0
    assert silent("find", "R-2").code == 0
    assert silent("store", "tables").code == 0
    path = saved(tmp_path, practice(), "other.json")
    assert silent("find", path, "R-2").code == 1  # a file that is named counts, and there R-2 is not
    assert run("find", path, "R-1").code == 0
    monkeypatch.delenv(MAPPING)
    ran = silent("check")
    assert (ran.code, MAPPING in ran.err) == (2, True)


def test_a_plan_is_the_same_from_a_database_and_from_its_snapshot(
    data: tuple[str, ...], file: Path, tmp_path: Path
) -> None:
    engine = sa.create_engine(f"sqlite:///{file}", poolclass=sa.NullPool)
    store = am.sql.Store(engine, shop_tables.mapping, clock=lambda: TAKEN_AT)
    path = saved(tmp_path, store.snapshot(), "snapshot.json")
    unknown = tuple("c-9" if word == "c-1" else word for word in EDIT)
    for words in (MIGRATE, MERGE, EDIT, (*EDIT, "--add-email", "canary.other@example.org"), unknown):
        given = ("--limits", saved(tmp_path, shop_tables.mapping.limits(), "limits.json"))
        ours = run(*words, *data, "--out", "-")
        theirs = run(words[0], path, *words[1:], *given, "--out", "-")
        assert (ours.code, ours.out) == (theirs.code, theirs.out)


def test_a_customer_is_edited_without_reading_the_whole_database(
    data: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    read = am.sql.Store.snapshot

    def recorded(self: Any, **scope: Any) -> am.Snapshot:
        asked.append(scope)
        return read(self, **scope)

    monkeypatch.setattr(am.sql.Store, "snapshot", recorded)
    assert silent(*EDIT, *data).code == 0
    assert asked == [{"customers": ("c-1",)}]
    assert silent(*MERGE, *data).code == 0
    assert asked[1:] == [{}]


def test_a_plan_for_now_is_for_the_instant_of_reading(data: tuple[str, ...], tmp_path: Path) -> None:
    words = tuple("now" if word == OPTIONS["--at"] else word for word in EDIT)
    out = tmp_path / "plan.json"
    assert silent(*words, *data, "--out", out).code == 0
    plan: Any = am.loads(out.read_bytes())
    assert plan.change_set.at == TAKEN_AT
    path = saved(tmp_path, practice())
    assert silent(words[0], path, *words[1:]).code == 2


def test_the_limits_are_those_of_the_mapped_tables_unless_given(
    data: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    limits, given = am.Limits(most_phones=3), am.Limits(most_phones=7)
    monkeypatch.setattr(am.sql.Mapping, "limits", lambda _: limits, raising=False)
    for words, wanted in (((), limits), (("--limits", saved(tmp_path, given, "limits.json")), given)):
        plan: Any = am.loads(run(*EDIT, *data, *words, "--out", "-").out)
        assert plan.limits == wanted


def test_a_plan_is_only_shown_until_someone_is_sure(
    data: tuple[str, ...], file: Path, tmp_path: Path
) -> None:
    plan, before = planned(tmp_path, MERGE, data), contents(file)
    ran = silent("apply", plan, *data, *BY)
    assert (ran.code, "add --yes" in ran.err, contents(file)) == (1, True, before)
    assert "Edits to apply" in ran.out
    shown = json.loads(silent("apply", plan, *data, *BY, "--json").out)
    assert (shown["can_be_applied"], shown["is_finished"], contents(file)) == (True, False, before)


def test_a_merge_is_applied_once_and_every_command_knows_it(
    data: tuple[str, ...], file: Path, tmp_path: Path
) -> None:
    plan = planned(tmp_path, MERGE, data)
    assert silent("verify", plan, *data).code == 0
    assert json.loads(silent("resume", plan, *data, "--json").out)["is_finished"] is False
    ran = silent("apply", plan, *data, *BY, "--yes")
    assert (ran.code, "is applied to the database" in ran.out) == (0, True)
    assert {row[2] for row in rows(file, "booking")} == {"c-1"}
    assert all("Canary Applier" in row for row in map(str, rows(file, "accountmerge_receipt")))
    after = contents(file)
    for words in (("--yes",), ()):
        again = silent("apply", plan, *data, *BY, *words)
        assert (again.code, contents(file)) == (0, after)
    resumed = silent("resume", plan, *data)
    assert (resumed.code, "Edits to apply" in resumed.out) == (0, False)
    assert silent("check", *data).code == 0


def test_a_migration_is_applied_with_json_and_french(
    data: tuple[str, ...], file: Path, tmp_path: Path
) -> None:
    plan = planned(tmp_path, MIGRATE, data)
    told = json.loads(silent("apply", plan, *data, *BY, "--yes", "--json", "--lang", "fr").out)
    assert {step["outcome"] for step in told["steps"]} == {"applied"}
    assert told["failures"] == []
    assert NEW_EMAIL in {row[2] for row in rows(file, "calendar")}
    ran = silent("status", plan, *data)
    assert (ran.code, "p-1" in ran.out or ran.out != "") == (0, True)
    assert silent("who-sees", plan, *data, "--at", OPTIONS["--at"]).code == 0


def test_what_changed_meanwhile_is_never_written_over(
    data: tuple[str, ...], file: Path, tmp_path: Path
) -> None:
    plan = planned(tmp_path, EDIT, data)
    engine = sa.create_engine(f"sqlite:///{file}", poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(shop_tables.client.update().values(first="Canaryother"))
    before = contents(file)
    for words in (("verify", plan), ("resume", plan), ("apply", plan, *BY, "--yes")):
        ran = silent(*words, *data)
        assert (ran.code, "Customer c-1" in ran.out, contents(file)) == (1, True, before)
    rebased = silent("rebase", plan, *data)
    assert rebased.code == 0


def test_an_asking_profile_sees_no_strangers(data: tuple[str, ...], tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    assert run(*MERGE, *data, "--out", plan).code == 0
    assert silent("resume", plan, *data, "--asked-by", "p-1").code == 1  # nobody has confirmed it
    assert "access_missing" in silent("resume", plan, *data, "--asked-by", "p-7").out


def test_a_message_is_planned_on_a_database(data: tuple[str, ...], tmp_path: Path) -> None:
    request = am.rebooking.RebookingRequest(
        number="APP-1234",
        initials="A.B.",
        start=TAKEN_AT,
        time_zone="Australia/Sydney",
        modality="video",
        old_email="old@example.org",
        new_email="new@example.org",
    )
    message = tmp_path / "message.txt"
    message.write_text(am.rebooking.rebooking_message(request), encoding="utf-8")
    ran = run("rebook-request", "read", message, *data, "--at", "now")
    assert (ran.code, "BLOCKER" in ran.out) == (1, True)
    assert "go together" in run("rebook-request", "read", message, *data).err


def test_the_added_tables_are_shown_and_created(data: tuple[str, ...], file: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{file}", poolclass=sa.NullPool)
    shop_tables.mapping.tables.added.drop_all(engine)
    for words in (("check",), MERGE):
        ran = silent(*words, *data)
        assert (ran.code, "accountmerge store tables --create" in ran.err) == (2, True)
    shown = silent("store", "tables", *data)
    told = json.loads(silent("store", "tables", *data, "--json").out)
    assert shown.out == "".join(f"{statement};\n" for statement in told["statements"])
    assert (shown.code, told["created"], "CREATE TRIGGER" in shown.out) == (0, False, True)
    assert silent("check", *data).code == 2
    created = silent("store", "tables", *data, "--create")
    assert (created.code, "accountmerge_receipt" in created.err) == (0, True)
    assert silent("check", *data).code == 0
    with engine.begin() as connection:
        for name in reversed(told["tables"]):
            connection.exec_driver_sql(f"DROP TABLE {name}")
        connection.connection.executescript(shown.out)
    assert silent("check", *data).code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("check",), "Name a snapshot, or a database with --store or ACCOUNTMERGE_STORE."),
        (("check", "--mapping", NAMED), "--store is missing"),
        (("check", "x.json", "STORE"), "Give a file or --store, not both."),
        (("find", "x.json", "R-1", "STORE"), "Give a file or --store, not both."),
        (("find", "STORE"), "TEXT is missing."),
        (("apply", "STORE", *BY), "PLANS is missing."),
        (("apply", "x.json"), "PLANS is missing."),
        (("apply", "p.json", "STORE"), "--by is missing."),
        (
            ("apply", "p.json", "STORE", *BY, "--out", "x"),
            "With a database, these options have no meaning: --out.",
        ),
        (
            ("apply", "x.json", "p.json", "--yes", "--out", "o"),
            "These options need a database (--store): --yes.",
        ),
        (("resume", "p.json", "STORE", "--out", "x"), "have no meaning: --out."),
        (("store", "tables"), "--store is missing."),
        (("check", "--store", "sqlite:///x.db"), "--mapping is missing."),
        (("check", "--store", "canary-password", "--mapping", NAMED), "This is no URL of a database."),
        (("check", "--store", "sqlite:///canary.db", "--mapping", NAMED), "does not exist"),
        (("check", "--store", "sqlite://", "--mapping", NAMED), "does not exist"),
        (("check", "--store", "mysql://canary:canary@h/d", "--mapping", NAMED), "not supported"),
        (("check", "--store", "canary://canary@h/d", "--mapping", NAMED), "not supported"),
        (("check", "--store", "postgresql+psycopg://c:d@h:canary/d", "--mapping", NAMED), "no URL"),
        (("check", "--store", "postgresql+asyncpg9://canary@h/d", "--mapping", NAMED), "not supported"),
        (("check", "--store", "postgresql+pg8000://canary@h/d", "--mapping", NAMED), "driver pg8000 is not"),
        (
            ("check", "--store", "postgresql://canary:canary@localhost:1/d", "--mapping", NAMED),
            "The connection",
        ),
        (("check", "STORE", "--mapping", "no_such_module:mapping"), "cannot be imported, or is no mapping"),
        (("check", "STORE", "--mapping", "shop_tables"), "cannot be imported, or is no mapping"),
        (("check", "STORE", "--mapping", "shop_tables:absent"), "cannot be imported, or is no mapping"),
        (("check", "STORE", "--mapping", "shop_tables:number"), "is no mapping (int)"),
        (("check", "STORE", "--mapping", "shop_tables:fails"), "raised RuntimeError"),
    ],
)
def test_what_is_wrong_is_told_without_the_url(
    data: tuple[str, ...], words: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    saved(tmp_path, practice(), "x.json")
    saved(
        tmp_path,
        am.plan_merge(
            practice(), am.MergeRequest(survivor="c-1", absorbed=["c-2"], actor="p-1"), at=TAKEN_AT
        ),
        "p.json",
    )
    store = data[:2] if "--mapping" in words else data
    given = [part for word in words for part in (store if word == "STORE" else (word,))]
    for language in ("en", "fr"):
        ran = silent(*given, "--lang", language)
        assert (ran.code, ran.out) == (2, "")
        assert language == "fr" or told in ran.err


def test_a_mapping_may_be_what_a_function_returns(data: tuple[str, ...]) -> None:
    assert silent("check", *data[:2], "--mapping", "shop_tables:make").code == 0


def test_the_receipts_of_a_database_are_its_own(data: tuple[str, ...], tmp_path: Path) -> None:
    plan = planned(tmp_path, EDIT, data)
    for command in ("verify", "resume"):
        assert "have no meaning: --receipts" in silent(command, plan, *data, "--receipts", plan).err


def test_a_database_that_does_not_fit_is_told_without_a_row(data: tuple[str, ...], file: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{file}", poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(shop_tables.calendar.update().values(state="canary state"))
    ran = silent("check", *data)
    assert (ran.code, ran.out, "calendar" in ran.err) == (2, "", True)


def test_without_the_extra_it_is_named(data: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("accountmerge.sql")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("accountmerge.sql")
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    monkeypatch.delitem(sys.modules, "accountmerge.cli.databases")
    monkeypatch.delattr("accountmerge.cli.databases")
    ran = silent("check", *data)
    assert (ran.code, "pip install 'accountmerge[sql]'" in ran.err) == (2, True)


def test_a_file_is_checked_without_sqlalchemy(tmp_path: Path) -> None:
    from test_cli_imports import imported

    assert "sqlalchemy" not in imported("check", str(saved(tmp_path, practice())))


def test_a_rehearsal_tells_what_happens_and_leaves_every_row(
    data: tuple[str, ...], file: Path, tmp_path: Path
) -> None:
    plan, before = planned(tmp_path, MERGE, data), contents(file)
    ran = silent("store", "rehearse", plan, *data)
    assert (ran.code, contents(file)) == (0, before)
    assert "does what it says on this database" in ran.out
    assert "Rows of table booking. Inserted: 0; updated: 2; deleted: 0." in ran.out
    assert "Locked: the file of the database" in ran.out
    told = json.loads(silent("store", "rehearse", plan, *data, "--json").out)
    assert (told["is_as_planned"], told["failures"], told["locks"][0]["kind"]) == (True, [], "file")


TRIGGERS = {
    "report.rehearsal_difference": "CREATE TRIGGER theirs AFTER UPDATE ON booking BEGIN "
    "UPDATE booking SET client = 'c-2' WHERE id = NEW.id; END",
    "report.rehearsal_beyond": "CREATE TRIGGER theirs AFTER UPDATE ON booking BEGIN "
    "UPDATE calendar SET person = 'canary' WHERE id = 'p-1'; END",
    "report.rehearsal_refused": "CREATE UNIQUE INDEX theirs ON booking (calendar, client) WHERE client = 'c-1' "
    "AND status = 'booked' AND id IN ('a-0', 'a-1')",
}
SAID = {
    "report.rehearsal_difference": "Not as planned: appointment a-1, client",
    "report.rehearsal_beyond": "Not in the plan: rows of table calendar. Inserted: 0; updated: 1; deleted: 0.",
    "report.rehearsal_refused": "the database refuses a row of table booking",
}


@pytest.mark.parametrize("key", TRIGGERS)
def test_a_rehearsal_tells_what_is_not_as_planned(
    data: tuple[str, ...], file: Path, tmp_path: Path, key: str
) -> None:
    plan = planned(tmp_path, MERGE, data)
    engine = sa.create_engine(f"sqlite:///{file}", poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(TRIGGERS[key])
    before = contents(file)
    ran = silent("store", "rehearse", plan, *data)
    assert (ran.code, contents(file)) == (1, before)
    assert SAID[key] in ran.out
    assert "does not do what it says" in ran.out
    told = json.loads(silent("store", "rehearse", plan, *data, "--json", "--lang", "fr").out)
    assert told["is_as_planned"] is False


def test_a_plan_without_confirmation_is_rehearsed_and_told(data: tuple[str, ...], tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    run(*MERGE, *data, "--out", plan)
    ran = silent("store", "rehearse", plan, *data, "--lang", "fr")
    assert (ran.code, "unconfirmed" in ran.out, "booking" in ran.out) == (1, True, True)


@pytest.mark.parametrize(
    ("table", "code", "told"),
    [
        (None, 0, "The mapping knows every column"),
        (
            "CREATE TABLE invoice (booking_id TEXT)",
            0,
            "invoice: booking_id is named like a reference to booking",
        ),
        ("CREATE TABLE invoice (of TEXT REFERENCES booking (id))", 1, "Map its table, or declare it with"),
    ],
)
def test_a_forgotten_foreign_key_ends_with_1(
    data: tuple[str, ...], file: Path, table: str | None, code: int, told: str
) -> None:
    if table is not None:
        execute(file, table)
    ran = silent("store", "unmapped", *data)
    assert (ran.code, told in ran.out) == (code, True)
    assert silent("store", "unmapped", *data, "--lang", "fr").code == code
    plain = json.loads(silent("store", "unmapped", *data, "--json").out)
    assert [row["table"] for row in plain] == ([] if table is None else ["invoice"])
    assert any(row["by"] == "foreign_key" for row in plain) == bool(code)


def test_an_audit_ends_with_1_if_a_row_cannot_be_read(data: tuple[str, ...], file: Path) -> None:
    good = silent("store", "audit", *data)
    assert (good.code, "Every row can be read." in good.out) == (0, True)
    execute(file, "PRAGMA foreign_keys = OFF")
    execute(file, "UPDATE booking SET client = 'c-9' WHERE id = 'a-0'")
    execute(
        file, "UPDATE booking SET starts = (SELECT starts FROM booking WHERE id = 'a-1') WHERE id = 'a-3'"
    )
    odd = silent("store", "audit", *data)
    assert (odd.code, "no_target: booking.client, rows: 1 (a-0)" in odd.out) == (1, True)
    assert "See them with accountmerge check." in odd.out
    execute(file, "UPDATE calendar SET state = 'canary' WHERE id = 'p-1'")
    bad = silent("store", "audit", *data)
    assert (bad.code, "unknown_code: calendar.state, rows: 1 (p-1)" in bad.out) == (1, True)
    assert silent("store", "audit", *data, "--lang", "fr").code == 1
    plain = json.loads(silent("store", "audit", *data, "--json").out)
    assert (plain["is_readable"], plain["rows"]["client"], plain["locks"]["code"]) == (False, 2, "locks_file")


def test_every_part_of_a_rehearsal_is_told_in_both_languages() -> None:
    finding = next(iter(am.find_faults(practice(booking(9, slot=booking(0).slot)))))
    rehearsal = am.sql.Rehearsal(
        plan_id="0" * 64,
        locks=(
            am.sql.HeldLock(kind="file"),
            am.sql.HeldLock(kind="table", table="visit"),
            am.sql.HeldLock(kind="rows", table="visit", rows=3),
        ),
        uncompared=("visit",),
        faults_after=(finding,),
        locked_seconds=0.25,
        statements=7,
    )
    told = [line.text for line in rehearsal_lines(rehearsal, "en")]
    assert [text for text in told if "visit" in text] == [
        "  Locked: table visit",
        "  Locked rows of table visit: 3",
        "  Table visit has too many rows: only their number was compared.",
    ]
    assert told[-1] == "  Locks were held for 250 ms. Statements: 7."
    assert any(finding.id in text for text in told)
    assert len(list(rehearsal_lines(rehearsal, "fr"))) == len(told)


def test_a_step_that_drifts_while_others_are_applied_is_told(
    data: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(tmp_path, MERGE, data)
    loaded: Any = am.loads(plan.read_bytes())
    failures = am.check(practice(), loaded.change_set)[:1]
    outcome = am.changes.Applied(steps=((1, "applied"), (2, "drifted")), failures=failures)
    monkeypatch.setattr(am.sql.Store, "apply", lambda *_, **__: outcome)
    ran = silent("apply", plan, *data, *BY, "--yes")
    assert (ran.code, "is not applied to its end. Steps applied now: 1" in ran.out) == (1, True)
    told = json.loads(silent("apply", plan, *data, *BY, "--yes", "--json").out)
    assert [step["outcome"] for step in told["steps"]] == ["applied", "drifted"]
    assert len(told["failures"]) == 1


def test_an_unusual_error_of_sqlalchemy_is_told_by_its_kind(
    data: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise sa.exc.NoSuchTableError("canary")

    monkeypatch.setattr(am.sql.Store, "snapshot", fail)
    ran = silent("check", *data)
    assert (ran.code, "could not be used (NoSuchTableError)" in ran.err) == (2, True)


def test_a_plan_is_confirmed_now(data: tuple[str, ...], tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    assert run(*MERGE, *data, "--out", plan).code == 0
    assert run("confirm", plan, *BY, "--at", "now", "--out", tmp_path / "confirmed.json").code == 0


def test_a_merge_is_applied_on_postgresql(postgres_engine: sa.Engine, clock: None, tmp_path: Path) -> None:
    fill(postgres_engine)
    url = postgres_engine.url.set(drivername="postgresql")
    data = ("--store", url.render_as_string(hide_password=False), "--mapping", NAMED)
    assert silent("store", "tables", *data).out.startswith("CREATE TABLE")
    assert silent("store", "tables", *data, "--create").code == 0
    plan = planned(tmp_path, MERGE, data)
    rehearsed = silent("store", "rehearse", plan, *data)
    assert (rehearsed.code, "Locked rows of table client" in rehearsed.out) == (0, True)
    assert silent("apply", plan, *data, *BY, "--yes").code == 0
    assert silent("resume", plan, *data).code == 0
    assert silent("check", *data).code == 0
    with postgres_engine.begin() as connection:
        shop_tables.mapping.tables.added.drop_all(connection)
    ran = silent("check", *data)
    assert (ran.code, "accountmerge store tables --create" in ran.err) == (2, True)


def test_reading_a_database_is_told_on_a_terminal(
    data: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def busy(screen: screens.Screen, key: str, **facts: str) -> Any:
        told.append(sentence(key, facts, screen.language))
        return contextlib.nullcontext()

    monkeypatch.setattr(screens.Screen, "busy", busy)
    assert silent("check", *data, "--lang", "fr").code == 0
    assert told == ["Lecture de la base de données…", "Vérification en cours…"]


def test_what_tables_lack_for_plans_is_shown_with_statements(data: tuple[str, ...]) -> None:
    ran = silent("store", "missing", "merge", *data)
    plain = json.loads(silent("store", "missing", "merge", *data, "--json").out)
    found = shop_tables.mapping.missing("merge", database="sqlite")
    assert [(row["table"], row["field"], row["why"]) for row in plain] == [
        (each.table, each.field, each.why) for each in found
    ]
    assert ran.code == any(each.of != "links_and_history" for each in found)
    assert all(f"{each.table}.{each.field}" in ran.out for each in found)
    assert all(each.ddl.splitlines()[0] in ran.out for each in found if each.ddl is not None)
    assert silent("store", "missing", "merge", *data, "--lang", "fr").out != ran.out
    wrong = silent("store", "missing", "marriage", *data)
    assert (wrong.code, "INTENT" in wrong.err, "merge" in wrong.err) == (2, True, True)


def test_indexes_that_do_not_exist_are_shown_until_they_are_made(data: tuple[str, ...], file: Path) -> None:
    ran = silent("store", "indexes", *data)
    statements = json.loads(silent("store", "indexes", *data, "--json").out)
    assert (ran.code, ran.out.count("CREATE")) == (1, len(statements))
    for statement in statements:
        execute(file, statement)
    done = silent("store", "indexes", *data, "--lang", "fr")
    assert (done.code, "Tous les index" in done.out) == (0, True)


def test_the_state_of_a_plan_is_read_from_its_receipts(data: tuple[str, ...], tmp_path: Path) -> None:
    plan = planned(tmp_path, MERGE, data)
    change_set: Any = am.loads(plan.read_bytes())
    plan_id = getattr(change_set, "change_set", change_set).plan_id
    unknown = silent("store", "status", plan_id, *data)
    assert (unknown.code, "no receipt" in unknown.out) == (1, True)
    assert silent("apply", plan, *data, *BY, "--yes", "--batch", "2", "--locks", "tables").code == 0
    ran = silent("store", "status", plan_id, *data)
    assert (ran.code, "Customer c-2 is now c-1" in ran.out) == (0, True)
    plain = json.loads(silent("store", "status", plan_id, *data, "--json", "--lang", "fr").out)
    assert {step["outcome"] for step in plain["steps"]} == {"applied"}
    assert {(row["old_id"], row["new_id"]) for row in plain["moved"]} == {("c-2", "c-1")}
    assert len(ran.out.splitlines()) == 1 + len(plain["owed"]) + len(plain["moved"])


@pytest.mark.parametrize("options", [("--batch", "0"), ("--batch", "two"), ("--locks", "all")])
def test_a_wrong_batch_or_lock_is_refused_before_the_database_is_opened(
    data: tuple[str, ...], tmp_path: Path, options: tuple[str, str]
) -> None:
    plan = planned(tmp_path, MERGE, data)
    ran = silent("apply", plan, *data, *BY, "--yes", *options)
    assert (ran.code, options[0] in ran.err) == (2, True)


def test_batches_and_locks_are_those_of_the_store(
    data: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def remember(store: am.sql.Store, change_set: Any, *, by: str, on_step: Any) -> Any:
        seen.append((store.batch, store.locks))
        return am.changes.Applied(steps=())

    plan = planned(tmp_path, MERGE, data)
    monkeypatch.setattr(am.sql.Store, "apply", remember)
    silent("apply", plan, *data, *BY, "--yes", "--batch", "50", "--locks", "tables")
    silent("apply", plan, *data, *BY, "--yes")
    assert seen == [(50, "tables"), (1, "rows")]
    refused = silent("apply", saved(tmp_path, practice()), plan, "--batch", "50", "--out", "x")
    assert (refused.code, "--batch" in refused.err) == (2, True)


def test_each_committed_step_moves_the_bar_of_a_terminal(
    data: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []

    def progress(screen: screens.Screen, key: str) -> Any:
        told.append(key)
        return contextlib.nullcontext(lambda done, total: told.append((done, total)))

    plan = planned(tmp_path, MERGE, data)
    monkeypatch.setattr(screens.Screen, "progress", progress)
    assert silent("apply", plan, *data, *BY, "--yes").code == 0
    first, *steps = told
    assert first == "cli.applying"
    assert steps == [(n, len(steps)) for n in range(1, len(steps) + 1)]
    with screens._bar("working") as on_step:
        on_step(1, 2)


def test_every_line_about_gaps_indexes_and_plans_is_told_in_both_languages() -> None:
    importances: tuple[Any, ...] = ("required", "effects", "links_and_history")
    gaps = [am.sql.Missing("visit", of, of, "no_column", ddl="CREATE COLUMN") for of in importances]
    receipt = am.Receipt(step_id=f"{'0' * 64}/1", outcome="applied", at=TAKEN_AT, by="Canary")
    owed = am.sql.OwedRow(
        id="o-1",
        plan_id="0" * 64,
        step=1,
        kind="tell_customer",
        role="practitioner",
        when="applied",
        facts=Facts(),
        due_at=receipt.at,
        done_at=None,
    )
    pair = am.changes.Moved(
        entity="customer", old_id="c-2", new_id="c-1", why="merged", step=1, at=receipt.at
    )
    moved = am.sql.MovedRow(number=1, plan_id="0" * 64, moved=pair)
    status = am.sql.PlanStatus(plan_id="0" * 64, receipts=(receipt,), obligations=(owed,), moved=(moved,))
    unknown = am.sql.PlanStatus(plan_id="0" * 64, receipts=(), obligations=(), moved=())
    refusal = am.sql.Refusal(step=2, table="visit", constraint=None, code="sql_trigger_refused")
    for language in ("en", "fr"):
        assert len(list(missing_lines(gaps, language))) == 2 * len(gaps)
        assert len(list(missing_lines([], language))) == len(list(index_lines([], language))) == 1
        told = [line.text for line in status_lines(status, language)]
        assert [word in text for word, text in zip(("0000", "o-1", "c-2"), told, strict=True)] == [True] * 3
        assert len(list(status_lines(unknown, language))) == 1
        rehearsal = am.sql.Rehearsal(plan_id="0" * 64, refusal=refusal)
        assert "?" not in "".join(line.text for line in rehearsal_lines(rehearsal, language))
