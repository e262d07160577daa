"""A process that applies a change set and tells each statement, so that another one can kill it at any moment."""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import Any

import sqlalchemy as sa
from mapped_schemas import booking_service
from moved_practice import store_of

import accountmerge as am


def apply_and_tell(url: str, change_set: str, pipe: Connection) -> None:
    """Apply a change set, and send the names of points, and an empty text before and after each statement."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)

    def tell(*_: Any) -> None:
        pipe.send_bytes(b"")

    for name in ("before_cursor_execute", "after_cursor_execute"):
        sa.event.listen(engine, name, tell)
    found = am.loads(change_set)
    assert isinstance(found, am.ChangeSet)
    pipe.send_bytes(b"ready")
    applied = store_of(engine, booking_service()).apply(
        found, by="a child", on_point=lambda name: pipe.send_bytes(name.encode())
    )
    assert not applied.failures
    pipe.send_bytes(b"done")
