"""A mapping is refused where it is wrong, and adds the right tables and triggers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from single_columns import memory
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

import accountmerge as am
from accountmerge import sql
from accountmerge.errors import InvalidValueError, LoadError
from accountmerge.sql.fetching import Reader
from accountmerge.sql.side_tables import key_name, short, sqlite_triggers
from accountmerge.sql.writing import Writer


def dialect_of(module: Any) -> Any:
    return module.dialect()


Made = tuple[sa.MetaData, sql.Mapping]


def number() -> sa.Column[Any]:
    return sa.Column("id", sa.Integer, primary_key=True)


def texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text) for name in names]


def link(name: str, target: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, sa.ForeignKey(target))


def practice(**options: Any) -> Made:
    """Return tables of a practice, and a mapping without a declared table."""
    metadata = sa.MetaData()
    sa.Table("login", metadata, number(), *texts("who", "mail", "state", "plan"))
    sa.Table("person", metadata, number(), *texts("file_no", "state", "name"))
    sa.Table(
        "visit",
        metadata,
        *(number(), link("login_id", "login.id"), link("person_id", "person.id")),
        *(sa.Column("starts", sa.DateTime), sa.Column("ends", sa.DateTime), *texts("way", "state", "zone")),
    )
    sa.Table("note", metadata, number(), link("person_id", "person.id"), *texts("kind", "body"))
    sa.Table("bill", metadata, number(), link("visit_id", "visit.id"), sa.Column("paid", sa.Boolean))
    sa.Table("phone", metadata, link("person_id", "person.id"), *texts("digits"))
    return metadata, sql.Mapping(metadata, **{"zone": "Europe/Paris", **options})


def people(mapping: sql.Mapping, **fields: Any) -> None:
    mapping.profiles("login", practitioner_id="who", email="mail", login="state", schedule="plan")
    mapping.customers("person", **{"record_number": "file_no", "status": "state", **fields})


def visits(mapping: sql.Mapping, **fields: Any) -> None:
    bound: dict[str, Any] = {"profile_id": "login_id", "customer_id": "person_id", "modality": "way"}
    bound |= {"status": "state", "start": sql.Local("starts"), "end": sql.Local("ends"), **fields}
    mapping.appointments("visit", **bound)


def refusal(act: Callable[[], object]) -> tuple[str, dict[str, Any]]:
    """Return the code and the facts of the error of a mapping."""
    with pytest.raises(InvalidValueError) as caught:
        act()
    assert str(caught.value)
    return caught.value.code, dict(caught.value.facts)


# Construction


@pytest.mark.parametrize(
    ("options", "code", "field"),
    [
        ({"zone": "Nowhere"}, "zone_unknown", "zone"),
        ({"zone": 5}, "wrong_type", "zone"),
        ({"ids": "theirs"}, "not_one_of", "ids"),
    ],
)
def test_a_wrong_argument_of_a_mapping_is_named(options: Any, code: str, field: str) -> None:
    found, facts = refusal(lambda: practice(**options))
    assert (found, facts["of"], facts["field"]) == (code, "Mapping", field)


def test_a_mapping_needs_the_tables_of_sqlalchemy() -> None:
    tables: Any = {}
    code, facts = refusal(lambda: sql.Mapping(tables, zone="UTC"))
    assert (code, facts["field"]) == ("wrong_type", "metadata")


PHONE = sa.Table("phone", sa.MetaData(), *texts("person_id", "digits", "place"))


def used(mapping: sql.Mapping) -> object:
    """Ask for the tables, after which a mapping cannot be changed."""
    return mapping.tables


WRONG: dict[str, tuple[list[Callable[[sql.Mapping], object]], str, dict[str, Any]]] = {
    "table": (
        [lambda mapping: mapping.customers("patient", record_number="file_no", status="state")],
        "sql_no_table",
        {"table": "patient"},
    ),
    "column": (
        [lambda mapping: people(mapping, given_name="nick")],
        "sql_no_column",
        {"table": "person", "column": "nick"},
    ),
    "column of a binding": (
        [lambda mapping: people(mapping, phones=sql.Values("name", "mobile"))],
        "sql_no_column",
        {"table": "person", "column": "mobile"},
    ),
    "column of rows": (
        [lambda mapping: people(mapping, phones=sql.Rows(PHONE, owner="person_id", value="digit"))],
        "sql_no_column",
        {"table": "phone", "column": "digit"},
    ),
    "order of rows": (
        [
            lambda mapping: people(
                mapping, phones=sql.Rows(PHONE, owner="person_id", value="digits", order="at")
            )
        ],
        "sql_no_column",
        {"table": "phone", "column": "at"},
    ),
    "owner of rows": (
        [
            lambda mapping: people(
                mapping, phones=sql.Rows(PHONE, owner=["person_id", "place"], value="digits")
            )
        ],
        "sql_not_a_reference",
        {"table": "phone", "column": "person_id"},
    ),
    "address in rows": (
        [
            lambda mapping: people(
                mapping, emails=sql.EmailRows(PHONE, owner="person_id", address="digits", use="use")
            )
        ],
        "sql_no_column",
        {"table": "phone", "column": "use"},
    ),
    "key": (
        [lambda mapping: people(mapping, key="number")],
        "sql_no_column",
        {"table": "person", "column": "number"},
    ),
    "no key": (
        [lambda mapping: mapping.records("phone", "phone", customer_id="person_id")],
        "sql_no_key",
        {"table": "phone"},
    ),
    "twice": ([people, people], "sql_mapped_twice", {"table": "login"}),
    "no table of customers": ([used], "sql_kind_has_no_table", {"kind": "profile"}),
    "reference to a kind without a table": (
        [
            people,
            lambda mapping: mapping.records("note", "note", customer_id="person_id", attached_to="id"),
            lambda mapping: mapping.records(
                "file", "bill", customer_id="id", attached_to=sql.Reference("visit_id", to="visit")
            ),
            used,
        ],
        "sql_not_a_reference",
        {"table": "bill", "column": "attached_to"},
    ),
    "reference with too many columns": (
        [
            people,
            lambda mapping: mapping.records("note", "note", customer_id=sql.Reference("person_id", "id")),
            used,
        ],
        "sql_not_a_reference",
        {"table": "note", "column": "customer_id"},
    ),
    "reference with codes": (
        [
            people,
            lambda mapping: mapping.records("note", "note", customer_id=sql.Codes("person_id", {1: "a"})),
            used,
        ],
        "sql_not_a_reference",
        {"table": "note", "column": "customer_id"},
    ),
    "start as text": (
        [people, lambda mapping: visits(mapping, start=sql.Text("starts")), used],
        "sql_not_a_time",
        {"table": "visit", "column": "start"},
    ),
    "start as length": (
        [people, lambda mapping: visits(mapping, start=sql.Duration("starts")), used],
        "sql_not_a_time",
        {"table": "visit", "column": "start"},
    ),
    "both clocks and instants": (
        [people, lambda mapping: visits(mapping, end="ends"), used],
        "sql_not_a_time",
        {"table": "visit", "column": "end"},
    ),
    "follows without a foreign key": (
        [lambda mapping: mapping.follows("bill.paid")],
        "sql_not_a_reference",
        {"table": "bill", "column": "paid"},
    ),
    "follows without a column": (
        [lambda mapping: mapping.follows("bill.visit")],
        "sql_no_column",
        {"table": "bill", "column": "visit"},
    ),
    "leaves without a table": (
        [lambda mapping: mapping.leaves("bill_id", why="paid")],
        "sql_no_table",
        {"table": ""},
    ),
    "after use": ([people, used, visits], "sql_mapping_in_use", {}),
    "shared ids": (
        [
            people,
            lambda mapping: mapping.records("note", "note", customer_id="person_id", prefix="n-"),
            lambda mapping: mapping.records("bill", "bill", customer_id="visit_id", prefix="n-1"),
            used,
        ],
        "sql_same_ids",
        {"table": "bill"},
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_declaration_is_refused_with_its_place(case: str) -> None:
    acts, code, facts = WRONG[case]
    metadata, mapping = practice()
    assert mapping.metadata is metadata
    for act in acts[:-1]:
        act(mapping)
    assert refusal(lambda: acts[-1](mapping)) == (code, facts)


SLOTS = sa.Table("away", sa.MetaData(), *texts("person_id", "starts", "ends"))
MISPLACED: list[tuple[str, Any]] = [
    ("given_name", 5),
    ("given_name", sql.Local("name")),
    ("given_name", sql.Duration("name")),
    ("given_name", sql.Reference("name")),
    ("given_name", sql.Values("name")),
    ("birth_date", sql.EmailColumns("name")),
    ("phones", sql.Text("name")),
    ("phones", sql.Columns("name")),
    ("phones", sql.SlotRows(SLOTS, owner="person_id", start="starts", end="ends")),
    ("phones", sql.Rows("phone", owner="person_id", value="digits")),  # type: ignore[arg-type]
    ("emails", sql.Text("name")),
    ("emails", sql.Values("name")),
    ("attributes", sql.Text("name")),
    ("opt_outs", sql.Codes("name", {"a": "b"})),
    ("former_record_numbers", sql.EmailColumns("name")),
]


@pytest.mark.parametrize(("field", "bound"), MISPLACED)
def test_a_binding_that_a_field_cannot_have_is_refused(field: str, bound: Any) -> None:
    _, mapping = practice()
    assert refusal(lambda: people(mapping, **{field: bound})) == (
        "sql_wrong_binding",
        {"table": "person", "field": field},
    )


def test_a_binding_of_the_caller_fits_every_field() -> None:
    class Own(sql.Binding):
        def getter(self, table: Any, places: Any) -> Any:
            return lambda _: "fixed"

    _, mapping = practice()
    people(mapping, given_name=Own(), emails=sql.Constant(()))
    assert mapping.tables.of("customer").bindings["given_name"] == Own()


@pytest.mark.parametrize("name", ["mysql", "mssql", "oracle"])
def test_a_store_refuses_another_database(name: str) -> None:
    _, mapping = practice()
    engine: Any = type("Engine", (), {"dialect": type("Dialect", (), {"name": name})})
    assert refusal(lambda: sql.Store(engine, mapping))[1]["field"] == "engine"


def test_a_store_refuses_an_unknown_way_of_locking() -> None:
    _, mapping = practice()
    locks: Any = "none"
    assert refusal(lambda: sql.Store(memory(), mapping, locks=locks))[1]["field"] == "locks"


# What a mapping knows


def test_tables_are_found_by_kind_and_by_id() -> None:
    metadata, mapping = practice()
    people(mapping)
    mapping.records("note", "note", customer_id="person_id")
    mapping.records("bill", metadata.tables["bill"], customer_id="visit_id")
    tables = mapping.tables
    assert mapping.tables is tables
    note, bill = (tables.of("record", kind) for kind in ("note", "bill"))
    assert tables.with_id("record", "bill-5") is bill
    assert tables.with_id("record", "note-5") is note
    assert tables.with_id("record", "other-5") is None
    assert tables.with_id("customer", "anything") is tables.of("customer")
    assert refusal(lambda: tables.of("record", "letter")) == ("sql_kind_has_no_table", {"kind": "letter"})
    assert refusal(lambda: tables.of("appointment")) == ("sql_kind_has_no_table", {"kind": "appointment"})
    assert mapping.record_kinds() == ("bill", "note")
    assert [table.kind.name for table in tables.of_kind("record")] == ["record", "record"]


def test_the_kind_of_a_record_may_be_a_column() -> None:
    _, mapping = practice()
    people(mapping)
    mapping.records(sql.Codes("kind", {"n": "note", "l": "letter"}), "note", customer_id="person_id")
    assert mapping.record_kinds() == ("letter", "note")
    assert mapping.tables.of("record", "letter") is mapping.tables.of("record", "anything")
    _, mapping = practice()
    people(mapping)
    mapping.records(sql.Text("kind"), "note", customer_id="person_id")
    assert mapping.record_kinds() is None


def test_access_and_requests_have_an_own_table_or_that_of_the_program() -> None:
    metadata, mapping = practice()
    columns = link("login_id", "login.id"), link("person_id", "person.id"), *texts("level", "why")
    sa.Table("right", metadata, number(), *columns)
    asked = sa.Column("asked", sa.DateTime), sa.Column("until", sa.DateTime), *texts("state")
    sa.Table("wish", metadata, number(), link("login_id", "login.id"), link("person_id", "person.id"), *asked)
    people(mapping)
    mapping.access(
        "right", profile_id="login_id", customer_id="person_id", level="level", since=sql.Constant(None)
    )
    mapping.access_requests(
        "wish",
        profile_id="login_id",
        customer_id=sql.Constant("person-1"),
        requested_at="asked",
        expires_at="until",
        status="state",
    )
    tables = mapping.tables
    assert tables.of("access").table.name == "right"
    assert tables.of("access_request").bindings["customer_id"] == sql.Constant("person-1")
    assert "accountmerge_access" not in tables.added.tables
    _, mapping = practice()
    people(mapping)
    assert mapping.tables.of("access").table.name == "accountmerge_access"
    assert mapping.tables.of("access").side is None


def test_declarations_about_other_references_are_kept() -> None:
    metadata, mapping = practice()
    column = metadata.tables["bill"].c.visit_id
    mapping.leaves(column, why="paid")
    mapping.follows("bill.visit_id", where=metadata.tables["bill"].c.paid.is_(False))
    mapping.follows(column)
    mapping.obeys("unavailable")
    mapping.obeys("merged_into", "unavailable")
    assert [(each.column, each.why) for each in mapping.left] == [(column, "paid")]
    assert [each.column for each in mapping.followed] == [column, column]
    assert [each.where is None for each in mapping.followed] == [False, True]
    assert mapping.obeyed == {"unavailable", "merged_into"}
    assert mapping.gives_ids
    assert not sql.Mapping(metadata, zone="UTC", ids="planned").gives_ids


def test_a_plain_start_has_instants_and_a_booking_without_a_zone_has_that_of_the_mapping() -> None:
    _, mapping = practice()
    people(mapping)
    visits(mapping, start="starts", end=sql.Duration("ends"))
    table = mapping.tables.of("appointment")
    assert table.slot is not None
    assert (table.slot.start, table.slot.end) == (sql.Utc("starts"), sql.Duration("ends"))
    assert table.bindings["time_zone"] == sql.Constant("Europe/Paris")


def _unique_table(*extra: Any) -> Made:
    metadata, mapping = practice()
    people(mapping)
    sa.Table(
        "letter",
        metadata,
        *(number(), link("person_id", "person.id"), *texts("body", "room", "colour", "place")),
        *(
            sa.Column("code", sa.Text, unique=True),
            sa.Column("year", sa.Integer),
            sa.Column("page", sa.Integer),
        ),
        *(sa.UniqueConstraint("year", "page"), sa.Index("one_place", "place", unique=True)),
        sa.Column("size", sa.Integer, sa.Computed("length(body)")),
        *extra,
    )
    return metadata, mapping


@pytest.mark.parametrize(
    ("copied", "expected"),
    [(True, ("room", "colour")), (False, ()), (["colour"], ("colour",)), ("room", ("room",))],
)
def test_a_new_row_takes_columns_without_a_meaning_but_not_unique_or_computed_ones(
    copied: Any, expected: Any
) -> None:
    _, mapping = _unique_table()
    mapping.records(
        "letter", "letter", customer_id="person_id", data=sql.Columns("body"), copy_other_columns=copied
    )
    assert mapping.tables.of("record", "letter").copied == expected


def test_all_other_columns_may_be_data_and_given_values_are_not_copied() -> None:
    _, mapping = _unique_table()
    mapping.records("letter", "letter", customer_id="person_id", data=sql.Columns())
    table = mapping.tables.of("record", "letter")
    assert table.copied == ()
    assert set(table.bindings["data"].columns) == {
        "body",
        "room",
        "colour",
        "place",
        "code",
        "year",
        "page",
        "size",
    }
    metadata, mapping = _unique_table()
    column = metadata.tables["letter"].c.room
    mapping.records("letter", "letter", customer_id="person_id", new_values={column: "A1"})
    assert mapping.tables.of("record", "letter").copied == ("body", "colour")
    assert mapping.tables.of("record", "letter").new_values == {"room": "A1"}


# Added tables


def _ddl(mapping: sql.Mapping, dialect: Any) -> str:
    found = []
    for table in mapping.tables.added.sorted_tables:
        found.append(str(CreateTable(table).compile(dialect=dialect)))
        found += [str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes]
    return "\n".join(found)


DIALECTS = {"sqlite": dialect_of(sqlite), "postgresql": dialect_of(postgresql)}


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_each_mapped_table_has_one_beside_it_and_steps_have_three(dialect: Any) -> None:
    _, mapping = practice(prefix="am_")
    people(mapping)
    visits(mapping)
    text = _ddl(mapping, dialect)
    for name in ("login", "person", "visit", "receipt", "owed", "email", "access", "access_request"):
        assert f"CREATE TABLE am_{name} (" in text
    assert "FOREIGN KEY(key_id) REFERENCES person (id) ON DELETE CASCADE ON UPDATE CASCADE" in text
    assert "FOREIGN KEY(replaces_visit_id) REFERENCES visit (id) ON DELETE SET NULL ON UPDATE CASCADE" in text
    assert "UNIQUE (plan_id, ordinal)" in text


def test_added_tables_may_have_a_schema_of_their_own() -> None:
    _, mapping = practice(schema="ours")
    people(mapping)
    text = _ddl(mapping, dialect_of(postgresql))
    assert "CREATE TABLE ours.accountmerge_person (" in text
    assert "REFERENCES person (id)" in text
    assert "ON ours.accountmerge_owed (plan_id, done_at)" in text


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@pytest.mark.parametrize("name", ["receipt", "owed", "email", "access", "access_request"])
def test_a_table_may_have_the_name_of_an_added_one(name: str, dialect: Any) -> None:
    metadata, mapping = practice()
    people(mapping)
    sa.Table(name, metadata, number(), link("person_id", "person.id"))
    mapping.records("letter", name, customer_id="person_id")
    assert f"CREATE TABLE accountmerge_{name}_record (" in _ddl(mapping, dialect)
    assert f"CREATE TABLE accountmerge_{name} (" in _ddl(mapping, dialect)


def test_tables_of_two_schemas_with_one_name_have_two_tables_beside_them() -> None:
    metadata, mapping = practice(ids="planned")
    people(mapping)
    for schema in ("old", "older", "oldest"):
        table = sa.Table("letter", metadata, number(), link("person_id", "person.id"), schema=schema)
        mapping.records(f"letter_{schema}", table, customer_id="person_id")
    names = {table.side.table.name for table in mapping.tables.of_kind("record") if table.side is not None}
    assert names == {"accountmerge_letter", "accountmerge_letter_record", "accountmerge_oldest_letter"}
    side = mapping.tables.of("record", "letter_old").side
    assert side is not None
    assert "attached_to_older_letter_id" in side.table.c


def test_names_are_as_short_as_postgresql_needs_them() -> None:
    name = "a_table_with_a_very_long_name_as_some_programs_have_it_anyway"
    metadata, mapping = practice()
    people(mapping)
    sa.Table(name, metadata, number(), link("person_id", "person.id"))
    mapping.records("letter", name, customer_id="person_id")
    assert name[:30] in _ddl(mapping, dialect_of(postgresql))
    assert short("a" * 63) == "a" * 63
    assert len(short("a" * 64)) == len(short("a" * 99)) == 63
    assert short("a" * 64) != short("a" * 65)
    assert len(short("é" * 40).encode()) <= 63
    assert key_name("id") == "key_id"


def test_a_table_for_which_no_name_is_left_is_refused() -> None:
    metadata, mapping = practice(ids="planned")
    sa.Table("d_x", metadata, number(), *texts("file_no", "state"))
    mapping.profiles("login", practitioner_id="who", email="mail", login="state", schedule="plan")
    mapping.customers("d_x", record_number="file_no", status="state")
    for schema in ("a", "b", "d"):
        table = sa.Table("x", metadata, number(), link("person_id", "d_x.id"), schema=schema)
        mapping.records(f"x_{schema}", table, customer_id="person_id")
    assert refusal(lambda: mapping.tables) == ("sql_mapped_twice", {"table": "x"})


def test_records_of_two_kinds_may_share_a_table() -> None:
    metadata, mapping = practice()
    people(mapping)
    note = metadata.tables["note"]
    mapping.records("note", note, customer_id="person_id", where=note.c.kind == "n", new_values={"kind": "n"})
    mapping.records(
        "letter",
        note,
        customer_id="person_id",
        attached_to="body",
        where=note.c.kind == "l",
        new_values={note.c.kind: "l"},
    )
    one, other = (mapping.tables.of("record", kind).side for kind in ("note", "letter"))
    assert one is not None
    assert other is not None
    assert one.table is other.table
    assert {field for field, _, _ in one.links} == {"profile_id", "related_customer_id", "attached_to"}
    assert {field for field, _, _ in other.links} == {"profile_id", "related_customer_id"}
    store = stored(metadata, mapping)
    with store.engine.begin() as connection:
        connection.execute(
            sa.insert(metadata.tables["person"]), [{"id": 1, "file_no": "N1", "state": "active"}]
        )
        rows = [{"id": key, "person_id": 1, "kind": kind} for key, kind in ((1, "n"), (2, "l"), (3, "x"))]
        connection.execute(sa.insert(note), rows)
    assert {(row.id, row.kind) for row in store.snapshot().records} == {
        ("note-1", "note"),
        ("note-2", "letter"),
    }


def test_composite_keys_are_in_every_added_table() -> None:
    metadata, mapping = practice()
    sa.Table(
        "client",
        metadata,
        *(sa.Column("site", sa.Text, primary_key=True), sa.Column("no", sa.Integer, primary_key=True)),
        *texts("file_no", "state"),
    )
    sa.Table("card", metadata, number(), *texts("site"), sa.Column("no", sa.Integer))
    mapping.profiles("login", practitioner_id="who", email="mail", login="state", schedule="plan")
    mapping.customers("client", record_number="file_no", status="state")
    mapping.records("card", "card", customer_id=sql.Reference("site", "no"))
    text = _ddl(mapping, dialect_of(postgresql))
    assert text.count("FOREIGN KEY(key_site, key_no) REFERENCES client (site, no) ON DELETE CASCADE") == 2
    assert text.count("FOREIGN KEY(customer_id_site, customer_id_no) REFERENCES client (site, no)") == 2
    store = stored(metadata, mapping)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO client VALUES ('a:b', 5, 'N1', 'active')")
        connection.exec_driver_sql("INSERT INTO card VALUES (1, 'a:b', 5), (2, 'a:b', 5)")
    assert {row.customer_id for row in store.snapshot().records} == {"client-a%3Ab:5"}
    with store.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO card VALUES (3, 'a:b', NULL)")
    with pytest.raises(LoadError) as caught:
        store.snapshot()
    assert [(fault.path, fault.facts["reason"]) for fault in caught.value.faults] == [
        ("card.site", "empty_column")
    ]


def stored(metadata: sa.MetaData, mapping: sql.Mapping) -> sql.Store:
    """Return a store in memory with all tables."""
    engine = memory()
    metadata.create_all(engine)
    store = sql.Store(engine, mapping)
    store.create_tables()
    store.create_tables()
    return store


# Faults of rows


def test_rows_without_a_required_value_are_counted_for_each_column() -> None:
    metadata, mapping = practice()
    people(mapping)
    store = stored(metadata, mapping)
    with store.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO person (file_no, state) VALUES ('N1', NULL), ('N2', NULL), (NULL, 'active')"
        )
    with pytest.raises(LoadError) as caught:
        store.snapshot()
    found = [
        (fault.code, fault.path, fault.facts["reason"], fault.facts["count"]) for fault in caught.value.faults
    ]
    assert found == [
        ("sql_rows", "person.file_no", "empty_column", 1),
        ("sql_rows", "person.state", "empty_column", 2),
    ]


def test_a_fault_in_a_row_of_a_list_is_counted_with_its_owner() -> None:
    metadata, mapping = practice()
    away = sa.Table("away", metadata, link("login_id", "login.id"), *texts("starts", "ends"))
    mapping.profiles(
        *("login",),
        practitioner_id="who",
        email="mail",
        login="state",
        schedule="plan",
        unavailable=sql.SlotRows(away, owner="login_id", start="starts", end="ends"),
    )
    mail = sa.Table("mail", metadata, link("person_id", "person.id"), *texts("address", "use"))
    emails = sql.EmailRows(mail, owner="person_id", address="address", use="use")
    mapping.customers("person", record_number="file_no", status="state", emails=emails)
    store = stored(metadata, mapping)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO login VALUES (1, 'H', 'a@example.com', 'enabled', 'active')")
        connection.exec_driver_sql("INSERT INTO person VALUES (1, 'N1', 'active', NULL)")
        connection.exec_driver_sql("INSERT INTO away VALUES (1, '2026-03-02 09:00', 'abc')")
        connection.exec_driver_sql("INSERT INTO mail VALUES (1, 'b@example.com', 'billing')")
    with pytest.raises(LoadError) as caught:
        store.snapshot()
    found = [(fault.path, fault.facts["reason"], fault.facts["count"]) for fault in caught.value.faults]
    assert found == [("mail.use", "unknown_code", 1), ("away.ends", "unreadable_column", 1)]
    assert "abc" not in repr(found)


# Triggers of SQLite


def _with_overlay() -> tuple[sql.Store, Any]:
    """Return a store with two visits, of which the first replaces the second and has an overlay."""
    metadata, mapping = practice()
    people(mapping)
    visits(mapping, time_zone="zone")
    store = stored(metadata, mapping)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO login VALUES (1, 'H', 'a@example.com', 'enabled', 'active')")
        connection.exec_driver_sql("INSERT INTO person VALUES (1, 'N1', 'active', NULL)")
        for key in (1, 2):
            connection.exec_driver_sql(VISIT.format(key))
        reader = Reader(connection, mapping.tables)
        first = next(iter(store_row(reader, "visit-1")))
        writer = Writer(connection, mapping, {}, reader.sided)
        planned = am.model.FrozenJson.of({"a": 1})
        import attrs

        writer.write(am.changes.Edit(first, attrs.evolve(first, replaces="visit-2", data=planned)))
        writer.flush()
    return store, planned


VISIT = "INSERT OR REPLACE INTO visit VALUES ({}, 1, 1, '2026-03-02 09:00', '2026-03-02 10:00', 'video', 'booked', 'UTC')"


def store_row(reader: Reader, id: str) -> Any:
    return reader.fetch(am.changes.Questions(ids=(("appointment", (id,)),)))


def _visit(store: sql.Store, id: str) -> Any:
    return store.snapshot().appointments.get(id)


@pytest.mark.parametrize("foreign_keys", [False, True])
def test_a_key_that_is_used_again_inherits_nothing(foreign_keys: bool) -> None:
    store, planned = _with_overlay()
    found = _visit(store, "visit-1")
    assert (found.replaces, found.data) == ("visit-2", planned)
    with store.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA foreign_keys = {int(foreign_keys)}")
        connection.exec_driver_sql("DELETE FROM visit WHERE id = 1")
        assert connection.exec_driver_sql("SELECT count(*) FROM accountmerge_visit").scalar_one() == 0
        connection.exec_driver_sql(VISIT.format(1))
        connection.commit()
    found = _visit(store, "visit-1")
    assert (found.replaces, found.data) == (None, None)


@pytest.mark.parametrize("foreign_keys", [False, True])
def test_a_row_that_replaces_another_one_inherits_nothing(foreign_keys: bool) -> None:
    store, _ = _with_overlay()
    with store.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA foreign_keys = {int(foreign_keys)}")
        connection.exec_driver_sql(VISIT.format(1))
        connection.commit()
    found = _visit(store, "visit-1")
    assert (found.replaces, found.data) == (None, None)


@pytest.mark.parametrize("act", ["DELETE FROM visit WHERE id = 2", VISIT.format(2)])
def test_a_link_ends_with_its_target_and_the_rest_of_the_overlay_stays(act: str) -> None:
    store, planned = _with_overlay()
    with store.engine.begin() as connection:
        connection.exec_driver_sql(act)
    found = _visit(store, "visit-1")
    assert (found.replaces, found.data) == (None, planned)


def test_names_in_triggers_are_quoted() -> None:
    metadata, mapping = practice(prefix="Am ")
    sa.Table(
        "Order", metadata, sa.Column("Key", sa.Integer, primary_key=True), link("person_id", "person.id")
    )
    people(mapping)
    mapping.records("order", "Order", customer_id="person_id")
    statements = dict(sqlite_triggers(mapping.tables.added))
    assert 'ON "Order" BEGIN DELETE FROM "Am Order" WHERE "key_Key" = OLD."Key"; END' in "\n".join(
        statements.values()
    )
    store = stored(metadata, mapping)
    with store.engine.begin() as connection:
        connection.exec_driver_sql('INSERT INTO "Order" VALUES (1, NULL)')
        connection.exec_driver_sql('DELETE FROM "Order"')
    assert len(statements) == len(set(statements))
