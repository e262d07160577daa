"""Mutations: whatever is done to a file, it is refused with faults that can be told, or read as a value that stays."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import accountmerge as am
from full_documents import as_json, full_documents

DOCUMENTS = {name: as_json(value) for name, value in full_documents().items()}
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
    "2026-03-02",
    "09:00",
    "UTC",
    "migration",
    "accountmerge.rules/1",
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


def containers(data: Any) -> list[Any]:
    """Return every object and list inside JSON data, itself among them."""
    inside = data.values() if isinstance(data, dict) else data if isinstance(data, list) else None
    return [] if inside is None else [data, *(found for item in inside for found in containers(item))]


def mutate(data: st.DataObject, document: Any) -> None:
    """Do one thing to one object or list: take away, put in the place of, add, copy from elsewhere, reorder."""
    where = data.draw(st.sampled_from([found for found in containers(document) if found]))
    keys = list(where) if isinstance(where, dict) else list(range(len(where)))
    key = data.draw(st.sampled_from(keys))
    how = data.draw(st.sampled_from(("remove", "retype", "add", "transplant", "rename", "reorder")))
    event(how)
    if how == "remove":
        del where[key]
    elif how == "retype":
        where[key] = data.draw(anything)
    elif how == "transplant":
        where[key] = json.loads(json.dumps(data.draw(st.sampled_from(containers(document)))))
    elif isinstance(where, list):
        if how == "reorder":
            where.reverse()
        else:
            where.insert(key, json.loads(json.dumps(where[key])))
    elif how == "reorder":
        where[key] = where.pop(key)
    else:
        other = data.draw(st.sampled_from(KEYS))
        where[other] = where.pop(key) if how == "rename" else data.draw(anything)


def told(text: str) -> am.LoadError | None:
    try:
        value = am.loads(text)
    except am.LoadError as error:
        return error
    assert am.loads(am.dumps(value)) == value
    assert am.dumps(value).encode()
    return None


def check(text: str) -> None:
    error = told(text)
    event("refused" if error else "read")
    if error:
        assert error.faults
        for language in ("en", "fr"):
            assert error.describe(language)
            assert all(fault.describe(language) for fault in error.faults)


@pytest.mark.parametrize("name", list(DOCUMENTS))
@given(data=st.data())
def test_a_mutated_document_is_refused_or_stays(name: str, data: st.DataObject) -> None:
    document = json.loads(json.dumps(DOCUMENTS[name]))
    for _ in range(data.draw(st.sampled_from((1, 1, 2, 3)))):
        mutate(data, document)
    check(json.dumps(document))


@pytest.mark.parametrize("name", list(DOCUMENTS))
@given(data=st.data())
def test_text_that_was_tampered_with_is_refused_or_stays(name: str, data: st.DataObject) -> None:
    text = json.dumps(DOCUMENTS[name])
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 8)))
    check(text[:start] + data.draw(st.text('{}[]",:0e\\u', max_size=4)) + text[end:])


@given(anything)
def test_any_json_in_the_place_of_everything_is_refused_or_stays(content: Any) -> None:
    check(json.dumps(content))
    for document in DOCUMENTS.values():
        check(json.dumps({**dict.fromkeys(document, content), "format": document["format"]}))
