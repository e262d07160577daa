"""What the tests of the kit share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from coverage import Coverage

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def unmeasured() -> Iterator[None]:
    """Measure no coverage: whole runs of the kit, of which others are measured, take twice as long with it."""
    measured = Coverage.current()
    if measured is None:
        yield
        return
    measured.stop()
    yield
    measured.start()
