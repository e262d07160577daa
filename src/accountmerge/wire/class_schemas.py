"""Derive the JSON Schema of every class in a file from its reader.

A class, type or hook without a schema is an error, so that a new one cannot be forgotten.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any, get_args

import attrs
import pendulum

from accountmerge.changes.change_sets import Clusters, Held
from accountmerge.messages import Facts
from accountmerge.model.emails import EmailAddress
from accountmerge.model.entities import NAMING_CUSTOMERS, Entity
from accountmerge.model.instants import RFC3339
from accountmerge.model.json_text import LARGEST_INTEGER, FrozenJson
from accountmerge.model.snapshots import Everything
from accountmerge.model.texts import CONTROL, CONTROL_OF_NOTES, LONGEST_ID, UNSEEN
from accountmerge.model.time_slots import TimeSlot
from accountmerge.model.value_rules import Rule, rule_of
from accountmerge.model.weekly_hours import WEEKDAYS, DailyHours, Weekday
from accountmerge.wire import model_hooks, scalars
from accountmerge.wire.class_hooks import inner_kind, is_literal, is_optional, is_tuple, wire_fields

Schema = dict[str, Any]

_REFERENCE = re.compile(r'"#/\$defs/(\w+)"')


def closed(properties: Schema, required: list[str], **more: Any) -> Schema:
    """Return the schema of an object that has these keys and no others."""
    return {
        **more,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def described(schema: Schema, text: str | None) -> Schema:
    """Return a schema with a description, unless it has one or there is no text."""
    return {**schema, "description": text} if text and "description" not in schema else schema


def ref(name: str) -> Schema:
    """Return a reference to a definition in the same file."""
    return {"$ref": f"#/$defs/{name}"}


def whole(pattern: re.Pattern[str]) -> str:
    """Return a pattern for a whole text, in the common dialect of all readers of schemas."""
    return f"^(?:{pattern.pattern})$".replace(r"\d", "[0-9]")


def _class(characters: str) -> str:
    """Return the inside of a character class, up to U+FFFF, in all dialects of regular expressions."""
    near = (letter for letter in characters if ord(letter) <= _LAST_OF_ALL_DIALECTS)
    return "".join(letter if letter == "-" else f"\\u{ord(letter):04x}" for letter in near)


def _without(characters: str, **more: Any) -> Schema:
    return {"type": "string", **more, "not": {"pattern": f"[{_class(characters)}]"}}


_LAST_OF_ALL_DIALECTS = 0xFFFF
_FAR = re.compile("[\U00010000-\U0010ffff](?:-[\U00010000-\U0010ffff])?")
_SEEN = _class(_FAR.sub("", UNSEEN))
_SPACES = _class(" \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000")
_LABEL: Schema = {
    "type": "string",
    "minLength": 1,
    "not": {"pattern": f"[{_SEEN}]|^[{_SPACES}]|[{_SPACES}]$"},
}
_IDENTIFIER: Schema = {**_LABEL, "maxLength": LONGEST_ID}
_BLANK: Schema = {"not": {"pattern": f"[^{_SPACES}]"}}
TEXT: Schema = {"type": "string"}
BOUNDS = {"minimum": -LARGEST_INTEGER, "maximum": LARGEST_INTEGER}
_RULES: dict[str, Schema] = {
    "identifier": ref("identifier"),
    "label": ref("label"),
    "line": ref("line"),
    "filled_line": ref("filled_line"),
    "note": ref("note"),
    "text": TEXT,
    "given_identifier": {"type": "string", "anyOf": [_BLANK, ref("identifier")]},
    "given_label": {"type": "string", "anyOf": [_BLANK, ref("label")]},
    "zone": TEXT,
    "zone_or_empty": TEXT,
    "version": ref("version"),
    "truth": {"type": "boolean"},
    "positive_integer": {"type": "integer", "minimum": 1, "maximum": LARGEST_INTEGER},
    "natural_number": {"type": "integer", "minimum": 0, "maximum": LARGEST_INTEGER},
}
"""The schema of a rule."""
_HOURS: Any = tuple[tuple[Weekday, tuple[DailyHours, ...]], ...]

_ENDS: Schema = {
    "start": {**ref("instant"), "description": "The first instant."},
    "end": {**ref("instant"), "description": "The first instant after the slot."},
}
DEFINITIONS: dict[str, Schema] = {
    "instant": {"type": "string", "format": "date-time", "pattern": whole(RFC3339)},
    "identifier": _IDENTIFIER,
    "label": _LABEL,
    "line": _without(CONTROL),
    "filled_line": _without(CONTROL, minLength=1),
    "note": _without(CONTROL_OF_NOTES),
    "version": {"anyOf": [ref("label"), {"type": "integer", **BOUNDS}]},
    "fact": {"type": ["string", "integer", "boolean", "array"], **BOUNDS, "items": TEXT},
    "slot": closed(_ENDS, ["start", "end"]),
    "days": {
        "type": "object",
        "properties": {day: {"type": "array", "items": ref("DailyHours")} for day in WEEKDAYS},
        "additionalProperties": False,
    },
    "ids": {"anyOf": [{"const": "*"}, {"type": "array", "items": TEXT}]},
}
"""Schemas that several classes use and that belong to no class."""

_KINDS: dict[Any, Schema] = {
    str: TEXT,
    int: {"type": "integer", **BOUNDS},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date", "pattern": whole(scalars.DATE)},
    datetime: {"type": "string", "pattern": whole(scalars.LOCAL_TIME)},
    time: {"type": "string", "pattern": whole(scalars.TIME)},
    pendulum.DateTime: ref("instant"),
    EmailAddress: TEXT,  # no format: a stored one may be malformed
    FrozenJson: {},
    Facts: {"type": "object", "additionalProperties": ref("fact")},
    TimeSlot: ref("slot"),
    str | int | None: ref("version"),
    _HOURS: ref("days"),
    Everything | tuple[str, ...]: ref("ids"),
    tuple[tuple[str, str], ...]: {"type": "object", "additionalProperties": TEXT},
    Clusters: {"type": "object", "additionalProperties": {"type": "array", "items": TEXT}},
    Held: closed({name: {"type": "array", "items": TEXT} for name in NAMING_CUSTOMERS}, []),
}
"""Types that are read by a hook of their own."""

_HOOKS: dict[Any, Schema] = {
    scalars.json_object: {"type": "object"},
    scalars.json_scalars: {
        "type": "object",
        "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
    },
}
"""Schemas of the hooks of single fields."""


class ClassSchemas:
    """The definitions of one schema file, collected as they are referred to.

    Args:
        made: By class, the maker of its schema, if that does not follow from its fields.
        refined: By class, the function that narrows the schema of its fields.
    """

    def __init__(
        self,
        made: Mapping[Any, Callable[[ClassSchemas], Schema]],
        refined: Mapping[type, Callable[[Schema], Schema]],
    ) -> None:
        self._made = made
        self._refined = refined
        self._found: dict[str, Schema] = {}

    def definitions(self, root: Schema) -> Schema:
        """Return every definition that a document or another definition refers to, by name."""
        schemas: Schema = {}
        wanted = set(_REFERENCE.findall(json.dumps(root)))
        while wanted:
            schemas |= {name: self._found.get(name) or DEFINITIONS[name] for name in wanted}
            wanted = set(_REFERENCE.findall(json.dumps(schemas))) - schemas.keys()
        return dict(sorted(schemas.items()))

    def of_class(self, cls: type) -> Schema:
        """Return a reference to the schema of a class."""
        if cls.__name__ not in self._found:
            make = self._made.get(cls)
            self._found[cls.__name__] = make(self) if make else self.object_of(cls)
        return ref(cls.__name__)

    def add(self, name: str, schema: Schema) -> Schema:
        """Add a definition, and return a reference to it."""
        self._found[name] = schema
        return ref(name)

    def resolved(self, reference: Schema) -> Schema:
        """Return the definition that a reference names."""
        return self._found[reference["$ref"].rpartition("/")[2]]

    def object_of(self, cls: type, beside: Schema | None = None) -> Schema:
        """Return the schema of a class, with required keys beside its fields."""
        properties, required = dict(beside or {}), list(beside or {})
        texts = attribute_texts(cls)
        for name, how in wire_fields(cls).items():
            field = attrs.fields_dict(cls)[name]
            for key, schema in self._keys(field, how).items():
                properties[key] = described(schema, texts.get(name))
                if not how.omit_if_default:
                    required.append(key)
        summary = (inspect.getdoc(cls) or "").split("\n\n")[0].replace("\n", " ")
        closed_schema = closed(properties, required, title=cls.__name__, description=summary)
        return self._refined[cls](closed_schema) if cls in self._refined else closed_schema

    def of(self, kind: Any) -> Schema:
        """Return the schema of a type, or raise TypeError if it has none."""
        if kind in _KINDS:
            if kind == _HOURS:
                self.of_class(DailyHours)
            return dict(_KINDS[kind])
        if kind == Entity:
            return self.add("Entity", self._made[kind](self))
        if attrs.has(kind):
            return self.of_class(kind)
        if is_literal(kind):
            return {"enum": list(get_args(kind))}
        if is_optional(kind):
            return self.of(inner_kind(kind))
        if is_tuple(kind):
            return {"type": "array", "items": self.of(get_args(kind)[0])}
        raise TypeError(f"no schema for {kind!r}")

    def _keys(self, field: Any, how: Any) -> dict[str, Schema]:
        """Return the keys of a field, with their schemas."""
        if how.struct_hook is model_hooks.slot_of_ends:
            return dict(_ENDS)
        return {how.rename or field.name: self._schema(field, how)}

    def _schema(self, field: Any, how: Any) -> Schema:
        """Return the schema of the hook, the rule or the type of a field, in this order."""
        if how.struct_hook is not None:
            return dict(_HOOKS[how.struct_hook])
        rule = rule_of(field)
        if rule is not None and rule.is_read:
            return _ruled(rule.inner or rule)
        if rule is not None and rule.item is not None:
            return {"type": "array", "items": dict(_RULES[rule.item.name])}
        return self.of(field.type)


def _ruled(rule: Rule) -> Schema:
    """Return the schema of a rule that is read, or of a rule of field names."""
    if rule.allowed:
        attribute = {"allOf": [ref("label"), {"pattern": "^attributes[.]."}]}
        return {"anyOf": [{"enum": list(rule.allowed)}, attribute]}
    return dict(_RULES[rule.name])


def attribute_texts(cls: type) -> dict[str, str]:
    """Return the text of each attribute in the docstring of a class.

    The docstring is the only place of such a text: `help()` and editors show it, and descriptions are read from it.
    """
    doc = inspect.getdoc(cls) or ""
    section = re.search(r"^(?:Attributes|Args):\n((?: .*\n?|\n)+)", doc, flags=re.MULTILINE)
    entries = re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", section[1] if section else "", flags=re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in entries}
