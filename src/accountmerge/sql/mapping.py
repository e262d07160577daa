"""Map the tables of a caller to entities."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa

from accountmerge.changes.change_sets import INTENTS, Intent
from accountmerge.errors import InvalidValueError
from accountmerge.model.entities import EntityName
from accountmerge.model.limits import EFFECTS, Limits
from accountmerge.model.texts import IDENTIFIER
from accountmerge.model.value_rules import wrong_type
from accountmerge.model.wall_times import ZONE
from accountmerge.sql import gaps, indexes, side_tables, store_limits
from accountmerge.sql.bindings import Binding, Codes, Constant, Text, name_of
from accountmerge.sql.built_tables import Builder, Tables
from accountmerge.sql.declarations import Bound, Declared, FollowedReference, LeftReference, names_of
from accountmerge.sql.dialects import dialect_of
from accountmerge.sql.field_bindings import REFERENCES, known_words, suits
from accountmerge.sql.gaps import Missing
from accountmerge.sql.list_bindings import ChildRows
from accountmerge.sql.table_options import options_of, require_condition
from accountmerge.sql.unmapped import Unmapped, unmapped

IdSource = Literal["own", "planned"]


class Mapping:
    """The meaning of a caller's tables, declared once.

    The methods `profiles` to `access_requests` declare one table each. They take a column or a binding for each field.
    Fields without a column are stored in tables that the library adds, one for each mapped table. No table of the caller
    is altered. Tables of profiles and customers are required. A mapping can be changed until it is used.

    Args:
        metadata: The caller's tables, declared or reflected.
        zone: The IANA time zone of bookings that have no column for it.
        ids: With `own`, an id is the name of the table and the key, such as `booking-17`, and the database gives keys to
            new rows. With `planned`, the key is a text that is the id, and new rows get the id in the plan.
        prefix: The text before the names of added tables. Default: `accountmerge_`.
        schema: The database schema of added tables. Default: that of the connection.

    Raises:
        InvalidValueError: There is no such zone, or a value is of the wrong type.
    """

    def __init__(
        self,
        metadata: sa.MetaData,
        *,
        zone: str,
        ids: IdSource = "own",
        prefix: str = "accountmerge_",
        schema: str | None = None,
    ) -> None:
        if not isinstance(metadata, sa.MetaData):
            raise wrong_type("metadata").at("Mapping", "metadata")
        if ids not in ("own", "planned"):
            raise InvalidValueError("not_one_of", of="Mapping", field="ids", allowed=("own", "planned"))
        try:
            self.zone = ZONE.check(zone)
        except InvalidValueError as error:
            raise error.at("Mapping", "zone") from None
        self.metadata = metadata
        self.ids: IdSource = ids
        self.prefix = prefix
        self.left: list[LeftReference] = []
        self.followed: list[FollowedReference] = []
        self.overlaps = True
        self.obeyed: frozenset[str] = frozenset()
        self._schema = schema
        self._declared: list[Declared] = []
        self._built: Tables | None = None

    def profiles(
        self,
        table: sa.Table | str,
        *,
        practitioner_id: Bound,
        email: Bound,
        login: Bound,
        schedule: Bound,
        hours: Bound | None = None,
        unavailable: Bound | None = None,
        succeeded_by: Bound | None = None,
        data: Bound | None = None,
        version: Bound | None = None,
        **options: Any,
    ) -> None:
        """Declare the table of profiles. `customers` describes the arguments, options and errors."""
        self._declare("profile", table, locals())

    def customers(
        self,
        table: sa.Table | str,
        *,
        record_number: Bound,
        status: Bound,
        former_record_numbers: Bound | None = None,
        given_name: Bound | None = None,
        family_name: Bound | None = None,
        emails: Bound | None = None,
        phones: Bound | None = None,
        birth_date: Bound | None = None,
        address: Bound | None = None,
        opt_outs: Bound | None = None,
        attributes: Bound | None = None,
        merged_into: Bound | None = None,
        merged_at: Bound | None = None,
        version: Bound | None = None,
        **options: Any,
    ) -> None:
        """Declare the table of customers.

        Each argument is a field of `Customer`, as a column (by its name or itself) or a binding. Fields without a default
        need a column or a binding. These options are the same for every table:

        - `key`: the key columns. Default: the primary key.
        - `prefix`: the text before the key in an id. Default: the name of the table and a hyphen.
        - `where`: a condition for the rows that count, such as those that are not deleted.
        - `copy_other_columns`: the columns without a field that a new row copies from the row whose place it takes.
          True copies all but unique and generated ones, and False none. Default: True.
        - `copy_from`: columns of new rows that are those of a row to which the new row refers, such as
          `{"tenant_id": calendar.c.tenant_id}` or `{"tenant_id": "calendar.tenant_id"}`.
        - `new_values`: values of further columns of new rows, by column.
        - `overlaps`: of appointments, whether the database lets live bookings of one profile or customer overlap.
          Default: yes.
        - `new_number`: of appointments, an SQL expression for the number of a new row. Default: the database has one.

        Raises:
            InvalidValueError: A table, a column or an option does not exist, an option is of the wrong type, a kind has a
                table already, or the mapping is in use.
        """
        self._declare("customer", table, locals())

    def appointments(
        self,
        table: sa.Table | str,
        *,
        profile_id: Bound,
        customer_id: Bound,
        start: Bound,
        end: Bound,
        modality: Bound,
        status: Bound,
        time_zone: Bound | None = None,
        number: Bound | None = None,
        local_start: Bound | None = None,
        cancel_reason: Bound | None = None,
        session_id: Bound | None = None,
        replaces: Bound | None = None,
        replaced_by: Bound | None = None,
        data: Bound | None = None,
        created_at: Bound | None = None,
        made_by: Bound | None = None,
        version: Bound | None = None,
        **options: Any,
    ) -> None:
        """Declare the table of appointments. `customers` describes the arguments, options and errors.

        A column of `start` or `end` without a binding has an instant. Use `Local` for local times, and `Duration` for a
        length as `end`. Without `time_zone`, all bookings are in the zone of the mapping.
        """
        fields = {**locals(), "time_zone": Constant(self.zone) if time_zone is None else time_zone}
        self._declare("appointment", table, fields)

    def records(
        self,
        kind: str | Binding,
        table: sa.Table | str,
        *,
        customer_id: Bound,
        related_customer_id: Bound | None = None,
        profile_id: Bound | None = None,
        attached_to: Bound | None = None,
        unique_key: Bound | None = None,
        created_at: Bound | None = None,
        data: Bound | None = None,
        version: Bound | None = None,
        **options: Any,
    ) -> None:
        """Declare a table of records. `customers` describes the other arguments, options and errors.

        `kind` is the kind of all rows of the table, such as `"note"`, or the binding of a column with the kind. Each kind
        has one table.
        """
        fields = dict(locals())
        if isinstance(kind, Binding):
            self._declare("record", table, fields)
        else:
            del fields["kind"]
            self._declare("record", table, fields, IDENTIFIER.check(kind))

    def access(
        self,
        table: sa.Table | str,
        *,
        profile_id: Bound,
        customer_id: Bound,
        level: Bound,
        since: Bound | None = None,
        created_at: Bound | None = None,
        made_by: Bound | None = None,
        version: Bound | None = None,
        **options: Any,
    ) -> None:
        """Declare the table of access; without it, the library adds one. `customers` describes the arguments."""
        self._declare("access", table, locals())

    def access_requests(
        self,
        table: sa.Table | str,
        *,
        profile_id: Bound,
        customer_id: Bound,
        requested_at: Bound,
        expires_at: Bound,
        status: Bound,
        reason: Bound | None = None,
        decided_by: Bound | None = None,
        decided_at: Bound | None = None,
        version: Bound | None = None,
        **options: Any,
    ) -> None:
        """Declare the table of access requests; without it, the library adds one. `customers` describes the arguments."""
        self._declare("access_request", table, locals())

    def leaves(self, column: sa.Column[Any] | str, *, why: str) -> None:
        """Declare a foreign key that no plan changes, such as that of a paid invoice.

        Args:
            column: The column, or `table.column`.
            why: The reason, for the next reader of the mapping.

        Raises:
            InvalidValueError: There is no such column.
        """
        self.left.append(LeftReference(self._column(column), why))

    def follows(self, column: sa.Column[Any] | str, *, where: sa.ColumnElement[bool] | None = None) -> None:
        """Declare a foreign key that is set to the row which takes the place of the old one.

        This is for rows that refer to a booking or a profile, such as an invoice that is not paid. Declare rows that
        refer to customers with `records`, so that plans show them and an undo moves them back.

        Args:
            column: The column, or `table.column`. It refers to a mapped table with one key column.
            where: A condition for the rows that follow. Default: all.

        Raises:
            InvalidValueError: There is no such column, it is no foreign key, or `where` is no condition.
        """
        found = self._column(column)
        require_condition(where, found.table.name)
        if not found.foreign_keys:
            raise InvalidValueError("sql_not_a_reference", table=found.table.name, column=name_of(found))
        self.followed.append(FollowedReference(found, where))

    def obeys(self, *effects: str) -> None:
        """Declare that the caller's program obeys some effects that only the added tables have.

        Args:
            effects: The effects, such as `unavailable`, in the words of `Limits`.

        Raises:
            InvalidValueError: There is no such effect.
        """
        if set(effects) - set(EFFECTS):
            raise InvalidValueError("not_one_of", of="Mapping", field="effects", allowed=EFFECTS)
        self.obeyed |= frozenset(effects)

    @property
    def tables(self) -> Tables:
        """The mapped tables, and those that the library adds.

        The mapping cannot be changed after the first use.

        Raises:
            InvalidValueError: A kind of entity has no table, or a binding does not fit its field.
        """
        if self._built is None:
            self._built = Builder(
                self._declared,
                prefix=self.prefix,
                schema=self._schema,
                planned_ids=not self.gives_ids,
            ).built()
        return self._built

    @property
    def gives_ids(self) -> bool:
        """Whether the database gives ids to new rows."""
        return self.ids == "own"

    def create_all(self, engine: sa.Engine) -> None:
        """Create the added tables, and on SQLite their triggers, if they do not exist.

        `Store.create_tables` does the same, with errors of this library.
        """
        with engine.begin() as connection:
            self.tables.added.create_all(connection)
            if connection.dialect.name == "sqlite":
                for _, statement in side_tables.sqlite_triggers(self.tables.added):
                    connection.exec_driver_sql(statement)

    def record_kinds(self) -> tuple[str, ...] | None:
        """Return the kinds of record that have a table, sorted.

        Returns:
            The kinds. None if the kind is a text in a column of a table, so that any kind has a place.
        """
        records = [each for each in self._declared if each.entity == "record"]
        if any(isinstance(each.fields.get("kind"), Text) for each in records):
            return None
        codes = [each.fields["kind"] for each in records if "kind" in each.fields]
        words = {word for bound in codes if isinstance(bound, Codes) for word in bound.words.values()}
        return tuple(sorted(words | {each.record_kind for each in records if each.record_kind is not None}))

    def missing(
        self, intent: Intent, *, database: sa.Engine | sa.Dialect | str = "postgresql"
    ) -> tuple[Missing, ...]:
        """Return the gaps of mapped tables for the change sets of an intent, required ones first.

        Args:
            intent: The intent of change sets, such as `migration` or `merge`.
            database: The database for which statements are written: an engine, a dialect, or its name.

        Raises:
            InvalidValueError: The intent or the database is unknown.
        """
        if intent not in INTENTS:
            raise InvalidValueError("not_one_of", of="Mapping", field="intent", allowed=INTENTS)
        return gaps.missing(
            self.tables.mapped,
            intent,
            prefix=self.prefix,
            gives_ids=self.gives_ids,
            obeyed=self.obeyed,
            dialect=dialect_of(database),
        )

    def limits(self) -> Limits:
        """Return the limits of the mapped tables, for planners."""
        return store_limits.limits_of(self.tables.mapped, self.overlaps, self.record_kinds(), self.obeyed)

    def unmapped(self, engine: sa.Engine) -> tuple[Unmapped, ...]:
        """Return the columns that refer to mapped tables and that the mapping does not know, foreign keys first.

        Looks at the declared tables and at those of the database. For a test that fails when a new table is forgotten.

        Args:
            engine: The database.
        """
        declared = [*(each.column for each in self.left), *(each.column for each in self.followed)]
        return unmapped(engine, self.metadata, self.tables.mapped, self.tables.added, declared)

    def indexes(self, database: sa.Engine | sa.Dialect | str) -> tuple[str, ...]:
        """Return the statements for the indexes that reading needs and that do not exist.

        Args:
            database: An engine, whose indexes are read too, or a dialect, or its name.

        Raises:
            InvalidValueError: The database is unknown.
        """
        engine = database if isinstance(database, sa.Engine) else None
        return indexes.statements(self.tables.mapped, self.prefix, dialect_of(database), engine)

    def _column(self, column: sa.Column[Any] | str) -> sa.Column[Any]:
        if isinstance(column, sa.Column):
            return column
        table, _, name = column.rpartition(".")
        return self._named(self._table(table), name)

    def _table(self, table: sa.Table | str) -> sa.Table:
        if isinstance(table, sa.Table):
            return table
        found = self.metadata.tables.get(table)
        if found is None:
            raise InvalidValueError("sql_no_table", table=str(table))
        return found

    def _named(self, table: sa.Table, name: str) -> sa.Column[Any]:
        if name not in table.c:
            raise InvalidValueError("sql_no_column", table=table.name, column=name)
        column: sa.Column[Any] = table.c[name]
        return column

    def _declare(
        self, entity: EntityName, table: sa.Table | str, given: dict[str, Any], record_kind: str | None = None
    ) -> None:
        if self._built is not None:
            raise InvalidValueError("sql_mapping_in_use")
        found = self._table(table)
        options = options_of(found.name, given.keys() - {"self", "table", "options"}, given["options"])
        known = {
            name for name in given if name not in ("self", "table", "options") and given[name] is not None
        }
        key = names_of(options.key) or tuple(column.name for column in found.primary_key)
        if not key:
            raise InvalidValueError("sql_no_key", table=found.name)
        if any(each.entity == entity and each.record_kind == record_kind for each in self._declared):
            raise InvalidValueError("sql_mapped_twice", table=found.name)
        default = "" if self.ids == "planned" else f"{found.name}-"
        copied = options.copy_other_columns
        self.overlaps = self.overlaps and options.overlaps
        declared = Declared(
            entity=entity,
            record_kind=record_kind,
            table=found,
            fields={name: given[name] for name in given if name in known},
            key=tuple(str.__str__(name) for name in key),
            prefix=default if options.prefix is None else options.prefix,
            where=options.where,
            copied=copied if isinstance(copied, bool) else names_of(copied),
            copied_from={name_of(name): self._column(column) for name, column in options.copy_from.items()},
            new_values={name_of(name): value for name, value in options.new_values.items()},
            new_number=options.new_number,
        )
        self._require_columns(declared)
        self._declared.append(declared)

    def _require_columns(self, declared: Declared) -> None:
        references = REFERENCES[declared.entity]
        for field, bound in declared.fields.items():
            if field not in ("start", "end", *references) and not suits(field, bound):
                raise InvalidValueError("sql_wrong_binding", table=declared.table.name, field=field)
            known = known_words(declared.entity, field)
            if known and isinstance(bound, Codes) and not set(bound.words.values()) <= set(known):
                raise InvalidValueError("not_one_of", of=declared.table.name, field=field, allowed=known)
            for name in bound.columns if isinstance(bound, Binding) else (name_of(bound),):
                self._named(declared.table, name)
            if isinstance(bound, ChildRows):
                for name in bound.child_columns:
                    self._named(bound.table, name)
                if len(bound.owner) != len(declared.key):
                    column = bound.owner[0]
                    raise InvalidValueError("sql_not_a_reference", table=bound.table.name, column=column)
        copied = declared.copied if isinstance(declared.copied, tuple) else ()
        for name in (*declared.key, *copied, *declared.copied_from, *declared.new_values):
            self._named(declared.table, name)
