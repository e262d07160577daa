"""What an error and a log may not show of the practice."""

from __future__ import annotations

import traceback

import pytest

VALUES = [
    "Given ",
    "Family ",
    "@example.com",
    "@example.org",
    "@example.net",
    "+1 55",
    "Example Street",
    "note 1",
]
"""Parts of values of the practice, which no error may show."""


def assert_tells_no_value(error: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    """Look for values in all that an error or a log shows."""
    facts = getattr(error, "facts", {})
    shown = "".join(traceback.format_exception(type(error), error, error.__traceback__.tb_next.tb_next))  # type: ignore[union-attr]
    for text in (shown, repr(error), repr(dict(facts)), repr(error.args), caplog.text):
        assert not [value for value in VALUES if value in text]
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
