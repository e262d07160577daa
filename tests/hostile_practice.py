"""A practice in which every id and every text of people tries to be something else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import accountmerge as am

AT = datetime(2026, 3, 1, 22, tzinfo=UTC)


def hostile_plan(text: str) -> tuple[am.MigrationPlan, am.MergePlan]:
    """Return plans of a practice in which every id and every text is hostile."""
    whole, text = text, text[:190]  # no id is longer
    slot = am.TimeSlot(AT + timedelta(days=3), AT + timedelta(days=3, hours=1))
    booking = am.Appointment(
        id=f"a{text}",
        number=f"n{text}"[:100],
        profile_id=f"p{text}",
        customer_id=f"c{text}",
        slot=slot,
        time_zone="UTC",
        modality="chat",
        status="booked",
    )
    old = am.Profile(
        id=f"p{text}",
        practitioner_id=f"d{text}",
        email=am.model.EmailAddress("old@example.org"),
        login="enabled",
        schedule="active",
    )
    customers = [
        am.Customer(
            id=f"{letter}{text}",
            record_number=letter,
            given_name=text,
            emails=[],
            phones=(text,),
            address=whole,
            status="active",
        )
        for letter in "cd"
    ]
    access = [
        am.Access(id=f"a{row.id}", profile_id=old.id, customer_id=row.id, level="treating")
        for row in customers
    ]
    note = am.Record(id=f"r{text}", kind="note", customer_id=f"d{text}")
    snapshot = am.Snapshot(
        AT, profiles=[old], customers=customers, appointments=[booking], access=access, records=[note]
    )
    request = am.MigrationRequest(
        profile_id=old.id,
        new_email=am.model.EmailAddress("new@example.org"),
        reason="security",
        ticket=f"t{text}",
        agreement=am.Agreement(by=text, at=AT, version=f"v{text}"),
    )
    asked = am.MergeRequest(survivor=f"c{text}", absorbed=[f"d{text}"], actor=old.id)
    merged = am.plan_merge(snapshot, asked, at=AT)
    assert merged.is_ready, merged.findings
    return am.plan_migration(snapshot, request, at=AT), merged
