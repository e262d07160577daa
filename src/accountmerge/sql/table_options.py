"""Read the options of a declared table, and refuse those that it cannot have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs
import sqlalchemy as sa

from accountmerge.errors import InvalidValueError
from accountmerge.model.value_rules import wrong_type
from accountmerge.sql.declarations import Options

NAMES = tuple(attrs.fields_dict(Options))
"""The names of all options."""


def options_of(table: str, fields: Iterable[str], given: Mapping[str, Any]) -> Options:
    """Return the options of a table, from the arguments that are no field.

    Args:
        table: The name of the table.
        fields: The fields of its kind.
        given: The other arguments.

    Raises:
        InvalidValueError: There is no such option or field, or an option is of the wrong type.
    """
    unknown = sorted(set(given) - set(NAMES))
    if unknown:
        allowed = tuple(sorted({*fields, *NAMES}))
        raise InvalidValueError("sql_unknown_option", table=table, option=unknown[0], allowed=allowed)
    options = Options(**given)
    copied = options.copy_other_columns
    require_condition(options.where, table)
    for name, is_right, wanted in (
        ("key", options.key is None or _is_names(options.key), "columns"),
        ("prefix", isinstance(options.prefix, str | None), "text"),
        ("copy_other_columns", copied is True or copied is False or _is_names(copied), "columns"),
        ("copy_from", isinstance(options.copy_from, Mapping), "columns_by_name"),
        ("new_values", isinstance(options.new_values, Mapping), "columns_by_name"),
        ("overlaps", isinstance(options.overlaps, bool), "truth_value"),
    ):
        if not is_right:
            raise wrong_type(wanted).at(table, name)
    return options


def require_condition(value: Any, of: str) -> None:
    """Refuse a value that is no condition of SQL, such as a text."""
    if value is not None and not isinstance(value, sa.ColumnElement | sa.TextClause):
        raise wrong_type("sql_condition").at(of, "where")


def _is_names(value: Any) -> bool:
    if isinstance(value, str | sa.Column):
        return True
    return isinstance(value, list | tuple | set | frozenset) and all(
        isinstance(each, str | sa.Column) for each in value
    )
