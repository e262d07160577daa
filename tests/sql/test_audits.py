"""An audit tells what plans would meet in the rows of a caller, in counts and ids."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pendulum
import pytest
import small_service
import sqlalchemy as sa

import accountmerge as am
from accountmerge import sql
from accountmerge.sql.audits import MOST_IDS, Audit, Observation, held

NOW = pendulum.datetime(2026, 5, 1)


class Practice:
    """A database with a practice, whose rows a test spoils."""

    def __init__(self, path: Path, made: sql.Mapping | None = None) -> None:
        self.mapping = small_service.mapping(small_service.tables()) if made is None else made
        self.engine = small_service.engine_for(path / "practice.db", self.mapping)
        with self.engine.begin() as connection:
            small_service.fill(connection, self.mapping.metadata)

    def spoil(self, table: str, keys: list[int], **values: Any) -> None:
        """Change rows as the caller's program, or somebody by hand, can do it."""
        found = self.mapping.metadata.tables[table]
        with self.engine.begin() as connection:
            connection.execute(sa.update(found).where(found.c.id.in_(keys)).values(**values))

    def overlay(self, table: str, key: int, text: str) -> None:
        side = next(each.side for each in self.mapping.tables.mapped if each.table.name == table)
        assert side is not None
        with self.engine.begin() as connection:
            connection.execute(side.table.insert().values(key_id=key, overlay=text))

    def audit(self) -> Audit:
        return sql.Store(self.engine, self.mapping, clock=lambda: NOW).audit()


@pytest.fixture
def practice(tmp_path: Path) -> Practice:
    return Practice(tmp_path)


def test_rows_without_trouble_have_only_counts(practice: Practice) -> None:
    found = practice.audit()
    assert found.is_readable
    assert (found.unreadable, found.observations, found.faults) == ((), (), ())
    assert dict(found.rows) == {
        "booking": 8,
        "calendar": 2,
        "client": 4,
        "note": 4,
        "accountmerge_access": 0,
        "accountmerge_access_request": 0,
    }


def test_a_code_without_a_word_is_counted_with_its_column(practice: Practice) -> None:
    practice.spoil("booking", [2, 5], status=9)
    found = practice.audit()
    assert not found.is_readable
    assert found.unreadable == (
        Observation("unknown_code", "booking", "status", 2, ("booking-2", "booking-5")),
    )


@pytest.mark.parametrize("start", ["Local", "Utc"])
def test_an_unknown_zone_is_told_at_the_column_of_the_zone(tmp_path: Path, start: str) -> None:
    binding = sql.Local("starts") if start == "Local" else sql.Utc("starts")
    made = small_service.mapping(small_service.tables(), booking={"start": binding})
    practice = Practice(tmp_path, made)
    practice.spoil("booking", [3], zone="Mars/Olympus")
    assert [(each.field, each.count) for each in practice.audit().unreadable] == [("zone", 1)]


@pytest.mark.parametrize(
    ("clock", "code"),
    [
        (datetime(2026, 11, 1, 1, 30), "wall_time_ambiguous"),  # noqa: DTZ001
        (datetime(2026, 3, 8, 2, 30), "wall_time_missing"),  # noqa: DTZ001
    ],
)
def test_times_that_clocks_show_twice_or_never_are_counted(
    practice: Practice, clock: datetime, code: str
) -> None:
    practice.spoil("booking", [4], starts=clock)
    found = practice.audit()
    assert found.is_readable
    assert found.observations == (Observation(code, "booking", "starts", 1, ("booking-4",)),)


def test_references_without_a_row_are_counted_by_their_column(practice: Practice) -> None:
    practice.spoil("note", [1, 2], client_id=99)
    practice.spoil("booking", [1], calendar_id=77)
    found = practice.audit()
    assert not found.is_readable
    with pytest.raises(am.LoadError):
        sql.Store(practice.engine, practice.mapping).snapshot()
    assert found.unreadable == (
        Observation("no_target", "booking", "calendar_id", 1, ("booking-1",)),
        Observation("no_target", "note", "client_id", 2, ("note-1", "note-2")),
    )


def test_a_row_that_cannot_be_read_is_still_there_for_references(practice: Practice) -> None:
    practice.spoil("calendar", [1], state=9)
    found = practice.audit()
    assert [each.code for each in found.unreadable] == ["unknown_code"]
    assert found.observations == ()


def test_a_value_that_no_column_holds_is_told_by_its_field(practice: Practice) -> None:
    practice.overlay("client", 1, '{"phones":[["555-0001","555-9999"],["555-0001"]]}')
    practice.overlay("booking", 1, '{"cancel_reason":["moved",null]}')
    assert practice.audit().observations == (
        Observation("not_in_columns", "booking", "cancel_reason", 1, ("booking-1",)),
        Observation("not_in_columns", "client", "phone1", 1, ("client-1",)),
    )


def test_an_overlay_whose_columns_have_changed_is_told(practice: Practice) -> None:
    practice.overlay("client", 1, '{"given_name":["Ann","Anne"]}')
    assert practice.audit().observations == (
        Observation("overlay_outdated", "client", "first_name", 1, ("client-1",)),
    )


def test_the_faults_of_the_data_are_counted_by_code(practice: Practice) -> None:
    practice.spoil("booking", [2, 4], starts=small_service.FIRST)
    practice.spoil("note", [1], client_id=99)
    assert practice.audit().faults == (("existing_double_booking", 1),)


def test_few_ids_are_told_and_all_are_counted(tmp_path: Path) -> None:
    practice = Practice(tmp_path)
    with practice.engine.begin() as connection:
        notes = [{"client_id": 99, "text": "x"} for _ in range(MOST_IDS + 5)]
        connection.execute(practice.mapping.metadata.tables["note"].insert(), notes)
    (orphans,) = practice.audit().unreadable
    assert (orphans.count, len(orphans.ids)) == (MOST_IDS + 5, MOST_IDS)


def _with_email_rows() -> sql.Mapping:
    metadata = small_service.tables()
    email = sa.Table(
        "client_email",
        metadata,
        sa.Column("client_id", sa.Integer, sa.ForeignKey("client.id"), primary_key=True),
        sa.Column("address", sa.String(320), primary_key=True),
        sa.Column("use", sa.Integer),
    )
    use = sql.Codes("use", {1: "primary", 2: "secondary", 3: "former"})
    rows = sql.EmailRows(email, owner="client_id", address="address", use=use)
    return small_service.mapping(metadata, client={"emails": rows})


def test_rows_of_another_table_are_audited_with_their_owner(tmp_path: Path) -> None:
    practice = Practice(tmp_path, _with_email_rows())
    email = practice.mapping.metadata.tables["client_email"]
    with practice.engine.begin() as connection:
        connection.execute(
            email.insert(),
            [
                {"client_id": 1, "address": "z@example.com", "use": 2},
                {"client_id": 1, "address": "a@example.com", "use": 1},
                {"client_id": 2, "address": "b@example.com", "use": 8},
                {"client_id": 3, "address": "c@example.com", "use": 3},
                {"client_id": 4, "address": "d@example.com", "use": 1},
            ],
        )
    found = practice.audit()
    assert found.unreadable == (Observation("unknown_code", "client_email", "use", 1, ("client-2",)),)
    assert found.observations == ()


def test_the_audit_says_what_a_step_locks(practice: Practice) -> None:
    tables = practice.mapping.tables.mapped
    assert practice.audit().locks == held("sqlite", tables, "rows")
    assert held("sqlite", tables, "tables").code == "locks_file"
    rows = held("postgresql", tables, "rows")
    assert (rows.code, set(rows.tables)) == ("locks_rows", {"calendar", "client"})
    whole = held("postgresql", tables, "tables")
    assert (whole.code, set(whole.tables)) == ("locks_tables", {table.table.name for table in tables})


def test_an_audit_shows_no_value_of_a_row(practice: Practice) -> None:
    practice.spoil("client", [1], first_name="Secretname", email1="secret@example.com\n", active=True)
    practice.spoil("booking", [2], zone="Secret/Zone", status=7)
    practice.overlay("client", 2, '{"phones":[["secret-1"],["secret-2"]],"address":["secret",null]}')
    found = practice.audit()
    assert found.unreadable
    assert found.observations
    assert "ecret" not in repr(found)


def test_an_audit_changes_no_row(practice: Practice) -> None:
    practice.spoil("booking", [2], status=9)

    def rows() -> list[Any]:
        tables = [*practice.mapping.metadata.sorted_tables, *practice.mapping.tables.added.sorted_tables]
        with practice.engine.connect() as connection:
            return [connection.execute(sa.select(table)).all() for table in tables]

    before = rows()
    practice.audit()
    assert rows() == before
