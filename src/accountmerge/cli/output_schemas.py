"""JSON Schemas of the data that commands print with `--json`.

A shape is a name of a type, a list with the shape of its entries, a tuple of possible shapes, None for null, or a dict of
the keys. A key that ends with `?` may be absent, and the key `*` means any other key.
"""

from __future__ import annotations

from typing import Any

from accountmerge.documents.json_schemas import json_schema

PREFIX = "output/"
"""The start of the names of these schemas."""
_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "time": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"},
    "int": {"type": "integer"},
    "number": {"type": "number"},
    "bool": {"type": "boolean"},
    "any": {},
}
_SLOT = {"start": "time", "end": "time"}
_FACTS = {"*": ("text", "int", "bool", ["text"])}
_SEEN = [{"id": "text", "severity": "text"}]
_FINDINGS = [
    {
        "id": "text",
        "code": "text",
        "severity": "text",
        "ids": ["text"],
        "facts": _FACTS,
        "text": "text",
        "remedy": "text",
    }
]
_FAILURE = {
    "code": "text",
    "step?": "int",
    "remedy": "text",
    "facts": _FACTS,
    "found": "text",
    "expected": "text",
    "advice": "text",
}
_EDIT = {"step": "int", "entity": "text", "id": "text", "store_id": "text", "state": "text"}
_PROGRESS = {
    "plan_id": "text",
    "is_finished": "bool",
    "can_be_applied": "bool",
    "steps": [{"ordinal": "int", "kind": "text", "to_apply": "int", "done": "int", "drifted": "int"}],
    "edits": [_EDIT],
    "failures": [_FAILURE],
}
_APPLIED = {
    "plan_id": "text",
    "steps": [{"ordinal": "int", "kind": "text", "outcome": "text"}],
    "failures": [_FAILURE],
}
_LOGIN = {
    "outcome": "text",
    "kind?": "text",
    "id?": "text",
    "survivor_id?": "text",
    "successor_id?": "text",
    "sign_in_with?": "text",
    "also": ["any"],
}
_PHASE = {
    "kind": "text",
    "at?": "time",
    "condition?": "text",
    "actor": "text",
    "gate": ["text"],
    "way_back": "text",
    "steps": ["int"],
}
_TASK = {"kind": "text", "phase": "text", "at?": "time", "facts": _FACTS, "text": "text"}
_NOTICE = {"role": "text", "kind": "text", "when": "time", "subject": "text", "body": "text"}
_GATE = {
    "expected": "int",
    "rebooked": "int",
    "left": "int",
    "waiting": "int",
    "unexplained": "int",
    "conflicts": "int",
    "share": "number",
    "is_open": "bool",
}
_MIGRATION_STATUS = {
    "plan_id": "text",
    "at": "time",
    "phase": ("text", None),
    "may_activate": "bool",
    "is_done": "bool",
    "blocked": ["text"],
    "gates": {"activation": _GATE},
    "bookings": [{"id": "text", "state": "text", "reason?": "text"}],
    "unknown": ["text"],
    "booked_meanwhile": ["text"],
    "conflicts": [["text"]],
}
_STATES = {
    "plans": [
        {
            "plan_id": "text",
            "file": "text",
            "intent": "text",
            "window": (_SLOT, None),
            "confirmed_at": ("time", None),
            "share": "number",
            "next": "text",
            "codes": ["text"],
        }
    ],
    "waiting": "int",
}
_MANY = {"is_ready": "bool", "plan_id": ("text", None), "file": ("text", None), "findings": _SEEN}
_VIEW = {
    "profile_id": "text",
    "schedule": "text",
    "portal": [_SLOT],
    "customers": ["text"],
    "quick_view": ["text"],
    "histories": [{"customer_id": "text", "appointments": ["text"], "records": ["text"]}],
    "routes": [
        {
            "customer_id": "text",
            "route": "text",
            "reason": "text",
            "via_profile_id": ("text", None),
            "for_customer_id": ("text", None),
        }
    ],
}
_ROWS = {"inserted": "int", "updated": "int", "deleted": "int"}
_OBSERVATION = [{"code": "text", "table": "text", "field": ("text", None), "count": "int", "ids": ["text"]}]
_PART = {
    "plan_id": "text",
    "ready": "bool",
    "warnings": ["text"],
    "steps": {"*": "int"},
    "applied": "int",
    "again": {"already": "int", "rows_changed": "int"},
}
_VISIT = {"id": "text", "number": ("text", None), "profile": "text", "customer_id": "text"}
_PERSON = {"signs_in_with": ("text", None), "bookings": "int", "notes": "int"}

SHAPES: dict[str, Any] = {
    "check": (
        {
            "findings": _FINDINGS,
            "by?": "text",
            "groups?": [{"id": ("text", None), "findings": ["text"]}],
        },
        {
            "double_bookings": [
                {
                    "by": "text",
                    "count": "int",
                    "first": (
                        [
                            {
                                "owner": "text",
                                "first_id": "text",
                                "second_id": "text",
                                "start": "time",
                                "end": "time",
                            }
                        ],
                        None,
                    ),
                }
            ],
            "bad_rows": {"*": "int"},
        },
    ),
    "find": [{"customer_id": "text", "by": "text", "status": "text", "merged_into?": "text"}],
    "login": _LOGIN,
    "windows": [
        {
            **_SLOT,
            "bookings": "int",
            "minutes_per_booking": "int",
            "minutes": "int",
            "disturbs": ["text"],
        }
    ],
    "findings": _SEEN,
    "questions": [{"code": "text", "field": "text"}],
    "migrate-all": {
        "is_ready": "bool",
        "plans": [{"profile_id": "text", **_MANY, "window": (_SLOT, None)}],
    },
    "merge-all": {
        "is_ready": "bool",
        "plans": [
            {
                "survivor": "text",
                "absorbed": ["text"],
                "actor": ("text", None),
                "suggested": {"survivor?": "text", "actor?": "text"},
                **_MANY,
            }
        ],
    },
    "explain": {
        "subjects": [{"entity": ("text", None), "id": "text"}],
        "causes": [
            {
                "key": "text",
                "step": ("int", None),
                "source": ("text", None),
                "facts": _FACTS,
                "text": "text",
            }
        ],
        "steps": ["int"],
        "findings": ["text"],
    },
    "timeline": {
        "plan_id": "text",
        "is_ready": "bool",
        "phases": [_PHASE],
        "tasks": {"*": [_TASK]},
        "notices?": [_NOTICE],
    },
    "who-sees": {
        "plan_id": "text",
        "at": "time",
        "in_blackout": "bool",
        "logins": {"old": "bool", "new": "bool", "may_be_disrupted": "bool", "old_ends": ("time", None)},
        "old": (_VIEW, None),
        "new": (_VIEW, None),
        "manual": [_SLOT],
    },
    "confirm": [{"plan_id": "text", "plan": "text", "file": ("text", None), "outcome": "text"}],
    "verify": {"plan_id": "text", "can_be_applied": "bool", "failures": [_FAILURE]},
    "apply": (_PROGRESS, _APPLIED),
    "status": (_MIGRATION_STATUS, _STATES),
    "resume": _PROGRESS,
    "rebase": {
        "plan_id": "text",
        "new_plan_id": "text",
        "is_same": "bool",
        "blocked": ["text"],
        "steps": [{"difference": "text", "kind": "text", "before?": "int", "after?": "int", "ids": ["text"]}],
        "gone": ["text"],
        "come": ["text"],
    },
    "prove": {
        "profile": "text",
        "level": "text",
        "seed": ("int", None),
        "ok": "bool",
        "laws": [{"law": "text", "status": "text", "why": "text", "counts": {"*": "int"}, "call": "text"}],
        "not_held": {"*": "text"},
    },
    "demo": {
        "invented": "bool",
        "ok": "bool",
        "practice": {"*": "int"},
        "migration": {**_PART, "blackout": _SLOT},
        "bookings": [{"id": "text", "start": "time", "status": "text", "before": _VISIT, "after": _VISIT}],
        "merge": _PART,
        "customers": [{"id": "text", "before": _PERSON, "after": _PERSON}],
        "kept": {"bookings": "int", "notes": "int"},
        "faults": {"before": "int", "after": "int"},
    },
    "store tables": {"tables": ["text"], "statements": ["text"], "created": "bool"},
    "store audit": {
        "is_readable": "bool",
        "rows": {"*": "int"},
        "unreadable": _OBSERVATION,
        "observations": _OBSERVATION,
        "faults": {"*": "int"},
        "locks": {"code": "text", "tables": ["text"]},
    },
    "store unmapped": [
        {"by": "text", "table": "text", "columns": ["text"], "target": ("text", None)},
    ],
    "store missing": [
        {
            "table": "text",
            "field": ("text", None),
            "of": "text",
            "why": "text",
            "word": ("text", None),
            "ddl": ("text", None),
        }
    ],
    "store indexes": ["text"],
    "store status": {
        "plan_id": "text",
        "steps": [{"ordinal": "int", "outcome": "text", "at": "time"}],
        "owed": [
            {"id": "text", "step": "int", "kind": "text", "role": "text", "when": "text", "due_at": "time"}
        ],
        "moved": [{"entity": "text", "old_id": "text", "new_id": "text", "why": "text", "step": "int"}],
    },
    "store rehearse": {
        "plan_id": "text",
        "is_as_planned": "bool",
        "steps": [{"ordinal": "int", "outcome": "text"}],
        "failures": [_FAILURE],
        "refusal": (
            {"step": ("int", None), "table": ("text", None), "constraint": ("text", None), "code": "text"},
            None,
        ),
        "differences": [{"entity": "text", "id": "text", "fields": ["text"], "columns": ["text"]}],
        "beyond": [{"table": "text", **_ROWS}],
        "uncompared": ["text"],
        "new_faults": ["text"],
        "writes": [{"table": "text", **_ROWS}],
        "locks": [{"kind": "text", "table": ("text", None), "rows": ("int", None)}],
        "locked_seconds": "number",
        "writing_seconds": "number",
        "statements": "int",
    },
    "rebook-request print": {"message": "text"},
}
"""The shape of each output that is no document, by the words of its command.

`findings` is the output of a command that shows a plan, with `--asked-by`. `questions` is the output of
`rebook-request read` for a message that is not clear.
"""
_PLANNING = (
    "migrate merge primary-email edit show access-request access-approve access-deny access-withdraw"
    " rebook-request-read"
)
DOCUMENTS = dict.fromkeys(_PLANNING.split(), "plan") | {"undo": "changeset"}
"""The format of the document that other commands print."""
OUTPUT_NAMES = tuple(f"{PREFIX}{name.replace(' ', '-')}" for name in SHAPES)


def output_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the output of a command with `--json`.

    Args:
        name: `output/` and the words of the command, joined by hyphens.
    """
    noun = name.removeprefix(PREFIX)
    if noun in DOCUMENTS:
        return json_schema(DOCUMENTS[noun])
    shape = {words.replace(" ", "-"): shape for words, shape in SHAPES.items()}[noun]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"accountmerge {noun} --json",
        **_schema(shape),
    }


def _schema(shape: Any) -> dict[str, Any]:
    if shape is None:
        return {"type": "null"}
    if isinstance(shape, str):
        return dict(_TYPES[shape])
    if isinstance(shape, list):
        return {"type": "array", "items": _schema(shape[0])}
    if isinstance(shape, tuple):
        return {"anyOf": [_schema(each) for each in shape]}
    named = {key.removesuffix("?"): _schema(value) for key, value in shape.items() if key != "*"}
    return {
        "type": "object",
        "properties": named,
        "required": [key for key in shape if key != "*" and not key.endswith("?")],
        "additionalProperties": _schema(shape["*"]) if "*" in shape else False,
    }


def is_output(name: str) -> bool:
    """Return whether there is such a schema."""
    return name in OUTPUT_NAMES or (name.startswith(PREFIX) and name.removeprefix(PREFIX) in DOCUMENTS)
