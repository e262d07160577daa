"""Make the JSON Schemas of edits and of the closed vocabularies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from accountmerge.changes.change_sets import FEATURES, OBLIGATION_FACTS, ChangeSet, Obligation
from accountmerge.changes.edits import Edit
from accountmerge.changes.guards import GUARD_FACTS, Guard, GuardKind
from accountmerge.changes.receipts import STEP_ID, Receipt
from accountmerge.changes.steps import REASON_FACTS, Reason, Step
from accountmerge.findings.finding import Finding
from accountmerge.findings.vocabulary import FINDINGS
from accountmerge.messages import FACT_TYPES, FactType
from accountmerge.model.entities import ENTITY_NAMES, KIND_OF_NAME, Entity
from accountmerge.wire.change_hooks import IMAGES, fact_words
from accountmerge.wire.class_schemas import BOUNDS, TEXT, ClassSchemas, Schema, closed, ref, whole

_DIGEST: Schema = {"pattern": "^[0-9a-f]{64}$"}
_TEXTS: Schema = {"type": "array", "items": TEXT}
_KIND_OF_ENTITY = "The kind of the entity."
_OF_TYPE: dict[FactType, Schema] = {
    "id": TEXT,
    "ids": _TEXTS,
    "instant": ref("instant"),
    "instant_or_empty": {"anyOf": [{"const": ""}, ref("instant")]},
    "number": {"type": "integer", **BOUNDS},
    "word": TEXT,
    "words": _TEXTS,
    "text": TEXT,
    "version": ref("version"),
}


def chosen(schema: Schema, key: str, cases: Mapping[str, Schema]) -> Schema:
    """Return a schema whose other keys depend on the word under one key."""
    told = schema["properties"].get(key, {})
    properties = schema["properties"] | {key: told | {"enum": list(cases)}}
    rules = [
        {"if": {"properties": {key: {"const": word}}}, "then": {"properties": case}}
        for word, case in cases.items()
        if case
    ]
    return schema | {"properties": properties, "allOf": [*schema.get("allOf", ()), *rules]}


def _with_facts(vocabulary: Mapping[str, frozenset[str]], key: str) -> Callable[[Schema], Schema]:
    def refine(schema: Schema) -> Schema:
        cases = {word: {"facts": _facts(names)} for word, names in sorted(vocabulary.items())}
        return chosen(schema, key, cases)

    return refine


def _finding(schema: Schema) -> Schema:
    """Return the schema of a finding with each form of the facts of its code."""
    return chosen(
        schema, "code", {code: {"facts": _fact_forms(FINDINGS[code].forms)} for code in sorted(FINDINGS)}
    )


def _fact_forms(forms: tuple[frozenset[str], ...]) -> Schema:
    schemas = [_facts(names) for names in forms]
    return schemas[0] if len(schemas) == 1 else {"oneOf": schemas}


def _facts(names: frozenset[str]) -> Schema:
    """Return the schema of facts that have exactly these names."""
    return closed({name: _OF_TYPE[FACT_TYPES[name]] for name in sorted(names)}, sorted(names))


def _guard(schema: Schema) -> Schema:
    return chosen(schema, "kind", {kind: {"facts": _guard_facts(kind)} for kind in sorted(GUARD_FACTS)})


def _guard_facts(kind: GuardKind) -> Schema:
    forms = [
        closed({name: _guard_fact(kind, name) for name in sorted(required | optional)}, sorted(required))
        for required, optional in GUARD_FACTS[kind]
    ]
    return forms[0] if len(forms) == 1 else {"oneOf": forms}


def _guard_fact(kind: GuardKind, name: str) -> Schema:
    words = fact_words(kind)
    if name in words:
        return {"enum": list(words[name])}
    return _OF_TYPE[FACT_TYPES[name]]


def _edit(classes: ClassSchemas) -> Schema:
    """Return the schema of an edit."""
    properties = {
        "op": {"enum": list(IMAGES), "description": "What happens to the entity."},
        "entity": {"enum": list(ENTITY_NAMES), "description": _KIND_OF_ENTITY},
        "id": {**TEXT, "description": "The id of the entity."},
        "before": {"description": "The whole entity as the plan read it."},
        "after": {"description": "The whole entity if it is created, else the keys that change."},
    }
    schema = closed(properties, ["op", "entity", "id"], title="Edit", description="One entity that changes.")
    rules: list[Schema] = [
        {"if": _is("op", op), "then": {"required": list(images), "properties": _without(images)}}
        for op, images in IMAGES.items()
    ]
    for name in ENTITY_NAMES:
        image = classes.of_class(KIND_OF_NAME[name].cls)
        rules.append({"if": _is("entity", name), "then": {"properties": {"before": image}}})
        changed = classes.add(f"{KIND_OF_NAME[name].cls.__name__}Changes", _changes(classes.resolved(image)))
        for op, after in (("create", image), ("change", changed)):
            of_both = {"properties": {"entity": {"const": name}, "op": {"const": op}}}
            rules.append({"if": of_both, "then": {"properties": {"after": after}}})
    return schema | {"allOf": rules}


def _image(classes: ClassSchemas) -> Schema:
    """Return the schema of a whole entity that names its kind."""
    cases = []
    for name in ENTITY_NAMES:
        image = classes.resolved(classes.of_class(KIND_OF_NAME[name].cls))
        properties = {"entity": {"const": name, "description": _KIND_OF_ENTITY}, **image["properties"]}
        cases.append(closed(properties, ["entity", *image["required"]], title=image["title"]))
    return {"title": "Entity", "description": "A whole entity of any kind.", "oneOf": cases}


def _is(key: str, word: str) -> Schema:
    return {"properties": {key: {"const": word}}}


def _without(images: tuple[str, ...]) -> Schema:
    return {name: False for name in ("before", "after") if name not in images}


def _changes(entity: Schema) -> Schema:
    """Return the schema of the changed keys of an entity. `null` removes a key."""
    properties = {
        key: schema if key in entity["required"] else {"anyOf": [schema, {"type": "null"}]}
        for key, schema in entity["properties"].items()
    }
    whole = closed(properties, [], title=f"{entity['title']}Changes", description="The keys that change.")
    return whole | {"minProperties": 1}


def _change_set(schema: Schema) -> Schema:
    properties = dict(schema["properties"])
    properties["plan_id"] = properties["plan_id"] | _DIGEST
    properties["requires"] = properties["requires"] | {
        "items": {"enum": list(FEATURES)} if FEATURES else False
    }
    properties["through"] = properties["through"] | {"minimum": 0}
    blocked: Schema = {"properties": {"blocked": {"minItems": 1}}, "required": ["blocked"]}
    without_steps = {"properties": {"steps": {"maxItems": 0}}}
    return schema | {"properties": properties, "if": blocked, "then": without_steps}


def _step(schema: Schema) -> Schema:
    properties = dict(schema["properties"])
    properties["ordinal"] = properties["ordinal"] | {"minimum": 1}
    properties["edits"] = properties["edits"] | {"minItems": 1}
    return schema | {"properties": properties}


def _obligation(schema: Schema) -> Schema:
    properties = dict(schema["properties"])
    properties["step"] = properties["step"] | {"minimum": 1}
    return _with_facts(OBLIGATION_FACTS, "kind")(schema | {"properties": properties})


def _receipt(schema: Schema) -> Schema:
    properties = dict(schema["properties"])
    properties["step_id"] = properties["step_id"] | {"pattern": whole(STEP_ID)}
    return schema | {"properties": properties}


MADE: dict[Any, Callable[[ClassSchemas], Schema]] = {Edit: _edit, Entity: _image}
"""Classes whose form in a file differs from their fields."""

REFINED: dict[type, Callable[[Schema], Schema]] = {
    ChangeSet: _change_set,
    Finding: _finding,
    Guard: _guard,
    Obligation: _obligation,
    Reason: _with_facts(REASON_FACTS, "code"),
    Receipt: _receipt,
    Step: _step,
}
"""Classes whose reader checks more than the types of their fields."""
