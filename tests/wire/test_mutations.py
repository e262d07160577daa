"""Mutations: whatever is done to a file, it is refused with faults that can be told, or read as a value that stays."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import accountmerge as am
from full_documents import as_json, full_documents, golden_documents
from mutations import anything, mutate

DOCUMENTS = {name: as_json(value) for name, value in full_documents().items()} | golden_documents(
    "merge.plan", "merge.confirmed", "merge.receipt", "merge.rules", "merge.request", "customer_edit.plan"
)


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
