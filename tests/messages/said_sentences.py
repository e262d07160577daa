"""A plugin of pytest that records which sentences are said, and in which test. It writes them as JSON at the end.

Every error that a test makes is described in every language, so that its sentence and its facts are tried, too.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

import accountmerge as am
from accountmerge.messages import LANGUAGES, catalogues

FILE = "SAID_SENTENCES"
"""The variable of the environment that names the file to write."""


class SaidSentences:
    """The keys that were said, each with the tests that said it."""

    def __init__(self) -> None:
        self.said: defaultdict[str, set[str]] = defaultdict(set)
        self.errors: list[am.AccountMergeError] = []
        self.test = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Any:
        """Record the sentences of a test, and then those of the errors that it made."""
        self.test = item.nodeid.partition("[")[0]
        try:
            return (yield)
        finally:
            while self.errors:
                error = self.errors.pop()
                for language in LANGUAGES:
                    error.describe(language)

    def pytest_sessionfinish(self) -> None:
        """Write what was said."""
        found = {key: sorted(tests) for key, tests in sorted(self.said.items())}
        Path(os.environ[FILE]).write_text(json.dumps(found), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Record from now on."""
    plugin = SaidSentences()
    config.pluginmanager.register(plugin)
    shipped_template, shipped_init = catalogues._template, am.AccountMergeError.__init__

    def template(key: str, language: str, number: int) -> str:
        plugin.said[key].add(plugin.test)
        return shipped_template(key, language, number)

    def init(error: am.AccountMergeError, code: str, **facts: Any) -> None:
        shipped_init(error, code, **facts)
        plugin.errors.append(error)

    catalogues._template = template
    am.AccountMergeError.__init__ = init  # type: ignore[method-assign, assignment]
