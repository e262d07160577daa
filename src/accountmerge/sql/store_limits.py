"""The limits of mapped tables, as planners take them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from accountmerge.model.limits import EFFECTS, Effect, Limits
from accountmerge.sql.bindings import Codes, Json, PlainJson
from accountmerge.sql.gaps import holds_former_addresses
from accountmerge.sql.list_bindings import Columns
from accountmerge.sql.mapped_tables import KeyReference, MappedTable

_NO_TEXT = ("id", "kind", "practitioner_id", "time_zone")
"""Fields whose values are ids or names that are never longer than those the columns have already."""


def limits_of(
    tables: Collection[MappedTable],
    overlaps: bool,
    record_kinds: tuple[str, ...] | None,
    obeyed: Collection[str],
) -> Limits:
    """Return the limits of mapped tables.

    Args:
        tables: The mapped tables.
        overlaps: Whether the caller has said that live bookings can overlap.
        record_kinds: The kinds of record that have a table; None if all have.
        obeyed: The effects that the caller's program reads in the added tables.
    """
    return Limits(
        longest_text=min((length for table in tables for length in _lengths(table)), default=None),
        overlaps=overlaps and not any(_excludes_overlaps(table) for table in tables),
        record_kinds=record_kinds,
        not_obeyed=tuple(
            effect for effect in EFFECTS if effect not in obeyed and not _is_seen(tables, effect)
        ),
    )


def _lengths(table: MappedTable) -> Iterator[int]:
    """Yield the lengths of the columns with texts that people write."""
    columns = [rows.table.c[rows.text_column] for rows in table.rows.values() if rows.text_column]
    for field, binding in table.bindings.items():
        is_text = not isinstance(binding, Codes | KeyReference | Columns | Json | PlainJson)
        if is_text and field not in (*_NO_TEXT, *table.kind.store_given):
            columns += (table.table.c[name] for name in binding.columns)
    for column in columns:
        kind = column.type
        if isinstance(kind, sa.String) and not isinstance(kind, sa.Enum) and kind.length is not None:
            yield kind.length


def _excludes_overlaps(table: MappedTable) -> bool:
    """Return whether the database has an exclusion constraint on a table of appointments."""
    constraints = table.table.constraints if table.kind.name == "appointment" else ()
    return any(isinstance(constraint, ExcludeConstraint) for constraint in constraints)


_ENTITY_OF: dict[Effect, str] = {"unavailable": "profile", "merged_into": "customer"}
"""For each effect that is a field, the kind of entity that has it."""


def _is_seen(tables: Collection[MappedTable], effect: Effect) -> bool:
    """Return whether a column or a table of the caller has an effect."""
    if effect == "access_requests":
        return any(table.kind.name == "access_request" and table.side is not None for table in tables)
    if effect == "former_emails":  # of a program that knows no address, none becomes a former one
        customers = (table for table in tables if table.kind.name == "customer")
        return all(holds_former_addresses(table) or not _has_addresses(table) for table in customers)
    entity = _ENTITY_OF[effect]
    return all(effect in table.bindings for table in tables if table.kind.name == entity)


def _has_addresses(table: MappedTable) -> bool:
    return "emails" in table.rows or "emails" in table.bindings
