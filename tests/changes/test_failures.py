"""What `check` tells: what was found, what was expected instead, and what to do about it."""

from __future__ import annotations

import attrs
import pytest

import accountmerge as am
from accountmerge.changes.failures import FAILURE_FACTS, FAILURE_REMEDIES, REMEDIES
from accountmerge.messages import LANGUAGES
from small_values import NOON, access, appointment, customer, profile, request, slot, snapshot


def data() -> am.Snapshot:
    booked = [appointment("A1", slot(60), version=3)]
    return snapshot(appointments=booked, access=[access(version="v1")])


CHANGE_SET = am.plan_migration(data(), request(), at=NOON).change_set


def failures_of(found: am.Snapshot) -> dict[str, am.Failure]:
    return {failure.code: failure for failure in am.check(found, CHANGE_SET)}


def test_every_failure_has_a_remedy_and_every_remedy_a_failure() -> None:
    assert FAILURE_REMEDIES.keys() == FAILURE_FACTS.keys()
    assert set(FAILURE_REMEDIES.values()) == set(REMEDIES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", FAILURE_FACTS)
def test_every_failure_says_three_things_and_a_word(code: str, language: str) -> None:
    failure = am.Failure(code, 3, am.Facts.of(dict.fromkeys(FAILURE_FACTS[code], "x")))
    said = {failure.describe(language), failure.expect(language), failure.advise(language)}
    assert len(said) == 3
    assert failure.remedy in REMEDIES


@pytest.mark.parametrize(("version", "found"), [(4, "4"), ("3", '"3"'), (None, "null")])
def test_a_version_is_told_with_the_one_that_was_expected(version: str | int | None, found: str) -> None:
    row = attrs.evolve(data().appointments["A1"], version=version)
    failure = failures_of(data().changed([row]))["version_changed"]
    assert (failure.facts["expected"], failure.facts["found"]) == ("3", found)
    assert "version 3." in failure.expect()
    assert failure.describe().endswith(f"{found}.")


def test_access_is_told_as_it_was_found() -> None:
    weaker = attrs.evolve(data().access["X1"], level="viewing")
    assert failures_of(data().changed([weaker]))["access_lost"].facts["found"] == "viewing"
    gone = failures_of(data().changed([], {"access": ["X1"]}))["access_lost"]
    assert gone.facts == am.Facts(
        profile_id="P1", customer_id="C1", level="treating", found="none", login="enabled"
    )
    assert "at least treating access" in gone.expect()


def test_a_log_in_that_was_switched_off_is_told() -> None:
    people = [customer("C1"), customer("C2")]
    rows = [access("X1"), access("X2", customer_id="C2")]
    whole = snapshot(customers=people, access=rows)
    asked = am.MergeRequest(survivor="C1", absorbed=["C2"], actor="P1")
    confirmed = am.plan_merge(whole, asked, at=NOON).confirm(by="Ann Example", at=NOON)
    failures = am.check(whole.changed([profile(login="disabled")]), confirmed)
    assert {failure.code for failure in failures} == {"access_lost"}
    assert {(f.facts["found"], f.facts["login"]) for f in failures} == {("treating", "disabled")}


def test_what_is_not_there_any_more_is_told_as_gone_and_not_as_changed() -> None:
    found = failures_of(data().changed([], {"appointment": ["A1"]}))
    assert found["gone"].facts == am.Facts(entity="appointment", id="A1")
    assert "drifted" not in found
