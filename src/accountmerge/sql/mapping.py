"""Map the tables of a caller to entities."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Literal, TypeVar

import attrs
import sqlalchemy as sa

from accountmerge.changes.change_sets import INTENTS, Intent
from accountmerge.errors import InvalidValueError
from accountmerge.model.entities import KIND_OF_NAME, EntityName
from accountmerge.model.limits import EFFECTS, Limits
from accountmerge.model.texts import IDENTIFIER
from accountmerge.model.value_rules import wrong_type
from accountmerge.model.wall_times import ZONE
from accountmerge.sql import gaps, indexes, side_tables, store_limits
from accountmerge.sql.bindings import Binding, Codes, Constant, Duration, Local, Reference, Text, Utc, name_of
from accountmerge.sql.booked_slots import SlotColumns
from accountmerge.sql.dialects import dialect_of
from accountmerge.sql.field_bindings import OPTIONAL_LINKS, REFERENCES, known_words, plain_binding, suits
from accountmerge.sql.gaps import Missing
from accountmerge.sql.keys import Keys
from accountmerge.sql.list_bindings import ChildRows, Columns, EmailRows
from accountmerge.sql.mapped_tables import KeyReference, MappedTable
from accountmerge.sql.side_tables import Journal, Side
from accountmerge.sql.table_options import Names, options_of, require_condition
from accountmerge.sql.unmapped import Unmapped, unmapped

Bound = str | sa.Column[Any] | Binding
"""A column, by its name or itself, or a binding."""
IdSource = Literal["own", "planned"]
A = TypeVar("A")
OWN_KINDS: tuple[EntityName, ...] = ("access", "access_request")
"""The kinds that get a table of the library, if the caller has none."""


@attrs.frozen(eq=False, kw_only=True)
class _Declared:
    """The declaration of one table."""

    entity: EntityName
    record_kind: str | None
    table: sa.Table
    fields: dict[str, Bound]
    key: tuple[str, ...]
    prefix: str
    where: sa.ColumnElement[bool] | None
    copied: bool | tuple[str, ...]
    copied_from: dict[str, sa.Column[Any]]
    new_values: dict[str, Any]
    new_number: Any
    is_ours: bool = False


@attrs.frozen(eq=False)
class LeftReference:
    """A foreign key of the caller that plans leave as it is.

    Attributes:
        column: The column.
        why: The reason.
    """

    column: sa.Column[Any]
    why: str


@attrs.frozen(eq=False)
class FollowedReference:
    """A foreign key of the caller that follows a row whose place another one takes.

    Attributes:
        column: The column.
        where: The rows that follow. Default: all.
    """

    column: sa.Column[Any]
    where: sa.ColumnElement[bool] | None


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
        self._declared: list[_Declared] = []
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
            self._built = _Builder(self).built()
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
        key = _names(options.key) or tuple(column.name for column in found.primary_key)
        if not key:
            raise InvalidValueError("sql_no_key", table=found.name)
        if any(each.entity == entity and each.record_kind == record_kind for each in self._declared):
            raise InvalidValueError("sql_mapped_twice", table=found.name)
        default = "" if self.ids == "planned" else f"{found.name}-"
        copied = options.copy_other_columns
        self.overlaps = self.overlaps and options.overlaps
        declared = _Declared(
            entity=entity,
            record_kind=record_kind,
            table=found,
            fields={name: given[name] for name in given if name in known},
            key=tuple(str.__str__(name) for name in key),
            prefix=default if options.prefix is None else options.prefix,
            where=options.where,
            copied=copied if isinstance(copied, bool) else _names(copied),
            copied_from={name_of(name): self._column(column) for name, column in options.copy_from.items()},
            new_values={name_of(name): value for name, value in options.new_values.items()},
            new_number=options.new_number,
        )
        self._require_columns(declared)
        self._declared.append(declared)

    def _require_columns(self, declared: _Declared) -> None:
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


def _names(columns: Names | None) -> tuple[str, ...]:
    if columns is None:
        return ()
    return (name_of(columns),) if isinstance(columns, str | sa.Column) else tuple(map(name_of, columns))


@attrs.frozen(eq=False)
class Tables:
    """The mapped tables of a mapping, and the added ones.

    Attributes:
        mapped: The mapped tables, those of records sorted by kind.
        journal: The added tables about steps.
        added: All added tables.
    """

    mapped: tuple[MappedTable, ...]
    journal: Journal
    added: sa.MetaData
    _prepared: dict[Any, Any] = attrs.field(factory=dict, init=False)

    def prepared(self, key: Hashable, made: Callable[[], A]) -> A:
        """Return the statement with a key, which is made at its first use."""
        found: A | None = self._prepared.get(key)
        if found is None:
            found = self._prepared[key] = made()
        return found

    def of_kind(self, entity: EntityName) -> tuple[MappedTable, ...]:
        """Return the tables of a kind of entity."""
        return tuple(table for table in self.mapped if table.kind.name == entity)

    def of(self, entity: EntityName, record_kind: str | None = None) -> MappedTable:
        """Return the table of a kind of entity, and of records of one kind.

        Raises:
            InvalidValueError: There is none.
        """
        for kind in (record_kind, None):
            for table in self.mapped:
                if table.kind.name == entity and table.record_kind == kind:
                    return table
        raise InvalidValueError("sql_kind_has_no_table", kind=record_kind or entity)

    def with_id(self, entity: EntityName, id: str) -> MappedTable | None:
        """Return the table whose rows can have an id; None if there is none."""
        found = self.of_kind(entity)
        if len(found) == 1:
            return found[0]
        return next((table for table in found if table.keys.key_of(id) is not None), None)


class _Builder:
    """The construction of mapped and added tables, once all tables are declared."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._added = sa.MetaData(schema=mapping._schema)  # noqa: SLF001 - its own builder
        self._declared = list(mapping._declared)  # noqa: SLF001
        self._keys: dict[EntityName, list[Keys]] = {}
        for each in self._declared:
            self._add_keys(each.entity, self._keys_of(each))
        self._sides: dict[tuple[sa.Table, EntityName], Side] = {}

    def _add_keys(self, entity: EntityName, keys: Keys) -> None:
        """Add the keys of a table, which may have records of several kinds."""
        known = self._keys.setdefault(entity, [])
        if any(each.columns == keys.columns and each.prefix == keys.prefix for each in known):
            return
        if self._mapping.gives_ids and any(each.may_share_ids(keys) for each in known):
            raise InvalidValueError("sql_same_ids", table=keys.columns[0].table.name)
        known.append(keys)

    def built(self) -> Tables:
        for entity in ("profile", "customer"):
            if entity not in self._keys:
                raise InvalidValueError("sql_kind_has_no_table", kind=entity)
        for own in OWN_KINDS:
            if own not in self._keys:
                self._declared.append(self._own(own))
        journal = self._journal()
        self._emails = journal.emails
        return Tables(tuple(self._mapped(each) for each in self._declared), journal, self._added)

    def _journal(self) -> Journal:
        return side_tables.journal_of(self._added, self._mapping.prefix, self._keys["customer"][0])

    def _keys_of(self, each: _Declared) -> Keys:
        return Keys(tuple(each.table.c[name] for name in each.key), each.prefix)

    def _own(self, entity: EntityName) -> _Declared:
        """Declare a table of the library for a kind without a table."""
        mapping = self._mapping
        owners = {field: self._keys[name][0] for field, name in KIND_OF_NAME[entity].references}
        table, references = side_tables.own_table(
            self._added, mapping.prefix, entity, owners, planned=mapping.ids == "planned"
        )
        fields: dict[str, Bound] = {field: Reference(*names) for field, names in references.items()}
        fields |= {name: name for name in side_tables.OWN_FIELDS[entity]}
        prefix = "" if mapping.ids == "planned" else f"{entity}-"
        return _Declared(
            entity=entity,
            record_kind=None,
            table=table,
            fields=fields,
            key=("id",),
            prefix=prefix,
            where=None,
            copied=False,
            copied_from={},
            new_values={},
            new_number=None,
            is_ours=True,
        )

    def _mapped(self, each: _Declared) -> MappedTable:
        kind, keys = KIND_OF_NAME[each.entity], self._keys_of(each)
        bindings: dict[str, Binding] = {}
        rows: dict[str, ChildRows] = {}
        for field, bound in each.fields.items():
            if field in ("start", "end"):
                continue
            if isinstance(bound, EmailRows):
                rows[field] = attrs.evolve(bound, keys=self._keys["customer"][0])
            elif isinstance(bound, ChildRows):
                rows[field] = bound
            else:
                bindings[field] = self._binding(each, field, bound)
        slot = self._slot(each)
        used = {*keys.names, *(slot.columns if slot else ())}
        used.update(name for binding in bindings.values() for name in binding.columns)
        for field, binding in bindings.items():
            if isinstance(binding, Columns) and not binding.columns:
                rest = Columns(*(column for column in each.table.c if column.name not in used))
                bindings[field] = rest
                used.update(rest.columns)
        made = MappedTable(
            kind=kind,
            record_kind=each.record_kind,
            table=each.table,
            keys=keys,
            bindings=bindings,
            slot=slot,
            rows=rows,
            side=None if each.is_ours else self._side(each, keys),
            where=each.where,
            copied=_copied(each, used),
            copied_from=each.copied_from,
            new_values=each.new_values,
            new_number=each.new_number,
        )
        for column in each.copied_from.values():
            made.reference_to(column.table)
        return made

    def _side(self, each: _Declared, keys: Keys) -> Side:
        """Return the table with overlays, which kinds of records in one table share."""
        own = each.table, each.entity
        if own not in self._sides:
            fields = {
                field
                for other in self._declared
                if (other.table, other.entity) == own
                for field in _unbound_links(other)
            }
            links = [
                (field, target)
                for field in OPTIONAL_LINKS[each.entity]
                if field in fields
                for target in self._keys.get(REFERENCES[each.entity][field], ())
            ]
            self._sides[own] = side_tables.side_of(
                self._added, self._mapping.prefix, each.entity, keys, links
            )
        side, wanted = self._sides[own], _unbound_links(each)
        emails = self._emails if each.entity == "customer" else None
        return Side(side.table, tuple(link for link in side.links if link[0] in wanted), emails)

    def _binding(self, each: _Declared, field: str, bound: Bound) -> Binding:
        target = REFERENCES[each.entity].get(field)
        if target is None:
            return bound if isinstance(bound, Binding) else plain_binding(each.entity, field, name_of(bound))
        if isinstance(bound, Constant):
            return bound
        if not isinstance(bound, str | sa.Column | Reference):
            raise InvalidValueError("sql_not_a_reference", table=each.table.name, column=field)
        reference = bound if isinstance(bound, Reference) else Reference(bound)
        return KeyReference(reference.columns, self._target(each, field, target, reference))

    def _target(self, each: _Declared, field: str, entity: EntityName, reference: Reference) -> Keys:
        """Return the keys to which a reference leads."""
        known = self._keys.get(entity, [])
        wanted = reference.to or (each.table.name if entity == "record" else None)
        found = [keys for keys in known if wanted in (None, keys.columns[0].table.name)]
        if len(found) != 1 or len(found[0].columns) != len(reference.columns):
            raise InvalidValueError("sql_not_a_reference", table=each.table.name, column=field)
        return found[0]

    def _slot(self, each: _Declared) -> SlotColumns | None:
        if each.entity != "appointment":
            return None
        start, end = each.fields["start"], each.fields["end"]
        first = start if isinstance(start, Binding) else Utc(start)
        last = end if isinstance(end, Binding) else Utc(end)
        if not isinstance(first, Utc | Local) or not isinstance(last, Utc | Local | Duration):
            raise InvalidValueError("sql_not_a_time", table=each.table.name, column="start")
        if not isinstance(last, Duration) and type(first) is not type(last):
            raise InvalidValueError("sql_not_a_time", table=each.table.name, column="end")
        return SlotColumns(first, last)


def _unbound_links(each: _Declared) -> list[str]:
    """Return the references that no column holds."""
    return [field for field in OPTIONAL_LINKS[each.entity] if field not in each.fields]


def _copied(each: _Declared, used: set[str]) -> tuple[str, ...]:
    """Return the columns that a new row takes from the row whose place it takes."""
    if isinstance(each.copied, tuple):
        return each.copied
    if not each.copied:
        return ()
    unique = {column.name for column in each.table.c if column.unique}
    unique |= {
        column.name
        for constraint in each.table.constraints
        if isinstance(constraint, sa.UniqueConstraint)
        for column in constraint.columns
    }
    unique |= {name for index in each.table.indexes if index.unique for name in index.columns.keys()}  # noqa: SIM118
    skipped = used | unique | set(each.new_values) | set(each.copied_from)
    return tuple(
        column.name
        for column in each.table.c
        if column.name not in skipped and column.computed is None and column.identity is None
    )
