"""Values as HTML for notebooks, and as trees for the library rich, without personal values.

A value imports this module when a notebook first asks for its cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs

from accountmerge.errors import InvalidValueError
from accountmerge.messages import CUSTOMER_LABELS, ReaderLanguage, visible
from accountmerge.model.value_rules import argument
from accountmerge.model.values import Displayed, ShownValue
from accountmerge.model.wall_times import ZONE
from accountmerge.reports import data_cells, migration_cells, people_cells, plan_cells
from accountmerge.reports.cell_parts import SHOWN_IDS, UNKNOWN_ZONE, Cell, RowsOf, plain
from accountmerge.reports.markup import element, html, written

ROWS: dict[type, RowsOf] = {
    **data_cells.ROWS,
    **plan_cells.ROWS,
    **people_cells.ROWS,
    **migration_cells.ROWS,
}
"""The columns of each class that can be the rows of a table."""
CELLS: dict[type, Callable[[Any, str], Cell]] = {
    **data_cells.CELLS,
    **plan_cells.CELLS,
    **people_cells.CELLS,
    **migration_cells.CELLS,
}
"""The function that makes the cell of each class with several tables."""


ZONES: dict[type, Callable[[Any], str | None]] = {
    **data_cells.ZONES,
    **plan_cells.ZONES,
    **migration_cells.ZONES,
}
"""The function that returns the zone of a value, in which its sentences show instants."""


def cell(value: object, language: str = "en", *, zone: str | None = None) -> Cell:
    """Return a value as a cell of a notebook, or several values as one table.

    A cell shows ids, times, statuses, numbers of appointments and sentences, and no personal value. At most 20 rows of
    a table are shown, with the number of all. A notebook shows any single value as its cell without this function.

    Args:
        value: A result of the library, or a tuple or list of results of one class, such as findings or steps.
        language: One of `accountmerge.messages.LANGUAGES`.
        zone: The IANA zone of all times. Default: the zone of each appointment, or else of the profile, or else UTC.

    Raises:
        InvalidValueError: The value has no cell, the values are of several classes, or the zone is unknown.

    Takes time in proportion to the values that are counted, such as the entities of a snapshot. Rows after the first 20
    are not read.
    """
    known = None if zone is None else argument("zone", ZONE.check, zone)
    reader = _reader(value, language, known)
    made = _several(value, reader) if isinstance(value, tuple | list) else _one(value, reader)
    if made is None:
        raise InvalidValueError("wrong_type", field="value", wanted="shown_value")
    return made if known is None else made.in_zone(known)


def _reader(value: object, language: str, zone: str | None = None) -> ReaderLanguage:
    """Return a language in which sentences show instants in the zone of a value."""
    if isinstance(language, ReaderLanguage) and zone is None:
        return language
    home = next((ZONES[cls](value) for cls in type(value).__mro__ if cls in ZONES), None)
    customer = getattr(language, "customer", CUSTOMER_LABELS[0])
    return ReaderLanguage(
        language, zone=zone or home or UNKNOWN_ZONE, customer=customer, names_zone=True, short_ids=True
    )


def html_of(value: Displayed) -> str:
    """Return the HTML of a value, which is its cell, or its repr if it has none."""
    made = _one(value, _reader(value, "en"))
    return html(element("code", written(visible(repr(value))))) if made is None else made.html


def tree_of(value: Displayed) -> Iterator[Any]:
    """Yield the parts of a value for rich, those of its cell or of its repr."""
    made = _one(value, _reader(value, "en"))
    if made is not None:
        yield from made.__rich_repr__()
    elif isinstance(value, ShownValue):
        fields: Any = attrs.fields(type(value))  # type: ignore[arg-type]
        shown = ((field.name, getattr(value, field.name)) for field in fields if field.repr)
        yield from ((name, _few(inner)) for name, inner in shown)
    else:
        yield plain(repr(value).partition("(")[2].removesuffix(")"))


def _few(value: Any) -> Any:
    """Return a value, or the first items of a long tuple and the number of all."""
    if not isinstance(value, tuple) or len(value) <= SHOWN_IDS:
        return value
    return [*value[:SHOWN_IDS], plain(f"… {len(value)}")]


def _one(value: object, language: str) -> Cell | None:
    for cls in type(value).__mro__:
        if cls in CELLS:
            return CELLS[cls](value, language)
        if cls in ROWS:
            return Cell(type(value).__name__, (), ROWS[cls].facts(value, language), language=language)
    return None


def _several(values: Sequence[Any], language: str) -> Cell | None:
    """Return values of one class as a table; None for other values. No values are a cell without a table."""
    classes = {_row_class(value) for value in values}
    if not classes:
        return Cell("tuple", (), (("count", 0),), language=language)
    found = classes.pop()
    if classes or found is None:
        return None
    return Cell(found.__name__, (), (), [ROWS[found].rows(values, language)], language=language)


def _row_class(value: object) -> type | None:
    return next((cls for cls in type(value).__mro__ if cls in ROWS), None)
