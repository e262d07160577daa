"""A redacted form of plans and change sets, with a keyed digest in place of each personal value."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import attrs

from accountmerge.changes.change_sets import ChangeSet
from accountmerge.documents.files import written_document
from accountmerge.errors import AccountMergeError, InvalidValueError
from accountmerge.kinds import REQUEST_KINDS, AnyPlan
from accountmerge.merges.rules import FieldRule
from accountmerge.messages import PRIVATE_FACTS, Facts
from accountmerge.model.json_text import canonical
from accountmerge.model.private import fields_of
from accountmerge.plans.plan import Plan
from accountmerge.wire.converter import converter
from accountmerge.wire.faults import Faults

SHORTEST_KEY = 16
"""Bytes; with a shorter key, a reader could guess the key and then every birth date."""
_DIGITS = 16
"""Hexadecimal digits of a digest: enough to distinguish the values of one log."""
_DIGEST_FACTS = PRIVATE_FACTS | {"digest"}
"""Facts with a personal value, or with a digest of one that has no key."""
_FIELD_OF_KEY = {"from": "from_id", "except": "except_ids", "start": "slot", "end": "slot"}
"""Fields with another name in JSON."""
_WRITTEN_BESIDES = frozenset({"format", "intent", "op", "entity", "id", "start", "end"})
"""Keys in JSON that are not fields."""


def redacted(value: AnyPlan | ChangeSet, *, key: bytes, plan_id: bool = True) -> dict[str, Any]:
    """Return a plan or a change set as plain JSON data without personal values, for logs and tickets.

    Every personal value is replaced by a digest under the caller's key, so equal values stay equal, also in
    two logs. Ids, kinds, times, counts, codes, names of fields and empty values stay. `loads` refuses the
    result: it is only for reading.

    Args:
        value: A plan or a change set.
        key: At least 16 secret bytes: with the key, a reader can guess names and birth dates.
        plan_id: Whether `plan_id` is shown. It is a digest of the whole plan without a key: a reader who
            knows all of the plan but one short value can guess that value. If False, it and `rules_digest`
            are replaced by digests under the key. Default: shown.

    Raises:
        InvalidValueError: The key is too short or not bytes, or the value is not a plan or change set.
    """
    secret = _secret(key)
    if not isinstance(value, Plan | ChangeSet):
        raise InvalidValueError("no_format", type=type(value).__name__)

    def digest(item: Any) -> str:
        return f"redacted:{hmac.new(secret, canonical(item).encode(), hashlib.sha256).hexdigest()[:_DIGITS]}"

    view: dict[str, Any] = _redacted(value, written_document(value), digest)
    return view if plan_id else _without_digests(view, digest)


_UNKEYED = ("plan_id", "rules_digest")
"""Keys with a digest of content without a key."""


def _without_digests(item: Any, digest: Callable[[Any], str]) -> Any:
    """Replace every digest without a key, such as the id of a plan."""
    if isinstance(item, list):
        return [_without_digests(part, digest) for part in item]
    if not isinstance(item, dict):
        return item
    return {
        name: digest(part) if name in _UNKEYED else _without_digests(part, digest)
        for name, part in item.items()
    }


def _secret(key: object) -> bytes:
    if not isinstance(key, bytes) or len(key) < SHORTEST_KEY:
        raise InvalidValueError("key_too_short", count=SHORTEST_KEY)
    return key


def _redacted(value: Any, data: Any, digest: Callable[[Any], str]) -> Any:
    """Redact a value together with its written form."""
    if isinstance(value, Facts):
        plain = {name: list(item) if isinstance(item, tuple) else item for name, item in data.items()}
        return {name: digest(item) if name in _DIGEST_FACTS else item for name, item in plain.items()}
    if isinstance(value, tuple) and isinstance(data, list):
        return [_redacted(part, item, digest) for part, item in zip(value, data, strict=True)]
    if not (attrs.has(type(value)) and isinstance(data, dict)):
        return data
    return {name: _of_key(value, name, item, digest) for name, item in data.items()}


def _of_key(value: Any, name: str, item: Any, digest: Callable[[Any], str]) -> Any:
    if name == "format":
        return f"{item}+redacted"
    if isinstance(value, ChangeSet) and name == "request":
        return _request(value, item, digest)
    if isinstance(value, FieldRule) and name == "field":
        return _ruled_field(item, digest)
    fields = fields_of(type(value))
    field = name if name in fields.personal | fields.plain else _FIELD_OF_KEY.get(name, name)
    if field in fields.plain or (field not in fields.personal and name in _WRITTEN_BESIDES):
        return _redacted(getattr(value, field, None), item, digest)
    return _hidden(item, digest)


def _ruled_field(field: str, digest: Callable[[Any], str]) -> str:
    """Replace the name of an attribute, which may be as personal as its value."""
    kind, dot, name = field.partition(".")
    return f"{kind}.{digest(name)}" if dot else field


def _hidden(item: Any, digest: Callable[[Any], str]) -> Any:
    """Replace a value, or each item of a list; null and empty values stay."""
    if isinstance(item, list):
        return [_hidden(part, digest) for part in item]
    return item if item is None or item == {} else digest(item)


def _request(change_set: ChangeSet, item: Any, digest: Callable[[Any], str]) -> Any:
    """Replace personal values in a request, and the whole request if its kind is unknown."""
    if change_set.intent == "undo" and isinstance(item, dict):
        plain = ("plan_id", "through")
        return {name: part if name in plain else _hidden(part, digest) for name, part in item.items()}
    try:
        request = converter().structure(item, REQUEST_KINDS[change_set.intent].request)
    except (KeyError, AccountMergeError, Faults, ExceptionGroup):
        return _hidden(item, digest)
    return _redacted(request, converter().unstructure(request), digest)
