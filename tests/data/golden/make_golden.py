"""Golden files: invented documents of every format, made once for each edition of the formats and kept for ever.

`python tests/data/golden/make_golden.py` writes the files that are missing and touches no other: one that
would come out otherwise is told, and stays as it is. A new edition gets a folder of its own.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import attrs

import accountmerge as am

FOLDER = Path(__file__).with_name("1")
AT = datetime(2026, 3, 2, 22, tzinfo=UTC)
ZONE = "Australia/Sydney"


def slot(days: float, minutes: int = 50) -> am.TimeSlot:
    start = AT + timedelta(days=days)
    return am.TimeSlot(start, start + timedelta(minutes=minutes))


def booking(id: str, customer: str, when: am.TimeSlot, **more: Any) -> am.Appointment:
    given: dict[str, Any] = {"profile_id": "profile-1", "modality": "video", "status": "booked"}
    return am.Appointment(id=id, customer_id=customer, slot=when, time_zone=ZONE, **(given | more))


def practice() -> am.Snapshot:
    """Return a practice of one practitioner, in which two customers are one person."""
    days = {"monday": (am.DailyHours(time(9), time(12)), am.DailyHours(time(20), time(2))), "friday": ()}
    return am.Snapshot(
        AT - timedelta(minutes=5),
        profiles=[
            am.Profile(
                id="profile-1",
                practitioner_id="practitioner-1",
                email=am.model.EmailAddress("lee@example.com"),
                login="enabled",
                schedule="active",
                hours=am.WeeklyHours(ZONE, days=days, closed=[date(2026, 4, 3)]),  # type: ignore[arg-type]
                unavailable=[slot(3.5, 120)],
                version=7,
            ),
            am.Profile(
                id="profile-2",
                practitioner_id="practitioner-2",
                email=am.model.EmailAddress("ana@example.com"),
                login="enabled",
                schedule="active",
            ),
        ],
        customers=[
            am.Customer(
                id="customer-1",
                record_number="R100",
                former_record_numbers=["R7"],
                given_name="Łucja",
                family_name="Świętopełk",
                emails=[
                    am.CustomerEmail(am.model.EmailAddress("lucja@example.com"), "secondary"),
                    am.CustomerEmail(am.model.EmailAddress("not an address"), "former"),
                ],
                phones=["+61 2 5550 1000"],
                attributes=am.model.FrozenJson.of({"reminders": False, "shoe_size": 39, "nickname": None}),
                status="active",
                version="a1",
            ),
            am.Customer(
                id="customer-2",
                record_number="R101",
                given_name="Lucja",
                family_name="Swietopelk",
                emails=[am.CustomerEmail(am.model.EmailAddress("l.s@example.net"), "primary")],
                phones=["+61 2 5550 1000", "+61 2 5550 2000"],
                birth_date=date(1990, 5, 17),
                address="1 Sample Street, Imaginary Bay",
                opt_outs=["newsletter"],
                attributes=am.model.FrozenJson.of({"reminders": True, "language": "pl"}),
                status="active",
            ),
            am.Customer(id="customer-3", record_number="R7x", emails=[], status="active"),
        ],
        appointments=[
            booking("booking-1", "customer-1", slot(2), number="APP-501", version=2),
            booking("booking-2", "customer-2", slot(3), modality="in_person", status="held"),
            booking("booking-3", "customer-3", slot(-9), number="ASST-77", status="completed"),
            booking("booking-4", "customer-2", slot(-8), status="cancelled", cancel_reason="ill"),
        ],
        records=[
            am.Record(
                id="record-1", kind="relation", customer_id="customer-1", related_customer_id="customer-2"
            ),
            am.Record(
                id="record-2",
                kind="note",
                customer_id="customer-2",
                profile_id="profile-1",
                attached_to="record-4",
                created_at=AT - timedelta(days=100),
                data=am.model.FrozenJson.of({"pages": [1, 2.5, {"blank": None}]}),
                version=1,
            ),
            am.Record(id="record-3", kind="programme", customer_id="customer-1", unique_key="intake"),
            am.Record(id="record-4", kind="programme", customer_id="customer-2", unique_key="intake"),
        ],
        access=[
            am.Access(id="access-1", profile_id="profile-1", customer_id="customer-1", level="treating"),
            am.Access(
                id="access-2",
                profile_id="profile-1",
                customer_id="customer-2",
                level="treating",
                since=AT - timedelta(days=200),
                version=1,
            ),
            am.Access(id="access-3", profile_id="profile-2", customer_id="customer-2", level="viewing"),
        ],
        access_requests=[
            am.AccessRequest(
                id="request-1",
                profile_id="profile-2",
                customer_id="customer-2",
                requested_at=AT - timedelta(days=2),
                expires_at=AT + timedelta(days=12),
                status="pending",
            ),
            am.AccessRequest(
                id="request-2",
                profile_id="profile-1",
                customer_id="customer-3",
                requested_at=AT - timedelta(days=20),
                expires_at=AT - timedelta(days=6),
                status="denied",
                reason="Asked by mistake.",
                decided_by="customer-3",
                decided_at=AT - timedelta(days=19),
            ),
        ],
    )


MERGE_RULES = am.MergeRules(
    name="golden",
    version="3",
    fields=[
        am.merges.FieldRule(field="family_name", policy="survivor_first"),
        am.merges.FieldRule(
            field="attributes.language", policy="explicit", value=am.model.FrozenJson.of("fr")
        ),
    ],
    record_kinds=[
        am.merges.RecordKind(kind="programme", one_per_customer=True),
        am.merges.RecordKind(kind="invoice"),
    ],
    kept_primary="absorbed",
    undo="while_unchanged",
)
CUSTOMER_RULES = am.customers.CustomerRules(name="golden", version="3", staff_may_decide=True)


def plans() -> dict[str, Any]:
    """Return a ready plan of every intent."""
    before = practice()
    accept = [
        am.Acceptance(finding="one_per_customer:record-3:record-4", by="Kim Example", why="Both are empty.")
    ]
    requests: dict[str, Any] = {
        "migration": am.MigrationRequest(
            profile_id="profile-1",
            new_email=am.model.EmailAddress("lee@example.org"),
            reason="lost_mailbox",
            ticket="T-12",
            agreement=am.Agreement(by="Lee Example", at=AT - timedelta(days=1), version="4"),
            numbers={"booking-1": "APP-900"},
        ),
        "merge": am.MergeRequest(
            survivor="customer-1", absorbed=["customer-2"], actor="profile-1", accept=accept
        ),
        "access_request": am.customers.NewAccessRequest(
            profile_id="profile-2", customer_id="customer-1", expires_at=AT + timedelta(days=14)
        ),
        "access_decision": am.customers.AccessDecision(
            request_id="request-1", decision="approve", role="customer", by="customer-2", reason="Known."
        ),
        "primary_email": am.customers.PrimaryEmailChange(
            customer_id="customer-1", action="set", address=am.model.EmailAddress("lucja@example.com")
        ),
        "customer_edit": am.customers.CustomerEdit(
            customer_id="customer-2",
            changes=am.model.FrozenJson.of(
                {"phones": [], "address": None, "add_emails": ["new@example.org"]}
            ),
        ),
    }
    requests["rebooking"] = am.rebooking.RebookingRequest(
        number="APP-501",
        initials="Ł.Ś.",
        start=datetime(2026, 3, 8, 23, tzinfo=UTC),
        time_zone=ZONE,
        modality="phone",
        old_email="lee@example.com",
        new_email="lee@example.org",
    )
    rules: Any = am.MigrationRules(minutes_per_booking=7)
    found: dict[str, Any] = {
        "migration": am.plan_migration(before, requests["migration"], rules=rules, at=AT),
        "merge": am.plan_merge(before, requests["merge"], rules=MERGE_RULES, at=AT),
        "access_request": am.customers.plan_access_request(
            before, requests["access_request"], rules=CUSTOMER_RULES, at=AT
        ),
        "access_decision": am.customers.plan_access_decision(
            before, requests["access_decision"], rules=CUSTOMER_RULES, at=AT
        ),
        "primary_email": am.customers.plan_primary_email(
            before, requests["primary_email"], rules=CUSTOMER_RULES, at=AT
        ),
        "customer_edit": am.customers.plan_customer_edit(
            before, requests["customer_edit"], rules=CUSTOMER_RULES, at=AT
        ),
    }
    moved = am.apply(before, found["migration"].change_set)
    found["rebooking"] = am.rebooking.plan_rebooking(moved, requests["rebooking"], rules=rules, at=AT)
    return {
        intent: attrs.evolve(
            plan,
            change_set=attrs.evolve(
                plan.change_set, annotations=am.model.FrozenJson.of({"golden": [intent]})
            ),
        )
        for intent, plan in found.items()
    }


def documents() -> dict[str, Any]:
    """Return every golden value by the name of its file: what it is about, and which part of that."""
    found: dict[str, Any] = {"practice": practice()}
    for intent, plan in plans().items():
        assert plan.is_ready, (intent, plan.blockers)
        found |= {f"{intent}.request": plan.request, f"{intent}.rules": plan.rules, f"{intent}.plan": plan}
        before = found["migration.after"] if intent == "rebooking" else practice()
        found |= parts(intent, before, plan.change_set)
    found |= parts("undo", found["merge.after"], am.invert(found["merge.changeset"]))
    blocked = am.plan_merge(
        practice(), am.MergeRequest(survivor="customer-1", absorbed=["customer-9"], actor="profile-2"), at=AT
    )
    return found | {"blocked.plan": blocked, "blocked.changeset": blocked.change_set}


def parts(name: str, before: am.Snapshot, change_set: am.ChangeSet) -> dict[str, Any]:
    """Return what a change set goes through: confirmed, cut short, written by a store, and applied."""
    confirmed = change_set.confirm(by="Kim Example", at=AT + timedelta(hours=1))
    prefix = confirmed.prefix((len(change_set.steps) + 1) // 2)
    edit = change_set.steps[0].edits[0]
    number = "APP-1234" if edit.entity == "appointment" else None
    written = [
        am.changes.WrittenEntity(entity=edit.entity, id=edit.id, store_id="S-1", number=number, version=8)
    ]
    receipt = am.Receipt(
        step_id=f"{change_set.plan_id}/1", outcome="applied", written=written, at=AT, by="importer"
    )
    found: dict[str, Any] = {
        f"{name}.changeset": change_set,
        f"{name}.confirmed": confirmed,
        f"{name}.receipt": receipt,
        f"{name}.after": am.apply(before, confirmed),
    }
    if len(change_set.steps) > 1:
        found |= {f"{name}.prefix": prefix, f"{name}.halfway": am.apply(before, prefix)}
    return found


def main() -> int:
    """Write what is missing; tell what would come out otherwise."""
    differs = 0
    for name, value in documents().items():
        target, text = FOLDER / f"{name}.json", am.dumps(value, indent=1) + "\n"
        if not target.exists():
            target.write_text(text, encoding="utf-8")
            print(f"written: {target.name}")
        elif target.read_text(encoding="utf-8") != text:
            differs += 1
            print(f"kept as it is, though it would come out otherwise today: {target.name}")
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main())
