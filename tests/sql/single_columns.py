"""One column in a table of SQLite in memory, through which values go and come back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs
import pytest
import sqlalchemy as sa

from accountmerge import sql
from accountmerge.sql.bindings import UnmappedValue


def memory() -> sa.Engine:
    """Return the engine of a new database in memory, which all connections share."""
    return sa.create_engine("sqlite://", poolclass=sa.StaticPool)


@attrs.frozen(eq=False)
class Kept:
    """A table of one row with some columns of given types, as it was declared or as it is reflected."""

    table: sa.Table
    connection: sa.Connection

    def written(self, binding: sql.Binding, value: Any) -> Any:
        """Return the value of a field after it was written to the row and read again."""
        self.connection.execute(sa.update(self.table), binding.values(self.table, value))
        return self.read(binding, self.connection.execute(sa.select(self.table)).one())

    def read(self, binding: sql.Binding, row: Sequence[Any]) -> Any:
        """Return the value of a field in a row."""
        return binding.getter(self.table, {name: place for place, name in enumerate(self.table.c.keys())})(
            row
        )

    def stored(self, **raw: Any) -> Sequence[Any]:
        """Return the row as the database has it, after it was written without any binding."""
        changes = ", ".join(f"{name} = ?" for name in raw)
        self.connection.exec_driver_sql(f"UPDATE kept SET {changes}", tuple(raw.values()))  # noqa: S608 - our names
        return self.connection.execute(sa.select(self.table)).one()


def kept(kind: Any, *, reflected: bool = False, names: Sequence[str] = ("value",)) -> Kept:
    """Make a table with columns of a type."""
    connection = memory().connect()
    table = sa.Table("kept", sa.MetaData(), *(sa.Column(name, kind) for name in names))
    table.create(connection)
    connection.exec_driver_sql("INSERT INTO kept DEFAULT VALUES")
    if reflected:
        table = sa.Table("kept", sa.MetaData(), autoload_with=connection)
    return Kept(table, connection)


def untyped() -> Kept:
    """Make a table whose column has no type, so that SQLAlchemy reflects it with `NullType`."""
    connection = memory().connect()
    connection.exec_driver_sql("CREATE TABLE kept (value)")
    connection.exec_driver_sql("INSERT INTO kept DEFAULT VALUES")
    return Kept(sa.Table("kept", sa.MetaData(), autoload_with=connection), connection)


def fault_of(get: Callable[[], Any]) -> tuple[str, str]:
    """Return the code and the column of the fault that a function raises."""
    with pytest.raises(UnmappedValue) as caught:
        get()
    assert str(caught.value) == caught.value.code
    return caught.value.code, caught.value.column
