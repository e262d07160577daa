"""Law 14: no personal value in a repr, an error, a refusal or a text view."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
import pytest

import accountmerge as am

AT = datetime(2026, 3, 2, tzinfo=UTC)
CANARIES = (
    "canary.old@example.com",
    "canary.new@example.com",
    "canary.customer@example.com",
    "Canarygiven",
    "Canaryfamily",
    "0400-CANARY",
    "1 Canary Street",
    "1901-02-03",
    "canary note",
    "canary attribute",
    "Canary Agreer",
    "Canary Confirmer",
    "Canary Acceptor",
    "canary why",
    "canary opt-out",
    "canary cancelled because",
)


def snapshot() -> am.Snapshot:
    slot = am.TimeSlot(AT + timedelta(days=1), AT + timedelta(days=1, hours=1))
    booking: dict[str, Any] = {
        "profile_id": "P1",
        "customer_id": "C1",
        "time_zone": "UTC",
        "modality": "chat",
        "slot": slot,
    }
    return am.Snapshot(
        AT,
        profiles=[
            am.Profile(id="P1", practitioner_id="H1", email=CANARIES[0], login="enabled", schedule="active"),
            am.Profile(id="P2", practitioner_id="H1", email=CANARIES[1], login="enabled", schedule="pending"),
        ],
        customers=[
            am.Customer(
                id="C1",
                record_number="1",
                given_name="Canarygiven",
                family_name="Canaryfamily",
                emails=[am.CustomerEmail("canary.customer@example.com", "primary")],
                phones=["0400-CANARY"],
                birth_date=date(1901, 2, 3),
                address="1 Canary Street",
                opt_outs=["canary opt-out"],
                attributes=am.FrozenJson.of({"canary attribute": "canary attribute"}),
                status="active",
            )
        ],
        appointments=[
            am.Appointment(id="A1", status="booked", **booking),
            am.Appointment(id="A2", status="cancelled", cancel_reason="canary cancelled because", **booking),
            am.Appointment(id="A3", status="booked", **{**booking, "profile_id": "P2"}),
        ],
        records=[am.Record(id="R1", kind="note", customer_id="C1", data=am.FrozenJson.of("canary note"))],
        access=[am.Access(id="X1", profile_id="P1", customer_id="C1", level="treating")],
    )


def request() -> am.MigrationRequest:
    return am.MigrationRequest(
        profile_id="P1",
        new_email="canary.new@example.com",
        reason="security",
        ticket="T-1",
        agreement=am.Agreement(by="Canary Agreer", at=AT, version="1"),
        accept=[
            am.Acceptance(finding="destination_double_booking:A1:A3", by="Canary Acceptor", why="canary why")
        ],
    )


def nested(value: object) -> list[object]:
    """Return a value and everything it is made of."""
    found = [value]
    kind: Any = type(value)
    if attrs.has(kind):
        for field in attrs.fields(kind):
            found += nested(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            found += nested(item)
    return found


def shown(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary.casefold() in text.casefold()]


def test_no_personal_value_shows_in_any_repr() -> None:
    plan = am.plan_migration(snapshot(), request(), at=AT)
    confirmed = plan.confirm(by="Canary Confirmer", at=AT)
    assert plan.is_ready
    assert len(confirmed.steps) > 4
    rows = [
        row
        for name in ("profiles", "customers", "appointments", "records", "access")
        for row in getattr(snapshot(), name)
    ]
    values = [plan, confirmed, request(), snapshot(), *rows]
    ours = [
        part
        for whole in values
        for part in nested(whole)
        if type(part).__module__.startswith("accountmerge.")
    ]
    assert len(ours) > 50
    for value in ours:
        assert not shown(f"{value!r} {value}"), type(value)


def test_no_personal_value_shows_in_findings_and_summaries() -> None:
    blocked = attrs.evolve(request(), accept=(), new_email="canary.new@example.com ", reason="Canarygiven")
    for asked in (request(), blocked):
        plan = am.plan_migration(snapshot(), asked, at=AT)
        for language in ("en", "fr"):
            assert not shown(plan.summary(language))
            for finding in plan.findings:
                assert not shown(
                    finding.describe(language) + finding.advise(language) + finding.id + repr(finding.facts)
                )


def test_no_personal_value_shows_in_a_refusal() -> None:
    plan = am.plan_migration(snapshot(), request(), at=AT)
    before = snapshot()
    drifted = before.changed(
        [attrs.evolve(before.appointments["A1"], cancel_reason="canary cancelled because")]
    )
    taken = am.Profile(
        id="P9", practitioner_id="H9", email="canary.new@example.com", login="enabled", schedule="active"
    )
    with pytest.raises(am.ApplyRefused) as refusal:
        am.apply(drifted.changed([taken]), plan.change_set)
    texts = [
        str(refusal.value),
        repr(refusal.value),
        refusal.value.describe("fr"),
        repr(refusal.value.failures),
    ]
    assert not shown("".join(texts))
    opened = am.plan_migration(
        before, attrs.evolve(request(), new_email="canary.other@example.com", ticket="T-2"), at=AT
    )
    assert "canary" not in repr(opened.change_set.steps)


def merge_snapshot() -> am.Snapshot:
    """Return the practice with a second customer who is the same person and has secrets of their own."""
    twin = am.Customer(
        id="C2",
        record_number="2",
        given_name="Canaryfamily",
        emails=[
            am.CustomerEmail("canary.old@example.com", "primary"),
            am.CustomerEmail(" Canary.Customer@example.com", "former"),
        ],
        phones=["0400-CANARY", "0401-CANARY"],
        birth_date=date(1901, 2, 4),
        address="2 Canary Street",
        opt_outs=["canary opt-out too"],
        attributes=am.FrozenJson.of({"canary attribute": "another canary attribute"}),
        status="active",
    )
    secret = am.FrozenJson.of("canary note")
    relation: dict[str, Any] = {"kind": "relation", "related_customer_id": "C1", "data": secret}
    rows: list[Any] = [twin, am.Record(id="R2", customer_id="C2", **relation)]
    rows.append(am.Record(id="R3", kind="note", customer_id="C2", data=secret, unique_key="canary note"))
    rows.append(am.Access(id="X2", profile_id="P1", customer_id="C2", level="treating"))
    return snapshot().changed(rows)


def merge(kept: Any = "survivor", accept: str = "Canary Acceptor") -> am.MergePlan:
    value = am.FrozenJson.of("Canarygiven")
    fields = [
        am.FieldRule(field="given_name", policy="explicit", value=value),
        am.FieldRule(field="birth_date", policy="must_agree" if kept == "ask" else "survivor_first"),
    ]
    rules = am.MergeRules(fields=fields, kept_primary=kept)
    accepted = [am.Acceptance(finding="acceptance:1", by=accept, why="canary why")]
    request = am.MergeRequest(survivor="C1", absorbed=("C2",), actor="P1", accept=accepted)
    return am.plan_merge(merge_snapshot(), request, rules=rules, at=AT)


def test_no_personal_value_shows_in_what_a_merge_makes() -> None:
    ready, blocked = merge(), merge("ask")
    confirmed = ready.confirm(by="Canary Confirmer", at=AT)
    assert {entry.field for entry in ready.ledger} >= {"record", "birth_date", "address", "emails"}
    assert {finding.code for finding in blocked.blockers} == {"must_agree", "two_primary_emails"}
    values = [ready, blocked, confirmed, ready.request, ready.rules]
    ours = [
        part
        for whole in values
        for part in nested(whole)
        if type(part).__module__.startswith("accountmerge.")
    ]
    assert len(ours) > 100
    for value in ours:
        assert not shown(f"{value!r} {value}"), type(value)
    for plan in (ready, blocked):
        for language in ("en", "fr"):
            assert not shown(plan.summary(language))
            for finding in plan.findings:
                assert not shown(
                    finding.describe(language) + finding.advise(language) + finding.id + repr(finding.facts)
                )


def test_no_personal_value_shows_in_the_refusal_of_a_merge() -> None:
    before, change_set = merge_snapshot(), merge().confirm(by="Canary Confirmer", at=AT)
    customer = before.customers["C2"]
    meanwhile: list[Any] = [
        attrs.evolve(customer, phones=["0402-CANARY"]),
        am.Record(id="R9", kind="note", customer_id="C2", data=am.FrozenJson.of("canary note")),
        am.Customer(
            id="C9", record_number="9", emails=[am.CustomerEmail(CANARIES[0], "primary")], status="active"
        ),
        attrs.evolve(before.profiles["P1"], login="disabled"),
    ]
    with pytest.raises(am.ApplyRefused) as refusal:
        am.apply(before.changed(meanwhile), change_set)
    codes = {failure.code for failure in refusal.value.failures}
    assert codes >= {"drifted", "reference_left", "access_lost"}
    texts = [str(refusal.value), repr(refusal.value), refusal.value.describe("fr")]
    assert not shown("".join([*texts, repr(refusal.value.failures)]))
