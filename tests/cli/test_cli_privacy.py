"""What the command line shows of people: nothing, unless it is asked for values; and why, by ids and rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest
from cli_runs import CANARIES, NEW_EMAIL, TAKEN_AT, files_in, migrate, overlapping, practice, run, saved

import accountmerge as am

if TYPE_CHECKING:
    from pathlib import Path

AT = "2026-03-02T09:00:00+11:00"
MERGE = ("--survivor", "c-1", "--absorb", "c-2", "--actor", "p-1", "--at", AT)


def couple() -> am.Snapshot:
    found = practice()
    first = found.customers["c-1"]
    email = am.CustomerEmail(am.model.EmailAddress("canary.second@example.org"), "secondary")
    second = attrs.evolve(
        first, id="c-2", given_name="Canary second", record_number="canary-2", emails=[email]
    )
    note = am.Record(id="n-1", kind="note", customer_id="c-2", data=am.model.FrozenJson.of("canary note"))
    return found.changed(
        [second, note, am.Access(id="x-2", profile_id="p-1", customer_id="c-2", level="treating")]
    )


def shown(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text.casefold()]


def test_no_command_shows_a_personal_value_or_names_a_file_after_one(tmp_path: Path) -> None:
    file, second = saved(tmp_path, couple()), saved(tmp_path, overlapping(), "overlapping.json")
    plan, confirmed, after = (tmp_path / name for name in ("plan.json", "confirmed.json", "after.json"))
    ran = [
        run("merge", file, *MERGE, "--out", plan),
        run("show", plan),
        run("confirm", plan, "--by", "Canary Confirmer", "--at", AT, "--out", confirmed),
        run("show", confirmed, "--lang", "fr"),
        run("explain", confirmed, "c-2"),
        run("explain", confirmed, "Canary.Second@example.org", "--lang", "fr"),
        run("explain", confirmed, "Canary Unknown"),
        run("apply", file, plan, "--out", after),
        run("apply", file, confirmed, "--out", after),
        run("apply", second, confirmed, "--out", after, "--force"),
        run("check", second),
        run("windows", second, "--profile", "p-1"),
        migrate(second),
        migrate(second, ticket=" "),
        migrate(file, new_email="canary nonsense"),
    ]
    assert {result.code for result in ran} == {0, 1}
    for number, result in enumerate(ran):
        assert not shown(result.out + result.err), number
    assert files_in(tmp_path) == {
        "practice.json",
        "overlapping.json",
        "plan.json",
        "confirmed.json",
        "after.json",
    }


def test_values_are_shown_to_whom_asks_for_them(tmp_path: Path) -> None:
    file, plan = saved(tmp_path, couple()), tmp_path / "plan.json"
    merged = run("merge", file, *MERGE, "--out", plan, "--values", "--utc")
    assert merged.out == run("show", plan, "--values", "--utc").out
    assert 'first names of customer c-1, from c-2 (rule: fill blanks): "Canary second"' in merged.out
    assert NEW_EMAIL in migrate(file, "--values").out


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_change_set_without_its_plan_is_explained_too(tmp_path: Path, language: str) -> None:
    asked = am.MergeRequest(survivor="c-1", absorbed=["c-2"], actor="p-1")
    plan = am.plan_merge(couple(), asked, at=TAKEN_AT)
    explained = run("explain", saved(tmp_path, plan.change_set, "set.json"), "n-1", "--lang", language)
    assert explained.code == 0
    assert explained.out == run("explain", saved(tmp_path, plan, "plan.json"), "n-1", "--lang", language).out
    assert explained.out.rstrip("\n") == plan.explain("n-1").describe(language)
