"""Strategies for text and JSON values."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from hypothesis import strategies as st

from accountmerge.model.json_text import LARGEST_INTEGER, FrozenJson
from accountmerge.model.texts import CONTROL, CONTROL_OF_NOTES, UNSEEN

_NASTY_TEXTS = (
    "",
    " ",
    "0",
    "false",
    "null",
    "Zoë Ærø",
    "e\u0301",
    "\u00e9",
    "İ",
    "a\x00b",
    "\u2028",
    "😀",
    "{x}",
    "[red]",
)


@cache
def texts() -> st.SearchStrategy[str]:
    """Text as people write it, and text that trips programs up; never half of a character pair."""
    drawn = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    return st.one_of(st.sampled_from(_NASTY_TEXTS), drawn)


@cache
def labels() -> st.SearchStrategy[str]:
    """Text as ids, versions and keys may be: visible, never empty, without outer space."""
    return texts().map(lambda text: re.sub(f"[{UNSEEN}]", "", text).strip() or "0")


@cache
def lines() -> st.SearchStrategy[str]:
    """Text as names may be: without control characters, also empty."""
    return texts().map(lambda text: re.sub(f"[{CONTROL}]", "", text))


@cache
def filled_lines() -> st.SearchStrategy[str]:
    """Text as entries of a list may be, such as phones: a line that is not empty."""
    return lines().map(lambda text: text or "0")


@cache
def notes() -> st.SearchStrategy[str]:
    """Text as notes and reasons may be: of control characters only tabs and line breaks."""
    return texts().map(lambda text: re.sub(f"[{CONTROL_OF_NOTES}]", "\n", text))


@cache
def json_scalars() -> st.SearchStrategy[Any]:
    """Scalars of JSON, many of which Python holds for equal: `0`, `false`, `0.0`, empty text, `null`."""
    numbers = st.one_of(
        st.integers(-LARGEST_INTEGER, LARGEST_INTEGER),
        st.floats(allow_nan=False, allow_infinity=False, width=32),
    )
    return st.one_of(st.sampled_from((0, False, 0.0, -0.0, 1, True, "", None, 1.5)), numbers, texts())


@cache
def json_values() -> st.SearchStrategy[FrozenJson]:
    """Any JSON, a few levels deep."""
    plain = st.recursive(
        json_scalars(),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts(), inner, max_size=3)),
        max_leaves=6,
    )
    return plain.map(FrozenJson.of)
