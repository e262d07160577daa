"""Mutations: what may be done to a JSON document, and the seal put right again afterwards."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import event
from hypothesis import strategies as st

import accountmerge as am
from accountmerge.kinds import REQUEST_KINDS
from accountmerge.wire.canonical import frozen, plan_id_of, rules_digest
from accountmerge.wire.converter import converter

KEYS = sorted(
    {
        "surprise",
        "self",
        "",
        "\ud800",
        "id",
        "format",
        "start",
        "end",
        "emails",
        "facts",
        "before",
        "after",
        "@",
    }
)
_TEXTS = (
    "",
    "P1",
    "C2",
    "*",
    "now",
    "\ud800",
    "2026-03-02T12:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "2026-03-02",
    "09:00",
    "UTC",
    "migration",
    "accountmerge.rules/1",
    "x/" + "9" * 5_000,
    "a@" + "ü" * 300 + ".example",
)
_SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(_TEXTS),
    st.sampled_from((None, True, False, 0, -1, 1, 10**30, 1.5, float("inf"), -0.0)),
    st.text(max_size=3),
)
anything = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(KEYS), inner, max_size=2)
    ),
    max_leaves=4,
)


def copied(data: Any) -> Any:
    return json.loads(json.dumps(data))


def containers(data: Any) -> list[Any]:
    """Return every object and list inside JSON data, itself among them."""
    inside = data.values() if isinstance(data, dict) else data if isinstance(data, list) else None
    return [] if inside is None else [data, *(found for item in inside for found in containers(item))]


def mutate(data: st.DataObject, document: Any) -> None:
    """Do one thing to one object or list: take away, put in the place of, add, copy from elsewhere, reorder."""
    where = data.draw(st.sampled_from([found for found in containers(document) if found] or [{"": 0}]))
    keys = list(where) if isinstance(where, dict) else list(range(len(where)))
    key = data.draw(st.sampled_from(keys))
    how = data.draw(st.sampled_from(("remove", "retype", "add", "transplant", "rename", "reorder")))
    event(how)
    if how == "remove":
        del where[key]
    elif how == "retype":
        where[key] = data.draw(anything)
    elif how == "transplant":
        where[key] = copied(data.draw(st.sampled_from(containers(document))))
    elif isinstance(where, list):
        if how == "reorder":
            where.reverse()
        else:
            where.insert(key, copied(where[key]))
    elif how == "reorder":
        where[key] = where.pop(key)
    else:
        other = data.draw(st.sampled_from(KEYS))
        where[other] = where.pop(key) if how == "rename" else data.draw(anything)


def swap(data: st.DataObject, document: Any) -> None:
    """Do one thing that keeps a document well-formed: another value that such a key has elsewhere, or a row less or more."""
    how = data.draw(st.sampled_from(("value", "value", "value", "nobody", "less", "more", "order")))
    event(f"swap: {how}")
    if how in ("value", "nobody"):
        named = [
            (found, key)
            for found in containers(document)
            if isinstance(found, dict)
            for key in found
            if key not in ("format", "op")
        ]
        if not named:
            return
        where, key = data.draw(st.sampled_from(named))
        if how == "nobody":
            where[key] = "nobody" if isinstance(where[key], str) else copied(where[key])
            return
        others = [found[name] for found, name in named if name == key and found is not where]
        where[key] = copied(data.draw(st.sampled_from([*others, where[key]])))
        return
    lists: list[list[Any]] = [found for found in containers(document) if isinstance(found, list) and found]
    if not lists:
        return
    rows = data.draw(st.sampled_from(lists))
    at = data.draw(st.integers(0, len(rows) - 1))
    if how == "less":
        del rows[at]
    elif how == "more":
        rows.insert(at, copied(rows[at]))
    else:
        rows.insert(0, rows.pop(at))


def resealed(document: Any) -> Any:
    """Return a document whose change set is numbered and sealed as if it had been planned so."""
    twin = copied(document)
    inner = twin.get("change_set", twin)
    try:
        for position, step in enumerate(inner["steps"]):
            step["ordinal"] = position + 1
        if inner is not twin:
            of = REQUEST_KINDS[twin["intent"]]
            inner["intent"] = twin["intent"]
            inner["request"] = frozen(converter().structure(twin["request"], of.request)).value
            inner["rules_digest"] = rules_digest(converter().structure(twin["rules"], of.rules))
        known = {key: value for key, value in inner.items() if key != "format"}
        change_set = converter().structure(copied(known), am.ChangeSet)  # what is read is used up
        inner["plan_id"] = plan_id_of(change_set)
        if isinstance(inner.get("confirmation"), dict):
            inner["confirmation"]["plan_id"] = inner["plan_id"]
    except Exception:  # noqa: BLE001, S110 - what cannot be read is not sealed either; the reader will tell
        pass
    return twin


def without_seal(faults: tuple[am.documents.Fault, ...]) -> tuple[am.documents.Fault, ...]:
    """Return the faults that are about more than the parts of a document fitting together."""
    return tuple(
        fault for fault in faults if fault.code not in ("plan_id_mismatch", "plan_contradicts_itself")
    )
