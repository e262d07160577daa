"""What `check` tells: what was found, what was expected instead, and what to do about it."""

from __future__ import annotations

import pickle

import attrs
import pytest

import accountmerge as am
from accountmerge.changes.failures import FAILURE_FACTS, FAILURE_REMEDIES, REMEDIES, SHOWN_FAILURES
from accountmerge.messages import LANGUAGES, sentence
from small_values import NOON, access, appointment, customer, profile, request, slot, snapshot


def data() -> am.Snapshot:
    booked = [appointment("A1", slot(60), version=3)]
    return snapshot(appointments=booked, access=[access(version="v1")])


CHANGE_SET = am.plan_migration(data(), request(), at=NOON).change_set


def failures_of(found: am.Snapshot) -> dict[str, am.changes.Failure]:
    return {failure.code: failure for failure in am.check(found, CHANGE_SET)}


def test_every_failure_has_a_remedy_and_every_remedy_a_failure() -> None:
    assert FAILURE_REMEDIES.keys() == FAILURE_FACTS.keys()
    assert set(FAILURE_REMEDIES.values()) == set(REMEDIES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", FAILURE_FACTS)
def test_every_failure_says_three_things_and_a_word(code: str, language: str) -> None:
    failure = am.changes.Failure(code, 3, am.model.Facts.of(dict.fromkeys(FAILURE_FACTS[code], "x")))
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
    assert gone.facts == am.model.Facts(
        profile_id="P1", customer_id="C1", level="treating", found="none", login="enabled"
    )
    assert "at least treating access" in gone.expect()


def test_a_login_that_was_switched_off_is_told() -> None:
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
    assert found["gone"].facts == am.model.Facts(entity="appointment", id="A1")
    assert "drifted" not in found


# Drift


def told(found: am.Snapshot, change_set: am.ChangeSet = CHANGE_SET) -> list[am.changes.Failure]:
    return [failure for failure in am.check(found, change_set) if failure.code in ("drifted", "gone")]


def drift(step: int, *fields: str, id: str = "A1") -> am.changes.Failure:
    return am.changes.Failure.of("drifted", step, entity="appointment", id=id, fields=fields)


REBOOK = next(step.ordinal for step in CHANGE_SET.steps if step.kind == "rebook")


def test_drift_is_told_at_its_step_with_the_fields_that_differ_from_the_nearest_image() -> None:
    row = data().appointments["A1"]
    gone = am.changes.Failure.of("gone", REBOOK, entity="appointment", id="A1")
    assert told(data().changed([], {"appointment": ["A1"]})) == [gone]
    moved = attrs.evolve(row, modality="phone", time_zone="Pacific/Auckland", version=8, number="APP-7")
    assert told(data().changed([moved])) == [drift(REBOOK, "time_zone", "modality")]
    after = am.apply(data(), CHANGE_SET).appointments["A1"]
    done = attrs.evolve(after, cancel_reason="by phone", version=8)
    assert after.replaced_by is not None
    booked = am.apply(data(), CHANGE_SET.prefix(REBOOK - 1)).changed([appointment(after.replaced_by), done])
    differing = {failure.facts["id"]: failure.facts["fields"] for failure in told(booked)}
    assert differing["A1"] == ("cancel_reason",)  # of the image after the edit, not of the one before


def test_what_stands_where_something_is_to_be_made_is_told() -> None:
    made = next(
        edit.after
        for step in CHANGE_SET.steps
        for edit in step.edits
        if edit.op == "create" and step.ordinal == REBOOK
    )
    assert isinstance(made, am.Appointment)
    there = attrs.evolve(made, profile_id="P1", modality="phone", replaces=None)
    assert told(data().changed([there])) == [drift(REBOOK, "profile_id", "modality", "replaces", id=made.id)]


# What is refused is told


def test_a_refusal_tells_the_first_failures_with_what_to_do_and_counts_the_others() -> None:
    one = am.changes.Failure.of("booking_numbered", 2, id="A1")
    whole = am.changes.Failure.of("unconfirmed")
    for language in LANGUAGES:
        heading, first, second = am.ApplyRefused([one, whole]).describe(language).splitlines()
        assert first == f"  {one.describe(language)} {one.advise(language)}"
        assert second == f"  {whole.describe(language)} {whole.advise(language)}"
        assert heading == sentence("error.apply_refused", {"count": 2}, language)
        as_many = am.ApplyRefused([one] * SHOWN_FAILURES).describe(language).splitlines()
        assert as_many[1:] == [first] * SHOWN_FAILURES
        lines = am.ApplyRefused([one] * (SHOWN_FAILURES + 1)).describe(language).splitlines()
        assert len(lines) == SHOWN_FAILURES + 2
        assert lines[1:-1] == [first] * SHOWN_FAILURES
        assert lines[-1] == "  " + sentence("error.more_failures", {"count": 1}, language)
    assert am.ApplyRefused([one]).describe() == am.ApplyRefused([one]).describe("en")
    assert am.ApplyRefused([one]).describe() != am.ApplyRefused([one]).describe("fr")
    assert str(am.ApplyRefused([one])) == am.ApplyRefused([one]).describe()
    assert (am.ApplyRefused([one]).code, am.ApplyRefused([one]).facts) == (
        "apply_refused",
        am.model.Facts(count=1),
    )


def test_a_refusal_can_be_sent_to_another_process() -> None:
    refusal = am.ApplyRefused([am.changes.Failure.of("booking_numbered", 2, id="A1")])
    twin = pickle.loads(pickle.dumps(refusal))  # noqa: S301 - our own bytes
    assert type(twin) is am.ApplyRefused
    assert (twin.failures, twin.describe("fr")) == (refusal.failures, refusal.describe("fr"))


def test_a_failure_names_its_step() -> None:
    at_step, whole = (
        am.changes.Failure.of("booking_numbered", 7, id="A1"),
        am.changes.Failure.of("booking_numbered", id="A1"),
    )
    assert (at_step.step, whole.step) == (7, None)
    for language in LANGUAGES:
        at = am.model.Facts(step=7, text=whole.describe(language))
        assert at_step.describe(language) == sentence("failure.at_step", at, language)
    assert sentence("failure.at_step", at, "en") != sentence("failure.at_step", at, "fr")
