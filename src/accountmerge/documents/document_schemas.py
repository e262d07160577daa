"""Make the JSON Schema of each format from the readers of its classes.

`python -m accountmerge.documents.document_schemas` writes them to the files that are shipped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.changes.receipts import Receipt
from accountmerge.documents.reconstruction import decided_fields
from accountmerge.findings.finding import Finding
from accountmerge.kinds import REQUEST_KINDS, rules_classes
from accountmerge.model.entities import KINDS
from accountmerge.model.limits import Limits
from accountmerge.model.snapshots import Completeness, Snapshot
from accountmerge.plans.plan import Plan
from accountmerge.wire.change_schemas import MADE, REFINED, chosen
from accountmerge.wire.class_schemas import (
    TEXT,
    ClassSchemas,
    Schema,
    attribute_texts,
    closed,
    described,
    ref,
)

_HEADS = {"intent": "The kind of the request.", "subject": "The kinds of plans that the rules are for."}
"""Descriptions of keys that name the class of a document."""
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def made_schemas() -> dict[str, Schema]:
    """Return the schema of every format, by its noun."""
    return {noun: _document(noun, make) for noun, make in _DOCUMENTS.items()}


def written_schema(schema: Schema) -> str:
    """Return a schema as the text of its file."""
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def _document(noun: str, make: Callable[[ClassSchemas, Schema], Schema]) -> Schema:
    classes = ClassSchemas(MADE, REFINED)
    root = make(classes, {"format": _format(noun)})
    head = {
        "$schema": _DIALECT,
        "$id": f"urn:accountmerge:{noun}:1",
        "title": f"accountmerge.{noun}/1",
    }
    return {**head, **(root | head), "$defs": classes.definitions(root)}


def _format(noun: str) -> Schema:
    return {"const": f"accountmerge.{noun}/1", "description": "The format of the file, and its version."}


def _described(properties: Schema, *classes: type) -> Schema:
    """Return properties with the texts of the attributes of the same names."""
    texts = _HEADS | {name: text for cls in classes for name, text in attribute_texts(cls).items()}
    return {key: described(schema, texts.get(key)) for key, schema in properties.items()}


def _snapshot(classes: ClassSchemas, head: Schema) -> Schema:
    properties: Schema = {
        **head,
        "taken_at": ref("instant"),
        "complete_for": classes.of_class(Completeness),
        **{kind.collection: {"type": "array", "items": classes.of_class(kind.cls)} for kind in KINDS},
    }
    properties = _described(properties, Snapshot)
    return closed(properties, list(properties), description="The caller's data at one instant.")


def _change_set(classes: ClassSchemas, head: Schema) -> Schema:
    return classes.object_of(ChangeSet, head)


def _receipt(classes: ClassSchemas, head: Schema) -> Schema:
    return classes.object_of(Receipt, head)


def _limits(classes: ClassSchemas, head: Schema) -> Schema:
    return classes.object_of(Limits, head)


def _plan(classes: ClassSchemas, head: Schema) -> Schema:
    inside = {"format": _format("changeset")}
    properties: Schema = {
        **head,
        "intent": {},
        "request": {},
        "rules": {},
        "findings": {"type": "array", "items": classes.of_class(Finding)},
        "change_set": classes.add(ChangeSet.__name__, classes.object_of(ChangeSet, inside)),
    }
    ids: Schema = {"type": "array", "items": ref("identifier")}
    optional: Schema = {
        "taken_at": ref("instant"),
        "treated_by": {"type": "object", "additionalProperties": ids},
        "limits": classes.of_class(Limits),
        "zone_rules": {"type": "object", "additionalProperties": TEXT},
    }
    decided = {intent: decided_fields(of.plan) for intent, of in REQUEST_KINDS.items()}
    optional |= {name: classes.of(kind) for own in decided.values() for name, kind in own.items()}
    plans: list[type] = [Plan, *(kind.plan for kind in REQUEST_KINDS.values())]
    plan = closed(
        _described(properties | optional, *plans),
        list(properties),
        description="A change that is decided and not yet done.",
    )
    names = sorted({name for own in decided.values() for name in own})
    cases: dict[str, Schema] = {
        intent: {
            "request": classes.of_class(of.request),
            "rules": classes.of_class(of.rules),
            "change_set": {"properties": {"intent": {"const": intent}}},
            **{name: False for name in names if name not in decided[intent]},
        }
        for intent, of in REQUEST_KINDS.items()
    }
    return chosen(plan, "intent", cases)


def _of_words(
    classes: ClassSchemas, head: Schema, key: str, by_word: Mapping[Any, type], description: str
) -> Schema:
    """Return the schema of a document whose class is named by the word under a key."""
    beside = _described({**head, key: {"enum": list(by_word)}})
    rules = [
        {
            "if": {"properties": {key: {"const": word}}},
            "then": classes.add(cls.__name__, classes.object_of(cls, {"format": {}, key: {}})),
        }
        for word, cls in by_word.items()
    ]
    return {
        "description": description,
        "type": "object",
        "properties": beside,
        "required": list(beside),
        "allOf": rules,
    }


def _request(classes: ClassSchemas, head: Schema) -> Schema:
    by_intent = {intent: kind.request for intent, kind in REQUEST_KINDS.items()}
    return _of_words(classes, head, "intent", by_intent, "A request.")


def _rules(classes: ClassSchemas, head: Schema) -> Schema:
    return _of_words(
        classes, head, "subject", rules_classes(), "The decisions of a practice about all its plans."
    )


_DOCUMENTS: dict[str, Callable[[ClassSchemas, Schema], Schema]] = {
    "snapshot": _snapshot,
    "changeset": _change_set,
    "plan": _plan,
    "receipt": _receipt,
    "request": _request,
    "rules": _rules,
    "limits": _limits,
}


def write_schemas(folder: Path) -> None:
    """Write the schema of every format to a file of a folder."""
    for noun, schema in made_schemas().items():
        (folder / f"{noun}-1.json").write_text(written_schema(schema), encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(__file__).with_name("schemas"))
