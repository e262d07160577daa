"""Conflicts and claims of e-mail addresses in frames of customers and profiles, compared as mailboxes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Literal

import attrs
import narwhals as nw
import numpy as np
import polars as pl

from accountmerge.errors import InvalidValueError
from accountmerge.frames.booking_columns import BAD_REASON, plain_keys
from accountmerge.frames.engines import collected, in_engine, known_frame
from accountmerge.model.emails import EMAIL_USES, mailbox_of
from accountmerge.model.values import Displayed

Holder = Literal["customer", "profile"]
_PLAIN = r"^[!-?A-~]+@[!-?A-~]+$"
"""Addresses of visible ASCII letters around one `@`, of which the mailbox is the lower-cased text."""
_LONGEST = 320
_READ = {"holder": pl.UInt32, "address": pl.String, "use": pl.String, "login_of": pl.String}
_REASONS = ("id_missing", "email_missing", "emails_unreadable")


@attrs.frozen(eq=False, repr=False)
class MailboxClaims(Displayed):
    """Mailboxes with several holders, as frames of the caller's engine. No frame has an address.

    Attributes:
        rows: One row for each holder of each mailbox: the number of the `conflict`, from 0, and the id of the holder.
            Mailboxes of the same holders have a number each.
        bad: The ids of the rows that could not be read (null if the id itself is missing), the position of each in
            the frame as `row`, and the code of the reason as `bad_reason`.
    """

    rows: Any
    bad: Any
    _reasons: tuple[str, ...]

    @cached_property
    def bad_counts(self) -> dict[str, int]:
        """The number of bad rows by the code of the reason. Empty if there are none."""
        counts = Counter(self._reasons)
        return {reason: counts[reason] for reason in _REASONS if counts[reason]}

    def __repr__(self) -> str:
        return f"MailboxClaims(bad_counts={self.bad_counts!r})"


def primary_email_conflicts(customers: Any, *, groups: Any = None) -> MailboxClaims:
    """Find primary emails of which not all can stay, as `am.find_primary_email_conflicts` does on objects.

    Args:
        customers: A frame with `id` and `emails`: JSON text, or lists of structs, with `address` and `use`. Every primary
            address counts, also of a disabled customer.
        groups: Intended merges, a frame with `id` and `group` such as the result of `groups`. Then a conflict is a group
            with more than one primary mailbox in all, and its number is that of the group in the order of their names.
            Default: no merge; a conflict is a mailbox with which several customers sign in.

    Returns:
        The rows with the columns `conflict` and `customer_id`, and of intended merges `group`; and the bad rows.

    Raises:
        InvalidValueError: A value is no frame of a known engine, or a column is missing or has a wrong type.

    Reads the two columns into memory, and JSON text row by row.
    """
    frame = known_frame("customers", customers)
    ids, claims, bad = _addresses(frame)
    primary = claims.filter(pl.col("use") == "primary").select(
        customer_id=ids.gather(claims.filter(pl.col("use") == "primary")["holder"]), mailbox="mailbox"
    )
    if groups is None:
        return _claimed(frame, primary, "customer_id", bad)
    given = known_frame("groups", groups)
    _require(given, "id", "group")
    named = collected(given.select("id", "group"))
    merges = pl.DataFrame({"customer_id": plain_keys(named["id"]), "group": plain_keys(named["group"])})
    held = primary.join(merges.with_columns(pl.col("customer_id").cast(ids.dtype)), on="customer_id")
    several = held.group_by("group").agg(pl.col("mailbox").n_unique()).filter(pl.col("mailbox") > 1)
    rows = held.join(several.select("group"), on="group", how="semi").select("group", "customer_id").unique()
    numbered = rows.select(pl.col("group").rank("dense").cast(pl.Int64).sub(1).alias("conflict"), pl.all())
    return _result(frame, numbered.sort("conflict", "customer_id"), bad)


def claimed_twice(holders: Any, kind: Holder = "customer") -> MailboxClaims:
    """Find mailboxes that are reserved for several customers, or are the username of several profiles.

    They are those of the finding `email_claimed_twice` of `am.find_faults`. A mailbox is reserved for a customer whose
    present or former login it is.

    Args:
        holders: A frame of customers with `id` and `emails`, or of profiles with `id` and `email`.
        kind: The kind of the rows: `customer` or `profile`.

    Returns:
        The rows with the columns `conflict`, `kind` and `holder_id`, once for mailboxes with the same holders; and the
        bad rows.

    Raises:
        InvalidValueError: The value is no frame of a known engine, or a column is missing or has a wrong type.

    Reads the two columns into memory, and JSON text row by row.
    """
    frame = known_frame("holders", holders)
    if kind not in ("customer", "profile"):
        raise InvalidValueError("not_one_of", field="kind", allowed=("customer", "profile"))
    ids, claims, bad = _addresses(frame) if kind == "customer" else _usernames(frame)
    if kind == "customer":
        claims = claims.filter((pl.col("use") != "secondary") | pl.col("login_of").is_not_null())
    held = pl.DataFrame({"holder_id": ids.gather(claims["holder"]), "mailbox": claims["mailbox"]})
    return _claimed(frame, held, "holder_id", bad, kind=kind)


def _claimed(
    frame: nw.DataFrame[Any] | nw.LazyFrame[Any],
    held: pl.DataFrame,
    holder: str,
    bad: pl.DataFrame,
    kind: Holder | None = None,
) -> MailboxClaims:
    """Return the mailboxes with several holders, sorted by the holders and then by the mailbox."""
    several = (
        held.group_by("mailbox").agg(pl.col(holder).unique().sort()).filter(pl.col(holder).list.len() > 1)
    )
    if kind is not None:
        several = several.unique(holder)
    order = sorted(zip(several[holder].to_list(), several["mailbox"].to_list(), strict=True))
    holders = pl.Series([ids for ids, _ in order], dtype=several.schema[holder])
    rows = pl.DataFrame({"conflict": np.arange(len(order)), holder: holders}).explode(holder)
    if kind is not None:
        rows = rows.select("conflict", pl.lit(kind).alias("kind"), holder)
    return _result(frame, rows, bad)


def _result(
    frame: nw.DataFrame[Any] | nw.LazyFrame[Any], rows: pl.DataFrame, bad: pl.DataFrame
) -> MailboxClaims:
    return MailboxClaims(in_engine(rows, frame), in_engine(bad, frame), tuple(bad[BAD_REASON].to_list()))


def _require(frame: nw.DataFrame[Any] | nw.LazyFrame[Any], *names: str) -> None:
    present = frame.collect_schema().names()
    missing = tuple(name for name in names if name not in present)
    if missing:
        raise InvalidValueError("frame_columns_missing", columns=missing)


def _usernames(
    frame: nw.DataFrame[Any] | nw.LazyFrame[Any],
) -> tuple[pl.Series, pl.DataFrame, pl.DataFrame]:
    """Return the ids of profiles, the mailbox of each, and the bad rows."""
    _require(frame, "id", "email")
    rows = collected(frame.select("id", "email"))
    ids, emails = plain_keys(rows["id"]), plain_keys(rows["email"])
    if emails.dtype not in (pl.String, pl.Null):
        raise InvalidValueError("frame_texts_type", column="email")
    good = ids.is_not_null() & emails.is_not_null()
    reasons = {place: "id_missing" if ids[place] is None else "email_missing" for place in _places(~good)}
    claims = pl.DataFrame({"holder": _places(good), "address": emails.filter(good)}, schema_overrides=_READ)
    return ids, _with_mailboxes(claims), _bad(ids, reasons)


def _addresses(
    frame: nw.DataFrame[Any] | nw.LazyFrame[Any],
) -> tuple[pl.Series, pl.DataFrame, pl.DataFrame]:
    """Return the ids of customers, the addresses of each with their mailboxes, and the bad rows."""
    _require(frame, "id", "emails")
    rows = collected(frame.select("id", "emails"))
    ids, emails = plain_keys(rows["id"]), rows["emails"]
    if emails.dtype not in (pl.String, pl.Null) and not isinstance(emails.dtype, pl.List | pl.Object):
        raise InvalidValueError("frame_emails_type", column="emails")
    read, reasons = _read(ids, emails)
    return ids, _with_mailboxes(pl.DataFrame(read, schema=_READ, orient="row")), _bad(ids, reasons)


def _read(ids: pl.Series, emails: pl.Series) -> tuple[list[tuple[int, str, str, str | None]], dict[int, str]]:
    """Return every address of every customer that can be read, and the reasons of the others by position."""
    read: list[tuple[int, str, str, str | None]] = []
    reasons: dict[int, str] = {}
    for place, (id, held) in enumerate(zip(ids, emails.to_list(), strict=True)):
        if id is None:
            reasons[place] = "id_missing"
            continue
        try:
            entries = list(_entries(held))
        except (ValueError, TypeError, KeyError, RecursionError):
            reasons[place] = "emails_unreadable"
            continue
        read.extend((place, *entry) for entry in entries)
    return read, reasons


def _entries(held: Any) -> Iterator[tuple[str, str, str | None]]:
    """Yield the address, the use and the earlier holder of each e-mail of a customer."""
    for entry in json.loads(held) if isinstance(held, str) else held or ():
        address, use, login_of = entry["address"], entry["use"], entry.get("login_of")
        if not isinstance(address, str) or use not in EMAIL_USES or not isinstance(login_of, str | None):
            raise TypeError
        yield address, use, login_of


def _with_mailboxes(claims: pl.DataFrame) -> pl.DataFrame:
    """Add the mailbox of each address."""
    addresses = claims["address"]
    plain = addresses.str.contains(_PLAIN) & (addresses.str.len_bytes() <= _LONGEST)
    mailboxes = addresses.str.to_lowercase()
    places = _places(~plain)
    if places:
        others = [mailbox_of(text) for text in addresses.gather(places)]
        mailboxes = mailboxes.scatter(places, pl.Series(others, dtype=pl.String))
    return claims.with_columns(mailbox=mailboxes)


def _places(rows: pl.Series) -> list[int]:
    return rows.arg_true().to_list()


def _bad(ids: pl.Series, reasons: dict[int, str]) -> pl.DataFrame:
    places = list(reasons)
    return pl.DataFrame(
        {
            "row": pl.Series(places, dtype=pl.Int64),
            "id": ids.gather(places),
            BAD_REASON: pl.Series(list(reasons.values()), dtype=pl.String),
        }
    )
