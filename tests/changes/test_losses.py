"""A row that a store returns in another form than it was written: told as such, and only with a receipt."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.changes.losses import LOSSES
from accountmerge.changes.receipts import RECEIPT_OUTCOMES
from accountmerge.model.entities import KINDS, Entity, kind_of
from small_values import NOON, access, access_request, appointment, customer, profile, record

EXACT = datetime(2026, 3, 2, 12, 30, 15, 678_901, tzinfo=UTC)
CUTS = [EXACT.replace(microsecond=found) for found in (0, 678_000, 679_000)] + [
    EXACT.replace(second=16, microsecond=0)
]
"""An instant cut to seconds and milliseconds, and rounded to both."""


def slots(at: datetime, *more: datetime) -> am.TimeSlot:
    return am.TimeSlot(at, (more or (at,))[0] + timedelta(hours=1))


def hours(at: time) -> am.WeeklyHours:
    return am.WeeklyHours("UTC", days={"monday": [am.DailyHours(at, time(17))]})  # type: ignore[arg-type]


def emails(*texts: str) -> list[am.CustomerEmail]:
    return [am.CustomerEmail(text, "secondary", "C2") for text in texts]


def json(value: Any) -> am.model.FrozenJson:
    return am.model.FrozenJson.of(value)


CASES: list[tuple[Entity, str, Any, Any, str]] = [
    # times
    *((record(), "created_at", EXACT, cut, "time_cut") for cut in CUTS),
    *((access(), "since", EXACT, cut, "time_cut") for cut in CUTS),
    (customer(), "merged_at", EXACT, CUTS[0], "time_cut"),
    (access_request(), "requested_at", EXACT, CUTS[0], "time_cut"),
    (access_request(), "expires_at", EXACT, CUTS[1], "time_cut"),
    (access_request(), "decided_at", EXACT, CUTS[1], "time_cut"),
    *((appointment(), "slot", slots(EXACT), slots(cut), "time_cut") for cut in CUTS),
    (profile(), "unavailable", [slots(EXACT), slots(NOON)], [slots(CUTS[0]), slots(NOON)], "time_cut"),
    (profile(), "hours", hours(time(9, 0, 1, 5)), hours(time(9, 0, 1)), "time_cut"),
    # outer white space
    (customer(), "given_name", " Ann", "Ann", "space_cut"),
    (customer(), "family_name", "Example ", "Example", "space_cut"),
    (customer(), "address", " 1 Street\n", "1 Street", "space_cut"),
    (customer(), "phones", ["1 ", "2"], ["1", "2"], "space_cut"),
    (customer(), "opt_outs", [" post", "a"], ["post", "a"], "space_cut"),
    (customer(), "emails", emails(" z@example.com", "a b"), emails("z@example.com", "a b"), "space_cut"),
    (customer(), "attributes", json({"size": "M ", "n": 1}), json({"size": "M", "n": 1}), "space_cut"),
    (record(), "data", json({"a": [" x", {"b": "y "}]}), json({"a": ["x", {"b": "y"}]}), "space_cut"),
    (access_request(), "reason", "asked ", "asked", "space_cut"),
    (
        profile(),
        "email",
        am.model.EmailAddress(" p@example.com"),
        am.model.EmailAddress("p@example.com"),
        "space_cut",
    ),
    # letters
    (customer(), "given_name", "Ann", "ann", "case_folded"),
    (customer(), "given_name", "Ann", "ANN", "case_folded"),
    (customer(), "family_name", "Weiß", "weiss", "case_folded"),
    (customer(), "address", "1 Street", "1 STREET", "case_folded"),
    (customer(), "record_number", "R1a", "r1a", "case_folded"),
    (customer(), "former_record_numbers", ["B1", "a1"], ["b1", "a1"], "case_folded"),
    (customer(), "emails", emails("Z@example.com", "A b"), emails("z@example.com", "a b"), "case_folded"),
    (customer(), "attributes", json({"Size": "M"}), json({"Size": "m"}), "case_folded"),
    (appointment(), "cancel_reason", "Rebooked", "rebooked", "case_folded"),
    (record(), "unique_key", "Intake", "intake", "case_folded"),
    (record(), "data", json({"a": ["X"]}), json({"a": ["x"]}), "case_folded"),
    (access_request(), "decided_by", "Bo", "bo", "case_folded"),
    (
        profile(),
        "email",
        am.model.EmailAddress("P@example.com"),
        am.model.EmailAddress("p@example.com"),
        "case_folded",
    ),
    # empty and absent
    (customer(), "given_name", "", None, "empty_or_absent"),
    (customer(), "given_name", None, "", "empty_or_absent"),
    (customer(), "address", "", None, "empty_or_absent"),
    (access_request(), "reason", None, "", "empty_or_absent"),
    (customer(), "attributes", json({"a": "", "b": 1}), json({"b": 1}), "empty_or_absent"),
    (customer(), "attributes", json({"b": 1}), json({"a": "", "b": 1}), "empty_or_absent"),
    (record(), "data", json(""), None, "empty_or_absent"),
    (record(), "data", None, json(""), "empty_or_absent"),
    (record(), "data", json([{"a": ""}]), json([{}]), "empty_or_absent"),
    # order
    (customer(), "phones", ["2", "1", "2"], ["1", "2", "2"], "reordered"),
    (
        record(),
        "data",
        json({"pages": [2, 1, {"a": [4, 3]}]}),
        json({"pages": [{"a": [3, 4]}, 1, 2]}),
        "reordered",
    ),
]
"""An entity, a field, the planned value, the value found, and the loss between them."""

REAL: list[tuple[Entity, str, Any, Any]] = [
    (customer(), "given_name", "Ann", "Anne"),
    (customer(), "given_name", "Ann", "Ann "),  # added, not cut
    (customer(), "given_name", "ann", "Ann"),
    (customer(), "given_name", " Ann", "ann"),  # two kinds of loss
    (customer(), "given_name", "Ann", None),
    (customer(), "given_name", "Ann", ""),
    (customer(), "address", "1  Street", "1 Street"),  # not outer space
    (customer(), "phones", ["1", "2"], ["1"]),
    (customer(), "phones", ["1", "1", "2"], ["1", "2", "2"]),
    (customer(), "phones", ["1", "2"], ["2", "1", "3"]),
    (customer(), "emails", emails("a@example.com"), [am.CustomerEmail("a@example.com", "former", "C2")]),
    (customer(), "emails", emails("a@example.com"), [am.CustomerEmail("a@example.com", "secondary", "c2")]),
    (customer(), "attributes", json({"a": None}), json({})),
    (customer(), "attributes", json({"a": 0}), json({"a": False})),
    (customer(), "attributes", json({"A": "x"}), json({"a": "x"})),
    (customer(), "status", "active", "disabled"),
    (record(), "created_at", EXACT, None),
    (record(), "created_at", EXACT, EXACT.replace(microsecond=678_900)),
    (record(), "created_at", EXACT, EXACT.replace(second=0, microsecond=0)),  # cut to minutes
    (record(), "created_at", EXACT, EXACT.replace(second=14, microsecond=0)),
    (record(), "data", json({"a": [1]}), json({"a": [1, 1]})),
    (record(), "data", json({}), None),
    (record(), "customer_id", "C1", "c1"),
    (record(), "profile_id", None, "P1"),
    (appointment(), "slot", slots(EXACT), slots(CUTS[0], EXACT)),  # one end only
    (appointment(), "slot", slots(NOON), slots(NOON + timedelta(hours=1))),
    (appointment(), "status", "booked", "cancelled"),
    (appointment(), "replaced_by", None, "A2"),
    (profile(), "practitioner_id", "H1", "h1"),
    (profile(), "succeeded_by", "P2", "p2"),
    (access(), "since", EXACT, None),
    (access(), "profile_id", "P2", "p2"),
]
"""Changes of another program or person, which no column makes."""


def everything(*more: Any) -> am.Snapshot:
    """Return data to which all rows of the cases may refer, and more rows."""
    rows = [
        *(profile("P1"), profile("P2"), profile("p2")),
        *(customer("C1"), customer("C2"), customer("c1"), customer("c2"), customer("LAST")),
        *(appointment("A1"), appointment("A2"), record(), access(), access_request()),
    ]
    collections: dict[str, Any] = {
        kind.collection: [row for row in rows if type(row) is kind.cls] for kind in KINDS
    }
    return am.Snapshot(NOON, **collections).changed(more)


def judged(planned: Any, found: Any, outcome: Any = "applied", *, edits: int = 1) -> list[am.changes.Failure]:
    """Return the failures of a change set whose first step wrote an entity, and whose last step is left."""
    before = attrs.evolve(planned, **marked(planned))
    last = everything().customers["LAST"]
    pairs = [(before, planned), (last, attrs.evolve(last, given_name="Z"))]
    steps = [
        am.changes.Step(
            number,
            "edit_customer",
            am.changes.Reason("edit_asked", am.model.Facts(customer_id=pair[0].id, fields=())),
            (),
            (am.changes.Edit(*pair),),
        )
        for number, pair in enumerate(pairs, start=1)
    ]
    change_set = am.ChangeSet(
        plan_id="p", intent="customer_edit", request=json({}), rules_digest="", at=NOON, steps=tuple(steps)
    )
    receipts = [] if outcome is None else [am.Receipt(step_id="p/1", outcome=outcome, at=NOON, by="sync")]
    return list(am.check(everything(found), change_set, receipts))


def marked(row: Any) -> dict[str, Any]:
    """Return a change of a field that no case touches, so that the first step has an edit."""
    others: dict[type, dict[str, Any]] = {
        am.Profile: {"login": "disabled"},
        am.Customer: {"birth_date": datetime(1990, 1, 1, tzinfo=UTC).date()},
        am.Appointment: {"modality": "chat"},
        am.Record: {"kind": "file"},
        am.Access: {"level": "viewing"},
        am.AccessRequest: {"status": "withdrawn"},
    }
    return others[type(row)] if getattr(row, "level", None) != "viewing" else {"level": "treating"}


def failure(code: str, row: Entity, *fields: str, **losses: Any) -> am.changes.Failure:
    return am.changes.Failure.of(code, 1, entity=kind_of(row).name, id=row.id, fields=fields, **losses)


def named(case: Any) -> str:
    return f"{type(case[0]).__name__}.{case[1]}" if isinstance(case, tuple) else ""


IDS = [f"{named(case)} {case[4]}" for case in CASES]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_loss_of_a_narrow_column_is_told_with_its_field_where_a_receipt_says_written(case: Any) -> None:
    row, name, planned, found, loss = case
    written, returned = (attrs.evolve(row, **{name: value}) for value in (planned, found))
    lost = failure("not_read_back", row, name, losses=(loss,))
    drifted = failure("drifted", row, name)
    wanted = {"applied": lost, "already": lost, "refused": drifted, "unknown": drifted, None: drifted}
    assert set(wanted) == {*RECEIPT_OUTCOMES, None}
    for outcome, told in wanted.items():
        assert judged(written, returned, outcome) == [told]
    assert lost.remedy == "mend"
    numbered = attrs.evolve(returned, version="other")  # the store owns it
    assert judged(written, numbered) == [lost]
    assert judged(written, written) == []


@pytest.mark.unmeasured
@pytest.mark.parametrize("case", REAL, ids=[f"{named(case)} {number}" for number, case in enumerate(REAL)])
def test_a_real_change_stays_drift_also_beside_a_loss(case: Any) -> None:
    row, name, planned, found = case
    written, changed = (attrs.evolve(row, **{name: value}) for value in (planned, found))
    assert [told.code for told in judged(written, changed)] == ["drifted"]
    for other, field, exact, cut, _ in CASES:
        if type(other) is type(row) and field != name:
            both = attrs.evolve(changed, **{field: cut})
            told = judged(attrs.evolve(written, **{field: exact}), both)
            assert [found.code for found in told] == ["drifted"]
            assert {name, field} == set(told[0].facts["fields"])  # type: ignore[arg-type]


@given(st.data())
def test_several_fields_may_each_have_their_own_loss(data: Any) -> None:
    row = data.draw(st.sampled_from([customer(), record(), access_request(), profile()]))
    own = [case for case in CASES if type(case[0]) is type(row)]
    chosen = data.draw(st.lists(st.sampled_from(own), min_size=2, unique_by=lambda case: case[1]))
    written = attrs.evolve(row, **{name: planned for _, name, planned, _, _ in chosen})
    returned = attrs.evolve(row, **{name: found for _, name, _, found, _ in chosen})
    (told,) = judged(written, returned)
    assert told.code == "not_read_back"
    assert set(told.facts["fields"]) == {case[1] for case in chosen}  # type: ignore[arg-type]
    assert told.facts["losses"] == tuple(sorted({case[4] for case in chosen}))


def test_every_kind_of_loss_and_of_entity_is_among_the_cases() -> None:
    assert {case[4] for case in CASES} == set(LOSSES)
    assert {type(case[0]) for case in CASES} == {kind.cls for kind in KINDS}


def test_a_loss_shows_no_personal_value() -> None:
    for row, name, planned, found, _ in CASES:
        (told,) = judged(*(attrs.evolve(row, **{name: value}) for value in (planned, found)))
        for language in ("en", "fr"):
            text = told.describe(language) + told.expect(language) + told.advise(language) + repr(told)
            assert "Ann" not in text
            assert "Street" not in text
