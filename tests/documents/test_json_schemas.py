"""JSON Schemas: those that are shipped are those that the reader makes, and they refuse nothing that it takes."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import accountmerge as am
from accountmerge.changes.receipts import RECEIPT_OUTCOMES
from accountmerge.documents import document_schemas
from accountmerge.documents.document_schemas import made_schemas, written_schema
from accountmerge.documents.files import FORMATS
from accountmerge.documents.json_schemas import SCHEMA_NAMES
from accountmerge.model.entities import ENTITY_NAMES
from accountmerge.testing.strategies import (
    CustomerCase,
    MergeCase,
    MigrationCase,
    RebookingCase,
    Request,
    customer_cases,
    merge_cases,
    migration_cases,
    rebooking_cases,
    requests,
    snapshots,
)
from accountmerge.testing.strategies.scalars import labels, lines
from accountmerge.wire.class_schemas import ClassSchemas
from full_documents import as_json, faults_in, full_documents, full_snapshot, golden_documents
from mutations import copied, mutate, resealed, swap, without_seal

VALIDATORS = {name: Draft202012Validator(am.documents.json_schema(name)) for name in FORMATS}
DOCUMENTS = {name: as_json(value) for name, value in full_documents().items()} | golden_documents()
ALTERED = (
    *("snapshot", "receipt", "rules", "request", "plan", "change set"),
    *("merge.plan", "merge.confirmed", "merge.rules", "undo.confirmed", "access_decision.plan"),
    *("customer_edit.request", "primary_email.changeset"),
)


def refusals(document: Any, name: str | None = None) -> list[str]:
    """Return what the schema of a format, its own if none is named, has against a document, as places."""
    return [error.json_path for error in VALIDATORS[name or document["format"]].iter_errors(document)]


def test_the_files_that_are_shipped_are_those_that_are_made() -> None:
    folder = resources.files("accountmerge.documents").joinpath("schemas")
    shipped = {found.name: found.read_text(encoding="utf-8") for found in folder.iterdir()}
    made = {f"{noun}-1.json": written_schema(schema) for noun, schema in made_schemas().items()}
    assert shipped == made, "`nox -s schemas` makes them anew"


def test_every_format_has_a_schema_by_its_name_and_by_its_noun() -> None:
    assert set(made_schemas()) == set(SCHEMA_NAMES)
    for name, noun in zip(FORMATS, SCHEMA_NAMES, strict=True):
        schema = am.documents.json_schema(name)
        assert schema == am.documents.json_schema(noun)
        assert schema["properties"]["format"]["const"] == name
        Draft202012Validator.check_schema(schema)
    for wrong in ("", "accountmerge.snapshot/2", "../snapshot", "SNAPSHOT"):
        with pytest.raises(am.InvalidValueError) as caught:
            am.documents.json_schema(wrong)
        assert "changeset" in caught.value.describe()


NO_TEXT = {"facts", "held", "days"}
"""Keys of these objects are words of closed vocabularies and need no description."""


def undescribed(schema: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the paths of the keys of files, however deep, that have no description."""
    if isinstance(schema, list):
        return [found for item in schema for found in undescribed(item, path)]
    if not isinstance(schema, dict):
        return []
    own: list[tuple[str, ...]] = []
    if "required" in schema and schema.get("type") == "object" and not NO_TEXT & {*path}:
        for key, item in schema["properties"].items():
            is_image = path[-1:] and path[-1].endswith("Changes")
            if item and "description" not in item and not is_image:
                own.append((*path, key))
    return own + [found for key, item in schema.items() for found in undescribed(item, (*path, key))]


@pytest.mark.parametrize("name", FORMATS)
def test_every_key_of_a_file_has_a_description(name: str) -> None:
    assert undescribed(am.documents.json_schema(name)) == []


def test_a_schema_that_is_handed_out_is_its_own_copy() -> None:
    am.documents.json_schema("rules").clear()
    assert am.documents.json_schema("rules")


def test_a_type_without_schema_is_an_error_and_no_gap() -> None:
    @attrs.frozen
    class Novelty:
        what: complex

    with pytest.raises(TypeError, match="complex"):
        ClassSchemas({}, {}).of_class(Novelty)


def test_every_object_of_a_schema_is_closed() -> None:
    def objects(schema: Any) -> list[Any]:
        inside = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
        found = [item for part in inside for item in objects(part)]
        return [schema, *found] if isinstance(schema, dict) and schema.get("type") == "object" else found

    for name in ("snapshot", "changeset", "plan", "receipt"):
        schema = am.documents.json_schema(name)
        free = [found for found in objects(schema) if found.get("additionalProperties") is not False]
        assert all("properties" not in found for found in free), name


@pytest.mark.parametrize("name", list(DOCUMENTS))
def test_a_document_of_each_kind_fits_its_schema(name: str) -> None:
    assert refusals(DOCUMENTS[name]) == []


def test_the_practice_of_the_pages_fits_its_schema() -> None:
    path = Path(__file__).parents[2] / "docs/examples/practice.json"
    assert refusals(json.loads(path.read_bytes())) == []


@given(snapshots())
def test_every_snapshot_fits(drawn: am.Snapshot) -> None:
    assert refusals(as_json(drawn)) == []


@given(requests(full_snapshot()))
def test_every_request_fits(drawn: Request) -> None:
    assert refusals(as_json(drawn)) == []


@given(
    st.one_of(
        migration_cases(max_appointments=3),
        merge_cases(max_appointments=2),
        customer_cases(),
        rebooking_cases(),
    )
)
def test_every_plan_and_all_that_belongs_to_it_fits(
    case: MigrationCase | MergeCase | CustomerCase | RebookingCase,
) -> None:
    plan = case.plan()
    event(f"{plan.change_set.intent}, {'ready' if plan.is_ready else 'blocked'}")
    values: list[Any] = [plan, plan.change_set, plan.request, plan.rules]
    try:
        values.append(am.invert(plan.change_set))
    except am.ApplyRefused:
        event("cannot be undone")
    for value in values:
        assert refusals(as_json(value)) == []


@given(
    st.builds(
        am.Receipt,
        step_id=st.builds("{}/{}".format, st.sampled_from(("a", "a/b", "0" * 64)), st.integers(1, 10**9)),
        outcome=st.sampled_from(RECEIPT_OUTCOMES),
        written=st.lists(
            st.builds(
                am.changes.WrittenEntity,
                entity=st.sampled_from(ENTITY_NAMES),
                id=labels(),
                store_id=st.none() | labels(),
                number=st.none() | lines(),
                version=st.none() | st.integers(0, 2) | labels(),
            ),
            max_size=3,
        ),
        at=st.just(full_snapshot().taken_at),
        by=labels(),
    )
)
def test_every_receipt_fits(receipt: am.Receipt) -> None:
    assert refusals(as_json(receipt)) == []


@given(st.sampled_from(ALTERED), st.data())
def test_what_a_schema_refuses_is_refused_by_the_reader_too(name: str, data: st.DataObject) -> None:
    document = copied(DOCUMENTS[name])
    for _ in range(data.draw(st.sampled_from((1, 1, 2)))):
        data.draw(st.sampled_from((mutate, swap)))(data, document)
    document = resealed(document)
    by_schema = refusals(document, DOCUMENTS[name]["format"])
    by_reader = without_seal(faults_in(document))
    event(f"schema {'refuses' if by_schema else 'takes'}, reader {'refuses' if by_reader else 'takes'}")
    assert by_reader or not by_schema, by_schema


def test_the_files_are_made_by_a_command(tmp_path: Path) -> None:
    document_schemas.write_schemas(tmp_path)
    assert {path.stem.removesuffix("-1") for path in tmp_path.iterdir()} == set(SCHEMA_NAMES)
