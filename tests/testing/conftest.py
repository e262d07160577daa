"""What the tests of the kit share."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def unmeasured() -> Iterator[None]:
    """Measure no coverage: whole runs of the kit, of which others are measured, take four times as long with it.

    Coverage is not asked to stop: another measurement that waits below it would then go on.
    """
    here, in_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    yield
    sys.settrace(here)
    threading.settrace(in_threads)
