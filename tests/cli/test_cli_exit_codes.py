"""Exit codes: each command ends with those that the page documents, and with no other."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import shop_tables
import sqlalchemy as sa
from cli_runs import OPTIONS, TAKEN_AT, all_commands, migrate, overlapping, practice, run, saved
from typer.main import get_command

import accountmerge as am
from accountmerge.cli import databases
from accountmerge.cli.program import app

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"
AT = ("--at", OPTIONS["--at"])
ELSEWHERE = {
    "prove": "each run of the kit takes seconds: test_cli_prove.py",
    "demo": "it takes seconds: test_cli_demo.py",
}
OF_STORES = frozenset({"rehearse", "audit", "missing", "unmapped", "indexes", "status"})
"""Commands of a group, of which some codes need other tables or an applied plan: test_cli_store.py."""


def documented() -> dict[str, set[int]]:
    """Return the codes of each command by the page: 0 and 2, and 1 if the page gives it a meaning."""
    section = PAGE.read_text(encoding="utf-8").split("\n## Exit codes\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*`) \| (.*) \|$", section, flags=re.MULTILINE)
    return {
        name: {0, 2} if meaning == "-" else {0, 1, 2}
        for names, meaning in rows
        for name in re.findall("`([^`]+)`", names)
    }


def test_the_page_has_each_command_once() -> None:
    assert documented().keys() == dict(all_commands(get_command(app))).keys()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    monkeypatch.setattr(databases, "now", lambda: TAKEN_AT)
    monkeypatch.setattr(sys, "path", list(sys.path))
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    shop_tables.SHOP.create_all(engine)
    with engine.begin() as connection:
        shop_tables.fill(connection)
    return ("--store", url, "--mapping", "shop_tables:mapping")


def test_each_command_ends_with_the_codes_that_the_page_documents(
    tmp_path: Path, store: tuple[str, ...]
) -> None:
    seen: defaultdict[str, set[int]] = defaultdict(set)
    for name in dict(all_commands(get_command(app))):
        seen[name].add(run(*name.split(), "--no-such-option").code)
    for name, words in _runs(tmp_path, store):
        seen[name].add(run(*name.split(), *words).code)
    wanted = {
        name: {2} if name in ELSEWHERE else seen[name] & codes if name.split()[-1] in OF_STORES else codes
        for name, codes in documented().items()
    }
    assert seen == wanted


def _runs(  # noqa: PLR0915 - two lines for each command
    folder: Path, store: tuple[str, ...]
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    data, double = saved(folder, practice()), saved(folder, overlapping(), "double.json")
    empty = saved(folder, am.Snapshot(TAKEN_AT), "empty.json")
    plan, blocked, after = folder / "plan.json", folder / "blocked.json", folder / "after.json"
    assert migrate(data, "--out", plan).code == 0
    assert migrate(data, "--out", blocked, ticket=" ").code == 1
    moves, twice = folder / "moves.csv", folder / "twice.csv"
    heading = "profile,new_email,reason,ticket,agreed_by,agreed_at\n"
    row = "p-1,new@example.org,security,T-1,A. Name,2026-03-01T09:00:00+11:00\n"
    moves.write_text(heading + row, encoding="utf-8")
    twice.write_text(heading + row + row.replace("new@", "other@"), encoding="utf-8")
    person = {**_fields("c-2"), "record_number": "R-2"}
    couple = practice().changed(
        [am.Customer(**person), am.Access(id="x-2", profile_id="p-1", customer_id="c-2", level="treating")]
    )
    two = saved(folder, couple, "two.json")
    clusters = folder / "clusters.csv"
    clusters.write_text("left,right\nc-1,c-2\n", encoding="utf-8")
    options = [word for pair in OPTIONS.items() for word in pair]
    yield from (("check", (data,)), ("check", (double,)))
    yield from (("find", (data, "R-1")), ("find", (data, "R-9")))
    yield from (("login", (data, "canary.customer@example.org")), ("login", (data, "x@example.org")))
    yield from (("windows", (data, "--profile", "p-1")), ("windows", (data, "--profile", "p-9")))
    yield from (("migrate", (data, *options)), ("migrate", (empty, *options)))
    merge = ("--survivor", "c-1", "--absorb", "c-2", "--actor", "p-1", *AT)
    yield from (("merge", (two, *merge)), ("merge", (data, *merge)))
    clear = ("--customer", "c-1", "--action", "clear", *AT)
    yield from (("primary-email", (data, *clear)), ("primary-email", (empty, *clear)))
    named = ("--customer", "c-1", "--given-name", "X", *AT)
    yield from (("edit", (data, *named)), ("edit", (empty, *named)))
    ask = ("--profile", "p-1", "--customer", "c-2", "--expires", "2026-03-20T00:00:00Z", *AT)
    email = am.CustomerEmail(am.model.EmailAddress("second@example.org"), "primary")
    without = saved(folder, practice().changed([am.Customer(**person | {"emails": [email]})]), "without.json")
    yield from (("access request", (without, *ask)), ("access request", (empty, *ask)))
    request = folder / "request.json"
    assert run("access", "request", without, *ask, "--out", request).code == 0
    pending = folder / "pending.json"
    assert run("apply", without, request, "--out", pending).code == 0
    found = am.loads(pending)
    assert isinstance(found, am.Snapshot)
    (id,) = (row.id for row in found.access_requests)
    for word, by in (("approve", "c-2"), ("deny", "c-2"), ("withdraw", "p-1")):
        decide = ("--request", id, "--by", by, *AT)
        yield from ((f"access {word}", (pending, *decide)), (f"access {word}", (empty, *decide)))
    yield from (("migrate-all", (data, moves, *AT, "--out", folder / "moves")),)
    yield from (("migrate-all", (data, twice, *AT, "--out", folder / "moves")),)
    yield from (("merge-all", (two, clusters, *AT, "--out", folder / "merges")),)
    yield from (("merge-all", (data, clusters, *AT, "--out", folder / "blocked")),)
    yield from (("show", (plan,)), ("show", (blocked,)), ("explain", (plan, "a-1")))
    html = ("--out", folder / "report.html", "--force")
    yield from (("report", (plan, *html)), ("report", (blocked, *html)))
    yield from (("timeline", (plan,)), ("timeline", (blocked,)))
    yield from (("who-sees", (plan, data, *AT)), ("who-sees", (blocked, data, *AT)))
    confirm = ("--by", "Kim", *AT, "--out", folder / "sure.json")
    yield from (("confirm", (plan, *confirm)), ("confirm", (blocked, *confirm)))
    yield from (("verify", (plan, data)), ("verify", (plan, empty)))
    yield from (("apply", (data, plan, "--out", after)), ("apply", (empty, plan, "--out", folder / "x.json")))
    yield from (("status", (plan, after)), ("status", (plan, data)))
    yield from (("resume", (plan, after)), ("resume", (plan, empty)))
    yield from (("rebase", (plan, data)), ("rebase", (plan, empty)))
    merged = folder / "merge.json"
    assert run("merge", two, *merge, "--out", merged).code == 0
    yield from (("undo", (plan,)), ("undo", (merged,)))
    yield "schema", ()
    csv = folder / "customers.csv"
    csv.write_text("id,record_number,primary_email,status\nc-1,R-1,,active\n", encoding="utf-8")
    yield "import", (csv, "--out", folder / "imported.json")
    told = {"--number": "APP-1", "--initials": "A.B.", "--start": "2026-03-31T14:30:00+11:00"}
    told |= {"--zone": "Australia/Sydney", "--modality": "video"}
    told |= {"--old-email": "canary.old@example.org", "--new-email": "new@example.org"}
    words = [word for pair in told.items() for word in pair]
    yield "rebook-request print", tuple(words)
    message = folder / "message.txt"
    message.write_text(run("rebook-request", "print", *words).out, encoding="utf-8")
    yield "rebook-request read", (message,)
    yield "rebook-request read", (message, "--snapshot", data, *AT)
    yield from (("store tables", store), ("store tables", (*store, "--create")), ("store tables", store))
    yield from (("store audit", store), ("store unmapped", store), ("store missing", ("migration", *store)))
    yield "store indexes", store
    yield "store status", ("f" * 64, *store)


def _fields(id: str) -> dict[str, Any]:
    return {"id": id, "emails": [], "status": "active"}
