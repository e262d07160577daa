"""A value that the driver of a database refuses is told at once, without the value."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from moved_practice import migration_of, practice, store_of
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, StatementError
from told_errors import assert_tells_no_value

from accountmerge import sql
from accountmerge.sql.dialects import trouble_of


def test_a_text_that_the_driver_refuses_is_no_lost_connection(postgres_engine: Engine) -> None:
    with postgres_engine.connect() as connection, pytest.raises(DBAPIError) as told:
        connection.execute(sa.select(sa.literal("a\x00b")))
    assert trouble_of(told.value) == "failed"


def test_a_value_that_a_column_cannot_take_is_told_without_it(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    store = store_of(engine, practice(engine, clients=1, bookings=1))
    plan = migration_of(store)
    wrong = StatementError("wrong", "INSERT", {"first_name": "Given 1"}, ValueError("Given 1"))

    def refuse(*_: Any) -> None:
        raise wrong

    sa.event.listen(engine, "before_cursor_execute", refuse)
    try:
        with pytest.raises(sql.DatabaseError) as told:
            store.apply(plan, by="a test")
        assert_tells_no_value(told.value, caplog)
        assert told.value.code == "sql_failed"
        with pytest.raises(sql.DatabaseError) as told:
            store.snapshot()
        assert_tells_no_value(told.value, caplog)
    finally:
        sa.event.remove(engine, "before_cursor_execute", refuse)
