"""Foreign keys of the caller that follow a row whose place another one takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
OBEYED = 'sa.event.listen(engine, "connect", lambda made, _: made.execute("PRAGMA foreign_keys = ON"))\n'


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return the names of the example of the page, in a database that obeys foreign keys at once."""
    monkeypatch.chdir(ROOT)
    source = (ROOT / "docs/examples/sql_service.py").read_text(encoding="utf-8").split("both =")[0]
    names: dict[str, Any] = {}
    exec(source.replace("engine.raw_connection()", OBEYED + "engine.raw_connection()"), names)  # noqa: S102 - our example
    return names


def booked(service: dict[str, Any]) -> int:
    with service["engine"].connect() as connection:
        found: int = connection.exec_driver_sql("SELECT booking_id FROM invoice WHERE id = 1").scalar_one()
    return found


@pytest.mark.parametrize("batch", [1, 1_000])
def test_an_undo_sets_followed_keys_back_before_it_removes_the_row(
    service: dict[str, Any], batch: int
) -> None:
    store, plan = service["store"], service["plan"]
    assert booked(service) != 1
    undo = service["am"].invert(plan).confirm(by="Ana Duarte", at=service["now"])
    store.batch = batch
    assert set(store.apply(undo, by="a test").outcomes.values()) == {"applied"}
    assert booked(service) == 1
