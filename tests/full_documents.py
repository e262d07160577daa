"""One document of every format in which every key is there, as plain JSON data, and the places in them."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

import accountmerge as am
from accountmerge.wire.canonical import sealed
from small_values import (
    NOON,
    access,
    access_request,
    appointment,
    customer,
    migration,
    profile,
    record,
    request,
    slot,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

Place = tuple[str | int, ...]


def full_snapshot() -> am.Snapshot:
    days = (
        ("monday", (am.DailyHours(time(9), time(17)), am.DailyHours(time(18, 30), time(2, 0, 1)))),
        ("friday", ()),
    )
    hours = am.WeeklyHours("Australia/Sydney", days=days, closed=[date(2026, 1, 1)])  # type: ignore[arg-type]
    emails = [am.CustomerEmail("ann@example.com", "primary", "C2"), am.CustomerEmail("a b", "former")]
    return am.Snapshot(
        NOON,
        profiles=[
            profile(
                "P1",
                hours=hours,
                unavailable=[slot(0), slot(90)],
                succeeded_by="P2",
                data=am.model.FrozenJson.of([0, False]),
                version=7,
            ),
            profile("P2", schedule="pending"),
        ],
        customers=[
            customer(
                "C1",
                former_record_numbers=["8", "7"],
                given_name="Ann",
                family_name="",
                emails=emails,
                phones=["2", "1"],
                birth_date=date(1990, 2, 3),
                address="1 Example Street",
                opt_outs=["sms", "post"],
                attributes=am.model.FrozenJson.of({"flag": False, "zero": 0, "empty": "", "nothing": None}),
                merged_into="C2",
                merged_at=NOON,
                version="v1",
            ),
            customer("C2"),
        ],
        appointments=[
            appointment(
                "A1",
                number="APP-1",
                cancel_reason="rebooked",
                status="cancelled",
                replaced_by="A2",
                replaces="A3",
                local_start=datetime(2026, 3, 2, 23),  # noqa: DTZ001
                session_id="S1",
                data=am.model.FrozenJson.of({"invoice": None}),
                created_at=NOON,
                made_by="Bo",
                version=0,
            ),
            appointment("A2", number="ASST-22", replaces="A1"),
            appointment("A3", status="missed"),
        ],
        records=[
            record(
                "R1",
                related_customer_id="C2",
                profile_id="P1",
                attached_to="R2",
                unique_key="key",
                created_at=NOON,
                data=am.model.FrozenJson.of({"deep": [{"er": None}]}),
                version=1,
            ),
            record("R2"),
        ],
        access=[access("X1", since=NOON, created_at=NOON, made_by="Bo", version=1)],
        access_requests=[
            access_request("Q1", reason="asked", decided_by="Bo", decided_at=NOON, version=1),
        ],
        complete_for=am.Completeness(["H1"], ["C1", "C2"], addresses=False),
    )


def full_request() -> am.MigrationRequest:
    accept = [am.Acceptance(finding="destination_double_booking:A1:A2", by="Ann", why="agreed")]
    return request(numbers={"A0": "APP-900"}, accept=accept)


def full_change_set() -> am.ChangeSet:
    entry = am.changes.LedgerEntry(
        entity="customer",
        id="C1",
        field="phones",
        value=am.model.FrozenJson.of(["1"]),
        from_id="C2",
        rule="kept",
    )
    change_set = migration(1, numbers={"A0": "APP-900"}).change_set
    images = full_snapshot()
    whole = sealed(
        attrs.evolve(
            change_set,
            ledger=(entry,),
            tolerated=("email_same:P1",),
            requires=("clusters", "held", "images", "merged_at", "step"),
            obligations=tuple(attrs.evolve(owed, step=2) for owed in change_set.obligations),
            clusters={"existing_double_booking:1": ["A2", "A1"]},
            held={"record": ["R1"], "appointment": ["A2", "A1"]},
            images=(images.records["R1"], images.customers["C1"]),
        )
    )
    remarked = attrs.evolve(whole, annotations=am.model.FrozenJson.of({"seen": [True]}))
    return remarked.confirm(by="Ann", at=NOON + timedelta(hours=1)).prefix(3)


def full_receipt() -> am.Receipt:
    written = [
        am.changes.WrittenEntity(entity="appointment", id="A1", store_id="S1", number="APP-1", version=2)
    ]
    return am.Receipt(step_id="abc/2", outcome="applied", written=written, at=NOON, by="Ann")


def full_limits() -> am.Limits:
    return am.Limits(
        longest_text=100,
        most_phones=0,
        most_emails=2,
        time_unit="second",
        hours=False,
        attributes=False,
        opt_outs=False,
        overlaps=False,
        record_kinds=["note", "file"],
        not_obeyed=["unavailable", "merged_into"],
    )


def full_documents() -> dict[str, Any]:
    """Return a value of every format, by a short name."""
    return {
        "snapshot": full_snapshot(),
        "request": full_request(),
        "rules": am.MigrationRules(minutes_per_booking=7),
        "change set": full_change_set(),
        "plan": attrs.evolve(migration(1, numbers={"A0": "APP-900", "A9": "APP-901"}), limits=full_limits()),
        "receipt": full_receipt(),
        "limits": full_limits(),
        "blocked plan": migration(ticket=""),
        "blocked change set": migration(ticket="").change_set,
    }


GOLDEN = Path(__file__).parent / "data/golden/1"


def golden_documents(*names: str) -> dict[str, Any]:
    """Return golden files as plain JSON data: those that are named, or all."""
    found = {path.stem: path for path in sorted(GOLDEN.glob("*.json"))}
    return {name: json.loads(found[name].read_bytes()) for name in names or found}


def as_json(value: Any) -> Any:
    """Return a value as plain JSON data."""
    return json.loads(am.dumps(value))


def faults_in(data: Any) -> tuple[am.documents.Fault, ...]:
    """Return what is wrong with plain JSON data; nothing if it can be read."""
    try:
        am.loads(json.dumps(data))
    except am.LoadError as error:
        return error.faults
    return ()


def places(data: Any, at: Place = ()) -> Iterator[Place]:
    """Yield the place of every value inside JSON data."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inside:
        yield (*at, key)
        yield from places(value, (*at, key))


def is_free(document: str, place: Place) -> bool:
    """Tell whether any JSON may stand at a place: inside the request of a change set, or in what it only carries."""
    if place[-1] in ("data", "value") or {"data", "value", "annotations"}.intersection(place[:-1]):
        return True
    inner = place[1:] if place[0] == "change_set" else place
    carried = place[0] == "change_set" or document.endswith("change set")
    return carried and len(inner) > 1 and inner[0] == "request"


def path_of(place: Place) -> str:
    """Return a place as faults write it: without the names of attributes, which may be personal."""
    text = ""
    for position, key in enumerate(place):
        if place[position - 1 : position] in (("attributes",), ("clusters",)):
            key = "<key>"  # noqa: PLW2901
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return text


def value_at(data: Any, place: Place) -> Any:
    for key in place:
        data = data[key]
    return data


def replaced(data: Any, place: Place, value: Any) -> Any:
    """Return a copy of JSON data with another value at a place."""
    twin = json.loads(json.dumps(data))
    value_at(twin, place[:-1])[place[-1]] = value
    return twin


def removed(data: Any, place: Place) -> Any:
    """Return a copy of JSON data without what stands at a place."""
    twin = json.loads(json.dumps(data))
    del value_at(twin, place[:-1])[place[-1]]
    return twin
