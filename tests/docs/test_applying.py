"""The page on applying names every word of a change set, and its applier does what `am.apply` does."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, get_args

import pytest

import accountmerge as am
from accountmerge.changes.change_sets import OBLIGATION_FACTS
from accountmerge.changes.edits import EditOp
from accountmerge.changes.failures import FAILURE_FACTS, FAILURE_REMEDIES, REMEDIES
from accountmerge.changes.guards import GUARD_FACTS, GUARD_KINDS
from accountmerge.changes.steps import IRREVERSIBLE, REASON_FACTS, STEP_KINDS
from accountmerge.model.entities import KINDS

if TYPE_CHECKING:
    from pathlib import Path

Store = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/applying.md").read_text(encoding="utf-8")


def section(page: str, heading: str) -> str:
    return page.split(f"\n## {heading}\n")[1].split("\n## ", maxsplit=1)[0]


def rows(text: str, columns: int = 2) -> dict[str, str]:
    """Return the rows of all tables in a text: by the word in the first cell, the cells after it."""
    found = re.findall(r"^\| `(\w+)` \| (.*) \|$", text, flags=re.MULTILINE)
    return {word: " | ".join(rest.split(" | ")[: columns - 1]) for word, rest in found}


def words(cell: str) -> set[str]:
    return set(re.findall(r"`(\w+)`", cell))


def forms(cell: str) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """Return the facts that a guard has and those that it may have, for each form that the cell tells."""
    told = (form.partition(", perhaps ") for form in cell.split(", or "))
    return tuple((frozenset(words(needed)), frozenset(words(more))) for needed, _, more in told)


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)


def test_every_kind_of_step_is_documented(page: str) -> None:
    table = rows(section(page, "Steps"))
    assert set(STEP_KINDS) <= table.keys()
    assert table.keys() == {*STEP_KINDS, *REASON_FACTS}
    assert {kind for kind in STEP_KINDS if "cannot be undone" in table[kind]} == IRREVERSIBLE


def test_every_reason_is_documented_with_its_facts(page: str) -> None:
    table = rows(section(page, "Steps"))
    assert {code: words(table[code]) for code in REASON_FACTS} == REASON_FACTS


def test_every_guard_is_documented_with_its_facts(page: str) -> None:
    table = rows(section(page, "Guards"))
    assert table.keys() == set(GUARD_KINDS)
    assert {kind: forms(table[kind]) for kind in GUARD_KINDS} == GUARD_FACTS


def test_every_failure_is_documented_with_its_facts(page: str) -> None:
    table = rows(section(page, "Failures"))
    assert {code: words(table[code]) for code in FAILURE_FACTS} == FAILURE_FACTS
    assert table.keys() == {*FAILURE_FACTS, *REMEDIES}


def test_every_failure_is_documented_with_its_remedy(page: str) -> None:
    last = dict(re.findall(r"^\| `(\w+)` \|.*\| `(\w+)` \|$", section(page, "Failures"), flags=re.MULTILINE))
    assert last == FAILURE_REMEDIES
    assert set(FAILURE_REMEDIES.values()) == set(REMEDIES)


def test_every_obligation_is_documented_with_its_facts(page: str) -> None:
    table = rows(section(page, "The change set"))
    assert {code: words(table[code]) for code in OBLIGATION_FACTS} == OBLIGATION_FACTS


def test_every_edit_and_kind_of_entity_is_documented(page: str) -> None:
    table = rows(section(page, "Edits"), columns=3)
    assert table.keys() == {*get_args(EditOp), *(kind.name for kind in KINDS)}
    for kind in KINDS:
        collection, given = table[kind.name].split(" | ")
        assert words(collection) == {kind.collection}
        assert words(given) == set(kind.store_given)


def test_what_is_shown_of_the_example_is_what_its_plan_has(page: str, plan: am.MigrationPlan) -> None:
    steps = json.loads(am.dumps(plan.change_set))["steps"]
    edit, step, confirmation = map(json.loads, blocks(page, "json"))
    confirmed = plan.confirm(by=confirmation["by"], at=datetime.fromisoformat(confirmation["at"]))
    assert step in steps
    assert edit in step["edits"]
    assert json.loads(am.dumps(confirmed))["confirmation"] == {**confirmation, "plan_id": plan.plan_id}


@pytest.fixture(scope="module")
def apply_steps(page: str) -> Any:
    (code,) = (block for block in blocks(page, "python") if "def apply_steps" in block)
    functions = code[code.index("def ") :]
    assert sum(bool(line.strip()) for line in functions.splitlines()) <= 30  # or nobody copies it by eye
    namespace: dict[str, Any] = {}
    exec(code, namespace)  # noqa: S102 - this is the code that readers copy
    return namespace["apply_steps"]


def stored(snapshot: am.Snapshot) -> Store:
    written = json.loads(am.dumps(snapshot))
    return {
        name: {row["id"]: row for row in rows} for name, rows in written.items() if isinstance(rows, list)
    }


def loaded(store: Store, like: am.Snapshot) -> am.Snapshot:
    written = json.loads(am.dumps(like))
    found = am.loads(json.dumps({**written, **{name: list(rows.values()) for name, rows in store.items()}}))
    assert isinstance(found, am.Snapshot)
    return found


class Crashing(dict[str, Any]):
    """A store that goes down in the midst of its work, before a given write."""

    def __init__(self, store: Store, writes: int) -> None:
        super().__init__(store)
        self.writes = writes

    def update(self, *args: Any, **kwargs: Any) -> None:
        if self.writes == 0:
            raise ConnectionError
        self.writes -= 1
        super().update(*args, **kwargs)


@pytest.fixture(params=["migration", "merge"])
def change_set(request: pytest.FixtureRequest, plan: am.MigrationPlan, merge: am.MergePlan) -> am.ChangeSet:
    """What is applied: the migration of the example, and its merge, which a person has confirmed."""
    if request.param == "migration":
        return plan.change_set
    return merge.confirm(by="Ana Duarte", at=merge.change_set.at)


def test_the_applier_does_what_apply_does_after_every_prefix(
    apply_steps: Any, practice: am.Snapshot, change_set: am.ChangeSet
) -> None:
    for count in range(len(change_set.steps) + 1):
        prefix, store = change_set.prefix(count), stored(practice)
        apply_steps(store, json.loads(am.dumps(prefix)))
        assert loaded(store, practice) == am.apply(practice, prefix)


def test_the_applier_resumes_after_a_crash_before_any_step(
    apply_steps: Any, practice: am.Snapshot, change_set: am.ChangeSet
) -> None:
    written = json.loads(am.dumps(change_set))
    whole = stored(am.apply(practice, change_set))
    for writes in range(len(change_set.steps)):
        store = Crashing(stored(practice), writes)
        with pytest.raises(ConnectionError):
            apply_steps(store, written)
        store.writes = -1
        apply_steps(store, written)
        assert store == whole
        apply_steps(store, written)
        assert store == whole


def test_the_applier_refuses_what_cannot_be_undone_until_it_is_confirmed(
    apply_steps: Any, practice: am.Snapshot, merge: am.MergePlan
) -> None:
    store = stored(practice)
    before = json.dumps(store)
    other = merge.confirm(by="Ana Duarte", at=merge.change_set.at)
    wrong = json.loads(am.dumps(other))
    wrong["confirmation"]["plan_id"] = "0" * 64
    for change_set in (json.loads(am.dumps(merge.change_set)), wrong):
        with pytest.raises(ValueError, match="confirm"):
            apply_steps(store, change_set)
        assert json.dumps(store) == before


def test_the_applier_keeps_versions_and_numbers_of_the_store(
    apply_steps: Any, practice: am.Snapshot, plan: am.MigrationPlan
) -> None:
    change_set = json.loads(am.dumps(plan.change_set))
    store = stored(practice)
    apply_steps(store, {**change_set, "through": 3})
    booked = change_set["steps"][2]["edits"][0]["id"]
    store["appointments"][booked]["number"] = "APP-99001"
    store["profiles"]["profile-2"]["version"] = 5
    apply_steps(store, change_set)
    assert store["appointments"][booked]["number"] == "APP-99001"
    assert store["profiles"]["profile-2"]["version"] == 5


def test_the_applier_refuses_drift_and_blocked_plans_and_writes_nothing(
    apply_steps: Any, practice: am.Snapshot, plan: am.MigrationPlan
) -> None:
    change_set = json.loads(am.dumps(plan.change_set))
    store = stored(practice)
    store["appointments"]["appointment-305"]["modality"] = "phone"
    before = json.dumps(store)
    with pytest.raises(ValueError, match="appointment-305"):
        apply_steps(store, change_set)
    with pytest.raises(ValueError, match="email_same"):
        apply_steps(store, {**change_set, "blocked": ["email_same"]})
    assert json.dumps(store) == before


def test_the_applier_knows_how_to_empty_and_remove(apply_steps: Any) -> None:
    customer = {
        "id": "c",
        "record_number": "1",
        "phones": ["1"],
        "emails": [{"address": "a", "use": "primary"}],
    }
    edits = [
        {
            "op": "change",
            "entity": "customer",
            "id": "c",
            "before": customer,
            "after": {"phones": [], "emails": []},
        },
        {"op": "remove", "entity": "record", "id": "r", "before": {"id": "r", "data": 0}},
    ]
    store: Store = {"customers": {"c": customer}, "records": {"r": {"id": "r", "data": False}}}
    with pytest.raises(ValueError, match="records"):  # 0 and false are two things
        apply_steps(store, {"steps": [{"kind": "edit_customer", "edits": edits}]})
    store["records"]["r"]["data"] = 0
    apply_steps(store, {"steps": [{"kind": "edit_customer", "edits": edits}]})
    assert store == {"customers": {"c": {"id": "c", "record_number": "1", "emails": []}}, "records": {}}
