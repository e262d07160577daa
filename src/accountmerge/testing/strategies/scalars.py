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


def few(values: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    """Draw one of a few values; the first is the simplest."""
    return _few(tuple(map(type, values)), values)


@cache
def _few(_types: tuple[type, ...], values: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)  # without the types, 0 and 1 would share a strategy with False and True


@cache
def texts() -> st.SearchStrategy[str]:
    """Draw text as people write it, and text that breaks programs, never half of a surrogate pair."""
    drawn = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    return st.one_of(st.sampled_from(_NASTY_TEXTS), drawn)


@cache
def labels() -> st.SearchStrategy[str]:
    """Draw text for ids, versions and keys, visible, never empty, without outer space."""
    return texts().map(lambda text: re.sub(f"[{UNSEEN}]", "", text).strip() or "0")


@cache
def lines() -> st.SearchStrategy[str]:
    """Draw text for names, without control characters, also empty."""
    return texts().map(lambda text: re.sub(f"[{CONTROL}]", "", text))


@cache
def filled_lines() -> st.SearchStrategy[str]:
    """Draw text for entries of a list, such as phones, without control characters, never empty."""
    return lines().map(lambda text: text or "0")


@cache
def notes() -> st.SearchStrategy[str]:
    """Draw text for notes and reasons, of control characters only with tabs and line breaks."""
    return texts().map(lambda text: re.sub(f"[{CONTROL_OF_NOTES}]", "\n", text))


@cache
def json_scalars() -> st.SearchStrategy[Any]:
    """Draw scalars of JSON, also pairs that are equal in Python, such as `0`, `false` and `0.0`."""
    numbers = st.one_of(
        st.integers(-LARGEST_INTEGER, LARGEST_INTEGER),
        st.floats(allow_nan=False, allow_infinity=False, width=32),
    )
    return st.one_of(st.sampled_from((0, False, 0.0, -0.0, 1, True, "", None, 1.5)), numbers, texts())


@cache
def json_values() -> st.SearchStrategy[FrozenJson]:
    """Draw any JSON, a few levels deep."""
    plain = st.recursive(
        json_scalars(),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts(), inner, max_size=3)),
        max_leaves=6,
    )
    return plain.map(FrozenJson.of)
