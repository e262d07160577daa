"""The ids by which the rows of tables refer to each other, read from frames in rounds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import polars as pl

from accountmerge.model.emails import mailbox_of
from accountmerge.model.entities import KINDS, CollectionName

COLUMNS: dict[CollectionName, tuple[str, ...]] = {
    "profiles": ("practitioner_id", "succeeded_by", "email"),
    "customers": ("merged_into", "emails"),
    "appointments": ("profile_id", "customer_id", "replaces", "replaced_by", "number"),
    "records": ("customer_id", "related_customer_id", "profile_id", "attached_to"),
    "access": ("profile_id", "customer_id"),
    "access_requests": ("profile_id", "customer_id"),
}
"""The columns by which rows are found, beside their ids."""

SINGLE_EMAILS = ("primary_email", "secondary_email")
"""Columns of customers with one address each, in the place of `emails`."""

WIDTH = max(map(len, COLUMNS.values()))
LINK_SCHEMA: dict[str, Any] = {"collection": pl.String, "id": pl.String} | {
    f"link_{place}": pl.String for place in range(WIDTH)
}
"""The columns of links, the same for every table. An absent column is null."""

REFERENCES: dict[CollectionName, tuple[tuple[str, CollectionName], ...]] = {
    kind.collection: tuple(
        (field, next(other.collection for other in KINDS if other.name == name))
        for field, name in kind.references
    )
    for kind in KINDS
}
"""The columns that hold the id of another row, each with the table of that row."""

Question = tuple[CollectionName, str, str]
"""A table, a column and a value. `mailbox`, `reserved` and `login_of` are columns that e-mails answer."""
Wanted = Mapping[CollectionName, Mapping[str, frozenset[str]]]
"""The values that are asked for, by table and column."""
Fetch = Callable[[Wanted], pl.DataFrame]
"""A reader of links. It may return more rows than were asked for."""

_ANSWERED: dict[tuple[CollectionName, str], str] = {
    ("customers", "mailbox"): "emails",
    ("customers", "reserved"): "emails",
    ("customers", "login_of"): "emails",
    ("profiles", "mailbox"): "email",
}
"""The column that answers questions about addresses, by table and question."""


class Link:
    """The ids in one row. There may be many, so it keeps the row alone and reads the ids when they are asked for.

    Args:
        row: The values of the columns of `LINK_SCHEMA`.
    """

    __slots__ = ("row",)

    def __init__(self, row: tuple[Any, ...]) -> None:
        self.row = row

    @property
    def collection(self) -> CollectionName:
        """The table of the row."""
        name: CollectionName = self.row[0]
        return name

    @property
    def id(self) -> str | None:
        """The id of the row. None if the row has none."""
        id: str | None = self.row[1]
        return id

    def first(self, column: str) -> str | None:
        """Return the value of a column, or None."""
        return next(iter(self.all(column)), None)

    def all(self, column: str) -> tuple[str, ...]:
        """Return the values of a column; several only of e-mails, and none if the table lacks the column."""
        if column == "id":
            return () if self.id is None else (self.id,)
        columns = COLUMNS[self.collection]
        of_email = _ANSWERED.get((self.collection, column))
        at = of_email or column
        value = self.row[2 + columns.index(at)] if at in columns else None
        if value is None:
            return ()
        if of_email == "emails":
            return _of_emails(value)[column]
        return (mailbox_of(value),) if of_email == "email" else (value,)


class Links:
    """The links of tables, read when they are first asked for.

    Args:
        fetch: The reader of links.
    """

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._asked: set[Question] = set()
        self._answers: dict[Question, list[Link]] = {}
        self._known: dict[tuple[Any, ...], Link] = {}
        self.rounds = 0

    def answers(self, question: Question) -> Iterable[Link]:
        """Return the links that answer a question that was asked."""
        return self._answers.get(question, ())

    def ask(self, questions: Iterable[Question]) -> None:
        """Read the links that answer some questions, all in one round."""
        new = set(questions) - self._asked
        if not new:
            return
        self._asked |= new
        self.rounds += 1
        wanted: dict[CollectionName, dict[str, set[str]]] = {}
        for collection, column, value in new:
            wanted.setdefault(collection, {}).setdefault(column, set()).add(value)
        frozen = {
            name: {column: frozenset(values) for column, values in columns.items()}
            for name, columns in wanted.items()
        }
        for row in self._fetch(frozen).iter_rows():
            link = self._known.get(row) or Link(row)
            for column, values in frozen[link.collection].items():
                for value in values.intersection(link.all(column)):
                    self._known[row] = link
                    self._answers.setdefault((link.collection, column, value), []).append(link)


def _of_emails(text: str) -> dict[str, tuple[str, ...]]:
    """Return the mailboxes and former owners in the e-mails of a customer; none if they cannot be read."""
    try:
        emails = json.loads(text)
    except (ValueError, RecursionError):
        emails = None
    rows = [row for row in emails if isinstance(row, dict)] if isinstance(emails, list) else []
    named = [(row.get("address"), row.get("use"), row.get("login_of")) for row in rows]
    reserved = [address for address, use, owner in named if use != "secondary" or owner is not None]
    return {
        "mailbox": _texts(address for address, _, _ in named),
        "reserved": _texts(reserved),
        "login_of": tuple(dict.fromkeys(owner for _, _, owner in named if isinstance(owner, str))),
    }


def _texts(addresses: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(mailbox_of(address) for address in addresses if isinstance(address, str)))


def links_in(name: CollectionName, frame: pl.LazyFrame, wanted: Mapping[str, frozenset[str]]) -> pl.LazyFrame:
    """Return the links of the rows of a table that may answer a question.

    Args:
        name: The table.
        frame: Its rows. Columns may be absent.
        wanted: The values that are asked for, by column.
    """
    schema = frame.collect_schema()
    tests = [_may_hold(name, column, values, schema) for column, values in wanted.items()]
    held = [test for test in tests if test is not None]
    rows = frame.filter(pl.any_horizontal(held)) if held else frame.clear()
    columns = [text_column(column, schema).alias(f"link_{at}") for at, column in enumerate(COLUMNS[name])]
    empty = [pl.lit(None, pl.String).alias(f"link_{at}") for at in range(len(columns), WIDTH)]
    return rows.select(
        pl.lit(name).alias("collection"), text_column("id", schema).alias("id"), *columns, *empty
    )


def _may_hold(name: CollectionName, column: str, values: frozenset[str], schema: pl.Schema) -> pl.Expr | None:
    """Return whether a row may have one of some values in a column. None: there is no such column."""
    at = _ANSWERED.get((name, column), column)
    if at not in schema and at != "emails":
        return None
    text = text_column(at, schema)
    if at == column:
        return text.is_in(pl.Series(sorted(values), dtype=pl.String).implode()).fill_null(value=False)
    # A superset: e-mails are compared as mailboxes later, row by row.
    unusual = (text.str.len_bytes() != text.str.len_chars()) | text.str.contains("\\", literal=True)
    plain = sorted(value for value in values if value.isascii() and value)
    if not plain:
        return unusual.fill_null(value=False)
    return (unusual | text.str.contains_any(plain, ascii_case_insensitive=True)).fill_null(value=False)


def text_column(column: str, schema: Mapping[str, Any]) -> pl.Expr:
    """Return a column as text, with nested values as JSON text and null for an absent column."""
    dtype = schema.get(column)
    if dtype is None:
        return _single_emails(schema) if column == "emails" else pl.lit(None, pl.String)
    if isinstance(dtype, pl.List) and isinstance(dtype.inner, pl.Struct):
        written = pl.col(column).list.eval(pl.element().struct.json_encode()).list.join(",")
        return pl.format("[{}]", written)
    if isinstance(dtype, pl.List | pl.Object):
        return pl.lit(None, pl.String)
    whole = pl.col(column).cast(pl.Int64, strict=False) if dtype.is_float() else pl.col(column)
    return whole.cast(pl.String)


def _single_emails(schema: Mapping[str, Any]) -> pl.Expr:
    """Return the addresses in columns of their own as JSON text."""
    written = [
        pl.when(pl.col(name).is_not_null()).then(
            pl.struct(
                pl.col(name).cast(pl.String).alias("address"), pl.lit(use).alias("use")
            ).struct.json_encode()
        )
        for name, use in ((name, name.partition("_")[0]) for name in SINGLE_EMAILS)
        if name in schema
    ]
    if not written:
        return pl.lit(None, pl.String)
    return pl.format("[{}]", pl.concat_str(written, separator=",", ignore_nulls=True))
