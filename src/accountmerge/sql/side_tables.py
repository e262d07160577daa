"""The tables that the library adds beside those of a caller, and the triggers that keep them right."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
import sqlalchemy as sa

from accountmerge.errors import InvalidValueError
from accountmerge.model.entities import EntityName
from accountmerge.sql.keys import Keys

Link = tuple[str, Keys]
"""A reference that no column holds, and the keys of a table to which it may lead."""
_LONGEST_NAME = 63
"""The most bytes of a name on PostgreSQL (its manual, section 4.1.1)."""


@attrs.frozen(eq=False)
class Side:
    """The added table with the overlays of one table of the caller.

    Attributes:
        table: It has the key of the row, the overlay as JSON, and the columns of links.
        links: For each link, its field, the keys of its target and its columns.
        emails: Of customers, the table with the addresses in overlays.
    """

    table: sa.Table
    links: tuple[tuple[str, Keys, tuple[sa.Column[str], ...]], ...]
    emails: sa.Table | None = None

    @property
    def body(self) -> sa.Column[str]:
        """The column with the overlay."""
        return self.table.c.overlay

    @property
    def key_names(self) -> tuple[str, ...]:
        """The names of the columns with the key of the row."""
        return tuple(column.name for column in self.table.primary_key)


@attrs.frozen(eq=False)
class Journal:
    """The added tables that are about steps.

    Attributes:
        receipts: The receipts, one for each step, with the entities whose places others take; also a feed.
        owed: The obligations that are due, an outbox.
        emails: The addresses in overlays of customers, by mailbox, for searches.
    """

    receipts: sa.Table
    owed: sa.Table
    emails: sa.Table


def side_of(
    metadata: sa.MetaData, prefix: str, entity: EntityName, keys: Keys, links: Sequence[Link]
) -> Side:
    """Make the table for the overlays of a table.

    Args:
        metadata: The collection of added tables.
        prefix: The text before the name of each added table.
        entity: The kind of entity.
        keys: The keys of the caller's table.
        links: The references that no column holds.

    Raises:
        InvalidValueError: Other tables have all names that it may have.
    """
    owner = keys.columns[0].table
    own_name = _free_name(metadata, prefix, entity, owner)
    names = [key_name(name) for name in keys.names]
    columns: list[sa.Column[str]] = [
        sa.Column(name, column.type, primary_key=True, autoincrement=False)
        for name, column in zip(names, keys.columns, strict=True)
    ]
    constraints: list[sa.schema.SchemaItem] = [_reference(names, keys.columns, "CASCADE")]
    columns.append(sa.Column("overlay", sa.Text))
    found = []
    indexes = []
    for field, target in links:
        label = _label(target, [each for _, each in links])
        linked = [short(f"{field}_{label}_{name}") for name in target.names]
        made = [sa.Column(name, key.type) for name, key in zip(linked, target.columns, strict=True)]
        columns += made
        constraints.append(_reference(linked, target.columns, "SET NULL"))
        indexes.append((short(f"{own_name}_{field}_{label}"), linked))
        found.append((field, target, tuple(made)))
    table = sa.Table(own_name, metadata, *columns, *constraints, schema=metadata.schema)
    for name, linked in indexes:
        sa.Index(name, *(table.c[column] for column in linked))
    return Side(table, tuple(found))


def _free_name(metadata: sa.MetaData, prefix: str, entity: EntityName, owner: sa.FromClause) -> str:
    """Return a name that no other added table has, such as that of the receipts."""
    table: Any = owner
    names = [table.name, f"{table.name}_{entity}", f"{table.schema}_{table.name}"]
    taken = {added.name for added in metadata.tables.values()}
    for name in names:
        if (free := short(f"{prefix}{name}")) not in taken:
            return free
    raise InvalidValueError("sql_mapped_twice", table=str(table.name))


def _label(target: Keys, others: Sequence[Keys]) -> str:
    """Return the name of a table, with its schema if another table has the same name."""
    table: Any = target.columns[0].table
    alike = {each.columns[0].table for each in others if each.columns[0].table.name == table.name}
    return f"{table.schema}_{table.name}" if len(alike) > 1 else str.__str__(table.name)


def short(name: str) -> str:
    """Return a name, or the beginning and a digest of one that is too long for PostgreSQL."""
    written = name.encode()
    if len(written) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(written).hexdigest()[:8]
    return f"{written[: _LONGEST_NAME - 9].decode(errors='ignore')}_{digest}"


def key_name(name: str) -> str:
    """Return the name of the column for a key column of a caller's table."""
    return short(f"key_{name}")


def login_name(name: str) -> str:
    """Return the name of the column for the key of the customer that signed in with an address.

    Unlike the id beside it, it is emptied when that customer's row goes, and not filled by another row with its key.
    """
    return short(f"login_{name}")


def _reference(names: Sequence[str], target: Sequence[sa.Column[str]], gone: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(names, list(target), ondelete=gone, onupdate="CASCADE")


def journal_of(metadata: sa.MetaData, prefix: str, customers: Keys) -> Journal:
    """Make the tables that are about steps.

    Args:
        metadata: The collection of added tables.
        prefix: The text before the name of each added table.
        customers: The keys of customers.
    """

    def text(name: str, *, key: bool = False, empty: bool = False) -> sa.Column[str]:
        return sa.Column(name, sa.Text, primary_key=key, nullable=empty)

    def ordinal() -> sa.Column[int]:
        return sa.Column("ordinal", sa.Integer, nullable=False)

    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    receipts = sa.Table(
        f"{prefix}receipt",
        metadata,
        sa.Column("number", number, primary_key=True, autoincrement=True),
        *(text("plan_id"), ordinal(), text("body"), text("moved")),
        sa.UniqueConstraint("plan_id", "ordinal"),
        sqlite_autoincrement=True,
    )
    owed = sa.Table(
        f"{prefix}owed",
        metadata,
        text("id", key=True),
        text("plan_id"),
        ordinal(),
        *(text("kind"), text("whom"), text("when_due"), text("facts")),
        *(text("due_at"), text("done_at", empty=True)),
    )
    emails = sa.Table(
        f"{prefix}email",
        metadata,
        sa.Column("number", number, primary_key=True, autoincrement=True),
        *(
            sa.Column(key_name(name), column.type, nullable=False)
            for name, column in zip(customers.names, customers.columns, strict=True)
        ),
        *(text("mailbox"), text("login_of", empty=True)),
        *(
            sa.Column(login_name(name), column.type)
            for name, column in zip(customers.names, customers.columns, strict=True)
        ),
        _reference([key_name(name) for name in customers.names], customers.columns, "CASCADE"),
        _reference([login_name(name) for name in customers.names], customers.columns, "SET NULL"),
    )
    sa.Index(f"{prefix}email_customer", *(emails.c[key_name(name)] for name in customers.names))
    sa.Index(f"{prefix}email_login", *(emails.c[login_name(name)] for name in customers.names))
    for name in ("mailbox", "login_of"):
        sa.Index(f"{prefix}email_{name}", emails.c[name])
    sa.Index(f"{prefix}owed_left", owed.c.plan_id, owed.c.done_at)
    return Journal(receipts, owed, emails)


def own_table(
    metadata: sa.MetaData, prefix: str, entity: EntityName, owners: Mapping[str, Keys], *, planned: bool
) -> tuple[sa.Table, dict[str, tuple[str, ...]]]:
    """Make a table for a kind of entity that the caller has no table for.

    Args:
        metadata: The collection of added tables.
        prefix: The text before the name of each added table.
        entity: `access` or `access_request`.
        owners: The keys to which each reference leads.
        planned: Whether rows have the planned ids.

    Returns:
        The table, and the columns of each reference.
    """
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    columns: list[sa.Column[Any]] = [
        sa.Column("id", sa.Text() if planned else number, primary_key=True, autoincrement="auto")
    ]
    constraints: list[sa.schema.SchemaItem] = []
    found: dict[str, tuple[str, ...]] = {}
    for field, keys in owners.items():
        names = tuple(short(f"{field}_{name}") for name in keys.names) if keys.names[1:] else (field,)
        columns += [
            sa.Column(name, key.type, nullable=False) for name, key in zip(names, keys.columns, strict=True)
        ]
        constraints.append(_reference(names, keys.columns, "CASCADE"))
        found[field] = names
    columns += [
        sa.Column(name, sa.Text, nullable=name not in ("level", "requested_at", "expires_at", "status"))
        for name in OWN_FIELDS[entity]
    ]
    table = sa.Table(f"{prefix}{entity}", metadata, *columns, *constraints, sqlite_autoincrement=not planned)
    for field, names in found.items():
        sa.Index(f"{prefix}{entity}_{field}", *(table.c[name] for name in names))
    return table, found


OWN_FIELDS: dict[str, tuple[str, ...]] = {
    "access": ("level", "since", "created_at", "made_by"),
    "access_request": ("requested_at", "expires_at", "status", "reason", "decided_by", "decided_at"),
}
"""The fields of kinds of entity that may have a table of the library, without references."""


def sqlite_triggers(metadata: sa.MetaData) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of the triggers for SQLite.

    SQLite uses the key of a removed row again, and follows foreign keys only on connections that ask for it. So a
    trigger removes what belonged to the row with a key, when that row goes and when another one comes.
    """
    quote = sa.create_mock_engine("sqlite://", lambda *_: None).dialect.identifier_preparer
    for table in metadata.sorted_tables:
        for place, constraint in enumerate(sorted(table.foreign_key_constraints, key=_order)):
            target = constraint.referred_table
            pairs = [
                (quote.quote(element.parent.name), quote.quote(element.column.name))
                for element in constraint.elements
            ]
            empty = ", ".join(f"{own} = NULL" for own, _ in pairs)
            added = quote.format_table(table)
            cascades = constraint.ondelete == "CASCADE"
            change = f"DELETE FROM {added}" if cascades else f"UPDATE {added} SET {empty}"  # noqa: S608 - names
            for event, row in (("DELETE", "OLD"), ("INSERT", "NEW")):
                same = " AND ".join(f"{own} = {row}.{key}" for own, key in pairs)
                name = f"{table.name}_{place}_{event.lower()}"
                made = f"CREATE TRIGGER IF NOT EXISTS {quote.quote(name)} AFTER {event} ON"
                yield name, f"{made} {quote.format_table(target)} BEGIN {change} WHERE {same}; END"


def _order(constraint: sa.ForeignKeyConstraint) -> tuple[str, ...]:
    return tuple(constraint.column_keys)
