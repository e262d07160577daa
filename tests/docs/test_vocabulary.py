"""The pages name every finding, every word and every key of every file, and what they say of each is so."""

from __future__ import annotations

import copy
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import accountmerge as am
from accountmerge.changes.change_sets import FIELD_POLICIES, UNDOS
from accountmerge.changes.receipts import RECEIPT_OUTCOMES
from accountmerge.customers.requests import DECIDER_ROLES, DECISIONS, PRIMARY_ACTIONS
from accountmerge.findings.vocabulary import FINDINGS
from accountmerge.kinds import REQUEST_KINDS
from accountmerge.merges.rules import (
    ANSWERS,
    KEPT_PRIMARIES,
    MERGE_ACTORS,
    RECORD_ENDS,
    RULED_FIELDS,
)
from accountmerge.migrations.requests import MIGRATION_REASONS
from accountmerge.migrations.rules import BECOMES
from accountmerge.views.booking_routes import ROUTE_REASONS

if TYPE_CHECKING:
    from collections.abc import Iterator

Place = tuple[str | int, ...]

SECTIONS = {
    "Snapshot": (),
    "Complete for": ("complete_for",),
    "Profile": ("profiles", "*"),
    "Weekly hours": ("profiles", "*", "hours"),
    "Customer": ("customers", "*"),
    "Customer e-mail": ("customers", "*", "emails", "*"),
    "Appointment": ("appointments", "*"),
    "Record": ("records", "*"),
    "Access": ("access", "*"),
    "Access request": ("access_requests", "*"),
}
PLAN_SECTIONS = {
    "Plan": (),
    "Finding": ("findings", "*"),
    "Change set": ("change_set",),
    "Step": ("change_set", "steps", "*"),
    "Guard": ("change_set", "steps", "*", "guards", "*"),
    "Ledger entry": ("change_set", "ledger", "*"),
    "Obligation": ("change_set", "obligations", "*"),
    "Confirmation": ("change_set", "confirmation"),
}
"""Where in a document the objects stand that a section of the page tells the keys of."""

QUESTIONS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "net/questions.jsonl").read_text(encoding="utf-8").splitlines()
]
"""Stored questions, which among them are answered with every code that a planner can give."""


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/files.md").read_text(encoding="utf-8")


def keys(page: str, heading: str) -> dict[str, str]:
    """Return the keys that a section names, and whether each is required."""
    text = re.split(rf"^##+ {heading}$", page, flags=re.MULTILINE)[1].split("\n#")[0]
    return dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", text, flags=re.MULTILINE))


def objects(value: Any, pattern: tuple[str, ...], path: Place = ()) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield the objects of a document that stand where a pattern says, with their places."""
    if not pattern:
        yield path, value
    elif pattern[0] == "*":
        for position, item in enumerate(value):
            yield from objects(item, pattern[1:], (*path, position))
    elif pattern[0] in value:
        yield from objects(value[pattern[0]], pattern[1:], (*path, pattern[0]))


def without(document: Any, path: Place, key: str) -> str:
    changed = found = copy.deepcopy(document)
    for part in path:
        found = found[part]
    del found[key]
    return json.dumps(changed)


def written_path(path: Place, key: str) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in (*path, key)).lstrip(".")


def is_missed(document: Any, path: Place, key: str) -> bool:
    """Tell whether a document without a key is refused for just that."""
    try:
        am.loads(without(document, path, key))
    except am.LoadError as error:
        missing = {fault.path for fault in error.faults if fault.code == "missing_key"}
        return written_path(path, key) in missing
    return False


def compare(page: str, document: Any, heading: str, pattern: tuple[str, ...]) -> None:
    documented = keys(page, heading)
    found = list(objects(document, pattern))
    assert documented.keys() == {key for _, row in found for key in row}, heading
    for path, row in found[:3]:
        for key in row:
            assert is_missed(document, path, key) == (documented[key] == "required"), (heading, key)


@pytest.fixture(scope="module")
def full_snapshot(page: str) -> Any:
    """The snapshot that the page shows: it says of it that it has every key."""
    return json.loads(re.findall(r"^```json\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)[0])


@pytest.fixture(scope="module")
def full_plan(plan: am.MigrationPlan) -> Any:
    """A plan, not a likely one, in which every key occurs."""
    document = json.loads(am.dumps(plan))
    entry = {"entity": "customer", "id": "c", "field": "f", "value": 1, "from": "c", "rule": "r"}
    confirmation = {"by": "Ana Duarte", "at": "2026-03-02T00:00:00Z", "plan_id": plan.plan_id}
    more = {
        "tolerated": ["existing_double_booking:a:b"],
        "blocked": ["email_same"],
        "requires": ["held", "images"],
        "clusters": {"existing_double_booking:1": ["a", "b"]},
        "held": {"record": ["r"]},
        "images": [{"entity": "record", "id": "r", "kind": "note", "customer_id": "c"}],
        "undo": "while_unchanged",
        "needs_confirmation": True,
        "through": 1,
        "annotations": {"a": 1},
        "confirmation": confirmation,
    }
    document["change_set"] |= {**more, "ledger": [entry]}
    document["change_set"]["obligations"][0]["step"] = 1
    document["limits"] = {"most_phones": 2}
    document["findings"][0]["accepted"] = {"finding": "f", "by": "Ana Duarte", "why": "Agreed."}
    return document


@pytest.mark.parametrize("heading", SECTIONS)
def test_the_keys_of_a_snapshot_are_as_documented(page: str, full_snapshot: Any, heading: str) -> None:
    compare(page, full_snapshot, heading, SECTIONS[heading])


def test_the_snapshot_of_the_page_has_every_field_there_is(full_snapshot: Any) -> None:
    snapshot = am.loads(json.dumps(full_snapshot))
    assert isinstance(snapshot, am.Snapshot)
    for name in ("profiles", "customers", "appointments", "records", "access", "access_requests"):
        rows = list(snapshot.table(name))
        for field in attrs.fields(type(rows[0])):
            assert any(getattr(row, field.name) for row in rows), f"{name}: {field.name}"


@pytest.mark.parametrize(
    "heading",
    PLAN_SECTIONS,
)
def test_the_keys_of_a_plan_are_as_documented(page: str, full_plan: Any, heading: str) -> None:
    compare(page, full_plan, heading, PLAN_SECTIONS[heading])


ACCEPTED = [am.Acceptance(finding="f", by="Ana Duarte", why="Agreed.")]
EDITED: dict[str, Any] = {
    **dict.fromkeys(("given_name", "family_name", "address"), "x"),
    "birth_date": "1990-05-17",
    "phones": ["1"],
    "add_emails": ["a@example.org"],
}
REQUESTS: dict[str, Any] = {
    "Merge request": am.MergeRequest(
        survivor="c",
        absorbed=["d"],
        actor="p",
        accept=ACCEPTED,
        authority=am.merges.Authority(person="Ana Duarte", role="Back office", ticket="T-1", why="Asked."),
    ),
    "New access request": am.customers.NewAccessRequest(
        profile_id="p", customer_id="c", expires_at=datetime(2026, 3, 2, tzinfo=UTC), accept=ACCEPTED
    ),
    "Access decision": am.customers.AccessDecision(
        request_id="q", decision="deny", role="staff", by="Ana Duarte", reason="Asked.", accept=ACCEPTED
    ),
    "Primary email change": am.customers.PrimaryEmailChange(
        customer_id="c", action="release", address="a@b.co", by="Ana Duarte", reason="Asked.", accept=ACCEPTED
    ),
    "Customer edit": am.customers.CustomerEdit(customer_id="c", changes=EDITED, accept=ACCEPTED),
    "Rebooking request": am.rebooking.RebookingRequest(
        number="APP-1",
        initials="A.D.",
        start=datetime(2026, 3, 2, tzinfo=UTC),
        time_zone="UTC",
        modality="chat",
        old_email="a@b.co",
        new_email="c@d.co",
        accept=ACCEPTED,
    ),
}
MERGE_RULES = am.MergeRules(
    fields=[am.merges.FieldRule(field="given_name", policy="explicit", value=am.model.FrozenJson.of("x"))],
    record_kinds=[
        am.merges.RecordKind(kind="form", one_per_customer=True),
        am.merges.RecordKind(kind="token", ends="remove"),
    ],
    kept_primary="survivor",
    undo="while_unchanged",
    identity_fields=["address"],
    identity_conflict="block",
    login_change="block",
    actor="authorised",
    customer_label="client",
)


def test_the_keys_of_requests_are_as_documented(page: str, plan: am.MigrationPlan) -> None:
    window = am.TimeSlot(datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC))
    migration = attrs.evolve(plan.request, window=window, numbers={"appointment-1": "APP-1"}, accept=ACCEPTED)
    for heading, value in {"Migration request": migration, **REQUESTS}.items():
        compare(page, json.loads(am.dumps(value)), heading, ())
    compare(page, json.loads(am.dumps(REQUESTS["Merge request"])), "Authority", ("authority",))
    compare(page, json.loads(am.dumps(REQUESTS["Customer edit"])), "Changes", ("changes",))
    assert {type(request) for request in (migration, *REQUESTS.values())} == {
        classes.request for classes in REQUEST_KINDS.values()
    }


def test_the_keys_of_rules_are_as_documented(page: str) -> None:
    written = json.loads(am.dumps(MERGE_RULES))
    stated = am.MigrationRules(
        business_hours=am.WeeklyHours("UTC"),
        notice_hours=48,
        old_login_days=14,
        record_kinds=[am.migrations.ProfileRecords(kind="series", becomes="moves")],
        needs_confirmation=True,
        customer_label="client",
    )
    ruled = json.loads(am.dumps(stated))
    compare(page, ruled, "Migration rules", ())
    compare(page, ruled, "Profile records", ("record_kinds", "*"))
    compare(page, written, "Merge rules", ())
    staffed = json.loads(am.dumps(am.customers.CustomerRules(staff_may_decide=True, customer_label="client")))
    compare(page, staffed, "Customer rules", ())
    compare(page, written, "Field rule", ("fields", "*"))
    compare(page, written, "RecordKind", ("record_kinds", "*"))


def test_every_field_of_requests_and_rules_has_a_row(page: str) -> None:
    classes = {cls for kind in REQUEST_KINDS.values() for cls in (kind.request, kind.rules)}
    fields = {field for cls in classes for field in attrs.fields(cls)}
    keys = {field.metadata.get("written_as", field.name) for field in fields}
    assert not [key for key in sorted(keys) if f"\n| `{key}` |" not in page]


def test_the_words_of_requests_and_rules_are_documented(page: str) -> None:
    words: set[str] = {*MIGRATION_REASONS, *DECISIONS, *DECIDER_ROLES, *PRIMARY_ACTIONS}
    words |= {*BECOMES, *RECEIPT_OUTCOMES, *ANSWERS, *MERGE_ACTORS, *RECORD_ENDS, *KEPT_PRIMARIES, *UNDOS}
    words |= {*RULED_FIELDS, "attributes.NAME"}
    assert not [word for word in sorted(words) if f"`{word}`" not in page]


def test_every_intent_is_documented_with_its_classes(page: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| `(\w+)` \| `(\w+)` \|$", page, flags=re.MULTILINE)
    assert {intent: tuple(names) for intent, *names in rows} == {
        intent: (classes.request.__name__, classes.rules.__name__, classes.plan.__name__)
        for intent, classes in REQUEST_KINDS.items()
    }


def test_every_reason_of_a_booking_route_is_documented_with_who_books(root: Path) -> None:
    text = (root / "docs/who-sees.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (practitioner|customer service) \|", text, flags=re.MULTILINE)
    assert [reason for reason, _ in rows] == list(ROUTE_REASONS)
    assert [reason for reason, route in rows if route == "practitioner"] == ["visible"]


def test_every_policy_and_every_refusal_of_a_merge_is_documented(root: Path) -> None:
    text = (root / "docs/merging.md").read_text(encoding="utf-8")
    assert not [policy for policy in FIELD_POLICIES if f"`{policy}`" not in text]
    table = text.split("\n| subject | codes |\n")[1].split("\n\n")[0]
    codes = set(re.findall(r"`(\w+)`", table))
    assert codes <= {code for code, kind in FINDINGS.items() if kind.severity == "blocker"}
    raised = {
        id.partition(":")[0]
        for question in QUESTIONS
        if question["kind"] == "merge"
        for id in (*question["answer"]["blocker"], *question["answer"]["warning"])
    }
    blocking = {code for code in raised if FINDINGS[code].severity == "blocker"}
    assert codes == blocking


def test_the_keys_of_a_receipt_are_as_documented(page: str) -> None:
    written = am.changes.WrittenEntity(entity="record", id="r", store_id="s", number="APP-1", version=1)
    receipt = am.Receipt(
        step_id="p/1",
        outcome="applied",
        written=[written],
        at=datetime(2026, 3, 2, tzinfo=UTC),
        by="importer",
    )
    document = json.loads(am.dumps(receipt))
    compare(page, document, "Receipt", ())
    compare(page, document, "Written entity", ("written", "*"))


def test_every_way_in_which_a_file_is_refused_is_documented(root: Path, page: str) -> None:
    catalogue = root / "src/accountmerge/messages/locale/en/LC_MESSAGES/accountmerge.po"
    codes = set(re.findall(r'^msgid "fault\.(\w+)"$', catalogue.read_text(encoding="utf-8"), re.MULTILINE))
    table = page.split("\n| code | what is wrong |")[1]
    of_files = {code for code in codes if not code.startswith("frame_")}
    assert set(re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)) == of_files | {"invalid_value"}
    of_files |= {"frame_place", "frame_row", "frame_rows"} & codes  # parts of a sentence
    of_frames = (root / "docs/frames.md").read_text(encoding="utf-8") + (root / "docs/scale.md").read_text(
        "utf-8"
    )
    assert [code for code in codes - of_files if f"`{code}`" not in of_frames] == []


def test_every_finding_is_documented_with_its_severity(root: Path) -> None:
    text = (root / "docs/findings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (yes|no) \|", text, flags=re.MULTILINE)
    assert [code for code, _, _ in rows] == sorted(FINDINGS)
    assert {code: (severity, acceptable == "yes") for code, severity, acceptable in rows} == {
        code: (kind.severity, kind.acceptable) for code, kind in FINDINGS.items()
    }


def test_the_glossary_has_the_words_of_the_domain(root: Path) -> None:
    text = (root / "docs/glossary.md").read_text(encoding="utf-8")
    words = re.findall(r"^\| \*\*([^*]+)\*\* \| \S", text, flags=re.MULTILINE)
    assert len(set(words)) == len(words)
    assert set(words) >= {
        *("practitioner", "profile", "customer", "primary email", "former email", "survivor", "absorbed"),
        *("appointment number", "slot", "rebook", "blackout", "activation", "live", "double booking"),
        *("snapshot", "finding", "edit", "step", "change set", "guard", "ledger", "obligation", "receipt"),
    }
